"""Who sees an incident, and who is named where one closes by itself."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.access import (
    EVERYTHING,
    Actor,
    PersonStanding,
    Seeing,
    Sight,
    Standing,
    UserRole,
    named_for,
    persons_meant,
    sight_of,
    what_is_seen,
)

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ME, OTHER = 1, 2
ROLES = tuple(one for one in UserRole if one is not UserRole.INSPECTOR)


def stands(standing: Standing, person: int = ME, at: datetime = NOW, until: datetime | None = None) -> PersonStanding:
    return PersonStanding(person, standing, at, until)


def seen(role: UserRole, *standings: PersonStanding, is_restricted: bool = True, at: datetime = NOW) -> bool:
    return what_is_seen(sight_of(Actor("me", role, person=ME)), standings, is_restricted, at)


@pytest.mark.parametrize("role", ROLES)
def test_a_restricted_incident_is_seen_by_those_who_are_named_and_by_no_role(role: UserRole) -> None:
    """Administrators and auditors are no exception: they read all the rest."""
    assert seen(role, is_restricted=False)
    assert not seen(role)
    assert not seen(role, stands(Standing.NAMED, OTHER))
    assert seen(role, stands(Standing.NAMED))
    assert seen(role, stands(Standing.COUNSEL))


@pytest.mark.parametrize("role", UserRole)
def test_whom_it_concerns_sees_it_never_whatever_their_role_and_name(role: UserRole) -> None:
    """Neither open nor restricted, neither named nor chosen."""
    all_of_them = [stands(one) for one in Standing]
    assert not seen(role, *all_of_them)
    assert not seen(role, *all_of_them, is_restricted=False)


def test_an_inspector_sees_what_was_chosen_until_the_date_and_nothing_else() -> None:
    """Being named in one is not being let in for an inspection."""
    chosen = stands(Standing.INSPECTING, until=NOW + HOUR)
    assert not seen(UserRole.INSPECTOR, is_restricted=False)
    assert not seen(UserRole.INSPECTOR, stands(Standing.NAMED))
    assert seen(UserRole.INSPECTOR, chosen)
    assert seen(UserRole.INSPECTOR, chosen, at=NOW + HOUR - timedelta(seconds=1))
    assert not seen(UserRole.INSPECTOR, chosen, at=NOW + HOUR)
    assert not seen(UserRole.INSPECTOR, chosen, at=NOW - HOUR)


def test_a_standing_that_was_ended_holds_no_more() -> None:
    """From the instant of its end on."""
    ended = PersonStanding(ME, Standing.NAMED, NOW, None, NOW + HOUR)
    assert seen(UserRole.DPO, ended)
    assert not seen(UserRole.DPO, ended, at=NOW + HOUR)


def test_a_token_sees_no_restricted_incident_and_the_operator_sees_all() -> None:
    """A token is nobody who could be named; whoever holds the machine cannot be kept out."""
    token = sight_of(Actor("token:x", UserRole.DPO))
    assert not what_is_seen(token, [stands(Standing.NAMED)], True, NOW)
    assert what_is_seen(token, [], False, NOW)
    assert not what_is_seen(Sight(Seeing.CHOSEN), [stands(Standing.INSPECTING)], False, NOW)
    assert what_is_seen(EVERYTHING, [stands(Standing.CONCERNED)], True, NOW)


DPO, DECIDER, DEPUTY, SECOND, BOSS = range(10, 15)


def test_those_in_charge_are_named_where_it_concerns_nobody_of_them() -> None:
    """The data protection officer and the decider."""
    named = named_for([DPO, DECIDER], [99], [], {DPO: DEPUTY}, [BOSS])
    assert (named.people, dict(named.instead_of), named.is_last_resort) == ((DPO, DECIDER), {}, False)


def test_a_substitute_takes_the_place_of_whom_it_concerns() -> None:
    """Named in advance, so that nobody has to be asked who might tell."""
    named = named_for([DPO, DECIDER], [DPO], [], {DPO: DEPUTY}, [BOSS])
    assert (named.people, dict(named.instead_of)) == ((DECIDER, DEPUTY), {DEPUTY: DPO})


def test_a_substitute_whom_it_concerns_too_is_replaced_alike() -> None:
    """Along the chain, and never in circles."""
    assert named_for([DPO], [DPO, DEPUTY], [], {DPO: DEPUTY, DEPUTY: SECOND}, []).people == (SECOND,)
    assert named_for([DPO], [DPO, DEPUTY], [], {DPO: DEPUTY, DEPUTY: DPO}, [BOSS]).people == (BOSS,)


def test_where_nobody_is_left_the_representative_is_named_and_it_is_said_so() -> None:
    """Unless it concerns the representative as well: then only the operator of the machine is left."""
    last = named_for([DPO, DECIDER], [DPO, DECIDER], [], {}, [BOSS])
    assert (last.people, last.is_last_resort) == ((BOSS,), True)
    nobody = named_for([DPO], [DPO, BOSS], [], {}, [BOSS])
    assert (nobody.people, nobody.is_last_resort) == ((), True)


def test_whoever_is_away_is_replaced_but_stands_before_nobody() -> None:
    """An absence is no suspicion."""
    assert named_for([DPO, DECIDER], [], [DPO], {DPO: DEPUTY}, []).people == (DECIDER, DEPUTY)
    assert named_for([DPO], [], [DPO], {}, [BOSS]).people == (DPO,)


people = st.sets(st.integers(0, 6))


@given(people, people, people, st.dictionaries(st.integers(0, 6), st.integers(0, 6)), people)
def test_nobody_whom_it_concerns_is_ever_named(
    holders: set[int], concerned: set[int], away: set[int], substitutes: dict[int, int], last: set[int]
) -> None:
    """And somebody is, while anybody is left who may be."""
    named = named_for(holders, concerned, away, substitutes, last)
    assert not set(named.people) & concerned
    assert set(named.people) <= holders | set(substitutes.values()) | last
    assert named.people or not (holders | last) - concerned
    assert set(named.instead_of) <= set(named.people)


def test_names_of_alerts_mean_accounts() -> None:
    """By the address, by what stands before its @, with or without a domain; a part of a name means nobody."""
    addresses = {1: "maud.sabran@us.example", 2: "m@us.example"}
    for name in ("maud.sabran", "US\\Maud.Sabran", "Maud.Sabran@US.example", " maud.sabran "):
        assert persons_meant([name], addresses) == {1}, name
    assert persons_meant(["sabran", "maud", "", "  ", "maud.sabran@elsewhere.example"], addresses) == frozenset()
