"""The things that a record of Wazuh names: which machine is concerned, who acted, what was touched."""

from breach_service.domain.alert import Entity, EntityKind, EntityRole
from breach_service.sources.parts.entities import address_of, entities_of, entity, gathered
from breach_service.sources.parts.intrusion import Sides, sides_of
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import first_text, record_at, text_at

_MANAGER_ID = "000"
DESTINATIONS = (("data", "dest_ip"), ("data", "dstip"))
"""Where a record names the other end of a connection."""

_GUARD_DUTY = ("data", "aws", "service", "action")
_SOURCE_ADDRESSES = (
    ("data", "srcip"),
    ("data", "src_ip"),
    ("data", "win", "eventdata", "ipAddress"),
    ("data", "aws", "sourceIPAddress"),
    ("data", "office365", "ClientIP"),
    (*_GUARD_DUTY, "networkConnectionAction", "remoteIpDetails", "ipAddressV4"),
    (*_GUARD_DUTY, "awsApiCallAction", "remoteIpDetails", "ipAddressV4"),
    (*_GUARD_DUTY, "portProbeAction", "portProbeDetails", "remoteIpDetails", "ipAddressV4"),
    ("data", "gcp", "protoPayload", "requestMetadata", "callerIp"),
    ("data", "github", "actor_ip"),
)
_TARGET_USERS = (("data", "dstuser"), ("data", "win", "eventdata", "targetUserName"), ("data", "github", "user"))
_SOURCE_USERS = (("data", "srcuser"), ("data", "win", "eventdata", "subjectUserName"))
_ACTING_USERS = (
    ("data", "aws", "userIdentity", "userName"),
    ("data", "github", "actor"),
    ("data", "gcp", "protoPayload", "authenticationInfo", "principalEmail"),
    ("data", "win", "eventdata", "sourceUser"),
    ("syscheck", "audit", "user", "name"),
)
_ACCOUNTS = (
    ("data", "aws", "recipientAccountId"),
    ("data", "aws", "aws_account_id"),
    ("data", "aws", "accountId"),
    ("data", "office365", "OrganizationId"),
    ("data", "github", "org"),
    ("data", "gcp", "resource", "labels", "project_id"),
)
_OTHER_USERS = (("data", "user"), ("data", "office365", "UserId"))
_FILES = (("syscheck", "path"), ("data", "virustotal", "source", "file"), ("data", "file"))
_PROCESSES = (
    ("data", "win", "eventdata", "image"),
    ("data", "win", "eventdata", "sourceImage"),
    ("syscheck", "audit", "process", "name"),
)
_HASHES = (
    ("syscheck", "sha256_after"),
    ("data", "virustotal", "source", "sha1"),
    ("data", "virustotal", "source", "md5"),
)


def entities_of_record(record: Record) -> tuple[Entity, ...]:
    """The machine, the other side, the accounts, files and processes that the record names."""
    sides = sides_of_record(record)
    return gathered(
        [_machine_of(record, sides)],
        [entity(EntityKind.ADDRESS, sides.own), entity(EntityKind.SOURCE_ADDRESS, sides.other)],
        _users_of(record),
        entities_of(EntityKind.FILE, (text_at(record, *path) for path in _FILES)),
        entities_of(EntityKind.FILE_HASH, (text_at(record, *path) for path in _HASHES)),
        entities_of(EntityKind.PROCESS, (text_at(record, *path) for path in _PROCESSES)),
        entities_of(EntityKind.ACCOUNT, [first_text(record, *_ACCOUNTS)]),
        entities_of(EntityKind.HOST, [text_at(record, "data", "aws", "resource", "instanceDetails", "instanceId")]),
        entities_of(EntityKind.APPLICATION, [text_at(record, "data", "github", "repo")]),
    )


def _users_of(record: Record) -> list[Entity]:
    """The accounts, those that it happened to first: the first mention decides the part.

    `srcuser` acts where another account is named beside it (sudo, su); alone it is the name that somebody tried.
    """
    targets = entities_of(EntityKind.USER, (text_at(record, *path) for path in _TARGET_USERS), EntityRole.TARGET)
    part = EntityRole.ACTOR if targets else None
    return [
        *targets,
        *entities_of(EntityKind.USER, (text_at(record, *path) for path in _SOURCE_USERS), part),
        *entities_of(EntityKind.USER, (text_at(record, *path) for path in _ACTING_USERS), EntityRole.ACTOR),
        *entities_of(EntityKind.USER, (text_at(record, *path) for path in _OTHER_USERS)),
    ]


def carries_signature(record: Record) -> bool:
    """True where `data` is an alert record of Suricata."""
    return bool(text_at(record, "data", "alert", "signature"))


def sides_of_record(record: Record) -> Sides:
    """The addresses of the machine concerned and of the other side.

    The agent that reports is concerned, unless the record names a connection between two others that it only saw.
    """
    reporter = "" if _is_relayed(record) else address_of(text_at(record, "agent", "ip")) or ""
    source = first_text(record, *_SOURCE_ADDRESSES)
    destination = first_text(record, *DESTINATIONS)
    if not destination:
        return Sides(reporter, "" if address_of(source) == reporter else source)
    sides = sides_of({**record_at(record, "data"), "src_ip": source, "dest_ip": destination})
    return Sides(sides.other, sides.own) if reporter and reporter == sides.other else sides


def _is_relayed(record: Record) -> bool:
    """True for a line that came to the manager by syslog: the machine is the one in the line, not the manager."""
    return text_at(record, "agent", "id") == _MANAGER_ID and bool(text_at(record, "predecoder", "hostname"))


def _machine_of(record: Record, sides: Sides) -> Entity | None:
    """The machine concerned by name; None where the one that reports is a sensor or a firewall between two others."""
    is_connection = bool(first_text(record, *DESTINATIONS))
    if _is_relayed(record):
        return None if is_connection else entity(EntityKind.HOST, text_at(record, "predecoder", "hostname"))
    reporter = address_of(text_at(record, "agent", "ip"))
    if is_connection and reporter is not None and reporter != sides.own:
        return None
    # What the manager fetches from a cloud did not happen to the manager.
    is_fetched = text_at(record, "agent", "id") == _MANAGER_ID and bool(text_at(record, "data", "integration"))
    return entity(EntityKind.HOST, text_at(record, "agent", "name"), EntityRole.INVOLVED if is_fetched else None)
