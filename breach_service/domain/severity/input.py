"""What is known of a breach, in the terms of the ENISA method."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from breach_service.domain.conditions import NumberRange, Truth, compare
from breach_service.domain.severity_scales import (
    DPC_ADJUSTMENTS,
    POINTS,
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

Bounds = tuple[float, float]
"""The least and the most that are still possible, both included."""

DPC_BOUNDS: Bounds = (1.0, 4.0)


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
    stated: frozenset[Part] = frozenset()
    """The parts whose level a person scored."""

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
