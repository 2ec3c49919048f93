"""What the routes work with, handed over by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Path, Request

from breach_service.acts.content import OnDisk
from breach_service.acts.people import SignedIn
from breach_service.errors import NotAllowed
from breach_service.pipeline import Gate, Knowledge
from breach_service.rendering import Renderer
from breach_service.store.cipher import Cipher
from breach_service.store.database import Database


@dataclass(frozen=True)
class DemoAccount:
    """The sign-in that the demonstration shows on its first page."""

    name: str
    role: str
    email: str
    password: str


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
    session_lasts: timedelta
    metrics_token: str | None
    observe: timedelta = timedelta(hours=24)
    """For how long nothing is sent because of a sender that was connected on a page or by the API."""
    demo: DemoAccount | None = None
    on_disk: Callable[[], OnDisk] = lambda: OnDisk(None)
    """The files of playbooks/ as they are now, read and checked."""


def context_of(request: Request) -> Context:
    """The context of the application that answers."""
    context: Context = request.app.state.context
    return context


def signed_in_of(request: Request) -> SignedIn:
    """Who asks; the guard lets nobody else through to a route that needs it."""
    who = request.scope.get("breach.signed_in")
    if not isinstance(who, SignedIn):
        raise NotAllowed("sign in first")
    return who


Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
"""A number of a row in an address; a larger one would be refused by the database instead of not found."""
Here = Annotated[Context, Depends(context_of)]
Who = Annotated[SignedIn, Depends(signed_in_of)]
