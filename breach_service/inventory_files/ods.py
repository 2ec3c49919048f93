"""OpenDocument spreadsheets (ISO/IEC 26300): the sheets of `content.xml`."""

from dataclasses import dataclass, field

from breach_service.inventory_files.archives import Archive
from breach_service.inventory_files.faults import Unreadable
from breach_service.inventory_files.limits import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, MOST_SHEETS
from breach_service.inventory_files.sheets import Sheet, SheetMaker, Spent
from breach_service.inventory_files.words import FaultKind
from breach_service.inventory_files.xml_events import listen

_CELLS = frozenset({"table-cell", "covered-table-cell"})
_ERRORS = ("#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "Err:", "#NOM", "#VALEUR")


def read_ods(archive: Archive) -> list[Sheet]:
    """The sheets, in order. Comments are no part of a cell; a repeated cell or row stands as often as it is said."""
    if "META-INF/manifest.xml" in archive.names:
        manifest = _Manifest()
        listen(archive.chunks("META-INF/manifest.xml"), manifest, "META-INF/manifest.xml")
        if manifest.is_encrypted:
            raise Unreadable(FaultKind.ENCRYPTED)
    reader = _Content()
    listen(archive.chunks("content.xml"), reader, "content.xml")
    return reader.sheets


@dataclass
class _Manifest:
    is_encrypted: bool = False

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        self.is_encrypted = self.is_encrypted or name == "encryption-data"

    def closed(self, name: str) -> None:
        pass

    def said(self, text: str) -> None:
        pass


@dataclass
class _Content:
    sheets: list[Sheet] = field(default_factory=list)
    spent: Spent = field(default_factory=Spent)
    maker: SheetMaker | None = None
    row: int = 0
    rows_repeated: int = 1
    column: int = 0
    cells: list[tuple[int, int, str, FaultKind | None]] = field(default_factory=list)
    """Of the row being read: first column, how many columns, text, fault."""
    cell: dict[str, str] | None = None
    words: list[str] = field(default_factory=list)
    length: int = 0
    paragraphs: int = 0
    beside: int = 0
    """How deep inside a comment or a drawing, which are no part of the cell."""
    is_saying: bool = False

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if self.beside or name in ("annotation", "shapes", "tracked-changes", "frame", "custom-shape"):
            self.beside += 1
        elif name == "table" and self.cell is None:
            if len(self.sheets) >= MOST_SHEETS:
                raise Unreadable(FaultKind.TOO_LARGE)
            self.maker, self.row = SheetMaker(attributes.get("name", ""), self.spent), 0
        elif name == "table-row":
            self.rows_repeated, self.column, self.cells = _count(attributes.get("number-rows-repeated")), 0, []
        elif name in _CELLS:
            self.cell, self.words, self.length, self.paragraphs = attributes, [], 0, 0
        elif self.cell is not None:
            self._opened_in_cell(name, attributes)

    def _opened_in_cell(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("p", "h"):
            if self.paragraphs:
                self._say("\n")
            self.paragraphs += 1
            self.is_saying = True
        elif name == "s":
            self._say(" " * min(_count(attributes.get("c")), 1_000))
        elif name in ("tab", "line-break"):
            self._say("\t" if name == "tab" else "\n")

    def closed(self, name: str) -> None:
        if self.beside:
            self.beside -= 1
        elif name in ("p", "h"):
            self.is_saying = False
        elif name in _CELLS:
            self._close_cell()
        elif name == "table-row":
            self._close_row()
        elif name == "table" and self.maker is not None and self.cell is None:
            self.sheets.append(self.maker.sheet())
            self.maker = None

    def said(self, text: str) -> None:
        if self.is_saying and not self.beside:
            self._say(text)

    def _say(self, text: str) -> None:
        """More of the cell; what is far too long anyway is cut, since few bytes can stand for many spaces."""
        if self.length <= LONGEST_CELL:
            self.words.append(text)
            self.length += len(text)

    def _close_cell(self) -> None:
        attributes, self.cell = self.cell or {}, None
        repeated = _count(attributes.get("number-columns-repeated"))
        text, fault = _value(attributes, "".join(self.words))
        if text.strip() or fault is not None:
            self.cells.append((self.column + 1, repeated, text, fault))
        self.column += repeated

    def _close_row(self) -> None:
        if self.maker is not None and self.cells:
            if self.rows_repeated > MOST_ROWS:
                raise Unreadable(FaultKind.TOO_MANY_ROWS, self.maker.name[:80])
            has_text = any(text for _, _, text, _ in self.cells)
            for row in range(self.row + 1, self.row + 1 + (self.rows_repeated if has_text else 1)):
                self._place(row, self.maker)
        self.row += self.rows_repeated

    def _place(self, row: int, maker: SheetMaker) -> None:
        for first, repeated, text, fault in self.cells:
            for column in range(first, first + (min(repeated, MOST_COLUMNS + 1) if text else 1)):
                if fault is not None:
                    maker.fault(row, column, fault, text)
                maker.add(row, column, text)


def _count(said: str | None) -> int:
    return int(said) if said is not None and said.isascii() and said.isdigit() and len(said) < 10 else 1


def _value(attributes: dict[str, str], shown: str) -> tuple[str, FaultKind | None]:
    """What a cell holds: its value where that says more than what is shown (a day), else what is shown."""
    kind = attributes.get("value-type", "")
    is_formula = "formula" in attributes
    if attributes.get("value-type") == "error" or (is_formula and shown.startswith(_ERRORS)):
        return shown, FaultKind.FORMULA_ERROR
    if is_formula and not kind and not shown:
        return "", FaultKind.FORMULA_WITHOUT_VALUE
    if kind == "date":
        return attributes.get("date-value", shown)[:10], None
    if kind == "float":
        return _number(attributes.get("value", shown)), None
    if kind == "boolean":
        return "Oui" if attributes.get("boolean-value") == "true" else "Non", None
    return shown or attributes.get("string-value", ""), None


def _number(said: str) -> str:
    return said[:-2] if said.endswith(".0") else said
