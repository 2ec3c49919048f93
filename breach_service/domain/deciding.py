"""What the data protection officer advised and what was decided, per question; and where the two differ.

The officer advises (GDPR Art. 39(1)(a)), the representative or whoever holds a delegation decides. Both stand: an
opinion that was not followed is part of the accountability of the decision, and shows in the register.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from breach_service.domain.access import DECISIONS, Act, GroundKind, Mandate, MandateKind
from breach_service.domain.rota import Absence

YES, NO = "yes", "no"


class PositionKind(StrEnum):
    """An opinion, a decision, or what somebody recorded who neither advises nor decides."""

    OPINION = "opinion"
    DECISION = "decision"
    STATEMENT = "statement"
    """Since when we are aware, as whoever is on call recorded it: the clock counts from there, nobody has decided."""


class SubjectKind(StrEnum):
    """The questions of an incident on which somebody takes a position."""

    BREACH = "breach"
    """Is it a personal-data breach? `yes` or `no`."""
    NOTIFY = "notify"
    """Is the notice of one obligation to be sent? `yes` or `no`."""
    APPROVE = "approve"
    """Is this text released for sending? The SHA-256 of the text, hex."""
    DUTY = "duty"
    """Is a notice to be given under a duty that the assessment finds none of? `yes` or `no`."""
    AWARE_AT = "aware_at"
    """Since when are we aware? An instant, ISO 8601, in UTC."""


@dataclass(frozen=True, order=True)
class Subject:
    """One question. `key` is the number of the obligation, the duty as `own/authority`, or the perimeter of an instant.

    Empty, an instant is that of the whole incident.
    """

    kind: SubjectKind
    key: str = ""

    def __str__(self) -> str:
        """As it is stored: `breach`, `notify:12`."""
        return f"{self.kind}:{self.key}" if self.key else str(self.kind)

    @property
    def obligation(self) -> int | None:
        """The obligation that it is about, None for the other questions."""
        return int(self.key) if self.kind in (SubjectKind.NOTIFY, SubjectKind.APPROVE) else None


BREACH = Subject(SubjectKind.BREACH)


def subject_from(text: str) -> Subject:
    """A question as it is stored; ValueError for an unknown one."""
    kind, _, key = text.partition(":")
    return Subject(SubjectKind(kind), key)


def notify_of(obligation: int) -> Subject:
    """Whether the notice of an obligation is to be sent."""
    return Subject(SubjectKind.NOTIFY, str(obligation))


def text_of(obligation: int) -> Subject:
    """Whether the text of the notice of an obligation is released."""
    return Subject(SubjectKind.APPROVE, str(obligation))


def duty_of(perimeter: str, duty: str) -> Subject:
    """Whether a notice is to be given under a duty of a perimeter that no obligation stands for."""
    return Subject(SubjectKind.DUTY, f"{perimeter}/{duty}")


def aware_at_of(perimeter: str = "") -> Subject:
    """Since when we are aware, for a perimeter or for the whole incident."""
    return Subject(SubjectKind.AWARE_AT, perimeter)


@dataclass(frozen=True)
class Position:
    """What one person said on one question; a later one stands beside the earlier. `at` aware, UTC."""

    id: int
    kind: PositionKind
    subject: Subject
    value: str
    reason: str
    by: str
    at: datetime
    person: int | None = None
    ground: GroundKind | None = None
    """On what ground it was decided; None for an opinion and for a statement."""
    ground_id: int | None = None


@dataclass(frozen=True)
class Divergence:
    """A question on which the last opinion and the last decision differ."""

    subject: Subject
    opinion: Position
    decision: Position


def latest(positions: Iterable[Position], kind: PositionKind) -> dict[Subject, Position]:
    """The position of that kind that counts for each question: the latest. Releasing a text decides to notify."""
    found: dict[Subject, Position] = {}
    for one in positions:
        if one.kind is kind and (one.subject not in found or one.id >= found[one.subject].id):
            found[one.subject] = one
    for one in [one for one in found.values() if one.subject.kind is SubjectKind.APPROVE]:
        asked = Subject(SubjectKind.NOTIFY, one.subject.key)
        if asked not in found or found[asked].id < one.id:
            found[asked] = one
    return found


def divergences(positions: Iterable[Position]) -> tuple[Divergence, ...]:
    """Where the last decision is not what was advised last, in the order of the questions.

    Since when we are aware is compared with what was recorded last, whether that was a decision or not: clocks count
    from it.
    """
    known = tuple(positions)
    opinions, decisions = latest(known, PositionKind.OPINION), latest(known, PositionKind.DECISION)
    for subject, stated in latest(known, PositionKind.STATEMENT).items():
        is_last = subject not in decisions or decisions[subject].id < stated.id
        if is_last and subject.kind is SubjectKind.AWARE_AT:
            decisions[subject] = stated
    return tuple(
        Divergence(subject, opinions[subject], decisions[subject])
        for subject in sorted(opinions.keys() & decisions.keys())
        if not _agree(subject, opinions[subject], decisions[subject])
    )


def _agree(subject: Subject, opinion: Position, decision: Position) -> bool:
    return answer_of(subject, opinion) == answer_of(subject, decision)


def answer_of(subject: Subject, position: Position) -> str:
    """What a position answers to a question, comparable: instants to the minute, a released text as a yes."""
    if subject.kind is SubjectKind.AWARE_AT:
        at = datetime.fromisoformat(position.value).astimezone(UTC)
        return at.replace(second=0, microsecond=0).isoformat()
    if subject.kind is SubjectKind.NOTIFY and position.subject.kind is SubjectKind.APPROVE:
        return YES
    return position.value


def last_on(
    positions: Iterable[Position], subjects: Iterable[Subject], kind: PositionKind
) -> Position | None:  # fmt: skip
    """The last opinion or decision on any of some questions that are one to a reader; a released text counts too."""
    asked = frozenset(subjects)
    released = {Subject(SubjectKind.APPROVE, one.key) for one in asked if one.kind is SubjectKind.NOTIFY}
    found = (one for one in positions if one.kind is kind and one.subject in asked | released)
    return max(found, key=lambda one: one.id, default=None)


def is_to_notify(position: Position) -> bool:
    """What a position on a notice answers: a released text is a yes."""
    return position.subject.kind is SubjectKind.APPROVE or position.value == YES


def approval_of(positions: Iterable[Position], obligation: int) -> Position | None:
    """Who released the text of a notice last, and which (`value` is its digest); None while nobody did."""
    return next(iter(approvals_of(positions, obligation)), None)


def approvals_of(positions: Iterable[Position], obligation: int) -> tuple[Position, ...]:
    """Every release of a text of a notice, the last one first: what was sent may be an earlier one."""
    subject = text_of(obligation)
    found = (one for one in positions if one.kind is PositionKind.DECISION and one.subject == subject)
    return tuple(sorted(found, key=lambda one: one.id, reverse=True))


# Days on which nobody can decide -------------------------------------------------------------------------------------


def can_decide(
    mandates: Iterable[Mandate], act: Act, organisation: str | None, at: datetime, away: Iterable[Absence] = ()
) -> list[Mandate]:
    """The mandates under which somebody who is there takes a decision at an instant; any organisation where None."""
    absent = {one.person for one in away if one.covers(at)}
    return [
        one for one in mandates
        if one.is_in_force(at) and one.person not in absent
        and one.covers(act, one.organisation if organisation is None else organisation)
    ]  # fmt: skip


def days_without(
    mandates: Sequence[Mandate], away: Sequence[Absence], organisation: str | None, zone: str, from_at: datetime,
    until_at: datetime,
) -> list[date]:  # fmt: skip
    """The local days between two instants on which, at some moment, one of the decisions can be taken by nobody."""
    place = ZoneInfo(zone)
    first, last = from_at.astimezone(place).date(), until_at.astimezone(place).date()
    found = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        opens, ends = (_midnight(one, place) for one in (day, day + timedelta(days=1)))
        opens, ends = max(opens, from_at), min(ends, until_at)
        moments = {opens, *(one for one in _turning_points(mandates, away) if opens < one < ends)}
        if opens < ends and any(
            not can_decide(mandates, act, organisation, at, away) for at in moments for act in DECISIONS
        ):
            found.append(day)
    return found


def _midnight(day: date, place: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), place).astimezone(UTC)


def _turning_points(mandates: Iterable[Mandate], away: Iterable[Absence]) -> Iterable[datetime]:
    for one in mandates:
        yield from filter(None, (one.from_at, one.to_at, one.revoked_at))
    for each in away:
        yield from (each.from_at, each.to_at)


def acts_of_one_person(mandates: Sequence[Mandate], organisation: str, at: datetime) -> tuple[Act, ...]:
    """The decisions that hang on one person, or on nobody: fewer than two people, and no dated delegation stands by.

    A dated delegation is one with both dates that is not over yet, to somebody who does not decide now anyway.
    """
    found = []
    for act in sorted(DECISIONS):
        now = {one.person for one in can_decide(mandates, act, organisation, at)}
        standing_by = {
            one.person for one in mandates
            if one.kind is MandateKind.DELEGATION and one.revoked_at is None and one.covers(act, organisation)
            and one.to_at is not None and one.to_at > at
        }  # fmt: skip
        if len(now) < 2 and not standing_by - now:
            found.append(act)
    return tuple(found)
