"""The same events in CEF, which the push service writes as `{"cef": "0", "events": ["CEF:0|…"]}`, and relays as lines.

The page "Push event CEF messages" of Bitdefender's business support site. Read into the keys of the
JSON messages; members of GravityZone's own begin with `BitdefenderGZ`.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from breach_service.sources.lines.cef import CefEvent, cef_of
from breach_service.sources.parts.payload import Record, decoded
from breach_service.sources.parts.written_dates import written_instant

_OWN = "BitdefenderGZ"
_VENDOR = "bitdefender"
_SEPARATORS = re.compile(r"(?<=\S)\\{2,}")
"""Of paths that were escaped twice: once for JSON, once for CEF."""
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_USUAL = {
    "dvchost": "computer_name",
    "dvc": "computer_ip",
    "deviceExternalId": "computer_id",
    "filePath": "file_path",
    "fileHash": "hash",
    "sproc": "process_path",
    "request": "url",
    "src": "source_ip",
    "suser": "username",
    "act": "main_action",
    "cnt": "count",
    "start": "timestamp",
    "end": "timestamp",
    "rt": "timestamp",
}
"""The names that CEF has for what the JSON messages name otherwise."""
_MODULE_OF_NAME = {"antimalware": "av", "web control": "uc", "new incident": "new-incident", "firewall": "fw"}


_PATHS = ("file_path", "process_path", "exploit_path")


def events_in_texts(texts: Iterable[Any], received_at: datetime) -> list[Record]:
    """The events of those texts that are CEF of GravityZone."""
    # A JSON text without the list around it is one line in quotation marks.
    found = (cef_of(text.strip().strip('"')) for text in texts if isinstance(text, str))
    return [_event_of(one, received_at) for one in found if one is not None and _VENDOR in one.vendor.lower()]


def _event_of(line: CefEvent, received_at: datetime) -> Record:
    event: dict[str, Any] = {}
    for name, value in line.fields.items():
        own = name.startswith(_OWN)
        key = _CAPITAL.sub("_", name.removeprefix(_OWN)).lower() if own else _USUAL.get(name, "")
        if key and value.strip():
            event[key] = decoded(value.strip())
    for key in _PATHS:
        if isinstance(held := event.get(key), str):
            event[key] = _SEPARATORS.sub(r"\\", held)
    if isinstance(said := event.get("timestamp"), str) and (at := written_instant(said, received_at)) is not None:
        event["timestamp"] = at.isoformat()
    name = line.name.strip()
    return {"event_name": name, "cef_severity": line.severity, "module": _module_of(name), **event}


def _module_of(name: str) -> str:
    return _MODULE_OF_NAME.get(name.lower(), re.sub(r"\W+", "-", name.lower()).strip("-") or "event")
