"""`playbook`: what people do when something happened, readable by anyone, and the plan of one incident."""

from textwrap import fill

import typer

from breach_service.app import Service
from breach_service.cli.audited import write_down
from breach_service.cli.output import AsJson, fail, opened, show, table
from breach_service.domain.access import AuditKind
from breach_service.domain.playbook import Due, Playbook, Situation, StepState
from breach_service.domain.text import Text
from breach_service.pipeline.dossiers import dossier_of
from breach_service.pipeline.planning import plan_for
from breach_service.store import incidents
from breach_service.store.sight import FULL
from breach_service.web.playbooks.playbook_api import plan_out, playbook_out

playbooks = typer.Typer(no_args_is_help=True, help="Playbooks: what people do, in order, when something happened.")
WIDTH = 110


@playbooks.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every playbook of the content in force."""
    with opened() as service:
        found, language = service.knowledge().catalogue.playbooks, service.settings.language
    rows = [(one.id, len(one.steps), one.reviewed_on, one.title.in_language(language)) for one in found]
    heads = ("playbook", "steps", "reviewed on", "title")
    show([playbook_out(one, language) for one in found], as_json, lambda: table(rows, heads))


@playbooks.command("show")
def show_(name: str, as_json: AsJson = False) -> None:
    """One playbook, to read or to print: first hour, evidence, steps, questions, calls, references."""
    with opened() as service:
        found = [one for one in service.knowledge().catalogue.playbooks if one.id == name]
        language = service.settings.language
        questions = _questions(found[0], service) if found else []
    if not found:
        fail(f"there is no playbook {name}: `breach-service playbook list` names them")
    value = found[0].model_dump(mode="json", by_alias=True, exclude_none=True)
    show(value, as_json, lambda: "\n".join(_in_words(found[0], questions, language)))


@playbooks.command("plan")
def plan(reference: str, as_json: AsJson = False) -> None:
    """The plan of an incident: its steps in the order in which they are due, and those that are overdue."""
    with opened() as service:
        language, now, zone = service.settings.language, service.now(), service.knowledge().zone
        with service.database.reading() as session:
            dossier = dossier_of(session, reference, service.knowledge(), FULL, now=now)
            is_restricted = incidents.row_by_id(session, dossier.incident.id).is_restricted
            situation = plan_for(session, dossier, service.knowledge(), FULL)
        if is_restricted:
            write_down(service, AuditKind.READ_INCIDENT, "playbook plan", dossier.incident.id)
        formats = service.renderer.formats(language, str(zone))
    overdue = {one.name for one in situation.overdue(now)}
    rows = [
        (
            one.name, one.step.role, formats.instant(one.due_at) if one.due_at else _term(one.step.due),
            "overdue" if one.name in overdue else str(one.state), one.step.title.in_language(language),
        )
        for one in situation.plan.steps
    ]  # fmt: skip
    heads = ("step", "role", "due", "state", "what")
    words = f"{_head(situation, language)}\n\n{table(rows, heads)}"
    show(plan_out(dossier.incident.reference, situation, language, now), as_json, lambda: words)


def _head(situation: Situation, language: str) -> str:
    names = ", ".join(one.playbook.title.in_language(language) for one in situation.in_use) or "none applies"
    open_steps = sum(one.state is StepState.OPEN for one in situation.plan.steps)
    return f"playbooks: {names}\n{open_steps} of {len(situation.plan.steps)} steps are open"


def _questions(playbook: Playbook, service: Service) -> list[str]:
    language, facts = service.settings.language, service.knowledge().catalogue.facts
    known = {one.fact: facts.get(one.fact) for one in playbook.questions}
    return [kind.question.in_language(language) if kind and kind.question else name for name, kind in known.items()]


def _in_words(one: Playbook, questions: list[str], language: str) -> list[str]:
    def said(*texts: Text) -> str:
        return _wrapped(". ".join(each.in_language(language).rstrip(".") for each in texts) + ".")

    lines = [one.title.in_language(language), _wrapped(one.why.in_language(language), ""), ""]
    for number, step in enumerate(one.steps, 1):
        lines.append(f"{number:>3}. {step.title.in_language(language)} ({step.role}, {_term(step.due)})")
        lines += [said(step.how)] if step.how else []
    lines += ["", "evidence:", *(said(each.what, each.lasts) for each in one.evidence)]
    lines += ["", "questions:", *map(_wrapped, questions)]
    lines += ["", "calls:", *(f"  {each.whom}\n{said(each.when, each.how)}" for each in one.calls)]
    return [*lines, "", "references:", *(_wrapped(each.title) for each in one.references)]


def _wrapped(text: str, indent: str = "     ") -> str:
    return fill(" ".join(text.split()), WIDTH, initial_indent=indent, subsequent_indent=indent)


def _term(due: Due | None) -> str:
    return f"{due.hours:g} h from {due.after}" if due else "no term"
