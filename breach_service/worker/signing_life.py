"""A sign of life each minute, as long as the worker is healthy: what stands still shall not look alive."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from breach_service.logs import logger
from breach_service.metrics import heartbeats
from breach_service.notify.heartbeat import DeadMansSwitch, SignLost
from breach_service.store import outbox, reference
from breach_service.store.database import Database, DatabaseError, Session

EVERY = 60.0
"""Seconds."""
TICK_LASTS = timedelta(seconds=90)
"""The worker ticks every 15 s."""
OUTBOX_LASTS = timedelta(minutes=30)
"""A message that waits for longer is stuck: nobody hears of deadlines. A pause between two tries is at most 10 min."""
SENT = "heartbeat_sent"
"""Name of the row that says when a sign last arrived: `/metrics` of another process reads it."""
JOB = "heartbeat"
"""Name of the row that is written to see that the database can be written to."""

log = logger(__name__)


def why_unhealthy(session: Session, worker_lease: str, now: datetime) -> str:
    """A code of what stands still; empty where all is well. Writes, since a full disk can still be read."""
    ticked_at = reference.last_tick(session, worker_lease)
    if ticked_at is None or now - ticked_at > TICK_LASTS:
        return "worker_stands_still"
    oldest = [since for _, since in outbox.pending(session).values()]
    if oldest and now - min(oldest) > OUTBOX_LASTS:
        return "outbox_is_stuck"
    reference.take_lease(session, JOB, worker_lease, now, TICK_LASTS)
    return ""


class SigningLife:
    """The thread that signs."""

    def __init__(
        self, switch: DeadMansSwitch, database: Database, worker_lease: str, every: float = EVERY
    ) -> None:  # fmt: skip
        self._switch = switch
        self._database = database
        self._worker_lease = worker_lease
        self._every = every
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, now: Callable[[], datetime]) -> None:
        """Sign from now on, until `stop`."""
        self._thread = threading.Thread(target=self._run, args=(now,), name="heartbeat", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; a sign that is under way is not waited for longer than it may take."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(2)

    def _run(self, now: Callable[[], datetime]) -> None:
        while not self._stop.is_set():
            self.sign(now())
            self._stop.wait(self._every)

    def sign(self, now: datetime) -> bool:
        """Sign once where all is well; whether it arrived. What keeps it back is logged and counted."""
        try:
            reason = self._database.write(lambda session: why_unhealthy(session, self._worker_lease, now))
        except DatabaseError as error:
            log.error("heartbeat_kept_back", reason="database_cannot_be_written", error=type(error).__name__)
            heartbeats.labels("kept_back").inc()
            return False
        if reason:
            log.error("heartbeat_kept_back", reason=reason)
            heartbeats.labels("kept_back").inc()
            return False
        try:
            self._switch.sign()
        except SignLost as error:
            log.warning("heartbeat_lost", why=str(error))
            heartbeats.labels("lost").inc()
            return False
        heartbeats.labels("sent").inc()
        self._note_sent(now)
        return True

    def _note_sent(self, now: datetime) -> None:
        """Write down that it arrived; where that fails the next sign says why."""
        try:
            self._database.write(
                lambda session: reference.take_lease(session, SENT, self._worker_lease, now, TICK_LASTS)
            )
        except DatabaseError as error:
            log.error("heartbeat_not_noted", error=type(error).__name__)
