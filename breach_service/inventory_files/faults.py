"""What is wrong in a file that is imported: in which cell, why, and what to do about it."""

from dataclasses import dataclass

from breach_service.domain.text import Text
from breach_service.inventory_files.words import SENTENCES, FaultKind


class Unreadable(ValueError):
    """A file that cannot be read at all: `kind` and `value` say why, `text()` says it in words."""

    def __init__(self, kind: FaultKind, value: str = "") -> None:
        self.kind, self.value = kind, value
        super().__init__(self.text().in_language("en"))

    def text(self) -> Text:
        """What is wrong and what to do, in French and English."""
        said = SENTENCES[self.kind]
        what, remedy = _filled(said.what, self.value, ""), _filled(said.remedy, self.value, "")
        return Text(fr=f"{what.fr} {remedy.fr}", en=f"{what.en} {remedy.en}")


@dataclass(frozen=True, order=True)
class CellFault:
    """One faulty cell. Rows count from 1 as spreadsheets do; `column` is a letter; row 0: the sheet as a whole."""

    sheet: str
    row: int
    column: str
    kind: FaultKind
    value: str = ""
    """What stands there, at most 80 characters."""
    known: str = ""
    """What could stand there, where the list is short; in French, where it is a sentence."""
    known_en: str = ""
    """The sentence in English."""

    @property
    def what(self) -> Text:
        """What is wrong."""
        return _filled(SENTENCES[self.kind].what, self.value, self.known, self.known_en)

    @property
    def remedy(self) -> Text:
        """What to do about it."""
        return _filled(SENTENCES[self.kind].remedy, self.value, self.known, self.known_en)


def fault_at(
    sheet: str, row: int, column: int, kind: FaultKind, value: str = "", known: str | Text = ""
) -> CellFault:  # fmt: skip
    """A fault at a cell; rows and columns count from 1."""
    shown = value if len(value) <= 80 else value[:79] + "…"
    french, english = (known.fr, known.en or "") if isinstance(known, Text) else (known, "")
    return CellFault(sheet, row, column_letters(column), kind, shown, french, english)


def column_letters(column: int) -> str:
    """A, B, …, Z, AA, … for 1, 2, …, 26, 27, …; empty for 0."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """1, 2, …, 26, 27, … for A, B, …, Z, AA, …; 0 where these are no letters of a column."""
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            return 0
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _filled(words: Text, value: str, known: str, known_en: str = "") -> Text:
    french, english = {"value": value, "known": known}, {"value": value, "known": known_en or known}
    return Text(fr=words.fr % french, en=(words.en or words.fr) % english)
