"""The page of the inventory: what runs, how alerts find it, whose data it holds, and who must hear within how long."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from breach_service.domain.inventory import Client, Contact, Inventory, ProcessingActivity, Provider, Role, System
from breach_service.domain.text import Text
from breach_service.domain.unknown_names import HOLDS_PERSONAL_DATA
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
    accounts: tuple[str, ...]
    applications: tuple[str, ...]
    activities: tuple[str, ...]
    is_in_production: bool
    ended_on: date | None
    is_unsaid: bool = False
    """True where somebody said that it is not known yet what it processes."""

    @property
    def can_be_found(self) -> bool:
        """False where no alert can ever name it."""
        return bool(self.hosts or self.networks or self.labels or self.accounts or self.applications)


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
    ended_on: date | None


@dataclass(frozen=True)
class ClientRow:
    """A client, and within how many hours its contract wants to hear (None: as the law says)."""

    id: str
    name: str
    role: Role
    hours: float | None
    is_working_hours: bool
    clause: str
    ends_on: date | None
    contacts: tuple[Contact, ...]
    activities: tuple[str, ...]
    ended_on: date | None


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
    ended_on: date | None


@dataclass(frozen=True)
class OtherRow:
    """An organisation, a category of data or a group: its name, and one thing more to tell it by."""

    id: str
    name: str
    more: str
    ended_on: date | None


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
    others: tuple[tuple[str, tuple[OtherRow, ...]], ...]
    """By part: organisations, categories of data, groups."""
    may_manage: bool


def inventory_page(
    inventory: Inventory, language: str, may: frozenset[str] = frozenset(), kinds: Mapping[str, Text] | None = None,
    today: date | None = None,
) -> InventoryPage:  # fmt: skip
    """The whole inventory, in its own order; what ended stands behind what holds. `kinds`: words of the CNIL form.

    `today` tells which dated terms of a contract hold; without it those that never changed are shown.
    """
    systems = tuple(_system(one, inventory, language) for one in inventory.systems)
    clients = tuple(_client(one, inventory, language, today) for one in inventory.clients)
    return InventoryPage(
        systems=_held_first(systems),
        activities=_held_first(_activity(one, inventory, language) for one in inventory.activities),
        clients=_held_first(clients),
        providers=_held_first(_provider(one, language) for one in inventory.providers),
        not_found=sum(not one.can_be_found and one.ended_on is None for one in systems),
        without_contact=sum(not one.contacts and one.ended_on is None for one in clients),
        is_empty=not (inventory.systems or inventory.activities or inventory.clients),
        others=tuple(_others(inventory, language, kinds or {})),
        may_manage="manage_inventory" in may,
    )


_Row = TypeVar("_Row", SystemRow, ActivityRow, ClientRow, ProviderRow, OtherRow)


def _held_first(rows: Iterable[_Row]) -> tuple[_Row, ...]:
    return tuple(sorted(rows, key=lambda one: one.ended_on is not None))


def _others(
    inventory: Inventory, language: str, kinds: Mapping[str, Text]
) -> Iterator[tuple[str, tuple[OtherRow, ...]]]:  # fmt: skip
    """What has no table of its own; a group that nobody needed yet is offered all the same."""
    organisations = (OtherRow(one.id, one.name, one.city, one.valid_to) for one in inventory.organisations)
    categories = (
        OtherRow(
            one.id, one.name.in_language(language),
            kinds[one.cnil].in_language(language) if one.cnil in kinds else one.cnil, one.valid_to,
        )
        for one in inventory.data_categories
    )  # fmt: skip
    groups = (OtherRow(one.id, one.name, one.id, one.valid_to) for one in inventory.groups)
    yield "organisations", _held_first(organisations)
    yield "data_categories", _held_first(categories)
    yield "groups", _held_first(groups)


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
        accounts=system.match.accounts,
        applications=system.match.applications,
        activities=_activity_names(system.activities, inventory, language),
        is_unsaid=not system.activities and system.facts.get(HOLDS_PERSONAL_DATA) == "unknown",
        is_in_production=system.is_in_production,
        ended_on=system.valid_to,
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
        ended_on=activity.valid_to,
    )


def _client(client: Client, inventory: Inventory, language: str, today: date | None) -> ClientRow:
    contract = client.contract
    term = contract.notice_on(today) if today is not None else None
    own = [one.activity for one in client.activities]
    listed = [one.id for one in inventory.activities if client.id in one.clients]
    return ClientRow(
        id=client.id,
        name=client.name,
        role=client.our_role,
        hours=(term.hours or term.working_hours if term else None) or contract.notice_hours,
        is_working_hours=term is not None and term.hours is None and term.working_hours is not None,
        clause=term.clause if term else contract.clause,
        ends_on=client.contract.ends_on,
        contacts=client.contacts,
        activities=_activity_names(dict.fromkeys([*own, *listed]), inventory, language),
        ended_on=client.valid_to,
    )


def _provider(provider: Provider, language: str) -> ProviderRow:
    return ProviderRow(
        id=provider.id,
        name=provider.name,
        service=provider.service.in_language(language),
        role=provider.role,
        country=provider.country,
        hours=provider.notice_hours,
        contact=provider.security_contact or provider.contact,
        ended_on=provider.valid_to,
    )
