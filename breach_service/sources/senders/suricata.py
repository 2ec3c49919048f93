"""Suricata EVE JSON as a shipper posts it: one record, an array, or JSON lines; Gatewatcher and firewalls alike.

https://docs.suricata.io/en/latest/output/eve/eve-json-format.html. Alerts share the stream with flow, dns, tls and
stats records, which are no alerts and are passed over. `eve.py` reads the records, `gatewatcher.py` those of other
engines.
"""

import json
from dataclasses import replace

from breach_service.domain.alert import Alert, AlertStatus
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.eve import alerts_of_eve, eve_in_text, eve_record
from breach_service.sources.parts.gatewatcher import alerts_of_gatewatcher, is_of_gatewatcher
from breach_service.sources.parts.payload import Record, records_of, text_of_body
from breach_service.sources.parts.reading import text_at
from breach_service.sources.request import Delivery
from breach_service.sources.source import Source

_EXPECTED = 'records of Suricata\'s eve.json, each with an "event_type"'
_TEST_TITLE = "Test message of an operator"


class Suricata(Source):
    """One alert per record whose event type is alert."""

    kind = "suricata"
    aliases = ("suricata-eve", "eve", "eve-json", "gatewatcher", "selks", "stamus")
    title = Text(fr="Suricata (EVE JSON)", en="Suricata (EVE JSON)")
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.URL)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`. Records of other event types are passed over; a body without any is unreadable."""
        is_any, alerts = False, list[Alert]()
        for one in _objects_of(delivery):
            if is_of_gatewatcher(one):
                is_any = True
                alerts += alerts_of_gatewatcher(source_name, one)
            elif (record := eve_record(one)) is not None or text_at(one, "event_type"):
                is_any = True
                alerts += alerts_of_eve(source_name, [record or one])
        if not is_any:
            raise UnreadablePayload(f'Found no record with an "event_type"; expected {_EXPECTED}.')
        return [_or_test(alert) for alert in alerts]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        alert = {"gid": 1, "signature_id": 1, "rev": 1, "signature": _TEST_TITLE}
        alert |= {"category": "Not Suspicious Traffic", "severity": 3}
        record = {"event_type": "alert", "src_ip": "192.0.2.1", "dest_ip": "10.0.0.1", "proto": "TCP", "alert": alert}
        return json.dumps(record).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        if is_of_gatewatcher(record) and ("gcenter" in record or "observer" in record):
            return True
        found = eve_record(record)
        return found is not None and "flow_id" in found and bool(text_at(found, "event_type"))


SOURCE = Suricata()


def _objects_of(delivery: Delivery) -> list[Record]:
    """The objects of the body; of a body of syslog lines, the records that stand behind their headers."""
    try:
        return records_of(delivery, _EXPECTED)
    except UnreadablePayload:
        lines = text_of_body(delivery).split("\n")
        found = [record for record in map(eve_in_text, lines) if record is not None]
        # A body of JSON with one broken line is told by that line; lines of syslog never begin with a brace.
        if not found or any(line.lstrip().startswith("{") for line in lines):
            raise
        return found


def _or_test(alert: Alert) -> Alert:
    return replace(alert, status=AlertStatus.TEST) if alert.title == _TEST_TITLE else alert
