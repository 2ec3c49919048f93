"""`user link`, `user unlink` and `user let-in`: accounts and the OpenID provider; with the other commands of `user`."""

from typing import Annotated

import typer

from breach_service.acts.signing import provider_links
from breach_service.app import OPERATOR
from breach_service.cli.access import users
from breach_service.cli.output import AsJson, opened, show

Code = Annotated[str, typer.Option(help="What the page showed the person who came from the provider.")]


@users.command("link")
def link(email: str, code: Code, as_json: AsJson = False) -> None:
    """Give an account to the person of the OpenID provider who read out this code; its password ends."""
    with opened() as service:
        service.database.write(
            lambda session: provider_links.link_account(session, service.cipher, OPERATOR, email, code, service.now())
        )
    show({"email": email, "is_linked": True}, as_json, lambda: f"{email} signs in at the provider from now on.")


@users.command("unlink")
def unlink(email: str, as_json: AsJson = False) -> None:
    """Take an account away from its person at the OpenID provider."""
    with opened() as service:
        service.database.write(
            lambda session: provider_links.unlink_account(session, service.cipher, OPERATOR, email, service.now())
        )
    show({"email": email, "is_linked": False}, as_json, lambda: f"{email} signs in at the provider no more.")


@users.command("let-in")
def let_in(email: str, as_json: AsJson = False) -> None:
    """A link that lets an administrator in once, for an hour, while the OpenID provider is away."""
    with opened() as service:
        path = service.database.write(
            lambda session: provider_links.let_in(session, service.cipher, OPERATOR, email, service.now())
        )
        settings = service.settings
    url = (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/") + path
    show({"email": email, "url": url}, as_json, lambda: f"{url}\nIt opens once, within a quarter of an hour.")
