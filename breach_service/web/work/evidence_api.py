"""The part of the JSON API that is about evidence."""

import base64
import binascii
from datetime import datetime

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from breach_service.acts.work import evidence as acts
from breach_service.acts.work.evidence import NewEvidence, NewHandling
from breach_service.domain.access import Act
from breach_service.domain.evidence import Evidence, HandlingKind
from breach_service.errors import N_, InvalidCommand
from breach_service.store import evidence
from breach_service.web.api import Moment, Words
from breach_service.web.context import Here, Id, Who
from breach_service.web.needs import needs
from breach_service.web.seeing import seen_dossier
from breach_service.web.work.evidence_pages import content_for

router = APIRouter(prefix="/api/v1")
uploads = APIRouter(prefix="/api/v1")
"""Takes larger requests than the others."""


class HandlingOut(BaseModel):
    """One handling. Instants in UTC."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    kind: HandlingKind
    at: datetime
    by: str
    whom: str
    why: str
    digest: str
    """Of a verification: what was found."""
    recorded_at: datetime
    recorded_by: str


class EvidenceOut(BaseModel):
    """One piece of evidence. Instants in UTC."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    what: str
    digest: str
    """SHA-256, hex."""
    size: int | None
    file_name: str
    media_type: str
    collected_by: str
    collected_at: datetime
    place: str
    method: str
    kept_at: str
    """Where it is kept; empty where it was handed in."""
    has_content: bool
    """True while its content can be taken out here."""
    differs: bool
    """True where the last verification found another digest."""
    recorded_at: datetime
    recorded_by: str
    handlings: list[HandlingOut]


def evidence_out(one: Evidence) -> EvidenceOut:
    """A piece of evidence as JSON."""
    return EvidenceOut.model_validate(one)


class EvidenceIn(BaseModel):
    """A piece of evidence: its content in base64, or its SHA-256 and where it is kept."""

    model_config = ConfigDict(extra="forbid")
    what: Words = Field(min_length=1, max_length=300)
    place: Words = Field(min_length=1, max_length=1000)
    method: Words = Field(min_length=1, max_length=1000)
    collected_at: Moment
    collected_by: Words = Field("", max_length=200)
    digest: Words = Field("", max_length=300)
    content: str | None = None
    file_name: Words = Field("", max_length=300)
    media_type: Words = Field("", max_length=200)
    size: int | None = Field(None, ge=0, le=2**62)
    kept_at: Words = Field("", max_length=1000)


class HandlingIn(BaseModel):
    """What was done with a piece of evidence, when, by whom and why."""

    model_config = ConfigDict(extra="forbid")
    kind: HandlingKind
    why: Words = Field(min_length=1, max_length=2000)
    at: Moment
    by: Words = Field("", max_length=200)
    whom: Words = Field("", max_length=200)
    digest: Words = Field("", max_length=300)


@router.get("/incidents/{reference}/evidence", dependencies=[needs(Act.LOOK)])
def list_evidence(reference: str, request: Request, here: Here, who: Who) -> list[EvidenceOut]:
    """The evidence of an incident with every handling."""
    dossier = seen_dossier(here, who, request, reference)
    with here.database.reading() as session:
        return [evidence_out(one) for one in evidence.of_incident(session, here.cipher, dossier.incident.id)]


@uploads.post("/incidents/{reference}/evidence", status_code=201, dependencies=[needs(Act.KEEP_EVIDENCE)])
def record_evidence(reference: str, command: EvidenceIn, here: Here, who: Who) -> EvidenceOut:
    """Write a piece of evidence down, with its content or with its digest alone."""
    now = here.now()
    wanted = NewEvidence(**{**command.model_dump(), "content": _decoded(command.content)})
    made = here.database.write(
        lambda session: acts.record_evidence(
            session, who.actor, reference, wanted, here.cipher, here.max_evidence_bytes, now
        )
    )
    return evidence_out(made)


def _decoded(content: str | None) -> bytes | None:
    if content is None:
        return None
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidCommand(N_("the content is no base64")) from error


@router.post(
    "/incidents/{reference}/evidence/{number}/handlings", status_code=201, dependencies=[needs(Act.KEEP_EVIDENCE)]
)
def record_handling(reference: str, number: Id, command: HandlingIn, here: Here, who: Who) -> EvidenceOut:
    """Write down what was done with a piece of evidence."""
    now, wanted = here.now(), NewHandling(**command.model_dump())
    made = here.database.write(
        lambda session: acts.record_handling(session, who.actor, reference, number, wanted, here.cipher, now)
    )
    return evidence_out(made)


@router.get(
    "/incidents/{reference}/evidence/{number}/file",
    dependencies=[needs(Act.READ_EVIDENCE)],
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
def take_out(reference: str, number: Id, request: Request, here: Here, who: Who) -> Response:
    """The content of a piece of evidence; its digest was checked and stands in `x-sha256`."""
    return content_for(request, here, who, reference, number)
