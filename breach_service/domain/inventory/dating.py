"""The inventory as it stood: what held on a day, or while a breach lasted."""

from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from breach_service.domain.inventory.activities import ProcessingActivity
from breach_service.domain.inventory.clients import Client
from breach_service.domain.inventory.parts import Dated
from breach_service.domain.inventory.providers import Provider
from breach_service.domain.inventory.systems import System
from breach_service.domain.inventory.whole import Inventory

_DatedPart = TypeVar("_DatedPart", bound=Dated)


def as_of(inventory: Inventory, at: datetime) -> Inventory:
    """The inventory as it stood at an instant (aware): `during` of one instant."""
    return during(inventory, at, at)


def during(inventory: Inventory, begun_at: datetime, ended_at: datetime) -> Inventory:
    """What held at any time between two instants (aware, in order): what a breach of that time may have touched.

    Days are those of the first organisation's zone. A former client stands in it until the deletion of its data,
    backups included, is certified. Where a client's terms changed, `contract.notice_hours` and `clause` are those of
    the term in force at the end; working hours stand there as hours, which end earlier. References to what did not
    hold are left out, so that the result has no faults.
    Raises ValueError for a naive instant or for two that are not in order.
    """
    if begun_at.tzinfo is None or ended_at.tzinfo is None:
        raise ValueError("the instants need a time zone")
    if begun_at > ended_at:
        raise ValueError(f"the end {ended_at} is before the beginning {begun_at}")
    zone = ZoneInfo(inventory.organisations[0].zone if inventory.organisations else "UTC")
    first, last = begun_at.astimezone(zone).date(), ended_at.astimezone(zone).date()
    clients = tuple(_client(one, first, last) for one in inventory.clients if one.counts_between(first, last))
    whole = inventory.model_copy(
        update={
            "organisations": _held(inventory.organisations, first, last) or inventory.organisations[:1],
            "data_categories": _held(inventory.data_categories, first, last),
            "systems": _held(inventory.systems, first, last),
            "activities": _held(inventory.activities, first, last, *_kept_for(clients)),
            "groups": _held(inventory.groups, first, last, *(one.group for one in clients if one.group)),
            "clients": clients,
            "providers": _held(inventory.providers, first, last),
        }
    )
    return _without_broken_references(whole, last)


def _held(parts: tuple[_DatedPart, ...], first: date, last: date, *also: str) -> tuple[_DatedPart, ...]:
    """Those that held, and those of the ids `also`."""
    return tuple(one for one in parts if one.holds_between(first, last) or getattr(one, "id", "") in also)


def _kept_for(clients: tuple[Client, ...]) -> tuple[str, ...]:
    """Activities that a client still has data in, ended or not."""
    return tuple({part.activity for client in clients for part in client.activities})


def _client(client: Client, first: date, last: date) -> Client:
    term = client.contract.notice_on(last)
    contract = client.contract
    if term is not None:
        # Working hours taken as elapsed ones end earlier, never later, than what the contract says.
        hours = term.hours or term.working_hours or contract.notice_hours
        contract = contract.model_copy(update={"notice_hours": hours, "clause": term.clause})
    activities = tuple(one for one in client.activities if one.counts_between(first, last))
    return client.model_copy(update={"contract": contract, "activities": activities})


def _without_broken_references(whole: Inventory, last: date) -> Inventory:
    known = {part: {one.id for one in getattr(whole, part)} for part in type(whole).model_fields}
    return whole.model_copy(
        update={
            "systems": tuple(_system(one, known) for one in whole.systems),
            "activities": tuple(_activity(one, known) for one in whole.activities),
            "clients": tuple(_mandates(one, known["clients"]) for one in whole.clients),
            "providers": tuple(_provider(one, known["activities"], last) for one in whole.providers),
        }
    )


def _system(system: System, known: dict[str, set[str]]) -> System:
    return system.model_copy(
        update={"activities": tuple(one for one in system.activities if one in known["activities"])}
    )


def _activity(activity: ProcessingActivity, known: dict[str, set[str]]) -> ProcessingActivity:
    data = known["data_categories"]
    return activity.model_copy(
        update={
            "data": tuple(one for one in activity.data if one in data),
            "data_described": {one: words for one, words in activity.data_described.items() if one in data},
            "clients": tuple(one for one in activity.clients if one in known["clients"]),
            "providers": tuple(one for one in activity.providers if one in known["providers"]),
        }
    )


def _mandates(client: Client, clients: set[str]) -> Client:
    contacts = []
    for contact in client.contacts:
        mandate = contact.mandate
        if mandate is not None:
            named = tuple(one for one in mandate.clients if one in clients)
            mandate = mandate.model_copy(update={"clients": named}) if named else None
        contacts.append(contact.model_copy(update={"mandate": mandate}))
    return client.model_copy(update={"contacts": tuple(contacts)})


def _provider(provider: Provider, activities: set[str], last: date) -> Provider:
    taken = tuple(one for one in provider.activities if one.activity in activities and one.holds_between(last, last))
    return provider.model_copy(update={"activities": taken})
