"""`user` and `token`."""

from datetime import timedelta
from typing import Annotated, Literal

import typer

from breach_service.acts import people as acts
from breach_service.app import OPERATOR
from breach_service.cli.output import AsJson, opened, show
from breach_service.domain.access import UserRole

users = typer.Typer(no_args_is_help=True, help="People who sign in.")
tokens = typer.Typer(no_args_is_help=True, help="API tokens.")

Role = Annotated[UserRole, typer.Option(help="What the holder may do.")]


@users.command("add")
def add_user(
    email: str,
    role: Role,
    name: Annotated[str, typer.Option(help="The name shown in the chronology.")] = "",
    language: Annotated[Literal["fr", "en"], typer.Option(help="Of the pages.")] = "fr",
    password: Annotated[
        str | None, typer.Option(envvar="BREACH_NEW_PASSWORD", help="Generated and shown once where not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make an account."""
    with opened() as service:
        chosen = service.database.write(
            lambda session: acts.add_user(
                session, OPERATOR, email, role, password, service.now(), name=name, language=language
            )
        )
    shown = None if password else chosen
    value = {"email": email, "role": str(role), "password": shown}
    words = f"{email} may sign in as {role}." + (f"\nPassword (shown once): {shown}" if shown else "")
    show(value, as_json, lambda: words)


@tokens.command("add")
def add_token(
    name: str,
    role: Role,
    days: Annotated[
        float | None, typer.Option(min=0.001, max=36_500, help="Days until it ends; it never does by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make an API token; it is shown once."""
    with opened() as service:
        token = service.database.write(
            lambda session: acts.add_token(
                session, OPERATOR, name, role, service.now(), lasts=timedelta(days=days) if days is not None else None
            )
        )
    value = {"name": name, "role": str(role), "token": token}
    show(value, as_json, lambda: f"Authorization: Bearer {token}\nThis is shown once.")
