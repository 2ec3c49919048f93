"""The ENISA score: known cases to the hundredth, unknown inputs as sound intervals, and every reason in words."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from breach_service.domain import severity
from breach_service.domain.conditions import NumberRange, Truth
from breach_service.domain.severity import (
    BAND_WORDS,
    CNIL_LEVELS,
    CNIL_WORDS,
    FLAG_WORDS,
    Band,
    CnilLevel,
    DataContext,
    Flag,
    Point,
    SeverityInput,
    band_of,
    dpc_of,
    levels_within,
    severity_of,
)
from breach_service.domain.severity_scales import (
    DPC_ADJUSTMENTS,
    PART_WORDS,
    POINTS,
    REASON_WORDS,
    Adjustment,
    Availability,
    Confidentiality,
    DataKind,
    Ease,
    Integrity,
    Intent,
    Part,
)

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN


def exactly(points: float) -> NumberRange:
    """A range of one number."""
    return NumberRange(points, points)


def breach_of(
    dpc: float, ei: float, confidentiality: float, integrity: float, availability: float, malicious: float
) -> SeverityInput:
    """A breach whose every part was scored in points."""
    return SeverityInput(
        data=(DataContext(stated=exactly(dpc)),),
        ease=levels_within(Ease, exactly(ei)),
        confidentiality=levels_within(Confidentiality, exactly(confidentiality)),
        integrity=levels_within(Integrity, exactly(integrity)),
        availability=levels_within(Availability, exactly(availability)),
        intent=levels_within(Intent, exactly(malicious)),
    )


# story; DPC, EI, confidentiality, integrity, availability, malice; SE; band; added by the scorer outside the method
SCORED_ELSEWHERE = [
    ("ransomware in a hospital, restored in a day", (4, 0.75, 0, 0, 0.25, 0.5), 3.75, Band.HIGH, 0),
    ("lost laptop, disk encrypted, key safe", (1, 0.25, 0, 0, 0, 0), 0.25, Band.LOW, 0),
    ("newsletter on mental health, open list of recipients", (2, 1, 0.25, 0, 0, 0), 2.25, Band.MEDIUM, 0),
    ("salaries and ratings behind an open interface", (3, 1, 0.25, 0, 0, 0), 3.25, Band.HIGH, 0),
    ("diagnoses of insured persons taken by an attacker", (4, 1, 0.5, 0, 0, 0.5), 5.0, Band.VERY_HIGH, 0),
    ("client's export at a guessable address", (1, 1, 0.5, 0, 0, 0), 1.5, Band.LOW, 0),
    # The insurer took one point off because one person was touched; the method has no such term, nor had the UODO.
    ("insurance offer mailed to a stranger", (2, 0.5, 0.25, 0, 0, 0), 0.25, Band.LOW, -1),
]


@pytest.mark.parametrize("row", SCORED_ELSEWHERE, ids=lambda row: row[0])
def test_scores_made_elsewhere_are_found_again(
    row: tuple[str, tuple[float, float, float, float, float, float], float, Band, float],
) -> None:
    """Cases that regulators and practitioners scored come out to the hundredth."""
    _, parts, score, band, outside = row
    result = severity_of(breach_of(*parts))
    assert result.least == result.most == score - outside
    assert result.bands == (band,)


# story; kind; the adjustments that hold; DPC
CATEGORIES = [
    ("customers of a supermarket", DataKind.SIMPLE, [], 1),
    ("contacts that tell of standing", DataKind.SIMPLE, [Adjustment.PROFILE_POSSIBLE], 2),
    ("deliveries of an adult book store", DataKind.SIMPLE, [Adjustment.SENSITIVE_GUESSES], 3),
    ("addresses of a women's shelter", DataKind.SIMPLE, [Adjustment.CRITICAL_FOR_PERSONS], 4),
    ("calls to a help desk", DataKind.BEHAVIOURAL, [Adjustment.NO_REAL_INSIGHT], 1),
    ("purchases on a loyalty card", DataKind.BEHAVIOURAL, [], 2),
    ("a year of calls", DataKind.BEHAVIOURAL, [Adjustment.DAILY_LIFE_PROFILE], 3),
    ("purchases in a pharmacy", DataKind.BEHAVIOURAL, [Adjustment.SENSITIVE_PROFILE], 4),
    ("being a bank's customer", DataKind.FINANCIAL, [Adjustment.NO_REAL_INSIGHT], 1),
    ("one day of transactions", DataKind.FINANCIAL, [Adjustment.NO_SIGNIFICANT_INSIGHT], 2),
    ("an invoice", DataKind.FINANCIAL, [], 3),
    ("a card that can pay", DataKind.FINANCIAL, [Adjustment.FRAUD_OR_DETAILED_PROFILE], 4),
    ("a doctor's published speciality", DataKind.SENSITIVE, [Adjustment.NO_REAL_INSIGHT], 1),
    ("that blood was tested", DataKind.SENSITIVE, [Adjustment.GENERAL_ASSUMPTIONS], 2),
    ("an appointment with a specialist", DataKind.SENSITIVE, [Adjustment.SENSITIVE_ASSUMPTIONS], 3),
    ("the results of the test", DataKind.SENSITIVE, [], 4),
]


def judged(kind: DataKind, holding: list[Adjustment]) -> DataContext:
    """A category of which every adjustment was judged."""
    return DataContext(kind, {one: YES if one in holding else NO for one in DPC_ADJUSTMENTS[kind]})


@pytest.mark.parametrize("row", CATEGORIES, ids=lambda row: row[0])
def test_each_category_has_its_context_score(row: tuple[str, DataKind, list[Adjustment], int]) -> None:
    """The table of categories and adjustments gives the DPC that ENISA's own examples have."""
    _, kind, holding, dpc = row
    assert dpc_of(judged(kind, holding)) == (dpc, dpc)


def test_the_strongest_increase_and_decrease_count_once() -> None:
    """Two increases are not added up; an increase and a decrease are."""
    both = [Adjustment.DAILY_LIFE_PROFILE, Adjustment.SENSITIVE_PROFILE]
    assert dpc_of(judged(DataKind.BEHAVIOURAL, both)) == (4, 4)
    assert dpc_of(judged(DataKind.BEHAVIOURAL, [*both, Adjustment.NO_REAL_INSIGHT])) == (3, 3)


@pytest.mark.parametrize(
    ("score", "band"),
    [(0.25, "low"), (1.99, "low"), (2, "medium"), (2.99, "medium"), (3, "high"), (3.99, "high"), (4, "very_high")],
)
def test_a_band_starts_at_its_bound(score: float, band: str) -> None:
    """Two, three and four belong to the band above."""
    assert band_of(score) == band


def test_the_four_cnil_levels_answer_to_the_four_bands() -> None:
    """One to one, in order."""
    assert [CNIL_LEVELS[band] for band in Band] == list(CnilLevel)
    assert CNIL_WORDS[CNIL_LEVELS[Band.HIGH]].fr == "importante"


def test_nothing_known_is_the_whole_scale() -> None:
    """Without any input every band is reachable, and each part says that it is unknown."""
    result = severity_of(SeverityInput())
    assert (result.least, result.most) == (0.25, 6.0)
    assert result.bands == tuple(Band)
    assert all(point.reasons == ("unknown",) for point in result.points)


def test_the_highest_category_counts() -> None:
    """A contact list beside card numbers is scored as card numbers, and both are explained."""
    contacts = replace(judged(DataKind.SIMPLE, []), category="contacts")
    cards = replace(judged(DataKind.FINANCIAL, [Adjustment.FRAUD_OR_DETAILED_PROFILE]), category="cards")
    result = severity_of(replace(breach_of(1, 1, 0.5, 0, 0, 0), data=(contacts, cards)))
    assert result.least == result.most == 4.5
    assert [(point.part, point.category, point.least) for point in result.points[:3]] == [
        (Part.DATA, "contacts", 1), (Part.DATA, "cards", 3), (Part.ADJUSTMENT, "cards", 1),
    ]  # fmt: skip
    unsure = replace(cards, adjustments={Adjustment.NO_REAL_INSIGHT: UNKNOWN})
    points = severity_of(SeverityInput(data=(unsure, DataContext(category="files")))).points
    possible = [point for point in points if point.part is Part.POSSIBLE_ADJUSTMENT]
    assert [(point.category, point.least, point.most) for point in possible] == [
        ("cards", -2, 0), ("cards", -1, 0), ("cards", 0, 1),
    ]  # fmt: skip
    assert points[4].category == "files"


def test_a_category_not_known_yet_keeps_the_upper_end_open() -> None:
    """One more category of an unknown kind can only raise the score."""
    result = severity_of(replace(breach_of(1, 1, 0.5, 0, 0, 0), data=(judged(DataKind.SIMPLE, []), DataContext())))
    assert (result.least, result.most) == (1.5, 4.5)


def test_a_stated_range_of_the_context_is_kept() -> None:
    """A person may score the context as a range, with an open end."""
    assert dpc_of(DataContext(stated=NumberRange(2, None))) == (2, 4)
    assert dpc_of(DataContext(stated=NumberRange(None, 3))) == (1, 3)


def test_the_score_is_given_to_the_hundredth() -> None:
    """However finely a person scored the context."""
    result = severity_of(replace(breach_of(1, 1, 0, 0, 0, 0), data=(DataContext(stated=NumberRange(1.2345, 2.3456)),)))
    assert (result.least, result.most) == (1.23, 2.35)


def test_a_range_of_points_is_the_levels_within_it() -> None:
    """Inputs in points become levels; points that no level has are refused with the ones there are."""
    assert levels_within(Ease, NumberRange(0.5, None)) == {Ease.LIMITED, Ease.SIGNIFICANT, Ease.MAXIMUM}
    assert levels_within(Integrity, exactly(0)) == {Integrity.NOT_LOST, Integrity.RESTORED_BEFORE_USE}
    with pytest.raises(ValueError, match=r"its levels are 0\.25, 0\.5, 0\.75, 1"):
        levels_within(Ease, exactly(0.6))


def test_impossible_inputs_are_refused() -> None:
    """An empty set, a DPC off the scale and an adjustment of another kind are faults, not scores."""
    with pytest.raises(ValueError, match="no level of ease"):
        SeverityInput(ease=frozenset())
    with pytest.raises(ValueError, match="between 1 and 4"):
        DataContext(stated=exactly(5))
    with pytest.raises(ValueError, match="does not adjust simple data"):
        DataContext(DataKind.SIMPLE, {Adjustment.SENSITIVE_PROFILE: YES})
    with pytest.raises(ValueError, match="unknown kind of data"):
        DataContext(None, {Adjustment.SENSITIVE_PROFILE: YES})


@pytest.mark.parametrize(
    ("persons", "is_flagged"),
    [
        (None, UNKNOWN),
        (exactly(100), NO),
        (exactly(101), YES),
        (NumberRange(50, 200), UNKNOWN),
        (NumberRange(101, None), YES),
    ],
)
def test_many_persons_are_a_flag_and_no_points(persons: NumberRange | None, is_flagged: Truth) -> None:
    """More than a hundred persons, or few, are said beside the score and never change it."""
    few = breach_of(2, 0.5, 0.25, 0, 0, 0)
    result = severity_of(replace(few, number_of_persons=persons))
    assert result.flags[Flag.MORE_THAN_100_PERSONS] is is_flagged
    assert (result.least, result.most) == (1.25, 1.25)


@pytest.mark.parametrize("is_unintelligible", Truth)
def test_unintelligible_data_are_a_flag_and_no_points(is_unintelligible: Truth) -> None:
    """Encryption is said beside the score; whether it closes a question is for a rule and a person."""
    result = severity_of(replace(breach_of(4, 1, 0.5, 0, 0, 0.5), is_unintelligible=is_unintelligible))
    assert result.flags[Flag.UNINTELLIGIBLE] is is_unintelligible
    assert result.least == 5.0


def test_the_module_says_why_a_score_closes_no_question() -> None:
    """Whoever opens the module reads the limit of the score before anything else."""
    assert "never closes a question by itself" in (severity.__doc__ or "")


def test_each_point_says_its_reason_in_both_languages() -> None:
    """The explanation reads as a list of reasons with their points."""
    breach = SeverityInput(
        data=(
            DataContext(DataKind.FINANCIAL, {Adjustment.NO_REAL_INSIGHT: NO, Adjustment.NO_SIGNIFICANT_INSIGHT: YES}),
        ),
        ease=frozenset({Ease.LIMITED}),
        confidentiality=frozenset({Confidentiality.KNOWN_RECIPIENTS, Confidentiality.UNKNOWN_RECIPIENTS}),
        integrity=frozenset({Integrity.NOT_LOST}),
        intent=frozenset({Intent.MALICIOUS}),
    )
    assert [point.words("fr") for point in severity_of(breach).points] == [
        "Contexte du traitement (DPC) : données financières (3)",
        "Ajustement du contexte : elles n’apprennent rien d’important sur la situation financière des personnes (−1)",
        "Ajustement à établir : elles sont assez complètes pour une fraude ou un profil social et financier détaillé "
        "(de 0 à +1)",
        "Facilité d’identification (EI) : identification possible mais difficile "
        "(nom peu répandu, téléphone hors annuaire) (×0,5)",
        "Circonstances (CB), confidentialité : données parvenues à des destinataires connus "
        "ou données parvenues à un nombre inconnu de destinataires (de +0,25 à +0,5)",
        "Circonstances (CB), intégrité : intacte (0)",
        "Circonstances (CB), disponibilité : pas encore établi (de 0 à +0,5)",
        "Circonstances (CB), intention : malveillance (+0,5)",
    ]
    assert severity_of(breach).points[-2].words("en") == "Circumstances (CB), availability: not known yet (0 to +0.5)"
    assert Point(Part.DATA, ("stated",), 2, 3).words("en") == "Processing context (DPC): scored by a person (2 to 3)"


def test_every_machine_word_has_its_words_and_none_stands_for_two_things() -> None:
    """Levels share tables, so that two of the same word would shadow each other."""
    levels = [one for scale in (Ease, Confidentiality, Integrity, Availability, Intent) for one in scale]
    reasons = [str(one) for one in (*DataKind, *Adjustment, *levels, "unknown", "stated")]
    assert sorted(reasons) == sorted(REASON_WORDS)
    assert sorted(levels) == sorted(POINTS)
    assert set(PART_WORDS) == set(Part)
    assert (set(BAND_WORDS), set(CNIL_WORDS), set(FLAG_WORDS)) == (set(Band), set(CnilLevel), set(Flag))
    for words in (REASON_WORDS, PART_WORDS, BAND_WORDS, CNIL_WORDS, FLAG_WORDS):
        assert all(text.fr and text.en for text in words.values())


@st.composite
def contexts(draw: st.DrawFn) -> DataContext:
    """A category with any part of it known."""
    kind = draw(st.none() | st.sampled_from(DataKind))
    adjustments = DPC_ADJUSTMENTS[kind] if kind else {}
    return DataContext(kind, {one: draw(st.sampled_from(Truth)) for one in adjustments if draw(st.booleans())})


breaches = st.builds(
    SeverityInput,
    data=st.lists(contexts(), max_size=3).map(tuple),
    ease=st.frozensets(st.sampled_from(Ease), min_size=1),
    confidentiality=st.frozensets(st.sampled_from(Confidentiality), min_size=1),
    integrity=st.frozensets(st.sampled_from(Integrity), min_size=1),
    availability=st.frozensets(st.sampled_from(Availability), min_size=1),
    intent=st.frozensets(st.sampled_from(Intent), min_size=1),
    number_of_persons=st.none() | st.integers(0, 1000).map(exactly),
    is_unintelligible=st.sampled_from(Truth),
)


def settled(draw: st.DataObject, context: DataContext) -> DataContext:
    """The category with everything unknown drawn as something known."""
    kind = context.kind or draw.draw(st.sampled_from(DataKind))
    given_ = {one: context.adjustments.get(one, UNKNOWN) for one in DPC_ADJUSTMENTS[kind]}
    known = {one: draw.draw(st.sampled_from([YES, NO])) if truth is UNKNOWN else truth for one, truth in given_.items()}
    return replace(context, kind=kind, adjustments=known)


@settings(deadline=None)
@given(breaches)
def test_every_score_stays_within_the_scale(breach: SeverityInput) -> None:
    """The score lies between 0.25 and 6, its parts within their own scales, and its points speak both languages."""
    result = severity_of(breach)
    assert 0.25 <= result.least <= result.most <= 6
    assert 1 <= result.dpc[0] <= result.dpc[1] <= 4
    assert 0.25 <= result.ease[0] <= result.ease[1] <= 1
    assert 0 <= result.circumstances[0] <= result.circumstances[1] <= 2
    assert (result.bands[0], result.bands[-1]) == (band_of(result.least), band_of(result.most))
    assert all(point.words(language) for point in result.points for language in ("fr", "en"))


@settings(deadline=None)
@given(breaches, st.data())
def test_knowing_more_never_widens_the_score(breach: SeverityInput, draw: st.DataObject) -> None:
    """Settling any of the unknowns, in any way, stays within what was said before."""
    before = severity_of(breach)
    data = tuple(settled(draw, one) if draw.draw(st.booleans()) else one for one in breach.data or (DataContext(),))
    fewer: dict[str, Any] = {
        part: draw.draw(st.frozensets(st.sampled_from(sorted(getattr(breach, part))), min_size=1))
        for part in ("ease", "confidentiality", "integrity", "availability", "intent")
    }
    after = severity_of(replace(breach, data=data, **fewer))
    assert before.least <= after.least <= after.most <= before.most
    assert set(after.bands) <= set(before.bands)


@settings(deadline=None)
@given(
    contexts(), st.frozensets(st.sampled_from(Ease), min_size=1), st.frozensets(st.sampled_from(Integrity), min_size=1)
)
def test_both_ends_of_the_score_are_reachable(
    context: DataContext, ease: frozenset[Ease], integrity: frozenset[Integrity]
) -> None:
    """The interval is no wider than the scores of all the breaches that it stands for."""
    assume(context.kind is not None)
    assert context.kind is not None
    names = list(DPC_ADJUSTMENTS[context.kind])
    answers = [
        [YES, NO] if context.adjustments.get(one, UNKNOWN) is UNKNOWN else [context.adjustments[one]] for one in names
    ]
    whole = replace(breach_of(1, 1, 0.5, 0, 0, 0), data=(context,), ease=ease, integrity=integrity)
    scores = [
        severity_of(
            replace(
                whole,
                data=(DataContext(context.kind, dict(zip(names, chosen, strict=True))),),
                ease=frozenset({one_ease}),
                integrity=frozenset({one_integrity}),
            )
        )
        for chosen in product(*answers)
        for one_ease in ease
        for one_integrity in integrity
    ]
    assert all(one.least == one.most for one in scores)
    result = severity_of(whole)
    assert (result.least, result.most) == (min(one.least for one in scores), max(one.most for one in scores))
