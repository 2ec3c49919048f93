"""How often something may fail before it must wait: the right password does not help then, only time does."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Throttled(StrEnum):
    """What failures are counted of."""

    ACCOUNT = "account"
    """Passwords for one address of an account, whether there is such an account or not."""
    SECOND_FACTOR = "second_factor"
    """Codes of one account."""
    ADDRESS = "address"
    """Passwords and codes from one network address."""
    TOKEN = "token"  # noqa: S105  # the name of a count
    """API tokens from one network address."""
    PASSKEY = "passkey"
    """Requests for a passkey challenge from one network address."""
    LINK = "link"
    """Requests for a new password from one network address."""
    REPORT = "report"
    """Reports of people without an account from one network address."""


@dataclass(frozen=True)
class Limit:
    """After `failures` within `window` the next waits for `lock`, then twice as long each time, at most `longest`."""

    failures: int
    window: timedelta
    lock: timedelta
    longest: timedelta


LIMITS = {
    Throttled.ACCOUNT: Limit(5, timedelta(hours=1), timedelta(minutes=5), timedelta(hours=1)),
    Throttled.SECOND_FACTOR: Limit(5, timedelta(hours=1), timedelta(minutes=5), timedelta(hours=1)),
    # Far more than one person mistypes: a whole office, or a proxy that hides its visitors, may stand behind it.
    Throttled.ADDRESS: Limit(50, timedelta(minutes=10), timedelta(minutes=10), timedelta(hours=1)),
    Throttled.TOKEN: Limit(30, timedelta(minutes=10), timedelta(minutes=1), timedelta(minutes=10)),
    Throttled.LINK: Limit(20, timedelta(hours=1), timedelta(minutes=10), timedelta(hours=1)),
    # All of an office may report the same outage at once from behind one address.
    Throttled.REPORT: Limit(30, timedelta(minutes=10), timedelta(minutes=5), timedelta(minutes=30)),
    Throttled.PASSKEY: Limit(120, timedelta(minutes=10), timedelta(minutes=1), timedelta(minutes=10)),
}


@dataclass(frozen=True)
class Tally:
    """The failures of one thing that is counted. Instants aware, UTC."""

    failures: int = 0
    """Since `since`; none where a lock just began."""
    since: datetime | None = None
    locks: int = 0
    """How often it was locked without a success in between."""
    locked_until: datetime | None = None

    def is_locked(self, now: datetime) -> bool:
        """True while nothing may be tried."""
        return self.locked_until is not None and now < self.locked_until

    def forgotten_at(self, limit: Limit) -> datetime | None:
        """From when on it counts no more; a lock is remembered for a day, so that the next one is longer."""
        ends = [self.since + limit.window] if self.since is not None else []
        if self.locked_until is not None:
            ends.append(self.locked_until + timedelta(days=1))
        return max(ends, default=None)


def after_failure(tally: Tally, limit: Limit, now: datetime) -> Tally:
    """The tally with one more failure; what is locked stays as it is."""
    if tally.is_locked(now):
        return tally
    forgotten_at = tally.forgotten_at(limit)
    if forgotten_at is not None and forgotten_at <= now:
        tally = Tally()
    if tally.since is None or tally.since + limit.window <= now:
        tally = replace(tally, failures=0, since=now)
    if tally.failures + 1 < limit.failures:
        return replace(tally, failures=tally.failures + 1)
    lasts = min(limit.lock * 2 ** min(tally.locks, 16), limit.longest)
    return Tally(0, None, tally.locks + 1, now + lasts)
