"""The circumstances of the discovery: who told us first, when, and by which channel; kinds only, never a name.

They follow from the chronology: a report that opened the incident or was joined to it, a provider's notice, or the
first alert. What somebody recorded as `incident.discovery` goes before all of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.alert import Signal
from breach_service.domain.incident import EntryKind, Incident, TimelineEntry
from breach_service.domain.reports import ReportChannel, ReporterKind

SOURCES = {
    ReporterKind.EMPLOYEE: "employee",
    ReporterKind.CLIENT: "client",
    ReporterKind.PERSON: "data_subject",
    ReporterKind.PROVIDER: "provider",
    ReporterKind.RESEARCHER: "third_party",
    ReporterKind.AUTHORITY: "authority",
    ReporterKind.PRESS: "press",
}
"""The word of the fact `incident.discovery` for who reported."""
MONITORING, ALERT = "monitoring", "alert"
CHANNELS = (*(str(one) for one in ReportChannel), ALERT)
_TOLD_BY = frozenset({"reported", "report_joined"})
_CONTEXT = frozenset({Signal.DECLARED, Signal.HEARTBEAT, Signal.OPERATIONS, Signal.ROUTINE})
"""Signals that discover nothing."""


@dataclass(frozen=True)
class Discovery:
    """How an incident came to be known. `at` in UTC."""

    at: datetime
    source: str
    """A word of the fact `incident.discovery`; empty where whoever told us is not known."""
    channel: str
    """One of `CHANNELS`."""


def discovery_of(incident: Incident, timeline: Iterable[TimelineEntry]) -> Discovery | None:
    """The first that told us; of two at one instant the report. None where nothing says it (its words were erased)."""
    told = [one for entry in timeline for one in _told(entry)]
    if any(one not in _CONTEXT for one in incident.signals):
        told.append(Discovery(incident.detected_at, MONITORING, ALERT))
    return min(told, key=lambda one: one.at, default=None)


def _told(entry: TimelineEntry) -> Iterator[Discovery]:
    words: Mapping[str, str] = entry.words or {}
    if entry.kind is not EntryKind.NOTED or words.get("note") not in _TOLD_BY:
        return
    try:
        at = datetime.fromisoformat(words["told_at"])
        reporter, channel = ReporterKind(words["reporter"]), ReportChannel(words["channel"])
    except (KeyError, ValueError):  # written by another release, or not in words of ours
        return
    yield Discovery(at, SOURCES.get(reporter, ""), str(channel))
