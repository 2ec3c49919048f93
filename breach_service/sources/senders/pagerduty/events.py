"""What tools send to PagerDuty and many can send elsewhere: the Events API V2, its older form, its notices of changes.

https://developer.pagerduty.com/docs/events-api-v2-overview, "Send an Alert Event" and "Send a Change Event", and
"Events API V1 Overview" on the same site. The routing key and the key of the service are secrets, and are kept nowhere.
"""

from collections.abc import Iterator

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Signal
from breach_service.sources.general.entities import entities_in
from breach_service.sources.general.leaves import leaves_of
from breach_service.sources.parts.entities import entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.masking import masked
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import (
    first_text,
    labels_from,
    record_at,
    records_at,
    text_at,
    text_of,
    texts_at,
    value_at,
)
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words

_LABELS = ("source", "component", "group", "class")


def is_event_of_a_tool(record: Record) -> bool:
    """True for what a tool addresses to a service of PagerDuty: an event of either version, or a change."""
    is_second = "routing_key" in record and ("event_action" in record or "payload" in record)
    return is_second or "event_action" in record or ("service_key" in record and "event_type" in record)


def alert_of_tool(source_name: str, record: Record) -> Alert:
    """The alert of an event; of a change, which has no action, only what was changed."""
    payload, action = record_at(record, "payload"), first_text(record, ("event_action",), ("event_type",)).lower()
    title = plain_line(text_at(payload, "summary") or text_at(record, "description"))
    key = first_text(record, ("dedup_key",), ("incident_key",))
    details = _details_of(record, payload)
    signal = signal_of_words(text_at(payload, "class"), title) or Signal.ANOMALY
    said = text_at(payload, "severity")
    return Alert(
        source=source_name,
        title=title or f"PagerDuty: {action or 'event'} {plain_line(key)}".strip(),
        signal=signal if action else Signal.OPERATIONS,
        fingerprint=fingerprint_of("pagerduty", *([key] if key else [title, text_at(payload, "source")])),
        severity=severity_of_word(said),
        vendor_severity=plain_line(said),
        status=AlertStatus.RESOLVED if action == "resolve" else AlertStatus.FIRING,
        occurred_at=instant_in(value_at(payload, "timestamp")),
        entities=gathered(_named_in(record, payload), entities_of_details(details, signal)),
        labels=labels_from((name, text_at(payload, name)) for name in _LABELS),
        summary=plain_text(masked(text_of_details(details))),
        vendor_reference=plain_line(key),
        link=next((found for one in _links_of(record) if (found := link_of(one))), ""),
    )


def _details_of(record: Record, payload: Record) -> object:
    held = value_at(payload, "custom_details")
    return value_at(record, "details") if held is None else held


def _named_in(record: Record, payload: Record) -> list[Entity | None]:
    source = text_at(payload, "source")
    # Alertmanager and others write their own name there: no machine.
    machine = "" if source.lower() == text_at(record, "client").lower() else source
    return [entity(EntityKind.HOST, machine), entity(EntityKind.APPLICATION, text_at(payload, "component"))]


def _links_of(record: Record) -> Iterator[str]:
    yield text_at(record, "client_url")
    for key in ("links", "contexts"):
        yield from (text_at(one, "href") for one in records_at(record, key))


def text_of_details(details: object) -> str:
    """The details of an event: a text as it is, the members of an object one a line."""
    if not isinstance(details, dict):
        return text_of(details).strip()
    lines = ((str(key), ", ".join(texts_at(details, key))) for key in details)
    return "\n".join(f"{key}: {text}" for key, text in lines if text)


def entities_of_details(details: object, signal: Signal) -> tuple[Entity, ...]:
    """What the details name, by the names of their keys: every tool has its own."""
    return entities_in(leaves_of(details), signal) if isinstance(details, dict) else ()
