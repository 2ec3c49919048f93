"""A page as an answer: the language of the reader, the frame around the page, the right status."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse

from breach_service.acts.rows import visibility_of
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act, acts_allowed
from breach_service.errors import BreachServiceError, Code, Sentence
from breach_service.store import reports
from breach_service.web.context import Context, context_of
from breach_service.web.views import Banner, ContentWords, frame_for
from breach_service.web.views import problem_page as problem_view
from breach_service.web.views.frame import Place

LANGUAGE_COOKIE = "breach_language"
LANGUAGES = ("fr", "en")
BANNERS = frozenset({"restricted", "recorded", "declared", "changed", "invited", "password_set"})
"""What a redirect may announce on the next page: `?done=recorded`."""

OPENS_ONCE = frozenset({"token", "code", "state", "id_token", "access_token", "logout_token"})
"""Names of what stands in an address and opens something: links of ours, answers of a provider."""


def language_of(request: Request) -> str:
    """The language that the reader chose, else their account's, else the service's."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    who = request.scope.get("breach.signed_in")
    return who.language if isinstance(who, SignedIn) else context_of(request).language


def said_to(request: Request, error: Exception) -> str:
    """What an error says, in the language of the reader, as a sentence: it begins with a capital letter."""
    if not isinstance(error, BreachServiceError):
        return str(error)
    gettext = context_of(request).renderer.gettext(language_of(request))
    return _begun(gettext(error.sentence.words) if hasattr(error.sentence, "words") else "", error.said(gettext), error)


def _begun(pattern: str, said: str, error: BreachServiceError) -> str:
    """The sentence with a capital letter; one that begins with somebody's own word or an id leaves it as written."""
    first = _FIRST_VALUE.match(pattern)
    if first is not None and not isinstance(error.sentence.values.get(first[1]), Code | StrEnum | Sentence):
        return said
    return said[:1].upper() + said[1:] if _WORD.match(said) else said


_FIRST_VALUE = re.compile(r"%\((\w+)\)")
_WORD = re.compile(r"[^\W\d_]+(?:[’\s,]|:\s)")
"""A word of the language; what begins otherwise is a path, an address or a setting, which stay as they are written."""


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
        catalogue.authorities,
    )


def may_of(request: Request) -> frozenset[str]:
    """The acts that the reader may do, as words."""
    who = request.scope.get("breach.signed_in")
    return frozenset(map(str, acts_allowed(who.actor))) if isinstance(who, SignedIn) else frozenset()


def page(
    request: Request, template: str, place: Place, view: object, *, status: int = 200, banners: Iterable[Banner] = (),
    extra: Mapping[str, object] | None = None, path: str = "",
) -> HTMLResponse:  # fmt: skip
    """Render one page around a view model; `path` where its links must not repeat the address that was asked for."""
    context = context_of(request)
    language, now = language_of(request), context.now()
    who = request.scope.get("breach.signed_in")
    is_in = isinstance(who, SignedIn)
    path = path or address_of(request)
    frame = frame_for(
        place,
        path,
        language,
        now,
        organisation=context.knowledge().inventory.organisations[0].name if is_in else "",
        user=who.actor.name if isinstance(who, SignedIn) else "",
        role=str(who.actor.role) if isinstance(who, SignedIn) else "",
        may=may_of(request),
        reports_waiting=_waiting(context, who) if isinstance(who, SignedIn) else 0,
        banners=(*_announced(request), *_content(context if is_in else None), *_lacking(request), *banners),
    )
    values = {"frame": frame, "page": view, **(extra or {})}
    html = context.renderer.page(template, language, zone_of(context), values)
    return HTMLResponse(html, status, headers={"cache-control": "no-store"})


def _waiting(context: Context, who: SignedIn) -> int:
    if Act.LOOK_AT_REPORTS not in acts_allowed(who.actor):
        return 0
    with context.database.reading() as session:
        return reports.count_waiting(session, visibility_of(who.actor, context.now()))


def address_of(request: Request) -> str:
    """The address that was asked for, without what opens something once: no link of a page may repeat it."""
    query = urlencode([(name, value) for name, value in request.query_params.multi_items() if name not in OPENS_ONCE])
    return f"{request.url.path}?{query}" if query else request.url.path


def _announced(request: Request) -> Iterable[Banner]:
    done = request.query_params.get("done")
    if done in BANNERS:
        yield Banner(done)


def _content(context: Context | None) -> Iterable[Banner]:
    faults = context.content_faults() if context is not None else ()
    if faults:
        yield Banner("content_kept", "\n".join(faults))


def _lacking(request: Request) -> Iterable[Banner]:
    who = request.scope.get("breach.signed_in")
    if isinstance(who, SignedIn) and who.enrol_before is not None and request.url.path != "/account":
        yield Banner("second_factor")


def problem_page(request: Request, status: int, sentence: str) -> HTMLResponse:
    """What happened and what to do, as a page."""
    return page(request, "problem.html", "", problem_view(status, sentence), status=status)
