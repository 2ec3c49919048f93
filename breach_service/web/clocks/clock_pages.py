"""The page of the clocks of an incident, and what people post from it."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from breach_service.acts.clocks import delays, proposing, recording, settling
from breach_service.acts.clocks.proposing import Wish
from breach_service.acts.clocks.recording import Moving
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act
from breach_service.domain.incident import InstantKind
from breach_service.domain.moving import Move
from breach_service.errors import N_, InvalidCommand
from breach_service.store.database import Session
from breach_service.web.clocks.clocks_seen import person_of
from breach_service.web.context import Context, Here, Id, Who
from breach_service.web.decisions.deciding_seen import deciding_of
from breach_service.web.forms import Posted, instant_in, needed_instant, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import language_of, page, said_to, words_of, zone_of
from breach_service.web.seeing import seen_dossier
from breach_service.web.views.moved_clocks import clocks_page

router = APIRouter(include_in_schema=False)
FIELDS = ("kind", "perimeter", "at", "move", "obligation", "reason")


@router.get("/incidents/{reference}/clocks", dependencies=[needs(Act.LOOK)])
def show_clocks(reference: str, request: Request, here: Here, who: Who) -> HTMLResponse:
    """Every clock with its readings, every instant with its history, and what is proposed."""
    return _page(reference, request, here, who)


@router.post("/incidents/{reference}/clocks", dependencies=[needs(Act.RECORD_AWARENESS)])
def record_instant(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Record an instant: it starts a clock or moves it earlier."""

    def work(session: Session) -> None:
        at = needed_instant(form, "at", zone_of(here))
        command = Moving(_kind_in(form), at, text_in(form, "reason"), text_in(form, "perimeter"))
        recording.move(session, who.actor, reference, command, here.knowledge(), here.now())

    return _done(reference, request, here, who, form, "record", work)


@router.post("/incidents/{reference}/clocks/proposals", dependencies=[needs(Act.DECIDE_NOT_REQUIRED)])
def propose(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Propose a later instant, take one back, or stop a clock."""

    def work(session: Session) -> None:
        wish = _wish_in(form, zone_of(here))
        proposing.propose(session, who.actor, reference, wish, here.knowledge(), here.now())

    return _done(reference, request, here, who, form, text_in(form, "move"), work)


@router.post("/incidents/{reference}/clocks/proposals/{number}/confirm", dependencies=[needs(Act.RECORD_AWARENESS)])
def confirm(reference: str, number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Agree to a proposal as the second person."""
    reason = text_in(form, "reason")
    return _done(
        reference, request, here, who, form, f"answer-{number}",
        lambda session: settling.confirm(
            session, who.actor, reference, number, reason, here.knowledge(), here.now()
        ),
    )  # fmt: skip


@router.post("/incidents/{reference}/clocks/proposals/{number}/decline", dependencies=[needs(Act.RECORD_AWARENESS)])
def decline(reference: str, number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Refuse a proposal as the second person, with the reason."""
    reason = text_in(form, "reason")
    return _done(
        reference, request, here, who, form, f"answer-{number}",
        lambda session: settling.decline(session, who.actor, reference, number, reason, here.now()),
    )  # fmt: skip


@router.post("/incidents/{reference}/clocks/proposals/{number}/withdraw", dependencies=[needs(Act.DECIDE_NOT_REQUIRED)])
def withdraw(reference: str, number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Take one's own proposal back."""
    reason = text_in(form, "reason")
    return _done(
        reference, request, here, who, form, f"answer-{number}",
        lambda session: settling.withdraw(session, who.actor, reference, number, reason, here.now()),
    )  # fmt: skip


@router.post("/incidents/{reference}/obligations/{obligation}/delay", dependencies=[needs(Act.RECORD_FACT)])
def explain_delay(reference: str, obligation: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Say why a notice is late."""
    reason = text_in(form, "reason")
    return _done(
        reference, request, here, who, form, f"delay-{obligation}",
        lambda session: delays.explain_delay(session, who.actor, reference, obligation, reason, here.now()),
    )  # fmt: skip


def _kind_in(form: FormData) -> InstantKind:
    kind = text_in(form, "kind")
    if kind not in tuple(InstantKind):
        raise InvalidCommand(N_("say which instant it is"))
    return InstantKind(kind)


def _wish_in(form: FormData, zone: str) -> Wish:
    move, reason = text_in(form, "move"), text_in(form, "reason")
    if move == Move.STOP:
        number = text_in(form, "obligation")
        if not number.isdecimal() or len(number) > 18:
            raise InvalidCommand(N_("choose the clock that is to be stopped"))
        return Wish(Move.STOP, reason, obligation=int(number))
    if move not in (Move.LATER, Move.TAKE_BACK):
        raise InvalidCommand(N_("say what is wanted: a later instant, one that is taken back, or a stopped clock"))
    at = instant_in(form, "at", zone) if move == Move.LATER else None
    return Wish(Move(move), reason, _kind_in(form), at, text_in(form, "perimeter"))


def _done(
    reference: str, request: Request, here: Context, who: SignedIn, form: FormData, act: str,
    work: Callable[[Session], object],
) -> Response:  # fmt: skip
    """The page again: with what was recorded, or with what is wrong and what was typed."""
    try:
        here.database.write(work)
    except InvalidCommand as error:
        typed = {"act": act, **{name: text_in(form, name) for name in FIELDS}}
        return _page(reference, request, here, who, said_to(request, error), typed, 422)
    return RedirectResponse(f"/incidents/{reference}/clocks?done=recorded", 303)


def _page(
    reference: str, request: Request, here: Context, who: SignedIn, error: str = "",
    typed: dict[str, str] | None = None, status: int = 200,
) -> HTMLResponse:  # fmt: skip
    dossier = seen_dossier(here, who, request, reference)
    _, may = deciding_of(here, who, dossier)
    view = clocks_page(
        dossier, words_of(here), language_of(request), here.now(), may, person_of(who),
        error, typed,
    )  # fmt: skip
    path = "" if request.method == "GET" else f"/incidents/{dossier.incident.reference}/clocks"
    return page(request, "clocks.html", "incidents", view, status=status, path=path)
