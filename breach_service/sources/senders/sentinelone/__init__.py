"""SentinelOne: threats, activities of the console, and unified alerts, as its webhooks and API give them.

Shapes: the recorded events of SEKOIA-IO/intake-formats (SentinelOne). A threat has no severity but a confidence, which
is malicious or suspicious, and an incident status of its own. Activities that name a threat are news of that threat.
"""

import json

from breach_service.domain.alert import Alert, AlertStatus, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.attack_techniques import inside, signal_of_attack
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.masking import masked
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import (
    first_text,
    labels_from,
    record_at,
    records_at,
    text_at,
    value_at,
    whole_number_at,
)
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.request import Delivery
from breach_service.sources.senders.sentinelone.entities import entities_of_record
from breach_service.sources.source import Source

_EXPECTED = 'threats ("threatInfo"), activities ("activityType") or alerts ("detectedAt") of SentinelOne'
_TITLES = (
    ("threatInfo", "threatName"),
    ("data", "rulename"),
    ("alertInfo", "ruleName"),
    ("ruleInfo", "name"),
    ("name",),
    ("primaryDescription",),
)
_IDS = (
    ("threatInfo", "threatId"),
    ("threatId",),
    ("data", "alertid"),
    ("data", "alertId"),
    ("alertInfo", "alertId"),
)
_LEVELS = (("severity",), ("data", "severity"), ("ruleInfo", "severity"))
_CONFIDENCES = (("threatInfo", "confidenceLevel"), ("data", "confidenceLevel"), ("confidenceLevel",))
_BY_CONFIDENCE = {"malicious": Severity.HIGH, "suspicious": Severity.MEDIUM}
"""The only two grades that SentinelOne gives a threat; its console shows them in red and in yellow."""
_BY_NUMBER = {1: Severity.INFO, 2: Severity.LOW, 3: Severity.MEDIUM, 4: Severity.HIGH, 5: Severity.CRITICAL}
"""`severity_id` of the raw finding, as OCSF counts."""
_INSTANTS = (
    ("threatInfo", "identifiedAt"),
    ("threatInfo", "createdAt"),
    ("firstSeenAt",),
    ("detectedAt",),
    ("data", "detectedat"),
    ("alertInfo", "createdAt"),
    ("alertInfo", "reportedAt"),
    ("createdAt",),
)
_STATES = (
    ("threatInfo", "incidentStatus"),
    ("data", "newIncidentStatus"),
    ("status",),
    ("alertInfo", "incidentStatus"),
    ("data", "newStatus"),
)
_CLASSES = (("threatInfo", "classification"), ("data", "threatClassification"), ("classification",))
_COMMANDS = (("process", "cmdLine"), ("data", "sourceprocesscommandline"), ("sourceProcessInfo", "commandline"))
_TEST = "test"


class SentinelOne(Source):
    """One alert per threat, activity or alert."""

    kind = "sentinelone"
    aliases = ("sentinel-one", "s1", "singularity")
    title = Text(fr="SentinelOne", en="SentinelOne")
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.URL)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        records = records_of(delivery, _EXPECTED)
        members = [one for record in records for one in (records_at(record, "data") or (record,))]
        return [_alert_of(source_name, member) for member in members]

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        first = next(iter(records_at(record, "data")), record)
        is_threat = "threatInfo" in first and ("agentRealtimeInfo" in first or "agentDetectionInfo" in first)
        is_star = {"alertInfo", "ruleInfo"} <= first.keys()
        is_alert = {"attackSurfaces", "detectionSource", "detectedAt"} <= first.keys()
        return is_threat or is_star or is_alert or {"activityType", "primaryDescription"} <= first.keys()

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        activity = {"activityType": 0, "primaryDescription": "Test message of an operator", "threatId": _TEST}
        return json.dumps({**activity, "data": {}}).encode()


SOURCE = SentinelOne()


def _alert_of(source_name: str, record: Record) -> Alert:
    title = plain_line(first_text(record, *_TITLES))
    is_known = any(key in record for key in ("threatInfo", "activityType", "detectedAt", "alertInfo"))
    if not title or not is_known:
        raise UnreadablePayload(f"Found an object that is none of these; expected {_EXPECTED}.")
    severity, said = _severity_of(record)
    entities, identity = entities_of_record(record), _identity_of(record)
    is_test = identity == _TEST
    objects = (part for one in entities for part in (one.kind, one.value))
    return Alert(
        source=source_name,
        title=_title_of(record, title),
        signal=Signal.ROUTINE if is_test else _signal_of(record, title),
        fingerprint=fingerprint_of("sentinelone", *([identity] if identity else [title, *objects])),
        severity=severity,
        vendor_severity=plain_line(said),
        status=AlertStatus.TEST if is_test else _status_of(record),
        occurred_at=next((at for path in _INSTANTS if (at := instant_in(value_at(record, *path)))), None),
        entities=entities,
        labels=_labels_of(record),
        summary=plain_text(_summary_of(record)),
        vendor_reference=plain_line(identity or text_at(record, "id")),
        link=link_of(first_text(record, ("threatInfo", "link"), ("url",), ("link",))),
    )


def _identity_of(record: Record) -> str:
    """The number of the threat or alert; that of an activity is of the activity alone."""
    found = first_text(record, *_IDS)
    return found or ("" if "activityType" in record else text_at(record, "id"))


def _title_of(record: Record, title: str) -> str:
    """A file's name says little by itself: what SentinelOne takes it for stands before it."""
    classed = plain_line(first_text(record, *_CLASSES), 60)
    is_threat = bool(text_at(record, "threatInfo", "threatName"))
    return (
        plain_line(f"{classed}: {title}") if is_threat and classed and classed.lower() not in title.lower() else title
    )


def _severity_of(record: Record) -> tuple[Severity, str]:
    level = first_text(record, *_LEVELS)
    if level:
        return severity_of_word(level.upper().removeprefix("E_")), level
    number = whole_number_at(record, "rawData", "severity_id")
    if number in _BY_NUMBER:
        return _BY_NUMBER[number], str(number)
    confidence = first_text(record, *_CONFIDENCES)
    return _BY_CONFIDENCE.get(confidence.lower(), Severity.UNKNOWN), confidence


def _status_of(record: Record) -> AlertStatus:
    """Mitigated is not resolved: somebody still has to look at why it came."""
    state = first_text(record, *_STATES).lower()
    return AlertStatus.RESOLVED if state in ("resolved", "closed") else AlertStatus.FIRING


def _signal_of(record: Record, title: str) -> Signal:
    classed = first_text(record, *_CLASSES)
    if "threatInfo" in record or text_at(record, "threatId") or text_at(record, "data", "threatClassification"):
        by_words = signal_of_words(classed)
        return by_words if by_words is Signal.WEB_EXPLOIT else Signal.MALWARE
    if "activityType" in record and not first_text(record, *_IDS):
        return Signal.ROUTINE
    by_words = signal_of_words(title)
    if by_words in (Signal.BRUTE_FORCE, Signal.LEAKED_SECRET, Signal.MALWARE, Signal.PRIVILEGE_CHANGE):
        return by_words
    indicators = [text_at(one, "category") for one in records_at(record, "indicators")]
    indicators += [text_at(record, "alertInfo", "indicatorCategory")]
    attacks = records_at(record, "rawData", "finding_info", "attacks")
    indicators += [text_at(one, "technique", key) for one in attacks for key in ("uid", "name")]
    return inside(signal_of_attack(indicators) or signal_of_words(title, classed) or Signal.ANOMALY)


def _labels_of(record: Record) -> dict[str, str]:
    agent, data = record_at(record, "agentDetectionInfo"), record_at(record, "data")
    scope = record_at(record, "detectionTime", "scope")
    return labels_from(
        (
            ("classification", first_text(record, *_CLASSES)),
            ("incident_status", first_text(record, *_STATES)),
            ("mitigation_status", text_at(record, "threatInfo", "mitigationStatus")),
            ("analyst_verdict", text_at(record, "threatInfo", "analystVerdict")),
            ("activity_type", text_at(record, "activityType")),
            ("site", next((one for held in (agent, data, scope) if (one := text_at(held, "siteName"))), "")),
            ("group", next((one for held in (agent, data, scope) if (one := text_at(held, "groupName"))), "")),
            ("account", next((one for held in (agent, data, scope) if (one := text_at(held, "accountName"))), "")),
            ("domain", text_at(agent, "agentDomain")),
            ("os", first_text(agent, ("agentOsName",), ("osName",))),
        )
    )


def _summary_of(record: Record) -> str:
    command = first_text(record, *_COMMANDS)
    told = [text_at(record, *path) for path in (("primaryDescription",), ("secondaryDescription",), ("description",))]
    indicators = [text_at(one, "description") for one in records_at(record, "indicators")]
    rule = first_text(record, ("data", "ruledescription"), ("ruleInfo", "description"))
    return "\n".join(filter(None, (*told, rule, *indicators, masked(command))))
