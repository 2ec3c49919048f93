"""An exercise that runs or ran: which scenario, since when, on which scale, and what has arrived."""

from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.drills.scenario import Scenario


@dataclass(frozen=True)
class Drill:
    """One exercise. Instants in UTC; the scenario is a copy, as it was when it began."""

    incident_id: int
    reference: str
    scenario: Scenario
    scale: float
    """What terms are multiplied by: 1/72 where the 72 hours take one."""
    began_at: datetime
    ended_at: datetime | None = None
    delivered: frozenset[str] = frozenset()
    """The injects that have arrived."""

    @property
    def is_running(self) -> bool:
        """True until it was stopped or its time was up."""
        return self.ended_at is None
