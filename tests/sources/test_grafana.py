"""How Grafana proves who it is, and what it is told apart from."""

import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from breach_service.domain.alert import Alert, AlertStatus
from breach_service.errors import WrongCredential
from breach_service.sources.credentials import AuthKind, Credential, verify
from breach_service.sources.registry import source_of
from breach_service.sources.senders.alertmanager import SOURCE as ALERTMANAGER
from breach_service.sources.senders.grafana import SIGNATURE_HEADER, SOURCE, TIMESTAMP_HEADERS

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
BODY = '{"alerts": [], "title": "été"}'.encode()
OLD, NEW = b"the-secret-before", b"the-secret-after"


def signed(
    secret: bytes, body: bytes, at: datetime | None = None, header: str = TIMESTAMP_HEADERS[0]
) -> dict[str, str]:
    """Headers as grafana/alerting writes them: the clock and a colon before the body where it signs its clock."""
    stamp = str(int(at.timestamp())) if at else ""
    message = f"{stamp}:".encode() + body if stamp else body
    signature = hmac.new(secret, message, "sha256").hexdigest()
    return {SIGNATURE_HEADER: signature} | ({header: stamp} if stamp else {})


def place_of(headers: dict[str, str], body: bytes = BODY) -> int:
    credential = Credential(AuthKind.HMAC, secrets=(NEW, OLD), signings=SOURCE.signings)
    return verify(credential, headers, body, None, NOW)


@pytest.mark.parametrize("header", TIMESTAMP_HEADERS)
def test_a_signed_clock_is_part_of_the_message(header: str) -> None:
    """Under the names that operators give to the header; both secrets are good while one replaces the other."""
    assert place_of(signed(NEW, BODY, NOW, header)) == 0
    assert place_of(signed(OLD, BODY, NOW - timedelta(minutes=4), header)) == 1


def test_without_a_clock_the_body_alone_is_signed() -> None:
    """The default of the contact point."""
    assert place_of(signed(NEW, BODY)) == 0
    assert place_of(signed(OLD, BODY)) == 1


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        (signed(NEW, BODY, NOW - timedelta(minutes=6)), "stale_signature"),
        (signed(NEW, BODY, NOW + timedelta(minutes=6)), "stale_signature"),
        (signed(b"another", BODY, NOW), "wrong_signature"),
        (signed(b"another", BODY), "wrong_signature"),
        ({SIGNATURE_HEADER: signed(NEW, BODY, NOW)[SIGNATURE_HEADER]}, "wrong_signature"),
        ({}, "missing_signature"),
    ],
    ids=["too old", "ahead", "another secret", "another secret without a clock", "clock taken away", "nothing"],
)
def test_what_does_not_fit_is_refused(headers: dict[str, str], reason: str) -> None:
    """An old request cannot be played again, not even without its clock."""
    with pytest.raises(WrongCredential) as refused:
        place_of(headers)
    assert str(refused.value.reason) == reason


def test_each_of_the_two_knows_its_own_envelope(sample: Callable[[str], bytes]) -> None:
    """What arrives at the wrong address is still told apart."""
    ours, theirs = json.loads(sample("grafana/firing.json")), json.loads(sample("alertmanager/firing.json"))
    legacy = json.loads(sample("grafana/legacy_alerting.json"))
    assert [SOURCE.recognises(one) for one in (ours, theirs, legacy)] == [True, False, True]
    assert [ALERTMANAGER.recognises(one) for one in (ours, theirs, legacy)] == [False, True, False]


def test_it_is_found_by_the_names_that_people_use() -> None:
    """`source add --kind` takes them."""
    assert source_of("grafana-alerting") is SOURCE
    assert source_of("Grafana_Cloud") is SOURCE


def test_the_message_to_try_a_connection_is_a_test(normalised: Callable[[str, bytes], list[Alert]]) -> None:
    """It opens nothing."""
    assert [alert.status for alert in normalised("grafana", SOURCE.test_body())] == [AlertStatus.TEST]
