"""The things that an event of OCSF names: endpoints, resources, observables, evidence, each in its role.

https://schema.ocsf.io/objects: `device`, `src_endpoint`, `dst_endpoint`, `actor`, `user`, `resources`, `evidences`,
`observables` (whose `type_id` tells the kind of thing).
"""

from collections.abc import Iterator, Mapping

from breach_service.domain.alert import Entity, EntityKind, EntityRole
from breach_service.sources.parts.entities import entity, gathered
from breach_service.sources.parts.payload import Record, decoded
from breach_service.sources.parts.reading import (
    first_text,
    record_at,
    records_at,
    text_at,
    text_of,
    value_at,
    whole_number_at,
)

_TARGET, _ACTOR, _INVOLVED = EntityRole.TARGET, EntityRole.ACTOR, EntityRole.INVOLVED

_KIND_OF_OBSERVABLE: Mapping[int, EntityKind] = {
    1: EntityKind.HOST,
    2: EntityKind.ADDRESS,
    4: EntityKind.USER,
    5: EntityKind.USER,
    6: EntityKind.URL,
    7: EntityKind.FILE,
    8: EntityKind.FILE_HASH,
    9: EntityKind.PROCESS,
    21: EntityKind.USER,
    45: EntityKind.FILE,
}
"""`type_id` of an observable: host name, address, user name, mail address, URL, file name, hash, process name, path."""
_KIND_OF_NAME: Mapping[str, EntityKind] = {"hostname": EntityKind.HOST, "ip": EntityKind.ADDRESS}
"""Where the type is `Other` or `Unknown`, by what stands last in the name."""
_HOST_RESOURCES = ("instance", "host", "virtual machine", "server", "device", "container")
_ACCOUNT_RESOURCES = ("awsaccount", "aws::::account", "account", "subscription", "project")
_ASKED_FOR = ("query", "answers", "url", "http_request")
"""Names of observables whose host names were looked up or called, and are no machines of ours."""
_USER_RESOURCES = ("user", "accesskey", "access key", "role", "identity")


def entities_of_event(event: Record) -> tuple[Entity, ...]:
    """Everything that is named, the one who does it apart from what it is done to."""
    scenes = (event, *records_at(event, "evidences"), record_at(event, "evidences"))
    named = [found for scene in scenes for found in _scene(scene)]
    accounts = [
        entity(EntityKind.ACCOUNT, first_text(event, ("cloud", "account", "uid"), ("cloud", "account_uid"))),
        entity(EntityKind.ACCOUNT, text_at(event, "cloud", "project_uid")),
    ]
    known = {(one.kind, one.value) for one in named if one is not None}
    addresses = {value for kind, value in known if kind in (EntityKind.ADDRESS, EntityKind.SOURCE_ADDRESS)}
    observed = (one for one in _observables(event) if one is None or one.value not in addresses)
    return gathered(named, accounts, _resources(event), observed)


def _scene(scene: Record) -> Iterator[Entity | None]:
    """The two ends, the machine and the people of an event or of one piece of evidence."""
    for path in (("device",), ("dst_endpoint",)):
        held = record_at(scene, *path)
        yield _machine(held)
        yield entity(EntityKind.ADDRESS, text_at(held, "ip"))
    source = record_at(scene, "src_endpoint")
    yield entity(EntityKind.SOURCE_ADDRESS, text_at(source, "ip"))
    yield entity(EntityKind.DOMAIN, text_at(source, "domain"), _ACTOR)
    yield _user(record_at(scene, "user"), _TARGET)
    yield _user(record_at(scene, "actor", "user"), _ACTOR)
    yield from _files(scene)
    yield entity(EntityKind.DOMAIN, text_at(scene, "query", "hostname"))
    yield entity(EntityKind.URL, first_text(scene, ("url", "url_string"), ("http_request", "url", "url_string")))
    yield entity(EntityKind.PROCESS, first_text(scene, ("process", "name"), ("actor", "process", "name")))


def _machine(held: Record) -> Entity | None:
    return entity(EntityKind.HOST, first_text(held, ("hostname",), ("name",), ("instance_uid",)))


def _user(held: Record, role: EntityRole) -> Entity | None:
    return entity(EntityKind.USER, first_text(held, ("name",), ("email_addr",), ("uid_alt",), ("uid",)), role)


def _files(scene: Record) -> Iterator[Entity | None]:
    for file in (record_at(scene, "file"), record_at(scene, "process", "file")):
        yield entity(EntityKind.FILE, first_text(file, ("path",), ("name",)))
        for digest in records_at(file, "hashes"):
            yield entity(EntityKind.FILE_HASH, text_at(digest, "value"))


def _resources(event: Record) -> Iterator[Entity | None]:
    """The resources of a finding by their type: machines, people, and whatever else runs or holds something."""
    single = record_at(event, "resource")
    for held in (*records_at(event, "resources"), *([single] if single else []), *_affected(event)):
        kind, name = text_at(held, "type").lower(), first_text(held, ("name",), ("uid",))
        yield from _users_of(held)
        if any(word in kind for word in _HOST_RESOURCES):
            yield entity(
                EntityKind.HOST, first_text(held, ("hostname",), ("name",), ("uid",)).rpartition("/")[2], _TARGET
            )
        elif kind in _ACCOUNT_RESOURCES:
            # `AWS::::Account:111111111111`
            yield entity(EntityKind.ACCOUNT, name.rpartition(":")[2])
        elif any(word in kind for word in _USER_RESOURCES):
            yield entity(EntityKind.USER, _principal_in(held) or name, _TARGET)
        else:
            yield entity(EntityKind.APPLICATION, name, _TARGET)
        yield entity(EntityKind.ADDRESS, text_at(held, "ip"))


def _principal_in(held: Record) -> str:
    """Who an access key belongs to, where the vendor's own object says it; the key's number names nobody."""
    detail = decoded(value_at(held, "data"))
    inner = next((one for one in detail.values() if isinstance(one, dict)), {}) if isinstance(detail, dict) else {}
    return first_text(inner, ("UserName",), ("PrincipalName",), ("userName",))


def _affected(event: Record) -> Iterator[Record]:
    """What flaws were found in, where no resource is named."""
    for flaw in records_at(event, "vulnerabilities"):
        for package in records_at(flaw, "affected_packages"):
            if name := text_at(package, "name"):
                yield {"type": "package", "name": name}


def _users_of(held: Record) -> Iterator[Entity | None]:
    owner = record_at(held, "owner")
    if owner:
        yield _user(owner, _INVOLVED)


def _observables(event: Record) -> Iterator[Entity | None]:
    for one in records_at(event, "observables"):
        number = whole_number_at(one, "type_id")
        kind = _KIND_OF_OBSERVABLE.get(number) if number is not None else None
        name, value = text_at(one, "name").lower(), text_of(value_at(one, "value"))
        kind = kind or _KIND_OF_NAME.get(name.rpartition(".")[2])
        if kind is None:
            continue
        is_source = "src" in name or "source" in name or "attacker" in name or "remote" in name
        if kind is EntityKind.ADDRESS and is_source:
            kind = EntityKind.SOURCE_ADDRESS
        if kind is EntityKind.HOST and name.startswith(_ASKED_FOR):
            kind = EntityKind.DOMAIN
        yield entity(kind, value, _ACTOR if is_source and kind is not EntityKind.SOURCE_ADDRESS else None)
