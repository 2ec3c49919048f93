"""The ASGI application: routes, guard, error answers."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from breach_service.domain.access import Act
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
from breach_service.web.compartments import audit_pages, compartment_api, compartment_pages
from breach_service.web.context import Context
from breach_service.web.decisions import deciding_api, deciding_glass, deciding_mandates, deciding_pages
from breach_service.web.guard import Guard
from breach_service.web.needs import Needs, OpenBecause
from breach_service.web.on_call import channel_pages, rota_api, rota_pages
from breach_service.web.people import handover_pages, leading, people_api, people_forms, people_links, people_pages
from breach_service.web.signing import account_pages, oidc, sign_in_pages
from breach_service.web.webhooks import Webhooks

MOUNTED = {
    "/webhooks": Needs(Act.SEND_ALERTS),  # each sender has a credential of its own, which the gate checks
    "/static": OpenBecause("the style sheet and the scripts of the sign-in page"),
}
"""What is no route of FastAPI, and what it asks of whoever calls it."""
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def application(context: Context, lifespan: Lifespan) -> FastAPI:
    """Assemble the application around a context."""
    app = FastAPI(
        title="breach_service",
        version=context.version,
        summary="From the first security alert to the filed notification and the informed clients.",
        openapi_url=None,  # a route of ours, which says what it needs
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.context = context
    mounted: dict[str, ASGIApp] = {"/webhooks": Webhooks(context), "/static": StaticFiles(directory=pages.STATIC)}
    app.router.routes.extend(Mount(path, app=mounted[path]) for path in MOUNTED)
    for router in (
        compartment_api.router, compartment_pages.router, audit_pages.api, audit_pages.router,
        content_api.router, content_pages.router, health.router, figures.router, merging_api.router,
        closing_api.router, noise_api.router, api.described, api.router, sources_api.router, silences_api.router,
        pages.open_router, closing_pages.router, pages.router, forms.router, sender_pages.router,
        sender_forms.router,
        mapping_pages.router, silence_pages.router, merging_pages.router, grouping_pages.router,
        grouping_pages.open_router, oidc.router, sign_in_pages.router, account_pages.router,
        deciding_api.router, deciding_glass.router, deciding_mandates.router, deciding_pages.router,
        people_api.router, people_links.router, people_pages.router, people_forms.router,
        leading.api, leading.router, handover_pages.router,
        rota_api.router, rota_pages.router, channel_pages.router,
    ):  # fmt: skip
        app.include_router(router, max_body_size=context.max_body_bytes)
    problems.install(app)
    app.add_middleware(Guard, context=context)
    return app
