"""`drill`: rehearse the 72 hours; `drill SCENARIO` is `drill start SCENARIO`."""

from typing import Annotated, Any

import typer

from breach_service.acts import drills as acts
from breach_service.acts.drills import NewDrill
from breach_service.app import OPERATOR
from breach_service.cli.audited import write_down, write_down_shown
from breach_service.cli.output import AsJson, Commands, fail, opened, show, table
from breach_service.domain.access import AuditKind
from breach_service.domain.drills import STORY_HOURS, DrillReport, report_of
from breach_service.pipeline.dossiers import dossier_of
from breach_service.pipeline.opening import SERVICE
from breach_service.store import drills as stored
from breach_service.store import incidents
from breach_service.store.sight import FULL
from breach_service.web.drills.drill_api import drill_out, report_out, scenario_out


class Drills(Commands):
    """What is no command of the group is the name of a scenario."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command, and what is left of the line."""
        known = self.list_commands(ctx)
        return super().resolve_command(ctx, args if args[0] in known else ["start", *args])


drills = typer.Typer(cls=Drills, no_args_is_help=True, help="Exercises: `drill SCENARIO` rehearses the 72 hours.")


@drills.command("start")
def start(
    scenario: Annotated[str, typer.Argument(help="A scenario of playbooks/drills.")],
    hours: Annotated[float | None, typer.Option(help="In how many hours the 72 are played.")] = None,
    scale: Annotated[float | None, typer.Option(help="The same as a factor: 0.0139 is 72 hours in one.")] = None,
    system: Annotated[list[str] | None, typer.Option(help="System of the inventory; may be given again.")] = None,
    as_json: AsJson = False,
) -> None:
    """Begin an exercise: an incident EX-… with shortened terms. Nothing of it leaves the team."""
    if hours is not None and scale is not None:
        fail("--hours and --scale say the same: give one of them")
    length = scale * STORY_HOURS if scale is not None else hours
    with opened() as service:
        new = NewDrill(scenario, length, tuple(system or ()))
        reference = service.database.write(
            lambda session: acts.start_drill(session, OPERATOR, new, service.knowledge(), service.now())
        )
    words = f"{reference} began: what arrives in it is delivered by `work` or `serve`; `drill report {reference}`"
    show({"reference": reference}, as_json, lambda: words)


@drills.command("list")
def list_drills(as_json: AsJson = False) -> None:
    """The scenarios, and the exercises that run or ran."""
    with opened() as service:
        language = service.settings.language
        scenarios = [scenario_out(one, language) for one in service.knowledge().catalogue.drills]
        with service.database.reading() as session:
            found = stored.newest(session, FULL)
        write_down_shown(service, "drill list", [one.reference for one in found])
    rows = [
        (one.reference, one.scenario.id, one.began_at.isoformat(), one.ended_at.isoformat() if one.ended_at else "")
        for one in found
    ]
    known = table([(one["id"], one["title"]) for one in scenarios], ("scenario", "title"))
    value = {"scenarios": scenarios, "drills": [drill_out(one) for one in found]}
    show(value, as_json, lambda: f"{known}\n\n{table(rows, ('exercise', 'scenario', 'began', 'ended'))}")


@drills.command("report")
def report(reference: str, as_json: AsJson = False) -> None:
    """How an exercise goes or went: by role, never by person."""
    with opened() as service:
        language, now = service.settings.language, service.now()
        with service.database.reading() as session:
            drill = stored.one(session, reference, FULL)
            dossier = dossier_of(session, drill.reference, service.knowledge(), FULL, now)
            is_restricted = incidents.row_by_id(session, drill.incident_id).is_restricted
        if is_restricted:
            write_down(service, AuditKind.READ_INCIDENT, "drill report", drill.incident_id)
        found = report_of(drill, dossier.timeline, dossier.obligations, SERVICE, now)
    show(report_out(found, language), as_json, lambda: _in_words(found, language))


@drills.command("stop")
def stop(
    reference: str,
    reason: Annotated[str, typer.Option(help="Why; it stands in the chronology of the exercise.")] = "",
    as_json: AsJson = False,
) -> None:
    """Stop an exercise: nothing arrives or falls due in it any more."""
    with opened() as service:
        service.database.write(
            lambda session: acts.stop_drill(
                session, OPERATOR, reference, reason, service.knowledge(), service.now()
            )
        )  # fmt: skip
    show({"reference": reference.upper()}, as_json, lambda: f"{reference.upper()} is over")


def _in_words(found: DrillReport, language: str) -> str:
    drill = found.drill
    head = f"{drill.reference}  {drill.scenario.title.in_language(language)}"
    arrived = f"{found.delivered} of {len(drill.scenario.injects)} messages arrived"
    lines = [f"{head}\nhour {found.hour:.1f} of 72, {arrived}"]
    for role in found.roles:
        rows = [
            (
                one.expected.title.in_language(language),
                f"{one.expected.within_hours:g} h",
                "" if one.done_after is None else f"{one.done_after:g} h",
                f"{one.done} of {one.of}" if one.of > 1 else "",
                one.outcome,
            )
            for one in role.lines
        ]
        heads = (f"{role.role}: {role.in_time} of {len(role.lines)} in time", "within", "done after", "", "outcome")
        lines.append(table(rows, heads))
    return "\n\n".join(lines)
