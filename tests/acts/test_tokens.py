"""API tokens: shown once, kept as a hash, never more than their role, never without an end, and never a decision."""

from datetime import timedelta
from typing import Any

import pytest

from breach_service.acts.authorise import authorise
from breach_service.acts.people import accounts, tokens
from breach_service.acts.people.tokens import Bearer, Terms, TokenState
from breach_service.app import OPERATOR, Service
from breach_service.domain.access import DECISIONS, PEOPLE, Act, Actor, UserRole, grantable, is_allowed
from breach_service.errors import InvalidCommand, NotAllowed, NotFound
from breach_service.store import people as stored

HOUR = timedelta(hours=1)
ADMIN = Actor("Ada", UserRole.ADMIN, person=999)


def add(service: Service, name: str = "grafana", role: UserRole = UserRole.AUDITOR, **more: Any) -> str:
    return service.database.write(lambda session: tokens.add_token(session, ADMIN, name, role, service.now(), **more))


def person(service: Service, role: UserRole = UserRole.DPO) -> int:
    return service.database.write(
        lambda session: accounts.add_user(session, OPERATOR, "camille@example.org", role, None, service.now())
    )


def bearer(service: Service, token: str) -> Bearer:
    with service.database.reading() as session:
        return tokens.bearer_of(session, token, service.now())


def listed(service: Service) -> tokens.TokenSummary:
    with service.database.reading() as session:
        [one] = tokens.list_tokens(session, ADMIN, service.now())
    return one


def test_a_token_stands_for_its_role_until_it_ends(service: Service, clock: Any) -> None:
    """To the second; an unknown one stands for nobody."""
    usual, short = add(service), add(service, "audit", lasts=HOUR)
    assert (bearer(service, usual).actor.name, bearer(service, usual).actor.role) == ("token:grafana", UserRole.AUDITOR)
    clock.at += HOUR - timedelta(seconds=1)
    assert bearer(service, short).actor.role is UserRole.AUDITOR
    clock.at += timedelta(seconds=1)
    for token in (short, "bs_guessed", ""):
        with pytest.raises(NotAllowed, match="unknown, expired or revoked"):
            bearer(service, token)
    clock.at += timedelta(days=90) - HOUR - timedelta(seconds=1)
    assert bearer(service, usual)
    clock.at += timedelta(seconds=1)
    with pytest.raises(NotAllowed):
        bearer(service, usual)


@pytest.mark.parametrize("lasts", [timedelta(0), -HOUR, timedelta(days=30, seconds=1)])
def test_a_token_lasts_as_long_as_the_terms_allow(sqlite_service: Service, lasts: timedelta) -> None:
    """Neither longer nor not at all; the usual length is never above the longest."""
    terms = Terms(usual=timedelta(days=90), longest=timedelta(days=30))
    with pytest.raises(InvalidCommand, match="at most 30 days"):
        add(sqlite_service, lasts=lasts, terms=terms)
    add(sqlite_service, terms=terms)
    one = listed(sqlite_service)
    assert one.expires_at == one.created_at + timedelta(days=30)


@pytest.mark.parametrize("role", PEOPLE)
def test_no_token_decides(sqlite_service: Service, role: UserRole) -> None:
    """Whatever its role: decisions, opinions, broken glass, mandates and one's own account are a person's."""
    owner = person(sqlite_service, UserRole.INSPECTOR) if role is UserRole.INSPECTOR else None
    actor = bearer(sqlite_service, add(sqlite_service, role=role, owner=owner)).actor
    assert actor.scope is not None
    for act in (*DECISIONS, Act.GIVE_OPINION, Act.BREAK_GLASS, Act.REVIEW_GLASS, Act.CONSULT, Act.RECORD_MANDATE,
                Act.KEEP_OWN_ACCOUNT):  # fmt: skip
        assert not is_allowed(actor, act)
        with pytest.raises(NotAllowed):
            authorise(actor, act)
        with pytest.raises(InvalidCommand, match="cannot have"):
            add(sqlite_service, "wide", role, scopes=[str(act)], owner=owner)
    assert {act for act in Act if is_allowed(actor, act)} == grantable(role)


def test_a_scope_is_narrower_than_the_role_and_never_wider(sqlite_service: Service) -> None:
    """An act of another role is refused, in words; so is a word that is no act."""
    actor = bearer(sqlite_service, add(sqlite_service, role=UserRole.RESPONDER, scopes=["look", "declare"])).actor
    assert {act for act in Act if is_allowed(actor, act)} == {Act.LOOK, Act.DECLARE}
    for word in ("manage_people", "nonsense"):
        with pytest.raises(InvalidCommand, match=f"responder cannot have: {word}"):
            add(sqlite_service, "other", UserRole.RESPONDER, scopes=["look", word])


def test_a_token_ends_with_its_owner(service: Service) -> None:
    """And stays ended when the owner comes back; nobody who is gone can own one."""
    owner = person(service)
    token = add(service, owner=owner)
    assert listed(service).owner == "camille"

    def leave(session: Any) -> None:
        accounts.disable(session, ADMIN, owner, service.now(), reason="Left.", for_security=True)

    service.database.write(leave)
    with pytest.raises(NotAllowed):
        bearer(service, token)
    with pytest.raises(InvalidCommand, match="not disabled"):
        add(service, "other", owner=owner)
    service.database.write(lambda session: accounts.enable(session, ADMIN, owner, service.now()))
    with pytest.raises(NotAllowed):
        bearer(service, token)


def test_a_token_whose_owner_was_disabled_by_other_means_opens_nothing(service: Service) -> None:
    """Even where nobody ended it: by hand in the database, or by a release that forgets to."""
    owner = person(service)
    token = add(service, owner=owner)

    def by_hand(session: Any) -> None:
        row = stored.user(session, owner)
        assert row is not None
        row.disabled_at = service.now()
        session.add(row)

    service.database.write(by_hand)
    with pytest.raises(NotAllowed):
        bearer(service, token)


def test_a_token_of_an_inspector_sees_what_the_inspector_was_given(sqlite_service: Service) -> None:
    """So it needs one; an auditor's needs nobody."""
    with pytest.raises(InvalidCommand, match="needs the inspector"):
        add(sqlite_service, role=UserRole.INSPECTOR)
    inspector = person(sqlite_service, UserRole.INSPECTOR)
    assert (
        bearer(sqlite_service, add(sqlite_service, role=UserRole.INSPECTOR, owner=inspector)).actor.person == inspector
    )
    assert bearer(sqlite_service, add(sqlite_service, "audit", owner=inspector)).actor.person is None


def test_a_token_is_revoked_once_and_at_once(service: Service) -> None:
    """With who did it."""
    token = add(service)
    service.database.write(lambda session: tokens.revoke_token(session, ADMIN, " grafana ", service.now()))
    with pytest.raises(NotAllowed):
        bearer(service, token)
    assert listed(service).state is TokenState.REVOKED
    with pytest.raises(InvalidCommand, match="already"):
        service.database.write(lambda session: tokens.revoke_token(session, ADMIN, "grafana", service.now()))
    with pytest.raises(NotFound):
        service.database.write(lambda session: tokens.revoke_token(session, ADMIN, "other", service.now()))


@pytest.mark.parametrize(
    ("name", "sentence"), [(" ", "name the token"), (" grafana ", "is a token grafana"), ("operator", "nobody can be")]
)
def test_a_token_has_a_name_of_its_own(sqlite_service: Service, name: str, sentence: str) -> None:
    """It stands in the chronology as the one who acted."""
    add(sqlite_service)
    with pytest.raises(InvalidCommand, match=sentence):
        add(sqlite_service, name)


def test_the_last_use_is_known_to_the_minute(service: Service, clock: Any) -> None:
    """Written once a minute, however often it is used, and by however many processes."""
    token = add(service)
    assert listed(service).last_used_at is None
    first = clock.at
    for seconds, expected in (
        (0, first),
        (59, first),
        (60, first + timedelta(seconds=60)),
        (90, first + timedelta(seconds=60)),
    ):
        clock.at = first + timedelta(seconds=seconds)
        found = bearer(service, token)
        assert found.is_use_unknown is (seconds in (0, 60))
        service.database.write(lambda session, one=found.token: stored.note_token_use(session, one, clock.at))
        assert listed(service).last_used_at == expected


def test_nothing_that_is_listed_opens_anything(sqlite_service: Service) -> None:
    """Neither the token nor its hash."""
    token = add(sqlite_service)
    assert token.removeprefix("bs_") not in repr(listed(sqlite_service))
    assert not hasattr(listed(sqlite_service), "token_hash")
