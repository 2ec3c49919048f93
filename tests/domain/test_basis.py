"""What was decided on, and what has changed since."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from breach_service.domain.assessment import Duty
from breach_service.domain.basis import Basis, basis_of, changed_since, departs_from, duty_key, since
from breach_service.domain.conditions import FactValue, Truth
from breach_service.domain.facts import WHOLE_INCIDENT, Fact, Provenance, Scope, ScopeKind
from tests.dossier_builders import a_dossier, a_fact

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def said(number: int, value: FactValue, by: Provenance = Provenance.PERSON, scope: Scope = WHOLE_INCIDENT) -> Fact:
    return Fact("loss.integrity", value, scope, by, "Maud", NOW, recorded=number)


def test_a_later_fact_that_says_otherwise_is_named_with_what_it_was() -> None:
    """Before, after, who and when."""
    [change] = changed_since([said(1, Truth.NO), said(2, Truth.YES)], 1)
    assert (change.fact, change.before, change.after, change.by, change.at) == (
        "loss.integrity", Truth.NO, Truth.YES, "Maud", NOW,
    )  # fmt: skip


def test_the_same_said_again_changes_nothing() -> None:
    """Nor does an unknown that stays one, nor an alert against a person’s word."""
    assert changed_since([said(1, Truth.NO), said(2, Truth.NO)], 1) == ()
    assert changed_since([said(2, Truth.UNKNOWN)], 1) == ()
    assert changed_since([said(1, Truth.NO), said(2, Truth.YES, Provenance.ALERT)], 1) == ()


def test_a_fact_that_was_changed_and_changed_back_is_no_other_fact() -> None:
    """What counts now is what counted then."""
    assert changed_since([said(1, Truth.NO), said(2, Truth.YES), said(3, Truth.NO)], 1) == ()


def test_parts_of_an_incident_are_told_apart() -> None:
    """A fact of one system says nothing of what was known of the whole."""
    system = Scope(ScopeKind.SYSTEM, "crm")
    [change] = changed_since([said(1, Truth.NO), said(2, Truth.YES, scope=system)], 1)
    assert (change.scope, change.before) == (system, None)


def a_basis() -> Basis:
    dossier = a_dossier(facts=[replace(a_fact("loss.confidentiality", "yes"), recorded=4)])
    return basis_of(dossier.assessment, dossier.facts, dossier.incident.systems, "c" * 64, 3, ["x"])


def test_a_basis_holds_the_version_of_the_rules_the_facts_and_the_result() -> None:
    """Everything that a later reader needs to judge the decision as of then."""
    basis = a_basis()
    assert (basis.content, basis.inventory, basis.last_fact, basis.precedents) == ("c" * 64, 3, 4, ("x",))
    assert (basis.risk_least, basis.risk_most, basis.personal_data) == ("high_risk", "high_risk", "yes")
    assert basis.advice("own", "authority") is Duty.REQUIRED
    assert basis.advice("client:auvralis", "clients") is Duty.REQUIRED
    assert basis.advice("client:auvralis", "authority") is Duty.NOT_REQUIRED  # theirs, not ours
    assert basis.advice("client:gone", "clients") is None
    assert duty_key("own", "persons") in basis.duties


def test_advice_that_turned_round_is_told_even_without_another_fact() -> None:
    """New rules or another inventory turn it, too."""
    found = since(a_basis(), [], "d" * 64, 4, "own", "authority", Duty.NOT_REQUIRED)
    assert (found.is_on_other_facts, found.is_other_content, found.is_other_inventory) == (False, True, True)
    assert found.is_advice_turned


@pytest.mark.parametrize(
    ("advice", "notify", "departs"),
    [
        (Duty.REQUIRED, True, False), (Duty.REQUIRED, False, True), (Duty.UNDECIDED, True, False),
        (Duty.UNDECIDED, False, True), (Duty.NOT_REQUIRED, False, False), (Duty.NOT_REQUIRED, True, True),
        (None, True, False),
    ],
)  # fmt: skip
def test_a_decision_departs_from_advice_that_it_does_not_follow(advice: Duty, notify: bool, departs: bool) -> None:
    """While both outcomes can be reached the advice is to notify."""
    assert departs_from(advice, notify) is departs
