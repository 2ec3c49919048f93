"""Open incidents: by alerts, a pattern or a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.incident import IncidentStatus
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import incidents
from breach_service.store.database import Session

SERVICE = "breach_service"
"""The actor of what the service does by itself."""
DRILLS = "EX"
"""The series of the references of exercises."""


@dataclass(frozen=True)
class Opening:
    """An incident to open. `detected_at` is an instant in UTC."""

    detected_at: datetime
    group_key: str
    systems: tuple[str, ...]
    opened_by: str
    title: str = ""
    signals: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    is_muted: bool = False
    is_held: bool = False
    rule: str = ""
    """The grouping rule that decided that its first alert opens, empty where its signal did."""
    signal: str = ""
    """Of its first alert."""
    scale: float | None = None
    """Of an exercise: what its terms are multiplied by. None for everything that is none."""


@dataclass(frozen=True)
class Opened:
    """An incident that was opened."""

    id: int
    reference: str


def open_incidents(
    session: Session, openings: Sequence[Opening], knowledge: Knowledge, now: datetime
) -> list[Opened]:  # fmt: skip
    """Insert incidents with the next references and their qualification clocks. The caller holds the placing lock."""
    if not openings:
        return []
    references = _references(session, openings, now)
    rows = [
        {
            "reference": reference, "title": one.title, "status": IncidentStatus.SUSPECTED,
            "organisation": knowledge.organisation, "opened_at": now, "opened_by": one.opened_by,
            "detected_at": one.detected_at, "qualify_by": one.detected_at + knowledge.qualification * (one.scale or 1),
            "group_key": one.group_key, "first_alert_at": one.detected_at, "last_alert_at": one.detected_at,
            "systems": list(one.systems), "signals": list(one.signals), "patterns": list(one.patterns), "alerts": 0,
            "has_firing": True, "is_restricted": False, "is_drill": one.scale is not None,
            "drill_scale": one.scale or 1, "is_muted": one.is_muted,
            "is_held": one.is_held, "personal_data": "unknown", "risk_least": "unlikely", "risk_most": "high_risk",
            "assessment_digest": "", "opened_by_rule": one.rule, "opened_by_signal": one.signal,
        }
        for reference, one in zip(references, openings, strict=True)
    ]  # fmt: skip
    numbers = incidents.insert(session, rows)
    return [Opened(number, reference) for number, reference in zip(numbers, references, strict=True)]


def _references(session: Session, openings: Sequence[Opening], now: datetime) -> list[str]:
    """One for each, in their order: exercises are counted in a series of their own and use no number of the other."""
    drills = sum(one.scale is not None for one in openings)
    given = {
        True: iter(incidents.next_references(session, now, drills, DRILLS) if drills else ()),
        False: iter(incidents.next_references(session, now, len(openings) - drills) if drills < len(openings) else ()),
    }
    return [next(given[one.scale is not None]) for one in openings]
