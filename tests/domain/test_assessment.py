"""What an incident means for each controller, and what is not known yet."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from breach_service.domain.assessment import (
    Assessment,
    Duties,
    Duty,
    PerimeterAssessment,
    assess,
    assess_perimeter,
    facts_from_inventory,
)
from breach_service.domain.conditions import FactValue, NumberRange, Truth
from breach_service.domain.facts import WHOLE_INCIDENT, Exposure, Fact, FactType, Provenance, Scope, ScopeKind
from breach_service.domain.incident import Incident, IncidentStatus, Perimeter, perimeters_of
from breach_service.domain.inventory import Inventory, Role
from breach_service.domain.rules import Loss, RiskInterval, RiskLevel, Rule

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
UNLIKELY, RISK, HIGH = RiskLevel
REQUIRED, NOT_REQUIRED, UNDECIDED = Duty
AT = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)
TEXT = {"fr": "mot"}
HOLDS, SECRECY = "system.holds_personal_data", "loss.confidentiality"


def a_rule(name: str, then: dict[str, str], **lines: Any) -> Rule:
    """A criterion with its named lines."""
    fields = {
        "id": name, "title": TEXT, "why": TEXT, "references": ["RGPD art. 33"], "owner": "dpo", "when": lines,
        "reviewed_on": "2026-11-22", "then": then, "examples": {"applies": [{}], "does_not_apply": [{}]},
    }  # fmt: skip
    return Rule.model_validate(fields)


def at_least(level: str, loss: str = "confidentiality") -> dict[str, str]:
    """A floor."""
    return {"loss": loss, "at_least": level}


def at_most(level: str, loss: str = "confidentiality") -> dict[str, str]:
    """A ceiling over every floor of its loss."""
    return {"loss": loss, "at_most": level, "neutralises": "all"}


OUT_OF_CONTROL = {
    "any": {
        "hands": {"fact": "recipients.kind", "is": "public"},
        "many": {"fact": "recipients.number", "more_than": 50},
    }
}
RULES = (
    a_rule("data", {"personal_data": "yes"}, holds={"fact": HOLDS, "is": "yes"}),
    a_rule("no-data", {"personal_data": "no"}, holds={"fact": HOLDS, "is": "no"}),
    a_rule("lost", at_least("risk"), lost={"fact": SECRECY, "is": "yes"}),
    a_rule("gone", at_least("risk", "availability"), lost={"fact": "loss.availability", "is": "yes"}),
    a_rule(
        "special", at_least("high_risk"), kind={"fact": "data.categories", "any_of": ["health"]}, out=OUT_OF_CONTROL
    ),
    a_rule("encrypted", at_most("unlikely"), enc={"fact": "encryption", "is": "yes"}, key={"fact": "key", "is": "no"}),
)
QUESTIONS = (
    HOLDS, SECRECY, "loss.integrity", "loss.availability", "incident.compromise_suspected", "data.categories",
    "recipients.kind", "recipients.number", "encryption", "key",
)  # fmt: skip
TYPES = {
    name: FactType.model_validate({"id": name, "label": TEXT, "question": TEXT, "type": "yes_no"}) for name in QUESTIONS
}


def a_fact(
    name: str, value: FactValue, scope: Scope = WHOLE_INCIDENT, provenance: Provenance = Provenance.PERSON
) -> Fact:
    """Recorded by a person, unless said otherwise."""
    return Fact(name, value, scope, provenance, "somebody", AT, recorded=1)


def on(system: str) -> Scope:
    """What is said of one system."""
    return Scope(ScopeKind.SYSTEM, system)


def facts(values: dict[str, FactValue], scope: Scope = WHOLE_INCIDENT) -> tuple[Fact, ...]:
    """Several at once."""
    return tuple(a_fact(name, value, scope) for name, value in values.items())


def a_perimeter(*places: Exposure, role: Role = Role.CONTROLLER, client: str | None = None) -> Perimeter:
    """A perimeter of these places."""
    key = f"client:{client}" if client else "own"
    return Perimeter(key, role, "Somebody", client, (), (), places or (Exposure("web"),))


def judged(values: dict[str, FactValue], *places: Exposure) -> PerimeterAssessment:
    """A perimeter of ours, on facts of the whole incident."""
    return assess_perimeter(a_perimeter(*places), facts(values), RULES)


LOST = {HOLDS: YES, SECRECY: YES, "loss.integrity": NO, "loss.availability": NO}
SPECIAL = {"data.categories": frozenset({"health"}), "recipients.kind": "public"}
COMMON = {"data.categories": frozenset({"contact"})}
SAFE, UNSAFE = {"encryption": YES, "key": NO}, {"encryption": NO}


@pytest.mark.parametrize(
    ("values", "interval", "duties"),
    [
        ({}, (UNLIKELY, HIGH), (UNDECIDED, UNDECIDED, UNDECIDED)),
        ({HOLDS: NO}, (UNLIKELY, UNLIKELY), (NOT_REQUIRED, NOT_REQUIRED, NOT_REQUIRED)),
        ({HOLDS: YES}, (UNLIKELY, HIGH), (UNDECIDED, UNDECIDED, UNDECIDED)),
        (LOST, (UNLIKELY, HIGH), (REQUIRED, UNDECIDED, UNDECIDED)),
        (LOST | UNSAFE, (RISK, HIGH), (REQUIRED, REQUIRED, UNDECIDED)),
        (LOST | UNSAFE | COMMON, (RISK, RISK), (REQUIRED, REQUIRED, NOT_REQUIRED)),
        (LOST | UNSAFE | SPECIAL, (HIGH, HIGH), (REQUIRED, REQUIRED, REQUIRED)),
        (LOST | SAFE, (UNLIKELY, UNLIKELY), (REQUIRED, NOT_REQUIRED, NOT_REQUIRED)),
        (LOST | SPECIAL, (UNLIKELY, HIGH), (REQUIRED, UNDECIDED, UNDECIDED)),
        (LOST | {SECRECY: NO}, (UNLIKELY, UNLIKELY), (NOT_REQUIRED, NOT_REQUIRED, NOT_REQUIRED)),
    ],
)
def test_the_controllers_duties_follow_the_risk(
    values: dict[str, FactValue], interval: tuple[RiskLevel, RiskLevel], duties: tuple[Duty, Duty, Duty]
) -> None:
    """Every breach in the register; a risk to the authority; a high risk to the persons; open ends are undecided."""
    found = judged(values)
    assert found.risk == RiskInterval(*interval)
    assert (found.duties.register, found.duties.authority, found.duties.persons) == duties


@pytest.mark.parametrize(
    ("values", "duty"), [(LOST | SAFE, REQUIRED), ({}, UNDECIDED), ({HOLDS: NO}, NOT_REQUIRED), (LOST, REQUIRED)]
)
def test_the_client_is_told_without_any_test_of_risk(values: dict[str, FactValue], duty: Duty) -> None:
    """Where we are processor it is for the client to judge the risk, and to tell the authority and the persons."""
    perimeter = a_perimeter(role=Role.PROCESSOR, client="acme")
    found = assess_perimeter(perimeter, facts(values), RULES)
    assert (found.duties.clients, found.owed_by) == (duty, "client")
    assert assess_perimeter(a_perimeter(), facts(values), RULES).owed_by == "us"


def test_personal_data_are_involved_not_involved_or_not_known() -> None:
    """A rule that says yes outweighs one that says no; without any rule nothing is known."""
    doubt = a_rule("copy", {"personal_data": "yes"}, copied={"fact": "copied", "is": "yes"})
    rules = (*RULES, doubt)

    def involved(**values: FactValue) -> Truth:
        named = {HOLDS if name == "holds" else name: value for name, value in values.items()}
        return assess_perimeter(a_perimeter(), facts(named), rules).personal_data

    assert involved(holds=YES) is YES
    assert involved() is UNKNOWN
    assert involved(holds=NO) is UNKNOWN
    assert involved(holds=NO, copied=NO) is NO
    assert involved(holds=NO, copied=YES) is YES
    assert assess_perimeter(a_perimeter(), facts({HOLDS: NO}), ()).personal_data is UNKNOWN


def test_without_a_compromise_nothing_is_lost_unless_it_is_said_of_the_loss_itself() -> None:
    """A blocked attempt is no breach; what a person established of a loss outweighs it."""
    blocked = {HOLDS: YES, "incident.compromise_suspected": NO}
    assert judged(blocked).duties == Duties(NOT_REQUIRED, NOT_REQUIRED, NOT_REQUIRED, NOT_REQUIRED)
    assert set(judged(blocked).losses.values()) == {NO}
    assert judged(blocked | {SECRECY: YES, "encryption": NO}).duties.authority is REQUIRED
    assert judged(blocked | {SECRECY: UNKNOWN}).losses[Loss.CONFIDENTIALITY] is NO


def test_a_ceiling_neutralises_its_own_loss_only() -> None:
    """Encrypted data that nobody can read and nobody can restore are still gone."""
    found = judged(LOST | SAFE | {"loss.availability": YES})
    assert found.risk == RiskInterval(RISK, RISK)


def test_the_role_in_the_perimeter_can_be_judged() -> None:
    """A rule may concern clients only."""
    rule = a_rule("ours", {"personal_data": "yes"}, role={"fact": "perimeter.role", "is": "controller"})
    assert assess_perimeter(a_perimeter(), (), (rule,)).personal_data is YES
    assert assess_perimeter(a_perimeter(role=Role.PROCESSOR), (), (rule,)).personal_data is UNKNOWN


WEB, DB = Exposure("web"), Exposure("db")


def test_the_strictest_place_decides_for_the_perimeter() -> None:
    """A system that is safe takes nothing away from one that is not."""
    said = (*facts(LOST | SPECIAL), *facts(SAFE, on("web")), *facts(UNSAFE, on("db")))
    found = assess_perimeter(a_perimeter(WEB, DB), said, RULES)
    assert found.risk == RiskInterval(HIGH, HIGH)
    assert assess_perimeter(a_perimeter(WEB), said, RULES).risk == RiskInterval(UNLIKELY, UNLIKELY)
    found_by = {one.rule.id: one.truth for one in found.findings}
    assert found_by["encrypted"] is NO
    assert len(found_by) == len(found.findings) == len(RULES)


@pytest.mark.parametrize("here", list(Truth))
@pytest.mark.parametrize("there", list(Truth))
def test_of_each_rule_the_strictest_place_is_shown_once(here: Truth, there: Truth) -> None:
    """Of a floor where it holds most, of a ceiling and of a no where it holds least; of equals the first place."""
    strict, mild = (YES, UNKNOWN, NO), (NO, UNKNOWN, YES)
    kinds = {
        "floor": (at_least("risk"), strict), "ceiling": (at_most("risk"), mild),
        "data": ({"personal_data": "yes"}, strict), "no-data": ({"personal_data": "no"}, mild),
        "flaw": ({"flaw": "yes"}, strict),
    }  # fmt: skip
    rules = tuple(a_rule(name, then, line={"fact": "x", "is": "yes"}) for name, (then, _) in kinds.items())
    said = (*facts({"x": here, "y": YES}, on("web")), *facts({"x": there}, on("db")))
    found = {one.rule.id: one for one in assess_perimeter(a_perimeter(WEB, DB), said, rules).findings}
    assert list(found) == list(kinds)
    for name, (_, order) in kinds.items():
        assert found[name].truth is min(here, there, key=order.index)
    first = a_rule("two", at_least("risk"), x={"fact": "x", "is": "yes"}, y={"fact": "y", "is": "yes"})
    (kept,) = assess_perimeter(a_perimeter(WEB, DB), facts({"x": NO}) + facts({"y": YES}, on("web")), (first,)).findings
    assert [line.truth for line in kept.judgement.lines] == [NO, YES]


def test_a_united_fact_keeps_where_its_first_part_came_from() -> None:
    """Its scope, its author, its date and its note; a set and something else are not united."""
    note, later = "seen in the export", datetime(2026, 11, 22, tzinfo=UTC)
    first = Fact("data.categories", frozenset({"contact"}), on("web"), Provenance.ALERT, "probe", AT, note)
    other = Fact("data.categories", frozenset({"health"}), on("db"), Provenance.PERSON, "dpo", later, "else")
    joined = assess_perimeter(a_perimeter(WEB, DB), (first, other), RULES).facts["data.categories"]
    assert joined == replace(first, value=frozenset({"contact", "health"}))
    word = replace(other, value="health")
    assert assess_perimeter(a_perimeter(WEB, DB), (first, word), RULES).facts["data.categories"] == first
    assert assess_perimeter(a_perimeter(DB, WEB), (first, word), RULES).facts["data.categories"] == word


def test_one_place_with_personal_data_is_enough() -> None:
    """And one of which nothing is known keeps the question open."""
    here, there = facts({HOLDS: NO}, on("web")), facts({HOLDS: YES}, on("db"))
    assert assess_perimeter(a_perimeter(WEB, DB), (*here, *there), RULES).personal_data is YES
    assert assess_perimeter(a_perimeter(WEB, DB), here, RULES).personal_data is UNKNOWN
    assert assess_perimeter(a_perimeter(WEB), here, RULES).personal_data is NO


def test_the_incident_shows_the_strictest_of_its_perimeters() -> None:
    """Personal data and risk are those of the worst; each perimeter keeps its own."""
    acme = a_perimeter(Exposure("db", "hosting", "acme"), role=Role.PROCESSOR, client="acme")
    said = (*facts({HOLDS: NO}, on("web")), *facts(LOST | SPECIAL | UNSAFE, on("db")))
    found = assess((a_perimeter(WEB), acme), said, RULES, TYPES)
    assert [one.personal_data for one in found.perimeters] == [NO, YES]
    assert (found.personal_data, found.risk) == (YES, RiskInterval(HIGH, HIGH))


def test_facts_are_joined_over_places_for_pages_and_letters() -> None:
    """Sets are united, an unknown gives way to what is known elsewhere."""
    said = (
        *facts({"data.categories": frozenset({"contact"}), "key": UNKNOWN}, on("web")),
        *facts({"data.categories": frozenset({"health"}), "key": NO}, on("db")),
        a_fact("persons.number", NumberRange(10, 20), on("db")),
    )
    found = assess_perimeter(a_perimeter(WEB, DB), said, RULES)
    assert found.data_categories == ("contact", "health")
    assert found.facts["key"].value is NO
    assert found.number_of_persons == NumberRange(10, None), "how many the other place holds is not known"
    assert assess_perimeter(a_perimeter(), (), RULES).number_of_persons is None


def test_persons_of_several_places_are_at_least_the_largest_and_at_most_all_together() -> None:
    """Somebody may be in both; nobody is left out. A figure for the whole incident is not counted twice."""
    here = a_fact("persons.number", NumberRange(10, 20), on("web"))
    there = a_fact("persons.number", NumberRange(5, 100), on("db"))
    assert assess_perimeter(a_perimeter(WEB, DB), (here, there), RULES).number_of_persons == NumberRange(10, 120)
    whole = a_fact("persons.number", NumberRange(7, 9))
    assert assess_perimeter(a_perimeter(WEB, DB), (whole,), RULES).number_of_persons == NumberRange(7, 9)


def asked(values: dict[str, FactValue], *places: Exposure, said: tuple[Fact, ...] = ()) -> list[str]:
    """The open questions of a perimeter of ours."""
    found = assess((a_perimeter(*places),), (*facts(values), *said), RULES, TYPES)
    return [one.fact for one in found.open_questions]


def test_at_first_the_question_is_whether_anything_was_reached_and_lost() -> None:
    """The answer that could end everything comes first; then what could decide the rest."""
    first = asked({})
    assert first[:2] == ["incident.compromise_suspected", SECRECY]
    assert set(first) == set(QUESTIONS)


def test_only_questions_whose_answer_can_change_a_duty_are_asked() -> None:
    """Not of a rule that is decided, of a loss that is excluded, nor of a level that is reached anyway."""
    assert asked({HOLDS: NO}) == []
    assert asked({"incident.compromise_suspected": NO}) == []
    assert asked(LOST | UNSAFE | COMMON) == []
    assert asked(LOST | UNSAFE) == ["data.categories", "recipients.kind", "recipients.number"]
    assert asked(LOST | UNSAFE | {"recipients.kind": "public"}) == ["data.categories"]
    assert asked(LOST | SAFE) == []
    assert asked(LOST | COMMON) == ["encryption", "key"]
    assert asked(LOST | COMMON | {"encryption": YES}) == ["key"]
    assert asked(LOST | UNSAFE | SPECIAL | {"loss.availability": UNKNOWN}) == []
    assert asked(LOST | SAFE | {"loss.integrity": UNKNOWN}) == []
    assert asked(LOST | SAFE | {"loss.availability": UNKNOWN}) == ["loss.availability"]


def test_a_question_of_one_place_is_asked_though_another_place_has_answered_it() -> None:
    """Health data that are safe on one system leave open what the other one held."""
    here = facts(SPECIAL | SAFE, on("web"))
    there = facts(UNSAFE | {"recipients.kind": "public"}, on("db"))
    assert asked(LOST, WEB, DB, said=here + there) == ["data.categories"]
    assert asked(LOST, WEB, DB, said=here + there + facts(COMMON, on("db"))) == []


def test_a_question_names_each_perimeter_that_it_decides_once() -> None:
    """However many rules and places wait for it."""
    perimeters = (a_perimeter(WEB, DB), a_perimeter(WEB, DB, role=Role.PROCESSOR, client="acme"))
    more = a_rule("also", at_least("high_risk"), again={"fact": "key", "is": "yes"})
    found = assess(perimeters, facts(LOST | COMMON | {"encryption": YES}), (*RULES, more), TYPES)
    assert [(one.fact, one.scope, one.perimeters) for one in found.open_questions] == [
        ("key", WHOLE_INCIDENT, ("own", "client:acme"))
    ]


def test_a_fact_that_nobody_can_be_asked_is_not_a_question() -> None:
    """A fact without a question in the list, or that is not in it, is left to alerts and the inventory."""
    types = {"key": FactType.model_validate({"id": "key", "label": TEXT, "type": "yes_no"})}
    found = assess((a_perimeter(),), facts(LOST | COMMON), RULES, types)
    assert found.open_questions == ()
    assert found.perimeters[0].duties.authority is UNDECIDED


def test_a_question_waits_for_the_answer_that_makes_it_meaningful() -> None:
    """The key is asked for once the data are known to be encrypted; if nothing else is left, it is asked anyway."""
    waits = {"asked_when": {"encrypted": {"fact": "encryption", "is": "yes"}}}
    types = {**TYPES, "key": FactType.model_validate({**TYPES["key"].model_dump(), **waits})}

    def open_facts(**values: FactValue) -> list[str]:
        found = assess((a_perimeter(),), facts(LOST | COMMON | values), RULES, types)
        return [one.fact for one in found.open_questions]

    assert open_facts() == ["encryption"]
    assert open_facts(encryption=YES) == ["key"]
    assert open_facts(encryption=UNKNOWN, key=NO) == ["encryption"]
    del types["encryption"]
    assert open_facts() == ["key"]


def test_each_perimeter_is_judged_on_the_facts_that_concern_it() -> None:
    """What is said of one client decides nothing for another, and what is said of all decides for each."""
    clients = ("acme", "zeta")
    perimeters = tuple(a_perimeter(Exposure("web", "hosting", one), role=Role.PROCESSOR, client=one) for one in clients)
    said = (
        *facts({HOLDS: YES}),
        *facts({SECRECY: YES}, Scope(ScopeKind.CLIENT, "hosting/acme")),
        *facts(dict.fromkeys(("loss.integrity", "loss.availability"), NO), Scope(ScopeKind.CLIENT, "*/zeta")),
        *facts({SECRECY: NO}, Scope(ScopeKind.CLIENT, "*/zeta")),
    )
    found = assess(perimeters, said, RULES, TYPES)
    assert [one.duties.clients for one in found.perimeters] == [REQUIRED, NOT_REQUIRED]
    assert found.perimeters == tuple(assess_perimeter(one, said, RULES) for one in perimeters)


INVENTORY = Inventory.model_validate(
    {
        "organisations": [{"id": "us", "name": "Nous SAS", "dpo": {"name": "DPO"}}],
        "data_categories": [
            {"id": "mail", "name": TEXT, "cnil": "contact"},
            {"id": "care", "name": TEXT, "cnil": "health", "is_special": True},
        ],
        "systems": [
            {"id": "web", "name": TEXT, "activities": ["news"], "facts": {"encryption": "yes", "key": "unknown"}},
            {"id": "db", "name": TEXT, "activities": ["hosting"], "is_in_production": False},
            {"id": "switch", "name": TEXT},
            {"id": "attic", "name": TEXT, "activities": ["old"]},
        ],
        "activities": [
            {"id": "news", "name": TEXT, "our_role": "controller", "data": ["mail"], "number_of_persons": [10, 20]},
            {"id": "hosting", "name": TEXT, "our_role": "processor", "data": ["mail", "care"],
             "clients": ["acme", "zeta"], "person_kinds": ["patients"]},
            {"id": "old", "name": TEXT, "our_role": "controller", "data": []},
        ],
        "clients": [
            {"id": "acme", "name": "Acme", "activities": [{"activity": "hosting", "number_of_persons": [5, 7]}]},
            {"id": "zeta", "name": "Zeta"},
        ],
    }
)  # fmt: skip


def an_incident(*systems: str) -> Incident:
    """An incident on these systems."""
    return Incident(1, "INC-2026-0001", "", IncidentStatus.SUSPECTED, "us", AT, AT, AT, "k", AT, systems=systems)


def said_by_inventory(*systems: str) -> dict[tuple[str, str], FactValue]:
    """What the inventory says, by fact and scope."""
    perimeters = perimeters_of(systems, INVENTORY, "us")
    found = facts_from_inventory(an_incident(*systems), perimeters, INVENTORY, TYPES)
    assert {one.provenance for one in found} <= {Provenance.INVENTORY}
    return {(one.name, one.scope.key): one.value for one in found}


def assessed(*systems: str, said: tuple[Fact, ...] = ()) -> Assessment:
    """An incident on these systems, on what the inventory and people say."""
    perimeters = perimeters_of(systems, INVENTORY, "us")
    known = facts_from_inventory(an_incident(*systems), perimeters, INVENTORY, TYPES)
    return assess(perimeters, (*known, *said), RULES, TYPES)


def test_the_inventory_speaks_for_its_systems_and_for_each_client() -> None:
    """Each in the scope that it knows."""
    said = said_by_inventory("web", "db")
    assert (said[HOLDS, "web"], said["system.in_production", "web"], said["encryption", "web"]) == (YES, YES, YES)
    assert said["system.in_production", "db"] is NO
    assert said["data.categories", "news"] == frozenset({"contact"})
    assert said["data.special_categories", "news"] == frozenset()
    assert said["data.special_categories", "hosting/acme"] == frozenset({"health"})
    assert said["persons.categories", "hosting/zeta"] == frozenset({"patients"})
    assert said["persons.number", "hosting/acme"] == NumberRange(5, 7)
    assert said["persons.number", "news"] == NumberRange(10, 20)
    assert ("persons.number", "hosting/zeta") not in said


def test_what_the_inventory_leaves_out_is_not_known() -> None:
    """No data listed is not « no data », no kinds of persons not « no patients », and unknown says nothing."""
    said = said_by_inventory("web", "attic")
    assert [name for name, scope in said if scope == "old"] == []
    assert ("persons.categories", "news") not in said
    assert ("key", "web") not in said


def test_an_unknown_in_the_inventory_does_not_hide_a_persons_answer() -> None:
    """The answer was given for the whole incident, the gap in the inventory is narrower."""
    found = assessed("web", said=facts({SECRECY: YES, "loss.integrity": NO, "loss.availability": NO, "key": NO}))
    assert found.risk == RiskInterval(UNLIKELY, UNLIKELY)


def test_the_inventory_can_be_corrected_by_a_person() -> None:
    """For the system that it speaks of; nobody's record is overwritten, the person's counts."""
    lost = facts({SECRECY: YES, "loss.integrity": NO, "loss.availability": NO, "key": NO})
    assert assessed("web", said=(*lost, a_fact("encryption", NO, on("web")))).risk.least is RISK
    assert assessed("web", said=(*lost, a_fact(HOLDS, NO, on("web")))).personal_data is NO


@pytest.mark.parametrize("systems", [(), ("gone",)])
def test_where_no_system_is_known_nothing_is_excluded(systems: tuple[str, ...]) -> None:
    """One perimeter of ours, everything undecided, and the questions that would decide it."""
    found = assessed(*systems)
    (only,) = found.perimeters
    assert (only.perimeter.key, found.personal_data) == ("own", UNKNOWN)
    assert found.risk == RiskInterval(UNLIKELY, HIGH)
    assert only.duties == Duties(UNDECIDED, UNDECIDED, UNDECIDED, NOT_REQUIRED), "our own data have no client"
    assert HOLDS in [one.fact for one in found.open_questions]


def test_a_system_without_activities_holds_no_personal_data_until_a_person_says_otherwise() -> None:
    """The inventory's no is a fact like any other: it excludes every duty, and it can be corrected."""
    found = assessed("switch")
    assert (found.personal_data, found.open_questions) == (NO, ())
    assert {duty for one in found.perimeters for duty in vars(one.duties).values()} == {NOT_REQUIRED}
    corrected = assessed("switch", said=(a_fact(HOLDS, YES, on("switch")), a_fact(SECRECY, YES)))
    assert corrected.personal_data is YES
    assert corrected.perimeters[0].duties.register is REQUIRED


def test_a_system_without_personal_data_takes_nothing_away_from_another() -> None:
    """Both are hit: the one that holds data decides."""
    assert assessed("switch", "web").personal_data is YES
