"""Since when we are aware: the candidates as choices, none of them chosen, and what is proposed with its reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.awareness import WHY_WORDS, Awareness, Candidate, Source
from breach_service.domain.dossier import Dossier
from breach_service.domain.incident import OPEN_STATUSES
from breach_service.web.views.pieces import ContentWords

OWN = "own"
"""The choice of an instant that is none of the candidates."""


@dataclass(frozen=True)
class CandidateLine:
    """One moment that may be awareness. `at` in UTC; `value` is what its choice sends."""

    value: str
    at: datetime
    source: Source
    why: str
    by: str
    about: str
    is_certain: bool
    is_proposed: bool


@dataclass(frozen=True)
class AwarenessView:
    """The choices of the form, and what stands."""

    candidates: tuple[CandidateLine, ...]
    is_open: bool
    has_proposal: bool
    recorded_at: datetime | None
    recorded_by: str
    is_later: bool
    """True where what was recorded lies after the earliest moment of certainty."""


def awareness_view(dossier: Dossier, found: Awareness, content: ContentWords, language: str) -> AwarenessView:
    """What is recorded of an incident that may say since when we are aware."""
    recorded = found.recorded
    return AwarenessView(
        candidates=tuple(_lines(found, content, language)),
        is_open=dossier.incident.status in OPEN_STATUSES,
        has_proposal=found.proposed is not None,
        recorded_at=recorded.at if recorded else None,
        recorded_by=recorded.by if recorded else "",
        is_later=found.is_later_than_proposed,
    )


def _lines(found: Awareness, content: ContentWords, language: str) -> Iterable[CandidateLine]:
    for one in found.candidates:
        yield CandidateLine(
            value=one.at.isoformat(), at=one.at, source=one.source, why=WHY_WORDS[one.why].in_language(language),
            by=one.by, about=_about(one, content, language), is_certain=one.is_certain,
            is_proposed=one == found.proposed,
        )  # fmt: skip


def _about(one: Candidate, content: ContentWords, language: str) -> str:
    match one.source:
        case Source.FACT:
            return content.fact(one.about, language)
        case Source.ALERT:
            known = {str(signal): each for signal, each in content.signals.items()}.get(one.about)
            return known.label.in_language(language) if known else ""
        case Source.INSTANT:
            return ""
    return one.about


NO_AWARENESS = AwarenessView((), False, False, None, "", False)
