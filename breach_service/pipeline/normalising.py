"""Normalise: bodies as alerts. What cannot be understood goes to quarantine, what came before is not counted again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from breach_service.catalog.mappings import read_mapping
from breach_service.domain.alert import Alert
from breach_service.errors import UnreadablePayload, WrongCredential
from breach_service.pipeline.folding import Arrival
from breach_service.pipeline.verifying import KeyRing, Standing
from breach_service.sources.mapped.reading import Mapping, alerts_mapped
from breach_service.sources.redelivery import DeliveryKey, delivery_key
from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery
from breach_service.sources.source import Source
from breach_service.sources.understanding import apart, understood
from breach_service.store import inbox, outbox, redeliveries, sources
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session
from breach_service.store.inbox import METHOD, Received
from breach_service.store.sources import Sender

MOST_SAMPLE_BYTES = 256 * 1024
"""Up to here each alert of a request keeps a copy of its body; of a larger request only the first one does."""
VISIT = "visit"
"""Kind and channel of a message that is an address to be visited once."""


@dataclass(frozen=True)
class _Reading:
    """One request of a slice with its sender."""

    received: Received
    sender: Sender
    source: Source
    delivery: Delivery
    key: DeliveryKey | None
    """Identity of the delivery, where it has one."""

    @property
    def identity(self) -> tuple[int, str] | None:
        """Sender and identity of the delivery."""
        return (self.received.source_id, self.key.key) if self.key else None


def normalise(
    session: Session, cipher: Cipher, taken: Sequence[Received], keys: KeyRing, now: datetime
) -> list[Arrival]:
    """Bodies as alerts; what cannot be understood goes to quarantine, what came before is not counted again."""
    senders = sources.senders(session, cipher)
    readings = [_reading_of(one, senders[one.source_id]) for one in taken]
    before = redeliveries.seen_before(session, (one.identity for one in readings if one.identity), now)
    expires: dict[tuple[int, str], datetime] = {}
    seen: Counter[int] = Counter()
    again: Counter[int] = Counter()
    arrivals: list[Arrival] = []
    for one in readings:
        if one.identity in before:
            again[one.received.source_id] += 1
            continue
        try:
            standing = _standing_of(one, keys, now)
            found = _arrivals_of(one, cipher, standing)
        except (UnreadablePayload, WrongCredential) as error:
            inbox.put_in_quarantine(session, one.received, cipher, str(error))
            found = []
        else:
            if standing is Standing.VERIFIED:
                _run_errand(session, one, now)
            # Only what was understood and verified is remembered: the rest may be played, or sent, again.
            if one.identity and one.key and standing is not Standing.UNVERIFIED:
                before.add(one.identity)
                expires[one.identity] = one.received.received_at + one.key.lasts
        arrivals += found
        seen[one.received.source_id] += max(1, len(found))
    redeliveries.remember(session, expires)
    sources.count_redelivered(session, again)
    last_seen_at: dict[int, datetime] = {}
    for two in taken:
        last_seen_at[two.source_id] = max(two.received_at, last_seen_at.get(two.source_id, two.received_at))
    sources.seen(session, {source_id: seen[source_id] for source_id in last_seen_at}, last_seen_at)
    return arrivals


def _reading_of(received: Received, sender: Sender) -> _Reading:
    source = source_of(sender.kind)
    method = received.headers.get(METHOD, "POST")
    delivery = Delivery(received.body, received.headers, received.query, received.received_at, method)
    return _Reading(received, sender, source, delivery, delivery_key(source.redelivery, delivery))


def _arrivals_of(one: _Reading, cipher: Cipher, standing: Standing) -> list[Arrival]:
    alerts = _alerts_of(one)
    if not alerts:
        return []
    received = one.received
    sample = inbox.sealed(cipher, received.headers, received.query, received.body)
    is_small = len(sample) * len(alerts) <= MOST_SAMPLE_BYTES
    is_observed = one.sender.is_observed(received.received_at)
    return [
        Arrival(
            received.source_id,
            alert,
            received.received_at,
            sample if is_small or alert is alerts[0] else None,
            kind=one.sender.kind,
            lasts=one.source.lasts_until_resolved,
            is_observed=is_observed,
            is_unverified=standing is Standing.UNVERIFIED,
        )
        for alert in alerts
    ]


def _standing_of(one: _Reading, keys: KeyRing, now: datetime) -> Standing:
    """What is known of who sent it; a request that asks to be let speak says nothing that could be believed."""
    if one.source.handshake(one.delivery) is not None:
        return Standing.NOT_SIGNED
    return keys.standing_of(one.source, one.delivery, one.sender.expected, now)


def _alerts_of(one: _Reading) -> list[Alert]:
    """What the operator's mapping says, where there is one, else what the kind does.

    A mapping speaks for everything that its sender says but a handshake. A body that it cannot read is not guessed at:
    it goes to quarantine, where the operator sees that the format changed and can play it again after mending.
    """
    sender, delivery = one.sender, one.delivery
    if sender.mapping is None or one.source.handshake(delivery) is not None:
        return understood(one.source, sender.name, delivery)
    return [apart(alert) for alert in alerts_mapped(mapping_in(sender.mapping), sender.name, delivery)]


@lru_cache(maxsize=200)
def mapping_in(text: str) -> Mapping:
    """The mapping of a stored text, parsed once. Raises UnreadablePayload where this release finds a fault in it."""
    mapping, faults = read_mapping(text)
    if mapping is None:
        raise UnreadablePayload(f"The mapping of this source has faults: {'; '.join(faults)}.")
    return mapping


def _run_errand(session: Session, one: _Reading, now: datetime) -> None:
    """Queue the visit of an address that confirms a subscription; once."""
    url = one.source.errand(one.delivery)
    if url is not None:
        key = f"visit:{one.sender.name}:{sha256(url.encode()).hexdigest()[:32]}"
        outbox.enqueue(session, key, VISIT, VISIT, now, payload={"url": url, "source": one.sender.name})
