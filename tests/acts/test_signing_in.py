"""Signing in and out: what a password opens, for how long, and what it never tells."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.acts.people import accounts
from breach_service.acts.signing import own_account, signing_in
from breach_service.acts.signing.passwords import check_new_password, verify_password
from breach_service.acts.signing.signing_in import Attempt, Browser
from breach_service.app import OPERATOR, Service
from breach_service.domain.access import How, SignInRules, SignInStep, UserRole
from breach_service.errors import InvalidCommand, NotAllowed
from breach_service.store.sign_ins import hash_of
from breach_service.store.tables import METADATA
from tests.acts.signing import HOME, PASSWORD, RULES, Person

HOUR = timedelta(hours=1)


@pytest.fixture
def person(service: Service) -> Person:
    return Person(service)


@pytest.fixture
def on_sqlite(sqlite_service: Service) -> Person:
    return Person(sqlite_service)


def test_the_right_password_opens_a_session_that_ends(person: Person, clock: Any) -> None:
    """After its hours, to the second, however much it is used; the address may be written in capitals."""
    opened = person.password(email=f" {person.email.upper()} ")
    assert (opened.step, opened.target) == (SignInStep.DONE, "/register")
    who = person.here(opened.token)
    assert (who.email, who.how, who.actor.person) == (person.email, How.PASSWORD, person.number)
    without_idle = SignInRules(RULES.lasts)
    clock.at += 12 * HOUR - timedelta(seconds=1)
    assert person.who(opened.token, without_idle) is not None
    clock.at += timedelta(seconds=1)
    assert person.who(opened.token, without_idle) is None


def test_a_session_that_nobody_uses_ends_earlier(person: Person, clock: Any) -> None:
    """Four hours after its last use; a use is known to the minute."""
    token = person.password().token
    clock.at += 3 * HOUR
    who = person.here(token)
    person.service.database.write(lambda session: signing_in.saw(session, who, clock()))
    clock.at += 4 * HOUR - timedelta(seconds=1)
    assert person.here(token).seen_at == who.began_at + 3 * HOUR if who.began_at else False
    clock.at += timedelta(seconds=1)
    assert person.who(token) is None


def test_signing_out_ends_the_session_and_no_other(person: Person) -> None:
    """A second browser stays signed in."""
    here, there = person.password().token, person.password().token
    person.service.database.write(lambda session: signing_in.sign_out(session, here or "", person.service.now()))
    assert person.who(here) is None
    assert person.who(there) is not None
    person.service.database.write(lambda session: signing_in.sign_out(session, "never seen", person.service.now()))


def test_a_disabled_person_is_out_at_once(person: Person) -> None:
    """The session ends, and no new one begins; nothing says why."""
    token, service = person.password().token, person.service
    service.database.write(
        lambda session: accounts.disable(
            session, OPERATOR, person.number, service.now(), reason="they left", for_security=True
        )
    )
    assert person.who(token) is None
    assert person.password() == Attempt(SignInStep.REFUSED)


@pytest.mark.parametrize(
    ("email", "password"), [("camille@example.org", "wrong"), ("nobody@example.org", PASSWORD), ("", "")]
)
def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(person: Person, email: str, password: str) -> None:
    """Nobody learns who has an account."""
    assert person.password(password, email=email) == Attempt(SignInStep.REFUSED)


def test_an_unknown_person_costs_as_much_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """One argon2id hash of the same parameters either way: a watch tells nobody who has an account."""
    from breach_service.acts.signing import passwords

    made: list[str] = []

    class Counting:
        def hash(self, password: str) -> str:
            made.append("hash")
            return "x"

        def verify_and_update(self, password: str, held: str) -> tuple[bool, None]:
            made.append("hash")
            return False, None

    monkeypatch.setattr(passwords, "_hasher", Counting())
    verify_password("a password", None)
    verify_password("a password", "$argon2id$held")
    assert made == ["hash", "hash"]


def test_what_the_browser_brought_is_over_once_somebody_signs_in(person: Person) -> None:
    """A session planted before signing in is not the one afterwards, and is no session any more."""
    planted = person.password().token or ""
    opened = person.password(browser=Browser(session=planted)).token
    assert opened != planted
    assert person.who(planted) is None
    assert person.who(opened) is not None


def test_every_step_has_a_fresh_token(on_sqlite: Person) -> None:
    """A token that was seen before signing in, or before a second factor, opens nothing afterwards."""
    person = on_sqlite
    during, _ = person.with_totp()
    first = person.password()
    assert first.step is SignInStep.SECOND_FACTOR
    person.service.now.at += timedelta(seconds=30)  # type: ignore[attr-defined]
    second = person.code(first.token, person.shown())
    assert second.step is SignInStep.DONE
    assert len({during, first.token, second.token}) == 3
    assert person.who(first.token) is None
    assert person.code(second.token, person.shown(1)).step is SignInStep.EXPIRED


def test_a_session_of_another_way_in_is_opened_alike(on_sqlite: Person) -> None:
    """By a provider, say; for nobody who was disabled or never was."""
    service = on_sqlite.service
    token = service.database.write(
        lambda session: signing_in.open_session(
            session, on_sqlite.number, "oidc", RULES.lasts, service.now(), browser=HOME
        )
    )
    assert on_sqlite.here(token).how == How.OIDC
    with pytest.raises(LookupError):
        service.database.write(lambda session: signing_in.open_session(session, 999, "oidc", HOUR, service.now()))


def test_a_session_that_ended_meanwhile_does_not_live_on(on_sqlite: Person) -> None:
    """Somebody is signed out while their own change is under way: no fresh token comes of it."""
    service, token = on_sqlite.service, on_sqlite.password().token
    number = on_sqlite.here(token).session or 0
    service.database.write(lambda session: signing_in.sign_out(session, token or "", service.now()))
    with pytest.raises(NotAllowed, match="has ended"):
        service.database.write(lambda session: signing_in.renew_session(session, number, service.now()))


def test_one_signs_out_ones_own_browsers_and_nobody_elses(on_sqlite: Person) -> None:
    """One by its number, or all others at once."""
    service = on_sqlite.service
    other = Person(service, "noe@example.org")
    mine, theirs = [on_sqlite.password().token for _ in range(3)], other.password().token
    who, stranger = on_sqlite.here(mine[0]), other.here(theirs)
    second = on_sqlite.here(mine[1]).session or 0
    with pytest.raises(Exception, match="no such session"):
        service.database.write(lambda session: own_account.end_session(session, stranger, second, service.now()))
    assert on_sqlite.who(mine[1]) is not None
    service.database.write(lambda session: own_account.end_session(session, who, second, service.now()))
    assert [on_sqlite.who(one) is not None for one in mine] == [True, False, True]
    ended = service.database.write(lambda session: own_account.end_other_sessions(session, who, service.now()))
    assert ended == 1
    assert [on_sqlite.who(one) is not None for one in mine] == [True, False, False]
    assert other.who(theirs) is not None


def test_nobody_takes_the_name_of_a_colleague(on_sqlite: Person) -> None:
    """However it is spaced or written: the chronology must tell them apart. The own name may change its case."""
    service = on_sqlite.service
    other = Person(service, "noe@example.org")
    who = other.here(other.password().token)

    def rename(name: str) -> None:
        service.database.write(
            lambda session: own_account.change_profile(session, service.cipher, who, name, "en", service.now())
        )

    for taken in ("Camille", "  camille ", "CAMILLE"):
        with pytest.raises(InvalidCommand, match="a colleague has this name"):
            rename(taken)
    rename("NOE Varenne")
    assert (other.row().name, other.row().language) == ("NOE Varenne", "en")
    with pytest.raises(InvalidCommand, match="French or English"):
        service.database.write(
            lambda session: own_account.change_profile(session, service.cipher, who, "Noe", "de", service.now())
        )


@pytest.mark.parametrize("password", ["short", "x" * 1001, "aaaaaaaaaaaaaaaa", "Camille@Example.org"])
def test_a_password_that_would_be_guessed_first_is_not_taken(password: str) -> None:
    """Too short, too long, of hardly a character, or one's own address."""
    with pytest.raises(InvalidCommand):
        check_new_password(password, ["camille@example.org"])


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=12, max_size=200))
def test_any_other_password_is_taken(password: str) -> None:
    """Spaces, accents and signs of any script; no rule asks for digits."""
    if len(set(password)) >= 4:
        check_new_password(password, ["camille@example.org"])


def everything_stored(service: Service) -> str:
    """Every value of every table, as text."""
    with service.database.reading() as session:
        return "\n".join(str(row) for table in METADATA.sorted_tables for row in session.execute(table.select()))


def test_no_token_is_stored_in_clear(service: Service) -> None:
    """Neither of a session nor of a step under way; their digests are."""
    person = Person(service)
    session, codes = person.with_totp()
    step = person.password().token or ""
    stored = everything_stored(service)
    for secret in (session, step, PASSWORD, person.seed, *codes, codes[0].replace("-", "")):
        assert secret not in stored
    assert hash_of(session) in stored
    assert hash_of(step) in stored


@pytest.mark.parametrize("role", [UserRole.DPO, UserRole.DECIDER, UserRole.ADMIN])
def test_who_decides_is_asked_for_a_second_factor(
    make_service: Callable[..., Service], sqlite_service: Service, role: UserRole, clock: Any
) -> None:
    """After the days of grace of their account; who has one, or comes from a provider, is not asked."""
    person = Person(sqlite_service, role=role)
    rules = SignInRules(RULES.lasts, None, frozenset({UserRole.DPO, UserRole.DECIDER, UserRole.ADMIN}), 14 * 24 * HOUR)
    who = person.who(person.password().token, rules)
    assert who is not None
    assert who.enrol_before == clock() + 14 * 24 * HOUR
    from_provider = sqlite_service.database.write(
        lambda session: signing_in.open_session(session, person.number, "oidc", HOUR, clock())
    )
    provided = person.who(from_provider, rules)
    assert provided is not None
    assert provided.enrol_before is None
    enrolled = person.who(person.with_totp()[0], rules)
    assert enrolled is not None
    assert (enrolled.enrol_before, enrolled.how) == (None, How.PASSWORD_TOTP)


def test_the_service_hashes_at_the_cost_that_the_library_recommends() -> None:
    """Only the tests hash at the least cost (tests/conftest.py); here a process of its own says what it does."""
    code = "from breach_service.acts.signing.passwords import hash_password; print(hash_password('three plain words'))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    held = dict(one.split("=") for one in said.split("$")[3].split(","))
    assert said.startswith("$argon2id$")
    assert int(held["m"]) * int(held["t"]) >= 46 * 1024  # OWASP, Password Storage: 46 MiB once, or as much more often
