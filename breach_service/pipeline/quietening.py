"""What was dismissed again and again: the proposals, and what each would have done to the alerts of the last days."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from breach_service.domain.alert import Signal
from breach_service.domain.grouping import Grouping, Reader, minute_of
from breach_service.domain.grouping.simulation import Event, Simulation
from breach_service.domain.noise import NoiseProposal, noise_proposals, with_rule
from breach_service.domain.silences import PastAlert, Preview, Silence, preview
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import closing, silences
from breach_service.store.database import Session
from breach_service.store.sight import FULL, Visibility

LOOKED_BACK = timedelta(days=7)
"""On the alerts of so many days a proposal is tried."""
MOST_TRIED = 5_000
"""Alerts that it is tried on, the newest: enough to see what it does, and quick enough for a page."""


def noise_of(
    session: Session, knowledge: Knowledge, now: datetime, source: str | None = None, named: Collection[Signal] = (),
    visibility: Visibility = FULL,
) -> tuple[NoiseProposal, ...]:  # fmt: skip
    """What is proposed to be kept quiet now, of one sender or of all, from the dismissals that are seen."""
    dismissed = closing.dismissals(session, now, source, visibility)
    in_force = silences.between(session, now, now)
    return noise_proposals(dismissed, knowledge.catalogue.signals, now, named, in_force)


@dataclass(frozen=True)
class Standing:
    """What a grouping makes of the alerts of the last days."""

    incidents: int
    alerts: int
    """Alerts that stand in one of them."""


@dataclass(frozen=True)
class DryRun:
    """What a proposal would have done."""

    silence: Preview
    """By the silence: what would have woken nobody."""
    before: Standing
    after: Standing
    """By the rule: what would have been opened with it."""

    @property
    def spared(self) -> int:
        """How many incidents would not have been opened."""
        return self.before.incidents - self.after.incidents


def dry_run(
    session: Session, proposal: NoiseProposal, knowledge: Knowledge, now: datetime, visibility: Visibility = FULL
) -> DryRun:
    """Try a proposal on the alerts of the last `LOOKED_BACK` that are seen; nothing is stored."""
    past = silences.past(session, now - LOOKED_BACK, MOST_TRIED, visibility)
    signals, grouping = knowledge.catalogue.signals, knowledge.catalogue.grouping
    silence = Silence(0, "", "", now, now + LOOKED_BACK, proposal.lines)

    def standing(rules: Grouping) -> Standing:
        return _standing(Reader(rules, signals), past)

    return DryRun(preview(silence, past, signals), standing(grouping), standing(with_rule(grouping, proposal.rule)))


def _standing(reader: Reader, past: Collection[PastAlert]) -> Standing:
    events = [
        Event((one.source, one.alert.fingerprint), one.alert, minute_of(at), one.kind, one.systems, one.count)
        for one in past
        for at in sorted({one.first_at, one.last_at})
    ]
    played = Simulation(reader)
    played.play(sorted(events, key=lambda one: one.minute))
    members = played.members()
    return Standing(len(members), sum(len(some) for some in members.values()))
