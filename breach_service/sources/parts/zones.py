"""Time zones that senders name beside a time: by a name of the tz database, an offset, or a usual short name."""

import re
from datetime import tzinfo
from zoneinfo import ZoneInfo

from breach_service.sources.parts.written_dates import zone_of

_NAME = re.compile(r"[A-Za-z]{2,20}(?:/[A-Za-z0-9_+-]{1,30}){1,2}", re.ASCII)


def zone_named(text: str) -> tzinfo | None:
    """The zone of `Europe/Paris`, `+02:00`, `UTC+2` or `CEST`; None where nobody can tell. Never raises."""
    clean = text.strip()
    return _known_zone(clean) if _NAME.fullmatch(clean) else zone_of(clean)


def _known_zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
