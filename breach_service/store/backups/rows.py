"""All rows of one database into another that has the same tables and no rows."""

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import JSON, Connection, TableClause, column, func, inspect, select, table, text

from breach_service import store
from breach_service.store.tables import METADATA

AT_ONCE = 500
"""Rows."""


@cache
def all_tables() -> tuple[TableClause, ...]:
    """Every table of the schema, by name; a nullable JSON column that is empty stays so."""
    for module in pkgutil.iter_modules(store.__path__):
        if module.name.endswith("tables"):
            importlib.import_module(f"{store.__name__}.{module.name}")
    return tuple(_plain(METADATA.tables[name]) for name in sorted(METADATA.tables))


def _plain(one: Any) -> TableClause:
    return table(one.name, *(column(each.name, _type_of(each)) for each in one.c))


def _type_of(one: Any) -> Any:
    return JSON(none_as_null=True) if isinstance(one.type, JSON) and one.nullable else one.type


def copy_rows(source: Connection, target: Connection) -> dict[str, int]:
    """Copy every row; how many, by table. The target looks at what rows point at when it commits, or not at all."""
    counts = {}
    for one in all_tables():
        read = source.execution_options(yield_per=AT_ONCE).execute(select(one))
        counts[one.name] = 0
        for some in read.mappings().partitions(AT_ONCE):
            target.execute(one.insert(), [dict(row) for row in some])
            counts[one.name] += len(some)
    return counts


def counts_of(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {one.name: connection.execute(select(func.count()).select_from(one)).scalar_one() for one in all_tables()}


def has_tables(connection: Connection) -> bool:
    """True where the database was ever migrated."""
    return inspect(connection).has_table("alembic_version")


def revision_of(connection: Connection) -> str:
    """The revision of the schema."""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def empty_all(connection: Connection) -> None:
    """Let go of every row of a PostgreSQL database."""
    names = ", ".join(f'"{one.name}"' for one in all_tables())
    connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


def defer_pointers(connection: Connection) -> list[tuple[str, str]]:
    """Let a PostgreSQL database look at what rows point at when all are there; the tables and constraints."""
    found = [
        (one.name, str(key["name"])) for one in all_tables() for key in inspect(connection).get_foreign_keys(one.name)
    ]
    _alter(connection, found, "DEFERRABLE INITIALLY DEFERRED")
    return found


def check_pointers(connection: Connection, deferred: Iterable[tuple[str, str]]) -> None:
    """Look now, and at every row from now on."""
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    _alter(connection, deferred, "NOT DEFERRABLE")


def _alter(connection: Connection, constraints: Iterable[tuple[str, str]], how: str) -> None:
    for name, constraint in constraints:
        connection.execute(text(f'ALTER TABLE "{name}" ALTER CONSTRAINT "{constraint}" {how}'))


def count_on(connection: Connection) -> None:
    """Let the numbers of new rows in PostgreSQL follow the highest that is there."""
    for one in all_tables():
        if "id" in one.c:
            sequence = connection.execute(text("SELECT pg_get_serial_sequence(:t, 'id')"), {"t": one.name}).scalar()
            newest = connection.execute(select(func.max(one.c.id))).scalar()
            if sequence is not None and newest is not None:
                connection.execute(text("SELECT setval(:s, :newest)"), {"s": sequence, "newest": newest})
