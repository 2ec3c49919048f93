"""What a provider and the libraries that ask it say when something is wrong, in our words and without secrets."""

import re
from collections.abc import Callable
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]

from breach_service.domain.access import Refusal
from breach_service.notify.provider import ProviderFailed

DECLINED = frozenset(
    {"access_denied", "login_required", "consent_required", "interaction_required", "account_selection_required"}
)
AWAY = frozenset({"server_error", "temporarily_unavailable"})


def in_words(issuer: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What the libraries raise becomes ProviderFailed, without what was sent."""
    try:
        return work()
    except httpx2.HTTPError as error:
        raise ProviderFailed(Refusal.PROVIDER_DOWN, f"{issuer} could not be reached: {type(error).__name__}") from None
    except AuthlibBaseError as error:
        raise refused(str(error.error)) from None
    except (httpx2.InvalidURL, ValueError) as error:  # such as an answer that is no JSON
        raise ProviderFailed(
            Refusal.PROVIDER_DOWN, f"{issuer} answered what cannot be read: {type(error).__name__}"
        ) from None


def refused(word: str) -> ProviderFailed:
    """What an error code of the provider means (RFC 6749, sections 4.1.2.1 and 5.2; OpenID Connect Core, 3.1.2.6)."""
    shown = word if re.fullmatch(r"[a-z_]{1,40}", word) else "something unspeakable"
    if word in DECLINED:
        refusal = Refusal.DECLINED
    elif word in AWAY:
        refusal = Refusal.PROVIDER_DOWN
    else:
        refusal = Refusal.CODE_REFUSED if word == "invalid_grant" else Refusal.PROVIDER_REFUSED
    return ProviderFailed(refusal, f"the provider answers {shown}")
