"""Promises about every file of playbooks/regimes/."""

from datetime import date
from pathlib import Path

import pytest

from breach_service.catalog import Catalogue
from breach_service.domain.conditions import Truth, facts_named_in, judge
from breach_service.domain.deadlines import DutyKind, Regime
from breach_service.domain.incident import InstantKind
from breach_service.domain.inventory import Role

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
REGIMES = sorted(file.stem for file in (PLAYBOOKS / "regimes").iterdir())


def _regime(catalogue: Catalogue, name: str) -> Regime:
    return next(one for one in catalogue.regimes if one.id == name)


@pytest.mark.parametrize("name", REGIMES)
def test_a_regime_says_what_it_restates_and_where_it_was_read(catalogue: Catalogue, name: str) -> None:
    """Both languages, the article or clause, and an honest account of the reading."""
    regime = _regime(catalogue, name)
    for text in (regime.title, regime.why, regime.counted_from_words):
        assert text.fr.strip()
        assert (text.en or "").strip()
    assert regime.reference.strip()
    assert regime.verified.where.strip()
    assert regime.in_force.from_ <= regime.verified.on


@pytest.mark.parametrize("name", REGIMES)
@pytest.mark.parametrize("role", Role)
def test_a_regime_binds_either_the_controller_or_the_processor(catalogue: Catalogue, name: str, role: Role) -> None:
    """Authority, persons and register are the controller's duties; the notice to the client is the processor's.

    What the company owes as a whole binds it in any role.
    """
    regime = _regime(catalogue, name)
    if regime.duty.is_of_incident:
        assert "perimeter.role" not in facts_named_in(regime.applies_when)
        return
    is_processor = role in (Role.PROCESSOR, Role.SUB_PROCESSOR)
    applies = judge(regime.applies_when, {"perimeter.role": str(role)}).truth
    assert applies is (Truth.YES if (regime.duty is DutyKind.CLIENT) is is_processor else Truth.NO)


def test_the_four_duties_are_there_in_their_words(catalogue: Catalogue) -> None:
    """72 hours to the authority from awareness, to a client from the flaw; no figure for persons and register."""
    terms = {
        one.id: (one.duty, one.counted_from, one.term.hours, one.contract_may_shorten) for one in catalogue.regimes
    }
    aware, flaw = InstantKind.AWARE_AT, InstantKind.FLAW_DISCOVERED_AT
    assert terms["gdpr-art33-authority"] == (DutyKind.AUTHORITY, aware, 72, False)
    assert terms["gdpr-art34-persons"] == (DutyKind.PERSONS, aware, None, False)
    assert terms["gdpr-art33-5-register"] == (DutyKind.REGISTER, aware, None, False)
    assert terms["client-notice"] == (DutyKind.CLIENT, flaw, 72, True)


def test_the_promise_to_clients_began_with_the_policy_that_makes_it(catalogue: Catalogue) -> None:
    """Not a day before 18 October 2024; the GDPR's own duties since 25 May 2018."""
    assert not _regime(catalogue, "client-notice").in_force.holds_on(date(2024, 10, 17))
    assert _regime(catalogue, "client-notice").in_force.holds_on(date(2024, 10, 18))
    assert _regime(catalogue, "gdpr-art33-authority").in_force.holds_on(date(2018, 5, 25))
