"""What each possible answer to an open question would change, and the questions in the order of their effect."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, nextafter

from breach_service.domain.assessment.duties import Duties, Duty, events_in
from breach_service.domain.assessment.implied import IMPLIED
from breach_service.domain.assessment.incident import Assessment, OpenQuestion
from breach_service.domain.assessment.perimeters import Outlook, PerimeterAssessment, outlook_of
from breach_service.domain.assessment.places import COMPROMISE, Place
from breach_service.domain.conditions import FactValue, Line, NumberRange, Truth
from breach_service.domain.facts import FactType, Provenance
from breach_service.domain.rules import NO_RISK, Loss, RiskInterval

NONE_OF_THEM = "none_of_these"
"""The answer to a question on a set that names none of the words that a criterion looks for."""


@dataclass(frozen=True)
class Answer:
    """One possible answer: yes, no, a word of a choice, one word of a set, or a side of a threshold (`>24`)."""

    key: str
    value: FactValue


@dataclass(frozen=True)
class Change:
    """A duty that an answer would settle or turn, in the perimeters where it would."""

    duty: str
    before: Duty
    after: Duty
    perimeters: tuple[str, ...]


@dataclass(frozen=True)
class Effect:
    """What one answer alone entails: the duties in each perimeter that is asked about, and those that change."""

    answer: Answer
    duties: Mapping[str, Duties]
    changes: tuple[Change, ...]
    risk: RiskInterval
    """The highest risk among these perimeters."""
    left: int
    """How many facts would still be open, in the perimeter that leaves most of them."""


@dataclass(frozen=True)
class WeighedQuestion:
    """An open question with the effect of each of its answers."""

    question: OpenQuestion
    effects: tuple[Effect, ...]

    @property
    def changes_a_duty(self) -> bool:
        """True if one answer alone changes a duty; else it only belongs to what keeps one undecided."""
        return any(one.changes for one in self.effects)


def weighed_questions(assessment: Assessment) -> tuple[WeighedQuestion, ...]:
    """The open questions in the order of their effect.

    First those of which one answer alone settles a duty, then those that only work together with others; in both
    first the question whose least helpful answer leaves least to be asked (which reaches the end in fewest questions),
    then the one whose answers settle most. A judgement is asked for last, when observations did not settle it
    (`FactType.asked_last`). What is equal keeps the order in which a person should ask.
    """
    trial = _Trial(assessment.perimeters)
    weighed = [WeighedQuestion(one, _effects(one, assessment.perimeters, trial)) for one in assessment.open_questions]
    return tuple(sorted(weighed, key=_lightness))


def effects_of(question: OpenQuestion, perimeters: Sequence[PerimeterAssessment]) -> tuple[Effect, ...]:
    """The effect of every answer to one question, each judged alone on what is known now.

    An answer stands wherever the fact is not known yet. The cost is bounded by the number of answers, and places that
    show the same are judged once. Without a type there are no answers.
    """
    return _effects(question, perimeters, _Trial(perimeters))


class _Trial:
    """Answers tried on places; what shows the same to every rule is judged once for all perimeters."""

    def __init__(self, perimeters: Sequence[PerimeterAssessment]) -> None:
        self._places: list[Place] = []
        self._answered: dict[tuple[int, str, str], Place] = {}
        self._outlooks: dict[object, Outlook] = {}
        kinds: dict[object, int] = {}
        self._kinds: dict[str, tuple[int, ...]] = {}
        for one in perimeters:
            for place in one.places:
                if kinds.setdefault(_shown(place), len(self._places)) == len(self._places):
                    self._places.append(place)
            self._kinds[one.perimeter.key] = tuple(dict.fromkeys(kinds[_shown(place)] for place in one.places))

    def outlook(self, one: PerimeterAssessment, fact: str, answer: Answer) -> Outlook:
        """What a perimeter would show."""
        kinds = self._kinds[one.perimeter.key]
        key = (one.perimeter.is_ours, kinds, fact, answer.key)
        if key not in self._outlooks:
            places = [self._place(kind, fact, answer) for kind in kinds]
            self._outlooks[key] = outlook_of(one.perimeter, places)
        return self._outlooks[key]

    def _place(self, kind: int, fact: str, answer: Answer) -> Place:
        key = (kind, fact, answer.key)
        if key not in self._answered:
            self._answered[key] = self._places[kind].answered(fact, answer.value)
        return self._answered[key]


_ALWAYS_READ = (COMPROMISE, *(f"loss.{loss}" for loss in Loss))


def _shown(place: Place) -> object:
    """Everything that judging a place looks at."""
    return (
        tuple(place.values.get(name) for name in _ALWAYS_READ),
        tuple(line.value for finding in place.findings for line in finding.judgement.lines),
        events_in([place.facts]),
        tuple(name for name in IMPLIED if name in place.facts and place.facts[name].provenance is Provenance.INVENTORY),
    )


def _effects(question: OpenQuestion, perimeters: Sequence[PerimeterAssessment], trial: _Trial) -> tuple[Effect, ...]:
    if question.type is None:
        return ()
    asked = [one for one in perimeters if one.perimeter.key in question.perimeters]
    lines = [line for one in asked[:1] for finding in one.findings for line in finding.judgement.lines]
    answers = answers_to(question.type, [line for line in lines if line.fact == question.fact])
    return tuple(_effect(question.fact, answer, asked, trial) for answer in answers)


def _effect(fact: str, answer: Answer, asked: Sequence[PerimeterAssessment], trial: _Trial) -> Effect:
    outlooks = {one.perimeter.key: trial.outlook(one, fact, answer) for one in asked}
    changed: defaultdict[tuple[str, Duty, Duty], list[str]] = defaultdict(list)
    risk = NO_RISK
    for one in asked:
        outlook = outlooks[one.perimeter.key]
        risk = risk.joined(outlook.risk)
        for name, before in vars(one.duties).items():
            after = getattr(outlook.duties, name)
            if after is not before:
                changed[name, before, after].append(one.perimeter.key)
    return Effect(
        answer=answer,
        duties={key: one.duties for key, one in outlooks.items()},
        changes=tuple(Change(*what, tuple(keys)) for what, keys in changed.items()),
        risk=risk,
        left=max((len(one.open_facts) for one in outlooks.values()), default=0),
    )


def _lightness(weighed: WeighedQuestion) -> tuple[bool, bool, float, int, int, float]:
    """Smallest for what weighs most: the worst answer's rest, the best single answer, all of them, the mean rest."""
    known = weighed.question.type
    is_last = known is not None and known.asked_last
    settled = [
        sum(len(change.perimeters) for change in effect.changes if change.after is not Duty.UNDECIDED)
        for effect in weighed.effects
    ]
    left = [effect.left for effect in weighed.effects]
    worst, average = (max(left), sum(left) / len(left)) if left else (inf, inf)
    return is_last, not weighed.changes_a_duty, worst, -max(settled, default=0), -sum(settled), average


def answers_to(known: FactType, lines: Iterable[Line]) -> tuple[Answer, ...]:
    """The answers that can make a difference to the rules that look at a fact; `lines` are theirs on this fact."""
    if known.type == "yes_no":
        return (Answer("yes", Truth.YES), Answer("no", Truth.NO))
    if known.type == "choice":
        return tuple(Answer(word, word) for word in known.choices or {})
    operands = dict.fromkeys((line.comparison, line.operand) for line in lines if line.comparison != "known")
    if known.type == "set":
        words = dict.fromkeys(word for _, operand in operands for word in _words(operand))
        named = [Answer(word, frozenset({word})) for word in words]
        return (*named, Answer(NONE_OF_THEM, frozenset()))
    cuts = dict.fromkeys(cut for comparison, operand in operands for cut in _cuts(comparison, float(operand)))
    return tuple(answer for cut in cuts for answer in _sides(*cut))


def _words(operand: object) -> tuple[str, ...]:
    return (operand,) if isinstance(operand, str) else tuple(operand) if isinstance(operand, tuple) else ()


def _cuts(comparison: str, limit: float) -> tuple[tuple[float, bool], ...]:
    """Where a comparison cuts the numbers in two: at the limit, which belongs below (True) or above."""
    both = ((limit, False), (limit, True))
    return {"at_most": both[1:], "more_than": both[1:], "at_least": both[:1], "less_than": both[:1]}.get(
        comparison, both
    )


def _sides(limit: float, is_below: bool) -> tuple[Answer, Answer]:
    if is_below:
        above = NumberRange(nextafter(limit, inf), None)
        return Answer(f"<={limit:g}", NumberRange(None, limit)), Answer(f">{limit:g}", above)
    below = NumberRange(None, nextafter(limit, -inf))
    return Answer(f"<{limit:g}", below), Answer(f">={limit:g}", NumberRange(limit, None))
