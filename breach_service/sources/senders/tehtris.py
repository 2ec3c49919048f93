"""TEHTRIS EDR: one JSON object per detection, as the XDR platform forwards it.

Shapes: the recorded events of SEKOIA-IO/intake-formats (Tehtris/tehtris-edr). Names of the machine end in two
underscores. `lvl` has no published scale: it is kept as written, and no severity is read into it. Never resolves.
"""

import json
import re

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.attack_techniques import signal_of_attack
from breach_service.sources.parts.entities import entities_of, entity, first_value, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.masking import masked
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_from, text_at, value_at
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.request import Delivery
from breach_service.sources.source import Source

_EXPECTED = 'detections of TEHTRIS, each with "eventName" or "description" and "hostname__" or "egKBId"'
_MALWARE_EVENTS = frozenset({"antivirusalert", "sandboxalert", "oletools", "yaraalert", "ransomwarealert"})
_KINDS = {
    "antivirusalert": "Antivirus",
    "heuristicalert": "Heuristic detection",
    "sandboxalert": "Sandbox",
    "oletools": "Document analysis",
}
_TEST_EVENT = "test"
_SCORE = re.compile(r"\d ?%")
_ONE_SCORE = re.compile(r"\d+(?:/\d+)?(?: ?%)?")
"""What another engine may find tomorrow in the same file."""
_FOLDERS = re.compile(r"[\\/]")


class Tehtris(Source):
    """One alert per detection."""

    kind = "tehtris"
    aliases = ("tehtris-edr", "tehtris-xdr")
    title = Text(fr="TEHTRIS EDR", en="TEHTRIS EDR")
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.URL)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        return [_alert_of(source_name, record) for record in records_of(delivery, _EXPECTED)]

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        return "egKBId" in record or {"hostname__", "eventName"} <= record.keys()

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        event = {"eventName": _TEST_EVENT, "description": "Test message of an operator", "egKBId": 0}
        return json.dumps(event).encode()


SOURCE = Tehtris()


def _alert_of(source_name: str, record: Record) -> Alert:
    event, description = text_at(record, "eventName"), text_at(record, "description")
    if not event and not description:
        raise UnreadablePayload(f'Found an object without "eventName" and "description"; expected {_EXPECTED}.')
    entities, level = _entities_of(record), text_at(record, "lvl")
    title = _title_of(event, description, text_at(record, "path")) or "TEHTRIS EDR"
    is_test = event.lower() == _TEST_EVENT
    return Alert(
        source=source_name,
        title=title,
        signal=Signal.ROUTINE if is_test else _signal_of(event, description),
        fingerprint=_fingerprint_of(event, title, entities),
        severity=Severity.UNKNOWN if level.isdecimal() else severity_of_word(level),
        vendor_severity=plain_line(level),
        status=AlertStatus.TEST if is_test else AlertStatus.FIRING,
        occurred_at=instant_in(value_at(record, "time")) or instant_in(value_at(record, "atime")),
        entities=entities,
        labels=_labels_of(record),
        summary=plain_text("\n".join(filter(None, (description, masked(text_at(record, "cmdline")))))),
        vendor_reference=plain_line(first_text(record, ("id",), ("egKBId",))),
        link=link_of(first_text(record, ("link",), ("url",))),
    )


def _title_of(event: str, description: str, path: str) -> str:
    """The first line of the description, which says what was seen, after the kind of detection where it is silent.

    A line that is only a score says nothing: then with the name of the file.
    """
    line = plain_line(next(iter(description.splitlines()), ""))
    kind = _KINDS.get(event.lower(), event)
    is_said = kind.split(" ")[0].lower() in line.lower() if kind else True
    told = line if line and is_said else plain_line(": ".join(filter(None, (kind, line))))
    name = _FOLDERS.split(path)[-1]
    return plain_line(f"{told} ({name})") if name and _SCORE.search(line) else told


def _signal_of(event: str, description: str) -> Signal:
    by_technique = signal_of_attack([description[:200]])
    if event.lower() in _MALWARE_EVENTS:
        return Signal.MALWARE
    return by_technique or signal_of_words(next(iter(description.splitlines()), "")) or Signal.ANOMALY


def _entities_of(record: Record) -> tuple[Entity, ...]:
    return gathered(
        [
            entity(EntityKind.HOST, first_text(record, ("hostname__",), ("hostname",))),
            entity(EntityKind.USER, text_at(record, "username")),
            entity(EntityKind.FILE, text_at(record, "path")),
            entity(EntityKind.FILE_HASH, first_text(record, ("sha256",), ("sha1",), ("md5",))),
            # The agent sends from ipSrc to the appliance of TEHTRIS, which is ipDst and no party to this.
            entity(EntityKind.ADDRESS, text_at(record, "ipSrc")),
        ],
        entities_of(EntityKind.PROCESS, [text_at(record, "path")] if text_at(record, "pid") else []),
    )


def _fingerprint_of(event: str, title: str, entities: tuple[Entity, ...]) -> str:
    """What was seen, on which machine, of which file and account."""
    kinds = (EntityKind.HOST, EntityKind.FILE, EntityKind.FILE_HASH, EntityKind.USER)
    return fingerprint_of("tehtris", event, _ONE_SCORE.sub("", title), *(first_value(entities, kind) for kind in kinds))


def _labels_of(record: Record) -> dict[str, str]:
    return labels_from(
        (
            ("event", text_at(record, "eventName")),
            ("module", text_at(record, "module")),
            ("domain", text_at(record, "domain__")),
            ("os", text_at(record, "os__")),
            ("is_server", text_at(record, "os_server__")),
            ("tag", first_text(record, ("tag",), ("tags",))),
            ("agent_id", text_at(record, "uuid__")),
            ("knowledge_base", text_at(record, "egKBId")),
        )
    )
