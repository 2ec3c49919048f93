"""An inventory with one entry added, changed or ended, or with another laid in its place."""

from datetime import date
from enum import StrEnum
from typing import Any

from breach_service.domain.inventory.parts import NOT_NAMED_YET
from breach_service.domain.inventory.proposal import PARTS, Entry
from breach_service.domain.inventory.whole import Inventory


class Missing(StrEnum):
    """What becomes of the entries that a file leaves out."""

    KEEP = "keep"
    END = "end"
    """They hold no longer after a day, and stay for what happened before."""
    REMOVE = "remove"
    """They go, as if they had never been: for what was written by mistake."""


def entry_of(inventory: Inventory, part: str, entry_id: str) -> Entry | None:
    """The entry of that id in a part (`systems`, `clients`, …)."""
    return next((one for one in _entries(inventory, part) if one.id == entry_id), None)


def with_entry(inventory: Inventory, part: str, entry: Entry) -> Inventory:
    """The inventory with this entry: in the place of the one of its id, else after the others.

    The organisation that stands in until ours is named gives way to the first that has a name.
    """
    held = [one for one in _entries(inventory, part) if one.id == entry.id or not _stands_in(part, one)]
    ids = [one.id for one in held]
    if entry.id in ids:
        held[ids.index(entry.id)] = entry
    else:
        held.append(entry)
    return inventory.model_copy(update={part: tuple(held)})


def ended_entry(entry: Entry, on: date) -> Entry:
    """The entry that holds until that day, the day included. Raises ValueError where it begins later."""
    return type(entry).model_validate({**_set_fields(entry), "valid_to": on})


def without_stand_in(inventory: Inventory) -> Inventory:
    """The inventory without the organisation that stands in for ours, where another is there."""
    named = tuple(one for one in inventory.organisations if one.id != NOT_NAMED_YET)
    return inventory.model_copy(update={"organisations": named}) if named else inventory


def replaced_by(present: Inventory, given: Inventory, missing: Missing, on: date) -> Inventory:
    """A whole inventory in the place of the present one; `missing` says what becomes of what it leaves out.

    What it gives comes first and in its order, since the first organisation is the one that new incidents belong to.
    With END, what already ended keeps its day; what begins after `on` ends on the day on which it begins.
    """
    if missing is Missing.REMOVE:
        return given
    parts: dict[str, Any] = {}
    for part in PARTS:
        own = _entries(given, part)
        ids = {one.id for one in own}
        left = [one for one in _entries(present, part) if one.id not in ids and not _stands_in(part, one)]
        if missing is Missing.END:
            left = [
                one if one.valid_to is not None else ended_entry(one, max(on, one.valid_from or on)) for one in left
            ]
        parts[part] = (*own, *left)
    return given.model_copy(update=parts)


def _entries(inventory: Inventory, part: str) -> tuple[Entry, ...]:
    entries: tuple[Entry, ...] = getattr(inventory, part)
    return entries


def _stands_in(part: str, entry: Entry) -> bool:
    return part == "organisations" and entry.id == NOT_NAMED_YET


def _set_fields(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in entry.model_fields_set}
