"""A refused form comes back as the page that it stood on, with what was typed and the sentence that says what is wrong.

Which page that is, the browser says (Referer: our own pages send it to us alone), or a field of the form where the
page was shown again before.
"""

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse
from markupsafe import escape
from starlette.datastructures import FormData

from breach_service.errors import N_
from breach_service.web.context import context_of
from breach_service.web.refill import PAGE_FIELD, refilled
from breach_service.web.rendered import language_of

OF_THE_CONNECTION = ("type", "asgi", "http_version", "scheme", "server", "client")
NOTHING_RECORDED = N_("Nothing was recorded.")


async def shown_again(request: Request, status: int, sentence: str) -> HTMLResponse | None:
    """The page of the form, filled in as it was sent; None where there is no such page or it has no such form."""
    form: FormData | None = getattr(request, "_form", None)
    if request.method != "POST" or form is None:
        return None
    page = _page_of(request, form)
    html = await _look_at(request, page) if page else None
    if html is None:
        return None
    typed: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            typed.setdefault(name, []).append(value)
    nothing = context_of(request).renderer.gettext(language_of(request))(NOTHING_RECORDED)
    fault = f'<p class="banner" role="alert"><span><strong>{escape(nothing)}</strong> {escape(sentence)}</span></p>'
    again = refilled(html, request.url.path, typed, fault, page)
    return None if again is None else HTMLResponse(again, status, {"cache-control": "no-store"})


def _page_of(request: Request, form: FormData) -> str:
    """The address of the page on which the form stood, without what it announced; empty where that is not known."""
    told = form.get(PAGE_FIELD)
    if not isinstance(told, str):
        came_from = urlsplit(request.headers.get("referer", ""))
        if came_from.netloc != request.url.netloc:
            return ""
        told = f"{came_from.path}?{came_from.query}"
    parts = urlsplit(told)
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or parts.path.startswith("/api/"):
        return ""
    query = urlencode([one for one in parse_qsl(parts.query, keep_blank_values=True) if one[0] != "done"])
    return f"{parts.path}?{query}" if query else parts.path


async def _look_at(request: Request, page: str) -> str | None:
    """The page as whoever sent the form sees it now; asked for through the guard, as they would."""
    parts = urlsplit(page)
    scope: MutableMapping[str, Any] = {
        **{name: request.scope[name] for name in OF_THE_CONNECTION if name in request.scope},
        "method": "GET", "path": parts.path, "raw_path": parts.path.encode(), "root_path": "",
        "query_string": parts.query.encode(), "state": dict(request.scope.get("state", {})),
        "headers": [one for one in request.scope["headers"] if one[0] in (b"cookie", b"host", b"accept-language")],
    }  # fmt: skip
    status, kind, body = 0, "", b""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal status, kind, body
        if message["type"] == "http.response.start":
            status = message["status"]
            kind = dict(message["headers"]).get(b"content-type", b"").decode()
        else:
            body += message.get("body", b"")

    await request.app(scope, receive, send)
    return body.decode() if status == 200 and kind.startswith("text/html") else None
