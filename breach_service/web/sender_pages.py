"""The pages of the senders: all of them, one of them, and how one of them is mapped."""

from datetime import datetime, timedelta
from math import ceil

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from breach_service.domain.access import Act
from breach_service.domain.closing import shares_of
from breach_service.errors import N_, NotFound
from breach_service.pipeline.quietening import noise_of
from breach_service.pipeline.receiving import UNKNOWN_SOURCE
from breach_service.sources.registry import SOURCES, source_of
from breach_service.store import alerts, closing, inbox, incidents, obligations, silences, sources
from breach_service.store.database import Session
from breach_service.store.sources import SourceSummary
from breach_service.store.tables import SourceRow
from breach_service.web import views
from breach_service.web.context import Context, Here, signed_in_of
from breach_service.web.needs import needs
from breach_service.web.pages import MOST_QUARANTINED
from breach_service.web.rendered import language_of, may_of, page, words_of
from breach_service.web.seeing import note_shown, visibility_for

MOST_ALERTS = 30
"""Alerts that are shown of one sender."""

router = APIRouter(include_in_schema=False)


def kind_choices(language: str) -> list[views.KindChoice]:
    """Every kind of sender in the words of a language."""
    return [
        views.KindChoice(one.kind, one.title.in_language(language), one.aliases, one.secret_is_theirs)
        for one in SOURCES.values()
    ]


def base_of(request: Request, here: Context) -> str:
    """The address under which the service is reached, without a slash at its end."""
    return (here.public_url or f"{request.url.scheme}://{request.url.netloc}").rstrip("/")


def sources_answer(
    request: Request, here: Context, typed: dict[str, str] | None = None, error: str = "", status: int = 200
) -> HTMLResponse:
    """The page of all senders; the form as it was typed, where it could not be taken."""
    hours = ceil(here.observe / timedelta(hours=1))
    form = views.connect_form(kind_choices(language_of(request)), hours, typed, error)
    with here.database.reading() as session:
        found = sources.summaries(session)
        lost = sources.refused_without_name(session, UNKNOWN_SOURCE)
        shares = shares_of(closing.ended(session, here.now()))
    view = views.sources_page(found, form, base_of(request, here), here.now(), may_of(request), lost, shares)
    return page(request, "sources.html", "sources", view, status=status)


@router.get("/sources", dependencies=[needs(Act.LOOK_AROUND)])
def list_sources(request: Request, here: Here) -> HTMLResponse:
    """Senders."""
    return sources_answer(request, here)


@router.get("/sources/{name}", dependencies=[needs(Act.LOOK_AROUND)])
def show_source(name: str, request: Request, here: Here) -> HTMLResponse:
    """One sender."""
    return source_answer(name, request, here)


def source_answer(name: str, request: Request, here: Context, error: str = "", status: int = 200) -> HTMLResponse:
    """The page of one sender, with the sentence of an act that could not be done."""
    knowledge, now, language = here.knowledge(), here.now(), language_of(request)
    who = signed_in_of(request)
    content, seen = words_of(here), visibility_for(who, here)
    with here.database.reading() as session:
        summary = summary_of(session, name)
        row = sources.named(session, name)
        quiet = incidents.opened_under_observation(session, name, since=_observed_since(row), visibility=seen)
        silenced = silences.incidents_with_silenced(session, (one.incident.id for one in quiet))
        opened = [
            (one.incident, obligations.of_incident(session, one.incident.id))
            for one in quiet
            if one.incident.id not in silenced  # it was a silence that kept them quiet
        ]
        said = sources.noisiest(session, row.id, visibility=seen) if row is not None and row.id is not None else []
        newest = alerts.newest(session, name, MOST_ALERTS, None, seen)
        kept = inbox.quarantined(session, limit=MOST_QUARANTINED, source=name)
        expected = sources.expected_of(here.cipher, row) if row is not None else {}
        share = shares_of(closing.ended(session, now, name)).get(name)
        noise = noise_of(session, knowledge, now, name, visibility=seen)
    note_shown(here, who, request, (*(one.incident for one in newest), *(one.reference for one, _ in opened)))
    titles = {one.word: one.title for one in kind_choices(language)}
    line = views.source_row(summary, titles, now, share)
    view = views.source_page(
        line,
        base_of(request, here),
        views.observation_of(line.observed_until, opened, knowledge.channels, now),
        views.noise_of(said, content, language),
        newest,
        kept,
        content,
        language,
        views.expected_here(source_of(summary.kind).expectations, expected, language),
        may_of(request),
        error,
        share,
        noise,
    )
    return page(request, "source.html", "sources", view, status=status)


def _observed_since(row: SourceRow | None) -> datetime | None:
    """Since when a sender has been observed; None once it is no more."""
    return row.created_at if row is not None and row.observed_until is not None else None


def summary_of(session: Session, name: str) -> SourceSummary:
    """The sender of that name; NotFound with a sentence otherwise."""
    found = next((one for one in sources.summaries(session) if one.name == name), None)
    if found is None:
        raise NotFound(N_("there is no source %(name)s"), name=name)
    return found
