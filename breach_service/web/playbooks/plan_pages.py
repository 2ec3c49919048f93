"""The page of a plan: what to do in an incident, by whom and when; what was done, and what is adapted."""

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from breach_service.acts.playbooks import plans, steps
from breach_service.acts.playbooks.plans import NewStep, StepTerms
from breach_service.acts.playbooks.steps import StepCommand
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act
from breach_service.domain.playbook import Due, Phase, StepState
from breach_service.domain.playbook.content import StepRole
from breach_service.errors import N_, InvalidCommand
from breach_service.store.database import Session
from breach_service.web.context import Context, Here, Who
from breach_service.web.forms import Posted, instant_in, text_in
from breach_service.web.needs import needs
from breach_service.web.playbooks.plan_seen import whole_plan
from breach_service.web.rendered import page, said_to, zone_of

router = APIRouter(include_in_schema=False)
ROLES: dict[str, StepRole] = {"responder": "responder", "dpo": "dpo", "decider": "decider"}
Change = Callable[[Session], object]


@router.get("/incidents/{reference}/playbook", dependencies=[needs(Act.LOOK)])
def show_plan(reference: str, request: Request, here: Here, who: Who, step: str = "") -> HTMLResponse:
    """The whole plan of an incident; `?step=…` opens the forms of one step."""
    return page(request, "plan.html", "incidents", whole_plan(here, who, request, reference, step=step))


@router.post("/incidents/{reference}/playbook/steps/{step}", dependencies=[needs(Act.WORK_PLAYBOOK)])
def record_step(reference: str, step: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Say where a step stands."""
    back = "" if text_in(form, "back") == "incident" else "/playbook"

    def change(session: Session) -> None:
        command = StepCommand(
            step=step,
            state=_state(form),
            result=text_in(form, "result"),
            done_by=text_in(form, "done_by"),
            done_at=instant_in(form, "done_at", zone_of(here)),
        )
        steps.record_step(session, who.actor, reference, command, here.knowledge(), here.now())

    return _changed(reference, request, here, who, change, step, back)


def _state(form: FormData) -> StepState:
    said = text_in(form, "state")
    if said not in tuple(StepState):
        raise InvalidCommand(N_("say where the step stands: done, not applicable, or open again"))
    return StepState(said)


def _subject(name: str, form: FormData, here: Context, who: SignedIn, reference: str, session: Session) -> object:
    acts = {
        "attach": plans.attach, "set-aside": plans.set_aside, "leave-out": plans.leave_out, "put-back": plans.put_back,
    }  # fmt: skip
    subject, reason = text_in(form, "subject"), text_in(form, "reason")
    return acts[name](session, who.actor, reference, subject, reason, here.knowledge(), here.now())


def _routed(name: str) -> None:
    """One route for each change that has a subject and a reason: what a form does is known from its address."""

    @router.post(
        f"/incidents/{{reference}}/playbook/{name}", name=f"plan_{name}", dependencies=[needs(Act.WORK_PLAYBOOK)]
    )
    def change_plan(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
        """Change the plan and show it again."""
        change = partial(_subject, name, form, here, who, reference)
        return _changed(reference, request, here, who, change, text_in(form, "subject"))


for _name in ("attach", "set-aside", "leave-out", "put-back"):
    _routed(_name)


@router.post("/incidents/{reference}/playbook/change", dependencies=[needs(Act.WORK_PLAYBOOK)])
def change_step(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Give a step to another role or by another term."""
    subject = text_in(form, "subject")

    def change(session: Session) -> None:
        terms = StepTerms(subject, text_in(form, "reason"), ROLES.get(text_in(form, "role")), _due(form))
        plans.change_step(session, who.actor, reference, terms, here.knowledge(), here.now())

    return _changed(reference, request, here, who, change, subject)


@router.post("/incidents/{reference}/playbook/add", dependencies=[needs(Act.WORK_PLAYBOOK)])
def add_step(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Add a step that no playbook has."""

    def change(session: Session) -> None:
        phase = text_in(form, "phase")
        new = NewStep(
            title=text_in(form, "title"),
            role=ROLES.get(text_in(form, "role"), "responder"),
            due=_due(form),
            how=text_in(form, "how"),
            phase=Phase(phase) if phase in tuple(Phase) else Phase.INQUIRY,
        )
        plans.add_step(session, who.actor, reference, new, here.knowledge(), here.now())

    return _changed(reference, request, here, who, change)


def _due(form: FormData) -> Due | None:
    text = text_in(form, "hours").replace(",", ".")
    if not text:
        return None
    try:
        hours = float(text)
    except ValueError as error:
        raise InvalidCommand(N_("give the term in hours, more than none and at most a year")) from error
    return plans.due_from(text_in(form, "after"), hours)


def _changed(
    reference: str, request: Request, here: Context, who: SignedIn, change: Change, step: str = "",
    back: str = "/playbook",
) -> Response:  # fmt: skip
    """Make a change and show the plan again, with the reason where it could not be made."""
    try:
        here.database.write(change)
    except InvalidCommand as error:
        view = whole_plan(here, who, request, reference, step=step, error=said_to(request, error))
        return page(request, "plan.html", "incidents", view, status=422)
    return RedirectResponse(f"/incidents/{reference}{back}?done=recorded{_anchor(step, back)}", 303)


def _anchor(step: str, back: str) -> str:
    if not back:
        return "#playbook"
    is_name = step.replace("-", "").isalnum() and step.isascii()
    return f"#step-{step}" if step and is_name else ""
