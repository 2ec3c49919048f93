"""From the recorded facts to the inputs of the ENISA method.

What a person scored (`enisa.*`) wins and says so; the rest is read from what is known anyway. Every fact that is not
known leaves open all the levels that it could lead to, so that learning more only ever narrows the score.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from breach_service.domain.conditions import FactValue, NumberRange, Truth, all_of, is_unknown
from breach_service.domain.severity.input import DPC_BOUNDS, DataContext, SeverityInput
from breach_service.domain.severity_scales import (
    DPC_ADJUSTMENTS,
    Adjustment,
    Availability,
    Confidentiality,
    DataKind,
    Ease,
    Integrity,
    Intent,
    Part,
)

DPC, KINDS = "enisa.dpc", "data.kinds"
"""Facts that state the processing context, and the kinds of data."""

SENSITIVE = frozenset(
    {"racial_origin", "political", "philosophical", "trade_union", "sexual_orientation", "health", "biometric",
     "genetic", "offences"}
)  # fmt: skip
KIND_OF: Mapping[str, DataKind] = {
    "civil_status": DataKind.SIMPLE,
    "nir": DataKind.SIMPLE,
    "contact": DataKind.SIMPLE,
    "official_documents": DataKind.SIMPLE,
    "location": DataKind.BEHAVIOURAL,
    "financial": DataKind.FINANCIAL,
    **dict.fromkeys(SENSITIVE, DataKind.SENSITIVE),
}
"""The CNIL form's categories by ENISA's kinds. `other` may be anything; credentials have the kind of what they open."""
CREDENTIALS = "credentials"
Facts = Mapping[str, FactValue]


def severity_input(values: Facts, losses: Mapping[str, Truth]) -> SeverityInput:
    """The inputs of the method at one place; `losses` by name: confidentiality, integrity, availability."""
    read = SeverityInput(
        data=data_contexts(values),
        ease=ease_of(values),
        confidentiality=confidentiality_of(values, losses["confidentiality"]),
        integrity=integrity_of(values, losses["integrity"]),
        availability=availability_of(values, losses["availability"]),
        intent=intent_of(values),
        number_of_persons=_range(values, "persons.number"),
        is_unintelligible=is_unintelligible(values),
    )
    ease = _stated(values, "enisa.ease", Ease)
    confidentiality = _stated(values, "enisa.confidentiality", Confidentiality)
    integrity = _stated(values, "enisa.integrity", Integrity)
    availability = _stated(values, "enisa.availability", Availability)
    found = {
        Part.EASE: ease,
        Part.CONFIDENTIALITY: confidentiality,
        Part.INTEGRITY: integrity,
        Part.AVAILABILITY: availability,
    }
    return replace(
        read,
        ease=ease or read.ease,
        confidentiality=confidentiality or read.confidentiality,
        integrity=integrity or read.integrity,
        availability=availability or read.availability,
        stated=frozenset(part for part, levels in found.items() if levels),
    )


AnyLevel = TypeVar("AnyLevel", Ease, Confidentiality, Integrity, Availability)


def _stated(values: Facts, name: str, scale: type[AnyLevel]) -> frozenset[AnyLevel] | None:
    value = values.get(name)
    return frozenset(one for one in scale if one == value) or None


def _range(values: Facts, name: str) -> NumberRange | None:
    value = values.get(name)
    return value if isinstance(value, NumberRange) else None


def _truth(values: Facts, name: str) -> Truth:
    value = values.get(name)
    return value if isinstance(value, Truth) else Truth.UNKNOWN


def _words(values: Facts, name: str) -> frozenset[str] | None:
    value = values.get(name)
    return value if isinstance(value, frozenset) else None


def data_contexts(values: Facts) -> tuple[DataContext, ...]:
    """One context per kind of data; none where it is not known which data are concerned."""
    stated = _dpc_within_bounds(_range(values, DPC))
    if stated is not None:
        return (DataContext(stated=stated),)
    kinds = _words(values, KINDS)
    if kinds is not None:
        found: dict[DataKind | None, list[str]] = {kind: [] for kind in DataKind if kind in kinds}
    else:
        found = _kinds_of(_words(values, "data.categories") or frozenset())
    return tuple(
        DataContext(kind, dict(_adjustments(kind, values)), category=", ".join(words)) for kind, words in found.items()
    )


def _dpc_within_bounds(stated: NumberRange | None) -> NumberRange | None:
    """A scored DPC as far as it lies on the scale from 1 to 4; None where it does not at all."""
    if stated is None or is_unknown(stated):
        return None
    least = max(DPC_BOUNDS[0], DPC_BOUNDS[0] if stated.least is None else stated.least)
    most = min(DPC_BOUNDS[1], DPC_BOUNDS[1] if stated.most is None else stated.most)
    return NumberRange(least, most) if least <= most else None


def _kinds_of(categories: Iterable[str]) -> dict[DataKind | None, list[str]]:
    """Credentials open the data listed with them; alone, nobody knows what they open."""
    found: dict[DataKind | None, list[str]] = {}
    categories = sorted(categories)
    for word in categories:
        if word != CREDENTIALS or categories == [CREDENTIALS]:
            found.setdefault(KIND_OF.get(word), []).append(word)
    return found


def _adjustments(kind: DataKind | None, values: Facts) -> Iterable[tuple[Adjustment, Truth]]:
    """What the data tell, as one answer for each kind: one adjustment, or `plain` for none."""
    insight = values.get(f"insight.{kind}")
    for one in DPC_ADJUSTMENTS[kind] if kind else ():
        yield one, Truth.UNKNOWN if is_unknown(insight) else Truth.YES if one == insight else Truth.NO


EASE_OF = {
    "direct": Ease.MAXIMUM,
    "indirect": Ease.SIGNIFICANT,
    "difficult": Ease.LIMITED,
    "hardly": Ease.NEGLIGIBLE,
}
RECIPIENTS: Mapping[str, frozenset[Confidentiality]] = {
    "nobody": frozenset({Confidentiality.NO_SIGN_OF_MISUSE}),
    **dict.fromkeys(("trusted", "identified", "insider"), frozenset({Confidentiality.KNOWN_RECIPIENTS})),
    **dict.fromkeys(("malicious", "public"), frozenset({Confidentiality.UNKNOWN_RECIPIENTS})),
}
"""A lost device, other users and a long mailing list are all `unidentified`: what was seen of the data tells more."""
UNIDENTIFIED: Mapping[str, frozenset[Confidentiality]] = {
    "seen": frozenset({Confidentiality.UNKNOWN_RECIPIENTS}),
    "possible": frozenset({Confidentiality.NO_SIGN_OF_MISUSE}),
    "excluded": frozenset({Confidentiality.NO_SIGN_OF_MISUSE}),
}
"""By `exfiltration.state`, where it is not known who has the data."""


def ease_of(values: Facts) -> frozenset[Ease]:
    """How easily whoever holds the data identifies the persons."""
    found = EASE_OF.get(str(values.get("data.identification")))
    return frozenset(Ease) if found is None else frozenset({found})


def confidentiality_of(values: Facts, is_lost: Truth) -> frozenset[Confidentiality]:
    """Who may have got the data: nobody where nothing was disclosed, else after what is known of the recipients."""
    anybody = frozenset(Confidentiality) - {Confidentiality.NOT_LOST}
    recipients = str(values.get("recipients.kind"))
    lost = RECIPIENTS.get(recipients, anybody)
    if recipients == "unidentified":
        lost = UNIDENTIFIED.get(str(values.get("exfiltration.state")), anybody)
    return _if_lost(is_lost, lost, Confidentiality.NOT_LOST)


def integrity_of(values: Facts, is_lost: Truth) -> frozenset[Integrity]:
    """What was done to the data: restored before anybody used them, recoverable, or not."""
    altered = _either(
        _truth(values, "alteration.recoverable"),
        frozenset({Integrity.RECOVERABLE}),
        frozenset({Integrity.NOT_RECOVERABLE}),
    )
    restored = frozenset({Integrity.RESTORED_BEFORE_USE})
    lost = _either(_truth(values, "alteration.restored_before_use"), restored, altered)
    return _if_lost(is_lost, lost, Integrity.NOT_LOST)


def availability_of(values: Facts, is_lost: Truth) -> frozenset[Availability]:
    """What it takes to have the data again: nothing that the persons notice, some work, or they are gone for good."""
    effect = values.get("unavailability.effect_on_persons")
    is_noticed = Truth.UNKNOWN if is_unknown(effect) else Truth.NO if effect == "none" else Truth.YES
    back = _either(is_noticed, frozenset({Availability.TEMPORARY}), frozenset({Availability.EASILY_RECOVERED}))
    for_good = _truth(values, "data.lost_for_good")
    if for_good is Truth.UNKNOWN and _truth(values, "backup.restored") is Truth.YES:
        for_good = Truth.NO
    return _if_lost(is_lost, _either(for_good, frozenset({Availability.FULL}), back), Availability.NOT_LOST)


LossLevel = TypeVar("LossLevel", Confidentiality, Integrity, Availability)


def _either(truth: Truth, yes: frozenset[LossLevel], no: frozenset[LossLevel]) -> frozenset[LossLevel]:
    return {Truth.YES: yes, Truth.NO: no, Truth.UNKNOWN: yes | no}[truth]


def _if_lost(is_lost: Truth, lost: frozenset[LossLevel], intact: LossLevel) -> frozenset[LossLevel]:
    return _either(is_lost, lost, frozenset({intact}))


def intent_of(values: Facts) -> frozenset[Intent]:
    """Whether somebody meant harm."""
    return {
        Truth.YES: frozenset({Intent.MALICIOUS}),
        Truth.NO: frozenset({Intent.NOT_MALICIOUS}),
        Truth.UNKNOWN: frozenset(Intent),
    }[_truth(values, "incident.malicious")]


def is_unintelligible(values: Facts) -> Truth:
    """Encrypted by a sound method, all of it, and the key is safe."""
    key = ~_truth(values, "encryption.key_compromised")
    return all_of([_truth(values, "encryption.state_of_the_art"), key, _truth(values, "encryption.covers_all_data")])
