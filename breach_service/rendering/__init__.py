"""Pages, messages and letters out of `templates/`: the only place where jinja2 is imported."""

from breach_service.rendering.catalogues import MissingTranslation, missing_translations
from breach_service.rendering.formats import Formats
from breach_service.rendering.letter_check import letter_faults
from breach_service.rendering.letters import LetterFault
from breach_service.rendering.renderer import Renderer
from breach_service.rendering.typography import typeset

__all__ = [
    "Formats",
    "LetterFault",
    "MissingTranslation",
    "Renderer",
    "letter_faults",
    "missing_translations",
    "typeset",
]
