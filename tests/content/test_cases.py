"""Official example cases, encoded as facts by hand, reach their official outcome by general rules."""

from pathlib import Path
from typing import Any

import pytest

from breach_service.catalog import Catalogue
from breach_service.catalog.cases import case_from
from breach_service.catalog.documents import read_document
from breach_service.domain.assessment import assess_perimeter
from breach_service.domain.conditions import Truth
from breach_service.domain.facts import Fact
from breach_service.domain.incident import Perimeter
from breach_service.errors import ContentError

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))


OFFICIAL = [file for file in CASES if file.stem.startswith("edpb-")]
EDPB_01_2021 = {f"{number:02}" for number in range(1, 19)}
EDPB_9_2022_ANNEX_B = {"i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"}


def _document(file: Path) -> dict[str, Any]:
    document, faults = read_document(file.name, file.read_text(), only_words=True)
    assert document is not None
    assert not faults
    data: dict[str, Any] = document.data
    return data


def _outcomes(file: Path) -> dict[str, dict[str, str]]:
    outcome: dict[str, Any] = _document(file)["outcome"]
    return outcome if all(isinstance(one, dict) for one in outcome.values()) else {"own": outcome}


def _duties(perimeter: Perimeter, facts: tuple[Fact, ...], catalogue: Catalogue) -> dict[str, str]:
    duties = assess_perimeter(perimeter, facts, catalogue.rules).duties
    return {name: str(duty) for name, duty in vars(duties).items()}


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_case_comes_out_as_it_should(catalogue: Catalogue, file: Path) -> None:
    """Register, authority and persons, each required or not, for each controller."""
    case = case_from(file.read_text(), file.name, catalogue)
    reached = {one.key: _duties(one, case.facts, catalogue) for one in case.perimeters}
    outcomes = _outcomes(file)
    assert set(outcomes) == set(reached)
    for key, outcome in outcomes.items():
        assert {name: reached[key][name] for name in outcome} == outcome


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_leaving_a_fact_out_never_turns_a_duty_round(catalogue: Catalogue, file: Path) -> None:
    """What an account does not say may leave a duty undecided; it never turns required into not required, or back."""
    case = case_from(file.read_text(), file.name, catalogue)
    outcomes = _outcomes(file)
    for name in sorted({fact.name for fact in case.facts}):
        rest = tuple(fact for fact in case.facts if fact.name != name)
        for perimeter in case.perimeters:
            reached = _duties(perimeter, rest, catalogue)
            for duty, expected in outcomes[perimeter.key].items():
                if expected != "undecided":
                    assert reached[duty] in (expected, "undecided"), f"{duty} without {name}"


@pytest.mark.parametrize("file", [file for file in CASES if "flaw" in _document(file)], ids=lambda file: file.stem)
def test_a_case_says_whether_clients_are_promised_to_hear_of_the_flaw(catalogue: Catalogue, file: Path) -> None:
    """A scanner's finding is none of theirs; a confirmed way to their data is, even where nothing was lost."""
    case = case_from(file.read_text(), file.name, catalogue)
    for perimeter in case.perimeters:
        findings = assess_perimeter(perimeter, case.facts, catalogue.rules).findings
        concluded = {one.rule.then.flaw for one in findings if one.rule.then.flaw and one.truth is Truth.YES}
        assert concluded == {_document(file)["flaw"]}


def test_every_official_example_is_here() -> None:
    """The eighteen cases of EDPB Guidelines 01/2021 and the ten examples of Annex B of Guidelines 9/2022."""
    names = [file.stem.split("-") for file in OFFICIAL]
    assert {name[3] for name in names if name[1:3] == ["01", "2021"]} == EDPB_01_2021
    assert {name[4] for name in names if name[1:4] == ["9", "2022", "b"]} == EDPB_9_2022_ANNEX_B


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_case_states_what_happened_and_no_judgement(file: Path) -> None:
    """The outcome follows from facts that an account tells; nobody needs to give the severity itself."""
    document = _document(file)
    parts = [document, *document.get("perimeters", [])]
    stated = {name for part in parts for name in part.get("facts", {})}
    assert not {name for name in stated if name.startswith(("severity.", "enisa."))}


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_case_names_itself_and_its_source(file: Path) -> None:
    """A reader can look the case up, and check the facts against what happened."""
    document = _document(file)
    assert document["title"]
    assert document["source"]
    assert document["story"]


def test_facts_beside_facts_are_a_fault_with_file_and_line(catalogue: Catalogue) -> None:
    """They would not count, and nobody would notice."""
    with pytest.raises(ContentError, match=r"^case\.yaml:2:1: loss\.confidentiality is no part of a case"):
        case_from("title: x\nloss.confidentiality: yes\n", "case.yaml", catalogue)
