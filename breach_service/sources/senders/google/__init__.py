"""Google Cloud: incidents of Monitoring, findings of Security Command Center, and what Pub/Sub pushes.

https://cloud.google.com/pubsub/docs/push: a push wraps the data, in Base64, in an object with `message` and
`subscription`; with its wrapper taken off, the data is the body and the id of the message is in a header.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping

from breach_service.domain.alert import Alert, AlertStatus, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record, records_in, records_of
from breach_service.sources.parts.plain_text import plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_of, record_at, text_at, value_at
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.proofs import Expectation, Proof
from breach_service.sources.redelivery import Redelivery
from breach_service.sources.request import Delivery
from breach_service.sources.senders.google import findings as google_findings
from breach_service.sources.senders.google import monitoring as google_monitoring
from breach_service.sources.senders.google import workspace as google_workspace
from breach_service.sources.source import Source
from breach_service.sources.tokens import TokenSigned, token_of

_EXPECTED = "an incident of Cloud Monitoring, a finding of Security Command Center, or a push of Pub/Sub"

_KEYS = "https://www.googleapis.com/oauth2/v3/certs"
_READERS: tuple[tuple[Callable[[Record], bool], Callable[[str, Record], Alert]], ...] = (
    (google_monitoring.is_incident, google_monitoring.alert_of_incident),
    (google_findings.is_finding, google_findings.alert_of_finding),
    (google_findings.is_log_entry, google_findings.alert_of_log_entry),
    (google_workspace.is_workspace_alert, google_workspace.alert_of_workspace),
)
_TITLES = (("title",), ("subject",), ("budgetDisplayName",), ("message",), ("name",), ("text",), ("description",))


class Google(Source):
    """One alert per incident, finding or message."""

    kind = "google"
    aliases = (
        "gcp",
        "gcpmonitoring",
        "google-cloud",
        "google-cloud-monitoring",
        "google-monitoring",
        "stackdriver",
        "scc",
        "security-command-center",
        "pubsub",
        "pub-sub",
        "google-workspace",
        "workspace-alert-center",
    )
    title = Text(
        fr="Google Cloud (Monitoring, Security Command Center)", en="Google Cloud (Monitoring, Security Command Center)"
    )
    default_auth = AuthKind.URL
    """A push of Pub/Sub carries a token of Google's and no secret of ours; Monitoring can also send a password."""
    supported_auth = (AuthKind.URL, AuthKind.BEARER)
    redelivery = Redelivery(headers=("x-goog-pubsub-message-id",), fields=("message.messageId", "message.message_id"))
    expectations = (
        Expectation(
            "audience",
            Text(fr="audience de l’abonnement Pub/Sub", en="audience of the Pub/Sub subscription"),
            needs="service-account",
            is_in_token=True,
        ),
        Expectation(
            "service-account",
            Text(fr="compte de service de l’abonnement", en="service account of the subscription"),
            r"[^@\s]{1,200}@[^@\s]{1,200}",
            needs="audience",
            is_in_token=True,
        ),
    )

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        records = records_of(delivery, _EXPECTED)
        return [alert for record in records for alert in _alerts_of(source_name, record)]

    def test_body(self) -> bytes:
        """See `Source.test_body`. What the test button of a notification channel sends, with our words."""
        incident = {"incident_id": "0", "policy_name": "Test message of an operator", "state": "open", "started_at": 0}
        return json.dumps({"version": "test", "incident": incident}).encode()

    def proof_in(self, delivery: Delivery, expected: Mapping[str, str]) -> Proof | None:
        """See `Source.proof_in`. https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions

        Anybody can have Google sign a token for any audience; only the account tells whose it is.
        """
        if "audience" not in expected:
            return None
        return TokenSigned(
            key_url=_KEYS,
            token=token_of(delivery),
            issuers=("https://accounts.google.com", "accounts.google.com"),
            audience=expected["audience"],
            received_at=delivery.received_at,
            claims={"email": (expected["service-account"],), "email_verified": ("true",)},
        )

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        incident = record_at(record, "incident")
        is_incident = "incident_id" in incident and ("policy_name" in incident or "condition_name" in incident)
        return is_incident or ("notificationConfigName" in record and "finding" in record) or _is_push(record)


SOURCE = Google()


def _is_push(record: Record) -> bool:
    message = record_at(record, "message")
    is_named = "messageId" in message or "message_id" in message
    return is_named and ("data" in message or "attributes" in message)


def _alerts_of(source_name: str, record: Record) -> list[Alert]:
    if not _is_push(record):
        return [_alert_of(source_name, record)]
    message = record_at(record, "message")
    data = _data_of(message)
    try:
        members = records_in(data, _EXPECTED) if data.strip() else []
    except UnreadablePayload:
        members = []
    if not members:
        return [_alert_of_text(source_name, message, data)]
    return [_of_message(source_name, member, message) for member in members]


def _data_of(message: Record) -> bytes:
    """What was published; senders that are not Pub/Sub itself forget to encode it."""
    written = text_at(message, "data")
    try:
        return base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        return written.encode("utf-8", "surrogatepass")


def _alert_of(source_name: str, record: Record) -> Alert:
    reader = next((read for fits, read in _READERS if fits(record)), None)
    if reader is None:
        raise UnreadablePayload(f"Found an object that Google Cloud does not send; expected {_EXPECTED}.")
    return reader(source_name, record)


def _of_message(source_name: str, record: Record, message: Record) -> Alert:
    """The alert of an object that came by Pub/Sub: one that is known, or the usual keys of one that is not."""
    reader = next((read for fits, read in _READERS if fits(record)), None)
    if reader is not None:
        return reader(source_name, record)
    title = _budget_in_words(record) or first_text(record, *_TITLES)
    severity = text_at(record, "severity")
    is_over = first_text(record, ("state",), ("status",)).lower() in ("closed", "resolved", "inactive", "ok")
    usual = signal_of_words(title) or Signal.ANOMALY
    if "budgetDisplayName" in record:
        # Sent several times a day, whatever is spent; only one beyond a threshold names it.
        is_beyond = "alertThresholdExceeded" in record or "forecastThresholdExceeded" in record
        usual = Signal.OPERATIONS if is_beyond else Signal.ROUTINE
    return Alert(
        source=source_name,
        title=plain_line(title) or "Pub/Sub message",
        signal=usual,
        fingerprint=fingerprint_of("pubsub", first_text(record, *_TITLES), first_text(record, ("id",), ("resource",))),
        severity=severity_of_word(severity),
        vendor_severity=plain_line(severity),
        status=AlertStatus.RESOLVED if is_over else AlertStatus.FIRING,
        occurred_at=instant_in(value_at(message, "publishTime")),
        labels=labels_of(record_at(message, "attributes")),
        summary=plain_text(text_at(record, "description")),
    )


def _budget_in_words(record: Record) -> str:
    """What Cloud Billing says of a budget ("Programmatic notifications" at docs.cloud.google.com/billing)."""
    name = text_at(record, "budgetDisplayName")
    spent, planned = text_at(record, "costAmount"), text_at(record, "budgetAmount")
    return f"{name}: {spent} of {planned} {text_at(record, 'currencyCode')}".strip() if spent and planned else name


def _alert_of_text(source_name: str, message: Record, data: bytes) -> Alert:
    text = data.decode("utf-8", "replace")
    title = plain_line(next((line for line in text.splitlines() if line.strip()), "")) or "Pub/Sub message"
    return Alert(
        source=source_name,
        title=title,
        signal=signal_of_words(title) or Signal.ANOMALY,
        fingerprint=fingerprint_of("pubsub", title),
        occurred_at=instant_in(value_at(message, "publishTime")),
        labels=labels_of(record_at(message, "attributes")),
        summary=plain_text(text),
    )
