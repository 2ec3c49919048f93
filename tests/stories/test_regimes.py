"""Every further regime told with dates: what starts it, until when, where it stands, and what ends it.

The four duties of the GDPR and of our promise are told in `test_the_72_hours`.
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from breach_service.acts import content
from breach_service.acts import incidents as acts
from breach_service.acts.clocks.recording import Moving, move
from breach_service.acts.incidents import Awareness, FactCommand, FilingCommand
from breach_service.app import OPERATOR
from breach_service.clock import utc_now
from breach_service.domain.assessment import Duty
from breach_service.domain.deadlines import FilingPhase, Obligation, state_of
from breach_service.domain.facts import Scope, ScopeKind
from breach_service.domain.incident import ClockState, InstantKind
from breach_service.domain.inventory import Inventory
from breach_service.errors import InvalidCommand
from breach_service.pipeline.drafting import text_as_filed
from tests.deciders import DPO, approve
from tests.stories.test_the_72_hours import NIGHT, RESPONDER, Story, a_web_shell, story

__all__ = ["story"]

FIRST = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def say_of_us(story: Story, *concerns: dict[str, Any]) -> None:
    """The organisation says in its inventory by what it is concerned."""
    held = story.service.knowledge().inventory.model_dump(mode="json")
    held["organisations"][0]["concerned_by"] = list(concerns)
    inventory = Inventory.model_validate(held)
    story.service.database.write(lambda session: content.import_inventory(session, OPERATOR, inventory, utc_now()))


def know(story: Story, fact: str, value: object, scope: Scope | None = None) -> None:
    """A responder records a fact, now."""
    story.act(acts.record_fact, RESPONDER, FactCommand(fact, value, scope or Scope(), "Seen in the log."))


def record(story: Story, kind: InstantKind, at: datetime) -> None:
    """A responder records an instant of the whole incident, now."""
    story.act(move, RESPONDER, Moving(kind, at, "It is written down there."))


def owed(story: Story, regime: str) -> Obligation | None:
    """The one obligation under a regime that is not withdrawn."""
    found = [one for one in story.dossier.obligations if one.terms.regime == regime and one.withdrawn_at is None]
    assert len(found) <= 1
    return found[0] if found else None


def needed(story: Story, regime: str) -> Obligation:
    """The same, where there must be one."""
    found = owed(story, regime)
    assert found is not None, regime
    return found


def file(story: Story, regime: str, phase: FilingPhase | None = None, *, is_approved: bool = False) -> None:
    """The DPO records that it was filed, now."""
    knowledge, now, held = story.service.knowledge(), utc_now(), needed(story, regime)
    text_of = partial(text_as_filed, knowledge, story.service.renderer, now)
    if is_approved:
        approve(story.service, held.id, text_of, now)
    command = FilingCommand(held.id, now, "portal", "N-1", phase=phase)
    story.service.database.write(
        lambda session: acts.record_filing(
            session, DPO, story.reference, command, knowledge, story.service.cipher, text_of, now
        )
    )


def state(story: Story, regime: str) -> ClockState:
    """Where a clock stands now."""
    return state_of(needed(story, regime), utc_now())


def test_an_ordinary_incident_is_owed_to_nobody_else(story: Story) -> None:
    """Without a word of the organisation an attack makes no further obligation: CNIL, persons, register and clients."""
    a_web_shell(story)
    duties = {str(one.duty) for one in story.dossier.obligations}
    assert duties <= {"authority", "persons", "register", "client"}
    assert owed(story, "gdpr-art33-4-complement") is None


def test_an_initial_notification_is_completed_within_seventy_two_hours_where_possible(story: Story) -> None:
    """Filed as initial on Sunday noon: aimed at for Wednesday noon, passed after that, never overdue."""
    a_web_shell(story)
    aware_at = datetime(2026, 11, 21, 10, 40, tzinfo=UTC)
    story.at(aware_at)
    story.act(acts.record_awareness, RESPONDER, Awareness(aware_at, "The log shows that accounts were read."))
    story.act(acts.confirm, DPO, "Names were read.")
    sent = datetime(2026, 11, 22, 11, tzinfo=UTC)
    story.time.move_to(sent)
    with pytest.raises(InvalidCommand, match="no initial notice"):
        file(story, "gdpr-art33-authority", FilingPhase.COMPLEMENT, is_approved=True)
    file(story, "gdpr-art33-authority", FilingPhase.INITIAL)
    complement = needed(story, "gdpr-art33-4-complement")
    assert (complement.triggered_at, complement.due_at) == (sent, sent + 72 * HOUR)
    assert complement.recipient == "cnil"
    story.time.move_to(sent + 73 * HOUR)
    assert state(story, "gdpr-art33-4-complement") is ClockState.PASSED
    with pytest.raises(InvalidCommand, match="record it as a complement"):
        file(story, "gdpr-art33-4-complement", FilingPhase.INITIAL, is_approved=True)
    file(story, "gdpr-art33-4-complement")
    assert state(story, "gdpr-art33-4-complement") is ClockState.FULFILLED
    filed = story.dossier.filing_for(needed(story, "gdpr-art33-4-complement"))
    assert filed is not None
    assert filed.phase is FilingPhase.COMPLEMENT


def test_a_complete_notification_leaves_nothing_to_complete(story: Story) -> None:
    """In one go: no complement arises."""
    a_web_shell(story)
    file(story, "gdpr-art33-authority", is_approved=True)
    assert owed(story, "gdpr-art33-4-complement") is None


def test_a_client_s_notice_has_a_target_inside_its_ceiling(story: Story) -> None:
    """Twenty-four hours to aim at, seventy-two at most; past the target nothing is overdue."""
    a_web_shell(story)
    notices = [one for one in story.dossier.obligations if one.terms.regime == "client-notice"]
    assert notices
    for one in notices:
        hours = one.terms.hours
        assert one.due_at == FIRST + (hours or 72) * HOUR
        assert one.target_at == (FIRST + 24 * HOUR if (hours or 72) > 24 else None)
        if one.target_at:
            assert state_of(one, FIRST + 25 * HOUR) is not ClockState.OVERDUE


def test_the_police_and_the_insurer_of_a_company_with_a_cyber_insurance(story: Story) -> None:
    """Seventy-two hours from knowing of the attack, and the hours of the policy from the first alert."""
    story.time.move_to(FIRST - HOUR)
    insured = {"by": "cyber_insurance", "hours": 48, "clause": "Police 12, art. 7"}
    say_of_us(story, insured)
    story.time.move_to(NIGHT)
    a_web_shell(story)
    police, insurer = needed(story, "lopmi-police-complaint"), needed(story, "insurer-notice")
    assert (police.advice, police.is_provisional) == (Duty.REQUIRED, True)
    assert insurer.due_at == FIRST + 48 * HOUR
    assert insurer.terms.reference == "Police 12, art. 7"
    story.time.move_to(FIRST + 6 * HOUR)
    record(story, InstantKind.ATTACK_KNOWN_AT, FIRST + 5 * HOUR)
    police = needed(story, "lopmi-police-complaint")
    assert (police.is_provisional, police.due_at) == (False, FIRST + 77 * HOUR)
    assert state(story, "lopmi-police-complaint") is ClockState.RUNNING
    story.time.move_to(FIRST + 49 * HOUR)
    assert state(story, "insurer-notice") is ClockState.OVERDUE
    file(story, "lopmi-police-complaint")
    file(story, "insurer-notice")
    assert state(story, "lopmi-police-complaint") is ClockState.FULFILLED
    know(story, "incident.malicious", "no")
    assert state(story, "lopmi-police-complaint") is ClockState.FULFILLED, "what was done stays"


def test_a_breakdown_is_no_matter_for_the_police(story: Story) -> None:
    """Once the malicious act is ruled out, the duty is withdrawn."""
    say_of_us(story, {"by": "cyber_insurance"})
    a_web_shell(story)
    assert needed(story, "lopmi-police-complaint").recipient == "police"
    know(story, "incident.malicious", "no")
    assert owed(story, "lopmi-police-complaint") is None


def test_a_vulnerability_of_a_product_is_asked_about_and_then_reported(story: Story) -> None:
    """ANSSI without a figure; the CRA's 24 h, 72 h, and 14 days after the fix; no CRA for a pure online service."""
    a_web_shell(story)
    know(story, "incident.scenario", ["product_vulnerability"])
    anssi, warning = needed(story, "defence-l2321-4-1-anssi"), needed(story, "cra-vulnerability-warning")
    assert (anssi.advice, anssi.due_at) == (Duty.UNDECIDED, None)
    assert (warning.advice, warning.due_at) == (Duty.UNDECIDED, FIRST + 24 * HOUR)
    assert owed(story, "cra-vulnerability-final") is None
    know(story, "product.significant", "yes")
    know(story, "product.installed_at_users", "yes")
    know(story, "flaw.exploited", "yes")
    story.time.move_to(FIRST + 3 * HOUR)
    record(story, InstantKind.FLAW_DISCOVERED_AT, FIRST + 2 * HOUR)
    assert needed(story, "defence-l2321-4-1-anssi").advice is Duty.REQUIRED
    assert needed(story, "cra-vulnerability-warning").due_at == FIRST + 26 * HOUR
    assert needed(story, "cra-vulnerability-notification").due_at == FIRST + 74 * HOUR
    assert needed(story, "cra-vulnerability-final").due_at is None
    story.time.move_to(FIRST + 51 * HOUR)
    record(story, InstantKind.CORRECTED_AT, FIRST + 50 * HOUR)
    assert needed(story, "cra-vulnerability-final").due_at == FIRST + (50 + 14 * 24) * HOUR
    assert state(story, "cra-vulnerability-warning") is ClockState.OVERDUE
    file(story, "cra-vulnerability-warning")
    file(story, "defence-l2321-4-1-anssi")
    assert state(story, "defence-l2321-4-1-anssi") is ClockState.FULFILLED
    know(story, "product.installed_at_users", "no")
    assert owed(story, "cra-vulnerability-notification") is None


def test_a_severe_incident_of_a_product(story: Story) -> None:
    """24 h and 72 h from knowing of the attack, a month from the notification, to the day."""
    a_web_shell(story)
    know(story, "product.affected", "yes")
    know(story, "product.installed_at_users", "yes")
    know(story, "product.severely_affected", "yes")
    assert needed(story, "cra-incident-warning").due_at == FIRST + 24 * HOUR
    assert needed(story, "cra-incident-notification").due_at == FIRST + 72 * HOUR
    sent = datetime(2026, 11, 22, 9, tzinfo=UTC)
    story.time.move_to(sent)
    file(story, "cra-incident-warning")
    file(story, "cra-incident-notification")
    assert needed(story, "cra-incident-final").due_at == datetime(2026, 12, 22, 9, tzinfo=UTC)
    story.time.move_to(datetime(2026, 12, 22, 9, tzinfo=UTC))
    assert state(story, "cra-incident-final") is ClockState.OVERDUE
    file(story, "cra-incident-final")
    assert state(story, "cra-incident-final") is ClockState.FULFILLED


def test_who_publishes_no_product_says_so_once(story: Story) -> None:
    """The inventory denies it, and nothing is asked of any incident."""
    say_of_us(story, {"by": "cra", "is_concerned": False}, {"by": "products", "is_concerned": False})
    a_web_shell(story)
    know(story, "incident.scenario", ["product_vulnerability"])
    assert {str(one.duty) for one in story.dossier.obligations} <= {"authority", "persons", "register", "client"}


def test_nis2_once_the_company_says_that_it_is_concerned(story: Story) -> None:
    """24 h and 72 h from awareness, a calendar month from the notification."""
    say_of_us(story, {"by": "nis2", "clause": "Entité importante"})
    a_web_shell(story)
    assert needed(story, "nis2-early-warning").advice is Duty.UNDECIDED
    know(story, "incident.significant", "yes")
    story.time.move_to(FIRST + 3 * HOUR)
    story.act(acts.record_awareness, RESPONDER, Awareness(FIRST + 2 * HOUR, "Read in the log."))
    warning, notification = needed(story, "nis2-early-warning"), needed(story, "nis2-notification")
    assert (warning.advice, warning.recipient) == (Duty.REQUIRED, "anssi")
    assert (warning.due_at, notification.due_at) == (FIRST + 26 * HOUR, FIRST + 74 * HOUR)
    assert owed(story, "nis2-final-report") is None
    sent = FIRST + 26 * HOUR
    story.time.move_to(sent)
    assert state(story, "nis2-early-warning") is ClockState.OVERDUE
    file(story, "nis2-early-warning")
    file(story, "nis2-notification")
    assert needed(story, "nis2-final-report").due_at == datetime(2026, 12, 22, 4, 12, tzinfo=UTC)
    file(story, "nis2-final-report")
    assert state(story, "nis2-final-report") is ClockState.FULFILLED


def test_dora_once_the_company_says_that_it_is_concerned(story: Story) -> None:
    """Four hours from the classification, twenty-four from awareness at most; then 72 hours, then a month."""
    say_of_us(story, {"by": "dora"})
    a_web_shell(story)
    know(story, "incident.major", "yes")
    assert needed(story, "dora-initial").due_at == FIRST + 24 * HOUR
    story.time.move_to(FIRST + 3 * HOUR)
    record(story, InstantKind.CLASSIFIED_AT, FIRST + 2 * HOUR)
    assert needed(story, "dora-initial").due_at == FIRST + 6 * HOUR
    file(story, "dora-initial")
    assert needed(story, "dora-intermediate").due_at == FIRST + 75 * HOUR
    story.time.move_to(FIRST + 75 * HOUR)
    file(story, "dora-intermediate")
    assert needed(story, "dora-final").due_at == datetime(2026, 12, 24, 5, 12, tzinfo=UTC)
    assert state(story, "dora-final") is ClockState.RUNNING
    file(story, "dora-final")
    assert state(story, "dora-final") is ClockState.FULFILLED


def test_health_and_trust_services_once_the_company_says_so(story: Story) -> None:
    """Without a figure to CERT Santé, within 24 h of awareness for a trust service."""
    say_of_us(story, {"by": "health"}, {"by": "eidas"})
    a_web_shell(story)
    know(story, "incident.serious_for_health", "yes")
    know(story, "incident.trust_service_affected", "yes")
    health, trust = needed(story, "health-l1111-8-2"), needed(story, "eidas-trust-services")
    assert (health.recipient, health.due_at) == ("cert-sante", None)
    assert (trust.recipient, trust.due_at) == ("anssi", FIRST + 24 * HOUR)
    story.time.move_to(FIRST + 24 * HOUR)
    assert [state(story, one) for one in ("health-l1111-8-2", "eidas-trust-services")] == [
        ClockState.RUNNING,
        ClockState.OVERDUE,
    ]
    for one in ("health-l1111-8-2", "eidas-trust-services"):
        file(story, one)
        assert state(story, one) is ClockState.FULFILLED


def test_a_complaint_is_passed_on_within_seventy_two_hours_of_its_receipt(story: Story) -> None:
    """Recorded for one client: that client alone, strict hours, no target; and nothing before it is recorded."""
    a_web_shell(story)
    client = next(one.perimeter.client for one in story.dossier.assessment.perimeters if one.perimeter.client)
    assert owed(story, "complaint-promise") is None
    know(story, "complaint.received", "yes", Scope(ScopeKind.CLIENT, f"*/{client}"))
    story.time.move_to(FIRST + 2 * HOUR)
    record(story, InstantKind.RECEIVED_AT, FIRST + HOUR)
    promise = needed(story, "complaint-promise")
    assert (promise.recipient, promise.due_at) == (f"client:{client}", FIRST + 73 * HOUR)
    assert promise.target_at is None
    story.time.move_to(FIRST + 73 * HOUR)
    assert state(story, "complaint-promise") is ClockState.OVERDUE
    file(story, "complaint-promise", is_approved=True)
    assert state(story, "complaint-promise") is ClockState.FULFILLED
