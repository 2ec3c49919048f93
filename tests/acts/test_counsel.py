"""The counsel compartment: read by those who are named counsel, known to the chain by its digest alone."""

from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from breach_service.acts.incidents import Declaration, declare
from breach_service.acts.seeing import compartments, counsel
from breach_service.app import OPERATOR, Service
from breach_service.domain.access import Actor, Standing, UserRole
from breach_service.errors import InvalidCommand, NotAllowed, NotFound
from breach_service.pipeline.dossiers import dossier_of
from breach_service.store import incidents, timeline
from breach_service.store.database import Session
from breach_service.store.tables import UserRow
from breach_service.web.representations import dossier_out

SECRET = "Taumatawhakatangihanga"
REFERENCE = "INC-2026-0001"
WHY = "Advice is needed."


@pytest.fixture
def people(service: Service) -> dict[str, Actor]:
    """A lawyer who is counsel in the one incident there is, and others who see it."""
    found: dict[str, Actor] = {}
    now, knowledge = service.now(), service.knowledge()

    def work(session: Session) -> None:
        for name, role in (("lawyer", UserRole.VIEWER), ("boss", UserRole.DECIDER), ("auditor", UserRole.AUDITOR)):
            row = UserRow(email=f"{name}@us.example", name=name, role=role, created_at=now)
            session.add(row)
            session.flush()
            found[name] = Actor(name, role, person=row.id)
        declare(session, OPERATOR, Declaration("It happened."), knowledge, now)
        compartments.name_person(
            session, found["boss"], REFERENCE, found["lawyer"].person or 0, Standing.COUNSEL, WHY, knowledge, now
        )
        counsel.write_note(session, found["lawyer"], REFERENCE, f"Ask whether {SECRET} is true.", service.cipher, now)

    service.database.write(work)
    return found


def read(service: Service, actor: Actor, reference: str = REFERENCE) -> list[str]:
    with service.database.reading() as session:
        found = counsel.read_notes(session, actor, reference, service.cipher, service.now())
    assert all(one.is_intact for one in found)
    return [one.text for one in found]


def test_counsel_reads_what_was_written(service: Service, people: dict[str, Actor]) -> None:
    """Word for word."""
    assert read(service, people["lawyer"]) == [f"Ask whether {SECRET} is true."]


def test_nobody_else_reads_it(service: Service, people: dict[str, Actor]) -> None:
    """Neither who decides, nor the auditor, nor a token of any role, nor the operator."""
    others = [people["boss"], people["auditor"], OPERATOR, *(Actor("token:x", role) for role in UserRole)]
    for actor in others:
        with pytest.raises((NotAllowed, NotFound)):
            read(service, actor)
    with pytest.raises(NotAllowed):
        service.database.write(
            lambda session: counsel.write_note(
                session, people["boss"], REFERENCE, "I too.", service.cipher, service.now()
            )
        )


def test_whoever_is_counsel_no_more_reads_no_more(service: Service, people: dict[str, Actor]) -> None:
    """From the instant of its end on."""
    service.database.write(
        lambda session: compartments.end_standing(
            session, people["boss"], REFERENCE, people["lawyer"].person or 0, Standing.COUNSEL, WHY, service.now()
        )
    )
    with pytest.raises(NotAllowed):
        read(service, people["lawyer"])


def test_the_chronology_holds_an_entry_without_words(service: Service, people: dict[str, Actor]) -> None:
    """Its digest is sealed with the rest, and verifies."""
    with service.database.reading() as session:
        number = incidents.row_of(session, REFERENCE).id or 0
        entry = timeline.entries_of(session, number)[-1]
    assert (entry.kind, entry.words, len(entry.digest)) == ("consulted", None, 64)
    service.database.write(lambda session: timeline.append_seals(session, service.now()))
    with service.database.reading() as session:
        assert timeline.broken_seals(session) == []


def test_no_export_holds_it(service: Service, people: dict[str, Actor]) -> None:
    """The dossier is what API, command line and files are made of."""
    with service.database.reading() as session:
        dossier = dossier_of(session, REFERENCE, service.knowledge())
    assert SECRET not in str(dossier)
    assert SECRET not in str(dossier_out(dossier, "en", service.now()))


def test_it_stands_nowhere_in_clear(service: Service, people: dict[str, Actor]) -> None:
    """Every column of every table, and on SQLite every byte of the files."""
    with service.database.reading() as session:
        for table in inspect(session.connection()).get_table_names():
            for row in session.execute(text(f"SELECT * FROM {table}")):
                for value in row:
                    held = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    assert SECRET.encode() not in held, table
    for file in Path(service.settings.data_dir).glob("*.sqlite3*"):
        assert SECRET.encode() not in file.read_bytes(), file


def test_a_note_is_never_changed_nor_removed(service: Service, people: dict[str, Actor]) -> None:
    """The database itself refuses."""
    for statement in ("UPDATE counsel_note SET by = 'x'", "DELETE FROM counsel_note"):
        with pytest.raises(DBAPIError):
            service.database.write(lambda session, one=statement: session.execute(text(one)))


def test_a_note_says_something(service: Service, people: dict[str, Actor]) -> None:
    """And has an end."""
    for words in ("  ", "x" * (counsel.LONGEST_NOTE + 1)):
        with pytest.raises(InvalidCommand):
            service.database.write(
                lambda session, words=words: counsel.write_note(
                    session, people["lawyer"], REFERENCE, words, service.cipher, service.now()
                )
            )
