"""Which systems of the operator's inventory an exercise is about."""

from collections.abc import Callable

from breach_service.domain.drills.scenario import Concerned
from breach_service.domain.incident import OWN_PERIMETER, perimeters_of
from breach_service.domain.inventory import Inventory, System


def systems_for(concerned: Concerned, inventory: Inventory, organisation: str) -> tuple[str, ...]:
    """The id of the system that fits best, the first of the inventory among equals; none where there is no system."""
    fits = _FITS[concerned]
    ranked = sorted(inventory.systems, key=lambda one: fits(one, inventory, organisation), reverse=True)
    return (ranked[0].id,) if ranked else ()


def _clients(system: System, inventory: Inventory, organisation: str) -> int:
    return sum(one.client is not None for one in perimeters_of([system.id], inventory, organisation))


def _has_clients(system: System, inventory: Inventory, organisation: str) -> int:
    return min(_clients(system, inventory, organisation), 1)


def _is_own(system: System, inventory: Inventory, organisation: str) -> int:
    found = perimeters_of([system.id], inventory, organisation)
    return int(any(one.key == OWN_PERIMETER and one.activities for one in found))


def _providers(system: System, inventory: Inventory, _organisation: str) -> int:
    activities = filter(None, map(inventory.activity, system.activities))
    return len({provider for one in activities for provider in one.providers})


_FITS: dict[Concerned, Callable[[System, Inventory, str], int]] = {
    Concerned.SHARED: _clients,
    Concerned.CLIENTS: _has_clients,
    Concerned.OWN: _is_own,
    Concerned.PROVIDER: _providers,
}
