"""Receive: verify the credential, commit the raw body, nothing else.

No decision is made here and no body is read: a 4xx makes most senders drop an alert for good.
"""

import threading
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import datetime

from breach_service.errors import BacklogFull, WrongCredential
from breach_service.sources.credentials import AuthKind, Credential, verify
from breach_service.store import inbox, sources
from breach_service.store.cipher import Cipher
from breach_service.store.database import Database, Session
from breach_service.store.sources import StoredSource

UNKNOWN_SOURCE = "unknown"


class Gate:
    """The door for senders: knows their credentials, counts whom it refused, bounds the backlog."""

    def __init__(self, database: Database, cipher: Cipher, backlog_limit: int) -> None:
        self._database = database
        self._cipher = cipher
        self._backlog_limit = backlog_limit
        self._backlog = 0
        self._known: dict[str, StoredSource] = {}
        self._refused: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()
        self._flushing = threading.Lock()

    def renew(self) -> None:
        """Read the senders and the backlog again."""
        with self._database.reading() as session:
            self._known = sources.all_active(session, self._cipher)
            self._backlog = inbox.pending(session)[0]

    def receive(
        self, name: str, path_secret: str | None, headers: Mapping[str, str], query: str, body: bytes, now: datetime
    ) -> "Future[None]":
        """Verify and queue one request; the future is done once it is on disk.

        Raises WrongCredential (counted, with its reason) and BacklogFull. `headers` by lower-case name.
        """
        source = self._known.get(name)
        if source is None:
            self.refuse(UNKNOWN_SOURCE, "unknown_source")
            raise WrongCredential("unknown_source", f"there is no source {name!r} here, or it is disabled")
        try:
            verify(credential_of(source), headers, body, path_secret)
        except WrongCredential as error:
            self.refuse(name, error.reason)
            raise
        if self._backlog >= self._backlog_limit:
            self.refuse(name, "backlog_full")
            raise BacklogFull
        self._backlog += 1
        kept = {key: value for key, value in headers.items() if key not in secret_headers_of(source)}
        sealed = inbox.sealed(self._cipher, kept, query, body)
        return self._database.receive({"source_id": source.id, "received_at": now, "sealed": sealed})

    def refuse(self, name: str, reason: str) -> None:
        """Count one refused request; written down by `flush_refusals`."""
        with self._lock:
            self._refused[name if name in self._known else UNKNOWN_SOURCE, reason] += 1

    def flush_refusals(self, now: datetime) -> bool:
        """Write the counted refusals down; True if there were any.

        Whatever was counted before the call is on disk after it, also where another thread is writing just now.
        """
        with self._flushing:
            with self._lock:
                refused, self._refused = self._refused, Counter()
            if not refused:
                return False

            def work(session: Session) -> None:
                sources.count_refusals(session, refused, now)

            try:
                self._database.write(work)
            except Exception:
                with self._lock:
                    self._refused.update(refused)  # still to be written down
                raise
            return True


SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
"""Never stored: they would hand the credential to whoever reads a body."""


def secret_headers_of(source: StoredSource) -> frozenset[str]:
    """The headers that may hold the credential of this source; a signature is none: it fits one body only."""
    is_secret = source.header is not None and source.auth != AuthKind.HMAC
    return SECRET_HEADERS | {source.header.lower()} if is_secret and source.header else SECRET_HEADERS


def credential_of(source: StoredSource) -> Credential:
    """The stored credential as the sources package checks it."""
    return Credential(AuthKind(source.auth), source.secret_hashes, source.secrets, source.header)
