"""`source` and `quarantine`."""

from typing import Annotated

import typer

from breach_service.acts import senders as acts
from breach_service.acts.senders import NewSource
from breach_service.app import OPERATOR
from breach_service.cli.output import AsJson, fail, opened, read, show, table
from breach_service.settings import Settings
from breach_service.sources.registry import SOURCES
from breach_service.store import inbox
from breach_service.store import sources as stored_sources

sources = typer.Typer(no_args_is_help=True, help="Senders of alerts.")
quarantine = typer.Typer(no_args_is_help=True, help="Requests that could not be understood.")

Kind = Annotated[str, typer.Option(help=f"Kind of sender: {', '.join(sorted(SOURCES))}.")]


@sources.command("add")
def add(
    name: str,
    kind: Kind,
    auth: Annotated[
        str | None, typer.Option(help="bearer, hmac or url; the safest that the sender can by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Connect a sender; its secret is shown once."""
    with opened() as service:
        new = service.database.write(
            lambda session: acts.add_source(session, OPERATOR, name, kind, auth, service.cipher, service.now())
        )
        _show_new(new, service.settings, as_json)


@sources.command("rotate")
def rotate(name: str, as_json: AsJson = False) -> None:
    """Give a sender a new secret; the former one stays valid until the next rotation."""
    with opened() as service:
        new = service.database.write(
            lambda session: acts.rotate_source(session, OPERATOR, name, service.cipher, service.now())
        )
        _show_new(new, service.settings, as_json)


def _show_new(new: NewSource, settings: Settings, as_json: bool) -> None:
    url = f"{settings.public_url.rstrip('/') or f'http://127.0.0.1:{settings.port}'}{new.path}"
    how = {
        "bearer": f"Authorization: Bearer {new.secret}",
        "hmac": f"X-Signature-256: sha256=<hex HMAC-SHA256 of the raw body with the key {new.secret}>",
        "url": "(the secret is the last part of the address)",
    }[new.auth]
    value = {"name": new.name, "kind": new.kind, "auth": str(new.auth), "url": url, "secret": new.secret}
    show(value, as_json, lambda: f"send alerts by POST to  {url}\nwith the header         {how}\nThis is shown once.")


@sources.command("list")
def list_(as_json: AsJson = False) -> None:
    """Senders: last seen, received, refused and why."""
    with opened() as service:
        found = read(service, stored_sources.summaries)
    rows = [
        (
            one.name,
            one.kind,
            one.auth,
            one.last_seen_at or "never",
            one.received,
            one.quarantined,
            one.refused,
            one.last_refusal,
        )
        for one in found
    ]
    heads = ("name", "kind", "auth", "last seen", "received", "quarantined", "refused", "last refusal")
    show([vars(one) for one in found], as_json, lambda: table(rows, heads))


@quarantine.command("list")
def list_quarantined(as_json: AsJson = False) -> None:
    """What could not be understood, newest first."""
    with opened() as service:
        found = read(service, inbox.quarantined)
    rows = [(one.id, one.source, one.received_at, one.replayed_at or "", one.reason) for one in found]
    show([vars(one) for one in found], as_json, lambda: table(rows, ("id", "source", "received", "replayed", "reason")))


@quarantine.command("show")
def show_quarantined(item: int, as_json: AsJson = False) -> None:
    """One request as it came: headers and body (it may hold personal data)."""
    with opened() as service:
        found = read(service, lambda session: inbox.quarantined_body(session, service.cipher, item))
    if found is None:
        fail(f"there is no request number {item} in quarantine")
    head, headers, _, body = found
    text = body.decode("utf-8", "backslashreplace")
    value = {**vars(head), "headers": headers, "body": text}
    lines = [f"{key}: {name}" for key, name in headers.items()]
    show(value, as_json, lambda: "\n".join([f"# {head.reason}", *lines, "", text]))


@quarantine.command("replay")
def replay(item: int, as_json: AsJson = False) -> None:
    """Play a request again; the running service takes it within a second."""
    with opened() as service:
        service.database.write(
            lambda session: acts.replay_quarantined(session, OPERATOR, item, service.cipher, service.now())
        )
    show({"item": item}, as_json, lambda: f"request {item} waits in the inbox again")
