"""Amazon Web Services: who signed a message of SNS, which addresses are its own, and what is a re-delivery."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from breach_service.domain.alert import AlertStatus, Severity, Signal
from breach_service.errors import UnreadablePayload, WrongCredential
from breach_service.sources.redelivery import delivery_key
from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery
from breach_service.sources.senders.aws import SOURCE
from breach_service.sources.senders.aws.guardduty import signal_of_type
from breach_service.sources.senders.aws.sns import string_to_sign

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-west-3:123456789012:alerts"
HOST = "https://sns.eu-west-3.amazonaws.com"


def delivery_of(body: object, headers: dict[str, str] | None = None) -> Delivery:
    return Delivery(json.dumps(body).encode(), headers or {}, "", NOW)


def notification(**changes: Any) -> dict[str, Any]:
    return {
        "Type": "Notification",
        "MessageId": "m-1",
        "TopicArn": TOPIC,
        "Subject": "Disk",
        "Message": "Disk of web-01 is full",
        "Timestamp": "2026-11-22T18:30:00.123Z",
        "SignatureVersion": "1",
        "Signature": "c2lnbmF0dXJl",
        "SigningCertURL": f"{HOST}/SimpleNotificationService-0.pem",
        "UnsubscribeURL": f"{HOST}/?Action=Unsubscribe",
        **changes,
    }


def confirmation(**changes: Any) -> dict[str, Any]:
    address = f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t"
    return notification(Type="SubscriptionConfirmation", Token="t", SubscribeURL=address, **changes)


@dataclass(frozen=True)
class Signer:
    key: rsa.RSAPrivateKey
    certificate: bytes

    def signed(self, envelope: dict[str, Any]) -> dict[str, Any]:
        algorithm = SHA1() if envelope["SignatureVersion"] == "1" else SHA256()
        signature = self.key.sign(string_to_sign(envelope).encode(), padding.PKCS1v15(), algorithm)
        return {**envelope, "Signature": base64.b64encode(signature).decode()}


@pytest.fixture(scope="module")
def signer() -> Signer:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.example.com")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .sign(key, SHA256())
    )
    return Signer(key, certificate.public_bytes(Encoding.PEM))


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("make", [notification, confirmation], ids=["notification", "confirmation"])
def test_what_sns_signed_is_believed(signer: Signer, make: Callable[..., dict[str, Any]], version: str) -> None:
    """Version 1 is SHA-1, version 2 SHA-256, for each type of message."""
    signed = SOURCE.proof_in(delivery_of(signer.signed(make(SignatureVersion=version))), {})
    assert signed is not None
    assert signed.key_url == f"{HOST}/SimpleNotificationService-0.pem"
    assert signed.is_sha1 is (version == "1")
    signed.check(signer.certificate)


@pytest.mark.parametrize("field", ["Message", "MessageId", "Subject", "Timestamp", "TopicArn"])
def test_a_changed_word_is_not_believed(signer: Signer, field: str) -> None:
    """Every field that is signed counts."""
    signed = SOURCE.proof_in(delivery_of({**signer.signed(notification()), field: "something else"}), {})
    assert signed is not None
    with pytest.raises(WrongCredential):
        signed.check(signer.certificate)


def test_the_fields_stand_in_the_order_of_their_names() -> None:
    """Name and value on a line each; a subject that is absent or null is left out."""
    without = notification(Subject=None)
    expected = (
        "Message\nDisk of web-01 is full\nMessageId\nm-1\nTimestamp\n2026-11-22T18:30:00.123Z\n"
        f"TopicArn\n{TOPIC}\nType\nNotification\n"
    )
    assert string_to_sign(without) == expected
    assert "Subject\nDisk\n" in string_to_sign(notification())
    assert "SubscribeURL\nhttps" in string_to_sign(confirmation())


@pytest.mark.parametrize(
    "address",
    [
        "http://sns.eu-west-3.amazonaws.com/a.pem",
        "https://sns.eu-west-3.amazonaws.com.example.com/a.pem",
        "https://example.com/sns.eu-west-3.amazonaws.com/a.pem",
        "https://sns.eu-west-3.amazonaws.com@example.com/a.pem",
        "https://example.com#sns.eu-west-3.amazonaws.com/a.pem",
        "https://sns.eu-west-3.amazonaws.com:8443/a.pem",
        "https://s3.eu-west-3.amazonaws.com/a.pem",
        "https://bucket.sns.eu-west-3.amazonaws.com/a.pem",
        "https://sns.eu-west-3.amazonaws.com/a.pem?x=.key",
        "https://sns.eu-west-3.amazonaws.com/a.txt",
        "https://sns.eu-west-3.amazonaws.com\\@example.com/a.pem",
        "https://sns.eu-west-3.amazonaws.com\t/a.pem",
        "https://[sns.eu-west-3.amazonaws.com]/a.pem",
        "",
        None,
        3,
    ],
)
def test_a_certificate_of_somebody_else_is_refused(address: object) -> None:
    """Whoever could name the certificate could sign anything."""
    if address == "https://sns.eu-west-3.amazonaws.com/a.pem?x=.key":
        assert SOURCE.proof_in(delivery_of(notification(SigningCertURL=address)), {}) is not None
        return
    with pytest.raises(UnreadablePayload, match="certificate"):
        SOURCE.proof_in(delivery_of(notification(SigningCertURL=address)), {})


@pytest.mark.parametrize("host", ["sns.cn-north-1.amazonaws.com.cn", "sns.us-gov-west-1.amazonaws.com"])
def test_the_hosts_of_other_partitions_are_its_own_too(host: str) -> None:
    """China and the government regions have names of the same form."""
    signed = SOURCE.proof_in(delivery_of(notification(SigningCertURL=f"https://{host}/a.pem")), {})
    assert signed is not None


@pytest.mark.parametrize(
    "change",
    [
        {"Signature": "not base64!"},
        {"Signature": None},
        {"Signature": ""},
        {"SignatureVersion": "3"},
        {"SignatureVersion": None},
    ],
)
def test_an_envelope_without_a_signature_is_refused(change: dict[str, Any]) -> None:
    """SNS signs everything that it wraps."""
    with pytest.raises(UnreadablePayload):
        SOURCE.proof_in(delivery_of(notification(**change)), {})


def test_nothing_travels_beside_a_signed_message(signer: Signer) -> None:
    """A signature vouches for one message only."""
    with pytest.raises(UnreadablePayload, match="by itself"):
        SOURCE.proof_in(delivery_of([signer.signed(notification()), notification(Message="forged")]), {})


def test_what_has_no_envelope_needs_no_signature() -> None:
    """Raw delivery and EventBridge carry the secret of the address only."""
    assert SOURCE.proof_in(delivery_of({"AlarmName": "x", "NewStateValue": "ALARM"}), {}) is None
    assert SOURCE.proof_in(Delivery(b"TopicArn in words", {}, "", NOW), {}) is None


def test_a_subscription_is_confirmed_where_sns_says() -> None:
    """And only there, and only for the topic that asks."""
    assert SOURCE.errand(delivery_of(confirmation())) == confirmation()["SubscribeURL"]


@pytest.mark.parametrize(
    "address",
    [
        f"http://sns.eu-west-3.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t",
        f"https://sns.example.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t",
        f"https://10.0.0.1/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t",
        f"{HOST}/?Action=DeleteTopic&TopicArn={TOPIC}",
        f"{HOST}/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:eu-west-3:999999999999:other&Token=t",
        f"{HOST}/?TopicArn={TOPIC}&Token=t",
        None,
    ],
)
def test_no_other_address_is_ever_visited(address: object) -> None:
    """An address out of a body is an invitation to attack ourselves."""
    assert SOURCE.errand(delivery_of({**confirmation(), "SubscribeURL": address})) is None


@pytest.mark.parametrize("kind", ["Notification", "UnsubscribeConfirmation"])
def test_only_a_new_subscription_is_confirmed(kind: str) -> None:
    """Who ended a subscription meant it."""
    assert SOURCE.errand(delivery_of({**confirmation(), "Type": kind})) is None


def test_a_delivery_is_known_by_its_header_or_by_the_id_in_its_body() -> None:
    """Both name the same delivery; another id is another delivery."""
    by_header = delivery_key(SOURCE.redelivery, delivery_of({}, {"x-amz-sns-message-id": "m-1"}))
    by_body = delivery_key(SOURCE.redelivery, delivery_of(notification()))
    other = delivery_key(SOURCE.redelivery, delivery_of(notification(MessageId="m-2")))
    assert by_header is not None
    assert by_header == by_body != other


@pytest.mark.parametrize("body", [b"", b"MessageId", b"[]", b'{"MessageId": 3}', b'{"MessageId": " "}', b"[" * 9000])
def test_a_body_without_an_id_is_no_redelivery(body: bytes) -> None:
    """Whatever it is."""
    assert delivery_key(SOURCE.redelivery, Delivery(body, {}, "", NOW)) is None


@pytest.mark.parametrize(
    ("kind", "signal"),
    [
        ("Recon:EC2/PortProbeUnprotectedPort", Signal.SCAN),
        ("UnauthorizedAccess:EC2/RDPBruteForce", Signal.BRUTE_FORCE),
        ("CredentialAccess:RDS/AnomalousBehavior.FailedLogin", Signal.BRUTE_FORCE),
        ("CredentialAccess:RDS/AnomalousBehavior.SuccessfulBruteForce", Signal.SUSPICIOUS_LOGIN),
        ("UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B", Signal.SUSPICIOUS_LOGIN),
        ("UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS", Signal.LEAKED_SECRET),
        ("Recon:IAMUser/MaliciousIPCaller", Signal.SUSPICIOUS_LOGIN),
        ("Trojan:EC2/DNSDataExfiltration", Signal.EXFILTRATION),
        ("Exfiltration:S3/MaliciousIPCaller", Signal.EXFILTRATION),
        ("Behavior:EC2/TrafficVolumeUnusual", Signal.EXFILTRATION),
        ("CryptoCurrency:EC2/BitcoinTool.B!DNS", Signal.MALWARE),
        ("Execution:EC2/MaliciousFile", Signal.MALWARE),
        ("Object:S3/MaliciousFile", Signal.MALWARE),
        ("Execution:Runtime/ReverseShell", Signal.MALWARE),
        ("Policy:S3/BucketAnonymousAccessGranted", Signal.DATA_EXPOSURE),
        ("Policy:Kubernetes/ExposedDashboard", Signal.DATA_EXPOSURE),
        ("Policy:Kubernetes/AdminAccessToDefaultServiceAccount", Signal.PRIVILEGE_CHANGE),
        ("PrivilegeEscalation:Kubernetes/PrivilegedContainer", Signal.PRIVILEGE_CHANGE),
        ("Stealth:IAMUser/CloudTrailLoggingDisabled", Signal.INTEGRITY_CHANGE),
        ("AttackSequence:IAM/CompromisedCredentials", Signal.SUSPICIOUS_LOGIN),
        ("", Signal.ANOMALY),
    ],
)
def test_a_finding_type_of_guardduty_tells_its_signal(kind: str, signal: Signal) -> None:
    """By purpose, resource and family."""
    assert signal_of_type(kind) is signal


def test_a_machine_of_ours_that_attacks_others_was_taken_over() -> None:
    """The same finding with our machine as the actor is no knocking at our door."""
    assert signal_of_type("UnauthorizedAccess:EC2/SSHBruteForce", is_from_us=True) is Signal.MALWARE


@pytest.mark.parametrize(
    ("number", "severity"),
    [
        *[("0.5", "info"), (1, "low"), ("3.9", "low"), (4, "medium"), ("6.9", "medium"), (7, "high"), ("8.9", "high")],
        *[(9, "critical"), ("10.0", "critical"), (-1, "unknown"), (None, "unknown"), ("x", "unknown")],
    ],
)
def test_the_number_of_guardduty_is_one_of_five_steps(number: object, severity: str) -> None:
    """Written as a number or as a text; what is no number says nothing."""
    finding = {"type": "Recon:EC2/Portscan", "severity": number, "title": "t"}
    event = {"detail-type": "GuardDuty Finding", "source": "aws.guardduty", "detail": finding}
    (alert,) = SOURCE.normalise("probe", delivery_of(event))
    assert alert.severity is Severity(severity)


def test_every_product_that_it_carries_is_a_word_for_it() -> None:
    """People look for the product that they have, not for the wire that it comes by."""
    words = ("sns", "aws_sns", "CloudWatch", "guardduty", "security-hub", "securityhub", "eventbridge", "aws-backup")
    assert {source_of(word) for word in words} == {SOURCE}


def test_its_test_message_is_a_test() -> None:
    """And needs no signature, so that an operator can send it."""
    delivery = Delivery(SOURCE.test_body(), {}, "", NOW)
    (alert,) = SOURCE.normalise("probe", delivery)
    assert alert.status is AlertStatus.TEST
    assert SOURCE.proof_in(delivery, {}) is None


def test_a_word_of_somebody_else_is_left_to_them() -> None:
    """A raw message that only SNS could have wrapped is kept; without its headers nobody knows."""
    body = {"scenario": "crowdsecurity/ssh-bf"}
    with pytest.raises(UnreadablePayload):
        SOURCE.normalise("probe", delivery_of(body))
    (alert,) = SOURCE.normalise("probe", delivery_of(body, {"x-amz-sns-message-type": "Notification"}))
    assert alert.title == "Amazon SNS: message"
