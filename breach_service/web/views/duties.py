"""Obligations and their drafts as rows: whom, by when, why, where it stands, and what can be done about it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from breach_service.domain.assessment import Duty, ExplainedDuty, PerimeterAssessment, explained_duties
from breach_service.domain.calendar import Calendar, reg_1182_71
from breach_service.domain.deadlines import OPEN_STATES, DutyKind, Obligation, RegimeKind, Terms, state_of
from breach_service.domain.deciding import Position, approval_of
from breach_service.domain.dossier import Dossier, Filing
from breach_service.domain.drafts import Draft
from breach_service.domain.incident import ClockState, InstantKind
from breach_service.domain.inventory import Client, NoticeForm
from breach_service.domain.notice import Addressee, addressees_for
from breach_service.web.drawings import gauge
from breach_service.web.views.clocks import Span, counted_from_words, span_until
from breach_service.web.views.pieces import Badge, ContentWords, Recipient, badge_for, recipient_of

MEANS = ("portal", "mail", "registered_letter", "telephone", "hand", "other")
"""How a notice can have been sent; the values of the field `means`."""


@dataclass(frozen=True)
class ObligationRow:
    """One duty to inform one recipient. Instants in UTC."""

    id: int
    recipient: Recipient
    duty: DutyKind
    title: str
    why: str
    kind: RegimeKind
    hours: float | None
    months: int | None
    counted_from: InstantKind
    counted_from_words: str
    reference: str
    triggered_at: datetime
    badge: Badge
    css: str
    is_open: bool
    due_at: datetime | None
    left: Span | None
    other_reading_at: datetime | None
    """Under Regulation 1182/71; only where it differs from the strict date, and only for a law's own term in hours."""
    advice: Duty
    controller: str
    not_required_reason: str
    withdrawn_at: datetime | None
    filing: Filing | None
    filed_late: bool
    draft_href: str
    reasons: tuple[str, ...]
    """Why the duty is there, as sentences."""
    working_hours: float | None
    """Hours of working days, where a contract counts those; `hours` is None then."""
    form: NoticeForm
    """How the contract wants the notice to be given."""
    sent_to: str
    """The address that this form needs."""
    notifies: tuple[str, ...]
    """Whom we may notify in the client's name: `authority`, `persons`."""
    mandate_clause: str
    at_most: Terms | None
    """What we promise besides the contract's term; the one that ends first counts."""
    contacts: tuple[Addressee, ...]
    """To whom the notice goes, in order; of a client that is still to be told."""
    group: str
    """The group that the client belongs to; each of its companies is told by itself."""
    postponed_until: datetime | None
    """Until when the police or a judge asked to wait, where they did."""
    target_at: datetime | None = None
    """The date to aim at inside the term; None where there is none, or where it is done."""
    portal: str = ""
    """Where it is filed, for an office that has its own form."""
    can_be_filed: bool = False
    """True where somebody may record that it was filed."""


def obligation_rows(dossier: Dossier, content: ContentWords, language: str, now: datetime) -> tuple[ObligationRow, ...]:
    """Every obligation in the order in which a person should look at them."""
    names = {one.id: one.name for one in dossier.inventory.clients}
    return tuple(_row(one, dossier, names, content, language, now) for one in dossier.clocks(now))


def _row(
    one: Obligation, dossier: Dossier, names: Mapping[str, str], content: ContentWords, language: str, now: datetime
) -> ObligationRow:
    state = state_of(one, now)
    is_open = state in OPEN_STATES
    badge = badge_for(state, one.is_provisional, one.advice)
    regime = content.regimes.get(one.terms.regime)
    assessed = dossier.perimeter(one.perimeter)
    filing = dossier.filing_for(one)
    is_by_itself = regime is not None and (regime.is_owed_by_conditions or regime.follows is not None)
    explained, client = None if is_by_itself else _explained(one, assessed), dossier.client_of(one)
    office = content.authorities.get(one.terms.authority)
    has_draft = one.duty.has_letter and state is not ClockState.WITHDRAWN
    return ObligationRow(
        id=one.id,
        recipient=recipient_of(one, names),
        duty=one.duty,
        title=content.regime(one.terms.regime, language),
        why=regime.why.in_language(language) if regime else "",
        kind=one.terms.kind,
        hours=one.terms.hours,
        months=one.terms.months,
        counted_from=one.terms.counted_from,
        counted_from_words=counted_from_words(one.terms, regime, language),
        reference=one.terms.reference,
        triggered_at=one.triggered_at,
        badge=badge,
        css=badge.css,
        is_open=is_open,
        due_at=one.due_at,
        left=span_until(one.due_at, now) if one.due_at and is_open else None,
        other_reading_at=_other_reading(one, dossier),
        advice=one.advice,
        controller=assessed.perimeter.controller if assessed else "",
        not_required_reason=one.not_required_reason or "",
        withdrawn_at=one.withdrawn_at,
        filing=filing,
        filed_late=bool(one.fulfilled_at and one.due_at and one.fulfilled_at > one.due_at),
        draft_href=f"/incidents/{dossier.incident.reference}/drafts/{one.id}" if has_draft else "",
        reasons=explained.words(language) if explained else (),
        working_hours=one.terms.working_hours,
        form=one.terms.form,
        sent_to=one.terms.sent_to,
        notifies=one.terms.notifies,
        mandate_clause=one.terms.mandate_clause,
        at_most=one.terms.at_most,
        contacts=addressees_for(client, dossier, now) if client and is_open else (),
        group=_group_of(client, dossier) if client else "",
        postponed_until=explained.postponed.until if explained and explained.postponed else None,
        target_at=one.target_at if is_open else None,
        portal=office.portal if office is not None and is_open and not one.duty.has_letter else "",
        can_be_filed=one.duty is not DutyKind.REGISTER and state is not ClockState.WITHDRAWN,
    )


def _group_of(client: Client, dossier: Dossier) -> str:
    return next((one.name for one in dossier.inventory.groups if one.id == client.group), "")


def _explained(one: Obligation, assessed: PerimeterAssessment | None) -> ExplainedDuty | None:
    name = "clients" if one.duty is DutyKind.CLIENT else str(one.duty)
    return next((each for each in explained_duties(assessed) if each.name == name), None) if assessed else None


def _other_reading(one: Obligation, dossier: Dossier) -> datetime | None:
    if one.terms.hours is None or not one.terms.is_read_under_1182_71:
        return None
    organisation = dossier.organisation
    zone, calendar = ZoneInfo(organisation.zone), Calendar(organisation.calendar)
    due_at = reg_1182_71(one.triggered_at, one.terms.hours, zone, calendar).due_at
    return due_at if due_at != one.due_at else None


@dataclass(frozen=True)
class DraftRow:
    """One draft of an incident: how far it is, and where to open it."""

    recipient: Recipient
    subject: str
    filled: int
    total: int
    gaps: int
    gauge: Markup
    badge: Badge
    is_fulfilled: bool
    href: str
    approved_by: str = ""
    """Who released a text of it last; empty while nobody did."""
    is_approved: bool = False
    """True where it is this very text."""


def draft_rows(
    rows: Collection[ObligationRow], drafts: Mapping[int, Draft], positions: Collection[Position] = ()
) -> tuple[DraftRow, ...]:
    """The drafts of the obligations that still need or once needed a letter; `drafts` by id of the obligation."""
    approvals = {row.id: approval_of(positions, row.id) for row in rows}
    return tuple(
        DraftRow(
            recipient=row.recipient,
            subject=drafts[row.id].subject,
            filled=drafts[row.id].filled,
            total=drafts[row.id].total,
            gaps=len(drafts[row.id].gaps),
            gauge=gauge([section.is_filled for section in drafts[row.id].sections]),
            badge=row.badge,
            is_fulfilled=row.badge.code == "fulfilled",
            href=row.draft_href,
            approved_by=approval.by if (approval := approvals[row.id]) else "",
            is_approved=approval is not None and approval.value == drafts[row.id].digest,
        )
        for row in rows
        if row.id in drafts and row.draft_href
    )
