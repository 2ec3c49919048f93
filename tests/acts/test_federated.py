"""What a verified identity opens and ends, on each database."""

from dataclasses import replace
from datetime import timedelta

import pytest

from breach_service.acts.people import accounts, links, tokens
from breach_service.acts.signing import factors, federated, passkeys, provider_links, signing_in
from breach_service.acts.signing.federated import Entered, Rules
from breach_service.acts.signing.passkeys import Asked, Site
from breach_service.acts.signing.signing_in import Browser, SignedIn
from breach_service.app import OPERATOR, Service
from breach_service.domain.access import Identity, Refusal, SignInStep, UserRole
from breach_service.errors import InvalidCommand, NotAllowed
from breach_service.notify.provider import Asked as Question
from breach_service.notify.provider import Ended
from breach_service.store import people
from breach_service.store.database import Session
from tests.acts.authenticator import Authenticator
from tests.acts.signing import RULES as SIGN_IN
from tests.acts.signing import Person

ISSUER = "https://login.example"
NOE = Identity(ISSUER, "noe", "noe@us.example", True, "Noé Varenne", frozenset({"law"}), "s-1")
RULES = Rules({"law": UserRole.DPO, "run": UserRole.ADMIN, "watch": UserRole.VIEWER}, timedelta(hours=12))
SITE = Site("localhost", "http://localhost:8080")


def enter(service: Service, identity: Identity = NOE) -> Entered:
    return service.database.write(
        lambda session: federated.enter(session, service.cipher, identity, RULES, Browser(), service.now())
    )


def who(service: Service, entered: Entered) -> SignedIn | None:
    with service.database.reading() as session:
        return signing_in.signed_in(session, entered.token, service.now(), SIGN_IN)


def end(service: Service, subject: str = "noe", session_id: str = "", number: str = "n-1") -> int | None:
    at = service.now().timestamp()
    ended = Ended(subject, session_id, number, at + 120)
    return service.database.write(
        lambda session: federated.end_by_provider(session, service.cipher, ISSUER, ended, service.now())
    )


def test_an_account_is_made_once_and_found_again(service: Service) -> None:
    """By issuer and subject, whatever became of the address and the name."""
    first, second = enter(service), enter(service, replace(NOE, email="other@us.example", name="N."))
    one, two = who(service, first), who(service, second)
    assert one is not None
    assert two is not None
    assert (one.actor.person, one.email, one.how) == (two.actor.person, "noe@us.example", "oidc")
    assert two.actor.name == "Noé Varenne"
    assert enter(service, replace(NOE, issuer="https://other.example")).refusal is Refusal.ADDRESS_TAKEN


def test_two_people_of_one_name_are_told_apart(sqlite_service: Service) -> None:
    """The chronology names people: the second one has the address behind their name."""
    enter(sqlite_service)
    other = who(sqlite_service, enter(sqlite_service, replace(NOE, subject="two", email="two@us.example")))
    third = who(sqlite_service, enter(sqlite_service, replace(NOE, subject="3", email="three@us.example", name="")))
    assert other is not None
    assert third is not None
    assert (other.actor.name, third.actor.name) == ("Noé Varenne (two@us.example)", "three")


def test_a_lowered_role_ends_sessions_and_tokens(service: Service) -> None:
    """Those of the person alone; the session that is opened has the new role."""
    first = enter(service, replace(NOE, groups=frozenset({"run"})))
    other = enter(service, replace(NOE, subject="maud", email="maud@us.example"))
    signed = who(service, first)
    assert signed is not None
    service.database.write(
        lambda session: tokens.add_token(session, signed.actor, "mine", UserRole.VIEWER, service.now())
    )
    second = enter(service, replace(NOE, groups=frozenset({"watch"})))
    now = who(service, second)
    assert now is not None
    assert now.actor.role is UserRole.VIEWER
    assert who(service, first) is None
    assert who(service, other) is not None
    with service.database.reading() as session:
        assert all(one.revoked_at for one in people.tokens(session) if one.owner == signed.actor.person)


def test_the_provider_ends_one_session_or_all(service: Service) -> None:
    """By its own session, by the person; a message counts once; what belongs to nobody ends nothing."""
    first, second = enter(service), enter(service, replace(NOE, session="s-2"))
    assert end(service, "", "s-2", "n-1") == 1
    assert who(service, first) is not None
    assert who(service, second) is None
    assert end(service, "", "s-2", "n-1") is None
    assert end(service, "stranger", "s-1", "n-2") == 0
    assert end(service, "stranger", "", "n-3") == 0
    assert who(service, first) is not None
    assert end(service, "noe", "", "n-4") == 1
    assert who(service, first) is None


def test_a_question_is_answered_once_and_within_ten_minutes(service: Service) -> None:
    """It comes back as it was; then it is gone."""
    asked = Question("state", "nonce", "verifier", "/register")
    token = service.database.write(lambda session: federated.begin(session, service.cipher, asked, service.now()))

    def take(token: str, at: timedelta = timedelta(0)) -> Question | None:
        return service.database.write(
            lambda session: federated.take(session, service.cipher, token, service.now() + at)
        )

    assert take(token) == asked
    assert take(token) is None
    late = service.database.write(lambda session: federated.begin(session, service.cipher, asked, service.now()))
    assert take(late, federated.ANSWER_WITHIN) is None


def test_an_invited_account_is_taken_over_once(service: Service) -> None:
    """By whoever the provider vouches for first; its invitation opens nothing afterwards."""

    def invite(session: Session) -> str:
        number = accounts.add_user(session, OPERATOR, NOE.email, UserRole.VIEWER, None, service.now())
        return links.invite(session, OPERATOR, number, service.now(), None).path

    path = service.database.write(invite)
    assert enter(service, replace(NOE, is_email_verified=None)).refusal is Refusal.ADDRESS_NOT_VERIFIED
    assert who(service, enter(service)) is not None
    assert enter(service, replace(NOE, subject="later")).refusal is Refusal.ADDRESS_TAKEN
    with service.database.reading() as session:
        assert links.look(session, path.partition("token=")[2], service.now()) is None


def test_a_linked_account_has_neither_password_nor_passkey(service: Service) -> None:
    """Whatever it had before: else whom the provider shuts out would come in by them."""
    person = Person(service, NOE.email)
    key = Authenticator(SITE.origin, SITE.host)
    signed = person.here(person.password().token)
    proof = person.proof(signed)
    asked = service.database.write(
        lambda session: factors.begin_passkey(session, service.cipher, SITE, signed, proof, service.now())
    )
    assert isinstance(asked, Asked)
    service.database.write(
        lambda session: factors.add_passkey(
            session, service.cipher, SITE, signed, asked.token, key.make(asked.options), "laptop", service.now()
        )
    )
    code = enter(service).code
    service.database.write(
        lambda session: provider_links.link_account(session, service.cipher, OPERATOR, NOE.email, code, service.now())
    )
    assert person.password().step is SignInStep.REFUSED
    wanted = service.database.write(
        lambda session: passkeys.ask_for_sign_in(session, service.cipher, SITE, Browser(), service.now(), "/")
    )
    assert wanted is not None
    tried = service.database.write(
        lambda session: passkeys.give_passkey(
            session, service.cipher, SITE, wanted.token, key.use(wanted.options), Browser(), SIGN_IN, service.now()
        )
    )
    assert tried.step is SignInStep.REFUSED
    entered = who(service, enter(service))
    assert entered is not None
    assert entered.actor.person == person.number
    with pytest.raises(InvalidCommand, match="provider"):
        service.database.write(
            lambda session: factors.begin_passkey(session, service.cipher, SITE, entered, proof, service.now())
        )


def test_only_who_manages_people_links_accounts(sqlite_service: Service) -> None:
    """And no API token, which may take access away and never gives any."""
    service = sqlite_service
    Person(service, NOE.email)
    code = enter(service).code
    for role in (UserRole.DPO, UserRole.AUDITOR):
        actor = replace(OPERATOR, role=role, is_operator=False)
        with pytest.raises(NotAllowed):
            service.database.write(
                lambda session, actor=actor: provider_links.link_account(
                    session, service.cipher, actor, NOE.email, code, service.now()
                )
            )
