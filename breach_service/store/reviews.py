"""Reviews after incidents: each saving a row of its own, and which incidents still wait for theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Exists, and_, exists
from sqlmodel import Session, col, func, or_, select

from breach_service.domain.deadlines import DutyKind
from breach_service.domain.incident import IncidentStatus
from breach_service.domain.review import Review, ReviewText
from breach_service.store.sight import FULL, Visibility
from breach_service.store.tables import IncidentRow, ObligationRow
from breach_service.store.work_tables import ReviewRow


def revisions_of(session: Session, incident_id: int) -> tuple[Review, ...]:
    """Every revision of the review of an incident, oldest first."""
    rows = session.exec(
        select(ReviewRow).where(ReviewRow.incident_id == incident_id).order_by(col(ReviewRow.revision))
    )  # fmt: skip
    return tuple(map(_review, rows))


def latest_of(session: Session, incident_id: int) -> Review | None:
    """The review of an incident as it stands; None where nobody began it."""
    row = session.exec(
        select(ReviewRow).where(ReviewRow.incident_id == incident_id).order_by(col(ReviewRow.revision).desc()).limit(1)
    ).first()
    return None if row is None else _review(row)


def add(session: Session, incident_id: int, new: Review) -> None:
    """Keep a revision."""
    text = new.text
    session.add(
        ReviewRow(
            incident_id=incident_id, revision=new.revision, what_happened=text.what_happened,
            went_well=text.went_well, went_badly=text.went_badly, causes=text.causes, to_change=text.to_change,
            participants=list(text.participants), is_closed=new.is_closed, reason=new.reason, at=new.at, by=new.by,
        )
    )  # fmt: skip
    session.flush()


@dataclass(frozen=True)
class AwaitedReview:
    """An incident that is closed or handled and whose review is not closed yet. Instants in UTC."""

    reference: str
    title: str
    ended_at: datetime | None
    """None where it is handled and not closed."""
    begun_at: datetime | None
    """When its review was saved last; None where nobody began it."""


def awaited(session: Session, visibility: Visibility = FULL, most: int = 200) -> Sequence[AwaitedReview]:
    """The incidents that are seen and wait for the end of their review, the one that ended first at the top."""
    newest = select(func.max(ReviewRow.revision)).where(ReviewRow.incident_id == IncidentRow.id)
    latest = and_(
        col(ReviewRow.incident_id) == IncidentRow.id,
        col(ReviewRow.revision) == newest.correlate(IncidentRow).scalar_subquery(),
    )
    is_handled = or_(
        col(IncidentRow.status) == IncidentStatus.CLOSED,
        and_(col(IncidentRow.status) == IncidentStatus.CONFIRMED, ~_owes()),
    )
    rows = session.exec(
        select(IncidentRow, ReviewRow)
        .join(ReviewRow, latest, isouter=True)
        .where(
            is_handled,
            or_(col(ReviewRow.id).is_(None), ~col(ReviewRow.is_closed)),
            visibility.incidents,
            col(IncidentRow.is_drill).is_(False),
        )
        .order_by(col(IncidentRow.closed_at).is_(None), col(IncidentRow.closed_at), col(IncidentRow.id))
        .limit(most)
    )
    return [
        AwaitedReview(row.reference, row.title, row.closed_at, review.at if review else None) for row, review in rows
    ]


def _owes() -> Exists:
    """True for an incident in which a notice is still owed."""
    return (
        exists()
        .where(
            col(ObligationRow.incident_id) == IncidentRow.id,
            col(ObligationRow.duty) != DutyKind.REGISTER,
            col(ObligationRow.fulfilled_at).is_(None),
            col(ObligationRow.withdrawn_at).is_(None),
            or_(col(ObligationRow.not_required_reason).is_(None), col(ObligationRow.not_required_reason) == ""),
        )
        .correlate(IncidentRow)
    )


def _review(row: ReviewRow) -> Review:
    text = ReviewText(
        row.what_happened, row.went_well, row.went_badly, row.causes, row.to_change, tuple(row.participants)
    )
    return Review(row.revision, text, row.is_closed, row.at, row.by, row.reason)
