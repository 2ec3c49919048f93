"""From recorded facts to the ENISA score: every level from its answer, sound intervals, and a person's score first."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_service.domain.assessment import assess, assess_perimeter, severity_in, severity_over
from breach_service.domain.conditions import FactValue, NumberRange, Truth
from breach_service.domain.facts import WHOLE_INCIDENT, Exposure, Fact, Provenance, Scope, ScopeKind
from breach_service.domain.incident import Perimeter
from breach_service.domain.inventory import Role
from breach_service.domain.rules import Rule
from breach_service.domain.severity import Flag, Point, SeverityInput, severity_input, severity_of
from breach_service.domain.severity_scales import Availability, Confidentiality, DataKind, Ease, Integrity, Intent, Part

YES, NO, UNKNOWN = Truth
AT = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)
LOSSES = ("confidentiality", "integrity", "availability")


def input_of(values: dict[str, FactValue], **losses: Truth) -> SeverityInput:
    """What is lost is unknown unless it is said."""
    return severity_input(values, {loss: losses.get(loss, UNKNOWN) for loss in LOSSES})


def test_nothing_known_leaves_every_level_open() -> None:
    """The whole scale, and no data."""
    found = input_of({})
    assert found == SeverityInput()
    assert (severity_of(found).least, severity_of(found).most) == (0.25, 6.0)


@pytest.mark.parametrize(
    ("word", "ease"),
    [("direct", "maximum"), ("indirect", "significant"), ("difficult", "limited"), ("hardly", "negligible")],
)
def test_the_ease_of_identification_follows_its_answer(word: str, ease: str) -> None:
    """One level for each answer."""
    assert input_of({"data.identification": word}).ease == {Ease(ease)}
    assert input_of({"data.identification": UNKNOWN}).ease == set(Ease)


@pytest.mark.parametrize(
    ("kind", "levels"),
    [
        ("nobody", {"no_sign_of_misuse"}), ("trusted", {"known_recipients"}), ("identified", {"known_recipients"}),
        ("insider", {"known_recipients"}), ("malicious", {"unknown_recipients"}), ("public", {"unknown_recipients"}),
        ("unidentified", {"no_sign_of_misuse", "known_recipients", "unknown_recipients"}),
        (UNKNOWN, {"no_sign_of_misuse", "known_recipients", "unknown_recipients"}),
    ],
)  # fmt: skip
def test_the_recipients_give_the_circumstance(kind: FactValue, levels: set[str]) -> None:
    """Where the disclosure is not certain it may be intact as well; where it is excluded nothing else is left."""
    lost = {Confidentiality(one) for one in levels}
    values = {"recipients.kind": kind}
    assert input_of(values, confidentiality=YES).confidentiality == lost
    assert input_of(values).confidentiality == lost | {Confidentiality.NOT_LOST}
    assert input_of(values, confidentiality=NO).confidentiality == {Confidentiality.NOT_LOST}


@pytest.mark.parametrize(
    ("state", "levels"),
    [
        ("seen", {"unknown_recipients"}), ("possible", {"no_sign_of_misuse"}), ("excluded", {"no_sign_of_misuse"}),
        ("likely", {"no_sign_of_misuse", "known_recipients", "unknown_recipients"}),
    ],
)  # fmt: skip
def test_where_nobody_knows_who_has_the_data_what_was_seen_of_them_tells(state: str, levels: set[str]) -> None:
    """A device that is lost is not yet one that somebody reads; of known recipients it changes nothing."""
    values = {"recipients.kind": "unidentified", "exfiltration.state": state}
    assert input_of(values, confidentiality=YES).confidentiality == {Confidentiality(one) for one in levels}
    values = {"recipients.kind": "malicious", "exfiltration.state": state}
    assert input_of(values, confidentiality=YES).confidentiality == {Confidentiality.UNKNOWN_RECIPIENTS}


RESTORED, RECOVERABLE, NOT_RECOVERABLE = (
    Integrity.RESTORED_BEFORE_USE, Integrity.RECOVERABLE, Integrity.NOT_RECOVERABLE
)  # fmt: skip


@pytest.mark.parametrize(
    ("before_use", "recoverable", "levels"),
    [
        (YES, UNKNOWN, {RESTORED}), (YES, NO, {RESTORED}), (NO, YES, {RECOVERABLE}), (NO, NO, {NOT_RECOVERABLE}),
        (NO, UNKNOWN, {RECOVERABLE, NOT_RECOVERABLE}), (UNKNOWN, YES, {RESTORED, RECOVERABLE}),
        (UNKNOWN, NO, {RESTORED, NOT_RECOVERABLE}), (UNKNOWN, UNKNOWN, {RESTORED, RECOVERABLE, NOT_RECOVERABLE}),
    ],
)  # fmt: skip
def test_an_alteration_is_restored_recoverable_or_not(
    before_use: Truth, recoverable: Truth, levels: set[Integrity]
) -> None:
    """Two answers, four levels."""
    values: dict[str, FactValue] = {
        "alteration.restored_before_use": before_use, "alteration.recoverable": recoverable,
    }  # fmt: skip
    assert input_of(values, integrity=YES).integrity == levels
    assert input_of(values, integrity=NO).integrity == {Integrity.NOT_LOST}
    assert input_of(values).integrity == levels | {Integrity.NOT_LOST}


EASILY, TEMPORARY, FULL = Availability.EASILY_RECOVERED, Availability.TEMPORARY, Availability.FULL


@pytest.mark.parametrize(
    ("values", "levels"),
    [
        ({"data.lost_for_good": YES}, {FULL}),
        ({"data.lost_for_good": YES, "unavailability.effect_on_persons": "none"}, {FULL}),
        ({"data.lost_for_good": NO}, {EASILY, TEMPORARY}),
        ({"data.lost_for_good": NO, "unavailability.effect_on_persons": "none"}, {EASILY}),
        ({"data.lost_for_good": NO, "unavailability.effect_on_persons": "minor"}, {TEMPORARY}),
        ({"data.lost_for_good": NO, "unavailability.effect_on_persons": "serious"}, {TEMPORARY}),
        ({"unavailability.effect_on_persons": "none"}, {EASILY, FULL}),
        ({"backup.restored": YES}, {EASILY, TEMPORARY}),
        ({"backup.restored": NO}, {EASILY, TEMPORARY, FULL}),
        ({}, {EASILY, TEMPORARY, FULL}),
    ],
)
def test_what_is_out_of_reach_comes_back_easily_with_work_or_never(
    values: dict[str, FactValue], levels: set[Availability]
) -> None:
    """All restored means not lost for good."""
    assert input_of(values, availability=YES).availability == levels
    assert input_of(values, availability=NO).availability == {Availability.NOT_LOST}
    assert input_of(values).availability == levels | {Availability.NOT_LOST}


def test_harm_is_meant_or_not_or_not_known() -> None:
    """Half a point."""
    assert input_of({"incident.malicious": YES}).intent == {Intent.MALICIOUS}
    assert input_of({"incident.malicious": NO}).intent == {Intent.NOT_MALICIOUS}
    assert input_of({}).intent == set(Intent)


def dpc(values: dict[str, FactValue]) -> tuple[float, float]:
    """The processing context alone."""
    return severity_of(input_of(values)).dpc


@pytest.mark.parametrize(
    ("values", "bounds"),
    [
        ({"data.categories": frozenset({"contact", "civil_status", "nir", "official_documents"})}, (1, 4)),
        ({"data.categories": frozenset({"financial"})}, (1, 4)),
        ({"data.categories": frozenset({"contact"}), "insight.simple": "plain"}, (1, 1)),
        ({"data.categories": frozenset({"contact"}), "insight.simple": "sensitive_guesses"}, (3, 3)),
        ({"data.categories": frozenset({"contact"}), "insight.financial": "plain"}, (1, 4)),
        ({"data.categories": frozenset({"location"}), "insight.behavioural": "daily_life_profile"}, (3, 3)),
        ({"data.categories": frozenset({"financial"}), "insight.financial": "no_real_insight"}, (1, 1)),
        ({"data.categories": frozenset({"health"}), "insight.sensitive": "general_assumptions"}, (2, 2)),
        ({"data.categories": frozenset({"offences"}), "insight.sensitive": "plain"}, (4, 4)),
        ({"data.categories": frozenset({"contact", "credentials"}), "insight.simple": "plain"}, (1, 1)),
        ({"data.categories": frozenset({"credentials"}), "insight.simple": "plain"}, (1, 4)),
        ({"data.categories": frozenset({"contact", "other"}), "insight.simple": "plain"}, (1, 4)),
        ({"data.kinds": frozenset({"simple"}), "insight.simple": "plain"}, (1, 1)),
        ({"data.kinds": frozenset({"financial"}), "data.categories": frozenset({"contact"}),
          "insight.financial": "plain"}, (3, 3)),
        ({"data.kinds": frozenset({"simple", "sensitive"}), "insight.simple": "plain",
          "insight.sensitive": "plain"}, (4, 4)),
        ({"data.categories": frozenset()}, (1, 4)),
        ({"data.categories": UNKNOWN}, (1, 4)),
        ({"data.kinds": UNKNOWN, "data.categories": frozenset({"contact"}), "insight.simple": "plain"}, (1, 1)),
        ({"enisa.dpc": NumberRange(2, 3)}, (2, 3)),
        ({"enisa.dpc": NumberRange(None, 3)}, (1, 3)),
        ({"enisa.dpc": NumberRange(3, None)}, (3, 4)),
        ({"enisa.dpc": NumberRange(0, 9)}, (1, 4)),
        ({"enisa.dpc": NumberRange(4, 4), "data.kinds": frozenset({"simple"}), "insight.simple": "plain"}, (4, 4)),
        ({"enisa.dpc": NumberRange(1, 1), "data.kinds": frozenset({"sensitive"})}, (1, 1)),
        ({"enisa.dpc": NumberRange(7, 9), "data.kinds": frozenset({"simple"}), "insight.simple": "plain"}, (1, 1)),
        ({"enisa.dpc": NumberRange(None, 0), "data.kinds": frozenset({"simple"}), "insight.simple": "plain"}, (1, 1)),
        ({"enisa.dpc": UNKNOWN, "data.kinds": frozenset({"simple"}), "insight.simple": "plain"}, (1, 1)),
        ({"enisa.dpc": NumberRange(None, None), "data.kinds": frozenset({"simple"}),
          "insight.simple": "plain"}, (1, 1)),
    ],
)  # fmt: skip
def test_the_context_follows_the_kinds_of_data_and_what_they_tell(
    values: dict[str, FactValue], bounds: tuple[float, float]
) -> None:
    """Credentials take the kind of what they open; a person's score wins as far as it lies on the scale."""
    assert dpc(values) == bounds


def test_each_kind_is_named_by_its_categories() -> None:
    """So that the points can be read."""
    found = input_of({"data.categories": frozenset({"contact", "civil_status", "health", "credentials"})}).data
    assert [(one.kind, one.category) for one in found] == [
        (DataKind.SIMPLE, "civil_status, contact"),
        (DataKind.SENSITIVE, "health"),
    ]
    alone = input_of({"data.categories": frozenset({"credentials"})}).data
    assert [(one.kind, one.category) for one in alone] == [(None, "credentials")]


def test_scores_of_a_person_win_over_the_facts_and_say_so() -> None:
    """Part by part; the words of other scales, and unknown, change nothing."""
    values: dict[str, FactValue] = {
        "data.identification": "direct", "recipients.kind": "public", "enisa.ease": "limited",
        "enisa.confidentiality": "known_recipients", "enisa.integrity": "altered_recoverable",
        "enisa.availability": UNKNOWN,
    }  # fmt: skip
    found = input_of(values, confidentiality=YES, integrity=NO, availability=NO)
    assert (found.ease, found.confidentiality) == ({Ease.LIMITED}, {Confidentiality.KNOWN_RECIPIENTS})
    assert (found.integrity, found.availability) == ({RECOVERABLE}, {Availability.NOT_LOST})
    assert found.stated == {Part.EASE, Part.CONFIDENTIALITY, Part.INTEGRITY}
    said = {one.part: one.is_stated for one in severity_of(found).points}
    assert {part for part, is_stated in said.items() if is_stated} == found.stated
    assert input_of({"enisa.availability": "lost_for_good"}).availability == {FULL}
    assert input_of({"enisa.ease": "public"}).stated == frozenset()
    (context, *_) = severity_of(input_of({"enisa.dpc": NumberRange(2, 2)})).points
    assert (context.reasons, context.is_stated) == (("stated",), True)
    assert context.words("en") == "Processing context (DPC): scored by a person (2)"
    ease = next(one for one in severity_of(found).points if one.part is Part.EASE)
    assert ease.words("en").endswith("an unlisted phone number), scored by a person (×0.5)")
    either = Point(Part.CONFIDENTIALITY, ("known_recipients", "unknown_recipients"), 0.25, 0.5)
    assert "data reached known recipients or data reached an unknown number" in either.words("en")


def test_the_flags_follow_the_number_and_the_encryption() -> None:
    """Encrypted, all of it, and the key safe."""
    safe: dict[str, FactValue] = {
        "encryption.state_of_the_art": YES, "encryption.key_compromised": NO, "encryption.covers_all_data": YES,
        "persons.number": NumberRange(900, 1100),
    }  # fmt: skip
    found = severity_of(input_of(safe)).flags
    assert found == {Flag.MORE_THAN_100_PERSONS: YES, Flag.UNINTELLIGIBLE: YES}
    for name, value in (("state_of_the_art", NO), ("key_compromised", YES), ("covers_all_data", NO)):
        assert severity_of(input_of(safe | {f"encryption.{name}": value})).flags[Flag.UNINTELLIGIBLE] is NO
    assert severity_of(input_of({})).flags == {Flag.MORE_THAN_100_PERSONS: UNKNOWN, Flag.UNINTELLIGIBLE: UNKNOWN}


TEXT = {"fr": "mot"}


def a_rule(name: str, word: str) -> Rule:
    """Personal data or not."""
    fields: dict[str, Any] = {
        "id": name, "title": TEXT, "why": TEXT, "references": ["RGPD art. 4"], "owner": "dpo",
        "reviewed_on": "2026-11-22", "then": {"personal_data": word},
        "when": {"holds": {"fact": "system.holds_personal_data", "is": word}},
        "examples": {"applies": [{}], "does_not_apply": [{}]},
    }  # fmt: skip
    return Rule.model_validate(fields)


RULES = (a_rule("data", "yes"), a_rule("no-data", "no"))
SIMPLE: dict[str, FactValue] = {
    "system.holds_personal_data": YES, "loss.confidentiality": YES, "loss.integrity": NO, "loss.availability": NO,
    "incident.malicious": NO, "data.identification": "direct", "recipients.kind": "public",
    "data.kinds": frozenset({"simple"}), "insight.simple": "plain",
}  # fmt: skip
CARDS = {"data.kinds": frozenset({"financial"}), "insight.financial": "fraud_or_detailed_profile"}


def on(system: str, values: dict[str, FactValue]) -> tuple[Fact, ...]:
    """What is said of one system."""
    scope = Scope(ScopeKind.SYSTEM, system) if system else WHOLE_INCIDENT
    return tuple(Fact(name, value, scope, Provenance.PERSON, "dpo", AT) for name, value in values.items())


def ends(said: tuple[Fact, ...], *systems: str) -> tuple[float, float] | None:
    """The score of a perimeter of these systems."""
    places = tuple(Exposure(one) for one in systems)
    perimeter = Perimeter("own", Role.CONTROLLER, "Us", None, (), (), places)
    found = severity_in(assess_perimeter(perimeter, said, RULES))
    return (found.least, found.most) if found else None


def test_the_highest_place_counts_and_no_breach_has_no_score() -> None:
    """What is excluded is not scored; what is certain holds the least up."""
    web, db = on("web", SIMPLE), on("db", SIMPLE | CARDS)
    assert ends(web, "web") == (1.5, 1.5)
    assert ends((*web, *db), "web", "db") == (4.5, 4.5)
    assert ends(on("web", {"system.holds_personal_data": NO}), "web") is None
    assert ends(on("web", SIMPLE | {"loss.confidentiality": NO}), "web") is None
    excluded = on("db", SIMPLE | CARDS | {"system.holds_personal_data": NO})
    assert ends((*web, *excluded), "web", "db") == (1.5, 1.5)
    perhaps = on("db", SIMPLE | CARDS | {"system.holds_personal_data": UNKNOWN})
    assert ends((*web, *perhaps), "web", "db") == (1.5, 4.5)
    neither = on("web", SIMPLE | {"system.holds_personal_data": UNKNOWN})
    assert ends((*neither, *perhaps), "web", "db") == (1.5, 4.5)
    assert ends((*neither, *db), "web", "db") == (4.5, 4.5)


def test_the_incident_shows_the_highest_of_its_perimeters_with_its_points() -> None:
    """The points are those of the perimeter that may score highest."""
    perimeters = tuple(
        Perimeter(one, Role.CONTROLLER, one, None, (), (), (Exposure(one),)) for one in ("web", "db", "attic")
    )
    said = (*on("web", SIMPLE), *on("db", SIMPLE | CARDS), *on("attic", {"system.holds_personal_data": NO}))
    found = severity_over(assess(perimeters, said, RULES, {}))
    assert found is not None
    assert (found.least, found.most) == (4.5, 4.5)
    assert "financial" in [reason for point in found.points for reason in point.reasons]
    assert severity_over(assess(perimeters[2:], said, RULES, {})) is None


TRUTHS = st.sampled_from([YES, NO])
ANSWERS: dict[str, st.SearchStrategy[FactValue]] = {
    **dict.fromkeys(
        (
            "system.holds_personal_data", "incident.malicious", "loss.confidentiality", "loss.integrity",
            "loss.availability", "data.lost_for_good", "backup.restored", "alteration.restored_before_use",
            "alteration.recoverable",
        ),
        TRUTHS,
    ),
    "data.identification": st.sampled_from(["direct", "indirect", "difficult", "hardly"]),
    "recipients.kind": st.sampled_from(["trusted", "unidentified", "malicious", "nobody"]),
    "unavailability.effect_on_persons": st.sampled_from(["none", "minor", "serious"]),
    "data.categories": st.sampled_from([frozenset({"contact"}), frozenset({"credentials"}), frozenset({"health"})]),
    "insight.simple": st.sampled_from(["plain", "sensitive_guesses"]),
    "insight.sensitive": st.sampled_from(["plain", "general_assumptions"]),
}  # fmt: skip


@settings(deadline=None)
@given(st.fixed_dictionaries({}, optional=ANSWERS), st.fixed_dictionaries({}, optional=ANSWERS))
def test_answering_more_never_widens_the_score(known: dict[str, FactValue], answers: dict[str, FactValue]) -> None:
    """Whatever is learnt. That all was restored and yet is lost for good is a contradiction, and no refinement."""
    if known.get("backup.restored") is YES:
        answers = {name: value for name, value in answers.items() if name != "data.lost_for_good"}
    before, after = ends(on("", known), "web", "db"), ends(on("", answers | known), "web", "db")
    if after is not None:
        assert before is not None
        assert before[0] <= after[0] <= after[1] <= before[1]


@settings(deadline=None)
@given(st.fixed_dictionaries({}, optional=ANSWERS), st.fixed_dictionaries({}, optional=ANSWERS))
def test_answering_for_one_system_never_widens_the_score_of_both(
    known: dict[str, FactValue], answers: dict[str, FactValue]
) -> None:
    """One place may turn out to be no breach, or the only one."""
    if known.get("backup.restored") is YES:
        answers = {name: value for name, value in answers.items() if name != "data.lost_for_good"}
    fresh = {name: value for name, value in answers.items() if name not in known}
    before = ends(on("", known), "web", "db")
    after = ends((*on("", known), *on("db", fresh)), "web", "db")
    if after is not None:
        assert before is not None
        assert before[0] <= after[0] <= after[1] <= before[1]
