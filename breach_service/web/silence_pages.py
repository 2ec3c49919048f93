"""The page of the silences: look, try one on the last days, make one, end one."""

from datetime import time
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from breach_service.acts import silences as acts
from breach_service.acts.authorise import authorise
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.acts.silences import NewSilence
from breach_service.domain.access import Act
from breach_service.domain.silences import Matchers, Preview, Recurrence, lines_of
from breach_service.errors import N_, InvalidCommand, NotFound
from breach_service.store import alerts, silences, sources
from breach_service.web import views
from breach_service.web.context import Context, Here, Id, Who
from breach_service.web.forms import Posted, instant_in, needed_instant, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import language_of, may_of, page, said_to, words_of, zone_of
from breach_service.web.seeing import note_shown, visibility_for

router = APIRouter(include_in_schema=False)
AlertId = Annotated[int | None, Query(ge=1, le=2**63 - 1)]


@router.get("/silences", dependencies=[needs(Act.LOOK_AROUND)])
def list_silences(request: Request, here: Here, who: Who, alert: AlertId = None) -> HTMLResponse:
    """Silences; with `?alert=…` the form is filled in from an alert and tried on the last days."""
    if alert is None:
        return _answer(request, here, who)
    authorise(who.actor, Act.SILENCE)
    with here.database.reading() as session:
        episode = alerts.one(session, alert, visibility_for(who, here))
        if episode is None:
            raise NotFound(N_("there is no alert number %(alert)s"), alert=alert)
        typed = {**views.typed_from_alert(episode), "alert": str(alert)}
        wanted = _wanted(FormData({**typed, "ends_at": ""}), here)
        found = acts.preview_silence(session, who.actor, wanted, here.knowledge(), here.now())
    return _answer(request, here, who, typed, preview=found)


@router.post("/silences", dependencies=[needs(Act.SILENCE)])
def post_silence(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Try a silence or make it; the form is shown again with what was typed where it could not be taken."""
    typed = {name: text_in(form, name) for name in views.SILENCE_FIELDS}
    typed["weekdays"] = "".join(one for one in form.getlist("weekdays") if isinstance(one, str))
    try:
        wanted, now = _wanted(form, here), here.now()
        if text_in(form, "do") == "preview":
            with here.database.reading() as session:
                found = acts.preview_silence(session, who.actor, wanted, here.knowledge(), now)
            return _answer(request, here, who, typed, preview=found)
        here.database.write(lambda session: acts.add_silence(session, who.actor, wanted, now))
    except InvalidCommand as error:
        return _answer(request, here, who, typed, error=said_to(request, error), status=422)
    return RedirectResponse("/silences?done=recorded", 303)


@router.post("/silences/{number}/end", dependencies=[needs(Act.SILENCE)])
def end_silence(number: Id, here: Here, who: Who, form: Posted) -> Response:
    """End a silence before its end."""
    reason = text_in(form, "reason")
    here.database.write(lambda session: acts.end_silence(session, who.actor, number, reason, here.now()))
    return RedirectResponse("/silences?done=recorded", 303)


def _answer(
    request: Request, here: Context, who: SignedIn, typed: dict[str, str] | None = None, *, error: str = "",
    preview: Preview | None = None, status: int = 200,
) -> HTMLResponse:  # fmt: skip
    language, zone, now = language_of(request), zone_of(here), here.now()
    content = words_of(here)
    with here.database.reading() as session:
        found = silences.newest(session, visibility=visibility_for(who, here))
        names = [one.name for one in sources.summaries(session)]
    if preview is not None:
        note_shown(here, who, request, (one.incident for one in (*preview.silenced, *preview.waking)))
    form = views.silence_form(
        names, here.knowledge().inventory, content, language, zone, now, typed, error, preview
    )  # fmt: skip
    view = views.silences_page(found, form, content, language, zone, now, may_of(request))
    return page(request, "silences.html", "silences", view, status=status)


def _many(form: FormData, name: str) -> tuple[str, ...]:
    """The values of a field, one a line or between commas."""
    return tuple(one.strip() for line in text_in(form, name).splitlines() for one in line.split(",") if one.strip())


def _one(form: FormData, name: str) -> tuple[str, ...]:
    text = text_in(form, name)
    return (text,) if text else ()


def _wanted(form: FormData, here: Context) -> NewSilence:
    zone = zone_of(here)
    given = Matchers(
        sources=_one(form, "source"), systems=_one(form, "system"), entities=_many(form, "entity"),
        signals=_one(form, "signal"), rules=_one(form, "rule"),
    )  # fmt: skip
    usual = views.silence_form((), here.knowledge().inventory, words_of(here), "fr", zone, here.now()).typed
    ends_at = form if text_in(form, "ends_at") else usual
    return NewSilence(
        ends_at=needed_instant(ends_at, "ends_at", zone),
        reason=text_in(form, "reason"),
        when=lines_of(given),
        scanners=_many(form, "scanners"),
        starts_at=instant_in(form, "starts_at", zone),
        owner=text_in(form, "owner"),
        recurrence=_recurrence(form, zone),
        alert=_alert(form),
    )


def _alert(form: FormData) -> int | None:
    text = text_in(form, "alert")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        raise InvalidCommand(N_("the alert from which it is made is no number: begin again at the alert"))
    return int(text)


def _recurrence(form: FormData, zone: str) -> Recurrence | None:
    days = [one for one in form.getlist("weekdays") if isinstance(one, str) and one]
    since, until = text_in(form, "since"), text_in(form, "until")
    if not (days or since or until):
        return None
    if not (days and since and until):
        raise InvalidCommand(
            N_("a recurring silence needs days, the hour at which it begins and the one at which it ends")
        )
    try:
        return Recurrence(frozenset(map(int, days)), time.fromisoformat(since), time.fromisoformat(until), zone)
    except ValueError as error:
        raise InvalidCommand(
            N_("%(since)s–%(until)s is no window of the day, such as 22:00–02:00"), since=since, until=until
        ) from error
