"""The rows of a slice: what each alert adds to an episode, gathered before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from breach_service.domain.alert import AlertStatus
from breach_service.domain.grouping import Placed, PlacementReason, Reading, Role
from breach_service.pipeline.folding import Folded

RowKey = tuple[int, str, int | None, int]
"""Source, fingerprint, incident (None: none) and slot."""
HOUR = 60
DAY = 24 * HOUR
"""Minutes."""


@dataclass(slots=True)
class EpisodeRow:
    """What a slice adds to one episode."""

    first: Folded
    """Of what was folded: the one that was placed first."""
    last: Folded
    reading: Reading
    placed: Placed
    count: int
    first_at: datetime
    last_at: datetime
    minutes: int
    """Minutes of its hour, as bits."""
    is_told: bool
    """False where nothing may be sent because of it."""
    has_fired: bool

    @property
    def opens(self) -> bool:
        """True if it is one that opens incidents."""
        return self.reading.role is Role.OPENS and self.has_fired


@dataclass
class EpisodeRows:
    """The rows of a slice by their key; numbers of incidents are the board's."""

    rows: dict[RowKey, EpisodeRow] = field(default_factory=dict)

    def add(self, one: Folded, reading: Reading, placed: Placed) -> None:
        """Add one folded alert where it was placed."""
        minutes = 1 << (one.minute % HOUR) if reading.role is Role.JOINS else 0
        is_told = not one.is_observed and one.silenced_by is None
        row = EpisodeRow(
            one, one, reading, placed, one.count, one.first_at, one.last_at, minutes, is_told, one.has_fired
        )
        self._put((*one.identity, placed.incident, slot_of(one, reading, placed)), row)

    def move(self, handle: tuple[int, str, int], incident: int, rank: int) -> None:
        """Move a joiner of the slice into the incident that claims it; `handle` is source, fingerprint, hour."""
        source_id, fingerprint, hour = handle
        for key in [one for one in self.rows if one[0] == source_id and one[1] == fingerprint and one[3] == hour]:
            row = self.rows.pop(key)
            row.placed = Placed(incident, PlacementReason.OBSERVED_BEFORE, rank)
            self._put((source_id, fingerprint, incident, 0 if rank == 0 else hour), row)

    def renumber(self, numbers: Mapping[int, int]) -> None:
        """Give every row the number that its incident has in the end."""
        if all(number == final for number, final in numbers.items()):
            return
        rows, self.rows = self.rows, {}
        for (source_id, fingerprint, incident, slot), row in rows.items():
            number = None if incident is None else numbers.get(incident, incident)
            self._put((source_id, fingerprint, number, slot), row)

    def _put(self, key: RowKey, row: EpisodeRow) -> None:
        held = self.rows.get(key)
        if held is None:
            self.rows[key] = row
            return
        if row.last_at >= held.last_at:
            held.last, held.last_at = row.last, row.last_at
        held.count += row.count
        held.first_at = min(held.first_at, row.first_at)
        held.minutes |= row.minutes
        held.is_told = held.is_told or row.is_told
        held.has_fired = held.has_fired or row.has_fired


def slot_of(one: Folded, reading: Reading, placed: Placed) -> int:
    """0 in an incident by its own key; else the hour of a joiner, or minus the day of what is only observed."""
    if placed.incident is not None and placed.rank == 0:
        return 0
    if reading.role is Role.OBSERVES or one.alert.is_own:
        return -(one.minute // DAY)
    return one.minute // HOUR


def values_of(key: RowKey, row: EpisodeRow) -> dict[str, Any]:
    """A row as the table has it."""
    source_id, fingerprint, incident, slot = key
    alert, first = row.last.alert, row.first.first
    keys = row.reading.keys
    return {
        "source_id": source_id,
        "incident_id": incident,
        "fingerprint": fingerprint,
        "group_key": keys[0].text,
        "link_key": keys[1].text if len(keys) > 1 else "",
        "slot": slot,
        "minutes": row.minutes if slot > 0 else 0,
        "claim_rank": row.placed.rank if incident is not None else 9,
        "title": alert.title,
        "signal": str(alert.signal),
        "severity": str(alert.severity),
        "vendor_severity": alert.vendor_severity,
        "status": str(alert.status),
        "occurred_at": row.first_at,
        "received_at": first.received_at,
        "last_seen_at": row.last_at,
        "count": row.count,
        "entities": alert.named,
        "systems": row.last.systems,
        "summary": alert.summary,
        "said_at": alert.occurred_at,
        "vendor_reference": alert.vendor_reference,
        "link": alert.link,
        "facts": dict(alert.facts),
        "is_unverified": first.is_unverified,
        "why_here": str(row.placed.reason),
        "silenced_by": row.last.silenced_by,
        "sample": first.sample,
    }


def is_firing(row: EpisodeRow) -> bool:
    """True if what it said last is that it goes on."""
    return row.last.alert.status is AlertStatus.FIRING
