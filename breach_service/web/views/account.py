"""The pages of one's own account, and the second step of signing in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from markupsafe import Markup

from breach_service.web.drawings import qr_code

TotpState = Literal["none", "new", "on"]
SEED_GROUP = 4


@dataclass(frozen=True)
class SecondStepPage:
    """The context variable `page` of `sign_in_second.html`. The form posts `code` to `/sign-in/second`."""

    error: str
    """Empty or `wrong`."""
    next: str
    has_passkeys: bool


def second_step_page(error: str = "", next_path: str = "/", *, has_passkeys: bool = False) -> SecondStepPage:
    """The form of the second step."""
    return SecondStepPage(error, next_path, has_passkeys)


@dataclass(frozen=True)
class PasskeyLine:
    """One passkey. Instants in UTC."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True)
class SessionLine:
    """One browser that is signed in. Instants in UTC."""

    id: int
    is_this: bool
    how: str
    agent: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class TotpView:
    """One-time codes: `none`, `new` (a first code is awaited) or `on`."""

    state: TotpState
    since: datetime | None = None
    seed: str = ""
    """To be typed where no camera is at hand; only while it is new."""
    qr: Markup | None = None


@dataclass(frozen=True)
class AccountPage:
    """The context variable `page` of `account.html`."""

    name: str
    email: str
    language: str
    has_password: bool
    password_changed_at: datetime | None
    totp: TotpView
    recovery_left: int
    passkeys: tuple[PasskeyLine, ...]
    sessions: tuple[SessionLine, ...]
    asks_password: bool
    """True where a change of a factor asks for the present password; just after signing in it does not."""
    enrol_before: datetime | None
    """From when on nothing else is shown before there is a second factor; None where none is asked for."""
    must_enrol: bool
    can_hold_passkeys: bool
    """True where browsers allow passkeys on this address."""
    error: str
    """Why nothing was changed, empty otherwise."""
    now: datetime

    @property
    def has_second(self) -> bool:
        """True if there is a second factor."""
        return self.totp.state == "on" or bool(self.passkeys)


def totp_view(seed: str, address: str, since: datetime | None) -> TotpView:
    """How the one-time codes stand; `seed` and `address` are of new ones, empty otherwise."""
    if seed:
        groups = (seed[at : at + SEED_GROUP] for at in range(0, len(seed), SEED_GROUP))
        return TotpView("new", None, " ".join(groups), qr_code(address))
    return TotpView("on" if since is not None else "none", since)


@dataclass(frozen=True)
class RecoveryPage:
    """The context variable `page` of `account_codes.html`: recovery codes, shown this once."""

    codes: tuple[str, ...]


def recovery_page(codes: tuple[str, ...]) -> RecoveryPage:
    """The codes."""
    return RecoveryPage(codes)


@dataclass(frozen=True)
class CalendarLine:
    """One calendar of due dates. Instants in UTC."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True)
class CalendarsPage:
    """The context variable `page` of `account_calendars.html`."""

    calendars: tuple[CalendarLine, ...]
    address: str
    """Of the one that was just made, shown this once; empty otherwise."""
    error: str
    """Why nothing was made, empty otherwise."""
