"""One normalised event: which instant counts, and what it names."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from breach_service.domain.alert import (
    EARLIEST_CREDIBLE,
    Alert,
    AlertStatus,
    Entity,
    EntityKind,
    Severity,
    Signal,
    instant_of,
)

RECEIVED_AT = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)


def an_alert(**changes: object) -> Alert:
    """An alert of an invented sender."""
    fields: dict[str, object] = {"source": "probe", "title": "t", "signal": Signal.SCAN, "fingerprint": "f"}
    return Alert(**{**fields, **changes})  # type: ignore[arg-type]


def test_the_senders_time_counts() -> None:
    """What happened before it was received happened when the sender says, in UTC whatever zone it wrote."""
    wrote_at = datetime(2026, 11, 21, 3, 0, tzinfo=timezone(timedelta(hours=1)))
    found = instant_of(an_alert(occurred_at=wrote_at), RECEIVED_AT)
    assert found == datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "occurred_at",
    [
        None,
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        EARLIEST_CREDIBLE - timedelta(seconds=1),
        RECEIVED_AT + timedelta(microseconds=1),
    ],
)
def test_a_time_that_cannot_be_true_is_replaced_by_the_receipt(occurred_at: datetime | None) -> None:
    """Absent, zero, before this century or in the future: the receipt is the only instant that we know."""
    assert instant_of(an_alert(occurred_at=occurred_at), RECEIVED_AT) == RECEIVED_AT


@pytest.mark.parametrize("occurred_at", [EARLIEST_CREDIBLE, RECEIVED_AT])
def test_the_edges_of_the_credible_are_credible(occurred_at: datetime) -> None:
    """The first credible instant and the instant of the receipt themselves are believed."""
    assert instant_of(an_alert(occurred_at=occurred_at), RECEIVED_AT) == occurred_at


def test_the_receipt_is_given_in_utc() -> None:
    """An instant that goes out is in UTC, whatever zone it came in with."""
    received_at = RECEIVED_AT.astimezone(timezone(timedelta(hours=-5)))
    assert instant_of(an_alert(), received_at).tzinfo is UTC


def test_a_time_without_a_zone_is_refused() -> None:
    """A naive time could be hours off: the alert says so where it is made."""
    with pytest.raises(ValueError, match="no time zone"):
        an_alert(occurred_at=datetime(2026, 11, 21, 2, 0))  # the fault that is shown


def test_a_silent_sender_stays_unknown() -> None:
    """An alert without a severity is never taken for a light one."""
    assert an_alert().severity is Severity.UNKNOWN


def test_entities_are_found_by_kind_in_their_order() -> None:
    """Only those of the kind asked for."""
    named = (
        Entity(EntityKind.HOST, "app-1"),
        Entity(EntityKind.USER, "app-1"),
        Entity(EntityKind.HOST, "app-2"),
    )
    alert = an_alert(entities=named)
    assert alert.values_of(EntityKind.HOST) == ("app-1", "app-2")
    assert alert.values_of(EntityKind.URL) == ()


def test_what_is_said_again_differs_in_fingerprint_status_and_instant_alone() -> None:
    """It equals the alert with these three replaced, and what was found out about the rest comes along."""
    first = an_alert(entities=(Entity(EntityKind.HOST, "web-01"),), labels={"zone": "a"})
    again = first.said_again("g", AlertStatus.RESOLVED, RECEIVED_AT)
    assert again == replace(first, fingerprint="g", status=AlertStatus.RESOLVED, occurred_at=RECEIVED_AT)
    assert again.values_of(EntityKind.HOST) == ("web-01",)
    assert again.named == (("host", "web-01", "target"),)
    assert again.likeness is first.said_again("h", AlertStatus.FIRING, None).likeness is not None


def test_an_alert_with_other_words_has_no_likeness() -> None:
    """What was remembered of the one says nothing of the other."""
    again = an_alert().said_again("g", AlertStatus.FIRING, None)
    assert an_alert().likeness is None
    assert replace(again, title="other").likeness is None
