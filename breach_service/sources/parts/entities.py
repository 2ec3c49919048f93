"""The things that alerts name, in one spelling each, so that two senders that mean the same machine say the same."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_interface

from breach_service.domain.alert import Entity, EntityKind, EntityRole
from breach_service.sources.parts.plain_text import VALUE_LIMIT, plain_line

ENTITY_LIMIT = 40
"""Entities kept of one kind in one alert."""

# Most texts are no address, and the parser of the standard library takes its time to say so.
_MAY_BE_ADDRESS = re.compile(r"\[?[0-9A-Fa-f]{0,4}[:.]", re.ASCII)
_PORT = re.compile(r":\d{1,5}", re.ASCII)
_HOST = re.compile(r"[\w-][\w.-]{0,252}")
_HASH = re.compile(r"[0-9a-f]{32,128}", re.ASCII)
_LONGEST_KEPT = 256
"""Characters of a text whose reading is remembered."""
_NOBODY = frozenset({"-", "n/a", "none", "null", "unknown", "(unknown)", "localhost", "localhost.localdomain"})


def address_of(text: str) -> str | None:
    """The canonical form of an IP address, written bare, with a port, in brackets, with a zone or as a /32 or /128.

    None for what is no address, and for loopback and unspecified ones, which name no machine in particular.
    """
    bare = text.strip()
    if not bare or not _MAY_BE_ADDRESS.match(bare):
        return None
    return _address_of(bare) if len(bare) <= _LONGEST_KEPT else _address_of.__wrapped__(bare)


# The same machines speak, and are spoken of, all day.
@lru_cache(maxsize=8192)
def _address_of(bare: str) -> str | None:
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare.partition("%")[0].removesuffix("/32").removesuffix("/128"))
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return None if address.is_loopback or address.is_unspecified else str(address)


def range_of(text: str) -> str | None:
    """The canonical form of an address range such as 203.0.113.0/24; None for what is none."""
    try:
        return str(ip_interface(text.strip()).network)
    except ValueError:
        return None


def host_of(text: str) -> str | None:
    """A host name in lower case, out of `Web-01`, `web-01.example.fr.`, `web-01:9100` or `https://web-01/health`.

    None for addresses, for `localhost`, and for what cannot be a host name.
    """
    authority = text.strip().partition("://")[2] or text.strip()
    authority = authority.partition("/")[0].rpartition("@")[2]
    if address_of(authority) is not None:
        return None
    name, colon, port = authority.partition(":")
    if colon and not _PORT.fullmatch(colon + port):
        return None
    name = name.rstrip(".").lower()
    return name if _HOST.fullmatch(name) and name not in _NOBODY and not _is_address(name) else None


def entity(kind: EntityKind, text: str, role: EntityRole | None = None) -> Entity | None:
    """One thing of that kind in its canonical spelling; None where the text names nothing of the kind.

    `role` where the sender says it and it is not the usual one of the kind.

    A HOST that turns out to be an address becomes an ADDRESS; an address range is a SOURCE_ADDRESS too.
    """
    if not text:
        return None
    return _entity(kind, text, role) if len(text) <= _LONGEST_KEPT else _entity.__wrapped__(kind, text, role)


@lru_cache(maxsize=8192)
def _entity(kind: EntityKind, text: str, role: EntityRole | None) -> Entity | None:
    match kind:
        case EntityKind.HOST:
            address = address_of(text.partition("://")[2].partition("/")[0] or text)
            if address is not None:
                return Entity(EntityKind.ADDRESS, address, role)
            value = host_of(text)
        case EntityKind.ADDRESS:
            value = address_of(text)
        case EntityKind.SOURCE_ADDRESS:
            value = address_of(text) or (range_of(text) if "/" in text else None)
        case EntityKind.DOMAIN:
            value = host_of(text)
        case EntityKind.FILE_HASH:
            value = text.strip().lower() if _HASH.fullmatch(text.strip().lower()) else None
        case _:
            value = plain_line(text, VALUE_LIMIT)
    return Entity(kind, value, role) if value and value.lower() not in _NOBODY else None


def entities_of(kind: EntityKind, texts: Iterable[str], role: EntityRole | None = None) -> list[Entity]:
    """The things of one kind that the texts name, all in the same role."""
    return [found for text in texts if text and (found := entity(kind, text, role)) is not None]


def gathered(*groups: Iterable[Entity | None]) -> tuple[Entity, ...]:
    """The entities of an alert: sorted, without doubles, at most `ENTITY_LIMIT` of each kind."""
    # By what an entity is compared by, its kind and its value: tuples are sorted faster than entities.
    found: dict[tuple[EntityKind, str], Entity] = {}
    for group in groups:
        for one in group:
            if one is not None:
                found.setdefault((one.kind, one.value), one)
    if len(found) <= 1:
        return tuple(found.values())
    kept = [found[key] for key in sorted(found)]
    return tuple(kept if len(kept) <= ENTITY_LIMIT else _few_of_each_kind(kept))


def first_value(entities: Iterable[Entity], *kinds: EntityKind) -> str:
    """The first value of the first of these kinds that is there, empty where there is none."""
    held = tuple(entities)
    for kind in kinds:
        if values := [one.value for one in held if one.kind is kind]:
            return min(values)
    return ""


def _few_of_each_kind(sorted_entities: Iterable[Entity]) -> Iterator[Entity]:
    held: dict[EntityKind, int] = {}
    for one in sorted_entities:
        held[one.kind] = held.get(one.kind, 0) + 1
        if held[one.kind] <= ENTITY_LIMIT:
            yield one


def _is_address(text: str) -> bool:
    if not _MAY_BE_ADDRESS.match(text):
        return False
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
