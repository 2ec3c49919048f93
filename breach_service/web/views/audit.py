"""The audit trail as a page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.access import AuditKind, BrokenGlass
from breach_service.store.audit import AuditEntry


@dataclass(frozen=True)
class OutstandingGlass:
    """A broken glass that nobody has reviewed yet. `at` in UTC."""

    id: int
    incident: str
    by: str
    at: datetime


@dataclass(frozen=True)
class AuditPage:
    """The context variable `page` of `audit.html`."""

    entries: tuple[AuditEntry, ...]
    """Newest first."""
    hidden: int
    """Lines about incidents that the reader does not see."""
    people: tuple[str, ...]
    kinds: tuple[str, ...]
    typed: Mapping[str, str]
    query: str
    """The filter as a query, for the files."""
    next_before: int | None
    """Where the next page begins; None on the last one."""
    error: str = ""
    glasses: tuple[OutstandingGlass, ...] = ()
    """Of the incidents that the reader sees, oldest first."""


def outstanding_glasses(found: Iterable[tuple[BrokenGlass, str]]) -> tuple[OutstandingGlass, ...]:
    """The broken glasses that wait for a review, each with the reference of its incident."""
    return tuple(OutstandingGlass(one.id, reference, one.name, one.at) for one, reference in found)


def audit_page(
    entries: Sequence[AuditEntry],
    hidden: int,
    people: Sequence[str],
    typed: Mapping[str, str],
    query: str,
    most: int,
    error: str = "",
    glasses: tuple[OutstandingGlass, ...] = (),
) -> AuditPage:
    """Lines of the trail with the filter that chose them."""
    kinds = tuple(sorted({*map(str, AuditKind), *(one.kind for one in entries)}))
    is_full = len(entries) >= most
    next_before = entries[-1].id if is_full else None
    return AuditPage(tuple(entries), hidden, tuple(people), kinds, typed, query, next_before, error, glasses)
