"""The jinja environment of one language and one zone: a sandbox in which an undefined variable is an error."""

from collections.abc import Callable, Sequence
from pathlib import Path

from babel.support import NullTranslations
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from breach_service.domain.drafts import gap_in_words, split_at_gaps
from breach_service.rendering.formats import Formats
from breach_service.rendering.typography import typeset


def environment_for(
    formats: Formats, directories: Sequence[Path], translations: NullTranslations, autoescape: bool
) -> ImmutableSandboxedEnvironment:
    """The environment of pages (`autoescape`) or of plain texts, with our filters, `gap`, `language` and `zone`."""
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader([str(one) for one in directories]),
        undefined=StrictUndefined,
        autoescape=autoescape,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # the i18n extension adds it
        translations.gettext,
        translations.ngettext,
        newstyle=True,
        pgettext=translations.pgettext,
        npgettext=translations.npgettext,
    )
    environment.filters.update(formats.filters())
    environment.filters["typo"] = lambda value: _typeset_keeping_markup(value, formats.language)
    environment.filters["gaps"] = mark_gaps
    environment.filters["capitalize"] = lambda words: words[:1].upper() + words[1:]  # DPO stays DPO, unlike in Jinja's
    environment.globals["gap"] = _gap(formats.language, autoescape)
    environment.globals["language"] = formats.language
    environment.globals["zone"] = formats.zone
    return environment


def mark_gaps(text: str) -> Markup:
    """A plain text as HTML: escaped, each `[À COMPLÉTER : …]` in a `mark` of class `gap`."""
    pieces = [_mark(piece) if is_gap else escape(piece) for piece, is_gap in split_at_gaps(str(text))]
    return Markup("").join(pieces)


def _mark(words: str) -> Markup:
    return Markup('<mark class="gap">{}</mark>').format(words)


def _gap(language: str, is_page: bool) -> Callable[[str], str]:
    def gap(what: str) -> str:
        words = gap_in_words(typeset(str(what), language), language)
        return _mark(words) if is_page else words

    return gap


def _typeset_keeping_markup(value: object, language: str) -> str:
    typed = typeset(str(value), language)
    return Markup(typed) if isinstance(value, Markup) else typed  # noqa: S704 - it was markup before
