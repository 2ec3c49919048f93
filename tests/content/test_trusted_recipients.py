"""A trusted recipient lowers the risk; the word alone, or being a customer, decides nothing (EDPB 9/2022, IV.B)."""

from dataclasses import replace
from pathlib import Path

import pytest

from breach_service.catalog import Catalogue
from breach_service.catalog.cases import Case, case_from
from breach_service.domain.assessment import Duty, assess
from breach_service.domain.facts import Fact

CASES = Path(__file__).parent / "cases"
BASIS = "recipients.trust_basis"
TRUSTED = [
    "edpb-01-2021-09-trusted-insurance-agent",
    "own-payslips-to-a-colleague",
    "own-ticket-attachment-with-passport",
]


def _case(name: str, catalogue: Catalogue) -> Case:
    file = CASES / f"{name}.yaml"
    return case_from(file.read_text(), file.name, catalogue)


def _authority(case: Case, facts: tuple[Fact, ...], catalogue: Catalogue) -> Duty:
    (one,) = assess(case.perimeters, facts, catalogue.rules, catalogue.facts).perimeters
    return one.duties.authority


@pytest.mark.parametrize("name", TRUSTED)
def test_the_word_alone_does_not_close_the_notification(catalogue: Catalogue, name: str) -> None:
    """Until it is said what the trust rests on, the authority is undecided; a named bond decides."""
    case = _case(name, catalogue)
    without = tuple(one for one in case.facts if one.name != BASIS)
    assert _authority(case, without, catalogue) is Duty.UNDECIDED
    assert _authority(case, case.facts, catalogue) is Duty.NOT_REQUIRED


@pytest.mark.parametrize("name", TRUSTED)
def test_a_mere_customer_closes_nothing_by_being_called_trusted(catalogue: Catalogue, name: str) -> None:
    """Where nothing binds the recipient, the word does not spare the authority."""
    case = _case(name, catalogue)
    as_customer = tuple(replace(one, value="none") if one.name == BASIS else one for one in case.facts)
    assert _authority(case, as_customer, catalogue) is not Duty.NOT_REQUIRED


@pytest.mark.parametrize("name", TRUSTED)
def test_the_breach_stays_in_the_register(catalogue: Catalogue, name: str) -> None:
    """Trust lowers the risk; it undoes no breach."""
    case = _case(name, catalogue)
    (one,) = assess(case.perimeters, case.facts, catalogue.rules, catalogue.facts).perimeters
    assert one.duties.register is Duty.REQUIRED
