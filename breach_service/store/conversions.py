"""Values of hot statements between Python and the database, which go past SQLAlchemy's own conversions.

What they say is what SQLAlchemy says, so that rows written and read either way are alike. Instants and lists of texts
come again and again in a flood: they are remembered.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Boolean, LargeBinary
from sqlalchemy.types import JSON

from breach_service.store.columns import UtcDateTime

Converter = Callable[[Any], Any]


def converted(row: Sequence[Any], converters: Iterable[tuple[int, Converter]]) -> list[Any]:
    """A row whose values at some places are written otherwise."""
    values = list(row)
    for place, convert in converters:
        values[place] = convert(values[place])
    return values


def reader_of(kind: Any, *, is_sqlite: bool) -> Converter | None:
    """What a value of a column type becomes when it is read; None where it stays what it is."""
    if isinstance(kind, UtcDateTime):
        return _instant_in_text if is_sqlite else _in_utc
    if isinstance(kind, JSON):
        return _list_in_text if is_sqlite else tuple
    return bool if isinstance(kind, Boolean) and is_sqlite else None


@lru_cache(maxsize=4096)
def _instant_in_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


@lru_cache(maxsize=4096)
def _list_in_text(text: str) -> tuple[Any, ...]:
    return tuple(json.loads(text))


def writer_of(kind: Any, *, is_sqlite: bool) -> Converter | None:
    """What a value becomes when it is written: on PostgreSQL as part of a JSON text; None where it stays what it is."""
    if isinstance(kind, UtcDateTime):
        return instant_as_text if is_sqlite else _instant_as_iso
    if isinstance(kind, JSON):
        return _as_json if is_sqlite else None
    if isinstance(kind, LargeBinary):
        return None if is_sqlite else _as_hexadecimal
    return None


@lru_cache(maxsize=4096)
def _instant_as_iso(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _as_hexadecimal(value: bytes | None) -> str | None:
    """As PostgreSQL writes bytes."""
    return None if value is None else "\\x" + value.hex()


@lru_cache(maxsize=4096)
def instant_as_text(value: datetime | None) -> str | None:
    """As SQLAlchemy writes instants to SQLite, so that they compare with those that it wrote."""
    if value is None:
        return None
    utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat(" ", "microseconds")


def _as_json(value: Any) -> str:
    if not value:
        return "{}" if isinstance(value, dict) else "[]"
    return _tuple_as_json(value) if isinstance(value, tuple) else json.dumps(value)


@lru_cache(maxsize=4096)
def _tuple_as_json(value: tuple[Any, ...]) -> str:
    """Tuples are remembered: the same things are named again and again."""
    return json.dumps(value)
