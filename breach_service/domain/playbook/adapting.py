"""What people make of a plan in one incident: what they leave out, add and change, and what they have done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from breach_service.domain.playbook.content import Due, Step, StepRole


class StepState(StrEnum):
    """Where a step stands."""

    OPEN = "open"
    DONE = "done"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class StepRecord:
    """What somebody said of a step. A later record of the same step corrects an earlier one; OPEN reopens it."""

    step: Step
    """As it was worded then: what was done stays readable whatever becomes of the playbook."""
    state: StepState
    by: str
    at: datetime
    result: str = ""
    """What came of it; the reason where it did not apply, or why it is open again."""
    done_by: str = ""
    """Who did it, where that is somebody else than whoever says so (`by`)."""
    done_at: datetime | None = None
    """When it was done, where that is earlier than when it was said (`at`). UTC."""

    def __post_init__(self) -> None:
        if self.state is StepState.NOT_APPLICABLE and not self.result.strip():
            raise ValueError("say why this step does not apply")

    @property
    def who(self) -> str:
        """Who did it, as far as it is known."""
        return self.done_by or self.by

    @property
    def when(self) -> datetime:
        """When it was done, in UTC."""
        return self.done_at or self.at


def latest_records(records: Iterable[StepRecord]) -> Mapping[str, StepRecord]:
    """The record that counts for each step: the latest, among equals the last one given."""
    latest: dict[str, StepRecord] = {}
    for record in records:
        held = latest.get(record.step.step)
        if held is None or record.at >= held.at:
            latest[record.step.step] = record
    return latest


@dataclass(frozen=True)
class StepChange:
    """Another role or another term for a step; None leaves what the playbook says."""

    reason: str
    role: StepRole | None = None
    due: Due | None = None


@dataclass(frozen=True)
class Adaptation:
    """A plan made to fit one incident. A value: each method returns another one.

    It can be kept as JSON (`pydantic.TypeAdapter`, by alias), as can a `StepRecord`.
    """

    left_out: Mapping[str, str] = field(default_factory=dict)
    """The reason by the name of the step."""
    added: tuple[Step, ...] = ()
    changed: Mapping[str, StepChange] = field(default_factory=dict)
    attached: tuple[str, ...] = ()
    """Playbooks that a person added, whatever their conditions."""
    set_aside: Mapping[str, str] = field(default_factory=dict)
    """Playbooks that a person took away, with the reason."""

    def leaving_out(self, step: str, reason: str) -> "Adaptation":
        """Without a step; ValueError without a reason."""
        return replace(self, left_out={**self.left_out, step: _given(reason)})

    def putting_back(self, step: str) -> "Adaptation":
        """With a step that had been left out."""
        return replace(self, left_out={name: why for name, why in self.left_out.items() if name != step})

    def adding(self, step: Step) -> "Adaptation":
        """With one more step, in place of one added before under the same name."""
        return replace(self, added=(*(one for one in self.added if one.step != step.step), step))

    def changing(self, step: str, change: StepChange) -> "Adaptation":
        """With another role or term for a step; ValueError without a reason, or where nothing changes."""
        _given(change.reason)
        if change.role is None and change.due is None:
            raise ValueError("say what changes: the role, or by when")
        return replace(self, changed={**self.changed, step: change})

    def attaching(self, playbook: str) -> "Adaptation":
        """With a playbook, whatever its conditions."""
        kept = {name: why for name, why in self.set_aside.items() if name != playbook}
        return replace(self, attached=(*(one for one in self.attached if one != playbook), playbook), set_aside=kept)

    def setting_aside(self, playbook: str, reason: str) -> "Adaptation":
        """Without a playbook; ValueError without a reason."""
        attached = tuple(one for one in self.attached if one != playbook)
        return replace(self, attached=attached, set_aside={**self.set_aside, playbook: _given(reason)})

    def of(self, step: Step) -> Step:
        """A step with the role and the term that it has here."""
        change = self.changed.get(step.step)
        if change is None:
            return step
        given = {"role": change.role, "due": change.due}
        return step.model_copy(update={name: value for name, value in given.items() if value is not None})


def _given(reason: str) -> str:
    if not reason.strip():
        raise ValueError("give the reason: whoever reads the plan later must understand it")
    return reason.strip()


AS_WRITTEN = Adaptation()
"""The playbooks as they are."""
