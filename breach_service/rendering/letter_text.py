"""From a letter file and a notice to a draft: texts are rendered, set in paragraphs and typeset."""

import re
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from jinja2 import Template, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from breach_service.domain.drafts import Choice, Draft, Field, FieldKind, Notice, Section
from breach_service.rendering.letter_variables import variables_of
from breach_service.rendering.letters import BrokenLetter, FieldText, Letter, LetterFault, Place
from breach_service.rendering.typography import typeset

RENDERING_ERRORS = (TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError)
"""What a text of a letter can raise when it reads or calls something that is not there or does not fit."""

_ITEM = re.compile(r"- |☐ |☒ ")


def set_in_paragraphs(text: str) -> str:
    """Lines of a paragraph joined; a blank line parts paragraphs; a line that starts with `- ` stays an item."""
    paragraphs: list[str] = []
    is_open = False
    for line in map(str.strip, text.splitlines()):
        if not line:
            is_open = False
        elif is_open and not _ITEM.match(line):
            paragraphs[-1] += f" {line}"
        else:
            paragraphs.append(line)
            is_open = True
    shown = ""
    for before, paragraph in zip(["", *paragraphs], paragraphs, strict=False):
        are_items = bool(_ITEM.match(before) and _ITEM.match(paragraph))
        shown += ("" if not before else "\n" if are_items else "\n\n") + paragraph
    return shown


@dataclass(frozen=True, eq=False)
class CompiledLetter:
    """A letter ready to be filled in, in one language and one zone."""

    letter: Letter
    language: str
    templates: dict[Place, Template]

    def draft(self, slug: str, notice: Notice) -> Draft:
        """Fill the letter in. Raises BrokenLetter where a text reads something that is not there."""
        filling = _Filling(self, variables_of(notice, self.letter.text.words))
        text = self.letter.text
        sections = []
        for at, section in enumerate(text.sections):
            here: Place = ("sections", at)
            fields = tuple(
                filling.field(field, (*here, "fields", index))
                for index, field in enumerate(section.fields)
                if not field.only_if or filling.holds((*here, "fields", index, "only_if"))
            )
            if fields:
                sections.append(Section(section.id, filling.text((*here, "title")), fields, section.article))
        recipient, subject = filling.text(("recipient",)), filling.text(("subject",))
        return Draft(slug, self.language, recipient, subject, tuple(sections))


@dataclass(frozen=True)
class _Filling:
    compiled: CompiledLetter
    variables: dict[str, object]

    def field(self, field: FieldText, here: Place) -> Field:
        label, text = self.text((*here, "label")), self.text((*here, "text"))
        if field.kind is not FieldKind.CHOICE:
            return Field(label, field.kind, text, (), field.article)
        choices = tuple(
            Choice(typeset(words, self.compiled.language), self.holds((*here, "options", words)))
            for words in field.options
        )
        boxes = "\n".join(choice.as_text() for choice in choices)
        return Field(label, field.kind, f"{boxes}\n\n{text}" if text else boxes, choices, field.article)

    def text(self, place: Place) -> str:
        return typeset(set_in_paragraphs(self._rendered(place)), self.compiled.language)

    def holds(self, place: Place) -> bool:
        return bool(self._rendered(place).strip())

    def _rendered(self, place: Place) -> str:
        letter = self.compiled.letter
        try:
            return self.compiled.templates[place].render(self.variables)
        except RENDERING_ERRORS as error:
            line = _line_in(letter.path, error.__traceback__) or letter.place(*place)[0]
            raise BrokenLetter([LetterFault(letter.path, line, 1, str(error))]) from error


def compiled_letter(letter: Letter, language: str, environment: ImmutableSandboxedEnvironment) -> CompiledLetter:
    """Compile every text of a letter. Raises BrokenLetter with every fault of syntax."""
    templates: dict[Place, Template] = {}
    faults: list[LetterFault] = []
    for place, source, is_expression in letter.jinja():
        line, column = letter.place(*place)
        try:
            templates[place] = _compiled(padded(source, line, is_expression), letter.path, environment)
        except TemplateSyntaxError as error:
            at_start = error.lineno == line
            faults.append(LetterFault(letter.path, error.lineno, column if at_start else 1, f"{error.message}"))
    if faults:
        raise BrokenLetter(faults)
    return CompiledLetter(letter, language, templates)


def padded(source: str, line: int, is_expression: bool) -> str:
    """A text behind so many empty lines that jinja counts lines as the file does; an expression as a test."""
    wrapped = f"{{% if {source.strip()} %}}1{{% endif %}}" if is_expression else source
    return "\n" * (line - 1) + wrapped


def _compiled(source: str, path: Path, environment: ImmutableSandboxedEnvironment) -> Template:
    code = environment.compile(source, filename=str(path))
    return environment.template_class.from_code(environment, code, environment.make_globals(None))


def _line_in(path: Path, traceback: TracebackType | None) -> int | None:
    line = None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == str(path):
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
