"""What `deadline` says of one regime: from what it counts, each reading with its steps, and when it is silent."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from breach_service.domain.calendar import Calendar, Language, Reading, reg_1182_71, strict, strict_months, words
from breach_service.domain.deadlines import Regime, RegimeKind, terms_for
from breach_service.domain.incident import InstantKind
from breach_service.domain.text import Text
from breach_service.domain.whole_days import reg_1182_71_whole_days

NAMES = {
    "strict": Text(fr="Décompte strict (celui qui compte)", en="Strict reading (the one that counts)"),
    "reg_1182_71": Text(
        fr="Règlement 1182/71, lecture prudente (un argument, pas une échéance)",
        en="Regulation 1182/71, prudent reading (an argument, not a due date)",
    ),
    "reg_1182_71_whole_days": Text(
        fr="Règlement 1182/71, jours ouvrables entiers (un argument que rien ne confirme)",
        en="Regulation 1182/71, complete working days (an argument that nothing confirms)",
    ),
}
_KINDS = {
    RegimeKind.LEGAL: Text(fr="obligation légale", en="legal duty"),
    RegimeKind.CONTRACT: Text(fr="engagement ou contrat", en="promise or contract"),
    RegimeKind.TARGET: Text(fr="objectif : dépassé, il n’est pas un retard", en="target: never overdue"),
}
_COUNTED = Text(fr="{kind} ({reference}). Se compte {counted}.", en="{kind} ({reference}). It counts {counted}.")
_ALSO = Text(
    fr="Et {hours} h au plus depuis {instant} : ce qui finit le premier compte.",
    en="And {hours} h at most from {instant}: what ends first counts.",
)
_INSTANTS = {
    InstantKind.AWARE_AT: Text(fr="la prise de connaissance", en="becoming aware"),
    InstantKind.DETECTED_AT: Text(fr="la première alerte", en="the first alert"),
}
_CONCERN = Text(
    fr="Seulement si l’organisme se dit concerné dans l’inventaire (concerned_by : {concern}).",
    en="Only where the organisation says in the inventory that it is concerned (concerned_by: {concern}).",
)
_ASKED = Text(
    fr="Demandé tant que l’organisme ne dit pas dans l’inventaire qu’il n’est pas concerné (concerned_by : {concern}).",
    en="Asked until the organisation says in the inventory that it is not concerned (concerned_by: {concern}).",
)
_CONTRACT = Text(fr="Le contrat d’un client peut l’abréger.", en="A client’s contract may shorten it.")


def has_term(regime: Regime) -> bool:
    """True where the regime itself says how long."""
    return bool(regime.term.hours or regime.term.months)


def deadline_out(
    regime: Regime, at: datetime, zone: ZoneInfo, calendar: Calendar, language: Language
) -> dict[str, Any]:  # fmt: skip
    """The readings of one regime counted from an instant (aware), as JSON; instants in `zone` with their offset."""
    readings = readings_for(regime, at, zone, calendar)
    dues = {name: one.due_at.astimezone(zone).isoformat() for name, one in readings.items()}
    steps = {name: [words(step, language, zone) for step in one.steps] for name, one in readings.items()}
    return {
        "regime": regime.id,
        "title": regime.title.in_language(language),
        "kind": str(regime.kind),
        "counted_from": str(regime.counted_from),
        "due_at": dues["strict"],
        "due_at_reg_1182_71": dues.get("reg_1182_71"),
        "due_at_reg_1182_71_whole_days": dues.get("reg_1182_71_whole_days"),
        "steps": [
            *_conditions(regime, language),
            *(line for name, some in steps.items() for line in (f"{NAMES[name].in_language(language)}.", *some)),
        ],
    }


def deadline_words(one: dict[str, Any]) -> str:
    """The same for a person."""
    head = [f"{one['regime']}: {one['title']}", f"  {one['due_at']}"]
    return "\n".join([*head, *(f"  {step}" for step in one["steps"])])


def readings_for(regime: Regime, at: datetime, zone: ZoneInfo, calendar: Calendar) -> dict[str, Reading]:
    """Strict for each; those of Regulation 1182/71 for a term in hours of a law of the Union alone."""
    if regime.term.months:
        return {"strict": strict_months(at, regime.term.months, zone)}
    if not regime.term.hours:
        return {}
    hours = regime.term.hours
    found = {"strict": strict(at, hours, zone)}
    if terms_for(regime, None).is_read_under_1182_71:
        found["reg_1182_71"] = reg_1182_71(at, hours, zone, calendar)
        found["reg_1182_71_whole_days"] = reg_1182_71_whole_days(at, hours, zone, calendar)
    return found


def _conditions(regime: Regime, language: Language) -> list[str]:
    kind, counted = _KINDS[regime.kind].in_language(language), regime.counted_from_words.in_language(language)
    said = [_COUNTED.in_language(language).format(kind=kind.capitalize(), reference=regime.reference, counted=counted)]
    if regime.also_within is not None:
        within = regime.also_within
        words_of = _ALSO.in_language(language)
        instant = _INSTANTS[within.counted_from].in_language(language) if within.counted_from in _INSTANTS else ""
        said.append(words_of.format(hours=f"{within.hours:g}", instant=instant or within.counted_from))
    if regime.concern is not None:
        sentence = _ASKED if regime.asked_unless_denied else _CONCERN
        said.append(sentence.in_language(language).format(concern=regime.concern))
    return [*said, _CONTRACT.in_language(language)] if regime.contract_may_shorten else said
