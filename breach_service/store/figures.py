"""What is read for /metrics, in one go: the same on every replica. Drills are left out, restricted ones aggregated."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from breach_service.domain.alert import Signal
from breach_service.store import inbox, incidents, obligations, outbox, reference, sources, timeline
from breach_service.store.tables import AlertRow, ObligationRow, SourceRow


@dataclass(frozen=True)
class Figures:
    """Everything that /metrics shows from the database. Instants in UTC."""

    open_obligations: tuple[tuple[ObligationRow, str], ...]
    """Row and reference of the incident (empty of a restricted one), nearest first."""
    incidents: Mapping[str, int]
    oldest_unqualified: datetime | None
    received: Mapping[str, int]
    quarantined: Mapping[str, int]
    last_seen: Mapping[str, datetime]
    """Of senders that say themselves that they are alive: silence of an event-driven one means nothing."""
    refused: Mapping[tuple[str, str], int]
    inbox_pending: int
    inbox_oldest: datetime | None
    outbox: Mapping[str, tuple[int, datetime]]
    deliveries: Mapping[tuple[str, str, str], int]
    last_tick: datetime | None
    sealed_until: datetime | None
    """The last sign of life of the worker while nothing waits for a seal; else when the chain was last extended."""


def read(session: Session, worker_lease: str) -> Figures:
    """Read all figures."""
    rows = list(session.exec(select(SourceRow)))
    beating = set(session.exec(select(AlertRow.source_id).where(AlertRow.signal == Signal.HEARTBEAT).distinct()))
    pending, oldest = inbox.pending(session)
    last_tick = reference.last_tick(session, worker_lease)
    return Figures(
        open_obligations=tuple(obligations.open_with_dates(session)),
        incidents=incidents.count_by_status(session),
        oldest_unqualified=incidents.oldest_unqualified(session),
        received={row.name: row.received for row in rows},
        quarantined={row.name: row.quarantined for row in rows},
        last_seen={row.name: row.last_seen_at for row in rows if row.last_seen_at and row.id in beating},
        refused=Counter({(row.source, row.reason): row.count for row in sources.refusals(session)}),
        inbox_pending=pending,
        inbox_oldest=oldest,
        outbox=outbox.pending(session),
        deliveries=outbox.deliveries(session),
        last_tick=last_tick,
        sealed_until=last_tick if timeline.is_all_sealed(session) else timeline.chain_head(session)[2],
    )
