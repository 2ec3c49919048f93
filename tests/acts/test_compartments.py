"""Restricted incidents: who closes them, who is named, who is shut out, who takes whose place."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from breach_service.acts import incidents, merging
from breach_service.acts.incidents import Declaration, FactCommand
from breach_service.acts.rows import visibility_of
from breach_service.acts.seeing import audit, compartments
from breach_service.app import OPERATOR, Service
from breach_service.domain.access import Actor, AuditKind, MandateKind, Standing, UserRole
from breach_service.domain.incident import EntryKind
from breach_service.errors import InvalidCommand, NotAllowed, NotFound, NotSeen
from breach_service.store import compartments as stored
from breach_service.store import incidents as rows
from breach_service.store import timeline
from breach_service.store.access_tables import AbsenceRow, MandateRow
from breach_service.store.audit import AuditFilter
from breach_service.store.database import Session
from breach_service.store.tables import OutboxRow, UserRow
from tests.pipeline.incoming import WEB_SHELL, Incoming

WHY = "A colleague may be behind it."


@dataclass
class Office:
    """A service with people in it."""

    service: Service
    people: dict[str, Actor]

    @property
    def now(self) -> Any:
        return self.service.now()

    def number(self, name: str) -> int:
        return self.people[name].person or 0

    def do(self, work: Callable[[Session], Any]) -> Any:
        return self.service.database.write(work)

    def declare(self, **more: Any) -> str:
        command = Declaration("Somebody copied the files.", systems=("application",), **more)
        reference = self.do(
            lambda session: incidents.declare(session, OPERATOR, command, self.service.knowledge(), self.now)
        )
        return str(reference)

    def restrict(self, who: str, reference: str, named: tuple[str, ...] = (), concerned: tuple[str, ...] = ()) -> None:
        some, others = ([self.number(one) for one in names] for names in (named, concerned))
        knowledge = self.service.knowledge()
        self.do(
            lambda session: compartments.restrict(
                session, self.people[who], reference, some, others, WHY, knowledge, self.now
            )
        )

    def name(self, who: str, reference: str, person: str, standing: Standing, **more: Any) -> None:
        self.do(
            lambda session: compartments.name_person(
                session, self.people[who], reference, self.number(person), standing, WHY, self.service.knowledge(),
                self.now, **more,
            )
        )  # fmt: skip

    def end(self, who: str, reference: str, person: str, standing: Standing) -> None:
        self.do(
            lambda session: compartments.end_standing(
                session, self.people[who], reference, self.number(person), standing, WHY, self.now
            )
        )

    def substitute(self, person: str, by: str) -> None:
        self.do(
            lambda session: compartments.name_substitute(
                session, self.people["admin"], self.number(person), self.number(by), self.now
            )
        )

    def seeing(self, reference: str) -> set[str]:
        """Who sees an incident now."""
        found = set()
        with self.service.database.reading() as session:
            number = rows.row_of(session, reference).id or 0
            for name, actor in self.people.items():
                if rows.seen_among(session, {number}, visibility_of(actor, self.now)):
                    found.add(name)
        return found

    def kinds(self, reference: str) -> list[str]:
        with self.service.database.reading() as session:
            return [str(one.kind) for one in timeline.entries_of(session, rows.row_of(session, reference).id or 0)]

    def trail(self, kind: AuditKind) -> list[tuple[str, str | None, str]]:
        with self.service.database.reading() as session:
            found = audit.trail(session, OPERATOR, AuditFilter(kind=str(kind)), self.now).entries
        return [(one.actor, one.incident, one.what) for one in found]


ROLES = {
    "dpo": UserRole.DPO, "boss": UserRole.DECIDER, "maud": UserRole.RESPONDER, "ines": UserRole.VIEWER,
    "admin": UserRole.ADMIN, "auditor": UserRole.AUDITOR, "cnil": UserRole.INSPECTOR, "deputy": UserRole.DPO,
}  # fmt: skip


@pytest.fixture
def office(service: Service) -> Office:
    """Eight people; the deputy has no account at first."""
    people: dict[str, Actor] = {}

    def work(session: Session) -> None:
        for name, role in ROLES.items():
            row = UserRow(email=f"{name}@us.example", name=name, role=role, created_at=service.now())
            if name == "deputy":
                row.role = UserRole.RESPONDER
            session.add(row)
            session.flush()
            people[name] = Actor(name, role, person=row.id)

    service.database.write(work)
    return Office(service, people)


EVERYBODY = set(ROLES) - {"cnil"}


def test_a_restricted_incident_is_seen_by_those_who_are_named_and_whoever_restricted_it(office: Office) -> None:
    """And by nobody else, whatever their role."""
    reference = office.declare()
    assert office.seeing(reference) == EVERYBODY
    office.restrict("boss", reference, named=("maud",))
    assert office.seeing(reference) == {"boss", "maud"}
    assert office.kinds(reference)[-3:] == ["restricted", "standing_began", "standing_began"]
    assert office.trail(AuditKind.RESTRICTED) == [("boss", reference, "")]
    assert len(office.trail(AuditKind.STANDING_BEGAN)) == 2


def test_what_is_not_seen_is_answered_as_what_does_not_exist(office: Office) -> None:
    """In the same words, for every act; the edge alone can tell the difference, to write it down."""
    reference = office.declare()
    office.restrict("boss", reference)
    knowledge, now = office.service.knowledge(), office.now
    fact = FactCommand("loss.integrity", "no")
    maud = office.people["maud"]
    tries: list[Callable[[Session, str], Any]] = [
        lambda session, one: incidents.record_fact(session, maud, one, fact, knowledge, now),
        lambda session, one: incidents.add_systems(session, maud, one, ("mail",), WHY, knowledge, now),
        lambda session, one: incidents.confirm(session, office.people["dpo"], one, WHY, knowledge, now),
        lambda session, one: incidents.dismiss(session, office.people["dpo"], one, WHY, knowledge, now),
        lambda session, one: incidents.close(session, office.people["dpo"], one, WHY, knowledge, now),
        lambda session, one: merging.merge(session, maud, one, reference, WHY, knowledge, now),
        lambda session, one: merging.keep_apart(session, maud, one, 1, WHY, now),
        lambda session, one: compartments.open_again(session, office.people["dpo"], one, WHY, knowledge, now),
        lambda session, one: compartments.name_person(
            session, office.people["dpo"], one, office.number("dpo"), Standing.NAMED, WHY, knowledge, now
        ),
    ]
    for attempt in tries:
        said = []
        for one in (reference, "INC-1999-0001"):
            with pytest.raises(NotFound) as caught:
                office.do(lambda session, attempt=attempt, one=one: attempt(session, one))
            said.append(str(caught.value).replace(one, "…"))
            assert isinstance(caught.value, NotSeen) is (one == reference)
        assert said[0] == said[1]


def test_only_those_who_judge_say_who_sees_an_incident(office: Office) -> None:
    """A responder who could restrict could hide."""
    reference = office.declare()
    for name in ("maud", "admin", "auditor", "ines"):
        with pytest.raises(NotAllowed):
            office.restrict(name, reference)


def test_whom_it_concerns_is_shut_out_at_once_and_the_incident_closes_with_it(office: Office) -> None:
    """Whoever could still read it could tell them."""
    reference = office.declare()
    office.name("boss", reference, "dpo", Standing.CONCERNED)
    assert office.seeing(reference) == {"boss"}
    with pytest.raises(InvalidCommand, match="concerns dpo"):
        office.name("boss", reference, "dpo", Standing.NAMED)


def test_a_named_person_whom_it_turns_out_to_concern_gives_way_to_their_substitute(office: Office) -> None:
    """Named in advance by an administrator; nobody has to be asked at that moment."""
    office.do(lambda session: _promote(session, office.number("deputy")))
    office.substitute("dpo", "deputy")
    reference = office.declare()
    office.restrict("boss", reference, named=("dpo",))
    office.name("boss", reference, "dpo", Standing.CONCERNED)
    assert office.seeing(reference) == {"boss", "deputy"}


def _promote(session: Session, number: int) -> None:
    row = session.get(UserRow, number)
    assert row is not None
    row.role = UserRole.DPO
    session.add(row)


def test_an_incident_that_is_opened_again_is_seen_by_all_but_those_whom_it_concerns(office: Office) -> None:
    """Until that is ended too; the chronology holds why."""
    reference = office.declare()
    office.restrict("boss", reference, concerned=("maud",))
    knowledge = office.service.knowledge()
    office.do(
        lambda session: compartments.open_again(session, office.people["boss"], reference, "Cleared.", knowledge,
                                                office.now)
    )  # fmt: skip
    assert office.seeing(reference) == EVERYBODY - {"maud"}
    office.end("boss", reference, "maud", Standing.CONCERNED)
    assert office.seeing(reference) == EVERYBODY
    assert "opened_again" in office.kinds(reference)


def test_the_last_one_who_is_named_stays(office: Office) -> None:
    """An incident that nobody may read would never be decided."""
    reference = office.declare()
    office.restrict("boss", reference, named=("maud",))
    office.end("boss", reference, "maud", Standing.NAMED)
    with pytest.raises(InvalidCommand, match="nobody could read"):
        office.end("boss", reference, "boss", Standing.NAMED)


def test_an_inspector_sees_what_was_chosen_until_the_date(office: Office) -> None:
    """Also a restricted incident, if it was chosen; nothing after."""
    reference = office.declare()
    office.restrict("boss", reference)
    with pytest.raises(InvalidCommand, match="ends"):
        office.name("boss", reference, "cnil", Standing.INSPECTING)
    office.name("boss", reference, "cnil", Standing.INSPECTING, until=office.now + timedelta(hours=2))
    assert office.seeing(reference) == {"boss", "cnil"}
    office.service.now.at += timedelta(hours=2)  # type: ignore[attr-defined]
    assert office.seeing(reference) == {"boss"}


@pytest.mark.parametrize(
    ("person", "standing", "words"),
    [
        ("cnil", Standing.NAMED, "inspector"),
        ("maud", Standing.INSPECTING, "no inspector"),
        ("auditor", Standing.COUNSEL, "does not allow consulting"),
    ],
)
def test_a_standing_goes_with_the_role(office: Office, person: str, standing: Standing, words: str) -> None:
    """An auditor reads all and never what was asked of the lawyer."""
    reference = office.declare()
    with pytest.raises(InvalidCommand, match=words):
        office.name("boss", reference, person, standing)


def test_a_report_that_points_at_staff_is_private_from_its_first_instant(office: Office) -> None:
    """Those in charge are named; nobody else sees it for a moment, whoever reported it."""
    reference = office.declare(points_at_staff=True)
    assert office.seeing(reference) == {"dpo", "boss"}
    assert office.kinds(reference)[:4] == ["declared", "restricted", "standing_began", "standing_began"]


def test_a_fact_that_points_at_staff_restricts_an_incident_in_its_own_transaction(office: Office) -> None:
    """Whoever records it may be shut out by it."""
    reference = office.declare()
    knowledge, maud = office.service.knowledge(), office.people["maud"]

    def work(session: Session) -> bool:
        fact = FactCommand("recipients.kind", "insider")
        incidents.record_fact(session, maud, reference, fact, knowledge, office.now)
        return rows.row_of(session, reference).is_restricted

    assert office.do(work)
    assert office.seeing(reference) == {"dpo", "boss"}


def test_a_person_who_opened_it_again_outweighs_what_was_known_until_then(office: Office) -> None:
    """It closes again only where something new points at staff."""
    reference = office.declare(points_at_staff=True)
    knowledge, boss = office.service.knowledge(), office.people["boss"]
    office.do(lambda session: compartments.open_again(session, boss, reference, "Cleared.", knowledge, office.now))
    fact = FactCommand("loss.integrity", "no")
    office.do(lambda session: incidents.record_fact(session, boss, reference, fact, knowledge, office.now))
    assert office.seeing(reference) == EVERYBODY
    office.service.now.at += timedelta(hours=1)  # type: ignore[attr-defined]
    staff = FactCommand("incident.concerns_staff", "yes")
    office.do(lambda session: incidents.record_fact(session, boss, reference, staff, knowledge, office.now))
    assert office.seeing(reference) == {"dpo", "boss"}


def test_an_alert_that_names_the_officer_shuts_the_officer_out(office: Office) -> None:
    """The substitute takes the place; the account that the alert names is never asked."""
    office.do(lambda session: _promote(session, office.number("deputy")))
    office.substitute("dpo", "deputy")
    incoming = Incoming(office.service)
    incoming.alert({**WEB_SHELL, "user": "dpo"})
    reference = incoming.incident().reference
    knowledge = office.service.knowledge()
    staff = FactCommand("incident.concerns_staff", "yes")
    office.do(lambda session: incidents.record_fact(session, OPERATOR, reference, staff, knowledge, office.now))
    assert office.seeing(reference) == {"boss", "deputy"}


def test_whoever_is_away_is_not_on_duty(office: Office) -> None:
    """Where there is a substitute they are named; else the others are."""

    def away(session: Session) -> None:
        session.add(
            AbsenceRow(
                user_id=office.number("dpo"), from_at=office.now, to_at=office.now + timedelta(days=3), origin="hand",
                recorded_at=office.now, recorded_by="dpo",
            )
        )  # fmt: skip

    office.do(away)
    assert office.seeing(office.declare(points_at_staff=True)) == {"boss"}


def test_where_nobody_is_left_the_representative_is_named_and_the_trail_says_so(office: Office) -> None:
    """The audit names it for what it is."""

    def mandate(session: Session) -> None:
        session.add(
            MandateRow(
                user_id=office.number("ines"), kind=MandateKind.REPRESENTATIVE, granted_by="the articles", document="K",
                from_at=office.now, recorded_at=office.now, recorded_by="admin",
            )
        )  # fmt: skip

    office.do(mandate)
    reference = office.declare()
    office.do(
        lambda session: compartments.restrict(
            session, OPERATOR, reference, [], [office.number("dpo"), office.number("boss")], WHY,
            office.service.knowledge(), office.now,
        )
    )  # fmt: skip
    assert office.seeing(reference) == {"ines"}
    assert office.trail(AuditKind.NOBODY_LEFT) == [("breach_service", reference, f"person:{office.number('ines')}")]


def test_two_incidents_that_become_one_are_restricted_if_one_of_them_was(office: Office) -> None:
    """What both of them were is not read by whom either concerns."""
    first, second = office.declare(), office.declare()
    office.restrict("boss", first, concerned=("maud",))
    knowledge = office.service.knowledge()
    office.do(lambda session: merging.merge(session, office.people["boss"], first, second, WHY, knowledge, office.now))
    assert office.seeing(first) == office.seeing(second) == {"boss"}


def test_whoever_is_named_is_told_once_by_mail_with_the_reference_alone(office: Office) -> None:
    """What is told is sealed; whom it concerns is told nothing."""
    reference = office.declare()
    office.restrict("boss", reference, named=("maud",), concerned=("dpo",))
    for _ in range(2):
        office.do(lambda session: compartments.tell_named(session, office.service.cipher, office.now))
    with office.service.database.reading() as session:
        sent = [one for one in session.exec(select(OutboxRow)) if one.kind == "person"]
    assert sorted(one.payload["user"] for one in sent) == sorted([office.number("boss"), office.number("maud")])
    clear = [office.service.cipher.open(bytes.fromhex(one.payload["sealed"])).decode() for one in sent]
    assert all(reference in one and WHY not in one for one in clear)


def test_a_substitute_is_one_who_judges_and_somebody_else(office: Office) -> None:
    """And naming one is the administrator's or the officer's act, written into chronology and trail."""
    for person, by, words in (("dpo", "dpo", "own substitute"), ("dpo", "maud", "cannot take the place")):
        with pytest.raises(InvalidCommand, match=words):
            office.substitute(person, by)
    office.substitute("dpo", "boss")
    with office.service.database.reading() as session:
        assert [(one.name, one.substitute_name) for one in stored.substitutes(session)] == [("dpo", "boss")]
    assert office.trail(AuditKind.SUBSTITUTE) == [
        ("admin", None, f"person:{office.number('dpo')} by:person:{office.number('boss')}")
    ]
    with pytest.raises(NotAllowed):
        office.do(
            lambda session: compartments.name_substitute(
                session, office.people["boss"], office.number("dpo"), None, office.now
            )
        )


def test_whom_it_concerns_leads_it_no_more(office: Office) -> None:
    """The lead is free for somebody who may read it."""
    reference = office.declare()

    def lead(session: Session) -> None:
        row = rows.row_of(session, reference)
        row.lead = office.number("maud")
        session.add(row)

    office.do(lead)
    office.restrict("boss", reference, concerned=("maud",))
    with office.service.database.reading() as session:
        assert rows.row_of(session, reference).lead is None
    assert str(EntryKind.LEAD_CHANGED) in office.kinds(reference)
