"""The part of the JSON API that is about people, their sessions and API tokens. A token ends access, and gives none."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from breach_service.acts.people import account_list, accounts, links, tokens
from breach_service.domain.access import Act, UserRole
from breach_service.errors import N_, InvalidCommand
from breach_service.store.database import Session
from breach_service.web.api import Words
from breach_service.web.context import Context, Here, Id, Who
from breach_service.web.needs import needs

router = APIRouter(prefix="/api/v1", dependencies=[needs(Act.MANAGE_PEOPLE)])
Role = Literal["viewer", "responder", "dpo", "decider", "admin", "auditor", "inspector"]
Name = Annotated[Words, Field(min_length=1, max_length=accounts.LONGEST_NAME)]


class PersonOut(BaseModel):
    """An account. Instants in UTC."""

    id: int
    email: str
    name: str
    role: str
    language: str
    state: str
    """active, awaited (invited, and never came) or disabled."""
    created_at: datetime
    last_seen_at: datetime | None
    invited_until: datetime | None
    disabled_at: datetime | None
    disabled_by: str
    disabled_reason: str
    has_second_factor: bool
    sessions: int
    tokens: int


class SessionOut(BaseModel):
    """A browser that is signed in."""

    id: int
    method: str
    agent: str
    created_at: datetime
    last_seen_at: datetime | None
    expires_at: datetime


class PersonWithSessionsOut(PersonOut):
    """An account with its open sessions."""

    open_sessions: list[SessionOut]


class PersonIn(BaseModel):
    """A new account; its person is invited and chooses the password."""

    email: Words = Field(min_length=3, max_length=accounts.LONGEST_ADDRESS)
    role: Role
    name: Words = Field("", max_length=accounts.LONGEST_NAME)
    language: Literal["fr", "en"] = "fr"


class InvitedOut(BaseModel):
    """An invitation that was made."""

    id: int
    until: datetime
    is_mailed: bool
    link: str | None
    """Path that opens once; null where it goes by mail."""


class ChangeIn(BaseModel):
    """What is to change; what is left out stays. Another role ends sessions and tokens."""

    name: Name | None = None
    role: Role | None = None


class DisableIn(BaseModel):
    """Why somebody is shut out. Sessions, tokens and links end at once, password, passkeys and codes too."""

    reason: Words = Field(min_length=1, max_length=2000)
    for_security: bool = False
    """True for an account in the wrong hands: at once, whatever work is open."""


class TokenIn(BaseModel):
    """A new API token."""

    name: Name
    role: Role
    scopes: list[Act] = Field(default_factory=list, max_length=len(Act))
    """Acts of the role; empty for all that a token of it may do."""
    days: float | None = Field(None, gt=0, le=36_500, allow_inf_nan=False)
    owner: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    """The account with which it ends."""


class TokenOut(BaseModel):
    """An API token; never the token itself."""

    name: str
    role: str
    scopes: list[str]
    owner: str
    state: str
    """live, expired or revoked."""
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    """To the minute."""


class NewTokenOut(BaseModel):
    """A token that was just made: this is the only time that it is shown."""

    name: str
    token: str


def _person_out(one: account_list.AccountSummary) -> PersonOut:
    return PersonOut.model_validate({**vars(one), "id": one.number})


@router.get("/people")
def list_people(here: Here, who: Who) -> list[PersonOut]:
    """Everybody who has an account."""
    with here.database.reading() as session:
        return [_person_out(one) for one in account_list.list_accounts(session, who.actor, here.now())]


@router.get("/people/{person}")
def show_person(person: Id, here: Here, who: Who) -> PersonWithSessionsOut:
    """One account with its open sessions."""
    with here.database.reading() as session:
        one, held = account_list.one_account(session, who.actor, person, here.now())
    sessions = [SessionOut.model_validate({**vars(each), "id": each.number}) for each in held]
    return PersonWithSessionsOut(**_person_out(one).model_dump(), open_sessions=sessions)


@router.post("/people", status_code=201)
def add_person(command: PersonIn, here: Here, who: Who) -> InvitedOut:
    """Make an account and invite its person."""

    def work(session: Session) -> tuple[int, links.NewLink]:
        number = accounts.add_user(
            session, who.actor, command.email, UserRole(command.role), None, here.now(), name=command.name,
            language=command.language,
        )  # fmt: skip
        return number, _invite(session, who, number, here)

    return _invited_out(*here.database.write(work), here)


@router.post("/people/{person}/invite", status_code=201)
def invite(person: Id, here: Here, who: Who) -> InvitedOut:
    """Invite somebody again who has not come yet; the former invitation ends."""
    return _invited_out(person, here.database.write(lambda session: _invite(session, who, person, here)), here)


def _invite(session: Session, who: Who, number: int, here: Context) -> links.NewLink:
    return links.invite(session, who.actor, number, here.now(), here.cipher if here.has_mail else None)


def _invited_out(number: int, link: links.NewLink, here: Context) -> InvitedOut:
    path = None if here.has_mail else link.path
    return InvitedOut(id=number, until=link.until, is_mailed=here.has_mail, link=path)


@router.patch("/people/{person}", status_code=204)
def change_person(person: Id, command: ChangeIn, here: Here, who: Who) -> None:
    """Rename somebody, or give them another role."""
    if command.name is None and command.role is None:
        raise InvalidCommand(N_("say what is to change: name, role or both"))

    def work(session: Session) -> None:
        if command.name is not None:
            accounts.rename(session, who.actor, person, command.name, here.now())
        if command.role is not None:
            accounts.change_role(session, who.actor, person, UserRole(command.role), here.now())

    here.database.write(work)


@router.post("/people/{person}/disable", status_code=204)
def disable(person: Id, command: DisableIn, here: Here, who: Who) -> None:
    """Shut somebody out; sessions and tokens end at once."""
    here.database.write(
        lambda session: accounts.disable(
            session, who.actor, person, here.now(), reason=command.reason, for_security=command.for_security
        )
    )


@router.post("/people/{person}/enable", status_code=204)
def enable(person: Id, here: Here, who: Who) -> None:
    """Let somebody come in again."""
    here.database.write(lambda session: accounts.enable(session, who.actor, person, here.now()))


@router.delete("/people/{person}/sessions", status_code=204)
def end_sessions(person: Id, here: Here, who: Who) -> None:
    """End every session of a person."""
    here.database.write(lambda session: accounts.end_all_sessions(session, who.actor, person, here.now()))


@router.delete("/people/{person}/sessions/{held}", status_code=204)
def end_session(person: Id, held: Id, here: Here, who: Who) -> None:
    """End one session of a person."""
    here.database.write(lambda session: accounts.end_session(session, who.actor, person, held, here.now()))


@router.get("/tokens")
def list_tokens(here: Here, who: Who, owner: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None) -> list[TokenOut]:
    """Every API token, ended ones included."""
    with here.database.reading() as session:
        found = tokens.list_tokens(session, who.actor, here.now(), owner=owner)
    return [TokenOut.model_validate(vars(one)) for one in found]


@router.post("/tokens", status_code=201)
def add_token(command: TokenIn, here: Here, who: Who) -> NewTokenOut:
    """Make an API token; it is shown once."""
    lasts = timedelta(days=command.days) if command.days is not None else None
    token = here.database.write(
        lambda session: tokens.add_token(
            session, who.actor, command.name, UserRole(command.role), here.now(), lasts=lasts, scopes=command.scopes,
            owner=command.owner, terms=here.token_terms,
        )
    )  # fmt: skip
    return NewTokenOut(name=command.name.strip(), token=token)


@router.delete("/tokens/{name}", status_code=204)
def revoke_token(name: str, here: Here, who: Who) -> None:
    """End an API token at once."""
    here.database.write(lambda session: tokens.revoke_token(session, who.actor, name, here.now()))
