"""The plan of an incident as its reader sees it."""

from fastapi import Request

from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.dossier import Dossier
from breach_service.domain.incident import IncidentStatus
from breach_service.domain.playbook import Situation
from breach_service.pipeline.planning import plan_for
from breach_service.store import merging
from breach_service.web.context import Context
from breach_service.web.rendered import language_of, may_of, words_of
from breach_service.web.seeing import seen_dossier, visibility_for
from breach_service.web.views.plan import PlanPage, PlanView, plan_page, plan_view


def situation_in(here: Context, who: SignedIn, dossier: Dossier) -> Situation:
    """The playbooks and the plan of an incident, as the reader sees it."""
    with here.database.reading() as session:
        return plan_for(session, dossier, here.knowledge(), visibility_for(who, here))


def plan_of_incident(here: Context, who: SignedIn, request: Request, dossier: Dossier) -> PlanView:
    """The section on the page of an incident."""
    knowledge, situation = here.knowledge(), situation_in(here, who, dossier)
    return plan_view(
        dossier, situation, knowledge.catalogue.playbooks, words_of(here), language_of(request), here.now(),
        may_of(request),
    )  # fmt: skip


def whole_plan(
    here: Context, who: SignedIn, request: Request, reference: str, *, step: str = "", error: str = ""
) -> PlanPage:
    """Everything on the page of the plan; NotFound where the incident is not seen."""
    dossier = seen_dossier(here, who, request, reference)
    goes_on_as = ""
    if dossier.incident.status is IncidentStatus.MERGED:
        with here.database.reading() as session:
            goes_on_as = merging.goes_on_as(session, dossier.incident.id, visibility_for(who, here))
    return plan_page(
        dossier, situation_in(here, who, dossier), here.knowledge().catalogue.playbooks, words_of(here),
        language_of(request), here.now(), may_of(request), goes_on_as=goes_on_as, step=step, error=error,
    )  # fmt: skip
