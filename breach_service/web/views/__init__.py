"""View models: pure functions from domain values, `now` and a language to frozen values that templates print.

Each page has one function, named after its template: `incident_page(…)` makes the context variable `page` of
`incident.html`. Templates decide nothing and reckon nothing; they choose words by the codes that stand here.
"""

from breach_service.web.views.account import (
    AccountPage,
    CalendarLine,
    CalendarsPage,
    PasskeyLine,
    SessionLine,
    recovery_page,
    second_step_page,
    totp_view,
)
from breach_service.web.views.closing import (
    ClosingForm,
    TypedClosing,
    closing_form,
    noise_line,
    noise_page,
    reason_choices,
)
from breach_service.web.views.content import ContentPage, content_page
from breach_service.web.views.draft import draft_page
from breach_service.web.views.forms import DECLARATION, DemoAccount, declare_page, problem_page, sign_in_page
from breach_service.web.views.frame import Banner, Frame, frame_for
from breach_service.web.views.grouping import DAYS as TRIAL_DAYS
from breach_service.web.views.grouping import USUAL_DAYS, grouping_page
from breach_service.web.views.incident import incident_page
from breach_service.web.views.incidents import IncidentOverview, incidents_page
from breach_service.web.views.inventory import inventory_page
from breach_service.web.views.mapping import MAPPING_FIELDS, Sample, document_of, mapping_page, typed_from
from breach_service.web.views.merging import MergingView, is_waiting, merging_view
from breach_service.web.views.one_sender import (
    NewSourcePage,
    SourcePage,
    expected_here,
    noise_of,
    observation_of,
    source_page,
)
from breach_service.web.views.pieces import ContentWords
from breach_service.web.views.recipes import blocks_of, without_adding
from breach_service.web.views.register import register_page
from breach_service.web.views.seen import SeenView, seen_view
from breach_service.web.views.senders import (
    CONNECTION,
    KindChoice,
    connect_form,
    quarantine_item_page,
    quarantine_page,
    source_row,
    sources_page,
)
from breach_service.web.views.silences import (
    SILENCE_FIELDS,
    SilencesPage,
    silence_form,
    silences_page,
    typed_from_alert,
)

__all__ = [
    "CONNECTION",
    "DECLARATION",
    "MAPPING_FIELDS",
    "SILENCE_FIELDS",
    "TRIAL_DAYS",
    "USUAL_DAYS",
    "AccountPage",
    "Banner",
    "CalendarLine",
    "CalendarsPage",
    "ClosingForm",
    "ContentPage",
    "ContentWords",
    "DemoAccount",
    "Frame",
    "IncidentOverview",
    "KindChoice",
    "MergingView",
    "NewSourcePage",
    "PasskeyLine",
    "Sample",
    "SeenView",
    "SessionLine",
    "SilencesPage",
    "SourcePage",
    "TypedClosing",
    "blocks_of",
    "closing_form",
    "connect_form",
    "content_page",
    "declare_page",
    "document_of",
    "draft_page",
    "expected_here",
    "frame_for",
    "grouping_page",
    "incident_page",
    "incidents_page",
    "inventory_page",
    "is_waiting",
    "mapping_page",
    "merging_view",
    "noise_line",
    "noise_of",
    "noise_page",
    "observation_of",
    "problem_page",
    "quarantine_item_page",
    "quarantine_page",
    "reason_choices",
    "recovery_page",
    "register_page",
    "second_step_page",
    "seen_view",
    "sign_in_page",
    "silence_form",
    "silences_page",
    "source_page",
    "source_row",
    "sources_page",
    "totp_view",
    "typed_from",
    "typed_from_alert",
    "without_adding",
]
