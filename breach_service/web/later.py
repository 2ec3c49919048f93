"""What need not be there for the first alert: pages and API are read while alerts are taken in already.

Reading them takes a third of a start. A sender that comes in the meantime is answered at once; a person waits for the
fraction of a second that is left.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from breach_service.web import health
from breach_service.web.context import Context

EARLY = {"/healthz": lambda context: health.healthz(), "/readyz": health.readyz}
"""Answered before the rest is there: the process answers, and its database can be read."""


class Later:
    """An application that is made in a thread from its first moment on; requests wait for it, and only for it."""

    def __init__(self, make: Callable[[], ASGIApp], context: Context) -> None:
        self._make = make
        self._context = context
        self._made: asyncio.Future[ASGIApp] | None = None

    def begin(self) -> asyncio.Future[ASGIApp]:
        """Begin to make it, once; within the loop that will serve it."""
        if self._made is None:
            self._made = asyncio.ensure_future(run_in_threadpool(self._make))
        return self._made

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as soon as there is what answers it."""
        made, early = self.begin(), EARLY.get(scope.get("path", ""))
        if early is not None and not made.done():
            answer = await run_in_threadpool(early, self._context)
            await answer(scope, receive, send)
            return
        await (await asyncio.shield(made))(scope, receive, send)


def with_lifespan(later: Later, lifespan: Callable[[Any], AbstractAsyncContextManager[None]]) -> ASGIApp:
    """The application with what runs beside it from its start to its end."""

    def beside(app: Any) -> AbstractAsyncContextManager[None]:
        later.begin()
        return lifespan(app)

    return Router(default=later, lifespan=beside)
