"""Mails that a mail service hands on over HTTP: reports like those of the mailbox, told when the service got them.

Answered with 200 only once the mail is on disk, whether it could be understood or not: a refusal makes most services
drop it. What is no mail waits in the queue with its original.
"""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.responses import JSONResponse

from breach_service.acts import reporting
from breach_service.domain.reports import (
    MOST_BYTES,
    Acquaintance,
    Flaw,
    Posted,
    Report,
    Subscription,
    digest_of,
    posted_form,
    posted_json,
    report_of_mail,
)
from breach_service.logs import logger
from breach_service.web.context import Context, Here
from breach_service.web.needs import open_because

MOST_POSTED = MOST_BYTES * 3 // 2
"""Bytes: base64 makes a mail a third larger."""
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")

log = logger(__name__)
router = APIRouter(
    include_in_schema=False, dependencies=[open_because("the address itself is the secret of the mail service")]
)
Token = Annotated[str, Path(max_length=200)]


@router.post(reporting.MAIL_PAGE + "/{token}")
@router.post(reporting.MAIL_PAGE + "/{token}/mime")
async def take_mail(token: Token, request: Request, here: Here) -> Response:
    """Keep a mail as a report. The second address is for services that look at how it ends (Mailgun)."""
    if not await run_in_threadpool(_is_open, here, token):  # before anything of the body is read
        return JSONResponse({"title": "this address takes no mails: make a new one on the page People"}, 401)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    found: Posted | Subscription | None
    if content_type in _FORMS:
        original, found = await _of_form(request)
    else:
        original = await request.body()
        found = await run_in_threadpool(_of_body, original, content_type)
    if isinstance(found, Subscription):
        log.warning("mail_subscription_waits", open_this_address=found.url)
        return JSONResponse({"taken": False, "title": "open SubscribeURL: it stands in the log"})
    done = await run_in_threadpool(_keep, here, found, original)
    log.info("mail_taken", number=done.number, waits_because=done.waits_because, is_new=done.is_new)
    return JSONResponse({"taken": True, "number": done.number})


def _is_open(here: Context, token: str) -> bool:
    with here.database.reading() as session:
        return reporting.is_mail_open(session, token)


async def _of_form(request: Request) -> tuple[bytes, Posted | None]:
    fields: dict[str, str | bytes] = {}
    try:
        async with request.form(max_files=50, max_fields=200, max_part_size=MOST_POSTED) as form:
            for name, value in form.items():
                fields[name] = await value.read() if isinstance(value, UploadFile) else value
    except MultiPartException:
        return b"", None
    found = posted_form(fields)
    if found is not None:
        return found.raw, found
    return "\n".join(f"{name}: {value!r}" for name, value in sorted(fields.items())).encode(), None


def _of_body(body: bytes, content_type: str) -> Posted | Subscription | None:
    is_json = "json" in content_type or body.lstrip()[:1] == b"{"  # Amazon SNS says text/plain
    return posted_json(body) if is_json else Posted(body) if body.strip() else None


def _keep(here: Context, found: Posted | None, original: bytes) -> reporting.Reported:
    now, knowledge = here.now(), here.knowledge()
    told = _told(found, original, Acquaintance(knowledge.inventory, here.own_addresses), now)
    return here.database.write(
        lambda session: reporting.report(session, None, told, original, knowledge, here.cipher, now)
    )


def _told(found: Posted | None, original: bytes, known: Acquaintance, now: datetime) -> Report:
    if found is None:
        nothing = report_of_mail(b"", now, known=known)
        return replace(nothing, digest=digest_of(original), flaws=frozenset({Flaw.UNREADABLE}))
    told = report_of_mail(found.raw, now, arrived_at=found.arrived_at, known=known)
    return replace(told, digest=digest_of(original))  # of what came, where a mail was put together of its parts
