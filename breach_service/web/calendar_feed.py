"""GET /calendar/{token}.ics: due dates for the calendar of one person, whose address is the credential."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

from fastapi import APIRouter, Request, Response

from breach_service.acts.people import feeds as acts
from breach_service.acts.people.feeds import Subscriber
from breach_service.acts.rows import visibility_of
from breach_service.acts.signing import throttling
from breach_service.domain.access import Throttled
from breach_service.rendering.feed import FeedEvent, calendar_of
from breach_service.store import feeds
from breach_service.store.database import DatabaseError
from breach_service.store.feeds import FeedDate
from breach_service.web.context import Context, Here
from breach_service.web.needs import open_because

SETTLED_FOR = timedelta(days=30)
"""For so long a settled date stands in the calendar as cancelled."""
HEADERS = {"cache-control": "private, no-cache", "x-robots-tag": "noindex"}

router = APIRouter(include_in_schema=False)


@router.get("/calendar/{token}.ics", dependencies=[open_because("the token of the address is its credential")])
def calendar(token: str, request: Request, here: Here) -> Response:
    """The open dates of the incidents that the person sees now; 304 where nothing changed, 404 for a wrong token."""
    now = here.now()
    with here.database.reading() as session:
        who = acts.subscriber_of(session, token)
        found = feeds.dates(session, visibility_of(who.actor, now), now - SETTLED_FOR) if who else []
    if who is None:
        return _unknown(request, here)
    body = _body(found, who, here)
    headers = {**HEADERS, "etag": f'"{sha256(body).hexdigest()[:32]}"'}
    if headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    shown = frozenset(one.reference for one in found)
    try:
        here.database.write(lambda session: acts.note_read(session, who, shown, now))
    except DatabaseError:  # what is read unseen is not shown
        return Response("the database cannot be written: try again in a moment\n", 503, {"retry-after": "60"})
    return Response(body, headers=headers, media_type="text/calendar; charset=utf-8")


def _body(found: list[FeedDate], who: Subscriber, here: Context) -> bytes:
    _ = here.renderer.gettext(who.language)
    regimes = here.knowledge().catalogue.regimes
    titles = {one.id: one.title.in_language(who.language) for one in regimes}
    base = here.public_url.rstrip("/")
    events = (
        FeedEvent(
            one.key, f"{one.reference} – {_what(one, titles, _)}", one.due_at, one.is_provisional, one.is_open,
            one.changes, one.changed_at, f"{base}/incidents/{one.reference}" if base else "",
        )
        for one in found
    )  # fmt: skip
    return calendar_of(events, _("Due dates of incidents"))


def _what(one: FeedDate, titles: dict[str, str], _: Callable[[str], str]) -> str:
    if not one.regime:
        return _("to be qualified")
    return titles.get(one.regime) or _("due date")


def _unknown(request: Request, here: Context) -> Response:
    """Whoever guesses is slowed; a right address is let in all the same, since nobody guesses 32 bytes."""
    now, host = here.now(), request.client.host if request.client else ""
    counted = [throttling.address(Throttled.TOKEN, host)]
    with here.database.reading() as session:
        wait = throttling.wait_of(session, counted, now)
    if wait is not None:
        seconds = str(int(wait.total_seconds()) + 1)
        return Response("too many wrong addresses: wait\n", 429, {"retry-after": seconds}, media_type="text/plain")
    here.database.write(lambda session: throttling.failed(session, counted, now))
    return Response("there is no such calendar: it may have been revoked\n", 404, HEADERS, media_type="text/plain")
