"""What a file proposes to add to the inventory or to change in it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from breach_service.domain.inventory.activities import DataCategory, ProcessingActivity
from breach_service.domain.inventory.clients import Client, Group
from breach_service.domain.inventory.elsewhere import Elsewhere
from breach_service.domain.inventory.parts import Organisation
from breach_service.domain.inventory.providers import Provider
from breach_service.domain.inventory.systems import System

Entry: TypeAlias = Organisation | DataCategory | System | ProcessingActivity | Group | Client | Provider | Elsewhere

PARTS: Mapping[str, type[Entry]] = {
    "organisations": Organisation,
    "data_categories": DataCategory,
    "systems": System,
    "activities": ProcessingActivity,
    "groups": Group,
    "clients": Client,
    "providers": Provider,
    "elsewhere": Elsewhere,
}
"""The parts of an inventory by the key that they have in the file."""


@dataclass(frozen=True)
class Proposal:
    """Entries as a file gives them. Only the fields that the file set count (`model_fields_set`)."""

    organisations: tuple[Organisation, ...] = ()
    data_categories: tuple[DataCategory, ...] = ()
    systems: tuple[System, ...] = ()
    activities: tuple[ProcessingActivity, ...] = ()
    groups: tuple[Group, ...] = ()
    clients: tuple[Client, ...] = ()
    providers: tuple[Provider, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    is_partial: bool = False
    """Whoever made it saw a part only (a scan, a platform): its lists add to those that are there, in place of
    replacing them."""

    def entries(self) -> Iterator[tuple[str, tuple[Entry, ...]]]:
        """The parts by name, empty ones included."""
        for part in PARTS:
            yield part, getattr(self, part)

    @classmethod
    def of(cls, parts: Mapping[str, Iterable[Entry]], *, is_partial: bool = False) -> "Proposal":
        """From the parts by name."""
        return cls(is_partial=is_partial, **{name: tuple(entries) for name, entries in parts.items()})  # type: ignore[arg-type]
