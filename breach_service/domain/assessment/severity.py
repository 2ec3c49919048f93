"""The ENISA score of a perimeter and of an incident; it stands beside the duties and never decides one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from breach_service.domain.assessment.incident import Assessment
from breach_service.domain.assessment.perimeters import PerimeterAssessment
from breach_service.domain.assessment.places import Place
from breach_service.domain.conditions import Truth
from breach_service.domain.severity import SeverityInterval, severity_input, severity_of


@dataclass(frozen=True)
class _Scored:
    is_breach: Truth
    score: SeverityInterval


def severity_in(assessed: PerimeterAssessment) -> SeverityInterval | None:
    """The score of one perimeter, explained by the place that may score highest; None where there is no breach."""
    scored = [_Scored(one.is_breach, _severity_at(one)) for one in assessed.places if one.is_breach is not Truth.NO]
    return _joined(scored)


def severity_over(assessment: Assessment) -> SeverityInterval | None:
    """The score of the incident: that of the perimeter that may score highest; None where there is no breach."""
    found = [(one.is_breach, severity_in(one)) for one in assessment.perimeters]
    return _joined([_Scored(is_breach, score) for is_breach, score in found if score is not None])


def _severity_at(place: Place) -> SeverityInterval:
    return severity_of(severity_input(place.values, {str(loss): truth for loss, truth in place.losses.items()}))


def _joined(scored: Sequence[_Scored]) -> SeverityInterval | None:
    """The interval of the highest score.

    Where a breach is certain its least score is reached anyway; as long as none is, each may turn out to be the only
    one, so the least of all of them can still be the result.
    """
    if not scored:
        return None
    worst = max((one.score for one in scored), key=lambda one: (one.most, one.least))
    sure = [one.score.least for one in scored if one.is_breach is Truth.YES]
    least = max(sure) if sure else min(one.score.least for one in scored)
    return replace(worst, least=least)
