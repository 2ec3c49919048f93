"""Spot: which kinds of personal data the alerts of a slice show, once for each new episode, after it was placed.

Looked at is the title, the summary, what its sender put on it as labels, the accounts, addresses of pages and files
that it names; and, where a request held one alert only, the request as it came: what of it others say is not told
apart. Kept is the kind and how many different values; the values go no further than the function that counts them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from breach_service.domain.alert import Alert, EntityKind
from breach_service.domain.facts import WHOLE_INCIDENT, Fact, Provenance
from breach_service.domain.personal_data import SEEN_IN_ALERTS, kinds_in
from breach_service.domain.unknown_names import labels_asked
from breach_service.pipeline.folding import Arrival
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.remembering import Remembered
from breach_service.store import records, spotted, unknown_names
from breach_service.store.database import Session
from breach_service.store.spotted import Kinds, NewEpisode

READABLE = frozenset(
    {EntityKind.USER, EntityKind.ACCOUNT, EntityKind.URL, EntityKind.FILE, EntityKind.PROCESS, EntityKind.APPLICATION}
)
"""Entities that people name; machines, networks and hashes name none."""


def text_of(alert: Alert, body: bytes = b"") -> str:
    """What of an alert, and of the request that brought it, a person could read."""
    if body:
        return f"{alert.title}\n{body.decode('utf-8', 'replace')}"
    named = (one.value for one in alert.entities if one.kind in READABLE)
    return "\n".join((alert.title, alert.summary, *map(str, alert.labels.values()), *named))


def spot(
    session: Session, arrivals: Sequence[Arrival], newest: int, judged: Iterable[int], knowledge: Knowledge,
    now: datetime,
) -> set[int]:  # fmt: skip
    """Keep what the new episodes of a slice show; the incidents that are to be judged again because of it.

    `newest` is `spotted.newest_episode` before the slice was placed; `judged` are the incidents that it changed: one
    that took in alerts from before speaks for them too. The caller holds the placing lock.
    """
    concerned = set(judged)
    episodes = spotted.episodes_after(session, newest) if any(map(_may_show, arrivals)) else []
    if episodes:
        found = _found(arrivals, episodes)
        spotted.keep(session, found)
        unknown_names.keep_labels(session, _labels(arrivals, episodes, knowledge))
        concerned |= {one.incident_id for one in episodes if one.incident_id is not None and found.get(one.id)}
    return _record(session, concerned, knowledge, now) if concerned else set()


def _found(arrivals: Sequence[Arrival], episodes: Iterable[NewEpisode]) -> dict[int, Kinds]:
    """What the alerts that the episodes began with show, by the id of the episode."""
    first = {(one.source_id, one.alert.fingerprint): one for one in reversed(arrivals)}
    found = {}
    for episode in episodes:
        arrival = first.get((episode.source_id, episode.fingerprint))
        if arrival is not None and (kinds := _kinds_of(arrival.alert, arrival.body)):
            found[episode.id] = kinds
    return found


_SYSTEMS: Remembered[bool] = Remembered(5_000)
"""Whether an alert stands on a system, by everything that it is matched by."""


def _labels(
    arrivals: Sequence[Arrival], episodes: Iterable[NewEpisode], knowledge: Knowledge
) -> dict[int, dict[str, str]]:  # fmt: skip
    """The labels by which new episodes on no system can be asked about, by their id."""
    first = {(one.source_id, one.alert.fingerprint): one.alert for one in arrivals if labels_asked(one.alert)}
    found = {}
    for episode in episodes if first else ():
        alert = first.get((episode.source_id, episode.fingerprint))
        if alert is not None and not _is_on_a_system(alert, knowledge):
            found[episode.id] = labels_asked(alert)
    return found


def _is_on_a_system(alert: Alert, knowledge: Knowledge) -> bool:
    question = (alert.entities, tuple(alert.labels.items()))
    return _SYSTEMS.get(knowledge, question, lambda: bool(knowledge.inventory.systems_of(alert)))


_SEEN: dict[object, Kinds] = {}
"""By likeness: the same text is not searched again."""
MOST_SEEN = 5_000


def _may_show(arrival: Arrival) -> bool:
    """False where it is known to show nothing, as most alerts of a flood: which episodes are new need not be asked."""
    alert = arrival.alert
    return bool(arrival.body) or alert.likeness is None or bool(_kinds_of(alert, b"")) or bool(labels_asked(alert))


def _kinds_of(alert: Alert, body: bytes) -> Kinds:
    likeness = alert.likeness
    if likeness is None or body:
        return kinds_in(text_of(alert, body))
    known = _SEEN.get(likeness)
    if known is None:
        if len(_SEEN) >= MOST_SEEN:
            _SEEN.clear()
        known = _SEEN[likeness] = kinds_in(text_of(alert))
    return known


def _record(session: Session, concerned: set[int], knowledge: Knowledge, now: datetime) -> set[int]:
    """Append the fact where alerts show a kind that was not recorded yet; what was seen once stays recorded."""
    known = knowledge.catalogue.facts.get(SEEN_IN_ALERTS)
    shown = spotted.of_incidents(session, concerned) if known is not None else {}
    if known is None or not shown:
        return set()
    said: Mapping[int, frozenset[str]] = spotted.said_of(session, shown)
    changed = set()
    for number, kinds in sorted(shown.items()):
        before = said.get(number, frozenset())
        value = before | {str(kind) for kind in kinds if str(kind) in (known.choices or {})}
        if value != before:
            fact = Fact(SEEN_IN_ALERTS, value, WHOLE_INCIDENT, Provenance.ALERT, "alerts", now)
            records.record_fact(session, number, fact)
            changed.add(number)
    return changed
