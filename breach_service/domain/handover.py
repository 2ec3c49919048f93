"""What rests on one person: what somebody else must take on before they leave, and who can.

Work rests on a person because they lead it, or because nobody else could do it: a decision for which only they hold a
mandate, an opinion where they are the only data protection officer, a review that only they may give.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from breach_service.domain.access import ALLOWED, Act, BrokenGlass, Mandate, UserRole


class WorkKind(StrEnum):
    """What kind of work rests on somebody."""

    LEADS = "leads"
    """An open incident that they lead."""
    NOTICE = "notice"
    """A notice that is owed in an incident that they lead."""
    DECISION = "decision"
    """An open incident that only they can qualify."""
    DRAFT = "draft"
    """A draft that only they can release."""
    LETTER = "letter"
    """A notice that they sent and whose receipt nobody recorded."""
    OPINION = "opinion"
    """An opinion that only they can give."""
    REVIEW = "review"
    """A broken glass that only they can review."""
    NAMED = "named"
    """A restricted incident that only they are named in."""
    MANDATE = "mandate"
    """A power to decide, which is theirs in person: it ends, and somebody else needs one."""
    ROTA = "rota"
    """A level of the rota on which they take turns."""
    STANDS_IN = "stands_in"
    """Somebody whose substitute they are."""
    ADMINISTRATOR = "administrator"
    """They are the only administrator."""


NEEDED: Mapping[WorkKind, Act] = {
    WorkKind.LEADS: Act.RECORD_FACT,
    WorkKind.NOTICE: Act.RECORD_FACT,
    WorkKind.DECISION: Act.QUALIFY,
    WorkKind.DRAFT: Act.APPROVE_DRAFT,
    WorkKind.LETTER: Act.RECORD_FILING,
    WorkKind.OPINION: Act.GIVE_OPINION,
    WorkKind.REVIEW: Act.REVIEW_GLASS,
    WorkKind.NAMED: Act.LOOK,
    WorkKind.MANDATE: Act.QUALIFY,
    WorkKind.ROTA: Act.RECORD_AWARENESS,
    WorkKind.STANDS_IN: Act.LOOK,
    WorkKind.ADMINISTRATOR: Act.MANAGE_PEOPLE,
}
"""The act that somebody must be allowed who takes such work on."""
UNDER_MANDATE = frozenset({WorkKind.DECISION, WorkKind.DRAFT, WorkKind.MANDATE})
"""Work for which the role alone is not enough."""


@dataclass(frozen=True)
class Work:
    """One thing that rests on somebody: ids and references, never content."""

    kind: WorkKind
    number: int
    """Of the incident, the obligation, the filing, the broken glass, the mandate or the account that it is about; of
    the rota the place of the level."""
    reference: str = ""
    incident: int | None = None
    organisation: str = ""
    """Of what asks for a mandate; empty for every organisation."""
    due_at: datetime | None = None

    @property
    def key(self) -> tuple[str, int]:
        """What makes two of them the same work."""
        return str(self.kind), self.number


@dataclass(frozen=True)
class OpenWork:
    """Everything that rests on one person now."""

    person: int
    items: tuple[Work, ...]

    def __bool__(self) -> bool:
        """True where there is some."""
        return bool(self.items)

    def without(self, taken: Collection[tuple[str, int]]) -> "OpenWork":
        """What is left once some of it was taken on."""
        return OpenWork(self.person, tuple(one for one in self.items if one.key not in taken))


@dataclass(frozen=True)
class OwedNotice:
    """A notice of an open incident that is neither sent nor found not to be required."""

    number: int
    due_at: datetime | None
    is_to_be_released: bool
    """True where its text waits for somebody's approval: neither provisional nor approved."""


@dataclass(frozen=True)
class OpenIncident:
    """An incident that is not over, as far as it rests on people."""

    id: int
    reference: str
    organisation: str
    lead: int | None
    is_qualified: bool
    awaits_opinion: bool
    """True where it is being assessed or confirmed and the data protection officer has not said anything."""
    notices: tuple[OwedNotice, ...] = ()
    named: frozenset[int] | None = None
    """Who sees it where it is restricted; None where it is not."""
    concerned: frozenset[int] = frozenset()
    """Who is shut out of it."""


@dataclass(frozen=True)
class SentLetter:
    """A notice that was sent and whose receipt is not recorded."""

    number: int
    incident: int
    reference: str


@dataclass(frozen=True)
class Situation:
    """What work there is in the service, and who there is to do it."""

    roles: Mapping[int, UserRole]
    """Of the accounts that are not disabled, and of the person in question in any case."""
    incidents: tuple[OpenIncident, ...] = ()
    mandates: tuple[Mandate, ...] = ()
    glasses: tuple[tuple[BrokenGlass, str], ...] = ()
    """Those that nobody reviewed yet, each with the reference of its incident."""
    letters: tuple[SentLetter, ...] = ()
    """Those that the person in question sent."""
    levels: tuple[int, ...] = ()
    """Places of the levels of the rota on which the person stands, or for which they took a shift on."""
    stands_in_for: tuple[int, ...] = ()
    administrators: frozenset[int] = frozenset()


def open_work(person: int, found: Situation, at: datetime) -> OpenWork:
    """What rests on a person at an instant."""
    return OpenWork(person, tuple(_items(person, found, at)))


def _items(person: int, found: Situation, at: datetime) -> Iterable[Work]:
    for incident in found.incidents:
        yield from _of_incident(person, incident, found, at)
    for letter in found.letters:
        yield Work(WorkKind.LETTER, letter.number, letter.reference, letter.incident)
    for glass, reference in found.glasses:
        if _is_only(person, _holding(found, Act.REVIEW_GLASS) - {glass.person}):
            yield Work(WorkKind.REVIEW, glass.id, reference, glass.incident)
    for one in found.mandates:
        if one.person == person and _goes_on(one, at):
            yield Work(WorkKind.MANDATE, one.id, organisation=one.organisation)
    yield from (Work(WorkKind.ROTA, one) for one in found.levels)
    yield from (Work(WorkKind.STANDS_IN, one) for one in found.stands_in_for)
    if _is_only(person, found.administrators):
        yield Work(WorkKind.ADMINISTRATOR, person)


def _of_incident(person: int, one: OpenIncident, found: Situation, at: datetime) -> Iterable[Work]:
    def work(kind: WorkKind, number: int = one.id, due_at: datetime | None = None) -> Work:
        return Work(kind, number, one.reference, one.id, one.organisation, due_at)

    there = frozenset(found.roles) - one.concerned
    if one.named is not None:
        there &= one.named
        if _is_only(person, there):
            yield work(WorkKind.NAMED)
    if one.lead == person:
        yield work(WorkKind.LEADS)
        yield from (work(WorkKind.NOTICE, each.number, each.due_at) for each in one.notices)
    if not one.is_qualified and _is_only(person, _deciding(found, Act.QUALIFY, one.organisation, at) & there):
        yield work(WorkKind.DECISION)
    if _is_only(person, _deciding(found, Act.APPROVE_DRAFT, one.organisation, at) & there):
        waiting = (each for each in one.notices if each.is_to_be_released)
        yield from (work(WorkKind.DRAFT, each.number, each.due_at) for each in waiting)
    if one.awaits_opinion and _is_only(person, _holding(found, Act.GIVE_OPINION) & there):
        yield work(WorkKind.OPINION)


def _is_only(person: int, people: Collection[int]) -> bool:
    return set(people) == {person}


def _holding(found: Situation, act: Act) -> frozenset[int]:
    return frozenset(person for person, role in found.roles.items() if role in ALLOWED[act])


def _deciding(found: Situation, act: Act, organisation: str, at: datetime) -> frozenset[int]:
    covering = {one.person for one in found.mandates if one.covers(act, organisation) and one.is_in_force(at)}
    return frozenset(covering & set(found.roles))


def _goes_on(one: Mandate, at: datetime) -> bool:
    return all(at < end for end in (one.to_at, one.revoked_at) if end is not None)


class Unfit(StrEnum):
    """Why somebody cannot take work on."""

    GONE = "gone"
    """Their account is disabled, or they are whose work it is."""
    ROLE = "role"
    MANDATE = "mandate"
    UNSEEN = "unseen"
    """The incident is restricted and they are not named, or it concerns them."""


def why_unfit(one: Work, leaver: int, successor: int, found: Situation, at: datetime) -> Unfit | None:
    """Why somebody cannot take a piece of work on; None where they can."""
    if successor == leaver or successor not in found.roles:
        return Unfit.GONE
    if found.roles[successor] not in ALLOWED[NEEDED[one.kind]]:
        return Unfit.ROLE
    if not _is_seen(one, successor, found):
        return Unfit.UNSEEN
    if one.kind in UNDER_MANDATE and not _has_ground(one, successor, found, at):
        return Unfit.MANDATE
    return None


def _has_ground(one: Work, successor: int, found: Situation, at: datetime) -> bool:
    if one.kind is WorkKind.MANDATE:
        held = next((each for each in found.mandates if each.id == one.number), None)
        acts = held.acts if held is not None and held.acts else frozenset({Act.QUALIFY, Act.APPROVE_DRAFT})
    else:
        acts = frozenset({NEEDED[one.kind]})
    return all(successor in _deciding(found, act, one.organisation, at) for act in acts)


def _is_seen(one: Work, person: int, found: Situation) -> bool:
    incident = next((each for each in found.incidents if each.id == one.incident), None)
    if incident is None or person in incident.concerned:
        return incident is None
    return incident.named is None or person in incident.named


def deputy_of(work: OpenWork, candidates: Iterable[int], found: Situation, at: datetime) -> int | None:
    """Who takes on the work of somebody who is shut out at once: of those asked in order, whoever can do most of it.

    None where nobody can do anything of it. Of two who can do as much the one asked first is taken.
    """
    asked = [one for one in dict.fromkeys(candidates) if one in found.roles and one != work.person]
    can = {
        one: sum(why_unfit(item, work.person, one, found, at) is None for item in work.items) for one in asked
    }  # fmt: skip
    best = max(can.values(), default=0)
    if not work.items:
        return next(iter(asked), None)
    return next((one for one in asked if can[one] == best), None) if best else None
