"""Errors as answers: what is wrong and what to do, as a page for people and as RFC 9457 JSON for programs."""

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from breach_service.acts.signing.signing_in import SignedIn
from breach_service.errors import (
    N_,
    BacklogFull,
    BreachServiceError,
    ContentError,
    InvalidCommand,
    NoLongerIn,
    NotAllowed,
    NotAudited,
    NotFound,
    NotSeen,
    UnreadablePayload,
)
from breach_service.logs import logger
from breach_service.store.database import DatabaseError, is_connection_lost
from breach_service.web.context import SAFE_METHODS, context_of
from breach_service.web.guard import RETRY_SOON, SECURITY_HEADERS
from breach_service.web.refused import shown_again
from breach_service.web.rendered import problem_page, said_to
from breach_service.web.seeing import note_denied

STATUS: dict[type[BreachServiceError], int] = {
    NotFound: 404,
    NotAudited: 503,
    NoLongerIn: 401,
    NotAllowed: 403,
    InvalidCommand: 422,
    UnreadablePayload: 422,
    BacklogFull: 503,
    ContentError: 500,
}
MEDIA_TYPE = "application/problem+json"

MISTAKE = (
    "le service a commis une erreur : rien de cet acte n’a été enregistré",
    "the service made a mistake: nothing of this act was recorded",
)
MISTAKE_IN_SHOWING = (
    "le service a commis une erreur en préparant cette page : ce qui a été consigné le reste, ne le ressaisissez pas ; "
    "prévenez l’exploitant",
    "the service made a mistake in drawing up this page: what was recorded stays recorded, do not enter it again; "
    "tell the operator",
)
DATABASE_AWAY = (
    "la base de données est injoignable : réessayez dans un instant",
    "the database cannot be used now: try again in a moment",
)

OF_THE_FRAMEWORK = (N_("Not Found"), N_("Method Not Allowed"))
"""What Starlette says where there is no route."""

log = logger(__name__)


def _is_program(request: Request) -> bool:
    return request.url.path.startswith("/api/")


def problem(request: Request, status: int, sentence: str) -> Response:
    """The answer in the form that the asker reads."""
    if _is_program(request):
        return JSONResponse({"title": sentence, "status": status}, status, media_type=MEDIA_TYPE)
    return problem_page(request, status, sentence)


def bare_problem(request: Request, status: int, said: tuple[str, str], headers: dict[str, str]) -> Response:
    """The answer where no page can be made, since a page reads the database: in French and in English for people."""
    french, english = said
    if _is_program(request):
        return JSONResponse({"title": english, "status": status}, status, headers, media_type=MEDIA_TYPE)
    return PlainTextResponse(f"{french}\n{english}\n", status, headers)


def sentence_of(error: RequestValidationError) -> str:
    """What is wrong with which field, one after the other."""
    return "; ".join(f"{_field_of(one)}: {one['msg'].removeprefix('Value error, ')}" for one in error.errors())


def _field_of(fault: dict[str, Any]) -> str:
    is_about_all = fault["type"] == "json_invalid" or len(fault["loc"]) < 2
    return "the body" if is_about_all else ".".join(map(str, fault["loc"][1:]))


async def _refused(request: Request, error: BreachServiceError) -> Response:
    if isinstance(error, InvalidCommand) and not _is_program(request):
        again = await shown_again(request, STATUS[InvalidCommand], said_to(request, error))
        if again is not None:
            return again
    return await run_in_threadpool(_answer_to, request, error)


def _answer_to(request: Request, error: BreachServiceError) -> Response:
    who = request.scope.get("breach.signed_in")
    if isinstance(error, NotSeen) and isinstance(who, SignedIn):
        note_denied(context_of(request), who, request, error)
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    return problem(request, status, str(error) if _is_program(request) else said_to(request, error))


async def _unreadable(request: Request, error: RequestValidationError) -> Response:
    if _is_program(request):
        return problem(request, 422, sentence_of(error))
    names = ", ".join(dict.fromkeys(map(_field_of, error.errors())))
    said = said_to(request, InvalidCommand(N_("this cannot be read: %(names)s"), names=names))
    again: Response | None = await shown_again(request, 422, said)
    return again if again is not None else await run_in_threadpool(problem, request, 422, said)


def install(app: FastAPI) -> None:
    """Put the handlers on."""

    app.exception_handler(BreachServiceError)(_refused)
    app.exception_handler(RequestValidationError)(_unreadable)

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        detail = str(error.detail)
        said = detail if _is_program(request) else said_to(request, BreachServiceError(detail))
        answer = problem(request, error.status_code, said)
        answer.headers.update(error.headers or {})  # a 405 says which methods there are
        return answer

    @app.exception_handler(DatabaseError)
    def _database(request: Request, error: DatabaseError) -> Response:
        if not is_connection_lost(error):
            raise error
        log.error("database_lost", path=request.url.path, error=type(error).__name__)
        return bare_problem(request, 503, DATABASE_AWAY, RETRY_SOON)

    @app.exception_handler(Exception)
    def _unexpected(request: Request, _error: Exception) -> Response:
        # Sent from outside the guard, and raised again afterwards: the server writes it down with its traceback.
        headers = {name.decode(): value.decode() for name, value in SECURITY_HEADERS}
        is_looking = request.method in SAFE_METHODS
        return bare_problem(request, 500, MISTAKE_IN_SHOWING if is_looking else MISTAKE, headers)
