"""The page of the mandates: who decides for whom, where it is written, and what is not covered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from breach_service.acts.decisions.mandates import Cover
from breach_service.domain.access import DECISIONS, Act, Mandate, MandateKind
from breach_service.domain.inventory import Inventory

MANDATE_FIELDS = ("email", "kind", "organisation", "granted_by", "document", "from_at", "to_at")
DECISION_CHOICES = tuple(sorted(DECISIONS))


@dataclass(frozen=True)
class MandateLine:
    """One mandate."""

    id: int
    name: str
    kind: MandateKind
    organisation: str
    acts: tuple[Act, ...]
    """Empty: all decisions."""
    granted_by: str
    document: str
    from_at: datetime
    to_at: datetime | None
    revoked_at: datetime | None
    state: str
    """`in_force`, `to_come`, `over` or `revoked`."""
    may_revoke: bool


@dataclass(frozen=True)
class CoverLine:
    """What is to be warned of in one organisation."""

    organisation: str
    days: tuple[date, ...]
    thin: tuple[Act, ...]


@dataclass(frozen=True)
class MandatesPage:
    """The context variable `page` of `mandates.html`."""

    in_force: tuple[MandateLine, ...]
    others: tuple[MandateLine, ...]
    covers: tuple[CoverLine, ...]
    may_record: bool
    is_administrator: bool
    """True where every kind may be recorded, and not one's own delegations alone."""
    people: tuple[tuple[str, str], ...]
    organisations: tuple[tuple[str, str], ...]
    typed: Mapping[str, str]
    acts: tuple[str, ...]
    """Ticked in the form."""
    error: str
    now: datetime


def mandates_page(
    found: Iterable[Mandate], covers: Iterable[Cover], people: Iterable[tuple[str, str]], inventory: Inventory,
    may: frozenset[str], role: str, now: datetime, typed: Mapping[str, str] | None = None, acts: Iterable[str] = (),
    error: str = "",
) -> MandatesPage:  # fmt: skip
    """Who decides for whom, from when to when, where it is written; and what is not covered."""
    may_record = Act.RECORD_MANDATE in may
    names = {one.id: one.name for one in inventory.organisations}
    lines = [mandate_line(one, names, may_record, now) for one in found]
    empty = dict.fromkeys(MANDATE_FIELDS, "")
    return MandatesPage(
        in_force=tuple(one for one in lines if one.state == "in_force"),
        others=tuple(one for one in reversed(lines) if one.state != "in_force"),
        covers=cover_lines(covers),
        may_record=may_record,
        is_administrator=role == "admin",
        people=tuple(people),
        organisations=tuple(names.items()),
        typed={**empty, **(typed or {})},
        acts=tuple(acts),
        error=error,
        now=now,
    )


def mandate_line(one: Mandate, organisations: Mapping[str, str], may_revoke: bool, now: datetime) -> MandateLine:
    """A mandate as its row."""
    if one.revoked_at is not None:
        state = "revoked"
    elif one.is_in_force(now):
        state = "in_force"
    else:
        state = "to_come" if one.from_at > now else "over"
    return MandateLine(
        id=one.id, name=one.name, kind=one.kind,
        organisation=organisations.get(one.organisation, one.organisation), acts=tuple(sorted(one.acts)),
        granted_by=one.granted_by, document=one.document, from_at=one.from_at, to_at=one.to_at,
        revoked_at=one.revoked_at, state=state, may_revoke=may_revoke and state in ("in_force", "to_come"),
    )  # fmt: skip


def cover_lines(covers: Iterable[Cover]) -> tuple[CoverLine, ...]:
    """What is to be warned of; nothing of an organisation in which deciding is covered."""
    return tuple(CoverLine(one.organisation.name, one.days, one.thin) for one in covers if not one.is_sound)
