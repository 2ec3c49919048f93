"""How people set their own ways to be reached: sealed, proven by a code, in their order, theirs alone."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlmodel import select

from breach_service.acts.on_call import contact_ways as acts
from breach_service.acts.on_call.contact_ways import (
    CODE_LASTS,
    MOST_CODES,
    MOST_TRIES,
    MOST_WAYS,
    NewWay,
    Proof,
    TestMessage,
)
from breach_service.app import OPERATOR, Service
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.contact_ways import Way, WayKind
from breach_service.domain.incident import EntryKind
from breach_service.errors import InvalidCommand, NotAllowed, NotFound
from breach_service.store import people
from breach_service.store.access_tables import ContactWayRow
from breach_service.store.tables import TimelineDetailRow, TimelineEntryRow, UserRow
from tests.conftest import START

HOSTS = frozenset({"ntfy.us.example"})
NTFY = NewWay(WayKind.NTFY, "ntfys://ntfy.us.example/maud-7h3k")
MAIL = NewWay(WayKind.MAIL, "maud@private.example")
MINUTE = timedelta(minutes=1)


class Person:
    """Somebody with an account."""

    def __init__(self, service: Service, name: str) -> None:
        self.service = service
        row = UserRow(email=f"{name}@us.example", name=name, role=UserRole.RESPONDER, created_at=START)
        self.write(people.add, row)
        with service.database.reading() as session:
            held = people.user_by_email(session, f"{name}@us.example")
            assert held is not None
            self.actor = Actor(name, UserRole.RESPONDER, person=held.id)
        self.id = self.actor.person or 0

    def write(self, work: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        return self.service.database.write(lambda session: work(session, *arguments, **more))

    def add(self, new: NewWay, now: datetime = START) -> int:
        number: int = self.write(acts.add_way, self.actor, self.service.cipher, new, HOSTS, now)
        return number

    def code(self, number: int, now: datetime = START) -> TestMessage:
        test: TestMessage = self.write(acts.ask_code, self.actor, self.service.cipher, number, now)
        return test

    def prove(self, number: int, code: str, now: datetime = START) -> Proof:
        proof: Proof = self.write(acts.prove, self.actor, number, code, now)
        return proof

    def proven(self, new: NewWay, now: datetime = START) -> int:
        number = self.add(new, now)
        assert self.prove(number, self.code(number, now).code, now) is Proof.PROVEN
        return number

    def ways(self, at: datetime = START, *, is_wake: bool = False) -> list[Way]:
        with self.service.database.reading() as session:
            return acts.ways_of(session, self.id, at, is_wake=is_wake)

    def own(self) -> list[Way]:
        with self.service.database.reading() as session:
            return acts.own_ways(session, self.actor)


@pytest.fixture
def maud(service: Service) -> Person:
    """On each database in turn."""
    return Person(service, "maud")


@pytest.fixture
def sqlite_maud(sqlite_service: Service) -> Person:
    """For what does not depend on the database."""
    return Person(sqlite_service, "maud")


def test_a_way_is_used_once_its_code_came_back(maud: Person) -> None:
    """Never before: a wrong address must be found by day, not in the night of the breach."""
    number = maud.add(NTFY)
    assert maud.ways() == []
    test = maud.code(number)
    assert (test.kind, test.address) == (WayKind.NTFY, NTFY.address)
    assert maud.ways() == []
    assert maud.prove(number, test.code.lower().replace("-", " "), START + MINUTE) is Proof.PROVEN
    (way,) = maud.ways()
    assert (way.id, way.proven_at) == (number, START + MINUTE)
    assert acts.address_of(way, maud.service.cipher) == NTFY.address
    assert maud.prove(number, test.code) is Proof.OVER, "a code proves once"


def test_a_code_is_void_after_a_quarter_of_an_hour(sqlite_maud: Person) -> None:
    number = sqlite_maud.add(MAIL)
    test = sqlite_maud.code(number)
    assert sqlite_maud.prove(number, test.code, START + CODE_LASTS + timedelta(seconds=1)) is Proof.OVER
    assert sqlite_maud.ways() == []


def test_a_code_cannot_be_guessed(sqlite_maud: Person) -> None:
    """Five tries, then it is void, the right one too; the next is another one."""
    number = sqlite_maud.add(MAIL)
    test = sqlite_maud.code(number)
    tried = [sqlite_maud.prove(number, "AAAA-AAAA") for _ in range(MOST_TRIES)]
    assert tried == [Proof.WRONG] * (MOST_TRIES - 1) + [Proof.OVER]
    assert sqlite_maud.prove(number, test.code) is Proof.OVER
    again = sqlite_maud.code(number, START + 2 * MINUTE)
    assert again.code != test.code
    assert sqlite_maud.prove(number, test.code, START + 2 * MINUTE) is Proof.WRONG
    assert sqlite_maud.prove(number, again.code, START + 2 * MINUTE) is Proof.PROVEN


def test_codes_are_sent_at_a_pace_that_annoys_nobody(sqlite_maud: Person) -> None:
    """Not by asking again at once, nor by removing the way and adding it again."""
    number = sqlite_maud.add(MAIL)
    sqlite_maud.code(number)
    with pytest.raises(InvalidCommand, match="wait a minute"):
        sqlite_maud.code(number, START + timedelta(seconds=30))
    sqlite_maud.write(acts.remove_way, sqlite_maud.actor, number, START)
    for n in range(MOST_CODES - 1):
        number = sqlite_maud.add(NewWay(WayKind.MAIL, f"somebody{n}@else.example"))
        sqlite_maud.code(number)
        sqlite_maud.write(acts.remove_way, sqlite_maud.actor, number, START)
    number = sqlite_maud.add(MAIL)
    with pytest.raises(InvalidCommand, match="within the hour"):
        sqlite_maud.code(number, START + 5 * MINUTE)
    sqlite_maud.code(number, START + 61 * MINUTE)


def test_neither_addresses_nor_codes_stand_in_the_database_in_clear(sqlite_maud: Person) -> None:
    """Nor in the chronology, which says that something changed, and for whom."""
    number = sqlite_maud.add(NTFY)
    test = sqlite_maud.code(number)
    sqlite_maud.prove(number, test.code)
    sqlite_maud.add(NewWay(WayKind.TELEPHONE, "06 12 34 56 78"))
    sqlite_maud.service.database.write(lambda session: None)
    files = sorted((sqlite_maud.service.settings.data_dir).glob("breach.sqlite3*"))
    held = b"".join(one.read_bytes() for one in files)
    for secret in ("maud-7h3k", "ntfy.us.example", "612345678", test.code, test.code.replace("-", "")):
        assert secret.encode() not in held
    with sqlite_maud.service.database.reading() as session:
        kinds = {one.id: one.kind for one in session.exec(select(TimelineEntryRow))}
        words = [
            one.words
            for one in session.exec(select(TimelineDetailRow).order_by(TimelineDetailRow.entry_id))  # type: ignore[arg-type]
            if kinds[one.entry_id] == EntryKind.CONTACT_WAY_CHANGED
        ]
    assert [(one["what"], one["kind"]) for one in words] == [
        ("added", "ntfy"), ("proven", "ntfy"), ("added", "telephone"),
    ]  # fmt: skip


def test_a_removed_way_forgets_its_address(sqlite_maud: Person) -> None:
    number = sqlite_maud.proven(NTFY)
    sqlite_maud.write(acts.remove_way, sqlite_maud.actor, number, START)
    assert sqlite_maud.ways() == []
    with sqlite_maud.service.database.reading() as session:
        row = session.get(ContactWayRow, number)
        assert row is not None
        assert (row.address_encrypted, row.code_hash) == ("", None)
    with pytest.raises(NotFound):
        sqlite_maud.write(acts.remove_way, sqlite_maud.actor, number, START)


def test_the_order_is_the_persons(maud: Person) -> None:
    first, second, third = maud.proven(MAIL), maud.proven(NTFY), maud.proven(NewWay(WayKind.MAIL, "b@us.example"))
    maud.write(acts.move_way, maud.actor, third, is_up=True)
    maud.write(acts.move_way, maud.actor, first, is_up=False)
    assert [one.id for one in maud.ways()] == [third, first, second]
    maud.write(acts.move_way, maud.actor, third, is_up=True)
    maud.write(acts.move_way, maud.actor, second, is_up=False)
    assert [one.id for one in maud.ways()] == [third, first, second]
    with pytest.raises(NotFound):
        maud.write(acts.move_way, maud.actor, 999_999, is_up=True)


def test_it_is_quiet_in_quiet_hours_unless_the_person_may_be_woken(maud: Person) -> None:
    """From ten at night to seven in Paris; START is nine in the morning there."""
    quiet = (time(22), time(7))
    soft = maud.proven(NewWay(WayKind.MAIL, "a@us.example", quiet))
    loud = maud.proven(NewWay(WayKind.NTFY, NTFY.address, quiet, is_wakeable=True))
    night = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
    assert [one.id for one in maud.ways(START)] == [soft, loud]
    assert maud.ways(night) == []
    assert [one.id for one in maud.ways(night, is_wake=True)] == [loud]
    maud.write(acts.change_way, maud.actor, soft, None, False, START)
    assert [one.id for one in maud.ways(night)] == [soft]
    with pytest.raises(InvalidCommand, match="give them a length"):
        maud.write(acts.change_way, maud.actor, soft, (time(7), time(7)), False, START)


def test_a_telephone_number_is_for_colleagues_only(sqlite_maud: Person) -> None:
    number = sqlite_maud.add(NewWay(WayKind.TELEPHONE, "06 12 34 56 78"))
    with pytest.raises(InvalidCommand, match="does not call it"):
        sqlite_maud.code(number)
    assert sqlite_maud.ways() == []
    with sqlite_maud.service.database.reading() as session:
        assert acts.telephones_of(session, sqlite_maud.service.cipher, sqlite_maud.id) == ["+33612345678"]


def test_a_way_is_nobody_elses(sqlite_maud: Person) -> None:
    """A colleague can neither prove, change, move nor remove it; a program has none."""
    number = sqlite_maud.add(MAIL)
    eve = Person(sqlite_maud.service, "eve")
    for work in (
        lambda: eve.code(number), lambda: eve.prove(number, "x"),
        lambda: eve.write(acts.change_way, eve.actor, number, None, True, START),
        lambda: eve.write(acts.move_way, eve.actor, number, is_up=True),
        lambda: eve.write(acts.remove_way, eve.actor, number, START),
    ):  # fmt: skip
        with pytest.raises(NotFound, match="you have no way"):
            work()
    assert eve.own() == []
    for actor in (Actor("token:x", UserRole.RESPONDER), OPERATOR):
        with pytest.raises(NotAllowed, match="only a person"):
            sqlite_maud.write(acts.add_way, actor, sqlite_maud.service.cipher, MAIL, HOSTS, START)


def test_nobody_who_is_disabled_is_reached(sqlite_maud: Person) -> None:
    sqlite_maud.proven(MAIL)

    def disable(session: Any) -> None:
        row = people.user(session, sqlite_maud.id)
        assert row is not None
        row.disabled_at = START
        session.add(row)

    sqlite_maud.write(disable)
    assert sqlite_maud.ways() == []


def test_the_same_address_twice_too_many_or_a_wrong_one_is_refused(sqlite_maud: Person) -> None:
    sqlite_maud.add(MAIL)
    with pytest.raises(InvalidCommand, match="already"):
        sqlite_maud.add(MAIL)
    with pytest.raises(InvalidCommand, match="may not be reached"):
        sqlite_maud.add(NewWay(WayKind.WEBHOOK, "jsons://169.254.169.254/latest"))
    for n in range(MOST_WAYS - 1):
        sqlite_maud.add(NewWay(WayKind.MAIL, f"m{n}@us.example"))
    with pytest.raises(InvalidCommand, match="10 ways are the most"):
        sqlite_maud.add(NTFY)


@pytest.mark.parametrize(
    ("kind", "address", "shown"),
    [
        (WayKind.MAIL, "a@b.example", "a@b.example"),
        (WayKind.NTFY, "ntfys://u:secret@ntfy.us.example/maud-7h3k", "ntfys://ntfy.us.example/…h3k"),
        (WayKind.SMS, "freemobile://12345678@abcdefgh", "freemobile://…fgh"),
    ],
)
def test_what_is_secret_in_an_address_is_not_shown(kind: WayKind, address: str, shown: str) -> None:
    assert acts.shown_address(kind, address) == shown
