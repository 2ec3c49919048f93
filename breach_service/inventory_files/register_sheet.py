"""One sheet of the CNIL's register: its blocks, their lines and the cells of these, wherever they stand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from breach_service.inventory_files.reading import plain
from breach_service.inventory_files.register_words import COLUMNS, DESCRIPTION, Section
from breach_service.inventory_files.sheets import Sheet
from breach_service.inventory_files.values import said


@dataclass(frozen=True)
class Cell:
    """A cell with the title that stands before it; `text` is empty where it says nothing (« - », « néant »)."""

    place: tuple[int, int]
    text: str = ""
    title: str = ""


@dataclass(frozen=True)
class Line:
    """A line of a block: its title and its cells by the name of their column (`register_words.COLUMNS`)."""

    label: Cell
    cells: Mapping[str, Cell] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The title, as written."""
        return self.label.text

    def get(self, column: str) -> Cell:
        """A cell by the name of its column; an empty one beside the title where there is no such column."""
        row, at = self.label.place
        return self.cells.get(column) or Cell((row, at + 1), "", self.title)


def is_register_sheet(sheet: Sheet) -> bool:
    """True where the sheet describes one activity."""
    return any(plain(text).startswith(Section.DESCRIPTION) for text in sheet.cells.values())


class RegisterSheet:
    """A sheet that describes one activity, block by block."""

    def __init__(self, sheet: Sheet) -> None:
        self.name = sheet.name
        self._titles: dict[Section, Cell] = {}
        self._lines: dict[Section, list[Line]] = {one: [] for one in Section}
        self._read(sheet)

    def _read(self, sheet: Sheet) -> None:
        section: Section | None = None
        columns: dict[int, str] = {}
        for row in sheet.rows:
            cells = sheet.row(row)
            first = min(cells)
            begun = _section_of(cells[first], section)
            if begun is not None:
                section, columns = begun, _columns(cells, first)
                self._titles[section] = Cell((row, first), cells[first])
            elif section is not None:
                self._lines[section].append(_line(row, first, cells, columns))

    @property
    def is_filled_in(self) -> bool:
        """False for a model that nobody has written in: neither name nor purpose nor data (a reference may stand)."""
        blocks = (Section.PURPOSES, Section.DATA, Section.SPECIAL)
        said = (cell.text for one in blocks for line in self._lines[one] for cell in line.cells.values())
        return bool(self.described(DESCRIPTION["name"]).text) or any(said)

    def title_of(self, section: Section) -> Cell:
        """The title of a block; the top of the sheet where it is missing."""
        return self._titles.get(section, Cell((1, 1)))

    def lines(self, section: Section) -> tuple[Line, ...]:
        """The lines of a block."""
        return tuple(self._lines[section])

    def line(self, section: Section, begins: str) -> Line:
        """The line whose title begins so; an empty one at the title of the block where there is none."""
        found = (one for one in self._lines[section] if plain(one.title).startswith(begins))
        return next(found, Line(Cell(self.title_of(section).place)))

    def values(self, section: Section) -> Iterator[Cell]:
        """The first cell after each title of a block."""
        return (self._value(section, one) for one in self._lines[section])

    def in_section(self, section: Section, begins: str) -> Cell:
        """The first cell after the title that begins so."""
        return self._value(section, self.line(section, begins))

    def described(self, titles: tuple[str, ...]) -> Cell:
        """The first cell after one of these titles, in the description of the activity."""
        for title in titles:
            for line in self._lines[Section.DESCRIPTION]:
                if plain(line.title) == title:
                    return self._value(Section.DESCRIPTION, line)
        return Cell(self.title_of(Section.DESCRIPTION).place)

    def _value(self, section: Section, line: Line) -> Cell:
        """The first cell of a line; an empty one stands where the others of its block have theirs."""
        filled = [one for one in line.cells.values() if one.text] or list(line.cells.values())
        if filled:
            return min(filled, key=lambda one: one.place)
        row, at = line.label.place
        usual = (cell.place[1] for other in self._lines[section] for cell in other.cells.values())
        return Cell((row, min(usual, default=at + 1)), "", line.title)


def _section_of(text: str, now: Section | None) -> Section | None:
    """The block that a title begins; « Destinataire 1 » and the like begin none."""
    words = plain(text)
    for one in Section:
        if words.startswith(one) and one is not now:
            return one
    return None


def _columns(cells: Mapping[int, str], first: int) -> dict[int, str]:
    known = {title: name for name, titles in COLUMNS.items() for title in titles}
    return {at: known[plain(text)] for at, text in cells.items() if at > first and plain(text) in known}


def _line(row: int, first: int, cells: Mapping[int, str], columns: Mapping[int, str]) -> Line:
    """A line under the titles of its block; without titles, its cells are what it says and what it adds."""
    if columns and first >= min(columns):  # a cell under a title of a column, beside no title of its own
        label, title = Cell((row, first)), ""
    else:
        title = cells[first]
        label = Cell((row, first), title)
    titled = columns or dict(zip((at for at in cells if at > first), ("said", "more"), strict=False))
    found = {name: Cell((row, at), said(cells.get(at, "")), title) for at, name in titled.items()}
    return Line(label, found)
