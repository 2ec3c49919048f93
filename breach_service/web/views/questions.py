"""The next question, what each answer entails, and the form that records a fact."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from breach_service.domain.assessment import (
    NONE_OF_THEM,
    Assessment,
    Duties,
    Duty,
    Effect,
    PerimeterAssessment,
    WeighedQuestion,
    ours_among,
    weighed_questions,
)
from breach_service.domain.conditions import FactValue, Truth
from breach_service.domain.dossier import Dossier
from breach_service.domain.facts import Exposure, FactType, ScopeKind
from breach_service.domain.inventory import Inventory
from breach_service.domain.rules import RiskInterval
from breach_service.web.views.effects import EffectLine, effect_lines
from breach_service.web.views.pieces import ContentWords, Risk, Value, risk_of, value_of

MOST_RADIOS = 5
"""A longer choice becomes a menu."""


@dataclass(frozen=True)
class Consequence:
    """What an answer entails for everybody concerned."""

    risk: Risk
    required: tuple[str, ...]
    """Codes: `authority`, `persons`, `clients`, `register`."""
    undecided: tuple[str, ...]


@dataclass(frozen=True)
class Option:
    """One possible answer; `label` is empty for yes, no, unknown and none of them, which have common words."""

    value: str
    label: str
    is_chosen: bool
    consequence: Consequence | None


@dataclass(frozen=True)
class ScopeOption:
    """A part of the incident that a fact can be about."""

    value: str
    """`incident`, `system:<id>`, `activity:<id>` or `client:<activity>/<client>`."""
    kind: ScopeKind
    name: str
    is_chosen: bool


@dataclass(frozen=True)
class FactForm:
    """The form that records one fact; it is a question where the fact has one."""

    fact: str
    label: str
    question: str
    help: str
    input: Literal["radios", "menu", "boxes", "range"]
    options: tuple[Option, ...]
    unit: str
    scopes: tuple[ScopeOption, ...]
    known: Value | None
    """What is held at present, None where nothing is."""
    established_by: tuple[str, ...]
    """Who can answer: `responder`, `dpo`, `alert`, `inventory`…"""
    number: int
    """Its place among the open questions, 0 where it is not one of them."""
    controllers: tuple[str, ...]
    """Whose perimeters the answer decides."""
    effects: tuple[EffectLine, ...]
    """The answers that change a duty by themselves."""


@dataclass(frozen=True)
class QuestionLine:
    """An open question that is not the next one."""

    fact: str
    number: int
    question: str
    effects: tuple[EffectLine, ...]


@dataclass(frozen=True)
class FactChoice:
    """A fact that can be recorded."""

    fact: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Questions:
    """The section of questions: the one that is asked, the others, and every fact that can be recorded."""

    asked: FactForm | None
    others: tuple[QuestionLine, ...]
    total: int
    facts: tuple[FactChoice, ...]


def questions_of(dossier: Dossier, content: ContentWords, language: str, fact: str | None) -> Questions:
    """`fact` is the fact that the person chose to record; else the first open question is asked."""
    weighed = {one.question.fact: one for one in weighed_questions(dossier.assessment)}
    open_facts = [one for one in weighed if one in content.facts]
    chosen = fact if fact in content.facts else next(iter(open_facts), None)
    numbers = {name: number for number, name in enumerate(open_facts, start=1)}
    labels = sorted((one.label.in_language(language), one.id) for one in content.facts.values())
    return Questions(
        asked=fact_form(content.facts[chosen], dossier, content, language, numbers.get(chosen, 0), weighed.get(chosen))
        if chosen
        else None,
        others=tuple(
            QuestionLine(
                name,
                numbers[name],
                question_words(content.facts[name], language),
                effect_lines(weighed.get(name), content.facts[name], dossier, language),
            )
            for name in open_facts
            if name != chosen
        ),
        total=len(open_facts),
        facts=tuple(FactChoice(name, label, name == chosen) for label, name in labels),
    )


def question_words(known: FactType, language: str) -> str:
    """The question on a fact; its label where it has none."""
    return (known.question or known.label).in_language(language)


def fact_form(
    known: FactType, dossier: Dossier, content: ContentWords, language: str, number: int,
    weighed: WeighedQuestion | None,
) -> FactForm:  # fmt: skip
    """The form that records one fact; `number` is its place among the questions, 0 for none."""
    asked = weighed.question if weighed else None
    concerned = [one for one in dossier.assessment.perimeters if asked is None or one.perimeter.key in asked.perimeters]
    held = held_value(known.id, concerned)
    return FactForm(
        fact=known.id,
        label=known.label.in_language(language),
        question=question_words(known, language),
        help=known.help.in_language(language) if known.help else "",
        input=_input(known),
        options=tuple(_options(known, held, language, dossier.assessment, weighed)),
        unit=known.unit.in_language(language) if known.unit else "",
        scopes=tuple(_scopes(known, dossier, language)),
        known=None if held is None else value_of(held, known.id, content, language),
        established_by=known.established_by,
        number=number,
        controllers=tuple(dict.fromkeys(one.perimeter.controller for one in concerned)) if asked else (),
        effects=effect_lines(weighed, known, dossier, language),
    )


def held_value(name: str, perimeters: Iterable[PerimeterAssessment]) -> FactValue:
    """The value that a fact has in every one of these perimeters, None where they differ or one knows none."""
    held = [one.facts[name].value if name in one.facts else None for one in perimeters]
    return held[0] if held and all(one == held[0] for one in held) else None


def _input(known: FactType) -> Literal["radios", "menu", "boxes", "range"]:
    if known.type == "set":
        return "boxes"
    if known.type in ("number", "duration_hours"):
        return "range"
    return "menu" if known.type == "choice" and len(known.choices or {}) > MOST_RADIOS else "radios"


def _options(
    known: FactType, held: FactValue, language: str, assessment: Assessment, weighed: WeighedQuestion | None
) -> Iterable[Option]:
    if known.type in ("number", "duration_hours"):
        return
    choices = known.choices or {}
    words = [str(Truth.YES), str(Truth.NO)] if known.type == "yes_no" else list(choices)
    held_words = held if isinstance(held, frozenset) else {str(held or Truth.UNKNOWN)}
    is_shown = weighed is not None and _input(known) == "radios"
    after = {one.answer.key: consequence_after(one, assessment) for one in weighed.effects} if weighed else {}
    after[str(Truth.UNKNOWN)] = consequence_of(assessment)
    if known.type == "set":
        words.append(NONE_OF_THEM)
    if held == frozenset():
        held_words = {NONE_OF_THEM}
    for word in [*words, str(Truth.UNKNOWN)]:
        label = choices[word].in_language(language) if word in choices else ""
        yield Option(word, label, word in held_words, after.get(word) if is_shown else None)


def consequence_of(assessment: Assessment) -> Consequence:
    """The duties of an assessment over all perimeters: ours towards authority and persons, ours towards clients."""
    return _consequence([(one, one.duties) for one in assessment.perimeters], assessment.risk)


def consequence_after(effect: Effect, assessment: Assessment) -> Consequence:
    """What an answer alone would come to, over all perimeters: those that are not asked about stay as they are."""
    risk = effect.risk
    for one in assessment.perimeters:
        risk = risk if one.perimeter.key in effect.duties else risk.joined(one.risk)
    found = [(one, effect.duties.get(one.perimeter.key, one.duties)) for one in assessment.perimeters]
    return _consequence(found, risk)


def _consequence(found: Iterable[tuple[PerimeterAssessment, Duties]], risk: RiskInterval) -> Consequence:
    ours = ours_among(found)
    said = {name: ours[name] for name in ("authority", "persons", "clients", "register")}
    required = tuple(name for name, duty in said.items() if duty is Duty.REQUIRED)
    undecided = tuple(name for name, duty in said.items() if duty is Duty.UNDECIDED)
    return Consequence(risk_of(risk), required, undecided)


def _scopes(known: FactType, dossier: Dossier, language: str) -> Iterable[ScopeOption]:
    """Every part of the incident, the widest first; chosen is the only part of the kind that the fact is about."""
    inventory = dossier.inventory
    parts = {"incident": (ScopeKind.INCIDENT, "")}
    for system in dossier.incident.systems:
        parts[f"system:{system}"] = (ScopeKind.SYSTEM, _system_name(system, inventory, language))
    for place in _exposures(dossier):
        activity = _activity_name(place.activity or "", inventory, language)
        if place.activity:
            parts.setdefault(f"activity:{place.activity}", (ScopeKind.ACTIVITY, activity))
        client = inventory.client(place.client or "")
        if client:
            parts[f"client:{place.activity}/{client.id}"] = (ScopeKind.CLIENT, f"{activity}, {client.name}")
    of_its_kind = [value for value, (kind, _) in parts.items() if kind is known.scope]
    chosen = of_its_kind[0] if len(of_its_kind) == 1 else "incident"
    order = list(ScopeKind)
    for value, (kind, name) in sorted(parts.items(), key=lambda part: order.index(part[1][0])):
        yield ScopeOption(value, kind, name, value == chosen)


def _exposures(dossier: Dossier) -> list[Exposure]:
    return [place for one in dossier.assessment.perimeters for place in one.perimeter.exposures]


def _system_name(system_id: str, inventory: Inventory, language: str) -> str:
    system = inventory.system(system_id)
    return system.name.in_language(language) if system else system_id


def _activity_name(activity_id: str, inventory: Inventory, language: str) -> str:
    activity = inventory.activity(activity_id)
    return activity.name.in_language(language) if activity else activity_id
