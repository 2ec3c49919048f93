"""What the values of Datadog hold: the heading of a title, tags and scopes, the attributes of a security signal."""

import re
from dataclasses import dataclass

from breach_service.domain.alert import Entity, EntityKind, Signal
from breach_service.sources.parts.entities import entity, gathered
from breach_service.sources.parts.macros import Macros, bare_name, macros_of
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.plain_text import plain_line
from breach_service.sources.parts.reading import labels_from
from breach_service.sources.parts.tactics import signal_of_threat
from breach_service.sources.parts.words import signal_of_words

_UNRESOLVED = re.compile(r"\$[A-Z][A-Z0-9_]*|null|\(null\)", re.ASCII)
_BRACKET = re.compile(r"\s*\[([^\[\]]{1,500})\]")
_PRIORITY = re.compile(r"P[1-5]", re.IGNORECASE)
_STATE = re.compile(
    r"(?:re-)?((?:(?:warn|alert|no data) )?recovered(?: from [a-z ]{1,20}?)?|triggered|warn|no data|alert|warning"
    r"|renotify|resolved|ok)(?: on \{(.*)\})?",
    re.IGNORECASE | re.DOTALL,
)
_HOST_TAGS = ("host", "hostname", "host_name", "instance", "node", "kube_node", "dbinstanceidentifier")
_APPLICATION_TAGS = (
    *("service", "app", "application", "functionname"),
    *("kube_deployment", "kube_stateful_set", "kube_daemon_set", "kube_cronjob"),
)
_USER_TAGS = ("user", "usr.id", "usr.email", "usr.name", "user_name", "username")
_SOURCE_TAGS = ("network.client.ip", "http.client_ip", "client_ip", "source_ip", "network_client_ip")
_ACCOUNT_TAGS = ("account_id", "aws_account", "project_id", "subscription_id")
_ATTRIBUTES = {
    EntityKind.SOURCE_ADDRESS: ("networkclientip", "httpclientip", "clientip"),
    EntityKind.USER: ("usremail", "usrid", "usrname", "useridentityarn"),
    EntityKind.HOST: ("host", "hostname"),
    EntityKind.APPLICATION: ("attributesservice", "fieldsservice", "fieldsservices"),
}
_STRUCTURED = ("attributes", "groupby", "incidentfields")
"""Parts of the names of variables that hold an object: attributes of a signal, its groups, fields of an incident."""
_TAGGED = ("tags", "securitysignaltags", "alertscope", "scopes")
_LABEL_LIMIT = 40


@dataclass(frozen=True)
class Heading:
    """What the brackets at the start of a title say: `[P2] [Triggered on {host:web-01}] Disk is full`."""

    name: str
    """The title without them."""
    state: str = ""
    scope: str = ""
    priority: str = ""
    is_test: bool = False


def bare_values(record: Record) -> Macros:
    """The values by the bare names of the variables, without those that Datadog had nothing for."""
    return macros_of(record, _UNRESOLVED)


def heading_of(title: str) -> Heading:
    """The brackets before a title, in whatever order; the first that is none of them belongs to the name."""
    rest, state, scope, priority, is_test = title[:2000], "", "", "", False
    while found := _BRACKET.match(rest):
        inner = found[1].strip()
        stated = _STATE.fullmatch(inner)
        if stated:
            state, scope = stated[1], scope or (stated[2] or "").strip()
        elif _PRIORITY.fullmatch(inner):
            priority = inner
        elif inner.upper() == "TEST":
            is_test = True
        else:
            break
        rest = rest[found.end() :]
    return Heading(plain_line(rest), state, scope, priority, is_test)


def state_of(text: str) -> str:
    """A text that is one of the states of a monitor and nothing else; empty for every other."""
    found = _STATE.fullmatch(text.strip())
    return found[1] if found else ""


def signal_of(values: Macros, heading: Heading, transition: str) -> Signal:
    """What it reports: of a security signal its tactic or its words, of a monitor its words, else how it measures."""
    security = values.first("securitysignalid", "securityruleid", "securityrulename", "securitysignaltitle")
    if security:
        words = (values.first("securitysignaltitle"), values.first("securityrulename"), heading.name)
        tags = f"{values.first('securitysignaltags')},{values.first('securityruletags')},{values.first('tags')}"
        # `tactic:TA0006-credential-access`
        tactics = [part for name, value in _pairs(tags) if name == "tactic" for part in value.split("-", 1)]
        return signal_of_threat(tactics, *words)
    if "no data" in transition.lower():
        return Signal.OPERATIONS
    event_type = values.first("eventtype").lower()
    # The name of a synthetic test is what it walks through ("Login page"), not what happened.
    if event_type.startswith("synthetics"):
        return Signal.UNAVAILABILITY
    told = signal_of_words(heading.name)
    return told or (Signal.UNAVAILABILITY if event_type == "service_check" else Signal.OPERATIONS)


def entities_of(record: Record, values: Macros, heading: Heading) -> tuple[Entity, ...]:
    """The things that scope, tags and the attributes of a security signal name."""
    # The scope says what this alert is about; the tags name everything that the monitor watches.
    scope = _pairs(values.first("alertscope", "scopes") or heading.scope)
    tags = [*scope, *_pairs(values.first("tags"))]
    hosts = [values.first("hostname"), *(value for name, value in scope if name in _HOST_TAGS)]
    hosts = [host for host in hosts if host] or [value for name, value in tags if name in _HOST_TAGS]
    found = [entity(EntityKind.HOST, host) for host in hosts]
    for names, kind in (
        (_APPLICATION_TAGS, EntityKind.APPLICATION),
        (_USER_TAGS, EntityKind.USER),
        (_SOURCE_TAGS, EntityKind.SOURCE_ADDRESS),
        (_ACCOUNT_TAGS, EntityKind.ACCOUNT),
    ):
        found.extend(entity(kind, value) for name, value in tags if name in names)
    attributes = {key: value for key, value in record.items() if any(one in bare_name(key) for one in _STRUCTURED)}
    told = macros_of(attributes, _UNRESOLVED).values.items() if attributes else ()
    for kind, endings in _ATTRIBUTES.items():
        found.extend(entity(kind, value) for name, value in told if name.endswith(endings))
    return gathered(found)


def labels_of(values: Macros, heading: Heading) -> dict[str, str]:
    """Tags and scope by their own names, and what Datadog says of the monitor; never a key of the operator's own."""
    tags = _pairs(",".join([heading.scope, *(values.first(name) for name in _TAGGED)]))
    named = (
        ("host", ("hostname",)),
        ("monitor_id", ("alertid", "monitorid")),
        ("alert_transition", ("alerttransition",)),
        ("event_type", ("eventtype",)),
        ("metric", ("alertmetric", "metric")),
        ("org", ("orgname",)),
        ("org_id", ("orgid",)),
        ("security_rule", ("securityrulename",)),
    )
    return labels_from([*tags[:_LABEL_LIMIT], *((label, values.first(*names)) for label, names in named)])


def _pairs(text: str) -> list[tuple[str, str]]:
    """`host:web-01, service:crm` as pairs, names in lower case; tags without a value say nothing here."""
    parts = (part.strip().strip("{}\"' ") for part in text[:10_000].split(","))
    split = (part.partition(":") for part in parts)
    # A facet of a log stands with an "@" before its name.
    return [
        (name.strip().lstrip("@").lower(), value.strip()) for name, colon, value in split if colon and value.strip()
    ]
