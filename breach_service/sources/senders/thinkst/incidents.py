"""Incidents and their events as the console's API tells them, read into the keys of its webhook.

https://docs.canary.tools (the pages on incidents and on the types of events), and the recorded events of
SEKOIA-IO/intake-formats (ThinkstCanary/thinkst-canary): what connectors post that ask the console. An incident holds
its description and its events as objects; a connector may send each event by itself, beside what the incident says.
"""

import re

from breach_service.sources.parts.entities import address_of
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import first_text, record_at, records_at, text_at, text_of

_OWN_NAMES = frozenset(
    {
        "incident_id",
        "event_type",
        "acknowledged",
        "created",
        "created_std",
        "description",
        "dst_host",
        "dst_host_public_ip",
        "dst_port",
        "events",
        "events_count",
        "events_list",
        "timestamp",
        "timestamp_std",
        "flock_id",
        "flock_name",
        "ip_address",
        "ippers",
        "local_time",
        "logtype",
        "mac_address",
        "matched_annotations",
        "name",
        "node_id",
        "notified",
        "src_host",
        "src_host_reverse",
        "src_port",
        "canarytoken",
        "memo",
        "headers",
        "geoip",
        "ip_blocklist",
        "request_args",
        "id",
        "hash_id",
        "summary",
        "updated",
        "updated_id",
        "updated_std",
        "updated_time",
    }
)
"""What is no detail of the event itself."""
_NO_NAME = frozenset({"n/a", ""})
_INTRUDER = re.compile(r"(?:source IP |by ')([0-9A-Fa-f:.]{3,45}[0-9A-Fa-f])")


def is_of_api(record: Record) -> bool:
    """True for an incident or an event of the API, whose keys are in lower case."""
    told = record_at(record, "description") or record
    is_named = any(key in record for key in ("incident_id", "hash_id", "logtype"))
    return is_named and any(key in told for key in ("src_host", "summary", "logtype"))


def as_webhook(record: Record) -> dict[str, object]:
    """The same incident under the keys of the webhook."""
    told = record_at(record, "description") or record
    event = next(iter(records_at(told, "events")), {})
    details = [
        [str(key), text_of(value)] for one in (event, told) for key, value in one.items() if key not in _OWN_NAMES
    ]
    name, token = text_at(told, "name"), text_at(told, "canarytoken")
    return {
        "AlertType": "CanarytokenIncident" if token else "CanaryIncident",
        "Description": first_text(told, ("description",), ("summary",)) or text_at(record, "summary"),
        "Timestamp": first_text(told, ("created",), ("timestamp",)) or first_text(record, ("timestamp",), ("updated",)),
        "CanaryName": "" if name.lower() in _NO_NAME else name,
        "CanaryID": "" if token else text_at(told, "node_id"),
        "CanaryIP": "" if token else first_text(told, ("dst_host",), ("ip_address",)),
        "CanaryPort": text_at(told, "dst_port"),
        "Flock": text_at(told, "flock_name"),
        "SourceIP": text_at(told, "src_host") or _intruder_of_key(first_text(record, ("incident_id",), ("id",))),
        "ReverseDNS": text_at(told, "src_host_reverse"),
        "Reminder": text_at(told, "memo"),
        "Token": token,
        "AdditionalDetails": details,
        "IncidentHash": first_text(record, ("hash_id",), ("incident_id",), ("id",)),
    }


def _intruder_of_key(key: str) -> str:
    """`incident:rdplogin:<decoy>:<address>:<epoch>`."""
    parts = key.split(":")
    return (address_of(parts[3]) or "") if len(parts) == 5 else ""


def intruder_in(sentence: str) -> str:
    """The address that a sentence of the console names as the intruder's, where no key of its own does."""
    found = _INTRUDER.search(sentence[:1000])
    return (address_of(found[1]) or "") if found else ""
