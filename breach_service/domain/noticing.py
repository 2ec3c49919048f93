"""How a notice is cut out of a dossier: one obligation's recipient, its own part, nothing that covers others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.alert import Signal
from breach_service.domain.assessment import PerimeterAssessment
from breach_service.domain.conditions import NumberRange, Truth
from breach_service.domain.deadlines import DutyKind, Obligation, RegimeKind
from breach_service.domain.discovery import discovery_of
from breach_service.domain.dossier import Dossier, Filing, may_be_late_with_reasons
from breach_service.domain.facts import Fact, FactType, Provenance, ScopeKind
from breach_service.domain.incident import Episode, InstantKind, Perimeter, instants_for, persons_at
from breach_service.domain.inventory import DataCategory, Inventory, ProcessingActivity, Provider
from breach_service.domain.known import MISSING, Known, known_from
from breach_service.domain.measures import parts_for
from breach_service.domain.notice import ActivityPart, Notice, addressees_for, languages_for, slug_of
from breach_service.domain.rules import Loss
from breach_service.domain.text import Text
from breach_service.errors import N_, NotFound, Sentence

SPECIAL_KEYS = frozenset(
    {
        "racial_origin", "political", "philosophical", "trade_union", "sexual_orientation", "health", "biometric",
        "genetic",
    }
)  # fmt: skip
"""The keys of data categories that are special under GDPR Art. 9."""

_CONTEXT = frozenset({Signal.HEARTBEAT, Signal.OPERATIONS, Signal.ROUTINE})
"""Signals that say nothing of what happened."""


@dataclass(frozen=True)
class Concerned:
    """Keys of the categories of data concerned, and whether a person said so."""

    keys: frozenset[str]
    is_narrowed: bool


def notice_for(
    dossier: Dossier,
    obligation: Obligation,
    signal_words: Mapping[Signal, Text],
    now: datetime,
    fact_types: Mapping[str, FactType],
) -> Notice:
    """The part of a dossier that one obligation's letter may speak of.

    `signal_words` say what each signal means in a letter (a signal without words is passed over); `fact_types` give the
    words of choices and sets. Raises NotFound where the obligation's perimeter is no longer part of the incident.
    """
    assessed = dossier.perimeter(obligation.perimeter)
    if assessed is None:
        raise NotFound(
            Sentence(
                N_("%(reference)s no longer has a part %(part)s: withdraw its letter."),
                reference=dossier.incident.reference,
                part=obligation.perimeter,
            )
        )
    perimeter = assessed.perimeter
    is_alone = len(dossier.assessment.perimeters) == 1
    facts = {name: one for name, one in assessed.facts.items() if is_of(perimeter, one, is_alone)}
    known = {name: known_from(fact, fact_types) for name, fact in facts.items()}
    concerned = concerned_data(facts)
    activities = _activities_of(perimeter, dossier.inventory, concerned)
    filings = dossier.filings_before(obligation)
    told = _told(perimeter, dossier)
    client = dossier.inventory.client(perimeter.client or "")
    ends_at, is_target = obligation.fulfilled_at or now, obligation.terms.kind is RegimeKind.TARGET
    return Notice(
        slug=slug_of(obligation),
        language=languages_for(dossier, obligation)[0],
        reference=dossier.incident.reference,
        organisation=dossier.organisation,
        our_role=perimeter.our_role,
        controller=perimeter.controller,
        client=client,
        activities=activities,
        further_data=_further_data(activities, concerned, fact_types),
        providers=_providers_of(perimeter, dossier.inventory) if perimeter.is_ours else (),
        signals=_signals_of(perimeter, dossier.episodes, signal_words),
        instants=_instants_of(perimeter, dossier),
        losses={loss: _loss(loss, assessed, known) for loss in Loss},
        facts=known,
        number_of_persons=_number_of_persons(perimeter, facts.get("persons.number"), dossier.inventory),
        persons_duty=assessed.duties.persons,
        persons_told_at=told.sent_at if told else None,
        persons_told_by=told.means if told else "",
        terms=obligation.terms,
        triggered_at=obligation.triggered_at,
        due_at=obligation.due_at,
        is_late=not is_target and obligation.due_at is not None and ends_at > obligation.due_at,
        sent_at=filings[-1].sent_at if filings else None,
        receipt=filings[0].receipt if filings else "",
        data=concerned.keys,
        measures=parts_for(dossier.measures, perimeter.key, slug_of(obligation), _kinds_of_measures(fact_types)),
        addressees=addressees_for(client, dossier, now) if client else (),
        delay_reason=_delay_reason(dossier, obligation),
        discovery=discovery_of(dossier.incident, dossier.timeline),
    )


def _delay_reason(dossier: Dossier, obligation: Obligation) -> str:
    said = dossier.delay_reason_for(obligation) if may_be_late_with_reasons(obligation) else None
    return said.reason if said else ""


def _kinds_of_measures(fact_types: Mapping[str, FactType]) -> Mapping[str, Text]:
    known = fact_types.get("measures.taken")
    return (known.choices if known else None) or {}


_OF_PERSONS = ("data.", "persons.", "records.")
"""Facts that say whose data and how many: they differ from one controller to the next."""


def is_of(perimeter: Perimeter, fact: Fact, is_alone: bool) -> bool:
    """True if a fact speaks of this controller's part only.

    Where several controllers are touched, what was recorded of the data and the persons of a whole incident or system
    covers them all, and what was recorded of an activity covers every client of it. A figure in a client's letter must
    have been recorded for that client; durations (names in `_hours`) are the same for all.
    """
    if is_alone:
        return True
    about_persons = fact.name.startswith(_OF_PERSONS)
    if about_persons and fact.scope.kind in (ScopeKind.INCIDENT, ScopeKind.SYSTEM):
        return False
    if perimeter.client is None or not isinstance(fact.value, NumberRange) or fact.name.endswith("_hours"):
        return True
    return fact.scope.kind is ScopeKind.CLIENT


def _loss(loss: Loss, assessed: PerimeterAssessment, known: Mapping[str, Known]) -> Known:
    truth = assessed.losses[loss]
    said = known.get(f"loss.{loss}", MISSING)
    if truth is Truth.UNKNOWN:
        return said if said.is_open else MISSING
    # Where the loss itself was not spoken of, it follows from there having been no compromise at all.
    behind = said if said.is_known else known.get("incident.compromise_suspected", MISSING)
    return Known(truth, behind.standing)


def _instants_of(perimeter: Perimeter, dossier: Dossier) -> dict[InstantKind, datetime]:
    recorded = {kind: one.at for kind, one in instants_for(perimeter.key, dossier.instants).items()}
    return {InstantKind.DETECTED_AT: dossier.incident.detected_at, **recorded}


def _signals_of(perimeter: Perimeter, episodes: Iterable[Episode], words: Mapping[Signal, Text]) -> tuple[Text, ...]:
    concerned = [one for one in episodes if not one.systems or not set(one.systems).isdisjoint(perimeter.systems)]
    ordered = sorted(concerned, key=lambda one: one.occurred_at)
    named = [one.signal for one in ordered if one.signal not in _CONTEXT]
    return tuple(dict.fromkeys(words[one] for one in named if one in words))


def _activities_of(perimeter: Perimeter, inventory: Inventory, concerned: Concerned) -> tuple[ActivityPart, ...]:
    return tuple(
        ActivityPart(one.name, one.purposes, _data_in(one, inventory, concerned), one.persons)
        for one in filter(None, map(inventory.activity, perimeter.activities))
    )


def _data_in(activity: ProcessingActivity, inventory: Inventory, concerned: Concerned) -> tuple[DataCategory, ...]:
    held = filter(None, map(inventory.data_category, activity.data))
    return tuple(one for one in held if not concerned.is_narrowed or one.cnil in concerned.keys)


def concerned_data(facts: Mapping[str, Fact]) -> Concerned:
    """Which data are concerned, as the facts stand; only a person's word narrows the inventory down.

    The special categories are asked for on their own: a person's answer there replaces what the inventory says of them.
    """
    categories, special = facts.get("data.categories"), facts.get("data.special_categories")
    is_narrowed = any(one is not None and one.provenance is Provenance.PERSON for one in (categories, special))
    keys = _set_of(categories)
    if special is not None and special.provenance is Provenance.PERSON:
        keys -= SPECIAL_KEYS
    return Concerned(keys | _set_of(special), is_narrowed)


def _set_of(fact: Fact | None) -> frozenset[str]:
    return fact.value if fact is not None and isinstance(fact.value, frozenset) else frozenset()


def _further_data(
    activities: tuple[ActivityPart, ...], concerned: Concerned, types: Mapping[str, FactType]
) -> tuple[DataCategory, ...]:
    """What a person recorded beyond the inventory, in the words of the fact."""
    named = {data.cnil for part in activities for data in part.data}
    choices = (types["data.categories"].choices if "data.categories" in types else None) or {}
    return tuple(
        DataCategory(id=key.replace("_", "-"), name=text, cnil=key, is_special=key in SPECIAL_KEYS)
        for key, text in choices.items()
        if key in concerned.keys and key not in named
    )


def _providers_of(perimeter: Perimeter, inventory: Inventory) -> tuple[Provider, ...]:
    named = [name for one in filter(None, map(inventory.activity, perimeter.activities)) for name in one.providers]
    return tuple(one for one in inventory.providers if one.id in named)


def _number_of_persons(perimeter: Perimeter, fact: Fact | None, inventory: Inventory) -> Known:
    """What a person said; else what the inventory knows of all the activities together, some being in several."""
    if fact is None or fact.provenance is not Provenance.INVENTORY:
        return known_from(fact, {})
    parts = {one.activity: persons_at(one, inventory) for one in perimeter.exposures}
    known = [part for part in parts.values() if part is not None]
    least = max((part[0] for part in known), default=None)
    most = sum(part[1] for part in known) if len(known) == len(parts) else None
    return Known(NumberRange(least, most), known_from(fact, {}).standing)


def _told(perimeter: Perimeter, dossier: Dossier) -> Filing | None:
    """The first message to the persons of this perimeter."""
    owed = {one.id for one in dossier.obligations if one.duty is DutyKind.PERSONS and one.perimeter == perimeter.key}
    return next((one for one in dossier.filings if one.obligation in owed), None)
