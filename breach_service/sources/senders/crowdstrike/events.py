"""What stands where in the events of CrowdStrike Falcon, and what they report."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.alert import Entity, EntityKind, EntityRole, Severity, Signal
from breach_service.sources.parts.attack_techniques import inside, signal_of_attack
from breach_service.sources.parts.entities import entities_of, entity, gathered
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import (
    first_text,
    record_at,
    records_at,
    text_at,
    texts_at,
    value_at,
    whole_number_at,
)
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words

_ROUTINE_EVENTS = (
    "AuditEvent",
    "Vertex",
    "FirewallMatchEvent",
    "RemoteResponseSession",
    "ScheduledReport",
    "CSPMSearchStreaming",
)
_HOSTS = (
    ("Hostname",),
    ("ComputerName",),
    ("HostName",),
    ("device", "hostname"),
    ("hostname",),
    ("EndpointName",),
    ("host",),
)
_ADDRESSES = (("LocalIP",), ("LocalAddress",), ("device", "local_ip"), ("local_ip",), ("EndpointIp",))
# Correlation rules of the SIEM list what the events that they matched name.
_LISTED_HOSTS = ("host_names", "destination_hosts")
# Detections of identities name both ends; the source is who tries.
_SOURCE_HOSTS = (("SourceEndpointHostName",), ("source_endpoint_host_name",))
_SOURCE_ADDRESSES = (
    ("SourceEndpointIpAddress",),
    ("SourceEndpointAddressIP4",),
    ("source_endpoint_ip_address",),
    ("source_endpoint_address_ip4",),
)
_TARGET_HOSTS = (
    ("TargetEndpointHostName",),
    ("target_endpoint_host_name",),
    ("TargetDomainControllerHostName",),
    ("target_domain_controller_host_name",),
)
_USERS = (
    ("UserName",),
    ("SourceAccountName",),
    ("user_name",),
    ("TargetAccountName",),
    ("user_principal",),
    ("user_names",),
    ("UserId",),
)
_TARGET_USERS = (("TargetAccountName",), ("target_account_name",))
_REMOTE = (("RemoteAddress",), ("UserIp",), ("UserSourceIp",), ("IPv4",), ("IPv6",))
_HASHES = (("SHA256String",), ("sha256",), ("MD5String",), ("md5",), ("SHA256Hashes",), ("ContentSha",))
_INSTANTS = (
    ("ContextTimeStamp",),
    ("StartTime",),
    ("IncidentStartTime",),
    ("SignalStartTimestamp",),
    ("SessionStartTimestamp",),
    ("EventTimestamp",),
    ("EventCreatedTimestamp",),
    ("MatchedTimestamp",),
    ("StartTimeEpoch",),
    ("first_behavior",),
    ("start_time",),
    ("context_timestamp",),
    ("timestamp",),
    ("created_timestamp",),
    ("Timestamp",),
    ("UTCTimestamp",),
)
# The last is the name where a workflow of Fusion fills a template, and a number elsewhere.
_SEVERITY_NAMES = (
    ("SeverityName",),
    ("severity_name",),
    ("RulePriority",),
    ("max_severity_displayname",),
    ("severity",),
)
_SHORT_SCALE_MOST = 5
_SHORT_SCALE = {1: Severity.INFO, 2: Severity.LOW, 3: Severity.MEDIUM, 4: Severity.HIGH, 5: Severity.CRITICAL}
# Windows counts 100 ns since 1601; 18 digits until the year 4000, where nanoseconds since 1970 have 19.
_WINDOWS_TICKS_PER_SECOND = 10**7
_WINDOWS_EPOCH_SECONDS = 11_644_473_600


@dataclass(frozen=True)
class Falcon:
    """One event, out of its envelope."""

    kind: str
    """Such as EppDetectionSummaryEvent; empty for alerts of the Alerts API."""
    customer: str
    event: Record
    envelope: Record
    audited: Mapping[str, str]
    """Key and value of the pairs that an audit event carries."""


def falcon_of(record: Record) -> Falcon:
    """The event in a record; the record itself where it has no envelope."""
    metadata, event = record_at(record, "metadata"), record_at(record, "event") or record
    # The older detections say most of it in their first behaviour.
    event = {**next(iter(records_at(event, "behaviors")), {}), **event}
    pairs = {text_at(pair, "Key"): text_at(pair, "ValueString") for pair in records_at(event, "AuditKeyValues")}
    kind = first_text(metadata, ("eventType",)) or first_text(event, ("eventType",), ("EventType",))
    customer = first_text(metadata, ("customerIDString",)) or first_text(event, ("cid",), ("customer_id",))
    return Falcon(kind, customer, event, metadata, pairs)


def severity_of_event(falcon: Falcon) -> tuple[Severity, str]:
    """The named severity, else the number: 1 to 5 in old events, 0 to 100 in newer ones (10 to 90 in steps of 20)."""
    word = first_text(falcon.event, *_SEVERITY_NAMES)
    word = word or text_at(falcon.envelope, "severity", "name")
    if severity_of_word(word) is not Severity.UNKNOWN:
        return severity_of_word(word), word
    number = next((one for one in _numbers_in(falcon.event) if one is not None), None)
    if number is None or not 0 < number <= 100:
        return Severity.UNKNOWN, word or first_text(falcon.event, ("Severity",), ("severity",))
    if number <= _SHORT_SCALE_MOST:
        return _SHORT_SCALE[number], str(number)
    steps = ((20, Severity.INFO), (40, Severity.LOW), (60, Severity.MEDIUM), (80, Severity.HIGH))
    return next((severity for below, severity in steps if number < below), Severity.CRITICAL), str(number)


def _numbers_in(event: Record) -> Iterator[int | None]:
    """The severity of the event; a lead has none of its own, only the indicators that make it up."""
    yield whole_number_at(event, "Severity")
    yield whole_number_at(event, "severity")
    indicators = (whole_number_at(one, "Severity") for one in records_at(event, "ThreatgraphIndicators"))
    yield max((one for one in indicators if one is not None), default=None)


def signal_of_falcon(falcon: Falcon, title: str) -> Signal:
    """The tactic and technique that Falcon names, then its words; audits are routine, closed detections are malware."""
    if falcon.audited.get("detection_id"):
        return Signal.MALWARE
    if any(part in falcon.kind for part in _ROUTINE_EVENTS):
        return Signal.ROUTINE
    event = falcon.event
    attack = [one for record in (event, *records_at(event, "MitreAttack")) for one in _tags_of(record)]
    named = " ".join(
        (title, first_text(event, ("Technique",), ("technique",)), first_text(event, ("Tactic",), ("tactic",)))
    )
    by_words = signal_of_words(named)
    if by_words is Signal.MALWARE or "Machine Learning" in named or "PUP" in named.split():
        return Signal.MALWARE
    told = first_text(event, ("DetectDescription",), ("Description",), ("description",))
    return inside(signal_of_attack(attack) or by_words or signal_of_words(told) or Signal.ANOMALY)


def _tags_of(record: Record) -> tuple[str, ...]:
    techniques = ("TechniqueId", "TechniqueID", "technique_id", "Technique", "technique")
    names = (*techniques, "Tactic", "TacticId", "TacticID", "tactic")
    return tuple(text for name in names for text in texts_at(record, name))


def instant_of_event(falcon: Falcon) -> datetime | None:
    """When it began, as far as the event says: identity events count in ticks of Windows."""
    for path in _INSTANTS:
        said = value_at(falcon.event, *path)
        if isinstance(said, int) and len(str(said)) == 18:
            said = str(said // _WINDOWS_TICKS_PER_SECOND - _WINDOWS_EPOCH_SECONDS)
        found = instant_in(said)
        if found is not None:
            return found
    return instant_in(value_at(falcon.envelope, "eventCreationTime"))


def entities_of_event(falcon: Falcon) -> tuple[Entity, ...]:
    """Machine, account, file and the other side of connections that the event names."""
    event = falcon.event
    if falcon.audited.get("detection_id"):
        # The analyst who works on a detection is no party to it.
        return gathered([entity(EntityKind.ACCOUNT, falcon.customer)])
    accesses = [one for key in ("NetworkAccesses", "MobileNetworkConnections") for one in records_at(event, key)]
    remote = [*(text_at(one, "RemoteAddress") for one in accesses), *(text_at(event, *path) for path in _REMOTE)]
    path = first_text(event, ("FilePath",), ("filepath",))
    name = first_text(event, ("FileName",), ("filename",), ("Filename",))
    hosts = [
        first_text(event, *_HOSTS),
        *(text_at(one, "Hostname") for one in records_at(event, "ThreatgraphIndicators")),
        *(text for key in _LISTED_HOSTS for text in texts_at(event, key)),
    ]
    return gathered(
        entities_of(EntityKind.USER, (text_at(event, *path) for path in _TARGET_USERS), EntityRole.TARGET),
        [
            entity(EntityKind.ADDRESS, first_text(event, *_ADDRESSES)),
            entity(EntityKind.USER, first_text(event, *_USERS)),
            entity(EntityKind.FILE, _whole_path(path, name)),
            entity(EntityKind.PROCESS, name if first_text(event, ("CommandLine",), ("cmdline",)) else ""),
            entity(EntityKind.FILE_HASH, first_text(event, *_HASHES)),
            entity(EntityKind.ACCOUNT, falcon.customer),
            entity(EntityKind.ACCOUNT, text_at(event, "AccountId")),
            entity(EntityKind.DOMAIN, text_at(event, "DomainName")),
        ],
        entities_of(EntityKind.HOST, (*hosts, *(text_at(event, *path) for path in _TARGET_HOSTS))),
        entities_of(
            EntityKind.HOST, (first_text(event, *_SOURCE_HOSTS), *texts_at(event, "source_hosts")), EntityRole.ACTOR
        ),
        entities_of(
            EntityKind.SOURCE_ADDRESS, (*remote, first_text(event, *_SOURCE_ADDRESSES), *texts_at(event, "source_ips"))
        ),
        entities_of(EntityKind.ADDRESS, texts_at(event, "destination_ips")),
        entities_of(EntityKind.DOMAIN, (text_at(one, "DomainName") for one in records_at(event, "DnsRequests"))),
    )


def _whole_path(path: str, name: str) -> str:
    """Old events give the folder alone as the path, new ones the whole."""
    if not path or not name or path.replace("/", "\\").rpartition("\\")[2].lower() == name.lower():
        return path or name
    return path.rstrip("\\/") + ("/" if path.startswith("/") else "\\") + name
