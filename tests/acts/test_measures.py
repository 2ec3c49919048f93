"""Measures: planned, changed, settled; in the chronology, in the drafts, in the register of what follows a merger."""

from datetime import date, timedelta
from typing import Any

import pytest

from breach_service.acts import incidents, merging
from breach_service.acts.work import measures as acts
from breach_service.acts.work.measures import NewMeasure
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.deadlines import DutyKind
from breach_service.domain.incident import EntryKind
from breach_service.domain.measures import Audience, Measure, MeasureState
from breach_service.domain.notice import languages_for
from breach_service.errors import InvalidCommand, NotFound
from breach_service.pipeline.dossiers import dossier_of
from breach_service.pipeline.drafting import drafts_of
from breach_service.store import measures
from breach_service.store.sight import FULL
from tests.pipeline.incoming import WEB_SHELL, Incoming

ZOE = Actor("Zoé", UserRole.RESPONDER)
TODAY = date(2026, 11, 23)
RESET = NewMeasure("Reset every password", "Ali", due_on=date(2026, 11, 30))


class Work:
    """An open incident on which somebody works."""

    def __init__(self, incoming: Incoming) -> None:
        self.incoming, self.service = incoming, incoming.service
        incoming.alert(WEB_SHELL)
        incoming.process()
        self.reference = "INC-2026-0001"

    def do(self, act: Any, *rest: Any, **named: Any) -> Any:
        return self.service.database.write(lambda session: act(session, ZOE, self.reference, *rest, **named))

    def plan(self, new: NewMeasure = RESET) -> int:
        return int(self.do(acts.plan_measure, new, self.service.knowledge(), self.incoming.now, TODAY))

    def change(self, number: int, new: NewMeasure) -> None:
        self.do(acts.change_measure, number, new, self.service.knowledge(), self.incoming.now, TODAY)

    def settle(self, number: int, state: MeasureState, outcome: str, **named: Any) -> None:
        self.do(acts.settle_measure, number, state, outcome, self.incoming.now, TODAY, **named)

    @property
    def dossier(self) -> Any:
        with self.service.database.reading() as session:
            return dossier_of(session, self.reference, self.service.knowledge(), now=self.incoming.now)

    @property
    def only(self) -> Measure:
        (found,) = self.dossier.measures
        assert isinstance(found, Measure)
        return found

    def lines(self) -> list[dict[str, str]]:
        return [dict(one.words) for one in self.dossier.timeline if one.kind is EntryKind.MEASURE_CHANGED]

    def letters(self) -> dict[str, str]:
        """The text of each letter, by its duty, in French."""
        knowledge, now = self.service.knowledge(), self.incoming.now
        dossier = self.dossier
        found = {}
        for one, draft in drafts_of(dossier, knowledge, self.service.renderer, now):
            assert languages_for(dossier, one)
            found[str(one.duty)] = draft.as_text()
        return found


@pytest.fixture
def work(sqlite_incoming: Incoming) -> Work:
    return Work(sqlite_incoming)


def test_a_measure_is_planned_done_and_taken_up_again_on_each_database(incoming: Incoming) -> None:
    """Each step is a line of the chronology with who answers for it and by when."""
    work = Work(incoming)
    number = work.plan()
    assert (work.only.owner, work.only.due_on, work.only.is_open) == ("Ali", date(2026, 11, 30), True)
    work.settle(number, MeasureState.DONE, "All 412 accounts.", settled_on=date(2026, 11, 22))
    assert (work.only.state, work.only.outcome, work.only.settled_on) == (
        MeasureState.DONE, "All 412 accounts.", date(2026, 11, 22),
    )  # fmt: skip
    work.settle(number, MeasureState.PLANNED, "Three were left out.")
    assert (work.only.is_open, work.only.outcome, work.only.settled_on) == (True, "", None)
    assert [(one["what"], one["reason"] or one.get("result", "")) for one in work.lines()] == [
        ("planned", ""), ("done", "All 412 accounts."), ("taken_up_again", "Three were left out."),
    ]  # fmt: skip
    with incoming.service.database.reading() as session:
        assert measures.count_open(session, FULL, date(2026, 12, 1)) == (1, 1)
        assert measures.count_open(session, FULL, TODAY) == (1, 0)
        (listed,) = measures.open_measures(session, due_before=date(2026, 12, 1))
    assert listed.reference == work.reference


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"what": " "}, "what is to be done"),
        ({"what": "x" * 301}, "at most 300 letters"),
        ({"owner": ""}, "has an owner"),
        ({"owner_id": 999}, "account that is not disabled"),
        ({"due_on": None}, "has a day"),
        ({"due_on": TODAY - timedelta(days=1)}, "has passed"),
        ({"kind": "magic"}, "no kind of measure"),
        ({"perimeter": "client:nobody"}, "no part of this incident"),
        ({"outcome": "Done.", "done_on": TODAY + timedelta(days=1)}, "lies in the past"),
    ],
)
def test_what_a_measure_lacks_is_said(work: Work, changes: dict[str, Any], said: str) -> None:
    """A line, an owner and a day: without one of them nobody would do it."""
    with pytest.raises(InvalidCommand, match=said):
        work.plan(NewMeasure(**{**vars(RESET), **changes}))
    assert work.dossier.measures == ()


def test_what_was_done_already_is_written_down_with_its_result(work: Work) -> None:
    """At four in the morning nobody plans first; no day is asked for."""
    work.plan(NewMeasure("Server taken off the network", "Ali", kind="isolated", outcome="At 04:20."))
    assert (work.only.state, work.only.settled_on, work.only.due_on) == (MeasureState.DONE, TODAY, None)


def test_a_change_says_what_it_was_and_is_refused_to_whoever_looked_at_another(work: Work) -> None:
    """Two people who change it at once do not overwrite each other."""
    number = work.plan()
    moved = NewMeasure(**{**vars(RESET), "due_on": date(2026, 12, 5), "revision": 1})
    work.change(number, moved)
    assert (work.lines()[-1]["from_due_on"], work.lines()[-1]["due_on"]) == ("2026-11-30", "2026-12-05")
    with pytest.raises(InvalidCommand, match="look again"):
        work.change(number, moved)
    with pytest.raises(InvalidCommand, match="nothing was changed"):
        work.change(number, NewMeasure(**{**vars(moved), "revision": 2}))


def test_what_came_of_it_is_said_once_and_with_words(work: Work) -> None:
    """A second “done” is a page that was out of date."""
    number = work.plan()
    with pytest.raises(InvalidCommand, match="reason"):
        work.settle(number, MeasureState.DROPPED, " ")
    work.settle(number, MeasureState.DROPPED, "The accounts are gone.")
    with pytest.raises(InvalidCommand, match="look again"):
        work.settle(number, MeasureState.DROPPED, "Again.")
    with pytest.raises(NotFound):
        work.settle(number + 1, MeasureState.DONE, "Which?")


def test_the_letters_say_what_was_taken_and_what_is_planned(work: Work) -> None:
    """The authority's form in the team's words, a client's letter by the kind alone; neither says what was dropped."""
    work.plan(NewMeasure("Rustine posée sur app-01", "Ali", kind="flaw_fixed", outcome="Fait."))
    work.plan(NewMeasure("Test d’intrusion", "Ali", due_on=date(2026, 12, 1)))
    dropped = work.plan(NewMeasure("Tout réinstaller", "Ali", due_on=date(2026, 12, 1)))
    work.settle(dropped, MeasureState.DROPPED, "Inutile.")
    letters = work.letters()
    form, client = letters[DutyKind.AUTHORITY], letters[DutyKind.CLIENT]
    assert "- Faille corrigée : Rustine posée sur app-01 (23 novembre 2026)".replace(" :", "\u00a0:") in form
    assert "- Test d’intrusion (d’ici au 1er décembre 2026)" in form
    assert "Tout réinstaller" not in form + client
    assert "Faille corrigée (23 novembre 2026)" in client
    assert "app-01" not in client
    assert "Test d’intrusion" not in client


def test_a_measure_for_everybody_stands_in_every_letter(work: Work) -> None:
    """Whoever writes it so was told what it may not name."""
    work.plan(NewMeasure("Mots de passe renouvelés", "Ali", audience=Audience.EVERYBODY, outcome="Fait."))
    assert all("Mots de passe renouvelés" in text for text in work.letters().values())


def test_an_incident_that_went_into_another_takes_its_measures_along(work: Work) -> None:
    """They are settled there; nothing is planned any more in the one that is no more."""
    work.plan()
    service, now = work.service, work.incoming.now

    def work_on(session: Any) -> str:
        other = incidents.declare(session, ZOE, incidents.Declaration("Twin."), service.knowledge(), now)
        merging.merge(session, ZOE, work.reference, other, "One attack.", service.knowledge(), now)
        return other

    other = service.database.write(work_on)
    with pytest.raises(InvalidCommand, match=f"went into {other}"):
        work.plan()
    work.reference = other
    work.settle(work.only.id, MeasureState.DONE, "Done there.")
    with service.database.reading() as session:
        assert measures.open_measures(session) == []
