"""What people say of two incidents: that they are one, or that they are not.

A pair that a person kept apart is not proposed again, whatever links the two later; a person can still merge them.
"""

from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.decisions.deciding import ground_for
from breach_service.acts.rows import change_status, id_of, incident_of, visibility_of
from breach_service.domain.access import Act, Actor
from breach_service.domain.incident import OPEN_STATUSES, EntryKind, IncidentStatus
from breach_service.errors import N_, Code, InvalidCommand
from breach_service.pipeline.carrying_over import Said, carry_over_notices, carry_over_words
from breach_service.pipeline.judging import judge
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.merging import merge as merge_rows
from breach_service.store import incidents, merging, obligations, records, timeline
from breach_service.store.database import Session, lock_placing
from breach_service.store.merging import Decision
from breach_service.store.tables import IncidentRow

_FURTHER = (IncidentStatus.SUSPECTED, IncidentStatus.ASSESSING, IncidentStatus.CONFIRMED)
"""An incident that takes another in is as far as the further of the two; somebody is at work on it in any case."""


def merge(
    session: Session, actor: Actor, reference: str, into: str, reason: str, knowledge: Knowledge, now: datetime
) -> None:
    """Say that two open incidents are one: all of the first goes on in the second, and both say who decided and why.

    The notices that the first still owed are withdrawn and judged again in the second; those that were sent stay with
    it and are not owed a second time. Where it is confirmed, or notices were sent, whoever merges must be allowed to
    qualify too, since the register changes.
    """
    authorise(actor, Act.MERGE)
    _need_reason(reason)
    lock_placing(session)
    gone, kept = (incident_of(session, one, actor, now) for one in (reference, into))
    _refuse_what_cannot_be_one(gone, kept)
    owed = obligations.of_incident(session, id_of(gone))
    if gone.status == IncidentStatus.CONFIRMED or any(one.fulfilled_at for one in owed):
        authorise(actor, Act.QUALIFY)
        for row in (gone, kept):
            ground_for(session, actor, Act.QUALIFY, row, now)
    theirs, ours = _said(session, gone), _said(session, kept)
    instants = records.instants_of(session, id_of(gone))
    status = _further(gone, kept)
    _take_up(kept, gone)
    session.add(kept)
    merge_rows(session, id_of(gone), id_of(kept), knowledge, now, actor.name, reason.strip())
    carry_over_words(session, id_of(kept), ours, theirs, instants, gone.reference, actor.name, now)
    if status != kept.status:
        change_status(session, kept, status, actor, "", now, {"incident": gone.reference})
    judge(session, id_of(gone), knowledge, now)
    judge(session, id_of(kept), knowledge, now)
    carry_over_notices(session, id_of(kept), owed, gone.reference, actor.name, now)


def _refuse_what_cannot_be_one(gone: IncidentRow, kept: IncidentRow) -> None:
    if gone.id == kept.id:
        raise InvalidCommand(N_("%(reference)s is the same incident: choose another one"), reference=kept.reference)
    for one in (gone, kept):
        if one.status not in OPEN_STATUSES:
            raise InvalidCommand(
                N_("%(reference)s is %(status)s: only open incidents can be merged"),
                reference=one.reference,
                status=Code(one.status),
            )
    if gone.organisation != kept.organisation:
        raise InvalidCommand(N_("the two incidents belong to two organisations: each keeps its own"))
    if gone.is_drill is not kept.is_drill:
        raise InvalidCommand(N_("one of the two incidents is an exercise: it stays apart from what really happened"))


def _said(session: Session, row: IncidentRow) -> Said:
    return Said(records.facts_of(session, id_of(row)), tuple(row.systems))


def _further(gone: IncidentRow, kept: IncidentRow) -> IncidentStatus:
    found = (IncidentStatus.ASSESSING, IncidentStatus(gone.status), IncidentStatus(kept.status))
    return max(found, key=_FURTHER.index)


def _take_up(kept: IncidentRow, gone: IncidentRow) -> None:
    """What the rows of an incident hold beside its alerts; from now on it is told of and merged by people only."""
    kept.is_held, kept.is_muted = True, False
    kept.signals = list(dict.fromkeys([*kept.signals, *gone.signals]))
    kept.patterns = list(dict.fromkeys([*kept.patterns, *gone.patterns]))
    kept.qualified_at = kept.qualified_at or gone.qualified_at


def keep_apart(session: Session, actor: Actor, reference: str, number: int, reason: str, now: datetime) -> None:
    """Decline a proposal: the two incidents are not one, and the pair is not proposed again."""
    authorise(actor, Act.MERGE)
    _need_reason(reason)
    lock_placing(session)
    row = incident_of(session, reference, actor, now)
    proposal = merging.proposal_row(session, id_of(row), number, visibility_of(actor, now))
    if proposal.decision:
        raise InvalidCommand(N_("this proposal was decided already: look at the chronology"))
    pair = [incidents.row_by_id(session, one) for one in (proposal.first_id, proposal.second_id)]
    merging.settle(session, proposal.first_id, proposal.second_id, Decision.KEPT_APART, now)
    for one, other in (pair, reversed(pair)):
        words = {"with": other.reference, "reason": reason.strip()}
        timeline.write_entry(session, id_of(one), now, EntryKind.KEPT_APART, actor.name, words)


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidCommand(N_("give the reason: it stands in the chronology of both incidents"))
