"""Links that open once: the first administrator, invitations, new passwords."""

import json
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlmodel import select

from breach_service.acts.people import accounts, links
from breach_service.acts.people.links import LASTS, MOST_ASKED, LinkPurpose, Newcomer
from breach_service.acts.signing import signing_in
from breach_service.acts.signing.passwords import hash_password
from breach_service.app import OPERATOR, Service
from breach_service.domain.access import Actor, How, UserRole
from breach_service.errors import InvalidCommand
from breach_service.settings import Settings
from breach_service.store import people as stored
from breach_service.store.tables import METADATA, OutboxRow

EMAIL, PASSWORD = "camille@example.org", "correct horse battery"
ADMIN = Actor("Ada", UserRole.ADMIN, person=999)
SECOND = timedelta(seconds=1)
HASHED = hash_password(PASSWORD)


def token_in(path: str) -> str:
    """What opens a link."""
    assert path.startswith("/sign-in/link?token=")
    return path.partition("=")[2]


def first_link(service: Service) -> str | None:
    link = service.database.write(lambda session: links.first_link(session, service.now()))
    return token_in(link.path) if link else None


def open_first(service: Service, token: str, email: str = EMAIL) -> None:
    newcomer = Newcomer(HASHED, "Camille Vauzelle", email, "en")
    service.database.write(lambda session: links.open_link(session, token, newcomer, service.now(), service.cipher))


def open_link(service: Service, token: str) -> None:
    service.database.write(
        lambda session: links.open_link(session, token, Newcomer(HASHED), service.now(), service.cipher)
    )


def add(service: Service, password: str | None = None, email: str = EMAIL) -> int:
    return service.database.write(
        lambda session: accounts.add_user(session, OPERATOR, email, UserRole.DPO, password, service.now())
    )


def invite(service: Service, number: int, *, by_mail: bool = False) -> str:
    cipher = service.cipher if by_mail else None
    link = service.database.write(lambda session: links.invite(session, ADMIN, number, service.now(), cipher))
    return token_in(link.path)


def ask(service: Service, email: str = EMAIL) -> None:
    service.database.write(lambda session: links.ask_for_new_password(session, email, service.now(), service.cipher))


def mails(service: Service) -> list[dict[str, Any]]:
    """What waits in the outbox for persons, opened."""
    with service.database.reading() as session:
        rows = session.exec(select(OutboxRow).where(OutboxRow.channel == "mail").order_by(OutboxRow.id)).all()  # type: ignore[arg-type]
    return [json.loads(service.cipher.open(bytes.fromhex(one.payload["sealed"]))) for one in rows]


def password_hash(service: Service, email: str = EMAIL) -> str | None:
    with service.database.reading() as session:
        row = stored.user_by_email(session, email)
    return row.password_hash if row else None


def administrators(service: Service) -> int:
    with service.database.reading() as session:
        return len(stored.administrators(session))


def test_the_first_link_makes_the_first_administrator(service: Service) -> None:
    """With the password that whoever opened it chose; it opens once, and no other is made afterwards."""
    token = first_link(service)
    assert token is not None
    open_first(service, token)
    assert administrators(service) == 1
    assert password_hash(service) == HASHED
    with pytest.raises(InvalidCommand, match="used already"):
        open_first(service, token, "noe@example.org")
    assert first_link(service) is None
    assert administrators(service) == 1


def test_one_first_link_is_open_at_a_time(service: Service, clock: Any) -> None:
    """A second start makes none while it opens, and another one once it has expired; then the first opens nothing."""
    first = first_link(service)
    assert first_link(service) is None
    clock.at += LASTS[LinkPurpose.FIRST_ADMINISTRATOR]
    second = first_link(service)
    assert first is not None
    assert second is not None
    with pytest.raises(InvalidCommand):
        open_first(service, first)
    open_first(service, second)


def test_no_first_link_where_somebody_administers(service: Service) -> None:
    """Made at the command line meanwhile: the link that is open then opens nothing."""
    token = first_link(service)
    assert token is not None
    service.database.write(
        lambda session: accounts.add_user(session, OPERATOR, EMAIL, UserRole.ADMIN, None, service.now())
    )
    with service.database.reading() as session:
        assert links.look(session, token, service.now()) is None
        assert not links.is_first_link_needed(session, service.now())
    with pytest.raises(InvalidCommand, match="administrator already"):
        open_first(service, token, "noe@example.org")


def test_two_replicas_that_start_at_once_make_one_link(
    settings: Settings, make_service: Callable[[Settings], Service]
) -> None:
    """And two browsers that open it at once make one administrator."""
    replicas = [make_service(settings), make_service(settings)]
    made = at_once(lambda index: first_link(replicas[index]))
    [token] = [one for one in made if one is not None]
    outcomes = at_once(lambda index: outcome(lambda: open_first(replicas[index], str(token), f"a{index}@example.org")))
    assert sorted(outcomes) == ["", links.NOT_OPEN]
    assert administrators(replicas[0]) == 1


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """Do something twice at the same time."""
    start, found = Barrier(2), dict[int, Any]()

    def doing(index: int) -> None:
        start.wait()
        found[index] = work(index)

    threads = [Thread(target=doing, args=(index,)) for index in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return [found[0], found[1]]


def outcome(work: Callable[[], None]) -> str:
    """What kept it from being done; empty where it was done."""
    try:
        work()
    except InvalidCommand as error:
        return str(error)
    return ""


def test_an_invitation_opens_once_within_a_day(service: Service, clock: Any) -> None:
    """To the second; looking at it uses nothing up."""
    number = add(service)
    late, token = invite(service, number), invite(service, number)
    clock.at += timedelta(hours=24) - SECOND
    with service.database.reading() as session:
        assert links.look(session, token, service.now()) is not None
        assert links.look(session, late, service.now()) is None, "a new invitation ends the former"
    open_link(service, token)
    assert password_hash(service) == HASHED
    with pytest.raises(InvalidCommand, match="used already"):
        open_link(service, token)


def test_an_invitation_expires(service: Service, clock: Any) -> None:
    """After a day nobody gets in by it."""
    token = invite(service, add(service))
    clock.at += timedelta(hours=24)
    with pytest.raises(InvalidCommand, match="expired"):
        open_link(service, token)
    assert password_hash(service) is None


def test_nobody_is_invited_who_has_come_or_is_disabled(sqlite_service: Service) -> None:
    """An invitation is no way around a password that is there."""
    number = add(sqlite_service, PASSWORD)
    with pytest.raises(InvalidCommand, match="has signed in before"):
        invite(sqlite_service, number)
    other = add(sqlite_service, email="noe@example.org")
    token = invite(sqlite_service, other)
    sqlite_service.database.write(
        lambda session: accounts.disable(session, ADMIN, other, sqlite_service.now(), reason="Left.", for_security=True)
    )
    with pytest.raises(InvalidCommand, match="used already or has expired"):
        open_link(sqlite_service, token)
    with pytest.raises(InvalidCommand, match="enable it first"):
        invite(sqlite_service, other)


def test_a_new_password_ends_all_sessions_and_tells_the_person(service: Service) -> None:
    """Whoever else was signed in is out; the mail says so, in case it was not them."""
    number = add(service, "another good password")
    session_token = service.database.write(
        lambda session: signing_in.open_session(session, number, How.PASSWORD, timedelta(hours=1), service.now())
    )
    ask(service)
    [asked] = mails(service)
    assert (asked["kind"], asked["words"]["name"]) == ("new_password", "camille")
    open_link(service, token_in(asked["path"]))
    with service.database.reading() as session:
        assert signing_in.signed_in(session, session_token, service.now()) is None
    assert [one["kind"] for one in mails(service)] == ["new_password", "security_changed"]
    with pytest.raises(InvalidCommand):
        open_link(service, token_in(asked["path"]))


def test_a_new_password_ends_every_other_link(sqlite_service: Service) -> None:
    """A second mail that was asked for opens nothing any more."""
    add(sqlite_service, "another good password")
    ask(sqlite_service)
    ask(sqlite_service)
    first, second = mails(sqlite_service)
    open_link(sqlite_service, token_in(second["path"]))
    with pytest.raises(InvalidCommand):
        open_link(sqlite_service, token_in(first["path"]))


def test_a_link_for_a_new_password_lasts_an_hour(service: Service, clock: Any) -> None:
    """To the second."""
    add(service, "another good password")
    ask(service)
    [asked] = mails(service)
    clock.at += timedelta(hours=1)
    with pytest.raises(InvalidCommand, match="expired"):
        open_link(service, token_in(asked["path"]))


def test_nobody_is_flooded_with_mail(service: Service, clock: Any) -> None:
    """A few an hour, whoever asks."""
    add(service, "another good password")
    for _ in range(MOST_ASKED + 5):
        ask(service, f" {EMAIL.upper()} ")
    assert len(mails(service)) == MOST_ASKED
    clock.at += timedelta(hours=1)
    ask(service)
    assert len(mails(service)) == MOST_ASKED + 1


@pytest.mark.parametrize("email", ["nobody@example.org", "", "x" * 100_000, "provider@example.org", "gone@example.org"])
def test_no_mail_goes_where_no_password_is_to_be_set(sqlite_service: Service, email: str) -> None:
    """Unknown, disabled, or signed in by a provider, which knows who left."""
    add(sqlite_service)

    def work(session: Any) -> None:
        now = sqlite_service.now()
        number = accounts.add_user(session, OPERATOR, "provider@example.org", UserRole.DPO, None, now)
        row = stored.user(session, number)
        assert row is not None
        row.oidc_issuer, row.oidc_subject = "https://id.example.org", "1"
        session.add(row)
        gone = accounts.add_user(session, OPERATOR, "gone@example.org", UserRole.DPO, PASSWORD, now)
        accounts.disable(session, ADMIN, gone, now, reason="Left.", for_security=True)

    sqlite_service.database.write(work)
    told = len(mails(sqlite_service))
    ask(sqlite_service, email)
    assert len(mails(sqlite_service)) == told


def test_no_token_of_a_link_stands_in_the_database(service: Service) -> None:
    """Hashed where it is looked for, sealed where it waits to be mailed."""
    number = add(service)
    tokens = [first_link(service), invite(service, number, by_mail=True)]
    ask(service)
    tokens += [token_in(one["path"]) for one in mails(service)]
    with service.database.reading() as session:
        everything = repr([session.connection().execute(table.select()).all() for table in METADATA.sorted_tables])
    assert [one for one in tokens if one is None or one in everything] == []
