"""CrowdStrike Falcon: events of the Event Streams API as connectors post them, and alerts of the Alerts API.

Shapes: the recorded events of SEKOIA-IO/intake-formats (CrowdStrike/crowdstrike_falcon), `{"metadata": {"eventType"},
"event": {…}}`; the Alerts API writes the same in snake case. Audit events and firewall matches are what a console does
all day, except the one that closes a detection.
"""

import json
import re

from breach_service.domain.alert import Alert, AlertStatus, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.masking import masked
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_from, record_at, records_at, text_at
from breach_service.sources.request import Delivery
from breach_service.sources.senders.crowdstrike.events import (
    Falcon,
    entities_of_event,
    falcon_of,
    instant_of_event,
    severity_of_event,
    signal_of_falcon,
)
from breach_service.sources.signing import GITHUB, OWN, Signing
from breach_service.sources.source import Source

_EXPECTED = 'events of CrowdStrike Falcon, each with "metadata" and "event", or alerts with "composite_id"'
_TITLES = (
    ("DetectName",),
    ("DisplayName",),
    ("Name",),
    ("display_name",),
    ("title",),
    ("name",),
    ("IncidentType",),
    ("RuleName",),
    ("PolicyStatement",),
    ("PolicyName",),
    ("OperationName",),
    ("description",),
    ("technique",),
)
_DESCRIPTIONS = (("DetectDescription",), ("Description",), ("IncidentDescription",), ("description",), ("Message",))
_IDS = (
    ("CompositeId",),
    ("composite_id",),
    ("DetectId",),
    ("detection_id",),
    ("IncidentID",),
    ("IdentityProtectionIncidentId",),
    ("LeadId",),
    ("incident_id",),
    ("NotificationId",),
)
_OVER = frozenset({"closed", "resolved", "true_positive_closed", "false_positive", "ignored", "auto_resolved"})
_TEST = "TestEvent"
_NAMED_BY_PLACE = ("XdrDetectionSummaryEvent", "AutomatedLeadSummaryEvent")
"""Their names say where, as `alice on web-01`."""
_ONE_WORD = re.compile(r"[A-Za-z_]+", re.ASCII)
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


_FUSION = Signing(
    "x-cs-primary-signature",
    is_base64=True,
    timestamp_header="x-cs-delivery-timestamp",
    message=lambda timestamp, body: body + timestamp.encode("latin-1", "replace"),
)
"""How the webhook action of a Fusion workflow signs, as receivers in public code check it."""


class CrowdStrike(Source):
    """One alert per event."""

    kind = "crowdstrike"
    aliases = ("crowdstrike-falcon", "falcon")
    title = Text(fr="CrowdStrike Falcon", en="CrowdStrike Falcon")
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.HMAC, AuthKind.URL)
    signings = (_FUSION, OWN, GITHUB)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        records = records_of(delivery, _EXPECTED)
        return [_alert_of(source_name, one) for record in records for one in _members_of(record)]

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        is_streamed = bool(text_at(record, "metadata", "eventType")) and "customerIDString" in record_at(
            record, "metadata"
        )
        return is_streamed or {"composite_id", "severity_name"} <= record.keys()

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        event = {"Name": "Test message of an operator", "CompositeId": "test", "SeverityName": "Informational"}
        return json.dumps({"metadata": {"eventType": _TEST}, "event": event}).encode()


SOURCE = CrowdStrike()


def _members_of(record: Record) -> tuple[Record, ...]:
    return records_at(record, "resources") or records_at(record, "events") or (record,)


def _alert_of(source_name: str, record: Record) -> Alert:
    falcon = falcon_of(record)
    identity = first_text(falcon.event, *_IDS) or falcon.audited.get("detection_id", "")
    title = _title_of(falcon)
    if not (title or falcon.kind) or not (identity or "event" in record or "SeverityName" in record):
        raise UnreadablePayload(f'Found an object without "event" and without an id; expected {_EXPECTED}.')
    severity, said = severity_of_event(falcon)
    is_test = falcon.kind == _TEST
    entities = entities_of_event(falcon)
    objects = (part for one in entities for part in (one.kind, one.value))
    return Alert(
        source=source_name,
        title=_readable(title) or _readable(plain_line(falcon.kind)) or "CrowdStrike Falcon",
        signal=Signal.ROUTINE if is_test else signal_of_falcon(falcon, title),
        fingerprint=fingerprint_of("crowdstrike", *([identity] if identity else [falcon.kind, title, *objects])),
        severity=severity,
        vendor_severity=plain_line(said),
        status=AlertStatus.TEST if is_test else _status_of(falcon),
        occurred_at=instant_of_event(falcon),
        entities=entities,
        labels=_labels_of(falcon),
        summary=plain_text(_summary_of(falcon)),
        vendor_reference=plain_line(identity),
        link=link_of(first_text(falcon.event, ("FalconHostLink",), ("falcon_host_link",), ("link",))),
    )


def _title_of(falcon: Falcon) -> str:
    event = falcon.event
    title = first_text(event, *_TITLES) or first_text(event, *_DESCRIPTIONS)
    if falcon.kind not in _NAMED_BY_PLACE:
        return plain_line(title)
    indicators = records_at(event, "ThreatgraphIndicators")
    found = text_at(event, "Techniques") or ", ".join(dict.fromkeys(text_at(one, "DisplayName") for one in indicators))
    return plain_line(f"{found} ({title})" if found else title)


def _readable(title: str) -> str:
    """`UNUSUAL_ACTIVITY` and `IncidentSummaryEvent` as words; numbers, which are kinds of incidents, say nothing."""
    if title.isdecimal():
        return ""
    if _ONE_WORD.fullmatch(title) and ("_" in title or title.endswith("Event")):
        words = _HUMPS.sub(" ", title).replace("_", " ").split()
        return " ".join(
            [
                words[0].capitalize(),
                *(word if word.isupper() and "_" not in title else word.lower() for word in words[1:]),
            ]
        )
    return title


def _status_of(falcon: Falcon) -> AlertStatus:
    said = (text_at(falcon.event, "State"), text_at(falcon.event, "Status"), text_at(falcon.event, "status"))
    states = {state.lower() for state in (*said, falcon.audited.get("new_state", ""))}
    return AlertStatus.RESOLVED if states & _OVER else AlertStatus.FIRING


def _summary_of(falcon: Falcon) -> str:
    event = falcon.event
    command = masked(first_text(event, ("CommandLine",), ("cmdline",)))
    disposition = first_text(event, ("PatternDispositionDescription",), ("pattern_disposition_description",))
    return "\n".join(filter(None, (first_text(event, *_DESCRIPTIONS), disposition, command)))


def _labels_of(falcon: Falcon) -> dict[str, str]:
    event = falcon.event
    return labels_from(
        (
            ("event_type", falcon.kind),
            ("customer", falcon.customer),
            ("tactic", first_text(event, ("Tactic",), ("tactic",))),
            ("technique", first_text(event, ("Technique",), ("technique",))),
            ("objective", text_at(event, "Objective")),
            ("state", first_text(event, ("State",), ("status",))),
            ("agent_id", first_text(event, ("AgentId",), ("SensorId",), ("agent_id",))),
            ("domain", first_text(event, ("MachineDomain",), ("LogonDomain",))),
            ("host_groups", first_text(event, ("HostGroups",))),
            ("product", first_text(event, ("SourceProducts",), ("product",))),
        )
    )
