"""The JSON API under /api/v1; the shapes are in `representations`, the acts in `breach_service.acts`."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from breach_service.acts import incidents as acts
from breach_service.acts import reporting, senders
from breach_service.acts.incidents import Awareness, FactCommand, FilingCommand
from breach_service.domain.access import Act
from breach_service.domain.closing import ClosingReason
from breach_service.domain.deadlines import FilingPhase
from breach_service.domain.facts import Scope, ScopeKind
from breach_service.domain.reports import Answers, ReportChannel, ReporterKind
from breach_service.pipeline.drafting import draft_of, drafts_of, text_as_filed
from breach_service.store import alerts, inbox, incidents, obligations, spotted
from breach_service.web.context import Here, Id, Who
from breach_service.web.decisions.deciding_out import approval_out
from breach_service.web.needs import needs
from breach_service.web.representations import (
    AlertOut,
    IncidentOut,
    alert_out,
    dossier_out,
    draft_out,
    incident_out,
)
from breach_service.web.seeing import note_shown, seen_dossier, visibility_for


def without_nul(text: str) -> str:
    """The text; ValueError where it holds NUL, which PostgreSQL keeps in no text."""
    if "\0" in text:
        raise ValueError("a character in it (NUL) belongs to no text: remove it")
    return text


router = APIRouter(prefix="/api/v1")
Words = Annotated[str, AfterValidator(without_nul)]
Moment = Annotated[AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC))]
"""An instant with its offset; an earlier one is a year mistyped."""
Limit = Annotated[int, Query(ge=1, le=1000, description="at most this many")]
Before = Annotated[int | None, Query(ge=1, le=2**63 - 1, description="page on with the smallest id of the page before")]


described = APIRouter(include_in_schema=False)


@described.get("/api/openapi.json", dependencies=[needs(Act.LOOK)])
def describe(request: Request) -> JSONResponse:
    """The OpenAPI document of everything below."""
    return JSONResponse(request.app.openapi())


@router.get("/alerts", dependencies=[needs(Act.LOOK)])
def list_alerts(
    request: Request, here: Here, who: Who, source: str | None = None, limit: Limit = 200, before: Before = None
) -> list[AlertOut]:
    """Alerts as kept: one row per problem, source and incident, counted; newest row first."""
    with here.database.reading() as session:
        found = alerts.newest(session, source, limit, before, visibility_for(who, here))
        shown = spotted.of_episodes(session, (one.episode.id for one in found))
    note_shown(here, who, request, (one.incident for one in found))
    return [alert_out(one, shown.get(one.episode.id, {})) for one in found]


@router.get("/incidents", dependencies=[needs(Act.LOOK)])
def list_incidents(
    request: Request, here: Here, who: Who, is_open: Annotated[bool | None, Query(alias="open")] = None,
    limit: Limit = 200, before: Before = None,
) -> list[IncidentOut]:  # fmt: skip
    """Incidents with their obligations, newest first."""
    now = here.now()
    with here.database.reading() as session:
        found = incidents.summaries(
            session, only_open=is_open, limit=limit, before=before, visibility=visibility_for(who, here)
        )
        listed = [incident_out(one, obligations.of_incident(session, one.incident.id), now) for one in found]
    note_shown(here, who, request, (one.reference for one in listed))
    return listed


@router.get("/incidents/{reference}", dependencies=[needs(Act.LOOK)])
def show_incident(reference: str, request: Request, here: Here, who: Who) -> dict[str, Any]:
    """Everything about one incident."""
    return dossier_out(seen_dossier(here, who, request, reference), who.language, here.now())


class DeclarationIn(BaseModel):
    """What a person reports. Instants with their offset."""

    what_happened: Words = Field(min_length=1, max_length=4000)
    title: Words = Field("", max_length=160)
    systems: list[str] = []
    occurred_at: Moment | None = None
    told_at: Moment | None = None
    told_by: Words = Field("", max_length=300)
    personal_data: Literal["yes", "no", "unknown"] = "unknown"
    points_at_staff: bool = False
    """True where one of our own people may be behind it: only those who are named see it then."""
    where: Words = Field("", max_length=4000)
    """Which tool, which device, which file, in words."""
    done: Words = Field("", max_length=4000)
    """What was done so far, and who knows."""
    told_kind: ReporterKind = ReporterKind.EMPLOYEE
    """What whoever told us is to us."""


class Declared(BaseModel):
    """The incident, and the number of the report that the reporter gets."""

    reference: str
    number: str


@router.post("/incidents", status_code=201, dependencies=[needs(Act.DECLARE)])
def declare_incident(
    command: DeclarationIn, here: Here, who: Who, idempotency_key: Annotated[str, Header(max_length=200)] = ""
) -> Declared:
    """Declare an incident by hand; the same with the same Idempotency-Key is declared once."""
    said = Answers(
        what=command.what_happened, when=command.occurred_at, where=command.where, persons=command.personal_data,
        done=command.done, kind=command.told_kind, points_at_staff=command.points_at_staff, told_at=command.told_at,
        key=idempotency_key,
    )  # fmt: skip
    besides = reporting.Besides(command.title, tuple(command.systems), command.told_by)
    done = here.database.write(
        lambda session: reporting.hand_in(
            session, who.actor, said, ReportChannel.API, besides, here.knowledge(), here.cipher, here.now()
        )
    )
    return Declared(reference=done.incident or "", number=done.number)


class FactIn(BaseModel):
    """A fact of `playbooks/facts.yaml` with its value: a word, a number, a range, a list of words."""

    fact: str
    value: Any
    scope: ScopeKind = ScopeKind.INCIDENT
    key: str = ""
    note: Words = Field("", max_length=2000)
    is_despite: bool = False
    """True to record what contradicts another fact all the same; the note then says how it is known."""


@router.post("/incidents/{reference}/facts", status_code=204, dependencies=[needs(Act.RECORD_FACT)])
def record_fact(reference: str, command: FactIn, here: Here, who: Who) -> None:
    """Establish or correct a fact."""
    scope = Scope(command.scope, command.key)
    fact = FactCommand(command.fact, command.value, scope, command.note, command.is_despite)
    here.database.write(
        lambda session: acts.record_fact(session, who.actor, reference, fact, here.knowledge(), here.now())
    )


class SystemsIn(BaseModel):
    """Systems of the inventory, by id."""

    systems: list[str] = Field(min_length=1)
    reason: Words = Field(min_length=1, max_length=2000)


@router.post("/incidents/{reference}/systems", status_code=204, dependencies=[needs(Act.ADD_SYSTEMS)])
def add_systems(reference: str, command: SystemsIn, here: Here, who: Who) -> None:
    """Say that further systems are concerned."""
    here.database.write(
        lambda session: acts.add_systems(
            session, who.actor, reference, tuple(command.systems), command.reason, here.knowledge(), here.now()
        )
    )


class AwarenessIn(BaseModel):
    """Since when we are aware, and why. Instants with their offset."""

    aware_at: Moment
    reason: Words = Field(min_length=1, max_length=2000)
    flaw_discovered_at: Moment | None = None
    perimeter: str = ""


@router.post("/incidents/{reference}/awareness", status_code=204, dependencies=[needs(Act.RECORD_AWARENESS)])
def record_awareness(reference: str, command: AwarenessIn, here: Here, who: Who) -> None:
    """Start the clocks."""
    awareness = Awareness(**command.model_dump())
    here.database.write(
        lambda session: acts.record_awareness(session, who.actor, reference, awareness, here.knowledge(), here.now())
    )


class ReasonIn(BaseModel):
    """Why; it stands in the chronology and in the register."""

    reason: Words = Field(min_length=1, max_length=2000)


class DecisionIn(ReasonIn):
    """Why, and as what an incident ends."""

    reason_kind: ClosingReason | None = None
    """As what it is dismissed or closed; null where nobody says."""
    duplicate_of: Words = Field("", max_length=100)
    """Reference of the incident that a duplicate duplicates."""


@router.post("/incidents/{reference}/confirm", status_code=204, dependencies=[needs(Act.QUALIFY)])
def confirm(reference: str, command: ReasonIn, here: Here, who: Who) -> None:
    """Say that it is a personal-data breach."""
    here.database.write(
        lambda session: acts.confirm(session, who.actor, reference, command.reason, here.knowledge(), here.now())
    )


@router.post("/incidents/{reference}/dismiss", status_code=204, dependencies=[needs(Act.QUALIFY)])
def dismiss(reference: str, command: DecisionIn, here: Here, who: Who) -> None:
    """Say that it is no personal-data breach."""
    kind, other = command.reason_kind, command.duplicate_of
    here.database.write(
        lambda session: acts.dismiss(
            session, who.actor, reference, command.reason, here.knowledge(), here.now(), kind, other
        )
    )


@router.post("/incidents/{reference}/close", status_code=204, dependencies=[needs(Act.CLOSE)])
def close(reference: str, command: DecisionIn, here: Here, who: Who) -> None:
    """Say that a breach is over."""
    kind = command.reason_kind or ClosingReason.BREACH_HANDLED
    here.database.write(
        lambda session: acts.close(session, who.actor, reference, command.reason, here.knowledge(), here.now(), kind)
    )


class FilingIn(BaseModel):
    """A notice that was sent. `sent_at` with its offset."""

    sent_at: Moment
    means: Words = Field(min_length=1, max_length=100)
    receipt: Words = Field("", max_length=300)
    digest: str = Field("", pattern="^([0-9a-f]{64})?$")
    """SHA-256 of the approved text that was sent, hex; without one it is the text that was approved last."""
    delay_reason: Words = Field("", max_length=2000)
    """Why it was sent late, where the law asks for it and nobody has said so yet."""
    phase: FilingPhase | None = None
    """How far it goes; an initial one begins the time of its complement. Without a word: what the regime asks for."""


def filing_from(obligation: int, command: FilingIn) -> FilingCommand:
    """The command of a body."""
    return FilingCommand(
        obligation,
        command.sent_at,
        command.means,
        command.receipt,
        command.digest,
        phase=command.phase,
        delay_reason=command.delay_reason,
    )


@router.post(
    "/incidents/{reference}/obligations/{obligation}/filing", status_code=204, dependencies=[needs(Act.RECORD_FILING)]
)
def record_filing(reference: str, obligation: Id, command: FilingIn, here: Here, who: Who) -> None:
    """Record that a notice was sent; the text that was approved is kept."""
    now = here.now()
    filing = filing_from(obligation, command)
    text_of = partial(text_as_filed, here.knowledge(), here.renderer, now)
    here.database.write(
        lambda session: acts.record_filing(
            session, who.actor, reference, filing, here.knowledge(), here.cipher, text_of, now
        )
    )


@router.post(
    "/incidents/{reference}/obligations/{obligation}/not-required",
    status_code=204,
    dependencies=[needs(Act.DECIDE_NOT_REQUIRED)],
)
def decide_not_required(reference: str, obligation: Id, command: ReasonIn, here: Here, who: Who) -> None:
    """Say, with the reason, that a notice is not required; where that stops a clock, it waits for a second person."""
    here.database.write(
        lambda session: acts.decide_not_required(
            session, who.actor, reference, obligation, command.reason, here.knowledge(), here.now()
        )
    )


@router.get("/incidents/{reference}/drafts", dependencies=[needs(Act.LOOK)])
def list_drafts(reference: str, request: Request, here: Here, who: Who) -> list[dict[str, Any]]:
    """Every draft of an incident, each in the language of its recipient."""
    knowledge, now = here.knowledge(), here.now()
    dossier = seen_dossier(here, who, request, reference)
    found = drafts_of(dossier, knowledge, here.renderer, now)
    return [{"obligation": obligation.id, **draft_out(draft)} for obligation, draft in found]


@router.get("/incidents/{reference}/drafts/{obligation}", dependencies=[needs(Act.LOOK)])
def show_draft(
    reference: str, obligation: Id, request: Request, here: Here, who: Who, language: Literal["fr", "en"] | None = None
) -> dict[str, Any]:
    """One draft, in the language of its recipient where none is named, and the text of it that was approved last."""
    knowledge, now = here.knowledge(), here.now()
    dossier = seen_dossier(here, who, request, reference)
    draft = draft_of(dossier, obligation, language, knowledge, here.renderer, now)
    return {**draft_out(draft), "approval": approval_out(here, dossier, obligation)}


class QuarantinedOut(BaseModel):
    """A request that could not be understood, without its body."""

    id: int
    source: str
    received_at: datetime
    reason: str
    replayed_at: datetime | None


@router.get("/quarantine", dependencies=[needs(Act.LOOK_AROUND)])
def list_quarantine(here: Here, limit: Limit = 200) -> list[QuarantinedOut]:
    """What could not be understood, newest first."""
    with here.database.reading() as session:
        found = inbox.quarantined(session, limit=limit)
    return [QuarantinedOut.model_validate(one, from_attributes=True) for one in found]


@router.post("/quarantine/{item}/replay", status_code=204, dependencies=[needs(Act.REPLAY)])
def replay(item: Id, here: Here, who: Who) -> None:
    """Play a quarantined request again."""
    here.database.write(lambda session: senders.replay_quarantined(session, who.actor, item, here.cipher, here.now()))
