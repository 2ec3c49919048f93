"""Falco, by its own http_output or through falcosidekick: one object per event, the same in both.

https://falco.org/docs/concepts/outputs/channels/#http-output and `types/types.go` of falcosecurity/falcosidekick. It
never resolves and never retries; `uuid` is of one event. The machine is the one that Falco watches.
"""

import json
import re

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, EntityRole, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.entities import entities_of, entity, first_value, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.intrusion import Sides, sides_of
from breach_service.sources.parts.masking import masked
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
)
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.request import Delivery
from breach_service.sources.senders.falco.signals import signal_of_rule
from breach_service.sources.source import Source

_EXPECTED = 'an event of Falco, an object with "rule" and "priority" or "output_fields"'
_TEST_RULE = "Test rule"
"""The rule of falcosidekick's /test; its machine and user are falcosidekick itself."""
_ABSENT = frozenset({"", "<NA>", "N/A", "null", "host"})
"""What Falco writes for a field that it could not fill; a container called `host` is none."""
_OF_THE_MACHINE = frozenset({"", "syscall", "syscalls"})
"""Event sources that speak of the machine itself; plugins (k8s_audit, aws_cloudtrail, okta…) speak of others."""
_OF_PLUGINS = ("ka.", "jevt.", "ct.", "okta.", "github.")
_CONNECTION = re.compile(r"(?P<client>[^\s>]{2,64}?):\d{1,5}->(?P<server>[^\s>]{2,64}?):\d{1,5}", re.ASCII)
_USERS = (
    "user.name",
    "ka.user.name",
    "ct.user",
    "okta.actor.alternateID",
    "okta.actor.alternateid",
    "okta.actor.name",
    "github.user",
    "gcp.user",
)
_PODS = ("k8s.pod.name", "k8smeta.pod.name", "ka.target.pod.name", "ka.target.name", "ka.resp.name")
_NAMESPACES = ("k8s.ns.name", "k8smeta.ns.name", "ka.target.namespace")
_SOURCES = ("ct.srcip", "okta.client.ip", "ka.sourceips", "fd.rip")
_PROCESSES = ("proc.exepath", "proc.name")


class Falco(Source):
    """One alert per event."""

    kind = "falco"
    aliases = ("falcosidekick", "falco-sidekick", "sysdig-falco")
    title = Text(fr="Falco et falcosidekick", en="Falco and falcosidekick")
    default_auth = AuthKind.BEARER
    """falcosidekick has custom headers; Falco's own http_output only has the address."""
    supported_auth = (AuthKind.BEARER, AuthKind.URL)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        return [_alert_of(source_name, record) for record in records_of(delivery, _EXPECTED)]

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        return {"rule", "priority", "output_fields"} <= record.keys()

    def test_body(self) -> bytes:
        """See `Source.test_body`. The event of falcosidekick's own test."""
        event = {"rule": _TEST_RULE, "priority": "Debug", "output": "Test message of an operator", "source": "internal"}
        return json.dumps({**event, "output_fields": {}, "tags": ["test"]}).encode()


SOURCE = Falco()


def _alert_of(source_name: str, record: Record) -> Alert:
    rule, fields = plain_line(text_at(record, "rule")), record_at(record, "output_fields")
    output = masked(first_text(record, ("output",), ("message",)))
    if not (rule or output) or not (text_at(record, "priority") or isinstance(value_at(record, "output_fields"), dict)):
        raise UnreadablePayload(f'Found an object without "rule" or "priority"; expected {_EXPECTED}.')
    is_test, priority = rule == _TEST_RULE, text_at(record, "priority")
    entities = () if is_test else _entities_of(record, fields)
    return Alert(
        source=source_name,
        title=rule or plain_line(output) or "Falco",
        signal=Signal.ROUTINE if is_test else signal_of_rule(rule or output, priority, texts_at(record, "tags")),
        fingerprint=_fingerprint_of(record, rule or output, entities),
        severity=severity_of_word(priority),
        vendor_severity=plain_line(priority),
        status=AlertStatus.TEST if is_test else AlertStatus.FIRING,
        occurred_at=instant_in(value_at(record, "time")) or instant_in(value_at(fields, "evt.time")),
        entities=entities,
        labels=_labels_of(record, fields),
        summary=plain_text(output),
        vendor_reference=plain_line(text_at(record, "uuid")),
    )


def _entities_of(record: Record, fields: Record) -> tuple[Entity, ...]:
    is_of_the_machine = _is_of_the_machine(record, fields)
    sides = _sides_of(fields)
    files = [] if _CONNECTION.search(_field(fields, "fd.name")) else [_field(fields, "fd.name")]
    return gathered(
        [
            entity(
                EntityKind.HOST,
                _field(record, "hostname") or _field(fields, "evt.hostname"),
                None if is_of_the_machine else EntityRole.INVOLVED,
            ),
            entity(EntityKind.APPLICATION, _workload_of(fields) or _repository_of(fields)),
            entity(EntityKind.ADDRESS, sides.own),
            entity(EntityKind.SOURCE_ADDRESS, sides.other),
        ],
        entities_of(EntityKind.SOURCE_ADDRESS, (_field(fields, name) for name in _SOURCES)),
        entities_of(EntityKind.USER, [_first(fields, _USERS)], None if is_of_the_machine else EntityRole.ACTOR),
        entities_of(EntityKind.FILE, (name for name in files if name.startswith("/"))),
        entities_of(EntityKind.FILE_HASH, [_field(fields, "proc.hash.sha256")]),
        entities_of(EntityKind.PROCESS, [_first(fields, _PROCESSES)]),
        entities_of(EntityKind.ACCOUNT, [_first(fields, ("ct.recipientaccountid", "gcp.projectid", "github.org"))]),
    )


def _is_of_the_machine(record: Record, fields: Record) -> bool:
    """True for system calls; events from before there was a `source` are told by the names of their fields."""
    is_of_plugin = not text_at(record, "source") and any(name.startswith(_OF_PLUGINS) for name in fields)
    return text_at(record, "source").lower() in _OF_THE_MACHINE and not is_of_plugin


def _repository_of(fields: Record) -> str:
    """`example/app` out of the address that the plugin for GitHub writes."""
    return _field(fields, "github.repo").partition("://")[2].partition("/")[2] or _field(fields, "github.repo")


def _field(record: Record, name: str) -> str:
    """The text of a field whose name holds dots; empty where Falco could not fill it."""
    found = text_at(record, name)
    return "" if found in _ABSENT else found


def _first(fields: Record, names: tuple[str, ...]) -> str:
    return next((found for name in names if (found := _field(fields, name))), "")


def _workload_of(fields: Record) -> str:
    """The pod, with its namespace where that is said; else the container."""
    pod, namespace = _first(fields, _PODS), _first(fields, _NAMESPACES)
    if pod:
        return f"{namespace}/{pod}" if namespace else pod
    return _field(fields, "container.name")


def _sides_of(fields: Record) -> Sides:
    """Both ends of the connection that the file descriptor is, where it is one."""
    found = _CONNECTION.search(_field(fields, "fd.name"))
    client = _field(fields, "fd.cip") or (found["client"] if found else "")
    server = _field(fields, "fd.sip") or (found["server"] if found else "")
    return sides_of({"src_ip": client, "dest_ip": server}) if client or server else Sides()


def _fingerprint_of(record: Record, rule: str, entities: tuple[Entity, ...]) -> str:
    """Rule, machine, workload and object; pods keep their name for as long as the problem is the same one."""
    kinds = (EntityKind.HOST, EntityKind.APPLICATION, EntityKind.USER, EntityKind.SOURCE_ADDRESS, EntityKind.FILE)
    return fingerprint_of("falco", text_at(record, "source"), rule, *(first_value(entities, kind) for kind in kinds))


def _labels_of(record: Record, fields: Record) -> dict[str, str]:
    own = ((name, masked(text_of(value))) for name, value in fields.items() if not name.startswith("evt.time"))
    return labels_from(
        (
            *((name, value) for name, value in own if value not in _ABSENT),
            ("rule", text_at(record, "rule")),
            ("source", text_at(record, "source")),
            ("tags", ", ".join(texts_at(record, "tags"))),
            ("namespace", _first(fields, _NAMESPACES)),
        )
    )
