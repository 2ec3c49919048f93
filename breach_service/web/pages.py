"""What people look at. Each page is one function: read, make the view, render."""

from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from breach_service.acts.authorise import authorise
from breach_service.domain.access import Act
from breach_service.domain.assessment import Assessment
from breach_service.domain.dossier import Dossier
from breach_service.domain.facts import Fact
from breach_service.errors import NotFound
from breach_service.pipeline.dossiers import dossier_of
from breach_service.pipeline.drafting import draft_of, drafts_of
from breach_service.pipeline.judging import assessment_of
from breach_service.store import alerts, inbox, incidents, merging, spotted
from breach_service.web import views
from breach_service.web.context import Context, Here, Id, Who
from breach_service.web.rendered import LANGUAGE_COOKIE, language_of, may_of, page, words_of


def may_look(who: Who) -> None:
    """Every page."""
    authorise(who.actor, Act.LOOK)


router = APIRouter(include_in_schema=False, dependencies=[Depends(may_look)])
MOST_QUARANTINED = 1000
"""Messages in quarantine that are looked through."""
Spoken = Literal["fr", "en"] | None
"""The language of a letter; None is the recipient's."""


@router.get("/incidents/{reference}")
def show_incident(
    reference: str, request: Request, here: Here, fact: str | None = None, obligation: int | None = None
) -> HTMLResponse:
    """One incident."""
    knowledge, now, language = here.knowledge(), here.now(), language_of(request)
    dossier = _dossier(here, reference)

    def what_if(answer: Fact) -> Assessment:
        return assessment_of(dossier.incident, (*dossier.facts, answer), knowledge)

    drafts = {one.id: draft for one, draft in drafts_of(dossier, knowledge, here.renderer, now)}
    view = views.incident_page(
        dossier,
        words_of(here),
        drafts,
        language,
        now,
        may_of(request),
        fact=fact,
        obligation=obligation,
        what_if=what_if,
        merging=_merging(here, dossier, language, may_of(request)),
        seen=_seen(here, dossier, language),
    )
    return page(request, "incident.html", "incidents", view)


def _merging(here: Context, dossier: Dossier, language: str, may: frozenset[str]) -> views.MergingView:
    number = dossier.incident.id
    with here.database.reading() as session:
        proposals = [one for one in merging.proposals_of(session, number) if views.is_waiting(one, dossier.incident)]
        return views.merging_view(
            dossier,
            [(one, alerts.episodes_of(session, one.other.id)) for one in proposals],
            merging.open_others(session, number),
            here.knowledge().catalogue.grouping,
            language,
            may,
            goes_on_as=merging.goes_on_as(session, number),
            took_in=[one.reference for one in merging.merged_into(session, number)],
        )


def _seen(here: Context, dossier: Dossier, language: str) -> views.SeenView | None:
    number = dossier.incident.id
    with here.database.reading() as session:
        shown = spotted.of_incidents(session, [number]).get(number, {})
    return views.seen_view(dossier, shown, words_of(here), language)


def _dossier(here: Context, reference: str) -> Dossier:
    with here.database.reading() as session:
        return dossier_of(session, reference, here.knowledge())


@router.get("/incidents/{reference}/drafts/{obligation}")
def show_draft(reference: str, obligation: Id, request: Request, here: Here, language: Spoken = None) -> HTMLResponse:
    """One draft as it would be filed now."""
    return _draft_page("draft.html", reference, obligation, request, here, language)


@router.get("/incidents/{reference}/drafts/{obligation}/print")
def print_draft(reference: str, obligation: Id, request: Request, here: Here, language: Spoken = None) -> HTMLResponse:
    """The letter alone, for paper."""
    return _draft_page("draft_print.html", reference, obligation, request, here, language)


def _draft_page(
    template: str, reference: str, obligation: int, request: Request, here: Context, language: Spoken
) -> HTMLResponse:
    dossier, now = _dossier(here, reference), here.now()
    draft = draft_of(dossier, obligation, language, here.knowledge(), here.renderer, now)
    owed = next(one for one in dossier.obligations if one.id == obligation)
    view = views.draft_page(dossier, owed, draft, words_of(here), language_of(request), now, may_of(request))
    return page(request, template, "incidents", view)


@router.get("/declare")
def declare(request: Request, here: Here) -> HTMLResponse:
    """The form to declare an incident."""
    view = views.declare_page(here.knowledge().inventory, language_of(request), here.now())
    return page(request, "declare.html", "declare", view)


@router.get("/quarantine")
def list_quarantine(request: Request, here: Here, source: str = "") -> HTMLResponse:
    """What could not be understood, of one sender or of all."""
    with here.database.reading() as session:
        found = inbox.quarantined(session, limit=MOST_QUARANTINED, source=source or None)
    return page(request, "quarantine.html", "sources", views.quarantine_page(found, may_of(request), source))


@router.get("/quarantine/{item}")
def show_quarantined(item: Id, request: Request, here: Here, who: Who) -> HTMLResponse:
    """One body as it came."""
    authorise(who.actor, Act.LOOK_AT_RAW)
    with here.database.reading() as session:
        found = inbox.quarantined_body(session, here.cipher, item)
    if found is None:
        raise NotFound(f"there is no request number {item} in quarantine")
    head, headers, _, body = found
    view = views.quarantine_item_page(head, headers, body, may_of(request))
    return page(request, "quarantine_item.html", "sources", view)


@router.get("/register")
def show_register(request: Request, here: Here) -> HTMLResponse:
    """Every personal-data breach, notified or not (GDPR Art. 33(5))."""
    knowledge = here.knowledge()
    with here.database.reading() as session:
        found = [
            dossier_of(session, one.incident.reference, knowledge) for one in incidents.summaries(session, limit=1000)
        ]
    view = views.register_page(found, words_of(here), language_of(request), here.now())
    return page(request, "register.html", "register", view)


@router.get("/inventory")
def show_inventory(request: Request, here: Here) -> HTMLResponse:
    """What runs, what it processes, for whom and through whom."""
    view = views.inventory_page(here.knowledge().inventory, language_of(request))
    return page(request, "inventory.html", "inventory", view)


STATIC = Path(__file__).parent / "static"

open_router = APIRouter(include_in_schema=False)
"""Answered without a sign-in."""


@open_router.get("/favicon.ico")
def favicon() -> Response:
    """The mark of the service."""
    return FileResponse(STATIC / "favicon.svg", media_type="image/svg+xml")


@open_router.get("/language/{language}")
def choose_language(
    language: Literal["fr", "en"], next_path: Annotated[str, Query(alias="next")] = "/"
) -> RedirectResponse:
    """Remember the language and go back."""
    answer = RedirectResponse(own_path(next_path), 303)
    answer.set_cookie(LANGUAGE_COOKIE, language, max_age=365 * 86400, httponly=True, samesite="lax")
    return answer


def own_path(path: str) -> str:
    """A path of ours, `/` for anything that leads elsewhere."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"
