"""Hot statements: many values in one parameter, and many rows past the machinery of the ORM.

A list of values as one parameter keeps the text of a statement the same whatever its length, so that it is prepared
once; a list of parameters would be written out anew for every slice.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Integer, Select, String, bindparam, func, select
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
    kind = BigInteger() if isinstance(column.type, Integer) else String()
    return column == func.any(bindparam(None, held, postgresql.ARRAY(kind)))


class Asked:
    """A query that is made once for each kind of database, so that only values are handed over when it is run.

    It is written with a function that stands for `among`: a column, and the name of the parameter with the values.
    """

    def __init__(self, write: Callable[[Callable[[Any, str], Any]], Select[Any]]) -> None:
        self._write = write
        self._made: dict[str, tuple[Select[Any], frozenset[str]]] = {}

    def rows(self, session: Session, **values: Any) -> Sequence[Any]:
        """What it finds; lists of values go in as one parameter each."""
        dialect = session.get_bind().dialect.name
        made = self._made.get(dialect)
        if made is None:
            made = self._made[dialect] = self._make(dialect)
        statement, lists = made
        for name in lists:
            values[name] = json.dumps(list(values[name])) if dialect == "sqlite" else list(values[name])
        if session.new or session.dirty:
            session.flush()
        return session.connection().execute(statement, values).all()

    def _make(self, dialect: str) -> tuple[Select[Any], frozenset[str]]:
        lists: set[str] = set()

        def among_named(column: Any, name: str) -> Any:
            lists.add(name)
            if dialect == "sqlite":
                members = func.json_each(bindparam(name, type_=String)).table_valued("value")
                return column.in_(select(members.c.value))
            kind = BigInteger() if isinstance(column.type, Integer) else String()
            return column == func.any(bindparam(name, type_=postgresql.ARRAY(kind)))

        return self._write(among_named), frozenset(lists)


class ManyRows:
    """An insert of many rows, made once for each kind of database.

    Rows are mappings by the names of the columns; they are used up: instants and JSON in them become what is stored.
    """

    def __init__(self, statement_for: Callable[[str], Insert]) -> None:
        self._statement_for = statement_for
        self._made: dict[str, tuple[str, tuple[str, ...], dict[str, Callable[[Any], Any]]]] = {}

    def run(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Insert the rows."""
        if not rows:
            return
        text, names, made = self._for(connection)
        for row in rows:
            for name, convert in made.items():
                row[name] = convert(row[name])
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(text, list(map(itemgetter(*names), rows)))
        else:
            connection.exec_driver_sql(text, list(rows))

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


def _converter(kind: Any, dialect: str) -> Callable[[Any], Any] | None:
    if isinstance(kind, UtcDateTime):
        return _instant_as_text if dialect == "sqlite" else None
    if isinstance(kind, JSON):
        return _as_json
    return None


@lru_cache(maxsize=4096)
def _instant_as_text(value: datetime | None) -> str | None:
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
