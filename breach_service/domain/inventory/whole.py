"""The whole inventory, its references and its questions."""

from collections.abc import Iterable
from typing import TypeAlias

from breach_service.domain.alert import Alert
from breach_service.domain.inventory.activities import DataCategory, ProcessingActivity
from breach_service.domain.inventory.clients import Client, Group
from breach_service.domain.inventory.elsewhere import Elsewhere
from breach_service.domain.inventory.matching import matches
from breach_service.domain.inventory.parts import Organisation, Part
from breach_service.domain.inventory.providers import Provider
from breach_service.domain.inventory.systems import System

Place: TypeAlias = tuple[str | int, ...]
Fault: TypeAlias = tuple[Place, str]
"""Where in the document, and a sentence."""


class Inventory(Part):
    """The whole inventory; every reference inside it is checked."""

    organisations: tuple[Organisation, ...]
    data_categories: tuple[DataCategory, ...] = ()
    systems: tuple[System, ...] = ()
    activities: tuple[ProcessingActivity, ...] = ()
    groups: tuple[Group, ...] = ()
    clients: tuple[Client, ...] = ()
    providers: tuple[Provider, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    """What alerts name and is not ours."""

    def faults(self) -> list[Fault]:
        """Every broken reference and double id: (path into the document, sentence)."""
        found: list[Fault] = []
        for part in type(self).model_fields:
            seen: set[str] = set()
            for index, item in enumerate(getattr(self, part)):
                if item.id in seen:
                    found.append(((part, index, "id"), f"the id {item.id} is used twice among the {part}"))
                seen.add(item.id)
        if not self.organisations:
            found.append((("organisations",), "at least one organisation is needed"))
        known = {part: {item.id for item in getattr(self, part)} for part in type(self).model_fields}
        for place, kind, one in self.references():
            if one not in known[kind]:
                found.append((place, f"{one} is not among the {kind} of this inventory"))
        return found

    def references(self) -> Iterable[tuple[Place, str, str]]:
        """Every reference inside: where it stands, among what it should be found, and the id."""
        for index, system in enumerate(self.systems):
            for at, one in enumerate(system.activities):
                yield ("systems", index, "activities", at), "activities", one
        for index, activity in enumerate(self.activities):
            for field, kind in (("data", "data_categories"), ("clients", "clients"), ("providers", "providers")):
                for at, one in enumerate(getattr(activity, field)):
                    yield ("activities", index, field, at), kind, one
            for one in activity.data_described:
                yield ("activities", index, "data_described", one), "data_categories", one
        for index, client in enumerate(self.clients):
            yield from _references_of_client(index, client)
        for index, provider in enumerate(self.providers):
            for at, taken in enumerate(provider.activities):
                yield ("providers", index, "activities", at, "activity"), "activities", taken.activity

    def system(self, system_id: str) -> System | None:
        """The system of that id."""
        return next((one for one in self.systems if one.id == system_id), None)

    def activity(self, activity_id: str) -> ProcessingActivity | None:
        """The processing activity of that id."""
        return next((one for one in self.activities if one.id == activity_id), None)

    def client(self, client_id: str) -> Client | None:
        """The client of that id."""
        return next((one for one in self.clients if one.id == client_id), None)

    def data_category(self, category_id: str) -> DataCategory | None:
        """The data category of that id."""
        return next((one for one in self.data_categories if one.id == category_id), None)

    def systems_of(self, alert: Alert) -> tuple[System, ...]:
        """The systems that an alert is about, in the order of the inventory (`systems_found` says why)."""
        return tuple(system for system in self.systems if matches(system.match, alert))


def _references_of_client(index: int, client: Client) -> Iterable[tuple[Place, str, str]]:
    if client.group is not None:
        yield ("clients", index, "group"), "groups", client.group
    for at, part in enumerate(client.activities):
        yield ("clients", index, "activities", at, "activity"), "activities", part.activity
    for at, contact in enumerate(client.contacts):
        for number, one in enumerate(contact.mandate.clients if contact.mandate else ()):
            yield ("clients", index, "contacts", at, "mandate", "clients", number), "clients", one
