"""The next question, what each answer entails, and the form that records a fact."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from breach_service.domain.assessment import (
    Assessment,
    Duty,
    PerimeterAssessment,
    WeighedQuestion,
    weighed_questions,
)
from breach_service.domain.conditions import FactValue, Truth
from breach_service.domain.dossier import Dossier
from breach_service.domain.facts import Exposure, Fact, FactType, Provenance, Scope, ScopeKind
from breach_service.domain.inventory import Inventory
from breach_service.web.views.effects import EffectLine, effect_lines
from breach_service.web.views.pieces import ContentWords, Risk, Value, risk_of, value_of

WhatIf = Callable[[Fact], Assessment]
"""What the assessment would be if this fact were recorded too."""

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
    """One possible answer; `label` is empty for yes, no and unknown, which have common words."""

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


def questions_of(
    dossier: Dossier, content: ContentWords, language: str, now: datetime, fact: str | None, what_if: WhatIf | None
) -> Questions:
    """`fact` is the fact that the person chose to record; else the first open question is asked."""
    weighed = {one.question.fact: one for one in weighed_questions(dossier.assessment)}
    open_facts = [one for one in weighed if one in content.facts]
    chosen = fact if fact in content.facts else next(iter(open_facts), None)
    numbers = {name: number for number, name in enumerate(open_facts, start=1)}
    labels = sorted((one.label.in_language(language), one.id) for one in content.facts.values())
    return Questions(
        asked=_form(content.facts[chosen], dossier, content, language, now, numbers, what_if, weighed)
        if chosen
        else None,
        others=tuple(
            QuestionLine(
                name,
                numbers[name],
                _question(content.facts[name], language),
                effect_lines(weighed.get(name), content.facts[name], dossier, language),
            )
            for name in open_facts
            if name != chosen
        ),
        total=len(open_facts),
        facts=tuple(FactChoice(name, label, name == chosen) for label, name in labels),
    )


def _question(known: FactType, language: str) -> str:
    return (known.question or known.label).in_language(language)


def _form(
    known: FactType, dossier: Dossier, content: ContentWords, language: str, now: datetime, numbers: Mapping[str, int],
    what_if: WhatIf | None, weighed: Mapping[str, WeighedQuestion],
) -> FactForm:  # fmt: skip
    asked = next((one for one in dossier.assessment.open_questions if one.fact == known.id), None)
    concerned = [one for one in dossier.assessment.perimeters if asked is None or one.perimeter.key in asked.perimeters]
    held = held_value(known.id, concerned)
    return FactForm(
        fact=known.id,
        label=known.label.in_language(language),
        question=_question(known, language),
        help=known.help.in_language(language) if known.help else "",
        input=_input(known),
        options=tuple(_options(known, held, language, now, what_if)),
        unit=known.unit.in_language(language) if known.unit else "",
        scopes=tuple(_scopes(known, dossier, language)),
        known=None if held is None else value_of(held, known.id, content, language),
        established_by=known.established_by,
        number=numbers.get(known.id, 0),
        controllers=tuple(dict.fromkeys(one.perimeter.controller for one in concerned)) if asked else (),
        effects=effect_lines(weighed.get(known.id), known, dossier, language),
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
    known: FactType, held: FactValue, language: str, now: datetime, what_if: WhatIf | None
) -> Iterable[Option]:
    if known.type in ("number", "duration_hours"):
        return
    choices = known.choices or {}
    words = [str(Truth.YES), str(Truth.NO)] if known.type == "yes_no" else list(choices)
    held_words = held if isinstance(held, frozenset) else {str(held or Truth.UNKNOWN)}
    shows_consequences = what_if is not None and _input(known) == "radios"
    for word in [*words, str(Truth.UNKNOWN)]:
        label = choices[word].in_language(language) if word in choices else ""
        consequence = _consequence(known, word, now, what_if) if what_if and shows_consequences else None
        yield Option(word, label, word in held_words, consequence)


def _consequence(known: FactType, word: str, now: datetime, what_if: WhatIf) -> Consequence:
    answer = Fact(known.id, known.parse(word), Scope(), Provenance.PERSON, "", now, recorded=2**62)
    return consequence_of(what_if(answer))


def consequence_of(assessment: Assessment) -> Consequence:
    """The duties of an assessment over all perimeters: ours towards authority and persons, ours towards clients."""
    said: dict[str, set[Duty]] = {"authority": set(), "persons": set(), "clients": set(), "register": set()}
    for one in assessment.perimeters:
        if one.perimeter.is_ours:
            said["authority"].add(one.duties.authority)
            said["persons"].add(one.duties.persons)
            said["register"].add(one.duties.register)
        else:
            said["clients"].add(one.duties.clients)
    required = tuple(name for name, duties in said.items() if Duty.REQUIRED in duties)
    undecided = tuple(name for name, duties in said.items() if Duty.UNDECIDED in duties and Duty.REQUIRED not in duties)
    return Consequence(risk_of(assessment.risk), required, undecided)


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
