"""What people changed in the plan of an incident, one change after the other; the plan follows from all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from breach_service.domain.playbook.adapting import AS_WRITTEN, Adaptation, StepChange
from breach_service.domain.playbook.content import Due, Step, StepRole


class ChangeKind(StrEnum):
    """What somebody did to a plan."""

    ATTACHED = "attached"
    """A playbook belongs to it, whatever its conditions."""
    SET_ASIDE = "set_aside"
    """A playbook does not belong to it, whatever its conditions."""
    LEFT_OUT = "left_out"
    PUT_BACK = "put_back"
    ADDED = "added"
    CHANGED = "changed"


OF_PLAYBOOKS = frozenset({ChangeKind.ATTACHED, ChangeKind.SET_ASIDE})
"""The changes that are about a playbook; the others are about a step."""


@dataclass(frozen=True)
class PlanChange:
    """One change of a plan: insert-only, undone by another one. `at` is an instant in UTC."""

    kind: ChangeKind
    subject: str
    """The id of a playbook or the name of a step."""
    by: str
    at: datetime
    reason: str = ""
    step: Step | None = None
    """The step that was added."""
    role: StepRole | None = None
    due: Due | None = None
    """Another role or another term; None leaves what the playbook says."""

    def applied_to(self, adaptation: Adaptation) -> Adaptation:
        """The plan with this change. ValueError without a reason where there must be one, or where nothing changes."""
        match self.kind:
            case ChangeKind.ATTACHED:
                return adaptation.attaching(self.subject)
            case ChangeKind.SET_ASIDE:
                return adaptation.setting_aside(self.subject, self.reason)
            case ChangeKind.LEFT_OUT:
                return adaptation.leaving_out(self.subject, self.reason)
            case ChangeKind.PUT_BACK:
                return adaptation.putting_back(self.subject)
            case ChangeKind.ADDED:
                return adaptation if self.step is None else adaptation.adding(self.step)
            case ChangeKind.CHANGED:
                return adaptation.changing(self.subject, StepChange(self.reason, self.role, self.due))


def adapted(changes: Iterable[PlanChange]) -> Adaptation:
    """The plan as all changes leave it, in the order of their instants, whichever incident they were made in."""
    adaptation = AS_WRITTEN
    for one in sorted(changes, key=lambda each: each.at):
        adaptation = one.applied_to(adaptation)
    return adaptation
