"""Reporting in Slack: a slash command opens the five questions, and whoever sends them gets a number.

Slack signs what it sends. Nothing that is said there is posted anywhere: the answer is seen by whoever sent the form.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from breach_service.acts import reporting
from breach_service.acts.signing import throttling
from breach_service.domain.access import Throttled
from breach_service.domain.reports import Answers, ReportChannel, report_of_answers
from breach_service.errors import InvalidCommand
from breach_service.logs import logger
from breach_service.notify.channel import DeliveryFailed
from breach_service.notify.chat import ChatAnswer, ChatDoor
from breach_service.store.database import Session
from breach_service.web.context import Context, Here
from breach_service.web.needs import open_because
from breach_service.web.reports.slack_buttons import press
from breach_service.web.views.reporting import CHAT_FORM, chat_form, chat_thanks, chat_words

log = logger(__name__)
router = APIRouter(
    include_in_schema=False, prefix="/slack", dependencies=[open_because("Slack signs what it sends with its secret")]
)


@router.post("/commands")
async def take_command(request: Request, here: Here) -> Response:
    """Open the form for whoever gave the command; where Slack does not, a sentence that they alone see."""
    door, body = await _genuine(request, here)
    trigger = _field(body, "trigger_id")
    form = chat_form(here.language, here.renderer.gettext(here.language))
    try:
        await run_in_threadpool(door.ask, trigger, form)
    except DeliveryFailed as error:
        log.error("slack_form_not_opened", why=str(error))
        words = chat_words(here.renderer.gettext(here.language))
        return JSONResponse({"response_type": "ephemeral", "text": words["not_opened"]})
    return Response()


@router.post("/interactions")
async def take_interaction(request: Request, here: Here) -> Response:
    """Keep the report of a form that was sent; a button of ours is a link, about which nothing is to be done."""
    door, body = await _genuine(request, here)
    try:
        payload = json.loads(_field(body, "payload"))
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        raise HTTPException(422, "this is no interaction of Slack: it has no payload in JSON")
    answer = door.answer_in(payload)
    if answer is None or answer.form != CHAT_FORM:
        await run_in_threadpool(press, here, payload)
        return Response()
    return JSONResponse(await run_in_threadpool(_report, here, door, answer))


async def _genuine(request: Request, here: Context) -> tuple[ChatDoor, bytes]:
    """The way in and the body, where Slack signed it; 401 where it did not, 404 where there is no such way in."""
    if here.chat is None:
        raise HTTPException(404)
    body = await request.body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    if not here.chat.is_genuine(body, headers, here.now()):
        raise HTTPException(401, "this was not signed by Slack, or too long ago: check BREACH_SLACK_SIGNING_SECRET")
    return here.chat, body


def _field(body: bytes, name: str) -> str:
    found = parse_qs(body.decode("utf-8", "replace"), max_num_fields=100)
    return found.get(name, [""])[0]


def _report(here: Context, door: ChatDoor, answer: ChatAnswer) -> Mapping[str, object]:
    language, now = here.language, here.now()
    _ = here.renderer.gettext(language)
    counted = [(Throttled.REPORT, f"chat:{answer.person}")]
    told, original = report_of_answers(_said(answer), ReportChannel.SLACK, now)

    def work(session: Session) -> reporting.Reported | None:
        if throttling.wait_of(session, counted, now) is not None:
            return None
        done = reporting.report(session, None, told, original, here.knowledge(), here.cipher, now)
        if done.is_new:
            throttling.failed(session, counted, now)
        return done

    try:
        done = here.database.write(work)
    except InvalidCommand as error:
        wrong = "when" if answer.values.get("what", "").strip() else "what"
        return door.refusal({wrong: error.said(_)})
    if done is None:
        return door.refusal({"what": chat_words(_)["wait"]})
    link = f"{here.public_url.rstrip('/')}{reporting.STATUS_PAGE}/{done.status_token}" if done.status_token else ""
    return door.thanks(*chat_thanks(done.number, link if here.public_url else "", _))


def _said(answer: ChatAnswer) -> Answers:
    values = answer.values
    return Answers(
        what=values.get("what", ""), when=_instant(values.get("when", "")), where=values.get("where", ""),
        persons=values.get("persons", ""), done=values.get("done", ""), name=answer.name,
        contact=values.get("contact", "") or f"Slack {answer.person}",
        points_at_staff=bool(values.get("points_at_staff")), key=answer.key,
    )  # fmt: skip


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
