"""How severe a breach is for the persons: the ENISA method (2013) as a pure function, and the CNIL's four levels.

SE = DPC × EI + CB: data processing context × ease of identification + circumstances of the breach. Every input may be
unknown or an interval; the score is then the interval from the least to the most that is still reachable.

The score never closes a question by itself. It is a documented aid for the person who decides, and never the gate
to telling the authority or the persons:

- The law asks for risk, which is likelihood and severity together (GDPR recitals 75 and 76). The score knows no
  likelihood, and the number of persons only as a flag.
- Regulators have set scores aside. The CNIL held that Canal+, which relied on the method, had to notify
  (SAN-2023-015); the UODO did so against ENEA with a score below 2, and found a high risk where ERGO Hestia had a low
  score and Bank Millennium a medium one.
- The usual faults lie in the inputs: data or identification scored too low, points taken off because few persons are
  touched, a recipient's word taken for a deletion. No formula can see them.

So a low score lowers no duty: written rules and a person's decision do, with their reasons.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from babel.numbers import format_decimal

from breach_service.domain.conditions import NumberRange, Truth, compare
from breach_service.domain.severity_scales import (
    DPC_ADJUSTMENTS,
    DPC_BASE,
    PART_WORDS,
    POINTS,
    REASON_WORDS,
    STATED,
    UNKNOWN,
    Adjustment,
    Availability,
    Confidentiality,
    DataKind,
    Ease,
    Integrity,
    Intent,
    Level,
    Part,
)
from breach_service.domain.text import Text

Bounds = tuple[float, float]
"""The least and the most that are still possible, both included."""

DPC_BOUNDS: Bounds = (1.0, 4.0)
MANY_PERSONS = 100


class Band(StrEnum):
    """ENISA's bands of the score, each with the score that it starts at in `BAND_STARTS`."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very_high"


BAND_STARTS = {Band.LOW: 0.0, Band.MEDIUM: 2.0, Band.HIGH: 3.0, Band.VERY_HIGH: 4.0}
BAND_WORDS = {
    Band.LOW: Text(fr="faible", en="low"),
    Band.MEDIUM: Text(fr="moyenne", en="medium"),
    Band.HIGH: Text(fr="élevée", en="high"),
    Band.VERY_HIGH: Text(fr="très élevée", en="very high"),
}


class CnilLevel(StrEnum):
    """The CNIL's four levels of severity (its PIA method, its notification form), called by what persons meet with."""

    NEGLIGIBLE = "negligible"
    """A few inconveniences overcome without difficulty."""
    LIMITED = "limited"
    """Significant inconveniences overcome despite some difficulties."""
    SIGNIFICANT = "significant"
    """Significant consequences overcome with real difficulties."""
    MAXIMAL = "maximal"
    """Consequences that may never be overcome."""


CNIL_WORDS = {
    CnilLevel.NEGLIGIBLE: Text(fr="négligeable", en="negligible"),
    CnilLevel.LIMITED: Text(fr="limitée", en="limited"),
    CnilLevel.SIGNIFICANT: Text(fr="importante", en="significant"),
    CnilLevel.MAXIMAL: Text(fr="maximale", en="maximal"),
}
CNIL_LEVELS = dict(zip(Band, CnilLevel, strict=True))
"""One to one: both scales describe their levels by the same consequences."""


class Flag(StrEnum):
    """What ENISA shows beside the score and never adds to it."""

    MORE_THAN_100_PERSONS = "more_than_100_persons"
    UNINTELLIGIBLE = "unintelligible"


FLAG_WORDS = {
    Flag.MORE_THAN_100_PERSONS: Text(fr="plus de 100 personnes concernées", en="more than 100 persons concerned"),
    Flag.UNINTELLIGIBLE: Text(fr="données inintelligibles", en="data unintelligible"),
}


@dataclass(frozen=True)
class DataContext:
    """One category of data concerned, to be scored for its processing context (DPC, from 1 to 4).

    An adjustment that is not given is unknown. `stated` is a DPC that a person scored: it stands in place of the kind
    and its adjustments. ValueError for an adjustment that the kind does not have, and for a DPC outside 1 to 4.
    """

    kind: DataKind | None = None
    """None: not known yet."""
    adjustments: Mapping[Adjustment, Truth] = field(default_factory=dict)
    stated: NumberRange | None = None
    category: str = ""
    """Id of the inventory's data category, to name it in the explanation."""

    def __post_init__(self) -> None:
        strange = set(self.adjustments) - set(DPC_ADJUSTMENTS[self.kind] if self.kind else ())
        if strange:
            raise ValueError(f"{', '.join(sorted(strange))} does not adjust {self.kind or 'an unknown kind of'} data")
        for bound in (self.stated.least, self.stated.most) if self.stated else ():
            if bound is not None and not DPC_BOUNDS[0] <= bound <= DPC_BOUNDS[1]:
                raise ValueError(f"a DPC lies between 1 and 4, not at {bound:g}")


@dataclass(frozen=True)
class SeverityInput:
    """What is known of a breach. Each set holds the levels that are still possible: all of them where unknown.

    Each category of data is scored and the highest counts; without any the DPC is unknown. ValueError for an empty set.
    """

    data: tuple[DataContext, ...] = ()
    ease: frozenset[Ease] = frozenset(Ease)
    confidentiality: frozenset[Confidentiality] = frozenset(Confidentiality)
    integrity: frozenset[Integrity] = frozenset(Integrity)
    availability: frozenset[Availability] = frozenset(Availability)
    intent: frozenset[Intent] = frozenset(Intent)
    number_of_persons: NumberRange | None = None
    is_unintelligible: Truth = Truth.UNKNOWN

    def __post_init__(self) -> None:
        for part, levels in {Part.EASE: self.ease, **self.circumstances}.items():
            if not levels:
                raise ValueError(f"no level of {part} is left: name one, or all of them while it is unknown")

    @property
    def circumstances(self) -> dict[Part, Collection[Level]]:
        """What CB adds up, part by part."""
        return {
            Part.CONFIDENTIALITY: self.confidentiality,
            Part.INTEGRITY: self.integrity,
            Part.AVAILABILITY: self.availability,
            Part.INTENT: self.intent,
        }


AnyLevel = TypeVar("AnyLevel", Ease, Confidentiality, Integrity, Availability, Intent)


def levels_within(scale: type[AnyLevel], points: NumberRange) -> frozenset[AnyLevel]:
    """The levels of a scale whose points lie in a range, for inputs in points; ValueError where there is none."""
    found = frozenset(one for one in scale if compare(points, "is", POINTS[one]) is not Truth.NO)
    if not found:
        known = ", ".join(f"{one:g}" for one in sorted({POINTS[one] for one in scale}))
        raise ValueError(f"{scale.__name__} has no level at {points}: its levels are {known}")
    return found


@dataclass(frozen=True)
class Point:
    """One contribution, from `least` to `most`, and why: points of DPC, the factor EI, or points of CB.

    `reasons` are machine words: the levels that are still possible; `unknown` where all are; `stated` for a DPC that a
    person scored.
    """

    part: Part
    reasons: tuple[str, ...]
    least: float
    most: float
    category: str = ""

    def words(self, language: str) -> str:
        """The point in `fr` or `en`, without a full stop."""
        part = PART_WORDS[self.part].in_language(language)
        either = {"fr": " ou ", "en": " or "}[language]
        reasons = either.join(REASON_WORDS[one].in_language(language) for one in self.reasons)
        return f"{part}{' : ' if language == 'fr' else ': '}{reasons} ({self._points_in_words(language)})"

    def _points_in_words(self, language: str) -> str:
        pattern = {Part.DATA: "0.##", Part.EASE: "×0.##"}.get(self.part, "+0.##;−0.##")
        bounds = (self.least, self.most)
        least, most = (format_decimal(one, pattern if one else "0", locale=language) for one in bounds)
        if least == most:
            return least
        return f"de {least} à {most}" if language == "fr" else f"{least} to {most}"


@dataclass(frozen=True)
class SeverityInterval:
    """The score SE, from the least to the most that is still reachable, and what made it.

    It never closes a question by itself: see the module's docstring.
    """

    least: float
    most: float
    dpc: Bounds
    ease: Bounds
    circumstances: Bounds
    points: tuple[Point, ...]
    flags: Mapping[Flag, Truth]

    @property
    def bands(self) -> tuple[Band, ...]:
        """Every band that is still reachable, lowest first."""
        lowest, highest = BAND_STARTS[band_of(self.least)], BAND_STARTS[band_of(self.most)]
        return tuple(band for band, start in BAND_STARTS.items() if lowest <= start <= highest)


def band_of(score: float) -> Band:
    """The band of one score."""
    return max((band for band, start in BAND_STARTS.items() if score >= start), key=BAND_STARTS.__getitem__)


def severity_of(breach: SeverityInput) -> SeverityInterval:
    """SE = DPC × EI + CB over everything that is still possible, to the hundredth, with a point per reason.

    Knowing more never widens the interval; both of its ends are reachable. SE lies between 0.25 and 6.
    """
    contexts = breach.data or (DataContext(),)
    scores = [dpc_of(context) for context in contexts]
    dpc = (max(least for least, _ in scores), max(most for _, most in scores))
    ease = _point_of(Part.EASE, breach.ease)
    circumstances = [_point_of(part, levels) for part, levels in breach.circumstances.items()]
    added = (sum(point.least for point in circumstances), sum(point.most for point in circumstances))
    return SeverityInterval(
        least=round(dpc[0] * ease.least + added[0], 2),
        most=round(dpc[1] * ease.most + added[1], 2),
        dpc=dpc,
        ease=(ease.least, ease.most),
        circumstances=added,
        points=(*(point for context in contexts for point in _points_of(context)), ease, *circumstances),
        flags={
            Flag.MORE_THAN_100_PERSONS: compare(breach.number_of_persons, "more_than", MANY_PERSONS),
            Flag.UNINTELLIGIBLE: breach.is_unintelligible,
        },
    )


def dpc_of(context: DataContext) -> Bounds:
    """The DPC of one category: its base, plus the strongest increase and the strongest decrease that hold."""
    if context.stated is not None:
        least, most = context.stated.least, context.stated.most
        return DPC_BOUNDS[0] if least is None else least, DPC_BOUNDS[1] if most is None else most
    if context.kind is None:
        return DPC_BOUNDS
    sure, possible = [0], [0]
    for adjustment, points in DPC_ADJUSTMENTS[context.kind].items():
        truth = context.adjustments.get(adjustment, Truth.UNKNOWN)
        possible += [points] if truth is not Truth.NO else []
        sure += [points] if truth is Truth.YES else []
    base = DPC_BASE[context.kind]
    return float(base + max(sure) + min(possible)), float(base + max(possible) + min(sure))


def _points_of(context: DataContext) -> list[Point]:
    """The base of a category and every adjustment that holds or may hold."""
    if context.stated is not None or context.kind is None:
        reason = UNKNOWN if context.stated is None else STATED
        return [Point(Part.DATA, (reason,), *dpc_of(context), context.category)]
    base = float(DPC_BASE[context.kind])
    points = [Point(Part.DATA, (context.kind,), base, base, context.category)]
    for adjustment, added in DPC_ADJUSTMENTS[context.kind].items():
        match context.adjustments.get(adjustment, Truth.UNKNOWN):
            case Truth.YES:
                points.append(Point(Part.ADJUSTMENT, (adjustment,), added, added, context.category))
            case Truth.UNKNOWN:
                least, most = min(added, 0), max(added, 0)
                points.append(Point(Part.POSSIBLE_ADJUSTMENT, (adjustment,), least, most, context.category))
    return points


def _point_of(part: Part, levels: Collection[Level]) -> Point:
    scale = list(type(next(iter(levels))))
    reasons = (UNKNOWN,) if len(levels) == len(scale) else tuple(level for level in scale if level in levels)
    points = [POINTS[level] for level in levels]
    return Point(part, reasons, min(points), max(points))
