"""The alerts of an incident, by system, each with the reason why it stands here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from breach_service.domain.alert import AlertStatus, Entity, EntityKind, Severity
from breach_service.domain.dossier import Dossier
from breach_service.domain.incident import Episode, Silenced
from breach_service.web.views.incidents import system_names
from breach_service.web.views.pieces import ContentWords

MOST_IN_A_GROUP = 25
"""How many alerts of one group are shown at once; the others stand behind a fold."""

TELLING = (
    EntityKind.HOST,
    EntityKind.SOURCE_ADDRESS,
    EntityKind.USER,
    EntityKind.FILE,
    EntityKind.DOMAIN,
    EntityKind.URL,
)
"""The kinds that help a person to recognise an alert, and stand first."""


def web_link(address: str) -> str:
    """The address, empty where it is not one of a web page."""
    return address if address.startswith(("https://", "http://")) else ""


@dataclass(frozen=True)
class AlertRow:
    """One episode: the same problem from the same source, counted. Instants in UTC."""

    id: int
    occurred_at: datetime
    last_seen_at: datetime
    title: str
    source: str
    signal: str
    severity: Severity
    vendor_severity: str
    is_firing: bool
    count: int
    entities: tuple[Entity, ...]
    """What helps to recognise it: where from, who, which file."""
    vendor_reference: str
    link: str
    """Address of its page at the sender; empty where there is none."""
    said_at: datetime | None
    """The sender's own time."""
    is_clock_off: bool
    """True where it is so far from ours that the clocks must differ."""
    is_unverified: bool
    """True where its signature could not be checked."""
    why_here: str
    """Code of a `PlacementReason`."""
    shared: tuple[str, str] | None
    """What links it to others: the kind of the key, and its value."""
    silenced: Silenced | None
    """Who keeps it from waking anybody, and until when."""
    after_first: timedelta
    """How long after the first alert of the incident; negative for what was seen before and adopted."""


@dataclass(frozen=True)
class AlertGroup:
    """The alerts on the same systems. Without a system: on what the grouping key names."""

    systems: tuple[str, ...]
    is_group_key: bool
    rows: tuple[AlertRow, ...]
    folded: tuple[AlertRow, ...]


@dataclass(frozen=True)
class AlertsView:
    """The section “Alertes”."""

    episodes: int
    alerts: int
    sources: tuple[str, ...]
    key_kind: str
    """`system`, `host`, `application`, `user`, `from` or `source`."""
    key_value: str
    groups: tuple[AlertGroup, ...]
    silenced: int
    """How many of the episodes a silence keeps from waking anybody."""
    may_silence: bool


def alerts_view(dossier: Dossier, content: ContentWords, language: str, may: frozenset[str]) -> AlertsView:
    """All episodes, oldest first in each group; the group of the grouping key stands first."""
    kind, _, value = dossier.incident.group_key.partition(":")
    by_systems: dict[tuple[str, ...], list[Episode]] = {}
    for episode in sorted(dossier.episodes, key=lambda one: (one.occurred_at, one.id)):
        by_systems.setdefault(episode.systems, []).append(episode)
    first_at = min((one.occurred_at for one in dossier.episodes), default=dossier.incident.detected_at)
    opened = next((one for one in dossier.episodes if one.why_here == "opened_incident"), None)
    groups = [
        _group(systems, episodes, kind == "system" and value in systems, opened.occurred_at if opened else first_at,
               dossier, content, language)
        for systems, episodes in by_systems.items()
    ]  # fmt: skip
    names = system_names([value], dossier.inventory, language) if kind == "system" else (value,)
    return AlertsView(
        episodes=len(dossier.episodes),
        alerts=sum(one.count for one in dossier.episodes),
        sources=tuple(dict.fromkeys(one.source for one in dossier.episodes)),
        key_kind=kind,
        key_value=names[0],
        groups=tuple(sorted(groups, key=lambda group: not group.is_group_key)),
        silenced=sum(one.silenced is not None for one in dossier.episodes),
        may_silence="silence" in may,
    )


def _group(
    systems: tuple[str, ...], episodes: Iterable[Episode], is_group_key: bool, first_at: datetime, dossier: Dossier,
    content: ContentWords, language: str,
) -> AlertGroup:  # fmt: skip
    rows = tuple(_row(one, first_at, content, language) for one in episodes)
    return AlertGroup(
        system_names(systems, dossier.inventory, language), is_group_key, rows[:MOST_IN_A_GROUP], rows[MOST_IN_A_GROUP:]
    )


def _row(episode: Episode, first_at: datetime, content: ContentWords, language: str) -> AlertRow:
    return AlertRow(
        id=episode.id,
        occurred_at=episode.occurred_at,
        last_seen_at=episode.last_seen_at,
        title=episode.title,
        source=episode.source,
        signal=content.signal(episode.signal, language),
        severity=episode.severity,
        vendor_severity=episode.vendor_severity,
        is_firing=episode.status is AlertStatus.FIRING,
        count=episode.count,
        entities=tuple(one for one in episode.entities if one.kind in TELLING)[:4],
        vendor_reference=episode.vendor_reference,
        link=web_link(episode.link),
        said_at=episode.said_at,
        is_clock_off=episode.is_clock_off,
        is_unverified=episode.is_unverified,
        why_here=episode.why_here,
        shared=_shared(episode.link_key),
        silenced=episode.silenced,
        after_first=episode.occurred_at - first_at,
    )


def _shared(key: str) -> tuple[str, str] | None:
    kind, colon, value = key.partition(":")
    return (kind, value) if colon else None
