"""On what ground somebody decides in an incident; the opinions of the data protection officer beside the decisions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.decisions.mandates import in_force
from breach_service.acts.decisions.taken_on import basis_now, duty_named, words_of_basis
from breach_service.acts.on_call.rota_board import INSTANT, absences_between
from breach_service.acts.rows import id_of, incident_of, need_reason, refuse_future
from breach_service.domain.access import (
    DECISIONS,
    GLASS_ACTS,
    Act,
    Actor,
    BrokenGlass,
    Ground,
    GroundKind,
    Mandate,
    ground_of,
    is_allowed,
)
from breach_service.domain.basis import DUTIES, Basis
from breach_service.domain.deadlines import DutyKind
from breach_service.domain.deciding import (
    BREACH,
    NO,
    YES,
    Position,
    PositionKind,
    Subject,
    SubjectKind,
    aware_at_of,
    can_decide,
    duty_of,
    notify_of,
)
from breach_service.domain.incident import OPEN_STATUSES, EntryKind
from breach_service.errors import N_, Code, InvalidCommand, NotAllowed, Sentence
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import deciding, decision_bases, obligations, timeline
from breach_service.store.database import Session
from breach_service.store.tables import IncidentRow

REGISTER_STAYS = N_(
    "every breach stands in the register, whatever its risk (GDPR Art. 33(5)): nobody can decide that it does not; "
    "where it is no breach after all, say so by dismissing the incident"
)
"""The register has no exception: what Art. 33(1) and 34(3) know for notices is none for it."""
UNDER_GLASS = GLASS_ACTS | {Act.RECORD_FILING}
"""What a broken glass lets somebody do whose role does not: what was released has to be recorded as sent, too."""


def ground_for(session: Session, actor: Actor, act: Act, incident_row: IncidentRow, now: datetime) -> Ground:
    """On what ground the actor takes a decision in an incident now.

    Raises NotAllowed where there is none, with what is missing and who can decide now.
    """
    ground = _ground(session, actor, act, incident_row, now)
    if not ground.holds:
        raise NotAllowed(_refusal(ground, act, incident_row.organisation, able_to(session, act, incident_row, now)))
    return ground


def _ground(session: Session, actor: Actor, act: Act, row: IncidentRow, now: datetime) -> Ground:
    if actor.is_operator:
        return Ground(GroundKind.OPERATOR)
    glasses = deciding.glasses_of(session, id_of(row))
    person = actor.person if actor.scope is None else None  # a token decides nothing, whoever owns it
    return ground_of(person, act, row.organisation, now, deciding.mandates(session), glasses)


def row_for(session: Session, actor: Actor, act: Act, reference: str, now: datetime) -> IncidentRow:
    """The incident in which somebody does an act that a broken glass allows too.

    Raises NotAllowed where neither the role nor a glass broken in this incident lets the actor do it, before anything
    is looked up for whoever could not break one.
    """
    is_theirs = is_allowed(actor, act)
    if not is_theirs and not is_allowed(actor, Act.BREAK_GLASS):
        authorise(actor, act)
    row = incident_of(session, reference, actor, now)
    if not is_theirs and not has_broken(session, actor, act, row, now):
        authorise(actor, act)
    return row


def has_broken(session: Session, actor: Actor, act: Act, row: IncidentRow, now: datetime) -> bool:
    """True where the actor broke the glass in this incident, it is open, and it allows the act."""
    if actor.person is None or actor.scope is not None or act not in UNDER_GLASS:
        return False
    return any(one.person == actor.person and one.is_open(now) for one in deciding.glasses_of(session, id_of(row)))


def need_glass(session: Session, actor: Actor, reference: str, now: datetime) -> None:
    """InvalidCommand where somebody wants to act under a glass that they did not break, or that is open no more."""
    row = incident_of(session, reference, actor, now)
    if not is_allowed(actor, Act.APPROVE_DRAFT) and not has_broken(session, actor, Act.APPROVE_DRAFT, row, now):
        raise InvalidCommand(N_("you have broken no glass here that is open: break it first, with your reason"))


def able_to(session: Session, act: Act, row: IncidentRow, now: datetime) -> list[Mandate]:
    """The mandates under which somebody who is not away takes a decision in an incident now."""
    away = absences_between(session, now, now + INSTANT)
    return can_decide(in_force(session, now), act, row.organisation, now, away)


_MISSING = {
    GroundKind.NO_MANDATE: N_("you hold no mandate to decide for %(organisation)s: your role alone gives none"),
    GroundKind.OTHER_SCOPE: N_("your mandate covers other decisions or another organisation than %(organisation)s"),
    GroundKind.NOT_IN_FORCE: N_("your mandate for %(organisation)s is not in force now"),
    GroundKind.NOBODY: N_("an API token decides nothing: a decision is a person's, who is signed in"),
}


def _refusal(ground: Ground, act: Act, organisation: str, able: Iterable[Mandate]) -> str:
    names = list(dict.fromkeys(one.name for one in able))
    who = (
        Sentence(N_("%(names)s can decide now"), names=names)
        if names
        else Sentence(
            N_("nobody can decide now: have a mandate recorded, or break the glass from the page of the incident")
        )
    )
    missing = Sentence(_MISSING[ground.kind], organisation=organisation)
    return Sentence(N_("%(missing)s (%(act)s); %(who)s"), missing=missing, act=act, who=who)


def words_of(ground: Ground) -> dict[str, str]:
    """What a line of the chronology says of the ground of a decision."""
    return {"ground": str(ground.kind), **({"ground_number": str(ground.number)} if ground.number else {})}


def record_decision(
    session: Session, actor: Actor, row: IncidentRow, subject: Subject, value: str, reason: str, now: datetime,
    ground: Ground | None, basis: Basis, text_sealed: bytes | None = None,
) -> None:  # fmt: skip
    """Keep what was decided beside what was advised, with what it was taken on; without a ground it is a statement.

    `text_sealed` is the text that it releases, encrypted.
    """
    position = Position(
        0, PositionKind.DECISION if ground else PositionKind.STATEMENT, subject, value, reason.strip(), actor.name, now,
        actor.person, ground.kind if ground else None, ground.number if ground else None,
    )  # fmt: skip
    number = deciding.add_position(session, id_of(row), position, text_sealed)
    decision_bases.add_basis(session, number, basis)


def ground_if_any(session: Session, actor: Actor, act: Act, row: IncidentRow, now: datetime) -> Ground | None:
    """The ground of an act that asks for none, where there happens to be one."""
    found = _ground(session, actor, act, row, now)
    return found if found.holds else None


# Opinions -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opinion:
    """What the data protection officer advises; each part may be left out, not all. Instants aware."""

    reason: str
    is_breach: bool | None = None
    notify: Mapping[int, bool] = field(default_factory=dict)
    """By number of the obligation: is the notice to be sent?"""
    aware_at: datetime | None = None
    duties: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    """By perimeter and duty (`authority`, `persons`, `clients`): is a notice to be given?"""


def give_opinion(
    session: Session, actor: Actor, reference: str, opinion: Opinion, knowledge: Knowledge, now: datetime
) -> None:
    """Record an opinion (GDPR Art. 39(1)(a)); it decides nothing, and a later one stands beside it."""
    authorise(actor, Act.GIVE_OPINION)
    if actor.person is None and not actor.is_operator:
        raise NotAllowed(N_("an API token has no opinion: the data protection officer signs in and gives it"))
    need_reason(opinion.reason)
    refuse_future(now, aware_at=opinion.aware_at)
    row = incident_of(session, reference, actor, now)
    if row.status not in OPEN_STATUSES:
        raise InvalidCommand(
            N_("%(reference)s is %(status)s: there is nothing to advise on any more"),
            reference=row.reference,
            status=Code(row.status),
        )
    said = _said(session, row, opinion)
    basis = basis_now(session, row, knowledge, _duties_in(session, row, said))
    if not said:
        raise InvalidCommand(N_("say what you advise: breach or not, to notify or not, or aware since when"))
    for subject, value in said.items():
        new = Position(
            0, PositionKind.OPINION, subject, value, opinion.reason.strip(), actor.name, now, actor.person,
        )  # fmt: skip
        decision_bases.add_basis(session, deciding.add_position(session, id_of(row), new), basis)
        words = {"subject": str(subject.kind), "value": value, "reason": opinion.reason.strip()}
        words |= {**_duty_words(subject), **words_of_basis(basis)}
        if subject.obligation is not None:
            held = obligations.row_of(session, id_of(row), subject.obligation)
            words |= {"regime": held.regime, "recipient": held.recipient}
        if opinion.aware_at is not None and subject == aware_at_of():
            words["at"] = value
        timeline.write_entry(session, id_of(row), now, EntryKind.OPINION_GIVEN, actor.name, words)


def _said(session: Session, row: IncidentRow, opinion: Opinion) -> dict[Subject, str]:
    found: dict[Subject, str] = {}
    if opinion.is_breach is not None:
        found[BREACH] = YES if opinion.is_breach else NO
    for number, is_to_be_sent in opinion.notify.items():
        obligations.row_of(session, id_of(row), number)
        found[notify_of(number)] = YES if is_to_be_sent else NO
    for (perimeter, duty), is_to_be_given in opinion.duties.items():
        for subject in subjects_of(session, row, perimeter, duty):
            found[subject] = YES if is_to_be_given else NO
    if opinion.aware_at is not None:
        found[aware_at_of()] = opinion.aware_at.astimezone(UTC).isoformat()
    return found


def subjects_of(session: Session, row: IncidentRow, perimeter: str, duty: str) -> list[Subject]:
    """The questions that a duty of a perimeter stands for: one for each obligation not yet sent, or the duty itself.

    Raises InvalidCommand for what nobody decides on.
    """
    if duty == DutyKind.REGISTER:
        raise InvalidCommand(REGISTER_STAYS)
    if duty not in DUTIES:
        raise InvalidCommand(
            N_("a decision is about one of %(duties)s, not %(given)s"), duties=list(DUTIES), given=duty
        )
    owed = [
        one for one in obligations.of_incident(session, id_of(row))
        if (one.perimeter, duty_named(one.duty)) == (perimeter, duty)
    ]  # fmt: skip
    waiting = [one for one in owed if one.fulfilled_at is None and one.withdrawn_at is None]
    if owed and all(one.fulfilled_at for one in owed):
        raise InvalidCommand(N_("this notice is already recorded as sent"))
    return [notify_of(one.id) for one in waiting] or [duty_of(perimeter, duty)]


def _duties_in(session: Session, row: IncidentRow, said: Iterable[Subject]) -> list[tuple[str, str]]:
    """The perimeter and duty of each question on a notice."""
    found = []
    for one in said:
        if one.obligation is not None:
            held = obligations.row_of(session, id_of(row), one.obligation)
            found.append((held.perimeter, duty_named(held.duty)))
        elif one.kind is SubjectKind.DUTY:
            perimeter, _, duty = one.key.rpartition("/")
            found.append((perimeter, duty))
    return found


def _duty_words(subject: Subject) -> dict[str, str]:
    if subject.kind is not SubjectKind.DUTY:
        return {}
    perimeter, _, duty = subject.key.rpartition("/")
    return {"perimeter": perimeter, "recipient": recipient_named(perimeter, duty)}


def recipient_named(perimeter: str, duty: str) -> str:
    """Whom a duty is owed to, as obligations name it: `cnil`, `persons`, `client:<id>`."""
    return {"authority": "cnil", "persons": "persons"}.get(duty, perimeter)


# For whoever looks ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """How a reader stands to the decisions of an incident."""

    grounds: Mapping[Act, Ground]
    """For each decision; those that do not hold say why."""
    able: tuple[Mandate, ...]
    """Who can take some decision now, whoever they are."""
    glasses: tuple[BrokenGlass, ...]

    @property
    def may_decide(self) -> frozenset[Act]:
        """The decisions that the reader may take."""
        return frozenset(act for act, ground in self.grounds.items() if ground.holds)


def standing_of(session: Session, actor: Actor, row: IncidentRow, now: datetime) -> Standing:
    """How somebody stands to the decisions of an incident, and who else could take them."""
    able = {one.id: one for act in sorted(DECISIONS) for one in able_to(session, act, row, now)}
    return Standing(
        {act: _ground(session, actor, act, row, now) for act in sorted(DECISIONS)},
        tuple(able.values()),
        tuple(deciding.glasses_of(session, id_of(row))),
    )
