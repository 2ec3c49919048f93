"""Since when we are aware, from what an incident holds and by the rules in force."""

from collections.abc import Sequence

from breach_service.domain.awareness import Awareness, awareness_of
from breach_service.domain.conditions import Truth, any_of
from breach_service.domain.dossier import Dossier
from breach_service.domain.facts import Fact
from breach_service.pipeline.judging import assessment_of
from breach_service.pipeline.knowledge import Knowledge


def recorded_awareness(dossier: Dossier, knowledge: Knowledge) -> Awareness:
    """The moments of an incident that may be awareness; what established a breach is asked of the engine again."""

    def is_breach(facts: Sequence[Fact]) -> Truth:
        return any_of([one.is_breach for one in assessment_of(dossier.incident, facts, knowledge).perimeters])

    return awareness_of(dossier, is_breach)
