"""The general reader: a readable alert of any object, whoever wrote it and whatever its shape.

Nothing is known of the sender. What its keys are called and where they stand decides: the outermost first, then what
stands in the usual wrappers, breadth first (`key_names`, `leaves`). The names come from the payloads of some sixty
tools; see the tests beside the samples of the kind `json`.
"""

import re
from operator import attrgetter

from breach_service.domain.alert import Alert, Entity, Signal
from breach_service.sources.general import key_names
from breach_service.sources.general.entities import entities_in
from breach_service.sources.general.identity import fingerprint_in
from breach_service.sources.general.leaves import Leaf, Leaves, leaves_of
from breach_service.sources.general.states import occurred_at_in, severity_in, status_in
from breach_service.sources.general.titles import summary_in, telling_line, title_in
from breach_service.sources.parts.attack_techniques import signal_of_attack
from breach_service.sources.parts.intrusion import signal_of_named_signature
from breach_service.sources.parts.payload import Record, decoded
from breach_service.sources.parts.plain_text import link_of, plain_line
from breach_service.sources.parts.reading import labels_from
from breach_service.sources.parts.words import signal_of_words

_SIGNALS = {str(signal): signal for signal in Signal}
_OF_MACHINES = frozenset(
    {Signal.OPERATIONS, Signal.UNAVAILABILITY, Signal.BACKUP_FAILED, Signal.ROUTINE, Signal.HEARTBEAT}
)
_MACHINERY = re.compile(
    r"\b(?:builds?|pipelines?|workflows?|deploy\w*|releases?|rollouts?|out of ?sync|sync (?:failed|status)|jobs?"
    r"|cron\w*|maintenance|degrad\w*|response times?|tickets?|updates? available|licen[cs]es?|high usage"
    r"|thresholds?|requests?|transactions?)\b",
    re.IGNORECASE,
)
"""What the words shared by all senders leave open."""
_IS_UP = re.compile(r"\b(?:is|are|back) (?:up|online|reachable)\b|\bup again\b", re.IGNORECASE)
_HEARTBEAT = re.compile(
    r"\W*(?:heart[ _-]?beat|watchdog|dead ?man'?s ?(?:switch|snitch)|keep[ _-]?alive)\W*", re.IGNORECASE
)
_BATCHES = key_names.listed(
    "alerts events incidents findings issues detections records items results messages notifications value data threats"
    " violations vulnerabilities hits entries objects params payload problems offenses anomalies alertes"
)
_MOST_LAYERS = 3
_LONGEST_REFERENCE = 100
_TICKET_KEY = re.compile(r"[A-Z][A-Z0-9_]+-\d+", re.ASCII)
_OF_JOBS = key_names.listed("jobname jobid buildnumber buildid pipelineid executionid")
"""Who has one of these runs something."""
_DEPTH = attrgetter("depth")
_OF_BANS = ("jail",)
"""Fail2ban bans an address after too many failures."""


def alerts_of_anything(source_name: str, record: Record) -> list[Alert]:
    """The alerts of one object: one, or one for each member where it only wraps a list; none where it says nothing."""
    members = _members_of(record)
    if not members:
        alert = alert_of_anything(source_name, record)
        return [] if alert is None else [alert]
    found = (alert_of_anything(source_name, *layers) for layers in members)
    return [alert for alert in found if alert is not None]


def alert_of_anything(source_name: str, *records: Record) -> Alert | None:
    """The alert of one object, None where it says nothing; the later records only fill what the first leaves open."""
    leaves = leaves_of(*records)
    title = title_in(leaves)
    if not title:
        return None
    signal = signal_in(leaves, title)
    entities = entities_in(leaves, signal, title)
    severity, vendor_severity = severity_in(leaves)
    return Alert(
        source=source_name,
        title=title,
        signal=signal,
        fingerprint=fingerprint_in(leaves, title, entities),
        severity=severity,
        vendor_severity=vendor_severity,
        status=status_in(leaves, title, signal in _OF_MACHINES),
        occurred_at=occurred_at_in(leaves),
        entities=entities,
        labels=_labels_in(leaves, records[0], entities),
        summary=summary_in(leaves, title),
        vendor_reference=_reference_in(leaves),
        link=leaves.found(key_names.LINKS, lambda leaf: link_of(leaf.text) or None) or "",
    )


def signal_in(leaves: Leaves, title: str) -> Signal:
    """What is reported: the documented word, else the title's words, else the sender's categories, else all."""
    said = leaves.found(key_names.SIGNALS, lambda leaf: _SIGNALS.get(leaf.text.lower()))
    if said is not None:
        return said
    if _HEARTBEAT.fullmatch(title):
        return Signal.HEARTBEAT
    if leaves.text(_OF_BANS):
        return Signal.BRUTE_FORCE
    by_title = _signal_of_title(leaves, title)
    if by_title is not None and by_title not in _OF_MACHINES:
        return by_title
    techniques = [leaf.text for name in key_names.TECHNIQUES for leaf in leaves.by_name.get(name, ())][:30]
    if (by_technique := signal_of_attack(techniques)) is not None:
        return by_technique
    categories = [leaf.text for name in key_names.CATEGORIES for leaf in leaves.by_name.get(name, ())][:30]
    by_category = next(
        (found for one in categories if (found := signal_of_words(one)) not in (None, *_OF_MACHINES)), None
    )
    if by_title is not None or by_category is not None:
        return by_category or by_title or Signal.ANOMALY
    return _signal_of_the_rest(leaves, title, categories)


def _signal_of_title(leaves: Leaves, title: str) -> Signal | None:
    """By the words of the title; what is said to be down is not merely slow or full."""
    named = signal_of_named_signature(title)
    if named is not None:
        return named
    found = signal_of_words(title)
    is_down = found is Signal.OPERATIONS and signal_of_words(leaves.text(key_names.STATUSES)) is Signal.UNAVAILABILITY
    return Signal.UNAVAILABILITY if is_down else found


def _signal_of_the_rest(leaves: Leaves, title: str, categories: list[str]) -> Signal:
    texts = [leaf.text for name in key_names.SUMMARIES for leaf in leaves.by_name.get(name, ())][:10]
    by_words = signal_of_words(*categories, *texts, leaves.text(key_names.STATUSES))
    if by_words is not None:
        return by_words
    if _IS_UP.search(title):
        return Signal.UNAVAILABILITY
    is_machinery = bool(leaves.text(_OF_JOBS)) or any(
        _MACHINERY.search(text.replace("_", " ")) for text in (title, *categories[:5])
    )
    return Signal.OPERATIONS if is_machinery else Signal.ANOMALY


def _members_of(record: Record) -> list[tuple[Record, ...]]:
    """The members of the list that an object only wraps, each before what wraps it; nothing where it speaks itself."""
    if isinstance(record.get("title"), str):
        return []
    layers: tuple[Record, ...] = ()
    for _ in range(_MOST_LAYERS):
        held = [(key, decoded(value)) for key, value in record.items()]
        own = {key: value for key, value in held if not isinstance(value, dict | list)}
        if _speaks(own):
            return []
        layers = (own, *layers)
        lists = [value for key, value in held if _is_batch(key, value)]
        if lists:
            return [(member, *layers) for member in lists[0]]
        inner = [
            value
            for key, value in held
            if isinstance(value, dict) and key_names.plain_name(key) in key_names.TRANSPARENT
        ]
        if len(inner) != 1:
            return []
        record = inner[0]
    return []


def _is_batch(key: str, value: object) -> bool:
    is_named = key_names.plain_name(key) in _BATCHES and isinstance(value, list) and bool(value)
    return is_named and isinstance(value, list) and all(isinstance(one, dict) and _is_member(one) for one in value)


def _is_member(record: Record) -> bool:
    """True if the member of a list is an alert by itself and no mere detail."""
    leaves = leaves_of(record)
    return bool(leaves.found((*key_names.TITLES, *key_names.HEADLINES), telling_line)) and len(leaves.all) > 1


def _speaks(own: Record) -> bool:
    """True if an object has a title of its own beside what it wraps."""
    leaves = leaves_of(own)
    names = (*key_names.TITLES, "summary", "message", "text", "description", "msg", "rulename", "name")
    return bool(leaves.found(names, telling_line))


def _labels_in(leaves: Leaves, record: Record, entities: tuple[Entity, ...]) -> dict[str, str]:
    """The sender's own labels, and what tells systems apart beside them."""
    known = {one.value.lower() for one in entities}
    given = record.get("labels")
    own = (
        [(key, leaf_text) for key, value in given.items() if (leaf_text := _flat(value))]
        if isinstance(given, dict)
        else []
    )
    names = {key_names.plain_name(key) for key, _ in own}
    held = (leaves.by_name[name] for name in key_names.LABELS if name in leaves.by_name and name not in names)
    found = (min(same, key=_DEPTH) for same in held)
    others = [(_label_of(leaf), leaf.text) for leaf in found if 0 < len(leaf.text) < 100]
    return labels_from((*own, *(pair for pair in others if pair[1].lower() not in known)))


def _label_of(leaf: Leaf) -> str:
    """The key of a leaf; behind that of its object where it says nothing by itself."""
    return "_".join(leaf.path[-2:]) if leaf.key in ("id", "name") else leaf.key


def _flat(value: object) -> str:
    return Leaf(("",), "", value, 0).text


def _reference_in(leaves: Leaves) -> str:
    """What the sender calls it: a short number or key before a long id; no title."""
    number = leaves.found(key_names.NUMBERS, _reference) or leaves.found(key_names.IDS, _reference)
    return plain_line(number or "", _LONGEST_REFERENCE)


def _reference(leaf: Leaf) -> str | None:
    is_key = leaf.path[-1] != "key" or _TICKET_KEY.fullmatch(leaf.text)
    return leaf.text if leaf.text and is_key and " " not in leaf.text and "/" not in leaf.text else None
