"""Nagios and its family: Icinga, Checkmk, Centreon, Naemon, Shinken; and LibreNMS. None has a webhook of its own.

What arrives is what a notification command or a script makes of the macros, under their names in any spelling:

- Nagios, Naemon, Centreon: https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/macrolist.html
- Icinga: https://icinga.com/docs/icinga-2/latest/doc/03-monitoring-basics/#runtime-macros, and its event streams
- Checkmk: https://docs.checkmk.com/latest/en/notifications.html#environment_variables, with or without `NOTIFY_`
- LibreNMS: https://docs.librenms.org/Alerting/Templates/; `state` 0 is recovered, 1 alert, 2 acknowledged

The host and its service are the identity: problem ids are per problem in some of them and per message in others.
"""

import json
import re

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.entities import entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.macros import Macros, bare_name, macros_of
from breach_service.sources.parts.masking import masked
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import labels_from, records_at
from breach_service.sources.request import Delivery
from breach_service.sources.senders.nagios.states import (
    SERVICE_NAMES,
    began_at,
    is_rule,
    severity_of,
    signal_of,
    state_of,
    status_of,
)
from breach_service.sources.source import Source

TEMPLATE = {
    "notification_type": "$NOTIFICATIONTYPE$",
    "host_name": "$HOSTNAME$",
    "host_address": "$HOSTADDRESS$",
    "host_state": "$HOSTSTATE$",
    "host_output": "$HOSTOUTPUT$",
    "service_description": "$SERVICEDESC$",
    "service_state": "$SERVICESTATE$",
    "service_output": "$SERVICEOUTPUT$",
    "last_host_state_change": "$LASTHOSTSTATECHANGE$",
    "last_service_state_change": "$LASTSERVICESTATECHANGE$",
    "service_problem_id": "$SERVICEPROBLEMID$",
    "host_problem_id": "$HOSTPROBLEMID$",
    "timet": "$TIMET$",
}
"""The object to recommend for a notification command, by the macros that fill it."""

_EXPECTED = "an object made of the macros of a notification, with at least a host and a state (host_name, host_state)"
_UNRESOLVED = re.compile(r"\$[\w:.]+\$|\{\{.*\}\}|n/a|None", re.DOTALL)
_PREFIXES = ("notify", "nagios", "icinga")
_OTHER_NAMES = ("hostname", "hostdisplay", "hostdisplayname", "hostalias", "sysname")
_HOSTS = ("hostname", "host", "hostalias", "hostdisplayname", "sysname", "hostsname", "eventhostname", "alias")
_TYPES = ("notificationtype", "eventtype", "type")
_OUTPUTS = ("serviceoutput", "hostoutput", "output", "checkresultoutput", "checkoutput", "message", "msg", "text")
_SAYS_NOTHING = re.compile(r"(?:service|host) \w+ notification|notification|nagios|icinga2?|centreon", re.IGNORECASE)
_TITLES = ("summary", "title", "subject", "alertsubject", "name")
_LINKS = (
    "serviceurl",
    "hosturl",
    "url",
    "link",
    "serviceactionurl",
    "hostactionurl",
    "servicenotesurl",
    "hostnotesurl",
)


class Nagios(Source):
    """One alert per object."""

    kind = "nagios"
    aliases = (
        "checkmk",
        "check-mk",
        "icinga",
        "icinga2",
        "centreon",
        "librenms",
        "naemon",
        "shinken",
        "nagios-xi",
        "op5",
    )
    title = Text(
        fr="Nagios, Icinga, Checkmk, Centreon, LibreNMS",
        en="Nagios, Icinga, Checkmk, Centreon, LibreNMS",
    )
    lasts_until_resolved = True
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.HMAC, AuthKind.URL)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        records = records_of(delivery, _EXPECTED)
        return [_alert_of(source_name, one, delivery) for record in records for one in _members_of(record)]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        body = {"notification_type": "TEST", "host_name": "test", "host_state": "UP", "summary": "Test message"}
        return json.dumps({**body, "summary": "Test message of an operator"}).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        names = {
            bare_name(name).removeprefix("notify").removeprefix("nagios").removeprefix("icinga") for name in record
        }
        if "notificationtype" in names:
            return bool({"servicestate", "hoststate", "hostname", "what"} & names)
        # An event stream of Icinga; the fields of LibreNMS.
        return {"checkresult", "host", "statetype"} <= names or {"sysname", "hostname", "rule"} <= names


SOURCE = Nagios()


def _members_of(record: Record) -> list[Record]:
    return list(records_at(record, "notifications")) or [record]


def _macros_of(record: Record) -> Macros:
    """By the names without what a sender puts before all of them (`NOTIFY_`, `NAGIOS_`, `ICINGA_`)."""
    written = macros_of(record, _UNRESOLVED).values
    bare = {name.removeprefix(prefix): value for prefix in _PREFIXES for name, value in written.items()}
    return Macros({**bare, **written})


def _alert_of(source_name: str, record: Record, delivery: Delivery) -> Alert:
    macros = _macros_of(record)
    host, service, state = _host_of(macros), _service_of(macros), state_of(macros)
    kind = macros.first(*_TYPES).upper()
    if not host and not service:
        known = ", ".join(sorted(plain_line(key, 40) for key in record)[:10]) or "none"
        raise UnreadablePayload(f"Found an object without host and service (its keys: {known}); expected {_EXPECTED}.")
    is_test = kind in ("TEST", "TESTNOTIFICATION")
    output = masked(macros.first(*_OUTPUTS))
    return Alert(
        source=source_name,
        title=_title_of(macros, host, service, state),
        signal=Signal.HEARTBEAT if is_test else signal_of(kind, service, state, _words_of(macros, output)),
        fingerprint=fingerprint_of("nagios", host.lower(), service),
        severity=severity_of(state),
        vendor_severity=plain_line(state),
        status=AlertStatus.TEST if is_test else status_of(macros, kind, state),
        occurred_at=began_at(macros, delivery),
        entities=gathered(_entities_of(macros, host)),
        labels=labels_from([*_labels_of(macros), ("host", host), ("service", service)]),
        summary=plain_text("\n".join(filter(None, (output, macros.first("notificationcomment", "comment"))))),
        vendor_reference=plain_line(_problem_of(macros)),
        link=next((found for name in _LINKS if (found := link_of(macros.first(name)))), ""),
    )


def _words_of(macros: Macros, output: str) -> str:
    """What tells the signal of a service; LibreNMS has no services, and puts it into the title."""
    return f"{macros.first(*_TITLES)} {output}" if is_rule(macros) else output


def _host_of(macros: Macros) -> str:
    return plain_line(macros.first(*_HOSTS))


def _service_of(macros: Macros) -> str:
    """The service, or the rule of LibreNMS, which watches without services."""
    service = macros.first(*SERVICE_NAMES)
    return plain_line(service or (macros.first("rulename", "name", "ruleid", "rule") if is_rule(macros) else ""))


def _title_of(macros: Macros, host: str, service: str, state: str) -> str:
    said = plain_line(macros.first(*_TITLES))
    if said and not _SAYS_NOTHING.fullmatch(said):
        return said
    what = f"{service} on {host}" if service and host else service or host
    return plain_line(f"{what} is {state}" if state else what)


def _problem_of(macros: Macros) -> str:
    names = ("serviceproblemid", "lastserviceproblemid", "hostproblemid", "lasthostproblemid", "alertid", "uid", "id")
    return next((said for name in names if (said := macros.first(name)) not in ("", "0")), "")


def _entities_of(macros: Macros, host: str) -> list[Entity | None]:
    named = (entity(EntityKind.HOST, one) for one in (host, *(macros.first(name) for name in _OTHER_NAMES)))
    found = [one for one in named if one is not None]
    # Where it is known by its address, as in LibreNMS, its name may stand beside.
    machine = next((one for one in found if one.kind is EntityKind.HOST), None)
    return [machine, *found[:1], entity(EntityKind.ADDRESS, macros.first("hostaddress", "address", "ip", "address4"))]


def _labels_of(macros: Macros) -> list[tuple[str, str]]:
    named = (
        ("notification_type", _TYPES),
        ("host_alias", ("hostalias", "alias")),
        ("host_groups", ("hostgroupnames", "hostgroups", "hostgroupname")),
        ("service_groups", ("servicegroupnames", "servicegroups")),
        ("site", ("omdsite", "site")),
        ("location", ("location",)),
    )
    return [(label, macros.first(*names)) for label, names in named]
