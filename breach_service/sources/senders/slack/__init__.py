"""Messages that tools write for a chat: the body of Slack's incoming webhooks, which almost every tool can send.

Mattermost, Rocket.Chat, Discord and Microsoft Teams are read alike. The first line is the title, fields are read by
their names as the general reader does, the colour and the first picture say what nothing else says.
"""

import json
import re
from dataclasses import replace

from breach_service.domain.alert import Alert, AlertStatus, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.general.guessing import alert_of_anything
from breach_service.sources.general.text_bodies import text_record
from breach_service.sources.general.titles import first_line
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import text_at
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.request import Delivery
from breach_service.sources.senders.slack.messages import Message, Part, message_in
from breach_service.sources.senders.slack.text import (
    SEVERITY_OF_MOOD,
    STATUS_OF_MOOD,
    first_link,
    mood_of_color,
    mood_of_emoji,
    plain_chat,
)
from breach_service.sources.signing import GITHUB, OWN, Signing
from breach_service.sources.source import Reply, Source

_EXPECTED = 'the body of a chat message: an object with "text", "attachments", "blocks", "embeds" or a card'
_LONGEST_CHALLENGE = 500
_ONLY_A_SENDER = re.compile(r"(?:\S+ ){0,3}(?:alerte?|notification|message)s?(?: \(\w+\))?", re.IGNORECASE)
_SAYING = ("message", "summary", "description", "error", "reason")


def _of_slack(timestamp: str, body: bytes) -> bytes:
    return b"v0:" + timestamp.encode("utf-8", "replace") + b":" + body


SLACK = Signing("x-slack-signature", prefix="v0=", timestamp_header="x-slack-request-timestamp", message=_of_slack)
"""How Slack signs its own requests: https://api.slack.com/authentication/verifying-requests-from-slack."""


class Slack(Source):
    """One alert per message; one per attachment where several have titles of their own and nothing stands above."""

    kind = "slack"
    aliases = (
        "mattermost",
        "discord",
        "teams",
        "microsoft-teams",
        "msteams",
        "rocketchat",
        "rocket-chat",
        "google-chat",
    )
    title = Text(fr="Message au format Slack", en="Slack-compatible message")
    default_auth = AuthKind.URL
    """A tool that knows how to write to Slack asks for an address and nothing else."""
    supported_auth = (AuthKind.URL, AuthKind.BEARER, AuthKind.HMAC)
    signings = (SLACK, OWN, GITHUB)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        return [alert for record in records_of(delivery, _EXPECTED) for alert in _alerts_of(source_name, record)]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        field = {"title": "signal", "value": str(Signal.HEARTBEAT)}
        return json.dumps({"text": "Test message of an operator", "attachments": [{"fields": [field]}]}).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        attachments = record.get("attachments")
        first = attachments[0] if isinstance(attachments, list) and attachments else None
        is_attachment = isinstance(first, dict) and ("color" in first or "fallback" in first or "contentType" in first)
        is_card = text_at(record, "@type").lower() == "messagecard" or text_at(record, "type") == "AdaptiveCard"
        return is_attachment or is_card or (isinstance(record.get("embeds"), list) and bool(record["embeds"]))

    def handshake(self, delivery: Delivery) -> Reply | None:
        """The challenge of an address that Slack or a tool like it verifies, sent back as it came."""
        if b"url_verification" not in delivery.body[:4096]:
            return None
        try:
            records = records_of(delivery, _EXPECTED)
        except UnreadablePayload:
            return None
        challenge = text_at(records[0], "challenge")
        is_alone = len(records) == 1  # a greeting never hides the messages behind it
        if not is_alone or text_at(records[0], "type") != "url_verification":
            return None
        if not 0 < len(challenge) <= _LONGEST_CHALLENGE:
            return None
        return Reply(challenge.encode("utf-8", "replace"))


SOURCE = Slack()


def _alerts_of(source_name: str, record: Record) -> list[Alert]:
    message = message_in(record)
    titled = [part for part in message.parts if part.has_title]
    if len(titled) > 1 and len(titled) == len(message.parts) and not plain_chat(message.text):
        found = [_alert_of(source_name, Message("", (part,))) for part in titled]
    else:
        found = [_alert_of(source_name, message)]
    alerts = [alert for alert in found if alert is not None]
    if not alerts:
        raise UnreadablePayload(f"Found an object without any text; expected {_EXPECTED}.")
    return alerts


def _alert_of(source_name: str, message: Message) -> Alert | None:
    lines = _lines_of(message)
    clean = [plain for line in lines if (plain := plain_chat(line))]
    if not clean:
        return None
    if len(clean) > 1 and _ONLY_A_SENDER.fullmatch(clean[0]):
        clean = [*clean[1:], clean[0]]
    read = text_record("\n".join(clean))
    pairs = {plain_chat(name): plain_chat(value) for part in message.parts for name, value in part.fields}
    times = [part.time for part in message.parts if part.time is not None]
    rest = plain_text("\n".join(clean).partition("\n")[2])
    title = first_line(clean[0]) or plain_line(clean[0])
    known = {**(read or {}), **pairs, "title": title, "summary": rest}
    alert = alert_of_anything(source_name, {"timestamp": times[0], **known} if times else known)
    return None if alert is None else _in_the_mood(_told(alert, pairs), message, lines)


def _told(alert: Alert, pairs: dict[str, str]) -> Alert:
    """The alert under a title of one word with what a field says about it; the word stays its identity."""
    said = "" if " " in alert.title else next((pairs[key] for key in pairs if key.lower() in _SAYING), "")
    if not said:
        return alert
    title = plain_line(first_line(said) if alert.title in said else f"{alert.title}: {first_line(said)}")
    return replace(alert, title=title, signal=signal_of_words(title) or alert.signal)


def _lines_of(message: Message) -> list[str]:
    """What the message says, from top to bottom; the fall-back only where there is nothing else."""
    lines = [message.text]
    for part in message.parts:
        lines += [part.title, *part.texts]
    if not any(map(plain_chat, lines)):
        lines = [part.fallback for part in message.parts] + [
            f"{name}: {value}" for name, value in _first_fields(message.parts)
        ]
    return [line for line in lines if line.strip()]


def _first_fields(parts: tuple[Part, ...]) -> list[tuple[str, str]]:
    return [pair for part in parts for pair in part.fields][:3]


def _in_the_mood(alert: Alert, message: Message, lines: list[str]) -> Alert:
    """The alert with what colour, picture and links say, where the words say nothing."""
    colors = (mood for part in message.parts if (mood := mood_of_color(part.color)))
    mood = next(colors, "") or mood_of_emoji("\n".join(lines)[:2000])
    links = (*(link_of(part.link) for part in message.parts), *(first_link(line) for line in lines))
    is_silent = alert.severity is Severity.UNKNOWN and alert.status is AlertStatus.FIRING
    status = STATUS_OF_MOOD.get(mood, alert.status) if alert.status is AlertStatus.FIRING else alert.status
    first_color = next((str(part.color) for part in message.parts if part.color != ""), "")
    return replace(
        alert,
        status=status,
        severity=SEVERITY_OF_MOOD.get(mood, alert.severity) if is_silent else alert.severity,
        vendor_severity=alert.vendor_severity or plain_line(first_color, 40),
        link=alert.link or next((link for link in links if link), ""),
    )
