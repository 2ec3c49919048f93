"""The list of the incidents with what is proposed for closing, and what was dismissed again and again."""

from dataclasses import replace

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from breach_service.acts import closing, noise
from breach_service.acts.closing import BulkClosing, Closing, Refused
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act
from breach_service.domain.closing import ClosingReason, proposals
from breach_service.domain.conditions import Truth
from breach_service.domain.rules import RiskInterval, RiskLevel
from breach_service.errors import N_, BreachServiceError, InvalidCommand
from breach_service.pipeline.quietening import dry_run, noise_of
from breach_service.store import closing as stored
from breach_service.store import compartments, drills, incidents, obligations
from breach_service.web import views
from breach_service.web.context import Context, Here, Who
from breach_service.web.decisions.deciding_seen import warnings_of
from breach_service.web.forms import Posted, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import language_of, may_of, page, said_to, words_of
from breach_service.web.seeing import note_shown, visibility_for

router = APIRouter(include_in_schema=False)


@router.get("/", dependencies=[needs(Act.LOOK)])
@router.get("/incidents", dependencies=[needs(Act.LOOK)])
def list_incidents(request: Request, here: Here, who: Who) -> HTMLResponse:
    """Where we stand, over all incidents."""
    return _answer(request, here, who)


@router.post("/incidents/close", dependencies=[needs(Act.QUALIFY)])
def close_many(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Close what was ticked in one act; the list is shown again with what could not be closed."""
    typed = views.TypedClosing(
        text_in(form, "reason_kind"), text_in(form, "reason"), text_in(form, "duplicate_of"), _chosen(form)
    )
    try:
        command = BulkClosing(
            list((typed.chosen or {}).values()), reason_kind(typed.kind), typed.reason, typed.duplicate_of
        )
        done = here.database.write(
            lambda session: closing.close_many(session, who.actor, command, here.knowledge(), here.now())
        )
    except InvalidCommand as error:
        return _answer(request, here, who, typed, error=said_to(request, error), status=422)
    if done.refused:
        status = 200 if done.closed else 422
        refused = tuple(
            replace(one, sentence=said_to(request, BreachServiceError(one.sentence))) for one in done.refused
        )
        return _answer(request, here, who, typed, done.closed, refused, status=status)
    return RedirectResponse("/incidents?done=recorded", 303)


def _chosen(form: FormData) -> dict[str, Closing]:
    """What was ticked, by reference: along with others, or by itself with its own reason."""
    ticked = [one for one in form.getlist("pick") if isinstance(one, str) and one]
    confirmed = [one for one in form.getlist("confirm") if isinstance(one, str) and one]
    found = {one: Closing(one) for one in ticked}
    for one in confirmed:
        kind = reason_kind(text_in(form, f"kind-{one}"))
        other = text_in(form, f"duplicate-{one}")
        found[one] = Closing(one, text_in(form, f"reason-{one}"), kind, is_confirmed=True, duplicate_of=other)
    return found


def reason_kind(word: str) -> ClosingReason | None:
    """A reason of the menu; None where none was chosen."""
    if word and word not in tuple(ClosingReason):
        raise InvalidCommand(N_("%(word)s is no reason: %(reasons)s"), word=word, reasons=list(ClosingReason))
    return ClosingReason(word) if word else None


def _answer(
    request: Request, here: Context, who: SignedIn, typed: views.TypedClosing | None = None,
    closed: tuple[str, ...] = (), refused: tuple[Refused, ...] = (), error: str = "", status: int = 200,
) -> HTMLResponse:  # fmt: skip
    knowledge, now, language, content = here.knowledge(), here.now(), language_of(request), words_of(here)
    visibility = visibility_for(who, here)
    with here.database.reading() as session:
        found = [
            views.IncidentOverview(
                one.incident,
                Truth(one.personal_data),
                RiskInterval(RiskLevel.from_word(one.risk_least), RiskLevel.from_word(one.risk_most)),
                obligations.of_incident(session, one.incident.id),
            )
            for one in incidents.summaries(session, visibility=visibility, with_drills=False)
        ]
        proposed = proposals(stored.closable(session, now, visibility), now)
        again = noise_of(session, knowledge, now, visibility=visibility)
        unseen = compartments.count_unseen(session, visibility)
        exercises = tuple(one.reference for one in drills.newest(session, visibility) if one.is_running)
    note_shown(here, who, request, (*(one.incident.reference for one in found), *exercises))
    form = views.closing_form(
        proposed, knowledge.inventory, language, may_of(request), typed, closed, refused, error
    )  # fmt: skip
    lines = tuple(views.noise_line(one, content, language) for one in again)
    view = views.incidents_page(found, knowledge.inventory, content, language, now, form, lines, unseen, exercises)
    return page(request, "incidents.html", "incidents", view, status=status, banners=warnings_of(here, request))


@router.get("/noise/{key}", dependencies=[needs(Act.LOOK_AROUND)])
def show_noise(key: str, request: Request, here: Here, who: Who) -> HTMLResponse:
    """What was dismissed again and again: the rule and the silence that would keep it quiet, tried on the last days."""
    knowledge, now, visibility = here.knowledge(), here.now(), visibility_for(who, here)
    with here.database.reading() as session:
        found = noise.proposal_by(session, key, knowledge, now, visibility=visibility)
        run = dry_run(session, found, knowledge, now, visibility)
    note_shown(here, who, request, (one.incident for one in found.dismissals))
    view = views.noise_page(found, run, words_of(here), language_of(request), now, may_of(request))
    return page(request, "noise.html", "incidents", view)


@router.post("/noise/{key}/silence", dependencies=[needs(Act.SILENCE)])
def silence_noise(key: str, here: Here, who: Who, form: Posted) -> Response:
    """Make the silence that is proposed."""
    reason = text_in(form, "reason")
    here.database.write(
        lambda session: noise.silence_noise(session, who.actor, key, reason, here.knowledge(), here.now())
    )
    return RedirectResponse("/silences?done=recorded", 303)
