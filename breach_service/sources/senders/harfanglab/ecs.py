"""The same detections as HarfangLab pushes them in the Elastic Common Schema, read into the keys of its own form.

The package `harfanglab` of https://github.com/elastic/integrations (its page and its sample events): telemetry and
detections share the stream, `event.kind` tells them apart, and an empty object only tries the connection.
"""

from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import first_text, record_at, records_at, text_at, texts_at

_AGENT = "hurukai"


def is_in_ecs(record: Record) -> bool:
    """True for an event of the agent in the common schema, whatever it tells."""
    return text_at(record, "agent", "type") == _AGENT or bool(record_at(record, "hlab"))


def in_own_form(record: Record) -> dict[str, object]:
    """The event under HarfangLab's own keys; what is no detection has a log type of its own."""
    detection, process = record_at(record, "hlab", "detection"), record_at(record, "process")
    is_detection = text_at(record, "event", "kind") == "alert" or bool(detection)
    technique = records_at(record, "threat", "technique") or (record_at(record, "threat", "technique"),)
    name = first_text(record, ("hlab", "detection", "title"), ("rule", "name"), ("message",))
    return {
        "log_type": "alert" if is_detection else "telemetry",
        "rule_name": name or f"HarfangLab detection ({first_text(process, ('name',)) or 'unnamed'})",
        "rule_id": text_at(record, "rule", "id"),
        "alert_type": text_at(detection, "engine", "name"),
        "alert_unique_id": text_at(detection, "id") or text_at(record, "event", "id"),
        "level": text_at(detection, "level"),
        "status": text_at(detection, "status"),
        "msg": first_text(record, ("hlab", "detection", "message"), ("rule", "description"), ("message",)),
        "alert_time": text_at(record, "@timestamp"),
        "tags": [*texts_at(record, "threat", "technique", "id"), *(text_at(one, "id") for one in technique)],
        "tenant": text_at(record, "organization", "id"),
        "agent": {
            "agentid": text_at(record, "agent", "id"),
            "hostname": first_text(record, ("host", "hostname"), ("host", "name"), ("agent", "name")),
            "ipaddress": text_at(record, "host", "ip"),
            "domainname": text_at(record, "host", "domain"),
            "osproducttype": text_at(record, "host", "os", "full"),
        },
        "process": {
            "image_name": first_text(process, ("executable",), ("name",)),
            "commandline": text_at(process, "command_line"),
            "username": text_at(process, "user", "name") or text_at(record, "user", "name"),
            "hashes": {"sha256": text_at(process, "hash", "sha256")},
        },
        "details_file": {"target_filename": text_at(record, "file", "path")},
        "network": {"daddr": text_at(record, "destination", "ip")},
        "details_dns_resolution": {"requested_name": text_at(record, "dns", "question", "name")},
        "details_url_request": {"url": text_at(record, "url", "full")},
    }
