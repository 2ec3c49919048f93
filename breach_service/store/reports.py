"""Reports: kept with their original, found by digest and by number, and those that wait for somebody.

A report is seen by whoever sees the incident that it stands by, or whose report it answers; one that stands by none is
seen by all who may look at reports.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, or_, update
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from breach_service.domain.access import AuditKind
from breach_service.domain.reports import SERIES, Attachment, Report, ReporterKind
from breach_service.store.access_tables import AuditEntryRow
from breach_service.store.cipher import Cipher
from breach_service.store.report_tables import ReportAttachmentRow, ReportRow
from breach_service.store.sight import Visibility
from breach_service.store.sign_ins import hash_of
from breach_service.store.tables import IncidentRow, TimelineEntryRow

REPORT = ReportRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
INCIDENT = IncidentRow.__table__  # type: ignore[attr-defined]
OPENED, JOINED, WAITING, SET_ASIDE = "opened", "joined", "waiting", "set_aside"
STANDINGS = (WAITING, OPENED, JOINED, SET_ASIDE)


@dataclass(frozen=True)
class Kept:
    """What is known of a report without opening its words. Instants UTC."""

    id: int
    number: str
    channel: str
    kind: ReporterKind
    party: str
    told_at: datetime
    received_at: datetime
    standing: str
    waits_because: str
    incident_id: int | None
    digest: str
    written_at: datetime | None = None
    is_whole: bool = True
    attachments: int = 0
    settled_at: datetime | None = None
    settled_by: str = ""
    settled_because: str = ""
    let_go_at: datetime | None = None


@dataclass(frozen=True)
class Listed:
    """A report with the incident that it stands by."""

    report: Kept
    incident: str | None
    """Reference of the incident that it opened or was joined to."""
    answers: str | None
    """Number of the report that it answers."""
    answers_incident: str | None
    """Reference of the incident of that one."""
    is_signed_in: bool = False
    """True where whoever reported it had an account: they opened its incident under their own name."""


@dataclass(frozen=True)
class Words:
    """What a report says, opened."""

    name: str
    contact: str
    subject: str
    words: str
    answers: dict[str, str]
    flaws: tuple[str, ...]
    answer_to: str
    points_at_staff: bool


def by_digest(session: Session, digest: str) -> Kept | None:
    """The report of an original that was kept before; None where there is none."""
    row = session.exec(select(ReportRow).where(ReportRow.digest == digest)).first()
    return None if row is None else _kept(row)


def by_number(session: Session, number: str) -> Kept | None:
    """The report of a number; None where there is none."""
    row = session.exec(select(ReportRow).where(ReportRow.number == number.upper())).first()
    return None if row is None else _kept(row)


def answered_by(session: Session, number: str) -> Kept | None:
    """The report that a further one answers: of a row of answers the first, which the incident stands on."""
    row = session.exec(select(ReportRow).where(ReportRow.number == number.upper())).first()
    while row is not None and row.incident_id is None and row.answers_id is not None:
        row = session.get_one(ReportRow, row.answers_id)  # ids only grow along it, so that it ends
    return None if row is None else _kept(row)


def add(
    session: Session, cipher: Cipher, report: Report, original: bytes, number: str, *, waits_because: str,
    answers: Kept | None, is_whole: bool, status_token: str = "",
) -> int:  # fmt: skip
    """Keep a report, its original and its attachments; its id. It waits until `settle` says otherwise."""
    words = {
        "name": report.reporter.name, "contact": report.reporter.contact, "subject": report.subject,
        "words": report.words, "answers": dict(report.answers), "flaws": sorted(map(str, report.flaws)),
        "answer_to": report.answer_to, "points_at_staff": report.points_at_staff,
    }  # fmt: skip
    row = ReportRow(
        number=number, digest=report.digest, channel=report.channel, kind=report.reporter.kind,
        party=report.reporter.party, told_at=report.told_at, received_at=report.received_at,
        written_at=report.written_at, standing=WAITING, waits_because=waits_because,
        answers_id=answers.id if answers else None, is_whole=is_whole, sealed=cipher.seal(original),
        sealed_words=cipher.seal(json.dumps(words).encode()), attachments=len(report.attachments),
        status_hash=hash_of(status_token) if status_token else None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    assert row.id is not None  # noqa: S101  # given by the flush
    for one in report.attachments:
        session.add(_attachment(cipher, row.id, one))
    session.flush()
    return row.id


def _attachment(cipher: Cipher, report_id: int, one: Attachment) -> ReportAttachmentRow:
    return ReportAttachmentRow(
        report_id=report_id, digest=one.digest, media_type=one.media_type, size=len(one.content),
        is_inline=one.is_inline, sealed_name=cipher.seal(one.name.encode()), sealed=cipher.seal(one.content),
    )  # fmt: skip


def settle(
    session: Session, report_id: int, standing: str, incident_id: int | None, by: str, because: str, now: datetime
) -> None:
    """Note what became of a report."""
    row = session.get_one(ReportRow, report_id)
    row.standing, row.incident_id, row.settled_by, row.settled_because = standing, incident_id, by, because
    row.settled_at = now
    session.add(row)
    session.flush()


def say_who(session: Session, report_id: int, kind: ReporterKind) -> None:
    """Correct what whoever told us is to us: an address proves nothing, a person knows."""
    row = session.get_one(ReportRow, report_id)
    row.kind = kind
    session.add(row)
    session.flush()


def listed(
    session: Session, visibility: Visibility, standings: Iterable[str] = (WAITING,), most: int = 500
) -> list[Listed]:
    """Reports that are seen: those that wait the oldest first, others the newest first."""
    wanted = sorted(set(standings))
    order = REPORT.c.told_at if wanted == [WAITING] else REPORT.c.id.desc()
    statement = _seen(visibility).where(REPORT.c.standing.in_(wanted)).order_by(order).limit(most)
    return [_listed(row) for row in session.execute(statement)]


def count_waiting(session: Session, visibility: Visibility) -> int:
    """How many of the reports that are seen wait for somebody to look."""
    inner = _seen(visibility).where(REPORT.c.standing == WAITING).subquery()
    return int(session.execute(rows_of(func.count()).select_from(inner)).scalar_one())


@dataclass(frozen=True)
class WaitingReports:
    """Reports that nobody sorted yet. Instants UTC."""

    count: int
    oldest_at: datetime
    newest_at: datetime


def waiting_since(session: Session) -> WaitingReports | None:
    """How many reports wait and since when, whoever may see them; None where none does."""
    at = func.min(REPORT.c.received_at), func.max(REPORT.c.received_at)
    count, oldest, newest = session.execute(rows_of(func.count(), *at).where(REPORT.c.standing == WAITING)).one()
    return WaitingReports(int(count), oldest, newest) if count else None


def seen_by_number(session: Session, number: str, visibility: Visibility) -> Listed | None:
    """The report of a number, where it is seen."""
    row = session.execute(_seen(visibility).where(REPORT.c.number == number.strip().upper())).first()
    return None if row is None else _listed(row)


def incident_behind(session: Session, report: Kept) -> int | None:
    """The incident that a report stands by, or whose report it answers."""
    if report.incident_id is not None:
        return report.incident_id
    answered = session.get_one(ReportRow, report.id).answers_id
    return session.get_one(ReportRow, answered).incident_id if answered is not None else None


def _seen(visibility: Visibility) -> Select[Any]:
    answered = REPORT.alias("answered")
    behind = func.coalesce(REPORT.c.incident_id, answered.c.incident_id)
    columns = [one for one in REPORT.c if one.name not in ("sealed", "sealed_words")]  # they may be large
    return (
        rows_of(*columns, INCIDENT.c.reference, INCIDENT.c.opened_by, answered.c.number.label("answers"))
        .select_from(REPORT)
        .outerjoin(answered, answered.c.id == REPORT.c.answers_id)
        .outerjoin(INCIDENT, INCIDENT.c.id == behind)
        .where(or_(INCIDENT.c.id.is_(None), visibility.incidents))
    )


def _listed(row: Any) -> Listed:
    kept = _kept(row)
    is_own = kept.incident_id is not None
    is_opened_at_once = kept.standing == OPENED and not kept.settled_by and kept.channel != "mail"
    is_signed_in = is_opened_at_once and row.opened_by.partition(":")[2] != kept.number
    return Listed(kept, row.reference if is_own else None, row.answers, None if is_own else row.reference, is_signed_in)


def of_incident(session: Session, incident_id: int) -> list[Kept]:
    """The reports that an incident stands on, the oldest first."""
    rows = session.exec(
        select(ReportRow).where(ReportRow.incident_id == incident_id).order_by(col(ReportRow.told_at))
    )  # fmt: skip
    return [_kept(row) for row in rows]


def opened_since(session: Session, channel: str, since: datetime) -> int:
    """How many reports of a channel that were received since an instant opened an incident."""
    count = select(func.count()).where(
        ReportRow.channel == channel, col(ReportRow.received_at) > since, ReportRow.standing == OPENED
    )
    return int(session.exec(count).one())


def words_of(session: Session, cipher: Cipher, report_id: int) -> Words:
    """What a report says."""
    sealed = session.get_one(ReportRow, report_id).sealed_words
    if not sealed:  # let go of
        return Words("", "", "", "", {}, (), "", points_at_staff=False)
    held = json.loads(cipher.open(sealed))
    return Words(**{**held, "flaws": tuple(held["flaws"])})


def original_of(session: Session, cipher: Cipher, report_id: int) -> bytes:
    """The original, as it came; empty where it was let go of."""
    sealed = session.get_one(ReportRow, report_id).sealed
    return cipher.open(sealed) if sealed else b""


def attachments_of(session: Session, cipher: Cipher, report_id: int) -> list[Attachment]:
    """The files that came with it, in order."""
    rows = session.exec(
        select(ReportAttachmentRow)
        .where(ReportAttachmentRow.report_id == report_id)
        .order_by(col(ReportAttachmentRow.id))
    )
    return [
        Attachment(cipher.open(row.sealed_name).decode(), row.media_type, cipher.open(row.sealed), row.is_inline)
        for row in rows
    ]


def _kept(row: Any) -> Kept:
    return Kept(
        row.id or 0, row.number, row.channel, ReporterKind(row.kind), row.party, row.told_at, row.received_at,
        row.standing, row.waits_because, row.incident_id, row.digest, row.written_at, row.is_whole, row.attachments,
        row.settled_at, row.settled_by, row.settled_because, row.let_go_at,
    )  # fmt: skip


def by_status_token(session: Session, token: str) -> Kept | None:
    """The report that whoever reported it follows under a link of their own."""
    row = session.exec(select(ReportRow).where(ReportRow.status_hash == hash_of(token))).first() if token else None
    return None if row is None else _kept(row)


MACHINES = ("breach_service", "source:%", f"{SERIES}-%")
"""Who writes in the chronology without looking: this service, a sender, and whoever reports without an account."""


def is_looked_at(session: Session, kept: Kept) -> bool:
    """True once somebody sorted the report, read it, or wrote in the chronology of the incident that it opened."""
    return bool(kept.settled_by) or _is_read(session, kept) or _is_worked_on(session, kept)


def _is_read(session: Session, kept: Kept) -> bool:
    """Somebody with an account opened it; `at` is bounded because the trail is long."""
    entry = col(AuditEntryRow.what)
    found = select(AuditEntryRow.id).where(
        col(AuditEntryRow.at) >= kept.received_at, AuditEntryRow.kind == AuditKind.READ_EVIDENCE,
        or_(entry == f"report:{kept.number}", entry.startswith(f"report:{kept.number}:", autoescape=True)),
        col(AuditEntryRow.user_id).is_not(None),
    )  # fmt: skip
    return session.exec(found.limit(1)).first() is not None


def _is_worked_on(session: Session, kept: Kept) -> bool:
    if kept.incident_id is None or kept.settled_at is None:
        return False
    actor = col(TimelineEntryRow.actor)
    found = select(TimelineEntryRow.id).where(
        TimelineEntryRow.incident_id == kept.incident_id, col(TimelineEntryRow.at) > kept.settled_at,
        *(actor.not_like(one) for one in MACHINES),
    )  # fmt: skip
    return session.exec(found.limit(1)).first() is not None


def let_go_of_set_aside(session: Session, before: datetime, now: datetime, most: int) -> int:
    """Empty reports that were set aside before an instant: words, original and files go; how many.

    The line stays, with number, digest, channel, instants and the reason for which it was set aside.
    """
    found = session.exec(
        select(ReportRow.id)
        .where(col(ReportRow.settled_at) < before, ReportRow.standing == SET_ASIDE, col(ReportRow.let_go_at).is_(None))
        .limit(most)
    ).all()
    if not found:
        return 0
    session.execute(delete(ReportAttachmentRow).where(col(ReportAttachmentRow.report_id).in_(found)))
    emptied = update(ReportRow).where(col(ReportRow.id).in_(found))
    session.execute(emptied.values(sealed=b"", sealed_words=b"", status_hash=None, let_go_at=now))
    return len(found)
