"""What was done of what was expected: read from the chronology alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from breach_service.domain.assessment import Duty
from breach_service.domain.deadlines import DutyKind, Obligation, RegimeKind, Terms
from breach_service.domain.drills import Drill, Expectation, Outcome, Scenario, report_of
from breach_service.domain.incident import EntryKind, InstantKind, TimelineEntry

BEGAN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SCALE = 1 / 72
HOUR = timedelta(seconds=50)
SERVICE = "breach_service"
TEXT = {"fr": "texte"}


def expecting(deed: str, within: float = 10, **more: Any) -> Expectation:
    values = {"expect": "it", "role": "dpo", "deed": deed, "within_hours": within, "title": TEXT, "why": TEXT, **more}
    return Expectation.model_validate(values)


def entry(hour: float, kind: EntryKind, actor: str = "Maud", **words: str) -> TimelineEntry:
    return TimelineEntry(id=1, at=BEGAN + hour * HOUR, kind=kind, actor=actor, words=words)


def owed(recipient: str, duty: DutyKind, **more: Any) -> Obligation:
    terms = Terms("r", RegimeKind.LEGAL, "", 72, None, InstantKind.AWARE_AT)
    values: dict[str, Any] = {
        "perimeter": "own", "recipient": recipient, "duty": duty, "terms": terms, "advice": Duty.REQUIRED,
        "is_provisional": False, "triggered_at": BEGAN, "due_at": BEGAN, **more,
    }  # fmt: skip
    return Obligation(**values)


CLIENTS = [owed("client:a", DutyKind.CLIENT), owed("client:b", DutyKind.CLIENT)]
CNIL = [owed("cnil", DutyKind.AUTHORITY)]


def outcome(
    expected: Expectation, *entries: TimelineEntry, owing: list[Obligation] | None = None, hour: float = 20
) -> tuple[Outcome, float | None, int, int]:  # fmt: skip
    scenario = Scenario.model_validate(
        {
            "id": "a-drill", "title": TEXT, "why": TEXT, "learns": [TEXT], "concerned": "own",
            "injects": [{"inject": "i", "at_hours": 0, "to": "dpo", "says": TEXT}], "expects": [expected],
        }
    )  # fmt: skip
    drill = Drill(1, "EX-2026-0001", scenario, SCALE, BEGAN)
    report = report_of(drill, entries, owing or [], SERVICE, BEGAN + hour * HOUR)
    ((line,),) = [one.lines for one in report.roles]
    return line.outcome, line.done_after, line.done, line.of


def test_a_deed_is_in_time_late_awaited_or_missing() -> None:
    """By the hour of the story."""
    evidence = expecting("keep_evidence", within=10)
    assert outcome(evidence, entry(9, EntryKind.EVIDENCE_HANDLED)) == (Outcome.IN_TIME, 9, 1, 1)
    assert outcome(evidence, entry(11, EntryKind.EVIDENCE_HANDLED)) == (Outcome.LATE, 11, 1, 1)
    assert outcome(evidence, hour=9)[0] is Outcome.WAITING
    assert outcome(evidence, hour=10)[0] is Outcome.MISSING


def test_what_the_service_or_the_exercise_writes_is_nobodys_deed() -> None:
    """The first look is the first thing that a person did."""
    look = expecting("take_up")
    alone = [
        entry(0, EntryKind.DRILL_STARTED), entry(1, EntryKind.ASSESSED, SERVICE),
        entry(2, EntryKind.DRILL_INJECTED, SERVICE),
    ]  # fmt: skip
    assert outcome(look, *alone)[0] is Outcome.MISSING
    assert outcome(look, *alone, entry(3, EntryKind.NOTED))[:2] == (Outcome.IN_TIME, 3)


def test_a_decision_that_came_out_otherwise_is_said_so_and_the_last_one_counts() -> None:
    """Whoever corrects it in the end is not told off for the first."""
    qualify = expecting("qualify", decision="breach")
    no, yes = (
        entry(3, EntryKind.STATUS_CHANGED, **{"from": "assessing", "to": "dismissed"}),
        entry(5, EntryKind.STATUS_CHANGED, **{"from": "dismissed", "to": "confirmed"}),
    )
    assert outcome(qualify, no)[0] is Outcome.OTHERWISE
    assert outcome(qualify, no, yes)[:2] == (Outcome.IN_TIME, 5)
    opinion = expecting("give_opinion", decision="breach")
    assert outcome(opinion, entry(1, EntryKind.OPINION_GIVEN, subject="breach", value="no"))[0] is Outcome.OTHERWISE
    assert outcome(opinion, entry(1, EntryKind.OPINION_GIVEN, subject="notify", value="yes"))[0] is Outcome.MISSING


def test_a_notice_is_decided_on_by_saying_so_or_by_sending_it() -> None:
    """And decided otherwise by saying that it is not required."""
    decide = expecting("decide", duty="authority", perimeter="own", decision="notify")
    said = entry(2, EntryKind.DECIDED_TO_NOTIFY, recipient="cnil")
    assert outcome(decide, said, owing=CNIL)[:2] == (Outcome.IN_TIME, 2)
    assert outcome(decide, entry(4, EntryKind.FILED, recipient="cnil"), owing=CNIL)[:2] == (Outcome.IN_TIME, 4)
    no = entry(3, EntryKind.DECIDED_NOT_REQUIRED, recipient="cnil")
    assert outcome(decide, no, owing=CNIL)[0] is Outcome.OTHERWISE
    against = expecting("decide", duty="authority", perimeter="own", decision="not_required")
    assert outcome(against, no, owing=CNIL)[:2] == (Outcome.IN_TIME, 3)
    assert outcome(against, said, owing=CNIL)[0] is Outcome.OTHERWISE


def test_all_clients_are_counted_and_the_last_one_ends_it() -> None:
    """Three of four is not done; one that fell away is expected of nobody."""
    file = expecting("file", duty="client", perimeter="clients")
    first, second = (entry(hour, EntryKind.FILED, recipient=f"client:{one}") for hour, one in ((3, "a"), (7, "b")))
    assert outcome(file, first, owing=CLIENTS) == (Outcome.MISSING, None, 1, 2)
    assert outcome(file, first, second, owing=CLIENTS) == (Outcome.IN_TIME, 7, 2, 2)
    gone = [CLIENTS[0], owed("client:b", DutyKind.CLIENT, withdrawn_at=BEGAN)]
    assert outcome(file, first, owing=gone) == (Outcome.IN_TIME, 3, 1, 1)
    refused = [owed("client:a", DutyKind.CLIENT, not_required_reason="No.")]
    assert outcome(file, owing=refused)[0] is Outcome.OTHERWISE


def test_a_fact_is_that_fact_and_awareness_that_instant() -> None:
    """Another fact, or another instant, is none of it."""
    persons = expecting("record_fact", fact="persons.number")
    assert outcome(persons, entry(1, EntryKind.FACT_RECORDED, fact="loss.integrity"))[0] is Outcome.MISSING
    assert outcome(persons, entry(1, EntryKind.FACT_RECORDED, fact="persons.number"))[0] is Outcome.IN_TIME
    aware = expecting("record_awareness")
    assert outcome(aware, entry(1, EntryKind.INSTANT_RECORDED, instant="occurred_at"))[0] is Outcome.MISSING
    assert outcome(aware, entry(1, EntryKind.INSTANT_RECORDED, instant="aware_at"))[0] is Outcome.IN_TIME


@pytest.mark.parametrize(
    "values",
    [
        {"deed": "record_fact"}, {"deed": "take_up", "fact": "x"}, {"deed": "file"},
        {"deed": "file", "duty": "client", "perimeter": "own"}, {"deed": "qualify"},
        {"deed": "decide", "duty": "persons", "perimeter": "own"},
        {"deed": "take_up", "decision": "breach"},
    ],
)  # fmt: skip
def test_an_expectation_that_does_not_hold_together_is_refused(values: dict[str, Any]) -> None:
    """With a sentence that says what goes with what."""
    with pytest.raises(ValueError, match=r"goes with|do not fit|say what|cannot come out"):
        expecting(**values)
