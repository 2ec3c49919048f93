"""How the command line speaks."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic_core import to_jsonable_python
from typer.core import TyperGroup

from breach_service.app import Service, open_service
from breach_service.errors import BreachServiceError
from breach_service.settings import Settings, settings_from_environment
from breach_service.store.database import DatabaseError, Session, is_without_tables

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


EARLIEST_YEAR, LATEST_YEAR = 1970, 2100
"""Outside them a year is mistyped."""


def show(value: Any, as_json: bool, words: Callable[[], str]) -> None:
    """Print a result as JSON or in words."""
    print(as_json_text(value) if as_json else words())


def as_json_text(value: Any) -> str:
    """A result as the API would give it: instants in ISO 8601."""
    return json.dumps(to_jsonable_python(value), ensure_ascii=False, indent=2)


def table(rows: Sequence[Sequence[object]], heads: Sequence[str]) -> str:
    """Rows under heads, in columns; a sentence where there are none."""
    if not rows:
        return "(none)"
    texts = [list(heads), *([("" if cell is None else str(cell)) for cell in row] for row in rows)]
    widths = [max(len(row[index]) for row in texts) for index in range(len(heads))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in texts]
    return "\n".join(lines)


def fail(sentence: str) -> NoReturn:
    """Say what is wrong and end with status 1."""
    print(sentence, file=sys.stderr)
    raise typer.Exit(1)


class Commands(TyperGroup):
    """The commands; what goes wrong in any of them is said in one sentence, with status 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except BreachServiceError as error:
            fail(str(error))
        except DatabaseError as error:
            if is_without_tables(error):
                fail("the database is empty: run `breach-service migrate` or `breach-service serve` first")
            # The cause alone: the whole message would hold the values of the statement.
            fail(f"the database cannot be used: {getattr(error, 'orig', None) or error}")


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[Service]:
    """A service on an existing database."""
    service = open_service(settings or settings_from_environment())
    try:
        yield service
    finally:
        service.close()


def text_of(file: Path) -> str:
    """The text of a file that the operator named."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file} cannot be read: {error}")


def read(service: Service, work: Callable[[Session], Any]) -> Any:
    """Read something and leave."""
    with service.database.reading() as session:
        return work(session)


def instant(text: str) -> datetime:
    """An ISO instant with its offset; ends the command with a sentence otherwise."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is not an instant: write it as 2026-11-22T14:05:00+01:00")
    if found.tzinfo is None:
        fail(f"{text} has no time zone: write it as {text}+01:00, or with Z for UTC")
    if not EARLIEST_YEAR <= found.year <= LATEST_YEAR:
        fail(f"{text} is no likely date: check the year")
    return found
