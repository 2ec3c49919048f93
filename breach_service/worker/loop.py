"""One turn of the loop does one of each kind of work and says whether there was any.

A process that is down loses no deadline: what is due is a row, the loop only looks at rows. Several workers may run:
placing and sealing are serialised by the placing lock, messages by their leases.
"""

import os
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from breach_service.acts.decisions.glass import remind_of_deciding
from breach_service.acts.people.handover import tell_handed_over
from breach_service.acts.seeing.compartments import tell_named
from breach_service.clock import utc_now
from breach_service.logs import logger
from breach_service.metrics import timed
from breach_service.notify.channel import Channel
from breach_service.notify.mail import MailChannel
from breach_service.pipeline import Knowledge, process
from breach_service.pipeline.processing import Pace
from breach_service.pipeline.tending import tend
from breach_service.pipeline.tidying import Keep, tidy
from breach_service.pipeline.turning import Days, days_of, judge_what_turned
from breach_service.pipeline.verifying import Fetch, KeyRing, nothing_reachable
from breach_service.rendering import Renderer
from breach_service.store import compartments, handover, reference, timeline
from breach_service.store.cipher import Cipher
from breach_service.store.database import Database, Session, lock_placing
from breach_service.worker.calling import Calling
from breach_service.worker.delivering import Delivering
from breach_service.worker.exercising import Exercising
from breach_service.worker.reminding import Reminding
from breach_service.worker.telling import Post
from breach_service.worker.waking import Wakers, Waking

WORKER_LEASE = "worker"
IDLE = 0.25
"""Seconds between looks when there was nothing to do and this process received nothing; others do not wake it."""
AFTER_FAILURE = 1.0
"""Seconds between turns while they fail."""
TICK_EVERY = timedelta(seconds=15)
TEND_EVERY = timedelta(seconds=10)
TIDY_EVERY = timedelta(hours=1)

log = logger(__name__)


class Worker:
    """The loop of one process. `renew` gives the knowledge in force, read again when it changed."""

    def __init__(
        self, database: Database, cipher: Cipher, renew: Callable[[], Knowledge], channels: Mapping[str, Channel],
        renderer: Renderer, public_url: str, visit: Fetch = nothing_reachable, keep: Keep | None = None,
        mail: MailChannel | None = None, wakers: Wakers | None = None,
    ) -> None:  # fmt: skip
        self._database = database
        self._cipher = cipher
        self._renew = renew
        post = Post(mail, database, cipher, renderer, public_url) if mail is not None else None
        wakers = wakers or Wakers()
        calling = Calling(
            database, cipher, renderer, public_url, wakers.ways, wakers.pagers, has_buttons=wakers.has_buttons
        )  # fmt: skip
        self._delivering = Delivering(database, channels, renderer, public_url, visit, post, calling)
        self._waking = Waking(database, wakers.ways, wakers.pagers)
        self._exercising = Exercising(database)
        self._keys = KeyRing(visit)
        self._pace = Pace()
        self._holder = f"{socket.gethostname()}:{os.getpid()}"
        self._ticked_at: datetime | None = None
        self._reminding = Reminding(database)
        self._tended_at: datetime | None = None
        self._told_at: datetime | None = None
        self._keep = keep or Keep()
        self._tidied_at: datetime | None = None
        self._turned_on: Days | None = None
        self._stop = threading.Event()

    def run(self, now: Callable[[], datetime] = utc_now) -> None:
        """Work until `stop`. Messages go out beside the rest: whoever is slow to take them holds nothing up."""
        messages = threading.Thread(target=self._repeat, args=(self._messages_turn, now), name="messages", daemon=True)
        messages.start()
        self._repeat(self._work_turn, now)
        messages.join()

    def _repeat(self, turn: Callable[[datetime], bool], now: Callable[[], datetime]) -> None:
        """Do it until `stop`; what fails is logged with its cause and tried again, the loop goes on."""
        while not self._stop.is_set():
            try:
                is_busy = turn(now())
            except Exception as error:  # whatever it is: deadlines go on, and so must the loop
                log.error("turn_failed", error=type(error).__name__, exc_info=error)
                self._stop.wait(AFTER_FAILURE)
                continue
            if is_busy:
                continue
            if turn == self._work_turn:
                self._database.received.wait(IDLE)
            else:
                self._stop.wait(IDLE)

    def stop(self) -> None:
        """End after the current turn."""
        self._stop.set()
        self._database.received.ring()

    def turn(self, now: datetime) -> bool:
        """One of each; True if work was done."""
        return any([self._work_turn(now), self._messages_turn(now)])

    def _work_turn(self, now: datetime) -> bool:
        """All that is to be done now; what fails keeps the rest from nothing, and is raised in the end."""
        knowledge = self._renew()
        steps: tuple[Callable[[], bool], ...] = (
            lambda: process(self._database, self._cipher, knowledge, now, keys=self._keys, pace=self._pace),
            lambda: self._exercising.look(knowledge, now),
            lambda: self.remind(knowledge, now),
            lambda: self._waking.wake(knowledge, now),
            lambda: self.tend(knowledge, now),
            lambda: self.turn_the_day(knowledge, now),
            lambda: self.seal(now),
            lambda: self.tidy(now),
            lambda: self._tick(now),
        )
        is_busy, failed = False, []
        for step in steps:
            try:
                is_busy |= step()
            except Exception as error:  # noqa: BLE001  # raised below, when the others had their turn
                failed.append(error)
        if failed:
            raise failed[0]
        return is_busy

    def _messages_turn(self, now: datetime) -> bool:
        return self._delivering.deliver(self._renew(), now)

    def deliver_one_message(self, knowledge: Knowledge, now: datetime) -> bool:
        """Claim one message, send it, note the outcome; True if there was one."""
        return self._delivering.deliver(knowledge, now, 1)

    def remind(self, knowledge: Knowledge, now: datetime) -> bool:
        """Raise what must be said now; False, since it is looked at by the clock and not until nothing is left."""
        return self._reminding.remind(knowledge, now)

    def tend(self, knowledge: Knowledge, now: datetime) -> bool:
        """Look after the senders; False, since it is done by the clock."""
        if self._tended_at is None or now - self._tended_at >= TEND_EVERY:
            self._tended_at = now
            self._database.write(lambda session: tend(session, knowledge, now))
            with self._database.reading() as session:
                since = now - 2 * TEND_EVERY
                is_news = bool(compartments.named_since(session, since) or handover.waiting(session, since))
            if is_news or self._told_at is None or now - self._told_at >= TIDY_EVERY:
                self._told_at = now
                self._database.write(lambda session: tell_named(session, self._cipher, now))
                self._database.write(lambda session: tell_handed_over(session, self._cipher, now))
        return False

    def turn_the_day(self, knowledge: Knowledge, now: datetime) -> bool:
        """Judge open incidents by the inventory of a new day, once a day and at the start; False: it is all done."""
        today = days_of(knowledge, now)
        if self._turned_on != today:
            judge_what_turned(self._database, knowledge, now)
            self._turned_on = today
        return False

    def tidy(self, now: datetime) -> bool:
        """Let go of what is kept long enough, a little at a time; True while there may be more."""
        if self._tidied_at is not None and now - self._tidied_at < TIDY_EVERY:
            return False
        if self._database.write(lambda session: tidy(session, now, self._keep)):
            return True
        who_acts = self._renew().inventory.organisations
        self._database.write(lambda session: remind_of_deciding(session, self._cipher, who_acts, now))
        self._tidied_at = now
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

    def _tick(self, now: datetime) -> bool:
        if self._ticked_at is None or now - self._ticked_at >= TICK_EVERY:
            self._ticked_at = now
            lasts = 3 * TICK_EVERY
            self._database.write(lambda session: reference.take_lease(session, WORKER_LEASE, self._holder, now, lasts))
        return False
