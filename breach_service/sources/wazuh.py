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
from breach_service.sources.entities import address_of, entities_of, entity, first_value, gathered
from breach_service.sources.identity import fingerprint_of
from breach_service.sources.instants import instant_in
from breach_service.sources.intrusion import Sides, severity_of_signature, sides_of, signal_of_signature
from breach_service.sources.payload import Record, records_in
from breach_service.sources.plain_text import plain_line, plain_text
from breach_service.sources.reading import (
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
from breach_service.sources.wazuh_signals import HIGHEST_ROUTINE_LEVEL, RuleFacts, severity_of_level, signal_of_rule

_EXPECTED = 'a record of Wazuh\'s alerts.json, an object with "rule", or one that holds it in "all_fields"'
_MANAGER_ID = "000"

_SOURCE_ADDRESSES = (
    ("data", "srcip"),
    ("data", "src_ip"),
    ("data", "win", "eventdata", "ipAddress"),
    ("data", "aws", "sourceIPAddress"),
    ("data", "office365", "ClientIP"),
)
_DESTINATIONS = (("data", "dest_ip"), ("data", "dstip"))
_USERS = (
    ("data", "dstuser"),
    ("data", "srcuser"),
    ("data", "user"),
    ("data", "win", "eventdata", "targetUserName"),
    ("data", "aws", "userIdentity", "userName"),
    ("data", "office365", "UserId"),
)
_FILES = (("syscheck", "path"), ("data", "virustotal", "source", "file"), ("data", "file"))
_HASHES = (
    ("syscheck", "sha256_after"),
    ("data", "virustotal", "source", "sha1"),
    ("data", "virustotal", "source", "md5"),
)

# The line of Suricata's fast.log and of Snort, which Wazuh carries under rules that say no more than "IDS event".
_FAST_LOG = re.compile(
    r"\[\d+:\d+:\d+\] (?P<signature>[^\[]{1,300}?) (?:\[\*\*\] )?\[Classification: (?P<category>[^\]]{0,100})\]",
    re.ASCII,
)


class Wazuh:
    """One alert per record."""

    kind = "wazuh"
    title = Text(fr="Wazuh", en="Wazuh")
    default_auth = AuthKind.URL
    """The shuffle script of Wazuh sends no header of its own; a `custom-` script can do better."""
    supported_auth = (AuthKind.URL, AuthKind.BEARER, AuthKind.HMAC)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        return [_alert_of(source_name, _full_record(record)) for record in records_in(delivery.body, _EXPECTED)]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        rule = {"id": "1", "level": 0, "description": "Test message of an operator", "groups": ["test"]}
        return json.dumps({"rule": rule, "agent": {"id": "000", "name": "wazuh-manager"}}).encode()


SOURCE = Wazuh()


def _full_record(record: Record) -> Record:
    """The record itself, out of the envelope of shuffle or of the indexer where there is one."""
    held = next((held for key in ("all_fields", "_source") if (held := record_at(record, key))), record)
    rule = record_at(held, "rule")
    if not text_at(rule, "id") and not text_at(rule, "description"):
        found = 'an object without a "rule" that has an id or a description'
        raise UnreadablePayload(f"Found {found}; expected {_EXPECTED}.")
    return held


def _alert_of(source_name: str, record: Record) -> Alert:
    rule, description = _rule_of(record), text_at(record, "rule", "description")
    severity, vendor_severity = _severity_of(record)
    entities = _entities_of(record)
    is_solved = text_at(record, "data", "vulnerability", "status").lower() == "solved"
    return Alert(
        source=source_name,
        title=plain_line(description) or f"Wazuh {plain_line(text_at(record, 'rule', 'id'))}",
        signal=_embedded_signal(record, rule) or signal_of_rule(rule),
        fingerprint=_fingerprint_of(record, entities),
        severity=severity,
        vendor_severity=plain_line(vendor_severity),
        status=AlertStatus.RESOLVED if is_solved else AlertStatus.FIRING,
        occurred_at=instant_in(value_at(record, "timestamp")),
        entities=entities,
        labels=_labels_of(record),
        summary=plain_text(first_text(record, ("full_log",), ("data", "vulnerability", "title"))),
    )


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
    if _carries_signature(record):
        alert = record_at(record, "data", "alert")
        return signal_of_signature(text_at(alert, "signature"), text_at(alert, "category"))
    line = _FAST_LOG.search(text_at(record, "full_log")[:2000]) if "ids" in rule.groups else None
    return signal_of_signature(line["signature"], line["category"]) if line else None


def _severity_of(record: Record) -> tuple[Severity, str]:
    if _carries_signature(record):
        return severity_of_signature(record_at(record, "data", "alert"))
    return severity_of_level(whole_number_at(record, "rule", "level")), text_at(record, "rule", "level")


def _entities_of(record: Record) -> tuple[Entity, ...]:
    sides = _sides_of(record)
    return gathered(
        [_machine_of(record, sides)],
        [entity(EntityKind.ADDRESS, sides.own), entity(EntityKind.SOURCE_ADDRESS, sides.other)],
        entities_of(EntityKind.USER, (text_at(record, *path) for path in _USERS)),
        entities_of(EntityKind.FILE, (text_at(record, *path) for path in _FILES)),
        entities_of(EntityKind.FILE_HASH, (text_at(record, *path) for path in _HASHES)),
        entities_of(EntityKind.PROCESS, [text_at(record, "data", "win", "eventdata", "image")]),
    )


def _carries_signature(record: Record) -> bool:
    """True where `data` is an alert record of Suricata."""
    return bool(text_at(record, "data", "alert", "signature"))


def _sides_of(record: Record) -> Sides:
    """The addresses of the machine concerned and of the other side.

    The agent that reports is concerned, unless the record names a connection between two others that it only saw.
    """
    reporter = "" if _is_relayed(record) else address_of(text_at(record, "agent", "ip")) or ""
    source = first_text(record, *_SOURCE_ADDRESSES)
    destination = first_text(record, *_DESTINATIONS)
    if not destination:
        return Sides(reporter, "" if address_of(source) == reporter else source)
    sides = sides_of({**record_at(record, "data"), "src_ip": source, "dest_ip": destination})
    return Sides(sides.other, sides.own) if reporter and reporter == sides.other else sides


def _is_relayed(record: Record) -> bool:
    """True for a line that came to the manager by syslog: the machine is the one in the line, not the manager."""
    return text_at(record, "agent", "id") == _MANAGER_ID and bool(text_at(record, "predecoder", "hostname"))


def _machine_of(record: Record, sides: Sides) -> Entity | None:
    """The machine concerned by name; None where the one that reports is a sensor or a firewall between two others."""
    is_connection = bool(first_text(record, *_DESTINATIONS))
    if _is_relayed(record):
        return None if is_connection else entity(EntityKind.HOST, text_at(record, "predecoder", "hostname"))
    reporter = address_of(text_at(record, "agent", "ip"))
    if is_connection and reporter is not None and reporter != sides.own:
        return None
    return entity(EntityKind.HOST, text_at(record, "agent", "name"))


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
        _sides_of(record).own if first_text(record, *_DESTINATIONS) else "",
        *(first_value(entities, kind) for kind in objects),
    )


def _signature_of(record: Record) -> str:
    if _carries_signature(record):
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
