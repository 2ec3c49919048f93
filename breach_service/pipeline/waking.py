"""Wake: whoever is on call at once, the next level later, everybody in the end, until somebody acknowledges."""

from datetime import datetime

from breach_service.domain.waking import WakeReason
from breach_service.store.database import Session


def wake(session: Session, incident_id: int, reason: WakeReason, key: str, now: datetime) -> None:
    """Begin to wake people because of an incident; the caller holds the placing lock.

    `key` says what it is about (an urgency, or a rung of a date): the same is never said twice. An acknowledgement of
    an earlier call does not cover it.
    """
