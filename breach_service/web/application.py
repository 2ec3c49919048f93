"""The ASGI application: routes, guard, error answers."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from breach_service.web import (
    api,
    closing_api,
    closing_pages,
    content_api,
    content_pages,
    figures,
    forms,
    grouping_pages,
    health,
    mapping_pages,
    merging_api,
    merging_pages,
    noise_api,
    pages,
    problems,
    sender_forms,
    sender_pages,
    silence_pages,
    silences_api,
    sources_api,
)
from breach_service.web.context import Context
from breach_service.web.guard import Guard
from breach_service.web.webhooks import Webhooks

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def application(context: Context, lifespan: Lifespan) -> FastAPI:
    """Assemble the application around a context."""
    app = FastAPI(
        title="breach_service",
        version=context.version,
        summary="From the first security alert to the filed notification and the informed clients.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.context = context
    app.router.routes.append(Mount("/webhooks", app=Webhooks(context)))
    app.router.routes.append(Mount("/static", app=StaticFiles(directory=pages.STATIC)))
    for router in (
        content_api.router, content_pages.router, health.router, figures.router, merging_api.router,
        closing_api.router, noise_api.router, api.router, sources_api.router, silences_api.router, pages.open_router,
        closing_pages.router, pages.router, forms.router, sender_pages.router, sender_forms.router,
        mapping_pages.router, silence_pages.router, merging_pages.router, grouping_pages.router,
        grouping_pages.open_router,
    ):  # fmt: skip
        app.include_router(router, max_body_size=context.max_body_bytes)
    problems.install(app)
    app.add_middleware(Guard, context=context)
    return app
