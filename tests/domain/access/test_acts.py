"""Who may do what: the whole table."""

import pytest

from breach_service.domain.access import (
    ALLOWED,
    DECISIONS,
    GLASS_ACTS,
    PEOPLE,
    Act,
    Actor,
    UserRole,
    acts_allowed,
    is_allowed,
)

OWN = {Act.KEEP_OWN_ACCOUNT}
SEEING = {Act.LOOK, Act.LOOK_AROUND} | OWN
TOLD = {Act.READ_EVIDENCE, Act.LOOK_AT_REPORTS}
READING = SEEING | {Act.LOOK_AT_RAW, Act.LOOK_AT_AUDIT}
WORKING = SEEING | {
    Act.DECLARE, Act.RECORD_FACT, Act.ADD_SYSTEMS, Act.RECORD_AWARENESS, Act.SILENCE, Act.MERGE, Act.TRY_GROUPING,
    Act.CONSULT, Act.LEAD, Act.MANAGE_MEASURES, Act.KEEP_EVIDENCE, Act.READ_EVIDENCE, Act.REVIEW_INCIDENT,
    Act.WORK_PLAYBOOK, Act.LOOK_AT_REPORTS, Act.SORT_REPORTS, Act.RUN_DRILL, Act.MUTE_REMINDERS,
    Act.ANSWER_CALL,
}  # fmt: skip
JUDGING = {
    Act.QUALIFY, Act.CLOSE, Act.APPROVE_DRAFT, Act.RECORD_FILING, Act.DECIDE_NOT_REQUIRED, Act.RESTRICT,
    Act.REVIEW_GLASS, Act.LOOK_AT_AUDIT,
}  # fmt: skip
CONTENT = {Act.MANAGE_INVENTORY, Act.ACTIVATE_CONTENT}
BODIES = {Act.LOOK_AT_RAW, Act.REPLAY}
ALLOWED_TO_SENDERS = {Act.SEND_ALERTS}
TABLE = {
    UserRole.VIEWER: SEEING | {Act.CONSULT},
    UserRole.RESPONDER: WORKING | BODIES | {Act.BREAK_GLASS},
    UserRole.DPO: WORKING
    | BODIES
    | JUDGING
    | CONTENT
    | {Act.GIVE_OPINION, Act.BREAK_GLASS, Act.MANAGE_ROTA, Act.NAME_SUBSTITUTE},
    UserRole.DECIDER: WORKING | JUDGING | {Act.MANAGE_ROTA, Act.RECORD_MANDATE},
    UserRole.ADMIN: READING
    | CONTENT
    | BODIES
    | {
        Act.DECLARE, Act.SILENCE, Act.TRY_GROUPING, Act.LEAD, Act.RUN_DRILL, Act.MANAGE_ROTA, Act.MANAGE_SOURCES,
        Act.MANAGE_PEOPLE,
        Act.RECORD_MANDATE, Act.NAME_SUBSTITUTE,
    },
    UserRole.AUDITOR: READING | TOLD,
    UserRole.INSPECTOR: {Act.LOOK} | OWN,
    UserRole.SOURCE: ALLOWED_TO_SENDERS,
}  # fmt: skip


@pytest.mark.parametrize("role", UserRole)
def test_each_role_may_do_exactly_its_acts(role: UserRole) -> None:
    """Read in one place; a change here is a change of who may do what."""
    assert acts_allowed(Actor("somebody", role)) == TABLE[role]


def test_every_act_has_its_entry_and_somebody_who_may_do_it() -> None:
    """A new act is refused to all until somebody thought of it; what only the machine's operator does, none may."""
    assert set(ALLOWED) == set(Act)
    assert {act for act in Act if not ALLOWED[act]} == {Act.OPERATE}


def test_the_auditor_changes_nothing() -> None:
    """Whoever checks must not be able to have written."""
    assert acts_allowed(Actor("somebody", UserRole.AUDITOR)) <= READING | TOLD


def test_an_inspector_sees_incidents_and_nothing_around_them() -> None:
    """The inventory names clients, a sender's page how it is watched: not what an inspection was let in for."""
    assert acts_allowed(Actor("somebody", UserRole.INSPECTOR)) == {Act.LOOK, Act.KEEP_OWN_ACCOUNT}


def test_a_sender_sends_and_nobody_else_does() -> None:
    """A stolen webhook secret opens no page, a stolen token invents no alert."""
    assert acts_allowed(Actor("somebody", UserRole.SOURCE)) == ALLOWED_TO_SENDERS
    assert ALLOWED[Act.SEND_ALERTS] == {UserRole.SOURCE}


@pytest.mark.parametrize("role", PEOPLE)
def test_whoever_may_act_may_look_and_keep_their_account(role: UserRole) -> None:
    """Nobody decides on what they cannot see, nobody depends on another for their own password."""
    assert acts_allowed(Actor("somebody", role)) >= {Act.LOOK, Act.KEEP_OWN_ACCOUNT}


def test_the_administrator_of_the_machine_judges_nothing() -> None:
    """Accounts and senders are one thing, the opinion and the decision another."""
    binding = DECISIONS | GLASS_ACTS | (JUDGING - {Act.LOOK_AT_AUDIT}) | {Act.GIVE_OPINION, Act.BREAK_GLASS}
    assert not acts_allowed(Actor("somebody", UserRole.ADMIN)) & binding


def test_whoever_decides_does_not_advise() -> None:
    """The opinion is the data protection officer's alone; a decision of theirs asks for a mandate besides."""
    assert ALLOWED[Act.GIVE_OPINION] == {UserRole.DPO}


@pytest.mark.parametrize("role", PEOPLE)
def test_a_scope_narrows_a_role_and_never_widens_it(role: UserRole) -> None:
    """A token that names an act which its role may not do may not do it either."""
    for act in Act:
        assert acts_allowed(Actor("token", role, scope=frozenset({act}))) == {act} & TABLE[role]
    assert acts_allowed(Actor("token", role, scope=frozenset())) == set()


@pytest.mark.parametrize("role", UserRole)
def test_the_operator_at_the_command_line_may_do_everything(role: UserRole) -> None:
    """Who holds the machine holds the database: pretending otherwise would protect nothing."""
    assert acts_allowed(Actor("operator", role, is_operator=True)) == set(Act) - ALLOWED_TO_SENDERS


def test_one_act_is_answered_like_the_whole_table() -> None:
    """`is_allowed` and `acts_allowed` agree."""
    for role in UserRole:
        actor = Actor("somebody", role)
        assert {act for act in Act if is_allowed(actor, act)} == acts_allowed(actor)
