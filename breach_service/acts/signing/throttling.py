"""Who failed too often waits, on every replica alike. Only what can be guessed is counted.

An account is counted by what was typed, so a wrong address of an account is locked like a right one; a passkey and a
link from a mail open a locked account, since nobody guesses those.
"""

import ipaddress
from collections.abc import Iterable
from datetime import datetime, timedelta

from breach_service.domain.access import LIMITS, Throttled
from breach_service.store import sign_ins
from breach_service.store.database import Session

Counted = tuple[Throttled, str]
"""What is counted, and of whom."""


def account(email: str) -> Counted:
    """The count of an account, by the address that was typed."""
    return Throttled.ACCOUNT, email.strip().casefold()


def address(what: Throttled, host: str) -> Counted:
    """The count of a network address; one of IPv6 with its neighbours, since a customer gets 2^64 of them."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return what, host
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return what, str(ipaddress.ip_network((int(found), 64), strict=False))
    return what, str(getattr(found, "ipv4_mapped", None) or found)


def wait_of(session: Session, counted: Iterable[Counted], now: datetime) -> timedelta | None:
    """How long one of these must wait; None where they may go on."""
    tallies = [sign_ins.tally_of(session, *one) for one in counted]
    ends = [one.locked_until for one in tallies if one.is_locked(now) and one.locked_until is not None]
    return max(ends) - now if ends else None


def failed(session: Session, counted: Iterable[Counted], now: datetime) -> frozenset[Throttled]:
    """Count a failure of each; which of them are locked by it."""
    return frozenset(
        what
        for what, whose in sorted(counted)
        if sign_ins.count_failure(session, what, whose, LIMITS[what], now).is_locked(now)
    )


def succeeded(session: Session, counted: Iterable[Counted]) -> None:
    """Forget what failed before."""
    for one in counted:
        sign_ins.forgive(session, *one)


def forgive_account(session: Session, email: str, user_id: int) -> None:
    """Open an account that is locked: its owner came by a link of a mail, or an administrator lets them in again."""
    succeeded(session, [account(email), (Throttled.SECOND_FACTOR, str(user_id))])
