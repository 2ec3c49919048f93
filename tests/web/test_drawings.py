"""The drawings of the pages: nothing leaves its box, nothing is negative, no label crosses another."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.rules import RiskInterval, RiskLevel
from breach_service.web.drawings import gauge, risk_cells, term_bar
from breach_service.web.time_line import Bar, BarState, Flag, TimeLine, time_line
from breach_service.web.time_scale import WIDTH

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

instants = st.integers(0, 2 * 365 * 1440).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
flags = st.lists(st.builds(Flag, instants, st.integers(1, 70)), max_size=12)


@st.composite
def bars(draw: st.DrawFn) -> Bar:
    """A term of up to three months, open or ended, in any state."""
    starts_at = draw(instants)
    due_at = starts_at + timedelta(hours=draw(st.floats(0.5, 2200)))
    state: BarState = draw(st.sampled_from(["run", "soon", "over", "done"]))
    ended_at = starts_at + timedelta(hours=draw(st.floats(0, 3000))) if state == "done" else None
    return Bar(starts_at, due_at, state, draw(st.integers(1, 80)), ended_at)


def is_weekend(day: object) -> bool:
    """Saturday and Sunday."""
    return day.weekday() >= 5  # type: ignore[attr-defined]


def drawn(some: list[Flag], terms: list[Bar], now: datetime) -> TimeLine:
    """The time line of something."""
    drawing = time_line(some, terms, now, PARIS, is_weekend)
    assert drawing is not None
    return drawing


def numbers(markup: str, name: str) -> list[float]:
    """Every value of an attribute, in order."""
    return [float(one.attrib[name]) for one in ElementTree.fromstring(markup).iter() if name in one.attrib]


def spent(markup: str) -> float:
    """The width of the spent part of a term bar."""
    return next(
        float(one.attrib["width"]) for one in ElementTree.fromstring(markup).iter() if one.get("class") == "spent"
    )


@given(st.integers(1, 24 * 400), st.integers(-10000, 10000))
def test_a_term_bar_stays_within_its_box_whatever_the_instant(hours: int, elapsed: int) -> None:
    """Before the trigger nothing is spent, after the due date all is, in between the share is."""
    bar = term_bar(START, START + hours * HOUR, START + elapsed * HOUR)
    assert 0 <= spent(bar) <= 198
    assert spent(bar) == pytest.approx(198 * min(max(elapsed / hours, 0), 1), abs=0.06)


def test_the_mark_of_a_term_stands_at_the_last_quarter_and_at_most_a_day_before_the_end() -> None:
    """72 h: 18 h before the end; a month: one day before, not a week."""
    assert numbers(term_bar(START, START + 72 * HOUR, START), "x1") == [150.0]
    assert numbers(term_bar(START, START + 720 * HOUR, START), "x1") == [pytest.approx(200 * 29 / 30, abs=0.1)]


def test_a_term_without_length_is_drawn_spent() -> None:
    """A due date at its trigger divides by nothing."""
    assert spent(term_bar(START, START, START)) == 198


@given(st.lists(st.booleans(), max_size=120))
def test_a_gauge_is_full_exactly_when_nothing_is_missing(cells: list[bool]) -> None:
    """Rounding many points to few cells never hides a missing one and never empties a gauge with something in it."""
    drawing = gauge(cells)
    kinds = [one.attrib["class"] for one in ElementTree.fromstring(drawing)]
    assert ("hole" in kinds) is (not all(cells))
    assert ("full" in kinds) is any(cells)
    assert len(kinds) == min(len(cells), 40)
    edges = zip(numbers(drawing, "x"), numbers(drawing, "width")[-len(kinds) :], strict=True) if kinds else ()
    assert all(x >= 0 and width > 0 and x + width <= 200 for x, width in edges)


@pytest.mark.parametrize(("least", "most"), [(a, b) for a in RiskLevel for b in RiskLevel if a <= b])
def test_risk_is_solid_up_to_the_least_and_hatched_up_to_the_most(least: RiskLevel, most: RiskLevel) -> None:
    """Three cells, whatever the interval."""
    kinds = [one.attrib["class"] for one in ElementTree.fromstring(risk_cells(RiskInterval(least, most)))]
    assert kinds.count("cell must") == least + 1
    assert kinds.count("cell may") == most - least
    assert len(kinds) == 3


def test_there_is_no_time_line_of_nothing() -> None:
    """Without an instant and without a term there is nothing to draw."""
    assert time_line([], [], START, PARIS, is_weekend) is None


@given(flags, st.lists(bars(), max_size=8), instants)
def test_every_mark_of_the_time_line_lies_within_the_view_box(
    some: list[Flag], terms: list[Bar], now: datetime
) -> None:
    """Flags, bars, ticks, grounds and the tab of now; no width is negative; labels end inside."""
    drawing = time_line(some, terms, now, PARIS, is_weekend)
    if drawing is None:
        assert not some
        assert not terms
        return
    xs = [one.x for one in (*drawing.flags, *drawing.days, *drawing.noons, *drawing.rests)]
    xs += [x for one in drawing.bars for x in (one.x, one.due_x, one.todo_x, *([one.ended_x] if one.ended_x else []))]
    xs += [one.x + one.width for one in drawing.rests] + [drawing.past_x, drawing.now_tab_x + drawing.now_tab_width]
    assert all(0 <= x <= WIDTH + 0.2 for x in xs)
    assert all(min(one.spent_width, one.todo_width, one.late_width) >= 0 for one in drawing.bars)
    assert all(one.width >= 0 for one in drawing.rests)
    assert all(24 < one.y < drawing.axis_y < drawing.height for one in drawing.flags)
    assert all(drawing.axis_y < one.y < drawing.height for one in drawing.bars)
    assert all(one.label_x + one.label_width <= WIDTH + 0.5 for one in drawing.flags)
    assert all(one.end_label_x <= WIDTH - 40 for one in drawing.bars)


@given(flags, st.lists(bars(), max_size=4), instants)
def test_no_label_crosses_another_label_or_the_pole_of_a_later_flag(
    some: list[Flag], terms: list[Bar], now: datetime
) -> None:
    """Labels on one row do not touch, and a pole never runs through the label of an earlier flag."""
    drawing = time_line(some, terms, now, PARIS, is_weekend)
    placed = sorted(drawing.flags, key=lambda one: (one.x, one.y)) if drawing else []
    for earlier, later in ((a, b) for index, a in enumerate(placed) for b in placed[index + 1 :]):
        reaches = later.x <= earlier.label_x + earlier.label_width
        assert not reaches or abs(earlier.y - later.y) >= 20
    by_time = sorted(zip(some, drawing.flags, strict=True), key=lambda pair: pair[0].at) if drawing else []
    for (first, earlier), (second, later) in pairwise(by_time):
        if first.at < second.at and later.x <= earlier.label_x + earlier.label_width:
            assert earlier.y < later.y


def test_the_bar_of_an_open_term_is_cut_at_now() -> None:
    """What is spent and what is left meet at now, and end at the due date."""
    drawing = drawn([], [Bar(START, START + 72 * HOUR, "run", 20)], START + 18 * HOUR)
    bar = drawing.bars[0]
    assert bar.todo_x == drawing.now_x
    assert bar.x + bar.spent_width == pytest.approx(bar.todo_x, abs=0.2)
    assert bar.todo_x + bar.todo_width == pytest.approx(bar.due_x, abs=0.2)
    assert bar.spent_width * 3 == pytest.approx(bar.todo_width, abs=1)


def test_an_overdue_term_is_drawn_on_beyond_its_due_date_up_to_now() -> None:
    """The late part is of its own kind and has a length."""
    drawing = drawn([], [Bar(START, START + 72 * HOUR, "over", 20)], START + 80 * HOUR)
    bar = drawing.bars[0]
    assert bar.todo_width == 0
    assert bar.due_x + bar.late_width == pytest.approx(drawing.now_x, abs=0.2)


def test_a_fulfilled_term_ends_where_the_notice_left() -> None:
    """Nothing is left to draw, whether it left in time or late."""
    terms = [Bar(START, START + 72 * HOUR, "done", 20, START + hours * HOUR) for hours in (30, 90)]
    early, late = drawn([], terms, START + 100 * HOUR).bars
    assert early.todo_width == late.todo_width == 0
    assert early.ended_x is not None
    assert late.ended_x is not None
    assert early.ended_x < early.due_x == late.due_x < late.ended_x
    assert (early.late_width == 0) is (late.late_width > 0)


def test_an_instant_long_before_the_rest_is_pinned_to_the_edge() -> None:
    """A breach that began half a year before its discovery does not crush the three days that count."""
    old = Flag(START - timedelta(days=180), 30)
    drawing = drawn([old, Flag(START, 30)], [Bar(START, START + 72 * HOUR, "run", 20)], START + HOUR)
    assert drawing.flags[0].is_before
    assert not drawing.flags[1].is_before
    assert drawing.bars[0].due_x - drawing.bars[0].x > WIDTH / 2


def test_now_is_left_out_when_it_lies_far_after_the_last_date() -> None:
    """A dossier that is read a year later still shows its three days."""
    drawing = drawn([], [Bar(START, START + 72 * HOUR, "done", 20, START + HOUR)], START + timedelta(days=365))
    assert drawing.now_x is None
    assert drawing.bars[0].due_x - drawing.bars[0].x > WIDTH / 2


def test_the_ground_of_a_weekend_is_one_rectangle_from_saturday_to_monday() -> None:
    """Local midnights, not those of UTC."""
    drawing = drawn([], [Bar(START, START + 72 * HOUR, "run", 20)], START)
    ground = drawing.rests[0]
    monday = next(one for one in drawing.days if one.at == datetime(2026, 11, 22, 23, tzinfo=UTC))
    assert len(drawing.rests) == 1
    assert ground.x + ground.width == pytest.approx(monday.x, abs=0.2)


def test_days_of_23_and_25_hours_are_as_wide_as_they_last() -> None:
    """Across the end of summer time a day is wider, by an hour in twenty-four."""
    start = datetime(2026, 10, 24, 10, tzinfo=UTC)
    days = drawn([], [Bar(start, start + 72 * HOUR, "run", 20)], start).days
    by_day = {one.at.astimezone(PARIS).date().day: one.x for one in days}
    assert (by_day[26] - by_day[25]) / (by_day[27] - by_day[26]) == pytest.approx(25 / 24, abs=0.01)
