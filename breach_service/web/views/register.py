"""The register of breaches (GDPR Art. 33(5)): one row per incident and controller, notified or not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.assessment import PerimeterAssessment
from breach_service.domain.conditions import NumberRange, Truth
from breach_service.domain.deadlines import DutyKind, state_of
from breach_service.domain.dossier import Dossier
from breach_service.domain.incident import ClockState, IncidentStatus, InstantKind, instants_for
from breach_service.domain.inventory import Role
from breach_service.domain.measures import Measure
from breach_service.domain.rules import Loss
from breach_service.web.views.deciding import QuestionRow, question_rows
from breach_service.web.views.perimeters import DataTag, data_tags
from breach_service.web.views.pieces import Badge, ContentWords, Risk, badge_for, risk_of


@dataclass(frozen=True)
class NoticeLine:
    """What was decided for one recipient: sent (when, how), due, or not required with the reason."""

    duty: DutyKind
    badge: Badge
    sent_at: datetime | None
    means: str
    receipt: str
    due_at: datetime | None
    reason: str


@dataclass(frozen=True)
class RegisterRow:
    """One breach under one controller. Instants in UTC, None while nobody recorded them."""

    reference: str
    title: str
    status: IncidentStatus
    role: Role
    controller: str
    occurred_at: datetime | None
    detected_at: datetime
    aware_at: datetime | None
    aware_reason: str
    losses: tuple[Loss, ...]
    data: tuple[DataTag, ...]
    persons: NumberRange | None
    risk: Risk
    notices: tuple[NoticeLine, ...]
    measures: tuple[Measure, ...] = ()
    """What was done about it and what is planned, of this controller's part."""
    divergences: tuple[QuestionRow, ...] = ()
    """Where what was decided is not what the data protection officer advised."""


@dataclass(frozen=True)
class RegisterPage:
    """The context variable `page` of `register.html`."""

    rows: tuple[RegisterRow, ...]
    incidents: int
    undecided: int
    """Open incidents that are not qualified yet and may still enter the register."""
    now: datetime
    unseen: int = 0
    """Restricted incidents that the reader does not see."""


def register_page(
    dossiers: Iterable[Dossier], content: ContentWords, language: str, now: datetime, unseen: int = 0
) -> RegisterPage:
    """Every confirmed breach of personal data, newest first; what was dismissed stays in the incident log."""
    known = sorted(dossiers, key=lambda one: one.incident.detected_at, reverse=True)
    rows = tuple(row for one in known for row in _rows(one, content, language, now))
    return RegisterPage(
        rows=rows,
        incidents=len({row.reference for row in rows}),
        undecided=sum(one.incident.status in (IncidentStatus.SUSPECTED, IncidentStatus.ASSESSING) for one in known),
        now=now,
        unseen=unseen,
    )


def _rows(dossier: Dossier, content: ContentWords, language: str, now: datetime) -> Iterator[RegisterRow]:
    if dossier.incident.status not in (IncidentStatus.CONFIRMED, IncidentStatus.CLOSED):
        return
    for assessed in dossier.assessment.perimeters:
        if assessed.is_breach is not Truth.NO:
            yield _row(assessed, dossier, content, language, now)


def _row(
    assessed: PerimeterAssessment, dossier: Dossier, content: ContentWords, language: str, now: datetime
) -> RegisterRow:
    incident, perimeter = dossier.incident, assessed.perimeter
    instants = instants_for(perimeter.key, dossier.instants)
    occurred, aware = instants.get(InstantKind.OCCURRED_AT), instants.get(InstantKind.AWARE_AT)
    return RegisterRow(
        reference=incident.reference,
        title=incident.title,
        status=incident.status,
        role=perimeter.our_role,
        controller=perimeter.controller,
        occurred_at=occurred.at if occurred else None,
        detected_at=incident.detected_at,
        aware_at=aware.at if aware else None,
        aware_reason=aware.reason if aware else "",
        losses=tuple(loss for loss, truth in assessed.losses.items() if truth is Truth.YES),
        data=tuple(data_tags(assessed, dossier, content, language)),
        persons=assessed.number_of_persons,
        risk=risk_of(assessed.risk),
        notices=tuple(_notices(perimeter.key, dossier, now)),
        measures=tuple(one for one in dossier.measures if one.is_of(perimeter.key)),
        divergences=tuple(one for one in question_rows(dossier, perimeter.key) if one.diverges),
    )


def _notices(key: str, dossier: Dossier, now: datetime) -> Iterator[NoticeLine]:
    for one in dossier.clocks(now):
        state = state_of(one, now)
        if one.perimeter != key or one.duty is DutyKind.REGISTER or state is ClockState.WITHDRAWN:
            continue
        filing = dossier.filing_for(one)
        yield NoticeLine(
            duty=one.duty,
            badge=badge_for(state, one.is_provisional, one.advice),
            sent_at=filing.sent_at if filing else one.fulfilled_at,
            means=filing.means if filing else "",
            receipt=filing.receipt if filing else "",
            due_at=one.due_at,
            reason=one.not_required_reason or "",
        )
