"""The things that Microsoft's security products name, in the four spellings that they have for them.

Graph evidence by `@odata.type` (learn.microsoft.com/graph/api/resources/security-alertevidence), Sentinel entities by
`kind`, entities of alerts by `Type` (learn.microsoft.com/azure/sentinel/entities-reference), and those of the older
Defender APIs by `entityType`; besides, the ids of resources of Azure.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from breach_service.domain.alert import Entity, EntityKind, EntityRole
from breach_service.sources.parts.entities import address_of, entities_of, entity
from breach_service.sources.parts.masking import masked
from breach_service.sources.parts.payload import Record, decoded
from breach_service.sources.parts.reading import first_text, record_at, records_at, text_at, texts_at, value_at

_RESOURCE = re.compile(r"/subscriptions/(?P<subscription>[^/]+)(?:/.*)?", re.IGNORECASE)
_MACHINE_TYPES = (
    "microsoft.compute/virtualmachines",
    "microsoft.hybridcompute/machines",
    "microsoft.compute/virtualmachinescalesets",
)
_NESTED_DEPTH = 12
_RELATIONS = "microsoft.authorization/"
# https://learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers
_EVERY_MACHINE_HAS = frozenset({"S-1-5-18", "S-1-5-19", "S-1-5-20"})
_SERVICE_DOMAINS = frozenset({"nt authority", "nt service", "window manager", "font driver host"})

_TARGETS = frozenset({"compromised", "attacked", "destination", "created", "edited", "scanned"})
_ACTORS = frozenset({"attacker", "commandandcontrol", "source"})
_KIND_ENDINGS = re.compile(r"(evidence|entity)$")
_NOT_A_LETTER = re.compile(r"[^a-z]")


_JOINT = re.compile(r"(?<=[a-z0-9])_([a-z])")


def plain_key(key: str) -> str:
    """A key in the spelling of the products' own pages: half of them write `AlertDisplayName`.

    Scripts that ask them through Microsoft's libraries for Python pass on `alert_display_name`.
    """
    return _JOINT.sub(lambda found: found[1].upper(), key[:1].lower() + key[1:])


def lowered(value: Any, depth: int = _NESTED_DEPTH) -> Any:
    """The same with every key in the plain spelling."""
    if depth == 0:
        return value
    if isinstance(value, dict):
        return {plain_key(key): lowered(inner, depth - 1) for key, inner in value.items()}
    return [lowered(inner, depth - 1) for inner in value] if isinstance(value, list) else value


def subscription_of(text: str) -> str:
    """The subscription within the id of a resource of Azure, empty where the text is none."""
    found = _RESOURCE.fullmatch(text.strip()[:2000])
    return found["subscription"].lower() if found else ""


def resource_type_of(text: str) -> str:
    """The type of a resource of Azure, `microsoft.compute/virtualmachines`, out of its id; empty where it has none."""
    _, _, provided = text.lower().rpartition("/providers/")
    parts = provided.split("/")
    return "/".join(parts[:2]) if len(parts) >= 3 else ""


def entities_of_resource(text: str) -> list[Entity | None]:
    """The machine or application that the id of a resource of Azure names, and the subscription that it is in."""
    subscription = subscription_of(text)
    if not subscription:
        return []
    kind = EntityKind.HOST if resource_type_of(text) in _MACHINE_TYPES else EntityKind.APPLICATION
    named = text.strip().rstrip("/").split("/")
    # Of a part of a resource (a database of a server) the resource itself is what people know.
    name = named[-1] if "providers" in [part.lower() for part in named] else ""
    if resource_type_of(text).startswith(_RELATIONS):
        # Who may do what has an id, but is no thing.
        name = ""
    return [entity(EntityKind.ACCOUNT, subscription), entity(kind, name) if name else None]


def entities_in(records: Iterable[Record]) -> Iterator[Entity | None]:
    """The things that a list of evidence or of entities names, whatever its spelling."""
    for record in records:
        plain: Record = lowered(record)
        held = {**plain, **record_at(plain, "properties"), **record_at(plain, "additionalData")}
        yield from _READERS.get(_kind_of(plain), _nothing)(held, _role_of(plain))


def records_in(value: Any) -> tuple[Record, ...]:
    """The objects of a list, which some products write as JSON within a text."""
    return records_at({"members": decoded(value)}, "members")


def _kind_of(record: Record) -> str:
    written = first_text(record, ("@odata.type",), ("kind",), ("entityType",), ("type",))
    return _KIND_ENDINGS.sub("", _NOT_A_LETTER.sub("", written.rpartition(".")[2].rpartition("/")[2].lower()))


def _role_of(record: Record) -> EntityRole | None:
    said = {role.lower() for role in texts_at(record, "roles")}
    if said & _ACTORS:
        return EntityRole.ACTOR
    return EntityRole.TARGET if said & _TARGETS else None


Found = Iterator[Entity | None]


def _nothing(_record: Record, _role: EntityRole | None) -> Found:
    return iter(())


def _host(record: Record, role: EntityRole | None) -> Found:
    name, domain = first_text(record, ("hostName",), ("netBiosName",), ("deviceName",)), text_at(record, "dnsDomain")
    full = first_text(record, ("deviceDnsName",), ("computerDnsName",), ("fqdn",), ("dnsName",))
    named = f"{name}.{domain}" if name and domain and "." not in name else name
    yield entity(EntityKind.HOST, full or named or text_at(record, "friendlyName"), role)
    places = (*texts_at(record, "ipInterfaces"), text_at(record, "lastIpAddress"), text_at(record, "privateIpAddress"))
    # Every machine has the same link-local addresses: they would make strangers meet.
    addresses = [text for text in places if not text.lower().startswith(("fe80", "169.254."))]
    yield from entities_of(EntityKind.ADDRESS, addresses)
    people = (user for user in records_at(record, "loggedOnUsers") if not is_of_every_machine(user))
    yield from (entity(EntityKind.USER, text_at(user, "accountName")) for user in people)


def _user(record: Record, role: EntityRole | None) -> Found:
    account = {**record, **record_at(record, "userAccount")}
    name, suffix = (
        first_text(account, ("accountName",), ("name",)),
        text_at(account, "uPNSuffix") or text_at(account, "upnSuffix"),
    )
    if is_of_every_machine(account):
        return
    full = first_text(account, ("userPrincipalName",), ("primaryAddress",), ("mailboxPrimaryAddress",), ("upn",))
    joined = f"{name}@{suffix}" if name and suffix and "@" not in name else name
    yield entity(EntityKind.USER, full or joined or first_text(account, ("displayName",), ("friendlyName",)), role)


def is_of_every_machine(account: Record) -> bool:
    """True for SYSTEM and its like, which every Windows has: they would make strangers meet."""
    domain = first_text(account, ("domainName",), ("nTDomain",), ("ntDomain",), ("accountDomain",)).lower()
    number = first_text(account, ("userSid",), ("sid",), ("accountSid",))
    return domain in _SERVICE_DOMAINS or number in _EVERY_MACHINE_HAS


def _address(record: Record, role: EntityRole | None) -> Found:
    written = first_text(record, ("ipAddress",), ("address",))
    kind = EntityKind.ADDRESS if role is EntityRole.TARGET else EntityKind.SOURCE_ADDRESS
    yield entity(kind, written, role)


def _file(record: Record, role: EntityRole | None) -> Found:
    held = {**record, **record_at(record, "fileDetails"), **record_at(record, "imageFile")}
    folder = first_text(held, ("filePath",), ("directory",), ("path",))
    name = first_text(held, ("fileName",), ("name",))
    slash = "\\" if "\\" in folder else "/"
    joined = folder if not name or folder.endswith(name) else f"{folder.rstrip(slash)}{slash}{name}" if folder else name
    yield entity(EntityKind.FILE, joined, role)
    hashes = (text_at(held, "sha256"), text_at(held, "sha1"), *_hashes_of(held))
    yield from entities_of(EntityKind.FILE_HASH, hashes)


def _hashes_of(record: Record) -> Iterator[str]:
    for one in records_at(record, "fileHashes"):
        yield first_text(one, ("value",), ("hashValue",))
    yield first_text(record, ("fileHash", "hashValue"), ("hashValue",), ("value",))


def _process(record: Record, role: EntityRole | None) -> Found:
    image = record_at(record, "imageFile")
    name = first_text(image, ("fileName",), ("name",)) or first_text(record, ("fileName",), ("processName",))
    yield entity(EntityKind.PROCESS, name or masked(text_at(record, "commandLine")), role)
    hashes = (text_at(one, key) for one in (image, record) for key in ("sha256", "sha1"))
    yield from entities_of(EntityKind.FILE_HASH, hashes)
    yield from _user(record_at(record, "userAccount"), None)


def _mail(record: Record, role: EntityRole | None) -> Found:
    yield entity(EntityKind.USER, first_text(record, ("recipientEmailAddress",), ("recipient",)), role)
    sender = first_text(record, ("p2Sender", "emailAddress"), ("p1Sender", "emailAddress"), ("p2Sender",), ("sender",))
    yield entity(EntityKind.USER, sender, EntityRole.ACTOR)
    yield from entities_of(EntityKind.SOURCE_ADDRESS, (text_at(record, "senderIp"), text_at(record, "senderIP")))
    yield from entities_of(EntityKind.URL, texts_at(record, "urls"))


def _url(record: Record, role: EntityRole | None) -> Found:
    yield entity(EntityKind.URL, text_at(record, "url"), role)


def _domain(record: Record, role: EntityRole | None) -> Found:
    yield entity(EntityKind.DOMAIN, text_at(record, "domainName"), role)


def _application(record: Record, role: EntityRole | None) -> Found:
    name = first_text(record, ("displayName",), ("appName",), ("name",), ("friendlyName",))
    yield entity(EntityKind.APPLICATION, name, role)


def _resource(record: Record, role: EntityRole | None) -> Found:
    written = first_text(record, ("resourceId",), ("amazonResourceId",))
    if subscription_of(written):
        yield from entities_of_resource(written)
    else:
        yield entity(EntityKind.APPLICATION, first_text(record, ("resourceName",), ("name",)) or written, role)
    yield entity(EntityKind.ACCOUNT, first_text(record, ("amazonAccountId",), ("projectId",)))


def _connection(record: Record, role: EntityRole | None) -> Found:
    for end in ("sourceAddress", "destinationAddress"):
        written = first_text(record, (end, "ipAddress"), (end, "address"), (end,))
        yield entity(EntityKind.SOURCE_ADDRESS, written) if address_of(written) else None


_READERS: Mapping[str, Any] = {
    **dict.fromkeys(("device", "host", "machine", "iotdevice"), _host),
    **dict.fromkeys(("user", "account", "mailbox", "userstate"), _user),
    **dict.fromkeys(("ip", "ipaddress"), _address),
    **dict.fromkeys(("file", "filehash"), _file),
    **dict.fromkeys(("process",), _process),
    **dict.fromkeys(("analyzedmessage", "mailmessage"), _mail),
    **dict.fromkeys(("url",), _url),
    **dict.fromkeys(("dns", "dnsresolution", "dnsresolutions", "domain"), _domain),
    **dict.fromkeys(
        (
            "cloudapplication",
            "oauthapplication",
            "application",
            "container",
            "kubernetescluster",
            "kubernetespod",
            "blob",
        ),
        _application,
    ),
    **dict.fromkeys(("azureresource", "amazonresource", "googlecloudresource"), _resource),
    **dict.fromkeys(("networkconnection",), _connection),
}


def values_of(record: Record, *path: str) -> tuple[Record, ...]:
    """The objects of the list at the end of the path, also where it is JSON within a text."""
    return records_in(value_at(record, *path))
