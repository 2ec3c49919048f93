"""Rows of Defender's advanced hunting, as its streaming API exports them: one row per thing that an alert names.

learn.microsoft.com/defender-xdr/advanced-hunting-alertevidence-table. What the columns leave out stands, as an entity
of its own spelling, in the JSON text of `AdditionalFields`.
"""

from collections.abc import Iterator

from breach_service.domain.alert import Entity, EntityKind
from breach_service.sources.parts.entities import entities_of, entity
from breach_service.sources.parts.payload import Record, decoded
from breach_service.sources.parts.reading import first_text, record_at, text_at, value_at
from breach_service.sources.senders.microsoft.entities import entities_in, is_of_every_machine, lowered

_EXPORTED = "AdvancedHunting-"
_PARTS = (("host",), ("account",), ("imageFile", "host"))
_KINDS = {"host": "host", "account": "account"}


def is_row(record: Record) -> bool:
    """True for a row of the table of evidence."""
    return "entityType" in record and "evidenceRole" in record


def is_table(category: str) -> bool:
    """True for a category that names the table that a row is from, not what it is about."""
    return category.strip().startswith(_EXPORTED)


def entities_of_row(record: Record) -> Iterator[Entity | None]:
    """The things that one row names; none for what is no row."""
    if not is_row(record):
        return
    yield entity(EntityKind.HOST, text_at(record, "deviceName"))
    if not is_of_every_machine(record):
        yield entity(EntityKind.USER, first_text(record, ("accountUpn",), ("accountName",)))
    folder, name = text_at(record, "folderPath"), text_at(record, "fileName")
    slash = "/" if "/" in folder else "\\"
    is_whole = not folder or not name or folder.endswith(name)
    yield entity(EntityKind.FILE, folder or name if is_whole else f"{folder.rstrip(slash)}{slash}{name}")
    yield from entities_of(EntityKind.FILE_HASH, (text_at(record, "sHA256"), text_at(record, "sHA1")))
    yield entity(EntityKind.ADDRESS, text_at(record, "localIP"))
    yield entity(EntityKind.SOURCE_ADDRESS, text_at(record, "remoteIP"))
    yield entity(EntityKind.URL, text_at(record, "remoteUrl"))
    yield entity(EntityKind.APPLICATION, text_at(record, "application"))
    yield from _entities_of_more(lowered(decoded(value_at(record, "additionalFields"))))


def _entities_of_more(held: object) -> Iterator[Entity | None]:
    if not isinstance(held, dict):
        return
    yield from entities_in([held])
    for path in _PARTS:
        part = record_at(held, *path)
        yield from entities_in([{**part, "type": _KINDS[path[-1]]}] if part else [])
