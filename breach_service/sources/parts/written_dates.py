"""Instants as devices write them into lines: without a year, with the name of a month, with a zone by its name.

RFC 3164 section 4.1.2 (`Nov 22 19:00:00`), Cisco `service timestamps` (`*Nov 22 2026 19:00:00.123 CET:`), ArcSight CEF
(`Nov 22 2026 19:00:00.123 UTC`), PAN-OS (`2026/11/22 19:00:00`).
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from breach_service.sources.parts.instants import instant_in

_MONTHS = {
    name: place
    for place, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_HOURS_EAST = {"UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MET": 1, "MEST": 2, "EET": 2}
_HOURS_EAST |= {"EEST": 3, "EST": -5, "EDT": -4, "PST": -8, "PDT": -7}
"""Only names that mean one zone; others are as good as none."""
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d\d)?", re.ASCII | re.IGNORECASE)
_NAMED_MONTH = re.compile(
    r"(?:(?P<year_first>\d{4}) )?(?P<month>[A-Za-z]{3}) {1,2}(?P<day>\d{1,2})(?:,? (?P<year>\d{4}))?,?"
    r" (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,](?P<decimals>\d{1,9}))?(?: (?P<year_last>\d{4})\b)?"
    r"(?: ?(?P<zone>[A-Z]{1,4}\b|(?:UTC|GMT)?[+-]\d\d?:?\d{0,2}))?",
    re.ASCII,
)
_SLASHED = re.compile(r"(\d{4})/(\d\d)/(\d\d)( .*)", re.ASCII)
_SUBSECONDS = 6


def zone_of(text: str) -> tzinfo | None:
    """The zone that a text names (`CET`, `+0100`, `+01:00`, `UTC+1`, `+11`); None for what is none or means several."""
    clean = text.strip().strip("\"'()")
    if clean.upper() in _HOURS_EAST:
        return timezone(timedelta(hours=_HOURS_EAST[clean.upper()]))
    found = _OFFSET.fullmatch(clean)
    if found is None or int(found[2]) > 14:
        return None
    east = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(-east if found[1] == "-" else east)


def written_instant(text: str, received_at: datetime, zone: tzinfo | None = None) -> datetime | None:
    """The instant that a device writes, in UTC; None where neither the text nor `zone` says where its clock stands.

    A date without a year is of the year that brings it nearest to the receipt.
    """
    clean = text.strip().strip('"').lstrip("*.:")[:64].strip()
    found = _NAMED_MONTH.fullmatch(clean)
    if found is not None:
        return _named(found, received_at, zone)
    slashed = _SLASHED.fullmatch(clean)
    return instant_in("-".join(slashed.groups()[:3]) + slashed[4] if slashed else clean, zone)


def _named(found: re.Match[str], received_at: datetime, zone: tzinfo | None) -> datetime | None:
    stands = zone_of(found["zone"]) if found["zone"] else zone
    month = _MONTHS.get(found["month"].lower())
    if stands is None or month is None:
        return None
    said = found["year_first"] or found["year"] or found["year_last"]
    clock = (month, int(found["day"]), int(found["hour"]), int(found["minute"]), int(found["second"]))
    micro = int(((found["decimals"] or "") + "0" * _SUBSECONDS)[:_SUBSECONDS])
    years = [int(said)] if said else [received_at.year + step for step in (-1, 0, 1)]
    candidates = [one for year in years if (one := _instant((year, *clock), micro, stands)) is not None]
    return min(candidates, key=lambda one: abs(one - received_at), default=None)


def _instant(parts: tuple[int, int, int, int, int, int], micro: int, zone: tzinfo) -> datetime | None:
    try:
        return datetime(*parts, micro, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
