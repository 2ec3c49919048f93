"""How often a sender should be heard is learned from its heartbeats, or said by a person; from it silence follows."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breach_service.domain.heartbeats import (
    LONGEST,
    SHORTEST,
    Beat,
    Expectation,
    IntervalFrom,
    allowed,
    expectation_of,
    seconds_of,
    text_of,
)

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def beating(every: timedelta, times: int, since: datetime = AT) -> Beat:
    """A heartbeat that was heard so often."""
    beat = Beat(since)
    for number in range(1, times):
        beat = beat.heard(since + number * every)
    return beat


def test_an_interval_is_known_after_three_gaps() -> None:
    """Before that silence says nothing."""
    assert [beating(MINUTE, times).interval for times in (1, 2, 3)] == [None, None, None]
    assert beating(MINUTE, 4).interval == MINUTE


def test_one_outage_changes_nothing() -> None:
    """The median of the newest gaps: after three hours of silence it is still expected every minute."""
    beat = beating(MINUTE, 6)
    assert beat.heard(beat.last_at + 3 * HOUR).interval == MINUTE


def test_another_interval_is_learned() -> None:
    """Whoever lets the Watchdog speak every hour from now on is believed after three of them."""
    beat = beating(MINUTE, 6)
    for _ in range(3):
        beat = beat.heard(beat.last_at + HOUR)
    assert beat.interval == HOUR


def test_two_replicas_that_say_the_same_are_one_beat() -> None:
    """A pair of Alertmanagers sends everything twice, seconds apart; what comes late goes unnoticed."""
    beat = Beat(AT)
    for number in range(1, 6):
        beat = beat.heard(AT + number * MINUTE).heard(AT + number * MINUTE + timedelta(seconds=2))
    assert beat.interval == MINUTE
    assert beat.heard(AT) == beat


@pytest.mark.parametrize(
    ("interval", "silent_after"),
    [(MINUTE, 5 * MINUTE), (5 * MINUTE, 10 * MINUTE), (HOUR, 2 * HOUR), (12 * HOUR, 18 * HOUR), (48 * HOUR, 54 * HOUR)],
)
def test_silence_is_an_alarm_after_the_interval_and_some_grace(interval: timedelta, silent_after: timedelta) -> None:
    """Once more the interval, but at least four minutes and at most six hours."""
    assert allowed(interval) == silent_after
    one = Expectation(interval, IntervalFrom.PERSON, AT)
    assert not one.is_silent(AT + silent_after - timedelta(seconds=1), AT)
    assert one.is_silent(AT + silent_after, AT)


def test_while_nobody_listened_nothing_could_be_heard() -> None:
    """After downtime of ours the time is counted from when we listen again."""
    one = Expectation(MINUTE, IntervalFrom.HEARTBEAT, AT)
    back = AT + 3 * HOUR
    assert not one.is_silent(back, back)
    assert one.is_silent(back + 5 * MINUTE, back)


def test_most_senders_speak_only_when_something_happens() -> None:
    """Without a heartbeat and without a word of a person nothing is expected."""
    assert expectation_of(None, [], AT, AT) is None
    assert expectation_of(None, [Beat(AT)], AT, AT) is None
    assert expectation_of(0, [beating(MINUTE, 9)], AT, AT) is None


def test_what_a_person_says_comes_before_what_is_learned() -> None:
    """And counts from whatever was heard last, or from when the sender is known."""
    beats = [beating(MINUTE, 9)]
    seen = AT + HOUR
    assert expectation_of(900, beats, seen, AT) == Expectation(15 * MINUTE, IntervalFrom.PERSON, seen)
    assert expectation_of(900, [], None, AT) == Expectation(15 * MINUTE, IntervalFrom.PERSON, AT)


def test_of_several_heartbeats_the_one_that_stops_counts() -> None:
    """Two clusters speak through one Alertmanager: that one of them is alive does not hide the other."""
    dead, alive = beating(MINUTE, 9), beating(MINUTE, 90)
    found = expectation_of(None, [alive, dead, Beat(AT - HOUR)], alive.last_at, AT)
    assert found == Expectation(MINUTE, IntervalFrom.HEARTBEAT, dead.last_at)


@pytest.mark.parametrize(("text", "seconds"), [("15m", 900), ("2 H", 7200), ("1d", 86400), ("90s", 90), ("off", 0)])
def test_an_interval_is_written_in_one_word(text: str, seconds: int) -> None:
    """As `text_of` writes it again."""
    assert seconds_of(text) == seconds
    assert seconds_of(text_of(seconds)) == seconds


@pytest.mark.parametrize("text", ["", "15", "m", "-5m", "30s", "0m", "32d", "1w", "15 minutes", "١٥m"])
def test_what_is_no_interval_is_refused(text: str) -> None:
    """Less than a minute, more than a month, and anything else."""
    with pytest.raises(ValueError, match="^" + re.escape(text) + "$"):
        seconds_of(text)


def test_learning_is_what_nobody_says() -> None:
    """The word for going back to it."""
    assert seconds_of("learn") is None
    assert text_of(None) == "learn"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(int(SHORTEST.total_seconds()), int(LONGEST.total_seconds())))
def test_grace_grows_with_the_interval(seconds: int) -> None:
    """Never less than the interval, never more than twice it but for the least grace, and it never falls."""
    interval = timedelta(seconds=seconds)
    assert interval + timedelta(minutes=4) <= allowed(interval) <= interval + timedelta(hours=6)
    assert allowed(interval) <= allowed(interval + timedelta(seconds=1))
    assert seconds_of(text_of(seconds)) == seconds
