"""CrowdSec, http notification plugin with its default format: a top-level array of alerts.

https://docs.crowdsec.net/docs/next/local_api/notification_plugins/http. It sends no severity and never resolves; a
simulated scenario decides nothing and is only shown.
"""

import json
import re
from datetime import timedelta

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, EntityRole, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.entities import entities_of, entity, first_value, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import plain_line, plain_text
from breach_service.sources.parts.reading import labels_from, record_at, records_at, text_at, texts_at, value_at
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.redelivery import Redelivery
from breach_service.sources.request import Delivery
from breach_service.sources.source import Source

_EXPECTED = 'the array of alerts of CrowdSec\'s http plugin, each with a "scenario" (format: "{{.|toJson}}")'

_SIGNAL_OF_SCENARIO: tuple[tuple[Signal, re.Pattern[str]], ...] = tuple(
    (signal, re.compile(pattern))
    for signal, pattern in (
        (Signal.ROUTINE, r"^manual|^update|^import|blocklist|allowlist|whitelist|appsec-generic-test"),
        (Signal.SUSPICIOUS_LOGIN, r"impossible-travel"),
        (Signal.MALWARE, r"postexploit|sus-exec|base64-exec|suricata-major"),
        (
            Signal.WEB_EXPLOIT,
            r"sqli|xss|cve|rce|vmsa|backdoor|traversal|lfi|log4j|spring4shell|thinkphp|w00tw00t|open-proxy|vpatch|appsec"
            r"|exploit|f5-big-ip|webshell|ssti",
        ),
        (Signal.BRUTE_FORCE, r"(^|[-_/])bf($|[-_])|brute|user[-_]enum|spray|stuffing"),
        (Signal.UNAVAILABILITY, r"(^|[-_/])d?dos($|[-_])|req-limit|flood"),
        (Signal.SCAN, r"scan|prob|crawl|bad-user-agent|bad-bot|sensitive-files|enum|spam|multi_ports|bot-"),
    )
)
"""In order, by the names of the scenarios of the CrowdSec hub, without what stands before the slash."""

_AUTHOR = re.compile(r"^[\w.-]+/")

# Names that `cscli machines add --auto` makes up; they say nothing to anybody.
_MADE_UP = re.compile(r"[0-9a-f]{32}\w*", re.ASCII)


_TEST_SCENARIO = "test alert"
_ADDRESS_SCOPES = frozenset({"ip", "range", ""})
_USER_SCOPES = frozenset({"username", "user"})


class CrowdSec(Source):
    """One alert per member; the one who attacks is the source."""

    kind = "crowdsec"
    aliases = ("crowd-sec", "crowdsec-lapi")
    title = Text(fr="CrowdSec", en="CrowdSec")
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.URL)
    redelivery = Redelivery(same_body_within=timedelta(minutes=5))
    """The plugin tries again where the connection broke, for five minutes at most; each alert has a uuid of its own."""

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        records = (_unwrapped(record) for record in records_of(delivery, _EXPECTED) if not _is_order(record))
        return [_alert_of(source_name, record) for record in records]

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        record = _unwrapped(record)
        return {"scenario", "source"} <= record.keys() and not {"scenario_hash", "machine_id"}.isdisjoint(record)

    def test_body(self) -> bytes:
        """See `Source.test_body`. The alert of `cscli notifications test`."""
        source = {"scope": "Ip", "value": "192.0.2.1", "ip": "192.0.2.1"}
        alert = {"scenario": _TEST_SCENARIO, "message": "Test message of an operator", "source": source}
        return json.dumps([{**alert, "decisions": None, "events": []}]).encode()


SOURCE = CrowdSec()


def _unwrapped(record: Record) -> Record:
    """The alert, out of what the formats of the file and the Splunk plugins put around it."""
    places = (("alert",), ("event",), ("crowdsec", "alert"))
    return next((held for path in places if text_at(held := record_at(record, *path), "scenario")), record)


def _is_order(record: Record) -> bool:
    """True for the line that tells Elasticsearch where to put the next one, in the documented format for its API."""
    return len(record) == 1 and bool(text_at(record, "index", "_index"))


def _alert_of(source_name: str, record: Record) -> Alert:
    scenario = plain_line(text_at(record, "scenario"))
    if not scenario:
        raise UnreadablePayload(f'Found an object without "scenario"; expected {_EXPECTED}.')
    is_test, is_simulated = scenario == _TEST_SCENARIO, _is_simulated(record)
    attackers = _attackers_of(record)
    attacker = _attacker_in_words(record, attackers)
    return Alert(
        source=source_name,
        title=plain_line(f"{scenario} ({attacker})" if attacker else scenario),
        signal=Signal.ROUTINE if is_simulated or is_test else signal_of_scenario(scenario),
        fingerprint=fingerprint_of("crowdsec", scenario, attacker),
        severity=Severity.INFO if is_simulated else Severity.UNKNOWN,
        status=AlertStatus.TEST if is_test else AlertStatus.FIRING,
        occurred_at=instant_in(value_at(record, "start_at")) or instant_in(value_at(record, "created_at")),
        entities=gathered(attackers, _targets_of(record)),
        labels=_labels_of(record),
        summary=plain_text(text_at(record, "message")),
        vendor_reference=plain_line(text_at(record, "uuid")),
    )


def _is_simulated(record: Record) -> bool:
    """True if the scenario, or every decision that it led to, is only played."""
    decisions = records_at(record, "decisions")
    is_played = [value_at(one, "simulated") is True for one in (record, *decisions)]
    return is_played[0] or (bool(decisions) and all(is_played[1:]))


def signal_of_scenario(scenario: str) -> Signal:
    """What a scenario of that name reports."""
    name = _AUTHOR.sub("", scenario.lower())
    by_name = next((signal for signal, pattern in _SIGNAL_OF_SCENARIO if pattern.search(name)), None)
    return by_name or signal_of_words(name) or Signal.ANOMALY


def _attackers_of(record: Record) -> list[Entity]:
    scope, value = _scope_of(record), text_at(record, "source", "value")
    # An autonomous system or a country attacks through one address, which is then beside it.
    written = value if scope in _ADDRESS_SCOPES else text_at(record, "source", "ip")
    users = [value] if scope in _USER_SCOPES else []
    return [*entities_of(EntityKind.SOURCE_ADDRESS, [written]), *entities_of(EntityKind.USER, users)]


def _attacker_in_words(record: Record, attackers: list[Entity]) -> str:
    """The value that the scenario counted by, in its canonical spelling where it has one."""
    canonical = first_value(attackers, EntityKind.SOURCE_ADDRESS) if _scope_of(record) in _ADDRESS_SCOPES else ""
    return canonical or text_at(record, "source", "value")


def _scope_of(record: Record) -> str:
    return text_at(record, "source", "scope").lower()


def _targets_of(record: Record) -> list[Entity | None]:
    machine = text_at(record, "machine_id")
    named: list[Entity | None] = [None if _MADE_UP.fullmatch(machine.lower()) else entity(EntityKind.HOST, machine)]
    for key, text in _context_of(record):
        if key in ("target_fqdn", "target_host", "machine"):
            named.append(entity(EntityKind.HOST, text))
        elif key in ("target_user", "username"):
            named.append(entity(EntityKind.USER, text, EntityRole.TARGET))
    return named


def _context_of(record: Record) -> list[tuple[str, str]]:
    """Key and value of every pair that the events and the alert's own context carry."""
    holders = (*records_at(record, "events"), record)
    pairs = [pair for holder in holders for pair in records_at(holder, "meta")]
    return [(text_at(pair, "key"), text) for pair in pairs for text in _written_values(pair)]


def _written_values(pair: Record) -> tuple[str, ...]:
    """The context of an alert is a list of values written as JSON inside a text."""
    text = text_at(pair, "value")
    if not text.startswith("["):
        return (text,) if text else ()
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = [text]
    return texts_at({"values": values}, "values")


def _labels_of(record: Record) -> dict[str, str]:
    decisions = {text_at(decision, "type") for decision in records_at(record, "decisions")}
    return labels_from(
        (
            ("scenario", text_at(record, "scenario")),
            ("machine_id", text_at(record, "machine_id")),
            ("remediation", text_at(record, "remediation")),
            ("simulated", text_at(record, "simulated")),
            ("decisions", ", ".join(sorted(decisions))),
            ("events_count", text_at(record, "events_count")),
            ("source_as_name", text_at(record, "source", "as_name")),
            ("source_country", text_at(record, "source", "cn")),
        )
    )
