"""Events of the activity log of Azure, which the common alert schema and the older one carry alike.

https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema: administrative calls, service health,
resource health, and alerts of Defender for Cloud. Enumerations are written as words or as numbers.
"""

import re
from collections.abc import Iterable, Iterator

from breach_service.domain.alert import Entity, EntityKind, EntityRole, Signal
from breach_service.sources.parts.entities import entities_of, entity
from breach_service.sources.parts.payload import Record, decoded
from breach_service.sources.parts.reading import first_text, record_at, text_at
from breach_service.sources.parts.tactics import signal_of_threat
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.senders.microsoft.entities import entities_of_resource

SERVICE_HEALTH, RESOURCE_HEALTH, SECURITY = "servicehealth", "resourcehealth", "security"
RECOMMENDATION = "recommendation"

_NOT_A_LETTER = re.compile(r"[^a-z]")
_OVER = frozenset({"resolved", "complete", "completed", "rca", "canceled", "cancelled"})
_SIGNAL_OF_OPERATION: tuple[tuple[Signal, re.Pattern[str]], ...] = tuple(
    (signal, re.compile(pattern, re.IGNORECASE))
    for signal, pattern in (
        (Signal.PRIVILEGE_CHANGE, r"^microsoft\.authorization/(roleassignments|roledefinitions|elevateaccess|locks)"),
        (Signal.PRIVILEGE_CHANGE, r"accesspolicies/write|/federatedidentitycredentials/write"),
        (Signal.INTEGRITY_CHANGE, r"diagnosticsettings/delete|securityrules/(write|delete)|policyassignments/delete"),
        (Signal.INTEGRITY_CHANGE, r"(activitylogalerts|actiongroups|metricalerts|scheduledqueryrules)/delete"),
        (
            Signal.INTEGRITY_CHANGE,
            r"(firewallrules|networksecuritygroups|vaults|servers|databases|storageaccounts)/delete",
        ),
        (Signal.DATA_EXPOSURE, r"/(begingetaccess|exporttoken|generateaccountsas|snapshots/write)"),
        (Signal.LEAKED_SECRET, r"/list(keys|secrets|credentials)"),
    )
)


_TEST_SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
_TEST_NAME = re.compile(r"(?<![a-z])test(?![a-z])", re.IGNORECASE)


def is_of_test_button(subscriptions: Iterable[str], names: Iterable[str]) -> bool:
    """True for what the test button of an action group sends: one subscription that nobody has, and names of tests.

    Both, since those who make a body anonymous like to write the same id.
    """
    return _TEST_SUBSCRIPTION in subscriptions and any(_TEST_NAME.search(name[:1000]) for name in names)


def service_of(text: str) -> str:
    """The part of the log, as one word in lower case: servicehealth, resourcehealth, security, administrative…"""
    return _NOT_A_LETTER.sub("", text.lower()).removeprefix("activitylog")


def title_of_activity(event: Record, service: str, rule: str = "") -> str:
    """What the event itself says that it is about; empty where only its rule has a name."""
    held = record_at(event, "properties")
    if service == SECURITY:
        return first_text(event, ("properties", "alertDisplayName"), ("properties", "title"), ("description",))
    if service == SERVICE_HEALTH:
        return first_text(held, ("title",), ("defaultLanguageTitle",))
    if service == RECOMMENDATION:
        return text_at(held, "recommendationName")
    if service == RESOURCE_HEALTH:
        # The rule says of what, the event what happened to it.
        return ": ".join(text for text in (rule, text_at(held, "title")) if text)
    return ""


def signal_of_activity(event: Record, service: str, *titles: str) -> Signal:
    """What an event of the log reports."""
    if service == SECURITY:
        return signal_of_threat([text_at(event, "properties", "category")], *titles)
    if service == SERVICE_HEALTH:
        kind = text_at(event, "properties", "incidentType").lower()
        return {"incident": Signal.UNAVAILABILITY, "security": Signal.ANOMALY}.get(kind, Signal.OPERATIONS)
    if service == RESOURCE_HEALTH:
        health = first_text(event, ("properties", "currentHealthStatus"), ("properties", "previousHealthStatus"))
        is_known = health.lower() in ("unknown", "degraded")
        return Signal.OPERATIONS if is_known else Signal.UNAVAILABILITY
    if service == RECOMMENDATION:
        is_flaw = text_at(event, "properties", "recommendationCategory").lower() == "security"
        return Signal.VULNERABILITY if is_flaw else Signal.OPERATIONS
    return signal_of_operation(text_at(event, "operationName"), *titles)


def signal_of_operation(operation: str, *titles: str) -> Signal:
    """What a call of the management API reports, `Microsoft.Authorization/roleAssignments/write`."""
    found = next((signal for signal, pattern in _SIGNAL_OF_OPERATION if pattern.search(operation[:500])), None)
    return found or signal_of_words(*titles) or Signal.OPERATIONS


def is_over(event: Record, service: str) -> bool:
    """True if the event says that what it is about has ended."""
    held = record_at(event, "properties")
    if service == RESOURCE_HEALTH:
        health = text_at(held, "currentHealthStatus").lower()
        return health == "available" if health else text_at(event, "status").lower() in _OVER
    if service == SERVICE_HEALTH:
        return first_text(held, ("stage",), ("status",)).lower() in _OVER or text_at(event, "status").lower() in _OVER
    return service == SECURITY and text_at(event, "status").lower() in ("resolved", "dismissed")


def identity_of_activity(event: Record, service: str) -> tuple[str, ...]:
    """What stays the same while the same thing is said of the same thing, beside the rule and the resource."""
    held = record_at(event, "properties")
    if service == SERVICE_HEALTH:
        return (text_at(held, "trackingId"),)
    if service == SECURITY:
        return (title_of_activity(event, service), text_at(held, "compromisedEntity").lower())
    if service == RESOURCE_HEALTH:
        return ()
    if service == RECOMMENDATION:
        return (first_text(held, ("recommendationType",), ("recommendationName",)),)
    return (text_at(event, "operationName").lower(), text_at(event, "caller").lower())


def entities_of_activity(event: Record, service: str) -> Iterator[Entity | None]:
    """Who did it, from where, and to what."""
    held = record_at(event, "properties")
    request, claims = decoded(event.get("httpRequest")), decoded(event.get("claims"))
    if service == SECURITY:
        yield from entities_of_resource(text_at(event, "resourceId"))
        yield entity(EntityKind.HOST, text_at(held, "compromisedEntity"))
        for key in ("attackerIP", "attackerIPs", "sourceIP", "ipAddress"):
            yield entity(EntityKind.SOURCE_ADDRESS, text_at(held, key))
        yield from entities_of(EntityKind.FILE, [text_at(held, "filePath")])
    elif not text_at(event, "caller").startswith("Microsoft."):
        # A service of Azure is nobody.
        yield entity(EntityKind.USER, text_at(event, "caller"), EntityRole.ACTOR)
    if isinstance(request, dict):
        yield entity(EntityKind.SOURCE_ADDRESS, text_at(request, "clientIpAddress"))
    if isinstance(claims, dict):
        yield entity(EntityKind.SOURCE_ADDRESS, text_at(claims, "ipaddr"))
