"""What makes alerts one incident: rules, keys, strands of time, patterns, and the reason of each placement."""

from breach_service.domain.grouping.board import Board, OpenIncident, Placed, PlacementReason, Role
from breach_service.domain.grouping.content import Grouping, SignalType
from breach_service.domain.grouping.grouper import Completed, Grouper
from breach_service.domain.grouping.reading import ALERT_FACTS, Reader, Reading, own_key_of
from breach_service.domain.grouping.saying import established_by_signals, outweighs, value_of, words_of
from breach_service.domain.grouping.strands import Strand, instant_at, minute_of

__all__ = [
    "ALERT_FACTS",
    "Board",
    "Completed",
    "Grouper",
    "Grouping",
    "OpenIncident",
    "Placed",
    "PlacementReason",
    "Reader",
    "Reading",
    "Role",
    "SignalType",
    "Strand",
    "established_by_signals",
    "instant_at",
    "minute_of",
    "outweighs",
    "own_key_of",
    "value_of",
    "words_of",
]
