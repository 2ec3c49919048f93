"""Names that no system is found by: collected beside the processing of alerts, and placed again once they are known.

A little is done each time: alerts are looked through in portions, so that nothing waits for it however many there are.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from breach_service.domain.incident import OPEN_STATUSES, EntryKind, IncidentStatus
from breach_service.domain.unknown_names import UnknownName, is_elsewhere, names_asked, systems_of
from breach_service.pipeline.judging import judge_all
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.opening import SERVICE
from breach_service.store import incidents, timeline, unknown_answers
from breach_service.store import unknown_names as stored
from breach_service.store.database import Session
from breach_service.store.timeline import NewEntry
from breach_service.store.unknown_names import Unplaced, Waiting

ASKED_FOR = timedelta(days=30)
"""A name that no alert has used for so long is asked about no more."""
PORTION = 5_000
"""Alerts that are looked through at a time."""
COUNTED = 10_000
"""Alerts whose repetitions are counted anew at a time."""
ASKED_AGAIN = 300
"""Names that are asked of a new revision of the inventory at a time."""


def look_for_unknown(session: Session, knowledge: Knowledge, now: datetime) -> None:
    """Do a portion of what there is: new names, new counts, names that the inventory knows by now.

    To be called every few seconds by whoever holds the placing lock.
    """
    _note_new(session, knowledge, now)
    _ask_again(session, knowledge, now)
    stored.count_again(session, COUNTED, now)
    stored.forget_before(session, now - ASKED_FOR, ASKED_AGAIN)


def _note_new(session: Session, knowledge: Knowledge, now: datetime) -> None:
    after = stored.looked_through(session)
    upto, alerts = stored.unplaced_after(session, after, PORTION, now - ASKED_FOR)
    found: dict[UnknownName, list[Unplaced]] = {}
    for one in alerts:
        for name in names_asked(one.alert):
            found.setdefault(name, []).append(one)
    inventory, revision = knowledge.inventory, knowledge.inventory_revision
    # An alert may have come before the revision that knows its name, and be looked at after it.
    late = {name: some for name, some in found.items() if systems_of(name, inventory)}
    new = {name: some for name, some in found.items() if name not in late and not is_elsewhere(name, inventory)}
    stored.note_down(session, new, revision, now)
    stored.note_down(session, late, revision - 1, now)
    if upto != after:
        stored.look_on_from(session, upto)


def _ask_again(session: Session, knowledge: Knowledge, now: datetime) -> None:
    """Ask the inventory again where it was changed since: by an import, by hand."""
    asked = stored.asked_before(session, knowledge.inventory_revision, ASKED_AGAIN)
    answered = answered_among(asked, knowledge)
    done = {one.id for one in answered}
    stored.asked_now(session, [one.id for one in asked if one.id not in done], knowledge.inventory_revision)
    place_again(session, answered, knowledge, SERVICE, "", now)


def answered_among(waiting: Iterable[Waiting], knowledge: Knowledge) -> list[Waiting]:
    """Those of some names that the inventory knows now, on a system or as not ours."""
    inventory = knowledge.inventory
    return [one for one in waiting if systems_of(one.name, inventory) or is_elsewhere(one.name, inventory)]


@dataclass(frozen=True)
class PlacedAgain:
    """What came of names that are known now: numbers of incidents."""

    gained: tuple[int, ...] = ()
    """Open ones that are on more systems now."""
    ended: tuple[int, ...] = ()
    """Those that were over: they are not changed, but would have had it."""


def place_again(
    session: Session, names: Sequence[Waiting], knowledge: Knowledge, actor: str, reason: str, now: datetime
) -> PlacedAgain:
    """Put the past alerts of names on the systems that are found by them now; their open incidents are judged again.

    The names wait no more. The caller holds the placing lock.
    """
    gained: dict[int, dict[str, list[str]]] = {}
    """By incident: the systems that it gains, each with the names that say so."""
    for one in names:
        systems = systems_of(one.name, knowledge.inventory)
        touched = stored.incidents_naming(session, [one.id]) if systems else []
        if systems:
            stored.put_on_systems(session, one.id, systems)
            unknown_answers.lead_on(session, one.name, systems[0])
        for number in touched:
            for system in systems:
                gained.setdefault(number, {}).setdefault(system, []).append(one.name.value)
    stored.forget(session, [one.id for one in names])
    changed, ended = _let_gain(session, gained, actor, reason, now)
    judge_all(session, changed, knowledge, now)
    return PlacedAgain(changed, ended)


def _let_gain(
    session: Session, gained: Mapping[int, Mapping[str, Collection[str]]], actor: str, reason: str, now: datetime
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Add systems to open incidents, each with its line; those that gained, and those that were over."""
    changed, ended, told = [], [], []
    for row in incidents.rows_by_id(session, gained):
        number = row.id or 0
        new = {system: names for system, names in gained[number].items() if system not in row.systems}
        if not new:
            continue
        if row.status not in OPEN_STATUSES:
            if row.status != IncidentStatus.MERGED:
                ended.append(number)
            continue
        row.systems = [*row.systems, *new]
        session.add(row)
        changed.append(number)
        names = ", ".join(dict.fromkeys(one for some in new.values() for one in some))
        words = {"systems": " ".join(new), "named": names, "reason": reason}
        told.append(NewEntry(number, EntryKind.SYSTEMS_ADDED, actor, words))
    session.flush()
    timeline.write_entries(session, now, told)
    return tuple(changed), tuple(ended)
