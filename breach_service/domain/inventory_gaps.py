"""What the inventory leaves open of the systems of an incident: questions whose answers make its assessment sharper."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from breach_service.domain.inventory import Inventory, ProcessingActivity, Role, System
from breach_service.domain.unknown_names import HOLDS_PERSONAL_DATA


class GapKind(StrEnum):
    """What is not said."""

    SYSTEM_WITHOUT_ACTIVITY = "system_without_activity"
    """Nobody said what it processes, nor that it holds no personal data."""
    ACTIVITY_WITHOUT_DATA = "activity_without_data"
    ACTIVITY_WITHOUT_PERSONS = "activity_without_persons"
    """The number of persons is not known where we are controller."""
    CLIENTS_WITHOUT_PERSONS = "clients_without_persons"
    """The number of persons is not known of some clients."""
    ACTIVITY_WITHOUT_CLIENT = "activity_without_client"
    """We process for others, and nobody says for whom: nobody would be told."""


@dataclass(frozen=True)
class Gap:
    """One thing that the inventory does not say."""

    kind: GapKind
    id: str
    """Of the system or of the activity."""
    clients: tuple[str, ...] = ()
    """Of which clients, by id."""


def gaps_of(systems: Iterable[str], inventory: Inventory) -> tuple[Gap, ...]:
    """What the inventory leaves open of some systems (by id) and of what they process, each once."""
    known = [one for one in map(inventory.system, systems) if one is not None]
    found = [Gap(GapKind.SYSTEM_WITHOUT_ACTIVITY, one.id) for one in known if _is_open(one)]
    activities = dict.fromkeys(one for system in known for one in system.activities)
    for activity in filter(None, map(inventory.activity, activities)):
        found += _of_activity(activity, inventory)
    return tuple(found)


def _is_open(system: System) -> bool:
    return not system.activities and str(system.facts.get(HOLDS_PERSONAL_DATA, "unknown")) == "unknown"


def _of_activity(activity: ProcessingActivity, inventory: Inventory) -> Iterator[Gap]:
    if not activity.data:
        yield Gap(GapKind.ACTIVITY_WITHOUT_DATA, activity.id)
    if activity.our_role in (Role.CONTROLLER, Role.JOINT):
        if activity.number_of_persons is None:
            yield Gap(GapKind.ACTIVITY_WITHOUT_PERSONS, activity.id)
        return
    parts = {one.id: [part for part in one.activities if part.activity == activity.id] for one in inventory.clients}
    taking = [key for key, found in parts.items() if found or key in activity.clients]
    if not taking:
        yield Gap(GapKind.ACTIVITY_WITHOUT_CLIENT, activity.id)
    unsaid = tuple(key for key in taking if not any(part.number_of_persons for part in parts[key]))
    if unsaid:
        yield Gap(GapKind.CLIENTS_WITHOUT_PERSONS, activity.id, unsaid)
