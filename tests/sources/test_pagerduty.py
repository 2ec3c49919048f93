"""How PagerDuty proves who it is, and how it marks what it sends twice."""

import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from breach_service.domain.alert import Alert, Severity
from breach_service.errors import WrongCredential
from breach_service.sources.credentials import AuthKind, Credential, verify
from breach_service.sources.redelivery import delivery_key
from breach_service.sources.request import Delivery
from breach_service.sources.senders.pagerduty import SOURCE

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
BODY = '{"event": {"id": "é"}}'.encode()
OLD, NEW = b"the-secret-before", b"the-secret-after"
Normalised = Callable[[str, bytes], list[Alert]]


def signatures(*secrets: bytes, version: str = "v1") -> dict[str, str]:
    """Several, separated by commas, while a secret is being replaced."""
    each = (f"{version}={hmac.new(secret, BODY, 'sha256').hexdigest()}" for secret in secrets)
    return {"x-pagerduty-signature": ",".join(each)}


def place_of(headers: dict[str, str], *secrets: bytes) -> int:
    return verify(Credential(AuthKind.HMAC, secrets=secrets, signings=SOURCE.signings), headers, BODY, None, NOW)


def test_one_signature_of_several_that_fits_is_enough() -> None:
    """Its rotation and ours may be at different points."""
    assert place_of(signatures(OLD, NEW), NEW) == 0
    assert place_of(signatures(NEW, OLD), b"other", OLD) == 1
    assert place_of(signatures(NEW), NEW) == 0


def test_a_signature_that_fits_no_secret_is_refused() -> None:
    """Over the raw bytes."""
    with pytest.raises(WrongCredential):
        place_of(signatures(b"another"), NEW, OLD)
    with pytest.raises(WrongCredential):
        place_of({"x-pagerduty-signature": "v1=zz,v1="}, NEW)


def test_the_secret_is_made_by_the_sender() -> None:
    """It is shown once, where the subscription is created."""
    assert SOURCE.secret_is_theirs


def test_a_retry_has_the_id_of_the_first_attempt() -> None:
    """Whatever it carries."""
    first = Delivery(b"1", {"x-webhook-id": "a"}, "", NOW)
    again = Delivery(b"1", {"x-webhook-id": "a"}, "", NOW)
    other = Delivery(b"1", {"x-webhook-id": "b"}, "", NOW)
    assert delivery_key(SOURCE.redelivery, first) == delivery_key(SOURCE.redelivery, again)
    assert delivery_key(SOURCE.redelivery, first) != delivery_key(SOURCE.redelivery, other)


@pytest.mark.parametrize(
    ("priority", "severity"),
    [
        ("P1", Severity.CRITICAL),
        ("SEV-1", Severity.CRITICAL),
        ("Sev 2", Severity.HIGH),
        ("P3 - moyen", Severity.MEDIUM),
        ("P5", Severity.INFO),
        ("Blocker", Severity.CRITICAL),
        ("Gold", Severity.HIGH),
    ],
)
def test_a_priority_is_read_by_its_number(normalised: Normalised, priority: str, severity: Severity) -> None:
    """1 is the worst in both schemes of PagerDuty; own names that are no usual words leave it to the urgency."""
    data = {"id": "P1", "type": "incident", "title": "x", "priority": {"summary": priority}, "urgency": "high"}
    event = {"event_type": "incident.triggered", "resource_type": "incident", "data": data}
    (alert,) = normalised("pagerduty", json.dumps({"event": event}).encode())
    assert (alert.severity, alert.vendor_severity) == (severity, priority)


@pytest.mark.parametrize(
    ("case", "name"), [("event_of_a_tool", "routing_key"), ("event_of_the_first_version", "service_key")]
)
def test_the_key_of_a_service_is_kept_nowhere(
    sample: Callable[[str], bytes], normalised: Normalised, case: str, name: str
) -> None:
    """It is a secret of the tool that sent the event."""
    body = sample(f"pagerduty/{case}.json")
    key = json.loads(body)[name]
    assert all(key not in repr(alert) for alert in normalised("pagerduty", body))
