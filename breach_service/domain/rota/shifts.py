"""The time ahead as shifts: who is on which level from when to when, and where there is nobody."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from breach_service.domain.rota.presence import Absence, OnCall, Override, on_call
from breach_service.domain.rota.turns import Level, Rota

LONGEST_LOOK = timedelta(days=400)
"""How far ahead shifts are reckoned."""


@dataclass(frozen=True)
class Shift:
    """One person, or nobody, on one level from `from_at` until `to_at`, which is not included. UTC."""

    level: Level
    person: int | None
    from_at: datetime
    to_at: datetime


def shifts(
    rota: Rota, overrides: Sequence[Override], absences: Sequence[Absence], level: Level,
    from_at: datetime, to_at: datetime,
) -> tuple[Shift, ...]:  # fmt: skip
    """One level between two instants: the shifts follow one another without a hole. ValueError beyond `LONGEST_LOOK`.

    Somebody whose turn comes twice in a row has one shift.
    """
    spans = _spans(rota, overrides, absences, from_at, to_at)
    return tuple(_joined(Shift(level, who.on(level), begin, end) for begin, end, who in spans))


def gaps(
    rota: Rota, overrides: Sequence[Override], absences: Sequence[Absence], from_at: datetime, to_at: datetime
) -> tuple[Shift, ...]:
    """When nobody answers between two instants, in order of time; ValueError beyond `LONGEST_LOOK`.

    A level that the rota does not have has no gaps. The data protection officer and the deputy stand in for each
    other: their gap, on the level `dpo`, is when neither answers.
    """
    levels = [Level.FIRST]
    if rota.second is not None:
        levels.append(Level.SECOND)
    if rota.dpo is not None:
        levels.append(Level.DPO)
    spans = list(_spans(rota, overrides, absences, from_at, to_at))
    found = [
        one
        for level in levels
        for one in _joined(Shift(level, _answering(who, level), begin, end) for begin, end, who in spans)
        if one.person is None
    ]
    return tuple(sorted(found, key=lambda one: (one.from_at, levels.index(one.level))))


def _answering(who: OnCall, level: Level) -> int | None:
    return who.deputy if level is Level.DPO and who.dpo is None else who.on(level)


def next_shifts(
    rota: Rota, overrides: Sequence[Override], absences: Sequence[Absence], person: int, from_at: datetime,
    most: int, within: timedelta = timedelta(weeks=26),
) -> tuple[Shift, ...]:  # fmt: skip
    """The next shifts of a person on the levels that take turns, the one under way included, in order of time."""
    levels = [Level.FIRST, Level.SECOND]
    spans = list(_spans(rota, overrides, absences, from_at, from_at + within))
    found = [
        one
        for level in levels
        for one in _joined(Shift(level, who.on(level), begin, end) for begin, end, who in spans)
        if one.person == person
    ]
    return tuple(sorted(found, key=lambda one: (one.from_at, levels.index(one.level)))[:most])


def _spans(
    rota: Rota, overrides: Sequence[Override], absences: Sequence[Absence], from_at: datetime, to_at: datetime
) -> Iterator[tuple[datetime, datetime, OnCall]]:
    """The stretches within which nothing changes, and who answers there."""
    if to_at - from_at > LONGEST_LOOK:
        raise ValueError(f"shifts are reckoned for {LONGEST_LOOK.days} days at most")
    near_overrides = [one for one in overrides if one.from_at < to_at and one.to_at > from_at]
    near_absences = [one for one in absences if one.from_at < to_at and one.to_at > from_at]
    cuts = {from_at, to_at}
    for turns in filter(None, (rota.first, rota.second)):
        cuts.update(turns.hand_overs(from_at, to_at, rota.clock))
    edges = [(one.from_at, one.to_at) for one in near_overrides] + [(one.from_at, one.to_at) for one in near_absences]
    cuts.update(at for edge in edges for at in edge if from_at < at < to_at)
    for begin, end in pairwise(sorted(cuts)):
        yield begin, end, on_call(rota, near_overrides, near_absences, begin)


def _joined(some: Iterable[Shift]) -> Iterator[Shift]:
    """Neighbours of one person as one shift."""
    held: Shift | None = None
    for one in some:
        if held is not None and held.person == one.person:
            held = replace(held, to_at=one.to_at)
            continue
        if held is not None:
            yield held
        held = one
    if held is not None:
        yield held
