"""Receive: verify the credential, commit the raw body, nothing else.

No decision is made here and no body is read: a 4xx makes most senders drop an alert for good.
"""

import threading
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from breach_service.errors import BacklogFull, WrongCredential
from breach_service.sources.credentials import AuthKind, Credential, verify
from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery
from breach_service.sources.signing import GITHUB, OWN, Signing
from breach_service.sources.source import Reply, Source
from breach_service.store import inbox, sources
from breach_service.store.cipher import Cipher
from breach_service.store.database import Database, Session
from breach_service.store.inbox import METHOD
from breach_service.store.sources import StoredSource
from breach_service.store.waiting import Waiting

UNKNOWN_SOURCE = "unknown"
BACKLOG_FULL = "backlog_full"
"""The one refusal after which every sender that retries sends again: no alert is lost by it."""


@dataclass(frozen=True)
class _Known:
    """A sender with what every request of it is checked by, worked out once."""

    source: StoredSource
    credential: Credential
    hidden: frozenset[str]
    """Headers that are not stored."""
    kind: Source
    has_handshake: bool
    """False where every request of the kind is an alert."""


class Gate:
    """The door for senders: knows their credentials, counts whom it refused, bounds the backlog."""

    def __init__(self, database: Database, cipher: Cipher, backlog_limit: int) -> None:
        self._database = database
        self._cipher = cipher
        self._backlog_limit = backlog_limit
        self._stored = 0
        """Requests that waited in the database when it was last looked at."""
        self._accepted = self._accepted_before = 0
        """Requests handed over ever, and those of them that the last look saw."""
        self._known: dict[str, _Known] = {}
        self._refused: Counter[tuple[str, str]] = Counter()
        self._former_used: dict[int, datetime] = {}
        self._lock = threading.Lock()
        self._flushing = threading.Lock()

    def renew(self) -> None:
        """Read the senders and the backlog again."""
        with self._database.reading() as session:
            stored = sources.all_active(session, self._cipher)
            self._known = {name: _known(one) for name, one in stored.items()}
            # Noted before the look: what is committed meanwhile is rather counted twice than not at all.
            before = self._accepted - self._database.rows_under_way
            self._stored, self._accepted_before = inbox.backlog(session, self._backlog_limit), before

    def receive(
        self, name: str, path_secret: str | None, headers: Mapping[str, str], query: str, body: bytes, now: datetime,
        method: str = "POST",
    ) -> "Future[None]":  # fmt: skip
        """Verify and queue one request; the future is done once it is on disk.

        Raises WrongCredential (counted, with its reason) and BacklogFull. `headers` by lower-case name.
        """
        return self._database.receive(self._row(name, path_secret, Delivery(body, headers, query, now, method)))

    def accept(self, name: str, path_secret: str | None, delivery: Delivery, waiting: Waiting) -> None:
        """As `receive`; `waiting` is told once the request is on disk."""
        self._database.accept(self._row(name, path_secret, delivery), waiting)

    def is_only_told(self, name: str) -> bool:
        """True for a known source of a kind whose requests are all answered alike."""
        known = self._known.get(name)
        return known is not None and not known.has_handshake

    def _row(self, name: str, path_secret: str | None, delivery: Delivery) -> dict[str, Any]:
        known = self._source(name)
        headers, now = delivery.headers, delivery.received_at
        try:
            place = verify(known.credential, headers, delivery.body, path_secret, now)
        except WrongCredential as error:
            self.refuse(name, error.reason)
            raise
        if place > 0:
            with self._lock:
                self._former_used[known.source.id] = now
        kept = {key: value for key, value in headers.items() if key not in known.hidden}
        if delivery.method != "POST":
            kept[METHOD] = delivery.method
        return self._sealed(known.source, kept, delivery.query, delivery.body, now)

    def receive_lines(self, name: str, peer: str, transport: str, lines: bytes, now: datetime) -> "Future[None]":
        """Queue lines of text that came in by syslog: who may send them was decided by the listener.

        Whoever can wait was made to wait (`is_full`) before it was read: what was read is stored in any case, datagrams
        beyond the limit alone are not. Raises WrongCredential where there is no such source, BacklogFull for these.
        """
        headers = {"x-syslog-peer": peer, "x-syslog-transport": transport}
        source = self._source(name).source
        row = self._sealed(source, headers, "", lines, now, is_bounded=transport == "udp")
        return self._database.receive(row)

    def greeting(self, name: str, path_secret: str | None, delivery: Delivery) -> Reply | None:
        """What a sender must be answered that asks to be let speak; None for every other request.

        Asked before a GET or OPTIONS, which carry no alert and often no credential; the secret of a secret address is
        needed all the same. Raises WrongCredential.
        """
        known = self._source(name)
        reply = known.kind.handshake(delivery)
        if reply is not None and known.source.auth == AuthKind.URL:
            self._check_path(known, path_secret, delivery)
        return reply

    def reply_to(self, name: str, delivery: Delivery) -> Reply | None:
        """What a request that was accepted must be answered beyond its status; None for every alert."""
        known = self._known.get(name)
        return known.kind.handshake(delivery) if known and known.has_handshake else None

    def is_full(self) -> bool:
        """True while more is waiting than the service may hold."""
        return self._stored + self._accepted - self._accepted_before >= self._backlog_limit

    def has_source(self, name: str) -> bool:
        """True if there is a sender of that name, and it may send."""
        return name in self._known

    def _source(self, name: str) -> _Known:
        known = self._known.get(name)
        if known is None:
            self.refuse(UNKNOWN_SOURCE, "unknown_source")
            raise WrongCredential("unknown_source", f"there is no source {name!r} here, or it is disabled")
        return known

    def _check_path(self, known: _Known, path_secret: str | None, delivery: Delivery) -> None:
        try:
            verify(known.credential, delivery.headers, delivery.body, path_secret, delivery.received_at)
        except WrongCredential as error:
            self.refuse(known.source.name, error.reason)
            raise

    def _sealed(
        self, source: StoredSource, headers: Mapping[str, str], query: str, body: bytes, now: datetime, *,
        is_bounded: bool = True,
    ) -> dict[str, Any]:  # fmt: skip
        if is_bounded and self.is_full():
            self.refuse(source.name, BACKLOG_FULL)
            raise BacklogFull
        self._accepted += 1
        sealed = inbox.sealed(self._cipher, headers, query, body)
        return {"source_id": source.id, "received_at": now, "sealed": sealed}

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
                former_used, self._former_used = self._former_used, {}
            if not refused and not former_used:
                return False

            def work(session: Session) -> None:
                sources.count_refusals(session, refused, now)
                sources.former_secret_used(session, former_used)
                turned_away = {name for name, reason in refused if reason != BACKLOG_FULL}
                sources.refusing(session, turned_away, now)

            try:
                self._database.write(work)
            except Exception:
                with self._lock:  # still to be written down
                    self._refused.update(refused)
                    self._former_used = {**former_used, **self._former_used}
                raise
            return True


SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
"""Never stored: they would hand the credential to whoever reads a body."""


def _known(source: StoredSource) -> _Known:
    kind = source_of(source.kind)
    has_handshake = type(kind).handshake is not Source.handshake
    return _Known(source, credential_of(source), secret_headers_of(source), kind, has_handshake)


def secret_headers_of(source: StoredSource) -> frozenset[str]:
    """The headers that may hold the credential of this source; a signature is none: it fits one body only.

    A token of the sender's platform is kept until it was checked: it lives for minutes.
    """
    if source.auth == AuthKind.HMAC:
        return SECRET_HEADERS - _token_headers(source)
    own = {source.header.lower()} if source.header else set()
    return (SECRET_HEADERS - _token_headers(source)) | own | set(source_of(source.kind).secret_headers)


def _token_headers(source: StoredSource) -> frozenset[str]:
    in_token = {one.name for one in source_of(source.kind).expectations if one.is_in_token}
    is_token = source.auth != AuthKind.BEARER and not in_token.isdisjoint(source.expected)
    return frozenset({"authorization"}) if is_token else frozenset()


def credential_of(source: StoredSource) -> Credential:
    """The stored credential as the sources package checks it."""
    kind = source_of(source.kind)
    own = (source.header.lower(),) if source.header else ()
    signings = (*(Signing(name, prefix="sha256=") for name in own), *kind.signings, OWN, GITHUB)
    headers = (*own, *kind.secret_headers)
    return Credential(AuthKind(source.auth), source.secret_hashes, source.secrets, headers, signings)
