"""Official example cases, encoded as facts by hand, reach their official outcome by general rules."""

from pathlib import Path
from typing import Any

import pytest

from breach_service.catalog import Catalogue
from breach_service.catalog.cases import case_from
from breach_service.catalog.documents import read_document
from breach_service.domain.assessment import assess_perimeter

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))


def _outcomes(file: Path) -> dict[str, dict[str, str]]:
    document, faults = read_document(file.name, file.read_text(), only_words=True)
    assert document is not None
    assert not faults
    outcome: dict[str, Any] = document.data["outcome"]
    return outcome if all(isinstance(one, dict) for one in outcome.values()) else {"own": outcome}


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_case_comes_out_as_it_should(catalogue: Catalogue, file: Path) -> None:
    """Register, authority and persons, each required or not, for each controller."""
    case = case_from(file.read_text(), file.name, catalogue)
    assessed = {one.key: assess_perimeter(one, case.facts, catalogue.rules) for one in case.perimeters}
    outcomes = _outcomes(file)
    assert set(outcomes) == set(assessed)
    for key, outcome in outcomes.items():
        duties = {name: str(duty) for name, duty in vars(assessed[key].duties).items()}
        assert {name: duties[name] for name in outcome} == outcome


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_case_names_itself_and_its_source(file: Path) -> None:
    """A reader can look the case up."""
    document, _ = read_document(file.name, file.read_text(), only_words=True)
    assert document is not None
    assert document.data["title"]
    assert document.data["source"]
