"""Somebody who signs in, step by step, as the acts see it."""

from dataclasses import replace
from datetime import timedelta

import pyotp

from breach_service.acts.people import accounts
from breach_service.acts.signing import factors, signing_in
from breach_service.acts.signing.factors import Changed, Proof
from breach_service.acts.signing.signing_in import Attempt, Browser, SignedIn
from breach_service.app import OPERATOR, Service
from breach_service.domain.access import SignInRules, UserRole
from breach_service.store import people
from breach_service.store.tables import UserRow

PASSWORD = "correct horse battery"
RULES = SignInRules(lasts=timedelta(hours=12), idle=timedelta(hours=4))
HOME = Browser("192.0.2.7", "Firefox, Linux")


class Person:
    """An account whose password is PASSWORD."""

    def __init__(self, service: Service, email: str = "camille@example.org", role: UserRole = UserRole.DPO) -> None:
        self.service = service
        self.email = email
        self.number = service.database.write(
            lambda session: accounts.add_user(
                session, OPERATOR, email, role, PASSWORD, service.now(), name=email.partition("@")[0].title()
            )
        )
        self.seed = ""

    def password(self, password: str = PASSWORD, *, browser: Browser = HOME, email: str = "") -> Attempt:
        """The first step."""
        service, email = self.service, email or self.email
        with service.database.reading() as session:
            checked = signing_in.check_password(session, email, password, browser, service.now())
        return service.database.write(
            lambda session: signing_in.give_password(
                session, service.cipher, email, checked, browser, RULES, service.now(), "/register"
            )
        )

    def code(self, token: str | None, code: str, *, browser: Browser = HOME) -> Attempt:
        """The second step."""
        service = self.service
        return service.database.write(
            lambda session: signing_in.give_code(
                session, service.cipher, token or "", code, browser, RULES, service.now()
            )
        )

    def who(self, token: str | None, rules: SignInRules = RULES) -> SignedIn | None:
        """Whose session that is now."""
        with self.service.database.reading() as session:
            return signing_in.signed_in(session, token or "", self.service.now(), rules)

    def here(self, token: str | None) -> SignedIn:
        """The person as they are signed in."""
        found = self.who(token)
        assert found is not None
        return found

    def proof(self, who: SignedIn, password: str = "") -> Proof:
        """What they typed as their present password."""
        with self.service.database.reading() as session:
            return factors.prove(session, who, password, self.service.now())

    def with_totp(self) -> tuple[str, tuple[str, ...]]:
        """Set up one-time codes: the token of the session that did it, and the recovery codes."""
        service, who = self.service, self.here(self.password().token)
        proof = self.proof(who)
        service.database.write(lambda session: factors.begin_totp(session, service.cipher, who, proof, service.now()))
        with service.database.reading() as session:
            self.seed = factors.own_account(session, service.cipher, who, service.now()).seed
        done = self.confirm(who, self.shown())
        assert done.refusal == ""
        return done.token, done.codes

    def confirm(self, who: SignedIn, code: str) -> Changed:
        """Give a first code."""
        service = self.service
        return service.database.write(
            lambda session: factors.confirm_totp(session, service.cipher, who, code, service.now())
        )

    def shown(self, steps: int = 0) -> str:
        """What the authenticator app shows now, or some steps of 30 s away."""
        return pyotp.TOTP(self.seed).at(self.service.now(), counter_offset=steps)

    def row(self) -> UserRow:
        """The account as it is stored."""
        with self.service.database.reading() as session:
            found = people.user(session, self.number)
            assert found is not None
            return found


def elsewhere(host: str) -> Browser:
    """Another network address."""
    return replace(HOME, host=host)
