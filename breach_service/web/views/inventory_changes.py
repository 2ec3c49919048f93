"""What changed in the inventory, or would: lines of a dry run, lines of a revision, and the list of revisions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from breach_service.domain.inventory import Change

MOST_CHANGES = 500
"""Lines that a page shows; all are counted."""
LONGEST_VALUE = 300


@dataclass(frozen=True)
class ChangedValue:
    """One field of an entry."""

    kind: str
    field: str
    before: "Shown"
    after: "Shown"


Shown: TypeAlias = str | tuple[tuple[tuple[str, str], ...], ...]
"""A value in words; of rows (terms of a contract, contacts) each with its fields by name, those that say something."""


@dataclass(frozen=True)
class ChangedEntry:
    """One entry with all that changes in it."""

    kind: str
    """`added`, `removed`, else `changed`."""
    part: str
    id: str
    name: str
    values: tuple[ChangedValue, ...]


@dataclass(frozen=True)
class ChangesView:
    """The changes by entry."""

    entries: tuple[ChangedEntry, ...]
    total: int
    """Entries that change, shown or not."""
    counts: tuple[tuple[str, int], ...]
    """How many entries are added, changed, ended, removed; only those that are any."""


def changes_view(changes: Iterable[Change]) -> ChangesView:
    """The lines of a comparison, put together by entry, in their order."""
    found: dict[tuple[str, str], list[Change]] = {}
    for one in changes:
        found.setdefault((one.part, one.id), []).append(one)
    entries = [_entry(lines) for lines in found.values()]
    kinds = [_strongest(one) for one in entries]
    counts = tuple((kind, kinds.count(kind)) for kind in ("added", "changed", "ended", "removed") if kind in kinds)
    return ChangesView(tuple(entries[:MOST_CHANGES]), len(entries), counts)


def _entry(lines: list[Change]) -> ChangedEntry:
    first = lines[0]
    values = tuple(
        ChangedValue(str(one.kind), one.field, _rows_or_words(one.before), _rows_or_words(one.after))
        for one in lines
        if one.field
    )
    return ChangedEntry("changed" if values else str(first.kind), first.part, first.id, first.name, values)


def _strongest(entry: ChangedEntry) -> str:
    return "ended" if any(one.kind == "ended" for one in entry.values) else entry.kind


def _rows_or_words(value: Any) -> Shown:
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return tuple(tuple((key, _shown(each)) for key, each in one.items() if _says(each)) for one in value)
    return _shown(value)


def _says(value: Any) -> bool:
    """False for what nobody filled in: it would only hide the rest."""
    return value not in (None, "", [], {}, False, "any")


def _shown(value: Any) -> str:
    match value:
        case None:
            return ""
        case float() if value.is_integer():
            text = str(int(value))
        case list():
            text = ", ".join(_shown(one) for one in value)
        case dict():
            text = ", ".join(f"{key} = {_shown(one)}" for key, one in value.items() if one not in (None, "", [], {}))
        case _:
            text = str(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


@dataclass(frozen=True)
class RevisionRow:
    """One revision of the inventory."""

    number: int
    recorded_at: datetime
    by: str
    reason: str
    is_import: bool


@dataclass(frozen=True)
class HistoryPage:
    """The context variable `page` of `inventory_history.html`."""

    revisions: tuple[RevisionRow, ...]
    older: int | None
    """Where the next page begins; None on the last one."""
    now: datetime


@dataclass(frozen=True)
class RevisionPage:
    """The context variable `page` of `inventory_revision.html`."""

    revision: RevisionRow
    changes: ChangesView
    is_first: bool
    now: datetime


@dataclass(frozen=True)
class FaultRow:
    """Something wrong in a file: where, what, and what to do."""

    sheet: str
    row: int
    column: str
    what: str
    remedy: str


@dataclass(frozen=True)
class ImportPage:
    """The context variable `page` of `inventory_import.html`."""

    kinds: tuple[str, ...]
    kind: str
    missing: str
    file: str
    """Name of the file that was looked at; empty before."""
    content: str
    """The same file, for the form that confirms (base64)."""
    digest: str
    faults: tuple[FaultRow, ...]
    changes: ChangesView | None
    """None before a file was looked at, and where it has faults."""
    passed_over: int
    reason: str
    error: str
    most_bytes: int
    names: tuple[str, ...] = ()
    """What our own tables in CSV are called."""
