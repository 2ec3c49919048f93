"""Who decides for an organisation: recorded from a writing, delegated by the representative alone, revoked at once."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from breach_service.acts.decisions import mandates as acts
from breach_service.acts.decisions.mandates import NewMandate
from breach_service.app import OPERATOR
from breach_service.domain.access import Act, Actor, Mandate, MandateKind, UserRole
from breach_service.domain.incident import EntryKind
from breach_service.errors import InvalidCommand, NotAllowed, NotFound
from breach_service.store import deciding
from breach_service.store.access_tables import AbsenceRow
from breach_service.store.tables import OutboxRow, TimelineDetailRow, TimelineEntryRow, UserRow
from tests.deciders import CAMILLE, DPO, add_account, give_mandate
from tests.pipeline.incoming import Incoming

ADMIN = Actor("Ines Marceau", UserRole.ADMIN, person=900_002)
REPRESENTATIVE = Actor("Alix Montreuil", UserRole.DECIDER, person=900_003)
DELEGATE = Actor("Basile Ferrand", UserRole.DECIDER, person=900_004)
VIEWER = Actor("Vera Lamotte", UserRole.VIEWER, person=900_005)
EMAIL = {one.person: f"p{one.person}@us.example" for one in (ADMIN, REPRESENTATIVE, DELEGATE, VIEWER)}
DAY = timedelta(days=1)
DELEGATION, REPRESENTS = MandateKind.DELEGATION, MandateKind.REPRESENTATIVE


@pytest.fixture
def company(sqlite_incoming: Incoming) -> Incoming:
    """A legal representative, somebody who could be delegated to, an administrator and a reader."""

    def work(session: Any) -> None:
        for one in (ADMIN, REPRESENTATIVE, DELEGATE, VIEWER):
            add_account(session, one)
        give_mandate(session, REPRESENTATIVE.person or 0, REPRESENTS)

    sqlite_incoming.service.database.write(work)
    return sqlite_incoming


def record(incoming: Incoming, actor: Actor, to: Actor, kind: MandateKind = DELEGATION, **more: Any) -> Mandate:
    new = NewMandate(EMAIL[to.person or 0], kind, "Lyon, 20 November 2026", **{"granted_by": "Alix Montreuil", **more})
    inventory = incoming.service.knowledge().inventory
    return incoming.service.database.write(
        lambda session: acts.record_mandate(session, actor, new, inventory, incoming.now)
    )


def revoke(incoming: Incoming, actor: Actor, number: int, reason: str = "He has left.") -> None:
    incoming.service.database.write(lambda session: acts.revoke_mandate(session, actor, number, reason, incoming.now))


def in_force(incoming: Incoming, at: datetime | None = None) -> set[int]:
    with incoming.service.database.reading() as session:
        return {one.person for one in acts.in_force(session, at or incoming.now)}


def written(incoming: Incoming, kind: EntryKind) -> list[dict[str, str]]:
    numbers = [one.id for one in incoming.rows(TimelineEntryRow) if one.kind == kind and one.incident_id is None]
    with incoming.service.database.reading() as session:
        return [dict(session.get(TimelineDetailRow, one).words) for one in numbers]


# Recording ------------------------------------------------------------------------------------------------------------


def test_a_mandate_is_kept_with_its_writing_and_stands_in_the_chronology(company: Incoming) -> None:
    """Who, as what, for whom, which decisions, from when to when, where it is written; sealed with everything else."""
    until = company.now + 30 * DAY
    made = record(
        company, ADMIN, DELEGATE, acts=frozenset({Act.QUALIFY}), organisation="bsoft", to_at=until
    )  # fmt: skip
    assert (made.person, made.kind, made.organisation) == (DELEGATE.person, DELEGATION, "bsoft")
    assert (made.from_at, made.to_at, made.acts) == (company.now, until, {Act.QUALIFY})
    (words,) = written(company, EntryKind.MANDATE_RECORDED)
    assert words == {
        "number": str(made.id), "person": "Basile Ferrand", "account": str(DELEGATE.person), "mandate": "delegation",
        "organisation": "bsoft", "acts": "qualify", "granted_by": "Alix Montreuil",
        "document": "Lyon, 20 November 2026", "from": company.now.isoformat(), "to": until.isoformat(),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"to_at": -DAY}, "over already"),
        ({"from_at": 3 * DAY, "to_at": 2 * DAY}, "ends before it begins"),
        ({"organisation": "moon"}, "moon is not an organisation"),
        ({"acts": frozenset({Act.DECLARE})}, "a mandate is for decisions"),
        ({"granted_by": " "}, "who gave it"),
    ],
)
def test_a_mandate_says_what_is_wrong_with_it(company: Incoming, change: dict[str, Any], sentence: str) -> None:
    """And nobody decides by it."""
    change = {name: company.now + one if isinstance(one, timedelta) else one for name, one in change.items()}
    with pytest.raises(InvalidCommand, match=sentence):
        record(company, ADMIN, DELEGATE, **change)
    assert DELEGATE.person not in in_force(company)


def test_a_mandate_needs_an_account_whose_role_decides_and_a_writing(company: Incoming) -> None:
    """It gives the ground, not the role."""
    with pytest.raises(InvalidCommand, match="Vera Lamotte is viewer"):
        record(company, ADMIN, VIEWER)
    inventory = company.service.knowledge().inventory
    for new, sentence in (
        (NewMandate("nobody@us.example", DELEGATION, "Minutes", granted_by="x"), "no account"),
        (NewMandate(EMAIL[900_004], DELEGATION, " ", granted_by="x"), "where the writing is"),
    ):
        with pytest.raises(InvalidCommand, match=sentence):
            company.service.database.write(
                lambda session, new=new: acts.record_mandate(session, ADMIN, new, inventory, company.now)  # type: ignore[misc]
            )


def test_a_mandate_begins_and_ends_at_its_instants(company: Incoming) -> None:
    """Not a moment earlier or later."""
    begins, ends = company.now + DAY, company.now + 2 * DAY
    record(company, ADMIN, DELEGATE, from_at=begins, to_at=ends)
    tick = timedelta(microseconds=1)
    for at, holds in ((begins - tick, False), (begins, True), (ends - tick, True), (ends, False)):
        assert (DELEGATE.person in in_force(company, at)) is holds


# Delegating -----------------------------------------------------------------------------------------------------------


def test_the_legal_representative_delegates_in_their_own_name(company: Incoming) -> None:
    """Whatever the form says about who gave it."""
    made = record(company, REPRESENTATIVE, DELEGATE, granted_by="somebody else", to_at=company.now + DAY)
    assert made.granted_by == "Alix Montreuil"
    assert DELEGATE.person in in_force(company)


def test_a_delegate_cannot_delegate_on(company: Incoming) -> None:
    """Nor make themselves, or anybody, the representative; nor does a representative appoint another."""
    record(company, REPRESENTATIVE, DELEGATE)
    with pytest.raises(NotAllowed, match="cannot delegate it on"):
        record(company, DELEGATE, REPRESENTATIVE)
    for actor in (DELEGATE, REPRESENTATIVE):
        with pytest.raises(NotAllowed, match="recorded by an administrator"):
            record(company, actor, DELEGATE, REPRESENTS)
    with pytest.raises(NotAllowed, match="nobody delegates to themselves"):
        record(company, REPRESENTATIVE, REPRESENTATIVE)


def test_nobody_delegates_more_than_they_hold(company: Incoming) -> None:
    """Neither other decisions, nor another organisation, nor beyond their own end."""
    with company.service.database.reading() as session:
        number = next(one.id for one in deciding.mandates(session) if one.person == REPRESENTATIVE.person)
    revoke(company, ADMIN, number)
    ends = company.now + 10 * DAY
    some = frozenset({Act.QUALIFY, Act.DECIDE_NOT_REQUIRED})
    record(company, ADMIN, REPRESENTATIVE, REPRESENTS, organisation="bsoft", acts=some, to_at=ends)
    fitting: dict[str, Any] = {"organisation": "bsoft", "acts": frozenset({Act.QUALIFY}), "to_at": ends}
    for more in ({"organisation": ""}, {"acts": frozenset()}, {"acts": frozenset({Act.APPROVE_DRAFT})},
                 {"to_at": ends + DAY}, {"to_at": None}):  # fmt: skip
        with pytest.raises(NotAllowed, match="no more than they hold"):
            record(company, REPRESENTATIVE, DELEGATE, **{**fitting, **more})
    assert record(company, REPRESENTATIVE, DELEGATE, **fitting).person == DELEGATE.person


def test_the_dpo_and_the_reader_record_nothing(company: Incoming) -> None:
    """Nor a responder who would like to decide."""
    for role in (UserRole.DPO, UserRole.VIEWER, UserRole.RESPONDER, UserRole.AUDITOR):
        with pytest.raises(NotAllowed, match=role):
            record(company, Actor("somebody", role, person=CAMILLE), DELEGATE)


# Revoking -------------------------------------------------------------------------------------------------------------


def test_a_revoked_mandate_decides_nothing_from_that_instant_on(company: Incoming) -> None:
    """With the reason in the chronology; once."""
    made = record(company, ADMIN, DELEGATE)
    revoke(company, REPRESENTATIVE, made.id)
    assert DELEGATE.person not in in_force(company)
    assert written(company, EntryKind.MANDATE_REVOKED)[0]["reason"] == "He has left."
    with pytest.raises(InvalidCommand, match="revoked already"):
        revoke(company, ADMIN, made.id)


def test_only_who_may_give_it_or_holds_it_revokes_a_mandate(company: Incoming) -> None:
    """A delegate gives their own back, and touches no other; nobody unknown is revoked, nothing without a reason."""
    made = record(company, ADMIN, DELEGATE)
    with company.service.database.reading() as session:
        appointed = next(one.id for one in deciding.mandates(session) if one.person == REPRESENTATIVE.person)
    with pytest.raises(NotAllowed, match="only an administrator"):
        revoke(company, DELEGATE, appointed)
    with pytest.raises(InvalidCommand, match="give the reason"):
        revoke(company, ADMIN, made.id, " ")
    with pytest.raises(NotFound, match="mandate number 999"):
        revoke(company, ADMIN, 999)
    revoke(company, DELEGATE, made.id)
    assert DELEGATE.person not in in_force(company)


def test_who_can_no_longer_sign_in_decides_no_more(company: Incoming) -> None:
    """Though their mandate was never revoked."""

    def disable(session: Any) -> None:
        row = session.get(UserRow, REPRESENTATIVE.person)
        row.disabled_at = company.now
        session.add(row)

    company.service.database.write(disable)
    assert REPRESENTATIVE.person not in in_force(company)


# Days without a decider -----------------------------------------------------------------------------------------------


def away(incoming: Incoming, person: int, from_at: datetime, to_at: datetime) -> None:
    row = AbsenceRow(
        user_id=person, from_at=from_at, to_at=to_at, origin="hand", recorded_at=incoming.now, recorded_by="somebody"
    )
    incoming.service.database.write(lambda session: session.add(row))


def told(incoming: Incoming) -> list[str]:
    return [one.key for one in incoming.rows(OutboxRow) if one.kind == "person"]


def warn(incoming: Incoming) -> None:
    service = incoming.service
    service.database.write(
        lambda session: acts.warn_of_days(
            session, service.cipher, service.knowledge().inventory.organisations, incoming.now
        )
    )


def test_days_on_which_everybody_is_away_are_told_once_a_week_ahead(company: Incoming, clock: Any) -> None:
    """To those who can mend it: deciders, data protection officers, administrators; not to readers."""
    begins = company.now + 10 * DAY
    for person in (REPRESENTATIVE.person, CAMILLE):
        away(company, person or 0, begins, begins + 3 * DAY)
    with company.service.database.reading() as session:
        days = acts.days_without_decider(session, company.now, company.now + 14 * DAY)
    assert [one.isoformat() for one in days] == ["2026-12-03", "2026-12-04", "2026-12-05", "2026-12-06"]
    warn(company)
    assert told(company) == [], "ten days ahead the page says it, no message yet"
    clock.at = begins - 6 * DAY
    for _ in range(3):
        warn(company)
        clock.at += timedelta(hours=5)
    people = {one.partition(":")[2].partition(":")[0] for one in told(company)}
    assert people == {str(one) for one in (ADMIN.person, REPRESENTATIVE.person, DELEGATE.person, CAMILLE)}
    assert len(told(company)) == 4


def test_one_who_stays_is_enough(company: Incoming) -> None:
    """Nothing is said where somebody can decide throughout."""
    away(company, CAMILLE, company.now, company.now + 14 * DAY)
    warn(company)
    assert told(company) == []


def test_what_is_not_covered_is_known_by_organisation(company: Incoming) -> None:
    """Two people decide here: nothing is thin; without one of them everything is."""
    organisations = company.service.knowledge().inventory.organisations
    with company.service.database.reading() as session:
        (cover,) = acts.covers(session, organisations, company.now)
        number = next(one.id for one in deciding.mandates(session) if one.person == CAMILLE)
    assert cover.is_sound
    revoke(company, OPERATOR, number)
    with company.service.database.reading() as session:
        (cover,) = acts.covers(session, organisations, company.now)
    assert (cover.days, len(cover.thin)) == ((), 3)
    assert DPO.person == CAMILLE
