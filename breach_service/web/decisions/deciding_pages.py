"""What is posted about decisions from the page of an incident: an opinion, the release of a text, what was sent."""

from functools import partial

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from breach_service.acts import notices
from breach_service.acts.decisions import deciding
from breach_service.acts.decisions.deciding import Opinion
from breach_service.acts.notices import FilingCommand
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act
from breach_service.domain.deciding import NO, YES
from breach_service.errors import N_, InvalidCommand
from breach_service.pipeline.drafting import text_as_filed
from breach_service.store.database import Session
from breach_service.web.context import Context, Here, Id, Who
from breach_service.web.decisions.deciding_seen import deciding_of
from breach_service.web.forms import MOST_DIGITS, Posted, instant_in, needed_instant, phase_in, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import page, said_to, zone_of
from breach_service.web.seeing import seen_dossier

router = APIRouter(include_in_schema=False)
OPINION_FIELDS = ("is_breach", "obligation", "notify", "aware_at", "reason")


# Opinions -------------------------------------------------------------------------------------------------------------


@router.get("/incidents/{reference}/opinion", dependencies=[needs(Act.GIVE_OPINION)])
def opinion_form(reference: str, request: Request, here: Here, who: Who) -> HTMLResponse:
    """The form of an opinion by itself."""
    return _opinion_page(reference, request, here, who)


@router.post("/incidents/{reference}/opinion", dependencies=[needs(Act.GIVE_OPINION)])
def give_opinion(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Record what the data protection officer advises; the form again with what was typed where it is not clear."""
    typed = {name: text_in(form, name) for name in OPINION_FIELDS}
    try:
        opinion = _opinion_in(form, zone_of(here))
        here.database.write(
            lambda session: deciding.give_opinion(session, who.actor, reference, opinion, here.knowledge(), here.now())
        )  # fmt: skip
    except InvalidCommand as error:
        return _opinion_page(reference, request, here, who, typed, said_to(request, error), 422)
    return RedirectResponse(f"/incidents/{reference}?done=recorded#deciding", 303)


def _opinion_in(form: FormData, zone: str) -> Opinion:
    notice, answer = text_in(form, "obligation"), text_in(form, "notify")
    if bool(notice) is not bool(answer):
        raise InvalidCommand(N_("say of which notice you advise that it is sent, and whether: both, or neither"))
    if notice and (not notice.isdecimal() or len(notice) > MOST_DIGITS):
        raise InvalidCommand(N_("choose the notice that this is about"))
    return Opinion(
        text_in(form, "reason"),
        {YES: True, NO: False}.get(text_in(form, "is_breach")),
        {int(notice): answer == YES} if notice else {},
        instant_in(form, "aware_at", zone),
    )


def _opinion_page(
    reference: str, request: Request, here: Context, who: SignedIn, typed: dict[str, str] | None = None,
    error: str = "", status: int = 200,
) -> HTMLResponse:  # fmt: skip
    dossier = seen_dossier(here, who, request, reference)
    view, _ = deciding_of(here, who, dossier)
    shown = {
        "reference": dossier.incident.reference, "title": dossier.incident.title, "deciding": view,
        "typed": typed or dict.fromkeys(OPINION_FIELDS, ""), "error": error, "now": here.now(),
    }  # fmt: skip
    return page(request, "opinion.html", "incidents", shown, status=status)


# Texts ----------------------------------------------------------------------------------------------------------------


@router.post("/incidents/{reference}/drafts/{obligation}/approve", dependencies=[needs(Act.APPROVE_DRAFT)])
def approve_draft(reference: str, obligation: Id, here: Here, who: Who, form: Posted) -> Response:
    """Release the text that was looked at."""
    return _approve(reference, obligation, here, who, form)


@router.post("/incidents/{reference}/glass/drafts/{obligation}/approve", dependencies=[needs(Act.BREAK_GLASS)])
def approve_under_glass(reference: str, obligation: Id, here: Here, who: Who, form: Posted) -> Response:
    """The same for whoever broke the glass."""
    return _approve(reference, obligation, here, who, form, under_glass=True)


def _approve(
    reference: str, obligation: int, here: Context, who: SignedIn, form: FormData, *, under_glass: bool = False
) -> Response:  # fmt: skip
    now, knowledge, shown = here.now(), here.knowledge(), text_in(form, "digest")
    text_of = partial(text_as_filed, knowledge, here.renderer, now)

    def work(session: Session) -> None:
        if under_glass:
            deciding.need_glass(session, who.actor, reference, now)
        notices.approve_draft(session, who.actor, reference, obligation, shown, knowledge, here.cipher, text_of, now)

    here.database.write(work)
    return RedirectResponse(f"/incidents/{reference}/drafts/{obligation}?done=recorded", 303)


@router.post("/incidents/{reference}/drafts/{obligation}/file", dependencies=[needs(Act.RECORD_FILING)])
def file_draft(reference: str, obligation: Id, here: Here, who: Who, form: Posted) -> Response:
    """Record that the released text was sent, from its own page."""
    return _file(reference, obligation, here, who, form)


@router.post("/incidents/{reference}/glass/drafts/{obligation}/file", dependencies=[needs(Act.BREAK_GLASS)])
def file_under_glass(reference: str, obligation: Id, here: Here, who: Who, form: Posted) -> Response:
    """The same for whoever broke the glass."""
    return _file(reference, obligation, here, who, form, under_glass=True)


def _file(
    reference: str, obligation: int, here: Context, who: SignedIn, form: FormData, *, under_glass: bool = False
) -> Response:  # fmt: skip
    now, knowledge = here.now(), here.knowledge()
    command = FilingCommand(
        obligation, needed_instant(form, "sent_at", zone_of(here)), text_in(form, "means"), text_in(form, "receipt"),
        text_in(form, "digest"), phase=phase_in(form), delay_reason=text_in(form, "delay_reason"),
    )  # fmt: skip
    text_of = partial(text_as_filed, knowledge, here.renderer, now)

    def work(session: Session) -> None:
        if under_glass:
            deciding.need_glass(session, who.actor, reference, now)
        notices.record_filing(session, who.actor, reference, command, knowledge, here.cipher, text_of, now)

    here.database.write(work)
    return RedirectResponse(f"/incidents/{reference}?done=recorded", 303)
