"""One shape for the many in which Keycloak's events travel.

The representations of Keycloak core (`EventRepresentation`, `AdminEventRepresentation`), the unified event of
p2-inc/keycloak-events, the line of the logger `org.keycloak.events` by itself or as the message of a JSON log line
(plain, ECS with dotted keys), and the MDC fields `event.…` of p2-inc.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from breach_service.sources.parts.payload import Record, decoded, records_of, text_of_body
from breach_service.sources.parts.plain_text import VALUE_LIMIT
from breach_service.sources.parts.reading import first_text, record_at, text_at, text_of, value_at
from breach_service.sources.request import Delivery

EXPECTED = 'an event of Keycloak, an object with "type" and "realmId", or a log line with type="…"'
_PAIR = re.compile(r"([A-Za-z_][\w.]{0,60})=(?:\"((?:[^\"\\]|\\.){0,4000})\"|([^,\s\"]{1,1000}))")
_LINE = re.compile(r"\b(?:type|operationType)=\"?[A-Z_]{3,}")
_LOGGER = "org.keycloak.events"
"""Listeners that write JSON put it behind the header of the log, and a word of the operator's before it."""
_NOBODY = frozenset({"", "null", "none"})


@dataclass(frozen=True)
class KeycloakEvent:
    """One event of a user or an administrator; texts are empty where it does not say."""

    kind: str
    """LOGIN_ERROR, or for administrators CREATE REALM_ROLE_MAPPING; in upper case."""
    is_of_administrator: bool
    error: str
    realm: str
    client: str
    address: str
    user: str
    """Who acts: by name, else by id."""
    subject: str
    """Whom an administrator acts on: by name, else by id."""
    resource_path: str
    machine: str
    level: str
    reference: str
    said_at: object
    """The instant, as the event writes it."""
    labels: tuple[tuple[str, str], ...]


def has_event_line(text: str) -> bool:
    """True if a line of text is one of the events logger."""
    return bool(_LINE.search(text))


def events_of(delivery: Delivery) -> Iterator[KeycloakEvent]:
    """The events of one request, in order; objects that are none are passed over.

    Raises UnreadablePayload where the body is neither JSON nor lines of the events logger.
    """
    text = text_of_body(delivery)
    if not text.lstrip().startswith(("{", "[", '"')) and has_event_line(text):
        yield from (_event_of(_fields_of_line(line), {}) for line in text.splitlines() if has_event_line(line))
        return
    if _LOGGER in text and not text.lstrip().startswith(("{", "[", '"')):
        records = (decoded(line[line.find("{") :]) for line in text.splitlines() if _LOGGER in line and "{" in line)
        yield from (_event_of(record, {}) for record in records if isinstance(record, dict) and _is_event(record))
        return
    for record in records_of(delivery, EXPECTED):
        found = _event_in(record)
        if found is not None:
            yield found


def _event_in(record: Record) -> KeycloakEvent | None:
    for place in ((), ("mdc",), ("event",), ("representation",)):
        held = record_at(record, *place) if place else record
        dotted = {key.removeprefix("event."): value for key, value in held.items() if key.startswith("event.")}
        for fields in (dotted, held):
            if _is_event(fields):
                return _event_of(fields, record)
    line = first_text(record, ("message",), ("msg",), ("log",), ("short_message",))
    return _event_of(_fields_of_line(line), record) if has_event_line(line) else None


def _is_event(fields: Record) -> bool:
    is_known = bool(text_at(fields, "type")) or bool(text_at(fields, "operationType"))
    places = ("realmId", "realmName", "authDetails", "clientId", "realm_id", "authRealmId")
    return is_known and any(place in fields for place in places)


def _fields_of_line(line: str) -> Record:
    return {found[1]: found[2] or found[3] or "" for found in _PAIR.finditer(line[:20_000])}


def _event_of(fields: Record, envelope: Record) -> KeycloakEvent:
    who = record_at(fields, "authDetails")
    details = _details_of(fields)
    is_admin = bool(text_at(fields, "operationType")) and not text_at(fields, "type").lower().startswith("access.")
    name = first_text(who, ("username",)) or first_text(details, ("username",)) or first_text(fields, ("username",))
    user = name or first_text(who, ("userId",)) or first_text(fields, ("authUserId",), ("userId",))
    path = text_at(fields, "resourcePath")
    return KeycloakEvent(
        kind=_kind_of(fields, is_admin),
        is_of_administrator=is_admin or text_at(fields, "type").lower().startswith("admin."),
        error=_said(text_at(fields, "error")),
        realm=_realm_of(fields, who, is_admin=is_admin),
        client=_said(first_text(fields, ("clientId",), ("authClientId",)) or text_at(who, "clientId")),
        address=first_text(fields, ("ipAddress",), ("authIpAddress",)) or text_at(who, "ipAddress"),
        user=_said(user),
        subject=_subject_of(fields, path),
        resource_path=path[:VALUE_LIMIT],
        machine=first_text(envelope, ("host.hostname",), ("host", "hostname"), ("hostName",), ("hostname",)),
        level=first_text(envelope, ("log.level",), ("log", "level"), ("level",)),
        reference=first_text(fields, ("id",), ("uid",)),
        said_at=_instant_said(fields, envelope),
        labels=_labels_of(fields, details, envelope),
    )


def _details_of(fields: Record) -> Record:
    written = decoded(value_at(fields, "details") or value_at(fields, "detailsJson"))
    return written if isinstance(written, dict) else {}


def _instant_said(fields: Record, envelope: Record) -> object:
    places = ((fields, "time"), (envelope, "@timestamp"), (envelope, "timestamp"), (envelope, "time"))
    return next((found for holder, key in places if (found := value_at(holder, key)) is not None), None)


def _said(text: str) -> str:
    return "" if text.lower() in _NOBODY else text


def _kind_of(fields: Record, is_admin: bool) -> str:
    if is_admin:
        return " ".join(filter(None, (text_at(fields, "operationType"), text_at(fields, "resourceType")))).upper()
    kind = text_at(fields, "type")
    scope, _, rest = kind.partition(".")
    if scope.lower() == "admin":  # admin.USER-CREATE
        resource, _, operation = rest.rpartition("-")
        return " ".join(filter(None, (operation, resource))).upper()
    return (rest if scope.lower() in ("access", "system") and rest else kind).upper()


def _realm_of(fields: Record, who: Record, *, is_admin: bool) -> str:
    """The realm that it happened in; `authDetails` has that of whoever acted, often `master` for administrators."""
    # p2-inc writes the realm's name there, where the event itself has its id.
    ids = [text_at(who, "realmId"), first_text(fields, ("realmId",))]
    return _said(first_text(fields, ("realmName",)) or next(filter(None, reversed(ids) if is_admin else ids), ""))


def _subject_of(fields: Record, path: str) -> str:
    parts = path.split("/")
    person = decoded(value_at(fields, "representation"))
    if parts[0] != "users":
        return ""
    named = first_text(person, ("username",), ("email",)) if isinstance(person, dict) else ""
    return named or (parts[1] if len(parts) > 1 else "")


def _labels_of(fields: Record, details: Record, envelope: Record) -> tuple[tuple[str, str], ...]:
    service = (("service", ("service.name",)), ("service_version", ("service.version",)))
    named = (("env", ("service.environment",)), *service)
    kept = ("auth_method", "auth_type", "identity_provider", "redirect_uri", "grant_type", "credential_type", "reason")
    return (
        *((label, first_text(envelope, path)) for label, path in named),
        *((name, text_of(details.get(name) or value_at(fields, name))) for name in kept),
        ("session", first_text(fields, ("sessionId",))),
        ("realm_id", text_at(fields, "realmId")),
    )
