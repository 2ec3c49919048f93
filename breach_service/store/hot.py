"""Hot queries: many values in one parameter, and what they find past the machinery of the ORM.

A list of values as one parameter keeps the text of a statement the same whatever its length, so that it is prepared
once; a list of parameters would be written out anew for every slice.
"""

import json
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    CursorResult,
    Integer,
    Select,
    String,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from breach_service.store.conversions import Converter, converted, instant_as_text, reader_of


def among(session: Session, column: ColumnElement[Any], values: Iterable[str] | Iterable[int]) -> Any:
    """The condition that a column has one of some values, all of them texts or all of them whole numbers."""
    held = list(values)
    if session.get_bind().dialect.name == "sqlite":
        members = func.json_each(bindparam(None, json.dumps(held), String)).table_valued("value")
        return column.in_(select(members.c.value))
    kind = BigInteger() if isinstance(column.type, Integer) else String()
    return column == func.any(bindparam(None, held, postgresql.ARRAY(kind)))


@dataclass(frozen=True)
class _Question:
    """A query as one kind of database takes it."""

    text: str
    lists: frozenset[str]
    """The parameters that are lists of values."""
    fixed: Mapping[str, Any]
    """Parameters that the query brings along."""
    order: tuple[str, ...] | None
    """The names of the parameters one after the other; None where they go in by name."""
    row: Callable[[Iterable[Any]], Any]
    readers: tuple[tuple[int, Converter], ...]
    """Of the columns that do not come back as they went in, by place."""


class Asked:
    """A query that is made once for each kind of database, so that only values are handed over when it is run.

    It is written with a function that stands for `among`: a column, and the name of the parameter with the values.
    What it finds comes past SQLAlchemy's own rows, which cost more than finding it: as named tuples, instants in UTC,
    lists as tuples.
    """

    def __init__(self, write: Callable[[Callable[[Any, str], Any]], Select[Any]]) -> None:
        self._write = write
        self._made: dict[str, _Question] = {}

    def rows(self, session: Session, **values: Any) -> list[Any]:
        """What it finds; lists of values go in as one parameter each."""
        found = self.tuples(session, **values)
        return list(map(self._made[session.connection().dialect.name].row, found))

    def tuples(self, session: Session, **values: Any) -> list[Any]:
        """As `rows`, without names."""
        if session.new or session.dirty:
            session.flush()
        connection = session.connection()
        is_sqlite = connection.dialect.name == "sqlite"
        asked = self._made.get(connection.dialect.name)
        if asked is None:
            asked = self._made[connection.dialect.name] = self._make(connection.dialect, values)
        for name, value in values.items():
            if name in asked.lists:
                values[name] = json.dumps(list(value)) if is_sqlite else list(value)
            elif is_sqlite and isinstance(value, datetime):
                values[name] = instant_as_text(value)
        given = {**asked.fixed, **values}
        result = connection.exec_driver_sql(
            asked.text, tuple(given[one] for one in asked.order) if asked.order else given
        )
        found = _fetched(result, asked.text, connection)
        return [tuple(converted(row, asked.readers)) for row in found] if asked.readers else found

    def _make(self, dialect: Dialect, values: Iterable[str]) -> _Question:
        lists: set[str] = set()
        is_sqlite = dialect.name == "sqlite"

        def among_named(column: Any, name: str) -> Any:
            lists.add(name)
            if is_sqlite:
                members = func.json_each(bindparam(name, type_=String)).table_valued("value")
                return column.in_(select(members.c.value))
            kind = BigInteger() if isinstance(column.type, Integer) else String()
            return column == func.any(bindparam(name, type_=postgresql.ARRAY(kind)))

        statement = self._write(among_named)
        columns = list(statement.selected_columns)
        # Where the query has a list of its own, it is written out.
        made = statement.compile(dialect=dialect).construct_expanded_state(dict.fromkeys(values))
        fixed = {name: value for name, value in made.parameters.items() if name not in values}
        order = tuple(made.positiontup) if made.positiontup is not None else None
        row: Any = namedtuple("row", [one.name for one in columns])  # type: ignore[misc]  # named by the query
        read = ((place, reader_of(one.type, is_sqlite=is_sqlite)) for place, one in enumerate(columns))
        readers = tuple((place, one) for place, one in read if one is not None)
        return _Question(made.statement, frozenset(lists), fixed, order, row._make, readers)


def _fetched(result: CursorResult[Any], text: str, connection: Connection) -> list[Any]:
    cursor: Any = result.cursor
    fault = connection.dialect.loaded_dbapi.Error
    try:
        found: list[Any] = cursor.fetchall()
    except fault as error:
        # Said as SQLAlchemy says it: by that the rest tells a broken database from bad values.
        raise DBAPIError.instance(text, None, error, fault, hide_parameters=True, dialect=connection.dialect) from error
    result.close()
    return found
