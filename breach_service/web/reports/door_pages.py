"""Reporting without an account: five questions behind the link of the organisation; it works without scripts.

Whoever holds the link may report and learns a number and a link of their own, under which they see that somebody looks
and can add something. Reports are counted by network address, on every replica alike; the links cannot be guessed, so
that wrong ones are not counted.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from breach_service.acts import reporting
from breach_service.acts.signing import throttling
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act, Throttled
from breach_service.domain.reports import Answers, Report, ReportChannel, ReporterKind, report_of_answers
from breach_service.errors import InvalidCommand
from breach_service.store.database import Session
from breach_service.store.report_links import FOR_MAIL, FOR_PEOPLE
from breach_service.web.context import Context, Here, Who
from breach_service.web.forms import Posted, instant_in, text_in
from breach_service.web.needs import needs, open_because
from breach_service.web.rendered import language_of, page, said_to, zone_of
from breach_service.web.sender_pages import base_of
from breach_service.web.views.people import ShownOnce
from breach_service.web.views.reporting import REPORT, ReportPage, StatusPage, report_form

MOST_TYPED = 20_000
"""Characters of one answer."""
Token = Annotated[str, Path(max_length=200)]

router = APIRouter(
    include_in_schema=False,
    dependencies=[open_because("whoever holds the link of the organisation reports without an account")],
)
link_router = APIRouter(include_in_schema=False, dependencies=[needs(Act.MANAGE_PEOPLE)])


@router.get(reporting.PAGE + "/{token}")
def show_form(token: Token, request: Request, here: Here) -> HTMLResponse:
    """The five questions; that the link is over, where it is."""
    if not _is_open(here, token):
        return _closed(request)
    view = report_form(request.url.path, secrets.token_urlsafe(16), language_of(request))
    return _answer(request, view)


@router.post(reporting.PAGE + "/{token}")
def take_report(token: Token, request: Request, here: Here, form: Posted) -> HTMLResponse:
    """Keep the report, open its incident, show its number; the form again with what was typed where it cannot be."""
    typed = {name: text_in(form, name)[:MOST_TYPED] for name in REPORT}
    if not _is_open(here, token):
        return _closed(request)
    try:
        done = _kept(request, here, lambda now: report_of_answers(_said(typed, zone_of(here)), ReportChannel.PAGE, now))
    except InvalidCommand as error:
        view = report_form(request.url.path, typed["key"], language_of(request), typed, said_to(request, error))
        return _answer(request, view, status=422)
    if done is None:
        return _answer(request, ReportPage("wait"), status=429)
    own = f"{reporting.STATUS_PAGE}/{done.status_token}" if done.status_token else ""
    status = f"{base_of(request, here)}{own}" if own else ""
    return _answer(request, ReportPage("done", request.url.path, number=done.number, status=status), status=201)


Making = Callable[[datetime], tuple[Report, bytes]]


def _kept(request: Request, here: Context, make: Making) -> reporting.Reported | None:
    """What became of a report; None where too many came from this address."""
    now = here.now()
    counted = [throttling.address(Throttled.REPORT, request.client.host if request.client else "")]

    def work(session: Session) -> reporting.Reported | None:
        if throttling.wait_of(session, counted, now) is not None:
            return None
        told, original = make(now)
        done = reporting.report(session, None, told, original, here.knowledge(), here.cipher, now)
        if done.is_new:
            throttling.failed(session, counted, now)
        return done

    return here.database.write(work)


def _said(typed: dict[str, str], zone: str) -> Answers:
    return Answers(
        what=typed["what"], when=instant_in(typed, "when", zone), where=typed["where"], persons=typed["persons"],
        done=typed["done"], kind=ReporterKind.EMPLOYEE, name=typed["name"], contact=typed["contact"],
        points_at_staff=bool(typed["points_at_staff"]), key=typed["key"],
    )  # fmt: skip


@router.get(reporting.STATUS_PAGE + "/{token}")
def show_status(token: Token, request: Request, here: Here) -> HTMLResponse:
    """That a report was received or is looked at, and a form to add something; nothing of what came of it."""
    return _status(request, here, token)


@router.post(reporting.STATUS_PAGE + "/{token}")
def add_to_report(token: Token, request: Request, here: Here, form: Posted) -> HTMLResponse:
    """Keep what whoever reported adds: it waits by their report, whose incident says so."""
    found = _followed(here, token)
    if found is None:
        return _status(request, here, token)
    words, key = text_in(form, "what")[:MOST_TYPED], text_in(form, "key")[:200]
    said = Answers(words, name=text_in(form, "name")[:200], key=key, more={"answers": found.number})

    def make(now: datetime) -> tuple[Report, bytes]:
        told, original = report_of_answers(said, ReportChannel.PAGE, now)
        return replace(told, in_reply_to=(found.number,)), original

    try:
        done = _kept(request, here, make)
    except InvalidCommand as error:
        return _status(request, here, token, error=said_to(request, error), status=422)
    if done is None:
        return _answer(request, ReportPage("wait"), status=429)
    return _status(request, here, token, added=done.number, status=201)


def _followed(here: Context, token: str) -> reporting.Followed | None:
    with here.database.reading() as session:
        return reporting.followed(session, token)


def _status(
    request: Request, here: Context, token: str, *, error: str = "", added: str = "", status: int = 200
) -> HTMLResponse:  # fmt: skip
    found = _followed(here, token)
    if found is None:
        return page(request, "report_status.html", "", StatusPage("closed"), status=410)
    view = StatusPage(
        "looked_at" if found.is_looked_at else "received", found.number, found.told_at, request.url.path,
        secrets.token_urlsafe(16), added, error,
    )  # fmt: skip
    return page(request, "report_status.html", "", view, status=status)


def _is_open(here: Context, token: str) -> bool:
    with here.database.reading() as session:
        return reporting.is_open(session, token)


def _closed(request: Request) -> HTMLResponse:
    return _answer(request, ReportPage("closed"), status=410)


def _answer(request: Request, view: ReportPage, status: int = 200) -> HTMLResponse:
    return page(request, "report.html", "", view, status=status)


@link_router.post("/people/report-link")
def make_link(request: Request, here: Here, who: Who) -> HTMLResponse:
    """Make a new link, end the former, and show it once."""
    return _made(request, here, who, FOR_PEOPLE, "report_link")


@link_router.post("/people/report-link/end")
def end_link(here: Here, who: Who) -> Response:
    """End the link: nobody reports without an account until there is another one."""
    here.database.write(lambda session: reporting.end_link(session, who.actor, here.now()))
    return RedirectResponse("/people?done=changed", 303)


@link_router.post("/people/mail-link")
def make_mail_link(request: Request, here: Here, who: Who) -> HTMLResponse:
    """Make a new address to which a mail service posts mails, end the former, and show it once."""
    return _made(request, here, who, FOR_MAIL, "mail_link")


@link_router.post("/people/mail-link/end")
def end_mail_link(here: Here, who: Who) -> Response:
    """End the address: what a mail service posts is refused until there is another one."""
    here.database.write(lambda session: reporting.end_link(session, who.actor, here.now(), FOR_MAIL))
    return RedirectResponse("/people?done=changed", 303)


def _made(request: Request, here: Context, who: SignedIn, purpose: str, kind: str) -> HTMLResponse:
    path = here.database.write(lambda session: reporting.make_link(session, who.actor, here.now(), purpose))
    view = ShownOnce(kind, "", f"{base_of(request, here)}{path}", None, "/people")
    return page(request, "shown_once.html", "people", view, status=201)
