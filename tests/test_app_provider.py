"""What the settings say of an OpenID provider, and what is wrong with them, at the start."""

from pathlib import Path
from typing import Any

import pytest

from breach_service.app import federation_of
from breach_service.domain.access import UserRole
from breach_service.errors import ConfigurationError
from tests.conftest import settings_for

GOOD = {
    "oidc_issuer": "https://login.example/realms/us", "oidc_client_id": "breach", "oidc_client_secret": "a secret",
    "oidc_groups": "law=dpo", "public_url": "https://breach.example/",
}  # fmt: skip


def test_the_settings_make_a_provider(tmp_path: Path) -> None:
    """Its name is its host where no other is given; nothing is fetched yet."""
    found = federation_of(settings_for(tmp_path, **GOOD))
    assert found is not None
    assert (found.name, found.rules.roles) == ("login.example", {"law": UserRole.DPO})
    assert found.provider.us.redirect_uri == "https://breach.example/oidc/callback"
    assert found.provider.us.client_secret == "a secret"
    assert "a secret" not in repr(found)


def test_without_an_issuer_there_is_none(tmp_path: Path) -> None:
    """Local accounts alone."""
    assert federation_of(settings_for(tmp_path)) is None


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"oidc_client_id": ""}, "BREACH_OIDC_CLIENT_ID"), ({"oidc_groups": ""}, "BREACH_OIDC_GROUPS"),
        ({"public_url": ""}, "BREACH_PUBLIC_URL"), ({"oidc_groups": "law=king"}, "BREACH_OIDC_GROUPS"),
        ({"oidc_issuer": "http://login.example"}, "BREACH_OIDC_ISSUER"),
        ({"oidc_scopes": "email"}, "BREACH_OIDC_SCOPES"),
        ({"oidc_issuer": "", "local_sign_in": False}, "BREACH_LOCAL_SIGN_IN"),
    ],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_named(tmp_path: Path, changes: dict[str, Any], named: str) -> None:
    """One sentence with the variable, and no secret."""
    with pytest.raises(ConfigurationError, match=named) as caught:
        federation_of(settings_for(tmp_path, **{**GOOD, **changes}))
    assert "a secret" not in str(caught.value)
