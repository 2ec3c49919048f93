"""What people look at. Each page is one function: read, make the view, render."""

from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from breach_service.acts.inventory.changing import today_of
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act, AuditKind
from breach_service.domain.dossier import Dossier
from breach_service.errors import N_, NotFound
from breach_service.pipeline.awareness import recorded_awareness
from breach_service.pipeline.drafting import draft_of, drafts_of
from breach_service.store import alerts, inbox, merging, spotted, unknown_names
from breach_service.store.sight import Visibility
from breach_service.web import views
from breach_service.web.clocks.clocks_seen import moved_of
from breach_service.web.compartments.compartment_pages import who_may_see
from breach_service.web.context import Context, Here, Id, Who
from breach_service.web.decisions.deciding_seen import approval_for, deciding_of
from breach_service.web.needs import needs, open_because
from breach_service.web.on_call.call_pages import lines_for
from breach_service.web.people.leading import lead_of
from breach_service.web.playbooks.plan_seen import plan_of_incident
from breach_service.web.providers.notice_seen import told_by
from breach_service.web.reminders.muting import muting_of
from breach_service.web.rendered import LANGUAGE_COOKIE, language_of, may_of, page, words_of
from breach_service.web.seeing import note_reading, register_dossiers, seen_dossier, visibility_for
from breach_service.web.views.awareness import awareness_view
from breach_service.web.work.review_pages import work_of

router = APIRouter(include_in_schema=False)
MOST_QUARANTINED = 1000
"""Messages in quarantine that are looked through."""
Spoken = Literal["fr", "en"] | None
"""The language of a letter; None is the recipient's."""


@router.get("/incidents/{reference}", dependencies=[needs(Act.LOOK)])
def show_incident(
    reference: str, request: Request, here: Here, who: Who, fact: str | None = None, obligation: int | None = None
) -> HTMLResponse:
    """One incident."""
    knowledge, now, language = here.knowledge(), here.now(), language_of(request)
    dossier = seen_dossier(here, who, request, reference)
    drafts = {one.id: draft for one, draft in drafts_of(dossier, knowledge, here.renderer, now)}
    deciding, may = deciding_of(here, who, dossier)
    view = views.incident_page(
        dossier,
        words_of(here),
        drafts,
        language,
        now,
        may,
        deciding=deciding,
        awareness=awareness_view(dossier, recorded_awareness(dossier, knowledge), words_of(here), language),
        fact=fact,
        obligation=obligation,
        merging=_merging(here, dossier, language, may_of(request), visibility_for(who, here)),
        seen=_seen(here, dossier, language),
    )
    seeing = who_may_see(here, who, request, dossier.incident.reference)
    more = {
        "seeing": seeing,
        "lead": lead_of(here, who, dossier),
        "plan": plan_of_incident(here, who, request, dossier),
    }
    more["muting"] = muting_of(here, who, dossier)
    more["moved"] = moved_of(here, who, dossier)
    more["calls"] = lines_for(here, who, dossier.incident.id)
    more["work"] = work_of(request, here, dossier)
    more["told_by"] = told_by(here, request, dossier)
    return page(request, "incident.html", "incidents", view, extra=more)


def _merging(
    here: Context, dossier: Dossier, language: str, may: frozenset[str], visibility: Visibility
) -> views.MergingView:
    number = dossier.incident.id
    with here.database.reading() as session:
        proposed = merging.proposals_of(session, number, visibility)
        proposals = [one for one in proposed if views.is_waiting(one, dossier.incident)]
        return views.merging_view(
            dossier,
            [(one, alerts.episodes_of(session, one.other.id)) for one in proposals],
            merging.open_others(session, number, visibility=visibility),
            here.knowledge().catalogue.grouping,
            language,
            may,
            goes_on_as=merging.goes_on_as(session, number, visibility),
            took_in=[one.reference for one in merging.merged_into(session, number, visibility)],
        )


def _seen(here: Context, dossier: Dossier, language: str) -> views.SeenView | None:
    number = dossier.incident.id
    with here.database.reading() as session:
        shown = spotted.of_incidents(session, [number]).get(number, {})
    return views.seen_view(dossier, shown, words_of(here), language)


@router.get("/incidents/{reference}/drafts/{obligation}", dependencies=[needs(Act.LOOK)])
def show_draft(
    reference: str, obligation: Id, request: Request, here: Here, who: Who, language: Spoken = None
) -> HTMLResponse:
    """One draft as it would be filed now."""
    return _draft_page("draft.html", reference, obligation, request, here, who, language)


@router.get("/incidents/{reference}/drafts/{obligation}/print", dependencies=[needs(Act.LOOK)])
def print_draft(
    reference: str, obligation: Id, request: Request, here: Here, who: Who, language: Spoken = None
) -> HTMLResponse:
    """The letter alone, for paper."""
    return _draft_page("draft_print.html", reference, obligation, request, here, who, language)


def _draft_page(
    template: str, reference: str, obligation: int, request: Request, here: Context, who: SignedIn, language: Spoken
) -> HTMLResponse:
    dossier, now = seen_dossier(here, who, request, reference), here.now()
    draft = draft_of(dossier, obligation, language, here.knowledge(), here.renderer, now)
    owed = next(one for one in dossier.obligations if one.id == obligation)
    approval = approval_for(here, who, dossier, obligation, draft)
    view = views.draft_page(dossier, owed, draft, words_of(here), language_of(request), now, approval)
    return page(request, template, "incidents", view)


@router.get("/quarantine", dependencies=[needs(Act.LOOK_AROUND)])
def list_quarantine(request: Request, here: Here, source: str = "") -> HTMLResponse:
    """What could not be understood, of one sender or of all."""
    with here.database.reading() as session:
        found = inbox.quarantined(session, limit=MOST_QUARANTINED, source=source or None)
    return page(request, "quarantine.html", "sources", views.quarantine_page(found, may_of(request), source))


@router.get("/quarantine/{item}", dependencies=[needs(Act.LOOK_AT_RAW)])
def show_quarantined(item: Id, request: Request, here: Here, who: Who) -> HTMLResponse:
    """One body as it came."""
    with here.database.reading() as session:
        found = inbox.quarantined_body(session, here.cipher, item)
    if found is None:
        raise NotFound(N_("there is no request number %(item)s in quarantine"), item=item)
    note_reading(here, who, request, AuditKind.READ_EVIDENCE, f"quarantine:{item}")
    head, headers, _, body = found
    view = views.quarantine_item_page(head, headers, body, may_of(request))
    return page(request, "quarantine_item.html", "sources", view)


@router.get("/register", dependencies=[needs(Act.LOOK)])
def show_register(request: Request, here: Here, who: Who) -> HTMLResponse:
    """Every personal-data breach, notified or not (GDPR Art. 33(5))."""
    found, unseen = register_dossiers(here, who, request)
    view = views.register_page(found, words_of(here), language_of(request), here.now(), unseen)
    return page(request, "register.html", "register", view)


@router.get("/inventory", dependencies=[needs(Act.LOOK_AROUND)])
def show_inventory(request: Request, here: Here, who: Who) -> HTMLResponse:
    """What runs, what it processes, for whom and through whom."""
    knowledge = here.knowledge()
    categories = knowledge.catalogue.facts.get("data.categories")
    kinds = categories.choices if categories else None
    view = views.inventory_page(
        knowledge.inventory, language_of(request), may_of(request), kinds, today_of(knowledge.inventory, here.now())
    )
    with here.database.reading() as session:
        waiting = unknown_names.count_seen(session, visibility_for(who, here))
    return page(request, "inventory.html", "inventory", view, extra={"unknown_names": waiting})


STATIC = Path(__file__).parent / "static"

open_router = APIRouter(include_in_schema=False)
"""Answered without a sign-in."""


@open_router.get("/favicon.ico", dependencies=[open_because("the mark of the service")])
def favicon() -> Response:
    """The mark of the service."""
    return FileResponse(STATIC / "favicon.svg", media_type="image/svg+xml")


@open_router.get(
    "/language/{language}", dependencies=[open_because("strangers read the sign-in page in their language, too")]
)
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
