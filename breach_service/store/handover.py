"""What work there is and on whom it rests, and the handovers of those who leave."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, delete, or_, select, update

from breach_service.domain.access import Standing, UserRole
from breach_service.domain.access.compartments import OPENING
from breach_service.domain.deadlines import DutyKind
from breach_service.domain.deciding import PositionKind, SubjectKind, subject_from
from breach_service.domain.handover import OpenIncident, OwedNotice, SentLetter, Situation, Work, WorkKind
from breach_service.domain.incident import OPEN_STATUSES, UNQUALIFIED_STATUSES, IncidentStatus
from breach_service.domain.rota import Level
from breach_service.domain.rota.replacing import places_of, replaced
from breach_service.store import deciding, people, rota
from breach_service.store.access_tables import (
    ChallengeRow,
    ContactWayRow,
    HandoverRow,
    IncidentPersonRow,
    PasskeyRow,
    PositionRow,
    SubstituteRow,
)
from breach_service.store.sight import FULL
from breach_service.store.tables import FilingRow, IncidentRow, ObligationRow, UserRow

ADVISED_ON = frozenset({IncidentStatus.ASSESSING, IncidentStatus.CONFIRMED})
FAR_AHEAD = datetime(9000, 1, 1, tzinfo=UTC)


def situation_of(session: Session, person: UserRow, now: datetime) -> Situation:
    """What work there is, as far as it can rest on this person; restricted incidents included."""
    number = person.id or 0
    rows = session.exec(select(UserRow).where(or_(col(UserRow.disabled_at).is_(None), col(UserRow.id) == number)))
    return Situation(
        roles={row.id or 0: UserRole(row.role) for row in rows},
        incidents=_open_incidents(session, now),
        mandates=tuple(deciding.mandates(session, active_only=False)),
        glasses=tuple(deciding.glasses(session, FULL, outstanding_only=True)),
        letters=_letters(session, person.name),
        levels=_levels(session, number, now),
        stands_in_for=tuple(
            session.exec(
                select(SubstituteRow.user_id).where(
                    SubstituteRow.substitute_id == number, col(SubstituteRow.ended_at).is_(None)
                )
            )
        ),
        administrators=people.administrators(session),
    )


def _open_incidents(session: Session, now: datetime) -> tuple[OpenIncident, ...]:
    rows = session.exec(
        select(IncidentRow)
        .where(col(IncidentRow.status).in_(sorted(OPEN_STATUSES)), col(IncidentRow.is_drill).is_(False))
        .order_by(col(IncidentRow.id))
    ).all()
    ids = [row.id or 0 for row in rows]
    advised, released = _positions(session, ids)
    notices, standing = _notices(session, ids, released), _standings(session, ids, now)
    return tuple(
        OpenIncident(
            id=number, reference=row.reference, organisation=row.organisation, lead=row.lead,
            is_qualified=row.status not in UNQUALIFIED_STATUSES,
            awaits_opinion=row.status in ADVISED_ON and number not in advised,
            notices=tuple(notices[number]),
            named=frozenset(standing[number, True]) if row.is_restricted else None,
            concerned=frozenset(standing[number, False]),
        )
        for number, row in zip(ids, rows, strict=True)
    )  # fmt: skip


def _positions(session: Session, ids: Collection[int]) -> tuple[set[int], set[int]]:
    """The incidents on which there is an opinion, and the obligations whose text was released."""
    advised, released = set(), set()
    asked = select(PositionRow.incident_id, PositionRow.kind, PositionRow.subject)
    for incident, kind, subject in session.exec(asked.where(col(PositionRow.incident_id).in_(ids))):
        if kind == PositionKind.OPINION:
            advised.add(incident)
        elif (found := subject_from(subject)).kind is SubjectKind.APPROVE and found.obligation is not None:
            released.add(found.obligation)
    return advised, released


def _notices(session: Session, ids: Collection[int], released: Collection[int]) -> Mapping[int, list[OwedNotice]]:
    rows = session.exec(
        select(ObligationRow)
        .where(
            col(ObligationRow.incident_id).in_(ids),
            col(ObligationRow.fulfilled_at).is_(None),
            col(ObligationRow.withdrawn_at).is_(None),
            col(ObligationRow.not_required_reason).is_(None),
            col(ObligationRow.duty).in_([one for one in DutyKind if one.has_letter]),
        )
        .order_by(col(ObligationRow.id))
    )
    found: defaultdict[int, list[OwedNotice]] = defaultdict(list)
    for row in rows:
        waits = not row.is_provisional and row.id not in released
        found[row.incident_id or 0].append(OwedNotice(row.id or 0, row.due_at, waits))
    return found


def _standings(session: Session, ids: Collection[int], now: datetime) -> Mapping[tuple[int, bool], set[int]]:
    """Who is named in an incident (True) and whom it concerns (False), now."""
    rows = session.exec(
        select(IncidentPersonRow).where(
            col(IncidentPersonRow.incident_id).in_(ids),
            IncidentPersonRow.at <= now,
            or_(col(IncidentPersonRow.until).is_(None), col(IncidentPersonRow.until) > now),
            or_(col(IncidentPersonRow.ended_at).is_(None), col(IncidentPersonRow.ended_at) > now),
        )
    )
    found: defaultdict[tuple[int, bool], set[int]] = defaultdict(set)
    for row in rows:
        if row.standing in OPENING or row.standing == Standing.CONCERNED:
            found[row.incident_id, row.standing in OPENING].add(row.user_id)
    return found


def _letters(session: Session, name: str) -> tuple[SentLetter, ...]:
    """The notices of open incidents that somebody recorded as sent, without a receipt."""
    rows = session.exec(
        select(FilingRow.id, IncidentRow.id, IncidentRow.reference)
        .join(ObligationRow, col(ObligationRow.id) == FilingRow.obligation_id)
        .join(IncidentRow, col(IncidentRow.id) == ObligationRow.incident_id)
        .where(
            FilingRow.by == name,
            FilingRow.receipt == "",
            col(IncidentRow.status).in_(sorted(OPEN_STATUSES)),
            col(IncidentRow.is_drill).is_(False),
        )
        .order_by(col(FilingRow.id))
    )
    return tuple(SentLetter(number or 0, incident or 0, reference) for number, incident, reference in rows)


def _levels(session: Session, person: int, now: datetime) -> tuple[int, ...]:
    """The levels of the rota on which somebody stands or for which they took a shift on, by their place from 1."""
    kept = rota.in_force(session, now)
    standing = set(places_of(kept.document, str(person))) if kept is not None else set()
    standing |= {one.override.level for one in _arranged(session, person, now)}
    return tuple(place for place, level in enumerate(Level, start=1) if level in standing)


def _arranged(session: Session, person: int, now: datetime) -> list[rota.KeptOverride]:
    """The shifts under way or ahead that somebody took on."""
    return [one for one in rota.overrides(session, now, FAR_AHEAD) if one.override.person == person]


# Handovers ------------------------------------------------------------------------------------------------------------


def add(session: Session, row: HandoverRow) -> int:
    """Insert a handover; its number."""
    session.add(row)
    session.flush()
    return row.id or 0


def by_number(session: Session, number: int) -> HandoverRow | None:
    """One handover."""
    return session.get(HandoverRow, number)


def of_person(session: Session, person: int) -> list[HandoverRow]:
    """The handovers of the work of one person, oldest first, withdrawn ones included."""
    return list(session.exec(select(HandoverRow).where(HandoverRow.user_id == person).order_by(col(HandoverRow.id))))


def waiting_for(session: Session, successor: int) -> list[HandoverRow]:
    """The handovers that wait for somebody to accept them, oldest first."""
    return list(
        session.exec(
            select(HandoverRow)
            .where(
                HandoverRow.successor_id == successor,
                col(HandoverRow.accepted_at).is_(None),
                col(HandoverRow.withdrawn_at).is_(None),
            )
            .order_by(col(HandoverRow.id))
        )
    )


def save(session: Session, row: HandoverRow | IncidentRow) -> None:
    """Keep what was changed about a handover or about who leads an incident."""
    session.add(row)
    session.flush()


def stands_in_instead(session: Session, leaver: int, successor: int, by: str, now: datetime) -> None:
    """Let the successor be the substitute of everybody whose substitute the leaver is, but of themselves."""
    held = session.exec(
        select(SubstituteRow.user_id).where(
            SubstituteRow.substitute_id == leaver, col(SubstituteRow.ended_at).is_(None)
        )
    ).all()
    end_standing_in(session, leaver, now)
    for person in held:
        if person != successor:
            session.add(SubstituteRow(user_id=person, substitute_id=successor, recorded_at=now, recorded_by=by))
    session.flush()


def end_standing_in(session: Session, person: int, now: datetime) -> None:
    """Nobody has this person as their substitute any more, and they have none."""
    mine = or_(col(SubstituteRow.substitute_id) == person, col(SubstituteRow.user_id) == person)
    session.execute(update(SubstituteRow).where(mine, col(SubstituteRow.ended_at).is_(None)).values(ended_at=now))


def end_ways_in(session: Session, person: int, now: datetime) -> None:
    """Passkeys, ways to be reached, and what was asked of a browser of somebody who is shut out."""
    for table in (PasskeyRow, ContactWayRow):
        session.execute(
            update(table).where(col(table.user_id) == person, col(table.removed_at).is_(None)).values(removed_at=now)
        )
    session.execute(delete(ChallengeRow).where(col(ChallengeRow.user_id) == person))


def take_shifts(session: Session, leaver: int, successor: int | None, by: str, now: datetime) -> None:
    """Put the successor in the place of the leaver in the rota and in what was arranged; None leaves the place empty.

    A successor who stands on the level already takes no second place.
    """
    kept = rota.in_force(session, now)
    if kept is not None:
        changed = replaced(kept.document, str(leaver), None if successor is None else str(successor))
        if changed != kept.document:
            rota.keep(session, changed, by, now)
    ahead = _arranged(session, leaver, now)
    rota.end_overrides(session, (one.id for one in ahead), now)
    if successor is not None:
        taken = ((replace(one.override, person=successor, from_at=max(one.override.from_at, now)), one.origin)
                 for one in ahead)  # fmt: skip
        rota.add_overrides(session, taken, by, now)


def as_kept(items: Iterable[Work]) -> list[dict[str, Any]]:
    """Work as a handover keeps it: kind, reference and ids, no content."""
    return [
        {"kind": str(one.kind), "number": one.number, "reference": one.reference, "incident": one.incident,
         "organisation": one.organisation, "due_at": one.due_at.isoformat() if one.due_at else None}
        for one in items
    ]  # fmt: skip


def taken_in(row: HandoverRow) -> tuple[Work, ...]:
    """The work that a handover is about."""
    return tuple(
        Work(
            WorkKind(one["kind"]), one["number"], one["reference"], one["incident"], one["organisation"],
            datetime.fromisoformat(one["due_at"]) if one["due_at"] else None,
        )
        for one in row.work
    )  # fmt: skip


def waiting(session: Session, since: datetime | None = None) -> list[HandoverRow]:
    """The handovers that wait for anybody, oldest first; only those that began since then, where it is said."""
    asked = select(HandoverRow).where(
        col(HandoverRow.accepted_at).is_(None), col(HandoverRow.withdrawn_at).is_(None)
    )  # fmt: skip
    if since is not None:
        asked = asked.where(HandoverRow.started_at >= since)
    return list(session.exec(asked.order_by(col(HandoverRow.id))))


def asked_for(session: Session, person: int, found: Situation, now: datetime) -> list[int]:
    """Who is asked to stand in for somebody, in order: their substitute, the deputy on the rota, those who judge."""
    named = session.exec(
        select(SubstituteRow.substitute_id).where(
            SubstituteRow.user_id == person, col(SubstituteRow.ended_at).is_(None)
        )
    )
    kept = rota.in_force(session, now)
    deputies = [kept.document.get(one) for one in ("deputy", "dpo")] if kept is not None else []
    judging = [one for role in (UserRole.DPO, UserRole.DECIDER, UserRole.RESPONDER)
               for one, held in sorted(found.roles.items()) if held is role]  # fmt: skip
    away = {one.absence.person for one in rota.absences(session, now, now)}
    asked = [*named, *(int(one) for one in deputies if one is not None), *judging, *sorted(found.administrators)]
    # Whoever is away comes last: they can do it, and cannot do it now.
    return sorted(asked, key=lambda one: one in away)
