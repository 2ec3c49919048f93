"""The pages of what providers tell us: take a notice down, look at it, send our questions, write answers down."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from breach_service.acts import providers as acts
from breach_service.acts.providers import Asking, ProviderAnswer, ProviderTold
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act
from breach_service.domain.providers import NoticeChannel
from breach_service.errors import N_, InvalidCommand
from breach_service.pipeline.drafting import letter_to_provider, questions_to
from breach_service.store import provider_notices
from breach_service.web.context import Context, Here, Id, Who
from breach_service.web.forms import Posted, instant_in, needed_instant, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import language_of, may_of, page, said_to, words_of, zone_of
from breach_service.web.seeing import note_shown, seen_dossier, visibility_for
from breach_service.web.views.provider_notices import (
    PROVIDER_NOTICE,
    provider_form,
    provider_notice_page,
    provider_notices_page,
)

router = APIRouter(include_in_schema=False)
PAGE = "/providers/notices"


@router.get(PAGE, dependencies=[needs(Act.LOOK)])
def list_notices(request: Request, here: Here, who: Who) -> HTMLResponse:
    """What providers told us, the latest first, and the form that takes a notice down."""
    return _answer(request, here, who)


@router.post(PAGE, dependencies=[needs(Act.DECLARE)])
def post_notice(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Take a notice down; the form is shown again with what was typed where it could not be taken."""
    typed = {name: text_in(form, name) for name in PROVIDER_NOTICE}
    chosen = tuple(one for one in form.getlist("systems") if isinstance(one, str) and one)
    try:
        command = ProviderTold(
            provider=typed["provider"],
            received_at=needed_instant(form, "received_at", zone_of(here)),
            said=typed["said"],
            channel=channel_of(typed["channel"] or NoticeChannel.MAIL),
            systems=chosen,
            reference=typed["reference"],
            incident=typed["incident"].upper(),
        )
        done = here.database.write(
            lambda session: acts.record_provider_notice(session, who.actor, command, here.knowledge(), here.now())
        )
    except InvalidCommand as error:
        return _answer(request, here, who, typed, chosen, said_to(request, error), 422)
    return RedirectResponse(f"{PAGE}/{done.number}?done=declared", 303)


def channel_of(word: str) -> NoticeChannel:
    """By which way a notice came."""
    if word not in tuple(NoticeChannel):
        raise InvalidCommand(N_("%(word)s is no way a notice comes: %(ways)s"), word=word, ways=list(NoticeChannel))
    return NoticeChannel(word)


@router.get(PAGE + "/{number}", dependencies=[needs(Act.LOOK)])
def show_notice(number: Id, request: Request, here: Here, who: Who) -> HTMLResponse:
    """One notice: what it was asked, what it answered, and the letter that asks the rest."""
    knowledge, now, language = here.knowledge(), here.now(), language_of(request)
    with here.database.reading() as session:
        notice = provider_notices.one(session, number, visibility_for(who, here))
    dossier = seen_dossier(here, who, request, notice.incident)
    letter = letter_to_provider(dossier, notice, None, knowledge, here.renderer, now)
    asked = {one.fact for one in notice.questions}
    to_ask = sum(one not in asked for one in questions_to(dossier, notice, knowledge))
    view = provider_notice_page(
        notice, dossier, letter, to_ask, words_of(here), knowledge.inventory, language, may_of(request), now
    )
    return page(request, "provider_notice.html", "providers", view)


@router.post(PAGE + "/{number}/asked", dependencies=[needs(Act.RECORD_FACT)])
def post_asked(number: Id, here: Here, who: Who, form: Posted) -> Response:
    """Say that the letter was sent: from then on the provider owes an answer."""
    command = Asking(needed_instant(form, "sent_at", zone_of(here)), text_in(form, "means"))
    here.database.write(
        lambda session: acts.ask_provider(session, who.actor, number, command, here.knowledge(), here.now())
    )
    return RedirectResponse(f"{PAGE}/{number}?done=recorded", 303)


@router.post(PAGE + "/{number}/answers", dependencies=[needs(Act.RECORD_FACT)])
def post_answer(number: Id, here: Here, who: Who, form: Posted) -> Response:
    """Write an answer of the provider down."""
    command = ProviderAnswer(
        text_in(form, "fact"), _raw(form, here), text_in(form, "note"), instant_in(form, "answered_at", zone_of(here))
    )
    here.database.write(
        lambda session: acts.record_provider_answer(session, who.actor, number, command, here.knowledge(), here.now())
    )
    return RedirectResponse(f"{PAGE}/{number}?done=recorded#questions", 303)


def _raw(form: FormData, here: Context) -> object:
    """What was answered, as the type of the fact takes it; nothing given is not known."""
    values = [one for one in form.getlist("value") if isinstance(one, str) and one]
    least, most = text_in(form, "at_least"), text_in(form, "at_most")
    if least or most:
        return {"at_least": least, "at_most": most}
    known = here.knowledge().catalogue.facts.get(text_in(form, "fact"))
    if known is not None and known.type == "set":
        return values or None
    return next(iter(values), None)


def _answer(
    request: Request, here: Context, who: SignedIn, typed: dict[str, str] | None = None,
    chosen: tuple[str, ...] = (), error: str = "", status: int = 200,
) -> HTMLResponse:  # fmt: skip
    language, inventory = language_of(request), here.knowledge().inventory
    with here.database.reading() as session:
        found = provider_notices.newest(session, visibility_for(who, here))
    note_shown(here, who, request, (one.incident for one in found))
    form = provider_form(inventory, language, typed, chosen, error)
    view = provider_notices_page(found, form, inventory, language, may_of(request), here.now())
    return page(request, "provider_notices.html", "providers", view, status=status)
