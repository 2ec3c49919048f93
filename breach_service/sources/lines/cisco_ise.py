"""Cisco ISE: `CISE_Failed_Attempts 0000248509 1 0 2026-11-22 19:00:00.264 +01:00 0005365098 5400 NOTICE …`.

Cisco ISE Syslogs, on www.cisco.com: the category, the number and the place of the segment, the instant with its zone,
the number of the message and its severity, its class and name, then `Name=value` pairs with blanks in their names.
"""

import re

from breach_service.domain.alert import EntityRole, Severity, Signal
from breach_service.sources.lines.fields import first_of, lowered
from breach_service.sources.lines.log_event import LogEvent, user_of
from breach_service.sources.lines.signals import is_failed_log_in
from breach_service.sources.lines.syslog import SyslogLine
from breach_service.sources.parts.entities import address_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.intrusion import Sides

_LINE = re.compile(
    r"(?:CISE_\w{1,60} )?\d{10} \d{1,3} \d{1,3} (?P<day>\d{4}-\d\d-\d\d) (?P<clock>\d\d:\d\d:\d\d\.\d{3})"
    r" (?P<zone>[+-]\d\d:\d\d) \d{10} (?P<code>\d{4,5}) (?P<level>[A-Z]{4,7})\s{1,4}(?P<name>[^,=]{1,200})(?:, ?|$)"
    r"(?P<rest>.*)",
    re.ASCII | re.DOTALL,
)
_PAIR = re.compile(r"(?:^|, ?)([A-Za-z][\w .-]{0,60})=((?:\\,|[^,]){0,1000})", re.ASCII)
_SEVERITIES = {
    "FATAL": Severity.CRITICAL,
    "ERROR": Severity.HIGH,
    "WARN": Severity.MEDIUM,
    "NOTICE": Severity.INFO,
    "INFO": Severity.INFO,
    "DEBUG": Severity.INFO,
}
_USERS = ("username", "adminname", "user-name", "user")
_ORIGINS = ("adminipaddress", "remote-address", "framed-ip-address", "calling-station-id", "endpointipaddress")
"""Who asks; the address of the device is that of the switch or the gateway in between."""


def event_of_cisco_ise(line: SyslogLine) -> LogEvent | None:
    """The event of one line; None where it is none of ISE."""
    found = _LINE.match(line.message)
    if found is None:
        return None
    fields = lowered(dict(_PAIR.findall(found["rest"])))
    name, user = found["name"].strip(), first_of(fields, _USERS)
    origins = (address_of(fields.get(one, "")) for one in _ORIGINS)
    origin, failed = next(filter(None, origins), ""), is_failed_log_in(name)
    return LogEvent(
        title=name,
        signal=Signal.BRUTE_FORCE if failed else Signal.ROUTINE,
        identity=("cisco ise", "refused" if failed else found["code"], "" if failed and origin else user),
        sides=Sides("", origin),
        severity=_SEVERITIES.get(found["level"], Severity.UNKNOWN),
        vendor_severity=found["level"],
        occurred_at=instant_in(f"{found['day']}T{found['clock']}{found['zone']}"),
        entities=(user_of(user, EntityRole.TARGET if failed else None) if user else None,),
        labels={"message_code": found["code"], "reason": fields.get("failurereason", "")},
        vendor_reference=found["code"],
        is_of_device=True,
    )
