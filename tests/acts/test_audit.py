"""The audit trail: who may read it, what of it, and that nothing of it is changed."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from breach_service.acts.incidents import Declaration, declare
from breach_service.acts.seeing import audit, compartments
from breach_service.app import OPERATOR, Service
from breach_service.domain.access import Actor, AuditKind, UserRole
from breach_service.errors import NotAllowed
from breach_service.store.audit import AuditFilter
from breach_service.store.database import Session
from breach_service.store.tables import UserRow


@pytest.fixture
def people(service: Service) -> dict[str, Actor]:
    """Three people and two incidents, the first one restricted by the boss."""
    found: dict[str, Actor] = {}
    now, knowledge = service.now(), service.knowledge()

    def work(session: Session) -> None:
        for name, role in (("boss", UserRole.DECIDER), ("auditor", UserRole.AUDITOR), ("maud", UserRole.RESPONDER)):
            row = UserRow(email=f"{name}@us.example", name=name, role=role, created_at=now)
            session.add(row)
            session.flush()
            found[name] = Actor(name, role, person=row.id)
        for _ in range(2):
            declare(session, OPERATOR, Declaration("It happened."), knowledge, now)
        boss = found["boss"]
        compartments.restrict(session, boss, "INC-2026-0001", [], [], "Staff.", knowledge, now)
        audit.note(session, boss, AuditKind.READ_INCIDENT, "/incidents/{reference}", now, 1)
        audit.note(session, found["maud"], AuditKind.READ_EVIDENCE, "quarantine:7", now + timedelta(hours=1))

    service.database.write(work)
    return found


def lines(service: Service, actor: Actor, wanted: AuditFilter | None = None, **more: int) -> tuple[list[str], int]:
    with service.database.reading() as session:
        found = audit.trail(session, actor, wanted or AuditFilter(), service.now(), **more)
    return [one.kind for one in found.entries], found.hidden


def test_lines_about_what_is_not_seen_are_counted_and_not_shown(service: Service, people: dict[str, Actor]) -> None:
    """An auditor learns that something restricted was read, and nothing else of it."""
    assert lines(service, people["auditor"]) == (["read_evidence"], 3)
    assert lines(service, people["auditor"], AuditFilter(incident="INC-2026-0001")) == ([], 3)
    shown, hidden = lines(service, people["boss"])
    assert (shown, hidden) == (["read_evidence", "read_incident", "standing_began", "restricted"], 0)


def test_a_responder_does_not_read_the_trail(service: Service, people: dict[str, Actor]) -> None:
    """Who looks at whom is no matter of theirs."""
    with pytest.raises(NotAllowed):
        lines(service, people["maud"])


def test_the_trail_is_filtered_by_person_incident_kind_and_dates(service: Service, people: dict[str, Actor]) -> None:
    """`since` is included, `until` is not."""
    boss, now = people["boss"], service.now()
    later = now + timedelta(hours=1)
    assert lines(service, boss, AuditFilter(person="maud"))[0] == ["read_evidence"]
    assert lines(service, boss, AuditFilter(incident="inc-2026-0001", kind="restricted"))[0] == ["restricted"]
    assert lines(service, boss, AuditFilter(since=later))[0] == ["read_evidence"]
    assert lines(service, boss, AuditFilter(until=later, kind="read_evidence"))[0] == []
    assert lines(service, boss, limit=1)[0] == ["read_evidence"]
    assert lines(service, boss, before=2)[0] == ["restricted"]


def test_nothing_of_the_trail_is_changed_or_removed(service: Service, people: dict[str, Actor]) -> None:
    """The database itself refuses."""
    for statement in ("UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry"):
        with pytest.raises(DBAPIError):
            service.database.write(lambda session, one=statement: session.execute(text(one)))


def test_the_way_is_told_from_the_actor(service: Service, people: dict[str, Actor]) -> None:
    """The operator by the command line, a token by the API, a person by a page."""
    ways = [audit.via_of(one) for one in (OPERATOR, Actor("token:x", UserRole.DPO), people["boss"])]
    assert ways == ["command", "api", "page"]
