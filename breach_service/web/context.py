"""What the routes work with, handed over by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Path, Request

from breach_service.acts.content import OnDisk
from breach_service.acts.people.tokens import TERMS, Terms
from breach_service.acts.signing.federated import Rules
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.acts.signing.still_in import need_still_in
from breach_service.domain.access import SignInRules
from breach_service.errors import N_, NotAllowed
from breach_service.notify.chat import ChatDoor
from breach_service.notify.provider import IdentityProvider
from breach_service.notify.ways import Ways
from breach_service.pipeline import Gate, Knowledge
from breach_service.rendering import Renderer
from breach_service.store.cipher import Cipher
from breach_service.store.database import Database

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class DemoAccount:
    """The sign-in that the demonstration shows on its first page."""

    name: str
    role: str
    email: str
    password: str


@dataclass(frozen=True)
class Federation:
    """The provider of identities, what is made of those who come from it, and its name on the sign-in page."""

    provider: IdentityProvider
    rules: Rules
    name: str


@dataclass(frozen=True)
class Context:
    """The service as the HTTP edge sees it."""

    database: Database
    cipher: Cipher
    gate: Gate
    renderer: Renderer
    knowledge: Callable[[], Knowledge]
    now: Callable[[], datetime]
    content_faults: Callable[[], tuple[str, ...]]
    """Faults of the content on disk while an earlier version stays in force; shown as a banner."""
    version: str
    language: str
    public_url: str
    max_body_bytes: int
    sign_in: SignInRules
    metrics_token: str | None
    max_evidence_bytes: int = 26_214_400
    """Of a file that is handed in as evidence."""
    observe: timedelta = timedelta(hours=24)
    """For how long nothing is sent because of a sender that was connected on a page or by the API."""
    demo: DemoAccount | None = None
    on_disk: Callable[[], OnDisk] = lambda: OnDisk(None)
    """The files of playbooks/ as they are now, read and checked."""
    federation: Federation | None = None
    """Where people sign in at a provider of identities."""
    has_local_sign_in: bool = True
    """False where passwords and passkeys open nothing: only the provider lets people in."""
    glass_lasts: timedelta = timedelta(hours=12)
    """For how long a broken glass lets decide."""
    has_mail: bool = False
    """True where a mail server is set: invitations and new passwords go by mail."""
    has_heartbeat: bool = False
    """True where a dead-man's switch is set: then `/metrics` says when it last heard from us."""
    token_terms: Terms = TERMS
    """For how long API tokens are made."""
    ways: Ways = field(default_factory=Ways)
    """The ways out to persons that were set up."""
    own_addresses: frozenset[str] = frozenset()
    """Our mail addresses and the domain of our mails, in lower case."""
    chat: ChatDoor | None = None
    """The way in from where people chat, where one was set up."""


def context_of(request: Request) -> Context:
    """The context of the application that answers."""
    context: Context = request.app.state.context
    return context


def context_for_acts(request: Request) -> Context:
    """The same for a route; what it writes by an unsafe method is written only if whoever asks is still let in then."""
    here, who = context_of(request), request.scope.get("breach.signed_in")
    if request.method in SAFE_METHODS or not isinstance(who, SignedIn):
        return here
    return replace(here, database=here.database.checking_first(lambda session: need_still_in(session, who, here.now())))


def signed_in_of(request: Request) -> SignedIn:
    """Who asks; the guard lets nobody else through to a route that needs it."""
    who = request.scope.get("breach.signed_in")
    if not isinstance(who, SignedIn):
        raise NotAllowed(N_("sign in first"))
    return who


Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
"""A number of a row in an address; a larger one would be refused by the database instead of not found."""
Here = Annotated[Context, Depends(context_for_acts)]
Who = Annotated[SignedIn, Depends(signed_in_of)]
