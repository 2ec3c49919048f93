"""Throttling and lock-out, told with dates: it holds over replicas, and never says who has an account."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from freezegun import freeze_time

from breach_service.acts.signing import signing_in, throttling
from breach_service.acts.signing.signing_in import Attempt
from breach_service.app import Service, open_service
from breach_service.clock import utc_now
from breach_service.domain.access import LIMITS, SignInStep, Throttled
from breach_service.settings import Settings
from breach_service.store import sign_ins
from breach_service.store.tables import METADATA
from tests.acts.signing import HOME, RULES, Person, elsewhere
from tests.acts.test_factors import STEP, WRONG, changes, second, told

LOCK = LIMITS[Throttled.ACCOUNT].lock
MOST = LIMITS[Throttled.ACCOUNT].failures
MOST_OF_ADDRESS = LIMITS[Throttled.ADDRESS].failures
UNKNOWN = "nobody@example.org"


@pytest.fixture
def person(service: Service) -> Person:
    return Person(service)


@pytest.fixture
def on_sqlite(sqlite_service: Service) -> Person:
    return Person(sqlite_service)


def test_a_morning_of_guessing(sqlite_service: Service) -> None:
    """Told by the clock: five guesses, five minutes, five more, ten minutes; the owner waits and comes in."""
    sqlite_service.now = utc_now
    with freeze_time(datetime(2026, 11, 23, 8, 0, tzinfo=UTC)) as frozen:
        person = Person(sqlite_service)
        for _ in range(MOST - 1):
            assert person.password("guess").step is SignInStep.REFUSED
        assert person.password("guess").step is SignInStep.LOCKED
        assert person.password() == Attempt(SignInStep.LOCKED, wait=timedelta(minutes=5))
        frozen.move_to(datetime(2026, 11, 23, 8, 4, 59, tzinfo=UTC))
        assert person.password() == Attempt(SignInStep.LOCKED, wait=timedelta(seconds=1))
        frozen.move_to(datetime(2026, 11, 23, 8, 5, tzinfo=UTC))
        for _ in range(MOST):
            last = person.password("guess")
        assert last.step is SignInStep.LOCKED
        assert person.password().wait == timedelta(minutes=10)
        frozen.move_to(datetime(2026, 11, 23, 8, 15, tzinfo=UTC))
        assert person.password().step is SignInStep.DONE
    assert changes(sqlite_service) == ["locked", "locked"]
    assert told(sqlite_service) == 2


def test_who_has_no_account_is_locked_alike(person: Person, clock: Any) -> None:
    """The same answers in the same order, so that a lock tells nobody who is here."""
    tries = [person.password("guess", email=one) for one in (person.email, UNKNOWN) for _ in range(MOST + 2)]
    assert tries[: MOST + 2] == tries[MOST + 2 :]
    clock.at += LOCK
    assert person.password("guess", email=UNKNOWN) == person.password("guess")


def test_the_right_password_forgives(on_sqlite: Person) -> None:
    """Counting begins anew after it."""
    for _ in range(2):
        for _ in range(MOST - 1):
            assert on_sqlite.password("guess").step is SignInStep.REFUSED
        assert on_sqlite.password().step is SignInStep.DONE


def test_an_account_is_locked_from_everywhere(on_sqlite: Person) -> None:
    """Guessing from many addresses is still guessing at one account; others are not touched."""
    for number in range(MOST):
        on_sqlite.password("guess", browser=elsewhere(f"198.51.100.{number}"))
    assert on_sqlite.password(browser=elsewhere("203.0.113.9")).step is SignInStep.LOCKED
    assert Person(on_sqlite.service, "noe@example.org").password().step is SignInStep.DONE


def test_an_address_that_tries_everybody_waits(on_sqlite: Person) -> None:
    """One guess at each of many accounts locks the address, and nobody who comes from elsewhere."""
    for number in range(MOST_OF_ADDRESS):
        last = on_sqlite.password("guess", email=f"p{number}@example.org")
    assert last.step is SignInStep.LOCKED
    assert on_sqlite.password().step is SignInStep.LOCKED
    assert on_sqlite.password(browser=elsewhere("203.0.113.9")).step is SignInStep.DONE


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("testclient", "testclient", True),
    ],
)
def test_an_address_of_ipv6_is_counted_with_its_neighbours(one: str, other: str, is_same: bool) -> None:
    """A customer holds 2^64 of them: counted one by one they would never be locked."""
    assert (throttling.address(Throttled.ADDRESS, one) == throttling.address(Throttled.ADDRESS, other)) is is_same


def test_codes_are_counted_apart_from_passwords(person: Person, clock: Any) -> None:
    """Whoever knows the password guesses five codes; then neither a code nor a recovery code helps for a while."""
    _, recovery = person.with_totp()
    clock.at += STEP
    for _ in range(MOST - 1):
        assert person.code(second(person), WRONG).step is SignInStep.REFUSED
    assert person.code(second(person), WRONG).step is SignInStep.LOCKED
    assert person.code(second(person), person.shown()).step is SignInStep.LOCKED
    assert person.code(second(person), recovery[0]).step is SignInStep.LOCKED
    clock.at += LOCK
    assert person.code(second(person), person.shown()).step is SignInStep.DONE


def test_a_link_of_a_mail_opens_a_locked_account(on_sqlite: Person) -> None:
    """Whoever sets a new password by a link has proven more than a guess could."""
    for _ in range(MOST):
        on_sqlite.password("guess")
    assert on_sqlite.password().step is SignInStep.LOCKED
    on_sqlite.service.database.write(
        lambda session: throttling.forgive_account(session, on_sqlite.email, on_sqlite.number)
    )
    assert on_sqlite.password().step is SignInStep.DONE


def test_guesses_at_once_are_counted_one_by_one(person: Person) -> None:
    """Twenty that passed the first look together: five are answered, the right password among them not after that."""
    service = person.service
    with service.database.reading() as session:
        right = signing_in.check_password(session, person.email, "correct horse battery", HOME, service.now())
        wrong = signing_in.check_password(session, person.email, "guess", HOME, service.now())

    def give(checked: signing_in.CheckedPassword) -> Attempt:
        return service.database.write(
            lambda session: signing_in.give_password(
                session, service.cipher, person.email, checked, HOME, RULES, service.now()
            )
        )

    with ThreadPoolExecutor(8) as pool:
        steps = [one.step for one in pool.map(give, [wrong] * 20)]
    assert steps.count(SignInStep.REFUSED) == MOST - 1
    assert steps.count(SignInStep.LOCKED) == 20 - (MOST - 1)
    assert give(right).step is SignInStep.LOCKED


def test_two_replicas_count_together(postgres_url: str, tmp_path: Any, make_service: Any, clock: Any) -> None:
    """On one database, each with connections of its own, at the same time: no guess is lost."""
    from tests.conftest import settings_for

    settings: Settings = settings_for(tmp_path, postgres_url)
    here = make_service(settings)
    there = open_service(settings)
    limit = LIMITS[Throttled.ADDRESS]

    def fail(service: Service) -> None:
        service.database.write(
            lambda session: sign_ins.count_failure(session, Throttled.ADDRESS, "192.0.2.7", limit, clock())
        )

    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(fail, [here, there] * 12))
        with there.database.reading() as session:
            assert sign_ins.tally_of(session, Throttled.ADDRESS, "192.0.2.7").failures == 24
    finally:
        there.close()


def test_counts_that_are_over_do_not_pile_up(on_sqlite: Person, clock: Any) -> None:
    """Whoever tries a million addresses leaves no million rows; nothing in them says which addresses."""
    service = on_sqlite.service
    for number in range(5):
        on_sqlite.password("guess", email=f"p{number}@example.org", browser=elsewhere(f"198.51.100.{number}"))
    clock.at += timedelta(days=2)
    on_sqlite.password("guess")
    with service.database.reading() as session:
        rows = session.execute(METADATA.tables["failure"].select()).all()
    assert len(rows) == 2
    assert "198.51" not in str(rows)
    assert "example.org" not in str(rows)
