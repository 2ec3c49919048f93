"""Large requests are taken in portions: what is left of one waits in the inbox, behind what came meanwhile."""

from dataclasses import replace

from breach_service.sources.parts.portions import Cut, Portion, portion_of
from breach_service.sources.request import Delivery
from breach_service.store import inbox
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session
from breach_service.store.inbox import Received

REST = ":rest"
"""Stands among the headers of a request that was read in part: where reading goes on."""
ENCODING = "content-encoding"


def cut_of(received: Received | Delivery) -> Cut | None:
    """Where the reading of a request goes on; None where it begins."""
    written = received.headers.get(REST)
    return Cut(*map(int, written.split(","))) if written else None


def next_portion(delivery: Delivery) -> Portion | None:
    """What of a request is read now; None where all of it is. Raises UnreadablePayload."""
    return portion_of(delivery, cut_of(delivery))


def alone(received: Received, body: bytes) -> Received:
    """A portion as a request of its own."""
    headers = {name: value for name, value in received.headers.items() if name not in (REST, ENCODING)}
    return replace(received, headers=headers, body=body, sealed=b"")


def put_back(session: Session, received: Received, cipher: Cipher, rest: Cut | None = None) -> None:
    """Let a request wait again, with the instant at which it came: as it is, or what is left of it from a cut on."""
    cut = {REST: f"{rest.opens},{rest.begins},{rest.ends}"} if rest is not None else {}
    sealed = inbox.sealed(cipher, {**received.headers, **cut}, received.query, received.body)
    row = {"source_id": received.source_id, "received_at": received.received_at, "sealed": sealed}
    inbox.insert_received(session.connection(), [row])
