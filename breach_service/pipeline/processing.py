"""Process one slice of the inbox: normalise → place → assess → oblige → enqueue, in one transaction.

A slice that fails is rolled back and halved, down to the one bad body, which goes to quarantine.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from breach_service.errors import BreachServiceError, UnreadablePayload
from breach_service.logs import logger
from breach_service.metrics import timed
from breach_service.pipeline.judging import judge
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.placing import Arrival, place_all
from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery
from breach_service.store import inbox, sources
from breach_service.store.cipher import Cipher
from breach_service.store.database import Closed, Database, Session, is_connection_lost, lock_placing
from breach_service.store.inbox import Received

SLICE = 100
SLICE_BYTES = 100_000
"""Requests and bytes per transaction: small enough that waiting receivers are not held up."""
MOST_SAMPLE_BYTES = 256 * 1024
"""Up to here each alert of a request keeps a copy of its body; of a larger request only the first one does."""

log = logger(__name__)


def process(database: Database, cipher: Cipher, knowledge: Knowledge, now: datetime, limit: int = SLICE) -> bool:
    """Process one slice; True if there was something to do."""

    def whole_slice(session: Session) -> int:
        return process_slice(session, cipher, knowledge, now, limit)

    try:
        return database.write(whole_slice) > 0
    except Closed:
        raise
    except Exception as error:  # halved below, down to the one body that is at fault
        if is_connection_lost(error):
            raise  # no body is at fault: all of them wait until the database is back
        if limit == 1:
            log.error("body_put_in_quarantine", error=type(error).__name__, exc_info=error)
            sentence = why_set_aside(error)
            return database.write(lambda session: set_aside_oldest(session, sentence)) > 0
        log.warning("slice_halved", limit=limit, error=type(error).__name__)
        return process(database, cipher, knowledge, now, limit // 2)


def why_set_aside(error: Exception) -> str:
    """The sentence of a request that made processing fail; our own errors say themselves what to do."""
    if isinstance(error, BreachServiceError):
        return str(error)
    return f"it could not be processed ({type(error).__name__}): tell the maintainers, then replay it"


def process_slice(session: Session, cipher: Cipher, knowledge: Knowledge, now: datetime, limit: int) -> int:
    """The sentence itself, inside one transaction; how many requests it took."""
    lock_placing(session)
    taken = inbox.take(session, cipher, limit, SLICE_BYTES)
    if not taken:
        return 0
    with timed("normalise"):
        arrivals = normalise(session, cipher, taken)
    with timed("place"):
        touched = place_all(session, arrivals, knowledge, now)
    with timed("assess"):
        for incident_id in touched:
            judge(session, incident_id, knowledge, now)
    inbox.remove(session, [one.id for one in taken])
    return len(taken)


def normalise(session: Session, cipher: Cipher, taken: Sequence[Received]) -> list[Arrival]:
    """Bodies as alerts; what cannot be understood goes to quarantine. Senders are noted as seen."""
    kinds = sources.names_and_kinds(session)
    arrivals: list[Arrival] = []
    seen: Counter[int] = Counter()
    for one in taken:
        name, kind = kinds[one.source_id]
        delivery = Delivery(one.body, one.headers, one.query, one.received_at)
        try:
            alerts = source_of(kind).normalise(name, delivery)
        except UnreadablePayload as error:
            inbox.put_in_quarantine(session, one, cipher, str(error))
            alerts = []
        if alerts:
            sample = inbox.sealed(cipher, one.headers, one.query, one.body)
            is_small = len(sample) * len(alerts) <= MOST_SAMPLE_BYTES
            arrivals += [
                Arrival(one.source_id, alert, one.received_at, sample if is_small or alert is alerts[0] else None)
                for alert in alerts
            ]
        seen[one.source_id] += max(1, len(alerts))
    last_seen_at: dict[int, datetime] = {}
    for one in taken:
        last_seen_at[one.source_id] = max(one.received_at, last_seen_at.get(one.source_id, one.received_at))
    sources.seen(session, seen, last_seen_at)
    return arrivals


def set_aside_oldest(session: Session, sentence: str) -> int:
    """Move the oldest waiting request to quarantine; how many there were."""
    lock_placing(session)
    return inbox.set_oldest_aside(session, sentence)
