"""The part of the JSON API that is about senders: connect one, renew its secret, map its format, try a body."""

import json
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from breach_service.acts import expected_senders, senders
from breach_service.acts.senders import Connection, NewSource
from breach_service.domain.access import Act
from breach_service.domain.heartbeats import IntervalFrom
from breach_service.errors import N_, InvalidCommand, NotFound, sentence_of
from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery
from breach_service.sources.source import Source
from breach_service.sources.understanding import understood
from breach_service.store import sources
from breach_service.web.api import Words
from breach_service.web.context import Context, Here, Who
from breach_service.web.needs import needs
from breach_service.web.representations import normal_form
from breach_service.web.sender_pages import base_of

router = APIRouter(prefix="/api/v1/sources")


class RefusedOut(BaseModel):
    """How often a sender was refused for one reason."""

    model_config = ConfigDict(from_attributes=True)
    reason: str
    count: int
    last_at: datetime


class ExpectationOut(BaseModel):
    """How often a sender should be heard, and since when that counts."""

    model_config = ConfigDict(from_attributes=True)
    interval: timedelta
    comes_from: IntervalFrom
    """Its own heartbeat, or a person."""
    heard_at: datetime
    silent_from: datetime
    """From then on its silence is an alarm."""


class SourceOut(BaseModel):
    """A sender: last seen, received, refused and why. Instants in UTC."""

    name: str
    kind: str
    auth: str
    created_at: datetime
    last_seen_at: datetime | None
    received: int
    quarantined: int
    """Ever."""
    in_quarantine: int
    """Not played again yet."""
    redelivered: int
    """Requests that were the same delivery sent again."""
    refused: int
    last_refusal: str
    last_refused_at: datetime | None
    refusals: list[RefusedOut]
    """By reason, newest first."""
    refusing_since: datetime | None
    """Since when it is refused; null while it is accepted."""
    observed_until: datetime | None
    """Until then nothing is sent because of it; null where people are told."""
    secrets: int
    """Valid secrets: two while one is being replaced."""
    rotated_at: datetime | None
    former_used_at: datetime | None
    has_mapping: bool
    has_expectations: bool
    """True where its messages must carry something besides the credential."""
    expected_every: str
    """What a person said of how often it is heard: `15m`, `2h`, `off`; `learn` where nobody did."""
    expectation: ExpectationOut | None
    """How often it should be heard; null where its silence means nothing."""
    silent_since: datetime | None
    """When it was last heard before its silence became an alarm; null while there is none."""


@router.get("", dependencies=[needs(Act.LOOK_AROUND)])
def list_sources(here: Here) -> list[SourceOut]:
    """Every sender, by name."""
    with here.database.reading() as session:
        return [SourceOut.model_validate(one, from_attributes=True) for one in sources.summaries(session)]


class ConnectionIn(BaseModel):
    """How a sender is to be connected."""

    kind: Words = Field(max_length=100)
    """A kind, or another word for it."""
    name: Words = Field(min_length=1, max_length=100)
    """a-z, 0-9, hyphen and underscore."""
    auth: Literal["bearer", "hmac", "url"] | None = None
    """Null for the safest that the sender can."""
    secret: Words | None = Field(None, max_length=1000)
    """A secret that the sender made; null lets the service make one."""
    header: Words | None = Field(None, max_length=64)
    """A header of one's own choice for the secret or the signature."""
    live: bool = False
    """True to tell people at once instead of observing first."""
    expected: dict[str, Words] = Field(default_factory=dict, max_length=10)
    """What each of its messages must carry, by the names that its kind knows."""


class ConnectedOut(BaseModel):
    """The address and the secret of a sender, told once."""

    name: str
    kind: str
    auth: str
    url: str
    secret: str
    observed_until: datetime | None


@router.post("", status_code=201, dependencies=[needs(Act.MANAGE_SOURCES)])
def connect(command: ConnectionIn, request: Request, here: Here, who: Who, answer: Response) -> ConnectedOut:
    """Connect a sender; its address and its secret are told once."""
    observe = timedelta() if command.live else here.observe
    known = _kind(command.kind)
    wanted = Connection(
        command.name, known.kind, command.auth, command.secret or None, command.header, observe, command.expected
    )
    new = here.database.write(lambda session: senders.add_source(session, who.actor, wanted, here.cipher, here.now()))
    return _told_once(new, request, here, answer)


class RotationIn(BaseModel):
    """What the new secret is."""

    secret: Words | None = Field(None, max_length=1000)
    """A secret that the sender made; null lets the service make one."""
    force: bool = False
    """True to end a former secret that is still in use."""


@router.post("/{name}/rotate", dependencies=[needs(Act.MANAGE_SOURCES)])
def rotate(
    name: str,
    request: Request,
    here: Here,
    who: Who,
    answer: Response,
    command: RotationIn | None = None,
) -> ConnectedOut:
    """Give a sender a new secret; the former one stays valid until it has been unused for 24 hours."""
    wanted = command or RotationIn(secret=None)
    new = here.database.write(
        lambda session: senders.rotate_source(
            session, who.actor, name, here.cipher, here.now(), secret=wanted.secret or None, is_forced=wanted.force
        )
    )
    return _told_once(new, request, here, answer)


@router.post("/{name}/release", status_code=204, dependencies=[needs(Act.MANAGE_SOURCES)])
def release(name: str, here: Here, who: Who) -> None:
    """End the observation of a sender: people are told of what it says from now on."""
    here.database.write(lambda session: senders.release_source(session, who.actor, name, here.now()))


@router.put("/{name}/expected", status_code=204, dependencies=[needs(Act.MANAGE_SOURCES)])
def expect(name: str, expected: dict[str, Words], here: Here, who: Who) -> None:
    """Say what each message of a sender must carry, by the names that its kind knows; replaces what was said before."""
    here.database.write(
        lambda session: senders.set_expected(session, who.actor, name, expected, here.cipher, here.now())
    )
    here.gate.renew()


class IntervalIn(BaseModel):
    """How often a sender must be heard."""

    every: Words = Field(max_length=20)
    """`15m`, `2h`, `1d`; `learn` from its heartbeat, anew; `off`: its silence is never an alarm."""


@router.put("/{name}/interval", status_code=204, dependencies=[needs(Act.MANAGE_SOURCES)])
def expect_every(name: str, command: IntervalIn, here: Here, who: Who) -> None:
    """Say how often a sender must be heard: a longer silence is an alarm."""
    here.database.write(
        lambda session: expected_senders.expect_every(session, who.actor, name, command.every, here.now())
    )


@router.post("/{name}/test", status_code=202, dependencies=[needs(Act.MANAGE_SOURCES)])
def play_test(name: str, here: Here, who: Who) -> None:
    """Put the test message of its kind in, as if the sender had sent it; it does not count as heard."""
    here.database.write(lambda session: expected_senders.play_test(session, who.actor, name, here.cipher, here.now()))


YAML = "application/yaml"
_TAKES_YAML = {"requestBody": {"required": True, "content": {YAML: {"schema": {"type": "string"}}}}}


async def text_of(request: Request) -> str:
    """The body as text, whatever its content type says; InvalidCommand where it is none."""
    try:
        return (await request.body()).decode()
    except UnicodeDecodeError as error:
        raise InvalidCommand(N_("the body is no text in UTF-8")) from error


@router.get("/{name}/mapping", response_class=PlainTextResponse, dependencies=[needs(Act.LOOK_AROUND)])
def show_mapping(name: str, here: Here) -> PlainTextResponse:
    """How a sender's own format is read, as YAML; 404 where it is read as its kind says."""
    with here.database.reading() as session:
        row = sources.named(session, name)
    if row is None:
        raise NotFound(N_("there is no source %(name)s"), name=name)
    if row.mapping is None:
        raise NotFound(
            N_("%(name)s has no mapping of its own: it is read as its kind (%(kind)s) says"), name=name, kind=row.kind
        )
    return PlainTextResponse(row.mapping, media_type=YAML)


@router.put("/{name}/mapping", status_code=204, openapi_extra=_TAKES_YAML, dependencies=[needs(Act.MANAGE_SOURCES)])
def keep_mapping(name: str, here: Here, who: Who, text: Annotated[str, Depends(text_of)]) -> None:
    """Say how a sender's own format is read; the body is YAML."""
    here.database.write(lambda session: senders.set_mapping(session, who.actor, name, text, here.now()))


@router.delete("/{name}/mapping", status_code=204, dependencies=[needs(Act.MANAGE_SOURCES)])
def remove_mapping(name: str, here: Here, who: Who) -> None:
    """Go back to what the kind of the sender says."""
    here.database.write(lambda session: senders.set_mapping(session, who.actor, name, None, here.now()))


class TrialIn(BaseModel):
    """A request that some sender would send."""

    kind: Words = Field(max_length=100)
    headers: dict[str, str] = {}
    body: str | dict[str, Any] | list[Any]
    """The body as text, or as the JSON that it is."""


@router.post("/try", dependencies=[needs(Act.LOOK_AROUND)])
def try_body(command: TrialIn, here: Here) -> list[dict[str, Any]]:
    """What a body becomes; nothing is stored or sent."""
    return [normal_form(one) for one in understood(_kind(command.kind), command.kind, _delivery(command, here))]


def _delivery(command: TrialIn, here: Context) -> Delivery:
    text = command.body if isinstance(command.body, str) else json.dumps(command.body, ensure_ascii=False)
    headers = {name.lower(): value for name, value in command.headers.items()}
    return Delivery(text.encode("utf-8", "replace"), headers, "", here.now())


def _kind(word: str) -> Source:
    """The kind of that word; a word that is wrong in a body is a fault of the body, not of the address."""
    try:
        return source_of(word)
    except NotFound as error:
        raise InvalidCommand(sentence_of(error)) from error


def _told_once(new: NewSource, request: Request, here: Context, answer: Response) -> ConnectedOut:
    here.gate.renew()
    answer.headers["cache-control"] = "no-store"
    url = f"{base_of(request, here)}{new.path}"
    return ConnectedOut(
        name=new.name, kind=new.kind, auth=str(new.auth), url=url, secret=new.secret, observed_until=new.observed_until
    )
