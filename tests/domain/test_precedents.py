"""Like cases: what is alike, what differs, and which ones are put before whoever decides."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.assessment import Duty
from breach_service.domain.conditions import FactValue, NumberRange, Truth
from breach_service.domain.precedents import Precedent, like_cases, likeness_to, tally_of

SENT: dict[str, FactValue] = {
    "recipients.kind": "identified", "persons.number": NumberRange(3, 3), "loss.confidentiality": Truth.YES,
}  # fmt: skip


def a_precedent(name: str, authority: str = "required", **changes: Any) -> Precedent:
    """A letter to a wrong, known recipient, of at most ten persons."""
    text = {"fr": name, "en": name}
    example = {"loss.confidentiality": "yes"}
    return Precedent.model_validate(
        {
            "id": name, "title": text, "authority": "CNIL", "decided_on": "2024-01-02", "reference": {"title": name},
            "when": {"lost": {"fact": "loss.confidentiality", "is": "yes"}},
            "weighed": {
                "known": {"fact": "recipients.kind", "is": "identified"},
                "few": {"fact": "persons.number", "at_most": 10},
            },
            "outcome": {"authority": authority}, "why": text, "examples": {"alike": [example], "unlike": [example]},
            **changes,
        }
    )  # fmt: skip


def test_what_is_alike_what_differs_and_what_is_not_known_is_told_apart() -> None:
    """Line by line: an unknown is neither."""
    one = a_precedent("letter")
    found = likeness_to(one, {**SENT, "persons.number": NumberRange(500, 600)})
    assert [line.name for line in found.alike] == ["known"]
    assert [line.name for line in found.differs] == ["few"]
    assert found.likeness == 0
    open_still = likeness_to(one, {"recipients.kind": "identified", "loss.confidentiality": Truth.YES})
    assert [line.name for line in open_still.not_known] == ["few"]
    assert open_still.likeness == 0.5


def test_a_case_of_another_kind_is_not_shown() -> None:
    """A lost laptop is no outage."""
    assert like_cases({**SENT, "loss.confidentiality": Truth.NO}, [a_precedent("letter")]) == ()


def test_an_incident_of_which_nothing_is_known_is_like_no_case() -> None:
    """Nothing is alike with nothing."""
    assert like_cases({}, [a_precedent("letter")]) == ()


def test_only_cases_that_speak_of_the_duty_are_shown() -> None:
    """A decision that says nothing of the persons is no precedent for telling them."""
    assert like_cases(SENT, [a_precedent("letter")], "persons") == ()
    assert [one.precedent.id for one in like_cases(SENT, [a_precedent("letter")], "authority")] == ["letter"]


def test_the_nearest_case_of_the_other_outcome_is_always_among_them() -> None:
    """Whoever decides against a notice reads where it was owed, too."""
    mild = [a_precedent(f"mild-{number}", "not_required") for number in range(9)]
    weighed = {
        "few": {"fact": "persons.number", "at_most": 2},
        "known": {"fact": "recipients.kind", "is": "identified"},
    }
    strict = a_precedent("strict", "required", weighed=weighed)
    found = like_cases(SENT, [*mild, strict], "authority", most=3)
    assert [one.precedent.id for one in found] == ["mild-0", "mild-1", "strict"]
    assert (tally_of(found, "authority").required, tally_of(found, "authority").total) == (1, 3)


def test_an_outcome_that_the_source_does_not_give_is_none() -> None:
    """Silence of a source is no “not required”."""
    outcome = a_precedent("letter").outcome
    assert (outcome.of("authority"), outcome.of("persons")) == (Duty.REQUIRED, None)


VALUES: st.SearchStrategy[dict[str, FactValue]] = st.fixed_dictionaries(
    {},
    optional={
        "recipients.kind": st.sampled_from(["identified", "trusted", Truth.UNKNOWN]),
        "persons.number": st.sampled_from(
            [NumberRange(1, 5), NumberRange(5, 50), NumberRange(90, None), Truth.UNKNOWN]
        ),
        "loss.confidentiality": st.sampled_from(list(Truth)),
    },
)


@given(VALUES)
def test_likeness_lies_between_its_ends_and_counts_every_line_once(facts: dict[str, FactValue]) -> None:
    """Each circumstance is alike, differs or is not known; never two of these."""
    found = likeness_to(a_precedent("letter"), facts)
    assert -1 <= found.likeness <= 1
    assert len(found.alike) + len(found.differs) + len(found.not_known) == len(found.precedent.weighed)
