"""Proposals that two incidents are one, and what of a merged incident goes on counting in the other."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select

from breach_service.domain.deadlines import Obligation
from breach_service.domain.dossier import Filing
from breach_service.domain.incident import Incident, IncidentStatus
from breach_service.errors import N_, NotFound
from breach_service.store import grouping, incidents, obligations
from breach_service.store.grouping_tables import MergeProposalRow
from breach_service.store.sight import FULL, Visibility
from breach_service.store.tables import IncidentRow, ObligationRow


class Decision(StrEnum):
    """What became of a proposal."""

    WAITING = ""
    MERGED = "merged"
    KEPT_APART = "kept_apart"
    """A person said that they are two; the pair is not proposed again."""
    MOVED = "moved"
    """One of the two went into a third incident, and the proposal with it."""


@dataclass(frozen=True)
class Proposal:
    """A proposal as one of its two incidents sees it."""

    id: int
    other: Incident
    proposed_at: datetime
    decision: Decision
    decided_at: datetime | None


def proposals_of(session: Session, incident_id: int, visibility: Visibility = FULL) -> tuple[Proposal, ...]:
    """Every proposal that an incident is part of and whose other one is seen, decided ones included, oldest first."""
    rows = session.exec(_about(incident_id)).all()
    seen = incidents.seen_among(session, {_other(row, incident_id) for row in rows}, visibility)
    return tuple(
        Proposal(
            id=row.id or 0,
            other=incidents.incident_of(incidents.row_by_id(session, _other(row, incident_id))),
            proposed_at=row.proposed_at,
            decision=Decision(row.decision),
            decided_at=row.decided_at,
        )
        for row in rows
        if _other(row, incident_id) in seen
    )


def proposal_row(
    session: Session, incident_id: int, number: int, visibility: Visibility = FULL
) -> MergeProposalRow:  # fmt: skip
    """The row of one proposal of one incident, whose other one is seen."""
    row = session.get(MergeProposalRow, number)
    if (
        row is None
        or incident_id not in (row.first_id, row.second_id)
        or not incidents.seen_among(session, {_other(row, incident_id)}, visibility)
    ):
        raise NotFound(N_("there is no proposal number %(number)s to merge this incident"), number=number)
    return row


def settle(session: Session, one: int, other: int, decision: Decision, now: datetime) -> None:
    """Write down what was decided about a pair; where nobody proposed it, nothing."""
    first, second = sorted((one, other))
    row = session.exec(
        select(MergeProposalRow).where(
            col(MergeProposalRow.first_id) == first, col(MergeProposalRow.second_id) == second
        )
    ).one_or_none()
    if row is not None and not row.decision:
        row.decision, row.decided_at = decision, now
        session.add(row)


def move_proposals(session: Session, loser: int, winner: int, now: datetime) -> None:
    """What waits about an incident that went into another is about that one now; a pair is proposed once."""
    for row in session.exec(_about(loser)).all():
        if row.decision:
            continue
        other = _other(row, loser)
        if other == winner:
            row.decision = Decision.MERGED
        else:
            grouping.propose_merge(session, winner, other, row.proposed_at)
            row.decision = Decision.MOVED
        row.decided_at = now
        session.add(row)


def _about(incident_id: int) -> Any:
    names = or_(col(MergeProposalRow.first_id) == incident_id, col(MergeProposalRow.second_id) == incident_id)
    return select(MergeProposalRow).where(names).order_by(col(MergeProposalRow.id))


def _other(row: MergeProposalRow, incident_id: int) -> int:
    return row.second_id if row.first_id == incident_id else row.first_id


def merged_into(
    session: Session, incident_id: int, visibility: Visibility = FULL
) -> tuple[IncidentRow, ...]:  # fmt: skip
    """The incidents that went into one, also by way of others, as far as they are seen."""
    found: list[IncidentRow] = []
    waiting = [incident_id]
    while waiting:
        rows = session.exec(select(IncidentRow).where(col(IncidentRow.merged_into).in_(waiting))).all()
        found += rows
        waiting = [one.id for one in rows if one.id]
    seen = incidents.seen_among(session, {one.id or 0 for one in found}, visibility)
    return tuple(one for one in found if one.id in seen)


def having_taken_in(session: Session, ids: Collection[int]) -> set[int]:
    """Those of some incidents into which another went."""
    into = col(IncidentRow.merged_into)
    return {one for one in session.exec(select(into).where(into.in_(sorted(ids))).distinct()) if one is not None}


def goes_on_as(session: Session, incident_id: int, visibility: Visibility = FULL) -> str:
    """The reference of the incident that one went into at last; empty where it stands by itself or is not seen."""
    row = incidents.row_by_id(session, incident_id)
    found = ""
    while row.status == IncidentStatus.MERGED and row.merged_into is not None:
        row = incidents.row_by_id(session, row.merged_into)
        found = row.reference
    return found if incidents.seen_among(session, {row.id or 0}, visibility) else ""


def filings_carried_over(session: Session, incident_id: int, owed: Iterable[Obligation]) -> tuple[Filing, ...]:
    """The notices sent in incidents that went into this one, each under the obligation that it fulfils here.

    The filings themselves stay where they were made: they are never changed.
    """
    ours = {one.key: one.id for one in owed}
    found: list[Filing] = []
    for row in merged_into(session, incident_id):
        theirs = {one.id: one.key for one in obligations.of_incident(session, row.id or 0)}
        for filing in obligations.filings_of(session, row.id or 0):
            number = ours.get(theirs[filing.obligation])
            if number is not None:
                found.append(replace(filing, obligation=number))
    return tuple(sorted(found, key=lambda one: (one.sent_at, one.id)))


def fulfil(session: Session, incident_id: int, sent: Obligation, held: Obligation | None, now: datetime) -> None:
    """Let what was sent for an incident that went into this one count here too.

    `held` is the same obligation here; where there is none a copy is kept, so that it cannot be asked for later.
    """
    if held is None:
        obligations.insert(session, [(incident_id, sent)], now)
        session.flush()
        (held,) = [one for one in obligations.of_incident(session, incident_id) if one.key == sent.key]
    row = obligations.row_of(session, incident_id, held.id)
    row.fulfilled_at = sent.fulfilled_at
    session.add(row)


def reopen(session: Session, incident_id: int, held: Obligation) -> None:
    """Take back that a notice is not required."""
    row: ObligationRow = obligations.row_of(session, incident_id, held.id)
    row.not_required_reason = None
    session.add(row)


def open_others(
    session: Session, incident_id: int, limit: int = 200, visibility: Visibility = FULL
) -> Sequence[Incident]:  # fmt: skip
    """The other open incidents that are seen, newest first."""
    found = incidents.summaries(
        session, only_open=True, limit=limit, visibility=visibility, with_drills=False
    )  # fmt: skip
    return [one.incident for one in found if one.incident.id != incident_id]
