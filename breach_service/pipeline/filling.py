"""Fill a board: the strands, joiners, tallies and incidents that a slice of alerts may touch."""

from collections.abc import Collection, Iterable
from datetime import timedelta

from breach_service.domain.grouping import Board, Grouper, Grouping, OpenIncident, instant_at, minute_of
from breach_service.domain.grouping.patterns import reach_of
from breach_service.store import grouping, incidents
from breach_service.store.database import Session
from breach_service.store.incidents import OnBoard

HOUR = 60
"""Minutes: joiners are kept by the hour."""


class Filling:
    """A board that is filled key by key; `first` is the minute of the earliest alert that is placed on it."""

    def __init__(self, session: Session, rules: Grouping, first: int) -> None:
        self.grouper = Grouper(rules, Board(rules.grid, rules.around_minutes))
        self.on_board: dict[int, OnBoard] = {}
        self._session = session
        self._quiet = max((rules.quiet_minutes, *rules.link_minutes.values()))
        self._reach = max((reach_of(one) for one in rules.patterns), default=0)
        self._first = first
        self._around = rules.around_minutes
        self._keys: set[str] = set()

    def put(self, keys: set[str]) -> None:
        """Put the strands and the joiners of keys on the board, and the incidents that they stand in."""
        new = keys - self._keys
        if not new:
            return
        self._keys |= new
        board = self.grouper.board
        strands = grouping.strands_of(self._session, new, self._first - self._quiet - self._reach - 1)
        board.add_strands(strands)
        since = self._first - self._quiet - self._around - self._reach - HOUR
        held = {one.handle for some in board.observed.values() for one in some}
        observed = grouping.observed_of(self._session, new, instant_at(since) - timedelta(minutes=1))
        for one in observed:
            if one.handle not in held:
                board.add_observed(one)
        standing = {one.incident for one in observed if one.incident is not None}
        self.show({one.incident for one in strands} | standing, ())

    def put_tallies(self, keys: Collection[tuple[str, str]], last: int) -> None:
        """Put on the board what was counted for patterns and keys around the slice, which ends at the minute `last`."""
        if keys:
            first = self._first - self._reach
            self.grouper.tallies = grouping.tallies_of(self._session, keys, first, last + self._reach)

    def show(self, ids: Iterable[int], references: Iterable[str]) -> None:
        """Put incidents on the board, by number or reference."""
        missing = set(ids) - self.on_board.keys()
        for number, one in incidents.on_board(self._session, missing, references).items():
            self.on_board[number] = one
            self.grouper.board.incidents[number] = OpenIncident(number, minute_of(one.detected_at), one.is_held)
