"""Everything that speaks in lines of text: firewalls, switches, Linux machines, by syslog or by whatever ships it.

A body is one or many lines, or JSON that holds lines; each line may be RFC 5424, RFC 3164 or bare, and say what it
says in CEF, LEEF, `name=value`, comma-separated values or sentences. A line that nobody knows is shown as it is.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from breach_service.domain.alert import Alert, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.lines.events import TEST_MESSAGE, event_of_words, known_event
from breach_service.sources.lines.fields import ends_of
from breach_service.sources.lines.key_values import pairs_in
from breach_service.sources.lines.log_event import alert_of
from breach_service.sources.lines.palo_alto import is_of_palo_alto
from breach_service.sources.lines.product_events import event_of_fields, is_of_known_product
from breach_service.sources.lines.router_os import without_topics
from breach_service.sources.lines.shippers import (
    ShippedLine,
    flat_members,
    is_of_shipper,
    line_of,
    members_of_batch,
    shipped_line,
)
from breach_service.sources.lines.syslog import LINE_LIMIT, SyslogLine
from breach_service.sources.parts.eve import alert_of_eve, eve_in_text, eve_record, is_alert
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.payload import Record, decoded, form_fields, records_of, text_of_body, unpacked
from breach_service.sources.parts.reading import text_at
from breach_service.sources.request import Delivery
from breach_service.sources.source import Source

_EXPECTED = "lines of text (syslog, CEF, LEEF, name=value), or JSON objects that hold such lines"
_WRITTEN = re.compile(r"\w")
_ZERO_ENDED = re.compile(r"\x00\n?(?=<\d)")
_HEADED = re.compile(
    r"\s*(?:<\d{1,3}>|%[A-Z][\w-]{1,40}-[0-7]-[A-Z0-9_]{2,40}:|type=[A-Z_0-9]{2,40} msg=audit\("
    r"|[\d-]{10} [\d:,]{8,12} fail2ban\.|(?:\S{1,40} ){0,4}(?:CEF|LEEF): ?\d"
    r"|(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d\S{3,20})"
    r" [\w.:-]{1,255} [\w./-]{1,60}(?:\[\d+\])?: )",
    re.ASCII,
)
"""Beginnings of lines that only a system log, a firewall or its relay writes."""
_CODED = re.compile(
    r"(?:^|[\s:])%[A-Z][\w-]{1,40}-[0-7]-[A-Z0-9_]{2,40}: |\bIN=\S* OUT=\S* .*\bSRC=\S+ DST=\S+ ", re.ASCII
)
"""The code of Cisco and the words of netfilter, wherever the header ends."""
_LONGEST_LOOKED_AT = 20_000
_DEEPEST = 3
_FIELDS_OF_FORM = frozenset("message msg log line lines raw event payload data json body text".split())  # noqa: SIM905
_Item = str | Record
_JSON_STARTS = ("{", "[")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
_MOST_ODD = 0.05
"""Share of the characters of a line."""


class Firewall(Source):
    """One alert per line."""

    kind = "firewall"
    aliases = (
        "syslog",
        "stormshield",
        "fortinet",
        "fortigate",
        "pfsense",
        "opnsense",
        "palo-alto",
        "paloalto",
        "cisco-asa",
        "cisco",
        "check-point",
        "checkpoint",
        "sophos-xg",
        "cef",
        "leef",
        "fail2ban",
    )
    title = Text(fr="Texte de pare-feu et de syslog", en="Firewall and syslog text")
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.URL)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`. Only an empty body, or JSON in which nothing is a line, is unreadable."""
        understood: list[Alert] = []
        is_any, is_junk = False, False
        for item in _items_of(delivery):
            if isinstance(item, str) and _is_junk(item):
                is_junk = True
                continue
            alerts = _alerts_of(source_name, item, delivery.received_at, _DEEPEST)
            if alerts is not None:
                is_any = True
                understood += alerts
        if not is_any:
            raise UnreadablePayload(f"Found nothing that holds a line of text; expected {_EXPECTED}.")
        if is_junk:  # the raw body is kept beside it
            understood.append(_alert_of_junk(source_name))
        return understood

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        return f"<134>1 - example.fr breach-service - - - {TEST_MESSAGE}".encode()

    def recognises_text(self, text: str) -> bool:
        """See `Source.recognises_text`: lines with a header of syslog, CEF or LEEF, or pairs of a known product."""
        first = next((line for line in text[:_LONGEST_LOOKED_AT].splitlines() if _WRITTEN.search(line)), "")
        is_headed = _HEADED.match(first) is not None or _CODED.search(first[:300]) is not None
        return is_headed or is_of_palo_alto(first) or ("=" in first and is_of_known_product(pairs_in(first)))

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`: members of FortiGate or Palo Alto alone, or macros of syslog-ng and the journal."""
        is_of_palo_alto_json = "LogType" in record and not {"DeviceSN", "LogSourceID"}.isdisjoint(record)
        if {"devid", "logid"} <= record.keys() or is_of_palo_alto_json:
            return True
        return "MESSAGE" in record and any(name in record for name in ("PROGRAM", "HOST_FROM", "_HOSTNAME", "ISODATE"))


SOURCE = Firewall()


def _is_junk(line: str) -> bool:
    """True for bytes that are no text: too many control characters, as in TLS sent where lines are expected."""
    looked_at = line[:_LONGEST_LOOKED_AT]
    odd = len(_CONTROL.findall(looked_at)) + looked_at.count("\ufffd")
    return odd > _MOST_ODD * len(looked_at)


def _alert_of_junk(source_name: str) -> Alert:
    """One alert for all lines of a body that are no text, which opens nothing."""
    return Alert(
        source=source_name,
        title="Lines that are no text: another protocol or another encoding",
        signal=Signal.ROUTINE,
        fingerprint=fingerprint_of("firewall", "no text"),
    )


def _items_of(delivery: Delivery) -> Iterator[_Item]:
    """The lines and objects of a body, in order."""
    body = unpacked(delivery)
    fields = form_fields(delivery, body)
    if fields and (not body.strip() or _is_form(body, fields)):
        yield from _items_in(next((value for name, value in fields.items() if name in _FIELDS_OF_FORM), ""), delivery)
        return
    yield from _items_in(text_of_body(delivery), delivery)


def _is_form(body: bytes, fields: dict[str, str]) -> bool:
    """True for a real form: `curl --data` marks every body as one, lines of text too, whose blanks give them away."""
    is_multipart = body.lstrip().startswith(b"--")
    return is_multipart or (not any(one in body.strip() for one in b" \n\t") and not _FIELDS_OF_FORM.isdisjoint(fields))


def _items_in(text: str, delivery: Delivery) -> Iterator[_Item]:
    bare = text.strip("\ufeff\x1e\x00 \t\r\n")
    if bare.startswith(_JSON_STARTS):
        value = decoded(bare)
        if isinstance(value, list):
            yield from (one for one in value if isinstance(one, dict | str))
            return
        try:
            yield from records_of(delivery, _EXPECTED)
        except UnreadablePayload:
            yield from _lines_in(bare)
        return
    yield from _lines_in(text)


def _lines_in(text: str) -> Iterator[_Item]:
    """Each line, with those that continue it; lines that hold nothing but signs are left out."""
    # Some devices end a message with a zero byte (RFC 6587 section 3.4.2); everywhere else it is noise.
    apart = _ZERO_ENDED.sub("\n", text).replace("\x00", "")
    lines = [one for one in apart.split("\n") if _WRITTEN.search(one)]
    can_continue = bool(lines) and not lines[0][:1].isspace()
    held = ""
    for line in lines:
        if held and can_continue and line[:1].isspace() and not _is_junk(line):
            held = f"{held} {line.strip()}"[:LINE_LIMIT]
            continue
        if held:
            yield held
        held = line
    if held:
        yield held


def _alerts_of(source_name: str, item: Any, received_at: datetime, depth: int) -> list[Alert] | None:
    """The alerts of one line or object; None where it holds no line."""
    if depth == 0:
        return None
    if isinstance(item, dict):
        return _alerts_of_object(source_name, item, received_at, depth)
    if not isinstance(item, str) or not _WRITTEN.search(item):
        return None
    start = item.lstrip()
    if start.startswith("{") and isinstance(value := decoded(start), dict):
        return _alerts_of_object(source_name, value, received_at, depth)
    return _alerts_of_line(source_name, ShippedLine(item), received_at, depth)


def _alerts_of_line(source_name: str, shipped: ShippedLine, received_at: datetime, depth: int) -> list[Alert] | None:
    if ('"event_type"' in shipped.text or '"signature_id"' in shipped.text) and (
        record := eve_in_text(shipped.text)
    ) is not None:
        return _alerts_of_eve(source_name, record)
    line = without_topics(line_of(shipped, received_at))
    # `@cee:` marks JSON within a line of syslog; some programs leave the mark out.
    start = line.message.removeprefix("@cee:").lstrip()
    if start.startswith("{") and isinstance(value := decoded(start), dict):
        alerts = _alerts_of(source_name, value, received_at, depth - 1)
        if alerts is not None:
            return alerts
    event = known_event(line, received_at)
    if event is None and any(ends_of(shipped.flat)):
        event = event_of_fields(shipped.flat, received_at)
    return [alert_of(source_name, line, event or event_of_words(line))]


def _alerts_of_object(source_name: str, record: Record, received_at: datetime, depth: int) -> list[Alert] | None:
    eve = eve_record(record)
    if eve is not None:
        return _alerts_of_eve(source_name, eve)
    flat = flat_members(record)
    if is_of_known_product(flat):
        return _alerts_of_fields(source_name, flat, received_at)
    batch = members_of_batch(record)
    if batch:
        found = [_alerts_of(source_name, one, received_at, depth - 1) for one in batch]
        return (
            [alert for alerts in found if alerts for alert in alerts] if any(one is not None for one in found) else None
        )
    shipped = shipped_line(flat)
    if shipped is not None and is_of_shipper(shipped):
        return _alerts_of_line(source_name, shipped, received_at, depth)
    # Members of members are those of other kinds of senders, who are asked after this one.
    own = {name: value for name, value in flat.items() if "." not in name}
    return _alerts_of_fields(source_name, flat, received_at) if any(ends_of(own)) else None


def _alerts_of_fields(source_name: str, flat: dict[str, str], received_at: datetime) -> list[Alert]:
    summary = " ".join(f"{name}={value}" for name, value in flat.items())
    return [alert_of(source_name, SyslogLine(summary[:LINE_LIMIT]), event_of_fields(flat, received_at))]


def _alerts_of_eve(source_name: str, record: Record) -> list[Alert]:
    """Suricata's alerts; what else it writes is no alert, and an alert that names no signature says nothing."""
    if not is_alert(record):
        return []
    alert = record.get("alert")
    is_named = isinstance(alert, dict) and (text_at(alert, "signature") or text_at(alert, "signature_id"))
    return [alert_of_eve(source_name, record)] if is_named else []
