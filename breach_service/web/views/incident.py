"""The page of one incident, from its dossier."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.access import Act
from breach_service.domain.deadlines import DutyKind
from breach_service.domain.dossier import Dossier
from breach_service.domain.drafts import Draft
from breach_service.domain.incident import OPEN_STATUSES, UNQUALIFIED_STATUSES, IncidentStatus
from breach_service.web.views.alerts import AlertsView, alerts_view
from breach_service.web.views.assessment import AssessmentView, assessment_view
from breach_service.web.views.awareness import NO_AWARENESS, AwarenessView
from breach_service.web.views.chronology import (
    MOST_ENTRIES,
    ChronologyLine,
    FactLine,
    chronology,
    facts_recorded,
)
from breach_service.web.views.clocks import MOST_CLOCKS, Clock, clock_of, nearest_first, qualification_clock
from breach_service.web.views.closing import ReasonChoice, reason_choices, reason_label
from breach_service.web.views.deciding import NO_DECIDING, DecidingView
from breach_service.web.views.duties import MEANS, DraftRow, ObligationRow, draft_rows, obligation_rows
from breach_service.web.views.gaps import NO_GAPS, GapsView, gaps_view
from breach_service.web.views.incidents import Standing, standing_of, system_names
from breach_service.web.views.merging import NO_MERGING, MergingView
from breach_service.web.views.moved_clocks import readings_in
from breach_service.web.views.perimeters import PerimeterCard, perimeter_cards
from breach_service.web.views.pieces import ContentWords, Recipient
from breach_service.web.views.questions import Questions, questions_of
from breach_service.web.views.seen import SeenView
from breach_service.web.views.timeline import TimelineView, timeline_view

MOST_OBLIGATIONS = 30


@dataclass(frozen=True)
class Choice:
    """An entry of a menu: an obligation with its recipient, or a perimeter with its controller."""

    value: str
    recipient: Recipient | None
    name: str
    is_chosen: bool


@dataclass(frozen=True)
class ActForms:
    """Which forms the person sees, and what can be chosen in them. All false where nothing may be done."""

    record_fact: bool
    record_awareness: bool
    add_systems: tuple[tuple[str, str], ...]
    """Id and name of each system of the inventory that is not yet part of the incident; empty where nobody may."""
    qualify: bool
    close: bool
    record_filing: bool
    decide_not_required: bool
    letters: tuple[Choice, ...]
    """The open obligations that a notice can be filed for."""
    obligations: tuple[Choice, ...]
    """Those that somebody can decide on: all open ones but the register, which knows no exception (Art. 33(5))."""
    perimeters: tuple[Choice, ...]
    means: tuple[str, ...]
    reasons: tuple[ReasonChoice, ...] = ()
    """As what it may be dismissed."""

    @property
    def any(self) -> bool:
        """True where at least one form is shown."""
        shown = (self.record_fact, self.record_awareness, bool(self.add_systems), self.qualify, self.close)
        return any((*shown, self.record_filing, self.decide_not_required))


@dataclass(frozen=True)
class IncidentPage:
    """The context variable `page` of `incident.html`. Instants in UTC."""

    reference: str
    title: str
    status: IncidentStatus
    is_open: bool
    is_unqualified: bool
    opened_by: str
    is_declared: bool
    is_muted: bool
    """True where a silenced alert or a sender under observation opened it: nobody was told."""
    detected_at: datetime
    systems: tuple[str, ...]
    standing: Standing
    sent: int
    clocks: tuple[Clock, ...]
    more: int
    questions: Questions
    timeline: TimelineView | None
    assessment: AssessmentView
    perimeters: tuple[PerimeterCard, ...]
    obligations: tuple[ObligationRow, ...]
    folded_obligations: tuple[ObligationRow, ...]
    drafts: tuple[DraftRow, ...]
    alerts: AlertsView
    seen: SeenView | None
    log: tuple[ChronologyLine, ...]
    folded_log: tuple[ChronologyLine, ...]
    facts: tuple[FactLine, ...]
    acts: ActForms
    now: datetime
    merging: MergingView = NO_MERGING
    deciding: DecidingView = NO_DECIDING
    awareness: AwarenessView = NO_AWARENESS
    closing: str = ""
    """As what it ended, in words; empty while it has not, or where nobody said so."""
    duplicate_of: str = ""
    gaps: GapsView = NO_GAPS
    """What the inventory leaves open of it."""


def incident_page(
    dossier: Dossier,
    content: ContentWords,
    drafts: Mapping[int, Draft],
    language: str,
    now: datetime,
    may: frozenset[str],
    *,
    fact: str | None = None,
    obligation: int | None = None,
    merging: MergingView = NO_MERGING,
    deciding: DecidingView = NO_DECIDING,
    awareness: AwarenessView = NO_AWARENESS,
    seen: SeenView | None = None,
) -> IncidentPage:
    """Everything about one incident.

    `drafts` by id of the obligation; `may` holds the acts allowed (values of `Act`). `fact` and `obligation` are what
    the person chose (`?fact=…`, `?obligation=…`). `seen` is what the alerts show of persons.
    """
    incident = dossier.incident
    clocks = _clocks(dossier, content, language, now)
    rows = obligation_rows(dossier, content, language, now)
    log = chronology(dossier, content, language)
    return IncidentPage(
        reference=incident.reference,
        title=incident.title,
        status=incident.status,
        is_open=incident.status in OPEN_STATUSES,
        is_unqualified=incident.status in UNQUALIFIED_STATUSES,
        opened_by=incident.opened_by.partition(":")[2] or incident.opened_by,
        is_declared=incident.opened_by.startswith("person:"),
        is_muted=incident.is_muted,
        detected_at=incident.detected_at,
        systems=system_names(incident.systems, dossier.inventory, language),
        standing=standing_of(clocks, [incident]),
        sent=sum(one.filing is not None for one in rows),
        clocks=clocks[:MOST_CLOCKS],
        more=max(len(clocks) - MOST_CLOCKS, 0),
        questions=questions_of(dossier, content, language, fact),
        timeline=timeline_view(dossier, now),
        assessment=assessment_view(dossier.assessment, content, language),
        perimeters=perimeter_cards(dossier, content, language, now),
        obligations=rows[:MOST_OBLIGATIONS],
        folded_obligations=rows[MOST_OBLIGATIONS:],
        drafts=draft_rows(rows, drafts, dossier.positions),
        alerts=alerts_view(dossier, content, language, may),
        seen=seen,
        log=log[:MOST_ENTRIES],
        folded_log=log[MOST_ENTRIES:],
        facts=facts_recorded(dossier, content, language),
        acts=_acts(dossier, rows, may, obligation, language),
        now=now,
        closing=reason_label(incident.closing_reason, language),
        duplicate_of=incident.duplicate_of,
        gaps=gaps_view(dossier, language),
        merging=merging,
        deciding=deciding,
        awareness=awareness,
    )


def _clocks(dossier: Dossier, content: ContentWords, language: str, now: datetime) -> tuple[Clock, ...]:
    """The qualification clock while it runs, and every obligation with a date; nearest first, fulfilled last."""
    incident = dossier.incident
    if incident.status not in OPEN_STATUSES and incident.status is not IncidentStatus.CLOSED:
        return ()
    names = {one.id: one.name for one in dossier.inventory.clients}
    clocks = [
        clock_of(one, incident, names, content, language, now, readings_in(dossier, one)) for one in dossier.obligations
    ]
    if incident.status in UNQUALIFIED_STATUSES:
        clocks.append(qualification_clock(incident, now))
    return nearest_first(one for one in clocks if one)


def _acts(
    dossier: Dossier, rows: tuple[ObligationRow, ...], may: frozenset[str], obligation: int | None, language: str
) -> ActForms:
    status = dossier.incident.status
    is_open = status in OPEN_STATUSES
    owed = [row for row in rows if row.is_open]
    letters = [row for row in owed if row.duty is not DutyKind.REGISTER]
    own = dossier.assessment.perimeters
    return ActForms(
        record_fact=is_open and Act.RECORD_FACT in may,
        record_awareness=is_open and Act.RECORD_AWARENESS in may,
        add_systems=tuple(
            (one.id, one.name.in_language(language))
            for one in dossier.inventory.systems
            if is_open and Act.ADD_SYSTEMS in may and one.id not in dossier.incident.systems
        ),
        qualify=is_open and Act.QUALIFY in may,
        close=status is IncidentStatus.CONFIRMED and Act.CLOSE in may,
        record_filing=bool(letters) and Act.RECORD_FILING in may,
        decide_not_required=bool(letters) and Act.DECIDE_NOT_REQUIRED in may,
        letters=tuple(Choice(str(row.id), row.recipient, row.title, row.id == obligation) for row in letters),
        obligations=tuple(Choice(str(row.id), row.recipient, row.title, row.id == obligation) for row in letters),
        perimeters=tuple(Choice(one.perimeter.key, None, one.perimeter.controller, False) for one in own)
        if len(own) > 1
        else (),
        means=MEANS,
        reasons=reason_choices(language),
    )
