"""The ENISA method (2013) as a pure function: SE = DPC × EI + CB, as an interval, with a point per reason."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from babel.numbers import format_decimal

from breach_service.domain.conditions import Truth, compare
from breach_service.domain.severity.input import DPC_BOUNDS, Bounds, DataContext, SeverityInput
from breach_service.domain.severity.levels import BAND_STARTS, Band, Flag, band_of
from breach_service.domain.severity_scales import (
    DPC_ADJUSTMENTS,
    DPC_BASE,
    PART_WORDS,
    POINTS,
    REASON_WORDS,
    STATED,
    UNKNOWN,
    Level,
    Part,
)

MANY_PERSONS = 100


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
    is_stated: bool = False
    """True where a person scored it."""

    def words(self, language: str) -> str:
        """The point in `fr` or `en`, without a full stop."""
        part = PART_WORDS[self.part].in_language(language)
        either = {"fr": " ou ", "en": " or "}[language]
        reasons = either.join(REASON_WORDS[one].in_language(language) for one in self.reasons)
        if self.is_stated and STATED not in self.reasons:
            reasons += f", {REASON_WORDS[STATED].in_language(language)}"
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


def severity_of(breach: SeverityInput) -> SeverityInterval:
    """SE = DPC × EI + CB over everything that is still possible, to the hundredth, with a point per reason.

    Knowing more never widens the interval; both of its ends are reachable. SE lies between 0.25 and 6.
    """
    contexts = breach.data or (DataContext(),)
    scores = [dpc_of(context) for context in contexts]
    dpc = (max(least for least, _ in scores), max(most for _, most in scores))
    ease = _point_of(Part.EASE, breach.ease, breach.stated)
    circumstances = [_point_of(part, levels, breach.stated) for part, levels in breach.circumstances.items()]
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
        return [Point(Part.DATA, (reason,), *dpc_of(context), context.category, reason is STATED)]
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


def _point_of(part: Part, levels: Collection[Level], stated: Collection[Part]) -> Point:
    scale = list(type(next(iter(levels))))
    reasons = (UNKNOWN,) if len(levels) == len(scale) else tuple(level for level in scale if level in levels)
    points = [POINTS[level] for level in levels]
    return Point(part, reasons, min(points), max(points), is_stated=part in stated)
