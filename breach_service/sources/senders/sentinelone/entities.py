"""The things that a threat, an activity or an alert of SentinelOne names.

Alerts of custom rules (STAR) put them into `alertInfo`, `sourceProcessInfo` and `targetProcessInfo`, unified alerts
into `assets`, `process` and `detectionTime`.

Alerts of Singularity Identity carry the raw finding in the manner of OCSF (`rawData`): its evidence names both ends.
"""

import re
from collections.abc import Iterator

from breach_service.domain.alert import Entity, EntityKind, EntityRole
from breach_service.sources.parts.entities import address_of, entities_of, entity, gathered
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import first_text, record_at, records_at, text_at, texts_at

_HOSTS = (
    ("agentRealtimeInfo", "agentComputerName"),
    ("agentDetectionInfo", "agentComputerName"),
    ("data", "computerName"),
    ("data", "origagentname"),
    ("alertInfo", "agentComputerName"),
    ("agentRealtimeInfo", "name"),
    ("agentDetectionInfo", "name"),
    ("computerName",),
)
_FILES = (
    ("threatInfo", "filePath"),
    ("data", "filePath"),
    ("process", "file", "path"),
    ("targetProcessInfo", "tgtFilePath"),
)
_HASHES = (
    ("threatInfo", "sha256"),
    ("threatInfo", "sha1"),
    ("threatInfo", "md5"),
    ("data", "fileContentHash"),
    ("process", "file", "sha256"),
    ("sourceProcessInfo", "fileHashSha256"),
    ("sourceProcessInfo", "fileHashSha1"),
)
_PROCESSES = (
    ("threatInfo", "originatorProcess"),
    ("data", "sourceprocessname"),
    ("sourceProcessInfo", "filePath"),
    ("sourceProcessInfo", "name"),
)
_USERS = (
    ("threatInfo", "processUser"),
    ("data", "sourceparentprocessusername"),
    ("sourceProcessInfo", "user"),
)
_CUSTOMERS = (
    ("agentDetectionInfo", "accountName"),
    ("data", "accountName"),
    ("accountName",),
    ("detectionTime", "scope", "accountName"),
    ("agentDetectionInfo", "accountId"),
)
# Alerts of custom rules say what an event showed: the other side of a connection, or where somebody signed in from.
_OTHER_SIDES = (("alertInfo", "dstIp"), ("alertInfo", "srcIp"), ("detectionTime", "attacker", "ip"))
_NO_HASH = re.compile(r"0+")
# Linux agents give three accounts in one text, mostly the same one.
_ACCOUNTS = re.compile(r"\b(?:Effective|Real|Login): ?([^,]{1,200})")
_PEOPLE = ("user", "identity", "account")
_LINK_LOCAL = ("fe80:", "169.254.")


def entities_of_record(record: Record) -> tuple[Entity, ...]:
    """Machine, its addresses, accounts, file, process, and both ends of what an alert about identities saw."""
    user = first_text(record, *_USERS)
    digest = first_text(record, *_HASHES)
    return gathered(
        [
            entity(EntityKind.HOST, first_text(record, *_HOSTS)),
            entity(EntityKind.PROCESS, first_text(record, *_PROCESSES)),
            entity(EntityKind.FILE, first_text(record, *_FILES)),
            entity(EntityKind.FILE_HASH, "" if _NO_HASH.fullmatch(digest) else digest),
            entity(EntityKind.ACCOUNT, first_text(record, *_CUSTOMERS)),
            entity(EntityKind.USER, text_at(record, "alertInfo", "loginsUserName")),
            entity(EntityKind.USER, text_at(record, "detectionTime", "targetUser", "name"), EntityRole.TARGET),
            entity(EntityKind.HOST, text_at(record, "detectionTime", "attacker", "host"), EntityRole.ACTOR),
            entity(EntityKind.DOMAIN, text_at(record, "alertInfo", "dnsRequest")),
        ],
        entities_of(EntityKind.USER, dict.fromkeys(_ACCOUNTS.findall(user)) or [user]),
        entities_of(EntityKind.ADDRESS, _addresses_of(record)),
        _others_in(record),
        _assets_of(record),
        _scenes_of(record_at(record, "rawData")),
    )


def _addresses_of(record: Record) -> list[str]:
    """The addresses of the agent; those of one link alone name no machine to anybody."""
    agent = record_at(record, "agentDetectionInfo")
    written = [text_at(agent, "agentIpV4") or text_at(record, "data", "agentipv4"), text_at(agent, "agentIpV6")]
    interfaces = records_at(record, "agentRealtimeInfo", "networkInterfaces")
    written += [text_at(record, "alertInfo", "srcMachineIp")]
    held = records_at(record, "detectionTime", "assets")
    written += [text_at(one, "asset", key) for one in held for key in ("ipV4", "ipV6")]
    written += [text for one in interfaces for text in (*texts_at(one, "inet"), *texts_at(one, "inet6"))]
    found = [address for text in written for one in text.split(",") if (address := address_of(one)) is not None]
    return [address for address in found if not address.startswith(_LINK_LOCAL)]


def _others_in(record: Record) -> list[Entity]:
    own = set(_addresses_of(record))
    found = entities_of(EntityKind.SOURCE_ADDRESS, (text_at(record, *path) for path in _OTHER_SIDES))
    return [one for one in found if one.value not in own]


def _assets_of(record: Record) -> Iterator[Entity | None]:
    """What an alert is about: machines, or accounts of the directory."""
    for asset in (record_at(record, "asset"), *records_at(record, "assets")):
        yield _named(text_at(asset, "name"), f"{text_at(asset, 'category')} {text_at(asset, 'subcategory')}")
    for resource in records_at(record, "rawData", "resources"):
        yield _named(text_at(resource, "name"), text_at(resource, "type"))


def _named(name: str, kind: str) -> Entity | None:
    is_person = any(word in kind.lower() for word in _PEOPLE)
    return entity(EntityKind.USER if is_person else EntityKind.HOST, name, EntityRole.TARGET)


def _scenes_of(finding: Record) -> Iterator[Entity | None]:
    for scene in records_at(finding, "evidences"):
        source, target = record_at(scene, "src_endpoint"), record_at(scene, "dst_endpoint")
        yield entity(EntityKind.HOST, text_at(target, "hostname"))
        yield entity(EntityKind.ADDRESS, text_at(target, "ip"))
        yield entity(EntityKind.SOURCE_ADDRESS, text_at(source, "ip"))
        yield entity(EntityKind.HOST, text_at(source, "hostname"), EntityRole.ACTOR)
        yield entity(EntityKind.USER, text_at(scene, "actor", "user", "name"), EntityRole.ACTOR)
