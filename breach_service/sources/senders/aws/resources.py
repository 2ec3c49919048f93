"""The things that AWS names: ARNs, dimensions of metrics, tags; and the parts of an event that every reader needs.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html and
https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from breach_service.domain.alert import Entity, EntityKind, EntityRole, Severity
from breach_service.sources.parts.entities import entity
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import records_at, text_at, text_of

_ARN = re.compile(r"arn:(?P<partition>[\w-]*):(?P<service>[\w.-]*):(?P<region>[\w-]*):(?P<account>[\w-]*):(?P<rest>.+)")
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_DECIMAL = re.compile(r"\d{1,6}(?:\.\d{1,12})?", re.ASCII)
_HOST_DIMENSIONS = frozenset(
    {"instanceid", "dbinstanceidentifier", "host", "hostname", "instancename", "nodename", "instance", "cacheclusterid"}
)
_HOST_SERVICES: Mapping[str, tuple[str, ...]] = {"ec2": ("instance/",), "rds": ("db:",), "ssm": ("managed-instance/",)}
_NO_THING = frozenset(
    {"accountid", "linkedaccount", "healthcheckid", "imageid", "currency", "keyid", "availabilityzone"}
)
_NAMING = re.compile(r"(name|identifier|id|loadbalancer|targetgroup|cluster|bucket|function|queue|app|service)$")
_NESTED_DEPTH = 14
"""Deeper than any documented finding."""


@dataclass(frozen=True)
class Event:
    """One event of EventBridge, or a finding that came without one: then all but `detail` is empty."""

    detail: Record
    detail_type: str = ""
    source: str = ""
    """The service, as `aws.guardduty`."""
    account: str = ""
    region: str = ""
    happened_at: datetime | None = None
    resources: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Arn:
    """The parts of an Amazon Resource Name; empty where the text is none."""

    service: str = ""
    region: str = ""
    account: str = ""
    rest: str = ""

    @property
    def name(self) -> str:
        """What stands last: the name or the id of the thing."""
        return re.split(r"[:/]", self.rest)[-1]


def arn_of(text: str) -> Arn:
    """The parts of an ARN."""
    found = _ARN.fullmatch(text.strip()[:2048])
    if found is None:
        return Arn()
    return Arn(found["service"].lower(), found["region"], found["account"], found["rest"])


def entity_of_arn(text: str, role: EntityRole | None = None) -> Entity | None:
    """The thing that an ARN, or the `AWS::::Account:…` of Security Hub, names; None where it names none."""
    if text.upper().startswith("AWS::::ACCOUNT:"):
        return entity_of_account(text.rpartition(":")[2])
    arn = arn_of(text)
    if not arn.rest:
        return None
    if any(arn.rest.startswith(start) for start in _HOST_SERVICES.get(arn.service, ())):
        return entity(EntityKind.HOST, arn.name, role)
    if arn.service in ("iam", "sts"):
        return _entity_of_identity(arn, role)
    if arn.service == "cloudformation":
        return entity(EntityKind.APPLICATION, arn.rest.split("/")[1] if "/" in arn.rest else arn.name, role)
    if arn.service == "s3":
        return entity(EntityKind.APPLICATION, arn.rest.partition("/")[0], role)
    return entity(EntityKind.APPLICATION, _balanced_name(arn.rest) or arn.name, role)


def _entity_of_identity(arn: Arn, role: EntityRole | None) -> Entity | None:
    if arn.rest == "root":
        return entity(EntityKind.USER, "root", role)
    kind = EntityKind.USER if arn.rest.startswith(("user/", "role/", "assumed-role/")) else EntityKind.APPLICATION
    parts = arn.rest.split("/")
    name = parts[1] if parts[0] == "assumed-role" and len(parts) > 1 else parts[-1]
    return entity(kind, name, role)


def entity_of_account(text: str) -> Entity | None:
    """An AWS account, by its twelve digits."""
    return entity(EntityKind.ACCOUNT, text) if _ACCOUNT.fullmatch(text.strip()) else None


def entities_of_dimensions(pairs: Iterable[tuple[str, str]]) -> list[Entity | None]:
    """The machines and applications that the dimensions of a metric name."""
    found: list[Entity | None] = []
    for name, value in pairs:
        plain = name.lower().replace("_", "").replace("-", "").replace(" ", "")
        if value.startswith("arn:"):
            found.append(entity_of_arn(value))
        elif plain in _HOST_DIMENSIONS:
            found.append(entity(EntityKind.HOST, value))
        elif plain not in _NO_THING and _NAMING.search(plain):
            found.append(entity(EntityKind.APPLICATION, _balanced_name(value) or value))
    return found


def _balanced_name(text: str) -> str:
    """The name within `app/<name>/<hash>` and `targetgroup/<name>/<hash>`."""
    parts = text.removeprefix("loadbalancer/").split("/")
    return parts[1] if len(parts) == 3 and parts[0] in ("app", "net", "gwy", "targetgroup") else ""


def tags_of(record: Record, *path: str) -> list[tuple[str, str]]:
    """Tags as pairs, written as a list of key and value or as an object."""
    listed = records_at(record, *path)
    if listed:
        return [(text_at(tag, "key") or text_at(tag, "name"), text_at(tag, "value")) for tag in listed]
    held: Any = record
    for key in path:
        held = held.get(key) if isinstance(held, dict) else None
    return [(str(key), text_of(value)) for key, value in held.items()] if isinstance(held, dict) else []


def machine_named_by(tags: Iterable[tuple[str, str]]) -> Entity | None:
    """The machine whose name its owner wrote in the tag `Name`."""
    return next((entity(EntityKind.HOST, value) for key, value in tags if key.lower() == "name"), None)


def lowered(value: Any, depth: int = _NESTED_DEPTH) -> Any:
    """The same with every key beginning in lower case: the APIs of AWS write `Severity`, their events `severity`."""
    if depth == 0:
        return value
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: lowered(inner, depth - 1) for key, inner in value.items()}
    return [lowered(inner, depth - 1) for inner in value] if isinstance(value, list) else value


def decimal_in(text: str) -> float | None:
    """A number that is not negative, as the sender wrote it; None where it is none."""
    return float(text) if _DECIMAL.fullmatch(text) else None


def severity_of_number(text: str, *steps: tuple[float, Severity]) -> Severity:
    """The severity of the first step that the number reaches; UNKNOWN where it reaches none or is no number."""
    number = decimal_in(text)
    if number is None:
        return Severity.UNKNOWN
    return next((severity for least, severity in steps if number >= least), Severity.UNKNOWN)


def finding_identity(text: str) -> str:
    """The id of a finding, the same whether it is written bare or within the ARN that Security Hub gives it."""
    return text.rpartition("/finding/")[2] if text.startswith("arn:") else text
