"""A person's own ways to be reached: add, prove, order, quiet hours, remove."""

from collections.abc import Callable
from datetime import time

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from breach_service.acts.on_call import contact_ways as acts
from breach_service.acts.on_call.contact_ways import NewWay, Proof, TestMessage
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act
from breach_service.domain.contact_ways import WayKind
from breach_service.errors import N_, InvalidCommand, NotFound
from breach_service.notify.channel import DeliveryFailed
from breach_service.notify.ways import WayMessage
from breach_service.web.context import Context, Here, Id, Who
from breach_service.web.forms import Posted, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import language_of, page, said_to
from breach_service.web.views import channels as views

PATH = "/account/channels"
DONE = f"{PATH}?done=recorded"

router = APIRouter(prefix=PATH, include_in_schema=False, dependencies=[needs(Act.KEEP_OWN_ACCOUNT)])


@router.get("")
def show_channels(request: Request, here: Here, who: Who) -> HTMLResponse:
    """Every way of the person who asks."""
    return _answer(request, here, who)


@router.post("")
def add_channel(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Add a way and send the code that proves it."""
    try:
        new = _new_way(form, here)
        number = here.database.write(
            lambda session: acts.add_way(session, who.actor, here.cipher, new, here.ways.hosts, here.now())
        )
    except InvalidCommand as error:
        typed = {name: text_in(form, name) for name in views.CHANNEL_FIELDS}
        return _answer(request, here, who, form=typed, error=said_to(request, error))
    if new.kind is WayKind.TELEPHONE:
        return RedirectResponse(DONE, 303)
    return _send(request, here, who, number)


@router.post("/{number}/code")
def send_code(number: Id, request: Request, here: Here, who: Who) -> Response:
    """Send the code of a way, or another one."""
    return _send(request, here, who, number)


@router.post("/{number}/proof")
def prove_channel(number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Say the code that came."""
    code = text_in(form, "code")[:40]
    proof = here.database.write(lambda session: acts.prove(session, who.actor, number, code, here.now()))
    match proof:
        case Proof.PROVEN:
            return RedirectResponse(DONE, 303)
        case Proof.WRONG:
            sentence = "this is not the code that was sent last: read it again"
        case Proof.OVER:
            sentence = "no code is awaited any more: it is valid for 15 minutes and 5 tries; ask for another"
    return _answer(request, here, who, error=sentence, about=number)


@router.post("/{number}/quiet")
def set_quiet_hours(number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Set quiet hours, and whether messages that may wake pass in them."""

    def work() -> None:
        quiet, is_wakeable = _quiet(form), bool(text_in(form, "wakeable"))
        here.database.write(lambda session: acts.change_way(session, who.actor, number, quiet, is_wakeable, here.now()))

    return _done(request, here, who, number, work)


@router.post("/{number}/move")
def move_channel(number: Id, here: Here, who: Who, form: Posted) -> Response:
    """Try a way earlier or later than the one beside it."""
    is_up = text_in(form, "direction") != "down"
    here.database.write(lambda session: acts.move_way(session, who.actor, number, is_up=is_up))
    return RedirectResponse(PATH, 303)


@router.post("/{number}/remove")
def remove_channel(number: Id, here: Here, who: Who) -> Response:
    """Remove a way."""
    here.database.write(lambda session: acts.remove_way(session, who.actor, number, here.now()))
    return RedirectResponse(DONE, 303)


def _send(request: Request, here: Context, who: SignedIn, number: int) -> Response:
    """Make a code, commit, and only then send it: the message leaves with what is known already."""
    try:
        test = here.database.write(lambda session: acts.ask_code(session, who.actor, here.cipher, number, here.now()))
        here.ways.send(test.kind, test.address, _message(request, here, test, number), here.now())
    except InvalidCommand as error:
        return _answer(request, here, who, error=said_to(request, error), about=number)
    except DeliveryFailed as error:
        return _answer(request, here, who, error=f"the code could not be sent: {error}", about=number)
    return RedirectResponse(f"{PATH}#way-{number}", 303)


def _message(request: Request, here: Context, test: TestMessage, number: int) -> WayMessage:
    _ = here.renderer.gettext(language_of(request))
    subject = _("breach_service: code %(code)s") % {"code": test.code}
    text = _("With this code you prove that messages reach you here. It is valid for 15 minutes: %(link)s")
    key = f"test:{number}:{here.now().isoformat()}"
    return WayMessage(subject, text % {"link": f"{here.public_url.rstrip('/')}{PATH}"}, key)


def _done(request: Request, here: Context, who: SignedIn, number: int, work: Callable[[], object]) -> Response:
    try:
        work()
    except InvalidCommand as error:
        return _answer(request, here, who, error=said_to(request, error), about=number)
    return RedirectResponse(DONE, 303)


def _answer(
    request: Request, here: Context, who: SignedIn, *, form: dict[str, str] | None = None, error: str = "",
    about: int = 0,
) -> HTMLResponse:  # fmt: skip
    with here.database.reading() as session:
        ways = acts.own_ways(session, who.actor)
    if about and about not in {one.id for one in ways}:
        raise NotFound(N_("you have no way number %(about)s to be reached"), about=about)
    shown = {one.id: acts.shown_address(one.kind, acts.address_of(one, here.cipher)) for one in ways}
    view = views.channels_page(ways, shown, here.ways.can, here.ways.hosts, form, error, about)
    return page(request, "channels.html", "", view, status=422 if error else 200)


def _new_way(form: FormData, here: Context) -> NewWay:
    kind = text_in(form, "kind")
    if kind not in tuple(WayKind) or not (here.ways.can(WayKind(kind)) or kind == WayKind.TELEPHONE):
        raise InvalidCommand(N_("choose how you want to be reached: this kind is not set up here"))
    return NewWay(WayKind(kind), text_in(form, "address"), _quiet(form), bool(text_in(form, "wakeable")))


def _quiet(form: FormData) -> tuple[time, time] | None:
    since, until = text_in(form, "quiet_since"), text_in(form, "quiet_until")
    if not since and not until:
        return None
    try:
        return _minute(since), _minute(until)
    except ValueError as error:
        raise InvalidCommand(N_("quiet hours need both times, such as 22:00 and 07:00, or neither")) from error


def _minute(text: str) -> time:
    return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
