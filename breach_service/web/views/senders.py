"""The pages of the senders: are alerts coming in, what was refused, what could not be understood."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from breach_service.store.inbox import Quarantined
from breach_service.store.sources import SourceSummary

MOST_BODY = 200_000
"""Characters of a raw body that are shown."""


@dataclass(frozen=True)
class SourceRow:
    """One sender."""

    name: str
    kind: str
    kind_title: str
    auth: str
    last_seen_at: datetime | None
    silent_for: timedelta | None
    received: int
    refused: int
    last_refusal: str
    """Code of the reason."""
    last_refused_at: datetime | None
    is_refused_now: bool
    """True where the last thing that we heard of it is a refusal."""
    quarantined: int


@dataclass(frozen=True)
class SourcesPage:
    """The context variable `page` of `sources.html`."""

    rows: tuple[SourceRow, ...]
    refused: tuple[SourceRow, ...]
    """The senders that were refused, shown first."""
    never_seen: int
    quarantined: int
    kinds: tuple[tuple[str, str], ...]
    """The kinds of senders that this release understands: (word, title)."""
    public_url: str
    may_manage: bool
    may_look_at_raw: bool
    now: datetime


def sources_page(
    sources: Iterable[SourceSummary],
    kinds: Mapping[str, str],
    public_url: str,
    now: datetime,
    may: frozenset[str],
) -> SourcesPage:
    """Every sender, by name. `kinds` maps the word of a kind to its title in the language of the page."""
    rows = tuple(_row(one, kinds, now) for one in sources)
    return SourcesPage(
        rows=rows,
        refused=tuple(one for one in rows if one.refused),
        never_seen=sum(one.last_seen_at is None for one in rows),
        quarantined=sum(one.quarantined for one in rows),
        kinds=tuple(kinds.items()),
        public_url=public_url.rstrip("/"),
        may_manage="manage_sources" in may,
        may_look_at_raw="look_at_raw" in may,
        now=now,
    )


def _row(one: SourceSummary, kinds: Mapping[str, str], now: datetime) -> SourceRow:
    seen, refused = one.last_seen_at, one.last_refused_at
    return SourceRow(
        name=one.name,
        kind=one.kind,
        kind_title=kinds.get(one.kind, one.kind),
        auth=one.auth,
        last_seen_at=seen,
        silent_for=now - seen if seen else None,
        received=one.received,
        refused=one.refused,
        last_refusal=one.last_refusal,
        last_refused_at=refused,
        is_refused_now=refused is not None and (seen is None or refused > seen),
        quarantined=one.quarantined,
    )


@dataclass(frozen=True)
class QuarantinePage:
    """The context variable `page` of `quarantine.html`: bodies that could not be understood, newest first."""

    items: tuple[Quarantined, ...]
    may_look_at_raw: bool
    may_replay: bool


def quarantine_page(items: Iterable[Quarantined], may: frozenset[str]) -> QuarantinePage:
    """The list; `may` decides whether bodies can be opened and played again."""
    newest_first = tuple(sorted(items, key=lambda one: one.received_at, reverse=True))
    return QuarantinePage(newest_first, "look_at_raw" in may, "replay" in may)


@dataclass(frozen=True)
class QuarantineItemPage:
    """The context variable `page` of `quarantine_item.html`. Everything in it is text, whatever it looks like."""

    item: Quarantined
    headers: tuple[tuple[str, str], ...]
    body: str
    is_cut: bool
    is_binary: bool
    size: int
    """Bytes."""
    may_replay: bool


def quarantine_item_page(
    item: Quarantined, headers: Mapping[str, str], body: bytes, may: frozenset[str]
) -> QuarantineItemPage:
    """One body as it came; JSON is laid out on several lines, bytes that are no text are shown as escapes."""
    try:
        text, is_binary = body.decode(), False
    except UnicodeDecodeError:
        text, is_binary = body.decode("ascii", "backslashreplace"), True
    text = _laid_out(text)
    return QuarantineItemPage(
        item=item,
        headers=tuple(sorted(headers.items())),
        body=text[:MOST_BODY],
        is_cut=len(text) > MOST_BODY,
        is_binary=is_binary,
        size=len(body),
        may_replay="replay" in may and item.replayed_at is None,
    )


def _laid_out(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
