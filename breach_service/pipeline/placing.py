"""Place: the same alert counts up, a new one joins an incident or opens one, and every placement says why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from breach_service.domain.alert import Alert, AlertStatus, Signal, instant_of
from breach_service.domain.grouping import OpenIncident, Placement, PlacementReason, group_key_for, is_within, place
from breach_service.domain.incident import EntryKind, IncidentStatus
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import alerts, incidents, timeline
from breach_service.store.alerts import KnownEpisode
from breach_service.store.database import Session
from breach_service.store.tables import IncidentRow

SERVICE = "breach_service"
"""The actor of what the service does by itself."""


@dataclass(frozen=True)
class Arrival:
    """One normalised alert with the request that it came in."""

    source_id: int
    alert: Alert
    received_at: datetime
    sample: bytes | None
    """The sealed request; None where another alert of the same request keeps it."""
    is_observed: bool = False
    """True where its sender is under observation: nothing is sent because of it alone."""
    is_unverified: bool = False
    """True where its signature could not be checked."""


@dataclass(frozen=True)
class Folded:
    """Repeats of one alert within a slice, folded before they cost anything."""

    first: Arrival
    last: Arrival
    count: int
    first_at: datetime
    last_at: datetime
    key: str
    systems: tuple[str, ...]
    has_fired: bool
    """False where its sender only said that it was over."""
    is_observed: bool
    """True where nothing may be sent because of it."""

    @property
    def identity(self) -> tuple[int, str]:
        """What makes it the same alert: its source and its fingerprint."""
        return self.first.source_id, self.first.alert.fingerprint


def fold(arrivals: Iterable[Arrival], knowledge: Knowledge) -> list[Folded]:
    """Fold repeats of the same source and fingerprint; in the order of their first instant."""
    folded: dict[tuple[int, str], Folded] = {}
    for arrival in arrivals:
        at = instant_of(arrival.alert, arrival.received_at)
        identity = (arrival.source_id, arrival.alert.fingerprint)
        is_firing = arrival.alert.status is AlertStatus.FIRING
        held = folded.get(identity)
        if held is None:
            systems = tuple(one.id for one in knowledge.inventory.systems_of(arrival.alert))
            key = group_key_for(arrival.alert, systems)
            is_observed = arrival.is_observed and not knowledge.catalogue.signals[arrival.alert.signal].always_tells
            folded[identity] = Folded(arrival, arrival, 1, at, at, key, systems, is_firing, is_observed)
        else:
            folded[identity] = replace(
                held,
                last=arrival if at >= held.last_at else held.last,
                count=held.count + 1,
                first_at=min(held.first_at, at),
                last_at=max(held.last_at, at),
                has_fired=held.has_fired or is_firing,
            )
    return sorted(folded.values(), key=lambda one: one.first_at)


def place_all(session: Session, arrivals: Sequence[Arrival], knowledge: Knowledge, now: datetime) -> list[int]:
    """Place every arrival of a slice; the ids of the incidents that changed. The caller holds the placing lock."""
    folded = fold(arrivals, knowledge)
    references = {one.first.alert.concerns_incident for one in folded} - {None}
    placing = _Placing(
        session,
        knowledge,
        now,
        known=alerts.latest_episodes(session, (one.identity for one in folded)),
        candidates=list(incidents.candidates(session, {one.key for one in folded}, {str(one) for one in references})),
    )
    with session.no_autoflush:  # else every statement would first write the incident again
        for one in folded:
            _place_one(placing, one)
    _insert_waiting(placing)
    for row in placing.touched.values():
        _sum_up(session, row, knowledge)
    session.flush()
    return list(placing.touched)


@dataclass
class _Placing:
    """One slice under way."""

    session: Session
    knowledge: Knowledge
    now: datetime
    known: dict[tuple[int, str], KnownEpisode]
    candidates: list[OpenIncident]
    touched: dict[int, IncidentRow] = field(default_factory=dict)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    """New episodes, inserted together."""


def _place_one(placing: _Placing, one: Folded) -> None:
    episode = placing.known.get(one.identity)
    if episode is not None and _continues(episode, one, placing):
        _count_up(placing, episode, one)
        incident_id = episode.incident_id
    else:
        placement = _placement(one, placing)
        is_observed = placement.incident is None and not placement.opens
        if is_observed and episode is not None and episode.incident_id is None:
            _count_up(placing, episode, one)
            return
        incident_id = _open(placing, one) if placement.opens else placement.incident
        placing.waiting.append(_episode_of(one, incident_id, placement.reason))
        if placement.opens and incident_id is not None:
            _adopt(placing, one, incident_id)
    if incident_id is not None:
        _extend(placing, incident_id, one)


def _continues(episode: KnownEpisode, one: Folded, placing: _Placing) -> bool:
    """True if an alert is the same problem said again, where it already stands."""
    if not one.has_fired:
        return True
    if episode.incident_id is None or not episode.is_open:
        return False
    if episode.status is AlertStatus.FIRING:
        return True  # its sender never said that it was over
    incident = next((two for two in placing.candidates if two.id == episode.incident_id), None)
    return incident is not None and is_within(incident, one.last_at, placing.knowledge.catalogue.grouping)


def _count_up(placing: _Placing, episode: KnownEpisode, one: Folded) -> None:
    status = one.last.alert.status
    if episode.status is AlertStatus.RESOLVED and one.last_at < episode.last_seen_at:
        status = AlertStatus.RESOLVED  # it fired before its sender said that it was over, and came late
    alerts.count_up(placing.session, episode.id, one.count, max(one.last_at, episode.last_seen_at), status)


def _placement(one: Folded, placing: _Placing) -> Placement:
    catalogue = placing.knowledge.catalogue
    placement = place(
        one.first.alert, one.first_at, one.key, tuple(placing.candidates), catalogue.signals, catalogue.grouping
    )
    if placement.opens and not one.has_fired:
        return Placement(PlacementReason.OPENS_NOTHING)  # over before we heard of it
    return placement


def _adopt(placing: _Placing, one: Folded, incident_id: int) -> None:
    """Take in what was observed of the same key around the alert that has just opened the incident."""
    _insert_waiting(placing)
    quiet = placing.knowledge.catalogue.grouping.quiet
    adopted = alerts.adopt(placing.session, incident_id, one.key, one.first_at - quiet, one.last_at + quiet)
    for identity, episode in placing.known.items():
        if episode.id in adopted:
            placing.known[identity] = replace(episode, incident_id=incident_id)


def _open(placing: _Placing, one: Folded) -> int:
    row = open_incident(
        placing.session, placing.knowledge, placing.now, detected_at=one.first_at, group_key=one.key,
        systems=one.systems, opened_by=one.first.alert.source, title="",
    )  # fmt: skip
    row.is_muted = one.is_observed
    incident_id = row.id or 0
    words = {"signal": str(one.first.alert.signal), "source": one.first.alert.source, "systems": " ".join(one.systems)}
    timeline.write_entry(placing.session, incident_id, placing.now, EntryKind.OPENED, SERVICE, words)
    placing.candidates.append(
        OpenIncident(incident_id, row.reference, row.group_key, row.first_alert_at, row.last_alert_at)
    )
    placing.touched[incident_id] = row
    return incident_id


def open_incident(
    session: Session, knowledge: Knowledge, now: datetime, *, detected_at: datetime, group_key: str,
    systems: Iterable[str], opened_by: str, title: str,
) -> IncidentRow:  # fmt: skip
    """Insert an incident with the next reference and its qualification clock. The caller holds the placing lock."""
    row = IncidentRow(
        reference=incidents.next_reference(session, now),
        title=title,
        status=IncidentStatus.SUSPECTED,
        organisation=knowledge.organisation,
        opened_at=now,
        opened_by=opened_by,
        detected_at=detected_at,
        qualify_by=detected_at + knowledge.qualification,
        group_key=group_key,
        first_alert_at=detected_at,
        last_alert_at=detected_at,
        systems=list(systems),
    )
    session.add(row)
    session.flush()
    return row


def _episode_of(one: Folded, incident_id: int | None, reason: PlacementReason) -> dict[str, Any]:
    alert = one.last.alert
    return {
        "source_id": one.first.source_id,
        "incident_id": incident_id,
        "fingerprint": alert.fingerprint,
        "group_key": one.key,
        "title": alert.title,
        "signal": alert.signal,
        "severity": alert.severity,
        "vendor_severity": alert.vendor_severity,
        "status": alert.status,
        "occurred_at": one.first_at,
        "received_at": one.first.received_at,
        "last_seen_at": one.last_at,
        "count": one.count,
        "entities": [[str(one.kind), one.value, str(one.role)] for one in alert.entities],
        "systems": list(one.systems),
        "summary": alert.summary,
        "said_at": alert.occurred_at,
        "vendor_reference": alert.vendor_reference,
        "link": alert.link,
        "facts": dict(alert.facts),
        "is_unverified": one.first.is_unverified,
        "why_here": reason,
        "sample": one.first.sample,
    }


def _insert_waiting(placing: _Placing) -> None:
    alerts.insert_episodes(placing.session, placing.waiting)
    placing.waiting = []


def _extend(placing: _Placing, incident_id: int, one: Folded) -> None:
    """Bring the incident's span and systems in line with what joined it; an own alert changes neither."""
    row = placing.touched.get(incident_id) or incidents.row_by_id(placing.session, incident_id)
    placing.touched[incident_id] = row
    if one.first.alert.is_own:
        return
    row.is_muted = row.is_muted and one.is_observed
    row.first_alert_at = min(row.first_alert_at, one.first_at)
    row.last_alert_at = max(row.last_alert_at, one.last_at)
    signal = placing.knowledge.catalogue.signals[one.first.alert.signal]
    if signal.opens_incident and one.first_at < row.detected_at:
        row.detected_at, row.qualify_by = one.first_at, one.first_at + placing.knowledge.qualification
    if not set(one.systems) <= set(row.systems):
        row.systems = list(dict.fromkeys([*row.systems, *one.systems]))
    placing.candidates = [
        two if two.id != incident_id
        else replace(two, first_alert_at=row.first_alert_at, last_alert_at=row.last_alert_at)
        for two in placing.candidates
    ]  # fmt: skip


def _sum_up(session: Session, row: IncidentRow, knowledge: Knowledge) -> None:
    """Bring the incident's count and signals in line with its episodes, once for all that joined in a slice."""
    totals = alerts.totals_of(session, row.id or 0)
    present = {one.signal for one in totals} | {Signal(two) for two in row.signals}
    row.signals = [str(two) for two in sorted(present, key=lambda two: (-knowledge.catalogue.signals[two].weight, two))]
    row.alerts = sum(one.count for one in totals)
    row.has_firing = any(one.is_firing for one in totals) or not totals
    session.add(row)
