"""What the inventory leaves open of an incident: names that nobody knows, systems and activities of which much is not
said."""

from collections.abc import Iterator
from dataclasses import dataclass

from breach_service.domain.alert import REAL_STATUSES, Alert
from breach_service.domain.dossier import Dossier
from breach_service.domain.incident import OPEN_STATUSES
from breach_service.domain.inventory import Inventory
from breach_service.domain.inventory_gaps import Gap, GapKind, gaps_of
from breach_service.domain.unknown_names import is_elsewhere, names_asked, systems_of

MOST_NAMES = 3


@dataclass(frozen=True)
class GapLine:
    """One thing that the inventory does not say, and where to say it."""

    kind: GapKind
    name: str
    """Of the system or of the activity."""
    href: str
    clients: int
    """Of how many clients it is not said."""


@dataclass(frozen=True)
class GapsView:
    """The lines of `_gaps.html`."""

    names: tuple[str, ...]
    """The first names that alerts of the incident use and nobody knows."""
    more: int
    lines: tuple[GapLine, ...]

    @property
    def is_shown(self) -> bool:
        """True if there is anything to say."""
        return bool(self.names or self.lines)


NO_GAPS = GapsView((), 0, ())


def gaps_view(dossier: Dossier, language: str) -> GapsView:
    """What the inventory leaves open of an open incident; nothing of one that is over."""
    if dossier.incident.status not in OPEN_STATUSES:
        return NO_GAPS
    names = tuple(dict.fromkeys(_unknown_names(dossier)))
    gaps = gaps_of(dossier.incident.systems, dossier.inventory)
    lines = tuple(_line(one, dossier.inventory, language) for one in gaps)
    return GapsView(names[:MOST_NAMES], max(len(names) - MOST_NAMES, 0), lines)


def _unknown_names(dossier: Dossier) -> Iterator[str]:
    for one in dossier.episodes:
        if one.systems or one.status not in REAL_STATUSES:
            continue
        alert = Alert(one.source, "", one.signal, one.fingerprint, entities=one.entities)
        for name in names_asked(alert):
            if not systems_of(name, dossier.inventory) and not is_elsewhere(name, dossier.inventory):
                yield name.value


def _line(gap: Gap, inventory: Inventory, language: str) -> GapLine:
    is_system = gap.kind is GapKind.SYSTEM_WITHOUT_ACTIVITY
    found = inventory.system(gap.id) if is_system else inventory.activity(gap.id)
    name, part = found.name.in_language(language) if found else gap.id, "systems" if is_system else "activities"
    return GapLine(gap.kind, name, f"/inventory/entry/{part}/{gap.id}", len(gap.clients))
