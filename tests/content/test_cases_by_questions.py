"""Every case reaches its outcome by answering what is asked, and few questions are needed."""

from pathlib import Path
from statistics import median

from breach_service.catalog import Catalogue
from breach_service.catalog.cases import Case, case_from
from breach_service.domain.assessment import assess, weighed_questions
from breach_service.domain.conditions import is_unknown
from breach_service.domain.facts import Fact

KNOWN_AT_FIRST = frozenset({"system.holds_personal_data", "incident.compromise_suspected"})
"""What declaring an incident says already."""
CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
FEW = 8


def _walked(case: Case, catalogue: Catalogue) -> tuple[list[str], tuple[Fact, ...]]:
    """What was asked until nothing is open, and what was answered; what the account does not tell is skipped."""
    known = [one for one in case.facts if one.name in KNOWN_AT_FIRST]
    asked: list[str] = []
    while True:
        assessment = assess(case.perimeters, tuple(known), catalogue.rules, catalogue.facts)
        open_now = (one.question.fact for one in weighed_questions(assessment))
        fact = next((one for one in open_now if one not in asked), None)
        if fact is None:
            return asked, tuple(known)
        asked.append(fact)
        known += [one for one in case.facts if one.name == fact and not is_unknown(one.value)]


def test_answering_what_is_asked_reaches_every_outcome_and_half_of_the_cases_take_eight_questions(
    catalogue: Catalogue,
) -> None:
    """No fact that decides is left unasked; what nobody can answer is counted too."""
    counts = []
    for file in CASES:
        case = _case(file, catalogue)
        asked, given = _walked(case, catalogue)
        by_all = assess(case.perimeters, case.facts, catalogue.rules, catalogue.facts)
        by_questions = assess(case.perimeters, given, catalogue.rules, catalogue.facts)
        duties = [one.duties for one in by_questions.perimeters]
        assert duties == [one.duties for one in by_all.perimeters], (file.stem, asked)
        counts.append(len(asked))
    assert median(counts) <= FEW, sorted(counts)


def _case(file: Path, catalogue: Catalogue) -> Case:
    return case_from(file.read_text(), file.name, catalogue)
