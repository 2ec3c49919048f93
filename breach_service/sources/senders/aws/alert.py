"""The alert that an event of EventBridge becomes, where its reader has said what it is about."""

from collections.abc import Iterable
from datetime import datetime

from breach_service.domain.alert import Alert, AlertStatus, Entity, Signal
from breach_service.sources.parts.entities import gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.plain_text import plain_line, plain_text
from breach_service.sources.parts.reading import labels_from
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.senders.aws.resources import Event, entity_of_account, entity_of_arn

_CLOSED = frozenset({"ok", "resolved", "closed", "archived", "compliant", "completed", "suppressed", "not_applicable"})


def status_of_word(word: str) -> AlertStatus:
    """The status that a state, as the services of AWS write it, means."""
    return AlertStatus.RESOLVED if word.lower() in _CLOSED else AlertStatus.FIRING


def alert_of_event(
    source_name: str,
    event: Event,
    *,
    title: str,
    signal: Signal,
    parts: tuple[str, ...],
    status: AlertStatus = AlertStatus.FIRING,
    occurred_at: datetime | None = None,
    vendor_severity: str = "",
    entities: Iterable[Entity | None] = (),
    things: Iterable[str] = (),
    summary: str = "",
    reference: str = "",
    account: str = "",
    labels: Iterable[tuple[str, str]] = (),
) -> list[Alert]:
    """One alert. `parts` are its identity within the account and the region, `things` are ARNs that it is about.

    Where `occurred_at` is None it is the time of the event; where `account` is empty it is the event's.
    """
    whose = account or event.account
    # A finding is the same one whichever service passes it on, and has an id that is unique in the world.
    is_unique = parts[0] == "aws-finding"
    return [
        Alert(
            source=source_name,
            title=plain_line(title) or "AWS event",
            signal=signal,
            fingerprint=fingerprint_of(*parts) if is_unique else fingerprint_of(*parts, whose, event.region),
            severity=severity_of_word(vendor_severity),
            vendor_severity=plain_line(vendor_severity),
            status=status,
            occurred_at=occurred_at or event.happened_at,
            entities=gathered([entity_of_account(whose)], entities, (entity_of_arn(thing) for thing in things)),
            labels=labels_from((*labels, ("account", whose), ("region", event.region))),
            summary=plain_text(summary),
            vendor_reference=plain_line(reference),
        )
    ]
