"""The night on which nobody who decides is there: the glass is broken at hour 60, the CNIL hears of it in time.

Told with dates on the real service (both databases) with the clock of the machine frozen.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from breach_service.acts import incidents as acts
from breach_service.acts import notices
from breach_service.acts.decisions import deciding, glass
from breach_service.acts.decisions.deciding import Opinion
from breach_service.acts.decisions.glass import Breaking
from breach_service.acts.incidents import Awareness, FactCommand, FilingCommand
from breach_service.acts.on_call import rota
from breach_service.app import Service
from breach_service.clock import utc_now
from breach_service.domain.access import Actor, MandateKind, UserRole
from breach_service.domain.incident import EntryKind
from breach_service.errors import InvalidCommand, NotAllowed
from breach_service.pipeline.drafting import text_as_filed
from breach_service.store import deciding as stored
from breach_service.store.tables import OutboxRow
from breach_service.web.rendered import words_of
from breach_service.web.views.register import register_page
from tests.deciders import add_account, approve, let_decide
from tests.pipeline.incoming import WEB_SHELL, Incoming

FRIDAY = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALIX = Actor("Alix Montreuil", UserRole.DECIDER, person=900_031)
NOE = Actor("Noé Varenne", UserRole.DPO, person=900_032)
YANIS = Actor("Yanis Ferrachat", UserRole.RESPONDER, person=900_033)
REFERENCE = "INC-2026-0001"


class Night(Incoming):
    """A company whose legal representative is away for the weekend; its DPO only advises."""

    def __init__(self, service: Service, time: FrozenDateTimeFactory) -> None:
        self.service = service
        self.time = time
        let_decide(service, ALIX, MandateKind.REPRESENTATIVE)
        service.database.write(lambda session: [add_account(session, one) for one in (NOE, YANIS)])
        self.worker = service.worker()
        super().__init__(service)
        self.revoke_everything_else()

    def revoke_everything_else(self) -> None:
        """The fixture's own delegate plays no part in this story."""

        def work(session: Any) -> None:
            for one in stored.mandates(session):
                if one.person != ALIX.person:
                    stored.revoke_mandate(session, one.id, "operator", one.from_at)

        self.service.database.write(work)

    def at(self, instant: datetime) -> None:
        """It is this instant now, and the worker has looked at it."""
        self.time.move_to(instant)
        while self.worker.turn(utc_now()):
            pass

    def does(self, act: Any, actor: Actor, *command: Any) -> Any:
        """Somebody does something that asks for no knowledge."""
        return self.service.database.write(lambda session: act(session, actor, REFERENCE, *command, utc_now()))

    def told(self) -> list[int]:
        return [int(one.payload["user"]) for one in self.rows(OutboxRow) if one.kind == "person"]

    @property
    def text_of(self) -> Any:
        return partial(text_as_filed, self.service.knowledge(), self.service.renderer, utc_now())


@pytest.fixture
def night(service: Service) -> Iterator[Night]:
    """It is Friday morning."""
    with freeze_time(FRIDAY, ignore=["sqlalchemy", "concurrent", "threading", "queue"]) as time:
        service.now = utc_now
        yield Night(service, time)


def test_the_decider_is_away_and_the_filing_leaves_in_time(night: Night) -> None:
    """Aware on Friday, the glass on Sunday evening; filed, told, reviewed, and the register shows what was advised."""
    night.alert(WEB_SHELL)
    aware_at = FRIDAY
    night.at(FRIDAY + HOUR)
    night.act(acts.record_fact, YANIS, FactCommand("loss.confidentiality", "yes"))
    night.act(acts.record_awareness, YANIS, Awareness(aware_at, "Accounts were read."))
    night.act(acts.confirm, ALIX, "Accounts were read.")
    due_at = night.owed_to("cnil").due_at
    assert due_at == aware_at + 72 * HOUR
    persons, cnil = night.owed_to("persons").id, night.owed_to("cnil").id

    # The DPO advises to tell the persons; the representative decides otherwise before leaving.
    night.act(deciding.give_opinion, NOE, Opinion("Passwords may be among them.", notify={persons: True, cnil: True}))
    night.act(acts.decide_not_required, ALIX, persons, "The passwords are hashed.")
    night.service.database.write(
        lambda session: rota.add_absence(
            session, ALIX, ALIX.person or 0, FRIDAY + 10 * HOUR, FRIDAY + 4 * DAY, utc_now()
        )
    )

    # Hour 60, Sunday evening: twelve hours are left.
    night.at(aware_at + 60 * HOUR)
    with pytest.raises(NotAllowed, match="nobody can decide now"):
        approve(night.service, cnil, night.text_of, utc_now(), actor=NOE)
    with pytest.raises(NotAllowed):
        approve(night.service, cnil, night.text_of, utc_now(), actor=YANIS)
    before = len(night.told())
    breaking = Breaking("The CNIL must hear of it by tomorrow at nine.", "Alix, by telephone and by mail since 18:00.")
    made = night.service.database.write(
        lambda session: glass.break_glass(session, YANIS, REFERENCE, breaking, night.service.cipher, utc_now())
    )
    assert made.ends_at == aware_at + 72 * HOUR
    assert {ALIX.person, NOE.person} <= set(night.told()[before:]), "the direction and the DPO hear of it at once"

    # Filed four hours later, as an initial notification; nothing else may leave.
    night.at(aware_at + 64 * HOUR)
    approve(night.service, cnil, night.text_of, utc_now(), actor=YANIS)
    command, knowledge = FilingCommand(cnil, utc_now(), "portal", "CNIL-77"), night.service.knowledge()
    night.service.database.write(
        lambda session: notices.record_filing(
            session, YANIS, REFERENCE, command, knowledge, night.service.cipher, night.text_of, utc_now()
        )
    )
    filed = night.owed_to("cnil")
    assert filed.fulfilled_at is not None
    assert filed.fulfilled_at < due_at
    with pytest.raises((NotAllowed, InvalidCommand)):
        night.act(acts.dismiss, YANIS, "Nothing.")

    # Nobody has reviewed it: it is told again each day, until Alix is back and says what they think.
    known = len(night.told())
    night.at(aware_at + 60 * HOUR + DAY + HOUR)
    assert len(night.told()) > known
    with night.service.database.reading() as session:
        assert [one for _, one in glass.outstanding(session, utc_now())] == [REFERENCE]
    night.at(FRIDAY + 5 * DAY)
    known = len(night.told())
    night.service.database.write(
        lambda session: glass.review_glass(session, ALIX, made.id, "It was needed; I name a deputy.", utc_now())
    )
    night.at(FRIDAY + 7 * DAY)
    assert len(night.told()) == known
    with night.service.database.reading() as session:
        assert glass.outstanding(session, utc_now()) == []

    # What remains: the chronology with its grounds, and the divergence in the register.
    kinds = night.kinds(REFERENCE)
    assert [one for one in kinds if one in (EntryKind.GLASS_BROKEN, EntryKind.TEXT_APPROVED, EntryKind.FILED,
                                            EntryKind.GLASS_REVIEWED)] == [
        EntryKind.GLASS_BROKEN, EntryKind.TEXT_APPROVED, EntryKind.FILED, EntryKind.GLASS_REVIEWED,
    ]  # fmt: skip
    dossier = night.dossier()
    content = words_of(context_with(night.service))
    (row,) = [one for one in register_page([dossier], content, "fr", utc_now()).rows if one.divergences]
    (question,) = row.divergences
    assert question.opinion is not None
    assert question.decision is not None
    assert (question.opinion.answer, question.decision.answer) == ("yes", "no")
    assert (question.opinion.by, question.decision.by) == (NOE.name, ALIX.name)


def context_with(service: Service) -> Any:
    """As much of the context of the pages as their words need."""

    class Held:
        knowledge = service.knowledge

    return Held()
