"""What people do, in order: the form of a playbook, and which ones an incident calls for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from breach_service.domain.alert import Signal
from breach_service.domain.conditions import Truth
from breach_service.domain.incident import InstantKind
from breach_service.domain.playbook import (
    AS_WRITTEN,
    SCENARIO,
    SIGNALS,
    OfferReason,
    Playbook,
    Step,
    circumstances,
    playbooks_for,
)

DETECTED_AT = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
STEP = {"step": "contain", "title": {"fr": "Isoler"}, "role": "responder", "how": {"fr": "Débrancher."}}
LOST = {"perte": {"fact": "loss.availability", "is": "yes"}}


def _step(**changes: object) -> Step:
    return Step.model_validate({**STEP, **changes})


def _playbook(name: str, **changes: Any) -> Playbook:
    fields = {
        "id": name, "title": {"fr": name}, "why": {"fr": name}, "owner": "dpo", "reviewed_on": "2026-11-22",
        "steps": [STEP],
    }  # fmt: skip
    return Playbook.model_validate({**fields, **changes})


WEB = _playbook("web", signals=["web_shell", "web_exploit"])
LEAK = _playbook("leak", signals=["exfiltration"])
RANSOM = _playbook("ransom", when=LOST)


def test_a_step_is_due_its_hours_after_its_instant() -> None:
    """Elapsed hours, in UTC."""
    step = _step(due={"after": "detected_at", "hours": 1.5})
    assert step.due_at({InstantKind.DETECTED_AT: DETECTED_AT}) == DETECTED_AT + timedelta(hours=1, minutes=30)


def test_a_step_whose_instant_is_not_known_has_no_date_yet() -> None:
    """Nobody is late for something that has not begun."""
    assert _step(due={"after": "aware_at", "hours": 24}).due_at({InstantKind.DETECTED_AT: DETECTED_AT}) is None


def test_a_step_without_a_term_has_no_date() -> None:
    """It is done when its turn comes."""
    assert _step().due_at({InstantKind.DETECTED_AT: DETECTED_AT}) is None


@pytest.mark.parametrize(
    "changes", [{"role": "trainee"}, {"step": "Not an id"}, {"due": {"after": "aware_at", "hours": 0}}]
)
def test_a_step_outside_the_words_is_refused(changes: dict[str, object]) -> None:
    """Roles, names and terms are closed."""
    with pytest.raises(ValidationError):
        _step(**changes)


@pytest.mark.parametrize("changes", [{}, {"signals": ["web_shell"], "when": LOST}])
def test_a_playbook_says_when_it_applies_in_one_way(changes: dict[str, object]) -> None:
    """By signals or by conditions: never by none, never by both."""
    with pytest.raises(ValidationError, match="says when it applies"):
        _playbook("odd", **changes)


def test_a_reference_may_be_its_title_alone() -> None:
    """As files written before had them."""
    one, other = _playbook("web", signals=["web_shell"], references=["RGPD art. 33", {"title": "NIST"}]).references
    assert (one.title, one.dated, other.title) == ("RGPD art. 33", None, "NIST")


def test_an_incident_is_given_the_playbooks_of_its_signals_in_their_order() -> None:
    """One signal in common is enough."""

    def names(*signals: Signal) -> list[str]:
        return [one.playbook.id for one in playbooks_for(circumstances({}, signals), [WEB, LEAK])]

    assert names(Signal.WEB_SHELL, Signal.SCAN) == ["web"]
    assert names(Signal.EXFILTRATION, Signal.WEB_EXPLOIT) == ["web", "leak"]
    assert names(Signal.SCAN) == []


@pytest.mark.parametrize(
    ("value", "reason"),
    [(Truth.YES, OfferReason.APPLIES), (Truth.UNKNOWN, OfferReason.MAY_APPLY), (None, OfferReason.MAY_APPLY)],
)
def test_a_playbook_applies_if_its_conditions_hold_and_is_offered_while_they_may(
    value: Truth | None, reason: OfferReason
) -> None:
    """Unknown is a value: the offer names the facts that would decide."""
    (offer,) = playbooks_for({"loss.availability": value}, [RANSOM])
    assert offer.reason is reason
    assert offer.is_in_use is (reason is OfferReason.APPLIES)
    assert offer.open_facts == (() if offer.is_in_use else ("loss.availability",))


def test_a_playbook_that_cannot_apply_is_not_offered_unless_a_person_attached_it() -> None:
    """People know more than conditions."""
    known = {"loss.availability": Truth.NO}
    assert playbooks_for(known, [RANSOM]) == ()
    (offer,) = playbooks_for(known, [RANSOM], AS_WRITTEN.attaching("ransom"))
    assert offer.reason is OfferReason.ATTACHED
    assert offer.is_in_use


def test_attaching_what_applies_anyway_leaves_its_own_reason() -> None:
    """The lines that hold say more than the click."""
    (offer,) = playbooks_for({"loss.availability": Truth.YES}, [RANSOM], AS_WRITTEN.attaching("ransom"))
    assert offer.reason is OfferReason.APPLIES


def test_a_playbook_that_a_person_set_aside_is_gone_until_attached_again() -> None:
    """With the reason kept."""
    known = {"loss.availability": Truth.YES}
    aside = AS_WRITTEN.setting_aside("ransom", "une panne de disque")
    assert playbooks_for(known, [RANSOM], aside) == ()
    assert aside.set_aside == {"ransom": "une panne de disque"}
    assert len(playbooks_for(known, [RANSOM], aside.attaching("ransom"))) == 1


def test_what_applies_comes_before_what_may_and_the_common_ones_last() -> None:
    """So that the first in the list is the one to open."""
    common = _playbook("all", signals=["web_shell"], is_common="yes")
    offers = playbooks_for(circumstances({}, [Signal.WEB_SHELL]), [RANSOM, common, WEB])
    assert [one.playbook.id for one in offers] == ["web", "all", "ransom"]


def test_what_alerts_opened_and_nobody_named_counts_as_not_named() -> None:
    """Else every incident would be offered every playbook."""
    assert circumstances({}, [Signal.SCAN])[SCENARIO] == frozenset()
    assert circumstances({SCENARIO: Truth.UNKNOWN})[SCENARIO] == frozenset()
    assert circumstances({SCENARIO: frozenset({"phishing"})})[SCENARIO] == frozenset({"phishing"})


def test_what_a_person_declared_without_naming_it_may_be_anything() -> None:
    """It is the one question that decides them all."""
    found = circumstances({"loss.availability": Truth.NO}, [Signal.DECLARED], ["guessing"])
    assert found[SCENARIO] is None
    assert found[SIGNALS] == frozenset({"declared"})
    assert found["incident.patterns"] == frozenset({"guessing"})
    assert found["loss.availability"] is Truth.NO
