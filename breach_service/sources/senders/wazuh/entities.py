"""The things that a record of Wazuh names: which machine is concerned, who acted, what was touched."""

from breach_service.domain.alert import Entity, EntityKind, EntityRole
from breach_service.sources.parts.entities import address_of, entities_of, entity, gathered
from breach_service.sources.parts.intrusion import Sides, sides_of
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import all_texts, first_text, record_at, text_at

_MANAGER_ID = "000"
DESTINATIONS = (("data", "dest_ip"), ("data", "dstip"))
"""Where a record names the other end of a connection."""

# Places within "data".
_GUARD_DUTY = ("aws", "service", "action")
_SOURCE_ADDRESSES = (
    ("srcip",),
    ("src_ip",),
    ("win", "eventdata", "ipAddress"),
    ("aws", "sourceIPAddress"),
    ("office365", "ClientIP"),
    (*_GUARD_DUTY, "networkConnectionAction", "remoteIpDetails", "ipAddressV4"),
    (*_GUARD_DUTY, "awsApiCallAction", "remoteIpDetails", "ipAddressV4"),
    (*_GUARD_DUTY, "portProbeAction", "portProbeDetails", "remoteIpDetails", "ipAddressV4"),
    ("gcp", "protoPayload", "requestMetadata", "callerIp"),
    ("github", "actor_ip"),
)
_TARGET_USERS = (("dstuser",), ("win", "eventdata", "targetUserName"), ("github", "user"))
_SOURCE_USERS = (("srcuser",), ("win", "eventdata", "subjectUserName"))
_ACTING_USERS = (
    ("aws", "userIdentity", "userName"),
    ("github", "actor"),
    ("gcp", "protoPayload", "authenticationInfo", "principalEmail"),
    ("win", "eventdata", "sourceUser"),
)
_ACCOUNTS = (
    ("aws", "recipientAccountId"),
    ("aws", "aws_account_id"),
    ("aws", "accountId"),
    ("office365", "OrganizationId"),
    ("github", "org"),
    ("gcp", "resource", "labels", "project_id"),
)
_OTHER_USERS = (("user",), ("office365", "UserId"))
_FILES = (("virustotal", "source", "file"), ("file",))
_PROCESSES = (("win", "eventdata", "image"), ("win", "eventdata", "sourceImage"))
_HASHES = (("virustotal", "source", "sha1"), ("virustotal", "source", "md5"))
_WATCHED = {
    EntityKind.USER: (("syscheck", "audit", "user", "name"),),
    EntityKind.FILE: (("syscheck", "path"),),
    EntityKind.FILE_HASH: (("syscheck", "sha256_after"),),
    EntityKind.PROCESS: (("syscheck", "audit", "process", "name"),),
}
"""Where the watch over files says who touched what, beside "data"."""


def entities_of_record(record: Record) -> tuple[Entity, ...]:
    """The machine, the other side, the accounts, files and processes that the record names."""
    sides, data = sides_of_record(record), record_at(record, "data")
    return gathered(
        [_machine_of(record, sides)],
        [entity(EntityKind.ADDRESS, sides.own), entity(EntityKind.SOURCE_ADDRESS, sides.other)],
        _users_of(record, data),
        _touched(EntityKind.FILE, record, data, _FILES),
        _touched(EntityKind.FILE_HASH, record, data, _HASHES),
        _touched(EntityKind.PROCESS, record, data, _PROCESSES),
        entities_of(EntityKind.ACCOUNT, [first_text(data, *_ACCOUNTS)]),
        entities_of(EntityKind.HOST, all_texts(data, ("aws", "resource", "instanceDetails", "instanceId"))),
        entities_of(EntityKind.APPLICATION, all_texts(data, ("github", "repo"))),
    )


def _touched(kind: EntityKind, record: Record, data: Record, paths: tuple[tuple[str, ...], ...]) -> list[Entity]:
    return entities_of(kind, (*all_texts(record, *_WATCHED[kind]), *all_texts(data, *paths)))


def _users_of(record: Record, data: Record) -> list[Entity]:
    """The accounts, those that it happened to first: the first mention decides the part.

    `srcuser` acts where another account is named beside it (sudo, su); alone it is the name that somebody tried.
    """
    targets = entities_of(EntityKind.USER, all_texts(data, *_TARGET_USERS), EntityRole.TARGET)
    acting = (*all_texts(data, *_ACTING_USERS), *all_texts(record, *_WATCHED[EntityKind.USER]))
    part = EntityRole.ACTOR if targets else None
    return [
        *targets,
        *entities_of(EntityKind.USER, all_texts(data, *_SOURCE_USERS), part),
        *entities_of(EntityKind.USER, acting, EntityRole.ACTOR),
        *entities_of(EntityKind.USER, all_texts(data, *_OTHER_USERS)),
    ]


def carries_signature(record: Record) -> bool:
    """True where `data` is an alert record of Suricata."""
    return bool(text_at(record, "data", "alert", "signature"))


def sides_of_record(record: Record) -> Sides:
    """The addresses of the machine concerned and of the other side.

    The agent that reports is concerned, unless the record names a connection between two others that it only saw.
    """
    reporter = "" if _is_relayed(record) else address_of(text_at(record, "agent", "ip")) or ""
    source = first_text(record_at(record, "data"), *_SOURCE_ADDRESSES)
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
