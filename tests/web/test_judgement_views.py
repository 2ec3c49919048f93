"""Beside an assessment: severity with its points, each duty with its reasons, each answer with its effect."""

from dataclasses import replace
from typing import Any

from breach_service.domain.assessment import Duty, weighed_questions
from breach_service.domain.conditions import NumberRange, Truth
from breach_service.domain.facts import WHOLE_INCIDENT, Fact, Provenance
from breach_service.domain.severity import SeverityInput, severity_of
from breach_service.web.judgements import duty_reasons_out, question_out, severity_out
from breach_service.web.views.assessment import severity_view
from breach_service.web.views.incident import incident_page


def shown(case: Any, dossier: Any, **how: Any) -> Any:
    """The page of a dossier in English, for somebody who may do everything."""
    return incident_page(dossier, case.content, {}, "en", case.now, case.may, **how)


def test_the_severity_says_both_ends_with_their_bands_and_levels() -> None:
    """One word where both ends fall in the same band, else two; nothing where there is no breach."""
    everything = severity_of(SeverityInput())
    view = severity_view(everything, "en")
    assert view is not None
    assert (view.least, view.most, view.bands, view.cnil) == (
        0.25, 6.0, ("low", "very high"), ("negligible", "maximal"),
    )  # fmt: skip
    assert len(view.points) == len(everything.points)
    assert view.flags == ()
    many = severity_view(severity_of(SeverityInput(number_of_persons=NumberRange(500, 500))), "en")
    assert many is not None
    assert many.flags == ("more than 100 persons concerned",)
    found = severity_out(everything, "en")
    assert found is not None
    assert (found["band"], found["band_min"], found["band_max"]) == ("low", "low", "very_high")
    assert (found["cnil_min"], found["cnil_max"]) == ("negligible", "maximal")
    assert (found["dpc"], found["ei"], found["cb"]) == (
        {"min": 1.0, "max": 4.0}, {"min": 0.25, "max": 1.0}, {"min": 0.0, "max": 2.0},
    )  # fmt: skip
    assert severity_view(None, "en") is severity_out(None, "en") is None


def test_each_perimeter_shows_its_duties_with_their_reasons(case: Any) -> None:
    """Ours without a line for clients; a client's with whose it is."""
    page = shown(case, case.dossier())
    own, *others = page.perimeters
    assert [one.name for one in own.explained] == ["register", "authority", "persons"]
    assert others
    for card in others:
        lines = {one.name: one for one in card.explained}
        assert (lines["clients"].owed_by, lines["authority"].owed_by) == ("us", "client")
    for card in page.perimeters:
        assert all(one.reasons and one.article for one in card.explained)
        assert {one.name: one.outcome for one in card.explained}["authority"] is dict(card.duties)["authority"]
    assert all(row.reasons for row in page.obligations)


def test_a_deferral_shows_until_when(case: Any) -> None:
    """On the card and beside the duty."""
    facts = tuple(
        Fact(name, value, WHOLE_INCIDENT, Provenance.PERSON, "dpo", case.now)
        for name, value in (
            ("persons.information_deferred_by_police", Truth.YES), ("persons.deferral_days", NumberRange(10, 10)),
            ("persons.information_ordered", Truth.YES),
        )
    )  # fmt: skip
    dossier = case.dossier()
    own = dossier.assessment.perimeters[0]
    places = tuple(replace(one, facts={**one.facts, **{fact.name: fact for fact in facts}}) for one in own.places)
    own = replace(own, places=places, duties=replace(own.duties, persons=Duty.REQUIRED))
    found = duty_reasons_out(own, "en")["persons"]
    assert found["outcome"] == "required"
    assert [one["reason"] for one in found["reasons"]] == ["ordered", "deferred_by_police"]
    assert (found["postponed"]["days"], found["advice"]) == ({"at_least": 10, "at_most": 10}, None)
    assert found["postponed"]["until"] > found["postponed"]["asked_at"]


def test_questions_stand_in_the_order_of_their_effect_and_say_it(case: Any) -> None:
    """On the page as in JSON; an answer that changes nothing for us is left out."""
    dossier = case.fresh_dossier()
    weighed = weighed_questions(dossier.assessment)
    page = shown(case, dossier)
    assert page.questions.asked.fact == weighed[0].question.fact
    assert [one.fact for one in page.questions.others] == [one.question.fact for one in weighed[1:]]
    for line in (page.questions.asked, *page.questions.others):
        assert all(effect.changes for effect in line.effects)
    assert page.questions.asked.effects
    chosen = shown(case, dossier, fact="persons.number").questions.asked
    assert (chosen.number, chosen.effects) == (0, ())
    found = question_out(weighed[0], "en")
    assert found["changes_a_duty"] is True
    assert found["question"].endswith("?")
    effect = next(one for one in found["effects"] if one["changes"])
    assert set(effect) == {"answer", "duties", "risk_min", "risk_max", "questions_left", "changes", "sentence"}
    assert set(effect["changes"][0]) == {"duty", "from", "to", "perimeters"}
    assert set(effect["duties"]) == {"register", "authority", "persons", "clients"}
