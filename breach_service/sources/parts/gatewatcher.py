"""Gatewatcher AionIQ: the alerts of its engines beside the one that is Suricata, in both forms that a GCenter sends.

Shapes: the recorded events of SEKOIA-IO/intake-formats (GateWatcher/aioniq, GateWatcher/aioniq_ecs). Since 2.5.3.103 in
the Elastic Common Schema, the engine in `event.module`; before that in the manner of EVE, the engine in `event_type`.
"""

from collections.abc import Mapping
from datetime import datetime

from breach_service.domain.alert import Alert, EntityKind, Signal
from breach_service.sources.parts.entities import entities_of, entity, gathered
from breach_service.sources.parts.eve import alert_of_eve
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.intrusion import severity_of_signature, sides_of
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.plain_text import plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_from, record_at, text_at, texts_at, value_at
from breach_service.sources.parts.words import signal_of_words

_ENGINES: Mapping[str, tuple[str, Signal]] = {
    "malcore": ("Malicious file", Signal.MALWARE),
    "malware": ("Malicious file", Signal.MALWARE),
    "dga_detect": ("Domain names made by an algorithm", Signal.MALWARE),
    "dga": ("Domain names made by an algorithm", Signal.MALWARE),
    "beacon_detect": ("Beaconing", Signal.MALWARE),
    "malicious_powershell_detect": ("Malicious PowerShell", Signal.MALWARE),
    "powershell": ("Malicious PowerShell", Signal.MALWARE),
    "shellcode_detect": ("Shellcode", Signal.MALWARE),
    "shellcode": ("Shellcode", Signal.MALWARE),
    "ransomware_detect": ("Ransomware behaviour", Signal.MALWARE),
    "retrohunt": ("Indicator of compromise", Signal.MALWARE),
    "active_cti": ("Indicator of compromise", Signal.MALWARE),
}
"""What each engine detects, by its name now and its older one."""
_SURICATA = "sigflow_alert"
_CLEAN = frozenset({"no threat detected", "clean", "not scanned"})
_DETAILS = (
    ("sigflow", "signature"),
    ("nba", "signature"),
    ("ioc", "signature"),
    ("signature",),
    ("ioc_value",),
    ("domain_name",),
    ("dga", "top_DGA"),
    ("malcore", "detail_threat_found"),
    ("detail_threat_found",),
    ("tls", "client", "server_name"),
    ("url", "domain"),
    ("sub_type",),
    ("shellcode", "sub_type"),
)
_INSTANTS = (
    ("event", "start"),
    ("event", "created"),
    ("network", "timestamp"),
    ("timestamp_detected",),
    ("timestamp",),
    ("@timestamp",),
)


def is_of_gatewatcher(record: Record) -> bool:
    """True for an event of a GCenter that is no record of Suricata in its own form."""
    if text_at(record, "event_type"):
        return text_at(record, "event_type") in _ENGINES and "gcenter" in record
    is_theirs = text_at(record, "observer", "vendor").lower() == "gatewatcher"
    return bool(text_at(record, "event", "module")) and (is_theirs or _engine_of(record) in _ENGINES)


def alerts_of_gatewatcher(source_name: str, record: Record) -> list[Alert]:
    """The alert of one event; an empty list for metadata of the network, and for files in which nothing was found."""
    if not text_at(record, "event_type") and text_at(record, "event", "kind") != "alert":
        return []
    if first_text(record, ("malcore", "state"), ("state",)).lower() in _CLEAN:
        return []
    if _engine_of(record) == _SURICATA and text_at(record, "sigflow", "signature"):
        return [alert_of_eve(source_name, _as_eve(record))]
    return [_alert_of(source_name, record)]


def _engine_of(record: Record) -> str:
    return first_text(record, ("event", "module"), ("event_type",)).lower()


def _as_eve(record: Record) -> Record:
    request = {"hostname": text_at(record, "http", "hostname"), "url": text_at(record, "url", "path")}
    return {
        "event_type": "alert",
        "timestamp": value_at(record, "network", "timestamp") or value_at(record, "event", "created"),
        "alert": {"severity": value_at(record, "event", "severity"), **record_at(record, "sigflow")},
        "src_ip": text_at(record, "source", "ip"),
        "src_port": text_at(record, "source", "port"),
        "dest_ip": text_at(record, "destination", "ip"),
        "dest_port": text_at(record, "destination", "port"),
        "proto": text_at(record, "network", "transport").upper(),
        "app_proto": text_at(record, "network", "protocol"),
        "http": {**request, "http_method": text_at(record, "http", "request", "method")},
        "host": first_text(record, ("observer", "gcap", "hostname"), ("observer", "hostname")),
    }


def _alert_of(source_name: str, record: Record) -> Alert:
    engine, detail = _engine_of(record), plain_line(_detail_of(record), 200)
    name, signal = _ENGINES.get(engine, (engine.replace("_", " ").capitalize(), None))
    source = first_text(record, ("source", "ip"), ("src_ip",))
    destination = first_text(record, ("destination", "ip"), ("dest_ip",))
    sides = sides_of({"src_ip": source, "dest_ip": destination})
    digest = first_text(record, ("file", "hash", "sha256"), ("SHA256",), ("fileinfo", "sha256"))
    number = first_text(record, ("event", "severity"), ("severity",))
    severity, said = severity_of_signature({"severity": number})
    return Alert(
        source=source_name,
        title=plain_line(": ".join(filter(None, (name, detail)))) or "Gatewatcher",
        signal=signal or signal_of_words(detail, name) or Signal.ANOMALY,
        fingerprint=fingerprint_of("gatewatcher", engine, digest or detail, sides.own, sides.other),
        severity=severity,
        vendor_severity=plain_line(said),
        occurred_at=_instant_of(record),
        entities=gathered(
            [entity(EntityKind.ADDRESS, sides.own), entity(EntityKind.SOURCE_ADDRESS, sides.other)],
            entities_of(EntityKind.DOMAIN, _names_of(record)),
            entities_of(EntityKind.FILE, [_file_of(record)]),
            entities_of(EntityKind.FILE_HASH, [digest]),
        ),
        labels=labels_from(
            (
                ("engine", engine),
                ("sensor", first_text(record, ("observer", "gcap", "hostname"), ("gcap",))),
                ("app_proto", first_text(record, ("network", "protocol"), ("app_proto",))),
            )
        ),
        summary=plain_text("\n".join(filter(None, (f"{source} → {destination}", text_at(record, "description"))))),
        vendor_reference=plain_line(first_text(record, ("event", "id"), ("uuid",))),
    )


def _detail_of(record: Record) -> str:
    """What the engine found, without the words that the name of the engine says already."""
    found = first_text(record, *_DETAILS)
    return found.removeprefix("Infected : ").removeprefix("Suspicious : ").partition(", ")[0]


def _names_of(record: Record) -> tuple[str, ...]:
    made = texts_at(record, "dga", "top_DGA")
    single = (("url", "domain"), ("tls", "client", "server_name"), ("domain_name",), ("http", "hostname"))
    return (*made, *(text_at(record, *path) for path in single))


def _file_of(record: Record) -> str:
    name = first_text(record, ("file", "name"), ("fileinfo", "filename"))
    return "" if name == "/" else name


def _instant_of(record: Record) -> datetime | None:
    return next((at for path in _INSTANTS if (at := instant_in(value_at(record, *path))) is not None), None)
