"""Services that watch sites from outside: UptimeRobot, Pingdom, Site24x7, Checkly, Better Stack, StatusCake and others.

`shapes` says where each stands and which page of the vendor it was learnt from. The addresses of probes are in
the bodies too, and are no victims. UptimeRobot appends its values to the address, in a GET or in a POST.
"""

import json
import re
from datetime import UTC, datetime

from breach_service.domain.alert import Alert, AlertStatus, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.general.state_words import is_test_title
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
from breach_service.sources.senders.uptime.shape import Paths, Shape
from breach_service.sources.senders.uptime.shapes import ANY, SEVERITIES, SHAPES, shape_of
from breach_service.sources.signing import GITHUB, OWN, Signing
from breach_service.sources.source import Source

_EXPECTED = "the webhook of a service that watches sites, with the name of a check and its state"
_EXPIRY_TYPE = "3"
"""`alertType` of UptimeRobot for the days left of a certificate or of a domain."""
_TYPES = {"1": "down", "2": "up", "3": "expires soon"}
_DEGRADED = "degraded"
_OF_EVENTS = "Oh Dear"
"""Its state is the name of an event."""
_ENDS = frozenset({"recovered", "recovery", "resolved"})
_CERTIFICATES = frozenset({"ssl", "certificate", "tls"})
_SPEED = frozenset({"performance"})
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OF_WHAT = re.compile(r"^(?:check|monitor|uptime|heartbeat)\.")
_BETWEEN = re.compile(r"[\W_]+")
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
    lasts_until_resolved = True
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
    is_test = word in _TRIALS or word in shape.tests or is_test_title(detail)
    address = _first(record, shape.address)
    vendor_severity = _first(record, shape.severity)
    return Alert(
        source=source_name,
        title=_title_of(record, shape, name, state, detail),
        signal=Signal.HEARTBEAT if is_test else _signal_of(record, shape, name, word, detail),
        fingerprint=fingerprint_of(
            "uptime", shape.vendor, _first(record, shape.identity) or name, _aspect_of(record, shape, state)
        ),
        severity=_severity_of(vendor_severity),
        vendor_severity=plain_line(vendor_severity),
        status=AlertStatus.TEST if is_test else _status_of(record, shape, state),
        occurred_at=_began_at(record, shape),
        entities=gathered(watched_entities(name, address, *(text_at(record, *path) for path in shape.hosts))),
        labels=labels_from([*_tags_of(record, shape), ("check", name), ("url", bare_address(address))]),
        summary=plain_text(masked(detail)),
        vendor_reference=plain_line(_first(record, shape.identity)),
        link=next((link for path in shape.link if (link := link_of(text_at(record, *path)))), ""),
    )


def _first(record: Record, paths: Paths) -> str:
    """The first text of these places; `*name*` is a variable that UptimeRobot had nothing for."""
    found = (", ".join(texts_at(record, *path)) for path in paths)
    return next((text for text in found if text and not (text.startswith("*") and text.endswith("*"))), "")


def _title_of(record: Record, shape: Shape, name: str, state: str, detail: str) -> str:
    said = plain_line(masked(_first(record, shape.title)))
    if said:
        return said
    worded = " ".join(_words_of(state)).capitalize() if shape.vendor == _OF_EVENTS else _OF_WHAT.sub("", state)
    if state.isdigit():
        up_or_down = "up" if state in shape.up else "down"
        of_type = text_at(record, "alertTypeFriendlyName") or _TYPES.get(state, "")
        worded = of_type if "alertType" in record else up_or_down
    elif state.lower() in shape.lifecycle:
        # That the incident has started says nothing to a person; of what is watched its cause does.
        worded = " – ".join(
            one for one in (plain_line(masked(detail)), state.lower() * (state.lower() in shape.up)) if one
        )
    watched = _first(record, shape.aspect)
    named = f"{name} ({watched})" if watched else name
    return plain_line(f"{named}: {worded}" if worded else named)


def _words_of(state: str) -> list[str]:
    """`uptimeCheckFailedNotification` and `monitor.up` as their words, lower case."""
    words = [word.lower() for word in _BETWEEN.split(_HUMPS.sub(" ", state[:200])) if word]
    return words[:-1] if words[-1:] == ["notification"] else words


def _status_of(record: Record, shape: Shape, state: str) -> AlertStatus:
    words = _words_of(state)
    ended = state.lower() in shape.up or bool(words and words[-1] in _ENDS)
    ended = ended or (shape is ANY and bool(words) and words[-1] in shape.up)
    ended = ended or bool(shape.lifecycle and text_at(record, "data", "attributes", "resolved_at"))
    return AlertStatus.RESOLVED if ended else AlertStatus.FIRING


def _aspect_of(record: Record, shape: Shape, state: str) -> str:
    """What of a site it is about, where that ends apart from whether it is up: its certificate, how fast it is."""
    said = _first(record, shape.aspect).lower()
    if said:
        return "" if said == "uptime" else said
    words = _words_of(state)
    is_expiry = (state == _EXPIRY_TYPE and "alertType" in record) or not _CERTIFICATES.isdisjoint(words)
    is_speed = shape.vendor != "Checkly" and not _SPEED.isdisjoint(words)
    of_event = " ".join(words[:-1]) if shape.vendor == _OF_EVENTS and words[:1] != ["uptime"] else ""
    return "certificate" if is_expiry else "performance" if is_speed else of_event


def _signal_of(record: Record, shape: Shape, name: str, word: str, detail: str) -> Signal:
    if word in shape.routine:
        return Signal.ROUTINE
    is_expiry = _aspect_of(record, shape, word) == "certificate" or "certificate" in word
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
