"""What the codes of Auth0 mean, and which of them are dangers."""

from collections.abc import Callable

import pytest

from breach_service.domain.alert import Alert, Severity
from breach_service.errors import UnreadablePayload
from breach_service.sources.senders.auth0.codes import meaning_of, signal_of_code

Normalised = Callable[[str, bytes], list[Alert]]


@pytest.mark.parametrize(
    ("code", "signal"),
    [
        ("f", "brute_force"),
        ("fp", "brute_force"),
        ("fu", "brute_force"),
        ("fc", "brute_force"),
        ("fcoa", "brute_force"),
        ("limit_wc", "brute_force"),
        ("limit_mu", "brute_force"),
        ("limit_sul", "brute_force"),
        ("gd_auth_failed", "brute_force"),
        ("gd_otp_rate_limit_exceed", "brute_force"),
        ("pwd_leak", "leaked_secret"),
        ("signup_pwd_leak", "leaked_secret"),
        ("reset_pwd_leak", "leaked_secret"),
        ("gd_auth_rejected", "suspicious_login"),
        ("gd_unenroll", "privilege_change"),
        ("coff", "unavailability"),
        ("api_limit", "operations"),
        ("s", "routine"),
        ("seacft", "routine"),
        ("ssa", "routine"),
        ("slo", "routine"),
        ("never_seen", "routine"),
    ],
)
def test_a_code_tells_its_signal(code: str, signal: str) -> None:
    """Codes that the documentation does not list as a danger are what a tenant does all day."""
    assert signal_of_code(code, "") == signal
    assert meaning_of(code)


@pytest.mark.parametrize(
    ("operation", "signal"),
    [
        ("Assign roles to a user", "privilege_change"),
        ("Create client grant", "privilege_change"),
        ("Delete log stream", "integrity_change"),
        ("Update Brute-force settings", "integrity_change"),
        ("Update a client", "routine"),
        ("Get a user", "routine"),
    ],
)
def test_an_operation_of_the_management_api_is_told_by_its_description(operation: str, signal: str) -> None:
    """Rights given and guards taken down are dangers; the rest is administration."""
    assert signal_of_code("sapi", operation) == signal


def test_there_is_never_a_severity(recorded: Callable[[str], list[Alert]]) -> None:
    """Auth0 gives none, and none is made up."""
    assert {one.severity for one in recorded("auth0/batch.json")} == {Severity.UNKNOWN}


@pytest.mark.parametrize("body", [b"{}", b'{"data": {}}', b'{"data": {"type": "f"}}', b'[{"log_id": "1"}]'])
def test_what_is_no_event_is_unreadable(normalised: Normalised, body: bytes) -> None:
    """The sentence says what was expected."""
    with pytest.raises(UnreadablePayload, match=r"Auth0 log stream"):
        normalised("auth0", body)
