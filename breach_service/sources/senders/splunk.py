"""Splunk Enterprise and Splunk Cloud, webhook alert action; notables of Enterprise Security travel in its result.

https://docs.splunk.com/Documentation/Splunk/latest/Alert/Webhooks: `sid`, `search_name`, `app`, `owner`,
`results_link` and `result`, which is the first row only. It cannot send a secret, has no severity and no time of its
own, never resolves and never retries: all of these are read off the row where it has them. Field names of the row are
those of the Common Information Model.
"""

import json
from collections.abc import Iterable

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, EntityRole, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.attack_techniques import signal_of_attack
from breach_service.sources.parts.entities import address_of, entities_of, entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.intrusion import sides_of
from breach_service.sources.parts.masking import masked
from breach_service.sources.parts.payload import Record, decoded, records_of
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_from, text_at, text_of, texts_at, value_at
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.request import Delivery
from breach_service.sources.source import Source

_EXPECTED = 'the webhook body of a Splunk alert, an object with "sid" or "search_name", and "result"'
_TEST_SEARCH = "Test message of an operator"
_TITLES = (("rule_title",), ("finding_title",), ("rule_name",), ("search_name",), ("savedsearch_name",), ("title",))
_SEVERITIES = (("urgency",), ("severity",), ("priority",), ("risk_level",), ("log_level",), ("alert_severity",))
_TECHNIQUES = ("annotations.mitre_attack", "annotations.mitre_attack.mitre_technique_id", "mitre_technique_id")
_TOLD_OF_ROWS = frozenset({"_time", "rule_title", "urgency", "dest", "risk_object"})
_OF_MACHINES = (Signal.OPERATIONS, Signal.UNAVAILABILITY)
_TARGETS = (
    *("dest", "dest_host", "dest_nt_host", "dest_ip", "destination.ip", "dvc", "orig_host"),
    *("ComputerName", "Computer", "host.name", "hostname"),
)
_ORIGINS = (
    *("src", "src_ip", "src_host", "source_ip", "source.ip", "clientip", "client_ip", "remote_addr"),
    *("IpAddress", "Source_Network_Address", "Workstation_Name"),
)
_USERS = ("user", "user_name", "user.name", "username", "dest_user", "account", "Account_Name", "TargetUserName")
"""Names of the Common Information Model, of events of Windows, and of the Elastic Common Schema."""
_OBJECTS: tuple[tuple[EntityKind, tuple[str, ...]], ...] = (
    (EntityKind.APPLICATION, ("service", "application", "vendor_product_app", "kubernetes.container_name")),
    (EntityKind.FILE, ("file_path", "file_name")),
    (EntityKind.FILE_HASH, ("file_hash", "sha256", "md5")),
    (EntityKind.URL, ("url",)),
    (EntityKind.DOMAIN, ("query", "url_domain")),
    (EntityKind.PROCESS, ("process_name", "process_path", "process", "process.name", "Image")),
    (EntityKind.ACCOUNT, ("vendor_account", "aws_account_id", "tenant_id")),
)


class Splunk(Source):
    """One alert per request."""

    kind = "splunk"
    aliases = ("splunk-enterprise", "splunk-cloud", "splunk-es", "splunk-enterprise-security")
    title = Text(fr="Splunk (action webhook)", en="Splunk (webhook action)")
    default_auth = AuthKind.URL
    supported_auth = (AuthKind.URL, AuthKind.BEARER)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        return [_alert_of(source_name, record) for record in records_of(delivery, _EXPECTED)]

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        return "sid" in record and "results_link" in record

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        return json.dumps({"sid": "test", "search_name": _TEST_SEARCH, "app": "search", "result": {}}).encode()


SOURCE = Splunk()


def _alert_of(source_name: str, record: Record) -> Alert:
    is_row = "search_name" in record and not _TOLD_OF_ROWS.isdisjoint(record)
    if not is_row and "result" not in record and not ("sid" in record and "search_name" in record):
        raise UnreadablePayload(f'Found an object without "sid" and "result"; expected {_EXPECTED}.')
    row, search = _row_of(record), plain_line(text_at(record, "search_name"))
    is_test = search == _TEST_SEARCH and text_at(record, "sid") == "test"
    entities = _entities_of(row)
    severity, vendor_severity = _severity_of(row)
    return Alert(
        source=source_name,
        title=_title_of(record, row, search),
        signal=Signal.ROUTINE if is_test else _signal_of(row, search),
        fingerprint=_fingerprint_of(record, row, entities),
        severity=severity,
        vendor_severity=plain_line(vendor_severity),
        status=AlertStatus.TEST if is_test else AlertStatus.FIRING,
        occurred_at=instant_in(value_at(row, "_time")) or instant_in(value_at(record, "trigger_time")),
        entities=entities,
        labels=_labels_of(record, row),
        summary=plain_text(masked(first_text(row, ("rule_description",), ("description",), ("message",), ("_raw",)))),
        vendor_reference=plain_line(first_text(row, ("event_id",)) or text_at(record, "sid")),
        link=link_of(text_at(record, "results_link")),
    )


def _row_of(record: Record) -> Record:
    """The first row; a notable that something else than the webhook action sends is its own row."""
    row = decoded(value_at(record, "result") or value_at(record, "_result") or value_at(record, "results"))
    rows = row if isinstance(row, list) else [row]
    return next((one for one in rows if isinstance(one, dict)), {} if "sid" in record else record)


def _title_of(record: Record, row: Record, search: str) -> str:
    """The title of the notable, else the search's name; searches that nobody saved have none."""
    titled = plain_line(first_text(row, ("rule_title",), ("finding_title",)))
    named = titled or search or plain_line(first_text(row, *_TITLES, ("message",), ("signature",)))
    app = plain_line(text_at(record, "app"))
    return named or (f"Splunk alert of the app {app}" if app else "Splunk alert")


def _signal_of(row: Record, search: str) -> Signal:
    """The technique that the rule is annotated with, then the words of its names; what nobody can tell is ANOMALY."""
    by_technique = signal_of_attack(text for name in _TECHNIQUES for text in texts_at(row, name))
    names = (search, first_text(row, *_TITLES), text_at(row, "signature"), text_at(row, "category"))
    by_words = signal_of_words(*(name for name in names if name))
    if by_words in _OF_MACHINES and _is_notable(row):
        # `Memory of LSASS read`: what Enterprise Security finds is about an attack, whatever words it uses.
        by_words = Signal.ANOMALY
    return by_technique or by_words or Signal.ANOMALY


def _is_notable(row: Record) -> bool:
    """True for a notable of Enterprise Security, but for those about the watching itself (domain `audit`)."""
    return "@@notable@@" in text_at(row, "event_id") and text_at(row, "security_domain").lower() != "audit"


def _severity_of(row: Record) -> tuple[Severity, str]:
    """The first field that says one; a field of that name may hold anything, and is then kept as text: UNKNOWN."""
    said = [text for path in _SEVERITIES if (text := text_at(row, *path))]
    told = next((text for text in said if severity_of_word(text) is not Severity.UNKNOWN), "")
    return severity_of_word(told), told or next(iter(said), "")


def _entities_of(row: Record) -> tuple[Entity, ...]:
    targets = [text for name in _TARGETS for text in texts_at(row, name)]
    # `host` is where the line was written: the machine itself, unless the row names another one as the target.
    role = EntityRole.INVOLVED if targets or text_at(row, "risk_object") else None
    origins = [text for name in _ORIGINS for text in texts_at(row, name)]
    targets, origins = _by_whose(targets, origins)
    at_risk = EntityKind.USER if text_at(row, "risk_object_type").lower() == "user" else EntityKind.HOST
    return gathered(
        entities_of(at_risk, texts_at(row, "risk_object"), EntityRole.TARGET),
        entities_of(EntityKind.HOST, targets),
        entities_of(EntityKind.HOST, texts_at(row, "host"), role),
        (_origin_of(text) for text in origins),
        entities_of(EntityKind.USER, (text for name in _USERS for text in texts_at(row, name))),
        entities_of(EntityKind.USER, texts_at(row, "src_user"), EntityRole.ACTOR),
        *(entities_of(kind, (one for name in names for one in texts_at(row, name))) for kind, names in _OBJECTS),
    )


def _by_whose(targets: list[str], origins: list[str]) -> tuple[list[str], list[str]]:
    """Ours and theirs: of a connection that one of our machines makes, the destination is the other side."""
    if len(targets) != 1 or len(origins) != 1 or address_of(targets[0]) is None or address_of(origins[0]) is None:
        return targets, origins
    sides = sides_of({"src_ip": origins[0], "dest_ip": targets[0]})
    return [sides.own], [sides.other]


def _origin_of(text: str) -> Entity | None:
    if address_of(text) is not None:
        return entity(EntityKind.SOURCE_ADDRESS, text)
    return entity(EntityKind.HOST, text, EntityRole.ACTOR)


def _fingerprint_of(record: Record, row: Record, entities: Iterable[Entity]) -> str:
    """Search, app, rule and what the row is about; `sid` and `event_id` are of one run."""
    about = (EntityKind.HOST, EntityKind.ADDRESS, EntityKind.SOURCE_ADDRESS, EntityKind.USER, EntityKind.APPLICATION)
    things = (part for one in entities if one.kind in about for part in (one.kind, one.value))
    return fingerprint_of(
        "splunk",
        text_at(record, "search_name") or first_text(row, ("search_name",), ("rule_name",)),
        text_at(record, "app"),
        first_text(row, ("rule_title",), ("rule_name",)),
        *things,
    )


def _labels_of(record: Record, row: Record) -> dict[str, str]:
    fields = ((name, masked(text_of(value))) for name, value in row.items() if not name.startswith("_"))
    return labels_from(
        (
            *fields,
            ("search_name", text_at(record, "search_name")),
            ("app", text_at(record, "app")),
            ("owner", text_at(record, "owner")),
        )
    )
