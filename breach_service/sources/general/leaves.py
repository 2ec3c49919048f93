"""A body of unknown shape, flattened: every text by the names that it may be looked up by, the outermost first."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar

from breach_service.sources.general.key_names import LONGEST_KEY, TRANSPARENT, plain_name
from breach_service.sources.parts.payload import Record, decoded
from breach_service.sources.parts.reading import text_of

_MOST_OBJECTS = 400
_MOST_LEAVES = 3000
_MOST_MEMBERS = 20
_MOST_DEPTH = 8
_LABEL_DEPTH = 1
"""Key and value pairs count as one deeper than the keys beside them."""
_EVENT_OBJECT = re.compile(
    r"(?:public|private)?(?:incident|alert|event|finding|issue)(?:created|updated|resolved|closed|opened|status)\w*"
)
"""An object under the name of its event, as incident.io sends it."""
_MOST_KEYS_OF_PAIR = 4
_LONGEST_VARIABLE = 200
_UNFILLED = re.compile(r"\s*(?:\$[A-Z][A-Z0-9_]+|[$%]\{[\w.@-]+\}|\{\{[^{}]+\}\}|\{[A-Z][A-Z0-9.]+\})\s*", re.ASCII)
"""A variable that the sender's template had nothing for."""
_TAGS = frozenset({"tags", "labels", "dimensions"})
_TAG = re.compile(r"([A-Za-z][\w.@/-]{0,60})[:=]\s*([^/\s].*)")
_KINDS_OF_THINGS = frozenset({"asset", "host", "hostname", "machine", "user", "username", "ip", "domain", "process"})
_PAIR_NAMES = ("key", "name", "title", "label", "k", "field")
_PAIR_VALUES = ("value", "val", "v", "values")

Read = TypeVar("Read")


@dataclass(frozen=True)
class Leaf:
    """One text, number or truth value."""

    path: tuple[str, ...]
    """The keys that lead to it, plain, without those that only wrap."""
    key: str
    """Its own key as it was written."""
    value: Any
    depth: int

    @property
    def text(self) -> str:
        """What it says, without white space around it."""
        return text_of(self.value).strip()


_DEPTH_AND_RANK = itemgetter(0, 1)


@lru_cache(maxsize=200)
def _ranks_of(names: tuple[str, ...]) -> dict[str, int]:
    """The place of each name of a table."""
    return {name: rank for rank, name in reversed(list(enumerate(names)))}


@dataclass(frozen=True)
class Leaves:
    """All leaves of a body, the outermost first, by name and in order."""

    all: tuple[Leaf, ...]
    by_name: dict[str, list[Leaf]]

    def found(self, names: Iterable[str], read: Callable[[Leaf], Read | None]) -> Read | None:
        """What the best leaf says: the outermost, there the one whose name comes first; None where none can be read."""
        for _, _, leaf in self._ranked(names):
            if (said := read(leaf)) is not None:
                return said
        return None

    def every(self, names: Iterable[str], read: Callable[[Leaf], Read | None]) -> Iterator[Read]:
        """What all leaves of these names say, the best first."""
        return (said for _, _, leaf in self._ranked(names) if (said := read(leaf)) is not None)

    def groups(self, names: Iterable[str]) -> list[list[Leaf]]:
        """The leaves that say anything, those of one name and depth together, the best first."""
        found: dict[tuple[int, int], list[Leaf]] = {}
        for depth, rank, leaf in self._ranked(names):
            if leaf.text:
                found.setdefault((depth, rank), []).append(leaf)
        return list(found.values())

    def _ranked(self, names: Iterable[str]) -> list[tuple[int, int, Leaf]]:
        """Depth, place of the name and leaf of every leaf of these names, the best first."""
        names = tuple(names)
        by_name = self.by_name
        # Most names are of no key of most bodies.
        if by_name.keys().isdisjoint(names):
            return []
        ranks = _ranks_of(names)
        held = [name for name in ranks if name in by_name]
        found = [(leaf.depth, ranks[name], leaf) for name in held for leaf in by_name[name]]
        if len(found) > 1:
            found.sort(key=_DEPTH_AND_RANK)
        return found

    def together(self, names: Iterable[str]) -> list[Leaf]:
        """The best leaf, and all others of the same name and depth: the members of one list."""
        return next(iter(self.groups(names)), [])

    def text(self, names: Iterable[str]) -> str:
        """The text of the best leaf that is not empty; empty where there is none."""
        return next((text for _, _, leaf in self._ranked(names) if (text := leaf.text)), "")


def leaves_of(*records: Record) -> Leaves:
    """The leaves of one body; of several records, the later ones only say what the earlier ones leave open."""
    leaves: list[Leaf] = []
    for place, record in enumerate(records):
        leaves.extend(_walked(record, place * (_MOST_DEPTH + 2)))
    by_name: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        for name in _names_of(leaf.path):
            by_name.setdefault(name, []).append(leaf)
    return Leaves(tuple(leaves), by_name)


@lru_cache(maxsize=5000)
def _names_of(path: tuple[str, ...]) -> frozenset[str]:
    """What a leaf is called: its key behind the one or two above it, those left out or not that only wrap."""
    above = tuple(key for key in path[:-1] if key not in TRANSPARENT and not _EVENT_OBJECT.fullmatch(key))
    names = {"".join(path[-2:]), "".join(path[-3:]), "".join((*above[-1:], path[-1])), "".join((*above[-2:], path[-1]))}
    # `hosts: [{name: …}]` is the name of a host.
    if len(path) > 1 and path[-2].endswith("s"):
        names.add(path[-2][:-1] + path[-1])
    return frozenset(names)


def _walked(record: Record, depth: int) -> Iterator[Leaf]:
    """Every leaf of one record, breadth first."""
    waiting: deque[tuple[tuple[str, ...], Record, int]] = deque([((), record, depth)])
    objects = seen = 0
    while waiting and objects < _MOST_OBJECTS:
        path, held, level = waiting.popleft()
        objects += 1
        for leaf, inner in _members(path, held, level):
            if inner is not None:
                if level - depth < _MOST_DEPTH:
                    waiting.append((leaf.path, inner, level + 1))
                continue
            if isinstance(leaf.value, str) and _UNFILLED.fullmatch(leaf.value[:_LONGEST_VARIABLE]):
                continue
            seen += 1
            yield leaf
            if seen == _MOST_LEAVES:
                return


def _members(path: tuple[str, ...], held: Record, level: int) -> Iterator[tuple[Leaf, Record | None]]:
    for key, value in held.items():
        own = _path_in(key) if len(key) <= LONGEST_KEY else _path_in.__wrapped__(key)
        yield from _valued((*path, *own), key, decoded(value), level)


@lru_cache(maxsize=5000)
def _path_in(key: str) -> tuple[str, ...]:
    # A key with dots is a path that was flattened.
    return tuple(name for part in key.split(".") if (name := plain_name(part))) or ("",)


def _valued(path: tuple[str, ...], key: str, value: Any, level: int) -> Iterator[tuple[Leaf, Record | None]]:
    leaf = Leaf(path, key, value, level)
    if isinstance(value, dict):
        yield leaf, value
    elif not isinstance(value, list):
        yield leaf, None
    else:
        for member in value[:_MOST_MEMBERS]:
            pair = _pair_of(member) or (_tag_of(member) if path[-1] in _TAGS else None)
            if pair is not None:
                name, held = pair
                yield Leaf((*path, plain_name(name)), name, held, level + _LABEL_DEPTH), None
            elif isinstance(member, dict):
                yield leaf, member
            else:
                yield Leaf(path, key, member, level), None


def _pair_of(member: Any) -> tuple[str, Any] | None:
    """The two halves of `{"name": "host", "value": "web-01"}`."""
    if not isinstance(member, dict):
        return None
    if isinstance(kind := member.get("dataType"), str) and isinstance(said := member.get("data"), str):
        return kind, said  # an observable of TheHive, beside much else
    if len(member) > _MOST_KEYS_OF_PAIR:
        return None
    if isinstance(kind := member.get("type"), str) and plain_name(kind) in _KINDS_OF_THINGS and "key" not in member:
        said = next((text for key in ("value", "name") if isinstance(text := member.get(key), str) and text), None)
        return (kind, said) if said else None  # `{"type": "asset", "name": "web-01"}`
    name = next((text for key in _PAIR_NAMES if isinstance(text := member.get(key), str) and text), "")
    held = next((member[key] for key in _PAIR_VALUES if key in member), None)
    if isinstance(held, list):
        held = held[0] if held else None
    if isinstance(held, dict) and len(held) == 1:
        held = next(iter(held.values()))  # {"stringValue": …}, as OpenTelemetry writes it
    return (name, held) if name and isinstance(held, str | int) else None


def _tag_of(member: Any) -> tuple[str, Any] | None:
    """The two halves of `host:web-01` or `host=web-01`."""
    found = _TAG.fullmatch(member) if isinstance(member, str) else None
    return (found[1], found[2].strip()) if found else None
