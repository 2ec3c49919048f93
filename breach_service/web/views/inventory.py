"""The page of the inventory: what runs, how alerts find it, whose data it holds, and who must hear within how long."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from breach_service.domain.inventory import Client, Contact, Inventory, ProcessingActivity, Provider, Role, System
from breach_service.web.views.perimeters import DataTag


@dataclass(frozen=True)
class SystemRow:
    """A system, with everything by which an alert finds it."""

    id: str
    name: str
    description: str
    hosts: tuple[str, ...]
    networks: tuple[str, ...]
    labels: tuple[str, ...]
    applications: tuple[str, ...]
    activities: tuple[str, ...]
    is_in_production: bool

    @property
    def can_be_found(self) -> bool:
        """False where no alert can ever name it."""
        return bool(self.hosts or self.networks or self.labels or self.applications)


@dataclass(frozen=True)
class ActivityRow:
    """A line of the record of processing activities."""

    id: str
    name: str
    role: Role
    controllers: tuple[str, ...]
    data: tuple[DataTag, ...]
    persons: tuple[str, ...]
    number_of_persons: tuple[int, int] | None
    systems: tuple[str, ...]


@dataclass(frozen=True)
class ClientRow:
    """A client, and within how many hours its contract wants to hear (None: as the law says)."""

    id: str
    name: str
    role: Role
    hours: float | None
    clause: str
    ends_on: date | None
    contacts: tuple[Contact, ...]
    activities: tuple[str, ...]


@dataclass(frozen=True)
class ProviderRow:
    """Somebody through whom we process."""

    id: str
    name: str
    service: str
    role: str
    country: str
    hours: float | None
    contact: Contact | None


@dataclass(frozen=True)
class InventoryPage:
    """The context variable `page` of `inventory.html`."""

    systems: tuple[SystemRow, ...]
    activities: tuple[ActivityRow, ...]
    clients: tuple[ClientRow, ...]
    providers: tuple[ProviderRow, ...]
    not_found: int
    """Systems that no alert can find."""
    without_contact: int
    """Clients that nobody can write to."""
    is_empty: bool


def inventory_page(inventory: Inventory, language: str) -> InventoryPage:
    """The whole inventory, in its own order."""
    systems = tuple(_system(one, inventory, language) for one in inventory.systems)
    clients = tuple(_client(one, inventory, language) for one in inventory.clients)
    return InventoryPage(
        systems=systems,
        activities=tuple(_activity(one, inventory, language) for one in inventory.activities),
        clients=clients,
        providers=tuple(_provider(one, language) for one in inventory.providers),
        not_found=sum(not one.can_be_found for one in systems),
        without_contact=sum(not one.contacts for one in clients),
        is_empty=not (inventory.systems or inventory.activities or inventory.clients),
    )


def _activity_names(ids: Iterable[str], inventory: Inventory, language: str) -> tuple[str, ...]:
    found = ((one, inventory.activity(one)) for one in ids)
    return tuple(activity.name.in_language(language) if activity else one for one, activity in found)


def _system(system: System, inventory: Inventory, language: str) -> SystemRow:
    return SystemRow(
        id=system.id,
        name=system.name.in_language(language),
        description=system.description.in_language(language) if system.description else "",
        hosts=system.match.hosts,
        networks=system.match.networks,
        labels=tuple(f"{key}={value}" for key, value in system.match.labels.items()),
        applications=system.match.applications,
        activities=_activity_names(system.activities, inventory, language),
        is_in_production=system.is_in_production,
    )


def _activity(activity: ProcessingActivity, inventory: Inventory, language: str) -> ActivityRow:
    categories = [(one, inventory.data_category(one)) for one in activity.data]
    named = [inventory.client(one) for one in activity.clients]
    named += [one for one in inventory.clients if any(part.activity == activity.id for part in one.activities)]
    clients = tuple(dict.fromkeys(one.name for one in named if one))
    return ActivityRow(
        id=activity.id,
        name=activity.name.in_language(language),
        role=activity.our_role,
        controllers=clients or ((activity.controller,) if activity.controller else ()),
        data=tuple(
            DataTag(found.name.in_language(language) if found else one, bool(found and found.is_special))
            for one, found in categories
        ),
        persons=tuple(one.in_language(language) for one in activity.persons),
        number_of_persons=activity.number_of_persons,
        systems=tuple(one.name.in_language(language) for one in inventory.systems if activity.id in one.activities),
    )


def _client(client: Client, inventory: Inventory, language: str) -> ClientRow:
    own = [one.activity for one in client.activities]
    listed = [one.id for one in inventory.activities if client.id in one.clients]
    return ClientRow(
        id=client.id,
        name=client.name,
        role=client.our_role,
        hours=client.contract.notice_hours,
        clause=client.contract.clause,
        ends_on=client.contract.ends_on,
        contacts=client.contacts,
        activities=_activity_names(dict.fromkeys([*own, *listed]), inventory, language),
    )


def _provider(provider: Provider, language: str) -> ProviderRow:
    return ProviderRow(
        id=provider.id,
        name=provider.name,
        service=provider.service.in_language(language),
        role=provider.role,
        country=provider.country,
        hours=provider.notice_hours,
        contact=provider.contact,
    )
