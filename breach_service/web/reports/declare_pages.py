"""Declaring an incident for whoever has an account: the five questions, and what only they can say."""

import secrets

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from breach_service.acts import reporting
from breach_service.acts.reporting import Besides
from breach_service.domain.access import Act
from breach_service.domain.reports import Answers, ReportChannel, ReporterKind
from breach_service.errors import N_, InvalidCommand
from breach_service.web import views
from breach_service.web.context import Context, Here, Who
from breach_service.web.forms import Posted, instant_in, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import language_of, page, said_to, zone_of
from breach_service.web.seeing import after

router = APIRouter(include_in_schema=False, dependencies=[needs(Act.DECLARE)])


@router.get("/declare")
def declare(request: Request, here: Here) -> Response:
    """The form to declare an incident."""
    fresh = {"key": secrets.token_urlsafe(16)}
    view = views.declare_page(here.knowledge().inventory, language_of(request), here.now(), typed=fresh)
    return page(request, "declare.html", "declare", view)


@router.post("/declare")
def post_declaration(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Open an incident by hand, or show the form again with what was typed."""
    chosen = tuple(one for one in form.getlist("systems") if isinstance(one, str) and one)
    try:
        said = _said(form, here)
        besides = Besides(text_in(form, "title"), chosen, text_in(form, "told_by"))
        done = here.database.write(
            lambda session: reporting.hand_in(
                session, who.actor, said, ReportChannel.PAGE, besides, here.knowledge(), here.cipher, here.now()
            )
        )
    except InvalidCommand as error:
        typed = {name: text_in(form, name) for name in views.DECLARATION}
        view = views.declare_page(
            here.knowledge().inventory, language_of(request), here.now(), typed=typed, systems=chosen,
            error=said_to(request, error),
        )  # fmt: skip
        return page(request, "declare.html", "declare", view, status=422)
    return RedirectResponse(after(here, who, done.incident or "", "declared"), 303)


def _said(form: FormData, here: Context) -> Answers:
    zone, kind = zone_of(here), text_in(form, "told_kind")
    return Answers(
        what=text_in(form, "what_happened"),
        when=instant_in(form, "occurred_at", zone),
        where=text_in(form, "where"),
        persons=text_in(form, "personal_data") or "unknown",
        done=text_in(form, "done"),
        kind=kind_named(kind) if kind else ReporterKind.EMPLOYEE,
        points_at_staff=bool(text_in(form, "points_at_staff")),
        told_at=instant_in(form, "told_at", zone),
        key=text_in(form, "key")[:200],
    )


def kind_named(word: str) -> ReporterKind:
    """What whoever told us is to us. Raises InvalidCommand."""
    try:
        return ReporterKind(word)
    except ValueError as error:
        raise InvalidCommand(N_("choose who told us")) from error
