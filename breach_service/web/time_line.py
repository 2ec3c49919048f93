"""The time line of an incident: instants as flags above one axis, terms as bars below it, as coordinates.

Pure geometry in units of a view box. The words beside each mark are chosen, translated and escaped by the template;
here only their rough length counts, so that no label leaves the drawing or crosses another.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal

from breach_service.web.time_scale import LEFT, WIDTH, Rest, Scale, Tick, days, noons, rest_grounds

_TOP = 40.0
_FLAG_STEP = 20.0
_BAR_STEP = 36.0
_LABEL_GAP = 9.0
_LETTER = 6.6
_END_LABEL = 160.0
_NOW_TAB = 150.0
_SHORTEST_SPAN = timedelta(hours=6)

BarState = Literal["run", "soon", "over", "done"]


@dataclass(frozen=True)
class Flag:
    """An instant above the axis. `letters`: how long its label is, roughly."""

    at: datetime
    letters: int


@dataclass(frozen=True)
class Bar:
    """A term below the axis, from its trigger to its due date; `ended_at` once it is fulfilled."""

    starts_at: datetime
    due_at: datetime
    state: BarState
    letters: int
    ended_at: datetime | None = None


@dataclass(frozen=True)
class PlacedFlag:
    """Where a flag stands: its dot at (x, y), its pole down to the axis, its label to the right of the dot."""

    x: float
    y: float
    label_x: float
    label_y: float
    label_width: float
    is_before: bool
    """It lies before the window and is pinned to its edge."""
    is_on_rest: bool


@dataclass(frozen=True)
class PlacedBar:
    """Where a bar stands; widths are never negative. `late_width` lies beyond the due date."""

    x: float
    y: float
    spent_width: float
    todo_x: float
    todo_width: float
    late_width: float
    due_x: float
    ended_x: float | None
    label_y: float
    end_label_x: float
    middle_y: float
    state: BarState
    is_on_rest: bool


@dataclass(frozen=True)
class TimeLine:
    """The whole drawing, in units of its view box (`width` × `height`). Flags and bars in the order given."""

    width: float
    height: float
    axis_y: float
    now_x: float | None
    """None where now lies so far after the last date that it would crush the drawing."""
    now_tab_x: float
    now_tab_width: float
    past_x: float
    flags: tuple[PlacedFlag, ...]
    bars: tuple[PlacedBar, ...]
    days: tuple[Tick, ...]
    noons: tuple[Tick, ...]
    rests: tuple[Rest, ...]
    is_short: bool
    """True where the days can be read from the axis, so that an hour alone is enough at the end of a bar."""


def time_line(
    flags: Sequence[Flag], bars: Sequence[Bar], now: datetime, zone: tzinfo, is_rest_day: Callable[[date], bool]
) -> TimeLine | None:
    """Place instants and terms on one axis; None where there is nothing to draw.

    Flags are stacked so that no label crosses another label or the pole of a later flag: the earliest stands highest.
    """
    window = _window(flags, bars, now)
    if window is None:
        return None
    start, end, shows_now = window
    scale = _scale(start, end, flags, bars, now)
    rests = tuple(rest_grounds(scale, zone, is_rest_day))
    rows = _rows(flags, scale)
    axis_y = _TOP + _FLAG_STEP * (max(rows, default=0) + 1) + 10
    placed = [_placed_flag(flag, row, axis_y, scale, start, rests) for flag, row in zip(flags, rows, strict=True)]
    stripes = [_placed_bar(bar, index, axis_y, scale, now, end, rests) for index, bar in enumerate(bars)]
    now_x = scale.x(now) if shows_now else None
    return TimeLine(
        width=WIDTH,
        height=axis_y + 32 + _BAR_STEP * len(bars),
        axis_y=axis_y,
        now_x=now_x,
        now_tab_x=round(min(max((now_x or 0) - _NOW_TAB / 2, 0), WIDTH - _NOW_TAB), 1),
        now_tab_width=_NOW_TAB,
        past_x=WIDTH if now_x is None else now_x,
        flags=tuple(placed),
        bars=tuple(stripes),
        days=tuple(days(scale, zone)),
        noons=tuple(noons(scale, zone)),
        rests=rests,
        is_short=scale.end - scale.start <= timedelta(days=8),
    )


def _window(flags: Sequence[Flag], bars: Sequence[Bar], now: datetime) -> tuple[datetime, datetime, bool] | None:
    """From when to when is drawn, and whether now belongs to it."""
    marks = [at for bar in bars for at in (bar.starts_at, bar.due_at, bar.ended_at) if at] or [one.at for one in flags]
    if not marks:
        return None
    first, last = min(marks), max(marks)
    span = max(last - first, _SHORTEST_SPAN)
    # An instant long before the rest (a breach found months later) is pinned to the edge instead of crushing all bars.
    first = min([first, *(one.at for one in flags if one.at >= first - span)])
    last = max([last, *(one.at for one in flags)])
    shows_now = first <= now <= last + span
    if shows_now:
        last = max(last, now)
    span = max(last - first, _SHORTEST_SPAN)
    return first - span / 40, first + span, shows_now


def _scale(start: datetime, end: datetime, flags: Sequence[Flag], bars: Sequence[Bar], now: datetime) -> Scale:
    """The largest scale at which every label still ends inside the drawing."""
    labels = [(flag.at, _label_width(flag.letters) + _LABEL_GAP) for flag in flags]
    labels += [(bar.starts_at, _label_width(bar.letters)) for bar in bars]
    labels += [(_last_of(bar, now, end), _END_LABEL) for bar in bars]
    widest = (WIDTH - LEFT) / (end - start).total_seconds()
    fitting = [(WIDTH - LEFT - width) / (at - start).total_seconds() for at, width in labels if start < at <= end]
    return Scale(start, min([widest, *fitting]))


def _last_of(bar: Bar, now: datetime, end: datetime) -> datetime:
    """Where a bar ends: an overdue one goes on to now, or to the end of the window where now lies beyond it."""
    return max(bar.due_at, bar.ended_at or (min(now, end) if bar.state == "over" else bar.due_at))


def _label_width(letters: int) -> float:
    return min(letters * _LETTER, 420.0)


def _rows(flags: Sequence[Flag], scale: Scale) -> list[int]:
    """For each flag its row above the axis, 0 lowest: higher than every later flag that its label reaches."""
    rows: dict[int, int] = {}
    latest_first = sorted(range(len(flags)), key=lambda index: flags[index].at, reverse=True)
    for place, index in enumerate(latest_first):
        reach = scale.x(flags[index].at) + _LABEL_GAP + _label_width(flags[index].letters) + 6
        reached = [rows[later] for later in latest_first[:place] if scale.x(flags[later].at) <= reach]
        rows[index] = max(reached, default=-1) + 1
    return [rows[index] for index in range(len(flags))]


def _placed_flag(
    flag: Flag, row: int, axis_y: float, scale: Scale, start: datetime, rests: Iterable[Rest]
) -> PlacedFlag:
    x, y = scale.x(flag.at), axis_y - 30 - _FLAG_STEP * row
    is_before = flag.at < start
    x = max(x, 5.0)
    return PlacedFlag(x, y, x + _LABEL_GAP, y + 4, _label_width(flag.letters), is_before, _is_on(rests, x))


def _is_on(rests: Iterable[Rest], x: float) -> bool:
    return any(one.x <= x < one.x + one.width for one in rests)


def _placed_bar(
    bar: Bar, index: int, axis_y: float, scale: Scale, now: datetime, end: datetime, rests: Iterable[Rest]
) -> PlacedBar:
    y = axis_y + 52 + _BAR_STEP * index
    starts_x, due_x = scale.x(bar.starts_at), scale.x(bar.due_at)
    until = bar.ended_at or now
    until_x = min(max(scale.x(until), starts_x), due_x)
    is_open = bar.ended_at is None
    late_x = max(scale.x(_last_of(bar, now, end)), due_x)
    return PlacedBar(
        x=starts_x,
        y=y,
        spent_width=round(until_x - starts_x, 1),
        todo_x=until_x,
        todo_width=round(due_x - until_x, 1) if is_open else 0.0,
        late_width=round(late_x - due_x, 1),
        due_x=due_x,
        ended_x=scale.x(bar.ended_at) if bar.ended_at else None,
        label_y=y - 6,
        end_label_x=late_x + 14,
        middle_y=y + 3.5,
        state=bar.state,
        is_on_rest=_is_on(rests, starts_x),
    )
