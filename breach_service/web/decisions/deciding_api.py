"""The part of the JSON API that is about deciding: mandates, opinions, approvals, broken glasses.

A person decides: these acts take a session, an API token only reads.
"""

from datetime import date, datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from breach_service.acts import notices
from breach_service.acts.decisions import deciding as deciding_acts
from breach_service.acts.decisions import glass, mandates
from breach_service.acts.decisions.deciding import Opinion
from breach_service.acts.decisions.glass import Breaking
from breach_service.acts.decisions.mandates import NewMandate
from breach_service.domain.access import Act, BrokenGlass, Mandate, MandateKind
from breach_service.domain.deciding import divergences
from breach_service.pipeline.drafting import text_as_filed
from breach_service.store import deciding
from breach_service.store.database import Session
from breach_service.web.api import FilingIn, Moment, ReasonIn, Words, filing_from
from breach_service.web.context import Here, Id, Who
from breach_service.web.decisions.deciding_out import divergence_out, position_out
from breach_service.web.needs import needs
from breach_service.web.seeing import note_shown, seen_dossier, visibility_for

router = APIRouter(prefix="/api/v1")


class MandateOut(BaseModel):
    """A mandate. Instants in UTC."""

    id: int
    name: str
    kind: MandateKind
    organisation: str | None
    """Null: every organisation of the installation."""
    acts: list[Act]
    """Which decisions; empty: all."""
    granted_by: str
    document: str
    from_at: datetime
    to_at: datetime | None
    revoked_at: datetime | None
    is_in_force: bool


def mandate_out(one: Mandate, now: datetime) -> MandateOut:
    """A mandate as JSON."""
    return MandateOut(
        id=one.id, name=one.name, kind=one.kind, organisation=one.organisation or None, acts=sorted(one.acts),
        granted_by=one.granted_by, document=one.document, from_at=one.from_at, to_at=one.to_at,
        revoked_at=one.revoked_at, is_in_force=one.is_in_force(now),
    )  # fmt: skip


@router.get("/mandates", dependencies=[needs(Act.LOOK_AROUND)])
def list_mandates(here: Here) -> list[MandateOut]:
    """Every mandate, oldest first, those that are over included."""
    with here.database.reading() as session:
        return [mandate_out(one, here.now()) for one in deciding.mandates(session, active_only=False)]


class MandateIn(BaseModel):
    """What a writing says. Instants with their offset."""

    email: Words = Field(min_length=3, max_length=320)
    kind: MandateKind
    document: Words = Field(min_length=1, max_length=500)
    organisation: Words = Field("", max_length=200)
    acts: list[Act] = []
    granted_by: Words = Field("", max_length=300)
    from_at: Moment | None = None
    to_at: Moment | None = None


@router.post("/mandates", status_code=201, dependencies=[needs(Act.RECORD_MANDATE)])
def record_mandate(command: MandateIn, here: Here, who: Who) -> MandateOut:
    """Write a mandate down."""
    new = NewMandate(**{**command.model_dump(), "acts": frozenset(command.acts)})
    inventory, now = here.knowledge().inventory, here.now()
    made = here.database.write(lambda session: mandates.record_mandate(session, who.actor, new, inventory, now))
    return mandate_out(made, now)


@router.post("/mandates/{number}/revoke", status_code=204, dependencies=[needs(Act.RECORD_MANDATE)])
def revoke_mandate(number: Id, command: ReasonIn, here: Here, who: Who) -> None:
    """End a mandate at once."""
    here.database.write(
        lambda session: mandates.revoke_mandate(session, who.actor, number, command.reason, here.now())
    )  # fmt: skip


class UncoveredOut(BaseModel):
    """What is not covered in one organisation."""

    organisation: str
    days: list[date]
    """Local days of the next two weeks on which nobody can decide."""
    hangs_on_one: list[Act]
    """Decisions that fewer than two people can take, without a dated delegation standing by."""


@router.get("/mandates/uncovered", dependencies=[needs(Act.LOOK_AROUND)])
def list_uncovered(here: Here) -> list[UncoveredOut]:
    """Days on which nobody can decide, and decisions that hang on one person, by organisation."""
    with here.database.reading() as session:
        found = mandates.covers(session, here.knowledge().inventory.organisations, here.now())
    return [
        UncoveredOut(organisation=one.organisation.id, days=list(one.days), hangs_on_one=list(one.thin))
        for one in found
    ]


@router.get("/incidents/{reference}/positions", dependencies=[needs(Act.LOOK)])
def list_positions(reference: str, request: Request, here: Here, who: Who) -> dict[str, Any]:
    """What was advised and decided in an incident, oldest first, and where the two differ."""
    found = seen_dossier(here, who, request, reference).positions
    return {
        "positions": [position_out(one) for one in found],
        "divergences": [divergence_out(one) for one in divergences(found)],
    }


class NoticeOpinionIn(BaseModel):
    """Whether the notice of one obligation is to be sent."""

    obligation: int = Field(ge=1, le=2**63 - 1)
    is_to_be_sent: bool


class OpinionIn(ReasonIn):
    """What the data protection officer advises; at least one of the three parts."""

    is_breach: bool | None = None
    notify: list[NoticeOpinionIn] = Field(default=[])
    aware_at: Moment | None = None


@router.post("/incidents/{reference}/opinion", status_code=204, dependencies=[needs(Act.GIVE_OPINION)])
def give_opinion(reference: str, command: OpinionIn, here: Here, who: Who) -> None:
    """Record an opinion (GDPR Art. 39(1)(a))."""
    opinion = Opinion(
        command.reason, command.is_breach, {one.obligation: one.is_to_be_sent for one in command.notify},
        command.aware_at,
    )  # fmt: skip
    here.database.write(
        lambda session: deciding_acts.give_opinion(session, who.actor, reference, opinion, here.knowledge(), here.now())
    )  # fmt: skip


class ApprovalIn(BaseModel):
    """The text that was looked at: the SHA-256 of its UTF-8, hex, as the draft gives it."""

    digest: str = Field(pattern="^[0-9a-f]{64}$")


def _approve(
    reference: str, obligation: int, digest: str, here: Here, who: Who, *, under_glass: bool = False
) -> None:  # fmt: skip
    now, knowledge = here.now(), here.knowledge()
    text_of = partial(text_as_filed, knowledge, here.renderer, now)

    def work(session: Session) -> None:
        if under_glass:
            deciding_acts.need_glass(session, who.actor, reference, now)
        notices.approve_draft(session, who.actor, reference, obligation, digest, knowledge, here.cipher, text_of, now)

    here.database.write(work)


@router.post(
    "/incidents/{reference}/drafts/{obligation}/approve", status_code=204, dependencies=[needs(Act.APPROVE_DRAFT)]
)
def approve_draft(reference: str, obligation: Id, command: ApprovalIn, here: Here, who: Who) -> None:
    """Release the text of a notice for sending."""
    _approve(reference, obligation, command.digest, here, who)


@router.post(
    "/incidents/{reference}/glass/drafts/{obligation}/approve", status_code=204, dependencies=[needs(Act.BREAK_GLASS)]
)
def approve_under_glass(reference: str, obligation: Id, command: ApprovalIn, here: Here, who: Who) -> None:
    """Release a first notice under a broken glass."""
    _approve(reference, obligation, command.digest, here, who, under_glass=True)


@router.post(
    "/incidents/{reference}/glass/drafts/{obligation}/filing", status_code=204, dependencies=[needs(Act.BREAK_GLASS)]
)
def file_under_glass(reference: str, obligation: Id, command: FilingIn, here: Here, who: Who) -> None:
    """Record that a notice was sent that was released under a broken glass; the approved text is kept."""
    now, knowledge = here.now(), here.knowledge()
    filing = filing_from(obligation, command)
    text_of = partial(text_as_filed, knowledge, here.renderer, now)

    def work(session: Session) -> None:
        deciding_acts.need_glass(session, who.actor, reference, now)
        notices.record_filing(session, who.actor, reference, filing, knowledge, here.cipher, text_of, now)

    here.database.write(work)


class GlassOut(BaseModel):
    """A broken glass. Instants in UTC."""

    id: int
    incident: str
    by: str
    at: datetime
    ends_at: datetime
    reason: str
    tried: str
    is_open: bool
    reviewed_at: datetime | None
    reviewed_by: str | None
    review: str | None


def glass_out(one: BrokenGlass, reference: str, now: datetime) -> GlassOut:
    """A broken glass as JSON."""
    return GlassOut(
        id=one.id, incident=reference, by=one.name, at=one.at, ends_at=one.ends_at, reason=one.reason,
        tried=one.tried, is_open=one.is_open(now), reviewed_at=one.reviewed_at,
        reviewed_by=one.reviewed_by or None, review=one.review or None,
    )  # fmt: skip


@router.get("/glass", dependencies=[needs(Act.LOOK)])
def list_glasses(request: Request, here: Here, who: Who, outstanding: bool = False) -> list[GlassOut]:
    """Broken glasses of the incidents that you see, oldest first; with `outstanding=true` those nobody reviewed."""
    with here.database.reading() as session:
        found = glass.broken(session, visibility_for(who, here), outstanding_only=outstanding)
    note_shown(here, who, request, (reference for _, reference in found))
    return [glass_out(one, reference, here.now()) for one, reference in found]


class BreakingIn(ReasonIn):
    """Why it cannot wait, and whom you tried to reach and how."""

    tried: Words = Field("", max_length=2000)


@router.post("/incidents/{reference}/glass", status_code=201, dependencies=[needs(Act.BREAK_GLASS)])
def break_glass(reference: str, command: BreakingIn, here: Here, who: Who) -> GlassOut:
    """Take the place of a decider in one incident."""
    breaking, now = Breaking(command.reason, command.tried), here.now()
    made = here.database.write(
        lambda session: glass.break_glass(
            session, who.actor, reference, breaking, here.cipher, now, lasts=here.glass_lasts
        )
    )  # fmt: skip
    return glass_out(made, reference.upper(), now)


class ReviewIn(BaseModel):
    """What is thought of it."""

    review: Words = Field(min_length=1, max_length=4000)


@router.post("/glass/{number}/review", status_code=204, dependencies=[needs(Act.REVIEW_GLASS)])
def review_glass(number: Id, command: ReviewIn, here: Here, who: Who) -> None:
    """Say afterwards what is thought of a broken glass."""
    here.database.write(lambda session: glass.review_glass(session, who.actor, number, command.review, here.now()))
