"""Our own tables: each part of the inventory as a CSV file or as a sheet, and back to the same."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from breach_service.domain.inventory import PARTS, Entry, Inventory, Proposal
from breach_service.domain.text import Text
from breach_service.inventory_files.faults import CellFault, fault_at
from breach_service.inventory_files.misfits import misfit_of
from breach_service.inventory_files.reading import Reading, reading_of
from breach_service.inventory_files.sheets import Sheet
from breach_service.inventory_files.soundness import EXAMPLES, unsound_value
from breach_service.inventory_files.table_cells import NotReadable, cell_of, value_of
from breach_service.inventory_files.table_columns import NUMBER, Form, columns_of, way_of
from breach_service.inventory_files.words import FaultKind

_FORMS: Mapping[str, Mapping[tuple[str, ...], Form]] = {
    part: {one.way: one.form for one in columns_of(model)} for part, model in PARTS.items()
}


def inventory_as_csv(inventory: Inventory) -> dict[str, bytes]:
    """One CSV file for each part that has entries, by its name; as Excel in France opens it (UTF-8 with mark, `;`)."""
    found = {}
    for part in PARTS:
        entries: tuple[Entry, ...] = getattr(inventory, part)
        if entries:
            rows = [_row_of(part, one) for one in entries]
            titles = sorted({title for row in rows for title in row}, key=lambda one: _place_of(part, one))
            text = io.StringIO(newline="")
            writer = csv.DictWriter(text, titles, delimiter=";", restval="")
            writer.writeheader()
            writer.writerows(rows)
            found[part] = text.getvalue().encode("utf-8-sig")
    return found


def _place_of(part: str, title: str) -> tuple[int, tuple[int, ...], int]:
    """Where a column stands: by its field, then by number (all of the first contact before the second), then within."""
    order, way = list(_FORMS[part]), way_of(title)
    begins = way[: way.index(NUMBER)] if NUMBER in way else way
    first = next(at for at, one in enumerate(order) if one[: len(begins)] == begins)
    return first, tuple(int(one) for one in title.split(".") if one.isdigit()), order.index(way)


def _row_of(part: str, entry: Entry) -> dict[str, str]:
    return dict(_cells_of(part, entry.model_dump(mode="json", exclude_defaults=True), ()))


def _cells_of(part: str, value: Any, way: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    form = _FORMS[part].get(way_of(".".join(way))) if way else None
    if form is not None:
        yield ".".join(way), cell_of(value, form)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _cells_of(part, one, (*way, key))
    elif isinstance(value, list):
        for number, one in enumerate(value, start=1):
            yield from _cells_of(part, one, (*way, str(number)))


def entries_in(sheets: Mapping[str, Sheet], present: Inventory | None = None) -> Reading:
    """The entries of tables of our own form, by part (systems, clients, …).

    The first row names the columns; an empty cell says nothing. References must lead to an entry of these tables or
    of the `present` inventory.
    """
    faults: list[CellFault] = []
    tables: dict[str, _Table] = {}
    for part, sheet in sheets.items():
        faults += sheet.faults
        if part not in PARTS:
            faults.append(_misnamed(sheet, part))
            continue
        tables[part] = _Table(part, sheet, {}, [], [])
        faults += tables[part].read()
    understood = Proposal.of({part: table.entries for part, table in tables.items()})
    faults += _broken_references(understood, tables, present)
    return reading_of(understood, faults)


TEXTS = (".csv", ".txt", ".tsv")
"""How files of one table end."""


def _misnamed(sheet: Sheet, part: str) -> CellFault:
    """A CSV has no sheet that could be renamed: its file is called after the part."""
    if not sheet.name.lower().endswith(TEXTS):
        return fault_at(sheet.name, 0, 0, FaultKind.UNKNOWN_SHEET, part, ", ".join(PARTS))
    alike = [one for one in PARTS if part.startswith(one)]
    names = ", ".join(f"{one}.csv" for one in (alike or PARTS))
    return fault_at(sheet.name, 0, 0, FaultKind.UNKNOWN_FILE, sheet.name, names)


def entries_of_sheets(sheets: Iterable[Sheet], present: Inventory | None = None) -> Reading:
    """The entries of a spreadsheet whose sheets are called after the parts."""
    return entries_in({one.name.strip().lower(): one for one in sheets if one.cells}, present)


def _broken_references(
    understood: Proposal, tables: Mapping[str, "_Table"], present: Inventory | None
) -> Iterator[CellFault]:
    proposed = Inventory(organisations=()).model_copy(update=dict(understood.entries()))
    known = {
        part: {one.id for one in entries} | {one.id for one in (getattr(present, part) if present else ())}
        for part, entries in understood.entries()
    }
    for place, kind, one in proposed.references():
        if one not in known[kind]:
            table, index = tables[str(place[0])], int(place[1])
            yield table.fault(table.entry_rows[index], place[2:], FaultKind.UNKNOWN_ID, one, kind)


@dataclass
class _Table:
    part: str
    sheet: Sheet
    columns: dict[int, str]
    """Titles by column."""
    entries: list[Entry]
    entry_rows: list[int]

    def read(self) -> Iterator[CellFault]:
        """Fill in the entries; yields the faults."""
        if not self.sheet.rows:
            return
        top = self.sheet.rows[0]
        yield from self._read_titles(top)
        seen: dict[str, int] = {}
        for row in self.sheet.rows[1:]:
            document: dict[str, Any] = {}
            faults = list(self._read_row(row, document))
            if not faults:
                faults = list(self._check(row, document, seen))
            yield from faults

    def _read_titles(self, top: int) -> Iterator[CellFault]:
        forms = _FORMS[self.part]
        for column, title in self.sheet.row(top).items():
            if title in self.columns.values():
                yield fault_at(self.sheet.name, top, column, FaultKind.COLUMN_TWICE, title)
            elif way_of(title) not in forms:
                yield fault_at(self.sheet.name, top, column, FaultKind.UNKNOWN_COLUMN, title, _meant(title, forms))
            self.columns[column] = title
        if "id" not in self.columns.values():
            yield fault_at(self.sheet.name, top, 1, FaultKind.MISSING_COLUMN, "id")

    def _read_row(self, row: int, document: dict[str, Any]) -> Iterator[CellFault]:
        for column, text in self.sheet.row(row).items():
            title = self.columns.get(column)
            if title is None:
                yield fault_at(self.sheet.name, row, column, FaultKind.BEYOND_THE_HEADER, text)
                continue
            form = _FORMS[self.part].get(way_of(title))
            if form is None:
                continue
            try:
                value = value_of(text, form)
                if isinstance(value, str) and unsound_value(title.rpartition(".")[2], value):
                    raise NotReadable(EXAMPLES[title.rpartition(".")[2]])
                _put(document, title.split("."), value)
            except NotReadable as error:
                yield fault_at(self.sheet.name, row, column, FaultKind.NOT_ACCEPTED, text, str(error))

    def _check(self, row: int, document: dict[str, Any], seen: dict[str, int]) -> Iterator[CellFault]:
        try:
            entry = PARTS[self.part].model_validate(_lists(document, (), _FORMS[self.part]))
        except ValidationError as error:
            for one in error.errors(include_url=False):
                kind = FaultKind.MISSING_VALUE if one["type"] == "missing" else FaultKind.NOT_ACCEPTED
                yield self.fault(row, one["loc"], kind, self._text_at(row, one["loc"]), _should_be(one))
            return
        if entry.id in seen:
            yield self.fault(row, ("id",), FaultKind.USED_TWICE, entry.id, str(seen[entry.id]))
            return
        seen[entry.id] = row
        self.entries.append(entry)
        self.entry_rows.append(row)

    def fault(self, row: int, way: tuple[Any, ...], kind: FaultKind, value: str, known: str | Text) -> CellFault:
        """A fault at the cell of the row that the way into an entry leads to, or nearest to it."""
        return fault_at(self.sheet.name, row, self._column_of(row, way), kind, value, known)

    def _text_at(self, row: int, way: tuple[Any, ...]) -> str:
        return self.sheet.at(row, self._column_of(row, way))

    def _column_of(self, row: int, way: tuple[Any, ...]) -> int:
        """Entries are counted as they stand in the row: the second contact given may stand in `contacts.3`."""
        columns = {tuple(title.split(".")): column for column, title in self.columns.items()}
        steps: list[str] = []
        for step in way:
            if isinstance(step, int):
                numbers = sorted(
                    {
                        int(one[len(steps)])
                        for one, at in columns.items()
                        if self.sheet.at(row, at) and _begins(one, steps)
                    }
                )
                steps.append(str(numbers[step]) if step < len(numbers) else str(step + 1))
            else:
                steps.append(step)
        while steps:
            exact = [at for one, at in columns.items() if list(one[: len(steps)]) == steps]
            if exact:
                return min(exact)
            steps.pop()
        return 1


def _should_be(error: ErrorDetails) -> str | Text:
    """What could stand in a cell, in as few words as it takes."""
    return ".".join(str(step) for step in error["loc"]) if error["type"] == "missing" else misfit_of(error)


def _meant(title: str, forms: Iterable[tuple[str, ...]]) -> str:
    close = get_close_matches(title, [".".join(one).replace(f".{NUMBER}", ".1") for one in forms], n=1)
    return f" ({close[0]} ?)" if close else ""


def _begins(way: tuple[str, ...], steps: list[str]) -> bool:
    return list(way[: len(steps)]) == steps and len(way) > len(steps) and way[len(steps)].isdigit()


def _put(document: dict[str, Any], way: list[str], value: Any) -> None:
    for step in way[:-1]:
        document = document.setdefault(step, {})
    document[way[-1]] = value


def _lists(value: Any, way: tuple[str, ...], forms: Mapping[tuple[str, ...], Form]) -> Any:
    """Parts that are numbered, as lists in the order of their numbers; what stood in one cell stays as it is."""
    if not isinstance(value, dict) or way in forms:
        return value
    if value and all(key.isdigit() for key in value):
        return [_lists(value[key], (*way, NUMBER), forms) for key in sorted(value, key=int)]
    return {key: _lists(one, (*way, key), forms) for key, one in value.items()}
