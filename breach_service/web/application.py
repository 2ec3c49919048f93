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
    calendar_feed,
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
from breach_service.web.clocks import clock_api, clock_pages
from breach_service.web.compartments import audit_pages, compartment_api, compartment_pages
from breach_service.web.context import Context
from breach_service.web.decisions import (
    deciding_api,
    deciding_glass,
    deciding_mandates,
    deciding_pages,
    duty_api,
    duty_pages,
)
from breach_service.web.drills import drill_api, drill_pages
from breach_service.web.guard import Guard
from breach_service.web.inventory import entry_pages, history_pages, import_pages, inventory_api, unknown_names
from breach_service.web.needs import Needs, OpenBecause
from breach_service.web.on_call import call_api, call_pages, channel_pages, rota_api, rota_pages
from breach_service.web.people import handover_pages, leading, people_api, people_forms, people_links, people_pages
from breach_service.web.playbooks import plan_pages, playbook_api, playbook_pages
from breach_service.web.providers import notice_api, notice_pages
from breach_service.web.questions import question_api, question_pages
from breach_service.web.reminders import muting
from breach_service.web.reports import (
    declare_pages,
    door_pages,
    mail_hook,
    queue_pages,
    reports_api,
    slack_routes,
)
from breach_service.web.signing import account_pages, feed_pages, oidc, sign_in_pages
from breach_service.web.webhooks import Webhooks
from breach_service.web.work import (
    evidence_api,
    evidence_pages,
    measure_api,
    measure_pages,
    review_api,
    review_pages,
)

MOUNTED = {
    "/webhooks": Needs(Act.SEND_ALERTS),  # each sender has a credential of its own, which the gate checks
    "/static": OpenBecause("the style sheet and the scripts of the sign-in page"),
}
"""What is no route of FastAPI, and what it asks of whoever calls it."""
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def application(context: Context, lifespan: Lifespan | None = None) -> FastAPI:
    """Assemble the application around a context; without a lifespan where something else has one."""
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
    # Mails with their attachments; before the pages of reports, one of whose addresses looks like this one.
    app.include_router(mail_hook.router, max_body_size=mail_hook.MOST_POSTED)
    for router in (
        compartment_api.router, compartment_pages.router, audit_pages.api, audit_pages.router,
        content_api.router, content_pages.router, health.router, figures.router, merging_api.router,
        closing_api.router, noise_api.router, api.described, api.router, sources_api.router, silences_api.router,
        pages.open_router, closing_pages.router, pages.router, forms.router, sender_pages.router,
        sender_forms.router,
        mapping_pages.router, silence_pages.router, merging_pages.router, grouping_pages.router,
        grouping_pages.open_router, oidc.router, sign_in_pages.router, account_pages.router,
        feed_pages.router, calendar_feed.router,
        deciding_api.router, deciding_glass.router, deciding_mandates.router, deciding_pages.router,
        duty_api.router, duty_pages.router,
        people_api.router, people_links.router, people_pages.router, people_forms.router,
        muting.api, muting.router,
        leading.api, leading.router, handover_pages.router, question_api.router, question_pages.router,
        rota_api.router, rota_pages.router, channel_pages.router, call_api.router, call_pages.router,
        declare_pages.router, door_pages.router, door_pages.link_router, slack_routes.router,
        queue_pages.router, reports_api.router,
        playbook_api.router, playbook_pages.router, plan_pages.router,
        notice_api.router, notice_pages.router,
        drill_api.router, drill_pages.router,
        clock_api.router, clock_pages.router,
        measure_api.router, measure_pages.router, evidence_api.router, evidence_pages.router, review_api.router,
        review_pages.router,
        unknown_names.api, unknown_names.router,
        history_pages.router, entry_pages.router, inventory_api.router,
    ):  # fmt: skip
        app.include_router(router, max_body_size=context.max_body_bytes)
    for router in (import_pages.router, inventory_api.uploads):  # a whole register is larger than an alert
        app.include_router(router, max_body_size=import_pages.MOST_UPLOADED)
    # A file is one part of a form, or base64 within JSON; what is said of it needs some room beside it.
    app.include_router(evidence_pages.uploads, max_body_size=context.max_body_bytes + context.max_evidence_bytes)
    in_base64 = context.max_body_bytes + context.max_evidence_bytes * 4 // 3
    app.include_router(evidence_api.uploads, max_body_size=in_base64)
    problems.install(app)
    app.add_middleware(Guard, context=context)
    return app
