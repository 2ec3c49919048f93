"""Translations: English message ids in templates and sources, French in `templates/locale/fr/LC_MESSAGES/messages.po`.

Catalogues are read as text and compiled in memory; there are no `.mo` files to keep in step.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import NullTranslations, Translations
from jinja2.ext import babel_extract

from breach_service.errors import ContentError
from breach_service.rendering.typography import typeset

KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
"""Calls whose first arguments are message ids. `N_` marks a string that is translated elsewhere."""

TEMPLATE_SUFFIXES = frozenset({".html", ".txt", ".xml", ".j2"})


def translations_for(language: str, directories: Sequence[Path]) -> NullTranslations:
    """The translations of one language out of the templates roots; the first root that has a message wins.

    Raises ContentError with file and line where a catalogue cannot be read.
    """
    merged: Translations | None = None
    for directory in reversed(directories):
        path = catalogue_path(directory, language)
        if path.is_file():
            found = _compiled(_typeset(read_catalogue(path, language), language))
            merged = found if merged is None else merged.merge(found)
    return merged if merged is not None else NullTranslations()


def catalogue_path(directory: Path, language: str) -> Path:
    """Where a templates root keeps the translations of one language."""
    return directory / "locale" / language / "LC_MESSAGES" / "messages.po"


def read_catalogue(path: Path, language: str) -> Catalog:
    """Read one `.po` file. Raises ContentError with file and line."""
    try:
        with path.open("rb") as file:
            return read_po(file, locale=language, abort_invalid=True)
    except PoFileError as error:
        raise ContentError(f"{path}:{(error.lineno or 0) + 1}: the catalogue cannot be read: {error}") from error


@dataclass(frozen=True, order=True)
class MissingTranslation:
    """A message that stands in a template or a source and has no translation. `line` counts from 1."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: no translation of “{self.message}”"


def missing_translations(
    templates: Iterable[Path], sources: Iterable[Path] = (), language: str = "fr"
) -> tuple[MissingTranslation, ...]:
    """Every message of the templates roots and of the python packages `sources` that the catalogues do not translate.

    A fuzzy or empty entry counts as missing, and so does one with another plural. Each message is named once, at its
    first place.
    """
    roots = tuple(templates)
    known: set[tuple[str, str, str | None]] = set()
    for root in roots:
        path = catalogue_path(root, language)
        if path.is_file():
            known |= {_key(one.id, one.context) for one in read_catalogue(path, language) if _is_translated(one)}
    found: dict[tuple[str, str, str | None], MissingTranslation] = {}
    for place, line, message, context in _messages(roots, tuple(sources)):
        key = _key(message, context)
        if key not in known:
            found.setdefault(key, MissingTranslation(str(place), line, str(key[0])))
    return tuple(sorted(found.values()))


def _messages(roots: tuple[Path, ...], sources: tuple[Path, ...]) -> Iterator[tuple[Path, int, Any, str | None]]:
    jinja = {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true", "silent": "false"}
    for root in roots:
        for folder in ("pages", "messages"):
            for path in sorted((root / folder).rglob("*")):
                if path.suffix in TEMPLATE_SUFFIXES:
                    yield from _messages_in(path, babel_extract, jinja)
    for package in sources:
        for path in sorted(package.rglob("*.py")):
            yield from _messages_in(path, "python", {})


def _messages_in(path: Path, method: Any, options: dict[str, str]) -> Iterator[tuple[Path, int, Any, str | None]]:
    with path.open("rb") as file:
        for line, message, _, context in extract(method, file, keywords=KEYWORDS, options=options):
            yield path, line, message, context


def _key(message: Any, context: str | None) -> tuple[str, str, str | None]:
    """Singular and plural: of two plurals of one singular the catalogue holds one, whose places the other lacks."""
    singular, plural = message[:2] if isinstance(message, list | tuple) else (message, "")
    return singular, plural, context


def _is_translated(message: Any) -> bool:
    words = message.string if isinstance(message.string, list | tuple) else (message.string,)
    return bool(message.id) and not message.fuzzy and all(words)


def _typeset(catalogue: Catalog, language: str) -> Catalog:
    for message in catalogue:
        if isinstance(message.string, list | tuple):
            message.string = tuple(typeset(one or "", language) for one in message.string)
        elif message.id and message.string:
            message.string = typeset(message.string, language)
    return catalogue


def _compiled(catalogue: Catalog) -> Translations:
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
