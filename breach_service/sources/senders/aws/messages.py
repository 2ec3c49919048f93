"""What services and people publish to a topic of Amazon SNS in words of their own, in plain text or in an object.

AWS Backup (docs.aws.amazon.com/aws-backup/latest/devguide/backup-notifications.html) and Amazon RDS
(AmazonRDS/latest/UserGuide/USER_Events.html), S3, Auto Scaling (autoscaling:TEST_NOTIFICATION), and scripts.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Signal
from breach_service.sources.parts.entities import entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_from, record_at, records_at, text_at, value_at
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.senders.aws.resources import Arn, arn_of, entity_of_account, entity_of_arn

_TEST = re.compile(
    r"(this is an? )?(test|essai)( (e-?mail|message|notification|alert|alerte))?( from .{0,40})?\W*", re.I
)
_TEST_EVENTS = frozenset({"s3:testevent", "autoscaling:test_notification"})
_RESOLVED = re.compile(r"\b(resolved|recovered|ok|completed( successfully)?|back to normal|résolue?|rétablie?)\b", re.I)
_UNRESOLVED = re.compile(r"\b(not|un|pas|non|failed|fail|error|partially)\b.{0,20}|unresolved", re.I)
_CHANGE = re.compile(r"\bfrom (\w+) to (?=\w)", re.I)
"""The state before stands between these; Elastic Beanstalk: `transitioned from Ok to Severe`."""
_NAMED = re.compile(r"^(?:Environment|Application): (\S.{0,100})$", re.M)
_OF_OPERATIONS = re.compile(r"^(AWS (Elastic Beanstalk|CloudFormation|Budgets)\b|Auto Scaling)")
_ARN = re.compile(r"arn:[\w-]*:[\w.-]*:[\w-]*:[\w-]*:[^\s,;\"')\]]{1,400}")
_BACKUP_FAILED = frozenset({"FAILED", "ABORTED", "EXPIRED", "PARTIAL"})
_TITLES = (
    ("Event Message",),
    ("title",),
    ("Title",),
    ("subject",),
    ("Subject",),
    ("alert",),
    ("alertname",),
    ("name",),
    ("Cause",),
    ("message",),
    ("Message",),
    ("text",),
    ("description",),
    ("Description",),
    ("Event",),
)
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True)
class Envelope:
    """What the envelope of SNS says beside the message; all empty where there is none."""

    subject: str = ""
    topic: str = ""
    sent_at: datetime | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    message_id: str = ""

    @classmethod
    def of(cls, record: Record) -> "Envelope":
        """The envelope as it was received."""
        given = record_at(record, "MessageAttributes")
        return cls(
            subject=text_at(record, "Subject"),
            topic=text_at(record, "TopicArn"),
            sent_at=instant_in(value_at(record, "Timestamp")),
            attributes={key: text_at(given, key, "Value") for key in given},
            message_id=text_at(record, "MessageId"),
        )

    @property
    def arn(self) -> Arn:
        """The parts of the topic's name."""
        return arn_of(self.topic)

    @property
    def region(self) -> str:
        """The region of the topic."""
        return self.arn.region

    @property
    def labels(self) -> dict[str, str]:
        """Where the message came through."""
        pairs = (("topic", self.arn.rest), ("account", self.arn.account), ("region", self.region))
        return labels_from((*pairs, *self.attributes.items()))


def is_known(record: Record) -> bool:
    """True for an object that a service of AWS publishes and nobody else."""
    is_test = text_at(record, "Event").lower() in _TEST_EVENTS
    return is_test or "Event Message" in record or any("eventSource" in one for one in records_at(record, "Records"))


def alert_of_text(source_name: str, text: str, envelope: Envelope) -> Alert:
    """The alert of plain words: the subject, or the first line, is its title."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    title = plain_line(envelope.subject or first) or f"Amazon SNS: {envelope.arn.rest or 'message'}"
    backup = envelope.attributes.get("State", "").upper() if "BACKUP" in _event_type(envelope) else ""
    things = _ARN.findall(text[:10_000])
    named = _NAMED.findall(text[:10_000]) if _OF_OPERATIONS.match(title) else []
    if envelope.subject and backup:
        # The sentence; the ids of the thing and of the job follow it.
        title = plain_line(re.split(r"\.\s", first)[0]) or title
    return Alert(
        source=source_name,
        title=title,
        signal=_signal_of_text(title, text, backup),
        fingerprint=_fingerprint_of(title, [*things, *named], envelope),
        status=_status_of_text(title, first, backup),
        occurred_at=instant_in(envelope.attributes.get("StartTime", "")) or envelope.sent_at,
        entities=gathered(_entities_of(envelope, things), (entity(EntityKind.APPLICATION, one) for one in named)),
        labels=envelope.labels,
        summary=plain_text(text),
        vendor_reference=plain_line(envelope.attributes.get("Id", "") or envelope.message_id),
    )


def alerts_of_record(source_name: str, record: Record, envelope: Envelope) -> list[Alert]:
    """The alert of an object without a reader of its own, by the keys that such objects usually have."""
    said = plain_line(first_text(record, *_TITLES))
    files = [entity(EntityKind.FILE, text_at(one, "s3", "object", "key")) for one in records_at(record, "Records")]
    title = plain_line(envelope.subject) or said or f"Amazon SNS: {envelope.arn.rest or 'message'}"
    if said and "Event Message" in record:
        title = said
    state = first_text(record, ("status",), ("state",), ("Status",), ("State",)).lower()
    thing = first_text(record, ("Source ARN",), ("Source ID",), ("AutoScalingGroupARN",), ("resource",), ("Resource",))
    signal = Signal.ROUTINE if files else signal_of_words(title, said) or _usual_signal(record)
    severity = first_text(record, ("severity",), ("Severity",), ("priority",), ("level",))
    is_test = text_at(record, "Event").lower() in _TEST_EVENTS
    status = AlertStatus.RESOLVED if state in ("resolved", "ok", "closed", "recovered") else AlertStatus.FIRING
    return [
        Alert(
            source=source_name,
            title=title,
            signal=signal,
            fingerprint=_fingerprint_of(first_text(record, ("id",)) or title, [thing], envelope),
            severity=severity_of_word(severity),
            vendor_severity=plain_line(severity),
            status=AlertStatus.TEST if is_test else status,
            # RDS writes its times without a zone, and documents that they are UTC.
            occurred_at=instant_in(value_at(record, "Event Time"), UTC) or _time_of(record) or envelope.sent_at,
            entities=gathered(_entities_of(envelope, [thing]), files, [_machine_of(record)]),
            labels={**envelope.labels, **labels_from([("event", text_at(record, "Event"))])},
            summary=plain_text(first_text(record, ("description",), ("message",), ("Message",), ("Cause",))),
            vendor_reference=plain_line(_reference_of(record) or envelope.message_id),
            link=link_of(first_text(record, ("Identifier Link",), ("anomalyDetailsLink",), ("url",), ("link",))),
        )
    ]


def _event_type(envelope: Envelope) -> str:
    return envelope.attributes.get("EventType", "").upper()


def _signal_of_text(title: str, text: str, backup: str) -> Signal:
    if backup:
        return Signal.BACKUP_FAILED if backup in (*_BACKUP_FAILED, "COMPLETED") else Signal.ROUTINE
    usual = Signal.OPERATIONS if _OF_OPERATIONS.match(title) else Signal.ANOMALY
    return signal_of_words(title, text) or usual


def _status_of_text(title: str, first: str, backup: str) -> AlertStatus:
    if backup:
        return AlertStatus.RESOLVED if backup == "COMPLETED" else AlertStatus.FIRING
    if _TEST.fullmatch(title) or _TEST.fullmatch(first):
        return AlertStatus.TEST
    now = _CHANGE.sub("", title)
    is_over = _RESOLVED.search(now) is not None and _UNRESOLVED.search(now) is None
    return AlertStatus.RESOLVED if is_over else AlertStatus.FIRING


def _fingerprint_of(title: str, things: Iterable[str], envelope: Envelope) -> str:
    """The words without their numbers and without the words of the end, the things they name, and the topic."""
    plain = re.sub(rf"{_CHANGE.pattern}\w+.*", "", title, flags=re.I)
    words = _NUMBERS.sub("0", _RESOLVED.sub("", plain)).split()
    named = sorted({thing for thing in things if ":recovery-point" not in thing and "job" not in thing.lower()})
    if _event_type(envelope):
        words = [_event_type(envelope)]
    return fingerprint_of("sns", envelope.topic, *words, "", *named)


def _entities_of(envelope: Envelope, things: Iterable[str]) -> tuple[Entity, ...]:
    return gathered([entity_of_account(envelope.arn.account)], (entity_of_arn(thing.rstrip(".")) for thing in things))


def _reference_of(record: Record) -> str:
    """RDS gives the address of the page that explains the event, which ends with its number."""
    event_id = text_at(record, "Event ID").rpartition("#")[2]
    return event_id or first_text(record, ("RequestId",), ("anomalyId",))


def _machine_of(record: Record) -> Entity | None:
    return entity(EntityKind.HOST, first_text(record, ("Source ID",), ("EC2InstanceId",), ("host",), ("hostname",)))


def _time_of(record: Record) -> datetime | None:
    names = ("Time", "time", "timestamp", "Timestamp", "StartTime", "anomalyStartDate")
    return next((at for name in names if (at := instant_in(value_at(record, name))) is not None), None)


def _usual_signal(record: Record) -> Signal:
    """Messages of RDS and of Auto Scaling are about machines, of SES about mail; of the others nobody knows."""
    is_mail = "mail" in record and ("notificationType" in record or "eventType" in record)
    is_change = text_at(record, "messageType").startswith(("Config", "OversizedConfig"))
    if is_mail or is_change:
        return Signal.ROUTINE
    return Signal.OPERATIONS if "Event Message" in record or "AutoScalingGroupARN" in record else Signal.ANOMALY
