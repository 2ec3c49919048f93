"""Signatures that need a public key of the sender: the key is fetched once, outside any transaction, and kept.

Only the module of the sender says where its keys are, and only on hosts of its own; whatever fetches has a list of
allowed hosts besides. Where a key cannot be had, the delivery is accepted as unverified: its credential was checked at
the door, and an alert must not wait for somebody else's server.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from breach_service.logs import logger
from breach_service.notify.visits import VisitFailed
from breach_service.sources.certificates import check, is_certificate
from breach_service.sources.request import Delivery
from breach_service.sources.source import Source
from breach_service.store import signing_keys
from breach_service.store.database import Database

TRY_AGAIN_AFTER = timedelta(minutes=1)
"""How long a key that could not be had is not asked for again."""

log = logger(__name__)

Fetch = Callable[[str], bytes]
"""An address to what is there. Raises VisitFailed."""


class MissingKey(Exception):
    """A key must be fetched before this slice can be processed."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(url)


class Standing(StrEnum):
    """What is known of who sent a delivery."""

    NOT_SIGNED = "not_signed"
    """Nothing to check beyond the credential."""
    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    """Signed, but the key could not be had."""


@dataclass(frozen=True)
class _Held:
    certificate: bytes | None
    """None where it could not be had."""
    asked_at: datetime


class KeyRing:
    """The keys of senders that this process knows."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()

    def standing_of(self, source: Source, delivery: Delivery, now: datetime) -> Standing:
        """Check the signature of a delivery with the keys at hand.

        Raises WrongCredential where it does not fit, UnreadablePayload where it names a key of somebody else, and
        MissingKey where a key must be fetched first.
        """
        signed = source.key_signed(delivery)
        if signed is None:
            return Standing.NOT_SIGNED
        with self._lock:
            held = self._held.get(signed.key_url)
        if held is None or (held.certificate is None and now - held.asked_at >= TRY_AGAIN_AFTER):
            raise MissingKey(signed.key_url)
        if held.certificate is None:
            return Standing.UNVERIFIED
        check(signed, held.certificate)
        return Standing.VERIFIED

    def get(self, database: Database, url: str, now: datetime) -> None:
        """Get a key from the database or from its address, and hold on to what came of it."""
        with database.reading() as session:
            certificate = signing_keys.certificate_of(session, url)
        if certificate is None:
            certificate = self._fetched(url)
            if certificate is not None:
                found = certificate
                database.write(lambda session: signing_keys.keep(session, url, found, now))
        with self._lock:
            self._held[url] = _Held(certificate, now)

    def _fetched(self, url: str) -> bytes | None:
        try:
            found = self._fetch(url)
        except VisitFailed as error:
            log.warning("key_not_fetched", url=url, why=str(error))
            return None
        if not is_certificate(found):  # kept, it would turn every later message away
            log.warning("key_not_fetched", url=url, why="what stands there is no certificate")
            return None
        return found


def nothing_reachable(url: str) -> bytes:
    """A fetcher that reaches nothing: every signature of this kind stays unverified."""
    raise VisitFailed(f"nothing may be fetched here, {url} neither")
