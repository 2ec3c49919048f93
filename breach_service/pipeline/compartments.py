"""Close incidents to all but named people, in the transaction of what closes them; a person's act uses this too."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.access import (
    AuditKind,
    Named,
    Standing,
    UserRole,
    Via,
    named_for,
    persons_meant,
)
from breach_service.domain.facts import Fact, FactType, Scope, to_json
from breach_service.domain.incident import EntryKind
from breach_service.pipeline.opening import SERVICE
from breach_service.store import audit, compartments, timeline
from breach_service.store.database import Session
from breach_service.store.tables import IncidentRow

IN_CHARGE = (UserRole.DPO, UserRole.DECIDER)
"""Whoever holds one of these is named where an incident closes by itself."""


@dataclass(frozen=True)
class By:
    """Who closes an incident, or changes who sees it."""

    name: str = SERVICE
    person: int | None = None
    via: Via = Via.SERVICE


def close_what_points_at_staff(
    session: Session,
    known: Iterable[tuple[IncidentRow, Collection[Fact]]],
    types: Mapping[str, FactType],
    now: datetime,
) -> None:
    """Restrict the incidents of which a fact points at one of our own people, and shut out whom their alerts name.

    A person who opened one again outweighs what was known until then.
    """
    telling = {one.id: one.restricts for one in types.values() if one.restricts}
    pointing = {row.id or 0: (row, fact) for row, facts in known if (fact := _pointing(facts, telling)) is not None}
    if not pointing:
        return
    opened = compartments.opened_again_at(session, pointing)
    addresses, said = compartments.addresses(session), compartments.users_named(session, pointing)
    for number, (row, fact) in pointing.items():
        if number in opened and fact.established_at <= opened[number]:
            continue
        meant = persons_meant(said.get(number, ()), addresses)
        if not row.is_restricted:
            restrict(session, row, By(), f"fact:{fact.name}", now, concerned=meant)
        elif not meant <= compartments.concerned_in(session, number, now):
            shut_out(session, row, meant, By(), f"fact:{fact.name}", now)


def _pointing(facts: Iterable[Fact], telling: Mapping[str, tuple[str, ...]]) -> Fact | None:
    """The fact that points at staff: what was recorded last counts, for each part of the incident by itself."""
    last: dict[tuple[str, Scope], Fact] = {}
    for one in facts:
        if one.name in telling:
            last[one.name, one.scope] = one
    for one in last.values():
        value = to_json(one.value)
        if any(word in telling[one.name] for word in (value if isinstance(value, list) else [value])):
            return one
    return None


def restrict(
    session: Session, row: IncidentRow, by: By, reason: str, now: datetime, *, named: Collection[int] = (),
    concerned: Collection[int] = (),
) -> None:  # fmt: skip
    """Close an incident to all but `named`, or, where none are, to those in charge; `concerned` are shut out."""
    row.is_restricted = True
    session.add(row)
    session.flush()
    words = {"because": reason} if by.name == SERVICE else {"reason": reason}
    timeline.write_entry(session, row.id, now, EntryKind.RESTRICTED, by.name, words)
    _trail(session, by, AuditKind.RESTRICTED, reason if by.name == SERVICE else "", row, now)
    stand(session, row, concerned, Standing.CONCERNED, by, reason, now)
    _take_the_lead_from(session, row, concerned, by, now)
    shut = compartments.concerned_in(session, row.id or 0, now)
    if set(named) - shut:
        stand(session, row, set(named) - shut, Standing.NAMED, by, reason, now)
    ensure_somebody(session, row, by, reason, now)


def shut_out(session: Session, row: IncidentRow, people: Collection[int], by: By, reason: str, now: datetime) -> None:
    """Say whom an incident concerns; who was named and is concerned gives way to their substitute."""
    before = _named(session, row, now)
    stand(session, row, people, Standing.CONCERNED, by, reason, now)
    _take_the_lead_from(session, row, people, by, now)
    if row.is_restricted:
        replaced = named_for(before, people, (), _substitutes(session), ()).people
        stand(session, row, replaced, Standing.NAMED, by, reason, now)
        ensure_somebody(session, row, by, reason, now)


def _take_the_lead_from(session: Session, row: IncidentRow, people: Collection[int], by: By, now: datetime) -> None:
    if row.lead is None or row.lead not in people:
        return
    words = {"from": compartments.names_of(session, [row.lead])[row.lead], "to": ""}
    row.lead = None
    session.add(row)
    session.flush()
    timeline.write_entry(session, row.id, now, EntryKind.LEAD_CHANGED, by.name, words)


def stand(
    session: Session, row: IncidentRow, people: Collection[int], standing: Standing, by: By, reason: str,
    now: datetime, until: datetime | None = None,
) -> list[int]:  # fmt: skip
    """Let people stand in a way to an incident, with its lines in the chronology and in the trail; the new ones."""
    new = compartments.stand(session, row.id or 0, sorted(people), standing, by.name, reason, now, until)
    names = compartments.names_of(session, new)
    for one in new:
        words = {"standing": str(standing), "person": names[one], "reason": "" if by.name == SERVICE else reason}
        if until is not None:
            words["until"] = until.isoformat()
        timeline.write_entry(session, row.id, now, EntryKind.STANDING_BEGAN, by.name, words)
        _trail(session, by, AuditKind.STANDING_BEGAN, f"{standing} person:{one}", row, now)
    return new


def end_standing(
    session: Session, row: IncidentRow, person: int, standing: Standing, by: By, reason: str, now: datetime
) -> bool:
    """End how somebody stands to an incident, with its lines; False where they did not."""
    if not compartments.end_standing(session, row.id or 0, person, standing, by.name, now):
        return False
    name = compartments.names_of(session, [person])[person]
    words = {"standing": str(standing), "person": name, "reason": reason}
    timeline.write_entry(session, row.id, now, EntryKind.STANDING_ENDED, by.name, words)
    _trail(session, by, AuditKind.STANDING_ENDED, f"{standing} person:{person}", row, now)
    return True


def ensure_somebody(session: Session, row: IncidentRow, by: By, reason: str, now: datetime) -> None:
    """Name those in charge where nobody who can sign in and is not concerned is named in a restricted incident."""
    if _named(session, row, now):
        return
    chosen = in_charge(session, compartments.concerned_in(session, row.id or 0, now), now)
    stand(session, row, chosen.people, Standing.NAMED, by, reason, now)
    if chosen.is_last_resort:
        named = " ".join(f"person:{one}" for one in chosen.people)
        _trail(session, By(), AuditKind.NOBODY_LEFT, named or "nobody", row, now)


def _named(session: Session, row: IncidentRow, now: datetime) -> set[int]:
    """Who is named, can sign in and is not concerned."""
    held = [one for one in compartments.standings_of(session, row.id or 0) if one.holds(now)]
    named = {one.person for one in held if one.standing is Standing.NAMED}
    shut = {one.person for one in held if one.standing is Standing.CONCERNED}
    return (named - shut) & {one.id for one in compartments.accounts(session)}


def in_charge(session: Session, concerned: Collection[int], now: datetime) -> Named:
    """Who is named where nobody says whom: those in charge, their substitutes where they are concerned or away."""
    holders = {one.id for one in compartments.accounts(session, IN_CHARGE)}
    away, last = compartments.away(session, now), compartments.representatives(session, now)
    return named_for(holders, concerned, away, _substitutes(session), last)


def _substitutes(session: Session) -> dict[int, int]:
    return {one.person: one.substitute for one in compartments.substitutes(session)}


def keep_together(session: Session, gone: IncidentRow, kept: IncidentRow, by: By, now: datetime) -> None:
    """Two incidents became one: it is restricted if one of them was, and everybody stands to both alike."""
    theirs, ours = (compartments.standings_of(session, one.id or 0) for one in (gone, kept))
    is_restricted = gone.is_restricted or kept.is_restricted
    for one in (gone, kept):
        if is_restricted and not one.is_restricted:
            one.is_restricted = True
            session.add(one)
            session.flush()
            timeline.write_entry(session, one.id, now, EntryKind.RESTRICTED, by.name, {"because": "merged"})
            _trail(session, by, AuditKind.RESTRICTED, "merged", one, now)
    for one, lines in ((gone, ours), (kept, theirs)):
        for line in lines:
            if line.holds(now) and line.standing in (Standing.NAMED, Standing.CONCERNED):
                stand(session, one, [line.person], line.standing, by, line.reason, now, line.until)
        if one.is_restricted:
            ensure_somebody(session, one, by, "merged", now)


def open_again(session: Session, row: IncidentRow, by: By, reason: str, now: datetime) -> None:
    """Let everybody who may look see an incident again; whom it concerns stays shut out until that is ended."""
    row.is_restricted = False
    session.add(row)
    session.flush()
    timeline.write_entry(session, row.id, now, EntryKind.OPENED_AGAIN, by.name, {"reason": reason})
    _trail(session, by, AuditKind.OPENED_AGAIN, "", row, now)


def _trail(session: Session, by: By, kind: AuditKind, what: str, row: IncidentRow, now: datetime) -> None:
    audit.append(session, now, by.name, by.person, str(kind), what, str(by.via), row.id)
