"""Hot statements: many values in one parameter, and many rows past the machinery of the ORM.

A list of values as one parameter keeps the text of a statement the same whatever its length, so that it is prepared
once; a list of parameters would be written out anew for every slice.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, String, bindparam, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.dml import Insert
from sqlalchemy.types import JSON
from sqlmodel import Session

from breach_service.store.columns import UtcDateTime


def among(session: Session, column: ColumnElement[Any], values: Iterable[str] | Iterable[int]) -> Any:
    """The condition that a column has one of some values, all of them texts or all of them whole numbers."""
    held = list(values)
    if session.get_bind().dialect.name == "sqlite":
        members = func.json_each(bindparam(None, json.dumps(held), String)).table_valued("value")
        return column.in_(select(members.c.value))
    kind = BigInteger() if held and isinstance(held[0], int) else String()
    return column == func.any(bindparam(None, held, postgresql.ARRAY(kind)))


class ManyRows:
    """An insert of many rows, made once for each kind of database; rows are mappings by the names of the columns."""

    def __init__(self, statement_for: Callable[[str], Insert]) -> None:
        self._statement_for = statement_for
        self._made: dict[str, tuple[str, tuple[str, ...], dict[str, Callable[[Any], Any]]]] = {}

    def run(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Insert the rows."""
        if not rows:
            return
        text, names, made = self._for(connection)
        same: Callable[[Any], Any] = _same
        converters = [(name, made.get(name, same)) for name in names]
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(
                text, [tuple(convert(row[name]) for name, convert in converters) for row in rows]
            )
        else:
            connection.exec_driver_sql(
                text, [{name: convert(row[name]) for name, convert in converters} for row in rows]
            )

    def _for(self, connection: Connection) -> tuple[str, tuple[str, ...], dict[str, Callable[[Any], Any]]]:
        dialect = connection.dialect
        held = self._made.get(dialect.name)
        if held is None:
            statement = self._statement_for(dialect.name)
            table: Any = statement.table
            columns = [one for one in table.c if one.name != "id"]
            compiled = statement.compile(dialect=dialect, column_keys=[one.name for one in columns])
            names = tuple(compiled.positiontup or [one.name for one in columns])
            made = {one.name: found for one in columns if (found := _converter(one.type, dialect.name)) is not None}
            held = self._made[dialect.name] = (str(compiled), names, made)
        return held


def _same(value: Any) -> Any:
    return str(value) if isinstance(value, str) and type(value) is not str else value


def _converter(kind: Any, dialect: str) -> Callable[[Any], Any] | None:
    if isinstance(kind, UtcDateTime):
        return _instant_as_text if dialect == "sqlite" else None
    if isinstance(kind, JSON):
        return _as_json
    return None


def _instant_as_text(value: datetime | None) -> str | None:
    """As SQLAlchemy writes instants to SQLite, so that they compare with those that it wrote."""
    if value is None:
        return None
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


_KNOWN_JSON = {"[]": "[]", "{}": "{}"}


def _as_json(value: Any) -> str:
    if not value:
        return _KNOWN_JSON["{}" if isinstance(value, dict) else "[]"]
    return json.dumps(value)
