"""Sheets of cells: what every table becomes before anything is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from breach_service.inventory_files.faults import CellFault, Unreadable, fault_at
from breach_service.inventory_files.limits import (
    LONGEST_CELL,
    MOST_CELLS,
    MOST_CHARACTERS,
    MOST_COLUMNS,
    MOST_FAULTS,
    MOST_ROWS,
)
from breach_service.inventory_files.words import FaultKind


@dataclass(frozen=True)
class Sheet:
    """One sheet: its cells that are not empty, by row and column from 1, and the faults found while reading them.

    Texts are trimmed; a day is written `2026-05-25`, a number without needless zeros, a formula is its last result.
    """

    name: str
    cells: Mapping[tuple[int, int], str]
    faults: tuple[CellFault, ...] = ()

    def at(self, row: int, column: int) -> str:
        """The text of a cell; empty for an empty one."""
        return self.cells.get((row, column), "")

    def row(self, row: int) -> dict[int, str]:
        """The cells of one row by column, from left to right."""
        return self._rows.get(row, {})

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows that hold anything, from the top."""
        return tuple(self._rows)

    @cached_property
    def _rows(self) -> dict[int, dict[int, str]]:
        found: dict[int, dict[int, str]] = {}
        for row, column in sorted(self.cells):
            found.setdefault(row, {})[column] = self.cells[row, column]
        return found


@dataclass
class Spent:
    """What the sheets of one file hold together."""

    cells: int = 0
    characters: int = 0


@dataclass
class SheetMaker:
    """Takes cells one by one and refuses what no register holds. `spent` counts for the whole file."""

    name: str
    spent: Spent = field(default_factory=Spent)
    _cells: dict[tuple[int, int], str] = field(default_factory=dict)
    _rows: set[int] = field(default_factory=set)
    _faults: list[CellFault] = field(default_factory=list)

    def add(self, row: int, column: int, text: str) -> None:
        """Keep a cell; blanks are no cell. Raises Unreadable beyond the limits."""
        self.spent.characters += len(text)
        if self.spent.characters > MOST_CHARACTERS:
            raise Unreadable(FaultKind.TOO_LARGE)
        text = text.strip()
        if not text:
            return
        if column > MOST_COLUMNS:
            raise Unreadable(FaultKind.TOO_WIDE, self.name[:80])
        if len(text) > LONGEST_CELL:
            self.fault(row, column, FaultKind.CELL_TOO_LONG, text)
            text = text[:LONGEST_CELL]
        self._rows.add(row)
        self.spent.cells += 1
        if len(self._rows) > MOST_ROWS or self.spent.cells > MOST_CELLS:
            raise Unreadable(FaultKind.TOO_MANY_ROWS, self.name[:80])
        self._cells[row, column] = text

    def fault(self, row: int, column: int, kind: FaultKind, value: str = "") -> None:
        """Keep a fault of a cell; beyond some thousands nobody reads them."""
        if len(self._faults) < MOST_FAULTS:
            self._faults.append(fault_at(self.name, row, column, kind, value))

    def sheet(self) -> Sheet:
        """What was taken."""
        return Sheet(self.name, self._cells, tuple(self._faults))
