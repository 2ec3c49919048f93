"""What is wrong with `ladders.yaml`, and with the names of ladders that regimes give."""

from collections.abc import Iterator, Sequence

from breach_service.catalog.checks import Loaded
from breach_service.catalog.faults import Fault, did_you_mean
from breach_service.domain.deadlines import Regime, RegimeKind
from breach_service.domain.reminders import SHIPPED_LADDERS, TRIAGE, Ladder


def faults_in_ladders(ladders: Sequence[Loaded[Ladder]], regimes: Sequence[Loaded[Regime]]) -> Iterator[Fault]:
    """Rungs that stand twice, ladders that leave a missed date unsaid, and names that no ladder has."""
    named = {one.part.reminders: one.part for one in regimes if one.part.kind is not RegimeKind.TARGET}
    for loaded in ladders:
        ladder = loaded.part
        for place, sentence in ladder.faults():
            yield loaded.fault(place, sentence)
        if ladder.id in named and not ladder.has_end:
            yield loaded.fault(
                ("rungs",),
                f"the regime {named[ladder.id].id} is no target: a date of it that passes must wake, "
                "add a rung with hours_after: 0 and urgency: wake",
            )
        if ladder.id == TRIAGE and not any(one.is_after for one in ladder.rungs):
            message = "an incident that nobody qualified must be spoken of: add a rung with hours_after: 0"
            yield loaded.fault(("rungs",), message)
    known = {*SHIPPED_LADDERS, *(one.part.id for one in ladders)}
    for regime in regimes:
        name = regime.part.reminders
        if name not in known:
            hint = did_you_mean(name, known) or ": write one of ladders.yaml"
            yield regime.fault(("reminders",), f"there is no ladder {name}{hint}")
