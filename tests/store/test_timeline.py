"""The chronology: every line can be checked, whatever is rewritten shows, and words can be erased without a break."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from breach_service.domain.incident import EntryKind
from breach_service.store import timeline
from breach_service.store.database import Database, Session

Tamper = Callable[..., None]


@pytest.fixture
def sealed(database: Database, incident_id: int, now: datetime) -> Database:
    """Five lines of one incident, sealed in two goes."""

    def write(session: Session, notes: tuple[str, ...]) -> None:
        for note in notes:
            timeline.write_entry(session, incident_id, now, EntryKind.NOTED, "Camille", {"note": note})

    for notes in (("a", "b", "c"), ("d", "e")):
        database.write(lambda session, notes=notes: write(session, notes))  # type: ignore[misc]
        database.write(lambda session: timeline.append_seals(session, now))
    return database


@pytest.fixture
def tamper(sealed: Database) -> Tamper:
    """Somebody with the keys of the database takes the triggers off and changes what stands there."""

    def work(statement: str, **values: Any) -> None:
        with sealed.engine.begin() as connection:
            for table in ("timeline_entry", "timeline_detail", "seal"):
                for act in ("update", "delete"):
                    where = "" if connection.dialect.name == "sqlite" else f" ON {table}"
                    connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_refuses_{act}{where}"))
            connection.execute(text(statement), values)

    return work


def faults(database: Database) -> list[str]:
    with database.reading() as session:
        return timeline.broken_seals(session)


def test_a_chain_that_nobody_touched_has_no_fault(sealed: Database) -> None:
    """Each line has its seal, in order, from the first on."""
    assert faults(sealed) == []
    with sealed.reading() as session:
        assert [one.seal for one in timeline.entries_of(session, 1)] == [1, 2, 3, 4, 5]
        assert timeline.chain_head(session)[0] == 5
        assert timeline.count(session) == 5
        assert timeline.unsealed(session) == []


def test_it_is_known_whether_anything_waits_for_a_seal(sealed: Database, tamper: Tamper, now: datetime) -> None:
    """After a new line, and where a seal was lost; not where nothing was ever written."""

    def is_all_sealed() -> bool:
        with sealed.reading() as session:
            return timeline.is_all_sealed(session)

    def write(session: Session) -> None:
        timeline.write_entry(session, None, now, EntryKind.NOTED, "Camille", {"note": "f"})

    assert is_all_sealed()
    sealed.write(write)
    assert not is_all_sealed()
    sealed.write(lambda session: timeline.append_seals(session, now))
    assert is_all_sealed()
    tamper("DELETE FROM seal WHERE seq = 6")
    assert not is_all_sealed()


def test_lines_come_back_as_they_were_written(sealed: Database, now: datetime) -> None:
    """In order, with their words."""
    with sealed.reading() as session:
        found = timeline.entries_of(session, 1)
    assert [one.words for one in found] == [{"note": note} for note in "abcde"]
    assert {(one.at, one.kind, one.actor) for one in found} == {(now, EntryKind.NOTED, "Camille")}


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE timeline_entry SET actor = 'Somebody else' WHERE id = 3", "the entry of seal 3 was altered"),
        ("UPDATE timeline_entry SET kind = 'filed' WHERE id = 3", "the entry of seal 3 was altered"),
        ("UPDATE timeline_entry SET incident_id = NULL WHERE id = 3", "the entry of seal 3 was altered"),
        ("UPDATE timeline_entry SET digest = 'd' WHERE id = 3", "the entry of seal 3 was altered"),
        ("UPDATE timeline_detail SET salt = 's' WHERE entry_id = 3", "the words of the entry of seal 3 were altered"),
        ("UPDATE seal SET digest = 'd' WHERE seq = 3", "seal 4 does not point at the seal before it"),
        ("UPDATE seal SET prev = 'p' WHERE seq = 3", "seal 3 does not point at the seal before it"),
        ("DELETE FROM seal WHERE seq = 3", "seal 3 is missing"),
        ("DELETE FROM seal WHERE seq = 1", "seal 1 is missing"),
        ("UPDATE seal SET seq = 9 WHERE seq = 5", "seal 5 is missing"),
    ],
)
def test_whatever_is_altered_shows(sealed: Database, tamper: Tamper, statement: str, found: str) -> None:
    """The line, its kind, its author, its incident, its words, a seal, or the place of a seal."""
    tamper(statement)
    assert any(fault.startswith(found) for fault in faults(sealed)), faults(sealed)


def test_an_altered_instant_shows(sealed: Database, tamper: Tamper, now: datetime) -> None:
    """A minute is enough."""
    later = now + timedelta(minutes=1)
    is_sqlite = sealed.engine.dialect.name == "sqlite"
    tamper(
        "UPDATE timeline_entry SET at = :at WHERE id = 2", at=str(later.replace(tzinfo=None)) if is_sqlite else later
    )
    assert faults(sealed) == ["the entry of seal 2 was altered"]


def test_altered_words_show(sealed: Database, tamper: Tamper) -> None:
    """Word by word, also where the digest of the line is untouched."""
    tamper('UPDATE timeline_detail SET words = \'{"note": "B"}\' WHERE entry_id = 2')
    assert faults(sealed) == ["the words of the entry of seal 2 were altered"]


def test_exchanged_lines_show(sealed: Database, tamper: Tamper) -> None:
    """Two seals that change places."""
    with sealed.engine.connect() as connection:
        digests = {row.seq: row.digest for row in connection.execute(text("SELECT seq, digest FROM seal"))}
    tamper("UPDATE seal SET digest = :digest WHERE seq = 2", digest=digests[3])
    tamper("UPDATE seal SET digest = :digest WHERE seq = 3", digest=digests[2])
    assert "the entry of seal 2 was altered" in faults(sealed)
    assert "the entry of seal 3 was altered" in faults(sealed)


def test_a_line_that_is_gone_shows(sealed: Database, tamper: Tamper) -> None:
    """Also where somebody switches the checks of the database off to do it."""
    is_sqlite = sealed.engine.dialect.name == "sqlite"
    if is_sqlite:
        with sealed.engine.connect() as connection:
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
    else:
        tamper("ALTER TABLE seal DROP CONSTRAINT seal_entry_id_fkey")
        tamper("ALTER TABLE timeline_detail DROP CONSTRAINT timeline_detail_entry_id_fkey")
    tamper("DELETE FROM timeline_entry WHERE id = 4")
    assert faults(sealed) == ["the entry of seal 4 is gone"]


def test_erasing_words_leaves_the_chain_whole(sealed: Database) -> None:
    """The line stays, without words; who, when and what kind can still be proved."""
    with sealed.engine.begin() as connection:
        connection.execute(text("DELETE FROM timeline_detail WHERE entry_id = 2"))
    assert faults(sealed) == []
    with sealed.reading() as session:
        assert [one.words is None for one in timeline.entries_of(session, 1)] == [False, True, False, False, False]


def test_a_seal_that_was_lost_at_the_end_is_made_again_the_same(
    sealed: Database, tamper: Tamper, now: datetime
) -> None:
    """A chain restored from an older copy goes on without a break."""
    with sealed.reading() as session:
        head = timeline.chain_head(session)[:2]
    tamper("DELETE FROM seal WHERE seq = 5")
    assert sealed.write(lambda session: timeline.append_seals(session, now + timedelta(days=1))) == 1
    with sealed.reading() as session:
        assert timeline.chain_head(session)[:2] == head


def test_the_chronology_of_an_empty_service_is_whole(database: Database, now: datetime) -> None:
    """Nothing to seal, nothing broken."""
    with database.reading() as session:
        assert timeline.is_all_sealed(session)
    assert database.write(lambda session: timeline.append_seals(session, now)) == 0
    assert faults(database) == []


@given(words=st.dictionaries(st.text(), st.text()), salt=st.text(min_size=1), other=st.text(min_size=1))
def test_the_same_words_with_another_salt_have_another_digest(words: dict[str, str], salt: str, other: str) -> None:
    """Nobody can guess erased words by trying them; the order in which they are given does not matter."""
    turned = dict(reversed(words.items()))
    assert timeline.digest_of(words, salt) == timeline.digest_of(turned, salt)
    assert (timeline.digest_of(words, salt) == timeline.digest_of(words, other)) is (salt == other)
