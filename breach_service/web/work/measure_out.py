"""A measure as JSON, used alike by the API and by `--json` on the command line."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from breach_service.domain.measures import Audience, Measure, MeasureState


class MeasureOut(BaseModel):
    """A measure. Instants in UTC; days in the zone of the organisation."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    incident: str
    """Reference."""
    what: str
    kind: str
    """A choice of the fact `measures.taken`; empty where it is none."""
    owner: str
    owner_id: int | None
    due_on: date | None
    state: MeasureState
    is_overdue: bool
    outcome: str
    settled_on: date | None
    settled_by: str
    perimeter: str
    audience: Audience
    is_follow_up: bool
    """True where the review asked for it."""
    planned_at: datetime
    planned_by: str
    revision: int


def measure_out(one: Measure, reference: str, today: date) -> MeasureOut:
    """A measure as JSON."""
    return MeasureOut.model_validate({**vars(one), "incident": reference, "is_overdue": one.is_overdue(today)})
