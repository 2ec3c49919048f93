"""What kind of thing happened is asked first, and every response can be reached by answering questions alone."""

import pytest

from breach_service.catalog import Catalogue
from breach_service.domain.alert import Signal
from breach_service.domain.asking import AskedBecause, agenda_of
from breach_service.domain.assessment import Assessment, assess
from breach_service.domain.conditions import FactValue, Truth
from breach_service.domain.facts import WHOLE_INCIDENT, Exposure, Fact, Provenance
from breach_service.domain.incident import Perimeter
from breach_service.domain.inventory import Role
from breach_service.domain.playbook import SCENARIO, OfferReason, circumstances, is_kind_asked, playbooks_for
from tests.content.test_responses import AT, NAMES

OWN = Perimeter("own", Role.CONTROLLER, "", None, ("web",), (), (Exposure("web"),))
KINDS = sorted(set(NAMES) - {"every-incident"})


def _assessed(catalogue: Catalogue, **said: FactValue) -> Assessment:
    facts = [
        Fact(name.replace("__", "."), value, WHOLE_INCIDENT, Provenance.PERSON, "dpo", AT)
        for name, value in {"incident__compromise_suspected": Truth.YES, **said}.items()
    ]
    return assess((OWN,), tuple(facts), catalogue.rules, catalogue.facts)


@pytest.mark.parametrize("response", KINDS)
def test_every_response_is_reached_by_answering_the_first_question(catalogue: Catalogue, response: str) -> None:
    """Declared by somebody who knows nothing else; one answer brings this response and no other of its kind."""
    declared = circumstances({"incident.compromise_suspected": Truth.YES}, [Signal.DECLARED])
    offers = playbooks_for(declared, catalogue.playbooks)
    asked = agenda_of(_assessed(catalogue), catalogue.facts, is_kind_asked=is_kind_asked(declared, offers))
    first = asked.next_after()
    assert first is not None
    assert (first.fact, first.because) == (SCENARIO, AskedBecause.KIND)
    brought = {}
    for choice in catalogue.facts[SCENARIO].choices or {}:
        known = circumstances(
            {"incident.compromise_suspected": Truth.YES, SCENARIO: frozenset({choice})}, [Signal.DECLARED]
        )
        found = playbooks_for(known, catalogue.playbooks)
        brought[choice] = {one.playbook.id for one in found if one.reason is OfferReason.APPLIES}
        assert not is_kind_asked(known, found)
    assert {response, "every-incident"} in brought.values()


def test_there_is_one_answer_for_each_response(catalogue: Catalogue) -> None:
    """No answer leads nowhere, and none is missing."""
    assert len(catalogue.facts[SCENARIO].choices or {}) == len(KINDS)


@pytest.mark.parametrize(
    ("said", "signals"),
    [
        ({SCENARIO: frozenset({"phishing"})}, [Signal.DECLARED]),
        ({SCENARIO: frozenset()}, [Signal.DECLARED]),
        ({"incident.origins": frozenset({"device_lost"})}, [Signal.DECLARED]),
        ({}, [Signal.WEB_SHELL, Signal.DECLARED]),
        ({}, [Signal.BRUTE_FORCE]),
    ],
)
def test_what_is_said_already_is_not_asked(
    catalogue: Catalogue, said: dict[str, FactValue], signals: list[Signal]
) -> None:
    """By a person, by a fact that names it, or by what alerts reported."""
    known = circumstances({"incident.compromise_suspected": Truth.YES, **said}, signals)
    assert not is_kind_asked(known, playbooks_for(known, catalogue.playbooks))


def test_it_stands_before_all_others_and_counts_for_no_duty(catalogue: Catalogue) -> None:
    """One question more, and what decides follows in the same order as without it."""
    assessed = _assessed(catalogue)
    without, asked = agenda_of(assessed, catalogue.facts), agenda_of(assessed, catalogue.facts, is_kind_asked=True)
    assert [one.fact for one in asked.questions] == [SCENARIO, *[one.fact for one in without.questions]]
    assert asked.deciding == without.deciding
