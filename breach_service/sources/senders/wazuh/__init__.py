"""Wazuh: the raw record of alerts.json, or the message of the shuffle integration, which holds the same record.

https://documentation.wazuh.com/current/user-manual/manager/integration-with-external-apis.html. It never resolves,
except for a vulnerability that is gone; its `id` is of one firing and names nothing.
"""

import json
import re

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.entities import first_value
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.intrusion import severity_of_signature, signal_of_signature
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import plain_line, plain_text
from breach_service.sources.parts.reading import (
    first_text,
    labels_from,
    record_at,
    text_at,
    text_of,
    texts_at,
    value_at,
    whole_number_at,
)
from breach_service.sources.request import Delivery
from breach_service.sources.senders.wazuh.entities import (
    DESTINATIONS,
    carries_signature,
    entities_of_record,
    sides_of_record,
)
from breach_service.sources.senders.wazuh.gdpr import facts_of_record
from breach_service.sources.senders.wazuh.signals import (
    HIGHEST_ROUTINE_LEVEL,
    RuleFacts,
    severity_of_level,
    signal_of_rule,
)
from breach_service.sources.source import Source

_EXPECTED = 'a record of Wazuh\'s alerts.json, an object with "rule", or one that holds it in "all_fields"'
_TEST_RULE = "0"
"""The rules of Wazuh and of its users start at 1."""

_ENVELOPES = (("all_fields",), ("_source",), ("parameters", "alert"), ("alert",))
_FLAT_DATA = ("srcip", "src_ip", "dstip", "srcuser", "dstuser", "user", "file")

# The line of Suricata's fast.log and of Snort, which Wazuh carries under rules that say no more than "IDS event".
_FAST_LOG = re.compile(
    r"\[\d+:\d+:\d+\] (?P<signature>[^\[]{1,300}?) (?:\[\*\*\] )?\[Classification: (?P<category>[^\]]{0,100})\]",
    re.ASCII,
)


class Wazuh(Source):
    """One alert per record."""

    kind = "wazuh"
    aliases = ("ossec", "wazuh-manager", "wazuh-shuffle")
    title = Text(fr="Wazuh", en="Wazuh")
    default_auth = AuthKind.URL
    """The shuffle script of Wazuh sends no header of its own; a `custom-` script can do better."""
    supported_auth = (AuthKind.URL, AuthKind.BEARER, AuthKind.HMAC)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        return [_alert_of(source_name, _full_record(record)) for record in records_of(delivery, _EXPECTED)]

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        held = record_at(record, "all_fields") or record_at(record, "_source") or record
        return "level" in record_at(held, "rule") and ("agent" in held or "manager" in held or "decoder" in held)

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        rule = {"id": _TEST_RULE, "level": 0, "description": "Test message of an operator", "groups": ["test"]}
        return json.dumps({"rule": rule, "agent": {"id": "000", "name": "wazuh-manager"}}).encode()


SOURCE = Wazuh()


def _full_record(record: Record) -> Record:
    """The record itself, out of the envelope of shuffle, of the indexer or of active response where there is one."""
    held = next((held for path in _ENVELOPES if (held := record_at(record, *path))), record)
    if "rule" not in held and text_at(held, "rule_description"):
        held = {**held, **_unfolded(held)}
    rule = record_at(held, "rule")
    if not text_at(rule, "id") and not text_at(rule, "description"):
        found = 'an object without a "rule" that has an id or a description'
        raise UnreadablePayload(f"Found {found}; expected {_EXPECTED}.")
    return held


def _unfolded(flat: Record) -> Record:
    """The parts of a record that a `custom-` script wrote side by side: `rule_level`, `agent_name`, `srcip`."""
    parts = {
        whole: {name.removeprefix(f"{whole}_"): value for name, value in flat.items() if name.startswith(f"{whole}_")}
        for whole in ("rule", "agent")
    }
    return {**parts, "data": record_at(flat, "data") or {name: flat[name] for name in _FLAT_DATA if name in flat}}


def _alert_of(source_name: str, record: Record) -> Alert:
    rule, description = _rule_of(record), text_at(record, "rule", "description")
    severity, vendor_severity = _severity_of(record)
    entities = entities_of_record(record)
    signal = _embedded_signal(record, rule) or signal_of_rule(rule)
    return Alert(
        source=source_name,
        title=plain_line(description) or f"Wazuh {plain_line(text_at(record, 'rule', 'id'))}",
        signal=signal,
        fingerprint=_fingerprint_of(record, entities),
        severity=severity,
        vendor_severity=plain_line(vendor_severity),
        status=_status_of(record),
        occurred_at=instant_in(value_at(record, "timestamp")),
        entities=entities,
        labels=_labels_of(record),
        summary=plain_text(first_text(record, ("full_log",), ("data", "vulnerability", "title"))),
        vendor_reference=plain_line(text_at(record, "id")),
        facts=facts_of_record(record, rule, signal),
    )


def _status_of(record: Record) -> AlertStatus:
    if text_at(record, "rule", "id") == _TEST_RULE:
        return AlertStatus.TEST
    is_solved = text_at(record, "data", "vulnerability", "status").lower() == "solved"
    return AlertStatus.RESOLVED if is_solved else AlertStatus.FIRING


def _rule_of(record: Record) -> RuleFacts:
    level = whole_number_at(record, "rule", "level")
    return RuleFacts(
        # A rule that gives no level is neither taken for routine nor for grave.
        level=HIGHEST_ROUTINE_LEVEL + 1 if level is None else level,
        description=text_at(record, "rule", "description"),
        groups=frozenset(group.lower() for group in texts_at(record, "rule", "groups")),
        techniques=frozenset(one.upper() for one in texts_at(record, "rule", "mitre", "id")),
        tactics=frozenset(tactic.lower() for tactic in texts_at(record, "rule", "mitre", "tactic")),
    )


def _embedded_signal(record: Record, rule: RuleFacts) -> Signal | None:
    """The word of the intrusion detection whose alert Wazuh carries: the rules of Wazuh give them all one level."""
    if carries_signature(record):
        alert = record_at(record, "data", "alert")
        return signal_of_signature(text_at(alert, "signature"), text_at(alert, "category"))
    line = _FAST_LOG.search(text_at(record, "full_log")[:2000]) if "ids" in rule.groups else None
    return signal_of_signature(line["signature"], line["category"]) if line else None


def _severity_of(record: Record) -> tuple[Severity, str]:
    if carries_signature(record):
        return severity_of_signature(record_at(record, "data", "alert"))
    return severity_of_level(whole_number_at(record, "rule", "level")), text_at(record, "rule", "level")


def _fingerprint_of(record: Record, entities: tuple[Entity, ...]) -> str:
    """Rule, machine and object: who or what the rule was about there."""
    machine = first_value(entities, EntityKind.HOST) or first_text(record, ("agent", "name"), ("agent", "id"))
    flaw = text_at(record, "data", "vulnerability", "cve")
    if flaw:
        # Found and solved are two rules about one flaw.
        package = text_at(record, "data", "vulnerability", "package", "name")
        return fingerprint_of("wazuh", "cve", flaw, machine, package)
    objects = (EntityKind.SOURCE_ADDRESS, EntityKind.USER, EntityKind.FILE)
    return fingerprint_of(
        "wazuh",
        first_text(record, ("rule", "id"), ("rule", "description")),
        machine,
        _signature_of(record),
        # Where a sensor speaks of others, the machine alone does not say whom it is about.
        sides_of_record(record).own if first_text(record, *DESTINATIONS) else "",
        *(first_value(entities, kind) for kind in objects),
    )


def _signature_of(record: Record) -> str:
    if carries_signature(record):
        return text_at(record, "data", "alert", "signature_id")
    # In records of web servers the same key is the status of the answer.
    return text_at(record, "data", "id") if "ids" in texts_at(record, "rule", "groups") else ""


def _labels_of(record: Record) -> dict[str, str]:
    own = record_at(record, "agent", "labels")
    return labels_from(
        (
            *((name, text_of(value)) for name, value in own.items()),
            ("rule_id", text_at(record, "rule", "id")),
            ("rule_groups", ", ".join(texts_at(record, "rule", "groups"))),
            ("mitre", ", ".join(texts_at(record, "rule", "mitre", "id"))),
            ("gdpr", ", ".join(texts_at(record, "rule", "gdpr"))),
            ("agent_id", text_at(record, "agent", "id")),
            ("location", text_at(record, "location")),
            ("cve", text_at(record, "data", "vulnerability", "cve")),
        )
    )
