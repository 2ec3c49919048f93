"""What people do, in order, when something happened: the fiches réflexes of `playbooks/responses/`."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from breach_service.domain.alert import Signal
from breach_service.domain.incident import InstantKind
from breach_service.domain.text import Text


class Due(BaseModel):
    """By when: hours after one of the instants of the incident."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: InstantKind
    hours: float = Field(gt=0)


class Step(BaseModel):
    """One thing that one role does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    step: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    """Its id within the playbook."""
    title: Text
    role: Literal["responder", "dpo", "decider"]
    due: Due | None = None
    how: Text
    answers: tuple[str, ...] = ()
    """The facts that a person can record once the step is done."""

    def due_at(self, instants: Mapping[InstantKind, datetime]) -> datetime | None:
        """The instant in UTC by which it should be done; None without a term, or while its start is not known."""
        started_at = instants.get(self.due.after) if self.due else None
        if self.due is None or started_at is None:
            return None
        return started_at + timedelta(hours=self.due.hours)


class Playbook(BaseModel):
    """One file of `playbooks/responses/`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: Text
    why: Text
    references: tuple[str, ...] = ()
    owner: str
    reviewed_on: date
    signals: tuple[Signal, ...] = Field(min_length=1)
    """It is offered for an incident that has one of these."""
    steps: tuple[Step, ...] = Field(min_length=1)

    @field_validator("reviewed_on", mode="before")
    @classmethod
    def _day(cls, value: Any) -> Any:
        return value if isinstance(value, str) else str(value)


def playbooks_for(signals: Iterable[Signal], playbooks: Iterable[Playbook]) -> tuple[Playbook, ...]:
    """The playbooks that an incident with these signals calls for, in the order of the playbooks."""
    present = set(signals)
    return tuple(one for one in playbooks if present.intersection(one.signals))
