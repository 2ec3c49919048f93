"""Bytes as text, and CSV as a sheet, however a spreadsheet program of these parts saved them."""

import csv
import io
import re

from breach_service.inventory_files.faults import Unreadable
from breach_service.inventory_files.limits import MOST_BYTES
from breach_service.inventory_files.sheets import Sheet, SheetMaker
from breach_service.inventory_files.words import FaultKind

_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f]")
_DELIMITERS = ";,\t|"
_SAID_TO_SPREADSHEETS = "sep="
"""First line by which some exports tell the delimiter."""


def text_of(raw: bytes) -> str:
    """The text of a file: by its byte order mark, else UTF-8, else Windows-1252 (what Excel writes in France).

    Raises Unreadable for what is too large, empty or no text.
    """
    if len(raw) > MOST_BYTES:
        raise Unreadable(FaultKind.TOO_LARGE)
    if not raw.strip():
        raise Unreadable(FaultKind.EMPTY_FILE)
    encodings = ["utf-16"] if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _NO_TEXT.search(text):
            break
        return text
    raise Unreadable(FaultKind.NOT_TEXT)


def read_csv(raw: bytes, name: str = "") -> Sheet:
    """A CSV file as one sheet. The delimiter (`;`, `,`, tab, `|`) is told by the first line, or by `sep=` before it.

    Rows are numbered as a spreadsheet shows them: a cell with a line break in it is within one row.
    Raises Unreadable.
    """
    text = text_of(raw)
    first, _, rest = text.partition("\n")
    skipped = 0
    if first.strip().lower().startswith(_SAID_TO_SPREADSHEETS) and len(first.strip()) <= len("sep=;"):
        delimiter, text, skipped = first.strip()[len("sep=") :] or "\t", rest, 1
    else:
        delimiter = _delimiter_of(first)
    maker = SheetMaker(name)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, row in enumerate(reader, start=1 + skipped):
            for column, cell in enumerate(row, start=1):
                maker.add(number, column, cell)
    except csv.Error as error:
        raise Unreadable(FaultKind.NOT_CSV, f"{error} ({reader.line_num + skipped})") from error
    return maker.sheet()


def _delimiter_of(line: str) -> str:
    """The delimiter that the line of titles has most of, outside quotation marks."""
    outside = "".join(line.split('"')[::2])
    return max(_DELIMITERS, key=outside.count) if any(one in outside for one in _DELIMITERS) else ","
