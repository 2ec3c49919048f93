"""Making and ending silences: what is refused, what is recorded."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from breach_service.acts import silences as acts
from breach_service.acts.silences import NewSilence
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.silences import Matchers, Recurrence, Silence, lines_of
from breach_service.errors import InvalidCommand, NotFound
from breach_service.store import silences
from breach_service.store.tables import TimelineDetailRow
from tests.pipeline.incoming import SCAN, Incoming

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAUD = Actor("Maud", UserRole.RESPONDER)
WHEN = lines_of(Matchers(sources=("probe",)))
WINDOW = Recurrence(frozenset({0, 4}), time(22), time(2), "Europe/Paris")


def made(incoming: Incoming, **changes: Any) -> Silence:
    new = replace(NewSilence(incoming.now + HOUR, "Works on the network.", WHEN), **changes)
    return incoming.service.database.write(lambda session: acts.add_silence(session, MAUD, new, incoming.now))


def stored(incoming: Incoming) -> list[Silence]:
    with incoming.service.database.reading() as session:
        return silences.newest(session)


def notes(incoming: Incoming) -> list[dict[str, str]]:
    with incoming.service.database.reading() as session:
        rows = session.exec(select(TimelineDetailRow).order_by(col(TimelineDetailRow.entry_id)))
        return [one.words for one in rows if str(one.words.get("note", "")).startswith("silence")]


def test_a_silence_is_kept_as_it_was_wanted(incoming: Incoming) -> None:
    """On both databases; the owner is who makes it, unless somebody else is named."""
    whole = made(incoming, recurrence=WINDOW, scanners=("192.0.2.0/24",), starts_at=incoming.now + HOUR / 2)
    other = made(incoming, owner="Noé")
    assert stored(incoming) == [other, whole]
    assert (whole.owner, whole.created_by, other.owner) == ("Maud", "Maud", "Noé")


def test_the_chronology_says_who_made_and_ended_it_and_why(incoming: Incoming) -> None:
    """With its owner and its end."""
    one = made(incoming, owner="Noé")
    incoming.service.database.write(lambda session: acts.end_silence(session, MAUD, one.id, " Done. ", incoming.now))
    began, ended = notes(incoming)
    assert (began["owner"], began["reason"], began["until"]) == (
        "Noé", "Works on the network.", (incoming.now + HOUR).isoformat(),
    )  # fmt: skip
    assert (ended["note"], ended["silence"], ended["reason"]) == ("silence_ended", str(one.id), "Done.")
    (held,) = stored(incoming)
    assert (held.ended_at, held.ended_by, held.over_at) == (incoming.now, "Maud", incoming.now)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"when": {}}, "which alerts"), ({"reason": " "}, "reason"), ({"scanners": ("0.0.0.0/0",)}, "too wide"),
    ({"scanners": ("::/0",)}, "too wide"), ({"scanners": tuple(f"h{n}" for n in range(1001))}, "1000"),
    ({"when": lines_of(Matchers(signals=("toaster",)))}, "toaster"),
    ({"recurrence": replace(WINDOW, weekdays=frozenset())}, "days of the week"),
    ({"recurrence": replace(WINDOW, weekdays=frozenset({7}))}, "days of the week"),
    ({"recurrence": replace(WINDOW, until=time(22))}, "length"),
    ({"recurrence": replace(WINDOW, zone="Europe/Atlantis")}, "time zone"),
    ({"recurrence": replace(WINDOW, zone="../etc/passwd")}, "time zone"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "word"), WRONG)
def test_a_silence_that_is_not_whole_is_refused_in_words(
    sqlite_incoming: Incoming, changes: dict[str, Any], word: str
) -> None:
    """Nothing is stored, nothing stands in the chronology."""
    with pytest.raises(InvalidCommand, match=word):
        made(sqlite_incoming, **changes)
    assert stored(sqlite_incoming) == notes(sqlite_incoming) == []


@pytest.mark.parametrize(
    ("begins", "ends", "word"),
    [
        (None, -HOUR, "past"), (None, timedelta(), "past"), (2 * HOUR, HOUR, "before the beginning"),
        (None, 30 * DAY + HOUR, "30 days"), (-DAY, 30 * DAY + HOUR, "30 days"), (40 * DAY, 71 * DAY, "30 days"),
    ],
)  # fmt: skip
def test_the_end_is_mandatory_ahead_and_near(
    sqlite_incoming: Incoming, begins: timedelta | None, ends: timedelta, word: str
) -> None:
    """At most 30 days, from its beginning, or from now where it has begun."""
    now = sqlite_incoming.now
    with pytest.raises(InvalidCommand, match=word):
        made(sqlite_incoming, starts_at=None if begins is None else now + begins, ends_at=now + ends)


def test_thirty_days_are_allowed_now_and_later(sqlite_incoming: Incoming) -> None:
    """To the second."""
    now = sqlite_incoming.now
    made(sqlite_incoming, ends_at=now + 30 * DAY)
    made(sqlite_incoming, starts_at=now + 40 * DAY, ends_at=now + 70 * DAY)
    assert len(stored(sqlite_incoming)) == 2


def test_what_is_over_or_never_was_is_not_ended(sqlite_incoming: Incoming, clock: Any) -> None:
    """Nor without a reason."""
    one = made(sqlite_incoming)

    def end(number: int, reason: str) -> None:
        sqlite_incoming.service.database.write(
            lambda session: acts.end_silence(session, MAUD, number, reason, sqlite_incoming.now)
        )

    with pytest.raises(NotFound):
        end(77, "Done.")
    with pytest.raises(InvalidCommand, match="why"):
        end(one.id, " ")
    clock.at += HOUR
    with pytest.raises(InvalidCommand, match="over already"):
        end(one.id, "Done.")


def test_a_preview_looks_back_seven_days_and_stores_nothing(incoming: Incoming, clock: Any) -> None:
    """With the incident that each stands in."""
    incoming.alert(SCAN)
    clock.at += 6 * DAY
    incoming.alert({**SCAN, "id": "other"})
    new = NewSilence(clock.at + HOUR, when=WHEN)

    def tried() -> int:
        with incoming.service.database.reading() as session:
            knowledge = incoming.service.knowledge()
            return len(acts.preview_silence(session, MAUD, new, knowledge, incoming.now).silenced)

    assert tried() == 2
    clock.at += 2 * DAY
    new = replace(new, ends_at=clock.at + HOUR)
    assert tried() == 1
    assert stored(incoming) == notes(incoming) == []
