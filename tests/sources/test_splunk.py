"""What Splunk's rows hold, and how its cloud signs."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from breach_service.domain.alert import Alert
from breach_service.errors import UnreadablePayload, WrongCredential
from breach_service.sources.credentials import AuthKind, Credential, verify
from breach_service.sources.registry import source_of

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
Normalised = Callable[[str, bytes], list[Alert]]


def searched(row: Any, name: str | None = "S") -> bytes:
    return json.dumps({"sid": "1", "search_name": name, "app": "search", "results_link": "", "result": row}).encode()


def test_the_observability_cloud_signs_the_body_in_base64(sample: Callable[[str], bytes]) -> None:
    """`X-SFX-Signature`, with either of two secrets; another body is refused."""
    cloud = source_of("signalfx")
    credential = Credential(AuthKind.HMAC, secrets=(b"new", b"old"), signings=cloud.signings)
    body = sample("splunk-observability/detector_firing.json")
    headers = {"x-sfx-signature": base64.b64encode(hmac.new(b"old", body, "sha256").digest()).decode()}
    assert verify(credential, headers, body, None, NOW) == 1
    with pytest.raises(WrongCredential):
        verify(credential, headers, body + b"\n", None, NOW)


@pytest.mark.parametrize(
    ("row", "severity", "said"),
    [
        ({"urgency": "critical", "severity": "low"}, "critical", "critical"),
        ({"severity": "5"}, "unknown", "5"),
        ({"severity": "GET /index", "priority": "high"}, "high", "high"),
        ({}, "unknown", ""),
    ],
)
def test_only_a_word_that_is_a_severity_is_one(
    normalised: Normalised, row: dict[str, str], severity: str, said: str
) -> None:
    """Rows may hold anything under that name."""
    (alert,) = normalised("splunk", searched(row))
    assert (alert.severity, alert.vendor_severity) == (severity, said)


def test_the_machine_that_wrote_the_line_is_not_the_target_where_another_is_named(normalised: Normalised) -> None:
    """`host` is the target only where the row has no `dest`."""
    (alone,) = normalised("splunk", searched({"host": "web-01"}))
    (beside,) = normalised("splunk", searched({"host": "siem-01", "dest": "db-01", "src": "pc-09"}))
    assert [(one.value, str(one.role)) for one in alone.entities] == [("web-01", "target")]
    assert [(one.value, str(one.role)) for one in beside.entities] == [
        ("db-01", "target"),
        ("pc-09", "actor"),
        ("siem-01", "involved"),
    ]


def test_a_search_without_a_name_is_titled_by_its_row(normalised: Normalised) -> None:
    """Ad-hoc searches have none."""
    (alert,) = normalised("splunk", searched({"message": "Too many refunds"}, None))
    assert alert.title == "Too many refunds"


def test_what_looks_like_a_secret_is_masked(normalised: Normalised) -> None:
    """The raw line and the fields of the row go to people and channels."""
    (alert,) = normalised("splunk", searched({"_raw": "login password=hunter2", "cmd": "x --token abcdef99"}))
    assert "hunter2" not in alert.summary
    assert alert.labels["cmd"] == "x --token ***"


@pytest.mark.parametrize("body", [b"{}", b'{"sid": "1"}', b'{"hello": 1}'])
def test_what_is_no_alert_is_unreadable(normalised: Normalised, body: bytes) -> None:
    """The sentence says what was expected."""
    with pytest.raises(UnreadablePayload, match=r"Splunk alert"):
        normalised("splunk", body)
