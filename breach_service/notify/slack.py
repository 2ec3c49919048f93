"""Slack, by slack-sdk: one card per incident, edited in place, reminders in its thread.

Limits that we keep ourselves (a test server may not): 50 blocks a message, 3,000 characters a section, 150 a header
(https://docs.slack.dev/reference/block-kit/blocks).
"""

import re
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, HeaderBlock, MarkdownTextObject, SectionBlock

from breach_service.notify.channel import Card, DeliveryFailed, DeliveryFault

HEADER_CHARACTERS = 150
SECTION_CHARACTERS = 3000
FIELD_CHARACTERS = 2000
MOST_FIELDS = 10
BUTTON_CHARACTERS = 75
LINK_CHARACTERS = 3000
TIMEOUT = 10
"""Seconds; well below the lease of a claimed message."""

MEND_BY_HAND = frozenset(
    {
        "account_inactive", "channel_not_found", "invalid_auth", "is_archived", "missing_scope", "no_permission",
        "not_authed", "not_in_channel", "token_revoked",
    }
)  # fmt: skip


POST_ANEW = ("message_not_found", "cant_update_message", "edit_window_closed")
"""The card cannot be edited any more: a new one takes its place."""


class Slack:
    """Posts to one channel with one bot token."""

    name = "slack"

    def __init__(self, token: str, channel: str, base_url: str) -> None:
        self._client = WebClient(token=token, base_url=base_url, timeout=TIMEOUT)
        self._channel = channel

    def show_card(self, card: Card, external_id: str | None) -> str:
        """Post the card, or edit it where it stands: `channel:ts`."""
        blocks = blocks_of(card)
        text = _cut(escaped(f"{card.reference} {card.headline}"), SECTION_CHARACTERS)
        if external_id is not None:
            channel, _, ts = external_id.partition(":")
            try:
                self._call("chat_update", channel=channel, ts=ts, text=text, blocks=blocks)
            except DeliveryFailed as error:
                if not any(word in str(error) for word in POST_ANEW):
                    raise
            else:
                return external_id
        metadata = {"event_type": "breach_service_card", "event_payload": {"key": card.key}}
        answer = self._call("chat_postMessage", channel=self._channel, text=text, blocks=blocks, metadata=metadata)
        return f"{answer['channel']}:{answer['ts']}"

    def say(self, text: str, external_id: str | None, key: str) -> None:
        """One sentence in the thread of the card."""
        channel, _, ts = (external_id or f"{self._channel}:").partition(":")
        metadata = {"event_type": "breach_service_reminder", "event_payload": {"key": key}}
        self._call(
            "chat_postMessage",
            channel=channel,
            text=_cut(escaped(text), SECTION_CHARACTERS),
            thread_ts=ts or None,
            metadata=metadata,
        )

    def call(self, text: str, words: str, reference: str, external_id: str | None, key: str) -> None:
        """One sentence, with a button where it has words; in the channel as well as in the thread: it must be seen."""
        channel, _, ts = (external_id or f"{self._channel}:").partition(":")
        said = _cut(escaped(text), SECTION_CHARACTERS)
        button = ButtonElement(
            text=words[:BUTTON_CHARACTERS], action_id="acknowledge", value=reference, style="primary"
        )
        blocks: list[Block] = [SectionBlock(text=_markdown(said, SECTION_CHARACTERS))]
        if words:
            blocks.append(ActionsBlock(elements=[button]))
        self._call(
            "chat_postMessage",
            channel=channel,
            text=said,
            blocks=[one.to_dict() for one in blocks],
            thread_ts=ts or None,
            reply_broadcast=bool(ts),
            metadata={"event_type": "breach_service_call", "event_payload": {"key": key}},
        )

    def _call(self, method: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer = getattr(self._client, method)(**arguments)
        except SlackApiError as error:
            raise failure_of(error) from error
        except (SlackClientError, HTTPException, OSError) as error:
            raise DeliveryFailed(DeliveryFault.UNREACHABLE, f"Slack cannot be reached: {error}") from error
        return {"channel": answer.get("channel"), "ts": answer.get("ts")}


def failure_of(error: SlackApiError) -> DeliveryFailed:
    """What an error answer of Slack means for the message."""
    status, headers, word = _answer_of(error)
    if status == 429 or word in ("ratelimited", "rate_limited"):
        wait = headers.get("retry-after", "")
        return DeliveryFailed(
            DeliveryFault.RATE_LIMITED, "Slack asks to wait", retry_after=float(wait) if wait.isdecimal() else 1
        )
    if status >= 500:
        return DeliveryFailed(DeliveryFault.UNREACHABLE, f"Slack answered {status}")
    sentence = f"Slack refused the message ({word}): see https://docs.slack.dev/reference/methods/chat.postMessage"
    return DeliveryFailed(DeliveryFault.REFUSED, sentence, is_permanent=word in MEND_BY_HAND)


def _answer_of(error: SlackApiError) -> tuple[int, dict[str, str], str]:
    """Status, headers by lower-case name and error word; slack-sdk gives a plain dict where the body is no JSON."""
    answer = error.response
    if isinstance(answer, dict):
        status, headers, said = answer.get("status"), answer.get("headers"), None
    else:
        status, headers, said = answer.status_code, answer.headers, answer.data
    word = str(said.get("error", "")) if isinstance(said, dict) else ""
    return int(status or 0), {str(name).lower(): str(value) for name, value in (headers or {}).items()}, word


def blocks_of(card: Card) -> list[dict[str, Any]]:
    """The card in Slack's blocks, within Slack's limits."""
    blocks: list[Block] = [HeaderBlock(text=f"{card.reference} · {card.headline}"[:HEADER_CHARACTERS])]
    fields = [
        _markdown(f"*{escaped(label)}*\n{escaped(value) or '–'}", FIELD_CHARACTERS) for label, value in card.pairs
    ]
    status = _markdown(f"*{escaped(card.status)}*", SECTION_CHARACTERS)
    blocks.append(SectionBlock(text=status, fields=fields[:MOST_FIELDS] or None))
    for lines in (card.clocks, card.notes):
        text = "\n".join(map(escaped, filter(None, lines)))
        if text:
            blocks.append(SectionBlock(text=_markdown(text, SECTION_CHARACTERS)))
    if card.link and card.link_words and len(card.link) <= LINK_CHARACTERS:
        words = card.link_words[:BUTTON_CHARACTERS]
        blocks.append(ActionsBlock(elements=[ButtonElement(text=words, url=card.link, action_id="open")]))
    return [block.to_dict() for block in blocks]


def escaped(text: str) -> str:
    """Text in which nothing is a link or a mention (https://docs.slack.dev/messaging/formatting-message-text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _markdown(text: str, limit: int) -> MarkdownTextObject:
    """Escaped text within a limit; `verbatim`: no address or name in it becomes a link by itself."""
    return MarkdownTextObject(text=_cut(text, limit), verbatim=True)


def _cut(text: str, limit: int) -> str:
    """Escaped text, cut to a limit but never within an escape."""
    return text if len(text) <= limit else re.sub(r"&[a-z]{0,4}$", "", text[: limit - 1]) + "…"
