"""Who may do what: the whole table."""

import pytest

from breach_service.domain.access import ALLOWED, Act, Actor, UserRole, acts_allowed, is_allowed

READING = {Act.LOOK, Act.LOOK_AT_RAW}
WORKING = {
    Act.LOOK, Act.LOOK_AT_RAW, Act.DECLARE, Act.RECORD_FACT, Act.ADD_SYSTEMS, Act.RECORD_AWARENESS, Act.REPLAY,
    Act.SILENCE, Act.MERGE, Act.TRY_GROUPING,
}  # fmt: skip
JUDGING = {Act.QUALIFY, Act.CLOSE, Act.RECORD_FILING, Act.DECIDE_NOT_REQUIRED}
CONTENT = {Act.MANAGE_INVENTORY, Act.ACTIVATE_CONTENT}
TABLE = {
    UserRole.VIEWER: {Act.LOOK},
    UserRole.RESPONDER: WORKING,
    UserRole.DPO: WORKING | JUDGING | CONTENT,
    UserRole.DECIDER: (WORKING | JUDGING) - {Act.LOOK_AT_RAW, Act.REPLAY},
    UserRole.ADMIN: READING
    | CONTENT
    | {
        Act.DECLARE,
        Act.REPLAY,
        Act.SILENCE,
        Act.TRY_GROUPING,
        Act.MANAGE_SOURCES,
        Act.MANAGE_PEOPLE,
    },
    UserRole.AUDITOR: READING,
    UserRole.INSPECTOR: set(),
}


@pytest.mark.parametrize("role", UserRole)
def test_each_role_may_do_exactly_its_acts(role: UserRole) -> None:
    """Read in one place; a change here is a change of who may do what."""
    assert acts_allowed(Actor("somebody", role)) == TABLE[role]


def test_every_act_has_its_entry_and_somebody_who_may_do_it() -> None:
    """A new act is refused to all until somebody thought of it, and never left without an entry."""
    assert set(ALLOWED) == set(Act)
    assert all(ALLOWED.values())


def test_the_auditor_changes_nothing() -> None:
    """Whoever checks must not be able to have written."""
    assert acts_allowed(Actor("somebody", UserRole.AUDITOR)) <= READING


def test_whoever_may_act_may_look() -> None:
    """Nobody decides on what they cannot see."""
    for role in UserRole:
        allowed = acts_allowed(Actor("somebody", role))
        assert not allowed or Act.LOOK in allowed


def test_the_administrator_of_the_machine_judges_nothing() -> None:
    """Accounts and senders are one thing, the opinion and the decision another."""
    assert not acts_allowed(Actor("somebody", UserRole.ADMIN)) & JUDGING


@pytest.mark.parametrize("role", UserRole)
def test_the_operator_at_the_command_line_may_do_everything(role: UserRole) -> None:
    """Who holds the machine holds the database: pretending otherwise would protect nothing."""
    assert acts_allowed(Actor("operator", role, is_operator=True)) == set(Act)


def test_one_act_is_answered_like_the_whole_table() -> None:
    """`is_allowed` and `acts_allowed` agree."""
    for role in UserRole:
        actor = Actor("somebody", role)
        assert {act for act in Act if is_allowed(actor, act)} == acts_allowed(actor)
