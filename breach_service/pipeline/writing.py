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
from breach_service.pipeline.merging import by_weight, merge, sum_up, sum_up_as
from breach_service.pipeline.opening import SERVICE, Opening, open_incidents
from breach_service.pipeline.rows import EpisodeRow, EpisodeRows, is_firing, values_of
from breach_service.store import alerts, grouping, incidents, timeline
from breach_service.store.database import Session
from breach_service.store.incidents import OnBoard
from breach_service.store.tables import IncidentRow
from breach_service.store.timeline import NewEntry


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
    real: list[EpisodeRow] = field(default_factory=list)
    """All but the service's own alerts, which change nothing of an incident but stand in it."""
    completed: Completed | None = None
    """The pattern that opened it, where one did."""

    def add(self, row: EpisodeRow) -> None:
        """Add what one alert says."""
        self.rows.append(row)
        if not row.first.last.alert.is_own:
            self.real.append(row)


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
            held = effects.get(key[2])
            if held is None:
                held = effects[key[2]] = _Effect()
            held.add(row)
    for done in completed:
        effects.setdefault(board.incident(done.incident), _Effect()).completed = done
    changed = Changed()
    ids = {number: number for number in on_board}
    new = [number for number in board.opened if board.incident(number) == number]
    with session.no_autoflush:  # else every statement would first write the incidents again
        ids |= _open_all(session, {one: effects.get(one, _Effect()) for one in new}, grouper, knowledge, now)
        changed.judge |= {ids[number] for number in new}
    numbers = {number: ids[board.incident(number)] for number in (*board.opened, *board.merged, *on_board)}
    rows.renumber(numbers)
    alerts.keep_episodes(session, [values_of(key, row) for key, row in rows.rows.items()])
    _merge_all(session, board.merged, numbers, knowledge, now, changed)
    moved = alerts.adopt(session, {row: (numbers[incident], rank) for row, (incident, rank) in claims.items()})
    _extend_all(session, {numbers[one]: effect for one, effect in effects.items()}, on_board, knowledge, changed)
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


def _open_all(
    session: Session, effects: dict[int, _Effect], grouper: Grouper, knowledge: Knowledge, now: datetime
) -> dict[int, int]:
    """Insert the incidents that the board opened; their ids by the numbers of the board."""
    plans = {number: _plan(effect, number, grouper) for number, effect in effects.items()}
    opened = open_incidents(session, [opening for opening, _ in plans.values()], knowledge, now)
    entries = [
        NewEntry(one.id, EntryKind.OPENED, SERVICE, words)
        for one, (_, words) in zip(opened, plans.values(), strict=True)
    ]
    timeline.write_entries(session, now, entries)
    return {number: one.id for number, one in zip(plans, opened, strict=True)}


def _plan(effect: _Effect, number: int, grouper: Grouper) -> tuple[Opening, dict[str, str]]:
    """An incident to open, and the words of its first line."""
    openers = sorted((one for one in effect.rows if one.opens), key=lambda one: one.first_at)
    first = openers[0] if openers else min(effect.rows, key=lambda one: one.first_at, default=None)
    detected_at = first.first_at if first is not None else instant_at(grouper.board.incidents[number].began)
    key = first.reading.keys[0].text if first is not None else effect.completed.key if effect.completed else ""
    source = first.last.alert.source if first is not None else SERVICE
    systems = tuple(dict.fromkeys(system for one in openers for system in one.last.systems))
    words = {"source": source, "systems": " ".join(systems)}
    if first is not None:
        words["signal"] = str(first.last.alert.signal)
    patterns: tuple[str, ...] = ()
    if effect.completed is not None:
        patterns = (effect.completed.pattern,)
        words |= {"pattern": effect.completed.pattern, "count": str(effect.completed.completion.count)}
    is_muted = bool(effect.rows) and not any(one.is_told for one in effect.rows)
    rule, signal = (first.reading.rule, str(first.last.alert.signal)) if first is not None else ("", "")
    opening = Opening(
        detected_at, key, systems, source, patterns=patterns, is_muted=is_muted, rule=rule, signal=signal
    )  # fmt: skip
    return opening, words


def _merge_all(
    session: Session, merged: dict[int, int], numbers: dict[int, int], knowledge: Knowledge, now: datetime,
    changed: Changed,
) -> None:  # fmt: skip
    for number in merged:
        winner = numbers[number]
        if number > 0 and number != winner:  # one that was opened just now was never written
            merge(session, number, winner, knowledge, now)
            changed.judge |= {number, winner}


def _extend_all(
    session: Session, effects: dict[int, _Effect], before: dict[int, OnBoard], knowledge: Knowledge, changed: Changed
) -> None:
    """Bring incidents in line with what joined them; an own alert changes nothing."""
    more: list[dict[str, Any]] = []
    others: dict[int, _Effect] = {}
    for number, effect in effects.items():
        held = before.get(number)
        if held is not None and number not in changed.judge and _is_more_of_the_same(effect, held):
            if effect.real:
                more.append(_count_of(number, effect.real, held))
        else:
            others[number] = effect
    changed.count |= {one["number"] for one in more}
    incidents.count_alerts(session, more)
    if not others:
        return
    rows = incidents.rows_by_id(session, others)
    totals = alerts.totals_by_incident(session, others)
    for row in rows:
        _extend(row, others[row.id or 0], totals[row.id or 0], knowledge)
        session.add(row)
    changed.judge |= others.keys()


def _count_of(number: int, real: list[EpisodeRow], before: OnBoard) -> dict[str, Any]:
    """How often something came once more, to be written with that of others."""
    count, first_at, last_at = 0, before.first_alert_at, before.last_alert_at
    for one in real:
        count += one.count
        first_at, last_at = min(first_at, one.first_at), max(last_at, one.last_at)
    return {"number": number, "more": count, "first_at": first_at, "last_at": last_at}


def _extend(row: IncidentRow, effect: _Effect, totals: list[alerts.Total], knowledge: Knowledge) -> None:
    real = effect.real
    if effect.completed is not None and effect.completed.pattern not in row.patterns:
        row.patterns = [*row.patterns, effect.completed.pattern]
    if not real:
        return
    row.first_alert_at = min(row.first_alert_at, *(one.first_at for one in real))
    row.last_alert_at = max(row.last_alert_at, *(one.last_at for one in real))
    detected = min((one.first_at for one in real if one.opens), default=row.detected_at)
    if detected < row.detected_at:
        row.detected_at, row.qualify_by = detected, detected + knowledge.qualification
    row.is_muted = row.is_muted and not any(one.is_told for one in real)
    row.systems = list(dict.fromkeys([*row.systems, *(system for one in real for system in one.last.systems)]))
    sum_up_as(row, totals, knowledge)


def _is_more_of_the_same(effect: _Effect, before: OnBoard) -> bool:
    """True where nothing joined that a title or an assessment follows from."""
    if effect.completed is not None and effect.completed.pattern not in before.patterns:
        return False
    if effect.real and not before.has_firing:
        return False
    signals, systems = before.signals, before.systems
    for one in effect.real:
        alert = one.last.last.alert
        if alert.signal not in signals or alert.facts or not is_firing(one):
            return False
        if not all(system in systems for system in one.last.systems):
            return False
        if (before.is_muted and one.is_told) or (one.first_at < before.detected_at and one.opens):
            return False
    return True


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
