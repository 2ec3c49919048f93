"""Juniper SRX in its unstructured form: `RT_SCREEN_TCP: TCP port scan! source: …` and `RT_FLOW_SESSION_DENY: …`.

System Log Explorer, on apps.juniper.net. The structured form says the same in members and is read by their names.
"""

import re

from breach_service.domain.alert import Signal
from breach_service.sources.lines.fields import sides_between
from breach_service.sources.lines.log_event import LogEvent, connection_in_words, end_of
from breach_service.sources.lines.signals import signal_of_attack
from breach_service.sources.lines.syslog import SyslogLine
from breach_service.sources.parts.entities import address_of

_SCREEN = re.compile(
    r"(?:RT_IDS: )?(?P<id>RT_SCREEN_\w{1,30}): (?P<name>[^!:]{1,120})[!:]?\s*(?P<rest>.*)", re.ASCII | re.DOTALL
)
_FLOW = re.compile(
    r"(?:RT_FLOW: )?(?P<id>RT_FLOW_SESSION_\w{1,20}): (?P<deed>session \w{1,20}).{0,80}?"
    r"(?P<source>[0-9A-Fa-f:.]{3,46})/(?P<source_port>\d{1,5})->(?P<destination>[0-9A-Fa-f:.]{3,46})/(?P<port>\d{1,5})",
    re.ASCII,
)
_END = {one: re.compile(rf"\b{one}: ?([0-9A-Fa-f:.]{{3,64}})", re.ASCII) for one in ("source", "destination")}


def event_of_juniper(line: SyslogLine) -> LogEvent | None:
    """The event of one line; None where it is none of these."""
    text = line.message[:4000]
    if line.program.startswith("RT_") and not text.startswith("RT_"):
        text = f"{line.program}: {text}"
    screen, flow = _SCREEN.match(text), _FLOW.match(text)
    if screen is not None:
        source, destination = (_end_in(screen["rest"], one) for one in ("source", "destination"))
        return LogEvent(
            title=screen["name"].strip(),
            signal=signal_of_attack(screen["name"]),
            identity=("juniper", screen["id"], screen["name"].strip().lower()),
            sides=sides_between(source, destination),
            vendor_reference=screen["id"],
        )
    if flow is None:
        return None
    ends = (end_of(flow["source"], flow["source_port"]), end_of(flow["destination"], flow["port"]))
    return LogEvent(
        title=connection_in_words(flow["deed"], "", *ends),
        signal=Signal.ROUTINE,
        identity=("juniper", flow["id"]),
        sides=sides_between(address_of(flow["source"]) or "", address_of(flow["destination"]) or ""),
        vendor_reference=flow["id"],
    )


def _end_in(text: str, end: str) -> str:
    found = _END[end].search(text)
    if found is None:
        return ""
    bare = found[1].rstrip(".:")
    return address_of(bare) or address_of(bare.rpartition(":")[0]) or ""
