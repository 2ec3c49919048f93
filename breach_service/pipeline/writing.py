"""Write a board down: incidents opened and merged, episodes, strands, tallies, and what a person must say."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from breach_service.domain.grouping import Grouper, PlacementReason, Strand, instant_at
from breach_service.domain.grouping.board import Observed
from breach_service.domain.grouping.grouper import Completed
from breach_service.domain.incident import EntryKind
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.merging import by_weight, merge, sum_up
from breach_service.pipeline.opening import SERVICE, open_incident
from breach_service.pipeline.rows import EpisodeRow, EpisodeRows, is_firing, values_of
from breach_service.store import alerts, grouping, incidents, timeline
from breach_service.store.database import Session
from breach_service.store.incidents import OnBoard


@dataclass
class Changed:
    """The incidents that a slice changed."""

    judge: set[int] = field(default_factory=set)
    """Something changed that an assessment or a title follows from."""
    count: set[int] = field(default_factory=set)
    """More of the same."""


@dataclass
class _Effect:
    """What a slice adds to one incident."""

    rows: list[EpisodeRow] = field(default_factory=list)
    completed: Completed | None = None
    """The pattern that opened it, where one did."""

    @property
    def real(self) -> list[EpisodeRow]:
        """All but the service's own alerts, which change nothing of an incident but stand in it."""
        return [one for one in self.rows if not one.first.alert.is_own]


def write_board(
    session: Session, grouper: Grouper, rows: EpisodeRows, completed: Iterable[Completed],
    on_board: dict[int, OnBoard], knowledge: Knowledge, now: datetime,
) -> Changed:  # fmt: skip
    """Write down what changed on a board, in the transaction of the slice."""
    board = grouper.board
    claims = _claims(board.adopted, rows, board.incident)
    rows.renumber({key[2]: board.incident(key[2]) for key in rows.rows if key[2] is not None})
    effects: dict[int, _Effect] = {}
    for key, row in rows.rows.items():
        if key[2] is not None:
            effects.setdefault(key[2], _Effect()).rows.append(row)
    for done in completed:
        effects.setdefault(board.incident(done.incident), _Effect()).completed = done
    changed = Changed()
    ids = {number: number for number in on_board}
    with session.no_autoflush:  # else every statement would first write the incidents again
        for number in board.opened:
            if board.incident(number) == number:
                ids[number] = _open(session, effects.get(number, _Effect()), number, grouper, knowledge, now)
                changed.judge.add(ids[number])
    numbers = {number: ids[board.incident(number)] for number in (*board.opened, *board.merged, *on_board)}
    rows.renumber(numbers)
    alerts.keep_episodes(session, [values_of(key, row) for key, row in rows.rows.items()])
    _merge_all(session, board.merged, numbers, knowledge, now, changed)
    moved = alerts.adopt(session, {row: (numbers[incident], rank) for row, (incident, rank) in claims.items()})
    more = []
    for number, effect in effects.items():
        more += _extend(session, numbers[number], effect, on_board.get(number), knowledge, changed)
    incidents.count_alerts(session, more)
    _take_in(session, moved, knowledge, changed)
    strands = [one for held in board.strands.values() for one in held]
    _keep_strands(session, strands, board.gone, numbers, board.incident)
    grouping.count_tallies(session, _tally_rows(grouper))
    for one_of, other in board.proposed:
        _propose(session, numbers[one_of], numbers[other], now)
    session.flush()
    return changed


def _claims(adopted: Iterable[Observed], rows: EpisodeRows, final: Any) -> dict[int, tuple[int, int]]:
    """Rows of the database that were claimed, by id; those of the slice are moved at once."""
    claims: dict[int, tuple[int, int]] = {}
    for one in adopted:
        if one.incident is None:
            continue
        if isinstance(one.handle, int):
            claims[one.handle] = (final(one.incident), one.rank)
        elif isinstance(one.handle, tuple):
            rows.move(one.handle, one.incident, one.rank)
    return claims


def _open(
    session: Session, effect: _Effect, number: int, grouper: Grouper, knowledge: Knowledge, now: datetime
) -> int:  # fmt: skip
    """Insert an incident that the board opened; its id."""
    openers = sorted((one for one in effect.rows if one.opens), key=lambda one: one.first_at)
    first = openers[0] if openers else min(effect.rows, key=lambda one: one.first_at, default=None)
    began = instant_at(grouper.board.incidents[number].began)
    detected_at = first.first_at if first is not None else began
    key = first.reading.keys[0].text if first is not None else effect.completed.key if effect.completed else ""
    source = first.last.alert.source if first is not None else SERVICE
    systems = list(dict.fromkeys(system for one in openers for system in one.last.systems))
    row = open_incident(
        session, knowledge, now, detected_at=detected_at, group_key=key, systems=systems, opened_by=source, title=""
    )
    row.is_muted = bool(effect.rows) and not any(one.is_told for one in effect.rows)
    words = {"source": source, "systems": " ".join(row.systems)}
    if first is not None:
        words["signal"] = str(first.last.alert.signal)
    if effect.completed is not None:
        row.patterns = [effect.completed.pattern]
        words |= {"pattern": effect.completed.pattern, "count": str(effect.completed.completion.count)}
    timeline.write_entry(session, row.id or 0, now, EntryKind.OPENED, SERVICE, words)
    return row.id or 0


def _merge_all(
    session: Session, merged: dict[int, int], numbers: dict[int, int], knowledge: Knowledge, now: datetime,
    changed: Changed,
) -> None:  # fmt: skip
    for number in merged:
        winner = numbers[number]
        if number > 0 and number != winner:  # one that was opened just now was never written
            merge(session, number, winner, knowledge, now)
            changed.judge |= {number, winner}


def _extend(
    session: Session, number: int, effect: _Effect, before: OnBoard | None, knowledge: Knowledge, changed: Changed
) -> list[dict[str, Any]]:  # fmt: skip
    """Bring an incident in line with what joined it; an own alert changes nothing.

    Where it is more of the same, only how often is returned, to be written with that of others.
    """
    real = effect.real
    if effect.completed is not None:
        _name_pattern(session, number, effect.completed.pattern, changed)
    if not real:
        return []
    first, last = min(one.first_at for one in real), max(one.last_at for one in real)
    count = sum(one.count for one in real)
    if before is not None and number not in changed.judge and _is_more_of_the_same(real, before, first):
        row = {
            "number": number, "more": count, "first_at": min(first, before.first_alert_at),
            "last_at": max(last, before.last_alert_at),
        }  # fmt: skip
        changed.count.add(number)
        return [row]
    held = incidents.row_by_id(session, number)
    held.first_alert_at, held.last_alert_at = min(held.first_alert_at, first), max(held.last_alert_at, last)
    detected = min((one.first_at for one in real if one.opens), default=held.detected_at)
    if detected < held.detected_at:
        held.detected_at, held.qualify_by = detected, detected + knowledge.qualification
    held.is_muted = held.is_muted and not any(one.is_told for one in real)
    held.systems = list(dict.fromkeys([*held.systems, *(system for one in real for system in one.last.systems)]))
    sum_up(session, number, knowledge)
    session.add(held)
    changed.judge.add(number)
    return []


def _name_pattern(session: Session, number: int, pattern: str, changed: Changed) -> None:
    row = incidents.row_by_id(session, number)
    if pattern not in row.patterns:
        row.patterns = [*row.patterns, pattern]
        session.add(row)
        changed.judge.add(number)


def _is_more_of_the_same(real: list[EpisodeRow], before: OnBoard, first: datetime) -> bool:
    return (
        {str(one.last.alert.signal) for one in real} <= set(before.signals)
        and {system for one in real for system in one.last.systems} <= set(before.systems)
        and (first >= before.detected_at or not any(one.opens for one in real))
        and not (before.is_muted and any(one.is_told for one in real))
        and before.has_firing
        and all(is_firing(one) for one in real)
        and not any(one.last.alert.facts for one in real)
    )


def _take_in(session: Session, moved: Iterable[alerts.Moved], knowledge: Knowledge, changed: Changed) -> None:
    """Bring incidents in line with what they adopted."""
    for number in sorted({one.incident_id for one in moved}):
        row = incidents.row_by_id(session, number)
        mine = [one for one in moved if one.incident_id == number]
        row.first_alert_at = min(row.first_alert_at, *(one.occurred_at for one in mine))
        row.last_alert_at = max(row.last_alert_at, *(one.last_seen_at for one in mine))
        row.systems = list(dict.fromkeys([*row.systems, *(system for one in mine for system in one.systems)]))
        row.signals = by_weight({*row.signals, *(str(one.signal) for one in mine)}, knowledge)
        sum_up(session, number, knowledge)
        changed.judge.add(number)


def _keep_strands(
    session: Session, strands: Iterable[Strand], gone: Iterable[Strand], numbers: dict[int, int], final: Any
) -> None:
    for one in strands:
        one.incident = final(one.incident)
    grouping.keep_strands(session, strands, gone, numbers)


def _tally_rows(grouper: Grouper) -> list[dict[str, Any]]:
    return [
        {"pattern": one.pattern, "key": one.key, "step": one.step, "minute": minute, "value": one.value, "count": count}
        for (one, minute), count in grouper.counted.items()
    ]


def _propose(session: Session, one: int, other: int, now: datetime) -> None:
    if one == other or not grouping.propose_merge(session, one, other, now):
        return
    names = {number: incidents.row_by_id(session, number).reference for number in (one, other)}
    for number, beside in ((one, other), (other, one)):
        words = {"with": names[beside], "why": str(PlacementReason.LINKED)}
        timeline.write_entry(session, number, now, EntryKind.MERGE_PROPOSED, SERVICE, words)
