"""Every duty with its reasons: exemptions, orders, deferrals, joint controllers, a flaw without a breach."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from breach_service.domain.assessment import (
    REASON_WORDS,
    Duty,
    DutyReason,
    ExplainedDuty,
    PerimeterAssessment,
    assess_perimeter,
    explained_duties,
)
from breach_service.domain.conditions import FactValue, NumberRange, Truth
from breach_service.domain.facts import WHOLE_INCIDENT, Exposure, Fact, Provenance, Scope, ScopeKind
from breach_service.domain.incident import Perimeter, perimeters_of
from breach_service.domain.inventory import Inventory, Role
from breach_service.domain.rules import Rule

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
REQUIRED, NOT_REQUIRED, UNDECIDED = Duty
AT = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)
TEXT = {"fr": "mot"}
HOLDS, SECRECY, SUSPECTED = "system.holds_personal_data", "loss.confidentiality", "incident.compromise_suspected"


def a_rule(name: str, then: dict[str, str], *references: str, **lines: Any) -> Rule:
    """A criterion; each line is a fact and the word that it must have."""
    fields = {
        "id": name, "title": TEXT, "why": TEXT, "references": references or ["RGPD art. 33"], "owner": "dpo",
        "reviewed_on": "2026-11-22", "then": then, "examples": {"applies": [{}], "does_not_apply": [{}]},
        "when": {key.replace("__", "."): {"fact": key.replace("__", "."), "is": word} for key, word in lines.items()},
    }  # fmt: skip
    return Rule.model_validate(fields)


def bound(kind: str, level: str) -> dict[str, str]:
    """A floor or a ceiling for the disclosure."""
    return {"loss": "confidentiality", kind: level} | ({"neutralises": "all"} if kind == "at_most" else {})


RULES = (
    a_rule("data", {"personal_data": "yes"}, system__holds_personal_data="yes"),
    a_rule("no-data", {"personal_data": "no"}, system__holds_personal_data="no"),
    a_rule("lost", bound("at_least", "risk"), loss__confidentiality="yes"),
    a_rule("grave", bound("at_least", "high_risk"), grave="yes"),
    a_rule("encrypted", bound("at_most", "unlikely"), "RGPD art. 34(3)(a)", encrypted="yes"),
    a_rule("reset", bound("at_most", "risk"), "RGPD art. 34(3)(b)", reset="yes"),
    a_rule("few", bound("at_most", "risk"), few="yes"),
    a_rule("flaw", {"flaw": "yes"}, flaw__confirmed="yes"),
)
LOST: dict[str, FactValue] = {HOLDS: YES, SECRECY: YES, "loss.integrity": NO, "loss.availability": NO, SUSPECTED: YES}
SETTLED: dict[str, FactValue] = {"grave": NO, "encrypted": NO, "reset": NO, "few": NO, "flaw.confirmed": NO}
RISKY = LOST | SETTLED
GRAVE = RISKY | {"grave": YES}
UNSURE = GRAVE | {SECRECY: UNKNOWN}
NOTHING_LOST = LOST | SETTLED | {SECRECY: NO}


def a_perimeter(role: Role = Role.CONTROLLER, **more: Any) -> Perimeter:
    """One place under one controller."""
    client = "acme" if role in (Role.PROCESSOR, Role.SUB_PROCESSOR) else None
    place = Exposure("web", "hosting", client)
    return Perimeter("key", role, "Somebody", client, ("web",), (), (place,), **more)


PROCESSOR = a_perimeter(Role.PROCESSOR)


def judged(values: dict[str, FactValue], perimeter: Perimeter | None = None) -> PerimeterAssessment:
    """A perimeter on facts of the whole incident."""
    said = tuple(Fact(name, value, WHOLE_INCIDENT, Provenance.PERSON, "dpo", AT) for name, value in values.items())
    return assess_perimeter(perimeter or a_perimeter(), said, RULES)


def explained(values: dict[str, FactValue], name: str, perimeter: Perimeter | None = None) -> ExplainedDuty:
    """One duty."""
    found = judged(values, perimeter)
    one = next(each for each in explained_duties(found) if each.name == name)
    assert one.outcome is getattr(found.duties, name), "the explanation and the duty are one"
    return one


def why(values: dict[str, FactValue], name: str, perimeter: Perimeter | None = None) -> tuple[Duty, list[str]]:
    """The outcome and the codes of the reasons."""
    one = explained(values, name, perimeter)
    return one.outcome, [str(reason) for reason in one.reasons]


@pytest.mark.parametrize(
    ("values", "name", "outcome", "reasons"),
    [
        (GRAVE, "register", REQUIRED, ["breach"]),
        (GRAVE, "authority", REQUIRED, ["risk"]),
        (GRAVE, "persons", REQUIRED, ["high_risk"]),
        (GRAVE, "clients", NOT_REQUIRED, ["no_client"]),
        (RISKY, "authority", REQUIRED, ["risk"]),
        (RISKY, "persons", NOT_REQUIRED, ["no_high_risk"]),
        (RISKY | {"few": YES, "grave": YES}, "persons", NOT_REQUIRED, ["no_high_risk"]),
        (GRAVE | {"encrypted": YES}, "authority", NOT_REQUIRED, ["risk_unlikely"]),
        (GRAVE | {"encrypted": YES}, "persons", NOT_REQUIRED, ["unintelligible", "risk_unlikely"]),
        (GRAVE | {"reset": YES}, "persons", NOT_REQUIRED, ["later_measures", "no_high_risk"]),
        (RISKY | {"reset": YES}, "persons", NOT_REQUIRED, ["no_high_risk"]),
        (
            GRAVE | {"encrypted": YES, "reset": YES},
            "persons",
            NOT_REQUIRED,
            ["unintelligible", "later_measures", "risk_unlikely"],
        ),
        (
            GRAVE | {SECRECY: NO, "loss.availability": YES, "encrypted": YES},
            "persons",
            NOT_REQUIRED,
            ["risk_unlikely"],
        ),
        (GRAVE | {SECRECY: UNKNOWN, "encrypted": YES}, "persons", NOT_REQUIRED, ["unintelligible", "risk_unlikely"]),
        (NOTHING_LOST | {"encrypted": YES, "grave": YES}, "persons", NOT_REQUIRED, ["no_loss"]),
        (NOTHING_LOST, "register", NOT_REQUIRED, ["no_loss"]),
        (NOTHING_LOST, "authority", NOT_REQUIRED, ["no_loss"]),
        (NOTHING_LOST, "persons", NOT_REQUIRED, ["no_loss"]),
        (GRAVE | {HOLDS: NO}, "persons", NOT_REQUIRED, ["no_personal_data"]),
        (GRAVE | {HOLDS: UNKNOWN}, "register", UNDECIDED, ["breach_possible"]),
        (GRAVE | {HOLDS: UNKNOWN}, "authority", UNDECIDED, ["breach_possible", "risk_possible"]),
        (GRAVE | {HOLDS: UNKNOWN}, "persons", UNDECIDED, ["breach_possible", "high_risk_possible"]),
        (RISKY | {"encrypted": UNKNOWN}, "authority", UNDECIDED, ["risk_possible"]),
        (RISKY | {"grave": UNKNOWN}, "persons", UNDECIDED, ["high_risk_possible"]),
        (RISKY | {"grave": UNKNOWN}, "authority", REQUIRED, ["risk"]),
    ],
)
def test_each_outcome_comes_with_its_reason(
    values: dict[str, FactValue], name: str, outcome: Duty, reasons: list[str]
) -> None:
    """An exemption is named only where the risk would be high without it."""
    assert why(values, name) == (outcome, reasons)


@pytest.mark.parametrize("values", [RISKY, NOTHING_LOST, GRAVE | {"encrypted": YES}, {HOLDS: NO}, {}])
def test_an_order_of_the_authority_makes_the_communication_due_whatever_the_risk(values: dict[str, FactValue]) -> None:
    """GDPR Art. 34(4)."""
    assert why(values | {"persons.information_ordered": YES}, "persons") == (REQUIRED, ["ordered"])
    assert "ordered" not in why(values | {"persons.information_ordered": NO}, "persons")[1]
    assert "ordered" not in why(values | {"persons.information_ordered": UNKNOWN}, "persons")[1]


def test_an_exemption_found_by_the_authority_ends_the_duty_unless_there_is_an_order() -> None:
    """GDPR Art. 34(4); without a breach the reason stays that there is none."""
    exempted: dict[str, FactValue] = {"persons.exemption_found": YES}
    assert why(GRAVE | exempted, "persons") == (NOT_REQUIRED, ["exempted_by_authority"])
    assert why(NOTHING_LOST | exempted, "persons") == (NOT_REQUIRED, ["no_loss"])
    assert why(GRAVE | exempted | {"persons.information_ordered": YES}, "persons") == (REQUIRED, ["ordered"])


def test_disproportionate_effort_changes_the_form_and_not_the_duty() -> None:
    """GDPR Art. 34(3)(c): a public communication instead, still owed."""
    effort: dict[str, FactValue] = {"persons.disproportionate_effort": YES}
    assert why(GRAVE | effort, "persons") == (REQUIRED, ["high_risk", "public_communication"])
    assert why(RISKY | effort, "persons") == (NOT_REQUIRED, ["no_high_risk"])


def test_a_deferral_asked_by_the_police_postpones_and_does_not_cancel() -> None:
    """Still required, and until when at the latest."""
    deferred: dict[str, FactValue] = {"persons.information_deferred_by_police": YES}
    assert why(GRAVE | deferred, "persons") == (REQUIRED, ["high_risk", "deferred_by_police"])
    open_end = explained(GRAVE | deferred, "persons").postponed
    assert open_end is not None
    assert (open_end.days, open_end.until, open_end.fact.established_at) == (None, None, AT)
    month = explained(GRAVE | deferred | {"persons.deferral_days": NumberRange(20, 30)}, "persons").postponed
    assert month is not None
    assert month.until == AT + timedelta(days=30)
    endless = explained(GRAVE | deferred | {"persons.deferral_days": NumberRange(20, 1e300)}, "persons").postponed
    assert endless is not None
    assert endless.until is not None
    assert explained(GRAVE, "persons").postponed is None
    assert explained(GRAVE | {"persons.information_deferred_by_police": NO}, "persons").postponed is None
    assert explained(RISKY | deferred, "persons").postponed is None, "what is not owed is not put off"
    assert explained(GRAVE | deferred, "authority").postponed is None, "the police puts nothing off for the CNIL"


def test_of_several_deferrals_the_last_one_counts() -> None:
    """Whatever the order of the places; a length that is not known yet is none."""
    places = (Exposure("web"), Exposure("db"))

    def asked_on(system: str, day: int, days: FactValue) -> tuple[Fact, ...]:
        scope, at = Scope(ScopeKind.SYSTEM, system), AT + timedelta(days=day)
        values = {"persons.information_deferred_by_police": YES, "persons.deferral_days": days}
        return tuple(Fact(name, value, scope, Provenance.PERSON, "dpo", at) for name, value in values.items())

    grave = tuple(Fact(name, value, WHOLE_INCIDENT, Provenance.PERSON, "dpo", AT) for name, value in GRAVE.items())
    for exposures in (places, places[::-1]):
        perimeter = Perimeter("own", Role.CONTROLLER, "Us", None, (), (), exposures)
        for first, last in (("web", "db"), ("db", "web")):
            said = (*grave, *asked_on(first, 1, NumberRange(90, 90)), *asked_on(last, 5, NumberRange(2, 2)))
            found = {one.name: one.postponed for one in explained_duties(assess_perimeter(perimeter, said, RULES))}
            assert found["persons"] is not None
            assert found["persons"].until == AT + timedelta(days=7)
    unsure = assess_perimeter(a_perimeter(), (*grave, *asked_on("web", 1, UNKNOWN)), RULES)
    postponed = next(one.postponed for one in explained_duties(unsure) if one.name == "persons")
    assert postponed is not None
    assert postponed.days is None


def test_a_voluntary_communication_is_said_and_changes_no_duty() -> None:
    """Not required but decided; beside a duty it says nothing."""
    told: dict[str, FactValue] = {"persons.information_voluntary": YES}
    assert why(RISKY | told, "persons") == (NOT_REQUIRED, ["no_high_risk", "voluntary"])
    assert why(RISKY | {"grave": UNKNOWN} | told, "persons") == (UNDECIDED, ["high_risk_possible", "voluntary"])
    assert why(GRAVE | told, "persons") == (REQUIRED, ["high_risk"])


def test_a_part_of_the_persons_is_said_with_the_duty() -> None:
    """Some told, others not."""
    part: dict[str, FactValue] = {"persons.part_informed": frozenset({"minors"})}
    assert why(GRAVE | part, "persons") == (REQUIRED, ["high_risk", "part_only"])
    assert why(RISKY | part, "persons") == (NOT_REQUIRED, ["no_high_risk"])


def test_an_event_at_one_place_counts_wherever_the_place_stands() -> None:
    """An order for one system is not hidden by another of which it was denied."""
    places = (Exposure("web"), Exposure("db"))
    said = tuple(
        Fact("persons.information_ordered", value, Scope(ScopeKind.SYSTEM, system), Provenance.PERSON, "dpo", AT)
        for system, value in (("web", NO), ("db", YES))
    )
    for exposures in (places, places[::-1]):
        perimeter = Perimeter("own", Role.CONTROLLER, "Us", None, (), (), exposures)
        assert assess_perimeter(perimeter, said, RULES).duties.persons is REQUIRED


def test_what_is_undecided_advises_to_notify_and_what_is_decided_does_not() -> None:
    """The advice stands beside the outcome."""
    assert explained(RISKY | {"grave": UNKNOWN}, "persons").is_advised
    assert not explained(RISKY | {"grave": UNKNOWN}, "authority").is_advised
    assert not explained(RISKY, "persons").is_advised


def test_the_criteria_that_speak_for_and_against_are_named() -> None:
    """Those that hold or may; a criterion that does not apply says nothing."""
    one = explained(RISKY | {"grave": UNKNOWN, "reset": UNKNOWN, "few": YES}, "persons")
    assert [each.rule.id for each in one.speaking_for] == ["data", "grave"]
    assert [each.rule.id for each in one.speaking_against] == ["reset", "few"]
    register = explained(RISKY, "register")
    assert ([each.rule.id for each in register.speaking_for], register.speaking_against) == (["data"], ())
    authority = explained(GRAVE | {"reset": YES, "encrypted": UNKNOWN}, "authority")
    assert [each.rule.id for each in authority.speaking_for] == ["data", "lost", "grave"]
    assert [each.rule.id for each in authority.speaking_against] == ["encrypted"]
    clients = explained(GRAVE | {"encrypted": YES, "flaw.confirmed": YES}, "clients", PROCESSOR)
    assert ([each.rule.id for each in clients.speaking_for], clients.speaking_against) == (["data", "flaw"], ())
    assert "flaw" not in [each.rule.id for each in explained(GRAVE | {"flaw.confirmed": YES}, "authority").speaking_for]
    nothing = explained({HOLDS: NO}, "register")
    assert [each.rule.id for each in nothing.speaking_against] == ["no-data"]


def test_a_client_is_told_of_a_breach_whatever_its_risk_and_the_rest_is_the_clients() -> None:
    """GDPR Art. 33(2)."""
    safe = GRAVE | {"encrypted": YES}
    assert why(safe, "clients", PROCESSOR) == (REQUIRED, ["breach"])
    assert why(GRAVE, "authority", PROCESSOR) == (REQUIRED, ["risk", "owed_by_client"])
    assert why(GRAVE, "register", PROCESSOR) == (REQUIRED, ["breach", "owed_by_client"])
    found = {one.name: (one.owed_by, one.ours) for one in explained_duties(judged(GRAVE, PROCESSOR))}
    assert found == {
        "register": ("client", NOT_REQUIRED), "authority": ("client", NOT_REQUIRED),
        "persons": ("client", NOT_REQUIRED), "clients": ("us", REQUIRED),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "is_flaw", "outcome", "reasons"),
    [
        (NOTHING_LOST | {"flaw.confirmed": YES}, YES, REQUIRED, ["flaw"]),
        (NOTHING_LOST | {"flaw.confirmed": UNKNOWN}, UNKNOWN, UNDECIDED, ["flaw_possible"]),
        (NOTHING_LOST, NO, NOT_REQUIRED, ["no_loss"]),
        (GRAVE | {"flaw.confirmed": YES}, YES, REQUIRED, ["breach", "flaw"]),
        (GRAVE | {"flaw.confirmed": UNKNOWN}, UNKNOWN, REQUIRED, ["breach"]),
        (UNSURE | {"flaw.confirmed": UNKNOWN}, UNKNOWN, UNDECIDED, ["breach_possible", "flaw_possible"]),
        (UNSURE, NO, UNDECIDED, ["breach_possible"]),
        (UNSURE | {"flaw.confirmed": YES}, YES, REQUIRED, ["flaw"]),
        ({HOLDS: NO, "flaw.confirmed": YES}, NO, NOT_REQUIRED, ["no_personal_data"]),
        ({HOLDS: YES, SUSPECTED: NO}, NO, NOT_REQUIRED, ["no_loss"]),
        ({HOLDS: YES, SUSPECTED: NO, "flaw.confirmed": YES}, YES, REQUIRED, ["flaw"]),
    ],
)  # fmt: skip
def test_a_confirmed_flaw_is_told_to_the_client_even_without_a_breach(
    values: dict[str, FactValue], is_flaw: Truth, outcome: Duty, reasons: list[str]
) -> None:
    """Our policy promises it; the reason says whether it is the breach or the flaw."""
    assert judged(values, PROCESSOR).is_flaw is is_flaw
    assert why(values, "clients", PROCESSOR) == (outcome, reasons)
    assert judged(values).duties.clients is NOT_REQUIRED, "our own data have no client"


def test_the_clients_notice_names_what_it_rests_on() -> None:
    """The law for a breach, our policy for a flaw alone."""
    assert explained(GRAVE, "clients", PROCESSOR).article.en == "GDPR Art. 33(2)"
    flaw = explained(NOTHING_LOST | {"flaw.confirmed": YES}, "clients", PROCESSOR)
    assert flaw.article.en.startswith("Privacy policy")
    assert [one.rule.id for one in flaw.speaking_for] == ["data", "flaw"]


def test_an_unknown_flaw_is_asked_for_where_a_client_would_hear_of_it() -> None:
    """And not for our own data, nor once the breach is certain."""
    open_flaw = NOTHING_LOST | {"flaw.confirmed": UNKNOWN}
    assert judged(open_flaw, PROCESSOR).open_facts == ("flaw.confirmed",)
    assert judged(open_flaw).open_facts == ()
    assert judged(open_flaw | {SECRECY: YES}, PROCESSOR).open_facts == ()
    unsure = judged(open_flaw | {SUSPECTED: UNKNOWN}, PROCESSOR)
    assert unsure.open_facts == (SUSPECTED, "flaw.confirmed")
    nobody_knows = judged(open_flaw | {HOLDS: UNKNOWN}, PROCESSOR)
    assert set(nobody_knows.open_facts) == {"flaw.confirmed", HOLDS}


@pytest.mark.parametrize(
    ("leads", "owed_by", "ours", "reasons"),
    [
        ("us", "us", REQUIRED, ["risk"]),
        ("them", "joint_controller", NOT_REQUIRED, ["risk", "owed_by_joint_controller"]),
        (None, "undecided", UNDECIDED, ["risk", "lead_not_known"]),
    ],
)
def test_the_arrangement_says_which_joint_controller_notifies(
    leads: Any, owed_by: str, ours: Duty, reasons: list[str]
) -> None:
    """GDPR Art. 26; where nobody wrote it down it is undecided for us, and advised. The register is each one's own."""
    perimeter = a_perimeter(Role.JOINT, leads=leads, arrangement="Accord du 3 mars 2026")
    authority = explained(GRAVE, "authority", perimeter)
    assert (authority.outcome, authority.ours, authority.owed_by) == (REQUIRED, ours, owed_by)
    assert [str(one) for one in authority.reasons] == reasons
    assert authority.is_advised is (ours is UNDECIDED)
    register = explained(GRAVE, "register", perimeter)
    assert (register.ours, register.owed_by) == (REQUIRED, "us")
    found = judged(GRAVE, perimeter)
    assert (found.owed_by, found.our_duty("persons"), found.our_duty("clients")) == (owed_by, ours, NOT_REQUIRED)
    safe = judged(NOTHING_LOST, perimeter)
    assert safe.our_duty("authority") is NOT_REQUIRED


def test_of_our_own_data_no_client_is_owed_anything_whatever_is_said() -> None:
    """Not even by a value that was not computed here."""
    found = judged(GRAVE)
    assert replace(found, duties=replace(found.duties, clients=REQUIRED)).our_duty("clients") is NOT_REQUIRED


def test_the_inventory_says_who_leads() -> None:
    """With the place where it is written; only where the controllers are joint."""
    document: dict[str, Any] = {
        "organisations": [{"id": "us", "name": "Nous SAS", "dpo": {"name": "DPO"}}],
        "systems": [{"id": "web", "name": TEXT, "activities": ["shared"]}],
        "activities": [
            {"id": "shared", "name": TEXT, "our_role": "joint", "controller": "Amie", "data": [], "leads": "them",
             "arrangement": "Accord, art. 4"},
        ],
    }  # fmt: skip
    (joint,) = perimeters_of(["web"], Inventory.model_validate(document), "us")
    assert (joint.key, joint.leads, joint.arrangement) == ("joint:shared", "them", "Accord, art. 4")
    document["activities"][0] |= {"our_role": "controller"}
    with pytest.raises(ValueError, match="leads and arrangement go with our_role: joint"):
        Inventory.model_validate(document)


def test_every_reason_is_a_sentence_in_both_languages() -> None:
    """What a person signs reads as sentences."""
    assert set(REASON_WORDS) == set(DutyReason)
    for text in REASON_WORDS.values():
        assert text.fr.endswith(".")
        assert text.en is not None
        assert text.en.endswith(".")
        assert "'" not in text.fr + text.en
    assert explained(RISKY, "persons").words("en") == ("The risk is not high: Article 34(1) does not apply.",)
