"""Two incidents that may be one: what they have in common, what a person can say about it, what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.access import Act
from breach_service.domain.dossier import Dossier
from breach_service.domain.grouping import Grouping
from breach_service.domain.incident import OPEN_STATUSES, Episode, Incident, IncidentStatus
from breach_service.domain.inventory import Inventory
from breach_service.store.merging import Decision, Proposal
from breach_service.web.views.incidents import system_names

MOST_VALUES = 5
"""How many things of one kind are named; the others are counted."""


@dataclass(frozen=True)
class Shared:
    """What two incidents have in common: a kind of thing (`system` or a kind of `LinkKind`) and its values."""

    kind: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class OtherIncident:
    """The other one of a pair. Instants in UTC."""

    reference: str
    title: str
    status: IncidentStatus
    detected_at: datetime
    alerts: int
    systems: tuple[str, ...]


@dataclass(frozen=True)
class ProposalView:
    """A proposal that a person must decide about."""

    id: int
    other: OtherIncident
    proposed_at: datetime
    shared: tuple[Shared, ...]
    is_other_older: bool
    """True where the other one began first; it is then the one that goes on, unless a person says otherwise."""


@dataclass(frozen=True)
class MergingView:
    """The part of the incident's page about others that it may be one with."""

    proposals: tuple[ProposalView, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    """Reference and title of each open incident that it can be merged with by hand; empty where nobody may."""
    goes_on_as: str = ""
    took_in: tuple[str, ...] = ()
    may_merge: bool = False

    @property
    def is_shown(self) -> bool:
        """True where there is something to say or to do."""
        return bool(self.proposals or self.others or self.took_in)


NO_MERGING = MergingView()


def merging_view(
    dossier: Dossier, proposals: Sequence[tuple[Proposal, Sequence[Episode]]], others: Iterable[Incident],
    grouping: Grouping, language: str, may: frozenset[str], *, goes_on_as: str = "", took_in: Iterable[str] = (),
) -> MergingView:  # fmt: skip
    """What a page says about merging; each proposal comes with the episodes of the other incident."""
    incident = dossier.incident
    may_merge = Act.MERGE in may and incident.status in OPEN_STATUSES
    waiting = tuple(
        ProposalView(
            id=one.id,
            other=_other(one.other, dossier.inventory, language),
            proposed_at=one.proposed_at,
            shared=shared_by(
                (incident, dossier.episodes), (one.other, episodes), grouping, dossier.inventory, language
            ),
            is_other_older=one.other.detected_at < incident.detected_at,
        )
        for one, episodes in proposals
        if is_waiting(one, incident)
    )
    named = {one.other.reference for one in waiting}
    return MergingView(
        proposals=waiting,
        others=tuple((one.reference, one.title) for one in others if may_merge and one.reference not in named),
        goes_on_as=goes_on_as,
        took_in=tuple(took_in),
        may_merge=may_merge,
    )


def is_waiting(one: Proposal, incident: Incident) -> bool:
    """True where a person must still decide: both incidents go on."""
    return one.decision is Decision.WAITING and {incident.status, one.other.status} <= OPEN_STATUSES


def _other(one: Incident, inventory: Inventory, language: str) -> OtherIncident:
    systems = system_names(one.systems, inventory, language)
    return OtherIncident(one.reference, one.title, one.status, one.detected_at, one.alerts, systems)


def shared_by(
    ours: tuple[Incident, Iterable[Episode]], theirs: tuple[Incident, Iterable[Episode]], grouping: Grouping,
    inventory: Inventory, language: str,
) -> tuple[Shared, ...]:  # fmt: skip
    """The systems of both incidents, and the things that link their alerts: what all share is left out."""
    mine, others = tuple(ours[1]), tuple(theirs[1])
    systems = sorted(set(ours[0].systems) & set(theirs[0].systems))
    found = [Shared("system", system_names(systems, inventory, language))] if systems else []
    for kind in grouping.link_minutes:
        values = _named(mine, kind) & _named(others, kind)
        told = tuple(sorted(one for one in values if not grouping.common.holds(one)))
        if told:
            found.append(Shared(str(kind), told))
    return tuple(found)


def _named(episodes: Iterable[Episode], kind: str) -> set[str]:
    return {two.value.lower() for one in episodes for two in one.entities if two.kind == kind}
