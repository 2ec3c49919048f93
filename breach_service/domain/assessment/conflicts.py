"""Criteria that both hold and speak against each other: which one counts, so that neither gives way without a word."""

from collections.abc import Mapping
from dataclasses import dataclass

from breach_service.domain.assessment.perimeters import PerimeterAssessment
from breach_service.domain.bounds import overruled_among
from breach_service.domain.rules import Rule


@dataclass(frozen=True)
class Conflict:
    """What stands against one criterion: the floors that it neutralises or the ceilings that it exceeds, and back."""

    prevails_over: tuple[Rule, ...] = ()
    gives_way_to: tuple[Rule, ...] = ()


NO_CONFLICT = Conflict()


def conflicts_in(assessed: PerimeterAssessment) -> Mapping[str, Conflict]:
    """The conflicts of each criterion in one perimeter, by its id; those without any are left out."""
    over: dict[str, dict[str, Rule]] = {}
    under: dict[str, dict[str, Rule]] = {}
    for place in assessed.places:
        for one in overruled_among(place.findings):
            pair = (one.ceiling.rule, one.floor.rule)
            winner, loser = pair if one.is_neutralised else pair[::-1]
            over.setdefault(winner.id, {})[loser.id] = loser
            under.setdefault(loser.id, {})[winner.id] = winner
    return {
        name: Conflict(tuple(over.get(name, {}).values()), tuple(under.get(name, {}).values()))
        for name in sorted({*over, *under})
    }
