"""An inventory with what a file proposes in it; what people wrote by hand and the file does not give stays."""

from datetime import date
from typing import Any

from breach_service.domain.alert import Alert, Entity, EntityKind, Signal
from breach_service.domain.inventory.matching import matches
from breach_service.domain.inventory.parts import Part
from breach_service.domain.inventory.proposal import PARTS, Entry, Proposal
from breach_service.domain.inventory.systems import System
from breach_service.domain.inventory.whole import Inventory
from breach_service.domain.text import Text


def merged(
    present: Inventory, proposal: Proposal, *, ends_missing: frozenset[str] = frozenset(), on: date | None = None
) -> Inventory:
    """The inventory that comes of a proposal; references are not checked here (`faults`).

    An entry is the one of the same id, else of the same reference (an activity), else the only one of the same name
    (in any case); what a proposed entry does
    not set keeps its value, inside its parts too; a list that is set replaces the list (or adds to it where the
    proposal `is_partial`, and then names and descriptions stay as people wrote them). In the parts named by
    `ends_missing` the proposal is complete: what it lacks and still holds ends `on` that day, and is never removed,
    since a breach of before may have touched it. Ids by which a file refers to an entry that has another id here are
    replaced. Raises ValueError where something would end and no day is given.
    """
    names = _ids_here(present, proposal)
    parts: dict[str, tuple[Entry, ...]] = {}
    for part, proposed in proposal.entries():
        held: dict[str, Entry] = {one.id: one for one in getattr(present, part)}
        given = {names.get((part, one.id), one.id): one for one in proposed}
        for entry_id, entry in given.items():
            renamed = _renamed(part, entry, entry_id, names)
            old = held.get(entry_id)
            held[entry_id] = renamed if old is None else _laid_over(old, renamed, joins=proposal.is_partial)
        if part in ends_missing:
            held = {key: one if key in given else _ended(one, on) for key, one in held.items()}
        parts[part] = tuple(held.values())
    return present.model_copy(update=parts)


def proposal_of(inventory: Inventory) -> Proposal:
    """A whole inventory as a proposal, to lay it over another."""
    return Proposal.of({part: getattr(inventory, part) for part in PARTS})


def machines_not_yet_known(present: Inventory, proposal: Proposal) -> Proposal:
    """The proposal without the systems whose every host and address a system of the inventory finds already.

    A list of machines names each of hundreds that one pattern (`web-*`) or one range holds.
    """
    ids = {one.id for one in present.systems}
    new = tuple(one for one in proposal.systems if one.id in ids or not _is_found(one, present))
    parts: dict[str, Any] = dict(proposal.entries())
    return Proposal.of({**parts, "systems": new}, is_partial=proposal.is_partial)


def _is_found(system: System, present: Inventory) -> bool:
    ways = [(EntityKind.HOST, one) for one in system.match.hosts]
    ways += [(EntityKind.ADDRESS, one.split("/")[0]) for one in system.match.networks]
    if not ways or system.match.labels or system.match.accounts or system.match.applications:
        return False
    alerts = [Alert("inventory", "", Signal.ROUTINE, "", entities=(Entity(kind, value),)) for kind, value in ways]
    return all(any(matches(one.match, alert) for one in present.systems) for alert in alerts)


def _name_of(entry: Entry) -> str:
    name = entry.name.fr if isinstance(entry.name, Text) else entry.name
    return " ".join(name.casefold().split())


def _marks_of(entry: Entry) -> tuple[str, ...]:
    """By what else than its id an entry is known, the surest first."""
    reference = getattr(entry, "reference", "").casefold().strip()
    return (*((f"reference {reference}",) if reference else ()), f"name {_name_of(entry)}")


def _ids_here(present: Inventory, proposal: Proposal) -> dict[tuple[str, str], str]:
    """By part and proposed id: the id that the same entry has here already."""
    found: dict[tuple[str, str], str] = {}
    for part, proposed in proposal.entries():
        held: dict[str, list[str]] = {}
        for one in getattr(present, part):
            for mark in _marks_of(one):
                held.setdefault(mark, []).append(one.id)
        taken = {one.id for one in getattr(present, part)} & {one.id for one in proposed}
        for entry in (one for one in proposed if one.id not in taken):
            same = next((held[mark] for mark in _marks_of(entry) if len(held.get(mark, ())) == 1), [])
            if same and same[0] not in taken:
                found[part, entry.id] = same[0]
                taken.add(same[0])
    return found


_REFERS = {
    ("systems", "activities"): "activities",
    ("activities", "data"): "data_categories",
    ("activities", "clients"): "clients",
    ("activities", "providers"): "providers",
}


def _renamed(part: str, entry: Entry, entry_id: str, names: dict[tuple[str, str], str]) -> Entry:
    """The entry with the ids of here; only what the file set counts as set afterwards too."""
    update: dict[str, Any] = {"id": entry_id} if entry_id != entry.id else {}
    for (whole, field), kind in _REFERS.items():
        if whole == part and field in entry.model_fields_set:
            update[field] = tuple(names.get((kind, one), one) for one in getattr(entry, field))
    if part == "activities" and "data_described" in entry.model_fields_set:
        described: dict[str, str] = getattr(entry, "data_described", {})
        update["data_described"] = {names.get(("data_categories", one), one): said for one, said in described.items()}
    if part in ("clients", "providers") and "activities" in entry.model_fields_set:
        taken: tuple[Any, ...] = getattr(entry, "activities", ())
        update["activities"] = tuple(
            one.model_copy(update={"activity": names.get(("activities", one.activity), one.activity)}) for one in taken
        )
    if part == "clients" and "group" in entry.model_fields_set:
        group = getattr(entry, "group", None)
        update["group"] = names.get(("groups", group or ""), group)
    return entry.model_copy(update=update) if update else entry


def _laid_over(old: Entry, new: Entry, *, joins: bool) -> Entry:
    """The old entry with what the new one sets; checked again as a whole."""
    return type(old).model_validate(_over(old, new, joins))


def _over(old: Any, new: Any, joins: bool) -> dict[str, Any]:
    values = {name: getattr(old, name) for name in old.model_fields_set}
    for name in new.model_fields_set:
        given, had = getattr(new, name), getattr(old, name)
        is_part = isinstance(given, Part) and isinstance(had, Part)
        if isinstance(given, Text) and isinstance(had, Text):
            values[name] = had if joins else _text_over(had, given)
        elif is_part:
            values[name] = type(had).model_validate(_over(had, given, joins))
        else:
            values[name] = _joined(had, given) if joins else given
    return values


def _joined(had: Any, given: Any) -> Any:
    """A list with what is new in another; labels that somebody wrote stay as written, since all of them must match."""
    if isinstance(had, tuple) and isinstance(given, tuple):
        return (*had, *(one for one in given if one not in had))
    return had if isinstance(had, dict) and had else given


def _text_over(had: Text, given: Text) -> Text:
    """A file in French alone keeps the English of a text that it does not change."""
    return had if given.en is None and " ".join(given.fr.split()) == " ".join(had.fr.split()) else given


def _ended(entry: Entry, on: date | None) -> Entry:
    if entry.valid_to is not None:
        return entry
    if on is None:
        raise ValueError("say on which day the entries end that the file does not list")
    begun = entry.valid_from
    return entry.model_copy(update={"valid_to": on if begun is None or begun <= on else begun})
