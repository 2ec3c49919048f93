"""The codes of Auth0's log events: what each means, and what it reports.

https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes.
"""

import re
from collections.abc import Mapping

from breach_service.domain.alert import Signal

BLOCKED_ACCOUNT = "limit_wc"
BLOCK_RELEASED = "ublkdu"

_DANGERS: Mapping[str, tuple[Signal, str]] = {
    # One wrong password is no incident: these are counted, and open nothing.
    "f": (Signal.BRUTE_FORCE, "Failed login"),
    "fp": (Signal.BRUTE_FORCE, "Failed login (incorrect password)"),
    "fu": (Signal.BRUTE_FORCE, "Failed login (invalid email or username)"),
    "fc": (Signal.BRUTE_FORCE, "Failed login by connector"),
    "fcoa": (Signal.BRUTE_FORCE, "Failed cross-origin authentication"),
    "fens": (Signal.BRUTE_FORCE, "Failed exchange for native social login"),
    "fepft": (Signal.BRUTE_FORCE, "Failed exchange of password for access token"),
    "feotpft": (Signal.BRUTE_FORCE, "Failed exchange of password and one-time password for access token"),
    "feoobft": (Signal.BRUTE_FORCE, "Failed exchange of password and out-of-band challenge for access token"),
    "fercft": (Signal.BRUTE_FORCE, "Failed exchange of password and MFA recovery code for access token"),
    "gd_auth_failed": (Signal.BRUTE_FORCE, "MFA authentication failed"),
    "gd_recovery_failed": (Signal.BRUTE_FORCE, "MFA recovery failed (wrong recovery code)"),
    "gd_otp_rate_limit_exceed": (Signal.BRUTE_FORCE, "MFA: too many wrong codes"),
    "gd_recovery_rate_limit_exceed": (Signal.BRUTE_FORCE, "MFA: too many wrong recovery codes"),
    "gd_webauthn_challenge_failed": (Signal.BRUTE_FORCE, "MFA challenge failed (WebAuthn)"),
    BLOCKED_ACCOUNT: (Signal.BRUTE_FORCE, "Blocked account (too many failed logins from one address)"),
    BLOCK_RELEASED: (Signal.BRUTE_FORCE, "User login block released"),
    "limit_mu": (Signal.BRUTE_FORCE, "Blocked IP address (too many failed logins or sign-ups)"),
    "limit_sul": (Signal.BRUTE_FORCE, "Blocked user (too many logins per minute)"),
    "limit_ui": (Signal.SCAN, "Too many calls to /userinfo"),
    "limit_delegation": (Signal.SCAN, "Too many calls to /delegation"),
    # Auth0 found the password in a list of a breach elsewhere: somebody who is or plays the user typed it.
    "pwd_leak": (Signal.LEAKED_SECRET, "Breached password used at login"),
    "signup_pwd_leak": (Signal.LEAKED_SECRET, "Breached password used at sign-up"),
    "reset_pwd_leak": (Signal.LEAKED_SECRET, "Breached password used at password reset"),
    "gd_auth_rejected": (Signal.SUSPICIOUS_LOGIN, "MFA authentication rejected by the user"),
    "ferrt": (Signal.SUSPICIOUS_LOGIN, "Failed exchange of rotating refresh token (it may have been reused)"),
    "gd_unenroll": (Signal.PRIVILEGE_CHANGE, "MFA device unenrolled"),
    "gd_tenant_update": (Signal.PRIVILEGE_CHANGE, "MFA settings of the tenant updated"),
    "gd_update_device_account": (Signal.ROUTINE, "MFA device updated"),
    "pla": (Signal.ROUTINE, "Pre-login assessment"),
    "w": (Signal.OPERATIONS, "Warnings during login"),
    "api_limit": (Signal.OPERATIONS, "Rate limit on the Authentication or Management APIs"),
    "api_limit_warning": (Signal.OPERATIONS, "Rate limit on the Authentication or Management APIs nearly reached"),
    "coff": (Signal.UNAVAILABILITY, "AD/LDAP connector is offline"),
    "con": (Signal.ROUTINE, "AD/LDAP connector is online"),
    "fn": (Signal.OPERATIONS, "Failed sending notification"),
    "depnote": (Signal.OPERATIONS, "Deprecation notice"),
    "actions_execution_failed": (Signal.OPERATIONS, "Action execution failed"),
}

_ROUTINE: Mapping[str, str] = {
    "s": "Successful login",
    "ss": "Successful sign-up",
    "fs": "Failed sign-up",
    "slo": "Successful logout",
    "flo": "Failed logout",
    "sapi": "API operation",
    "fapi": "Failed API operation",
    "mgmt_api_read": "API read operation",
    "seacft": "Successful exchange of authorization code for access token",
    "feacft": "Failed exchange of authorization code for access token",
    "seccft": "Successful exchange of client credentials for access token",
    "feccft": "Failed exchange of client credentials for access token",
    "sepft": "Successful exchange of password for access token",
    "sertft": "Successful exchange of refresh token for access token",
    "fertft": "Failed exchange of refresh token for access token",
    "ssa": "Successful silent authentication",
    "fsa": "Failed silent authentication",
    "scoa": "Successful cross-origin authentication",
    "scp": "Successful change of password",
    "fcp": "Failed change of password",
    "scpr": "Successful change password request",
    "fcpr": "Failed change password request",
    "sce": "Successful change of email",
    "fce": "Failed change of email",
    "sdu": "Successful user deletion",
    "fdu": "Failed user deletion",
    "du": "Deleted user",
    "fco": "Origin is not allowed (CORS)",
    "sv": "Successful verification of email",
    "mfar": "MFA required",
    "gd_auth_succeed": "MFA authentication succeeded",
    "gd_enrollment_complete": "MFA enrollment complete",
    "gd_recovery_succeed": "MFA recovery succeeded",
    "gd_start_auth": "Second factor started",
    "gd_send_sms": "SMS for MFA sent",
    "gd_send_pn": "Push notification for MFA sent",
    "test": "Test",
}

_MANAGEMENT: tuple[tuple[Signal, re.Pattern[str]], ...] = (
    (
        Signal.PRIVILEGE_CHANGE,
        re.compile(
            r"assign.*(role|permission)|(role|permission)s?.*(assign|to a user)|add.*(permission|member)|grant"
            r"|tenant invitation"
        ),
    ),
    (
        Signal.INTEGRITY_CHANGE,
        re.compile(
            r"(delete|deactivate).*(log stream|connection|rule|action|guardian|attack|brute)|update.*(attack protection"
            r"|brute|breached|guardian|suspicious ip)|(set|updates?) (the |an? )?(multi-factor|risk assessment)"
            r"|detection captcha"
        ),
    ),
)
"""What operations of the management API do, by their descriptions (`Assign roles to a user`)."""


_MISCONFIGURED = re.compile(
    r"callback url|redirect[ _]uri|not enabled|unknown client|unsupported|invalid[ _]request|missing required",
    re.IGNORECASE,
)
"""Log-ins that failed because of the application, not of a password."""


def meaning_of(code: str) -> str:
    """What the code says, in the words of Auth0's documentation, shortened."""
    return _DANGERS[code][1] if code in _DANGERS else _ROUTINE.get(code, f"Auth0 event {code}")


def signal_of_code(code: str, description: str) -> Signal:
    """What an event of that code reports; what Auth0 does not list as a danger is what a tenant does all day."""
    if code == "sapi":
        operation = description.lower()
        return next((signal for signal, pattern in _MANAGEMENT if pattern.search(operation)), Signal.ROUTINE)
    if code == "f" and _MISCONFIGURED.search(description):
        return Signal.OPERATIONS
    return _DANGERS[code][0] if code in _DANGERS else Signal.ROUTINE
