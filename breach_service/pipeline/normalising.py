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
from breach_service.pipeline.portioning import alone, cut_of, next_portion, put_back
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
from breach_service.store.inbox import METHOD, TRIAL, Received
from breach_service.store.sources import Sender

MOST_SAMPLE_BYTES = 256 * 1024
"""Up to here each alert of a request keeps a copy of its body; of a larger request only the first one does."""
MOST_IN_SLICE = 2_000
"""Alerts of a slice, the last request's aside: the requests behind them wait for another slice."""
MOST_WHOLE = 5_000
"""Alerts of one request that cannot be taken in portions."""
TOO_MANY = "It holds {} alerts in no list of their own: the first {} were taken, send smaller batches."
MOST_READ = 64 * 1024
"""Bytes of a request with one alert that is looked at as a whole; of a larger one what was read is enough."""
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
    """Identity of the delivery, where it has one; what is left of a large one has none."""

    @property
    def identity(self) -> tuple[int, str] | None:
        """Sender and identity of the delivery."""
        return (self.received.source_id, self.key.key) if self.key else None


def normalise(
    session: Session, cipher: Cipher, taken: Sequence[Received], keys: KeyRing, now: datetime
) -> list[Arrival]:
    """Bodies as alerts; what cannot be understood goes to quarantine, what came before is not counted again.

    Of a large request one portion is read, and what is left of it waits again; so does what the slice has no room for.
    """
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
        if len(arrivals) >= MOST_IN_SLICE:
            put_back(session, one.received, cipher)
            continue
        found, is_understood = _arrivals_of(session, one, cipher, keys, now)
        # Only what was understood and verified is remembered: the rest may be played, or sent, again.
        if one.identity and one.key and is_understood:
            before.add(one.identity)
            expires[one.identity] = one.received.received_at + one.key.lasts
        arrivals += found
        seen[one.received.source_id] += max(1, len(found))
    redeliveries.remember(session, expires)
    sources.count_redelivered(session, again)
    last_seen_at: dict[int, datetime] = {}
    for two in taken:
        if TRIAL in two.headers:
            continue  # we said it ourselves: its sender was not heard
        last_seen_at[two.source_id] = max(two.received_at, last_seen_at.get(two.source_id, two.received_at))
    sources.seen(session, {source_id: seen[source_id] for source_id in last_seen_at}, last_seen_at)
    return arrivals


def _reading_of(received: Received, sender: Sender) -> _Reading:
    source = source_of(sender.kind)
    method = received.headers.get(METHOD, "POST")
    delivery = Delivery(received.body, received.headers, received.query, received.received_at, method)
    key = delivery_key(source.redelivery, delivery) if cut_of(received) is None else None
    return _Reading(received, sender, source, delivery, key)


def _arrivals_of(
    session: Session, one: _Reading, cipher: Cipher, keys: KeyRing, now: datetime
) -> tuple[list[Arrival], bool]:
    """The alerts of what is read of a request now; and whether all of it was understood and verified."""
    part, rest = one, None
    is_begun = cut_of(one.received) is not None
    try:
        portion = next_portion(one.delivery)
        if portion is not None:
            part, rest = _reading_of(alone(one.received, portion.body), one.sender), portion.rest
        standing = _standing_of(part, keys, now)
        alerts = _alerts_of(part)
        if portion is not None and not is_begun and 2 * len(alerts) < portion.members:
            part, rest, alerts = one, None, _alerts_of(one)  # what is listed there are no alerts
    except (UnreadablePayload, WrongCredential) as error:
        inbox.put_in_quarantine(session, part.received if is_begun else one.received, cipher, str(error))
        if is_begun and rest is not None:
            put_back(session, one.received, cipher, rest)
        return [], False
    if rest is not None:
        put_back(session, one.received, cipher, rest)
    elif len(alerts) > MOST_WHOLE:
        inbox.put_in_quarantine(session, one.received, cipher, TOO_MANY.format(len(alerts), MOST_WHOLE))
        alerts = alerts[:MOST_WHOLE]
    if standing is Standing.VERIFIED:
        _run_errand(session, part, now)
    return _with_samples(part, alerts, cipher, standing), standing is not Standing.UNVERIFIED


def _with_samples(one: _Reading, alerts: list[Alert], cipher: Cipher, standing: Standing) -> list[Arrival]:
    """Alerts with the request that they came in."""
    if not alerts:
        return []
    received = one.received
    sample = received.sealed or inbox.sealed(cipher, received.headers, received.query, received.body)
    is_small = len(sample) * len(alerts) <= MOST_SAMPLE_BYTES
    is_observed = one.sender.is_observed(received.received_at)
    is_shown = len(alerts) == 1 and len(received.body) <= MOST_READ and "content-encoding" not in received.headers
    body = received.body if is_shown else b""
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
            body=body,
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
