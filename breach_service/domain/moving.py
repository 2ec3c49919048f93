"""Which change of a recorded instant one person makes alone, and which waits for somebody else to agree.

Whoever works on an incident starts a clock or moves it earlier, with the reason: waiting would cost the hours that the
law counts. What gives the organisation more time (a later instant, one that is taken back, a clock that is stopped) is
proposed by whoever decides, with the reason, and counts once a second person has confirmed it. Nothing is rewritten:
each change is a further record, and a proposal lapses where what it speaks of has changed in the meantime.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from breach_service.domain.access import GroundKind
from breach_service.domain.incident import Instant, InstantKind, instants_for

COMPUTED = frozenset({InstantKind.DETECTED_AT, InstantKind.FULFILLED_AT})
"""Nobody records these: what the first alert says, and what the filings say."""
RECORDED = tuple(one for one in InstantKind if one not in COMPUTED)
"""The instants that people record."""


class Move(StrEnum):
    """What a record does to what counts by now."""

    START = "start"
    EARLIER = "earlier"
    SAME = "same"
    """The same instant again, with another reason."""
    LATER = "later"
    TAKE_BACK = "take_back"
    STOP = "stop"
    """The notice is not required: its clock stops."""


ALONE = frozenset({Move.START, Move.EARLIER, Move.SAME})
"""What one person does by themselves; everything else takes whoever decides and a second person."""


def counting(kind: InstantKind, perimeter: str, instants: Iterable[Instant]) -> Instant | None:
    """The record that clocks count from; None while nobody recorded it, and clocks count from the first alert.

    A flaw without a date of its own counts from awareness: dating it later moves what counts from it.
    """
    found = instants_for(perimeter, instants)
    if kind is InstantKind.FLAW_DISCOVERED_AT and kind not in found:
        return found.get(InstantKind.AWARE_AT)
    return found.get(kind)


def move_to(kind: InstantKind, perimeter: str, instants: Iterable[Instant], at: datetime) -> Move:
    """What recording an instant (aware) would do. ValueError for one that has no time zone."""
    if at.utcoffset() is None:
        raise ValueError(f"{at.isoformat()} has no offset from UTC: write it like 2026-11-27T18:30:00+01:00")
    held = counting(kind, perimeter, instants)
    if held is None:
        return Move.START
    if at == held.at:
        return Move.SAME
    return Move.EARLIER if at < held.at else Move.LATER


class OutcomeKind(StrEnum):
    """How a proposal ended."""

    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    """By whoever made it."""


@dataclass(frozen=True)
class Outcome:
    """Who ended a proposal, how and why. `at` aware, UTC."""

    kind: OutcomeKind
    by: str
    person: int | None
    reason: str
    at: datetime


class ProposalState(StrEnum):
    """Where a proposal stands; computed."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    """What it speaks of changed before anybody answered."""


@dataclass(frozen=True)
class Proposal:
    """A change that waits for a second person. Instants aware, UTC."""

    id: int
    move: Move
    """LATER, TAKE_BACK or STOP."""
    perimeter: str
    """A perimeter key, empty for the whole incident."""
    kind: InstantKind | None
    """Which instant; None where a clock is stopped."""
    at: datetime | None
    """The later instant; None for the others."""
    obligation: int | None
    """Whose clock is stopped; None for the others."""
    before: int
    """Number of the record that counted when it was made; 0 for a clock that is stopped."""
    before_at: datetime
    """What counted then."""
    reason: str
    by: str
    person: int | None
    ground: GroundKind
    ground_id: int | None
    proposed_at: datetime
    outcome: Outcome | None = None

    def state(self, instants: Iterable[Instant], triggers: Mapping[int, datetime]) -> ProposalState:
        """Where it stands. `triggers`: from when each clock counts that still runs, by number of its obligation."""
        if self.outcome is not None:
            return ProposalState(str(self.outcome.kind))
        if self.kind is None:
            is_same = triggers.get(self.obligation or 0) == self.before_at
        else:
            held = counting(self.kind, self.perimeter, instants)
            is_same = held is not None and held.recorded == self.before
        return ProposalState.WAITING if is_same else ProposalState.LAPSED

    def is_second_person(self, person: int | None) -> bool:
        """True for somebody known by an account who did not make it: four eyes belong to two people."""
        return person is not None and person != self.person
