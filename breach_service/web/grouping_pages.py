"""The page of the grouping: look at the rules, try changed ones on the last days. And the schemas of the content."""

from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse

from breach_service.acts import grouping as acts
from breach_service.catalog.schemas import SCHEMAS, schema_of, schema_text
from breach_service.domain.access import Act
from breach_service.errors import N_, InvalidCommand, NotFound
from breach_service.pipeline.dry_running import FILE
from breach_service.web import views
from breach_service.web.context import Context, Here, Who
from breach_service.web.forms import Posted, text_in
from breach_service.web.needs import needs, open_because
from breach_service.web.rendered import language_of, may_of, page, said_to, words_of
from breach_service.web.seeing import note_shown

router = APIRouter(include_in_schema=False)
open_router = APIRouter(include_in_schema=False)
"""Answered without a sign-in: an editor has none, and a schema holds no word about an incident."""


@router.get("/grouping", dependencies=[needs(Act.LOOK_AROUND)])
def show_grouping(request: Request, here: Here) -> HTMLResponse:
    """The rules in force, in words."""
    return _answer(request, here, here.knowledge().catalogue.documents[FILE])


@router.post("/grouping", dependencies=[needs(Act.TRY_GROUPING)])
def try_grouping(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Try changed rules; the form is shown again with what was typed."""
    text = str(form.get("text", "")).replace("\r\n", "\n")
    try:
        days = _days(text_in(form, "days"))
        with here.database.reading() as session:
            catalogue = here.knowledge().catalogue
            trial = acts.try_grouping(session, who.actor, text, timedelta(days=days), catalogue, here.now())
    except InvalidCommand as error:
        return _answer(request, here, text, error=said_to(request, error), status=422)
    changes = trial.run.incidents if trial.run else ()
    note_shown(here, who, request, (reference for one in changes for reference in one.references))
    return _answer(request, here, text, trial=trial, days=days, status=200 if trial.run else 422)


def _days(text: str) -> int:
    if text not in map(str, views.TRIAL_DAYS):
        raise InvalidCommand(
            N_("choose how many days to look back: %(days)s"), days=", ".join(map(str, views.TRIAL_DAYS))
        )
    return int(text)


def _answer(
    request: Request, here: Context, text: str, *, trial: acts.Trial | None = None, days: int = views.USUAL_DAYS,
    error: str = "", status: int = 200,
) -> HTMLResponse:  # fmt: skip
    grouping = here.knowledge().catalogue.grouping
    view = views.grouping_page(
        grouping, text, words_of(here), language_of(request), may_of(request), here.now(), days=days, trial=trial,
        error=error,
    )  # fmt: skip
    return page(request, "grouping.html", "grouping", view, status=status)


@open_router.get(
    "/api/schemas/{name}.json",
    dependencies=[open_because("the form of a content file, the same at every installation")],
)
def show_schema(name: str, here: Here) -> Response:
    """JSON Schema of the content files, with the facts of the content in force."""
    if name not in SCHEMAS:
        raise NotFound(N_("there is no schema %(name)s: there are %(schemas)s"), name=name, schemas=list(SCHEMAS))
    text = schema_text(schema_of(name, here.knowledge().catalogue.facts))
    return PlainTextResponse(text, media_type="application/schema+json")
