"""Second factors: what opens, what opens once, what is refused and written down."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from breach_service.acts.signing import factors, passkeys, signing_in
from breach_service.acts.signing.factors import Changed
from breach_service.acts.signing.passkeys import Asked, Site
from breach_service.acts.signing.passwords import hash_password
from breach_service.acts.signing.second_factors import RECOVERY_CODES
from breach_service.acts.signing.signing_in import STEP_LASTS, Attempt, SignedIn
from breach_service.app import Service
from breach_service.domain.access import JUST_NOW, Actor, How, SignInStep, UserRole
from breach_service.domain.incident import EntryKind
from breach_service.errors import InvalidCommand, NotAllowed, NotFound
from breach_service.store import factors as stored
from breach_service.store.tables import METADATA, TimelineDetailRow, TimelineEntryRow
from tests.acts.authenticator import Authenticator
from tests.acts.signing import HOME, PASSWORD, RULES, Person

STEP = timedelta(seconds=30)
SITE = Site("incidents.example", "https://incidents.example")
WRONG = "000000"


@pytest.fixture
def person(service: Service) -> Person:
    return Person(service)


@pytest.fixture
def on_sqlite(sqlite_service: Service) -> Person:
    return Person(sqlite_service)


def changes(service: Service) -> list[str]:
    """What the chronology says of signing in, in order."""
    entry, detail = TimelineEntryRow.__table__, TimelineDetailRow.__table__  # type: ignore[attr-defined]
    with service.database.reading() as session:
        rows = session.execute(
            detail.select()
            .join(entry, entry.c.id == detail.c.entry_id)
            .where(entry.c.kind == EntryKind.SIGN_IN_CHANGED)
            .order_by(detail.c.entry_id)
        )
        return [row.words["what"] for row in rows]


def told(service: Service) -> int:
    """How many messages wait for a person."""
    with service.database.reading() as session:
        outbox = METADATA.tables["outbox"]
        return len(session.execute(outbox.select().where(outbox.c.kind == "person")).all())


def second(person: Person) -> str:
    """Somebody who gave their password and is asked for more."""
    first = person.password()
    assert first.step is SignInStep.SECOND_FACTOR
    return first.token or ""


# ── One-time codes


def test_with_one_time_codes_a_password_alone_opens_nothing(person: Person, clock: Any) -> None:
    """The code opens; the page that was asked for comes after both steps."""
    person.with_totp()
    clock.at += STEP
    step = second(person)
    assert person.who(step) is None
    done = person.code(step, person.shown())
    assert (done.step, done.target) == (SignInStep.DONE, "/register")
    assert person.here(done.token).how == How.PASSWORD_TOTP


def test_no_code_is_taken_twice(person: Person, clock: Any) -> None:
    """Neither the one that confirmed them, nor one used a moment ago, nor an earlier one after a later."""
    person.with_totp()
    assert person.code(second(person), person.shown()).step is SignInStep.REFUSED
    clock.at += STEP
    used = person.shown()
    assert person.code(second(person), used).step is SignInStep.DONE
    assert person.code(second(person), used).step is SignInStep.REFUSED
    clock.at += STEP
    assert person.code(second(person), person.shown()).step is SignInStep.DONE
    assert person.code(second(person), person.shown(-1)).step is SignInStep.REFUSED


@pytest.mark.parametrize(("steps", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(on_sqlite: Person, clock: Any, steps: int, opens: bool) -> None:
    """Thirty seconds before or after, no more."""
    on_sqlite.with_totp()
    clock.at += 10 * STEP
    done = on_sqlite.code(second(on_sqlite), on_sqlite.shown(steps))
    assert (done.step is SignInStep.DONE) is opens


@pytest.mark.parametrize("code", ["", " ", "12345", "1234567", "abcdef", "१२३४५६", "0" * 5000, "\x00", "-1", "1e5"])
def test_what_is_no_code_is_wrong_and_nothing_worse(on_sqlite: Person, clock: Any, code: str) -> None:
    """Other digits, other lengths, other scripts."""
    on_sqlite.with_totp()
    clock.at += STEP
    assert on_sqlite.code(second(on_sqlite), code).step is SignInStep.REFUSED


def test_a_code_may_be_typed_with_its_gap(on_sqlite: Person, clock: Any) -> None:
    """Apps show `123 456`."""
    on_sqlite.with_totp()
    clock.at += STEP
    shown = on_sqlite.shown()
    assert on_sqlite.code(second(on_sqlite), f" {shown[:3]} {shown[3:]}").step is SignInStep.DONE


def test_a_step_is_taken_once_and_ends_in_minutes(person: Person, clock: Any) -> None:
    """Its token opens nothing a second time; a wrong code gives a fresh one that lasts no longer than the first."""
    person.with_totp()
    clock.at += STEP
    step = second(person)
    refused = person.code(step, WRONG)
    assert refused.step is SignInStep.REFUSED
    assert refused.token not in (None, step)
    assert person.code(step, person.shown()) == Attempt(SignInStep.EXPIRED)
    clock.at += STEP_LASTS - timedelta(seconds=1)
    again = person.code(refused.token, WRONG)
    assert again.step is SignInStep.REFUSED
    clock.at += timedelta(seconds=1)
    assert person.code(again.token, person.shown()) == Attempt(SignInStep.EXPIRED)


def test_a_step_begun_with_a_former_password_leads_nowhere(on_sqlite: Person, clock: Any) -> None:
    """Whoever knew the old one is out, in the middle of it too."""
    token, _ = on_sqlite.with_totp()
    clock.at += STEP
    thief = second(on_sqlite)
    change_password(on_sqlite, on_sqlite.here(token), PASSWORD, "quite another one")
    assert on_sqlite.code(thief, on_sqlite.shown()) == Attempt(SignInStep.EXPIRED)


def test_codes_that_were_never_confirmed_ask_nothing(on_sqlite: Person) -> None:
    """Whoever closed the page with the QR code is not shut out; a wrong first code changes nothing."""
    service, who = on_sqlite.service, on_sqlite.here(on_sqlite.password().token)
    proof = on_sqlite.proof(who)
    service.database.write(lambda session: factors.begin_totp(session, service.cipher, who, proof, service.now()))
    assert on_sqlite.confirm(who, WRONG).refusal == factors.WRONG_CODE
    assert on_sqlite.password().step is SignInStep.DONE


def test_confirming_ends_every_other_session(person: Person) -> None:
    """And the one in use goes on under another token, with its end as it was; it is written down and told."""
    other = person.password().token
    token, codes = person.with_totp()
    assert person.who(other) is None
    assert person.here(token).how == How.PASSWORD_TOTP
    assert len(codes) == RECOVERY_CODES
    assert changes(person.service) == ["totp_added"]
    assert told(person.service) == 1


def test_codes_cannot_be_replaced_behind_ones_back(on_sqlite: Person) -> None:
    """New ones ask for the old ones to be removed, and that asks for the password."""
    service, (token, _) = on_sqlite.service, on_sqlite.with_totp()
    who = on_sqlite.here(token)
    proof = on_sqlite.proof(who, PASSWORD)
    with pytest.raises(InvalidCommand, match="remove them before"):
        service.database.write(lambda session: factors.begin_totp(session, service.cipher, who, proof, service.now()))
    done = service.database.write(
        lambda session: factors.remove_totp(session, service.cipher, who, proof, service.now())
    )
    assert done.refusal == ""
    assert on_sqlite.password().step is SignInStep.DONE
    assert on_sqlite.row().recovery_hashes == []
    assert changes(service) == ["totp_added", "totp_removed"]


# ── Recovery codes


def test_each_recovery_code_opens_once(person: Person) -> None:
    """In capitals and without its dashes too; what was used is gone, the rest stays; it is written down and told."""
    _, codes = person.with_totp()
    done = person.code(second(person), codes[3].upper().replace("-", " "))
    assert done.step is SignInStep.DONE
    assert person.here(done.token).how == How.PASSWORD_RECOVERY
    assert person.code(second(person), codes[3]).step is SignInStep.REFUSED
    assert person.code(second(person), codes[4]).step is SignInStep.DONE
    assert len(person.row().recovery_hashes) == RECOVERY_CODES - 2
    assert changes(person.service) == ["totp_added", "recovery_used", "recovery_used"]
    assert told(person.service) == 3


def test_recovery_codes_are_of_one_person(on_sqlite: Person) -> None:
    """Another account with the same password has no use for them; no code is said twice."""
    _, codes = on_sqlite.with_totp()
    other = Person(on_sqlite.service, "noe@example.org")
    _, others = other.with_totp()
    assert len({*codes, *others}) == 2 * RECOVERY_CODES
    assert other.code(second(other), codes[0]).step is SignInStep.REFUSED


def test_new_recovery_codes_end_the_old_ones(on_sqlite: Person) -> None:
    """All of them."""
    service, (token, codes) = on_sqlite.service, on_sqlite.with_totp()
    who, proof = on_sqlite.here(token), on_sqlite.proof(on_sqlite.here(token))
    made = service.database.write(
        lambda session: factors.make_recovery_codes(session, service.cipher, who, proof, service.now())
    )
    assert not set(made.codes) & set(codes)
    assert on_sqlite.code(second(on_sqlite), codes[0]).step is SignInStep.REFUSED
    assert on_sqlite.code(second(on_sqlite), made.codes[0]).step is SignInStep.DONE


def test_without_a_second_factor_there_is_nothing_to_recover(on_sqlite: Person) -> None:
    """A code that stands in for nothing would be a second password."""
    service, who = on_sqlite.service, on_sqlite.here(on_sqlite.password().token)
    proof = on_sqlite.proof(who)
    with pytest.raises(InvalidCommand, match="add one first"):
        service.database.write(
            lambda session: factors.make_recovery_codes(session, service.cipher, who, proof, service.now())
        )


# ── Passwords


def change_password(person: Person, who: SignedIn, present: str, new: str) -> Changed:
    proof, hashed, service = person.proof(who, present), hash_password(new), person.service
    return service.database.write(
        lambda session: factors.change_password(session, service.cipher, who, proof, hashed, service.now())
    )


def test_a_new_password_asks_for_the_present_one(person: Person) -> None:
    """However lately somebody signed in; nothing changes otherwise."""
    who = person.here(person.password().token)
    for wrong in ("", "not that one"):
        assert change_password(person, who, wrong, "quite another one").refusal == factors.WRONG_PASSWORD
    assert person.password().step is SignInStep.DONE


def test_a_new_password_ends_every_other_session(person: Person) -> None:
    """The old token of this one too; the old password opens nothing; it is written down and told."""
    other, this = person.password().token, person.password().token
    done = change_password(person, person.here(this), PASSWORD, "quite another one")
    assert [person.who(one) for one in (other, this)] == [None, None]
    assert person.here(done.token).email == person.email
    assert person.password().step is SignInStep.REFUSED
    assert person.password("quite another one").step is SignInStep.DONE
    assert changes(person.service) == ["password"]
    assert told(person.service) == 1


def test_a_renewed_session_ends_when_the_first_would_have(on_sqlite: Person, clock: Any) -> None:
    """Changing something does not make it longer."""
    this = on_sqlite.here(on_sqlite.password().token)
    clock.at += timedelta(hours=3)
    done = change_password(on_sqlite, this, PASSWORD, "quite another one")
    clock.at += timedelta(hours=9) - timedelta(seconds=1)
    endless = replace(RULES, idle=None)
    assert on_sqlite.who(done.token, endless) is not None
    clock.at += timedelta(seconds=1)
    assert on_sqlite.who(done.token, endless) is None


def test_a_factor_asks_for_the_password_minutes_after_signing_in(on_sqlite: Person, clock: Any) -> None:
    """A browser left open is not enough to change what its owner signs in with."""
    service, who = on_sqlite.service, on_sqlite.here(on_sqlite.password().token)
    clock.at += JUST_NOW

    def begin(password: str) -> Changed:
        proof = on_sqlite.proof(who, password)
        return service.database.write(
            lambda session: factors.begin_totp(session, service.cipher, who, proof, service.now())
        )

    assert begin("").refusal == factors.WRONG_PASSWORD
    assert begin("not that one").refusal == factors.WRONG_PASSWORD
    assert begin(PASSWORD).refusal == ""


def test_a_token_has_no_account_of_its_own(on_sqlite: Person) -> None:
    """Nor has anybody at the command line."""
    token = SignedIn(Actor("token:x", UserRole.DPO), "", "fr")
    with (
        on_sqlite.service.database.reading() as session,
        pytest.raises(NotAllowed, match="belongs to a person"),
    ):
        factors.own_account(session, on_sqlite.service.cipher, token, on_sqlite.service.now())


# ── Passkeys


def device(**changes: Any) -> Authenticator:
    return Authenticator(SITE.origin, SITE.host, **changes)


def registered(person: Person, key: Authenticator, site: Site = SITE) -> str:
    """The token of the session that added a passkey."""
    service = person.service
    opened = person.password().token or person.code(second(person), person.shown()).token
    who = person.here(opened)
    proof = person.proof(who)
    asked = service.database.write(
        lambda session: factors.begin_passkey(session, service.cipher, site, who, proof, service.now())
    )
    assert isinstance(asked, Asked)
    done = service.database.write(
        lambda session: factors.add_passkey(
            session, service.cipher, site, who, asked.token, key.make(asked.options), "my laptop", service.now()
        )
    )
    return done.token


def ask(service: Service, target: str = "/") -> Asked:
    asked = service.database.write(
        lambda session: passkeys.ask_for_sign_in(session, service.cipher, SITE, HOME, service.now(), target)
    )
    assert asked is not None
    return asked


def give(service: Service, token: str, answer: dict[str, Any], site: Site = SITE) -> Attempt:
    return service.database.write(
        lambda session: passkeys.give_passkey(session, service.cipher, site, token, answer, HOME, RULES, service.now())
    )


def with_key(service: Service, key: Authenticator, **changes: Any) -> Attempt:
    asked = ask(service, "/register")
    return give(service, asked.token, key.use(asked.options, **changes))


def test_a_passkey_opens_without_a_password(person: Person) -> None:
    """Nobody says who they are: the passkey does; its use is noted."""
    key = device()
    assert person.here(registered(person, key)).how == How.PASSKEY
    done = with_key(person.service, key)
    assert (done.step, done.target) == (SignInStep.DONE, "/register")
    who = person.here(done.token)
    assert (who.email, who.how) == (person.email, How.PASSKEY)
    with person.service.database.reading() as session:
        (held,) = stored.passkeys_of(session, person.number)
    assert (held.name, held.sign_count, held.last_used_at) == ("my laptop", key.count, person.service.now())
    assert changes(person.service) == ["passkey_added"]


def test_with_a_passkey_a_password_alone_opens_nothing(on_sqlite: Person) -> None:
    """It is a second factor for the password, too."""
    registered(on_sqlite, device())
    assert on_sqlite.password().step is SignInStep.SECOND_FACTOR


@pytest.mark.parametrize(
    "forged",
    [
        {"origin": "https://incidents.example.evil.example"},
        {"origin": "http://incidents.example"},
        {"challenge": "AAAA"},
        {"signed_by": Authenticator("", "").key},
    ],
)
def test_a_forged_answer_opens_nothing(on_sqlite: Person, forged: dict[str, Any]) -> None:
    """Of another page, to another challenge, signed with another key."""
    key = device()
    registered(on_sqlite, key)
    assert with_key(on_sqlite.service, key, **forged).step is SignInStep.REFUSED
    assert with_key(on_sqlite.service, key).step is SignInStep.DONE


def test_an_answer_of_another_host_opens_nothing(on_sqlite: Person) -> None:
    """The authenticator says for whom it signs."""
    key = device()
    registered(on_sqlite, key)
    key.host = "evil.example"
    assert with_key(on_sqlite.service, key).step is SignInStep.REFUSED


def test_an_answer_is_taken_once(person: Person, clock: Any) -> None:
    """Replayed with its own challenge, with a fresh one, or after the minutes that it lasts."""
    key, service = device(counts=False), person.service
    registered(person, key)
    asked = ask(service)
    answer = key.use(asked.options)
    assert give(service, asked.token, answer).step is SignInStep.DONE
    assert give(service, asked.token, answer).step is SignInStep.EXPIRED
    assert give(service, ask(service).token, answer).step is SignInStep.REFUSED
    late = ask(service)
    clock.at += STEP_LASTS
    assert give(service, late.token, key.use(late.options)).step is SignInStep.EXPIRED


def test_a_step_of_one_kind_is_none_of_another(on_sqlite: Person) -> None:
    """The token of a second factor answers no passkey, and the other way round."""
    key = device()
    registered(on_sqlite, key)
    asked = ask(on_sqlite.service)
    assert on_sqlite.code(asked.token, WRONG).step is SignInStep.EXPIRED
    assert give(on_sqlite.service, second(on_sqlite), key.use(asked.options)).step is SignInStep.EXPIRED
    assert give(on_sqlite.service, asked.token, key.use(asked.options)).step is SignInStep.DONE


def test_its_owner_must_be_verified(on_sqlite: Person) -> None:
    """A key that somebody merely found opens nothing, and cannot be added."""
    key = device()
    registered(on_sqlite, key)
    key.verifies = False
    assert with_key(on_sqlite.service, key).step is SignInStep.REFUSED
    with pytest.raises(InvalidCommand, match="could not be added"):
        registered(Person(on_sqlite.service, "noe@example.org"), device(verifies=False))


@pytest.mark.parametrize("back", [0, 1, 5])
def test_a_counter_that_goes_back_is_refused_and_written_down(person: Person, back: int) -> None:
    """There may be a copy of the passkey: its owner is told, and the real one goes on."""
    key, service = device(count=10), person.service
    registered(person, key)
    assert with_key(service, key).step is SignInStep.DONE
    copy = replace(key, count=key.count - 1 - back)
    assert with_key(service, copy).step is SignInStep.REFUSED
    assert changes(service) == ["passkey_added", "passkey_went_back"]
    assert told(service) == 2
    assert with_key(service, key).step is SignInStep.DONE


def test_one_that_does_not_count_opens_every_time(on_sqlite: Person) -> None:
    """Passkeys that are kept in step over several devices always say 0."""
    key = device(counts=False)
    registered(on_sqlite, key)
    assert [with_key(on_sqlite.service, key).step for _ in range(3)] == [SignInStep.DONE] * 3


def test_a_removed_passkey_opens_nothing_and_never_again(on_sqlite: Person) -> None:
    """Its owner alone removes it."""
    service, key = on_sqlite.service, device()
    registered(on_sqlite, key)
    who = on_sqlite.here(with_key(service, key).token)
    other = Person(service, "noe@example.org")
    stranger = other.here(other.password().token)
    with service.database.reading() as session:
        number = stored.passkeys_of(session, on_sqlite.number)[0].id or 0

    def remove(somebody: Person, as_who: SignedIn) -> Changed:
        proof = somebody.proof(as_who)
        return service.database.write(
            lambda session: factors.remove_passkey(session, service.cipher, as_who, proof, number, service.now())
        )

    with pytest.raises(NotFound, match="no such passkey"):
        remove(other, stranger)
    assert remove(on_sqlite, who).refusal == ""
    assert with_key(service, key).step is SignInStep.REFUSED
    with pytest.raises(InvalidCommand, match="could not be added"):
        registered(other, key)


def test_a_disabled_owner_comes_in_by_nothing(on_sqlite: Person) -> None:
    """A passkey is no way around it."""
    key, service = device(), on_sqlite.service
    registered(on_sqlite, key)

    def disable(session: Any) -> None:
        row = stored.held_account(session, on_sqlite.number)
        row.disabled_at = service.now()
        stored.save(session, row)

    service.database.write(disable)
    assert with_key(service, key).step is SignInStep.REFUSED


@pytest.mark.parametrize(
    "answer",
    [
        {}, {"id": None}, {"id": "\x00"}, {"id": "x" * 5000}, {"id": 7, "rawId": []},
        {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": None},
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused_and_nothing_worse(on_sqlite: Person, answer: dict[str, Any]) -> None:
    """Whatever a browser, or something that says it is one, sends."""
    key, service = device(), on_sqlite.service
    registered(on_sqlite, key)
    assert give(service, ask(service).token, answer).step is SignInStep.REFUSED
    known = {**answer, "id": key.use({"challenge": "AAAA"})["id"]}
    assert give(service, ask(service).token, known).step is SignInStep.REFUSED


def test_one_person_cannot_finish_what_another_began(on_sqlite: Person) -> None:
    """A passkey lands in the account that asked for it, or nowhere."""
    service, key = on_sqlite.service, device()
    other = Person(service, "noe@example.org")
    mine, theirs = on_sqlite.here(on_sqlite.password().token), other.here(other.password().token)
    proof = on_sqlite.proof(mine)
    asked = service.database.write(
        lambda session: factors.begin_passkey(session, service.cipher, SITE, mine, proof, service.now())
    )
    assert isinstance(asked, Asked)
    with pytest.raises(InvalidCommand, match="begin again"):
        service.database.write(
            lambda session: factors.add_passkey(
                session, service.cipher, SITE, theirs, asked.token, key.make(asked.options), "x", service.now()
            )
        )


@pytest.mark.parametrize(
    ("host", "origin", "can"),
    [
        ("incidents.example", "https://incidents.example", True),
        ("localhost", "http://localhost:8080", True),
        ("incidents.example", "http://incidents.example", False),
        ("127.0.0.1", "http://127.0.0.1:8080", False),
        ("192.0.2.1", "https://192.0.2.1", False),
        ("::1", "https://[::1]", False),
    ],
)
def test_passkeys_are_offered_where_browsers_allow_them(host: str, origin: str, can: bool) -> None:
    """By https or on this machine, under a name."""
    assert Site(host, origin).can_hold_passkeys is can


def test_a_locked_account_opens_by_its_passkey(person: Person) -> None:
    """Whoever locks an account by guessing does not shut its owner out."""
    key = device()
    registered(person, key)
    for _ in range(5):
        person.password("wrong")
    assert person.password().step is SignInStep.LOCKED
    assert with_key(person.service, key).step is SignInStep.DONE


def test_what_is_seen_of_a_session_is_who_and_how(on_sqlite: Person) -> None:
    """Nothing that opens anything."""
    token, _ = on_sqlite.with_totp()
    with on_sqlite.service.database.reading() as session:
        own = factors.own_account(session, on_sqlite.service.cipher, on_sqlite.here(token), on_sqlite.service.now())
    assert own.seed == own.address_of_seed == ""
    assert [one.agent for one in own.sessions] == [HOME.agent]
    assert signing_in.hash_of(token) == own.sessions[0].token_hash
