"""What is asked next in an incident: its kind, what decides duties, what its playbooks need, and who finds out what.

A question that an answer excluded is not asked; one that somebody is finding out waits behind the others.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from breach_service.domain.assessment import Assessment, Duty, WeighedQuestion, weighed_questions
from breach_service.domain.assessment.turns import ours_in
from breach_service.domain.conditions import FactValue, Truth, is_unknown, judge
from breach_service.domain.facts import FactType
from breach_service.domain.incident import EntryKind, TimelineEntry
from breach_service.domain.playbook import SCENARIO, Question, joined_facts
from breach_service.domain.text import Text


class AskedBecause(StrEnum):
    """Why a question is asked, the weightiest reason first."""

    KIND = "kind"
    """What kind of thing happened: the answer chooses the playbooks, and with them the other questions."""
    DECIDES = "decides"
    """One of its answers alone changes a duty."""
    COUNTS = "counts"
    """It belongs to what keeps a duty undecided, together with others."""
    PLAYBOOK = "playbook"
    """No duty hangs on it; a playbook of the incident needs it."""


@dataclass(frozen=True)
class Assignment:
    """Somebody finds out the answer to a question by an instant (UTC)."""

    fact: str
    who: str
    due_at: datetime
    by: str
    """Who said so."""
    at: datetime
    note: str = ""

    def is_overdue(self, now: datetime) -> bool:
        """True once the time has come."""
        return self.due_at <= now


@dataclass(frozen=True)
class Asked:
    """One question of the agenda."""

    fact: str
    because: AskedBecause
    weighed: WeighedQuestion | None
    """Its answers and their effects; None for a question on which no duty hangs."""
    why: Text | None = None
    """Why a playbook asks it."""
    assignment: Assignment | None = None


@dataclass(frozen=True)
class Agenda:
    """The questions of an incident, in the order in which they are asked."""

    questions: tuple[Asked, ...]
    is_ours_decided: bool
    """No duty of ours is undecided: what is left helps clients, or the playbooks."""

    def question(self, fact: str) -> Asked | None:
        """The question on a fact, None where it is none."""
        return next((one for one in self.questions if one.fact == fact), None)

    def next_after(self, skipped: Iterable[str] = ()) -> Asked | None:
        """The first question that was not skipped."""
        passed = frozenset(skipped)
        return next((one for one in self.questions if one.fact not in passed), None)

    @property
    def deciding(self) -> tuple[Asked, ...]:
        """Those on which a duty hangs."""
        return tuple(one for one in self.questions if one.because in (AskedBecause.DECIDES, AskedBecause.COUNTS))


def agenda_of(
    assessment: Assessment,
    types: Mapping[str, FactType],
    of_playbooks: Sequence[Question] = (),
    assignments: Mapping[str, Assignment] | None = None,
    *,
    is_kind_asked: bool = False,
) -> Agenda:
    """What is asked: first what decides alone, then what counts together with others, then what the playbooks need.

    In each, what somebody is finding out comes last. `of_playbooks` are the questions of the plan, in its order.
    Before all else, where `is_kind_asked`, what kind of thing happened.
    """
    assigned = assignments or {}
    weighed = weighed_questions(assessment)
    reasons = {one.fact: one.why for one in of_playbooks}
    found = [
        Asked(
            one.question.fact,
            AskedBecause.DECIDES if one.changes_a_duty else AskedBecause.COUNTS,
            one,
            reasons.get(one.question.fact),
            assigned.get(one.question.fact),
        )
        for one in weighed
    ]
    values, known = joined_facts(assessment), {one.fact for one in found}
    found += [
        Asked(one.fact, AskedBecause.PLAYBOOK, None, one.why, assigned.get(one.fact))
        for one in of_playbooks
        if one.fact not in known and _is_asked(one.fact, values, types)
    ]
    if is_kind_asked and _is_asked(SCENARIO, values, types):
        found = [one for one in found if one.fact != SCENARIO]
        found.insert(0, Asked(SCENARIO, AskedBecause.KIND, None, reasons.get(SCENARIO), assigned.get(SCENARIO)))
    found.sort(key=lambda one: (one.because is AskedBecause.PLAYBOOK, one.assignment is not None))
    return Agenda(tuple(found), Duty.UNDECIDED not in ours_in(assessment).values())


def _is_asked(fact: str, values: Mapping[str, FactValue], types: Mapping[str, FactType]) -> bool:
    known = types.get(fact)
    if known is None or known.question is None or not is_unknown(values.get(fact)):
        return False
    return judge(known.asked_when or {}, values).truth is not Truth.NO


def assignments_in(timeline: Iterable[TimelineEntry]) -> dict[str, Assignment]:
    """Who is finding out what, by fact: the latest word on each, until it is recorded. `timeline` oldest first."""
    found: dict[str, Assignment] = {}
    for entry in timeline:
        words = entry.words or {}
        fact = words.get("fact", "")
        if entry.kind is EntryKind.FACT_RECORDED:
            found.pop(fact, None)
        elif entry.kind is EntryKind.QUESTION_ASSIGNED:
            found.update({one.fact: one for one in _assignment(entry, words)})
    return found


def _assignment(entry: TimelineEntry, words: Mapping[str, str]) -> Iterator[Assignment]:
    """Nothing where its words were erased."""
    if words.get("fact") and words.get("until"):
        due_at = datetime.fromisoformat(words["until"])
        yield Assignment(words["fact"], words.get("person", ""), due_at, entry.actor, entry.at, words.get("reason", ""))
