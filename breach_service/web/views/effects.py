"""What the answers to a question would change of what we owe."""

from collections.abc import Mapping
from dataclasses import dataclass

from breach_service.domain.assessment import Duty, Effect, WeighedQuestion
from breach_service.domain.dossier import Dossier
from breach_service.domain.facts import FactType


@dataclass(frozen=True)
class EffectLine:
    """What one answer alone would change of what we owe."""

    answer: str
    """`yes`, `no`, a word, `none_of_these`, or a side of a threshold (`>24`)."""
    label: str
    """Empty for the answers that have common words."""
    changes: tuple[tuple[str, Duty], ...]
    """Codes `register`, `authority`, `persons`, `clients`, and what each becomes."""


def effect_lines(
    weighed: WeighedQuestion | None, known: FactType, dossier: Dossier, language: str
) -> tuple[EffectLine, ...]:
    """The answers to a question that change something for us by themselves; none for a fact that is no question."""
    ours = {one.perimeter.key: one.perimeter.is_ours for one in dossier.assessment.perimeters}
    lines = (_effect_line(one, known, ours, language) for one in (weighed.effects if weighed else ()))
    return tuple(one for one in lines if one.changes)


def _effect_line(effect: Effect, known: FactType, ours: Mapping[str, bool], language: str) -> EffectLine:
    """What is for the client to decide changes nothing for us and is left out."""
    changes = dict.fromkeys(
        (change.duty, change.after)
        for change in effect.changes
        if any(ours[key] is not (change.duty == "clients") for key in change.perimeters)
    )
    choices = known.choices or {}
    word = effect.answer.key
    return EffectLine(word, choices[word].in_language(language) if word in choices else "", tuple(changes))
