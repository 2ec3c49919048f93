"""Sort the reports that wait: open an incident for one, join it to an incident, or set it aside with a reason."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.reporting.taking import note_report, open_incident
from breach_service.acts.rows import id_of, need_open, need_reason, visibility_of
from breach_service.domain.access import Act, Actor
from breach_service.domain.incident import EntryKind, Instant, InstantKind
from breach_service.domain.reports import Attachment, Report, ReportChannel, Reporter, ReporterKind
from breach_service.errors import N_, InvalidCommand, NotFound, NotSeen
from breach_service.pipeline.judging import judge
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import incidents, records, timeline
from breach_service.store import reports as stored
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session, lock_placing
from breach_service.store.reports import JOINED, OPENED, SET_ASIDE, WAITING, Kept, Listed, Words
from breach_service.store.sight import Visibility

MOST_AT_ONCE = 200
"""Reports that are set aside with one reason."""


@dataclass(frozen=True)
class Opened:
    """One report with all that it says. The caller writes down that it was read (`AuditKind.READ_EVIDENCE`)."""

    listed: Listed
    words: Words
    files: tuple[Attachment, ...]
    original: bytes
    incident_id: int | None
    """The incident that it stands by or whose report it answers, for the audit trail."""


def list_waiting(session: Session, actor: Actor, visibility: Visibility) -> list[Listed]:
    """The reports that wait for somebody to look, the oldest first. Those that opened an incident stand there."""
    authorise(actor, Act.LOOK_AT_REPORTS)
    return stored.listed(session, visibility)


def list_reports(session: Session, actor: Actor, visibility: Visibility, standings: Iterable[str]) -> list[Listed]:
    """Reports by what became of them, the newest first."""
    authorise(actor, Act.LOOK_AT_REPORTS)
    return stored.listed(session, visibility, standings)


def open_report(
    session: Session, actor: Actor, number: str, cipher: Cipher, visibility: Visibility
) -> Opened:  # fmt: skip
    """One report that is seen; NotFound in the same words where there is none and where it is not seen."""
    authorise(actor, Act.LOOK_AT_REPORTS)
    one = _seen(session, number, visibility)
    number_of = one.report.id
    return Opened(
        one, stored.words_of(session, cipher, number_of), tuple(stored.attachments_of(session, cipher, number_of)),
        stored.original_of(session, cipher, number_of), stored.incident_behind(session, one.report),
    )  # fmt: skip


def take_up(
    session: Session, actor: Actor, number: str, cipher: Cipher, knowledge: Knowledge, now: datetime, *,
    kind: ReporterKind | None = None, points_at_staff: bool = False,
) -> str:  # fmt: skip
    """Open an incident for a report that waits, told when it was told; its reference.

    `kind` is who it was after all: an address proves nothing. `points_at_staff` restricts the incident at once.
    """
    kept = _waiting(session, actor, number, now)
    told = _told(kept, stored.words_of(session, cipher, kept.id), kind)
    told = replace(told, points_at_staff=told.points_at_staff or points_at_staff)
    _say_who(session, kept, kind)
    # Whoever sorts reports may open incidents for them.
    reference = open_incident(session, actor, told, kept.id, kept.number, knowledge, now)
    stored.settle(session, kept.id, OPENED, incidents.row_of(session, reference).id, actor.name, "", now)
    return reference


def join(
    session: Session, actor: Actor, number: str, reference: str, cipher: Cipher, knowledge: Knowledge, now: datetime,
    *, kind: ReporterKind | None = None,
) -> str:  # fmt: skip
    """Say that a report that waits is about an incident; its reference.

    Where it told us earlier than anything recorded there, the incident was told then: its clocks are counted again.
    """
    kept = _waiting(session, actor, number, now)
    if not reference.strip():
        raise InvalidCommand(N_("say which incident it is about"))
    row = incidents.row_of(session, reference.strip(), visibility_of(actor, now))
    need_open(row)
    told = _told(kept, stored.words_of(session, cipher, kept.id), kind)
    _say_who(session, kept, kind)
    stored.settle(session, kept.id, JOINED, id_of(row), actor.name, "", now)
    note_report(session, id_of(row), "report_joined", told, kept.number, actor.name, now)
    known = [one.at for one in records.instants_of(session, id_of(row)) if one.kind is InstantKind.TOLD_AT]
    if kept.told_at < min([*known, row.detected_at]):
        earlier = Instant(InstantKind.TOLD_AT, kept.told_at, kept.number, actor.name)
        records.record_instant(session, id_of(row), earlier, now)
        row.detected_at, row.qualify_by = (
            kept.told_at,
            kept.told_at + knowledge.qualification,
        )  # as where two become one
        session.add(row)
        session.flush()
        judge(session, id_of(row), knowledge, now)
    return row.reference


def set_aside(session: Session, actor: Actor, numbers: str | Iterable[str], reason: str, now: datetime) -> None:
    """Say that reports that wait ask for nothing, and why; they are kept for a while, their lines for good."""
    authorise(actor, Act.SORT_REPORTS)
    need_reason(reason)
    wanted = [numbers] if isinstance(numbers, str) else list(dict.fromkeys(numbers))
    if not wanted:
        raise InvalidCommand(N_("choose at least one report"))
    if len(wanted) > MOST_AT_ONCE:
        raise InvalidCommand(N_("at most %(most)s reports are set aside at once"), most=MOST_AT_ONCE)
    for number in wanted:
        kept = _waiting(session, actor, number, now)
        behind = stored.incident_behind(session, kept)
        stored.settle(session, kept.id, SET_ASIDE, kept.incident_id, actor.name, reason.strip(), now)
        words = {"note": "report_set_aside", "report": kept.number, "reason": reason.strip()}
        timeline.write_entry(session, behind, now, EntryKind.NOTED, actor.name, words)


def _waiting(session: Session, actor: Actor, number: str, now: datetime) -> Kept:
    authorise(actor, Act.SORT_REPORTS)
    lock_placing(session)
    kept = _seen(session, number, visibility_of(actor, now)).report
    if kept.standing != WAITING:
        raise InvalidCommand(N_("%(number)s waits no more: it was taken up or set aside"), number=kept.number)
    return kept


def _seen(session: Session, number: str, visibility: Visibility) -> Listed:
    found = stored.seen_by_number(session, number, visibility)
    if found is not None:
        return found
    hidden = stored.by_number(session, number)
    behind = stored.incident_behind(session, hidden) if hidden is not None else None
    said = number.strip()[:40]
    if behind is not None:
        raise NotSeen(N_("there is no report %(number)s"), behind, number=said)
    raise NotFound(N_("there is no report %(number)s"), number=said)


def _say_who(session: Session, kept: Kept, kind: ReporterKind | None) -> None:
    if kind is not None and kind is not kept.kind:
        stored.say_who(session, kept.id, kind)


def _told(kept: Kept, held: Words, kind: ReporterKind | None) -> Report:
    return Report(
        reporter=Reporter(kind or kept.kind, held.name, held.contact, kept.party),
        channel=ReportChannel(kept.channel),
        told_at=kept.told_at,
        received_at=kept.received_at,
        digest=kept.digest,
        words=held.words,
        subject=held.subject,
        answers=held.answers,
        points_at_staff=held.points_at_staff,
        written_at=kept.written_at,
    )
