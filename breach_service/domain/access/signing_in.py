"""How somebody signs in, step by step, and when a second factor is asked of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from breach_service.domain.access.acts import UserRole

JUST_NOW = timedelta(minutes=10)
"""For so long after signing in nobody is asked for their password again."""


class How(StrEnum):
    """How a session was opened."""

    PASSWORD = "password"  # noqa: S105  # the name of a way
    PASSWORD_TOTP = "password+totp"  # noqa: S105
    PASSWORD_RECOVERY = "password+recovery"  # noqa: S105
    PASSKEY = "passkey"
    """With user verification: a thing that one has and a finger or a PIN, so two factors at once."""
    OIDC = "oidc"
    """The provider asks for what it wants to ask for."""
    LINK = "link"
    """By a link that the command line gave an administrator whom the provider cannot let in."""


class SignInChange(StrEnum):
    """What changed in how somebody signs in; recorded in the chronology and told to them."""

    PASSWORD = "password"  # noqa: S105  # the name of a change
    TOTP_ADDED = "totp_added"
    TOTP_REMOVED = "totp_removed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    RECOVERY_MADE = "recovery_made"
    RECOVERY_USED = "recovery_used"
    NAME = "name"
    LOCKED = "locked"
    """Too many wrong passwords or codes."""
    PASSKEY_WENT_BACK = "passkey_went_back"
    """Its counter is behind what was seen of it: there may be a copy. It opened nothing."""


class SignInStep(StrEnum):
    """What comes next for somebody who signs in."""

    REFUSED = "refused"
    LOCKED = "locked"
    """Too many failures: nothing is tried for a while."""
    EXPIRED = "expired"
    """The step took longer than it may, or was taken already: begin again."""
    SECOND_FACTOR = "second_factor"
    DONE = "done"


@dataclass(frozen=True)
class Factors:
    """What somebody can prove themselves by, besides a password."""

    has_totp: bool = False
    passkeys: int = 0
    recovery_codes: int = 0
    """Those that were not used yet."""

    @property
    def has_second(self) -> bool:
        """True if a password alone does not open a session."""
        return self.has_totp or self.passkeys > 0


@dataclass(frozen=True)
class SignInRules:
    """What the installation asks of everybody who signs in."""

    lasts: timedelta
    """After it a session is over, however much it is used."""
    idle: timedelta | None = None
    """After so long without a request a session is over; None: never."""
    second_factor_roles: frozenset[UserRole] = frozenset()
    """Who must have a second factor, except where a provider signs them in."""
    grace: timedelta = timedelta(0)
    """For how long a new account may do without one."""


def step_after_password(factors: Factors) -> SignInStep:
    """What the right password leads to."""
    return SignInStep.SECOND_FACTOR if factors.has_second else SignInStep.DONE


def enrol_before(
    rules: SignInRules, role: UserRole, how: str, factors: Factors, created_at: datetime
) -> datetime | None:  # fmt: skip
    """From which instant on somebody sees nothing before they have a second factor; None where none is asked of them.

    `how` is how their session was opened, `created_at` when their account was made.
    """
    is_asked = role in rules.second_factor_roles and how == How.PASSWORD and not factors.has_second
    return created_at + rules.grace if is_asked else None


def roles_in(text: str) -> frozenset[UserRole]:
    """Roles between commas; ValueError for a word that is none."""
    return frozenset(UserRole(one.strip()) for one in text.split(",") if one.strip())


def is_same_person(names: Iterable[str], name: str) -> bool:
    """True if a name reads like one of these: whoever acts must not be taken for another."""
    return " ".join(name.split()).casefold() in {" ".join(one.split()).casefold() for one in names}
