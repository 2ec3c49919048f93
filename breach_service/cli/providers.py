"""What providers tell us of their breaches: take a notice down, list them, print the letter that asks."""

from typing import Annotated

import typer

from breach_service.acts import providers as acts
from breach_service.acts.providers import ProviderTold
from breach_service.app import OPERATOR
from breach_service.cli.audited import write_down, write_down_shown
from breach_service.cli.output import AsJson, instant, opened, show, table
from breach_service.domain.access import AuditKind
from breach_service.domain.providers import NoticeChannel, standing_of
from breach_service.pipeline.dossiers import dossier_of
from breach_service.pipeline.drafting import letter_to_provider
from breach_service.store import incidents, provider_notices
from breach_service.store.sight import FULL
from breach_service.web.providers.notice_api import provider_notice_out

providers = typer.Typer(no_args_is_help=True, help="Breaches that providers tell us of.")


@providers.command("notice")
def notice(
    provider: Annotated[str, typer.Argument(help="Id of the provider in the inventory.")],
    said: Annotated[str, typer.Argument(help="What it told us, in its words.")],
    received_at: Annotated[
        str, typer.Option(help="When it reached us: 2026-11-22T14:05:00+01:00; now by default.")
    ] = "",
    channel: Annotated[NoticeChannel, typer.Option(help="By which way it told us.")] = NoticeChannel.MAIL,
    system: Annotated[list[str] | None, typer.Option(help="Only this system; may be given again.")] = None,
    reference: Annotated[str, typer.Option(help="The provider's own reference.")] = "",
    incident: Annotated[str, typer.Option(help="The incident that it belongs to; a new one by default.")] = "",
    as_json: AsJson = False,
) -> None:
    """Take a provider's notice down: one incident over every system that depends on it."""
    with opened() as service:
        command = ProviderTold(
            provider, instant(received_at) if received_at else service.now(), said, channel, tuple(system or ()),
            reference, incident,
        )  # fmt: skip
        done = service.database.write(
            lambda session: acts.record_provider_notice(session, OPERATOR, command, service.knowledge(), service.now())
        )
    value = {"number": done.number, "incident": done.incident}
    show(value, as_json, lambda: f"notice {done.number}: {done.incident}")


@providers.command("notices")
def notices(as_json: AsJson = False) -> None:
    """What providers told us, the latest received first."""
    with opened() as service:
        with service.database.reading() as session:
            found = provider_notices.newest(session, FULL)
        write_down_shown(service, "provider notices", [one.incident for one in found])
        now = service.now()
    rows = [
        (str(one.id), one.incident, one.name, one.received_at.isoformat(), str(standing_of(one, now))) for one in found
    ]
    value = [provider_notice_out(one, now) for one in found]
    show(value, as_json, lambda: table(rows, ("number", "incident", "provider", "received at", "standing")))


@providers.command("letter")
def letter(
    number: Annotated[int, typer.Argument(help="Number of the notice.")],
    language: Annotated[str, typer.Option(help="fr or en; the provider's own by default.")] = "",
    as_json: AsJson = False,
) -> None:
    """Print the letter that asks a provider what the open questions need."""
    with opened() as service:
        with service.database.reading() as session:
            found = provider_notices.one(session, number, FULL)
            dossier = dossier_of(session, found.incident, service.knowledge(), FULL, service.now())
            is_restricted = incidents.row_by_id(session, dossier.incident.id).is_restricted
        if is_restricted:
            write_down(service, AuditKind.READ_INCIDENT, "provider letter", dossier.incident.id)
        text = letter_to_provider(
            dossier, found, language or None, service.knowledge(), service.renderer, service.now()
        ).as_text()
    show({"number": number, "incident": found.incident, "letter": text}, as_json, lambda: text)
