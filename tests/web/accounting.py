"""What became of every request: the books of each sender before and after, to the last one.

No conftest, so that a module says what it uses: `from tests.web.accounting import Ledger`.
"""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import col, func, select

from breach_service.acts.senders import NewSource
from breach_service.errors import UnreadablePayload
from breach_service.sources.parts.standard_webhooks import StandardSigning
from breach_service.sources.redelivery import delivery_key
from breach_service.sources.registry import SOURCES
from breach_service.sources.request import Delivery
from breach_service.sources.signing import Signing
from breach_service.store import inbox
from breach_service.store.tables import AlertRow, QuarantineRow, SourceRow
from tests.web.edge import Edge


@dataclass(frozen=True)
class Request:
    """What a sender sends, without its credential."""

    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    method: str = "POST"


@dataclass(frozen=True)
class Books:
    """What the service says of one sender, and what it keeps of it."""

    received: int = 0
    redelivered: int = 0
    quarantined: int = 0
    aside: int = 0
    """Bodies that stand in quarantine."""
    alerts: int = 0
    """Every alert with its repeats."""

    def __sub__(self, other: "Books") -> "Books":
        return Books(*(mine - theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


NOTHING = Books()
REDELIVERED = Books(redelivered=1)
SET_ASIDE = Books(received=1, quarantined=1, aside=1)
NO_ALERT = Books(received=1)
"""Understood, and documented by its kind as no alert."""


def alerts(count: int) -> Books:
    """So many alerts, all of them counted."""
    return Books(received=count, alerts=count)


def books(edge: Edge) -> dict[str, Books]:
    """The books of every sender, by name."""
    with edge.service.database.reading() as session:
        counted = select(AlertRow.source_id, func.sum(AlertRow.count)).group_by(col(AlertRow.source_id))
        alerts_of: dict[int | None, Any] = dict(session.exec(counted).all())
        kept = select(QuarantineRow.source_id, func.count()).group_by(col(QuarantineRow.source_id))
        aside_of: dict[int | None, int] = dict(session.exec(kept).all())
        return {
            row.name: Books(
                received=row.received,
                redelivered=row.redelivered,
                quarantined=row.quarantined,
                aside=aside_of.get(row.id, 0),
                alerts=int(alerts_of.get(row.id, 0)),
            )
            for row in session.exec(select(SourceRow))
        }


class Ledger:
    """One sender of every kind, and which deliveries of each were understood."""

    def __init__(self, edge: Edge) -> None:
        self.edge = edge
        self.senders = {kind: edge.source(kind) for kind in SOURCES}
        """By kind, each with the credential that its kind prefers."""
        self._remembered: set[tuple[str, str]] = set()

    def send(self, requests: Mapping[str, Request]) -> dict[str, Books]:
        """Send one request to each of these kinds, process, and account for every one; what became of it, by kind."""
        self.edge.work()  # what a failure before this one left behind
        before = books(self.edge)
        sent = {kind: self._send(self.senders[kind], request) for kind, request in requests.items()}
        self.edge.work()
        assert self.edge.waiting() == 0
        after = books(self.edge)
        became = {kind: after[one.name] - before[one.name] for kind, one in self.senders.items()}
        for kind, one in became.items():
            self._account(self.senders[kind], sent.get(kind), one)
        return became

    def send_to_all(self, request: Request) -> dict[str, Books]:
        """The same request to every kind."""
        return self.send(dict.fromkeys(self.senders, request))

    def _send(self, sender: NewSource, request: Request) -> Delivery | None:
        """Send one request; what was acknowledged for good, None where it was refused or only greeted."""
        spoken = {**request.headers, **proof_of(sender, request.body, self.edge.now)}
        headers = {key: value.encode("latin-1") for key, value in spoken.items()}
        address = f"{sender.path}?{request.query}" if request.query else sender.path
        answer = self.edge.client.request(request.method, address, content=request.body, headers=headers)
        carries = request.method in ("POST", "PUT") or (request.method == "GET" and request.query)
        expected = {413, 200} if carries else {405, 200}
        assert answer.status_code in expected, (sender.kind, answer.status_code, request)
        raw = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in answer.request.headers.raw}
        delivery = Delivery(request.body, raw, request.query, self.edge.now, request.method)
        is_greeted = request.method not in ("POST", "PUT") and SOURCES[sender.kind].handshake(delivery) is not None
        return delivery if answer.status_code == 200 and not is_greeted else None

    def _account(self, sender: NewSource, sent: Delivery | None, became: Books) -> None:
        """One acknowledged request is one of four things, and nothing besides."""
        where = (sender.kind, became, sent, sent.body if sent else b"")
        if sent is None:
            assert became == NOTHING, where
            return
        key = delivery_key(SOURCES[sender.kind].redelivery, sent)
        identity = (sender.name, key.key) if key else None
        if identity in self._remembered:
            assert became == REDELIVERED, where
        elif became.quarantined:
            assert became == SET_ASIDE, where
            self._read_back(sender, sent)
        elif became.alerts:
            assert became == alerts(became.alerts), where
        else:
            assert became == NO_ALERT, where
            assert readers_without_an_alert(sender, sent) & SILENT, where
        if identity is not None and not became.quarantined:
            self._remembered.add(identity)

    def _read_back(self, sender: NewSource, sent: Delivery) -> None:
        """What was set aside is whole, to the byte, with a sentence that says why."""
        with self.edge.service.database.reading() as session:
            (newest,) = inbox.quarantined(session, limit=1, source=sender.name)
            kept = inbox.quarantined_body(session, self.edge.service.cipher, newest.id)
        assert kept is not None
        head, headers, query, body = kept
        method = headers.pop(inbox.METHOD, "POST")
        assert (body, query, method) == (sent.body, sent.query, sent.method)
        assert headers.items() <= sent.headers.items()
        assert len(head.reason) > 20


SILENT = frozenset(
    {"firewall", "github", "gitlab", "harfanglab", "microsoft", "pagerduty", "sentry", "suricata", "thinkst",
     "vulnerability-scanners"}
)  # fmt: skip
"""Kinds that document something they send which is no alert: a push, telemetry, a scan that found nothing."""


def readers_without_an_alert(sender: NewSource, sent: Delivery) -> set[str]:
    """The kinds that can read a request and find no alert in it."""

    def finds_none(kind: str) -> bool:
        try:
            return not SOURCES[kind].normalise(sender.name, sent)
        except UnreadablePayload:
            return False

    return {kind for kind in SOURCES if finds_none(kind)}


def proof_of(sender: NewSource, body: bytes, now: datetime) -> dict[str, str]:
    """The headers with which a sender of that kind proves who it is, in its own way; none where its address does."""
    kind = SOURCES[sender.kind]
    match sender.auth:
        case "bearer":
            own = next(iter(kind.secret_headers), None)
            return {own: sender.secret} if own else {"authorization": f"Bearer {sender.secret}"}
        case "hmac":
            return signed(kind.signings[0], sender.secret.encode(), body, now)
        case _:
            return {}


def signed(signing: Signing, secret: bytes, body: bytes, now: datetime) -> dict[str, str]:
    """The headers of a sender that signs in that way."""
    headers, clock = {}, ""
    if signing.timestamp_header:
        clock = headers[signing.timestamp_header] = str(int(now.timestamp()))
    if isinstance(signing, StandardSigning):
        headers[signing.id_header] = "m1"
        body = f"m1.{clock}.".encode() + body
    return {**headers, signing.header: signing.prefix + signing.signature_of(secret, clock, body)}
