"""The part of the JSON API that is about reports: what waits, one of them, and what becomes of it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from breach_service.acts import reporting
from breach_service.domain.access import Act
from breach_service.domain.reports import ReporterKind
from breach_service.errors import N_, NotFound
from breach_service.store.reports import WAITING, Listed
from breach_service.web.api import Words
from breach_service.web.context import Here, Who
from breach_service.web.needs import needs
from breach_service.web.reports.queue_pages import Number, Place, as_file, read_report
from breach_service.web.seeing import note_shown, visibility_for

router = APIRouter(prefix="/api/v1/reports")
Standing = Literal["waiting", "opened", "joined", "set_aside"]


class ReportOut(BaseModel):
    """A report without what it says. Instants in UTC."""

    number: str
    channel: str
    kind: ReporterKind
    party: str
    """Id of the client or the provider in the inventory, empty where it is neither."""
    told_at: datetime
    received_at: datetime
    standing: Standing
    waits_because: str
    incident: str | None
    """The incident that it opened or was joined to."""
    answers: str | None
    """Number of the report that it answers."""
    digest: str
    """SHA-256 of the original, hex."""
    files: int
    settled_by: str
    settled_at: datetime | None
    reason: str


class FileOut(BaseModel):
    """A file that came with a report."""

    name: str
    media_type: str
    size: int
    digest: str


class WholeReportOut(ReportOut):
    """A report with what it says."""

    name: str
    contact: str
    subject: str
    words: str
    said: dict[str, str]
    """The answers to the five questions, by id."""
    points_at_staff: bool
    flaws: list[str]
    attachments: list[FileOut]


class TakeUpIn(BaseModel):
    """Who it was after all, and whether one of our own people may be behind it."""

    model_config = ConfigDict(extra="forbid")
    kind: ReporterKind | None = None
    points_at_staff: bool = False


class JoinIn(BaseModel):
    """The incident that a report is about."""

    model_config = ConfigDict(extra="forbid")
    incident: Words = Field(min_length=1, max_length=40)
    kind: ReporterKind | None = None


class SetAsideIn(BaseModel):
    """Why a report asks for nothing."""

    model_config = ConfigDict(extra="forbid")
    reason: Words = Field(min_length=1, max_length=2000)


class SettledOut(BaseModel):
    """The incident that a report stands by now."""

    reference: str


@router.get("", dependencies=[needs(Act.LOOK_AT_REPORTS)])
def list_reports(
    request: Request, here: Here, who: Who, standing: Annotated[list[Standing] | None, Query()] = None
) -> list[ReportOut]:
    """Reports, those that wait where nothing else is asked for; nothing of what they say."""
    with here.database.reading() as session:
        found = reporting.list_reports(session, who.actor, visibility_for(who, here), standing or (WAITING,))
    note_shown(here, who, request, (one.incident or one.answers_incident for one in found))
    return [ReportOut(**_line(one)) for one in found]


@router.get("/{number}", dependencies=[needs(Act.LOOK_AT_REPORTS)])
def show_report(number: Number, request: Request, here: Here, who: Who) -> WholeReportOut:
    """One report with what it says; the reading is written into the audit trail."""
    one = read_report(request, here, who, number)
    said = one.words
    files = [FileOut(name=file.name, media_type=file.media_type, size=len(file.content), digest=file.digest)
             for file in one.files]  # fmt: skip
    return WholeReportOut(
        **_line(one.listed), name=said.name, contact=said.contact, subject=said.subject, words=said.words,
        said=said.answers, points_at_staff=said.points_at_staff, flaws=list(said.flaws), attachments=files,
    )  # fmt: skip


@router.get("/{number}/original", dependencies=[needs(Act.LOOK_AT_REPORTS)])
def download_original(number: Number, request: Request, here: Here, who: Who) -> Response:
    """The report as it came, bytes."""
    one = read_report(request, here, who, number, ":original")
    if not one.original:
        raise NotFound(N_("what %(number)s said was let go of"), number=one.listed.report.number)
    return as_file(one.original, one.listed.report.number)


@router.get("/{number}/files/{place}", dependencies=[needs(Act.LOOK_AT_REPORTS)])
def download_file(number: Number, place: Place, request: Request, here: Here, who: Who) -> Response:
    """One file that came with it, counted from 1, bytes."""
    one = read_report(request, here, who, number, f":file:{place}")
    if place > len(one.files):
        raise NotFound(
            N_("%(number)s came without a file number %(place)s"), number=one.listed.report.number, place=place
        )
    return as_file(one.files[place - 1].content, f"{one.listed.report.number}-{place}.bin")


@router.post("/{number}/take-up", dependencies=[needs(Act.SORT_REPORTS)])
def take_up(number: Number, command: TakeUpIn, here: Here, who: Who) -> SettledOut:
    """Open an incident for a report that waits."""
    reference = here.database.write(
        lambda session: reporting.take_up(
            session, who.actor, number, here.cipher, here.knowledge(), here.now(), kind=command.kind,
            points_at_staff=command.points_at_staff,
        )
    )  # fmt: skip
    return SettledOut(reference=reference)


@router.post("/{number}/join", dependencies=[needs(Act.SORT_REPORTS)])
def join(number: Number, command: JoinIn, here: Here, who: Who) -> SettledOut:
    """Say that a report that waits is about an incident."""
    reference = here.database.write(
        lambda session: reporting.join(
            session, who.actor, number, command.incident, here.cipher, here.knowledge(), here.now(), kind=command.kind
        )
    )
    return SettledOut(reference=reference)


@router.post("/{number}/set-aside", status_code=204, dependencies=[needs(Act.SORT_REPORTS)])
def set_aside(number: Number, command: SetAsideIn, here: Here, who: Who) -> None:
    """Say that a report that waits asks for nothing."""
    here.database.write(lambda session: reporting.set_aside(session, who.actor, number, command.reason, here.now()))


def _line(one: Listed) -> dict[str, Any]:
    kept = one.report
    return {
        "number": kept.number, "channel": kept.channel, "kind": kept.kind, "party": kept.party,
        "told_at": kept.told_at, "received_at": kept.received_at, "standing": kept.standing,
        "waits_because": kept.waits_because, "incident": one.incident, "answers": one.answers, "digest": kept.digest,
        "files": kept.attachments, "settled_by": kept.settled_by, "settled_at": kept.settled_at,
        "reason": kept.settled_because,
    }  # fmt: skip
