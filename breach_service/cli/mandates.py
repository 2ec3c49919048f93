"""`mandate`: who decides, as the legal representative or under a delegation in writing."""

from datetime import datetime
from typing import Annotated

import typer

from breach_service.acts.decisions import mandates as acts
from breach_service.acts.decisions.mandates import NewMandate
from breach_service.app import OPERATOR
from breach_service.cli.output import AsJson, instant, opened, read, show, table
from breach_service.domain.access import DECISIONS, Act, MandateKind
from breach_service.errors import InvalidCommand
from breach_service.store import deciding
from breach_service.web.decisions.deciding_api import mandate_out

mandates = typer.Typer(no_args_is_help=True, help="Who decides: the legal representative, and delegations in writing.")


@mandates.command("add")
def add(
    email: str,
    kind: Annotated[MandateKind, typer.Option(help="What it is.")],
    document: Annotated[str, typer.Option(help="Where the writing is: its date and place or number.")],
    granted_by: Annotated[str, typer.Option(help="Who gave it, or the act of appointment.")],
    organisation: Annotated[str, typer.Option(help="Id in the inventory; every organisation by default.")] = "",
    decision: Annotated[
        list[str] | None, typer.Option(help="qualify, approve_draft or decide_not_required; all by default.")
    ] = None,
    from_at: Annotated[datetime | None, typer.Option("--from", parser=instant, help="Now by default.")] = None,
    to_at: Annotated[datetime | None, typer.Option("--to", parser=instant, help="Until revoked by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """Record who represents an organisation, or to whom deciding was delegated in writing."""
    chosen = frozenset(decision or ())
    if unknown := sorted(chosen - DECISIONS):
        raise InvalidCommand(f"{unknown[0]} is no decision: " + ", ".join(sorted(DECISIONS)))
    new = NewMandate(
        email, kind, document, organisation, frozenset(map(Act, chosen)), granted_by, from_at, to_at
    )  # fmt: skip
    with opened() as service:
        now, inventory = service.now(), service.knowledge().inventory
        made = service.database.write(lambda session: acts.record_mandate(session, OPERATOR, new, inventory, now))
    ends = made.to_at.isoformat() if made.to_at else "it is revoked"
    words = f"mandate {made.id}: {made.name} decides from {made.from_at.isoformat()} until {ends}"
    show(mandate_out(made, now), as_json, lambda: words)


@mandates.command("list")
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are not in force.")] = False,
    as_json: AsJson = False,
) -> None:
    """Mandates, and the days of the next two weeks on which nobody can decide."""
    with opened() as service:
        now, organisations = service.now(), service.knowledge().inventory.organisations
        found = [
            one for one in read(service, lambda session: deciding.mandates(session, active_only=False))
            if everything or one.is_in_force(now)
        ]  # fmt: skip
        covered = read(service, lambda session: acts.covers(session, organisations, now))
    rows = [
        (
            one.id, one.name, one.kind, one.organisation or "every one", " ".join(sorted(one.acts)) or "all",
            one.from_at.isoformat(), one.to_at.isoformat() if one.to_at else "", one.document,
        )
        for one in found
    ]  # fmt: skip
    heads = ("mandate", "who", "as", "organisation", "decisions", "from", "until", "written in")
    gaps = [
        f"{one.organisation.name}: nobody can decide on {', '.join(day.isoformat() for day in one.days)}"
        for one in covered if one.days
    ]  # fmt: skip
    show([mandate_out(one, now) for one in found], as_json, lambda: "\n".join([table(rows, heads), *gaps]))


@mandates.command("revoke")
def revoke(
    number: int,
    reason: Annotated[str, typer.Option(help="Why; it stands in the chronology.")],
    as_json: AsJson = False,
) -> None:
    """End a mandate at once."""
    with opened() as service:
        service.database.write(lambda session: acts.revoke_mandate(session, OPERATOR, number, reason, service.now()))
    show({"mandate": number, "is_revoked": True}, as_json, lambda: f"mandate {number} is revoked")
