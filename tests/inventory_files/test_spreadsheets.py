"""Sheets of cells from bytes, whoever wrote them and whatever they meant by it."""

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_service.inventory_files import FaultKind, Unreadable, read_csv, read_spreadsheet
from breach_service.inventory_files.faults import column_letters, column_number
from tests.inventory_files.made import SAVED, an_ods, an_xlsx, as_ods, zipped

texts = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), min_size=1).filter(
    lambda one: one == one.strip()
)
books = st.dictionaries(st.tuples(st.integers(1, 60), st.integers(1, 40)), texts, min_size=1, max_size=12)


@given(books, st.sampled_from(sorted(SAVED)))
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_read_at_its_place(cells: dict[tuple[int, int], str], book: str) -> None:
    """Any text in any cell, in both formats, gaps or none."""
    spaced = {at: text for at, text in cells.items() if "  " not in text}
    (sheet,) = read_spreadsheet(SAVED[book]({"a": spaced}))
    assert dict(sheet.cells) == spaced


@given(st.integers(1, 20_000))
def test_columns_have_the_letters_of_spreadsheets(column: int) -> None:
    """A to Z, then AA."""
    assert column_number(column_letters(column)) == column


def test_days_numbers_formulas_and_comments_of_an_ods() -> None:
    """A day as such, a formula as its result; a comment is no part of a cell, an error is a fault."""
    cells = (
        '<table:table-cell office:value-type="date" office:date-value="2026-05-25T00:00:00">'
        "<text:p>25 mai</text:p></table:table-cell>"
        '<table:table-cell office:value-type="float" office:value="1200" table:formula="of:=600*2">'
        "<text:p>1 200</text:p></table:table-cell>"
        '<table:table-cell><office:annotation><text:p>aide</text:p></office:annotation><text:p>a<text:s text:c="2"/>'
        "<text:span>b</text:span></text:p><text:p>c</text:p></table:table-cell>"
        '<table:table-cell table:formula="of:=1/0" office:value-type="string">'
        "<text:p>#DIV/0!</text:p></table:table-cell>"
        '<table:table-cell table:formula="of:=A1"/>'
        '<table:table-cell office:value-type="boolean" office:boolean-value="true">'
        "<text:p>VRAI</text:p></table:table-cell>"
    )
    (sheet,) = read_spreadsheet(
        an_ods(f'<table:table table:name="F"><table:table-row>{cells}</table:table-row></table:table>')
    )
    assert [sheet.at(1, at) for at in range(1, 7)] == ["2026-05-25", "1200", "a  b\nc", "#DIV/0!", "", "Oui"]
    assert [(one.row, one.column, one.kind) for one in sheet.faults] == [
        (1, "D", FaultKind.FORMULA_ERROR),
        (1, "E", FaultKind.FORMULA_WITHOUT_VALUE),
    ]


def test_days_numbers_formulas_and_texts_of_an_xlsx() -> None:
    """A number that is shown as a day is one; texts stand in the cell or in the part that cells share."""
    rows = (
        '<row r="2"><c r="A2" s="1"><v>46167</v></c><c r="B2"><f>600*2</f><v>1200.0</v></c>'
        '<c r="C2" t="inlineStr"><is><t>la</t></is></c><c r="D2" t="e"><f>1/0</f><v>#DIV/0!</v></c><c><f>A1</f></c>'
        '<c r="F2" t="b"><v>0</v></c><c r="G2" t="s"><v>0</v></c><c r="AA2" t="str"><f>"x"</f><v>x</v></c>'
        '<c r="AB2" s="2"><v>46167</v></c></row>'
    )
    styles = (
        '<numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>'
        '<numFmt numFmtId="165" formatCode="0.00 &quot;jours&quot;"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs>'
    )
    shared = "<si><r><t>ri</t></r><r><t>che</t></r><rPh><t>dit</t></rPh></si>"
    (sheet,) = read_spreadsheet(an_xlsx({"F": rows}, shared, styles))
    assert [sheet.at(2, at) for at in (1, 2, 3, 6, 7, 27, 28)] == [
        "2026-05-25",
        "1200",
        "la",
        "Non",
        "riche",
        "x",
        "46167",
    ]
    assert [(one.row, one.column, one.kind) for one in sheet.faults] == [
        (2, "D", FaultKind.FORMULA_ERROR),
        (2, "E", FaultKind.FORMULA_WITHOUT_VALUE),
    ]


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
)
OUTSIDE = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/hostname">]><a>&a;</a>'
SAID = "<text:p>x</text:p></table:table-cell></table:table-row>"
ROW = f'<table:table-row table:number-rows-repeated="1000000"><table:table-cell>{SAID}'
WIDE = f'<table:table-row><table:table-cell table:number-columns-repeated="1000000">{SAID}'


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", FaultKind.EMPTY_FILE),
        (b"hello", FaultKind.NOT_A_SPREADSHEET),
        (b"PK\x03\x04nothing", FaultKind.BROKEN),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, FaultKind.OLD_EXCEL),
        (zipped({"a.txt": "a"}), FaultKind.NOT_A_SPREADSHEET),
        (zipped({"content.xml": "<a><b></a>"}), FaultKind.BROKEN),
        (zipped({"content.xml": BOMB}), FaultKind.HAS_ENTITIES),
        (zipped({"content.xml": OUTSIDE}), FaultKind.HAS_ENTITIES),
        (zipped({"xl/workbook.xml": BOMB}), FaultKind.HAS_ENTITIES),
        (zipped({"xl/workbook.xml": "<workbook/>"}), FaultKind.BROKEN),
        (zipped({"content.xml": "<a>" * 5_000 + "</a>" * 5_000}), FaultKind.BROKEN),
        (zipped({"content.xml": b"<a>" + b" " * 101_000_000 + b"</a>"}), FaultKind.TOO_LARGE),
        (b"PK" + b"\0" * 20_000_001, FaultKind.TOO_LARGE),
        (an_ods(f'<table:table table:name="F">{ROW}</table:table>'), FaultKind.TOO_MANY_ROWS),
        (an_ods(f'<table:table table:name="F">{WIDE}</table:table>'), FaultKind.TOO_WIDE),
        (an_xlsx({"F": '<row r="1"><c r="A1" t="s"><v>7</v></c></row>'}), FaultKind.BROKEN),
        (an_xlsx({"F": '<row r="1"><c r="ZZZ1"><v>7</v></c></row>'}), FaultKind.TOO_WIDE),
        (an_xlsx({"F": "<row><c><v>1</v></c></row>" * 60_000}), FaultKind.TOO_MANY_ROWS),
        (zipped({"content.xml": "<a/>", "META-INF/manifest.xml": "<m><encryption-data/></m>"}), FaultKind.ENCRYPTED),
    ],
    ids=lambda one: str(one) if isinstance(one, str) else "",
)  # fmt: skip
def test_a_hostile_or_broken_file_is_refused_with_its_reason(raw: bytes, kind: FaultKind) -> None:
    """Bounded in memory, nothing from outside the file is read, and a sentence says what to do."""
    with pytest.raises(Unreadable) as refused:
        read_spreadsheet(raw)
    assert refused.value.kind is kind
    assert "%(" not in refused.value.text().fr


def test_a_million_empty_rows_cost_nothing() -> None:
    """LibreOffice writes the end of a sheet so."""
    (sheet,) = read_spreadsheet(as_ods({"F": {(900_000, 3): "x"}}))
    assert sheet.at(900_000, 3) == "x"


@given(st.binary(max_size=200), st.integers(0, 400))
@settings(max_examples=60, deadline=None)
def test_a_damaged_file_is_read_or_refused_and_nothing_else(junk: bytes, at: int) -> None:
    """Whatever bytes are changed in it."""
    raw = as_ods({"F": {(1, 1): "a", (2, 2): "b"}})
    with suppress(Unreadable):
        read_spreadsheet(raw[:at] + junk + raw[at + len(junk) :])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_csv_is_read_in_the_encodings_and_with_the_delimiters_of_spreadsheets(encoding: str, delimiter: str) -> None:
    """Excel in France writes semicolons in Windows-1252; others commas in UTF-8, with a mark or without."""
    text = delimiter.join(("Nom", "Société", "Prix")) + "\r\n" + delimiter.join(("a", '"Éa; b, c\nd"', "10 €")) + "\r\n"
    sheet = read_csv(text.encode(encoding))
    assert [sheet.at(1, 2), sheet.at(2, 2), sheet.at(2, 3)] == ["Société", "Éa; b, c\nd", "10 €"]


def test_a_csv_may_tell_its_delimiter() -> None:
    """In a first line for spreadsheet programs, which is counted as they count it."""
    assert read_csv(b"sep=;\r\na,b;c\r\n").cells == {(2, 1): "a,b", (2, 2): "c"}


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b" \n ", FaultKind.EMPTY_FILE),
        (b"a;b\0c", FaultKind.NOT_TEXT),
        (b"\xff\xfea", FaultKind.NOT_TEXT),
        (b"a;\x81\x8d", FaultKind.NOT_TEXT),
        (b'a;b\n"x"y;z\n', FaultKind.NOT_CSV),
        (b'a;b\n"never closed;', FaultKind.NOT_CSV),
        (b"a\n" * 1_000_000, FaultKind.TOO_MANY_ROWS),
        (b";" * 2_000 + b"a", FaultKind.TOO_WIDE),
    ],
)
def test_a_csv_that_cannot_be_read_is_refused_with_its_reason(raw: bytes, kind: FaultKind) -> None:
    """Never guessed at."""
    with pytest.raises(Unreadable) as refused:
        read_csv(raw)
    assert refused.value.kind is kind


def test_a_zip_that_says_less_than_it_holds_is_still_bounded() -> None:
    """What counts is what comes out, not what the directory of the zip says."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("content.xml", b"<a>" + b" " * 1_000_000 + b"</a>")
    lying = raw.getvalue().replace((1_000_007).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises(Unreadable):
        read_spreadsheet(lying)


def test_few_bytes_cannot_stand_for_many_characters() -> None:
    """Spaces that are counted, and one long text that a hundred thousand cells share."""
    spaces = '<text:s text:c="999999999"/>' * 1_000
    row = f"<table:table-row><table:table-cell><text:p>a{spaces}b</text:p></table:table-cell></table:table-row>"
    (sheet,) = read_spreadsheet(an_ods(f'<table:table table:name="F">{row}</table:table>'))
    assert len(sheet.at(1, 1)) < 40_000
    shared = f"<si><t> {'x' * 30_000} </t></si>"
    rows = "<row>" + '<c t="s"><v>0</v></c>' * 20 + "</row>"
    with pytest.raises(Unreadable) as refused:
        read_spreadsheet(an_xlsx({"F": rows * 5_000}, shared))
    assert refused.value.kind is FaultKind.TOO_LARGE


def test_a_general_number_is_no_day() -> None:
    """Whatever its format is called."""
    styles = '<numFmts><numFmt numFmtId="170" formatCode="General"/></numFmts><cellXfs><xf numFmtId="170"/></cellXfs>'
    (sheet,) = read_spreadsheet(an_xlsx({"F": '<row r="1"><c r="A1" s="0"><v>46167</v></c></row>'}, "", styles))
    assert sheet.at(1, 1) == "46167"
