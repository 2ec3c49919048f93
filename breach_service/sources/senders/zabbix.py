"""Zabbix: media types of type webhook, whose script posts what the operator makes of the macros; connectors of 7.0.

Macros: https://www.zabbix.com/documentation/current/en/manual/appendix/macros/supported_by_location. `{EVENT.ID}` is
that of the problem in its recovery and in its updates too. Date and time are those of the server's own zone, which no
macro tells: without `{EVENT.TIMESTAMP}` (7.0), or a zone written into the body, the time is not used. The default
subject and message of Zabbix are read where the body has little else. Connectors post the event records of
https://www.zabbix.com/documentation/current/en/manual/appendix/protocols/real_time_export, one per line.
"""

import json
import re
from datetime import tzinfo

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.entities import entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.macros import Macros, bare_name, macros_of
from breach_service.sources.parts.masking import masked
from breach_service.sources.parts.payload import Record, decoded, records_of
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import labels_from, records_at, text_at
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.parts.zones import zone_named
from breach_service.sources.request import Delivery
from breach_service.sources.source import Source

TEMPLATE = {
    "event_id": "{EVENT.ID}",
    "event_source": "{EVENT.SOURCE}",
    "event_value": "{EVENT.VALUE}",
    "event_update_status": "{EVENT.UPDATE.STATUS}",
    "event_update_action": "{EVENT.UPDATE.ACTION}",
    "event_name": "{EVENT.NAME}",
    "event_severity": "{EVENT.SEVERITY}",
    "event_nseverity": "{EVENT.NSEVERITY}",
    "event_timestamp": "{EVENT.TIMESTAMP}",
    "event_date": "{EVENT.DATE}",
    "event_time": "{EVENT.TIME}",
    "event_tags": "{EVENT.TAGSJSON}",
    "event_opdata": "{EVENT.OPDATA}",
    "timezone": "Europe/Paris",
    "trigger_id": "{TRIGGER.ID}",
    "trigger_description": "{TRIGGER.DESCRIPTION}",
    "host_host": "{HOST.HOST}",
    "host_name": "{HOST.NAME}",
    "host_ip": "{HOST.IP}",
    "host_groups": "{TRIGGER.HOSTGROUP.NAME}",
    "zabbix_url": "{$ZABBIX.URL}",
}
"""The parameters to recommend, by the macros that fill them; the script posts them as one object."""

_EXPECTED = "an object made of Zabbix macros, with at least an event id or a name (event_id, event_name, event_value)"
_UNRESOLVED = re.compile(r"\{[$#?A-Z][^{}]*\}|\*UNKNOWN\*", re.DOTALL)
_OWN_NAMES = frozenset({"eventnseverity", "eventupdatestatus", "eventvalue", "triggerid", "triggername", "peventid"})
_TRIAL_ID = "0"
_SEVERITIES = (
    (Severity.UNKNOWN, ("0", "not classified")),
    (Severity.INFO, ("1", "information", "info")),
    (Severity.MEDIUM, ("2", "warning", "avertissement", "3", "average", "moyen", "moyenne")),
    (Severity.HIGH, ("4", "high", "haut", "haute", "élevé", "élevée")),
    (Severity.CRITICAL, ("5", "disaster", "désastre", "critical", "critique")),
)
_SEVERITY_OF = {word: severity for severity, words in _SEVERITIES for word in words}
_SEVERITY_WORDS = (
    "eventseverity",
    "triggerseverity",
    "severity",
    "triggerseveritytext",
    "severitytext",
    "severityname",
)
_RESOLVED_WORDS = frozenset({"0", "ok", "resolved", "recovery", "recovered", "normal", "closed"})
_PREFIX = re.compile(r"(problem|resolved|recovery|updated problem|ok)(?: in [^:]{1,40})?: *", re.IGNORECASE)
"""What the default subjects of Zabbix put before the name."""
_LINES = {
    "problemname": re.compile(r"^Problem name: *(.+)$", re.MULTILINE),
    "hostname": re.compile(r"^Host: *(.+)$", re.MULTILINE),
    "eventseverity": re.compile(r"^Severity: *(.+)$", re.MULTILINE),
    "originaleventid": re.compile(r"^Original problem ID: *(\d+)", re.MULTILINE),
}
"""Lines of the default messages of Zabbix."""
_MESSAGES = ("alertmessage", "message", "msg", "text")
_DESCRIPTIONS = ("triggerdescription", "description", "eventopdata", "opdata")
_NAMES = ("eventname", "problemname", "triggername", "name", "problem", "trigger", "title")
_SUBJECTS = ("alertsubject", "subject", "alertname", "summary")
_HOSTS = ("hosthost", "hostshost", "hostname", "hostsname", "host", "hostdns", "hostconn", "service")
_LINKS = ("url", "triggerurl", "link", "alerturl", "eventurl", "eventlink", "eventinfo")
_TRIGGER_IN_LINK = re.compile(r"[?&]triggerid=(\d{1,20})(?:&|$)", re.ASCII)
_TAG = re.compile(r"[^,:]+:[^,]*")


class Zabbix(Source):
    """One alert per object; problem, updates and recovery are the same problem by the event's id."""

    kind = "zabbix"
    title = Text(fr="Zabbix", en="Zabbix")
    lasts_until_resolved = True
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.HMAC, AuthKind.URL)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        records = records_of(delivery, _EXPECTED)
        return [_alert_of(source_name, member) for record in records for member in _members_of(record)]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        return json.dumps({**TEMPLATE, "event_id": _TRIAL_ID, "event_name": "Test message of an operator"}).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        names = {bare_name(name) for name in record}
        if "Original problem ID:" in text_at(record, "message")[:10_000]:
            return True
        return "eventid" in names and not names.isdisjoint(_OWN_NAMES)


SOURCE = Zabbix()


def _members_of(record: Record) -> list[Record]:
    events = records_at(record, "events") or records_at(record, "alerts")
    return list(events) or [record]


def _alert_of(source_name: str, record: Record) -> Alert:
    macros = _macros_of(record)
    name, event_id = _name_of(macros), _event_id_of(macros)
    if not name and not event_id:
        known = ", ".join(sorted(plain_line(key, 40) for key in record)[:10]) or "none"
        raise UnreadablePayload(f"Found an object without event id and name (its keys: {known}); expected {_EXPECTED}.")
    is_test = _is_test(record, event_id)
    vendor_severity = macros.first(*_SEVERITY_WORDS, "eventnseverity", "nseverity")
    return Alert(
        source=source_name,
        title=name or f"Zabbix: problem {plain_line(event_id)}",
        signal=Signal.HEARTBEAT if is_test else _signal_of(macros, name),
        fingerprint=_fingerprint_of(macros, event_id, name),
        severity=_severity_of(macros),
        vendor_severity=plain_line(vendor_severity),
        status=AlertStatus.TEST if is_test else _status_of(macros),
        occurred_at=instant_in(macros.first("eventtimestamp", "clock", "eventclock", "timestamp"))
        or instant_in(*_written_time_of(macros)),
        entities=gathered(_entities_of(macros)),
        labels=labels_from([*_tags_of(record, macros), *_labels_of(macros)]),
        summary=plain_text(masked(macros.first(*_DESCRIPTIONS, *_MESSAGES))),
        vendor_reference=plain_line(event_id),
        link=_link_of(macros, event_id),
    )


def _macros_of(record: Record) -> Macros:
    """The macros, with those of the default message that the body does not name by itself."""
    macros = macros_of(record, _UNRESOLVED)
    message = macros.first(*_MESSAGES)[:10_000].replace("\r", "")
    read = {name: found[1].strip() for name, line in _LINES.items() if (found := line.search(message))}
    return Macros(read | dict(macros.values))


def _event_id_of(macros: Macros) -> str:
    return macros.first("peventid", "eventid", "problemid", "problemeventid", "originaleventid", "id")


def _name_of(macros: Macros) -> str:
    name = macros.first(*_NAMES)
    return plain_line(name) or plain_line(_PREFIX.sub("", macros.first(*_SUBJECTS), count=1))


def _is_test(record: Record, event_id: str) -> bool:
    """The button *Test* of a media type posts the macros as they are written."""
    written = {bare_name(name): text_at(record, name) for name in record}
    return event_id == _TRIAL_ID or written.get("eventid", "") == "{EVENT.ID}"


def _status_of(macros: Macros) -> AlertStatus:
    said = macros.first("eventvalue", "eventstatus", "triggervalue", "triggerstatus", "status", "state", "value")
    if not said:
        subject = _PREFIX.match(macros.first(*_SUBJECTS))
        said = subject[1] if subject else ""
    return AlertStatus.RESOLVED if said.lower() in _RESOLVED_WORDS else AlertStatus.FIRING


def _severity_of(macros: Macros) -> Severity:
    said = (macros.first(name).lower() for name in ("eventnseverity", "nseverity", "triggernseverity"))
    worded = (macros.first(name).lower() for name in (*_SEVERITY_WORDS, "priority"))
    return next((_SEVERITY_OF[word] for word in (*said, *worded) if word in _SEVERITY_OF), Severity.UNKNOWN)


def _signal_of(macros: Macros, name: str) -> Signal:
    """By the name of the problem; it is about the running of machines where the words tell nothing."""
    return signal_of_words(name, macros.first("triggerdescription")) or Signal.OPERATIONS


def _fingerprint_of(macros: Macros, event_id: str, name: str) -> str:
    if event_id:
        return fingerprint_of("zabbix", event_id)
    return fingerprint_of("zabbix", _trigger_of(macros) or name, macros.first(*_HOSTS))


def _trigger_of(macros: Macros) -> str:
    """The number of the trigger, as the body or the address of its page says it; some reword the name at the end."""
    linked = _TRIGGER_IN_LINK.search(_written_link_of(macros)[:2000])
    return macros.first("triggerid") or (linked[1] if linked else "")


def _written_time_of(macros: Macros) -> tuple[str, tzinfo | None]:
    """`{EVENT.DATE}` and `{EVENT.TIME}` as one text, and the zone that the body names."""
    date = macros.first("eventdate", "problemdate").replace(".", "-")
    zone = zone_named(macros.first("timezone", "tz", "zone", "zabbixtimezone", "servertimezone"))
    return f"{date} {macros.first('eventtime', 'problemtime')}".strip(), zone


def _entities_of(macros: Macros) -> list[Entity | None]:
    hosts = (entity(EntityKind.HOST, macros.first(name)) for name in _HOSTS)
    host = next((found for found in hosts if found is not None and found.kind is EntityKind.HOST), None)
    return [host, entity(EntityKind.ADDRESS, macros.first("hostip", "ip", "hostaddress"))]


def _labels_of(macros: Macros) -> list[tuple[str, str]]:
    named = (
        ("host", ("hosthost", "hostshost", "hostname", "hostsname", "host")),
        ("host_name", ("hostname", "hostsname")),
        ("host_groups", ("hostgroups", "triggerhostgroupname", "groups")),
        ("trigger_id", ("triggerid",)),
        ("update_action", ("eventupdateaction",)),
        ("acknowledged", ("eventackstatus", "eventack")),
    )
    return [(label, macros.first(*names)) for label, names in named]


def _tags_of(record: Record, macros: Macros) -> list[tuple[str, str]]:
    """Tags as `[{"tag": …, "value": …}]`, as that written in a text, or as `name:value, name:value`."""
    for value in record.values():
        pairs = [(text_at(one, "tag"), text_at(one, "value")) for one in records_at({"tags": decoded(value)}, "tags")]
        if any(tag for tag, _ in pairs):
            return pairs
    written = _TAG.findall(macros.first("eventtags", "tags", "eventrecoverytags")[:2000])
    return [(tag.strip(), value.strip()) for tag, _, value in (one.partition(":") for one in written)]


def _link_of(macros: Macros, event_id: str) -> str:
    base, trigger = link_of(macros.first("zabbixurl") or _written_link_of(macros)), _trigger_of(macros)
    if not macros.first("zabbixurl") or not base or not trigger.isdigit() or not event_id.isdigit():
        return base
    return link_of(f"{base.rstrip('/')}/tr_events.php?triggerid={trigger}&eventid={event_id}")


def _written_link_of(macros: Macros) -> str:
    return next((link for name in _LINKS if (link := link_of(macros.first(name)))), "")
