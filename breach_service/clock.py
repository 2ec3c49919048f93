"""The only reader of the clock: everything else takes `now` as an argument."""

import time
from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds on a clock that never goes back, for durations only."""
    return time.monotonic()


def thread_time() -> float:
    """Seconds that the processor spent on this thread, for durations only."""
    return time.thread_time()
