"""A page as an answer: the language of the reader, the frame around the page, the right status."""

from collections.abc import Iterable, Mapping

from fastapi import Request
from fastapi.responses import HTMLResponse

from breach_service.acts.people import SignedIn
from breach_service.domain.access import acts_allowed
from breach_service.web.context import Context, context_of
from breach_service.web.views import Banner, ContentWords, frame_for
from breach_service.web.views import problem_page as problem_view
from breach_service.web.views.frame import Place

LANGUAGE_COOKIE = "breach_language"
LANGUAGES = ("fr", "en")
BANNERS = frozenset({"recorded", "declared"})
"""What a redirect may announce on the next page: `?done=recorded`."""


def language_of(request: Request) -> str:
    """The language that the reader chose, else their account's, else the service's."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    who = request.scope.get("breach.signed_in")
    return who.language if isinstance(who, SignedIn) else context_of(request).language


def zone_of(context: Context) -> str:
    """The zone that dates are shown in: the organisation's."""
    return context.knowledge().inventory.organisations[0].zone


def words_of(context: Context) -> ContentWords:
    """The words of the content in force."""
    catalogue = context.knowledge().catalogue
    return ContentWords(
        catalogue.signals,
        catalogue.facts,
        {one.id: one for one in catalogue.regimes},
        {one.id: one.title for one in catalogue.grouping.patterns},
    )


def may_of(request: Request) -> frozenset[str]:
    """The acts that the reader may do, as words."""
    who = request.scope.get("breach.signed_in")
    return frozenset(map(str, acts_allowed(who.actor))) if isinstance(who, SignedIn) else frozenset()


def page(
    request: Request, template: str, place: Place, view: object, *, status: int = 200, banners: Iterable[Banner] = (),
    extra: Mapping[str, object] | None = None,
) -> HTMLResponse:  # fmt: skip
    """Render one page around a view model."""
    context = context_of(request)
    language, now = language_of(request), context.now()
    who = request.scope.get("breach.signed_in")
    is_in = isinstance(who, SignedIn)
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    frame = frame_for(
        place,
        path,
        language,
        now,
        organisation=context.knowledge().inventory.organisations[0].name if is_in else "",
        user=who.actor.name if isinstance(who, SignedIn) else "",
        role=str(who.actor.role) if isinstance(who, SignedIn) else "",
        may=may_of(request),
        banners=(*_announced(request), *_content(context if is_in else None), *banners),
    )
    values = {"frame": frame, "page": view, **(extra or {})}
    html = context.renderer.page(template, language, zone_of(context), values)
    return HTMLResponse(html, status, headers={"cache-control": "no-store"})


def _announced(request: Request) -> Iterable[Banner]:
    done = request.query_params.get("done")
    if done in BANNERS:
        yield Banner(done)


def _content(context: Context | None) -> Iterable[Banner]:
    faults = context.content_faults() if context is not None else ()
    if faults:
        yield Banner("content_kept", "\n".join(faults))


def problem_page(request: Request, status: int, sentence: str) -> HTMLResponse:
    """What happened and what to do, as a page."""
    return page(request, "problem.html", "", problem_view(status, sentence), status=status)
