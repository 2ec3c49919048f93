"""Every way in which senders write an instant, and None for the rest: an alert is never refused because of its date."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache

from breach_service.domain.alert import EARLIEST_CREDIBLE

LATEST_CREDIBLE = datetime(2100, 1, 1, tzinfo=UTC)
"""Later instants are numbers that are no instants."""

# RFC 3339 with 0 to 9 decimals and its relatives: a space or a T, `+0100`, Go's `+0000 UTC m=+0.001`, `(UTC)`.
_WRITTEN = re.compile(
    r"(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?"
    r"\s*(?:(Z|\(?UTC\)?|GMT)|([+-])(\d\d):?(\d\d)?(?:\s+[A-Z+\-0-9]{2,6})?)?(?:\s+m=\S+)?",
    re.ASCII | re.IGNORECASE,
)
# RFC 5322, as mail and HTTP write dates: `Sun, 22 Nov 2026 20:00:00 +0100`, the day of the week left out or not.
_MAIL_DATE = re.compile(r"(?:[A-Za-z]{3,9},? )?\d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d(?::\d\d)? ?(?:[+-]\d{4}|GMT|UTC|Z)")
# As Java writes a date by itself: `Sun Nov 22 20:00:00 CET 2026`.
_JAVA_DATE = re.compile(
    r"(?:[A-Za-z]{3} )?([A-Za-z]{3}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d) (UTC|GMT|CET|CEST|[+-]\d{4}) (\d{4})", re.ASCII
)
_OFFSETS = {"UTC": "+0000", "GMT": "+0000", "CET": "+0100", "CEST": "+0200"}
_EPOCH = re.compile(r"(\d{9,19})(?:\.(\d*))?", re.ASCII)
_MICROSECONDS_PER_SECOND = 10**6
# A number of seconds has at most 10 digits until 2286, of milliseconds 13, of microseconds 16, of nanoseconds 19.
_UNITS = ((10, 10**6), (13, 10**3), (16, 1))
_LONGEST_KEPT = 64
_START_OF_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant_in(value: object, zone: tzinfo | None = None) -> datetime | None:
    """The instant that a JSON value says, aware, in UTC, to the microsecond.

    `zone` is where the sender's clock stands, for instants written without a zone; without it these are None, since
    they may be off by hours. None for what is no instant, is one of the zero dates that mean "not yet" or "never", or
    is not of this century. Never raises.
    """
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = value.strip() if isinstance(value, str) else _short_number(value)
    if not text:
        return None
    return _instant_of(text, zone) if len(text) <= _LONGEST_KEPT else _instant_of.__wrapped__(text, zone)


# A batch says one instant many times, and zero dates are always the same.
@lru_cache(maxsize=4096)
def _instant_of(text: str, zone: tzinfo | None) -> datetime | None:
    try:
        instant = _epoch_instant(text) or _written_instant(text, zone) or _mail_date(text)
    except (ValueError, OverflowError):
        return None
    return instant if instant is not None and EARLIEST_CREDIBLE <= instant < LATEST_CREDIBLE else None


def _short_number(value: int) -> str:
    return str(value) if 0 <= value < 10**19 else ""


def _epoch_instant(text: str) -> datetime | None:
    found = _EPOCH.fullmatch(text)
    if found is None:
        return None
    digits, decimals = found[1], found[2] or ""
    factor = next((factor for length, factor in _UNITS if len(digits) <= length), None)
    if factor is None:
        microseconds = int(digits) // 1000
    else:
        fraction = int((decimals + "000000")[:6]) * factor // _MICROSECONDS_PER_SECOND
        microseconds = int(digits) * factor + fraction
    return _START_OF_EPOCH + timedelta(microseconds=microseconds)


def _written_instant(text: str, zone: tzinfo | None) -> datetime | None:
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, decimals, utc, sign, zone_hours, zone_minutes = found.groups()
    microsecond = int(((decimals or "") + "000000")[:6])
    stands: tzinfo | None = UTC if utc else zone
    if sign:
        east = timedelta(hours=int(zone_hours), minutes=int(zone_minutes or 0))
        stands = timezone(-east if sign == "-" else east)
    if stands is None:
        return None
    day_and_time = (int(year), int(month), int(day), int(hour), int(minute), int(second or 0))
    return datetime(*day_and_time, microsecond, tzinfo=stands).astimezone(UTC)


def _mail_date(text: str) -> datetime | None:
    if found := _JAVA_DATE.fullmatch(text):
        month, day, clock, zone, year = found.groups()
        text = f"{day} {month} {year} {clock} {_OFFSETS.get(zone, zone)}"
    return parsedate_to_datetime(text.replace("Z", "+0000")).astimezone(UTC) if _MAIL_DATE.fullmatch(text) else None
