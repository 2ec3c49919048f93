"""Letters as files: the shape of `letters/<slug>/<language>/letter.yaml`, and where each text stands in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.scalarstring import FoldedScalarString, LiteralScalarString

from breach_service.domain.drafts import FieldKind
from breach_service.errors import ContentError

Place: TypeAlias = tuple[str | int, ...]
"""Where a value stands in the document: keys and indices from the top."""


@dataclass(frozen=True, order=True)
class LetterFault:
    """Something wrong in a letter. Line and column count from 1; the message is a sentence."""

    path: Path
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


class BrokenLetter(ContentError):
    """A letter has faults: run `breach-service check` for the list."""

    def __init__(self, faults: Sequence[LetterFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, faults)))


class FieldText(BaseModel):
    """One field of a letter file; `text`, `only_if` and the values of `options` are jinja."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str = ""
    article: str = ""
    kind: FieldKind = FieldKind.LINE
    text: str = ""
    options: dict[str, str] = Field(default_factory=dict)
    """The boxes of a choice: words, and the expression that ticks the box."""
    only_if: str = ""
    """An expression; where it does not hold the field is left out."""

    @model_validator(mode="after")
    def _text_or_options(self) -> Self:
        if self.kind is FieldKind.CHOICE and not self.options:
            raise ValueError("a choice needs options: the words of each box, and the expression that ticks it")
        if self.kind is not FieldKind.CHOICE and (self.options or not self.text):
            raise ValueError("a field of kind line or long needs a text, and no options")
        return self


class SectionText(BaseModel):
    """One section of a letter file; `title` is jinja."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str
    article: str = ""
    fields: tuple[FieldText, ...] = Field(min_length=1)


class LetterText(BaseModel):
    """A whole letter file; `recipient` and `subject` are jinja."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str = ""
    """What the letter is and when it is sent, for the person who edits it; never sent."""
    recipient: str
    subject: str
    words: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Lists of words that texts read with `word("list", "key")`."""
    sections: tuple[SectionText, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [section.id for section in self.sections]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"the id {', '.join(twice)} is used by several sections")
        return self


@dataclass(frozen=True, eq=False)
class Letter:
    """A letter file that was read, with the place of every text in it."""

    path: Path
    text: LetterText
    document: Any

    def place(self, *where: str | int) -> tuple[int, int]:
        """Line and column, from 1, at which the value at this place of the document starts."""
        return place_in(self.document, where)

    def jinja(self) -> Iterator[tuple[Place, str, bool]]:
        """Every jinja text of the letter: its place, its source, and True where it is an expression."""
        yield ("recipient",), self.text.recipient, False
        yield ("subject",), self.text.subject, False
        for at, section in enumerate(self.text.sections):
            yield ("sections", at, "title"), section.title, False
            for index, field in enumerate(section.fields):
                here: Place = ("sections", at, "fields", index)
                yield (*here, "label"), field.label, False
                yield (*here, "text"), field.text, False
                if field.only_if:
                    yield (*here, "only_if"), field.only_if, True
                for words, expression in field.options.items():
                    yield (*here, "options", words), expression, True


def letter_path(directories: Sequence[Path], slug: str, language: str) -> Path:
    """The file of a letter in the first templates root that has it. Raises ContentError where none has."""
    inside = Path("letters", slug, language, "letter.yaml")
    for directory in directories:
        if (directory / inside).is_file():
            return directory / inside
    raise ContentError(f"There is no letter {inside} in {', '.join(map(str, directories))}: add the file.")


def read_letter(path: Path) -> Letter:
    """Read one letter file. Raises BrokenLetter with every fault of its shape."""
    yaml = YAML(typ="rt")
    try:
        document = yaml.load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise BrokenLetter([LetterFault(path, line, column, f"this is not YAML: {error.problem}")]) from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise BrokenLetter([LetterFault(path, 1, 1, f"this is not YAML: {error}")]) from error
    try:
        return Letter(path, LetterText.model_validate(document), document)
    except ValidationError as error:
        faults = [
            LetterFault(path, *place_in(document, one["loc"]), _sentence(one["loc"], one["type"], one["msg"]))
            for one in error.errors()
        ]
        raise BrokenLetter(faults) from error


def place_in(document: Any, where: Sequence[str | int]) -> tuple[int, int]:
    """Line and column, from 1, of a value; of the nearest part around it where the value is not there."""
    line, column = 1, 1
    for key in where:
        if not isinstance(document, CommentedMap | CommentedSeq):
            break
        known = key in document if isinstance(document, CommentedMap) else isinstance(key, int) and key < len(document)
        if not known:
            break
        spot = document.lc.value(key) if isinstance(document, CommentedMap) else document.lc.item(key)
        line, column = spot[0] + 1, spot[1] + 1
        document = document[key]
    if isinstance(document, LiteralScalarString | FoldedScalarString):
        return line + 1, 1
    return line, column


def _sentence(where: Sequence[str | int], kind: str, message: str) -> str:
    place = ".".join(map(str, where)) or "the letter"
    match kind:
        case "extra_forbidden":
            return f"{place}: a letter has no such key"
        case "missing":
            return f"{place} is missing"
    return f"{place}: {message.removeprefix('Value error, ')}"
