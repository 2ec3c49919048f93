"""The text of a formal notice, as named sections and fields, awaiting a human."""

import hashlib
import re
from dataclasses import dataclass, replace
from enum import StrEnum

from breach_service.domain.notice import SLUGS, ActivityPart, Notice, languages_for, slug_of
from breach_service.domain.noticing import notice_for

__all__ = [
    "GAP_WORDS",
    "SLUGS",
    "ActivityPart",
    "Choice",
    "Draft",
    "Field",
    "FieldKind",
    "Notice",
    "Section",
    "as_exercise",
    "gap_in_words",
    "gaps_in",
    "languages_for",
    "notice_for",
    "slug_of",
    "split_at_gaps",
]

GAP_WORDS = {"fr": "À COMPLÉTER", "en": "TO BE COMPLETED"}
"""How a missing value is announced, by language."""

_GAP = re.compile(r"\[(?:" + "|".join(GAP_WORDS.values()) + r")[\s\u00a0\u202f]*:[\s\u00a0\u202f]*([^\[\]]+)\]")


def gap_in_words(what: str, language: str) -> str:
    """A missing value as it stands in a letter: `[À COMPLÉTER : quoi]`, `[TO BE COMPLETED: what]`."""
    if language == "fr":
        return f"[{GAP_WORDS['fr']}\u00a0: {what}]"
    return f"[{GAP_WORDS['en']}: {what}]"


def gaps_in(text: str) -> tuple[str, ...]:
    """What is still missing in a text, in order; works on rendered and on hand-written texts, in both languages."""
    return tuple(match.group(1).strip() for match in _GAP.finditer(text))


def split_at_gaps(text: str) -> tuple[tuple[str, bool], ...]:
    """A text cut into pieces: (piece, True where the piece is a gap, brackets included). Joined they are the text."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for match in _GAP.finditer(text):
        if match.start() > at:
            pieces.append((text[at : match.start()], False))
        pieces.append((match.group(0), True))
        at = match.end()
    if at < len(text):
        pieces.append((text[at:], False))
    return tuple(pieces)


class FieldKind(StrEnum):
    """How a field is shown: one line, a text of several lines, or a list of boxes to tick."""

    LINE = "line"
    LONG = "long"
    CHOICE = "choice"


@dataclass(frozen=True)
class Choice:
    """One box of a list."""

    label: str
    is_ticked: bool

    def as_text(self) -> str:
        """The box and its words."""
        return f"{'☒' if self.is_ticked else '☐'} {self.label}"


@dataclass(frozen=True)
class Field:
    """One value of a letter; `value` is plain text, what would be pasted (for a choice: the boxes, then any remark)."""

    label: str
    """Empty where the text speaks for itself (a paragraph of a letter)."""
    kind: FieldKind
    value: str
    choices: tuple[Choice, ...] = ()
    article: str = ""
    """What it serves, for instance `33(3)(a)`; empty where no article asks for it."""

    @property
    def gaps(self) -> tuple[str, ...]:
        """What is still to be completed in this field."""
        return gaps_in(self.value)

    @property
    def remark(self) -> str:
        """The text beneath the boxes of a choice; empty for the other kinds."""
        boxes = "\n".join(choice.as_text() for choice in self.choices)
        return self.value.removeprefix(boxes).strip() if self.kind is FieldKind.CHOICE else ""


@dataclass(frozen=True)
class Section:
    """One point of a letter."""

    id: str
    """Stable word; hand-written texts are kept by it."""
    title: str
    fields: tuple[Field, ...]
    article: str = ""

    @property
    def gaps(self) -> tuple[str, ...]:
        """What is still to be completed in this section."""
        return tuple(gap for field in self.fields for gap in field.gaps)

    @property
    def is_filled(self) -> bool:
        """True where nothing is left to complete."""
        return not self.gaps

    def as_text(self, language: str, number: int | None = None) -> str:
        """The section as plain text, under its title and its number, where it has one."""
        colon = "\u00a0:" if language == "fr" else ":"
        lines = [f"{number}. {self.title}" if number is not None else self.title]
        for field in self.fields:
            if field.label and field.kind is FieldKind.LINE and "\n" not in field.value:
                lines.append(f"{field.label}{colon} {field.value}")
            else:
                lines.append("\n".join(part for part in (field.label, field.value) if part))
        return "\n\n".join(lines)


@dataclass(frozen=True)
class Draft:
    """A formal notice as it would be pasted into the portal or mailed."""

    slug: str
    """`cnil`, `client` or `persons`."""
    language: str
    recipient: str
    """Whom it is for, in words."""
    subject: str
    sections: tuple[Section, ...]
    heading: str = ""
    """What stands above everything else: that it belongs to an exercise."""

    @property
    def filled(self) -> int:
        """How many sections have nothing left to complete."""
        return sum(section.is_filled for section in self.sections)

    @property
    def total(self) -> int:
        """How many sections there are."""
        return len(self.sections)

    @property
    def gaps(self) -> tuple[str, ...]:
        """What is still to be completed, in the order of the letter."""
        return (*gaps_in(self.subject), *(gap for section in self.sections for gap in section.gaps))

    def as_text(self) -> str:
        """The whole letter as plain text."""
        # The points of the CNIL form go by their numbers.
        numbers = [number if self.slug == "cnil" else None for number in range(1, self.total + 1)]
        sections = (one.as_text(self.language, number) for one, number in zip(self.sections, numbers, strict=True))
        return "\n\n".join(part for part in (self.heading, self.subject, *sections) if part) + "\n"

    @property
    def digest(self) -> str:
        """SHA-256 of the whole text in UTF-8, hex."""
        return hashlib.sha256(self.as_text().encode()).hexdigest()


EXERCISE_WORDS = {"fr": "EXERCICE", "en": "EXERCISE"}
"""What stands before everything that an exercise says."""
_NOTHING_IS_SENT = {
    "fr": "EXERCICE – EXERCICE – EXERCICE. Rien de ce qui suit n’a eu lieu ; ce texte n’est à envoyer à personne.",
    "en": "EXERCISE – EXERCISE – EXERCISE. Nothing of the following happened; this text is to be sent to nobody.",
}


def as_exercise(draft: Draft) -> Draft:
    """The letter of an exercise: it says so on top and in its subject."""
    language = draft.language if draft.language in EXERCISE_WORDS else "en"
    subject = f"{EXERCISE_WORDS[language]} – {draft.subject}"
    return replace(draft, subject=subject, heading=_NOTHING_IS_SENT[language])
