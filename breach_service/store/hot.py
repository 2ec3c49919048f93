"""Hot statements: many values in one parameter, and many rows past the machinery of the ORM.

A list of values as one parameter keeps the text of a statement the same whatever its length, so that it is prepared
once; a list of parameters would be written out anew for every slice.
"""

import json
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    CursorResult,
    Integer,
    LargeBinary,
    Select,
    String,
    bindparam,
    cast,
    column,
    func,
    select,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import Insert, Update
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.visitors import replacement_traverse
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
    readers: tuple[tuple[int, Callable[[Any], Any]], ...]
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
                values[name] = _instant_as_text(value)
        given = {**asked.fixed, **values}
        result = connection.exec_driver_sql(
            asked.text, tuple(given[one] for one in asked.order) if asked.order else given
        )
        found = _fetched(result, asked.text, connection)
        return [tuple(_read(row, asked.readers)) for row in found] if asked.readers else found

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
        read = ((place, _reader(one.type, is_sqlite=is_sqlite)) for place, one in enumerate(columns))
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


def _read(row: Sequence[Any], readers: Iterable[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    values = list(row)
    for place, read in readers:
        values[place] = read(values[place])
    return values


def _reader(kind: Any, *, is_sqlite: bool) -> Callable[[Any], Any] | None:
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


class ManyRows:
    """An insert of many rows, or an update row by row, made once for each kind of database.

    Rows are mappings by the names of the columns, of an update by those of its parameters; no two are about the same
    row of the table.
    """

    def __init__(self, statement_for: Callable[[str], Insert | Update]) -> None:
        self._statement_for = statement_for
        self._made: dict[str, _Writing] = {}

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write the rows."""
        if not rows:
            return
        made = self._made.get(connection.dialect.name)
        if made is None:
            statement = self._statement_for(connection.dialect.name)
            made = self._made[connection.dialect.name] = _writing(statement, connection.dialect, rows[0])
        connection.exec_driver_sql(made.text, made.parameters(rows))


@dataclass(frozen=True)
class _Writing:
    """A statement for many rows as one kind of database takes it."""

    text: str
    names: tuple[str, ...]
    """Of the values, in the order of the statement."""
    converters: tuple[tuple[int, Callable[[Any], Any]], ...]
    is_sqlite: bool

    def parameters(self, rows: Sequence[Mapping[str, Any]]) -> Any:
        """The values of the rows: one by one on SQLite, all of them in one text on PostgreSQL."""
        found: list[Any] = list(map(itemgetter(*self.names), rows))
        if self.converters:
            found = [tuple(_read(row, self.converters)) for row in found]
        return (
            found
            if self.is_sqlite
            else {"rows": json.dumps([dict(zip(self.names, row, strict=True)) for row in found])}
        )


def _writing(statement: Insert | Update, dialect: Dialect, first: Mapping[str, Any]) -> _Writing:
    is_sqlite = dialect.name == "sqlite"
    if isinstance(statement, Insert):
        table: Any = statement.table
        kinds = {one.name: one.type for one in table.c if one.name in first}
    else:
        kinds = {name: one.type for name, one in statement.compile(dialect=dialect).binds.items()}
    if is_sqlite:
        compiled = statement.compile(
            dialect=dialect, column_keys=list(kinds) if isinstance(statement, Insert) else None
        )
        names = tuple(compiled.positiontup or ())
    else:
        compiled, names = _from_recordset(statement, kinds).compile(dialect=dialect), tuple(kinds)
    found = ((place, _converter(kinds[name], is_sqlite=is_sqlite)) for place, name in enumerate(names))
    return _Writing(str(compiled), names, tuple((place, one) for place, one in found if one is not None), is_sqlite)


def _from_recordset(statement: Insert | Update, kinds: Mapping[str, Any]) -> Insert | Update:
    """A statement whose rows PostgreSQL reads out of one JSON text: row by row each costs it a statement of its own."""
    text = cast(bindparam("rows", type_=String), JSON)
    function = func.json_to_recordset(text).table_valued(*(column(name, kind) for name, kind in kinds.items()))
    new = function.render_derived(name="new", with_types=True)
    if isinstance(statement, Insert):
        return statement.from_select(list(kinds), select(*new.c), include_defaults=False)

    def instead(element: Any, **_: Any) -> Any:
        return new.c[element.key] if isinstance(element, BindParameter) else None

    return replacement_traverse(statement, {}, instead)


def _converter(kind: Any, *, is_sqlite: bool) -> Callable[[Any], Any] | None:
    if isinstance(kind, UtcDateTime):
        return _instant_as_text if is_sqlite else _instant_as_iso
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
