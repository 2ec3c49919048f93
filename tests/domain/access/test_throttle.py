"""How often something may fail: the arithmetic alone."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.access import LIMITS, Limit, Tally, Throttled, after_failure

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LIMIT = Limit(3, timedelta(minutes=10), timedelta(minutes=5), timedelta(minutes=20))
SECOND = timedelta(seconds=1)


def failing(tally: Tally, times: int, now: datetime = NOW) -> Tally:
    for _ in range(times):
        tally = after_failure(tally, LIMIT, now)
    return tally


def test_the_last_failure_of_a_window_locks() -> None:
    """Not the one before it; a lock ends at the very second."""
    assert not failing(Tally(), 2).is_locked(NOW)
    locked = failing(Tally(), 3)
    assert locked.is_locked(NOW)
    assert locked.is_locked(NOW + LIMIT.lock - SECOND)
    assert not locked.is_locked(NOW + LIMIT.lock)


def test_failures_of_long_ago_do_not_count() -> None:
    """A window begins with its first failure."""
    tally = failing(Tally(), 2)
    assert failing(tally, 1, NOW + LIMIT.window - SECOND).is_locked(NOW + LIMIT.window)
    assert not failing(tally, 1, NOW + LIMIT.window).is_locked(NOW + LIMIT.window)


def test_every_further_lock_is_twice_as_long_up_to_the_longest() -> None:
    """Five, ten, twenty, twenty minutes."""
    tally, at, lasted = Tally(), NOW, []
    for _ in range(4):
        tally = failing(tally, 3, at)
        assert tally.locked_until is not None
        lasted.append(tally.locked_until - at)
        at = tally.locked_until
    assert lasted == [timedelta(minutes=one) for one in (5, 10, 20, 20)]


def test_a_day_without_a_failure_forgets_the_locks() -> None:
    """The next lock is as short as the first."""
    tally = failing(Tally(), 3)
    assert tally.locked_until is not None
    at = tally.locked_until + timedelta(days=1)
    assert failing(tally, 3, at).locked_until == at + LIMIT.lock


@given(st.lists(st.integers(0, 7200), max_size=60))
def test_nobody_tries_more_often_than_the_limit_in_any_window(gaps: list[int]) -> None:
    """However the tries are spread: among those that were let in, never more than the limit before a lock."""
    for limit in LIMITS.values():
        tally, at, let_in = Tally(), NOW, 0
        for gap in gaps:
            at += timedelta(seconds=gap)
            if tally.is_locked(at):
                assert after_failure(tally, limit, at) == tally, "a locked try changes nothing"
                continue
            before = tally.since
            tally = after_failure(tally, limit, at)
            let_in = 1 if tally.since != before or tally.since is None else let_in + 1
            assert let_in <= limit.failures
            forgotten_at = tally.forgotten_at(limit)
            assert forgotten_at is not None
            assert forgotten_at > at


def test_everything_that_is_counted_has_its_limit() -> None:
    """And an address may fail more often than an account: many people may stand behind it."""
    assert set(LIMITS) == set(Throttled)
    assert LIMITS[Throttled.ADDRESS].failures > LIMITS[Throttled.ACCOUNT].failures
