"""Events of products that name their members: CEF, LEEF, `name=value`, Check Point, and JSON of a firewall.

Who wrote it decides how it is read; an unknown product is read by the names that all of them use.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from breach_service.domain.alert import EntityRole, Severity, Signal
from breach_service.sources.lines.cef import CefEvent
from breach_service.sources.lines.check_point import event_of_check_point, is_of_check_point
from breach_service.sources.lines.fields import (
    Fields,
    connection_of,
    ends_of,
    first_of,
    instant_in_fields,
    labels_of_fields,
    lowered,
    origin_in,
    sides_in,
    things_in,
    user_in,
    user_in_sentence,
    words_in,
)
from breach_service.sources.lines.fortinet import event_of_fortinet, is_of_fortinet, native_fields
from breach_service.sources.lines.leef import LeefEvent
from breach_service.sources.lines.log_event import LogEvent, masked, severity_of_syslog, severity_of_ten, user_of
from breach_service.sources.lines.palo_alto import event_of_palo_alto
from breach_service.sources.lines.palo_alto_names import columns_of_palo_alto, has_names_of_palo_alto
from breach_service.sources.lines.signals import SECURITY, signal_of_attack, signal_of_event, signal_of_message
from breach_service.sources.lines.sophos import event_of_sophos, is_of_sophos
from breach_service.sources.lines.stormshield import event_of_stormshield, is_of_stormshield
from breach_service.sources.parts.intrusion import Sides

_ACTIONS = words_in("act action disp rule_action deviceaction outcome status result")
_DROPS = words_in(
    "drop deny block reject denied blocked dropped discard redirect accept allow permit pass close bypass"
)
_TITLES = words_in(
    "protection_name attack attack-name threat threatname threat_name signature rulename alert_name msg message"
    " eventmessage logdesc description event_name name eventname event reason"
)
_PARTS_OF_TITLE = words_in("action type object cat status")
_ATTACK_NAMES = words_in(
    "protection_name attack attack-name attack_info threat threatname threat_name signature virus malware"
    " malware_family ipscat spycat signame sig_name"
)
_LABELS = words_in(
    "act action cat rule rule_name rulename policy policyname service app product devicefacility deviceexternalid"
    " devname origin externalid sid m c safe"
)
_SEVERITIES = words_in("severity sev cp_severity threat-severity level priority risk threat_level urgency pri")
_DEVICES = words_in("dvchost devname device_name device hostname_device fw originsicname identhostname origin dvc")
_REFERENCES = words_in(
    "protection_id externalid sid signature_id signatureid attackid eventid event_id ruleid rule_id m id"
)


def event_of_fields(pairs: Mapping[str, str], received_at: datetime) -> LogEvent:
    """The event of named members, by the vendor that its names betray."""
    fields = lowered(pairs)
    known: tuple[tuple[Callable[[Fields], bool], Callable[[Fields, datetime], LogEvent]], ...] = (
        (is_of_fortinet, event_of_fortinet),
        (is_of_stormshield, event_of_stormshield),
        (is_of_sophos, event_of_sophos),
        (has_names_of_palo_alto, lambda one, _: event_of_palo_alto(columns_of_palo_alto(one))),
        (is_of_check_point, event_of_check_point),
    )
    reader = next((read for fits, read in known if fits(fields)), event_of_unknown)
    return reader(fields, received_at)


def is_of_known_product(pairs: Mapping[str, str]) -> bool:
    """True if the names of the members are those of one vendor."""
    fields = lowered(pairs)
    tests = (is_of_fortinet, is_of_stormshield, is_of_sophos, has_names_of_palo_alto, is_of_check_point)
    return any(fits(fields) for fits in tests)


def event_of_cef(event: CefEvent, received_at: datetime) -> LogEvent:
    """The event of one CEF message."""
    fields = lowered(event.fields)
    vendor = event.vendor.lower()
    if "fortinet" in vendor and fields.get("cat"):
        return event_of_fortinet(native_fields(fields), received_at)
    if "palo alto" in vendor:
        kinds = {"type": event.event_id, "subtype": event.name, "severity": ""}
        if event.name.isupper() and not event.event_id.isupper():
            kinds = {"type": event.name, "subtype": event.event_id, "severity": ""}
        found = event_of_palo_alto(columns_of_palo_alto({**fields, **kinds}))
        return _with_severity(found, event.severity, instant_in_fields(fields, received_at))
    named = {
        **fields,
        "product": event.product,
        "vendor": event.vendor,
        "eventid": event.event_id,
        "severity": event.severity,
    }
    if "check point" in vendor:
        return event_of_check_point({**named, "name": event.name}, received_at)
    return event_of_unknown({**named, "title": event.name}, received_at)


def event_of_leef(event: LeefEvent, received_at: datetime) -> LogEvent:
    """The event of one LEEF message, which has no name of its own."""
    fields = {**lowered(event.fields), "product": event.product, "vendor": event.vendor, "eventid": event.event_id}
    if is_of_fortinet(fields):
        return event_of_fortinet(fields, received_at)
    if "palo alto" in event.vendor.lower() and fields.get("cat", "").isupper():
        columns = {**fields, "type": fields["cat"], "threat": event.event_id, "user": fields.get("usrname", "")}
        found = event_of_palo_alto(columns_of_palo_alto(columns))
        return replace(found, occurred_at=found.occurred_at or instant_in_fields(fields, received_at))
    # The attribute that LEEF defines for whoever acts, before others that products add.
    fields["user"] = first_of(fields, ("usrname", "user"))
    title = first_of(fields, _TITLES)
    if first_of(fields, ("msg", "message", "eventmessage")) == "" and sides_in(fields).other:
        title = connection_of(fields, first_of(fields, _ACTIONS) or title)
    return event_of_unknown({**fields, "title": title or event.event_id}, received_at)


def event_of_unknown(fields: Fields, received_at: datetime) -> LogEvent:
    """The event of a product that has no reading of its own."""
    title = fields.get("title", "") or _title_of(fields)
    severity, word = _severity_of(fields)
    attack = first_of(fields, _ATTACK_NAMES)
    message = first_of(fields, ("msg", "message", "eventmessage", "description", "reason"))
    sides = sides_in(fields)
    signal = _signal_of(fields, f"{title} {message} {fields.get('cat', '')}", attack, severity, sides)
    role = EntityRole.TARGET if signal is Signal.BRUTE_FORCE else None
    if not sides.other and role:
        sides = Sides(sides.own, origin_in(message))
    about_device = signal not in (*SECURITY, Signal.ROUTINE) or not sides.own
    return LogEvent(
        title=title or "Event",
        signal=signal,
        identity=(
            fields.get("vendor", ""),
            fields.get("product", ""),
            first_of(fields, ("eventid", "attackid", "sid", "m", "id")),
            masked(f"{title} {attack}"),
        ),
        sides=sides,
        severity=severity,
        vendor_severity=word,
        occurred_at=instant_in_fields(fields, received_at),
        entities=(
            user_in(fields, role) or user_of(user_in_sentence(message) if role else "", role),
            *(things_in(fields) if signal is not Signal.ROUTINE else ()),
        ),
        labels=labels_of_fields(fields, _LABELS),
        vendor_reference=first_of(fields, _REFERENCES),
        device=first_of(fields, _DEVICES),
        is_of_device=about_device,
        summary=message if message != title else "",
    )


def _title_of(fields: Fields) -> str:
    named = first_of(fields, _TITLES)
    if named and named not in (fields.get("event_name"), fields.get("reason")):
        return named
    is_connection = all(ends_of(fields)) or first_of(fields, _ACTIONS).lower().startswith(_DROPS)
    if any(ends_of(fields)) and (is_connection or not named) and not _is_change(fields):
        words = connection_of(fields, first_of(fields, _ACTIONS) or "" if not named else "")
        return ": ".join(one for one in (named, words) if one)
    parts = (named, *(fields.get(name, "") for name in _PARTS_OF_TITLE))
    return " ".join(one for one in parts if one)


def _is_change(fields: Fields) -> bool:
    return first_of(fields, _ACTIONS) in ("add", "edit", "delete")


def _signal_of(fields: Fields, words: str, attack: str, severity: Severity, sides: Sides) -> Signal:
    if attack:
        return signal_of_attack(attack, words)
    deed = first_of(fields, _ACTIONS).lower()
    is_daily = signal_of_message(words) in (Signal.ROUTINE, Signal.OPERATIONS, Signal.UNAVAILABILITY)
    if is_daily and sides.other and deed.startswith(_DROPS):
        return Signal.ROUTINE
    return signal_of_event(words, severity)


def _severity_of(fields: Fields) -> tuple[Severity, str]:
    number = fields.get("pri", "")
    if len(number) == 1 and number.isdecimal():
        return severity_of_syslog(int(number)), number
    word = first_of(fields, _SEVERITIES)
    return severity_of_ten(word), word


def _with_severity(event: LogEvent, severity: str, occurred_at: datetime | None) -> LogEvent:
    word = event.vendor_severity or severity
    grave = event.severity if event.vendor_severity else severity_of_ten(word)
    return replace(event, severity=grave, vendor_severity=word, occurred_at=event.occurred_at or occurred_at)
