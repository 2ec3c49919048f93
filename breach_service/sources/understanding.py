"""From a request to alerts: the module of its kind first, then whoever recognises the body, then the general reader.

A body that arrives at the address of another kind is an alert all the same; only what nobody can give a title to is
left for quarantine.
"""

from dataclasses import replace

from breach_service.domain.alert import REAL_STATUSES, Alert, AlertStatus, Signal
from breach_service.errors import UnreadablePayload
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.payload import records_of, text_of_body
from breach_service.sources.registry import SOURCES
from breach_service.sources.request import Delivery
from breach_service.sources.source import Source

GENERAL = "json"
"""Kind of the reader that makes the best of every body."""
UNDERSTOOD_AS = "understood_as"
"""Label that names the kind by which a body was understood, where it is not the kind of the source."""


def understood(source: Source, source_name: str, delivery: Delivery) -> list[Alert]:
    """The alerts of one request. Raises UnreadablePayload, in the words of the source's own kind, where there are none.

    An alert that is a test or a handshake has a fingerprint of its own: it never counts as the problem it plays.
    """
    if source.handshake(delivery) is not None:
        return [_handshake_of(source, source_name)]
    return [apart(alert) for alert in _read(source, source_name, delivery)]


def _read(source: Source, source_name: str, delivery: Delivery) -> list[Alert]:
    recognising = None if source.kind != GENERAL else _recognising(delivery)
    if recognising is not None:
        try:
            return _marked(recognising, recognising.normalise(source_name, delivery))
        except UnreadablePayload:
            return source.normalise(source_name, delivery)
    try:
        return source.normalise(source_name, delivery)
    except UnreadablePayload as fault:
        return _read_otherwise(source, source_name, delivery, fault)


def _read_otherwise(source: Source, source_name: str, delivery: Delivery, fault: UnreadablePayload) -> list[Alert]:
    for other in (_recognising(delivery), SOURCES[GENERAL]):
        if other is None or other is source:
            continue
        try:
            return _marked(other, other.normalise(source_name, delivery))
        except UnreadablePayload:
            continue
    raise fault


def _recognising(delivery: Delivery) -> Source | None:
    try:
        first = records_of(delivery, "an object")[0]
    except UnreadablePayload:
        return _recognising_text(delivery)
    return next((one for one in SOURCES.values() if one.recognises(first)), None)


def _recognising_text(delivery: Delivery) -> Source | None:
    try:
        text = text_of_body(delivery)
    except UnreadablePayload:
        return None
    return next((one for one in SOURCES.values() if one.recognises_text(text)), None)


def _marked(source: Source, alerts: list[Alert]) -> list[Alert]:
    return [replace(alert, labels={**alert.labels, UNDERSTOOD_AS: source.kind}) for alert in alerts]


def apart(alert: Alert) -> Alert:
    """A test and a handshake have a fingerprint of their own: they never count as the problem that they play."""
    if alert.status in REAL_STATUSES:
        return alert
    return replace(alert, fingerprint=fingerprint_of(alert.status, alert.fingerprint))


def _handshake_of(source: Source, source_name: str) -> Alert:
    return Alert(
        source=source_name,
        title=f"{source.title.en}: handshake",
        signal=Signal.HEARTBEAT,
        fingerprint=fingerprint_of(AlertStatus.HANDSHAKE, source.kind),
        status=AlertStatus.HANDSHAKE,
    )
