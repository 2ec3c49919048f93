"""What a Keycloak event reports.

Types are those of `org.keycloak.events.EventType`, errors those of `org.keycloak.events.Errors`, resources those of
`org.keycloak.events.admin.ResourceType`.
"""

from breach_service.domain.alert import Signal
from breach_service.sources.senders.keycloak.events import KeycloakEvent

_GUESSING_WORDS = (
    "invalid_user_credentials user_not_found user_disabled user_temporarily_disabled user_permanently_disabled"
    " invalid_client_credentials invalid_credentials not_allowed access_denied username_missing password_missing"
    " invalid_email invalid_client different_user_authenticated"
)
_GUESSING = frozenset(_GUESSING_WORDS.split())
"""Errors of somebody who does not know the secret; expired codes and missing cookies are browsers, not attacks."""
_SIGN_INS = frozenset({"LOGIN_ERROR", "CLIENT_LOGIN_ERROR", "RESET_PASSWORD_ERROR", "UPDATE_PASSWORD_ERROR"})
_FACTORS = frozenset({"REMOVE_TOTP", "REMOVE_CREDENTIAL"})
_ROLES = frozenset({"REALM_ROLE_MAPPING", "CLIENT_ROLE_MAPPING", "GROUP_MEMBERSHIP", "CLIENT_SCOPE_MAPPING"})
_DOORS = frozenset({"IDENTITY_PROVIDER", "COMPONENT", "USER_FEDERATION_PROVIDER"})
_GUARDS = frozenset({"REALM", "AUTH_FLOW", "AUTH_EXECUTION", "AUTHENTICATOR_CONFIG", "REQUIRED_ACTION"})


def signal_of_event(event: KeycloakEvent) -> Signal:
    """What it reports; what Keycloak does not tell as an error, and no administrator should rarely do, is ROUTINE."""
    return _signal_of_administration(event) if event.is_of_administrator else _signal_of_user(event)


def _signal_of_user(event: KeycloakEvent) -> Signal:
    if event.kind.startswith("USER_DISABLED_BY_"):
        # Keycloak's own brute force detection: temporary or permanent lockout.
        return Signal.BRUTE_FORCE
    if event.kind in _SIGN_INS:
        return Signal.BRUTE_FORCE if not event.error or event.error.lower() in _GUESSING else Signal.ROUTINE
    if event.kind in _FACTORS:
        return Signal.PRIVILEGE_CHANGE
    if event.kind == "IMPERSONATE":
        return Signal.SUSPICIOUS_LOGIN
    is_replayed = event.kind == "REFRESH_TOKEN_ERROR" and "reuse" in event.error.lower()
    return Signal.SUSPICIOUS_LOGIN if is_replayed else Signal.ROUTINE


def _signal_of_administration(event: KeycloakEvent) -> Signal:
    operation, _, resource = event.kind.partition(" ")
    if event.error:
        return Signal.ROUTINE
    if operation == "CREATE" and resource in _ROLES | _DOORS:
        return Signal.PRIVILEGE_CHANGE
    if operation == "DELETE" and resource in _GUARDS | _DOORS:
        return Signal.INTEGRITY_CHANGE
    return Signal.SUSPICIOUS_LOGIN if event.resource_path.endswith("/impersonation") else Signal.ROUTINE
