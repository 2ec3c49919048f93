"""One plan for the whole of an incident, whatever its parts say, and whatever incidents went into it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.alert import Signal
from breach_service.domain.assessment import assess
from breach_service.domain.conditions import FactValue, NumberRange, Truth
from breach_service.domain.facts import Exposure, Fact, Provenance, Scope, ScopeKind
from breach_service.domain.incident import (
    Incident,
    IncidentStatus,
    Instant,
    InstantKind,
    Perimeter,
)
from breach_service.domain.inventory import Role
from breach_service.domain.playbook import (
    ChangeKind,
    Due,
    OfferReason,
    PlanChange,
    Playbook,
    Situation,
    Step,
    StepRecord,
    StepState,
    adapted,
    instants_of,
    joined_facts,
    situation_of,
)

DETECTED = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
RANSOM = Playbook.model_validate(
    {
        "id": "ransom", "title": {"fr": "Rançon"}, "why": {"fr": "w"}, "owner": "dpo", "reviewed_on": "2026-11-20",
        "signals": ["malware"],
        "steps": [
            {"step": "cut", "title": {"fr": "Couper"}, "role": "responder",
             "due": {"after": "detected_at", "hours": 1}},
            {"step": "tell", "title": {"fr": "Dire"}, "role": "dpo", "due": {"after": "aware_at", "hours": 24}},
        ],
    }
)  # fmt: skip
LEAK = Playbook.model_validate(
    {
        "id": "leak", "title": {"fr": "Fuite"}, "why": {"fr": "w"}, "owner": "dpo", "reviewed_on": "2026-11-20",
        "when": {"lues": {"fact": "loss.confidentiality", "is": "yes"}},
        "steps": [{"step": "look", "title": {"fr": "Regarder"}, "role": "responder"}],
    }
)  # fmt: skip


def incident(*signals: Signal) -> Incident:
    return Incident(
        id=1, reference="INC-2026-0001", title="", status=IncidentStatus.SUSPECTED, organisation="us",
        opened_at=DETECTED, detected_at=DETECTED, qualify_by=DETECTED, group_key="", last_alert_at=DETECTED,
        signals=signals,
    )  # fmt: skip


def place(*values: tuple[str, str, FactValue]) -> dict[str, FactValue]:
    """What is known of the whole of an incident of which facts are said of two systems: name, system, value."""
    facts = [
        Fact(name, value, Scope(ScopeKind.SYSTEM, system), Provenance.PERSON, "a", DETECTED)
        for name, system, value in values
    ]
    perimeter = Perimeter("own", Role.CONTROLLER, "us", None, ("a", "b"), (), (Exposure("a"), Exposure("b")))
    return joined_facts(assess([perimeter], facts, (), {}))


def situation(*signals: Signal, changes: tuple[PlanChange, ...] = (), facts: tuple[Fact, ...] = ()) -> Situation:
    perimeter = Perimeter("own", Role.CONTROLLER, "us", None, (), (), (Exposure(),))
    assessment = assess([perimeter], facts, (), {})
    return situation_of(incident(*signals), assessment, (), (RANSOM, LEAK), changes)


def change(kind: ChangeKind, subject: str, hours: int = 0, **more: object) -> PlanChange:
    given = {"reason": "Because.", **more}
    return PlanChange(kind, subject, "Maud", DETECTED + hours * HOUR, **given)  # type: ignore[arg-type]


def test_a_yes_in_one_part_is_a_yes_for_the_plan() -> None:
    """A step that one system needs is in the plan, although another one needs it not."""
    assert place(("x", "a", Truth.YES), ("x", "b", Truth.NO))["x"] is Truth.YES
    assert place(("x", "a", Truth.YES))["x"] is Truth.YES


def test_what_one_part_excludes_and_the_other_leaves_open_is_open() -> None:
    """An unknown is never a no."""
    assert place(("x", "a", Truth.NO))["x"] is None
    assert place(("x", "a", Truth.NO), ("x", "b", Truth.NO))["x"] is Truth.NO


def test_other_words_that_differ_are_not_known_of_the_whole() -> None:
    assert place(("x", "a", "external"), ("x", "b", "internal"))["x"] is None
    assert place(("x", "a", "external"), ("x", "b", "external"))["x"] == "external"


def test_sets_are_united_and_numbers_span_what_is_said() -> None:
    assert place(("x", "a", frozenset({"health"})), ("x", "b", frozenset({"contact"})))["x"] == {"health", "contact"}
    spanned = place(("x", "a", NumberRange(2, 5)), ("x", "b", NumberRange(4, None)))["x"]
    assert spanned == NumberRange(2, None)


@given(st.lists(st.sampled_from([Truth.YES, Truth.NO, Truth.UNKNOWN]), min_size=2, max_size=2))
def test_the_plan_never_takes_an_unknown_for_a_no(said: list[Truth]) -> None:
    """Joined truths are what Kleene’s or gives, unknown said in whichever way."""
    joined = place(("x", "a", said[0]), ("x", "b", said[1]))["x"]
    if joined is Truth.NO:
        assert set(said) == {Truth.NO}
    assert (joined is Truth.YES) is (Truth.YES in said)


def test_a_term_counts_from_the_earliest_part_and_from_the_latest_correction() -> None:
    """Nobody is late because another part came later; a corrected instant replaces the one before."""
    found = instants_of(
        incident(),
        [
            Instant(InstantKind.AWARE_AT, DETECTED + 5 * HOUR, perimeter="own", recorded=1),
            Instant(InstantKind.AWARE_AT, DETECTED + 2 * HOUR, perimeter="own", recorded=2),
            Instant(InstantKind.AWARE_AT, DETECTED + 9 * HOUR, perimeter="client:a", recorded=3),
        ],
    )
    assert found == {InstantKind.DETECTED_AT: DETECTED, InstantKind.AWARE_AT: DETECTED + 2 * HOUR}


def test_what_applies_belongs_to_the_plan_and_what_may_apply_is_offered() -> None:
    """And says what speaks for it, or which facts decide."""
    found = situation(Signal.MALWARE)
    assert [(one.playbook.id, one.reason) for one in found.offers] == [
        ("ransom", OfferReason.APPLIES), ("leak", OfferReason.MAY_APPLY),
    ]  # fmt: skip
    assert [one.name for one in found.plan.steps] == ["cut", "tell"]
    assert found.offers[0].because == (("incident.signals", "malware"),)
    assert found.offers[1].open_facts == ("loss.confidentiality",)
    assert [one.name for one in found.overdue(DETECTED + 2 * HOUR)] == ["cut"]


def test_changes_make_the_plan_in_the_order_of_their_instants() -> None:
    """What two incidents changed before they became one is played one after the other."""
    step = Step.model_validate({"step": "added-1-1", "title": {"fr": "Appeler"}, "role": "responder"})
    made = (
        change(ChangeKind.PUT_BACK, "cut", 3),
        change(ChangeKind.LEFT_OUT, "cut", 1),
        change(ChangeKind.ADDED, step.step, 2, step=step),
        change(ChangeKind.CHANGED, "tell", 2, role="decider", due=Due(after=InstantKind.DETECTED_AT, hours=2)),
        change(ChangeKind.SET_ASIDE, "leak", 1),
        change(ChangeKind.ATTACHED, "leak", 4),
    )
    found = situation(Signal.MALWARE, changes=made)
    assert {one.name for one in found.plan.steps} == {"cut", "tell", "added-1-1", "look"}
    told = found.plan.step("tell")
    assert told is not None
    assert (told.step.role, told.due_at) == ("decider", DETECTED + 2 * HOUR)
    left_out = situation(Signal.MALWARE, changes=made[1:5])
    assert {one.name for one in left_out.plan.left_out} == {"cut"}
    assert [one.playbook.id for one in left_out.offers] == ["ransom"]


@pytest.mark.parametrize("kind", [ChangeKind.SET_ASIDE, ChangeKind.LEFT_OUT, ChangeKind.CHANGED])
def test_what_takes_something_away_has_a_reason(kind: ChangeKind) -> None:
    with pytest.raises(ValueError, match="reason"):
        adapted([change(kind, "cut", role="dpo", reason=" ")])


def test_a_record_says_who_did_it_and_when() -> None:
    """Whoever writes it down may not be the one who did it; without more they are."""
    said = StepRecord(RANSOM.steps[0], StepState.DONE, "Maud", DETECTED)
    assert (said.who, said.when) == ("Maud", DETECTED)
    told = StepRecord(RANSOM.steps[0], StepState.DONE, "Maud", DETECTED, "", "the host", DETECTED - HOUR)
    assert (told.who, told.when) == ("the host", DETECTED - HOUR)
