"""What an import would change: the lines of a dry run."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from breach_service.domain.inventory.proposal import PARTS, Entry
from breach_service.domain.inventory.whole import Inventory


class ChangeKind(StrEnum):
    """What would happen to an entry."""

    ADDED = "added"
    CHANGED = "changed"
    ENDED = "ended"
    """It holds no longer from a day on; it stays for what happened before."""
    REMOVED = "removed"
    """It is not there any more, as if it had never been."""


@dataclass(frozen=True)
class Change:
    """One line of a dry run; the values are plain JSON."""

    kind: ChangeKind
    part: str
    """As in the file: systems, clients, …"""
    id: str
    name: str
    field: str = ""
    """Dotted, of the innermost part that differs (`match.hosts`, `contract.ends_on`); empty for a whole entry."""
    before: Any = None
    after: Any = None


def changes_between(present: Inventory, proposed: Inventory) -> list[Change]:
    """Every difference, part by part: what is added, what changes field by field, what ends, what is removed."""
    found: list[Change] = []
    for part in PARTS:
        old: dict[str, Entry] = {one.id: one for one in getattr(present, part)}
        new: dict[str, Entry] = {one.id: one for one in getattr(proposed, part)}
        for entry_id, entry in new.items():
            found += _of_entry(part, old.get(entry_id), entry)
        found += [_line(ChangeKind.REMOVED, part, one) for key, one in old.items() if key not in new]
    return found


def _of_entry(part: str, old: Entry | None, new: Entry) -> Iterator[Change]:
    if old is None:
        yield _line(ChangeKind.ADDED, part, new)
        return
    for field, before, after in _differences(_plain(old), _plain(new)):
        kind = ChangeKind.ENDED if _ends(field, before, after) else ChangeKind.CHANGED
        yield _line(kind, part, new, field, before, after)


def _ends(field: str, before: Any, after: Any) -> bool:
    return field == "valid_to" and after is not None and (before is None or date.fromisoformat(before) > _day(after))


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _plain(entry: Entry) -> dict[str, Any]:
    return entry.model_dump(mode="json")


def _line(
    kind: ChangeKind, part: str, entry: Entry, field: str = "", before: Any = None, after: Any = None
) -> Change:  # fmt: skip
    name = entry.name if isinstance(entry.name, str) else entry.name.fr
    return Change(kind, part, entry.id, name.strip(), field, before, after)


_NO_FIELDS = frozenset({"facts", "match.labels", "data_described"})
"""Their keys are somebody's words: each is shown as a whole."""


def _differences(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict) and path not in _NO_FIELDS:
        for key in dict.fromkeys([*new, *old]):
            yield from _differences(old.get(key), new.get(key), f"{path}.{key}" if path else key)
    elif old != new:
        yield path, old, new
