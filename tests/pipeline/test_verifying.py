"""Signatures that need a sender's public key: fetched once, outside any transaction; without it nothing waits."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from breach_service.app import Service
from breach_service.notify.visits import VisitFailed
from breach_service.pipeline import process
from breach_service.pipeline.verifying import KeyRing
from breach_service.store.tables import AlertRow, OutboxRow, QuarantineRow
from tests.conftest import Clock
from tests.pipeline.incoming import Incoming

REGION = "https://sns.eu-west-3.amazonaws.com"
TOPIC = "arn:aws:sns:eu-west-3:123456789012:alarms"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
CERTIFICATE = (
    x509.CertificateBuilder()
    .subject_name(NAME)
    .issuer_name(NAME)
    .public_key(KEY.public_key())
    .serial_number(1)
    .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
    .sign(KEY, hashes.SHA256())
    .public_bytes(serialization.Encoding.PEM)
)
ALARM = {"AlarmName": "checkout-errors", "NewStateValue": "ALARM", "StateChangeTime": "2026-11-23T07:58:00.000+0000"}


def signed(kind: str, **fields: str) -> dict[str, str]:
    """A message of Amazon SNS, signed as it signs (version 2)."""
    message = {"Type": kind, "MessageId": "m-1", "TopicArn": TOPIC, "Timestamp": "2026-11-23T07:58:01.000Z", **fields}
    text = "".join(f"{key}\n{message[key]}\n" for key in sorted(message))
    signature = KEY.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    ends = {"SignatureVersion": "2", "Signature": base64.b64encode(signature).decode()}
    return {**message, **ends, "SigningCertURL": f"{REGION}/SimpleNotificationService-1.pem"}


def notification(message_id: str = "m-1") -> dict[str, str]:
    return signed("Notification", Message=json.dumps(ALARM), MessageId=message_id)


class Away:
    """What is outside, asked and counted."""

    def __init__(self, certificate: bytes | None = CERTIFICATE) -> None:
        self.certificate = certificate
        self.asked: list[str] = []

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        if self.certificate is None:
            raise VisitFailed("the network is away")
        return self.certificate


@pytest.fixture
def incoming(service: Service) -> Incoming:
    """A sender of the kind that signs with a certificate."""
    made = Incoming(service)
    made.connect("cloud", "aws", "bearer")
    return made


@pytest.fixture
def receive(incoming: Incoming) -> Callable[[dict[str, str], KeyRing], None]:
    """Deliver a message and process it with the keys at hand."""

    def deliver(message: dict[str, str], keys: KeyRing) -> None:
        incoming.send_bytes(json.dumps(message).encode(), "cloud")
        service = incoming.service
        while process(service.database, service.cipher, service.knowledge(), incoming.now, keys=keys):
            pass

    return deliver


Receive = Callable[[dict[str, str], KeyRing], None]


def test_a_signed_message_is_verified_with_a_key_that_is_fetched_once(incoming: Incoming, receive: Receive) -> None:
    """Another process finds the key in the database, and asks nobody."""
    away = Away()
    keys = KeyRing(away)
    receive(notification(), keys)
    receive(notification("m-2"), keys)
    nobody = Away(None)
    receive(notification("m-3"), KeyRing(nobody))
    assert len(away.asked) == 1
    assert nobody.asked == []
    assert {one.is_unverified for one in incoming.rows(AlertRow)} == {False}


def test_a_message_whose_signature_does_not_fit_is_set_aside(incoming: Incoming, receive: Receive) -> None:
    """Whoever knows the address cannot speak for the sender."""
    receive({**notification(), "Message": json.dumps({**ALARM, "NewStateValue": "OK"})}, KeyRing(Away()))
    assert incoming.rows(AlertRow) == []
    (kept,) = incoming.rows(QuarantineRow)
    assert "signature" in kept.reason


def test_a_forged_address_of_the_key_is_never_asked(incoming: Incoming, receive: Receive) -> None:
    """The key of somebody else proves nothing."""
    away = Away()
    receive({**notification(), "SigningCertURL": "https://evil.example/SimpleNotificationService-1.pem"}, KeyRing(away))
    assert away.asked == []
    assert incoming.count(QuarantineRow) == 1


def test_without_the_key_the_alert_is_taken_as_unverified(incoming: Incoming, receive: Receive, clock: Clock) -> None:
    """No alert waits for somebody else's server; a minute later it is asked again."""
    away = Away(None)
    keys = KeyRing(away)
    receive(notification(), keys)
    receive(signed("Notification", MessageId="m-2", Message=json.dumps({**ALARM, "AlarmName": "other"})), keys)
    assert len(away.asked) == 1
    assert [one.is_unverified for one in incoming.rows(AlertRow)] == [True, True]
    clock.at += timedelta(minutes=2)
    receive(signed("Notification", MessageId="m-3", Message=json.dumps({**ALARM, "AlarmName": "third"})), keys)
    assert len(away.asked) == 2


def test_what_is_no_certificate_is_not_kept_as_one(incoming: Incoming, receive: Receive, clock: Clock) -> None:
    """A page of errors with status 200 turns nothing away; the next minute it is asked again and checked."""
    away = Away(b"<html>try later</html>")
    keys = KeyRing(away)
    receive(notification(), keys)
    assert [one.is_unverified for one in incoming.rows(AlertRow)] == [True]
    away.certificate = CERTIFICATE
    clock.at += timedelta(minutes=2)
    receive({**notification("m-2"), "Signature": "AAAA"}, keys)
    assert len(away.asked) == 2
    assert incoming.count(QuarantineRow) == 1


def subscription() -> dict[str, str]:
    url = f"{REGION}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t"
    return signed("SubscriptionConfirmation", Message="You chose to subscribe.", Token="t", SubscribeURL=url)


def test_a_subscription_is_confirmed_only_after_its_signature_was_checked(incoming: Incoming, receive: Receive) -> None:
    """Unchecked, anybody could make us visit an address."""
    receive(subscription(), KeyRing(Away(None)))
    assert [one for one in incoming.rows(OutboxRow) if one.kind == "visit"] == []
    receive(subscription(), KeyRing(Away()))
    (visit,) = [one for one in incoming.rows(OutboxRow) if one.kind == "visit"]
    assert visit.payload["url"] == subscription()["SubscribeURL"]
    assert incoming.incidents() == []
