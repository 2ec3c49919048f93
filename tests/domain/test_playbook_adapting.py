"""What people make of a plan in one incident."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import TypeAdapter

from breach_service.domain.incident import InstantKind
from breach_service.domain.playbook import (
    AS_WRITTEN,
    Due,
    Step,
    StepChange,
    StepRecord,
    StepState,
    latest_records,
)

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
STEP = Step.model_validate({"step": "cut", "title": {"fr": "Couper"}, "role": "responder"})


def _record(state: StepState, minutes: int = 0, result: str = "vu") -> StepRecord:
    return StepRecord(STEP, state, "astreinte", AT + timedelta(minutes=minutes), result)


@pytest.mark.parametrize("reason", ["", "  "])
def test_nothing_is_left_out_changed_or_set_aside_without_a_reason(reason: str) -> None:
    """Whoever reads the plan later must understand it."""
    with pytest.raises(ValueError, match="reason"):
        AS_WRITTEN.leaving_out("cut", reason)
    with pytest.raises(ValueError, match="reason"):
        AS_WRITTEN.setting_aside("web", reason)
    with pytest.raises(ValueError, match="reason"):
        AS_WRITTEN.changing("cut", StepChange(reason, role="dpo"))


def test_a_change_changes_something() -> None:
    """The role, or by when."""
    with pytest.raises(ValueError, match="say what changes"):
        AS_WRITTEN.changing("cut", StepChange("pour voir"))


def test_a_step_does_not_apply_for_a_reason() -> None:
    """Done needs no result, not applicable does."""
    assert _record(StepState.DONE, result="").result == ""
    with pytest.raises(ValueError, match="does not apply"):
        _record(StepState.NOT_APPLICABLE, result=" ")


def test_the_latest_word_on_a_step_counts() -> None:
    """Whatever the order of the list; said at the same time, the last one."""
    done, reopened = _record(StepState.DONE), _record(StepState.OPEN, 5)
    assert latest_records([reopened, done])["cut"] is reopened
    corrected = _record(StepState.DONE, result="corrigé")
    assert latest_records([done, corrected])["cut"] is corrected


def test_an_adaptation_is_a_value() -> None:
    """Each change gives another one; the one before stays as it was."""
    first = AS_WRITTEN.leaving_out("cut", "inutile")
    second = first.putting_back("cut")
    assert first.left_out == {"cut": "inutile"}
    assert second.left_out == AS_WRITTEN.left_out == {}


def test_a_step_added_again_replaces_the_one_added_before() -> None:
    """One name, one step."""
    again = STEP.model_copy(update={"role": "dpo"})
    assert AS_WRITTEN.adding(STEP).adding(again).added == (again,)


def test_a_change_of_the_term_leaves_the_role_and_the_other_way_round() -> None:
    """Only what was said changes; other steps are as written."""
    due = Due(after=InstantKind.AWARE_AT, hours=2)
    adapted = AS_WRITTEN.changing("cut", StepChange("tard", due=due)).of(STEP)
    assert (adapted.role, adapted.due) == ("responder", due)
    assert AS_WRITTEN.changing("other", StepChange("tard", role="dpo")).of(STEP) is STEP


def test_a_playbook_is_either_attached_or_set_aside() -> None:
    """The last word counts; attached twice is attached once."""
    both = AS_WRITTEN.attaching("web").attaching("web")
    assert both.attached == ("web",)
    aside = both.setting_aside("web", "fausse alarme")
    assert (aside.attached, aside.set_aside) == ((), {"web": "fausse alarme"})
    assert aside.attaching("web").set_aside == {}


def test_adaptations_and_records_can_be_kept_as_json() -> None:
    """They read back as the same values, conditions included."""
    step = Step.model_validate({**STEP.model_dump(), "only_if": {"ligne": {"fact": "incident.malicious", "is": "yes"}}})
    change = StepChange("tard", due=Due(after=InstantKind.AWARE_AT, hours=2))
    adapted = AS_WRITTEN.adding(step).leaving_out("pay", "jamais").changing("cut", change).attaching("web")
    for one in (AS_WRITTEN, adapted, StepRecord(step, StepState.DONE, "astreinte", AT, "3 fichiers")):
        adapter = TypeAdapter(type(one))
        assert adapter.validate_json(adapter.dump_json(one, by_alias=True, exclude_none=True)) == one
