"""Who sees an incident: open to all who may look, restricted to named people, closed to those whom it concerns.

An incident that points at one of our own people would warn them if they could read it (and they may be its responder,
its data protection officer or an administrator): being concerned outweighs every role and every name on the list.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from breach_service.domain.access.actor import Seeing, Sight


class Standing(StrEnum):
    """How a person stands to an incident."""

    NAMED = "named"
    """Sees it although it is restricted."""
    CONCERNED = "concerned"
    """It points at them: they are shut out, whatever their role."""
    COUNSEL = "counsel"
    """Advises on it under professional secrecy: sees it, and the counsel compartment besides."""
    INSPECTING = "inspecting"
    """It was chosen for their inspection, until a date."""


OPENING = frozenset({Standing.NAMED, Standing.COUNSEL})
"""What lets somebody see a restricted incident."""


@dataclass(frozen=True)
class PersonStanding:
    """How one person stands to one incident, from when to when. Instants aware, UTC."""

    person: int
    standing: Standing
    at: datetime
    until: datetime | None = None
    """The first instant at which it holds no more; None: until it is ended."""
    ended_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """True at an instant from its beginning to its end."""
        return self.at <= at and all(at < one for one in (self.until, self.ended_at) if one is not None)


def what_is_seen(sight: Sight, standings: Iterable[PersonStanding], is_restricted: bool, at: datetime) -> bool:
    """True if somebody sees an incident at an instant; `standings` are those of anybody in this incident."""
    if sight.seeing is Seeing.ALL:
        return True
    own = {one.standing for one in standings if one.person == sight.person and one.holds(at)}
    if Standing.CONCERNED in own:
        return False
    if sight.seeing is Seeing.CHOSEN:
        return Standing.INSPECTING in own
    return not is_restricted or not own.isdisjoint(OPENING)


@dataclass(frozen=True)
class Named:
    """Who sees an incident that was closed by itself, and how they came to it."""

    people: tuple[int, ...]
    instead_of: Mapping[int, int]
    """Substitute to the person whose place they take."""
    is_last_resort: bool = False
    """True where nobody of those who hold the roles was left: the legal representative is named, or nobody at all."""


def named_for(
    holders: Collection[int], concerned: Collection[int], away: Collection[int], substitutes: Mapping[int, int],
    representatives: Collection[int],
) -> Named:  # fmt: skip
    """Who is named in an incident that points at staff.

    `holders` are those who hold the roles for it, `substitutes` who was named in advance for whom; every number is that
    of an account that can sign in, but those of `concerned` and the keys of `substitutes`, which may be anybody.
    Whoever is concerned or away is replaced by their substitute, who is replaced alike. Where nobody is left those who
    are only away are named, then the representatives; nobody who is concerned ever is.
    """
    found: dict[int, int | None] = {}
    for holder in sorted(set(holders)):
        person = _in_place_of(holder, concerned, away, substitutes)
        if person is not None and (person == holder or person not in found):
            found[person] = None if person == holder else holder
    if found:
        instead_of = {person: holder for person, holder in found.items() if holder is not None}
        return Named(tuple(sorted(found)), instead_of)
    absent = sorted(set(holders) - set(concerned))
    if absent:
        return Named(tuple(absent), {})
    return Named(tuple(sorted(set(representatives) - set(concerned))), {}, is_last_resort=True)


def _in_place_of(
    person: int, concerned: Collection[int], away: Collection[int], substitutes: Mapping[int, int]
) -> int | None:
    passed: set[int] = set()
    while person in concerned or person in away:
        passed.add(person)
        if person not in substitutes or substitutes[person] in passed:
            return None
        person = substitutes[person]
    return person


def persons_meant(names: Iterable[str], addresses: Mapping[int, str]) -> frozenset[int]:
    """The accounts that names of alerts mean (`maud.sabran`, `US\\maud.sabran`, an address), by number.

    `addresses` are the e-mail addresses of the accounts. A name without a host means whoever has it before the @.
    """
    said = {one.strip().rpartition("\\")[2].casefold() for one in names if one.strip()}
    return frozenset(
        number
        for number, address in addresses.items()
        if not said.isdisjoint({address.casefold(), address.casefold().partition("@")[0]})
    )
