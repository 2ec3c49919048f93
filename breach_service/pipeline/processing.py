"""Process one slice of the inbox: normalise → place → assess → oblige → enqueue, in one transaction.

A slice that fails is rolled back and halved, down to the one bad body, which goes to quarantine.
"""

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from breach_service.clock import thread_time
from breach_service.errors import BreachServiceError
from breach_service.logs import logger
from breach_service.metrics import timed
from breach_service.pipeline.judging import enqueue_cards, judge_all
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.listening import note_beats
from breach_service.pipeline.normalising import normalise
from breach_service.pipeline.placing import place_all
from breach_service.pipeline.spotting import spot
from breach_service.pipeline.verifying import KeyRing, MissingKey, nothing_reachable
from breach_service.store import inbox, spotted
from breach_service.store.cipher import Cipher
from breach_service.store.database import Closed, Database, Session, is_connection_lost, lock_placing

SLICE = 100
"""Requests in the first slice."""
LEAST_REQUESTS, MOST_REQUESTS, LEAST_BYTES, MOST_BYTES = 10, 1_000, 20_000, 1_000_000
"""Bounds of a slice; a single request may be larger."""
LASTS = 0.06
"""Seconds of work in a transaction: more would hold waiting senders up, less would be spent on its statements."""
log = logger(__name__)


@dataclass
class Pace:
    """How large the next slice is, by how long the last one took."""

    requests: int = SLICE
    size: int = 100_000
    """Bytes."""

    def note(self, seconds: float) -> None:
        """Larger where it was quick, smaller at once where it was slow: an attack that opens incidents costs more."""
        factor = min(max(LASTS / max(seconds, 0.001), 0.2), 1.5)
        self.requests = min(max(ceil(self.requests * factor), LEAST_REQUESTS), MOST_REQUESTS)
        self.size = min(max(ceil(self.size * factor), LEAST_BYTES), MOST_BYTES)


def process(
    database: Database, cipher: Cipher, knowledge: Knowledge, now: datetime, limit: int | None = None,
    keys: KeyRing | None = None, pace: Pace | None = None,
) -> bool:  # fmt: skip
    """Process one slice of at most `limit` requests, by default as many as the pace says; True if there were any."""
    ring, step = keys or KeyRing(nothing_reachable), pace or Pace()
    limit = step.requests if limit is None else limit

    def whole_slice(session: Session) -> int:
        began = thread_time()
        done = process_slice(session, cipher, knowledge, now, limit, ring, step.size)
        if done:
            step.note(thread_time() - began)
        return done

    try:
        return database.write(whole_slice) > 0
    except Closed:
        raise
    except MissingKey as missing:
        ring.get(database, missing.proof, now)
        return True  # the same slice once more, with the key or without it
    except Exception as error:  # halved below, down to the one body that is at fault
        if is_connection_lost(error):
            raise  # no body is at fault: all of them wait until the database is back
        if limit == 1:
            log.error("body_put_in_quarantine", error=type(error).__name__, exc_info=error)
            sentence = why_set_aside(error)
            return database.write(lambda session: set_aside_oldest(session, sentence)) > 0
        log.warning("slice_halved", limit=limit, error=type(error).__name__)
        return process(database, cipher, knowledge, now, limit // 2, ring, step)


def why_set_aside(error: Exception) -> str:
    """The sentence of a request that made processing fail; our own errors say themselves what to do."""
    if isinstance(error, BreachServiceError):
        return str(error)
    return f"it could not be processed ({type(error).__name__}): tell the maintainers, then replay it"


def process_slice(
    session: Session, cipher: Cipher, knowledge: Knowledge, now: datetime, limit: int, keys: KeyRing | None = None,
    most_bytes: int = MOST_BYTES,
) -> int:  # fmt: skip
    """The sentence itself, inside one transaction; how many requests it took."""
    lock_placing(session)
    taken = inbox.take(session, cipher, limit, most_bytes)
    if not taken:
        return 0
    with timed("normalise"):
        arrivals = normalise(session, cipher, taken, keys or KeyRing(nothing_reachable), now)
        note_beats(session, arrivals)
    with timed("place"):
        newest = spotted.newest_episode(session)
        changed = place_all(session, arrivals, knowledge, now)
    with timed("spot"):
        changed.judge |= spot(session, arrivals, newest, changed.judge, knowledge, now)
    with timed("assess"):
        judge_all(session, changed.judge, knowledge, now)
        enqueue_cards(session, changed.count - changed.judge, knowledge, now)
    inbox.remove(session, [one.id for one in taken])
    return len(taken)


def set_aside_oldest(session: Session, sentence: str) -> int:
    """Move the oldest waiting request to quarantine; how many there were."""
    lock_placing(session)
    return inbox.set_oldest_aside(session, sentence)
