"""What is proposed for closing, what goes with a reason of its own, and what counts as a false alarm."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.closing import (
    DISMISSALS,
    NOISE,
    SILENT_FOR,
    Caution,
    Closable,
    ClosingReason,
    Ended,
    OpenerKind,
    ProposalCause,
    proposal_of,
    proposals,
    shares_of,
)
from breach_service.domain.conditions import Truth
from breach_service.domain.incident import UNQUALIFIED_STATUSES, Incident, IncidentStatus

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
INCIDENT = Incident(
    id=1, reference="INC-2026-0001", title="Scan", status=IncidentStatus.SUSPECTED, organisation="o", opened_at=NOW,
    detected_at=NOW, qualify_by=NOW, group_key="k", last_alert_at=NOW, alerts=1, has_firing=False, opened_by="probe",
)  # fmt: skip
RESOLVED = Closable(INCIDENT, Truth.NO)

instants = st.integers(0, 40 * 86400).map(lambda seconds: NOW - timedelta(seconds=seconds))
closables = st.builds(
    lambda number, status, at, firing, alerts, by, data, aware, filed: Closable(
        replace(
            INCIDENT, id=number, status=status, last_alert_at=at, has_firing=firing, alerts=alerts, opened_by=by
        ), data, aware, filed,
    ),
    st.integers(1, 99), st.sampled_from(IncidentStatus), instants, st.booleans(), st.integers(0, 2),
    st.sampled_from(["probe", "person:Maud"]), st.sampled_from(Truth), st.booleans(), st.booleans(),
)  # fmt: skip
ended = st.builds(
    Ended,
    st.sampled_from(["a", "b"]),
    st.tuples(st.sampled_from(OpenerKind), st.sampled_from(["x", "y"])),
    st.sampled_from(IncidentStatus),
    st.none() | st.sampled_from(ClosingReason),
)


def with_incident(**changes: object) -> Closable:
    return replace(RESOLVED, incident=replace(INCIDENT, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("reason", ClosingReason)
def test_each_reason_leads_to_one_status_and_has_words_in_both_languages(reason: ClosingReason) -> None:
    """Only a handled breach is closed; everything else is dismissed."""
    is_handled = reason is ClosingReason.BREACH_HANDLED
    assert reason.status is (IncidentStatus.CLOSED if is_handled else IncidentStatus.DISMISSED)
    assert (reason in DISMISSALS) is not is_handled
    assert reason.words.fr
    assert reason.words.en not in (None, reason.words.fr)


def test_what_is_resolved_is_proposed_and_what_still_fires_is_not() -> None:
    """Resolved is not closed: it is only proposed."""
    found = proposal_of(RESOLVED, NOW)
    assert found is not None
    assert (found.cause, found.since, found.goes_in_bulk) == (ProposalCause.ALL_RESOLVED, NOW, True)
    assert proposal_of(with_incident(has_firing=True), NOW) is None


def test_seven_days_of_silence_propose_to_the_second() -> None:
    """Many senders never say that something is over."""
    firing = with_incident(has_firing=True)
    assert proposal_of(firing, NOW + SILENT_FOR - SECOND) is None
    found = proposal_of(firing, NOW + SILENT_FOR)
    assert found is not None
    assert found.cause is ProposalCause.SILENT_FOR_7_DAYS


@pytest.mark.parametrize(
    "one",
    [
        with_incident(opened_by="person:Maud"), with_incident(alerts=0), replace(RESOLVED, has_awareness=True),
        *(with_incident(status=one) for one in IncidentStatus if one not in UNQUALIFIED_STATUSES),
    ],
)  # fmt: skip
def test_what_a_person_has_to_judge_is_not_proposed(one: Closable) -> None:
    """Declared by a person, qualified, or with awareness recorded: no silence of senders speaks for its closing."""
    assert proposal_of(one, NOW + 2 * SILENT_FOR) is None


@given(closables)
def test_nothing_goes_in_bulk_unless_personal_data_are_excluded(one: Closable) -> None:
    """Nor where a notice was sent; a proposal is never of a qualified incident."""
    found = proposal_of(one, NOW)
    if found is not None:
        assert found.goes_in_bulk is (one.personal_data is Truth.NO and not one.has_filing)
        assert found.incident.status in UNQUALIFIED_STATUSES
        assert (Caution.NOTICE_SENT in found.cautions) is one.has_filing


@given(closables, st.timedeltas(min_value=timedelta(), max_value=timedelta(days=60)))
def test_what_is_proposed_stays_proposed_while_nothing_happens(one: Closable, later: timedelta) -> None:
    """Time alone takes nothing off the list."""
    assert proposal_of(one, NOW) is None or proposal_of(one, NOW + later) is not None


@given(st.lists(closables, max_size=6))
def test_proposals_keep_those_apart_that_need_a_reason_of_their_own(some: list[Closable]) -> None:
    """First what one reason may close, each part longest silent first; nothing is lost."""
    found = proposals(some, NOW)
    assert len(found) == sum(proposal_of(one, NOW) is not None for one in some)
    assert list(found) == sorted(found, key=lambda one: (not one.goes_in_bulk, one.since, one.incident.id))


@given(st.lists(ended, max_size=12))
def test_the_shares_add_up(some: list[Ended]) -> None:
    """Over what opened them, and between 0 and 1; what was merged counts nowhere."""
    shares = shares_of(some)
    counted = [one for one in some if one.status is not IncidentStatus.MERGED]
    assert sum(one.share.opened for one in shares.values()) == len(counted)
    for one in shares.values():
        assert one.share.opened == sum(each.opened for _, each in one.by)
        assert one.share.false_alarms == sum(each.false_alarms for _, each in one.by)
        assert one.share.false_alarms + one.share.undecided <= one.share.opened
        assert 0 <= (one.share.of_opened or 0) <= 1


def test_a_duplicate_is_no_false_alarm() -> None:
    """Nor is a real incident without personal data; what ended unsaid counts as opened only."""
    opener = (OpenerKind.RULE, "r")
    some = [Ended("a", opener, IncidentStatus.DISMISSED, one) for one in (*DISMISSALS, None)]
    share = shares_of(some)["a"].share
    assert (share.opened, share.false_alarms, share.undecided) == (6, 3, 0)
    assert {ClosingReason.DUPLICATE, ClosingReason.NO_PERSONAL_DATA}.isdisjoint(NOISE)
    assert shares_of([]) == {}
