"""Messages for chats as one shape: Slack, Mattermost, Rocket.Chat, Discord, Teams cards old and new, Google Chat.

https://api.slack.com/reference/messaging/payload and /attachments, https://docs.slack.dev/reference/block-kit/blocks;
https://discord.com/developers/docs/resources/message#embed-object; Teams: "Connector card" (MessageCard) and
https://adaptivecards.io/explorer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import first_text, record_at, records_at, text_at, text_of, value_at

_MOST_BLOCKS = 100
_BARE_NAME = re.compile(r"\*[^*\n]{1,60}\*:?")
_DEPTH = 6


@dataclass(frozen=True)
class Part:
    """One attachment, embed, section or card: what stands together."""

    title: str = ""
    texts: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    color: str | int = ""
    link: str = ""
    time: Any = None
    fallback: str = ""
    author: str = field(default="", compare=False)

    @property
    def has_title(self) -> bool:
        """True for a part that can stand by itself."""
        return bool(self.title)


@dataclass(frozen=True)
class Message:
    """What a chat would show: a text, and parts below it."""

    text: str
    parts: tuple[Part, ...]


def message_in(record: Record) -> Message:
    """The message in a body, whichever chat it was written for."""
    cards = [card for one in records_at(record, "attachments") if (card := record_at(one, "content"))]
    parts = [
        *(_attachment(one) for one in records_at(record, "attachments") if not record_at(one, "content")),
        *(_embed(one) for one in records_at(record, "embeds")),
        *(_adaptive_card(card) for card in cards),
        *_message_card(record),
        *_blocks_part(record),
        *(_google_card(one) for one in (*records_at(record, "cardsV2"), *records_at(record, "cards"))),
    ]
    if text_at(record, "type") == "AdaptiveCard":
        parts.append(_adaptive_card(record))
    text = first_text(record, ("text",), ("content",), ("markdown",), ("message",))
    # Beside blocks the text is what a notification shows instead of them.
    is_instead = _is_message_card(record) or bool(_texts_of_blocks(records_at(record, "blocks")))
    return Message("" if is_instead else text, tuple(part for part in parts if part != Part()))


def _attachment(one: Record) -> Part:
    """Slack's attachment, which Mattermost and Rocket.Chat share."""
    inner = _texts_of_blocks(records_at(one, "blocks"))
    pairs = ((text_at(held, "title"), text_at(held, "value")) for held in records_at(one, "fields"))
    title = text_at(one, "title") or (inner[0] if inner and not text_at(one, "text") else "")
    texts = (text_at(one, "pretext"), text_at(one, "text"), *(inner if text_at(one, "text") else inner[1:]))
    return Part(
        title,
        tuple(text for text in texts if text),
        (*_pairs(pairs), *_pairs_of_blocks(records_at(one, "blocks"))),
        _color(one),
        first_text(one, ("title_link",), ("message_link",), ("author_link",)),
        value_at(one, "ts"),
        text_at(one, "fallback"),
        text_at(one, "author_name"),
    )


def _embed(one: Record) -> Part:
    pairs = ((text_at(held, "name"), text_at(held, "value")) for held in records_at(one, "fields"))
    texts = tuple(text for text in (text_at(one, "description"),) if text)
    time = value_at(one, "timestamp")
    return Part(text_at(one, "title"), texts, _pairs(pairs), _color(one), text_at(one, "url"), time)


def _is_message_card(record: Record) -> bool:
    return text_at(record, "@type").lower() == "messagecard" or "themeColor" in record


def _message_card(record: Record) -> list[Part]:
    """The connector card of Teams: its title, its own text, and the sections with their facts."""
    if not _is_message_card(record):
        return []
    sections = records_at(record, "sections")
    facts = [(text_at(one, "name"), text_at(one, "value")) for held in sections for one in records_at(held, "facts")]
    said = [text_at(held, key) for held in sections for key in ("activityTitle", "activitySubtitle", "text", "title")]
    title = first_text(record, ("title",), ("summary",))
    texts = [text for text in (text_at(record, "text"), *said) if text and text != title]
    links = (
        text_at(held, "uri") for one in records_at(record, "potentialAction") for held in records_at(one, "targets")
    )
    pairs = _pairs((name.rstrip(": "), value) for name, value in facts)
    return [Part(title, tuple(texts), pairs, text_at(record, "themeColor"), next((one for one in links if one), ""))]


def _adaptive_card(card: Record) -> Part:
    """The card of Teams workflows: its first text as the title, the others below, facts as fields."""
    elements = list(_elements(card.get("body"), 0))
    texts = [
        text for one in elements if text_at(one, "type") in ("TextBlock", "TextRun") and (text := text_at(one, "text"))
    ]
    facts = [
        (text_at(one, "title").rstrip(": "), text_at(one, "value"))
        for held in elements
        for one in records_at(held, "facts")
    ]
    colors = (text_at(one, key) for one in elements for key in ("color", "style"))
    color = next((color for color in colors if color.lower() in ("attention", "warning", "good")), "")
    links = (text_at(one, "url") for one in records_at(card, "actions"))
    title, *rest = texts or [text_at(card, "fallbackText")]
    return Part(title, tuple(rest), _pairs(facts), color, next((one for one in links if one), ""))


def _elements(value: Any, depth: int) -> Iterator[Record]:
    """Every element of a card, those in containers and columns as well."""
    if not isinstance(value, list) or depth > _DEPTH:
        return
    for one in value[:_MOST_BLOCKS]:
        if isinstance(one, dict):
            yield one
            for key in ("items", "columns", "rows", "cells", "inlines"):
                yield from _elements(one.get(key), depth + 1)


def _blocks_part(record: Record) -> list[Part]:
    blocks = records_at(record, "blocks")
    texts = _texts_of_blocks(blocks)
    if not texts:
        return []
    header = next((text_at(one, "text", "text") for one in blocks if text_at(one, "type") == "header"), "")
    rest = tuple(text for text in texts if text != header)
    links = (text_at(one, "url") for block in blocks for one in records_at(block, "elements"))
    return [Part(header, rest, _pairs_of_blocks(blocks), link=next((one for one in links if one), ""))]


def _texts_of_blocks(blocks: tuple[Record, ...]) -> list[str]:
    """The texts of Block Kit: headers, sections, contexts, rich texts; fields of two lines are pairs instead."""
    texts: list[str] = []
    for block in blocks[:_MOST_BLOCKS]:
        texts.append(text_at(block, "text", "text"))
        if text_at(block, "type") in ("context", "rich_text"):
            texts.append(" ".join(_rich_texts(block.get("elements"), 0)))
    return [text for text in texts if text]


def _rich_texts(value: Any, depth: int) -> Iterator[str]:
    if not isinstance(value, list) or depth > _DEPTH:
        return
    for one in value[:_MOST_BLOCKS]:
        if isinstance(one, dict):
            text = text_of(one.get("text")).strip() or text_at(one, "text", "text")
            if text:
                yield text
            yield from _rich_texts(one.get("elements"), depth + 1)


def _pairs_of_blocks(blocks: tuple[Record, ...]) -> tuple[tuple[str, str], ...]:
    """`*Host:*` over `web-01` in the field of a section."""
    texts: list[str] = []
    for block in blocks[:_MOST_BLOCKS]:
        texts += _whole_fields([text_at(one, "text") for one in records_at(block, "fields")])
    halves = (text.replace("*", "").partition("\n" if "\n" in text else ":") for text in texts)
    return _pairs((name.strip(" :"), value.strip()) for name, _, value in halves)


def _whole_fields(texts: list[str]) -> list[str]:
    """The fields of a section, those of which every other one is a mere name in bold put together with the next."""
    is_alternating = len(texts) % 2 == 0 and all(_BARE_NAME.fullmatch(name.strip()) for name in texts[::2])
    return (
        [f"{name}\n{value}" for name, value in zip(texts[::2], texts[1::2], strict=True)] if is_alternating else texts
    )


def _google_card(one: Record) -> Part:
    card = record_at(one, "card") or one
    widgets = [widget for section in records_at(card, "sections") for widget in records_at(section, "widgets")]
    pairs = [_google_pair(widget) for widget in widgets]
    texts = [text_at(widget, "textParagraph", "text") for widget in widgets]
    said = (text_at(card, "header", "subtitle"), *texts)
    return Part(text_at(card, "header", "title"), tuple(text for text in said if text), _pairs(pairs))


def _google_pair(widget: Record) -> tuple[str, str]:
    old, new = record_at(widget, "keyValue"), record_at(widget, "decoratedText")
    return text_at(old, "topLabel") or text_at(new, "topLabel"), text_at(old, "content") or text_at(new, "text")


def _pairs(pairs: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in pairs if name and value)


def _color(one: Record) -> str | int:
    color = value_at(one, "color")
    return color if isinstance(color, str) or (isinstance(color, int) and not isinstance(color, bool)) else ""
