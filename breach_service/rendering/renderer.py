"""The renderer: pages, messages and letters in one language and one zone."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.support import NullTranslations
from jinja2.sandbox import ImmutableSandboxedEnvironment

from breach_service.domain.drafts import Draft, Notice
from breach_service.rendering.catalogues import translations_for
from breach_service.rendering.environment import environment_for
from breach_service.rendering.formats import LOCALES, Formats
from breach_service.rendering.letter_text import CompiledLetter, compiled_letter
from breach_service.rendering.letters import letter_path, read_letter
from breach_service.rendering.vocabulary import Vocabulary

MOST_ENVIRONMENTS = 32
"""How many languages in a zone (and a year) are kept compiled at once."""


class Renderer:
    """Renders what stands in the templates roots; the first root that has a file wins (an operator's, then ours).

    Files are read once: a changed template needs a new renderer. Every template sees `language`, `zone`, `gap(what)`,
    gettext, and the filters of `Formats` with `typo` and `gaps`; includes are named from the root: `pages/_clock.html`.
    """

    def __init__(self, directories: Sequence[Path]) -> None:
        self.directories = tuple(directories)
        self._translations = {one: translations_for(one, self.directories) for one in LOCALES}
        self._environment = lru_cache(maxsize=MOST_ENVIRONMENTS)(self._new_environment)
        self._letter = lru_cache(maxsize=MOST_ENVIRONMENTS)(self._new_letter)

    def page(self, name: str, language: str, zone: str, context: Mapping[str, object]) -> str:
        """Render `pages/<name>` as HTML. Raises jinja2.UndefinedError where the page reads what it was not given.

        Instants of another year than that of `frame.now` are written with their year.
        """
        now = getattr(context.get("frame"), "now", None)
        year = now.astimezone(ZoneInfo(zone)).year if isinstance(now, datetime) else None
        return self._environment(language, zone, True, year).get_template(f"pages/{name}").render(context)

    def message(self, name: str, language: str, zone: str, context: Mapping[str, object]) -> str:
        """Render `messages/<name>`: HTML (escaped) if it ends in `.html`, plain text otherwise."""
        environment = self._environment(language, zone, name.endswith(".html"))
        return environment.get_template(f"messages/{name}").render(context)

    def letter(self, slug: str, language: str, zone: str, notice: Notice) -> Draft:
        """Draft a letter from `letters/<slug>/<language>/letter.yaml`.

        Raises ContentError, with file and line, where the letter has a fault or reads an undefined variable.
        """
        return self._letter(slug, language, zone).draft(slug, notice)

    def gettext(self, language: str) -> Callable[[str], str]:
        """The translation of English message ids into a language, for strings that are made in python."""
        return self._translations[language].gettext

    def formats(self, language: str, zone: str) -> Formats:
        """How instants and numbers are written, for texts that are made in python (cards, plain mails)."""
        return Formats(language, zone)

    def _new_environment(
        self, language: str, zone: str, is_html: bool, year: int | None = None
    ) -> ImmutableSandboxedEnvironment:  # fmt: skip
        translations: NullTranslations = self._translations[language]
        return environment_for(Formats(language, zone, year), self.directories, translations, autoescape=is_html)

    def _new_letter(self, slug: str, language: str, zone: str) -> CompiledLetter:
        letter = read_letter(letter_path(self.directories, slug, language))
        environment = self._new_environment(language, zone, is_html=False)
        environment.filters.update(Vocabulary(Formats(language, zone), letter.text.words).filters())
        return compiled_letter(letter, language, environment)
