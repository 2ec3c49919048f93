"""The part of the JSON API that is about reviews."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from breach_service.acts.work import reviews as acts
from breach_service.domain.access import Act
from breach_service.domain.measures import today_in
from breach_service.domain.review import Review, ReviewStanding, ReviewText
from breach_service.store import incidents, reviews
from breach_service.web.api import ReasonIn, Words
from breach_service.web.context import Here, Who
from breach_service.web.needs import needs
from breach_service.web.rendered import zone_of
from breach_service.web.seeing import note_shown, seen_dossier, visibility_for
from breach_service.web.work.measure_out import MeasureOut, measure_out
from breach_service.web.work.review_pages import review_standing

router = APIRouter(prefix="/api/v1")
Long = Field("", max_length=20_000)


class RevisionOut(BaseModel):
    """One saving of a review. Instants in UTC."""

    revision: int
    what_happened: str
    went_well: str
    went_badly: str
    causes: str
    to_change: str
    participants: list[str]
    is_closed: bool
    at: datetime
    by: str
    reason: str
    """Why it was opened again; empty otherwise."""


class ReviewOut(BaseModel):
    """The review of an incident with every saving, oldest first, and what it asks to be done."""

    incident: str
    standing: ReviewStanding
    revisions: list[RevisionOut]
    follow_ups: list[MeasureOut]


class AwaitedOut(BaseModel):
    """An incident that is closed or handled and waits for the end of its review. Instants in UTC."""

    model_config = ConfigDict(from_attributes=True)
    reference: str
    title: str
    ended_at: datetime | None
    begun_at: datetime | None


class ReviewIn(BaseModel):
    """The whole review as it is by now."""

    model_config = ConfigDict(extra="forbid")
    what_happened: Words = Long
    went_well: Words = Long
    went_badly: Words = Long
    causes: Words = Long
    to_change: Words = Long
    participants: list[Words] = Field(default_factory=list, max_length=100)
    seen: int = Field(0, ge=0, le=2**31 - 1)
    """The revision that was looked at, 0 where there was none."""
    is_closed: bool = False


def revision_out(one: Review) -> RevisionOut:
    """A saving as JSON."""
    return RevisionOut(
        **{**vars(one.text), "participants": list(one.text.participants)}, revision=one.revision,
        is_closed=one.is_closed, at=one.at, by=one.by, reason=one.reason,
    )  # fmt: skip


@router.get("/reviews", dependencies=[needs(Act.LOOK)])
def list_awaited(request: Request, here: Here, who: Who) -> list[AwaitedOut]:
    """The incidents that wait for the end of their review."""
    with here.database.reading() as session:
        found = reviews.awaited(session, visibility_for(who, here))
    note_shown(here, who, request, (one.reference for one in found))
    return [AwaitedOut.model_validate(one) for one in found]


@router.get("/incidents/{reference}/review", dependencies=[needs(Act.LOOK)])
def show_review(reference: str, request: Request, here: Here, who: Who) -> ReviewOut:
    """The review of an incident."""
    dossier = seen_dossier(here, who, request, reference)
    today = today_in(zone_of(here), here.now())
    with here.database.reading() as session:
        row = incidents.row_by_id(session, dossier.incident.id)
        revisions, standing = reviews.revisions_of(session, row.id or 0), review_standing(session, row)
    return ReviewOut(
        incident=row.reference,
        standing=standing,
        revisions=[revision_out(one) for one in revisions],
        follow_ups=[measure_out(one, row.reference, today) for one in dossier.measures if one.is_follow_up],
    )


@router.put("/incidents/{reference}/review", dependencies=[needs(Act.REVIEW_INCIDENT)])
def save_review(reference: str, command: ReviewIn, here: Here, who: Who) -> RevisionOut:
    """Write the review as it is by now, and close it where asked."""
    now, said = here.now(), command.model_dump(exclude={"seen", "is_closed"})
    text = ReviewText(**{**said, "participants": tuple(command.participants)})
    made = here.database.write(
        lambda session: acts.save_review(
            session, who.actor, reference, text, command.seen, now, is_closed=command.is_closed
        )
    )
    return revision_out(made)


@router.post("/incidents/{reference}/review/reopen", dependencies=[needs(Act.REVIEW_INCIDENT)])
def reopen_review(reference: str, command: ReasonIn, here: Here, who: Who) -> RevisionOut:
    """Open a closed review again, with the reason."""
    now = here.now()
    made = here.database.write(
        lambda session: acts.reopen_review(session, who.actor, reference, command.reason, now)
    )  # fmt: skip
    return revision_out(made)
