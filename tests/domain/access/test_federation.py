"""What the groups of a provider make of a person, and whose account is whose."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.access import ALLOWED, PEOPLE, UserRole
from breach_service.domain.access.federation import (
    HIGHEST_FIRST,
    Account,
    Admission,
    Entry,
    Identity,
    Refusal,
    admission_of,
    is_lowered,
    role_of,
    roles_of_groups,
)

ROLES = {f"g-{one}": one for one in PEOPLE}
NOE = Identity("https://login.example", "noe", "noe@us.example", True, "Noé", frozenset({"g-dpo"}))
groups = st.frozensets(st.sampled_from([*ROLES, "unknown", "G-ADMIN", " g-admin", ""]))
accounts = st.none() | st.builds(
    Account, st.just(1), st.sampled_from(PEOPLE), st.booleans(), st.booleans(), st.booleans()
)  # fmt: skip
identities = st.builds(
    Identity, st.just("https://login.example"), st.just("noe"), st.sampled_from(["", "noe@us.example"]),
    st.sampled_from([True, False, None]), st.just("Noé"), groups,
)  # fmt: skip


def test_every_role_of_a_person_has_its_place() -> None:
    """The declared order leaves none out and has none twice."""
    assert sorted(HIGHEST_FIRST) == sorted(PEOPLE)


@given(groups)
def test_the_highest_role_counts_and_unknown_groups_none(held: frozenset[str]) -> None:
    """Whatever order they come in; names are compared to the letter."""
    known = [ROLES[one] for one in held if one in ROLES]
    assert role_of(held, ROLES) == (min(known, key=HIGHEST_FIRST.index) if known else None)


@given(st.sampled_from(PEOPLE), st.none() | st.sampled_from(PEOPLE))
def test_a_role_is_lowered_where_something_is_allowed_no_more(before: UserRole, after: UserRole | None) -> None:
    """Against the table of acts itself; no role at all is lower than any."""
    lost = [act for act, holders in ALLOWED.items() if before in holders and after not in holders]
    assert is_lowered(before, after) == bool(lost)
    assert not is_lowered(before, before)
    assert is_lowered(before, None)


@given(identities, accounts, accounts)
def test_nobody_comes_in_without_a_group_or_into_an_account_that_is_not_theirs(
    identity: Identity, own: Account | None, namesake: Account | None
) -> None:
    """For every identity and every pair of accounts."""
    found = admission_of(identity, ROLES, own, namesake)
    if isinstance(found, Refusal):
        return
    assert found.role == role_of(identity.groups, ROLES)
    match found.entry:
        case Entry.KNOWN:
            assert own is not None
            assert not own.is_disabled
        case Entry.INVITED:
            assert own is None
            assert namesake is not None
            assert namesake.is_invited
            assert identity.is_email_verified
            assert not namesake.is_disabled
            assert not namesake.is_linked
        case Entry.NEW:
            assert own is None
            assert namesake is None
            assert identity.email
            assert found.account is None


@pytest.mark.parametrize(
    ("identity", "own", "namesake", "expected"),
    [
        (NOE, None, None, Admission(Entry.NEW, UserRole.DPO)),
        (NOE, Account(7, UserRole.VIEWER), None, Admission(Entry.KNOWN, UserRole.DPO, 7)),
        (NOE, Account(7, UserRole.DPO, is_disabled=True), None, Refusal.DISABLED),
        (NOE, None, Account(7, UserRole.DPO), Refusal.ADDRESS_TAKEN),
        (NOE, None, Account(7, UserRole.DPO, is_invited=True), Admission(Entry.INVITED, UserRole.DPO, 7)),
        (NOE, None, Account(7, UserRole.DPO, is_invited=True, is_disabled=True), Refusal.ADDRESS_TAKEN),
        (replace(NOE, is_email_verified=None), None, Account(7, UserRole.DPO, is_invited=True),
         Refusal.ADDRESS_NOT_VERIFIED),
        (replace(NOE, is_email_verified=None), None, None, Admission(Entry.NEW, UserRole.DPO)),
        (replace(NOE, is_email_verified=False), None, None, Refusal.ADDRESS_NOT_VERIFIED),
        (replace(NOE, email=""), None, None, Refusal.NO_ADDRESS),
        (replace(NOE, email=""), Account(7, UserRole.DPO), None, Admission(Entry.KNOWN, UserRole.DPO, 7)),
        (replace(NOE, groups=frozenset()), Account(7, UserRole.DPO), None, Refusal.NO_ROLE),
    ],
)  # fmt: skip
def test_who_comes_in_and_who_does_not(
    identity: Identity, own: Account | None, namesake: Account | None, expected: Admission | Refusal
) -> None:
    """The cases by name."""
    assert admission_of(identity, ROLES, own, namesake) == expected


def test_groups_are_written_as_people_write_them() -> None:
    """A distinguished name keeps its commas and equal signs; spaces around do not count."""
    text = "CN=Breach DPO,OU=Law,DC=us = dpo ;run=admin;\n /staff/on-call=responder;"
    assert roles_of_groups(text) == {
        "CN=Breach DPO,OU=Law,DC=us": UserRole.DPO, "run": UserRole.ADMIN, "/staff/on-call": UserRole.RESPONDER,
    }  # fmt: skip


@pytest.mark.parametrize("text", ["run", "run=", "=admin", "run=boss", "run=source", "run=admin; run=viewer"])
def test_what_makes_no_sense_is_said(text: str) -> None:
    """With what it was, or how to write it."""
    with pytest.raises(ValueError, match="group"):
        roles_of_groups(text)
