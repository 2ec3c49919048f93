"""What the inventory says of the affected systems and activities, as facts."""

from collections.abc import Iterable, Mapping

from breach_service.domain.conditions import FactValue, NumberRange, Truth, is_unknown
from breach_service.domain.facts import Exposure, Fact, FactType, Provenance, Scope, ScopeKind
from breach_service.domain.incident import Incident, Perimeter, persons_at
from breach_service.domain.inventory import Inventory, ProcessingActivity


def facts_from_inventory(
    incident: Incident, perimeters: Iterable[Perimeter], inventory: Inventory, types: Mapping[str, FactType]
) -> tuple[Fact, ...]:
    """What the inventory says of the affected systems and activities, as facts that anyone may correct.

    What it leaves out (no data listed, no kinds of persons) is not known; it does not mean that there are none.
    """
    found: list[tuple[str, FactValue, Scope]] = []
    for system in filter(None, map(inventory.system, incident.systems)):
        scope = Scope(ScopeKind.SYSTEM, system.id)
        if "system.holds_personal_data" not in system.facts:  # a new system of which that is not known says so
            found.append(("system.holds_personal_data", Truth.YES if system.activities else Truth.NO, scope))
        found.append(("system.in_production", Truth.YES if system.is_in_production else Truth.NO, scope))
        for name, raw in system.facts.items():
            found.append((name, types[name].parse(raw) if name in types else raw, scope))
    for exposure in dict.fromkeys(place for one in perimeters for place in one.exposures):
        activity = inventory.activity(exposure.activity or "")
        if activity is not None:
            found += _said_of(activity, exposure, inventory)
    # What the inventory does not know must not hide what is known of the whole incident.
    return tuple(
        Fact(name, value, scope, Provenance.INVENTORY, "inventory", incident.detected_at)
        for name, value, scope in found
        if not is_unknown(value)
    )


def _said_of(
    activity: ProcessingActivity, exposure: Exposure, inventory: Inventory
) -> Iterable[tuple[str, FactValue, Scope]]:
    client = exposure.client
    scope = Scope(ScopeKind.CLIENT, f"{activity.id}/{client}") if client else Scope(ScopeKind.ACTIVITY, activity.id)
    categories = [found for found in map(inventory.data_category, activity.data) if found]
    if categories:
        yield "data.categories", frozenset(one.cnil for one in categories), scope
        yield "data.special_categories", frozenset(one.cnil for one in categories if one.is_special), scope
    if activity.person_kinds:
        yield "persons.categories", frozenset(activity.person_kinds), scope
    number = persons_at(exposure, inventory)
    if number is not None:
        yield "persons.number", NumberRange(float(number[0]), float(number[1])), scope
