"""Palo Alto Networks: the names of its CEF and JSON members, brought to those of its columns.

https://docs.paloaltonetworks.com/strata-logging-service (log forwarding schema), PAN-OS CEF integration guide.
"""

from breach_service.sources.lines.fields import Fields, first_of

_COLUMN_OF_NAMES = {
    "type": ("logtype",),
    "threat": ("threatname", "panosthreatid", "panosthreatname", "threatid", "cat"),
    "msg": ("eventdescription", "panoseventdescription", "authenticationdescription", "panosdescription"),
    "eventid": ("eventidvalue", "eventname", "panoseventidvalue", "panoseventname"),
    "severity": ("vendorseverity", "panosvendorseverity", "panosseverity"),
    "device": ("devicename", "logsourcename", "dvchost"),
    "action": ("act",),
    "status": ("panosconnectionstatus", "eventstatus", "connectionstatus"),
    "stage": ("panosstage",),
    "filedigest": ("filehash", "panosfilehash"),
    "user": ("sourceusername", "panossourceusername", "suser"),
    "error": ("connectionerror", "panosconnectionerror"),
    "misc": ("request", "url", "filename"),
    "timestamp": ("timegeneratedhighresolution", "timegenerated", "eventtime"),
    "rule": ("cs1",),
}


def has_names_of_palo_alto(fields: Fields) -> bool:
    """True for the members that only the JSON of PAN-OS writes together."""
    return "logtype" in fields and ("subtype" in fields or "devicesn" in fields or "logsourceid" in fields)


def columns_of_palo_alto(fields: Fields) -> Fields:
    """The members of its CEF and JSON under the names of its columns."""
    native = dict(fields)
    for name, names in _COLUMN_OF_NAMES.items():
        if not native.get(name):
            native[name] = first_of(fields, names)
    return native
