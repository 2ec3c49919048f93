"""`incident`, `dossier` and `register`."""

from typing import Annotated

import typer

from breach_service.acts import closing, merging
from breach_service.acts.closing import BulkClosing, Closing, ManyClosed
from breach_service.acts.reporting import Besides, hand_in
from breach_service.app import OPERATOR, Service
from breach_service.cli.audited import write_down, write_down_shown
from breach_service.cli.output import AsJson, as_json_text, fail, instant, opened, read, show, table
from breach_service.domain.access import AuditKind
from breach_service.domain.awareness import WHY_WORDS, Awareness
from breach_service.domain.closing import ClosingReason, proposals
from breach_service.domain.conditions import Truth
from breach_service.domain.deadlines import state_of
from breach_service.domain.dossier import Dossier
from breach_service.domain.reports import Answers, ReportChannel, ReporterKind
from breach_service.pipeline.awareness import recorded_awareness
from breach_service.pipeline.dossiers import dossier_of
from breach_service.store import closing as stored
from breach_service.store import incidents, timeline
from breach_service.store.database import Session
from breach_service.store.sight import FULL
from breach_service.web.closing_api import many_closed_out, proposal_out
from breach_service.web.decisions.duty_api import awareness_out
from breach_service.web.representations import dossier_out

incident = typer.Typer(no_args_is_help=True, help="Incidents.")
register = typer.Typer(no_args_is_help=True, help="The register of breaches (GDPR Art. 33(5)).")


@incident.command("new")
def new(
    what_happened: Annotated[str, typer.Argument(help="What happened, in your words.")],
    system: Annotated[list[str] | None, typer.Option(help="System of the inventory; may be given again.")] = None,
    occurred_at: Annotated[str | None, typer.Option(help="When it happened: 2026-11-22T14:05:00+01:00.")] = None,
    told_at: Annotated[str | None, typer.Option(help="When we learned of it; now by default.")] = None,
    told_by: Annotated[str, typer.Option(help="Who told us, and by which channel.")] = "",
    told_kind: Annotated[ReporterKind, typer.Option(help="What they are to us.")] = ReporterKind.EMPLOYEE,
    where: Annotated[str, typer.Option(help="Which tool, which device, which file.")] = "",
    persons: Annotated[Truth, typer.Option(help="Is information about persons concerned?")] = Truth.UNKNOWN,
    done: Annotated[str, typer.Option(help="What was done so far, and who knows.")] = "",
    points_at_staff: Annotated[bool, typer.Option(help="One of our own people may be behind it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Declare an incident by hand: it is a report with a number, and opens an incident."""
    said = Answers(
        what=what_happened, when=instant(occurred_at) if occurred_at else None, where=where, persons=persons,
        done=done, kind=told_kind, points_at_staff=points_at_staff, told_at=instant(told_at) if told_at else None,
    )  # fmt: skip
    besides = Besides(systems=tuple(system or ()), told_by=told_by)
    with opened() as service:
        reported = service.database.write(
            lambda session: hand_in(
                session, OPERATOR, said, ReportChannel.COMMAND, besides, service.knowledge(), service.cipher,
                service.now(),
            )
        )  # fmt: skip
        dossier = _dossier(service, reported.incident or "")
    value = {"reference": reported.incident, "number": reported.number}
    show(value, as_json, lambda: f"{_in_words(dossier, service)}\n\nreport {reported.number}")


@incident.command("show")
def show_incident(reference: str, as_json: AsJson = False) -> None:
    """One incident: what is known, what is owed to whom by when."""
    with opened() as service:
        found = _dossier(service, reference)
        language, aware = service.settings.language, recorded_awareness(found, service.knowledge())
        value = dossier_out(found, language, service.now())
        value["awareness"] = awareness_out(aware, language).model_dump(mode="json")
    show(value, as_json, lambda: f"{_in_words(found, service)}\n\n{_awareness_in_words(aware, found, service)}")


@incident.command("closable")
def list_closable(as_json: AsJson = False) -> None:
    """What is proposed for closing: unqualified, and resolved or silent for seven days."""
    with opened() as service:
        now = service.now()
        found = read(service, lambda session: proposals(stored.closable(session, now, FULL), now))
        write_down_shown(service, "incident closable", (one.incident.reference for one in found))
    rows = [
        (one.incident.reference, one.cause, one.since.isoformat(), ", ".join(one.cautions) or "-", one.incident.title)
        for one in found
    ]
    heads = ("incident", "why", "last alert", "needs its own reason", "title")
    show([proposal_out(one) for one in found], as_json, lambda: table(rows, heads))


@incident.command("close")
def close_incidents(
    references: Annotated[list[str], typer.Argument(help="One incident, or several that are proposed for closing.")],
    kind: Annotated[ClosingReason, typer.Option("--as", help="As what they end.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the chronology and in the register.")],
    duplicate_of: Annotated[str, typer.Option(help="Of a duplicate: the reference of the other incident.")] = "",
    as_json: AsJson = False,
) -> None:
    """Close or dismiss one incident, or several that are proposed for it.

    One alone is confirmed by being named alone; several are taken only without personal data.
    """
    with opened() as service:
        knowledge, now = service.knowledge(), service.now()

        def work(session: Session) -> ManyClosed:
            if len(references) > 1:
                some = [Closing(one) for one in references]
                return closing.close_many(
                    session, OPERATOR, BulkClosing(some, kind, reason, duplicate_of), knowledge, now
                )
            if kind is ClosingReason.BREACH_HANDLED:
                closing.close(session, OPERATOR, references[0], reason, knowledge, now)
            else:
                closing.dismiss(session, OPERATOR, references[0], reason, knowledge, now, kind, duplicate_of)
            return ManyClosed((references[0].upper(),), ())

        done = service.database.write(work)
    said = [f"{one} is over: {kind.words.in_language('en')}" for one in done.closed]
    show(many_closed_out(done), as_json, lambda: "\n".join(said))
    if done.refused:
        fail("\n".join(f"{one.reference} stays open: {one.sentence}" for one in done.refused))


@incident.command("merge")
def merge_incidents(
    reference: Annotated[str, typer.Argument(help="The incident that ends here.")],
    into: Annotated[str, typer.Argument(help="The incident in which all of it goes on.")],
    reason: Annotated[str, typer.Option(help="Why the two are one; it stands in both chronologies.")],
    as_json: AsJson = False,
) -> None:
    """Say that two open incidents are one."""
    with opened() as service:
        service.database.write(
            lambda session: merging.merge(
                session, OPERATOR, reference, into, reason, service.knowledge(), service.now()
            )
        )
        found = _dossier(service, into)
    show({"reference": found.incident.reference}, as_json, lambda: _in_words(found, service))


def dossier(reference: str, as_json: AsJson = True) -> None:
    """Everything about one incident, readable without us; always JSON."""
    with opened() as service:
        value = dossier_out(_dossier(service, reference), service.settings.language, service.now())
    print(as_json_text(value))


@register.command("verify")
def verify(as_json: AsJson = False) -> None:
    """Check that nothing in the chronology was altered since it was sealed."""
    with opened() as service:
        faults = read(service, timeline.broken_seals)
        seq, digest, sealed_at = read(service, timeline.chain_head)
    value = {"faults": faults, "seals": seq, "head": digest, "sealed_at": sealed_at}
    show(value, as_json, lambda: "\n".join(faults) or f"{seq} seals, nothing was altered; head {digest}")
    if faults:
        fail(f"{len(faults)} faults in the chain")


def _dossier(service: Service, reference: str) -> Dossier:
    with service.database.reading() as session:
        found = dossier_of(session, reference, service.knowledge(), FULL, service.now())
        is_restricted = incidents.row_by_id(session, found.incident.id).is_restricted
    if is_restricted:
        write_down(service, AuditKind.READ_INCIDENT, "incident", found.incident.id)
    return found


def _awareness_in_words(aware: Awareness, found: Dossier, service: Service) -> str:
    """Since when we may be aware: every recorded moment, and the one that is proposed."""
    formats = service.renderer.formats(service.settings.language, found.organisation.zone)
    rows = [
        (
            formats.instant(one.at),
            "proposed" if one == aware.proposed else "",
            one.source,
            one.by or one.about,
            WHY_WORDS[one.why].in_language("en"),
        )
        for one in aware.candidates
    ]
    recorded = formats.instant(aware.recorded.at) if aware.recorded else "not recorded"
    return f"aware since: {recorded}\n{table(rows, ('candidate', '', 'source', 'by', 'why'))}"


def _in_words(found: Dossier, service: Service) -> str:
    one, now = found.incident, service.now()
    formats = service.renderer.formats(service.settings.language, found.organisation.zone)
    rows = [
        (
            found.name_of_recipient(each) or each.recipient,
            each.terms.regime,
            formats.instant(each.due_at) if each.due_at else "",
            state_of(each, now),
            "provisional" if each.is_provisional else "",
        )
        for each in found.clocks(now)
    ]
    systems = ", ".join(one.systems) or "not known"
    head = f"{one.reference}  {one.title}\n{one.status}, {one.alerts} alerts, systems: {systems}"
    return f"{head}\n\n{table(rows, ('recipient', 'regime', 'due', 'state', ''))}"
