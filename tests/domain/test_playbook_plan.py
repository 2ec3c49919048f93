"""Several playbooks as one plan."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_service.domain.conditions import Truth
from breach_service.domain.incident import InstantKind
from breach_service.domain.playbook import (
    AS_WRITTEN,
    Adaptation,
    Phase,
    Plan,
    Playbook,
    Step,
    StepChange,
    StepRecord,
    StepState,
    plan_of,
    steps_due,
)

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
DETECTED = {InstantKind.DETECTED_AT: AT}
MALICIOUS = {"malveillant": {"fact": "incident.malicious", "is": "yes"}}
LOST = {"perte": {"fact": "loss.availability", "is": "yes"}}


def _step(name: str, hours: float | None = 1, phase: str = "inquiry", after: str = "detected_at", **more: Any) -> Step:
    due = {"after": after, "hours": hours} if hours else None
    fields = {"step": name, "title": {"fr": name}, "role": "responder", "phase": phase, "due": due}
    return Step.model_validate({**fields, **more})


def _playbook(name: str, *steps: Step, **more: Any) -> Playbook:
    fields = {
        "id": name, "title": {"fr": name}, "why": {"fr": name}, "owner": "dpo", "reviewed_on": "2026-11-23",
        "signals": ["malware"], "steps": [step.model_dump(by_alias=True) for step in steps],
    }  # fmt: skip
    return Playbook.model_validate({**fields, **more})


def _names(plan: Plan) -> list[str]:
    return [one.name for one in plan.steps]


def _done(step: Step, state: StepState = StepState.DONE, result: str = "fait", at: datetime = AT) -> StepRecord:
    return StepRecord(step, state, "astreinte", at, result)


def test_steps_stand_in_order_of_due_time_whichever_playbook_says_them() -> None:
    """Then those that wait for an instant, by their clock and hours, and last what has no term."""
    one = _playbook("one", _step("none", None), _step("aware", 2, after="aware_at"), _step("late", 24))
    two = _playbook("two", _step("flaw", 9, after="flaw_discovered_at"), _step("aware-early", 1, after="aware_at"),
                    _step("early", 2))  # fmt: skip
    assert _names(plan_of([one, two], {}, DETECTED)) == ["early", "late", "flaw", "aware-early", "aware", "none"]


def test_clocks_that_began_at_different_times_are_compared_by_their_instants() -> None:
    """Hours are counted from each clock’s own beginning."""
    book = _playbook("one", _step("detected", 10), _step("aware", 1, after="aware_at"))
    instants = {**DETECTED, InstantKind.AWARE_AT: AT + timedelta(hours=5)}
    plan = plan_of([book], {}, instants)
    assert [(one.name, one.due_at) for one in plan.steps] == [
        ("aware", AT + timedelta(hours=6)),
        ("detected", AT + timedelta(hours=10)),
    ]


def test_a_step_of_two_playbooks_is_said_once_with_the_earlier_term() -> None:
    """In the words of the first, with what both answer."""
    first = _playbook("first", _step("isolate", 4, answers=["incident.contained"]))
    second = _playbook("second", _step("isolate", 1, answers=["measures.taken", "incident.contained"]))
    (step,) = plan_of([first, second], {}, DETECTED).steps
    assert step.playbooks == ("first", "second")
    assert step.due_at == AT + timedelta(hours=1)
    assert step.step.answers == ("incident.contained", "measures.taken")


def test_a_term_that_waits_for_its_instant_yields_to_one_that_has_a_date() -> None:
    """The date that is known is the one to keep."""
    first = _playbook("first", _step("tell", 1, after="aware_at"))
    second = _playbook("second", _step("tell", 24))
    (step,) = plan_of([first, second], {}, DETECTED).steps
    assert step.due_at == AT + timedelta(hours=24)


def test_the_words_of_a_common_playbook_yield_to_those_of_another() -> None:
    """Whatever the order in which they are given."""
    common = _playbook("common", _step("tell", 1, title={"fr": "Informer"}), is_common=True)
    other = _playbook("other", _step("tell", 2, title={"fr": "Informer chaque titulaire"}))
    (step,) = plan_of([common, other], {}, DETECTED).steps
    assert step.step.title.fr == "Informer chaque titulaire"
    assert step.due_at == AT + timedelta(hours=1)


def test_evidence_comes_before_containment_that_is_due_earlier() -> None:
    """What contains would destroy what is to be kept; other inquiries keep their place."""
    book = _playbook("one", _step("look", 1), _step("cut", 2, "containment"), _step("keep", 3, "evidence"))
    assert _names(plan_of([book], {}, DETECTED)) == ["look", "keep", "cut"]


def test_evidence_of_one_playbook_does_not_wait_behind_another_playbook_s_containment_at_the_same_time() -> None:
    """At one time the phases have their order."""
    one = _playbook("one", _step("cut", 1, "containment"), _step("tell", 1, "information"))
    two = _playbook("two", _step("keep", 1, "evidence"), _step("confirm", 1, "alert"))
    assert _names(plan_of([one, two], {}, DETECTED)) == ["confirm", "keep", "cut", "tell"]


@pytest.mark.parametrize(
    ("truth", "is_there", "is_certain"),
    [(Truth.YES, True, True), (Truth.NO, False, True), (Truth.UNKNOWN, True, False), (None, True, False)],
)
def test_a_step_under_a_condition_stays_while_it_may_be_wanted(
    truth: Truth | None, is_there: bool, is_certain: bool
) -> None:
    """Unknown is not a no: the step is there, and names the fact that would decide."""
    book = _playbook("one", _step("complain", 48, only_if=MALICIOUS))
    plan = plan_of([book], {"incident.malicious": truth}, DETECTED)
    found = plan.steps if is_there else plan.left_out
    assert [(one.name, one.is_certain) for one in found] == [("complain", is_certain)]
    assert found[0].asks == (() if is_certain else ("incident.malicious",))


def test_of_two_conditions_for_one_step_either_is_enough() -> None:
    """And a playbook that asks for it without condition wants it anyway."""
    first, second = _playbook("a", _step("x", only_if=MALICIOUS)), _playbook("b", _step("x", only_if=LOST))
    facts = {"incident.malicious": Truth.NO, "loss.availability": Truth.YES}
    assert _names(plan_of([first, second], facts, DETECTED)) == ["x"]
    assert _names(plan_of([first, first], facts, DETECTED)) == []
    assert _names(plan_of([first, _playbook("c", _step("x"))], facts, DETECTED)) == ["x"]


def test_what_a_person_left_out_is_listed_with_the_reason() -> None:
    """Out of the plan, not out of sight."""
    book = _playbook("one", _step("keep"), _step("pay"))
    plan = plan_of([book], {}, DETECTED, AS_WRITTEN.leaving_out("pay", "nous ne payons pas"))
    assert _names(plan) == ["keep"]
    assert [(one.name, one.left_out) for one in plan.left_out] == [("pay", "nous ne payons pas")]
    back = AS_WRITTEN.leaving_out("pay", "nous ne payons pas").putting_back("pay")
    assert _names(plan_of([book], {}, DETECTED, back)) == ["keep", "pay"]


def test_a_step_that_a_person_added_takes_its_place_by_its_term() -> None:
    """It belongs to no playbook."""
    book = _playbook("one", _step("early", 1), _step("late", 9))
    plan = plan_of([book], {}, DETECTED, AS_WRITTEN.adding(_step("own", 4)))
    assert [(one.name, one.playbooks) for one in plan.steps] == [("early", ("one",)), ("own", ()), ("late", ("one",))]


def test_a_changed_role_and_term_hold_in_this_incident() -> None:
    """And move the step to its new place."""
    book = _playbook("one", _step("first", 1), _step("second", 2))
    change = StepChange("le DPO est sur place", role="dpo", due=_step("x", 0.5).due)
    plan = plan_of([book], {}, DETECTED, AS_WRITTEN.changing("second", change))
    assert [(one.name, one.step.role) for one in plan.steps] == [("second", "dpo"), ("first", "responder")]


def test_a_done_step_says_who_when_and_with_what_result() -> None:
    """And is due no longer."""
    book = _playbook("one", _step("keep"), _step("cut"))
    plan = plan_of([book], {}, DETECTED, records=[_done(_step("keep"), result="3 fichiers")])
    kept = plan.step("keep")
    assert kept is not None
    assert kept.state is StepState.DONE
    assert kept.record is not None
    assert (kept.record.by, kept.record.at, kept.record.result) == ("astreinte", AT, "3 fichiers")
    assert [one.name for one in steps_due(plan, AT + timedelta(hours=2))] == ["cut"]


def test_a_step_that_does_not_apply_stays_in_the_plan_with_its_reason() -> None:
    """An auditor sees that it was looked at."""
    record = _done(_step("cut"), StepState.NOT_APPLICABLE, "machine déjà éteinte")
    (step,) = plan_of([_playbook("one", _step("cut"))], {}, DETECTED, records=[record]).steps
    assert step.state is StepState.NOT_APPLICABLE
    assert not step.is_overdue(AT + timedelta(days=9))


def test_what_was_done_survives_the_playbook_that_asked_for_it() -> None:
    """Set aside, rewritten or no longer applicable: it was done, in the words of then."""
    plan = plan_of([], {}, DETECTED, records=[_done(_step("cut", title={"fr": "Couper"}))])
    assert [(one.name, one.step.title.fr, one.playbooks) for one in plan.steps] == [("cut", "Couper", ())]


def test_a_step_is_due_at_its_time_and_not_a_moment_before() -> None:
    """Before, at and after; or earlier, for whoever wants to know what comes."""
    plan = plan_of([_playbook("one", _step("cut", 1), _step("wait", 1, after="aware_at"))], {}, DETECTED)
    assert steps_due(plan, AT + timedelta(minutes=59)) == ()
    assert [one.name for one in steps_due(plan, AT + timedelta(hours=1))] == ["cut"]
    assert [one.name for one in steps_due(plan, AT, within=timedelta(hours=1))] == ["cut"]


def test_evidence_that_is_gone_first_is_named_first_and_once() -> None:
    """What nothing takes away comes last."""

    def kept(name: str, gone: float | None) -> dict[str, Any]:
        return {
            "evidence": name,
            "kind": "logs",
            "what": {"fr": name},
            "lasts": {"fr": "peu"},
            "gone_after_hours": gone,
        }

    one = _playbook("one", _step("a"), evidence=[kept("letter", None), kept("logs", 72)])
    two = _playbook("two", _step("b"), evidence=[kept("memory", 1), kept("logs", 5)])
    assert [found.evidence for found in plan_of([one, two], {}, DETECTED).evidence] == ["memory", "logs", "letter"]


def test_a_question_is_asked_once_with_its_reason_if_one_playbook_gives_one() -> None:
    """In the order in which it came first."""
    one = _playbook("one", _step("a"), questions=[{"fact": "x.a"}, {"fact": "x.b"}])
    two = _playbook(
        "two", _step("b"), questions=[{"fact": "x.c"}, {"fact": "x.a", "why": {"fr": "La CNIL le demande."}}]
    )
    found = plan_of([one, two], {}, DETECTED).questions
    assert [question.fact for question in found] == ["x.a", "x.b", "x.c"]
    assert found[0].why is not None


def test_each_callee_is_called_once_the_earliest_first_and_nobody_for_nothing() -> None:
    """In the words of the playbook that is not common; a condition that is a no calls nobody."""

    def call(whom: str, hours: float | None, **more: Any) -> dict[str, Any]:
        due = {"after": "detected_at", "hours": hours} if hours else None
        return {"whom": whom, "when": {"fr": "Tout de suite"}, "how": {"fr": "Appeler."}, "due": due, **more}

    common = _playbook("common", _step("a"), is_common=True, calls=[call("insurer", 24), call("counsel", None)])
    one = _playbook("one", _step("b"), calls=[call("insurer", 6), call("police", 1, only_if=MALICIOUS)])
    calls = plan_of([common, one], {}, DETECTED).calls
    assert [(found.call.whom, found.due_at, found.is_certain) for found in calls] == [
        ("police", AT + timedelta(hours=1), False),
        ("insurer", AT + timedelta(hours=6), True),
        ("counsel", None, True),
    ]
    known = plan_of([common, one], {"incident.malicious": Truth.NO}, DETECTED).calls
    assert [found.call.whom for found in known] == ["insurer", "counsel"]


def test_references_are_given_once() -> None:
    """In their order."""
    one = _playbook("one", _step("a"), references=["RGPD art. 33", "NIST"])
    two = _playbook("two", _step("b"), references=["NIST", "EDPB"])
    found = plan_of([one, two], {}, DETECTED).references
    assert [reference.title for reference in found] == ["RGPD art. 33", "NIST", "EDPB"]


_CLOCKS = ("detected_at", "aware_at", "flaw_discovered_at")
_NAMES = st.sampled_from("abcdefgh")
_STEPS = st.builds(
    lambda name, hours, phase, after, wanted: _step(
        name, hours, phase, after, only_if={} if wanted is None else MALICIOUS if wanted else LOST
    ),
    _NAMES, st.sampled_from([None, 0.5, 1.0, 4.0, 24.0]), st.sampled_from([str(one) for one in Phase]),
    st.sampled_from(_CLOCKS), st.sampled_from([None, None, True, False]),
)  # fmt: skip
_BOOKS = st.lists(st.lists(_STEPS, min_size=1, max_size=5), max_size=4).map(
    lambda books: [_playbook(f"book-{index}", *steps, is_common=index == 0) for index, steps in enumerate(books)]
)
_FACTS = st.fixed_dictionaries(
    {name: st.sampled_from(list(Truth)) for name in ("incident.malicious", "loss.availability")}
)
_INSTANTS = st.dictionaries(
    st.sampled_from([InstantKind(one) for one in _CLOCKS]),
    st.integers(0, 48).map(lambda hours: AT + timedelta(hours=hours)),
)
_RECORDS = st.lists(
    st.builds(
        lambda step, state, hours: _done(step, state, at=AT + timedelta(hours=hours)),
        _STEPS, st.sampled_from([StepState.DONE, StepState.NOT_APPLICABLE]), st.integers(0, 5),
    ),
    max_size=4,
)  # fmt: skip


@st.composite
def _adaptations(draw: st.DrawFn) -> Adaptation:
    found = AS_WRITTEN
    for name in draw(st.lists(_NAMES, max_size=3)):
        found = found.leaving_out(name, "inutile ici")
    for step in draw(st.lists(_STEPS, max_size=2)):
        found = found.adding(step)
    for name, step in draw(st.lists(st.tuples(_NAMES, _STEPS), max_size=3)):
        found = found.changing(name, StepChange("autre équipe", "dpo", step.due))
    return found


@given(books=_BOOKS, facts=_FACTS, instants=_INSTANTS, adaptation=_adaptations(), records=_RECORDS)
@settings(deadline=None)
def test_a_plan_says_nothing_twice_forgets_nothing_and_loses_no_record(
    books: list[Playbook],
    facts: dict[str, Truth],
    instants: dict[InstantKind, datetime],
    adaptation: Adaptation,
    records: list[StepRecord],
) -> None:
    """Every step of every playbook is in the plan or among what was left out, once; what was recorded is in it."""
    plan = plan_of(books, facts, instants, adaptation, records)
    names = [one.name for one in (*plan.steps, *plan.left_out)]
    assert len(names) == len(set(names))
    said = {step.step for book in books for step in book.steps} | {one.step for one in adaptation.added}
    assert set(names) == said | {one.step.step for one in records}
    assert {one.step.step for one in records} <= set(_names(plan))
    for one in plan.left_out:
        assert one.state is StepState.OPEN


@given(books=_BOOKS, facts=_FACTS, instants=_INSTANTS, adaptation=_adaptations(), records=_RECORDS)
@settings(deadline=None)
def test_a_plan_keeps_evidence_first_and_the_rest_in_order_of_time(
    books: list[Playbook],
    facts: dict[str, Truth],
    instants: dict[InstantKind, datetime],
    adaptation: Adaptation,
    records: list[StepRecord],
) -> None:
    """No containment of a playbook stands before its evidence; leaving evidence apart, dates never go back."""
    steps = plan_of(books, facts, instants, adaptation, records).steps
    for index, one in enumerate(steps):
        if one.step.phase is Phase.CONTAINMENT:
            later = [other for other in steps[index:] if other.step.phase is Phase.EVIDENCE]
            assert all(set(one.playbooks).isdisjoint(other.playbooks) for other in later)
    dates = [one.due_at for one in steps if one.step.phase is not Phase.EVIDENCE]
    known = [one for one in dates if one is not None]
    assert known == sorted(known)
    assert dates[: len(known)] == known


@given(books=_BOOKS, facts=_FACTS, instants=_INSTANTS)
@settings(deadline=None)
def test_learning_more_only_takes_away_steps_that_were_not_certain(
    books: list[Playbook], facts: dict[str, Truth], instants: dict[InstantKind, datetime]
) -> None:
    """What was certain under open facts stays whatever they turn out to be."""
    before = plan_of(books, dict.fromkeys(facts, Truth.UNKNOWN), instants)
    after = plan_of(books, facts, instants)
    assert {one.name for one in before.steps if one.is_certain} <= set(_names(after))
    assert set(_names(after)) <= set(_names(before))
