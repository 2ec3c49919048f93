"""What an API token may do, by role and scope."""

import pytest

from breach_service.domain.access import ALLOWED, PEOPLE, PERSONS_ONLY, Act, UserRole, grantable, scope_of


@pytest.mark.parametrize("role", PEOPLE)
def test_a_token_has_what_its_role_has_but_for_what_is_a_persons(role: UserRole) -> None:
    """Each act of the role is in one of the two."""
    assert grantable(role) == {act for act in Act if role in ALLOWED[act]} - PERSONS_ONLY


@pytest.mark.parametrize("role", PEOPLE)
def test_a_scope_never_widens(role: UserRole) -> None:
    """Every word there is, and some that are none, give no more than the role; what the role has lost is gone."""
    assert scope_of(role, [*map(str, Act), "nonsense"]) == grantable(role)
    assert scope_of(role, []) == grantable(role)
    assert scope_of(role, ["nonsense"]) == frozenset()
    for act in Act:
        assert scope_of(role, [str(act)]) <= {act}
