"""What is read for /metrics, in one go: the same on every replica. Drills are left out, restricted ones aggregated."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, func, select

from breach_service.store import calls, heartbeats, inbox, incidents, open_clocks, outbox, reference, sources, timeline
from breach_service.store.expected_tables import BackupRow
from breach_service.store.open_clocks import Due, SameClock
from breach_service.store.tables import SourceRow


@dataclass(frozen=True)
class Figures:
    """Everything that /metrics shows from the database. Instants in UTC."""

    clocks: tuple[SameClock, ...]
    """Every open obligation."""
    nearest: tuple[Due, ...]
    """Of incidents that anybody may see, the earliest first."""
    incidents: Mapping[str, int]
    oldest_unqualified: datetime | None
    qualify_by: datetime | None
    """The earliest of the dates by which open incidents must be qualified."""
    received: Mapping[str, int]
    quarantined: Mapping[str, int]
    last_seen: Mapping[str, datetime]
    """Of senders that say themselves that they are alive, or that a person expects: else silence means nothing."""
    is_silent: Mapping[str, bool]
    """Of senders of which something is expected: True while their silence is an alarm."""
    refused: Mapping[tuple[str, str], int]
    inbox_pending: int
    inbox_oldest: datetime | None
    outbox: Mapping[str, tuple[int, datetime]]
    deliveries: Mapping[tuple[str, str, str], int]
    wakes_unacknowledged: int
    """Calls that nobody answered."""
    last_tick: datetime | None
    heartbeat_sent_at: datetime | None
    """When the last sign of life reached the dead-man's switch; None before the first one."""
    backed_up_at: datetime | None
    """When the last good backup was made; None where the service made none."""
    sealed_until: datetime | None
    """The last sign of life of the worker while nothing waits for a seal; else when the chain was last extended."""


def read(session: Session, worker_lease: str, heartbeat_sent: str, now: datetime, most: int) -> Figures:
    """Read all figures, at most so many dates one by one; the jobs are named as whoever does them names them."""
    rows = list(session.exec(select(SourceRow)))
    expected = heartbeats.expectations(session)
    watched = {one.row.id for one in expected if one.expectation is not None} | heartbeats.beating(session)
    pending, oldest = inbox.pending(session)
    last_tick = reference.last_tick(session, worker_lease)
    unqualified_since, qualify_by = incidents.oldest_unqualified(session)
    return Figures(
        clocks=tuple(open_clocks.counted(session, now)),
        nearest=tuple(open_clocks.nearest(session, most)),
        incidents=incidents.count_by_status(session),
        oldest_unqualified=unqualified_since,
        qualify_by=qualify_by,
        received={row.name: row.received for row in rows},
        quarantined={row.name: row.quarantined for row in rows},
        last_seen={
            one.row.name: one.row.last_seen_at for one in expected if one.row.last_seen_at and one.row.id in watched
        },
        is_silent={one.row.name: one.row.silent_since is not None for one in expected if one.expectation is not None},
        refused=Counter({(row.source, row.reason): row.count for row in sources.refusals(session)}),
        inbox_pending=pending,
        inbox_oldest=oldest,
        outbox=outbox.pending(session),
        deliveries=outbox.deliveries(session),
        wakes_unacknowledged=calls.unacknowledged(session),
        last_tick=last_tick,
        heartbeat_sent_at=reference.last_tick(session, heartbeat_sent),
        backed_up_at=session.exec(select(func.max(BackupRow.at))).one(),
        sealed_until=last_tick if timeline.is_all_sealed(session) else timeline.chain_head(session)[2],
    )
