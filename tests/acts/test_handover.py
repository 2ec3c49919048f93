"""Nobody leaves with open work, and whoever is shut out at once leaves none behind."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from sqlmodel import col, select

from breach_service.acts.decisions.mandates import NewMandate, record_mandate
from breach_service.acts.incidents import Declaration, declare
from breach_service.acts.people import accounts, handover, leading
from breach_service.app import OPERATOR, Service
from breach_service.domain.access import Actor, MandateKind, Standing, UserRole
from breach_service.domain.handover import WorkKind
from breach_service.domain.incident import EntryKind
from breach_service.errors import InvalidCommand, NotAllowed, NotFound
from breach_service.store import compartments, deciding, incidents, people, rota, timeline
from breach_service.store import handover as stored
from breach_service.store.access_tables import PasskeyRow, SubstituteRow
from breach_service.store.database import Session
from breach_service.store.tables import OutboxRow, SessionRow

Done = TypeVar("Done")
PASSWORD = "a rather long sentence 1"
SOON = timedelta(minutes=1)


class Company:
    """A few colleagues and one incident."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.anne = self.account("Anne", UserRole.ADMIN)
        self.remi = self.account("Remi", UserRole.RESPONDER)
        self.yanis = self.account("Yanis", UserRole.RESPONDER)
        self.claire = self.account("Claire", UserRole.DPO)
        self.zoe = self.account("Zoe", UserRole.DECIDER)
        self.reference = self.do(
            lambda session: declare(
                session, OPERATOR, Declaration("It broke.", systems=("application",), personal_data="yes"),
                service.knowledge(), service.now(),
            )
        )  # fmt: skip

    def do(self, work: Callable[[Session], Done]) -> Done:
        return self.service.database.write(work)

    def account(self, name: str, role: UserRole) -> int:
        return self.do(
            lambda session: accounts.add_user(
                session, OPERATOR, f"{name.lower()}@us.example", role, PASSWORD, self.service.now(), name=name
            )
        )

    def actor(self, person: int) -> Actor:
        with self.service.database.reading() as session:
            row = people.user(session, person)
            assert row is not None
            return Actor(row.name, UserRole(row.role), person=person)

    def lead(self, person: int) -> None:
        self.do(lambda session: leading.lead(session, OPERATOR, self.reference, person, self.service.now()))

    def mandate(self, person: int, kind: MandateKind = MandateKind.DELEGATION) -> None:
        new = NewMandate(self.email(person), kind, "Paris, 2 March 2026", granted_by="The board")
        inventory = self.service.knowledge().inventory
        self.do(lambda session: record_mandate(session, OPERATOR, new, inventory, self.service.now()))

    def email(self, person: int) -> str:
        with self.service.database.reading() as session:
            row = people.user(session, person)
            assert row is not None
            return row.email

    def work(self, person: int) -> set[WorkKind]:
        return {one.kind for one in self.items(person)}

    def items(self, person: int) -> tuple[Any, ...]:
        with self.service.database.reading() as session:
            return handover.open_work_of(session, person, self.service.now()).items

    def start(self, leaver: int, successor: int, actor: Actor = OPERATOR) -> int:
        return self.do(
            lambda session: handover.start_handover(
                session, actor, leaver, successor, "Leaves in May.", self.service.now()
            )
        )

    def accept(self, number: int, person: int) -> None:
        self.do(lambda session: handover.accept(session, self.actor(person), number, self.service.now()))

    def disable(self, person: int, *, for_security: bool = False) -> None:
        self.do(
            lambda session: accounts.disable(
                session, OPERATOR, person, self.service.now(), reason="Leaves.", for_security=for_security
            )
        )

    def lead_now(self) -> int | None:
        with self.service.database.reading() as session:
            return incidents.row_of(session, self.reference).lead


@pytest.fixture
def company(sqlite_service: Service) -> Company:
    return Company(sqlite_service)


@pytest.fixture
def on_each(service: Service) -> Company:
    """On each database in turn."""
    return Company(service)


def test_whoever_has_nothing_open_leaves(company: Company) -> None:
    """There is nothing to hand over."""
    assert not company.items(company.yanis)
    company.disable(company.yanis)
    with company.service.database.reading() as session:
        row = people.user(session, company.yanis)
        assert row is not None
        assert row.disabled_at is not None


def test_whoever_leads_an_incident_stays_until_somebody_took_it_on(on_each: Company) -> None:
    """The incident, and each notice that is owed in it, pass to the successor with the acceptance."""
    company = on_each
    company.lead(company.remi)
    assert company.work(company.remi) == {WorkKind.LEADS, WorkKind.NOTICE}
    with pytest.raises(InvalidCommand, match="/leave"):
        company.disable(company.remi)
    number = company.start(company.remi, company.yanis)
    with pytest.raises(InvalidCommand, match="nobody has accepted"):  # offered is not accepted
        company.disable(company.remi)
    assert company.lead_now() == company.remi
    company.accept(number, company.yanis)
    assert company.lead_now() == company.yanis
    company.disable(company.remi)
    with company.service.database.reading() as session:
        entries = timeline.entries_of(session, incidents.row_of(session, company.reference).id or 0)
    said = [dict(one.words or {}) for one in entries if one.kind is EntryKind.LEAD_CHANGED]
    assert said[-1] == {"from": "Remi", "to": "Yanis"}


def test_only_the_successor_accepts_and_in_person(company: Company) -> None:
    """Not whoever started it, not a third person, not a program, not the operator for them."""
    company.lead(company.remi)
    number = company.start(company.remi, company.yanis)
    program = Actor("token:x", UserRole.ADMIN, scope=None)
    for actor in (company.actor(company.anne), company.actor(company.claire), company.actor(company.remi), program,
                  OPERATOR):  # fmt: skip
        with pytest.raises(NotAllowed, match="accepts"):
            company.do(lambda session, actor=actor: handover.accept(session, actor, number, company.service.now()))
    assert company.lead_now() == company.remi


def test_a_successor_can_do_the_work(company: Company) -> None:
    """A role that may not work on incidents takes none on, nor does the leaver, a stranger or a disabled account."""
    company.lead(company.remi)
    for other, why in ((company.anne, "role"), (company.remi, "leaves"), (9_999, "no account")):
        with pytest.raises((InvalidCommand, NotFound), match=why):
            company.start(company.remi, other)
    company.disable(company.yanis)
    with pytest.raises(InvalidCommand, match="no account"):
        company.start(company.remi, company.yanis)


def test_what_one_successor_cannot_do_stays_for_another(company: Company) -> None:
    """A handover takes what fits; both are needed before somebody leaves."""
    company.mandate(company.claire)
    company.lead(company.claire)
    assert company.work(company.claire) >= {WorkKind.LEADS, WorkKind.MANDATE, WorkKind.DECISION}
    company.accept(company.start(company.claire, company.remi), company.remi)
    left = company.work(company.claire)
    assert WorkKind.LEADS not in left
    assert left >= {WorkKind.MANDATE, WorkKind.DECISION}
    with pytest.raises(InvalidCommand, match="mandate"):
        company.start(company.claire, company.zoe)
    company.mandate(company.zoe)
    assert WorkKind.DECISION not in company.work(company.claire)  # she is not the only one any more
    number = company.start(company.claire, company.zoe)
    company.accept(number, company.zoe)
    assert company.work(company.claire) == set()
    company.disable(company.claire)
    with company.service.database.reading() as session:
        held = deciding.mandates(session, active_only=False)
    assert [one.revoked_at is not None for one in held if one.person == company.claire] == [True]


def test_the_only_data_protection_officer_owes_the_opinion(company: Company) -> None:
    """Where there are two it rests on neither."""
    company.lead(company.remi)
    company.do(lambda session: setattr(incidents.row_of(session, company.reference), "status", "assessing"))
    assert company.work(company.claire) == {WorkKind.OPINION}
    other = company.account("Denis", UserRole.DPO)
    assert company.work(company.claire) == set()
    company.disable(other)
    assert company.work(company.claire) == {WorkKind.OPINION}


def test_the_only_administrator_hands_over_to_an_administrator(company: Company) -> None:
    """And the service says so before it is too late."""
    assert company.work(company.anne) == {WorkKind.ADMINISTRATOR}
    with pytest.raises(InvalidCommand, match="role"):
        company.start(company.anne, company.zoe)
    company.account("Bea", UserRole.ADMIN)
    assert company.work(company.anne) == set()


def test_an_accepted_offer_counts_only_while_its_successor_is_there(company: Company) -> None:
    """Otherwise two would leave one after the other with the work of the first."""
    company.mandate(company.claire)
    company.mandate(company.zoe)
    company.accept(company.start(company.claire, company.zoe), company.zoe)
    assert company.work(company.claire) == set()
    company.disable(company.zoe, for_security=True)
    assert WorkKind.MANDATE in company.work(company.claire)


def test_an_offer_can_be_taken_back_or_declined(company: Company) -> None:
    """By whoever started it or whom it is for, with the reason; then the work rests where it did."""
    company.lead(company.remi)
    first = company.start(company.remi, company.yanis)
    with pytest.raises(InvalidCommand, match="left to hand over"):
        company.start(company.remi, company.zoe)
    with pytest.raises(NotAllowed):
        company.do(lambda session: handover.withdraw(
            session, company.actor(company.claire), first, "No.", company.service.now()))  # fmt: skip
    company.do(
        lambda session: handover.withdraw(
            session, company.actor(company.yanis), first, "I am away.", company.service.now()
        )
    )
    with pytest.raises(InvalidCommand, match="already"):
        company.accept(first, company.yanis)
    company.accept(company.start(company.remi, company.zoe), company.zoe)
    assert company.lead_now() == company.zoe


def test_a_restricted_incident_is_taken_on_by_who_is_named_there(company: Company) -> None:
    """A handover opens no compartment: otherwise whoever manages accounts would see them all."""
    company.lead(company.remi)
    now = company.service.now()

    def restrict(session: Session) -> None:
        row = incidents.row_of(session, company.reference)
        row.is_restricted = True
        session.add(row)
        compartments.stand(session, row.id or 0, [company.remi], Standing.NAMED, "x", "x", now)

    company.do(restrict)
    assert WorkKind.NAMED in company.work(company.remi)
    with pytest.raises(InvalidCommand, match="names them there first"):
        company.start(company.remi, company.yanis)
    company.do(
        lambda session: compartments.stand(
            session, incidents.row_of(session, company.reference).id or 0, [company.yanis], Standing.NAMED, "x", "x",
            now,
        )
    )  # fmt: skip
    assert WorkKind.NAMED not in company.work(company.remi)
    company.accept(company.start(company.remi, company.yanis), company.yanis)


def test_whoever_is_shut_out_for_security_is_so_at_once_and_the_substitute_has_the_work(on_each: Company) -> None:
    """Named in advance, told by mail, and it waits to be accepted."""
    company, now = on_each, on_each.service.now()
    company.lead(company.remi)
    company.do(lambda session: compartments.set_substitute(session, company.remi, company.zoe, "x", now))
    company.disable(company.remi, for_security=True)
    assert company.lead_now() == company.zoe
    with company.service.database.reading() as session:
        [waiting] = stored.waiting_for(session, company.zoe)
    assert {one["kind"] for one in waiting.work} == {"leads", "notice"}
    tell = lambda session: handover.tell_handed_over(session, company.service.cipher, now)  # noqa: E731
    company.do(tell)
    company.do(tell)  # once
    with company.service.database.reading() as session:
        mails = [one for one in session.exec(select(OutboxRow)) if one.kind == "person"]
    [sealed] = [one.payload for one in mails if one.payload["user"] == company.zoe]
    content = json.loads(company.service.cipher.open(bytes.fromhex(sealed["sealed"])))
    assert content["kind"] == "handed_over"
    assert content["words"] == {"from": "Remi", "count": str(len(waiting.work)), "by": "operator"}
    company.accept(waiting.id or 0, company.zoe)


def test_without_a_substitute_whoever_can_do_most_of_it_has_the_work(company: Company) -> None:
    """And what nobody can do lies with an administrator, so that somebody knows."""
    company.mandate(company.zoe)
    company.lead(company.zoe)
    company.disable(company.zoe, for_security=True)
    assert company.lead_now() in (company.claire, company.remi, company.yanis)
    with company.service.database.reading() as session:
        kinds = {one["kind"] for row in stored.waiting_for(session, company.anne) for one in row.work}
    assert "mandate" in kinds


def test_the_rota_has_the_successor_in_the_place_of_the_leaver(on_each: Company) -> None:
    """Otherwise the telephone of somebody who left would ring."""
    company, now = on_each, on_each.service.now()
    level = {"people": [str(company.remi), str(company.claire)], "starts_on": "2026-11-23"}
    company.do(lambda session: rota.keep(session, {"first": level}, "x", now))
    assert company.work(company.remi) == {WorkKind.ROTA}
    company.service.now.at += SOON  # type: ignore[attr-defined]
    company.accept(company.start(company.remi, company.yanis), company.yanis)
    company.service.now.at += SOON  # type: ignore[attr-defined]
    with company.service.database.reading() as session:
        kept = rota.in_force(session, company.service.now())
    assert kept is not None
    assert kept.document["first"]["people"] == [str(company.yanis), str(company.claire)]
    company.disable(company.remi)


def test_everything_that_lets_the_leaver_in_ends_in_the_same_transaction(company: Company) -> None:
    """Sessions, passkeys, substitutes; what is theirs alone."""
    now = company.service.now()

    def prepare(session: Session) -> None:
        people.add(
            session, SessionRow(token_hash="h", user_id=company.yanis, created_at=now, expires_at=now + 9 * SOON)
        )
        session.add(PasskeyRow(user_id=company.yanis, credential_id="c", public_key=b"k", name="key", created_at=now))
        compartments.set_substitute(session, company.claire, company.yanis, "x", now)

    company.do(prepare)
    company.disable(company.yanis, for_security=True)
    with company.service.database.reading() as session:
        assert session.exec(select(SessionRow)).one().revoked_at == now
        assert session.exec(select(PasskeyRow)).one().removed_at == now
        held = session.exec(select(SubstituteRow).where(col(SubstituteRow.ended_at).is_(None))).all()
        assert all(one.substitute_id != company.yanis for one in held)


def test_handing_over_asks_for_its_role(company: Company) -> None:
    """Only whoever manages accounts starts a handover."""
    company.lead(company.remi)
    for person in (company.remi, company.claire, company.zoe):
        with pytest.raises(NotAllowed):
            company.start(company.remi, company.yanis, company.actor(person))
    assert company.start(company.remi, company.yanis, company.actor(company.anne)) > 0


def test_who_leads_works_and_sees_it(company: Company) -> None:
    """Not an administrator, not a viewer, not somebody shut out; and by who may say so."""
    now, bob = company.service.now(), company.account("Bob", UserRole.VIEWER)
    for person in (company.anne, bob, 9_999):
        with pytest.raises(InvalidCommand, match=r"lead|account"):
            company.lead(person)
    with pytest.raises(NotAllowed):
        company.do(lambda session: leading.lead(session, company.actor(bob), company.reference, company.remi, now))
    company.do(
        lambda session: compartments.stand(
            session, incidents.row_of(session, company.reference).id or 0, [company.remi], Standing.CONCERNED, "x",
            "x", now,
        )
    )  # fmt: skip
    with pytest.raises(InvalidCommand, match="does not see"):
        company.lead(company.remi)
    company.lead(company.yanis)
    with pytest.raises(InvalidCommand, match="already"):
        company.lead(company.yanis)
    with company.service.database.reading() as session:
        number = incidents.row_of(session, company.reference).id or 0
        able = {name for _, name in leading.can_lead(session, number, now)}
    assert able == {"Yanis", "Claire", "Zoe"}
