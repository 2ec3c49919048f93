"""What pages say of deciding to one reader: on an incident, on a draft, and where deciding is not covered."""

from dataclasses import replace

from fastapi import Request

from breach_service.acts.decisions import deciding
from breach_service.acts.decisions.deciding import Standing
from breach_service.acts.decisions.mandates import covers
from breach_service.acts.rows import incident_of
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act, acts_allowed
from breach_service.domain.basis import Basis
from breach_service.domain.dossier import Dossier
from breach_service.domain.drafts import Draft
from breach_service.pipeline.drafting import draft_of
from breach_service.store import deciding as stored
from breach_service.store import decision_bases
from breach_service.web import views
from breach_service.web.context import Context
from breach_service.web.rendered import may_of
from breach_service.web.views.deciding import (
    ApprovalView,
    DecidingView,
    allowed_here,
    approval_view,
    deciding_view,
    without_lacking,
)
from breach_service.web.views.mandates import cover_lines


def standing_for(here: Context, who: SignedIn, dossier: Dossier) -> Standing:
    """How the reader stands to the decisions of an incident that they see."""
    now = here.now()
    with here.database.reading() as session:
        row = incident_of(session, dossier.incident.reference, who.actor, now)
        return deciding.standing_of(session, who.actor, row, now)


def deciding_of(here: Context, who: SignedIn, dossier: Dossier) -> tuple[DecidingView, frozenset[str]]:
    """What the page of an incident says of its decisions, and the acts that the reader may do there."""
    standing, now = standing_for(here, who, dossier), here.now()
    may = frozenset(map(str, acts_allowed(who.actor)))
    view = deciding_view(dossier, standing, who.actor.person, may, now, bases_for(here, dossier))
    return view, without_lacking(may, standing)


def bases_for(here: Context, dossier: Dossier) -> dict[int, Basis]:
    """What each opinion and decision of an incident was taken on, by the number of the position."""
    with here.database.reading() as session:
        return decision_bases.bases_of(session, dossier.incident.id)


def approval_for(here: Context, who: SignedIn, dossier: Dossier, obligation: int, shown: Draft) -> ApprovalView:
    """What the page of a draft says of its release."""
    standing, now = standing_for(here, who, dossier), here.now()
    role_may = frozenset(map(str, acts_allowed(who.actor)))
    may = allowed_here(role_may, standing, who.actor.person, now)
    sent_as = draft_of(dossier, obligation, None, here.knowledge(), here.renderer, now)
    view = approval_view(dossier, obligation, shown, sent_as, may, role_may)
    if view.approved is None or view.is_current:
        return view
    with here.database.reading() as session:
        return replace(view, text=stored.approved_text(session, here.cipher, view.choices[0].id))


def warnings_of(here: Context, request: Request) -> tuple[views.Banner, ...]:
    """A banner for those who can mend it where deciding is not covered."""
    if not may_of(request) & {Act.QUALIFY, Act.RECORD_MANDATE}:
        return ()
    with here.database.reading() as session:
        found = cover_lines(covers(session, here.knowledge().inventory.organisations, here.now()))
    return (views.Banner("deciding_uncovered"),) if found else ()
