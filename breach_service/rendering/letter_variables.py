"""Everything that the texts of a letter may read, by name."""

from collections.abc import Callable, Iterable, Mapping

from breach_service.domain.drafts import Notice
from breach_service.domain.incident import InstantKind
from breach_service.domain.inventory import Contact
from breach_service.domain.text import Text
from breach_service.rendering.vocabulary import Words


def variables_of(notice: Notice, words: Words) -> dict[str, object]:
    """Everything that the texts of a letter may read, by name."""
    return {
        "organisation": notice.organisation,
        "representative": notice.organisation.representative or Contact(name=""),
        "contact": notice.organisation.dpo,
        "controller": notice.controller,
        "client": notice.client,
        "our_role": notice.our_role,
        "activities": notice.activities,
        "providers": notice.providers,
        "signals": notice.signals,
        "reference": notice.reference,
        "occurred_at": notice.at("occurred_at"),
        "detected_at": notice.at("detected_at"),
        "flaw_discovered_at": notice.at("flaw_discovered_at"),
        "attack_known_at": notice.at("attack_known_at"),
        "told_at": notice.at("told_at"),
        "aware_at": notice.at("aware_at"),
        "discovered_at": min(
            filter(None, (notice.at("flaw_discovered_at"), notice.at("attack_known_at"), notice.at("aware_at"))),
            default=None,
        ),
        "ended": notice.ended,
        "due_at": notice.due_at,
        "is_late": notice.is_late,
        "delay_reason": notice.delay_reason,
        "discovery": notice.discovery,
        "sent_at": notice.sent_at,
        "receipt": notice.receipt,
        "terms": notice.terms,
        "persons_duty": notice.persons_duty,
        "persons_told_at": notice.persons_told_at,
        "persons_told_by": notice.persons_told_by,
        "is_breach_established": any(one.is_yes and one.is_established for one in notice.losses.values()),
        "is_breach_excluded": all(one.is_no for one in notice.losses.values()),
        "severity": notice.severity,
        "data_names": _unique(data.name for data in notice.data_categories),
        "further_names": _unique(data.name for data in notice.further_data),
        "special_names": _unique(data.name for data in notice.data_categories if data.is_special),
        "persons_names": _unique(persons for part in notice.activities for persons in part.persons),
        "open_points": open_points(notice, words.get("open", {})),
        "number_of_persons": notice.number_of_persons,
        "has_data": notice.has_data,
        "measures_done": tuple(one for one in notice.measures if one.is_done),
        "measures_planned": tuple(one for one in notice.measures if not one.is_done),
        "measure_kinds": tuple(one.kind for one in notice.measures if one.kind),
        "addressees": notice.addressees,
        "provider": notice.provider,
        "provider_reference": notice.provider_reference,
        "questions": notice.questions,
        "answer_by": notice.answer_by,
        "received_at": notice.at("received_at"),
        "fact": notice.fact,
        "loss": notice.loss,
        "words": words,
        "word": _word_from(words),
    }


def _unique(texts: Iterable[Text]) -> tuple[Text, ...]:
    return tuple(dict.fromkeys(texts))


def open_points(notice: Notice, names: Mapping[str, str]) -> tuple[str, ...]:
    """The words of everything in the list that nobody has established; `names` are facts, losses and instants."""
    return tuple(text for name, text in names.items() if not _is_established(notice, name))


def _is_established(notice: Notice, name: str) -> bool:
    match name:
        case "number_of_persons":
            return notice.number_of_persons.is_established
        case "ended":
            return notice.ended is not None
        case "severity":
            return notice.severity is not None
        case "measures.taken" if any(one.is_done for one in notice.measures):
            return True
    if name in tuple(InstantKind):
        return notice.at(name) is not None
    if name.startswith("loss."):
        return notice.loss(name.removeprefix("loss.")).is_established
    return notice.fact(name).is_established


def _word_from(words: Words) -> Callable[[str, str], str]:
    def word(group: str, key: str) -> str:
        if key not in words.get(group, {}):
            raise LookupError(f"the words of this letter have no {group}.{key}")
        return words[group][key]

    return word
