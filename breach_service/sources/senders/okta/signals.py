"""What an event of Okta's System Log reports, by its type and outcome.

https://developer.okta.com/docs/reference/api/event-types/. Everything that is not named here is what an organisation
does all day.
"""

import re
from dataclasses import dataclass

from breach_service.domain.alert import Signal
from breach_service.sources.parts.words import signal_of_words


@dataclass(frozen=True)
class OktaEvent:
    """What decides of one event."""

    kind: str
    """Its type, in lower case."""
    result: str
    """SUCCESS, FAILURE, ALLOW, DENY, CHALLENGE, SKIPPED, UNKNOWN; in upper case, maybe empty."""
    reason: str
    """Such as INVALID_CREDENTIALS or LOCKED_OUT; in upper case, often empty."""
    risk: str
    """What Okta's own detections say of it, such as `{level=HIGH}` or `{Password Spray=HIGH}`."""

    @property
    def is_refused(self) -> bool:
        """True if what was asked did not happen."""
        return self.result in ("FAILURE", "DENY")


_SIGN_IN = re.compile(r"user\.(session\.start|authentication\.)|policy\.evaluate_sign_on|app\.generic\.unauth")
_HIGH_RISK = re.compile(r"level ?= ?HIGH|\bHIGH\b")

_SUCCEEDED: tuple[tuple[Signal, re.Pattern[str]], ...] = tuple(
    (signal, re.compile(pattern))
    for signal, pattern in (
        (Signal.LEAKED_SECRET, r"security\.breached_credential\.detected"),
        (Signal.BRUTE_FORCE, r"user\.account\.lock(\.limit)?$|security\.attack\.|user\.mfa\.factor\.lock"),
        (
            Signal.SUSPICIOUS_LOGIN,
            r"user\.account\.report_suspicious_activity_by_enduser|user\.mfa\.okta_verify\.deny_push"
            r"|user\.mfa\.attempt_bypass|user\.session\.impersonation\.(initiate|grant|extend)|user\.risk\.(change|detect)"
            r"|token\.detect_reuse|user\.session\.(clear_suspicious|context\.anomal)|analytics\.reports\.suspicious|entity\.risk",
        ),
        (
            Signal.PRIVILEGE_CHANGE,
            r"user\.mfa\.factor\.(deactivate|reset_all|suspend|unenroll)|(user\.account|group)\.privilege\.grant"
            r"|system\.api_token\.create|system\.idp\.lifecycle\.(create|activate)|app\.oauth2\.client\.credential"
            r"|oauth2\.client\.(secret|credential)s?\.create|iam\.(role|resourceset\.bindings)\.(create|add)"
            r"|system\.mfa\.factor\.deactivate|security\.authenticator\.lifecycle\.deactivate",
        ),
        (
            Signal.INTEGRITY_CHANGE,
            r"(policy|policy\.rule|zone|network_zone|system\.log_stream|event_hook|application)"
            r"(\.lifecycle)?\.(deactivate|delete)d?$|security\.threat\.configuration\.update"
            r"|security\.behavior\.settings\.(delete|deactivate)",
        ),
        (Signal.OPERATIONS, r"rate_limit|\.agent\.(ad|ldap)|event_hook\.delivery|system\.agent|\.lifecycle\.error"),
    )
)


def is_about_its_actor(event: OktaEvent) -> bool:
    """True if whoever the event names as its actor may be the victim: the account that somebody tries to get into."""
    return bool(_SIGN_IN.search(event.kind)) or event.kind.startswith(
        ("user.account.lock", "user.account.report_suspicious", "user.mfa.okta_verify", "user.mfa.attempt", "user.risk")
    )


def signal_of_event(event: OktaEvent) -> Signal:
    """What it reports; ROUTINE for everything that Okta does not tell as a danger."""
    if event.kind.startswith(("security.threat.", "security.request.")):
        # ThreatInsight: requests of addresses that try passwords elsewhere too; a blocked request went no further.
        is_blocked = event.kind.startswith("security.request.")
        return Signal.ROUTINE if is_blocked else signal_of_words(event.risk) or Signal.ANOMALY
    if _SIGN_IN.search(event.kind):
        if event.is_refused:
            # FastPass knows the origin that asks: somebody already had the password and a page of his own.
            return Signal.SUSPICIOUS_LOGIN if "PHISHING" in event.reason else Signal.BRUTE_FORCE
        return Signal.SUSPICIOUS_LOGIN if _HIGH_RISK.search(event.risk) else Signal.ROUTINE
    if event.is_refused and not is_about_its_actor(event) and "detect_reuse" not in event.kind:
        return Signal.ROUTINE
    return next((signal for signal, pattern in _SUCCEEDED if pattern.search(event.kind)), Signal.ROUTINE)
