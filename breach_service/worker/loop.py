"""One turn of the loop does one of each kind of work and says whether there was any.

A process that is down loses no deadline: what is due is a row, the loop only looks at rows. Several workers may run:
placing and sealing are serialised by the placing lock, messages by their leases.
"""

import os
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from breach_service.clock import utc_now
from breach_service.domain.incident import EntryKind
from breach_service.domain.reminders import Reminder, reminders_due
from breach_service.logs import logger
from breach_service.metrics import timed
from breach_service.notify.channel import Channel, DeliveryFailed, DeliveryFault
from breach_service.notify.visits import VisitFailed
from breach_service.pipeline import Knowledge, process
from breach_service.pipeline.judging import CARD, REMINDER
from breach_service.pipeline.normalising import VISIT
from breach_service.pipeline.opening import SERVICE
from breach_service.pipeline.processing import Pace
from breach_service.pipeline.tending import NOTE, tend
from breach_service.pipeline.verifying import Fetch, KeyRing, nothing_reachable
from breach_service.rendering import Renderer
from breach_service.store import incidents, obligations, outbox, reference, timeline
from breach_service.store.cipher import Cipher
from breach_service.store.database import Database, Session, lock_placing
from breach_service.store.outbox import Claim
from breach_service.worker.messages import card_for, note_for, sentence_for

WORKER_LEASE = "worker"
IDLE = 0.25
"""Seconds between looks when there was nothing to do and this process received nothing; others do not wake it."""
AFTER_FAILURE = 1.0
"""Seconds between turns while they fail."""
TICK_EVERY = timedelta(seconds=15)
REMIND_EVERY = timedelta(seconds=10)
TEND_EVERY = timedelta(seconds=10)
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=10)

log = logger(__name__)


class Worker:
    """The loop of one process. `renew` gives the knowledge in force, read again when it changed."""

    def __init__(
        self, database: Database, cipher: Cipher, renew: Callable[[], Knowledge], channels: Mapping[str, Channel],
        renderer: Renderer, public_url: str, visit: Fetch = nothing_reachable,
    ) -> None:  # fmt: skip
        self._database = database
        self._cipher = cipher
        self._renew = renew
        self._channels = channels
        self._renderer = renderer
        self._public_url = public_url
        self._visit = visit
        self._keys = KeyRing(visit)
        self._pace = Pace()
        self._holder = f"{socket.gethostname()}:{os.getpid()}"
        self._ticked_at: datetime | None = None
        self._reminded_at: datetime | None = None
        self._tended_at: datetime | None = None
        self._stop = threading.Event()

    def run(self, now: Callable[[], datetime] = utc_now) -> None:
        """Work until `stop`; what fails is logged with its cause and tried again, the loop goes on."""
        while not self._stop.is_set():
            try:
                is_busy = self.turn(now())
            except Exception as error:  # whatever it is: deadlines go on, and so must the loop
                log.error("turn_failed", error=type(error).__name__, exc_info=error)
                self._stop.wait(AFTER_FAILURE)
                continue
            if not is_busy:
                self._database.received.wait(IDLE)

    def stop(self) -> None:
        """End after the current turn."""
        self._stop.set()
        self._database.received.ring()

    def turn(self, now: datetime) -> bool:
        """One of each; True if work was done."""
        knowledge = self._renew()
        return any(
            [
                process(self._database, self._cipher, knowledge, now, keys=self._keys, pace=self._pace),
                self.remind(knowledge, now),
                self.tend(knowledge, now),
                self.deliver_one_message(knowledge, now),
                self.seal(now),
                self._tick(now),
            ]
        )

    def remind(self, knowledge: Knowledge, now: datetime) -> bool:
        """Raise what must be said now; False, since it is looked at by the clock and not until nothing is left."""
        if self._reminded_at is not None and now - self._reminded_at < REMIND_EVERY:
            return False
        self._reminded_at = now
        with self._database.reading() as session:
            waiting = [one for one in incidents.open_ids(session) if _reminders_of(session, one, now)]
        if not waiting:
            return False

        def work(session: Session) -> None:
            lock_placing(session)
            for incident_id in waiting:
                raise_reminders(session, incident_id, knowledge, now)

        self._database.write(work)
        return False

    def tend(self, knowledge: Knowledge, now: datetime) -> bool:
        """Look after the senders; False, since it is done by the clock."""
        if self._tended_at is None or now - self._tended_at >= TEND_EVERY:
            self._tended_at = now
            self._database.write(lambda session: tend(session, knowledge, now))
        return False

    def seal(self, now: datetime) -> bool:
        """Seal new entries of the chronology."""
        with self._database.reading() as session:
            if timeline.is_all_sealed(session):
                return False

        def work(session: Session) -> int:
            lock_placing(session)
            return timeline.append_seals(session, now)

        with timed("seal"):
            return self._database.write(work) > 0

    def deliver_one_message(self, knowledge: Knowledge, now: datetime) -> bool:
        """Claim one message, send it, note the outcome; True if there was one."""
        claim = self._database.write(lambda session: outbox.claim_one(session, now))
        if claim is None:
            return False
        try:
            with timed("deliver"):
                self._send(claim, knowledge, now)
        except DeliveryFailed as error:
            failure = error
            self._database.write(lambda session: settle_failure(session, claim, failure, now))
            log.warning("delivery_failed", channel=claim.channel, key=claim.key, reason=str(failure.reason))
            return True
        return self._database.write(lambda session: outbox.finish(session, claim, now))

    def _send(self, claim: Claim, knowledge: Knowledge, now: datetime) -> None:
        if claim.kind == VISIT:
            self._visit_once(str(claim.payload["url"]))
            return
        channel = self._channels.get(claim.channel)
        if channel is None:
            sentence = f"the channel {claim.channel} is not set up any more"
            raise DeliveryFailed(DeliveryFault.REFUSED, sentence, is_permanent=True)
        if claim.kind == NOTE:
            channel.say(note_for(claim.payload, knowledge, self._renderer, self._public_url), None, claim.key)
            return
        if claim.incident_id is None:
            raise DeliveryFailed(DeliveryFault.REFUSED, "a message about no incident", is_permanent=True)
        incident_id = claim.incident_id
        with self._database.reading() as session:
            row = incidents.row_by_id(session, incident_id)
            external_id = outbox.card_of(session, incident_id, claim.channel)
            held = obligations.of_incident(session, incident_id)
            incident = incidents.incident_of(row)
            summary = incidents.IncidentSummary(incident, row.personal_data, row.risk_least, row.risk_most)
        if claim.kind == CARD:
            card = card_for(summary, held, knowledge, self._renderer, self._public_url, claim.key, now)
            stands_at = channel.show_card(card, external_id)
            if stands_at != external_id:
                self._database.write(
                    lambda session: outbox.keep_card(session, incident_id, claim.channel, stands_at, now)
                )
        elif claim.kind == REMINDER:
            sentence = sentence_for(claim.payload, incident, knowledge, self._renderer)
            channel.say(sentence, external_id, claim.key)

    def _visit_once(self, url: str) -> None:
        try:
            self._visit(url)
        except VisitFailed as error:
            fault = DeliveryFault.REFUSED if error.is_permanent else DeliveryFault.UNREACHABLE
            raise DeliveryFailed(fault, str(error), is_permanent=error.is_permanent) from error

    def _tick(self, now: datetime) -> bool:
        if self._ticked_at is None or now - self._ticked_at >= TICK_EVERY:
            self._ticked_at = now
            lasts = 3 * TICK_EVERY
            self._database.write(lambda session: reference.take_lease(session, WORKER_LEASE, self._holder, now, lasts))
        return False


def raise_reminders(session: Session, incident_id: int, knowledge: Knowledge, now: datetime) -> None:
    """Queue what must be said of one incident now, once; the caller holds the placing lock."""
    for one in _reminders_of(session, incident_id, now):
        outbox.remember_said(session, incident_id, one.key, now)
        payload = {"about": str(one.reason), "due_at": one.due_at.isoformat(), "others": one.others}
        words = {key: str(value) for key, value in payload.items()}
        timeline.write_entry(session, incident_id, now, EntryKind.REMINDED, SERVICE, words)
        for channel in knowledge.channels:
            key = f"reminder:{channel}:{incident_id}:{one.key}"
            outbox.enqueue(session, key, REMINDER, channel, now, incident_id=incident_id, payload=payload)


def _reminders_of(session: Session, incident_id: int, now: datetime) -> tuple[Reminder, ...]:
    incident = incidents.incident_of(incidents.row_by_id(session, incident_id))
    held = obligations.of_incident(session, incident_id)
    return reminders_due(incident, held, now, outbox.said(session, incident_id))


def settle_failure(session: Session, claim: Claim, error: DeliveryFailed, now: datetime) -> bool:
    """Try again later, longer each time; a message that nobody can take stays visible as given up."""
    if error.is_permanent:
        return outbox.give_up(session, claim, now, str(error.reason))
    pause = min(FIRST_PAUSE * 2 ** min(claim.attempts - 1, 16), LONGEST_PAUSE)
    pause = max(pause, timedelta(seconds=error.retry_after))
    return outbox.put_off(session, claim, now, now + pause, str(error.reason))
