"""`user` and `token`."""

from datetime import timedelta
from typing import Annotated, Literal

import typer

from breach_service.acts.people import account_list, accounts, links
from breach_service.acts.people import tokens as token_acts
from breach_service.app import OPERATOR, Service, token_terms
from breach_service.cli.output import AsJson, opened, read, show, table
from breach_service.domain.access import UserRole
from breach_service.errors import NotFound
from breach_service.store import people
from breach_service.store.database import Session

users = typer.Typer(no_args_is_help=True, help="People who sign in.")
tokens = typer.Typer(no_args_is_help=True, help="API tokens.")

Role = Annotated[UserRole, typer.Option(help="What the holder may do.")]
Reason = Annotated[str, typer.Option(help="Why; it stands in the chronology.")]


@users.command("add")
def add_user(
    email: str,
    role: Role,
    name: Annotated[str, typer.Option(help="The name shown in the chronology.")] = "",
    language: Annotated[Literal["fr", "en"], typer.Option(help="Of the pages.")] = "fr",
    password: Annotated[
        str | None, typer.Option(envvar="BREACH_NEW_PASSWORD", help="Without one, a link to choose it is made.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make an account, with a link by which its person chooses a password: mailed, or printed once."""

    def work(session: Session) -> str | None:
        number = accounts.add_user(
            session, OPERATOR, email, role, password, service.now(), name=name, language=language
        )
        return None if password else _invited(session, service, number)

    with opened() as service:
        link = service.database.write(work)
        shown = _shown(service, link)
    value = {"email": email, "role": str(role), "link": shown, "is_mailed": link is not None and shown is None}
    show(value, as_json, lambda: "\n".join(filter(None, (f"{email} may sign in as {role}.", _said(link, shown)))))


def _invited(session: Session, service: Service, number: int) -> str:
    cipher = service.cipher if service.mail is not None else None
    return links.invite(session, OPERATOR, number, service.now(), cipher).path


def _shown(service: Service, path: str | None) -> str | None:
    """The link as an address; None where it goes by mail, since whoever opens it chooses the password."""
    if path is None or service.mail is not None:
        return None
    settings = service.settings
    return f"{(settings.public_url or f'http://{settings.host}:{settings.port}').rstrip('/')}{path}"


def _said(link: str | None, shown: str | None) -> str:
    if link is None:
        return ""
    return f"Link to choose a password (shown once, 24 hours): {shown}" if shown else "The invitation goes by mail."


@users.command("invite")
def invite_user(email: str, as_json: AsJson = False) -> None:
    """Make a new link for somebody who has not come yet; the former one ends."""
    with opened() as service:
        link = service.database.write(lambda session: _invited(session, service, _number(session, email)))
        shown = _shown(service, link)
    value = {"email": email, "link": shown, "is_mailed": shown is None}
    show(value, as_json, lambda: _said(link, shown))


@users.command("list")
def list_users(as_json: AsJson = False) -> None:
    """Everybody, with their role and whether they can come in."""
    with opened() as service:
        found = read(service, lambda session: account_list.list_accounts(session, OPERATOR, service.now()))
    rows = [(one.email, one.name, one.role, one.state, one.last_seen_at) for one in found]
    show(found, as_json, lambda: table(rows, ("email", "name", "role", "state", "last seen")))


ENDED = "Their sessions, tokens and links have ended, and so have password, passkeys and one-time codes."
AGAIN = "The former password and factors open nothing: `breach-service user invite {email}` makes a link for new ones."


@users.command("disable")
def disable_user(
    email: str,
    reason: Reason,
    security: Annotated[
        bool, typer.Option("--security", help="At once, whatever work is open: an account in the wrong hands.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Shut somebody out: sessions, tokens, links, the password, passkeys and codes end at once, for good."""
    with opened() as service:
        service.database.write(
            lambda session: accounts.disable(
                session, OPERATOR, _number(session, email), service.now(), reason=reason, for_security=security
            )
        )
    show({"email": email, "is_disabled": True}, as_json, lambda: f"{email} is out. {ENDED}")


@users.command("enable")
def enable_user(email: str, as_json: AsJson = False) -> None:
    """Let somebody come in again, by a new invitation; what had ended stays ended."""
    with opened() as service:
        service.database.write(
            lambda session: accounts.enable(session, OPERATOR, _number(session, email), service.now())
        )
    show(
        {"email": email, "is_disabled": False},
        as_json,
        lambda: f"{email} may come in again. {AGAIN.format(email=email)}",
    )


@users.command("role")
def change_role(email: str, role: UserRole, as_json: AsJson = False) -> None:
    """Give somebody another role; their sessions and tokens end."""
    with opened() as service:
        service.database.write(
            lambda session: accounts.change_role(session, OPERATOR, _number(session, email), role, service.now())
        )
    show({"email": email, "role": str(role)}, as_json, lambda: f"{email} is {role} from now on.")


def _number(session: Session, email: str) -> int:
    row = people.user_by_email(session, email)
    if row is None or row.id is None:
        raise NotFound(f"there is no account for {email}: `breach-service user list` shows them all")
    return row.id


@tokens.command("add")
def add_token(
    name: str,
    role: Role,
    days: Annotated[
        float | None,
        typer.Option(min=0.001, max=36_500, help="Days until it ends (BREACH_TOKEN_DAYS where not given)."),
    ] = None,
    scope: Annotated[
        list[str] | None, typer.Option(help="An act that it may do, several times; all of the role's where none.")
    ] = None,
    owner: Annotated[str, typer.Option(help="Address of the person with whose account it ends.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make an API token; it is shown once."""
    lasts = timedelta(days=days) if days is not None else None
    with opened() as service:
        token = service.database.write(
            lambda session: token_acts.add_token(
                session, OPERATOR, name, role, service.now(), lasts=lasts, scopes=scope or (),
                owner=_number(session, owner) if owner else None, terms=token_terms(service.settings),
            )
        )  # fmt: skip
    value = {"name": name, "role": str(role), "token": token}
    show(value, as_json, lambda: f"Authorization: Bearer {token}\nThis is shown once.")


@tokens.command("list")
def list_tokens(as_json: AsJson = False) -> None:
    """Every API token, with its end and its last use."""
    with opened() as service:
        found = read(service, lambda session: token_acts.list_tokens(session, OPERATOR, service.now()))
    rows = [
        (one.name, one.role, " ".join(one.scopes) or "all", one.owner, one.state, one.expires_at, one.last_used_at)
        for one in found
    ]
    show(found, as_json, lambda: table(rows, ("name", "role", "may", "owner", "state", "ends", "last used")))


@tokens.command("revoke")
def revoke_token(name: str, as_json: AsJson = False) -> None:
    """End an API token at once."""
    with opened() as service:
        service.database.write(lambda session: token_acts.revoke_token(session, OPERATOR, name, service.now()))
    show({"name": name, "is_revoked": True}, as_json, lambda: f"{name} opens nothing any more.")
