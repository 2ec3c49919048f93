"""Proofs that need a public key of the sender: the key is fetched once, outside any transaction, and kept.

Only the module of the sender says where its keys are, on hosts of its own or one that the operator named; whatever
fetches has a list of allowed hosts besides. Where a key cannot be had, the delivery is accepted as unverified: its
credential was checked at the door, and an alert must not wait for somebody else's server.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from breach_service.logs import logger
from breach_service.notify.visits import VisitFailed
from breach_service.sources.proofs import Proof
from breach_service.sources.request import Delivery
from breach_service.sources.source import Source
from breach_service.store import signing_keys
from breach_service.store.database import Database

TRY_AGAIN_AFTER = timedelta(minutes=1)
"""How long a key that could not be had, or a host that could not be reached, is not asked again."""
MOST_NEW_ADDRESSES = 20
"""Addresses of keys, not known before, that are asked within an hour. A platform has one a year in each region; whoever
got hold of a sender's secret could name thousands, and each would keep the processing waiting."""

log = logger(__name__)

Fetch = Callable[[str], bytes]
"""An address to what is there. Raises VisitFailed."""


class MissingKey(Exception):
    """A key must be fetched before this slice can be processed."""

    def __init__(self, proof: Proof) -> None:
        self.proof = proof
        super().__init__(proof.key_url)


class Standing(StrEnum):
    """What is known of who sent a delivery."""

    NOT_SIGNED = "not_signed"
    """Nothing to check beyond the credential."""
    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    """Signed, but the key could not be had."""


@dataclass(frozen=True)
class _Held:
    key: bytes | None
    """None where it could not be had."""
    asked_at: datetime


class KeyRing:
    """The keys of senders that this process knows."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._held: dict[str, _Held] = {}
        self._unreachable: dict[str, datetime] = {}
        self._new: deque[datetime] = deque()
        self._lock = threading.Lock()

    def standing_of(
        self, source: Source, delivery: Delivery, expected: Mapping[str, str], now: datetime
    ) -> Standing:  # fmt: skip
        """Check what a delivery must carry, and its signature or token with the keys at hand.

        Raises WrongCredential where it does not fit, UnreadablePayload where it names a key of somebody else, and
        MissingKey where a key must be fetched first.
        """
        proof = source.proof_in(delivery, expected)
        if proof is None:
            return Standing.NOT_SIGNED
        with self._lock:
            held = self._held.get(proof.key_url)
        if held is None or self._is_to_ask_again(proof, held, now):
            raise MissingKey(proof)
        if held.key is None:
            return Standing.UNVERIFIED
        proof.check(held.key)
        return Standing.VERIFIED

    def get(self, database: Database, proof: Proof, now: datetime) -> None:
        """Get a key from the database or from its address, and hold on to what came of it."""
        url = proof.key_url
        with database.reading() as session:
            stored = signing_keys.key_at(session, url)
        is_fresh = stored is not None and proof.is_held_by(stored.key)
        if is_fresh and stored is not None and proof.key_lasts is not None:
            is_fresh = now - stored.fetched_at < proof.key_lasts
        key = stored.key if stored is not None and is_fresh else self._fetched(proof, stored is not None, now)
        if key is not None and not is_fresh:
            found = key
            database.write(lambda session: signing_keys.keep(session, url, found, now))
        # Keys that could not be renewed are better than none: the platform says so itself where it withdraws one.
        kept = key if key is not None else (stored.key if stored is not None else None)
        with self._lock:
            self._held[url] = _Held(kept, now)

    def _is_to_ask_again(self, proof: Proof, held: _Held, now: datetime) -> bool:
        age = now - held.asked_at
        if age < TRY_AGAIN_AFTER:
            return False
        if held.key is None or not proof.is_held_by(held.key):
            return True
        return proof.key_lasts is not None and age >= proof.key_lasts

    def _fetched(self, proof: Proof, is_known: bool, now: datetime) -> bytes | None:
        url = proof.key_url
        host = urlsplit(url).hostname or ""
        if now - self._unreachable.get(host, datetime.min.replace(tzinfo=now.tzinfo)) < TRY_AGAIN_AFTER:
            return None
        if not is_known and url not in self._held and not self._may_ask_new(now):
            log.warning("key_not_fetched", url=url, why="too many addresses that were not known before")
            return None
        try:
            found = self._fetch(url)
        except VisitFailed as error:
            if not error.is_permanent:
                self._unreachable[host] = now
            log.warning("key_not_fetched", url=url, why=str(error))
            return None
        if not proof.is_key(found):  # kept, it would turn every later message away
            log.warning("key_not_fetched", url=url, why="what stands there is no key")
            return None
        return found

    def _may_ask_new(self, now: datetime) -> bool:
        while self._new and now - self._new[0] >= timedelta(hours=1):
            self._new.popleft()
        if len(self._new) >= MOST_NEW_ADDRESSES:
            return False
        self._new.append(now)
        return True


def nothing_reachable(url: str) -> bytes:
    """A fetcher that reaches nothing: every signature of this kind stays unverified."""
    raise VisitFailed(f"nothing may be fetched here, {url} neither")
