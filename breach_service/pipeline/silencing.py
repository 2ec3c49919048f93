"""Silence: which alerts of a slice may wake nobody, and the count of them.

Silences are read once per slice, so that one that a person made counts for the very next alert, whichever process
takes it; where there are none the alerts are not looked at.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from breach_service.domain.silences import Silence, silenced_by
from breach_service.pipeline.folding import Arrival, Folded, Silencing, nothing_silenced
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import silences
from breach_service.store.database import Session


def silencing(session: Session, arrivals: Sequence[Arrival], knowledge: Knowledge) -> Silencing:
    """What silences the alerts of a slice, by the instants at which they were received."""
    if not arrivals:
        return nothing_silenced
    received = [one.received_at for one in arrivals]
    held = silences.between(session, min(received), max(received))
    return _by(held, knowledge) if held else nothing_silenced


def _by(held: Sequence[Silence], knowledge: Knowledge) -> Silencing:
    def silence_of(arrival: Arrival, systems: tuple[str, ...]) -> int | None:
        found = silenced_by(
            held, arrival.alert, arrival.kind, systems, arrival.received_at, knowledge.catalogue.signals
        )
        return found.id if found is not None else None

    return silence_of


def count_silenced(session: Session, folded: Iterable[Folded]) -> None:
    """Count what each silence silenced."""
    counted: dict[int, tuple[int, datetime]] = {}
    for one in folded:
        if one.silenced_by is not None:
            more, last_at = counted.get(one.silenced_by, (0, one.last_at))
            counted[one.silenced_by] = (more + one.count, max(last_at, one.last_at))
    silences.count(session, counted)
