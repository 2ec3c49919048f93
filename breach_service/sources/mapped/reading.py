"""The alerts that a mapping reads out of a body, and a trial of a mapping on a sample."""

import json
from collections.abc import Callable
from collections.abc import Mapping as Table
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Severity, Signal
from breach_service.errors import UnreadablePayload
from breach_service.sources.general.leaves import leaves_of
from breach_service.sources.general.state_words import is_test_title, state_in_status, without_state
from breach_service.sources.general.states import severity_in_words
from breach_service.sources.general.titles import title_in
from breach_service.sources.mapped.paths import BadPath, path_of, paths_in, unfolded
from breach_service.sources.mapped.table import Always, Mapping, MappingFaults, mapping_from
from breach_service.sources.parts.entities import entities_of, gathered
from breach_service.sources.parts.identity import fingerprint_of, given_fingerprint
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import text_of
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.request import Delivery

__all__ = ["Always", "Mapping", "MappingFaults", "Trial", "alerts_mapped", "mapping_from", "paths_in", "try_mapping"]

_EXPECTED = "a body that the mapping of this source can read"
_ENTITY_KEYS = (
    EntityKind.HOST,
    EntityKind.USER,
    EntityKind.ADDRESS,
    EntityKind.SOURCE_ADDRESS,
    EntityKind.APPLICATION,
)
_NAMED = ("host", "user", "address", "source_address", "application")
_TELLING = ("severity", "signal", *_NAMED, "time", "identity", "state")
"""What shows that a mapping fits a message whose title is missing."""
_FIELDS = ("title", *_TELLING, "summary", "link", "reference")
_SIGNALS = {str(signal): signal for signal in Signal}
_MOST_TEXTS = 50


@dataclass(frozen=True)
class Trial:
    """What a mapping makes of a sample: its alerts, and what is wrong, each with the key that it is about."""

    alerts: tuple[Alert, ...] = ()
    faults: tuple[tuple[str, str], ...] = ()


def alerts_mapped(mapping: Mapping, source_name: str, delivery: Delivery) -> list[Alert]:
    """The alerts of one request as the mapping reads them.

    Raises UnreadablePayload, in a sentence that names the key, where a path cannot be applied, where `each` finds no
    objects, and where there is nothing to make a title of.
    """
    return [_alert_of(mapping, source_name, record) for record in _members_of(mapping, delivery)]


def try_mapping(mapping: Mapping | Table[str, Any], sample: bytes) -> Trial:
    """What a mapping, or a document that should be one, makes of the body of a request; never raises."""
    try:
        checked = mapping if isinstance(mapping, Mapping) else mapping_from(mapping)
    except MappingFaults as error:
        return Trial(faults=error.faults)
    delivery = Delivery(sample, {}, "", datetime(2000, 1, 1, tzinfo=UTC))
    try:
        members = _members_of(checked, delivery)
        alerts = tuple(_alert_of(checked, "trial", member) for member in members)
    except UnreadablePayload as error:
        return Trial(faults=((_key_of(error), str(error)),))
    return Trial(alerts, tuple(_misses(checked, members)))


def _key_of(error: UnreadablePayload) -> str:
    key, colon, _ = str(error).partition(": ")
    return key if colon and key in (*_FIELDS, "each") else ""


def _misses(mapping: Mapping, members: list[Record]) -> list[tuple[str, str]]:
    """The keys whose paths find nothing, or nothing that can be used, in any alert of the sample."""
    usable: dict[str, Callable[[Any], object]] = {"time": lambda value: _instant(mapping, value), "link": _link}
    found = []
    for key in _FIELDS:
        paths = getattr(mapping, key)
        values = [value for member in members if (value := _found(mapping, key, member)) is not None]
        if paths and not any(map(_texts, values)):
            found.append((key, f"{key}: nothing stands at {' or '.join(paths)} in this sample."))
        elif paths and key in usable and not any(map(usable[key], values)):
            said = "is no instant with a zone; name the zone" if key == "time" else "is no address of a page"
            found.append((key, f"{key}: what stands at {' or '.join(paths)} {said}."))
    return found


def _members_of(mapping: Mapping, delivery: Delivery) -> list[Record]:
    records = [unfolded(record) for record in records_of(delivery, _EXPECTED)]
    if not mapping.each:
        return records
    # A path into the body itself, then one into each member of it.
    whole: list[Any] = [records] if len(records) > 1 else [records[0], records]
    for bodies in ([one] for one in whole):
        if members := _objects(mapping, bodies):
            return members
    if members := _objects(mapping, records):
        return members
    raise UnreadablePayload(f"each: no objects stand at {' or '.join(mapping.each)}; expected {_EXPECTED}.")


def _objects(mapping: Mapping, bodies: list[Any]) -> list[Record]:
    """The objects that `each` finds in the first of the bodies where it finds any, or in all of several."""
    found: list[Record] = []
    for body in bodies:
        value = _found(mapping, "each", body)
        found += [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]
    return found


def _found(mapping: Mapping, key: str, body: Any) -> Any:
    """What the first path of a key that finds something finds; empty texts and lists are nothing."""
    for written in getattr(mapping, key):
        try:
            value = path_of(written).value_in(body)
        except BadPath as fault:
            raise UnreadablePayload(f"{key}: {fault}; expected {_EXPECTED}.") from fault
        if value not in (None, "", [], {}):
            return value
    return None


def _texts(value: Any) -> list[str]:
    """The texts of a value; of an object its JSON."""
    values = value if isinstance(value, list) else [value]
    texts = (json.dumps(one, ensure_ascii=False) if isinstance(one, dict | list) else text_of(one) for one in values)
    return [text.strip() for text in list(texts)[:_MOST_TEXTS] if text.strip()]


def _alert_of(mapping: Mapping, source_name: str, record: Record) -> Alert:
    def texts(key: str) -> list[str]:
        return _texts(_found(mapping, key, record))

    def text(key: str) -> str:
        return next(iter(texts(key)), "")

    title = plain_line(text("title"))
    if not title and any(texts(key) for key in _TELLING):
        title = title_in(leaves_of(record))  # it fits otherwise: an alert with a guessed title, not one set aside
    if not title:
        raise UnreadablePayload(f"title: nothing stands at {' or '.join(mapping.title)}; expected {_EXPECTED}.")
    entities = gathered(*(entities_of(kind, texts(kind)) for kind in _ENTITY_KEYS))
    return Alert(
        source=source_name,
        title=title,
        signal=_signal_of(mapping, text("signal"), title),
        fingerprint=_fingerprint_of(texts("identity"), title, entities),
        severity=_severity_of(mapping, text("severity")),
        vendor_severity=plain_line(text("severity")),
        status=_status_of(mapping, text("state"), title),
        occurred_at=_instant(mapping, _found(mapping, "time", record)),
        entities=entities,
        summary=plain_text("\n".join(texts("summary"))),
        vendor_reference=plain_line(text("reference"), 200),
        link=link_of(text("link")),
    )


def _signal_of(mapping: Mapping, said: str, title: str) -> Signal:
    if mapping.always.signal is not None:
        return mapping.always.signal
    taught = _word_in(mapping.signal_words, said) or _SIGNALS.get(said.lower())
    return taught or signal_of_words(said, title) or Signal.ANOMALY


def _severity_of(mapping: Mapping, said: str) -> Severity:
    if mapping.always.severity is not None:
        return mapping.always.severity
    return _word_in(mapping.severity_words, said) or severity_in_words(said)


def _word_in(table: Table[str, Any], said: str) -> Any:
    """What a table says of a word, whatever its case; None where it says nothing."""
    wanted = said.casefold()
    return next((meaning for word, meaning in table.items() if word.strip().casefold() == wanted), None)


def _status_of(mapping: Mapping, said: str, title: str) -> AlertStatus:
    word = said.casefold()
    if word and word in {one.strip().casefold() for one in mapping.test_words}:
        return AlertStatus.TEST
    if is_test_title(title):
        return AlertStatus.TEST
    if mapping.resolved_words:
        ends = {one.strip().casefold() for one in mapping.resolved_words}
        return AlertStatus.RESOLVED if word in ends else AlertStatus.FIRING
    return state_in_status(said) or AlertStatus.FIRING


def _instant(mapping: Mapping, value: Any) -> datetime | None:
    first = value[0] if isinstance(value, list) and value else value
    return instant_in(first, ZoneInfo(mapping.zone) if mapping.zone else None)


def _link(value: Any) -> str:
    return next((link for text in _texts(value) if (link := link_of(text))), "")


def _fingerprint_of(identity: list[str], title: str, entities: tuple[Entity, ...]) -> str:
    if len(identity) == 1:
        return given_fingerprint(identity[0])
    if identity:
        return fingerprint_of("mapping", *identity)
    return fingerprint_of(
        "mapping", without_state(title), *(part for one in entities for part in (one.kind, one.value))
    )
