"""The things that a security event or a threat of HarfangLab names."""

from breach_service.domain.alert import Entity, EntityKind, EntityRole
from breach_service.sources.parts.entities import entities_of, entity, gathered
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import first_text, record_at, records_at, text_at

_FILES = (
    ("details_file", "target_filename"),
    ("detection", "file_path"),
    ("av_detection_details", "path"),
    ("details_library", "image_loaded"),
    ("driverload", "imagepath"),
)
_HASHES = (
    ("detection", "file_hashes", "sha256"),
    ("details_library", "hashes", "sha256"),
    ("driverload", "hashes", "sha256"),
    ("process", "hashes", "sha256"),
)
_OTHER_SIDES = (("network", "daddr"), ("details_network", "daddr"), ("eventlog", "event_data", "IpAddress"))
_USERS = (("process", "username"), ("username",))


def entities_of_event(record: Record) -> tuple[Entity, ...]:
    """Machine, account, process, files, and the other side of a connection."""
    process = record_at(record, "process")
    agents = [text_at(agent, "agent_hostname") for agent in records_at(record, "agents")]
    persons = [text_at(person, "user_name") for person in records_at(record, "impacted_users")]
    return gathered(
        [
            entity(EntityKind.HOST, text_at(record, "agent", "hostname")),
            entity(EntityKind.ADDRESS, text_at(record, "agent", "ipaddress")),
            entity(EntityKind.PROCESS, first_text(process, ("image_name",), ("process_name",)) or _image_of(record)),
            entity(EntityKind.ACCOUNT, text_at(record, "tenant")),
            entity(EntityKind.URL, text_at(record, "details_url_request", "url")),
            entity(EntityKind.DOMAIN, text_at(record, "details_dns_resolution", "requested_name")),
        ],
        entities_of(EntityKind.HOST, agents),
        _accounts_in(record_at(record, "eventlog", "event_data")),
        entities_of(EntityKind.USER, (text_at(record, *path) for path in _USERS)),
        entities_of(EntityKind.USER, persons, EntityRole.TARGET),
        entities_of(EntityKind.SOURCE_ADDRESS, (text_at(record, *path) for path in _OTHER_SIDES)),
        entities_of(EntityKind.FILE, (text_at(record, *path) for path in _FILES)),
        entities_of(EntityKind.FILE_HASH, (text_at(record, *path) for path in _HASHES)),
    )


def _accounts_in(event: Record) -> list[Entity | None]:
    """Whom an event of Windows names. Where it is about a member of a group, its target is the name of the group."""
    subject = text_at(event, "SubjectUserName")
    target = text_at(event, "MemberName" if "MemberSid" in event else "TargetUserName")
    return [
        entity(EntityKind.USER, target),
        entity(EntityKind.USER, "" if subject.endswith("$") else subject, EntityRole.ACTOR),
    ]


def _image_of(record: Record) -> str:
    # For drivers and libraries the same key is the file that was loaded.
    return "" if record_at(record, "driverload") else text_at(record, "image_name")
