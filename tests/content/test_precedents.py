"""The precedents that ship: each is found again on the facts of its own case, and agrees with how we judge it."""

from pathlib import Path

import pytest

from breach_service.catalog import Catalogue, catalogue_from
from breach_service.catalog.cases import case_from
from breach_service.domain.assessment import PerimeterAssessment, assess_perimeter
from breach_service.domain.facts import values_of
from breach_service.domain.precedents import like_cases

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
NAMED = {
    "cnil-san-2020-008": "cnil-carrefour-credential-stuffing", "cnil-san-2020-014": "cnil-doctors-open-imaging",
    "cnil-san-2021-020": "cnil-slimpay-open-test-server", "cnil-san-2023-015": "cnil-canal-plus-other-subscribers",
    "dpc-in-19-1-1": "ie-twitter-protected-tweets", "ap-booking-2020": "nl-booking-hotel-accounts",
    "uodo-dkn-5131-3-2021": "pl-ergo-hestia-wrong-recipient", "ico-mod-2023": "uk-mod-refugees-in-the-to-field",
    "uodo-dkn-5131-16-2021": "pl-bank-millennium-lost-parcel",
    "uodo-dkn-5131-29-2022": "pl-santander-parcel-found-again",
    "uodo-dkn-5131-33-2021": "pl-santander-former-employee-portal",
}  # fmt: skip
"""The file with the facts of a decision; those of the guidelines begin with the id of the precedent."""


def case_of(precedent: str) -> Path:
    """The shortest name: longer ones vary the case."""
    found = [one for one in CASES if one.stem == NAMED.get(precedent) or one.stem.startswith(f"{precedent}-")]
    assert found, precedent
    exact = [one for one in found if one.stem.removeprefix(f"{precedent}-")[:2] not in ("b-", "c-")]
    return exact[0]


def assessed(file: Path, catalogue: Catalogue) -> PerimeterAssessment:
    case = case_from(file.read_text(), file.name, catalogue)
    return assess_perimeter(case.perimeters[0], case.facts, catalogue.rules)


def test_there_are_enough_of_them_and_they_judge_both_ways(catalogue: Catalogue) -> None:
    """All eighteen examples of the guidelines, and decisions of authorities; with and without a notice."""
    ids = {one.id for one in catalogue.precedents}
    assert {f"edpb-01-2021-{number:02}" for number in range(1, 19)} <= ids
    assert len(ids) >= 30
    for duty in ("authority", "persons"):
        outcomes = [str(one.outcome.of(duty)) for one in catalogue.precedents]
        assert outcomes.count("not_required") >= 8, duty
        assert outcomes.count("required") >= 10, duty


def test_each_is_among_the_two_that_its_own_case_is_most_like(catalogue: Catalogue) -> None:
    """So that what is weighed tells cases apart; two cases may be alike in all that was weighed."""
    for one in catalogue.precedents:
        facts = values_of(assessed(case_of(one.id), catalogue).facts)
        nearest = [each.precedent.id for each in like_cases(facts, catalogue.precedents, most=2)]
        assert one.id in nearest, (one.id, nearest)


def test_each_came_out_as_our_rules_judge_its_facts(catalogue: Catalogue) -> None:
    """Whoever reads a precedent beside our advice must not find the two at odds on the same facts."""
    for one in catalogue.precedents:
        duties = assessed(case_of(one.id), catalogue).duties
        for name in ("authority", "persons", "clients"):
            outcome = one.outcome.of(name)
            assert outcome is None or getattr(duties, name) is outcome, (one.id, name)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_says_why_in_one_sentence(catalogue: Catalogue, language: str) -> None:
    """In our own words, in both languages, with its source and no more than a sentence."""
    for one in catalogue.precedents:
        why = one.why.in_language(language).strip()
        assert why.endswith(".")
        assert ". " not in why, one.id
        assert one.reference.title


def test_content_without_precedents_is_content(catalogue: Catalogue) -> None:
    """An installation that put its content in force before there were any starts all the same."""
    documents = {path: text for path, text in catalogue.documents.items() if path != "precedents.yaml"}
    reading = catalogue_from(documents)
    assert reading.faults == ()
    assert reading.catalogue is not None
    assert reading.catalogue.precedents == ()
