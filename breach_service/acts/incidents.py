"""What people do with an incident: declare it, establish facts and instants, say what it is, file notices, close it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.domain.access import Act, Actor
from breach_service.domain.alert import Signal
from breach_service.domain.conditions import Truth
from breach_service.domain.deadlines import DutyKind
from breach_service.domain.dossier import Dossier, Filing
from breach_service.domain.facts import WHOLE_INCIDENT, Fact, Provenance, Scope, ScopeKind, to_json
from breach_service.domain.incident import (
    OPEN_STATUSES,
    UNQUALIFIED_STATUSES,
    EntryKind,
    IncidentStatus,
    Instant,
    InstantKind,
)
from breach_service.errors import InvalidCommand
from breach_service.pipeline.dossiers import dossier_of
from breach_service.pipeline.judging import judge
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.opening import open_incident
from breach_service.store import incidents, obligations, records, timeline
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session, lock_placing
from breach_service.store.tables import IncidentRow


@dataclass(frozen=True)
class Declaration:
    """A person says that something happened. Instants aware; `told_at` is when we were told, None for just now."""

    what_happened: str
    title: str = ""
    systems: tuple[str, ...] = ()
    occurred_at: datetime | None = None
    told_at: datetime | None = None
    told_by: str = ""
    """Who told us and by which channel."""
    personal_data: str = "unknown"
    """yes, no or unknown, in the words of the person who declares."""


def declare(session: Session, actor: Actor, command: Declaration, knowledge: Knowledge, now: datetime) -> str:
    """Open an incident by hand; its reference."""
    authorise(actor, Act.DECLARE)
    _refuse_future(now, told_at=command.told_at, occurred_at=command.occurred_at)
    if not command.what_happened.strip():
        raise InvalidCommand("say what happened: one sentence is enough to begin")
    if command.occurred_at is not None and command.told_at is not None and command.occurred_at > command.told_at:
        raise InvalidCommand("it cannot have happened after we learned of it: check the two dates")
    if command.personal_data not in tuple(Truth):
        raise InvalidCommand(f"personal data are concerned: yes, no or unknown, not {command.personal_data!r}")
    personal_data = Truth(command.personal_data)
    unknown = [one for one in command.systems if knowledge.inventory.system(one) is None]
    if unknown:
        raise InvalidCommand(
            f"{', '.join(unknown)} is not a system of the inventory: leave it empty if you do not know"
        )
    lock_placing(session)
    told_at = command.told_at or now
    row = open_incident(
        session, knowledge, now, detected_at=told_at, group_key=f"declared:{now.isoformat()}",
        systems=command.systems, opened_by=f"person:{actor.name}", title=_title(command),
    )  # fmt: skip
    row.signals, row.is_held = [str(Signal.DECLARED)], True
    session.add(row)
    incident_id = _id(row)
    words = {
        "what_happened": command.what_happened.strip(), "told_by": command.told_by, "told_at": told_at.isoformat(),
        "personal_data": str(personal_data),
    }  # fmt: skip
    timeline.write_entry(session, incident_id, now, EntryKind.DECLARED, actor.name, words)
    records.record_instant(
        session, incident_id, Instant(InstantKind.TOLD_AT, told_at, command.told_by or "declared", actor.name), now
    )
    if command.occurred_at is not None:
        occurred = Instant(InstantKind.OCCURRED_AT, command.occurred_at, "declared", actor.name)
        records.record_instant(session, incident_id, occurred, now)
    if personal_data is Truth.YES:  # a reporter's “no” is kept as words: it must not stop a clock
        said = Fact("system.holds_personal_data", personal_data, WHOLE_INCIDENT, Provenance.PERSON, actor.name, now)
        records.record_fact(session, incident_id, said)
    judge(session, incident_id, knowledge, now)
    return row.reference


def _title(command: Declaration) -> str:
    return (command.title or command.what_happened).strip().splitlines()[0][:160]


@dataclass(frozen=True)
class FactCommand:
    """A person establishes or corrects a fact. `raw` as FactType.parse takes it."""

    name: str
    raw: object
    scope: Scope = WHOLE_INCIDENT
    note: str = ""


def record_fact(
    session: Session, actor: Actor, reference: str, command: FactCommand, knowledge: Knowledge, now: datetime
) -> None:
    """Append a fact and judge the incident again."""
    authorise(actor, Act.RECORD_FACT)
    lock_placing(session)
    row = _open_row(session, reference)
    kind = knowledge.catalogue.facts.get(command.name)
    if kind is None:
        raise InvalidCommand(f"there is no fact {command.name}: playbooks/facts.yaml lists them")
    _check_scope(command.scope, knowledge)
    try:
        value = kind.parse(command.raw)
    except ValueError as error:
        raise InvalidCommand(str(error)) from error
    fact = Fact(command.name, value, command.scope, Provenance.PERSON, actor.name, now, command.note.strip())
    records.record_fact(session, _id(row), fact)
    words = {
        "fact": command.name, "value": _words_of(to_json(value)), "scope_kind": str(command.scope.kind),
        "scope_key": command.scope.key, "reason": command.note.strip(),
    }  # fmt: skip
    timeline.write_entry(session, _id(row), now, EntryKind.FACT_RECORDED, actor.name, words)
    _begin_assessing(session, row, actor, now)
    judge(session, _id(row), knowledge, now)


def _words_of(value: object) -> str:
    match value:
        case {"at_least": least, "at_most": most}:
            return f"{'' if least is None else f'{least:g}'}..{'' if most is None else f'{most:g}'}"
        case list():
            return " ".join(map(str, value))
        case _:
            return str(value)


def _check_scope(scope: Scope, knowledge: Knowledge) -> None:
    activity, _, client = scope.key.partition("/")
    inventory = knowledge.inventory
    is_known = {
        ScopeKind.INCIDENT: scope.key == "",
        ScopeKind.SYSTEM: inventory.system(scope.key) is not None,
        ScopeKind.ACTIVITY: inventory.activity(scope.key) is not None,
        ScopeKind.CLIENT: inventory.client(client) is not None
        and (activity == "*" or inventory.activity(activity) is not None),
    }[scope.kind]
    if not is_known:
        raise InvalidCommand(f"{scope.key or 'nothing'} is not a {scope.kind} of the inventory")


def add_systems(
    session: Session, actor: Actor, reference: str, systems: tuple[str, ...], reason: str, knowledge: Knowledge,
    now: datetime,
) -> None:  # fmt: skip
    """Say that further systems are concerned: their data, their clients, their clocks."""
    authorise(actor, Act.ADD_SYSTEMS)
    _need_reason(reason)
    if not systems or any(knowledge.inventory.system(one) is None for one in systems):
        raise InvalidCommand("choose systems of the inventory")
    lock_placing(session)
    row = _open_row(session, reference)
    row.systems = list(dict.fromkeys([*row.systems, *systems]))
    session.add(row)
    session.flush()
    words = {"systems": " ".join(systems), "reason": reason.strip()}
    timeline.write_entry(session, _id(row), now, EntryKind.SYSTEMS_ADDED, actor.name, words)
    _begin_assessing(session, row, actor, now)
    judge(session, _id(row), knowledge, now)


@dataclass(frozen=True)
class Awareness:
    """A person says since when we are aware, and why. Instants aware."""

    aware_at: datetime
    reason: str
    flaw_discovered_at: datetime | None = None
    perimeter: str = ""
    """A perimeter key; empty for the whole incident."""


def record_awareness(
    session: Session, actor: Actor, reference: str, command: Awareness, knowledge: Knowledge, now: datetime
) -> None:
    """Start the clocks: from now on they are not provisional any more."""
    authorise(actor, Act.RECORD_AWARENESS)
    _refuse_future(now, aware_at=command.aware_at, flaw_discovered_at=command.flaw_discovered_at)
    _need_reason(command.reason)
    lock_placing(session)
    row = _open_row(session, reference)
    perimeters = dossier_of(session, reference, knowledge).assessment.perimeters
    if command.perimeter and all(one.perimeter.key != command.perimeter for one in perimeters):
        raise InvalidCommand(f"{command.perimeter} is not a perimeter of {reference}")
    pairs = [(InstantKind.AWARE_AT, command.aware_at)]
    if command.flaw_discovered_at is not None:
        pairs.append((InstantKind.FLAW_DISCOVERED_AT, command.flaw_discovered_at))
    for kind, at in pairs:
        instant = Instant(kind, at, command.reason.strip(), actor.name, command.perimeter)
        records.record_instant(session, _id(row), instant, now)
        words = {
            "instant": str(kind),
            "at": at.isoformat(),
            "perimeter": command.perimeter,
            "reason": command.reason.strip(),
        }
        timeline.write_entry(session, _id(row), now, EntryKind.INSTANT_RECORDED, actor.name, words)
    _begin_assessing(session, row, actor, now)
    judge(session, _id(row), knowledge, now)


def confirm(session: Session, actor: Actor, reference: str, reason: str, knowledge: Knowledge, now: datetime) -> None:
    """Say that this is a personal-data breach."""
    _qualify(session, actor, reference, IncidentStatus.CONFIRMED, reason, knowledge, now)


def dismiss(session: Session, actor: Actor, reference: str, reason: str, knowledge: Knowledge, now: datetime) -> None:
    """Say that this is none: it stays in the incident log with the reason, what was owed is withdrawn in one act."""
    _qualify(session, actor, reference, IncidentStatus.DISMISSED, reason, knowledge, now)


def _qualify(
    session: Session, actor: Actor, reference: str, status: IncidentStatus, reason: str, knowledge: Knowledge,
    now: datetime,
) -> None:  # fmt: skip
    authorise(actor, Act.QUALIFY)
    _need_reason(reason)
    lock_placing(session)
    row = _open_row(session, reference)
    row.qualified_at = now
    _change_status(session, row, status, actor, reason, now)
    judge(session, _id(row), knowledge, now)


def close(session: Session, actor: Actor, reference: str, reason: str, knowledge: Knowledge, now: datetime) -> None:
    """Close a confirmed incident in which nothing is owed any more."""
    authorise(actor, Act.CLOSE)
    _need_reason(reason)
    lock_placing(session)
    row = _open_row(session, reference)
    if row.status in UNQUALIFIED_STATUSES:
        raise InvalidCommand("say first what this is: confirm it or dismiss it, with the reason")
    owed = [
        one for one in obligations.of_incident(session, _id(row))
        if one.duty is not DutyKind.REGISTER  # the service itself keeps the register
        and not (one.fulfilled_at or one.withdrawn_at or one.not_required_reason)
    ]  # fmt: skip
    if owed:
        raise InvalidCommand(
            f"{len(owed)} notices are still owed: record their filing, or say why they are not required"
        )
    row.closed_at = now
    _change_status(session, row, IncidentStatus.CLOSED, actor, reason, now)
    judge(session, _id(row), knowledge, now)


@dataclass(frozen=True)
class FilingCommand:
    """A person says that a notice was sent. `sent_at` aware."""

    obligation: int
    sent_at: datetime
    means: str
    receipt: str = ""


def record_filing(
    session: Session, actor: Actor, reference: str, command: FilingCommand, knowledge: Knowledge, cipher: Cipher,
    text_of: Callable[[Dossier, int], str], now: datetime,
) -> None:  # fmt: skip
    """Keep the exact text of a sent notice and fulfil its obligation; `text_of` renders the letter as it stood."""
    authorise(actor, Act.RECORD_FILING)
    _refuse_future(now, sent_at=command.sent_at)
    if not command.means.strip():
        raise InvalidCommand("say by what means the notice was sent")
    lock_placing(session)
    row = incidents.row_of(session, reference)
    held = obligations.row_of(session, _id(row), command.obligation)
    if held.fulfilled_at is not None:
        raise InvalidCommand("this notice is already recorded as sent")
    text = text_of(dossier_of(session, reference, knowledge), command.obligation)
    filing = Filing(0, command.obligation, command.sent_at, actor.name, command.means, command.receipt, now, "")
    number = obligations.file_notice(session, cipher, filing, text)
    digest = next(one.text_digest for one in obligations.filings_of(session, _id(row)) if one.id == number)
    words = {
        "regime": held.regime, "recipient": held.recipient, "sent_at": command.sent_at.isoformat(),
        "means": command.means, "receipt": command.receipt, "text_digest": digest,
    }  # fmt: skip
    timeline.write_entry(session, _id(row), now, EntryKind.FILED, actor.name, words)
    judge(session, _id(row), knowledge, now)


def decide_not_required(
    session: Session, actor: Actor, reference: str, obligation: int, reason: str, knowledge: Knowledge, now: datetime
) -> None:
    """Say, with the reason, that a notice is not required."""
    authorise(actor, Act.DECIDE_NOT_REQUIRED)
    _need_reason(reason)
    lock_placing(session)
    row = incidents.row_of(session, reference)
    held = obligations.row_of(session, _id(row), obligation)
    if held.fulfilled_at is not None:
        raise InvalidCommand("this notice is already recorded as sent")
    held.not_required_reason = reason.strip()
    session.add(held)
    words = {"regime": held.regime, "recipient": held.recipient, "reason": reason.strip()}
    timeline.write_entry(session, _id(row), now, EntryKind.DECIDED_NOT_REQUIRED, actor.name, words)
    judge(session, _id(row), knowledge, now)


def _open_row(session: Session, reference: str) -> IncidentRow:
    row = incidents.row_of(session, reference)
    if row.status not in OPEN_STATUSES:
        raise InvalidCommand(f"{reference} is {row.status}: nothing can be added to it any more")
    row.is_muted = False  # somebody took it up: from now on it is told like any other
    row.is_held = True  # and is merged by people only
    session.add(row)
    return row


def _begin_assessing(session: Session, row: IncidentRow, actor: Actor, now: datetime) -> None:
    if row.status == IncidentStatus.SUSPECTED:
        _change_status(session, row, IncidentStatus.ASSESSING, actor, "", now)


def _change_status(
    session: Session, row: IncidentRow, status: IncidentStatus, actor: Actor, reason: str, now: datetime
) -> None:
    words = {"from": row.status, "to": str(status), "reason": reason.strip()}
    row.status = status
    session.add(row)
    session.flush()
    timeline.write_entry(session, _id(row), now, EntryKind.STATUS_CHANGED, actor.name, words)


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidCommand("give the reason: it stands in the chronology and in the register")


def _refuse_future(now: datetime, **instants: datetime | None) -> None:
    for name, at in instants.items():
        if at is None:
            continue
        if at.tzinfo is None:
            raise InvalidCommand(f"{name} has no time zone: write it as 2026-11-22T14:05:00+01:00")
        if at > now:
            raise InvalidCommand(f"{name} lies in the future: {at.isoformat()}")


def _id(row: IncidentRow) -> int:
    if row.id is None:
        raise InvalidCommand("the incident is not stored yet")
    return row.id
