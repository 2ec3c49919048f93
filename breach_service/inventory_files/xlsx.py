"""Office Open XML spreadsheets (ISO/IEC 29500): the sheets of the workbook."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from posixpath import join, normpath

from breach_service.inventory_files.archives import Archive
from breach_service.inventory_files.faults import Unreadable, column_number
from breach_service.inventory_files.limits import MOST_CELLS, MOST_SHEETS
from breach_service.inventory_files.sheets import Sheet, SheetMaker, Spent
from breach_service.inventory_files.words import FaultKind
from breach_service.inventory_files.xml_events import listen

_DAYS = frozenset({*range(14, 18), 22, *range(27, 37), *range(50, 59)})
"""Built-in formats of numbers that show a day (ISO/IEC 29500-1, 18.8.30)."""
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_PLACE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_LAST_DAY = 2_958_465


def read_xlsx(archive: Archive) -> list[Sheet]:
    """The sheets, in the order of the workbook, charts left out. Raises Unreadable."""
    book = _Workbook()
    listen(archive.chunks("xl/workbook.xml"), book, "xl/workbook.xml")
    if len(book.sheets) > MOST_SHEETS:
        raise Unreadable(FaultKind.TOO_LARGE)
    links = _Links()
    listen(archive.chunks("xl/_rels/workbook.xml.rels"), links, "xl/_rels/workbook.xml.rels")
    shared, styles = _Strings(), _Styles()
    for name, listener in (("xl/sharedStrings.xml", shared), ("xl/styles.xml", styles)):
        if name in archive.names:
            listen(archive.chunks(name), listener, name)
    spent = Spent()
    found = []
    for name, link in book.sheets:
        target = normpath(join("xl", links.targets.get(link, "").lstrip("/").removeprefix("xl/")))
        if not target.startswith("xl/worksheets/"):
            continue
        reader = _Worksheet(SheetMaker(name, spent), shared.texts, styles.is_day, book.epoch)
        listen(archive.chunks(target), reader, target)
        found.append(reader.maker.sheet())
    return found


class _Silent:
    def opened(self, name: str, attributes: dict[str, str]) -> None:
        pass

    def closed(self, name: str) -> None:
        pass

    def said(self, text: str) -> None:
        pass


@dataclass
class _Workbook(_Silent):
    sheets: list[tuple[str, str]] = field(default_factory=list)
    """Name, and id of the link to the part."""
    epoch: date = date(1899, 12, 30)

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            self.sheets.append((attributes.get("name", ""), attributes.get("id", "")))
        elif name == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            self.epoch = date(1904, 1, 1)


@dataclass
class _Links(_Silent):
    targets: dict[str, str] = field(default_factory=dict)

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            self.targets[attributes.get("Id", "")] = attributes.get("Target", "")


@dataclass
class _Strings(_Silent):
    """The texts that cells share; how they are pronounced (rPh) is no part of them."""

    texts: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    is_text: bool = False
    is_pronounced: bool = False

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self.words = []
        elif name == "rPh":
            self.is_pronounced = True
        elif name == "t":
            self.is_text = not self.is_pronounced

    def closed(self, name: str) -> None:
        if name == "t":
            self.is_text = False
        elif name == "rPh":
            self.is_pronounced = False
        elif name == "si":
            self.texts.append("".join(self.words))
            if len(self.texts) > MOST_CELLS:
                raise Unreadable(FaultKind.TOO_LARGE)

    def said(self, text: str) -> None:
        if self.is_text:
            self.words.append(text)


@dataclass
class _Styles(_Silent):
    """Which styles of cells show a day."""

    own: dict[int, str] = field(default_factory=dict)
    formats: list[int] = field(default_factory=list)
    is_inside: bool = False

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            self.own[_whole(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self.is_inside = True
        elif name == "xf" and self.is_inside:
            self.formats.append(_whole(attributes.get("numFmtId")))

    def closed(self, name: str) -> None:
        if name == "cellXfs":
            self.is_inside = False

    def is_day(self, style: int) -> bool:
        number = self.formats[style] if 0 <= style < len(self.formats) else 0
        if number in self.own:
            code = _QUOTED.sub("", self.own[number]).lower()
            return "y" in code or "d" in code
        return number in _DAYS


@dataclass
class _Worksheet(_Silent):
    maker: SheetMaker
    shared: list[str]
    is_day: Callable[[int], bool]
    epoch: date
    row: int = 0
    column: int = 0
    kind: str = ""
    style: int = 0
    value: list[str] = field(default_factory=list)
    inside: str = ""
    has_formula: bool = False
    is_pronounced: bool = False

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self.row, self.column = _whole(attributes.get("r"), self.row + 1), 0
        elif name == "c":
            self._open_cell(attributes)
        elif name == "f":
            self.has_formula = True
        elif name == "rPh":
            self.is_pronounced = True
        elif name in ("v", "t") and not self.is_pronounced:
            self.inside = name

    def _open_cell(self, attributes: dict[str, str]) -> None:
        place = _PLACE.fullmatch(attributes.get("r", ""))
        self.column = column_number(place[1]) if place else self.column + 1
        self.row = int(place[2]) if place else self.row
        self.kind, self.style = attributes.get("t", "n"), _whole(attributes.get("s"))
        self.value, self.has_formula = [], False

    def said(self, text: str) -> None:
        if self.inside:
            self.value.append(text)

    def closed(self, name: str) -> None:
        if name == self.inside:
            self.inside = ""
        elif name == "rPh":
            self.is_pronounced = False
        elif name == "c":
            self._close_cell()

    def _close_cell(self) -> None:
        text = "".join(self.value)
        if self.has_formula and not text and self.kind != "str":
            self.maker.fault(self.row, self.column, FaultKind.FORMULA_WITHOUT_VALUE)
        if self.kind == "e":
            self.maker.fault(self.row, self.column, FaultKind.FORMULA_ERROR, text)
        self.maker.add(self.row, self.column, self._shown(text))

    def _shown(self, text: str) -> str:
        if self.kind == "s":
            at = _whole(text.strip(), -1)
            if not 0 <= at < len(self.shared):
                raise Unreadable(FaultKind.BROKEN, "xl/sharedStrings.xml")
            return self.shared[at]
        if self.kind == "b":
            return "Oui" if text.strip() == "1" else "Non"
        if self.kind == "d":
            return text[:10]
        return self._number(text) if self.kind == "n" and text else text

    def _number(self, text: str) -> str:
        try:
            number = float(text)
        except ValueError:
            return text
        if self.is_day(self.style) and 0 < number < _LAST_DAY:
            return (self.epoch + timedelta(days=int(number))).isoformat()
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else text


def _whole(said: str | None, otherwise: int = 0) -> int:
    return int(said) if said is not None and said.isascii() and said.isdigit() and len(said) < 10 else otherwise
