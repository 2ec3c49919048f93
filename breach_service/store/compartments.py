"""Who stands how to which incident, who takes whose place, and the notes of the counsel compartment."""

import json
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, or_, select, update
from sqlmodel import Session

from breach_service.domain.access import MandateKind, PersonStanding, Standing, UserRole
from breach_service.domain.alert import EntityKind, EntityRole
from breach_service.domain.incident import EntryKind
from breach_service.store.access_tables import (
    AbsenceRow,
    CounselNoteRow,
    IncidentPersonRow,
    MandateRow,
    SubstituteRow,
)
from breach_service.store.cipher import Cipher
from breach_service.store.sight import Visibility
from breach_service.store.tables import AlertRow, IncidentRow, TimelineEntryRow, UserRow
from breach_service.store.timeline import digest_of

PERSON = IncidentPersonRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
INCIDENT = IncidentRow.__table__  # type: ignore[attr-defined]
ALERT = AlertRow.__table__  # type: ignore[attr-defined]
USER = UserRow.__table__  # type: ignore[attr-defined]
SUBSTITUTE = SubstituteRow.__table__  # type: ignore[attr-defined]
ABSENCE = AbsenceRow.__table__  # type: ignore[attr-defined]
MANDATE = MandateRow.__table__  # type: ignore[attr-defined]
NOTE = CounselNoteRow.__table__  # type: ignore[attr-defined]
ENTRY = TimelineEntryRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class StandingLine:
    """One line of who stands how to an incident. Instants in UTC."""

    id: int
    person: int
    name: str
    role: UserRole
    standing: Standing
    by: str
    reason: str
    at: datetime
    until: datetime | None
    ended_at: datetime | None
    ended_by: str

    def holds(self, at: datetime) -> bool:
        """True while it is in force."""
        return PersonStanding(self.person, self.standing, self.at, self.until, self.ended_at).holds(at)


def standings_of(session: Session, incident_id: int) -> tuple[StandingLine, ...]:
    """Everybody who ever stood in any way to an incident, oldest first."""
    rows = session.execute(
        select(PERSON, USER.c.name, USER.c.role)
        .join(USER, USER.c.id == PERSON.c.user_id)
        .where(PERSON.c.incident_id == incident_id)
        .order_by(PERSON.c.id)
    )
    return tuple(
        StandingLine(
            row.id, row.user_id, row.name, UserRole(row.role), Standing(row.standing), row.by, row.reason, row.at,
            row.until, row.ended_at, row.ended_by,
        )
        for row in rows
    )  # fmt: skip


def stand(
    session: Session, incident_id: int, people: Iterable[int], standing: Standing, by: str, reason: str, now: datetime,
    until: datetime | None = None,
) -> list[int]:  # fmt: skip
    """Let people stand in a way to an incident; those of them who did not already."""
    held = {one.person for one in standings_of(session, incident_id) if one.standing is standing and one.holds(now)}
    new = [one for one in dict.fromkeys(people) if one not in held]
    if new:
        values = {"incident_id": incident_id, "standing": str(standing), "by": by, "reason": reason, "at": now}
        session.execute(
            insert(PERSON), [{**values, "user_id": one, "until": until, "ended_by": ""} for one in new]
        )  # fmt: skip
    return new


def end_standing(
    session: Session, incident_id: int, person: int, standing: Standing, by: str, now: datetime
) -> bool:  # fmt: skip
    """End a standing; False where the person had none."""
    ended = session.execute(
        update(PERSON)
        .where(
            PERSON.c.incident_id == incident_id, PERSON.c.user_id == person, PERSON.c.standing == str(standing),
            PERSON.c.ended_at.is_(None), or_(PERSON.c.until.is_(None), PERSON.c.until > now),
        )
        .values(ended_at=now, ended_by=by)
        .returning(PERSON.c.id)
    ).all()  # fmt: skip
    return bool(ended)


def restricted_among(session: Session, references: Collection[str]) -> list[int]:
    """The numbers of those of some incidents that are restricted."""
    if not references:
        return []
    query = select(INCIDENT.c.id).where(INCIDENT.c.is_restricted, INCIDENT.c.reference.in_(sorted(references)))
    return list(session.execute(query.order_by(INCIDENT.c.id)).scalars())


def users_named(session: Session, ids: Collection[int]) -> dict[int, set[str]]:
    """The accounts that alerts of some incidents name, but those to which it happened."""
    rows = session.execute(select(ALERT.c.incident_id, ALERT.c.entities).where(ALERT.c.incident_id.in_(sorted(ids))))
    found: dict[int, set[str]] = {}
    for number, entities in rows:
        for kind, value, *role in entities:
            if kind == EntityKind.USER and EntityRole.TARGET not in role:
                found.setdefault(number, set()).add(value)
    return found


def addresses(session: Session) -> dict[int, str]:
    """The e-mail address of every account, disabled ones included."""
    return dict(map(tuple, session.execute(select(USER.c.id, USER.c.email))))


def concerned_in(session: Session, incident_id: int, now: datetime) -> set[int]:
    """The persons whom an incident concerns now."""
    return {
        one.person
        for one in standings_of(session, incident_id)
        if one.standing is Standing.CONCERNED and one.holds(now)
    }


def count_unseen(session: Session, visibility: Visibility) -> int:
    """How many restricted incidents there are that are not seen: all that others may know of them."""
    if visibility.is_full:
        return 0
    is_counted = (INCIDENT.c.is_restricted, INCIDENT.c.is_drill.is_(False), ~visibility.incidents)
    query = select(func.count()).select_from(INCIDENT).where(*is_counted)
    return int(session.execute(query).scalar_one())


def opened_again_at(session: Session, ids: Collection[int]) -> dict[int, datetime]:
    """When a person last opened some incidents again that had been restricted."""
    query = select(ENTRY.c.incident_id, func.max(ENTRY.c.at)).where(
        ENTRY.c.incident_id.in_(sorted(ids)), ENTRY.c.kind == str(EntryKind.OPENED_AGAIN)
    )
    return dict(map(tuple, session.execute(query.group_by(ENTRY.c.incident_id))))


@dataclass(frozen=True)
class Account:
    """A person who can sign in."""

    id: int
    name: str
    role: UserRole


def accounts(session: Session, roles: Collection[UserRole] = tuple(UserRole)) -> tuple[Account, ...]:
    """The accounts of some roles that are not disabled, by name."""
    rows = session.execute(
        select(USER.c.id, USER.c.name, USER.c.role)
        .where(USER.c.disabled_at.is_(None), USER.c.role.in_(sorted(map(str, roles))))
        .order_by(USER.c.name, USER.c.id)
    )
    return tuple(Account(row.id, row.name, UserRole(row.role)) for row in rows)


def names_of(session: Session, people: Collection[int]) -> dict[int, str]:
    """The names of some accounts."""
    query = select(USER.c.id, USER.c.name).where(USER.c.id.in_(sorted(people)))
    return dict(map(tuple, session.execute(query)))


def away(session: Session, at: datetime) -> set[int]:
    """Who is absent at an instant."""
    query = select(ABSENCE.c.user_id).where(
        ABSENCE.c.from_at <= at, ABSENCE.c.to_at > at, or_(ABSENCE.c.ended_at.is_(None), ABSENCE.c.ended_at > at)
    )
    return set(session.execute(query).scalars())


def representatives(session: Session, at: datetime) -> set[int]:
    """The legal representatives at an instant whose accounts are not disabled."""
    query = select(MANDATE.c.user_id).join(USER, USER.c.id == MANDATE.c.user_id).where(
        MANDATE.c.kind == str(MandateKind.REPRESENTATIVE), MANDATE.c.from_at <= at, USER.c.disabled_at.is_(None),
        or_(MANDATE.c.to_at.is_(None), MANDATE.c.to_at > at),
        or_(MANDATE.c.revoked_at.is_(None), MANDATE.c.revoked_at > at),
    )  # fmt: skip
    return set(session.execute(query).scalars())


@dataclass(frozen=True)
class SubstituteLine:
    """Who takes whose place, named in advance."""

    person: int
    name: str
    substitute: int
    substitute_name: str
    recorded_at: datetime
    recorded_by: str


def substitutes(session: Session) -> tuple[SubstituteLine, ...]:
    """The substitutes in force, by the name of whose place they take; a disabled account takes nobody's."""
    other = USER.alias()
    rows = session.execute(
        select(SUBSTITUTE, USER.c.name, other.c.name.label("substitute_name"))
        .join(USER, USER.c.id == SUBSTITUTE.c.user_id)
        .join(other, other.c.id == SUBSTITUTE.c.substitute_id)
        .where(SUBSTITUTE.c.ended_at.is_(None), other.c.disabled_at.is_(None))
        .order_by(USER.c.name, SUBSTITUTE.c.id)
    )
    return tuple(
        SubstituteLine(
            row.user_id, row.name, row.substitute_id, row.substitute_name, row.recorded_at, row.recorded_by
        )
        for row in rows
    )  # fmt: skip


def set_substitute(session: Session, person: int, substitute: int | None, by: str, now: datetime) -> None:
    """Name a person's substitute from now on, or nobody."""
    session.execute(
        update(SUBSTITUTE).where(SUBSTITUTE.c.user_id == person, SUBSTITUTE.c.ended_at.is_(None)).values(ended_at=now)
    )
    if substitute is not None:
        session.execute(
            insert(SUBSTITUTE).values(user_id=person, substitute_id=substitute, recorded_at=now, recorded_by=by)
        )


def named_since(session: Session, since: datetime) -> Sequence[tuple[int, int, str]]:
    """Who was named in a restricted incident at an instant or later and still is: line, person, reference."""
    rows = session.execute(
        select(PERSON.c.id, PERSON.c.user_id, INCIDENT.c.reference)
        .join(INCIDENT, INCIDENT.c.id == PERSON.c.incident_id)
        .where(
            PERSON.c.at >= since, PERSON.c.standing.in_([str(Standing.NAMED), str(Standing.COUNSEL)]),
            PERSON.c.ended_at.is_(None), INCIDENT.c.is_restricted,
        )
        .order_by(PERSON.c.id)
    )  # fmt: skip
    return [tuple(row) for row in rows]


@dataclass(frozen=True)
class CounselNote:
    """A note of the counsel compartment, opened."""

    id: int
    at: datetime
    by: str
    text: str
    is_intact: bool
    """False where it no longer fits the digest that the chronology holds."""


def keep_note(session: Session, cipher: Cipher, incident_id: int, text: str, by: str, now: datetime) -> str:
    """Keep a note sealed, and its digest alone in the chronology; the digest."""
    salt = secrets.token_hex(16)
    words = {"note": text}
    digest = digest_of(words, salt)
    entry = session.execute(
        insert(ENTRY)
        .values(incident_id=incident_id, at=now, kind=str(EntryKind.CONSULTED), actor=by, digest=digest)
        .returning(ENTRY.c.id)
    ).scalar_one()
    sealed = cipher.seal(json.dumps({"salt": salt, "words": words}).encode())
    session.execute(
        insert(NOTE).values(incident_id=incident_id, entry_id=entry, at=now, by=by, sealed=sealed, digest=digest)
    )
    return digest


def notes_of(session: Session, cipher: Cipher, incident_id: int) -> tuple[CounselNote, ...]:
    """The counsel notes of an incident, oldest first."""
    rows = session.execute(
        select(NOTE, ENTRY.c.digest.label("in_chronology"))
        .join(ENTRY, ENTRY.c.id == NOTE.c.entry_id)
        .where(NOTE.c.incident_id == incident_id)
        .order_by(NOTE.c.id)
    )
    return tuple(_note(cipher, row) for row in rows)


def _note(cipher: Cipher, row: Any) -> CounselNote:
    opened: Mapping[str, Any] = json.loads(cipher.open(row.sealed))
    digest = digest_of(opened["words"], opened["salt"])
    is_intact = digest == row.digest == row.in_chronology
    return CounselNote(row.id, row.at, row.by, opened["words"]["note"], is_intact)
