"""Promises about playbooks/facts.yaml and signals.yaml."""

from collections.abc import Iterator

import pytest

from breach_service.catalog import Catalogue
from breach_service.domain.alert import Signal
from breach_service.domain.conditions import Truth, facts_named_in
from breach_service.domain.facts import FactType
from breach_service.domain.grouping import established_by_signals
from breach_service.domain.inventory import Role
from breach_service.domain.text import Text

SPECIAL = {"racial_origin", "political", "philosophical", "trade_union", "sexual_orientation", "health", "biometric",
           "genetic"}  # fmt: skip
ORDINARY = {"civil_status", "nir", "contact", "credentials", "financial", "official_documents", "location", "offences",
            "other"}  # fmt: skip
PERSONS = {"employees", "users", "members", "students", "military", "customers", "patients", "minors", "vulnerable",
           "other"}  # fmt: skip
NOISE = {Signal.SCAN, Signal.BRUTE_FORCE, Signal.VULNERABILITY, Signal.BACKUP_FAILED, Signal.ROUTINE, Signal.OPERATIONS,
         Signal.HEARTBEAT}  # fmt: skip


def _texts_of(fact: FactType) -> Iterator[Text]:
    yield from filter(None, (fact.label, fact.question, fact.help, fact.unit))
    yield from (fact.choices or {}).values()


def test_every_fact_is_named_in_french_and_english(catalogue: Catalogue) -> None:
    """Labels, questions, help and choices, in both languages."""
    lacking = [name for name, fact in catalogue.facts.items() if not all(text.en for text in _texts_of(fact))]
    assert lacking == []


def test_every_fact_can_be_asked_of_a_person_with_help(catalogue: Catalogue) -> None:
    """A question comes with what counts as an answer; only our role is never asked, it comes from the inventory."""
    silent = {name for name, fact in catalogue.facts.items() if fact.question is None or fact.help is None}
    assert silent == {"perimeter.role"}
    assert all(fact.established_by for fact in catalogue.facts.values())


def test_a_question_ends_as_a_question(catalogue: Catalogue) -> None:
    """In both languages, so that a page can print it as it is."""
    for name, fact in catalogue.facts.items():
        if fact.question is not None:
            assert fact.question.in_language("fr").endswith(" ?"), name
            assert fact.question.in_language("en").endswith("?"), name


def test_french_uses_the_typographic_apostrophe(catalogue: Catalogue) -> None:
    """No straight apostrophe in any text of the content."""
    straight = [
        f"{path}:{number}"
        for path, text in catalogue.documents.items()
        for number, line in enumerate(text.splitlines(), 1)
        if "'" in line
    ]
    assert straight == []


def test_no_question_waits_for_its_own_answer(catalogue: Catalogue) -> None:
    """Following asked_when from fact to fact never comes back to where it began."""

    def reached_from(name: str) -> set[str]:
        reached: set[str] = set()
        pending = [name]
        while pending:
            for other in facts_named_in(catalogue.facts[pending.pop()].asked_when or {}) - reached:
                reached.add(other)
                pending.append(other)
        return reached

    assert [name for name in catalogue.facts if name in reached_from(name)] == []


def test_the_words_for_data_and_persons_are_those_of_the_authority_s_form(catalogue: Catalogue) -> None:
    """The inventory uses the same words."""
    choices = {name: set(fact.choices or {}) for name, fact in catalogue.facts.items()}
    assert choices["data.categories"] == ORDINARY | SPECIAL
    assert choices["data.special_categories"] == SPECIAL
    assert choices["persons.categories"] == PERSONS
    assert choices["perimeter.role"] == set(Role)


def test_every_signal_is_named_in_french_and_english(catalogue: Catalogue) -> None:
    """Label, meaning and the words of a letter; a letter carries no machine word."""
    assert set(catalogue.signals) == set(Signal)
    for signal in catalogue.signals.values():
        for text in (signal.label, signal.means, signal.drafts_as):
            assert text is not None
            assert text.en
            assert "_" not in text.fr + text.en


def test_noise_opens_no_incident(catalogue: Catalogue) -> None:
    """What the internet and the tools say all day is counted; everything else opens an incident."""
    assert {name for name, signal in catalogue.signals.items() if not signal.opens_incident} == NOISE


def test_no_alert_establishes_a_loss(catalogue: Catalogue) -> None:
    """A sensor sees an attack, not what was lost: each loss stays open until a person says."""
    for signal in catalogue.signals.values():
        losses = {raw for name, raw in signal.establishes.items() if name.startswith("loss.")}
        assert losses <= {"unknown"}


def test_what_opens_an_incident_never_says_that_nothing_happened(catalogue: Catalogue) -> None:
    """An incident that was opened keeps its question open."""
    for name, signal in catalogue.signals.items():
        suspected = established_by_signals({name}, catalogue.signals).get("incident.compromise_suspected")
        if signal.opens_incident:
            assert suspected in (Truth.YES, Truth.UNKNOWN), name
        else:
            assert suspected in (Truth.NO, None), name


@pytest.mark.parametrize("signal", [Signal.WEB_SHELL, Signal.SUSPICIOUS_LOGIN, Signal.MALWARE])
def test_noise_does_not_talk_an_attack_away(catalogue: Catalogue, signal: Signal) -> None:
    """A scan beside a web shell leaves the compromise suspected."""
    together = established_by_signals({signal, *NOISE}, catalogue.signals)
    assert together["incident.compromise_suspected"] is Truth.YES


def test_one_signal_names_an_incident(catalogue: Catalogue) -> None:
    """No two weights are equal, so that the title never depends on chance; what opens outweighs what does not."""
    weights = [signal.weight for signal in catalogue.signals.values()]
    assert len(weights) == len(set(weights))
    opening = [signal.weight for signal in catalogue.signals.values() if signal.opens_incident]
    assert min(opening) > max(signal.weight for signal in catalogue.signals.values() if not signal.opens_incident)
