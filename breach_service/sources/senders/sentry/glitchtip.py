"""GlitchTip, the free server that speaks Sentry's protocol: what its "general webhook" sends, a message for a chat.

https://gitlab.com/glitchtip/glitchtip-backend, apps/alerts/webhooks.py and apps/uptime/webhooks.py: one attachment for
each issue, or one for a monitor that went down or came back. Nothing in it says how grave an issue is or when it began.
"""

import re

from breach_service.domain.alert import Alert, AlertStatus, EntityKind, Signal
from breach_service.sources.parts.entities import entities_of, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import labels_from, records_at, text_at
from breach_service.sources.senders.sentry.events import signal_of_issue

_NUMBER_IN_LINK = re.compile(r"/(?:issues|uptime-monitors)/([\w-]{1,60})")
_ORGANISATION_IN_LINK = re.compile(r"https?://[^/]+/(?:organizations/)?([\w-]{1,100})/(?:issues|uptime-monitors)/")
_IS_BACK = re.compile(r"\bback up\b", re.IGNORECASE)


def is_of_glitchtip(record: Record) -> bool:
    """True for a message of GlitchTip's general webhook."""
    return text_at(record, "alias") == "GlitchTip" and "attachments" in record


def alerts_of_glitchtip(source_name: str, record: Record) -> list[Alert]:
    """One alert for each attachment; one of the message alone where it has none, as that of the test button."""
    return [_alert_of(source_name, record, one) for one in records_at(record, "attachments") or ({},)]


def _alert_of(source_name: str, record: Record, said: Record) -> Alert:
    message, text, link = text_at(record, "text"), text_at(said, "text"), text_at(said, "title_link")
    is_test, is_uptime = "test notification" in message.lower(), "uptime" in message.lower()
    name = text_at(said, "title") or message or "GlitchTip alert"
    named = ((text_at(one, "title"), text_at(one, "value")) for one in records_at(said, "fields"))
    fields = {key.lower().replace(" ", "_"): value for key, value in named}
    number, organisation = _NUMBER_IN_LINK.search(link[:500]), _ORGANISATION_IN_LINK.match(link[:500])
    is_back = is_uptime and _IS_BACK.search(text[:500]) is not None
    title = f"{name} is {'back up' if is_back else 'down'}" if is_uptime else name
    status = AlertStatus.RESOLVED if is_back else AlertStatus.FIRING
    return Alert(
        source=source_name,
        title=plain_line(title),
        signal=Signal.HEARTBEAT if is_test else _signal_of(name, is_uptime=is_uptime),
        fingerprint=fingerprint_of("glitchtip", "uptime" if is_uptime else "issue", link or name),
        status=AlertStatus.TEST if is_test else status,
        entities=gathered(
            entities_of(EntityKind.APPLICATION, [fields.get("project", "") or (name if is_uptime else "")]),
            entities_of(EntityKind.HOST, [fields.get("server_name", "")]),
            entities_of(EntityKind.ACCOUNT, [organisation[1]] if organisation else []),
        ),
        labels=labels_from(fields.items()),
        summary=plain_text(text),
        vendor_reference=plain_line(number[1] if number else ""),
        link=link_of(link),
    )


def _signal_of(name: str, *, is_uptime: bool) -> Signal:
    return Signal.UNAVAILABILITY if is_uptime else signal_of_issue({}, name, "")
