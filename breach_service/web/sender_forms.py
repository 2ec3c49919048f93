"""What people post from the pages of the senders: connect one, renew its secret, release it."""

from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from breach_service.acts import expected_senders, senders
from breach_service.acts.senders import Connection, NewSource
from breach_service.domain.access import Act
from breach_service.errors import InvalidCommand, NotFound
from breach_service.rendering.recipes import Wiring, recipe, recipe_names
from breach_service.sources.credentials import AuthKind
from breach_service.sources.registry import SOURCES, source_of
from breach_service.sources.source import Source
from breach_service.store import sources
from breach_service.web import views
from breach_service.web.context import Context, Here, Who
from breach_service.web.forms import Posted, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import language_of, page, said_to
from breach_service.web.sender_pages import base_of, source_answer, sources_answer

router = APIRouter(include_in_schema=False)


@router.post("/sources", dependencies=[needs(Act.MANAGE_SOURCES)])
def connect(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Connect a sender and show its address and secret once, or show the form again with what was typed."""
    typed = {name: text_in(form, name) for name in views.CONNECTION}
    try:
        wanted = Connection(
            name=typed["name"],
            kind=kind_named(typed["kind"]).kind,
            auth=typed["auth"] or None,
            secret=typed["secret"] or None,
            header=typed["header"] or None,
            observe=timedelta() if typed["live"] else here.observe,
        )
        new = here.database.write(
            lambda session: senders.add_source(session, who.actor, wanted, here.cipher, here.now())
        )
    except (InvalidCommand, NotFound) as error:
        return sources_answer(request, here, typed, said_to(request, error), status=422)
    here.gate.renew()
    return _shown_once(request, here, new, wanted.header, is_new=True, is_given=wanted.secret is not None)


def kind_named(word: str) -> Source:
    """The kind of that word, alias or title, whichever a person typed. Raises NotFound."""
    folded = word.strip().casefold()
    titled = (one for one in SOURCES.values() if folded in (one.title.fr.casefold(), (one.title.en or "").casefold()))
    return next(titled, None) or source_of(word)


@router.post("/sources/{name}/rotate", dependencies=[needs(Act.MANAGE_SOURCES)])
def rotate(name: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Give a sender a new secret and show it once."""
    secret = text_in(form, "secret") or None
    try:
        new = here.database.write(
            lambda session: senders.rotate_source(
                session, who.actor, name, here.cipher, here.now(), secret=secret, is_forced=bool(text_in(form, "force"))
            )
        )
    except InvalidCommand as error:
        return source_answer(name, request, here, said_to(request, error), status=422)
    here.gate.renew()
    return _shown_once(request, here, new, None, is_new=False, is_given=secret is not None)


@router.post("/sources/{name}/release", dependencies=[needs(Act.MANAGE_SOURCES)])
def release(name: str, request: Request, here: Here, who: Who) -> Response:
    """End the observation of a sender."""
    try:
        here.database.write(lambda session: senders.release_source(session, who.actor, name, here.now()))
    except InvalidCommand as error:
        return source_answer(name, request, here, said_to(request, error), status=422)
    return RedirectResponse(f"/sources/{name}?done=recorded", 303)


@router.post("/sources/{name}/expected", dependencies=[needs(Act.MANAGE_SOURCES)])
def expect(name: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Say what each message of a sender must carry; a secret that is left empty stays what it was."""
    with here.database.reading() as session:
        row = sources.named(session, name)
    known = source_of(row.kind).expectations if row is not None and not text_in(form, "nothing") else ()
    given = {one.name: value for one in known if (value := text_in(form, one.name))}
    kept = frozenset(one.name for one in known if one.is_secret and one.name not in given)
    try:
        here.database.write(
            lambda session: senders.set_expected(session, who.actor, name, given, here.cipher, here.now(), kept=kept)
        )
    except InvalidCommand as error:
        return source_answer(name, request, here, said_to(request, error), status=422)
    here.gate.renew()
    return RedirectResponse(f"/sources/{name}?done=recorded", 303)


@router.post("/sources/{name}/interval", dependencies=[needs(Act.MANAGE_SOURCES)])
def expect_every(name: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Say how often a sender must be heard."""
    every = text_in(form, "every")
    try:
        here.database.write(lambda session: expected_senders.expect_every(session, who.actor, name, every, here.now()))
    except InvalidCommand as error:
        return source_answer(name, request, here, said_to(request, error), status=422)
    return RedirectResponse(f"/sources/{name}?done=recorded", 303)


@router.post("/sources/{name}/test", dependencies=[needs(Act.MANAGE_SOURCES)])
def play_test(name: str, request: Request, here: Here, who: Who) -> Response:
    """Put a test message in, in the place of a sender; it stands among its alerts a moment later."""
    try:
        here.database.write(
            lambda session: expected_senders.play_test(session, who.actor, name, here.cipher, here.now())
        )
    except InvalidCommand as error:
        return source_answer(name, request, here, said_to(request, error), status=422)
    return RedirectResponse(f"/sources/{name}?done=recorded#alerts", 303)


def _shown_once(
    request: Request, here: Context, new: NewSource, header: str | None, *, is_new: bool, is_given: bool
) -> Response:
    language, kind = language_of(request), source_of(new.kind)
    own, prefix = _header_of(new, kind)
    view = views.NewSourcePage(
        name=new.name,
        kind_title=kind.title.in_language(language),
        is_new=is_new,
        url=f"{base_of(request, here)}{new.path}",
        secret=new.secret,
        auth=str(new.auth),
        header=header or own,
        prefix=prefix,
        is_theirs=is_given,
        observed_until=new.observed_until,
        recipe=views.without_adding(views.blocks_of(_recipe_of(request, here, new, kind, is_given))),
    )
    return page(request, "source_new.html", "sources", view, status=201 if is_new else 200)


def _header_of(new: NewSource, kind: Source) -> tuple[str, str]:
    match new.auth:
        case AuthKind.HMAC:
            return kind.signings[0].header, kind.signings[0].prefix
        case AuthKind.BEARER if kind.secret_headers:
            return kind.secret_headers[0], ""
    return "", ""


def _recipe_of(request: Request, here: Context, new: NewSource, kind: Source, is_given: bool) -> str:
    directories = here.renderer.directories
    if not recipe_names(directories):
        return ""
    language = language_of(request)
    wiring = Wiring(
        new.kind, new.name, kind.title.in_language(language), base_of(request, here), new.secret, str(new.auth),
        language, is_theirs=is_given or kind.secret_is_theirs,
    )  # fmt: skip
    return recipe(directories, new.kind, wiring)
