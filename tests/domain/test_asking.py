"""What is asked next, what follows without being asked, what contradicts itself, and what an answer changed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.asking import AskedBecause, agenda_of, assignments_in
from breach_service.domain.assessment import (
    Assessment,
    Duty,
    assess,
    change_from_words,
    contradictions_in,
    what_changed,
    words_of_change,
)
from breach_service.domain.assessment.implied import with_implied
from breach_service.domain.conditions import FactValue, NumberRange, Truth
from breach_service.domain.facts import WHOLE_INCIDENT, Exposure, Fact, FactType, Provenance
from breach_service.domain.incident import EntryKind, Perimeter, TimelineEntry
from breach_service.domain.inventory import Role
from breach_service.domain.playbook import Question
from breach_service.domain.rules import RiskInterval, RiskLevel
from tests.domain.test_assessment_effects import OWN, RULES, TYPES, a_type

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
CLIENT = Perimeter("client:a", Role.PROCESSOR, "a", "a", (), (), (Exposure("web", "host", "a"),))


def a_fact(name: str, value: FactValue, provenance: Provenance = Provenance.PERSON) -> Fact:
    return Fact(name, value, WHOLE_INCIDENT, provenance, "dpo", AT)


def assessed(*facts: Fact, perimeter: Perimeter = OWN) -> Assessment:
    return assess((perimeter,), facts, RULES, TYPES)


def implied(*facts: Fact) -> dict[str, FactValue]:
    return {name: fact.value for name, fact in with_implied({one.name: one for one in facts}).items()}


def entry(number: int, kind: EntryKind, **words: str) -> TimelineEntry:
    return TimelineEntry(number, AT + timedelta(minutes=number), kind, "Maud", words)


# ── What follows from what is recorded


def test_who_names_data_or_persons_speaks_of_personal_data() -> None:
    """By page, API and file alike; a list that is empty names nothing, nor does a number that may be none."""
    holds = "system.holds_personal_data"
    assert implied(a_fact("data.categories", frozenset({"contact"})))[holds] is YES
    assert implied(a_fact("persons.number", NumberRange(1, 3)))[holds] is YES
    assert holds not in implied(a_fact("persons.number", NumberRange(0, 3)))
    assert holds not in implied(a_fact("data.categories", frozenset()))


def test_the_list_of_data_says_which_of_them_are_special() -> None:
    """GDPR Art. 9: health is, contact details are not."""
    found = implied(a_fact("data.categories", frozenset({"contact", "health"})))
    assert found["data.special_categories"] == frozenset({"health"})


def test_what_was_lost_was_reached_and_the_cause_says_whether_it_was_malice() -> None:
    """Nobody is asked again."""
    assert implied(a_fact("loss.availability", YES))["incident.compromise_suspected"] is YES
    assert "incident.compromise_suspected" not in implied(a_fact("loss.availability", NO))
    assert implied(a_fact("incident.cause", "external_accidental"))["incident.malicious"] is NO


def test_what_happened_says_the_origin_where_only_one_box_is_right() -> None:
    """A lost device is one box of the authority's form; a breach at a provider may be any, and none is implied."""
    assert implied(a_fact("incident.scenario", frozenset({"lost_device"})))["incident.origins"] == {"device_lost"}
    both = frozenset({"phishing", "misdirected_mail"})
    assert implied(a_fact("incident.scenario", both))["incident.origins"] == {"hacking", "wrong_recipient"}
    assert "incident.origins" not in implied(a_fact("incident.scenario", frozenset({"provider_breach"})))
    said = a_fact("incident.origins", frozenset({"paper_lost"}))
    assert implied(a_fact("incident.scenario", frozenset({"lost_device"})), said)["incident.origins"] == {"paper_lost"}


def test_what_somebody_records_goes_before_what_would_follow() -> None:
    """What the inventory says holds until a person says what goes against it."""
    categories = a_fact("data.categories", frozenset({"health"}))
    said = a_fact("data.special_categories", frozenset())
    assert implied(categories, said)["data.special_categories"] == frozenset()
    listed = a_fact("system.holds_personal_data", NO, Provenance.INVENTORY)
    assert implied(categories, listed)["system.holds_personal_data"] is YES
    alerts = a_fact("data.categories", frozenset({"contact"}), Provenance.ALERT)
    assert implied(alerts, listed)["system.holds_personal_data"] is NO


# ── What cannot both be so


def test_a_no_against_what_is_recorded_is_a_contradiction() -> None:
    """Nothing was seen, while data may have left."""
    [found] = contradictions_in(
        assessed(a_fact("loss.confidentiality", NO), a_fact("exfiltration.state", "possible", Provenance.ALERT))
    )
    assert (found.first.name, found.second.name) == ("loss.confidentiality", "exfiltration.state")
    assert found.about("loss.confidentiality") == found.second
    assert found.about("exfiltration.state") == found.first
    assert found.about("loss.integrity") is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("backup.restored", YES), ("data.lost_for_good", YES)),
        (("recipients.kind", "trusted"), ("incident.malicious", YES)),
        (("recipients.kind", "trusted"), ("incident.cause", "external_malicious")),
        (("recipients.kind", "trusted"), ("recipients.trust_basis", "none")),
        (("incident.malicious", NO), ("incident.cause", "internal_malicious")),
        (("incident.cause", "external_accidental"), ("incident.malicious", YES)),
        (("flaw.confirmed", NO), ("flaw.exploited", YES)),
        (("alteration.recoverable", NO), ("alteration.restored_before_use", YES)),
        (("recipients.kind", "nobody"), ("recipients.number", NumberRange(1, 3))),
    ],
)
def test_answers_that_exclude_each_other_are_told(first: tuple[str, FactValue], second: tuple[str, FactValue]) -> None:
    """Also where neither is a “no” to a loss."""
    [found] = contradictions_in(assessed(a_fact(*first), a_fact(*second)))
    assert (found.first.name, found.second.name) == (first[0], second[0])


def test_a_mistake_whose_data_an_attacker_holds_is_no_contradiction() -> None:
    """What was lost by mistake may well be found by somebody malicious."""
    assert contradictions_in(assessed(a_fact("incident.malicious", NO), a_fact("recipients.kind", "malicious"))) == ()


def test_what_the_inventory_says_contradicts_nobody() -> None:
    """A person's word simply goes before it."""
    listed = a_fact("persons.number", NumberRange(5, 5), Provenance.INVENTORY)
    assert contradictions_in(assessed(a_fact("system.holds_personal_data", NO), listed)) == ()
    assert (
        contradictions_in(assessed(a_fact("loss.confidentiality", NO), a_fact("exfiltration.state", "excluded"))) == ()
    )


# ── What changed


def test_the_change_of_a_fact_names_our_duties_before_and_after() -> None:
    """For a client's data it is the client's notice that is ours."""
    before, after = assessed(), assessed(a_fact("system.holds_personal_data", NO))
    turns = {one.duty: (one.before, one.after) for one in what_changed(before, after).turns}
    assert turns["register"] == (Duty.UNDECIDED, Duty.NOT_REQUIRED)
    assert "clients" not in turns
    holds_none = a_fact("system.holds_personal_data", NO)
    client = what_changed(assessed(perimeter=CLIENT), assessed(holds_none, perimeter=CLIENT))
    assert [one.duty for one in client.turns] == ["clients"]


@given(st.lists(st.sampled_from(["system.holds_personal_data", "loss.integrity", "backup.intact"]), unique=True))
def test_a_change_reads_as_it_was_written(names: list[str]) -> None:
    """The chronology keeps it in words."""
    change = what_changed(assessed(), assessed(*(a_fact(one, NO) for one in names)))
    read = change_from_words(words_of_change(change))
    if change.is_nothing:
        assert read is None
    else:
        assert read is not None
        assert read.turns == change.turns
        assert (read.before == read.after) is (change.before == change.after)


def test_words_that_nobody_can_read_any_more_say_nothing() -> None:
    """An old entry never breaks a page."""
    assert change_from_words({}) is None
    assert change_from_words({"turns": "authority:maybe:required"}) is None
    assert change_from_words({"turns": "authority"}) is None
    assert change_from_words({"risk_before": "x", "risk_after": "y z"}) is None
    said = change_from_words({"risk_before": "unlikely high_risk", "risk_after": "risk risk"})
    assert said is not None
    assert said.after == RiskInterval(RiskLevel.RISK, RiskLevel.RISK)


# ── The agenda


def test_the_questions_of_playbooks_come_after_those_that_decide() -> None:
    """Each once; those that are answered or excluded are not asked."""
    types: dict[str, FactType] = TYPES | {
        "p": a_type("p", "yes_no"),
        "done": a_type("done", "yes_no"),
        "shut": a_type("shut", "yes_no", asked_when={"a": {"fact": "done", "is": "no"}}),
    }
    asked = [Question(fact=one) for one in ("shut", "done", "p", "system.holds_personal_data", "gone")]
    agenda = agenda_of(assess((OWN,), (a_fact("done", YES),), RULES, types), types, asked)
    assert [one.fact for one in agenda.questions if one.because is AskedBecause.PLAYBOOK] == ["p"]
    assert agenda.questions[-1].fact == "p"
    assert not agenda.is_ours_decided


def test_what_somebody_finds_out_waits_behind_the_others_until_it_is_recorded() -> None:
    """The latest word on a question counts; one whose words were erased says nothing."""
    until = (AT + timedelta(hours=5)).isoformat()
    first = entry(1, EntryKind.QUESTION_ASSIGNED, fact="loss.integrity", person="Ada", until=until)
    later = entry(2, EntryKind.QUESTION_ASSIGNED, fact="loss.integrity", person="Noé", until=until)
    erased = TimelineEntry(3, AT, EntryKind.QUESTION_ASSIGNED, "Maud", None)
    found = assignments_in([first, later, erased])
    assert found["loss.integrity"].who == "Noé"
    assert found["loss.integrity"].is_overdue(AT + timedelta(hours=5))
    assert not found["loss.integrity"].is_overdue(AT)
    agenda = agenda_of(assessed(), TYPES, (), found)
    assert agenda.questions[-1].fact == "loss.integrity"
    assert agenda.question("loss.integrity") is agenda.questions[-1]
    answered = entry(4, EntryKind.FACT_RECORDED, fact="loss.integrity")
    assert assignments_in([first, later, answered]) == {}


def test_skipping_goes_on_and_ends() -> None:
    """Whatever was skipped is not asked a second time by itself."""
    agenda = agenda_of(assessed(), TYPES)
    skipped: list[str] = []
    while (one := agenda.next_after(skipped)) is not None:
        skipped.append(one.fact)
    assert skipped == [one.fact for one in agenda.questions]


def test_a_question_that_makes_no_sense_yet_gives_its_place_to_the_one_before() -> None:
    """And is not asked where an answer excludes it."""
    types = TYPES | {
        "loss.integrity": a_type("loss.integrity", "yes_no", asked_when={"a": {"fact": "before", "is": "yes"}}),
        "before": a_type("before", "yes_no"),
    }

    def asked(*facts: Fact) -> set[str]:
        return {one.fact for one in assess((OWN,), facts, RULES, types).open_questions}

    assert "before" in asked()
    assert "loss.integrity" not in asked()
    assert "loss.integrity" in asked(a_fact("before", YES))
    assert "loss.integrity" not in asked(a_fact("before", NO))
