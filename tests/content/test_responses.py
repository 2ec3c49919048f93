"""Promises about every file of playbooks/responses/."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from breach_service.catalog import Catalogue
from breach_service.domain.alert import Signal
from breach_service.domain.conditions import FactValue, facts_named_in
from breach_service.domain.incident import InstantKind
from breach_service.domain.playbook import (
    SCENARIO,
    Callee,
    Offer,
    OfferReason,
    Phase,
    Playbook,
    Reference,
    circumstances,
    plan_of,
    playbooks_for,
)
from breach_service.domain.text import Text

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
NAMES = sorted(file.stem for file in (PLAYBOOKS / "responses").iterdir())
AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
EVERY_CLOCK = dict.fromkeys(InstantKind, AT)


@dataclass(frozen=True)
class Situation:
    """What is known of an incident, as files write it."""

    signals: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    patterns: tuple[str, ...] = ()


TYPICAL = {
    "account-takeover": Situation(("suspicious_login",), {"incident.compromise_suspected": "yes"}),
    "complaint": Situation(("declared",), {SCENARIO: ["complaint"]}),
    "credential-stuffing": Situation(("brute_force", "suspicious_login")),
    "data-exfiltration": Situation(("exfiltration",), {"exfiltration.state": "likely"}),
    "data-exposure": Situation(("data_exposure",)),
    "every-incident": Situation(("anomaly",)),
    "insider": Situation(("anomaly",), {"incident.cause": "internal_malicious"}),
    "leaked-secret": Situation(("leaked_secret",)),
    "loss-of-availability": Situation(("unavailability",)),
    "lost-device": Situation(("declared",), {SCENARIO: [], "incident.origins": ["device_lost"]}),
    "misdirected-mail": Situation(("declared",), {SCENARIO: [], "incident.origins": ["wrong_recipient"]}),
    "other-client-data": Situation(("declared",), {SCENARIO: ["other_client_data"]}),
    "phishing": Situation(("declared",), {SCENARIO: ["phishing"]}),
    "product-vulnerability": Situation(("vulnerability",), {"flaw.confirmed": "yes"}),
    "provider-breach": Situation(("declared",), {SCENARIO: [], "incident.discovery": "provider"}),
    "ransomware": Situation(("malware",), {"loss.availability": "yes"}),
    "web-compromise": Situation(("web_exploit",), {"incident.compromise_suspected": "yes"}),
}
UNTYPICAL = {
    "account-takeover": Situation(("suspicious_login",), {"incident.compromise_suspected": "no"}),
    "complaint": Situation(("web_shell",), {"incident.discovery": "monitoring"}),
    "credential-stuffing": Situation(("brute_force",)),
    "data-exfiltration": Situation(("exfiltration",), {"exfiltration.state": "excluded"}),
    "data-exposure": Situation(("suspicious_login",), {"incident.origins": ["hacking"]}),
    "every-incident": Situation(("scan",), {"incident.compromise_suspected": "no"}),
    "insider": Situation(("anomaly",), {"incident.cause": "external_malicious"}),
    "leaked-secret": Situation(("web_exploit",)),
    "loss-of-availability": Situation(("leaked_secret",), {"loss.availability": "no"}),
    "lost-device": Situation(("declared",), {SCENARIO: [], "incident.origins": ["hacking"]}),
    "misdirected-mail": Situation(("declared",), {SCENARIO: ["lost_device"], "incident.origins": ["device_lost"]}),
    "other-client-data": Situation(("data_exposure",), {"incident.origins": ["unintended_publication"]}),
    "phishing": Situation(("web_shell",)),
    "product-vulnerability": Situation(("vulnerability",), {"flaw.confirmed": "no"}),
    "provider-breach": Situation(("unavailability",), {"incident.discovery": "employee"}),
    "ransomware": Situation(("malware",), {"loss.availability": "no"}),
    "web-compromise": Situation(("web_exploit",), {"incident.compromise_suspected": "no"}),
}


def _playbook(catalogue: Catalogue, name: str) -> Playbook:
    return next(one for one in catalogue.playbooks if one.id == name)


def _circumstances(catalogue: Catalogue, case: Situation) -> dict[str, FactValue]:
    facts = {name: catalogue.facts[name].parse(raw) for name, raw in case.facts.items()}
    return circumstances(facts, [Signal(one) for one in case.signals], case.patterns)


def _offers(catalogue: Catalogue, case: Situation) -> dict[str, Offer]:
    return {one.playbook.id: one for one in playbooks_for(_circumstances(catalogue, case), catalogue.playbooks)}


def _texts(playbook: Playbook) -> Iterator[Text]:
    yield from (playbook.title, playbook.why)
    for step in playbook.steps:
        yield from filter(None, (step.title, step.how))
    for evidence in playbook.evidence:
        yield from (evidence.what, evidence.lasts)
    for question in playbook.questions:
        yield from filter(None, (question.why,))
    for call in playbook.calls:
        yield from (call.when, call.how)


@pytest.mark.parametrize("name", NAMES)
def test_a_playbook_applies_in_a_typical_case(catalogue: Catalogue, name: str) -> None:
    """Its conditions hold: its steps are in the plan without anybody asking."""
    assert _offers(catalogue, TYPICAL[name])[name].reason is OfferReason.APPLIES


@pytest.mark.parametrize("name", NAMES)
def test_a_playbook_stays_away_from_an_untypical_case(catalogue: Catalogue, name: str) -> None:
    """Not even offered: something known speaks against it."""
    assert name not in _offers(catalogue, UNTYPICAL[name])


def test_what_somebody_calls_an_incident_attaches_the_playbook_of_that_name(catalogue: Catalogue) -> None:
    """Each word of the scenario leads to one playbook, and each playbook but the common one has its word."""
    words = catalogue.facts[SCENARIO].choices or {}
    led_to = set()
    for word in words:
        offers = _offers(catalogue, Situation(("declared",), {SCENARIO: [word]}))
        applying = {name for name, one in offers.items() if one.is_in_use} - {"every-incident"}
        assert len(applying) == 1, word
        led_to |= applying
    assert led_to == set(NAMES) - {"every-incident"}


def test_what_a_person_declared_without_a_word_is_offered_every_playbook(catalogue: Catalogue) -> None:
    """One question decides them: what does it look like?"""
    offers = _offers(catalogue, Situation(("declared",)))
    assert set(offers) == set(NAMES)
    assert {one.open_facts for name, one in offers.items() if name != "every-incident"} == {(SCENARIO,)}


@pytest.mark.parametrize("signal", Signal)
def test_an_alert_of_one_kind_is_not_offered_everything(catalogue: Catalogue, signal: Signal) -> None:
    """At most the common playbook and two others, so that somebody woken at night reads what matters."""
    if signal is not Signal.DECLARED:
        assert len(_offers(catalogue, Situation((str(signal),)))) <= 3


@pytest.mark.parametrize("name", NAMES)
def test_a_playbook_is_written_in_french_and_english(catalogue: Catalogue, name: str) -> None:
    """Every text of it."""
    assert all(text.fr.strip() and (text.en or "").strip() for text in _texts(_playbook(catalogue, name)))


@pytest.mark.parametrize("name", NAMES)
def test_french_texts_keep_their_typography(catalogue: Catalogue, name: str) -> None:
    """A space before : ; ? ! and inside « », no straight quotation marks, no double spaces; English has none of it."""
    for text in _texts(_playbook(catalogue, name)):
        outside = re.sub(r"https?://\S+|«\s[^»]*\s»", "x", text.in_language("fr"))
        assert not re.search(r"\S[;?!]|[^\s\d]:(?!\w)|«\S|\S»|\"|  |’ ", outside), outside
        english = text.in_language("en")
        assert not re.search(r"[«»]|\s[:;?!]|  ", english), english


@pytest.mark.parametrize("name", NAMES)
def test_a_step_says_who_does_it_by_when_in_one_sentence(catalogue: Catalogue, name: str) -> None:
    """A role, a term from a named clock, an imperative without a full stop."""
    for step in _playbook(catalogue, name).steps:
        assert step.due is not None, step.step
        for title in (step.title.in_language("fr"), step.title.in_language("en")):
            assert not re.search(r"[.;!?]", title.rstrip()), title
            assert title[0].isupper()
            assert len(title) <= 130


@pytest.mark.parametrize("name", NAMES)
def test_the_first_hour_can_be_done_in_an_hour(catalogue: Catalogue, name: str) -> None:
    """Some steps, and ten at most."""
    within = [one for one in _playbook(catalogue, name).steps if one.due is not None and one.due.hours <= 1]
    assert len(within) <= 10
    assert within or name == "product-vulnerability"


@pytest.mark.parametrize("name", NAMES)
def test_the_first_hour_of_the_whole_plan_stays_short(catalogue: Catalogue, name: str) -> None:
    """With the common playbook beside it."""
    plan = plan_of([_playbook(catalogue, name), _playbook(catalogue, "every-incident")], {}, EVERY_CLOCK)
    assert sum(one.due_at is not None and (one.due_at - AT).total_seconds() <= 3600 for one in plan.steps) <= 10


@pytest.mark.parametrize("name", NAMES)
def test_evidence_is_kept_before_anything_is_contained(catalogue: Catalogue, name: str) -> None:
    """In the file, by its terms, and in the plan; and every piece of evidence is kept in time."""
    playbook = _playbook(catalogue, name)
    order = [one.step.phase for one in plan_of([playbook], {}, EVERY_CLOCK).steps]
    if Phase.CONTAINMENT in order:
        assert Phase.EVIDENCE in order[: order.index(Phase.CONTAINMENT)]
    written = [one.phase for one in playbook.steps]
    if Phase.CONTAINMENT in written:
        assert Phase.EVIDENCE in written[: written.index(Phase.CONTAINMENT)]
    gone = {one.evidence: one.gone_after_hours for one in playbook.evidence}
    for step in playbook.steps:
        for kept in step.yields:
            assert step.due is not None
            assert (gone[kept] or float("inf")) >= step.due.hours, f"{step.step} comes too late for {kept}"


@pytest.mark.parametrize("name", NAMES)
def test_a_playbook_says_what_to_keep_what_to_ask_and_whom_to_call(catalogue: Catalogue, name: str) -> None:
    """None of them is a mere list of steps."""
    playbook = _playbook(catalogue, name)
    assert playbook.evidence
    assert playbook.questions
    assert playbook.calls
    assert playbook.references
    assert playbook.owner == "dpo"


@pytest.mark.parametrize("name", NAMES)
def test_a_question_changes_a_duty_or_says_why_it_is_asked(catalogue: Catalogue, name: str) -> None:
    """What a criterion or a regime reads may change who must be told; anything else needs its reason."""
    read = frozenset[str]().union(
        *(facts_named_in(rule.when) for rule in catalogue.rules if rule.status == "active"),
        *(facts_named_in(regime.applies_when) for regime in catalogue.regimes),
        {"loss.confidentiality", "loss.integrity", "loss.availability", "system.holds_personal_data",
         "incident.compromise_suspected"},
    )  # fmt: skip
    for question in _playbook(catalogue, name).questions:
        assert question.fact in read or question.why is not None, question.fact
        assert catalogue.facts[question.fact].question is not None


@pytest.mark.parametrize("name", NAMES)
def test_what_is_asked_can_be_found_out_by_a_step(catalogue: Catalogue, name: str) -> None:
    """With the common playbook beside it, every question has a step that answers it."""
    both = (_playbook(catalogue, name), _playbook(catalogue, "every-incident"))
    answered = {fact for playbook in both for step in playbook.steps for fact in step.answers}
    assert {one.fact for one in both[0].questions} <= answered


def test_the_same_step_in_two_playbooks_is_meant(catalogue: Catalogue) -> None:
    """A plan says it once, so its name must not be shared by accident; its role and phase are the same."""
    shared = {}
    for first, second in combinations(catalogue.playbooks, 2):
        for one in first.steps:
            for other in (step for step in second.steps if step.step == one.step):
                assert (one.role, one.phase) == (other.role, other.phase), one.step
                shared.setdefault(one.step, {first.id}).add(second.id)
    assert shared == {
        "isolate-machines": {"ransomware", "web-compromise"},
        "revoke-sessions": {"account-takeover", "phishing"},
        "tell-clients": {"every-incident", "provider-breach"},
        "tell-persons": {"credential-stuffing", "every-incident"},
    }


def test_the_common_playbook_goes_from_the_log_to_the_review(catalogue: Catalogue) -> None:
    """It names the three roles, the four who may have to be told, and ends with what changes."""
    common = _playbook(catalogue, "every-incident")
    assert common.is_common
    assert {step.role for step in common.steps} == {"responder", "dpo", "decider"}
    names = [step.step for step in common.steps]
    assert {"tell-clients", "notify-authority", "tell-persons", "file-complaint", "enter-register"} <= set(names)
    plan = plan_of([common], {}, EVERY_CLOCK)
    assert plan.steps[0].name == "open-log"
    assert plan.steps[-1].step.phase is Phase.REVIEW


@pytest.mark.parametrize(("malicious", "is_called"), [("yes", True), ("no", False)])
def test_the_police_are_called_for_an_attack_within_the_insurers_72_hours(
    catalogue: Catalogue, malicious: str, is_called: bool
) -> None:
    """Counted from knowing of the attack (code des assurances, art. L12-10-1), not for a mistake."""
    case = Situation(("anomaly",), {"incident.malicious": malicious})
    plan = plan_of([_playbook(catalogue, "every-incident")], _circumstances(catalogue, case), EVERY_CLOCK)
    step = plan.step("file-complaint")
    assert (step is not None) is is_called
    assert (Callee.POLICE in {one.call.whom for one in plan.calls}) is is_called
    if step is not None:
        assert step.step.due is not None
        assert step.step.due.after is InstantKind.ATTACK_KNOWN_AT
        assert step.step.due.hours < 72


def test_nothing_of_an_insider_is_opened_before_hr_and_counsel_were_asked(catalogue: Catalogue) -> None:
    """They are called first, and no text names a culprit."""
    playbook = _playbook(catalogue, "insider")
    names = [one.name for one in plan_of([playbook], {}, EVERY_CLOCK).steps]
    assert names.index("call-hr-and-counsel") < names.index("save-account-logs")
    assert names.index("hold-mailbox-and-device") < names.index("suspend-access")
    assert {Callee.HR, Callee.COUNSEL} <= {one.whom for one in playbook.calls}
    assert "coupable" not in " ".join(step.title.fr for step in playbook.steps)


def test_every_reference_says_where_and_when(catalogue: Catalogue) -> None:
    """A title always; the day or year of the source, or its address, wherever the source is one that changes."""
    references = {one for playbook in catalogue.playbooks for one in playbook.references}
    assert all(isinstance(one, Reference) and one.title.strip() for one in references)
    assert sum(one.dated is not None or one.url is not None for one in references) > len(references) * 0.8


def test_every_pattern_that_a_playbook_waits_for_is_one_of_ours(catalogue: Catalogue) -> None:
    """The check of content lets any pass, since grouping.yaml is the operator's: ours fit together all the same."""
    ours = {one.id for one in catalogue.grouping.patterns}
    texts = [file.read_text() for file in (PLAYBOOKS / "responses").iterdir()]
    named = [one for text in texts for one in re.findall(r"fact: incident\.patterns\n\s+any_of: \[(.*)\]", text)]
    assert len(named) == "".join(texts).count("incident.patterns") > 1
    assert {one.strip() for names in named for one in names.split(",")} <= ours
