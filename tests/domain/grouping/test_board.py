"""The board: which alerts stand together, whichever comes first."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_service.domain.grouping.board import Board, Item, Observed, OpenIncident, Placed, PlacementReason, Role
from breach_service.domain.grouping.strands import HOUR, Grid, Key, Strand, is_touched, mask_of

QUIET, AROUND, CELL = 120, 30, 16 * HOUR
LONGEST = CELL * 3 // 2
GRID = Grid(CELL, 0)
MORNING = 2 * HOUR
"""Early in a cell, far from its cuts."""
WEB, DB = Key("host:web", QUIET), Key("host:db", QUIET)
ATTACKER, COLLEAGUE = Key("from:203.0.113.9", QUIET), Key("user:jdoe", QUIET)


def a_board() -> Board:
    """An empty board."""
    return Board(GRID, AROUND)


def opens(board: Board, minute: int, *keys: Key, continues: int | None = None) -> Placed:
    """Place what opens."""
    return board.place(Item(Role.OPENS, minute, keys, continues))


def joins(board: Board, minute: int, *keys: Key) -> Placed:
    """Place what joins, and let it wait where nothing of its own key is there yet."""
    placed = board.place(Item(Role.JOINS, minute, keys))
    if placed.rank > 0:
        texts = tuple(key.text for key in keys[:2])
        board.add_observed(Observed(minute, texts, minute // HOUR, mask_of((minute,)), placed.incident, placed.rank))
    return placed


def adopted(board: Board) -> dict[object, int | None]:
    """By minute, the incident that took in what had been waiting."""
    return {one.handle: one.incident and board.incident(one.incident) for one in board.adopted}


def test_a_first_alert_opens_an_incident_and_a_second_of_the_same_key_belongs_to_it() -> None:
    """One attack, one incident; another system is another problem, however near in time."""
    board = a_board()
    first = opens(board, MORNING, WEB)
    assert first.reason is PlacementReason.OPENED_INCIDENT
    assert opens(board, MORNING + 5, WEB) == Placed(first.incident, PlacementReason.SAME_KEY, 0)
    assert opens(board, MORNING + 5, DB).incident != first.incident


@pytest.mark.parametrize(("gap", "is_one"), [(0, True), (QUIET, True), (QUIET + 1, False)])
@pytest.mark.parametrize("is_late", [False, True])
def test_the_quiet_time_holds_at_its_edges(gap: int, is_one: bool, is_late: bool) -> None:
    """On either side: alerts that come out of order are measured the same way."""
    board = a_board()
    minutes = (MORNING + gap, MORNING) if is_late else (MORNING, MORNING + gap)
    assert (len({opens(board, minute, WEB).incident for minute in minutes}) == 1) is is_one


def test_two_senders_meet_in_what_they_name_both() -> None:
    """The address that the firewall saw, and that the probe on another machine names."""
    board = a_board()
    first = opens(board, MORNING, DB, ATTACKER)
    assert opens(board, MORNING + 5, WEB, ATTACKER) == Placed(first.incident, PlacementReason.LINKED, 0)


def test_an_alert_between_two_incidents_makes_them_one() -> None:
    """Those that nobody has looked at yet; the older keeps its number."""
    board = a_board()
    younger, older = opens(board, MORNING + 9, WEB), opens(board, MORNING, DB, ATTACKER)
    opens(board, MORNING + 10, WEB, ATTACKER)
    assert younger.incident is not None
    assert board.incident(younger.incident) == older.incident
    assert not board.proposed


def test_a_late_alert_closes_the_gap_between_two_strands() -> None:
    """What seemed two events was one with a gap in its reporting."""
    board = a_board()
    opens(board, MORNING, WEB)
    apart = opens(board, MORNING + QUIET + 60, WEB)
    assert apart.reason is PlacementReason.OPENED_INCIDENT
    late = opens(board, MORNING + QUIET, WEB)
    assert apart.incident is not None
    assert board.incident(apart.incident) == late.incident
    assert [(one.first, one.last) for one in board.strands[WEB.text]] == [(MORNING, MORNING + QUIET + 60)]


@pytest.mark.parametrize("held", [{1}, {2}, {1, 2}])
def test_an_incident_about_which_a_person_decided_is_never_merged_only_proposed(held: set[int]) -> None:
    """The pair stands there for a person to say whether they are one; the alert goes to the one that is held."""
    board = a_board()
    for number, key in ((1, WEB), (2, DB)):
        board.incidents[number] = OpenIncident(number, MORNING + number, number in held)
        board.add_strands([Strand(key.text, MORNING, MORNING, number)])
    placed = opens(board, MORNING + 5, WEB, DB)
    assert (board.merged, board.proposed) == ({}, {(1, 2)})
    assert placed.incident == min(held)


def test_the_same_problem_goes_on_in_its_incident_however_long_it_was_quiet() -> None:
    """It is not a new event that what was never solved is said again."""
    board = a_board()
    first = opens(board, MORNING, WEB)
    again = opens(board, MORNING + 5 * HOUR, WEB, continues=first.incident)
    assert again == Placed(first.incident, PlacementReason.SAME_ALERT, 0)


@pytest.mark.parametrize(
    ("minute", "is_inside"),
    [(-AROUND - 1, False), (-AROUND, True), (0, True), (50, True), (60 + AROUND, True), (61 + AROUND, False)],
)
@pytest.mark.parametrize("comes_first", [False, True])
def test_what_opens_nothing_belongs_to_what_went_on_around_it(minute: int, is_inside: bool, comes_first: bool) -> None:
    """The scan half an hour before the attack is part of it, also where it was heard long before."""
    board = a_board()
    if comes_first:
        assert joins(board, MORNING + minute, WEB) == Placed(None, PlacementReason.OPENS_NOTHING)
    incident = opens(board, MORNING, WEB).incident
    opens(board, MORNING + 60, WEB)
    found = adopted(board).get(MORNING + minute) if comes_first else joins(board, MORNING + minute, WEB).incident
    assert found == (incident if is_inside else None)


def test_what_joins_by_a_link_goes_over_to_its_own_system() -> None:
    """Nearness counts: an incident of its own machine takes it from that of the address, and never the reverse."""
    board = a_board()
    of_address = opens(board, MORNING, DB, ATTACKER).incident
    assert joins(board, MORNING + 1, WEB, ATTACKER) == Placed(of_address, PlacementReason.LINKED, 1)
    of_machine = opens(board, MORNING + 2, WEB).incident
    assert adopted(board) == {MORNING + 1: of_machine}
    opens(board, MORNING + 3, ATTACKER)
    assert adopted(board) == {MORNING + 1: of_machine}


def test_what_joins_glues_nothing_together() -> None:
    """A colleague who is named in everything that is said beside the attack does not make two attacks one."""
    board = a_board()
    one, other = opens(board, MORNING, WEB), opens(board, MORNING, DB)
    joins(board, MORNING, WEB, COLLEAGUE)
    joins(board, MORNING, DB, COLLEAGUE)
    assert (one.incident, other.incident, board.merged) == (-1, -2, {})


def test_what_is_observed_stands_nowhere() -> None:
    """Beside an open incident of the same key as well."""
    board = a_board()
    opens(board, MORNING, WEB)
    assert board.place(Item(Role.OBSERVES, MORNING, (WEB,))) == Placed(None, PlacementReason.OPENS_NOTHING)


def test_steady_noise_is_cut_so_that_it_does_not_hide_a_new_attack() -> None:
    """An incident that began early in a cell ends with it."""
    board = a_board()
    numbers = [opens(board, minute, WEB).incident for minute in range(0, 3 * CELL, 60)]
    assert len(set(numbers)) == 3
    assert numbers[CELL // 60 - 1] != numbers[CELL // 60]


def test_what_begins_shortly_before_the_cut_goes_on_behind_it() -> None:
    """An attack at four in the morning is not two incidents."""
    board = a_board()
    before = opens(board, CELL - 10, WEB)
    assert opens(board, CELL + 10, WEB) == Placed(before.incident, PlacementReason.SAME_KEY, 0)
    late = a_board()
    behind = opens(late, CELL + 10, WEB)
    assert opens(late, CELL - 10, WEB).incident == behind.incident


def test_a_completed_pattern_opens_in_every_minute_of_what_counts_for_it() -> None:
    """So that what happened around each of them belongs to it, however far they are apart."""
    board = a_board()
    joins(board, MORNING - 20, WEB)
    joins(board, MORNING + 3 * HOUR, WEB)
    joins(board, MORNING + 9 * HOUR, WEB)
    placed = board.complete(MORNING + 9 * HOUR + 5, [MORNING, MORNING + 9 * HOUR], (WEB,))
    assert placed.reason is PlacementReason.PATTERN
    number = placed.incident
    assert adopted(board) == {MORNING - 20: number, MORNING + 9 * HOUR: number}


items = st.tuples(
    st.sampled_from([Role.OPENS, Role.JOINS]),
    st.integers(0, 3 * CELL),
    st.lists(st.sampled_from([WEB, DB, ATTACKER, COLLEAGUE]), min_size=1, max_size=3, unique=True),
)


def settled(order: list[tuple[int, tuple[Role, int, list[Key]]]]) -> frozenset[frozenset[int]]:
    """Which of the numbered items stand together in the end."""
    board, found = a_board(), {}
    for number, (role, minute, keys) in order:
        placed = board.place(Item(role, minute, tuple(keys)))
        found[number] = placed.incident
        if role is Role.JOINS and placed.rank > 0:
            texts = tuple(key.text for key in keys[:2])
            board.add_observed(
                Observed(number, texts, minute // HOUR, mask_of((minute,)), placed.incident, placed.rank)
            )
    found |= {int(str(one.handle)): one.incident for one in board.adopted}
    members: dict[int, set[int]] = {}
    for number, incident in found.items():
        if incident is not None:
            members.setdefault(board.incident(incident), set()).add(number)
    return frozenset(map(frozenset, members.values()))


@settings(deadline=None)
@given(st.lists(items, min_size=1, max_size=4))
def test_every_order_settles_the_same(drawn: list[tuple[Role, int, list[Key]]]) -> None:
    """Not only of what comes in time."""
    assert len({settled(list(order)) for order in permutations(enumerate(drawn))}) == 1


@settings(deadline=None)
@given(st.lists(st.integers(0, 5 * CELL), min_size=1, max_size=30, unique=True))
def test_an_incident_of_one_system_stays_within_the_longest_span(minutes: list[int]) -> None:
    """However steadily it goes on."""
    board = a_board()
    numbers = {minute: opens(board, minute, WEB).incident for minute in minutes}
    spans: dict[int, list[int]] = {}
    for minute, number in numbers.items():
        assert number is not None
        spans.setdefault(board.incident(number), []).append(minute)
    assert all(max(span) - min(span) < LONGEST for span in spans.values())


@given(st.sets(st.integers(0, HOUR - 1)), st.integers(-2 * HOUR, 2 * HOUR), st.integers(0, 3 * HOUR))
def test_the_minutes_of_an_hour_are_found_in_any_span(minutes: set[int], since: int, length: int) -> None:
    """As if each were looked at by itself."""
    hour, until = 1, since + length
    expected = any(since <= hour * HOUR + minute <= until for minute in minutes)
    assert is_touched(hour, mask_of(minutes), since, until) is expected


class Thorough(Board):
    """A board that takes no short cut."""

    def _settled(self, item: Item) -> Placed | None:
        return None


@given(
    st.lists(
        st.tuples(
            st.sampled_from([Role.OPENS, Role.OPENS, Role.JOINS]), st.integers(0, 2 * CELL),
            st.sampled_from([(WEB,), (DB,), (WEB, ATTACKER), (DB, ATTACKER)]), st.booleans(),
        ),
        max_size=25,
    )
)  # fmt: skip
@settings(max_examples=100)
def test_what_is_settled_at_once_stands_where_it_would_have_been_placed(
    items: list[tuple[Role, int, tuple[Key, ...], bool]],
) -> None:
    """The short way for what changes nothing leaves the board exactly as the long way does."""
    quick, thorough = a_board(), Thorough(GRID, AROUND)
    before: int | None = None
    for role, minute, keys, goes_on in items:
        continues = before if goes_on else None
        placed = [one.place(Item(role, minute, keys, continues)) for one in (quick, thorough)]
        assert placed[0] == placed[1]
        before = placed[0].incident
        for board in (quick, thorough):
            if role is Role.JOINS:
                texts = tuple(key.text for key in keys[:2])
                board.add_observed(Observed(minute, texts, minute // HOUR, mask_of((minute,)), before, placed[0].rank))
    assert (quick.strands, quick.incidents, quick.merged) == (thorough.strands, thorough.incidents, thorough.merged)
