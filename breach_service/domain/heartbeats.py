"""How often a sender should be heard, and from when on its silence is an alarm.

The interval comes from a heartbeat alert (an alert that only says “I am alive”, such as the Watchdog of Prometheus)
where there is one, else from a person. Most senders speak only when something happens: their silence means nothing.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

OFF = 0
"""Seconds of an interval that mean: its silence is never an alarm."""
LEARN = "learn"
KEPT_GAPS = 5
"""So many of the newest gaps between two beats are looked at."""
LEAST_GAPS = 3
"""So many must be known before silence says anything."""
SAME_BEAT = timedelta(seconds=10)
"""Beats that are closer are one: two replicas of a sender say the same."""
LEAST_GRACE, MOST_GRACE = timedelta(minutes=4), timedelta(hours=6)
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=31)
_EVERY = re.compile(r"(\d{1,7})\s*([smhd])", re.ASCII | re.IGNORECASE)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class IntervalFrom(StrEnum):
    """Where the expected interval of a sender comes from."""

    HEARTBEAT = "heartbeat"
    PERSON = "person"


@dataclass(frozen=True)
class Beat:
    """One heartbeat alert of a sender: when it was heard last (UTC), and the newest gaps in whole seconds."""

    last_at: datetime
    gaps: tuple[int, ...] = ()

    def heard(self, at: datetime) -> "Beat":
        """The same after one more beat; what comes late or at once with the last changes nothing but the instant."""
        gap = at - self.last_at
        if gap < SAME_BEAT:
            return self
        return Beat(at, (*self.gaps, round(gap.total_seconds()))[-KEPT_GAPS:])

    @property
    def interval(self) -> timedelta | None:
        """The usual gap (a median: one outage among them changes nothing); None until it is known."""
        return timedelta(seconds=median(self.gaps)) if len(self.gaps) >= LEAST_GAPS else None


@dataclass(frozen=True)
class Expectation:
    """What is expected of a sender: to be heard every `interval`, counted from `heard_at` (UTC)."""

    interval: timedelta
    comes_from: IntervalFrom
    heard_at: datetime

    @property
    def silent_from(self) -> datetime:
        """From this instant on its silence is an alarm."""
        return self.heard_at + allowed(self.interval)

    def is_silent(self, now: datetime, listening_since: datetime) -> bool:
        """True where it was not heard for too long; while nobody listened nothing could be heard."""
        return max(self.heard_at, listening_since) + allowed(self.interval) <= now


def allowed(interval: timedelta) -> timedelta:
    """For how long a sender with this interval may be silent: the interval once more, but 4 min to 6 h more."""
    return interval + min(max(interval, LEAST_GRACE), MOST_GRACE)


def expectation_of(
    said: int | None, beats: Sequence[Beat], last_seen_at: datetime | None, known_since: datetime
) -> Expectation | None:
    """What is expected of a sender; None where nothing is.

    `said` is what a person said: seconds, `OFF`, or None to learn it from `beats`. Of several heartbeats the one counts
    whose silence would be an alarm first. A sender that was never heard counts from when it is known.
    """
    if said == OFF:
        return None
    if said is not None:
        return Expectation(timedelta(seconds=said), IntervalFrom.PERSON, last_seen_at or known_since)
    learned = list(_learned(beats))
    return min(learned, key=lambda one: one.silent_from) if learned else None


def _learned(beats: Iterable[Beat]) -> Iterable[Expectation]:
    for one in beats:
        if one.interval is not None:
            yield Expectation(one.interval, IntervalFrom.HEARTBEAT, one.last_at)


def seconds_of(text: str) -> int | None:
    """`15m`, `2h`, `1d` in seconds, `off` as `OFF`, `learn` as None.

    ValueError for anything else, and for less than a minute or more than 31 days.
    """
    word = text.strip().casefold()
    if word in ("off", LEARN):
        return OFF if word == "off" else None
    found = _EVERY.fullmatch(word)
    seconds = int(found.group(1)) * _UNITS[found.group(2)] if found else 0
    if not SHORTEST <= timedelta(seconds=seconds) <= LONGEST:
        raise ValueError(text)
    return seconds


def text_of(said: int | None) -> str:
    """The reverse of `seconds_of`, in the largest unit that is whole."""
    if said is None:
        return LEARN
    if said == OFF:
        return "off"
    unit = next(one for one in ("d", "h", "m", "s") if said % _UNITS[one] == 0)
    return f"{said // _UNITS[unit]}{unit}"
