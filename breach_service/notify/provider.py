"""A provider of identities as the rest of the service sees it; `oidc` is the one there is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from breach_service.domain.access import Identity, Refusal
from breach_service.errors import BreachServiceError


class ProviderFailed(BreachServiceError):
    """The provider could not be asked, or answered what cannot be relied on. The text is for the log: no secrets."""

    def __init__(self, refusal: Refusal, why: str) -> None:
        self.refusal = refusal
        super().__init__(why)


@dataclass(frozen=True)
class Registration:
    """This service as the provider knows it."""

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    """None for a public client, which proves itself by PKCE alone."""
    redirect_uri: str
    """Where the provider sends people back to."""
    home: str
    """Where it sends them after they signed out there."""
    groups_claim: str = "groups"
    """Of the id_token or of userinfo; a dot leads into an object (`realm_access.roles`)."""
    scopes: str = "openid profile email"


@dataclass(frozen=True)
class Asked:
    """What was asked for one browser, and must come back or is needed then."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    next: str
    """The path of ours that the person wanted to see."""


@dataclass(frozen=True)
class Ended:
    """The provider says that a person signed out there: whose sessions, or which one."""

    subject: str
    """Empty where only the session is named."""
    session: str
    """Empty for all of the person."""
    number: str
    """Of this message: it counts once."""
    expires_at: float
    """Seconds since 1970, UTC."""


class IdentityProvider(Protocol):
    """One provider. Any thread may ask; `now` is aware, UTC. Everything raises ProviderFailed."""

    @property
    def us(self) -> Registration:
        """How it knows us."""

    def ask(self, next_path: str, now: datetime) -> tuple[str, Asked]:
        """Where to send a browser, and what to expect back."""

    def identify(self, answer: Mapping[str, str], asked: Asked, now: datetime) -> Identity:
        """Who came back with this query to what was asked."""

    def ended(self, logout_token: str, now: datetime) -> Ended:
        """Whose sessions the provider ended."""

    def leaving_url(self, now: datetime) -> str | None:
        """Where a person ends their session at the provider too; None where it has no place for it."""
