"""What the alerts of an incident show of persons: kinds and numbers, never values."""

from collections.abc import Mapping
from dataclasses import dataclass

from breach_service.domain.conditions import Truth
from breach_service.domain.dossier import Dossier
from breach_service.domain.personal_data import SEEN_IN_ALERTS, DataKind
from breach_service.web.views.pieces import ContentWords


@dataclass(frozen=True)
class SeenView:
    """The line above the alerts."""

    kinds: tuple[tuple[str, int], ...]
    """Each kind in words, with the number of values, counted alert by alert."""
    is_against_inventory: bool
    """True where the incident is held to involve no personal data: somebody should look."""


def seen_view(
    dossier: Dossier, seen: Mapping[DataKind, int], content: ContentWords, language: str
) -> SeenView | None:  # fmt: skip
    """None where the alerts show nothing."""
    if not seen:
        return None
    known = content.facts.get(SEEN_IN_ALERTS)
    choices = known.choices or {} if known else {}
    words = {str(kind): str(kind).replace("_", " ") for kind in DataKind}
    words |= {name: text.in_language(language) for name, text in choices.items()}
    return SeenView(
        kinds=tuple((words[str(kind)], count) for kind, count in seen.items()),
        is_against_inventory=dossier.assessment.personal_data is Truth.NO,
    )
