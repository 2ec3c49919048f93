"""A clock that somebody wants later: refused alone, agreed by two; missed at 72 h, with the reasons in the draft.

Told with dates on the real service (both databases) with the clock of the machine frozen.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from breach_service.acts import incidents as acts
from breach_service.acts.clocks import delays, proposing, settling
from breach_service.acts.clocks.proposing import Wish
from breach_service.acts.incidents import Awareness, FactCommand
from breach_service.app import Service
from breach_service.clock import utc_now
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.deadlines import state_of
from breach_service.domain.incident import ClockState, InstantKind
from breach_service.domain.moving import Move
from breach_service.errors import InvalidCommand
from breach_service.pipeline.drafting import draft_of
from breach_service.web.views.moved_clocks import readings_in
from tests.deciders import DPO, add_account
from tests.pipeline.incoming import WEB_SHELL, Incoming

FRIDAY = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
"""17:00 in Paris."""
HOUR = timedelta(hours=1)
MAUD = Actor("Maud Perrin", UserRole.RESPONDER, person=900_061)
YANIS = Actor("Yanis Ferrachat", UserRole.RESPONDER, person=900_062)
REFERENCE = "INC-2026-0001"


@pytest.fixture
def time(service: Service) -> Iterator[FrozenDateTimeFactory]:
    """It is Friday, late in the afternoon."""
    with freeze_time(FRIDAY, ignore=["sqlalchemy", "concurrent", "threading", "queue"]) as time:
        service.now = utc_now
        yield time


def test_a_clock_is_moved_by_two_and_missed_with_its_reasons(service: Service, time: FrozenDateTimeFactory) -> None:
    """Alert on Friday, aware an hour later; two hours more by two people; Monday passes, the CNIL is told why."""
    company = Incoming(service)
    service.database.write(lambda session: [add_account(session, one) for one in (MAUD, YANIS)])
    company.alert(WEB_SHELL)
    company.act(acts.record_fact, MAUD, FactCommand("loss.confidentiality", "yes"))
    time.move_to(FRIDAY + 4 * HOUR)
    company.act(acts.record_awareness, MAUD, Awareness(FRIDAY + HOUR, "The access log shows reads."))
    assert company.owed_to("cnil").due_at == FRIDAY + 73 * HOUR

    # The responder reads the log again, and alone gains no time.
    later = Awareness(FRIDAY + 3 * HOUR, "These reads were our own scanner.")
    with pytest.raises(InvalidCommand, match=f"/incidents/{REFERENCE}/clocks.*ask whoever decides"):
        company.act(acts.record_awareness, MAUD, later)
    wish = Wish(Move.LATER, later.reason, InstantKind.AWARE_AT, later.aware_at)
    number = company.act(proposing.propose, DPO, wish)
    assert company.owed_to("cnil").due_at == FRIDAY + 73 * HOUR
    company.act(settling.confirm, YANIS, number, "I checked the scanner's address.")
    owed = company.owed_to("cnil")
    assert owed.due_at == FRIDAY + 75 * HOUR

    # What the first alert gives stays in sight; the reading of the Regulation stands beside, and never alerts.
    readings = readings_in(company.dossier(), owed)
    assert readings.first_alert_at == FRIDAY + 72 * HOUR
    assert readings.strict_at == owed.due_at
    assert readings.reg_1182_71_at is not None
    assert readings.reg_1182_71_at >= owed.due_at
    assert [one.at for one in company.dossier().instants] == [FRIDAY + HOUR, FRIDAY + 3 * HOUR]

    # Monday evening passes.
    time.move_to(FRIDAY + 76 * HOUR)
    assert state_of(company.owed_to("cnil"), utc_now()) is ClockState.OVERDUE
    (late,) = company.dossier().delays_to_explain(utc_now())
    assert "[À COMPLÉTER" in _reasons_in_draft(company, late.id)
    service.database.write(
        lambda session: delays.explain_delay(
            session, MAUD, REFERENCE, late.id, "Le DPO était injoignable dimanche.", utc_now()
        )
    )
    assert _reasons_in_draft(company, late.id) == "Le DPO était injoignable dimanche."
    assert company.dossier().delays_to_explain(utc_now()) == ()


def _reasons_in_draft(company: Incoming, obligation: int) -> str:
    service = company.service
    draft = draft_of(company.dossier(), obligation, "fr", service.knowledge(), service.renderer, utc_now())
    (field,) = [one for section in draft.sections for one in section.fields if one.label == "Motifs du retard"]
    return field.value
