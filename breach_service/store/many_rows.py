"""Many rows written by one statement, past the machinery of the ORM."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, String, bindparam, cast, column, func, select
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.dml import Insert, Update
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import JSON

from breach_service.store.conversions import Converter, converted, writer_of


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
    converters: tuple[tuple[int, Converter], ...]
    is_sqlite: bool

    def parameters(self, rows: Sequence[Mapping[str, Any]]) -> Any:
        """The values of the rows: one by one on SQLite, all of them in one text on PostgreSQL."""
        found: list[Any] = list(map(itemgetter(*self.names), rows))
        if self.converters:
            found = [tuple(converted(row, self.converters)) for row in found]
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
    found = ((place, writer_of(kinds[name], is_sqlite=is_sqlite)) for place, name in enumerate(names))
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

    changed: Insert | Update = replacement_traverse(statement, {}, instead)  # type: ignore[assignment]  # as it was
    return changed
