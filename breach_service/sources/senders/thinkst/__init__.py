"""Thinkst Canary consoles, and the free Canarytokens: decoys that nobody has a reason to touch.

https://docs.canary.tools/webhooks/generic.html and https://github.com/thinkst/canarytokens. Neither says how grave it
is; a decoy that is touched is nearly always a true alarm, so it counts as high. It never resolves. The console posts a
dummy incident when the address is entered, and the free service a message of congratulations. The hash and the key of
an incident are of one run only: the decoy, what was done to it and by whom are the identity.
"""

import json
import re
from ipaddress import ip_address

from breach_service.domain.alert import Alert, AlertStatus, EntityKind, EntityRole, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.entities import address_of, entities_of, entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_from, record_at, text_at, text_of, value_at
from breach_service.sources.request import Delivery
from breach_service.sources.senders.thinkst.incidents import as_webhook, intruder_in, is_of_api
from breach_service.sources.source import Source

_EXPECTED = 'an incident of a Canary console, an object with "AlertType", or of a Canarytoken, one with "manage_url"'
# Whole sentences: a decoy is often called a dummy by whoever laid it out.
_DUMMY = re.compile(r"\Wdummy incident\b|\bcongrats! the newly saved webhook works", re.IGNORECASE)
_DUMMY_DEVICE = "0000000testnode"
_TEST_OF_COLLECTOR = "canary_test_connection"
"""What the console says once to a collector of Splunk, in words (page "Splunk Webhook events" of docs.canary.tools)."""
_MACHINE_EVENTS = re.compile(r"disconnect|reconnect|offline|online|settings|rebooted|update|low battery", re.IGNORECASE)
_LOGINS = re.compile(
    r"log ?in|authentication|sign ?in|credential|aws (?:api|infra)|api[ -]?key|azure id", re.IGNORECASE
)
_SCANS = re.compile(r"port ?scan|host scan|nmap", re.IGNORECASE)
_HELD_BACK = re.compile(r"passw|secret|token|cookie|authorization|key\b", re.IGNORECASE)
_USER_NAMES = frozenset({"username", "user", "local_name", "login"})
_FILE_NAMES = frozenset({"filename", "file", "path"})
_UNNAMED = "Canary incident (unnamed)"


class Thinkst(Source):
    """One alert per incident."""

    kind = "thinkst"
    aliases = ("canary", "canarytokens", "canarytoken", "thinkst-canary")
    title = Text(fr="Thinkst Canary et Canarytokens", en="Thinkst Canary and Canarytokens")
    default_auth = AuthKind.URL
    """The free Canarytokens can do nothing else; the console can send a header of its own."""
    supported_auth = (AuthKind.URL, AuthKind.BEARER)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`. Records of the console's audit trail come out as nothing."""
        found = (_alert_of(source_name, record) for record in records_of(delivery, _EXPECTED))
        return [alert for alert in found if alert is not None]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        incident = {"AlertType": "CanaryIncident", "CanaryID": _DUMMY_DEVICE, "CanaryName": "Test"}
        return json.dumps({**incident, "Intro": "This is a dummy incident.", "Description": "Test message"}).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        is_console = text_at(record, "AlertType") in ("CanaryIncident", "CanarytokenIncident")
        is_of_canary = "IncidentKey" in record and "CanaryID" in record
        is_asked = "incident_id" in record and "logtype" in record and "flock_id" in record
        return is_console or is_of_canary or is_asked or ("manage_url" in record and "memo" in record)


SOURCE = Thinkst()


def _alert_of(source_name: str, record: Record) -> Alert | None:
    if text_at(record, "sourcetype") == _TEST_OF_COLLECTOR:
        return _said(source_name, text_at(record, "event"))
    # The same incident, in the envelope of Splunk's collector.
    record = record_at(record, "event") or record
    if is_of_api(record):
        return _console_alert(source_name, as_webhook(record))
    # Of a canary that went away the console tells no type and no intruder.
    if text_at(record, "AlertType") or ("Description" in record and ("SourceIP" in record or "IncidentKey" in record)):
        return _console_alert(source_name, record)
    if "exposed_time" in record and "manage_url" in record:
        return _exposed_token_alert(source_name, record)
    if "manage_url" in record or ("memo" in record and "channel" in record):
        return _token_alert(source_name, record)
    if text_at(record, "type") == "console-audit" or "action_type" in record:
        return None
    raise UnreadablePayload(f'Found an object without "AlertType" and "manage_url"; expected {_EXPECTED}.')


def _said(source_name: str, text: str) -> Alert:
    return Alert(
        source_name,
        plain_line(text) or "Canary console: test of the connection",
        Signal.HEARTBEAT,
        fingerprint_of("thinkst", _TEST_OF_COLLECTOR),
        status=AlertStatus.TEST,
    )


def _console_alert(source_name: str, record: Record) -> Alert:
    what, intro = text_at(record, "Description"), text_at(record, "Intro")
    decoy = first_text(record, ("CanaryName",), ("Reminder",), ("CanaryID",), ("Token",))
    intruder = first_text(record, ("SourceIP",), ("Intruder",)) or intruder_in(intro)
    is_test = text_at(record, "CanaryID") == _DUMMY_DEVICE or _DUMMY.search(f"{intro[:500]} {what[:500]}") is not None
    signal = _signal_of(what, intruder)
    details = _details_of(record)
    return Alert(
        source=source_name,
        title=plain_line(intro or (f"{what or 'Canary incident'} ({decoy})" if decoy else what)) or _UNNAMED,
        signal=Signal.HEARTBEAT if is_test else signal,
        fingerprint=fingerprint_of("thinkst", what, first_text(record, ("CanaryID",), ("Token",)) or decoy, intruder),
        severity=Severity.UNKNOWN if signal is Signal.OPERATIONS else Severity.HIGH,
        status=AlertStatus.TEST if is_test else AlertStatus.FIRING,
        occurred_at=instant_in(value_at(record, "Timestamp")),
        entities=gathered(
            entities_of(EntityKind.SOURCE_ADDRESS, [intruder]),
            entities_of(EntityKind.HOST, [text_at(record, "CanaryName")]),
            entities_of(EntityKind.ADDRESS, [text_at(record, "CanaryIP")]),
            [entity(EntityKind.DOMAIN, text_at(record, "ReverseDNS"), EntityRole.ACTOR)],
            entities_of(EntityKind.USER, _texts_of(details, _USER_NAMES)),
            # The path of a web page is no file.
            entities_of(EntityKind.FILE, () if "HTTP" in what else _texts_of(details, _FILE_NAMES)),
        ),
        labels=labels_from(
            (
                *((name, text) for name, text in details if not _HELD_BACK.search(name)),
                ("canary", text_at(record, "CanaryName")),
                ("canary_id", text_at(record, "CanaryID")),
                ("location", text_at(record, "CanaryLocation")),
                ("port", text_at(record, "CanaryPort")),
                ("flock", text_at(record, "Flock")),
                ("reminder", text_at(record, "Reminder")),
                ("type", what),
            )
        ),
        summary=plain_text("\n".join(filter(None, (what, dict(details).get("Background Context", ""))))),
        vendor_reference=plain_line(text_at(record, "IncidentHash")),
    )


def _token_alert(source_name: str, record: Record) -> Alert:
    """The webhook of canarytokens.org, or of an own server of that software."""
    memo, kind = text_at(record, "memo"), first_text(record, ("token_type",), ("channel",))
    intruder = first_text(record, ("src_ip",), ("additional_data", "src_ip"))
    is_test = _DUMMY.search(memo[:500]) is not None
    return Alert(
        source=source_name,
        title=plain_line(f"Canarytoken triggered: {memo or kind or 'no memo'}"),
        signal=Signal.HEARTBEAT if is_test else _signal_of(kind.replace("_", " "), intruder),
        fingerprint=fingerprint_of("canarytokens", first_text(record, ("token",), ("manage_url",)) or memo, intruder),
        severity=Severity.HIGH,
        status=AlertStatus.TEST if is_test else AlertStatus.FIRING,
        occurred_at=instant_in(value_at(record, "time")),
        entities=gathered(entities_of(EntityKind.SOURCE_ADDRESS, [intruder])),
        labels=labels_from(
            (
                ("memo", memo),
                ("channel", text_at(record, "channel")),
                ("token_type", text_at(record, "token_type")),
                ("user_agent", first_text(record, ("additional_data", "useragent"), ("src_data", "useragent"))),
            )
        ),
        link=link_of(text_at(record, "manage_url")),
    )


def _exposed_token_alert(source_name: str, record: Record) -> Alert:
    """A token that the free service found on a public page: something that held it was published.

    It is no use by anybody; canarytokens.org advises to replace the token.
    """
    memo, kind = text_at(record, "memo"), text_at(record, "token_type").replace("_", " ")
    place = text_at(record, "public_location")
    return Alert(
        source=source_name,
        title=plain_line(f"Canarytoken found in public: {memo or kind or 'no memo'}"),
        signal=Signal.LEAKED_SECRET,
        fingerprint=fingerprint_of("canarytokens exposed", first_text(record, ("token",), ("manage_url",)) or memo),
        occurred_at=instant_in(value_at(record, "exposed_time")),
        entities=gathered(entities_of(EntityKind.URL, [place])),
        labels=labels_from((("memo", memo), ("token_type", text_at(record, "token_type")))),
        summary=plain_text(f"Found at {place}" if place else ""),
        link=link_of(text_at(record, "manage_url")),
    )


def _texts_of(details: list[tuple[str, str]], names: frozenset[str]) -> list[str]:
    return [text for name, text in details if name.lower() in names]


def _signal_of(what: str, intruder: str) -> Signal:
    """What was done to a decoy: signing in takes a stolen secret; scanning from within takes an intruder."""
    if _MACHINE_EVENTS.search(what[:300]):
        return Signal.OPERATIONS
    if _LOGINS.search(what[:300]):
        return Signal.SUSPICIOUS_LOGIN
    address = address_of(intruder)
    if _SCANS.search(what[:300]) and address is not None and ip_address(address).is_global:
        return Signal.SCAN
    return Signal.ANOMALY


def _details_of(record: Record) -> list[tuple[str, str]]:
    """Name and text of each detail, which the console writes as pairs, and older ones as an object."""
    held = value_at(record, "AdditionalDetails")
    pairs = held.items() if isinstance(held, dict) else held if isinstance(held, list) else ()
    return [(text_of(pair[0]), text_of(pair[1])) for pair in pairs if isinstance(pair, list | tuple) and len(pair) == 2]
