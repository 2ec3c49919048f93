"""Amazon Web Services: whatever is sent through Amazon SNS, with its envelope or raw, or by EventBridge itself.

https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html: the envelope is signed, the
content type is text/plain, and within is what the publisher wrote: an alarm of CloudWatch, an event, or plain words.
"""

import json
import re
from collections.abc import Iterator, Mapping

from breach_service.domain.alert import Alert, AlertStatus, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record, decoded, records_of, text_of_body
from breach_service.sources.parts.reading import record_at, records_at, text_at, texts_at, value_at
from breach_service.sources.proofs import Expectation, Proof, must_say
from breach_service.sources.redelivery import Redelivery
from breach_service.sources.request import Delivery
from breach_service.sources.senders.aws import cloudtrail as aws_cloudtrail
from breach_service.sources.senders.aws import cloudwatch as aws_cloudwatch
from breach_service.sources.senders.aws import guardduty as aws_guardduty
from breach_service.sources.senders.aws import messages as aws_messages
from breach_service.sources.senders.aws import ocsf as aws_ocsf
from breach_service.sources.senders.aws import security_hub as aws_security_hub
from breach_service.sources.senders.aws import services as aws_services
from breach_service.sources.senders.aws import sns as aws_sns
from breach_service.sources.senders.aws.messages import Envelope
from breach_service.sources.senders.aws.resources import Event
from breach_service.sources.source import Source

_EXPECTED = "a message of Amazon SNS, an event of EventBridge, or a finding of AWS"
_KIND_HEADER = "x-amz-sns-message-type"
_TOPIC_HEADER = "x-amz-sns-topic-arn"
_CALLS = re.compile(r"via CloudTrail$|^AWS Service Event")


class Aws(Source):
    """One alert per finding; a confirmation of a subscription is a handshake."""

    kind = "aws"
    aliases = (
        "sns",
        "aws-sns",
        "cloudwatch",
        "guardduty",
        "security-hub",
        "securityhub",
        "eventbridge",
        "aws-backup",
        "aws-health",
        "inspector",
        "macie",
    )
    title = Text(fr="Amazon Web Services (SNS, EventBridge)", en="Amazon Web Services (SNS, EventBridge)")
    default_auth = AuthKind.URL
    """SNS sends no secret of ours; its own signature is checked besides."""
    supported_auth = (AuthKind.URL, AuthKind.BEARER)
    redelivery = Redelivery(headers=("x-amz-sns-message-id",), fields=("MessageId",))
    expectations = (
        Expectation("topic", Text(fr="ARN du sujet SNS", en="ARN of the SNS topic"), r"arn:aws[a-z-]*:sns:\S{1,350}"),
    )

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        envelope = Envelope(topic=delivery.headers.get(_TOPIC_HEADER, ""))
        is_raw = _KIND_HEADER in delivery.headers
        try:
            records = records_of(delivery, _EXPECTED)
        except UnreadablePayload:
            if not is_raw or not text_of_body(delivery).strip():
                raise
            return [aws_messages.alert_of_text(source_name, text_of_body(delivery), envelope)]
        members = [member for record in records for member in _members_of(record)]
        return [alert for one in members for alert in _alerts_of(source_name, one, envelope, is_raw=is_raw)]

    def test_body(self) -> bytes:
        """See `Source.test_body`. A sample finding, as GuardDuty makes them, without the envelope that SNS signs."""
        service = {"additionalInfo": {"sample": True}, "serviceName": "guardduty"}
        title = "[SAMPLE] Test message of an operator"
        finding = {"type": "Recon:EC2/Portscan", "title": title, "severity": 5, "service": service, "resource": {}}
        event = {"version": "0", "detail-type": "GuardDuty Finding", "source": "aws.guardduty", "detail": finding}
        return json.dumps(event).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        is_event = "detail-type" in record and "detail" in record
        is_finding = aws_guardduty.is_finding(record) or aws_security_hub.is_finding(record)
        return aws_sns.is_envelope(record) or is_event or is_finding or aws_cloudwatch.is_alarm(record)

    def proof_in(self, delivery: Delivery, expected: Mapping[str, str]) -> Proof | None:
        """See `Source.proof_in`. With raw delivery the topic stands in a header, which nobody signs."""
        envelope = _envelope_of(delivery)
        topic = text_at(envelope, "TopicArn") if envelope is not None else delivery.headers.get(_TOPIC_HEADER, "")
        must_say(expected, "topic", topic)
        return aws_sns.signed_part_of(envelope) if envelope is not None else None

    def errand(self, delivery: Delivery) -> str | None:
        """See `Source.errand`."""
        envelope = _envelope_of(delivery)
        return aws_sns.confirmation_address(envelope) if envelope is not None else None


SOURCE = Aws()


def _envelope_of(delivery: Delivery) -> Record | None:
    """The envelope that a request is, None where it is none. Raises UnreadablePayload where something is beside it."""
    if b"TopicArn" not in delivery.body and not delivery.body.startswith(b"\x1f\x8b"):
        return None
    try:
        records = records_of(delivery, _EXPECTED)
    except UnreadablePayload:
        return None
    found = next((record for record in records if aws_sns.is_envelope(record)), None)
    if found is not None and len(records) > 1:
        # Its signature would seem to vouch for the others.
        raise UnreadablePayload(f"Found a message of SNS among {len(records)} objects; SNS sends each by itself.")
    return found


def _members_of(record: Record) -> Iterator[Record]:
    """The object itself, or the messages in what SNS and SQS hand to a function that only passes it on."""
    passed = [one for one in records_at(record, "Records") if "Sns" in one or "body" in one]
    if not passed:
        yield record
    for one in passed:
        inner = record_at(one, "Sns") or aws_cloudwatch.message_in(value_at(one, "body"))
        yield inner or {"Type": aws_sns.NOTIFICATION, "Message": text_at(one, "body"), "TopicArn": "", "MessageId": ""}


def _alerts_of(source_name: str, record: Record, outer: Envelope, *, is_raw: bool) -> list[Alert]:
    if not aws_sns.is_envelope(record):
        return _alerts_of_message(source_name, record, outer, is_wrapped=is_raw)
    envelope = Envelope.of(record)
    if text_at(record, "Type") != aws_sns.NOTIFICATION:
        return [_handshake_of(source_name, record)]
    message = decoded(value_at(record, "Message"))
    if isinstance(message, list):
        inner = [one for one in message if isinstance(one, dict)]
    else:
        inner = [message] if isinstance(message, dict) else []
    if not inner:
        return [aws_messages.alert_of_text(source_name, text_at(record, "Message"), envelope)]
    return [alert for one in inner for alert in _alerts_of_message(source_name, one, envelope, is_wrapped=True)]


def _handshake_of(source_name: str, envelope: Record) -> Alert:
    is_end = text_at(envelope, "Type") == aws_sns.CANCELLATION
    return Alert(
        source=source_name,
        title="Amazon SNS: the subscription was cancelled" if is_end else "Amazon SNS: confirm the subscription",
        signal=Signal.HEARTBEAT,
        fingerprint=fingerprint_of("sns", text_at(envelope, "Type"), text_at(envelope, "TopicArn")),
        status=AlertStatus.HANDSHAKE,
        occurred_at=instant_in(value_at(envelope, "Timestamp")),
        labels=Envelope.of(envelope).labels,
    )


def _alerts_of_message(source_name: str, record: Record, envelope: Envelope, *, is_wrapped: bool) -> list[Alert]:
    if aws_cloudwatch.is_alarm(record):
        return [aws_cloudwatch.alarm_of_message(source_name, record, envelope.region)]
    if "detail-type" in record or ("detail" in record and "source" in record):
        return _alerts_of_event(source_name, _event_of(record))
    if text_at(record, "messageType") == "ComplianceChangeNotification":
        # AWS Config to a topic of its own, without EventBridge.
        told = Event(record, "Config", region=text_at(record, "awsRegion"), happened_at=envelope.sent_at)
        return aws_services.READERS["aws.config"](source_name, told)
    found = _alerts_of_findings(source_name, Event(record, happened_at=envelope.sent_at))
    if found:
        return found
    if is_wrapped or aws_messages.is_known(record):
        return aws_messages.alerts_of_record(source_name, record, envelope)
    raise UnreadablePayload(f"Found an object that AWS does not send; expected {_EXPECTED}.")


def _event_of(record: Record) -> Event:
    detail = decoded(value_at(record, "detail"))
    return Event(
        detail=detail if isinstance(detail, dict) else {},
        detail_type=text_at(record, "detail-type"),
        source=text_at(record, "source").lower(),
        account=text_at(record, "account"),
        region=text_at(record, "region"),
        happened_at=instant_in(value_at(record, "time")),
        resources=texts_at(record, "resources"),
    )


def _alerts_of_event(source_name: str, event: Event) -> list[Alert]:
    if event.source == "aws.cloudwatch" and "alarmName" in event.detail:
        return aws_cloudwatch.alarm_of_event(source_name, event)
    if event.source == "aws.guardduty" and "type" in event.detail:
        return aws_guardduty.alerts_of_finding(source_name, event)
    reader = aws_services.READERS.get(event.source)
    if _CALLS.search(event.detail_type):
        reader = aws_cloudtrail.alerts_of_record
    found = [] if reader else _alerts_of_findings(source_name, event)
    return found or (reader or aws_services.any_event)(source_name, event)


def _alerts_of_findings(source_name: str, event: Event) -> list[Alert]:
    """The alerts of the findings that stand in the detail, or that the detail is; none where it is something else."""
    listed = (*records_at(event.detail, "findings"), *records_at(event.detail, "Findings")) or (event.detail,)
    alerts: list[Alert] = []
    for finding in listed:
        if aws_ocsf.is_finding(finding):
            alerts.append(aws_ocsf.alert_of_finding(source_name, finding, event))
        elif aws_security_hub.is_finding(finding) or (
            listed[0] is not event.detail and event.source == "aws.securityhub"
        ):
            alerts.append(aws_security_hub.alert_of_finding(source_name, finding, event))
        elif aws_guardduty.is_finding(finding):
            alerts.extend(aws_guardduty.alerts_of_finding(source_name, Event(finding, happened_at=event.happened_at)))
    return alerts
