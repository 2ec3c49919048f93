"""View models: pure functions from domain values, `now` and a language to frozen values that templates print.

Each page has one function, named after its template: `incident_page(…)` makes the context variable `page` of
`incident.html`. Templates decide nothing and reckon nothing; they choose words by the codes that stand here.
"""

from breach_service.web.views.draft import draft_page
from breach_service.web.views.forms import DECLARATION, DemoAccount, declare_page, problem_page, sign_in_page
from breach_service.web.views.frame import Banner, Frame, frame_for
from breach_service.web.views.incident import incident_page
from breach_service.web.views.incidents import IncidentOverview, incidents_page
from breach_service.web.views.inventory import inventory_page
from breach_service.web.views.pieces import ContentWords
from breach_service.web.views.questions import WhatIf
from breach_service.web.views.register import register_page
from breach_service.web.views.senders import quarantine_item_page, quarantine_page, sources_page

__all__ = [
    "DECLARATION",
    "Banner",
    "ContentWords",
    "DemoAccount",
    "Frame",
    "IncidentOverview",
    "WhatIf",
    "declare_page",
    "draft_page",
    "frame_for",
    "incident_page",
    "incidents_page",
    "inventory_page",
    "problem_page",
    "quarantine_item_page",
    "quarantine_page",
    "register_page",
    "sign_in_page",
    "sources_page",
]
