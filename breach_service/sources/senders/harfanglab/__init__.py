"""HarfangLab EDR: security events and threats, one JSON object each, as its connectors send them.

Shapes: the recorded events of SEKOIA-IO/intake-formats (HarfangLab/harfanglab), and the module `ecs` for what it pushes
in the Elastic Common Schema. Telemetry (processes, connections, log-ins, the agent's own log) shares the stream and is
no alert. A status of closed or false positive closes.
"""

import json

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.attack_techniques import inside, signal_of_attack
from breach_service.sources.parts.entities import first_value
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.masking import masked
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import (
    first_text,
    labels_from,
    records_at,
    text_at,
    texts_at,
    value_at,
)
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.request import Delivery
from breach_service.sources.senders.harfanglab.ecs import in_own_form, is_in_ecs
from breach_service.sources.senders.harfanglab.entities import entities_of_event
from breach_service.sources.source import Source

_EXPECTED = 'security events or threats of HarfangLab, each with "log_type" or "rule_name"'
_CLOSED = frozenset({"closed", "false_positive", "resolved"})
_MALWARE_ENGINES = frozenset(
    {
        "yara",
        "hlai",
        "hlai_binary",
        "hurukaiav",
        "ransom",
        "ransomguard",
        "vt",
        "cape",
        "glimps",
        "orion",
        "ioc",
        "hash",
    }
)
"""Engines of the EDR that judge files; sigma, correlation and driver rules judge behaviour."""
_LEVELS = {10: Severity.INFO, 20: Severity.LOW, 30: Severity.MEDIUM, 40: Severity.HIGH, 50: Severity.CRITICAL}
_INSTANTS = ("alert_time", "detection_date", "first_seen", "@event_create_date", "creation_date", "@timestamp")


class HarfangLab(Source):
    """One alert per security event or threat."""

    kind = "harfanglab"
    aliases = ("hurukai", "harfang-lab", "harfanglab-edr")
    title = Text(fr="HarfangLab EDR", en="HarfangLab EDR")
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.URL)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`. Telemetry is passed over; a body of neither is unreadable."""
        held = records_of(delivery, _EXPECTED)
        if held and not any(held):
            return [_trial(source_name)]
        records = [in_own_form(record) if is_in_ecs(record) else record for record in held]
        if not any(text_at(record, "log_type") or _is_alert(record) or _is_telemetry(record) for record in records):
            raise UnreadablePayload(f'Found no record with "log_type" or "rule_name"; expected {_EXPECTED}.')
        return [_alert_of(source_name, record) for record in records if _is_alert(record)]

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        is_event = "alert_unique_id" in record and "rule_name" in record
        return is_event or is_in_ecs(record) or ("total_security_event_count" in record and "agents" in record)

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        event = {"log_type": "alert", "alert_type": "test", "rule_name": "Test message of an operator", "level": "info"}
        return json.dumps({**event, "status": "new", "agent": {}}).encode()


SOURCE = HarfangLab()


def _trial(source_name: str) -> Alert:
    """An empty object, by which HarfangLab tries whether anybody listens."""
    title, fingerprint = "HarfangLab: test of the connection", fingerprint_of("harfanglab", "trial")
    return Alert(source_name, title, Signal.HEARTBEAT, fingerprint, status=AlertStatus.TEST)


def _is_telemetry(record: Record) -> bool:
    """True for what an agent saw, where the connector says no type: a process, a connection, a change of a file."""
    return "@event_create_date" in record and bool(text_at(record, "agent", "agentid"))


def _is_alert(record: Record) -> bool:
    kind = text_at(record, "log_type").lower()
    return kind in ("alert", "threat") or (not kind and bool(text_at(record, "rule_name")))


def _alert_of(source_name: str, record: Record) -> Alert:
    rules, engine = _rules_of(record), text_at(record, "alert_type").lower()
    severity, level = _severity_of(record)
    entities = entities_of_event(record)
    is_test = engine == "test"
    return Alert(
        source=source_name,
        title=_title_of(record, rules),
        signal=Signal.ROUTINE if is_test else _signal_of(record, rules, engine),
        fingerprint=_fingerprint_of(record, entities),
        severity=severity,
        vendor_severity=plain_line(level),
        status=AlertStatus.TEST if is_test else _status_of(record),
        occurred_at=next((at for key in _INSTANTS if (at := instant_in(value_at(record, key)))), None),
        entities=entities,
        labels=_labels_of(record),
        summary=plain_text(_summary_of(record, rules)),
        vendor_reference=plain_line(first_text(record, ("alert_unique_id",), ("id",))),
        link=link_of(first_text(record, ("link",), ("url",))),
    )


def _rules_of(record: Record) -> list[Record]:
    """The rules of a threat, the gravest first; of a security event its own."""
    rules = records_at(record, "rules")
    return sorted(rules, key=lambda rule: -_rank_of(text_at(rule, "rule_level"))) if rules else [record]


def _rank_of(level: str) -> int:
    severity = severity_of_word(level)
    return next((number for number, one in _LEVELS.items() if one is severity), 0)


def _title_of(record: Record, rules: list[Record]) -> str:
    name = plain_line(first_text(rules[0], ("rule_name",), ("rule_msg",), ("msg",)))
    more = f" (+{len(rules) - 1})" if len(rules) > 1 else ""
    return f"{name[:280]}{more}" if name else plain_line(f"HarfangLab {text_at(record, 'alert_subtype')}")


def _status_of(record: Record) -> AlertStatus:
    return AlertStatus.RESOLVED if text_at(record, "status").lower() in _CLOSED else AlertStatus.FIRING


def _severity_of(record: Record) -> tuple[Severity, str]:
    word, number = text_at(record, "level"), text_at(record, "level_int")
    if severity_of_word(word) is not Severity.UNKNOWN or not number:
        return severity_of_word(word), word
    return _LEVELS.get(int(number) if number.isdecimal() and len(number) < 4 else -1, Severity.UNKNOWN), word or number


def _signal_of(record: Record, rules: list[Record], engine: str) -> Signal:
    """The engine, the ATT&CK tags of its rule, the words of its name."""
    engines = {engine, *(text_at(rule, "rule_type").lower() for rule in rules)}
    if not engines.isdisjoint(_MALWARE_ENGINES):
        return Signal.MALWARE
    tags = (*texts_at(record, "tags"), *texts_at(record, "mitre_cells"))
    name = text_at(rules[0], "rule_name")
    by_words = signal_of_words(name)
    found = by_words if by_words is Signal.MALWARE else signal_of_attack(tags) or by_words
    return inside(found or Signal.ANOMALY)


def _fingerprint_of(record: Record, entities: tuple[Entity, ...]) -> str:
    """HarfangLab's own key of repeats, on one machine; of a threat its number."""
    if text_at(record, "log_type").lower() == "threat":
        return fingerprint_of("harfanglab", "threat", text_at(record, "tenant"), text_at(record, "id"))
    agent = first_text(record, ("agent", "agentid"), ("agent", "hostname"))
    key = text_at(record, "aggregation_key")
    if key:
        return fingerprint_of("harfanglab", key, agent)
    objects = (EntityKind.PROCESS, EntityKind.FILE, EntityKind.USER)
    rule = first_text(record, ("rule_id",), ("rule_name",))
    return fingerprint_of("harfanglab", rule, agent, *(first_value(entities, kind) for kind in objects))


def _labels_of(record: Record) -> dict[str, str]:
    return labels_from(
        (
            ("alert_type", text_at(record, "alert_type")),
            ("alert_subtype", text_at(record, "alert_subtype")),
            ("status", text_at(record, "status")),
            ("rule_id", text_at(record, "rule_id")),
            ("mitre", ", ".join(texts_at(record, "mitre_cells") or texts_at(record, "tags"))),
            ("agent_id", text_at(record, "agent", "agentid")),
            ("os", first_text(record, ("agent", "osproducttype"), ("agent", "ostype"))),
            ("domain", text_at(record, "agent", "domainname")),
            ("group", ", ".join(text_at(group, "name") for group in records_at(record, "groups"))),
            ("tenant", text_at(record, "tenant")),
            ("security_events", text_at(record, "total_security_event_count")),
        )
    )


def _summary_of(record: Record, rules: list[Record]) -> str:
    message = first_text(record, ("msg",)) or text_at(rules[0], "rule_msg")
    command = masked(text_at(record, "process", "commandline"))
    others = ", ".join(filter(None, (text_at(rule, "rule_name") for rule in rules[1:])))
    return "\n".join(filter(None, (message, command, others)))
