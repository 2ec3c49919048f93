"""Who may see an incident, the counsel compartment, and who takes whose place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.access import ALLOWED, Act, UserRole
from breach_service.store.compartments import Account, CounselNote, StandingLine, SubstituteLine

TYPED = ("form", "person", "standing", "until", "reason")
"""The fields of the forms, and which form it was."""


@dataclass(frozen=True)
class PersonChoice:
    """Somebody who can be chosen."""

    id: int
    name: str
    role: UserRole
    is_chosen: bool = False


@dataclass(frozen=True)
class SeeingView:
    """The context variable `seeing` of `incident.html`, and `page` of `incident_people.html`."""

    reference: str
    is_restricted: bool
    is_counsel: bool
    """True where the reader is named counsel."""
    may_change: bool
    lines: tuple[StandingLine, ...]
    """In force."""
    over: tuple[StandingLine, ...]
    people: tuple[PersonChoice, ...]
    """Who can be named or be concerned; empty where nothing may be changed."""
    typed: Mapping[str, str]
    """What was typed into the form that could not be taken, with `form` for which one."""
    concerned: tuple[PersonChoice, ...] = ()
    """The same people, with those ticked whom it was said to concern."""
    error: str = ""

    @property
    def is_shown(self) -> bool:
        """True where there is anything to say."""
        return self.is_restricted or self.may_change or bool(self.lines)


def seeing_view(
    reference: str, is_restricted: bool, standings: Iterable[StandingLine], accounts: Iterable[Account],
    may: frozenset[str], now: datetime, *, is_counsel: bool = False, typed: Mapping[str, str] | None = None,
    named: frozenset[str] = frozenset(), concerned: frozenset[str] = frozenset(), error: str = "",
) -> SeeingView:  # fmt: skip
    """Who stands how to an incident; `named` and `concerned` are the numbers that were ticked."""
    may_change = Act.RESTRICT in may
    known = tuple(standings)
    some = tuple(accounts) if may_change else ()
    return SeeingView(
        reference=reference,
        is_restricted=is_restricted,
        is_counsel=is_counsel,
        may_change=may_change,
        lines=tuple(one for one in known if one.holds(now)),
        over=tuple(one for one in known if not one.holds(now)),
        people=tuple(PersonChoice(one.id, one.name, one.role, str(one.id) in named) for one in some),
        concerned=tuple(PersonChoice(one.id, one.name, one.role, str(one.id) in concerned) for one in some),
        typed={**dict.fromkeys(TYPED, ""), **(typed or {})},
        error=error,
    )


@dataclass(frozen=True)
class CounselPage:
    """The context variable `page` of `counsel.html`."""

    reference: str
    notes: tuple[CounselNote, ...]
    """Newest first."""
    typed: str = ""
    error: str = ""


def counsel_page(reference: str, notes: Iterable[CounselNote], typed: str = "", error: str = "") -> CounselPage:
    """The notes of the counsel compartment."""
    return CounselPage(reference, tuple(reversed(tuple(notes))), typed, error)


@dataclass(frozen=True)
class SubstituteRow:
    """One person and who takes their place, None where nobody is named."""

    person: int
    name: str
    role: UserRole
    substitute: int | None
    substitute_name: str
    recorded_at: datetime | None
    recorded_by: str


@dataclass(frozen=True)
class SubstitutesPage:
    """The context variable `page` of `substitutes.html`."""

    rows: tuple[SubstituteRow, ...]
    """Those who judge first: an incident that closes by itself names them."""
    choices: tuple[PersonChoice, ...]
    may_name: bool
    error: str = ""


def substitutes_page(
    accounts: Iterable[Account], named: Iterable[SubstituteLine], may: frozenset[str], error: str = ""
) -> SubstitutesPage:
    """Everybody who judges, and who takes their place."""
    judging = ALLOWED[Act.QUALIFY]
    known = [one for one in accounts if one.role in judging]
    held = {one.person: one for one in named}
    rows = []
    for one in known:
        line = held.get(one.id)
        rows.append(
            SubstituteRow(
                one.id, one.name, one.role, line.substitute if line else None, line.substitute_name if line else "",
                line.recorded_at if line else None, line.recorded_by if line else "",
            )
        )  # fmt: skip
    choices = tuple(PersonChoice(one.id, one.name, one.role) for one in known)
    return SubstitutesPage(tuple(rows), choices, Act.NAME_SUBSTITUTE in may, error)
