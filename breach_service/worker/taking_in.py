"""Takes reports out of the mailbox, beside the loop: a mail server that is slow to answer holds nothing up.

One process at a time looks, under a lease. A mail is marked in the mailbox only once its report is on disk; one that
cannot be taken in stays unseen, is said in the log, and those behind it are taken all the same.
"""

import os
import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from breach_service.acts.reporting import report
from breach_service.clock import utc_now
from breach_service.domain.reports import Acquaintance, report_of_mail
from breach_service.logs import logger
from breach_service.notify.mailbox import Fetched, Mailbox, MailboxFailed
from breach_service.pipeline import Knowledge
from breach_service.store import reference
from breach_service.store.cipher import Cipher
from breach_service.store.database import Database, DatabaseError, is_fault_of_values

LEASE = "mailbox"
SHORTEST_LEASE = timedelta(seconds=15)
"""It lasts three looks, so that whoever was killed is soon followed. Two that look at once take nothing twice: the same
original is kept once."""
STOP_WITHIN = 5.0
"""Seconds; a mail that is under way then is fetched again by the next process."""

log = logger(__name__)


class TakingIn:
    """The mailbox of one process. `own` are our addresses and the domain of our mails, in lower case."""

    def __init__(
        self, mailbox: Mailbox, database: Database, cipher: Cipher, renew: Callable[[], Knowledge],
        own: frozenset[str], every: float,
    ) -> None:  # fmt: skip
        self._mailbox = mailbox
        self._database = database
        self._cipher = cipher
        self._renew = renew
        self._own = own
        self._every = every
        self._lasts = max(SHORTEST_LEASE, timedelta(seconds=3 * every))
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{id(self)}"
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, now: Callable[[], datetime] = utc_now) -> None:
        """Look again and again in a thread of its own."""
        self._thread = threading.Thread(target=self.run, args=(now,), name="mailbox", daemon=True)
        self._thread.start()

    def run(self, now: Callable[[], datetime] = utc_now) -> None:
        """Look again and again until `stop`; what fails is said and tried again."""
        while not self._stop.is_set():
            try:
                self.look(now())
            except MailboxFailed as error:
                log.error("mailbox_failed", why=str(error))
            except Exception as error:  # whatever it is: the mails lie there, and are looked at again
                log.error("mails_not_taken", error=type(error).__name__, exc_info=error)
            self._stop.wait(self._every)

    def stop(self) -> None:
        """End after the current look; a mail server that does not answer is not waited for."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(STOP_WITHIN)

    def look(self, now: datetime) -> int:
        """Take in what lies in the mailbox; how many mails were taken, 0 while another process looks.

        Raises MailboxFailed where the mailbox cannot be read.
        """
        if not self._is_ours(now):
            return 0
        return self._mailbox.visit(partial(self.take, now=now))

    def _is_ours(self, now: datetime) -> bool:
        """Take or renew the lease; False while another process looks."""
        lasts = self._lasts
        return self._database.write(
            lambda session: reference.take_lease(session, LEASE, self._holder, now, lasts)
        )  # fmt: skip

    def take(self, fetched: Fetched, now: datetime) -> bool:
        """Keep one mail as a report: on disk once this says True. A database that is away ends the visit."""
        try:
            self._keep(fetched, now)
        except DatabaseError as error:
            if not is_fault_of_values(error):
                raise
            log.error("mail_not_taken", error=type(error).__name__)
            return False
        except Exception as error:  # a mistake of ours with one mail: it stays unseen, and the others are taken
            log.error("mail_not_taken", error=type(error).__name__, exc_info=error)
            return False
        return True

    def _keep(self, fetched: Fetched, now: datetime) -> None:
        knowledge = self._renew()
        known = Acquaintance(knowledge.inventory, self._own)
        told = report_of_mail(fetched.raw, now, arrived_at=fetched.arrived_at, known=known, is_whole=fetched.is_whole)
        done = self._database.write(
            lambda session: report(
                session, None, told, fetched.raw, knowledge, self._cipher, now, is_whole=fetched.is_whole
            )
        )
        log.info("mail_taken", number=done.number, waits_because=done.waits_because, is_new=done.is_new)
