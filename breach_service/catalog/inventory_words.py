"""The words that an inventory uses for facts, data and persons, checked where there is no file to point into."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from breach_service.catalog.checks import Loaded, faults_in_inventory, faults_in_texts
from breach_service.catalog.conditions import FactNames
from breach_service.catalog.documents import Document, Where
from breach_service.catalog.faults import Fault
from breach_service.domain.facts import FactType
from breach_service.domain.inventory import Inventory


def strange_words(inventory: Inventory, facts: Mapping[str, FactType]) -> tuple[str, ...]:
    """What the catalogue does not know, and texts that are empty: one sentence each, with the entry and its field."""
    document = _Unwritten("", None, {}, {}, inventory)
    loaded = Loaded(inventory, document)
    found = [*faults_in_texts(loaded), *faults_in_inventory(loaded, FactNames(facts, frozenset(facts)))]
    return tuple(dict.fromkeys(f"{one.path}: {one.message}" for one in found))


@dataclass(frozen=True)
class _Unwritten(Document):
    """A document that stands in no file: its faults are told by the entry and the field that they are in."""

    inventory: Inventory = field(default_factory=lambda: Inventory(organisations=()))

    def fault(self, where: Where, message: str) -> Fault:
        """The fault, with the way to it in the place of a path."""
        return Fault(".".join(map(str, self._named(where))), 1, 1, message)

    def _named(self, where: Where) -> tuple[Any, ...]:
        if len(where) < 2 or not isinstance(where[1], int):
            return where
        entry = getattr(self.inventory, str(where[0]))[where[1]]
        rest = [one + 1 if isinstance(one, int) else one for one in where[2:]]
        return (where[0], entry.id, *rest)
