"""Recording instants: whoever works on an incident starts a clock or moves it earlier, always with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.decisions.deciding import ground_if_any, record_decision
from breach_service.acts.decisions.taken_on import basis_now
from breach_service.acts.rows import begin_assessing, id_of, need_reason, open_row, refuse_future
from breach_service.domain.access import Act, Actor, is_allowed
from breach_service.domain.deciding import aware_at_of
from breach_service.domain.incident import EntryKind, Instant, InstantKind
from breach_service.domain.moving import ALONE, COMPUTED, counting, move_to
from breach_service.errors import N_, Code, InvalidCommand, Sentence
from breach_service.pipeline.dossiers import dossier_of
from breach_service.pipeline.judging import judge
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import records, timeline
from breach_service.store.database import Session, lock_placing
from breach_service.store.tables import IncidentRow

Pairs = Sequence[tuple[InstantKind, datetime]]


@dataclass(frozen=True)
class Moving:
    """A person says when something was, and how they know. `at` aware."""

    kind: InstantKind
    at: datetime
    reason: str
    perimeter: str = ""
    """A perimeter key; empty for the whole incident."""


def move(session: Session, actor: Actor, reference: str, command: Moving, knowledge: Knowledge, now: datetime) -> None:
    """Record an instant that starts a clock or moves it earlier; a later one is refused with what to do."""
    record_instants(
        session, actor, reference, [(command.kind, command.at)], command.reason, command.perimeter, knowledge, now
    )


def record_instants(
    session: Session, actor: Actor, reference: str, pairs: Pairs, reason: str, perimeter: str, knowledge: Knowledge,
    now: datetime,
) -> None:  # fmt: skip
    """Record instants (aware) of one perimeter, all or none, and count every clock again."""
    authorise(actor, Act.RECORD_AWARENESS)
    for kind, at in pairs:
        need_recordable(kind)
        refuse_future(now, **{str(kind): at})
    need_reason(reason)
    lock_placing(session)
    row = open_row(session, reference, actor, now)
    need_perimeter(session, row, perimeter, knowledge, now)
    held = records.instants_of(session, id_of(row))
    for kind, at in pairs:
        _need_not_later(actor, row, kind, at, perimeter, held, knowledge)
    for kind, at in pairs:
        _record(session, actor, row, Instant(kind, at, reason.strip(), actor.name, perimeter), knowledge, now)
    begin_assessing(session, row, actor, now)
    judge(session, id_of(row), knowledge, now)


def need_recordable(kind: InstantKind) -> None:
    """InvalidCommand for an instant that follows from alerts or filings."""
    if kind in COMPUTED:
        raise InvalidCommand(
            N_("nobody records %(kind)s: it follows from the alerts and from the filings"), kind=Code(kind)
        )


def need_perimeter(session: Session, row: IncidentRow, perimeter: str, knowledge: Knowledge, now: datetime) -> None:
    """InvalidCommand for a perimeter that the incident has not."""
    perimeters = dossier_of(session, row.reference, knowledge, now=now).assessment.perimeters
    if perimeter and all(one.perimeter.key != perimeter for one in perimeters):
        raise InvalidCommand(
            N_("%(perimeter)s is not a perimeter of %(reference)s"), perimeter=perimeter, reference=row.reference
        )


def in_words(at: datetime, knowledge: Knowledge) -> str:
    """An instant in the organisation's zone, with its offset."""
    return at.astimezone(knowledge.zone).isoformat(sep=" ", timespec="minutes")


def _need_not_later(
    actor: Actor, row: IncidentRow, kind: InstantKind, at: datetime, perimeter: str, held: Sequence[Instant],
    knowledge: Knowledge,
) -> None:  # fmt: skip
    before = counting(kind, perimeter, held)
    if before is None or move_to(kind, perimeter, held, at) in ALONE:
        return
    who = (
        Sentence(N_("propose it there, and a second person confirms it"))
        if is_allowed(actor, Act.DECIDE_NOT_REQUIRED)
        else Sentence(N_("ask whoever decides to propose it there"))
    )
    raise InvalidCommand(
        N_(
            "the clock counts from %(before)s by now: a later instant (%(at)s) takes whoever decides, a reason and a "
            "second person (/incidents/%(reference)s/clocks); %(who)s"
        ),
        before=in_words(before.at, knowledge),
        at=in_words(at, knowledge),
        reference=row.reference,
        who=who,
    )


def _record(
    session: Session, actor: Actor, row: IncidentRow, instant: Instant, knowledge: Knowledge, now: datetime
) -> None:
    records.record_instant(session, id_of(row), instant, now)
    words = {
        "instant": str(instant.kind), "at": instant.at.isoformat(), "perimeter": instant.perimeter,
        "reason": instant.reason,
    }  # fmt: skip
    timeline.write_entry(session, id_of(row), now, EntryKind.INSTANT_RECORDED, actor.name, words)
    if instant.kind is InstantKind.AWARE_AT:
        ground = ground_if_any(session, actor, Act.RECORD_AWARENESS, row, now)
        value = instant.at.astimezone(UTC).isoformat()
        basis = basis_now(session, row, knowledge)
        record_decision(
            session, actor, row, aware_at_of(instant.perimeter), value, instant.reason, now, ground, basis
        )  # fmt: skip
