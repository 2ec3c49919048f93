"""How people end incidents: one by one, or those that are proposed in one act; each as something, with the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.decisions.deciding import ground_for, record_decision, words_of
from breach_service.acts.decisions.taken_on import basis_now, words_of_basis
from breach_service.acts.rows import change_status, id_of, incident_of, need_open, need_reason, open_row, visibility_of
from breach_service.acts.seeing.audit import note_if_denied
from breach_service.domain.access import Act, Actor
from breach_service.domain.closing import Caution, Closable, ClosingReason, Proposal, StaysOpen, proposal_of
from breach_service.domain.deadlines import DutyKind
from breach_service.domain.deciding import BREACH, NO
from breach_service.domain.incident import ANOTHER_INCIDENT, UNQUALIFIED_STATUSES, IncidentStatus
from breach_service.domain.neighbours import withheld
from breach_service.errors import N_, InvalidCommand, NotFound
from breach_service.pipeline.judging import judge
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import closing as stored
from breach_service.store import incidents, merging, neighbours, obligations
from breach_service.store.database import Session, lock_placing
from breach_service.store.sight import Visibility
from breach_service.store.tables import IncidentRow

MOST_AT_ONCE = 200
"""Incidents that one act closes."""
_CAUTIONS = {
    Caution.PERSONAL_DATA: "personal data are concerned",
    Caution.PERSONAL_DATA_UNKNOWN: "it is not excluded that personal data are concerned",
    Caution.NOTICE_SENT: "a notice was sent about it",
}


def dismiss(
    session: Session, actor: Actor, reference: str, reason: str, knowledge: Knowledge, now: datetime,
    kind: ClosingReason | None = None, duplicate_of: str = "",
) -> None:  # fmt: skip
    """Say that this is no breach: it stays in the incident log with the reason, what was owed is withdrawn in one act.

    `kind` says as what it is dismissed, None where nobody says; a duplicate names the reference of the other one.
    """
    authorise(actor, Act.QUALIFY)
    need_reason(reason)
    lock_placing(session)
    row = incident_of(session, reference, actor, now)
    need_open(row)
    ground = ground_for(session, actor, Act.QUALIFY, row, now)
    other = _duplicated(session, row, kind, duplicate_of, visibility_of(actor, now))
    row = open_row(session, reference, actor, now)
    basis = basis_now(session, row, knowledge)
    record_decision(session, actor, row, BREACH, NO, reason, now, ground, basis)
    _end(session, row, actor, kind, reason, knowledge, now, other, {**words_of(ground), **words_of_basis(basis)})


def close(
    session: Session, actor: Actor, reference: str, reason: str, knowledge: Knowledge, now: datetime,
    kind: ClosingReason = ClosingReason.BREACH_HANDLED,
) -> None:  # fmt: skip
    """Close a confirmed incident in which nothing is owed any more: a breach that was handled."""
    authorise(actor, Act.CLOSE)
    need_reason(reason)
    if kind.status is not IncidentStatus.CLOSED:
        raise InvalidCommand(
            N_("a confirmed breach is closed as %(handled)s; %(kind)s dismisses it"),
            handled=ClosingReason.BREACH_HANDLED,
            kind=kind,
        )
    lock_placing(session)
    row = incident_of(session, reference, actor, now)
    need_open(row)
    if row.status in UNQUALIFIED_STATUSES:
        raise InvalidCommand(N_("say first what this is: confirm it or dismiss it, with the reason"))
    owed = [
        one for one in obligations.of_incident(session, id_of(row))
        if one.duty is not DutyKind.REGISTER  # the service itself keeps the register
        and not (one.fulfilled_at or one.withdrawn_at or one.not_required_reason)
    ]  # fmt: skip
    if owed:
        raise InvalidCommand(
            N_("%(number)s notices are still owed: record their filing, or say why they are not required"),
            number=len(owed),
        )
    _end(session, open_row(session, reference, actor, now), actor, kind, reason, knowledge, now)


def _end(
    session: Session, row: IncidentRow, actor: Actor, kind: ClosingReason | None, reason: str, knowledge: Knowledge,
    now: datetime, duplicate_of: str = "", ground: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Write down how an incident ends, with its line in the chronology, and judge it again."""
    status = kind.status if kind is not None else IncidentStatus.DISMISSED
    if status is IncidentStatus.CLOSED:
        row.closed_at = now
    else:
        row.qualified_at = now
    row.closing_reason, row.duplicate_of = str(kind or ""), duplicate_of
    more = {"closing": row.closing_reason, "duplicate_of": duplicate_of, **(ground or {})}
    change_status(session, row, status, actor, reason, now, {name: word for name, word in more.items() if word})
    judge(session, id_of(row), knowledge, now)


def _duplicated(
    session: Session, row: IncidentRow, kind: ClosingReason | None, duplicate_of: str, visibility: Visibility
) -> str:
    """The reference of the incident that another duplicates; InvalidCommand where it cannot be that one."""
    if kind is ClosingReason.BREACH_HANDLED:
        raise InvalidCommand(
            N_("%(reference)s is dismissed, not handled: confirm the breach first, then close it"),
            reference=row.reference,
        )
    if kind is not ClosingReason.DUPLICATE:
        if duplicate_of.strip():
            raise InvalidCommand(N_("only a duplicate names another incident: choose that reason, or leave it empty"))
        return ""
    if not duplicate_of.strip():
        raise InvalidCommand(
            N_("say which incident %(reference)s duplicates: its reference, such as INC-2026-0001"),
            reference=row.reference,
        )
    other = incidents.row_of(session, duplicate_of.strip(), visibility)
    if other.id == row.id:
        raise InvalidCommand(N_("%(reference)s cannot be its own duplicate"), reference=row.reference)
    if other.merged_into is not None:
        went_into = merging.goes_on_as(session, id_of(other), visibility) or ANOTHER_INCIDENT
        raise InvalidCommand(
            N_("%(other)s was merged into %(went_into)s: name that one"), other=other.reference, went_into=went_into
        )
    if other.duplicate_of:
        unseen = neighbours.unseen_among(session, {other.duplicate_of}, visibility)
        first = withheld(other.duplicate_of, unseen)
        raise InvalidCommand(
            N_("%(other)s is itself a duplicate of %(first)s: name that one"), other=other.reference, first=first
        )
    forgotten = [one for one in row.systems if one not in other.systems]
    if forgotten:
        raise InvalidCommand(
            N_("%(other)s does not concern %(names)s: add it there first, or whose data it holds would be forgotten"),
            other=other.reference,
            names=list(forgotten),
        )
    return other.reference


@dataclass(frozen=True)
class Closing:
    """One incident of a bulk act, with its own reason where it needs one."""

    reference: str
    reason: str = ""
    """Empty: that of the act."""
    kind: ClosingReason | None = None
    """None: that of the act."""
    is_confirmed: bool = False
    """True where the person confirms this one by itself."""
    duplicate_of: str = ""


@dataclass(frozen=True)
class Refused:
    """An incident that was not closed, and why."""

    reference: str
    sentence: str
    why: StaysOpen = StaysOpen.OTHER


class _NotClosed(InvalidCommand):
    """One incident of a bulk act cannot be closed."""

    def __init__(self, why: StaysOpen, sentence: str) -> None:
        super().__init__(sentence)
        self.why = why


@dataclass(frozen=True)
class ManyClosed:
    """What a bulk act did."""

    closed: tuple[str, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True)
class BulkClosing:
    """Several incidents that are proposed for closing, and the reason of those that have none of their own."""

    incidents: Sequence[Closing]
    kind: ClosingReason | None = None
    reason: str = ""
    duplicate_of: str = ""


def close_many(session: Session, actor: Actor, command: BulkClosing, knowledge: Knowledge, now: datetime) -> ManyClosed:
    """Dismiss what is proposed for closing, each with its own line; what cannot be is named, the others are closed.

    An incident that calls for caution (personal data not excluded, a notice sent) is only taken with a reason and a
    confirmation of its own. Asked again here: what woke since the list was shown stays open.
    """
    authorise(actor, Act.QUALIFY)
    if not command.incidents:
        raise InvalidCommand(N_("choose at least one incident"))
    if len(command.incidents) > MOST_AT_ONCE:
        raise InvalidCommand(N_("at most %(most_at_once)s incidents at once: choose fewer"), most_at_once=MOST_AT_ONCE)
    lock_placing(session)
    closed: list[str] = []
    refused: list[Refused] = []
    for one in {each.reference.upper(): each for each in command.incidents}.values():
        try:
            row = incident_of(session, one.reference, actor, now)
            whole = _checked(stored.closable_by_id(session, id_of(row)), one, command, now)
            dismiss(
                session, actor, row.reference, whole.reason, knowledge, now, whole.kind, whole.duplicate_of,
            )  # fmt: skip
            closed.append(row.reference)
        except _NotClosed as error:
            refused.append(Refused(one.reference, error.sentence, error.why))
        except (InvalidCommand, NotFound) as error:  # every check comes before the first change
            note_if_denied(session, actor, error, now)
            refused.append(Refused(one.reference, error.sentence))
    return ManyClosed(tuple(closed), tuple(refused))


def _checked(asked: Closable, one: Closing, command: BulkClosing, now: datetime) -> Closing:
    """The closing with what the act says where it says nothing itself."""
    proposal = proposal_of(asked, now)
    if proposal is None:
        raise _why_not(asked)
    if not proposal.goes_in_bulk:
        _need_own(proposal, one)
        return one
    has_own = one.kind is not None
    whole = replace(
        one,
        reason=one.reason or command.reason,
        kind=one.kind or command.kind,
        duplicate_of=one.duplicate_of if has_own else command.duplicate_of,
    )
    if whole.kind is None:
        raise _NotClosed(StaysOpen.NEEDS_REASON, "say as what it is closed: " + ", ".join(ClosingReason))
    if not whole.reason.strip():
        raise _NotClosed(StaysOpen.NEEDS_REASON, "give the reason: it stands in the chronology")
    return whole


def _need_own(proposal: Proposal, one: Closing) -> None:
    why = " and ".join(_CAUTIONS[each] for each in proposal.cautions)
    if not one.is_confirmed:
        sentence = f"{why}: confirm this one by itself, with its own reason"
        raise _NotClosed(StaysOpen.NEEDS_CONFIRMATION, sentence)
    if one.kind is None or not one.reason.strip():
        sentence = f"{why}: say for this one by itself as what it is closed, and why"
        raise _NotClosed(StaysOpen.NEEDS_OWN_REASON, sentence)


def _why_not(asked: Closable) -> _NotClosed:
    incident = asked.incident
    if incident.status not in UNQUALIFIED_STATUSES:
        return _NotClosed(StaysOpen.DECIDED_MEANWHILE, f"it is {incident.status} by now")
    if asked.has_awareness:
        sentence = "somebody said since when we are aware of a breach: confirm it or dismiss it by itself"
        return _NotClosed(StaysOpen.AWARENESS_RECORDED, sentence)
    sentence = "it is not proposed for closing: an alert still fires, or a person declared it; dismiss it by itself"
    return _NotClosed(StaysOpen.NOT_PROPOSED, sentence)
