"""What stands beside an assessment in JSON: the severity with its points, each duty's reasons, each answer's effect."""

from collections.abc import Iterable
from typing import Any

from breach_service.domain.assessment import (
    NONE_OF_THEM,
    STRICTNESS,
    Assessment,
    Duties,
    Effect,
    ExplainedDuty,
    PerimeterAssessment,
    WeighedQuestion,
    contradictions_in,
    explained_duties,
)
from breach_service.domain.conditions import NumberRange
from breach_service.domain.facts import Fact, FactType, to_json
from breach_service.domain.rules import Finding
from breach_service.domain.severity import (
    CNIL_LEVELS,
    FLAG_WORDS,
    Point,
    SeverityInterval,
    band_of,
)


def severity_out(found: SeverityInterval | None, language: str) -> dict[str, Any] | None:
    """The score with every point and its reason; None where there is no breach to score.

    `band` and `cnil` are those of the least score; where they differ, `band_max` and `cnil_max` say how far it may go.
    """
    if found is None:
        return None
    least, most = band_of(found.least), band_of(found.most)
    parts = {"dpc": found.dpc, "ei": found.ease, "cb": found.circumstances}
    return {
        "min": found.least,
        "max": found.most,
        "band": str(least),
        "band_min": str(least),
        "band_max": str(most),
        "cnil": str(CNIL_LEVELS[least]),
        "cnil_min": str(CNIL_LEVELS[least]),
        "cnil_max": str(CNIL_LEVELS[most]),
        **{name: {"min": bounds[0], "max": bounds[1]} for name, bounds in parts.items()},
        "points": [_point_out(one, language) for one in found.points],
        "flags": [
            {"flag": str(flag), "holds": str(truth), "words": FLAG_WORDS[flag].in_language(language)}
            for flag, truth in found.flags.items()
        ],
    }


def _point_out(one: Point, language: str) -> dict[str, Any]:
    return {
        "part": str(one.part),
        "reasons": [str(reason) for reason in one.reasons],
        "min": one.least,
        "max": one.most,
        "category": one.category,
        "is_stated": one.is_stated,
        "words": one.words(language),
    }


def duty_reasons_out(one: PerimeterAssessment, language: str) -> dict[str, Any]:
    """Each duty of a perimeter with what a signature needs."""
    return {each.name: _duty_out(each, language) for each in explained_duties(one)}


def _duty_out(one: ExplainedDuty, language: str) -> dict[str, Any]:
    postponed = one.postponed
    return {
        "outcome": str(one.outcome),
        "ours": str(one.ours),
        "owed_by": one.owed_by,
        "advice": "notify" if one.is_advised else None,
        "article": one.article.in_language(language),
        "reasons": [
            {"reason": str(code), "words": words} for code, words in zip(one.reasons, one.words(language), strict=True)
        ],
        "for": [_speaking(each, language) for each in one.speaking_for],
        "against": [_speaking(each, language) for each in one.speaking_against],
        "postponed": None
        if postponed is None
        else {
            "asked_at": postponed.fact.established_at.isoformat(),
            "days": to_json(postponed.days) if isinstance(postponed.days, NumberRange) else None,
            "until": postponed.until.isoformat() if postponed.until else None,
            "note": postponed.fact.note,
        },
    }


def _speaking(finding: Finding, language: str) -> dict[str, Any]:
    return {
        "rule": finding.rule.id,
        "title": finding.rule.title.in_language(language),
        "applies": str(finding.truth),
    }


def question_out(one: WeighedQuestion, language: str) -> dict[str, Any]:
    """An open question, and what each answer alone would change."""
    asked = one.question
    known = asked.type.question or asked.type.label if asked.type else None
    return {
        "fact": asked.fact,
        "scope": str(asked.scope.kind),
        "perimeters": list(asked.perimeters),
        "question": known.in_language(language) if known else asked.fact,
        "changes_a_duty": one.changes_a_duty,
        "effects": [_effect_out(each, asked.type, language) for each in one.effects],
    }


def _effect_out(one: Effect, known: FactType | None, language: str) -> dict[str, Any]:
    return {
        "answer": one.answer.key,
        "sentence": effect_sentence(one, known, language),
        "duties": _strictest(one.duties.values()),
        "risk_min": one.risk.least.word,
        "risk_max": one.risk.most.word,
        "questions_left": one.left,
        "changes": [
            {
                "duty": each.duty,
                "from": str(each.before),
                "to": str(each.after),
                "perimeters": list(each.perimeters),
            }
            for each in one.changes
        ],
    }


_BECOMES: dict[str, dict[tuple[str, str], str]] = {
    "fr": {
        ("register", "required"): "à inscrire au registre",
        ("register", "not_required"): "rien à inscrire au registre",
        ("register", "undecided"): "l’inscription au registre reste en suspens",
        ("authority", "required"): "notification à la CNIL",
        ("authority", "not_required"): "pas de notification à la CNIL",
        ("authority", "undecided"): "la notification à la CNIL reste en suspens",
        ("persons", "required"): "communication aux personnes concernées",
        ("persons", "not_required"): "pas de communication aux personnes concernées",
        ("persons", "undecided"): "la communication aux personnes reste en suspens",
        ("clients", "required"): "information du client",
        ("clients", "not_required"): "pas d’information à devoir au client",
        ("clients", "undecided"): "l’information du client reste en suspens",
    },
    "en": {
        ("register", "required"): "an entry in the register",
        ("register", "not_required"): "nothing to enter in the register",
        ("register", "undecided"): "the register stays undecided",
        ("authority", "required"): "a notice to the CNIL",
        ("authority", "not_required"): "no notice to the CNIL",
        ("authority", "undecided"): "the notice to the CNIL stays undecided",
        ("persons", "required"): "a notice to the persons",
        ("persons", "not_required"): "no notice to the persons",
        ("persons", "undecided"): "the notice to the persons stays undecided",
        ("clients", "required"): "the client must be told",
        ("clients", "not_required"): "nothing is owed to the client",
        ("clients", "undecided"): "what the client is told stays undecided",
    },
}
_NOTHING = {"fr": "rien ne change", "en": "nothing changes"}
_OF_RISK = {"fr": "rien ne se décide par cette seule réponse", "en": "nothing is settled by this answer alone"}


def effect_sentence(one: Effect, known: FactType | None, language: str) -> str:
    """“If the backup is confirmed intact and complete: no notice to the persons.” In `fr` or `en`."""
    colon = "\u00a0: " if language == "fr" else ": "
    becomes = [_BECOMES[language][each.duty, str(each.after)] for each in one.changes]
    nothing = _OF_RISK[language] if one.left else _NOTHING[language]
    return f"{_clause(one.answer.key, known, language)}{colon}{', '.join(dict.fromkeys(becomes)) or nothing}."


def _clause(answer: str, known: FactType | None, language: str) -> str:
    if known and known.supposing and answer in known.supposing:
        return known.supposing[answer].in_language(language)
    choices = known.choices or {} if known else {}
    common = {"yes": ("oui", "yes"), "no": ("non", "no"), NONE_OF_THEM: ("aucune", "none of them")}
    french, english = common.get(answer, (answer, answer))
    if answer in choices:
        french, english = choices[answer].in_language("fr"), choices[answer].in_language("en")
    return f"Si la réponse est «\u00a0{french}\u00a0»" if language == "fr" else f"If the answer is “{english}”"


def contradictions_out(assessment: Assessment) -> list[dict[str, Any]]:
    """Facts that cannot both be so, each pair with its values and who says so."""
    return [{"first": _said(one.first), "second": _said(one.second)} for one in contradictions_in(assessment)]


def _said(fact: Fact) -> dict[str, Any]:
    return {"fact": fact.name, "value": to_json(fact.value), "by": fact.by}


def _strictest(duties: Iterable[Duties]) -> dict[str, str]:
    """The strictest over the perimeters that are asked about."""
    found: dict[str, str] = {}
    for one in duties:
        for name, duty in vars(one).items():
            found[name] = str(max(duty, found.get(name, duty), key=[str(each) for each in STRICTNESS].index))
    return found
