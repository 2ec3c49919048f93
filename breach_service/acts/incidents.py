"""What people do with an incident: declare it, establish facts and instants, say what it is.

What is done about notices stands in `notices`, dismissing and closing in `closing`; both are named here too.
"""

from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.clocks.recording import record_instants
from breach_service.acts.closing import close as close
from breach_service.acts.closing import dismiss as dismiss
from breach_service.acts.decisions.deciding import ground_for, record_decision, words_of
from breach_service.acts.decisions.taken_on import basis_now, words_of_basis
from breach_service.acts.notices import FilingCommand as FilingCommand
from breach_service.acts.notices import approve_draft as approve_draft
from breach_service.acts.notices import decide_not_required as decide_not_required
from breach_service.acts.notices import record_filing as record_filing
from breach_service.acts.rows import (
    begin_assessing,
    change_status,
    id_of,
    incident_of,
    need_reason,
    open_row,
    refuse_future,
)
from breach_service.domain.access import Act, Actor
from breach_service.domain.alert import Signal
from breach_service.domain.assessment import Assessment, contradictions_in, what_changed, words_of_change
from breach_service.domain.conditions import Truth
from breach_service.domain.deciding import BREACH, YES
from breach_service.domain.facts import WHOLE_INCIDENT, Fact, Provenance, Scope, ScopeKind, to_json
from breach_service.domain.incident import EntryKind, IncidentStatus, Instant, InstantKind
from breach_service.errors import N_, InvalidCommand, sentence_of
from breach_service.pipeline.dossiers import dossier_of
from breach_service.pipeline.judging import judge
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.opening import Opening, open_incidents
from breach_service.store import records, timeline
from breach_service.store.database import Session, lock_placing


class Contradicts(InvalidCommand):
    """A fact cannot be so together with others that are recorded: which one holds?"""

    def __init__(self, others: tuple[Fact, ...]) -> None:
        self.others = others
        """What is recorded and excludes it."""
        said = [f"{one.name} = {_words_of(to_json(one.value))} ({one.by})" for one in others]
        super().__init__(
            N_(
                "it cannot be so together with what is recorded: %(others)s. Correct that one first, or record it all "
                "the same and say how you know"
            ),
            others=said,
        )


POINTS_AT_STAFF = "incident.concerns_staff"
"""The fact that an incident points at one of our own people."""


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
    points_at_staff: bool = False
    """True where one of our own people may be behind it: it is restricted from its first instant."""


def declare(session: Session, actor: Actor, command: Declaration, knowledge: Knowledge, now: datetime) -> str:
    """Open an incident by hand; its reference."""
    authorise(actor, Act.DECLARE)
    refuse_future(now, told_at=command.told_at, occurred_at=command.occurred_at)
    if not command.what_happened.strip():
        raise InvalidCommand(N_("say what happened: one sentence is enough to begin"))
    if command.occurred_at is not None and command.told_at is not None and command.occurred_at > command.told_at:
        raise InvalidCommand(N_("it cannot have happened after we learned of it: check the two dates"))
    if command.personal_data not in tuple(Truth):
        raise InvalidCommand(
            N_("personal data are concerned: yes, no or unknown, not %(given)r"), given=command.personal_data
        )
    personal_data = Truth(command.personal_data)
    unknown = [one for one in command.systems if knowledge.inventory.system(one) is None]
    if unknown:
        raise InvalidCommand(
            N_("%(names)s is not a system of the inventory: leave it empty if you do not know"), names=list(unknown)
        )
    lock_placing(session)
    told_at = command.told_at or now
    opening = Opening(
        told_at, f"declared:{now.isoformat()}", command.systems, f"person:{actor.name}", _title(command),
        signals=(str(Signal.DECLARED),), is_held=True,
    )  # fmt: skip
    [opened] = open_incidents(session, [opening], knowledge, now)
    incident_id = opened.id
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
    if command.points_at_staff:
        staff = Fact(POINTS_AT_STAFF, Truth.YES, WHOLE_INCIDENT, Provenance.PERSON, actor.name, now)
        records.record_fact(session, incident_id, staff)
    judge(session, incident_id, knowledge, now)
    return opened.reference


def _title(command: Declaration) -> str:
    return (command.title or command.what_happened).strip().splitlines()[0][:160]


@dataclass(frozen=True)
class FactCommand:
    """A person establishes or corrects a fact. `raw` as FactType.parse takes it."""

    name: str
    raw: object
    scope: Scope = WHOLE_INCIDENT
    note: str = ""
    is_despite: bool = False
    """True where the person read what it contradicts and records it all the same; the note then says why."""


def record_fact(
    session: Session, actor: Actor, reference: str, command: FactCommand, knowledge: Knowledge, now: datetime
) -> None:
    """Append a fact and judge the incident again; its line in the chronology says what it changed.

    Contradicts where it cannot be so together with what is recorded, unless the command says that it is so despite it.
    """
    authorise(actor, Act.RECORD_FACT)
    lock_placing(session)
    row = open_row(session, reference, actor, now)
    kind = knowledge.catalogue.facts.get(command.name)
    if kind is None:
        raise InvalidCommand(N_("there is no fact %(name)s: playbooks/facts.yaml lists them"), name=command.name)
    _check_scope(command.scope, knowledge)
    try:
        value = kind.parse(command.raw)
    except ValueError as error:
        raise InvalidCommand(sentence_of(error)) from error
    before = dossier_of(session, row.reference, knowledge).assessment
    fact = Fact(command.name, value, command.scope, Provenance.PERSON, actor.name, now, command.note.strip())
    records.record_fact(session, id_of(row), fact)
    after = dossier_of(session, row.reference, knowledge).assessment
    _need_no_contradiction(before, after, command)
    words = {
        "fact": command.name, "value": _words_of(to_json(value)), "scope_kind": str(command.scope.kind),
        "scope_key": command.scope.key, "reason": command.note.strip(),
        **words_of_change(what_changed(before, after)),
    }  # fmt: skip
    timeline.write_entry(session, id_of(row), now, EntryKind.FACT_RECORDED, actor.name, words)
    begin_assessing(session, row, actor, now)
    judge(session, id_of(row), knowledge, now)


def _need_no_contradiction(before: Assessment, after: Assessment, command: FactCommand) -> None:
    """What stood in contradiction already is not asked about again."""
    held = {(one.first.name, one.second.name) for one in contradictions_in(before)}
    new = [one for one in contradictions_in(after) if (one.first.name, one.second.name) not in held]
    others = tuple(other for one in new if (other := one.about(command.name)) is not None)
    if others and not command.is_despite:
        raise Contradicts(others)
    if others:
        need_reason(command.note)


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
        raise InvalidCommand(
            N_("%(key)s is not a %(kind)s of the inventory"), key=scope.key or "nothing", kind=scope.kind
        )


def add_systems(
    session: Session, actor: Actor, reference: str, systems: tuple[str, ...], reason: str, knowledge: Knowledge,
    now: datetime,
) -> None:  # fmt: skip
    """Say that further systems are concerned: their data, their clients, their clocks."""
    authorise(actor, Act.ADD_SYSTEMS)
    need_reason(reason)
    if not systems or any(knowledge.inventory.system(one) is None for one in systems):
        raise InvalidCommand(N_("choose systems of the inventory"))
    lock_placing(session)
    row = open_row(session, reference, actor, now)
    row.systems = list(dict.fromkeys([*row.systems, *systems]))
    session.add(row)
    session.flush()
    words = {"systems": " ".join(systems), "reason": reason.strip()}
    timeline.write_entry(session, id_of(row), now, EntryKind.SYSTEMS_ADDED, actor.name, words)
    begin_assessing(session, row, actor, now)
    judge(session, id_of(row), knowledge, now)


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
    """Start the clocks, or count them from earlier; later than what is recorded takes a proposal and two people."""
    pairs = [(InstantKind.AWARE_AT, command.aware_at)]
    if command.flaw_discovered_at is not None:
        pairs.append((InstantKind.FLAW_DISCOVERED_AT, command.flaw_discovered_at))
    record_instants(session, actor, reference, pairs, command.reason, command.perimeter, knowledge, now)


def confirm(session: Session, actor: Actor, reference: str, reason: str, knowledge: Knowledge, now: datetime) -> None:
    """Say that this is a personal-data breach."""
    authorise(actor, Act.QUALIFY)
    need_reason(reason)
    lock_placing(session)
    ground = ground_for(session, actor, Act.QUALIFY, incident_of(session, reference, actor, now), now)
    row = open_row(session, reference, actor, now)
    basis = basis_now(session, row, knowledge)
    row.qualified_at = now
    more = {**words_of(ground), **words_of_basis(basis)}
    change_status(session, row, IncidentStatus.CONFIRMED, actor, reason, now, more)
    record_decision(session, actor, row, BREACH, YES, reason, now, ground, basis)
    judge(session, id_of(row), knowledge, now)
