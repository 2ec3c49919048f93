"""Services that watch sites from outside: UptimeRobot, Pingdom, Site24x7, Checkly, Better Stack, StatusCake and others.

`uptime_shapes` says where each stands and which page of the vendor it was learnt from. The addresses of probes are in
the bodies too, and are no victims. UptimeRobot appends its values to the address, in a GET or in a POST.
"""

import json
from datetime import UTC, datetime

from breach_service.domain.alert import Alert, AlertStatus, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.entities import gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.masking import masked
from breach_service.sources.parts.monitors import bare_address, signal_of_check, watched_entities
from breach_service.sources.parts.payload import Record, form_fields, records_of
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import labels_from, text_at, texts_at, value_at
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.request import Delivery
from breach_service.sources.senders.uptime.shapes import ANY, SEVERITIES, SHAPES, Paths, Shape, shape_of
from breach_service.sources.signing import GITHUB, OWN, Signing
from breach_service.sources.source import Source

_EXPECTED = "the webhook of a service that watches sites, with the name of a check and its state"
_EXPIRY_TYPE = "3"
"""`alertType` of UptimeRobot for the days left of a certificate or of a domain."""
_TYPES = {"1": "down", "2": "up", "3": "expires soon"}
_DEGRADED = "degraded"
_TRIALS = frozenset({"test", "alert_test", "testing", "test_event"})


class Uptime(Source):
    """One alert per check that is named."""

    kind = "uptime"
    aliases = (
        "uptimerobot",
        "uptime-robot",
        "pingdom",
        "site24x7",
        "checkly",
        "better-stack",
        "betterstack",
        "better-uptime",
        "statuscake",
        "updown",
        "updown-io",
        "hetrixtools",
        "freshping",
        "openstatus",
        "odown",
    )
    title = Text(
        fr="Surveillance de sites (UptimeRobot, Pingdom, Site24x7, Checkly, Better Stack, StatusCake, updown.io…)",
        en="Uptime checks (UptimeRobot, Pingdom, Site24x7, Checkly, Better Stack, StatusCake, updown.io…)",
    )
    # Most of them can send nothing but an address.
    default_auth = AuthKind.URL
    supported_auth = (AuthKind.URL, AuthKind.BEARER, AuthKind.HMAC)
    signings = (Signing("x-checkly-signature"), OWN, GITHUB)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        query = form_fields(Delivery(b"", {}, delivery.query, delivery.received_at), b"") or {}
        if delivery.body.strip() and shape_of(query) is not None:
            # The body is what the operator wrote; what the service says stands in the address.
            return [_alert_of(source_name, query)]
        return [_alert_of(source_name, record) for record in records_of(delivery, _EXPECTED)]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        body = {"check_name": "Test message of an operator", "check_id": "0", "alert_type": "ALERT_TEST"}
        return json.dumps(body).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        shape = shape_of(record)
        return shape is not None and bool(_first(record, shape.name)) and len(shape.marks) + len(shape.began_at) > 1


SOURCE = Uptime()


def _alert_of(source_name: str, record: Record) -> Alert:
    shape = shape_of(record) or ANY
    name, state = plain_line(_first(record, shape.name)), plain_line(_first(record, shape.state))
    if not name or (not state and shape is ANY):
        known = ", ".join(sorted(plain_line(key, 40) for key in record)[:10]) or "none"
        found = f"an object without a check or its state (its keys: {known})"
        raise UnreadablePayload(f"Found {found}; expected {_EXPECTED}.")
    word, detail = state.lower(), _first(record, shape.detail)
    is_test = word in _TRIALS or word in shape.tests
    address = _first(record, shape.address)
    vendor_severity = _first(record, shape.severity)
    return Alert(
        source=source_name,
        title=_title_of(record, shape, name, state),
        signal=Signal.HEARTBEAT if is_test else _signal_of(record, shape, name, word, detail),
        fingerprint=fingerprint_of("uptime", shape.vendor, _first(record, shape.identity) or name),
        severity=_severity_of(vendor_severity),
        vendor_severity=plain_line(vendor_severity),
        status=AlertStatus.TEST if is_test else _status_of(shape, word),
        occurred_at=_began_at(record, shape),
        entities=gathered(watched_entities(name, address)),
        labels=labels_from([*_tags_of(record, shape), ("check", name), ("url", bare_address(address))]),
        summary=plain_text(masked(detail)),
        vendor_reference=plain_line(_first(record, shape.identity)),
        link=next((link for path in shape.link if (link := link_of(text_at(record, *path)))), ""),
    )


def _first(record: Record, paths: Paths) -> str:
    """The first text of these places; `*name*` is a variable that UptimeRobot had nothing for."""
    found = (", ".join(texts_at(record, *path)) for path in paths)
    return next((text for text in found if text and not (text.startswith("*") and text.endswith("*"))), "")


def _title_of(record: Record, shape: Shape, name: str, state: str) -> str:
    said = plain_line(masked(_first(record, shape.title)))
    if said:
        return said
    worded = (text_at(record, "alertTypeFriendlyName") or _TYPES.get(state, "")) if state.isdigit() else state
    return plain_line(f"{name}: {worded.removeprefix('check.')}" if worded else name)


def _status_of(shape: Shape, word: str) -> AlertStatus:
    return AlertStatus.RESOLVED if word in shape.up else AlertStatus.FIRING


def _signal_of(record: Record, shape: Shape, name: str, word: str, detail: str) -> Signal:
    if word in shape.routine:
        return Signal.ROUTINE
    is_expiry = (word == _EXPIRY_TYPE and "alertType" in record) or "ssl" in word
    if is_expiry or _DEGRADED in word or word == "trouble" or "performance" in word:
        return Signal.OPERATIONS
    return signal_of_check(name, detail)


def _severity_of(word: str) -> Severity:
    return SEVERITIES.get(word.lower()) or severity_of_word(word)


def _began_at(record: Record, shape: Shape) -> datetime | None:
    zone = UTC if shape in SHAPES else None
    found = (instant_in(value_at(record, *path), zone) for path in shape.began_at)
    return next((instant for instant in found if instant is not None), None)


def _tags_of(record: Record, shape: Shape) -> list[tuple[str, str]]:
    """Tags as labels: `env:prod` by its name, the rest together."""
    written = [tag.strip() for path in shape.tags for text in texts_at(record, *path) for tag in text[:2000].split(",")]
    named = [(name.strip(), value.strip()) for name, colon, value in (tag.partition(":") for tag in written) if colon]
    return [*named, ("tags", ", ".join(tag for tag in written if tag and ":" not in tag))]
