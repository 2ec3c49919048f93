"""What a set of rules makes of a recording: the same grouping as the service's, kept in memory.

For dry runs of a changed rule over what came in before, and for tests; everything is settled once the last is in.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from breach_service.domain.alert import Alert
from breach_service.domain.grouping.board import Board, Observed, Placed, PlacementReason
from breach_service.domain.grouping.grouper import Completed, Grouper
from breach_service.domain.grouping.reading import Reader, Reading


@dataclass(frozen=True)
class Event:
    """One alert of a recording."""

    handle: Hashable
    """What the caller calls it; alerts of the same handle are the same problem."""
    alert: Alert
    minute: int
    kind: str = "json"
    systems: tuple[str, ...] = ()
    count: int = 1


def nothing_common(_key: str) -> bool:
    """Nothing but what is written down is too common to link."""
    return False


@dataclass
class Simulation:
    """A recording under way."""

    reader: Reader
    is_common: Callable[[str], bool] = nothing_common
    placed: dict[Hashable, dict[int, Placed]] = field(default_factory=dict)
    """By handle and minute: where it went when it came; `incident_of` says where it stands in the end."""
    completed: list[Completed] = field(default_factory=list)
    readings: dict[Hashable, Reading] = field(default_factory=dict)

    def __post_init__(self) -> None:
        grouping = self.reader.grouping
        self._completed_by_time = {one.id for one in grouping.patterns if one.has_absence}
        self._grouper = Grouper(grouping, Board(grouping.grid, grouping.around_minutes))

    def play(self, events: Iterable[Event]) -> None:
        """Play a slice of the recording; the slices may be of any size, and in any order within the lateness."""
        newest = 0
        for one in events:
            reading = self.reader.reading_of(one.alert, one.kind, one.systems, self.is_common)
            self.readings[one.handle] = reading
            placed = self._grouper.place((one.handle, one.minute), reading, one.minute, one.count)
            self.placed.setdefault(one.handle, {})[one.minute] = placed
            newest = max(newest, one.minute)
        # Of the minute itself that is as old as the lateness, something may still be on its way.
        before = self._grouper.watermark
        self._grouper.watermark = max(before, newest - self.reader.grouping.late_minutes - 1)
        self._grouper.touch([key for key in self._grouper.tallies if key[0] in self._completed_by_time], before)
        self.completed += self._grouper.complete()

    def incident_of(self, handle: Hashable, minute: int) -> int | None:
        """Where an alert stands now, None where in no incident."""
        board = self._grouper.board
        adopted = self._adopted.get((handle, minute))
        if adopted is not None and adopted.incident is not None:
            return board.incident(adopted.incident)
        placed = self.placed[handle][minute]
        return None if placed.incident is None else board.incident(placed.incident)

    def why(self, handle: Hashable, minute: int) -> PlacementReason:
        """Why an alert stands where it stands."""
        return (
            PlacementReason.OBSERVED_BEFORE if (handle, minute) in self._adopted else self.placed[handle][minute].reason
        )

    def members(self) -> Mapping[int, frozenset[Hashable]]:
        """The handles of each incident."""
        found: dict[int, set[Hashable]] = {}
        for handle, minutes in self.placed.items():
            for minute in minutes:
                incident = self.incident_of(handle, minute)
                if incident is not None:
                    found.setdefault(incident, set()).add(handle)
        return {number: frozenset(handles) for number, handles in found.items()}

    @property
    def _adopted(self) -> Mapping[Hashable, Observed]:
        return {one.handle: one for one in self._grouper.board.adopted}
