"""ENISA's bands of the score, the CNIL's four levels beside them, and the flags that are shown and never added."""

from enum import StrEnum

from breach_service.domain.text import Text


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


def band_of(score: float) -> Band:
    """The band of one score."""
    return max((band for band, start in BAND_STARTS.items() if score >= start), key=BAND_STARTS.__getitem__)
