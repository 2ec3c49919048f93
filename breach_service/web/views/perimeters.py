"""The parts of an incident under each controller, as cards: whose data, which, how many persons, what we owe."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.assessment import Duty, PerimeterAssessment, explained_duties, severity_in
from breach_service.domain.conditions import NumberRange, Truth
from breach_service.domain.deadlines import DutyKind, state_of
from breach_service.domain.dossier import Dossier
from breach_service.domain.facts import Provenance
from breach_service.domain.incident import ClockState
from breach_service.domain.inventory import Role
from breach_service.web.views.assessment import SeverityView, severity_view
from breach_service.web.views.incidents import system_names
from breach_service.web.views.pieces import Badge, ContentWords, Risk, badge_for, risk_of


@dataclass(frozen=True)
class DataTag:
    """A kind of data; a special category (GDPR Art. 9) has a thick frame."""

    name: str
    is_special: bool


@dataclass(frozen=True)
class OwedLine:
    """A notice that we owe in a perimeter, and where it stands."""

    kind: DutyKind
    badge: Badge


@dataclass(frozen=True)
class DutyLine:
    """One duty of a perimeter with its reasons in words."""

    name: str
    """`register`, `authority`, `persons`, `clients`."""
    outcome: Duty
    owed_by: str
    """`us`, `client`, `joint_controller`, `undecided`."""
    reasons: tuple[str, ...]
    article: str
    speaking_for: tuple[str, ...]
    """Titles of the criteria that call for it, or may."""
    speaking_against: tuple[str, ...]
    postponed_until: datetime | None


@dataclass(frozen=True)
class PerimeterCard:
    """The part of an incident under one controller."""

    key: str
    role: Role
    is_ours: bool
    controller: str
    activities: tuple[str, ...]
    systems: tuple[str, ...]
    data: tuple[DataTag, ...]
    is_data_from_inventory: bool
    """True while nobody has said which data were really touched."""
    personal_data: Truth
    persons: NumberRange | None
    is_number_from_inventory: bool
    owed: tuple[OwedLine, ...]
    duties: tuple[tuple[str, Duty], ...]
    """The controller's duties: `authority`, `persons`."""
    risk: Risk
    owed_by: str
    """`us`, `client`, `joint_controller`, or `undecided` where the joint controllers agreed on nothing."""
    explained: tuple[DutyLine, ...]
    severity: SeverityView | None


def duty_lines(assessed: PerimeterAssessment, language: str) -> tuple[DutyLine, ...]:
    """The duties that a perimeter can have at all: there is no client of our own data."""
    return tuple(
        DutyLine(
            name=one.name,
            outcome=one.outcome,
            owed_by=one.owed_by,
            reasons=one.words(language),
            article=one.article.in_language(language),
            speaking_for=tuple(each.rule.title.in_language(language) for each in one.speaking_for),
            speaking_against=tuple(each.rule.title.in_language(language) for each in one.speaking_against),
            postponed_until=one.postponed.until if one.postponed else None,
        )
        for one in explained_duties(assessed)
        if one.name != "clients" or not assessed.perimeter.is_ours
    )


def perimeter_cards(dossier: Dossier, content: ContentWords, language: str, now: datetime) -> tuple[PerimeterCard, ...]:
    """One card per controller, our own first."""
    return tuple(_card(one, dossier, content, language, now) for one in dossier.assessment.perimeters)


def _card(
    assessed: PerimeterAssessment, dossier: Dossier, content: ContentWords, language: str, now: datetime
) -> PerimeterCard:
    perimeter, inventory = assessed.perimeter, dossier.inventory
    activities = [(one, inventory.activity(one)) for one in perimeter.activities]
    return PerimeterCard(
        key=perimeter.key,
        role=perimeter.our_role,
        is_ours=perimeter.is_ours,
        controller=perimeter.controller,
        activities=tuple(found.name.in_language(language) if found else one for one, found in activities),
        systems=system_names(perimeter.systems, inventory, language),
        data=tuple(data_tags(assessed, dossier, content, language)),
        is_data_from_inventory=_is_from_inventory(assessed, "data.categories"),
        personal_data=assessed.personal_data,
        persons=assessed.number_of_persons,
        is_number_from_inventory=_is_from_inventory(assessed, "persons.number"),
        owed=tuple(_owed(perimeter.key, dossier, now)),
        duties=(("authority", assessed.duties.authority), ("persons", assessed.duties.persons)),
        risk=risk_of(assessed.risk),
        owed_by=assessed.owed_by,
        explained=duty_lines(assessed, language),
        severity=severity_view(severity_in(assessed), language),
    )


def _is_from_inventory(assessed: PerimeterAssessment, name: str) -> bool:
    return name in assessed.facts and assessed.facts[name].provenance is Provenance.INVENTORY


def data_tags(
    assessed: PerimeterAssessment, dossier: Dossier, content: ContentWords, language: str
) -> Iterable[DataTag]:
    """The kinds of data of a perimeter in the words of the CNIL form, special categories marked."""
    known = content.facts.get("data.categories")
    words: Mapping[str, str] = {
        code: text.in_language(language) for code, text in ((known.choices if known else None) or {}).items()
    }
    of_inventory = {one.cnil: one for one in dossier.inventory.data_categories}
    fact = assessed.facts.get("data.special_categories")
    special = fact.value if fact and isinstance(fact.value, frozenset) else frozenset()
    for code in assessed.data_categories:
        category = of_inventory.get(code)
        name = words.get(code) or (category.name.in_language(language) if category else code.replace("_", " "))
        yield DataTag(name, code in special or bool(category and category.is_special))


def _owed(key: str, dossier: Dossier, now: datetime) -> Iterable[OwedLine]:
    for one in dossier.obligations:
        state = state_of(one, now)
        if one.perimeter == key and state is not ClockState.WITHDRAWN:
            yield OwedLine(one.duty, badge_for(state, one.is_provisional, one.advice))
