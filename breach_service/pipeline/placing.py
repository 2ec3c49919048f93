"""Place: the same alert counts up, a new one joins an incident or opens one, and every placement says why.

The decisions are the board's (`domain.grouping`); here it is filled with what a slice may touch, and what changed on it
is written down. The caller holds the placing lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from breach_service.catalog import Catalogue
from breach_service.domain.alert import AlertStatus
from breach_service.domain.grouping import Placed, PlacementReason, Reader, Reading, Role, minute_of
from breach_service.domain.grouping.grouper import Completed
from breach_service.domain.grouping.patterns import reach_of
from breach_service.domain.incident import OPEN_STATUSES
from breach_service.pipeline.filling import Filling
from breach_service.pipeline.folding import Arrival, Folded, fold
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.rows import EpisodeRows
from breach_service.pipeline.silencing import count_silenced, silencing
from breach_service.pipeline.writing import Changed, write_board
from breach_service.store import alerts, grouping, sources
from breach_service.store.alerts import KnownEpisode
from breach_service.store.database import Session

DAY = 24 * 60
"""Minutes."""
SETTLED_AFTER = 60
"""Minutes after midnight from which the day before counts for what is common: nothing comes so late any more."""
_READERS: dict[str, Reader] = {}


def reader_of(catalogue: Catalogue) -> Reader:
    """The reader of a content version; it knows what it decided before."""
    found = _READERS.get(catalogue.digest)
    if found is None:
        _READERS.clear()
        found = _READERS[catalogue.digest] = Reader(catalogue.grouping, catalogue.signals)
    return found


def place_all(session: Session, arrivals: Sequence[Arrival], knowledge: Knowledge, now: datetime) -> Changed:
    """Place every arrival of a slice; what it changed."""
    folded = fold(arrivals, knowledge, silencing(session, arrivals, knowledge))
    if not folded:
        return Changed()
    count_silenced(session, folded)
    placing = _Placing(session, knowledge, folded)
    for one, reading in zip(folded, placing.readings, strict=True):
        placing.place(one, reading)
    completed = placing.complete()
    _note_newest(session, folded)
    return write_board(session, placing.grouper, placing.rows, completed, placing.on_board, knowledge, now)


@dataclass
class _Placing:
    """One slice under way."""

    session: Session
    knowledge: Knowledge
    folded: list[Folded]
    rows: EpisodeRows = field(default_factory=EpisodeRows)

    def __post_init__(self) -> None:
        first, last = min(one.minute for one in self.folded), max(one.minute for one in self.folded)
        self.filling = Filling(self.session, self.knowledge.catalogue.grouping, first)
        self.grouper = self.filling.grouper
        self.on_board = self.filling.on_board
        self.readings = self._read()
        identities = {one.identity for one in self.folded}
        self._known = alerts.latest_episodes(self.session, identities)
        self._has_repeats = len(identities) < len(self.folded)
        keys = {key.text for one in self.readings if one.role is not Role.OBSERVES for key in one.keys}
        counted = {(one.pattern, one.key) for reading in self.readings for one in reading.steps}
        self.filling.put(keys | {key for _, key in counted})
        self.filling.put_tallies(counted, last)
        references = {str(one.alert.concerns_incident) for one in self.folded if one.alert.is_own}
        self.filling.show({one.incident_id for one in self._known.values()}, references)

    def _read(self) -> list[Reading]:
        """What each alert does; notes what was named beside what."""
        reader = reader_of(self.knowledge.catalogue)
        common = _Common(self.session, self.folded, reader)
        timed = frozenset(one.id for one in self.knowledge.catalogue.grouping.patterns if one.has_absence)
        found = [
            _heard(
                one,
                reader.reading_of(one.placed_by, one.first.kind, one.systems, partial(common.holds, minute=one.minute)),
                timed,
            )
            for one in self.folded
        ]
        grouping.note_uses(
            self.session,
            {
                (key.text, one.minute // DAY, reading.keys[0].text)
                for one, reading in zip(self.folded, found, strict=True)
                for key in reading.keys[1:]
            },
        )
        return found

    def place(self, one: Folded, reading: Reading) -> None:
        """Place one alert and keep its row."""
        placed = self._placed(one, reading)
        self.rows.add(one, reading, placed)
        if placed.incident is not None and self._has_repeats:  # else nobody asks where it stands now
            last = max(one.last_at, self._last_seen(one))
            status = self.on_board[placed.incident].status if placed.incident in self.on_board else None
            self._known[one.identity] = KnownEpisode(
                placed.incident, last, one.alert.status, status or next(iter(OPEN_STATUSES))
            )

    def _last_seen(self, one: Folded) -> datetime:
        known = self._known.get(one.identity)
        return known.last_seen_at if known is not None else one.last_at

    def _placed(self, one: Folded, reading: Reading) -> Placed:
        if one.alert.is_own:
            return self._named(one)
        known = self._known.get(one.identity)
        if known is None:
            return self.grouper.place(_handle(one, reading), reading, one.minute, one.count)
        if not one.has_fired:
            return Placed(known.incident_id, PlacementReason.SAME_ALERT, 0)
        is_near = one.minute - minute_of(known.last_seen_at) <= reading.keys[0].quiet
        if known.incident_status not in OPEN_STATUSES:
            if self._is_echo(one, reading, known):
                return Placed(known.incident_id, PlacementReason.SAME_ALERT, 0)
            return self.grouper.place(_handle(one, reading), reading, one.minute, one.count)
        is_same = is_near or (one.first.lasts and known.status is AlertStatus.FIRING)
        continues = known.incident_id if is_same else None
        return self.grouper.place(_handle(one, reading), reading, one.minute, one.count, continues)

    def _is_echo(self, one: Folded, reading: Reading, known: KnownEpisode) -> bool:
        """True for what goes on for a while after a person dismissed it; never for what is grave by itself."""
        if known.closed_at is None or self.knowledge.catalogue.signals[one.alert.signal].always_tells:
            return False
        is_soon = one.minute - minute_of(known.closed_at) <= reading.keys[0].quiet
        return is_soon and reading.role is not Role.OBSERVES

    def _named(self, one: Folded) -> Placed:
        """One of the service's own alerts joins the open incident that it names, and no other."""
        wanted = one.alert.concerns_incident
        named = next((two for two in self.on_board.values() if two.reference == wanted), None)
        if named is None or named.status not in OPEN_STATUSES:
            return Placed(None, PlacementReason.OPENS_NOTHING)
        return Placed(named.id, PlacementReason.NAMES_INCIDENT, 0)

    def complete(self) -> list[Completed]:
        """Complete the patterns that the slice may have completed."""
        due = self.grouper.due()
        self.filling.put({key.text for one in due for key in one.keys})
        return [self.grouper.finish(one) for one in due]


def _heard(one: Folded, reading: Reading, timed: frozenset[str]) -> Reading:
    """What is silenced counts for no pattern that time alone completes: nothing would tell any more that it was.

    Other patterns it completes: what they open knows that all of it is silenced, and wakes nobody.
    """
    if one.silenced_by is None or not reading.steps:
        return reading
    return replace(reading, steps=tuple(step for step in reading.steps if step.pattern not in timed))


def _handle(one: Folded, reading: Reading) -> tuple[int, str, int]:
    return (*one.identity, one.minute // 60) if reading.role is Role.JOINS else (*one.identity, 0)


class _Common:
    """What is named beside so many systems on so many days that it says nothing."""

    def __init__(self, session: Session, folded: list[Folded], reader: Reader) -> None:
        self._rules = reader.grouping.common
        keys = {text for one in folded for text in reader.link_texts(one.alert)}
        last = max(_day_before(one.minute) for one in folded)
        first = min(_day_before(one.minute) for one in folded) - self._rules.within_days + 1
        self._uses = grouping.uses_of(session, keys, first, last) if keys else {}

    def holds(self, key: str, minute: int) -> bool:
        """True if a key is common at a minute; only days that are over count, so that order makes no difference."""
        last = _day_before(minute)
        days = range(last - self._rules.within_days + 1, last + 1)
        return sum(self._uses.get((key, day), 0) >= self._rules.seen_with for day in days) >= self._rules.on_days


def _day_before(minute: int) -> int:
    return (minute - SETTLED_AFTER) // DAY - 1


def place_what_did_not_come(session: Session, knowledge: Knowledge, now: datetime) -> Changed:
    """Complete the patterns whose last step is an absence, as far as the senders have been heard."""
    rules = knowledge.catalogue.grouping
    patterns = [one for one in rules.patterns if one.has_absence]
    if not patterns:
        return Changed()
    reach = max(map(reach_of, patterns))
    watermark = sources.heard_up_to(session, now, rules.late_minutes)
    filling = Filling(session, rules, watermark - reach)
    keys = grouping.keys_counted(session, [one.id for one in patterns], watermark - reach)
    filling.put_tallies(keys, watermark)
    filling.grouper.watermark = watermark
    filling.grouper.touch(keys, watermark - reach)
    done = grouping.told_absences(session, [one.id for one in patterns], watermark - reach)
    due = [one for one in filling.grouper.due() if (one.pattern, one.key, one.completion.minute) not in done]
    if not due:
        return Changed()
    filling.put({key.text for one in due for key in one.keys})
    completed = [filling.grouper.finish(one) for one in due]
    grouping.tell_absences(session, [(one.pattern, one.key, one.completion.minute) for one in due])
    return write_board(session, filling.grouper, EpisodeRows(), completed, filling.on_board, knowledge, now)


def _note_newest(session: Session, folded: list[Folded]) -> None:
    newest: dict[int, int] = {}
    for one in folded:
        newest[one.first.source_id] = max(one.minute, newest.get(one.first.source_id, 0))
    sources.heard_until(session, newest)
