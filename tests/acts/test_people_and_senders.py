"""Accounts, sessions, tokens and senders: what is secret is shown once and never kept."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from breach_service.acts import content, people, senders
from breach_service.acts.people import LOCKED_FOR, MOST_FAILURES, Attempt
from breach_service.acts.senders import Connection
from breach_service.app import OPERATOR, Service
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.incident import EntryKind
from breach_service.errors import InvalidCommand, NotAllowed, NotFound
from breach_service.store import people as stored
from breach_service.store.database import Session
from breach_service.store.tables import METADATA, TimelineEntryRow
from tests.pipeline.incoming import Incoming

HOUR = timedelta(hours=1)
EMAIL, PASSWORD = "camille@example.org", "correct horse battery"


@pytest.fixture
def account(service: Service) -> str:
    """Somebody may sign in."""

    def work(session: Session) -> str:
        return people.add_user(session, OPERATOR, EMAIL, UserRole.DPO, PASSWORD, service.now(), name="Camille Vauzelle")

    return service.database.write(work)


def sign_in(service: Service, password: str = PASSWORD, email: str = EMAIL) -> Attempt:
    return service.database.write(lambda session: people.sign_in(session, email, password, 12 * HOUR, service.now()))


def who(service: Service, token: str) -> str | None:
    with service.database.reading() as session:
        found = people.signed_in(session, token, service.now())
    return found.email if found else None


def test_the_right_password_opens_a_session_that_ends(service: Service, account: str, clock: Any) -> None:
    """After its hours, to the second; the address may be written in capitals."""
    token = sign_in(service, email=f" {EMAIL.upper()} ").token
    assert token is not None
    assert who(service, token) == EMAIL
    clock.at += 12 * HOUR - timedelta(seconds=1)
    assert who(service, token) == EMAIL
    clock.at += timedelta(seconds=1)
    assert who(service, token) is None


def test_signing_out_ends_the_session_and_no_other(service: Service, account: str) -> None:
    """A second browser stays signed in."""
    here, there = sign_in(service).token, sign_in(service).token
    assert here is not None
    assert there is not None
    service.database.write(lambda session: people.sign_out(session, here, service.now()))
    assert (who(service, here), who(service, there)) == (None, EMAIL)
    service.database.write(lambda session: people.sign_out(session, "never seen", service.now()))


def test_a_disabled_person_is_out_at_once(service: Service, account: str) -> None:
    """The session ends, and no new one begins."""
    token = sign_in(service).token
    assert token is not None

    def disable(session: Session) -> None:
        row = stored.user_by_email(session, EMAIL)
        assert row is not None
        row.disabled_at = service.now()
        session.add(row)

    service.database.write(disable)
    assert who(service, token) is None
    assert sign_in(service) == Attempt(None)


@pytest.mark.parametrize(("email", "password"), [(EMAIL, "wrong"), ("nobody@example.org", PASSWORD), ("", "")])
def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(
    service: Service, account: str, email: str, password: str
) -> None:
    """Nobody learns who has an account."""
    assert sign_in(service, password, email) == Attempt(None, is_locked=False)


def test_five_failures_lock_an_account_for_five_minutes(service: Service, account: str, clock: Any) -> None:
    """Also for the right password; then it opens again, and counting begins anew."""
    for _ in range(MOST_FAILURES - 1):
        assert not sign_in(service, "wrong").is_locked
    assert sign_in(service, "wrong").is_locked
    assert sign_in(service) == Attempt(None, is_locked=True)
    clock.at += LOCKED_FOR - timedelta(seconds=1)
    assert sign_in(service).is_locked
    clock.at += timedelta(seconds=1)
    assert not sign_in(service, "wrong").is_locked
    assert sign_in(service).token is not None
    for _ in range(MOST_FAILURES - 1):
        assert not sign_in(service, "wrong").is_locked, "signing in forgave the failures before it"


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("camille", PASSWORD, "is not an e-mail address"),
        (EMAIL.upper(), PASSWORD, "there is an account"),
        ("other@example.org", "short", "at least 12 characters"),
    ],
)
def test_an_account_says_what_is_wrong_with_it(
    service: Service, account: str, email: str, password: str, sentence: str
) -> None:
    """Addresses are unique whatever their case."""
    with pytest.raises(InvalidCommand, match=sentence):
        service.database.write(
            lambda session: people.add_user(session, OPERATOR, email, UserRole.VIEWER, password, service.now())
        )


def test_a_password_is_made_where_none_is_given(sqlite_service: Service) -> None:
    """And works."""
    made = sqlite_service.database.write(
        lambda session: people.add_user(session, OPERATOR, EMAIL, UserRole.VIEWER, None, sqlite_service.now())
    )
    assert len(made) >= 16
    assert sign_in(sqlite_service, made).token is not None


def add_token(service: Service, name: str = "grafana", lasts: timedelta | None = None) -> str:
    return service.database.write(
        lambda session: people.add_token(session, OPERATOR, name, UserRole.AUDITOR, service.now(), lasts=lasts)
    )


def bearer(service: Service, token: str) -> Actor:
    with service.database.reading() as session:
        return people.bearer_of(session, token, service.now())


def test_a_token_stands_for_its_role_until_it_ends(service: Service, clock: Any) -> None:
    """For ever where no end was set; an unknown one stands for nobody."""
    endless, ending = add_token(service), add_token(service, "audit", HOUR)
    assert bearer(service, endless) == Actor("token:grafana", UserRole.AUDITOR)
    clock.at += HOUR - timedelta(seconds=1)
    assert bearer(service, ending).role is UserRole.AUDITOR
    clock.at += timedelta(seconds=1)
    for token in (ending, "bs_guessed", ""):
        with pytest.raises(NotAllowed, match="unknown, expired or revoked"):
            bearer(service, token)
    assert bearer(service, endless).role is UserRole.AUDITOR


def test_a_token_can_be_revoked(service: Service) -> None:
    """It is refused from then on."""
    token = add_token(service)

    def revoke(session: Session) -> None:
        row = stored.token_by_name(session, "grafana")
        assert row is not None
        row.revoked_at = service.now()
        session.add(row)

    service.database.write(revoke)
    with pytest.raises(NotAllowed):
        bearer(service, token)


@pytest.mark.parametrize(("name", "sentence"), [(" ", "name the token"), (" grafana ", "there is a token grafana")])
def test_a_token_has_a_name_of_its_own(service: Service, name: str, sentence: str) -> None:
    """It stands in the chronology as the one who acted."""
    add_token(service)
    with pytest.raises(InvalidCommand, match=sentence):
        add_token(service, name)


def test_no_password_no_session_no_token_and_no_secret_stands_in_clear(service: Service, account: str) -> None:
    """In no column of any table."""
    session_token = sign_in(service).token
    assert session_token is not None
    shown = [PASSWORD, session_token, add_token(service)]
    for name, auth in (("one", "bearer"), ("two", "hmac"), ("three", "url")):
        shown.append(add_source(service, name, "json", auth).secret)
    shown.append(
        service.database.write(
            lambda session: senders.rotate_source(session, OPERATOR, "two", service.cipher, service.now())
        ).secret
    )
    with service.database.reading() as session:
        everything = repr([session.connection().execute(table.select()).all() for table in METADATA.sorted_tables])
    assert EMAIL in everything
    assert [one for one in shown if one in everything] == []


def add_source(service: Service, name: str, kind: str = "json", auth: str | None = None) -> senders.NewSource:
    return service.database.write(
        lambda session: senders.add_source(
            session, OPERATOR, Connection(name, kind, auth), service.cipher, service.now()
        )
    )


@pytest.mark.parametrize(
    ("name", "kind", "auth", "error", "sentence"),
    [
        ("", "json", None, InvalidCommand, "a-z, 0-9"),
        ("Über", "json", None, InvalidCommand, "a-z, 0-9"),
        ("a/b", "json", None, InvalidCommand, "a-z, 0-9"),
        ("probe", "json", None, InvalidCommand, "there is a source probe already"),
        ("new", "carrier-pigeon", None, NotFound, "known kinds"),
        ("new", "json", "password", InvalidCommand, "bearer, hmac, url"),
    ],
)
def test_a_sender_says_what_is_wrong_with_it(
    sqlite_service: Service, name: str, kind: str, auth: str | None, error: type[Exception], sentence: str
) -> None:
    """Its name is part of an address."""
    add_source(sqlite_service, "probe")
    with pytest.raises(error, match=sentence):
        add_source(sqlite_service, name, kind, auth)


def test_only_the_secret_in_the_address_stands_in_the_address(sqlite_service: Service) -> None:
    """The other paths can be shown to anybody."""
    for name, auth in (("one", "bearer"), ("two", "hmac")):
        assert add_source(sqlite_service, name, auth=auth).path == f"/webhooks/{name}"
    new = add_source(sqlite_service, "three", auth="url")
    assert new.path == f"/webhooks/three/{new.secret}"


def test_a_sender_that_is_not_there_cannot_be_rotated(sqlite_service: Service) -> None:
    """It is said by its name."""
    with pytest.raises(NotFound, match="no source probe"):
        sqlite_service.database.write(
            lambda session: senders.rotate_source(
                session, OPERATOR, "probe", sqlite_service.cipher, sqlite_service.now()
            )
        )


def test_what_is_done_to_the_service_itself_is_in_the_chronology(sqlite_incoming: Incoming) -> None:
    """Senders, inventory and content: who, when and what, without any secret."""
    noted = [one for one in sqlite_incoming.rows(TimelineEntryRow) if one.kind == EntryKind.NOTED]
    assert [one.actor for one in noted] == ["operator"] * 3


@pytest.mark.parametrize("act", [content.import_inventory, content.activate_content])
def test_putting_the_same_in_force_again_changes_nothing(sqlite_incoming: Incoming, act: Callable[..., bool]) -> None:
    """It says so, and the chronology has no line of it."""
    service, before = sqlite_incoming.service, sqlite_incoming.count(TimelineEntryRow)
    knowledge = service.knowledge()
    same = knowledge.inventory if act is content.import_inventory else knowledge.catalogue
    assert not service.database.write(lambda session: act(session, OPERATOR, same, service.now()))
    assert sqlite_incoming.count(TimelineEntryRow) == before
