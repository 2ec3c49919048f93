"""The review after an incident: written by several, closed once it is whole, opened again with a reason."""

from dataclasses import replace
from typing import Any

import pytest

from breach_service.acts import incidents
from breach_service.acts.work import reviews as acts
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.deadlines import DutyKind
from breach_service.domain.incident import EntryKind, IncidentStatus
from breach_service.domain.review import Review, ReviewText
from breach_service.errors import InvalidCommand
from breach_service.store import obligations, reviews, timeline
from breach_service.store.incidents import row_of
from tests.deciders import agree
from tests.pipeline.incoming import WEB_SHELL, Incoming

ZOE, ALI = Actor("Zoé", UserRole.RESPONDER), Actor("Ali", UserRole.DPO, is_operator=True)
BEGUN = ReviewText("A web shell stood on app-01.")
WHOLE = ReviewText("A web shell.", "The alert.", "The rota.", "An old plugin.", "A criterion more.", ("Zoé", "Ali"))
REFERENCE = "INC-2026-0001"


class Afterwards:
    """An incident, and those who look back at it."""

    def __init__(self, incoming: Incoming) -> None:
        self.incoming, self.service = incoming, incoming.service
        incoming.alert(WEB_SHELL)
        incoming.process()

    def do(self, work: Any) -> Any:
        return self.service.database.write(work)

    def save(self, text: ReviewText, seen: int, actor: Actor = ZOE, **named: Any) -> Review:
        found = self.do(
            lambda session: acts.save_review(session, actor, REFERENCE, text, seen, self.incoming.now, **named)
        )
        assert isinstance(found, Review)
        return found

    def reopen(self, reason: str) -> Review:
        found = self.do(lambda session: acts.reopen_review(session, ZOE, REFERENCE, reason, self.incoming.now))
        assert isinstance(found, Review)
        return found

    def handle(self) -> None:
        """Confirm the incident, and say that nobody is to be informed."""
        knowledge, now = self.service.knowledge(), self.incoming.now

        def work(session: Any) -> None:
            incidents.confirm(session, ALI, REFERENCE, "Seen.", knowledge, now)
            for one in obligations.of_incident(session, row_of(session, REFERENCE).id or 0):
                if one.duty is not DutyKind.REGISTER and not one.withdrawn_at:
                    incidents.decide_not_required(session, ALI, REFERENCE, one.id, "No risk.", knowledge, now)

        self.do(work)
        agree(self.service, now, reference=REFERENCE)

    def awaited(self) -> list[str]:
        with self.service.database.reading() as session:
            return [one.reference for one in reviews.awaited(session)]

    def said(self) -> list[str]:
        with self.service.database.reading() as session:
            entries = timeline.entries_of(session, row_of(session, REFERENCE).id or 0)
        return [(one.words or {})["what"] for one in entries if one.kind is EntryKind.REVIEWED]


@pytest.fixture
def after(sqlite_incoming: Incoming) -> Afterwards:
    return Afterwards(sqlite_incoming)


def test_a_handled_incident_waits_for_its_review_until_that_is_closed_on_each_database(incoming: Incoming) -> None:
    """Begun earlier, asked for once every notice is decided, closed when it is whole, opened again with a reason."""
    after = Afterwards(incoming)
    assert after.save(BEGUN, 0).revision == 1
    assert after.awaited() == []
    with pytest.raises(InvalidCommand, match="not handled yet"):
        after.save(WHOLE, 1, is_closed=True)
    after.handle()
    assert after.awaited() == [REFERENCE]
    with pytest.raises(InvalidCommand) as refused:
        after.save(BEGUN, 1, is_closed=True)
    assert str(refused.value).count("\n") == 3, "every part that is missing is named"
    assert after.save(WHOLE, 1, is_closed=True).is_closed
    assert after.awaited() == []
    with pytest.raises(InvalidCommand, match="open it again first"):
        after.save(replace(WHOLE, causes="Another."), 2)
    assert after.reopen("The forensics came.").text == WHOLE
    assert after.awaited() == [REFERENCE]
    assert after.said() == ["begun", "closed", "opened_again"]
    with incoming.service.database.reading() as session:
        found = reviews.revisions_of(session, row_of(session, REFERENCE).id or 0)
    assert [(one.revision, one.is_closed, one.reason) for one in found] == [
        (1, False, ""), (2, True, ""), (3, False, "The forensics came."),
    ]  # fmt: skip


def test_what_another_has_saved_meanwhile_is_not_lost(after: Afterwards) -> None:
    """Whoever looked at an earlier revision is told whose words they would have overwritten."""
    after.save(BEGUN, 0)
    with pytest.raises(InvalidCommand, match="Zoé has saved"):
        after.save(WHOLE, 0, ALI)
    after.save(WHOLE, 1, ALI)
    with pytest.raises(InvalidCommand, match="nothing was changed"):
        after.save(WHOLE, 2)


def test_nothing_is_no_review(after: Afterwards) -> None:
    """And what is not closed is not opened again."""
    with pytest.raises(InvalidCommand, match="begin with what happened"):
        after.save(ReviewText(participants=(" ",)), 0)
    with pytest.raises(InvalidCommand, match="not closed"):
        after.reopen("Why not.")


def test_what_was_no_breach_is_not_waited_for_and_may_be_reviewed(after: Afterwards) -> None:
    """A false alarm that cost a night teaches something, too."""
    now = after.incoming.now
    after.do(lambda session: incidents.dismiss(session, ALI, REFERENCE, "A test.", after.service.knowledge(), now))
    with after.service.database.reading() as session:
        assert row_of(session, REFERENCE).status == IncidentStatus.DISMISSED
    assert after.awaited() == []
    assert after.save(WHOLE, 0, is_closed=True).is_closed
