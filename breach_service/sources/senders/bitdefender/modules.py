"""The modules of GravityZone: what an event of each reports, its title, and the thing that it is about."""

from collections.abc import Mapping

from breach_service.domain.alert import Signal
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import first_text, records_at, text_at, texts_at
from breach_service.sources.parts.words import signal_of_words

_SIGNAL_OF_MODULE: Mapping[str, Signal] = {
    module: signal
    for signal, modules in (
        (
            Signal.MALWARE,
            "av hd avc antiexploit network-sandboxing ransomware-mitigation exchange-malware storage-antimalware",
        ),
        (Signal.ANOMALY, "aph dp"),
        (Signal.ROUTINE, "uc device-control registration task-status install endpoint-moved-in endpoint-moved-out"),
        (
            Signal.OPERATIONS,
            "modules sva sva-load supa-update-status hwid-change adcloud uninstall troubleshooting-activity "
            "exchange-user-credentials exchange-organization-info partner-changed",
        ),
    )
    for module in modules.split()
}
_WORDS: Mapping[str, str] = {
    "av": "Malware",
    "hd": "Advanced threat",
    "avc": "Suspicious process",
    "antiexploit": "Exploit",
    "aph": "Phishing page",
    "fw": "Firewall",
    "dp": "Data protection",
    "uc": "Web page blocked",
    "network-sandboxing": "Sandbox verdict",
    "ransomware-mitigation": "Ransomware activity",
    "exchange-malware": "Malware in mail",
    "storage-antimalware": "Malware on storage",
    "network-monitor": "Network attack",
    "new-incident": "Incident",
    "new-extended-incident": "Extended incident",
    "modules": "Protection modules changed",
    "uninstall": "Protection removed",
    "sva": "Security server",
}
_NAMES = (
    ("malware_name",),
    ("malwareName",),
    ("detection_name",),
    ("detection_threatName",),
    ("exploit_type",),
    ("threatName",),
    ("threatType",),
    ("blocking_rule_name",),
    ("aph_type",),
    ("attack_type",),
)
_HARMFUL = ("malware", "phishing", "fraud")
"""Why web control blocks a page, beside its categories and its times."""
_PAGES = frozenset({"aph", "uc"})
_OBJECTS = (
    "malware_name",
    "file_path",
    "exploit_path",
    "process_path",
    "detection_path",
    "url",
    "source_ip",
    "attacker_ip",
    "attack_source",
    "status",
    "detection_name",
    "subject",
)


def is_sign_in(event: Record) -> bool:
    """True for somebody who signed in to the console from a device that it did not know."""
    return "login" in text_at(event, "module").lower() or text_at(event, "event_name").lower().startswith("login")


def signal_of_event(module: str, event: Record) -> Signal:
    """What an event of that module reports."""
    if module == "fw":
        return Signal.SCAN if "scan" in text_at(event, "status").lower() else Signal.ROUTINE
    if module == "uc" and any(part in _block_of(event) for part in _HARMFUL):
        return Signal.ANOMALY
    known = _SIGNAL_OF_MODULE.get(module)
    if known is not None:
        return known
    if module.endswith("-available"):
        return Signal.OPERATIONS
    words = (first_text(event, *_NAMES), ", ".join(texts_at(event, "attack_types")), text_at(event, "event_name"))
    told = signal_of_words(*words, text_at(event, "attackTechnique"), text_at(event, "detection_attackTechnique"))
    return told or Signal.ANOMALY


def title_of_event(module: str, event: Record, computer: str) -> str:
    """What was found, and on which machine."""
    name = (text_at(event, "url") if module in _PAGES else "") or _name_of(event)
    if module == "fw":
        name = name or text_at(event, "status").replace("_", " ")
    kind = _WORDS.get(module) or text_at(event, "event_name") or f"GravityZone {module}".rstrip()
    what = ": ".join(filter(None, (kind, name)))
    return f"{what} on {computer}" if computer else what


def object_of(event: Record) -> str:
    """What the event is about on its machine: the part of its identity beside module and machine."""
    named = next(iter(records_at(event, "malware")), {})
    return " ".join(
        filter(None, (*(text_at(event, key) for key in _OBJECTS), _name_of(event), text_at(named, "infectedObject")))
    )


def _block_of(event: Record) -> str:
    return first_text(event, ("block_type",), ("application_control_block_type",)).lower()


def _name_of(event: Record) -> str:
    told = first_text(event, *_NAMES)
    return told or ", ".join(filter(None, (text_at(one, "malwareName") for one in records_at(event, "malware"))))
