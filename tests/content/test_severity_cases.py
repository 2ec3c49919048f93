"""Cases that others scored by the ENISA method come out to the hundredth, from the facts that a case is written in."""

from pathlib import Path
from typing import Any

import pytest

from breach_service.catalog import Catalogue
from breach_service.catalog.cases import case_from
from breach_service.catalog.documents import read_document
from breach_service.domain.assessment import assess
from breach_service.web.representations import assessment_out

CASES = sorted((Path(__file__).parent / "severity").glob("*.yaml"))


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_case_is_scored_as_it_was_elsewhere(catalogue: Catalogue, file: Path) -> None:
    """The interval and its band, as `assess --json` prints them, on top and for the perimeter alike."""
    document, faults = read_document(file.name, file.read_text(), only_words=False)
    assert document is not None
    assert not faults
    case = case_from(file.read_text(), file.name, catalogue)
    found: dict[str, Any] = assessment_out(assess(case.perimeters, case.facts, catalogue.rules, catalogue.facts), "fr")
    for severity in (found["severity"], found["perimeters"][0]["severity"]):
        assert {name: severity[name] for name in ("min", "max", "band")} == document.data["severity"]
        assert all(point["words"] for point in severity["points"])


def test_a_score_of_a_person_wins_and_says_so(catalogue: Catalogue) -> None:
    """Whoever reads the register sees which points a person gave."""
    file = next(one for one in CASES if one.stem == "diagnoses-taken-scored")
    case = case_from(file.read_text(), file.name, catalogue)
    found = assessment_out(assess(case.perimeters, case.facts, catalogue.rules, catalogue.facts), "en")["severity"]
    said = {point["part"]: point["is_stated"] for point in found["points"]}
    assert said == {
        "data": True, "ease": True, "confidentiality": True, "integrity": False, "availability": False,
        "intent": False,
    }  # fmt: skip
    assert all(("scored by a person" in point["words"]) is point["is_stated"] for point in found["points"])


def test_a_low_score_closes_no_question(catalogue: Catalogue) -> None:
    """The score stands beside the duties: the disclosure is notified although it is scored low."""
    file = next(one for one in CASES if one.stem == "export-at-open-address")
    case = case_from(file.read_text(), file.name, catalogue)
    assessment = assess(case.perimeters, case.facts, catalogue.rules, catalogue.facts)
    found = assessment_out(assessment, "fr")
    assert found["severity"]["band_max"] == "low"
    assert found["duties"]["authority"] != "not_required"
