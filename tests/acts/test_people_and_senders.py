"""Accounts, sessions, tokens and senders: what is secret is shown once and never kept."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from breach_service.acts import content, senders
from breach_service.acts.people import accounts, links, tokens
from breach_service.acts.senders import Connection
from breach_service.acts.signing import signing_in
from breach_service.app import OPERATOR, Service
from breach_service.domain.access import How, UserRole
from breach_service.domain.incident import EntryKind
from breach_service.errors import InvalidCommand, NotFound
from breach_service.store.database import Session
from breach_service.store.tables import METADATA, TimelineEntryRow
from tests.pipeline.incoming import Incoming

HOUR = timedelta(hours=1)
EMAIL, PASSWORD = "camille@example.org", "correct horse battery"


def test_no_password_no_session_no_token_no_link_and_no_secret_stands_in_clear(service: Service) -> None:
    """In no column of any table."""

    def work(session: Session) -> list[str]:
        now = service.now()
        number = accounts.add_user(session, OPERATOR, EMAIL, UserRole.DPO, PASSWORD, now)
        invited = accounts.add_user(session, OPERATOR, "noe@example.org", UserRole.VIEWER, None, now)
        return [
            PASSWORD,
            signing_in.open_session(session, number, How.PASSWORD, HOUR, now),
            tokens.add_token(session, OPERATOR, "grafana", UserRole.AUDITOR, now),
            links.invite(session, OPERATOR, invited, now, service.cipher).path.partition("=")[2],
        ]

    shown = service.database.write(work)
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
