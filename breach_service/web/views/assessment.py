"""The assessment of a page: what is concluded, from which lines, established by whom; and each perimeter's card."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from breach_service.domain.assessment import (
    Assessment,
    Conflict,
    PerimeterAssessment,
    conflicts_in,
    severity_over,
)
from breach_service.domain.conditions import Line, Truth, any_of
from breach_service.domain.facts import Provenance
from breach_service.domain.rules import Finding, Loss, RiskLevel
from breach_service.domain.severity import (
    BAND_WORDS,
    CNIL_LEVELS,
    CNIL_WORDS,
    FLAG_WORDS,
    SeverityInterval,
    band_of,
)
from breach_service.web.views.pieces import ContentWords, Risk, Value, risk_of, value_of
from breach_service.web.views.questions import Consequence, consequence_of

Says = Literal["at_least", "at_most", "personal_data", "flaw"]
MOST_POSSIBLE = 3
"""How many criteria that wait for an answer stand open; the others are counted and folded."""


@dataclass(frozen=True)
class ConditionLine:
    """One line of a finding: does it hold, what was looked at, which value it has, who says so and since when."""

    truth: Truth
    fact: str
    label: str
    value: Value
    by: str
    established_at: datetime | None
    provenance: Provenance | None
    is_open_question: bool


@dataclass(frozen=True)
class FindingLine:
    """What one written criterion concluded."""

    title: str
    why: str
    truth: Truth
    says: Says
    level: str
    """`unlikely`, `risk`, `high_risk`; for personal data and a flaw `yes` or `no`."""
    loss: Loss | None
    lines: tuple[ConditionLine, ...]
    references: tuple[str, ...]
    reviewed_on: date
    prevails_over: tuple[str, ...] = ()
    """Titles of criteria that hold too and count for less here."""
    gives_way_to: tuple[str, ...] = ()
    """Titles of criteria that hold too and count for more here."""


@dataclass(frozen=True)
class FindingGroup:
    """The findings of one or more perimeters that read alike."""

    controllers: tuple[str, ...]
    applying: tuple[FindingLine, ...]
    """Those that hold."""
    possible: tuple[FindingLine, ...]
    """Those that wait for an answer: the few that weigh most, highest level first."""
    folded: tuple[FindingLine, ...]
    """The others that wait for an answer."""
    not_applying: tuple[FindingLine, ...]


@dataclass(frozen=True)
class SeverityView:
    """The ENISA score beside the risk: its ends, the bands at both, and each point with its reason."""

    least: float
    most: float
    bands: tuple[str, ...]
    """One word where both ends fall in the same band, else two."""
    cnil: tuple[str, ...]
    """The CNIL's levels, likewise."""
    points: tuple[str, ...]
    flags: tuple[str, ...]
    """The words of those that hold."""


def severity_view(found: SeverityInterval | None, language: str) -> SeverityView | None:
    """None where there is no breach to score."""
    if found is None:
        return None
    bands = tuple(dict.fromkeys((band_of(found.least), band_of(found.most))))
    return SeverityView(
        least=found.least,
        most=found.most,
        bands=tuple(BAND_WORDS[one].in_language(language) for one in bands),
        cnil=tuple(CNIL_WORDS[CNIL_LEVELS[one]].in_language(language) for one in bands),
        points=tuple(one.words(language) for one in found.points),
        flags=tuple(
            FLAG_WORDS[flag].in_language(language) for flag, truth in found.flags.items() if truth is Truth.YES
        ),
    )


@dataclass(frozen=True)
class AssessmentView:
    """The section “Qualification”."""

    personal_data: Truth
    risk: Risk
    is_decided: bool
    losses: tuple[tuple[Loss, Truth], ...]
    consequence: Consequence
    groups: tuple[FindingGroup, ...]
    severity: SeverityView | None


def assessment_view(assessment: Assessment, content: ContentWords, language: str) -> AssessmentView:
    """The whole assessment; perimeters whose findings do not differ share one group."""
    asked = {one.fact for one in assessment.open_questions}
    groups: dict[object, list[PerimeterAssessment]] = {}
    for one in assessment.perimeters:
        groups.setdefault(_what_it_reads_like(one), []).append(one)
    return AssessmentView(
        personal_data=assessment.personal_data,
        risk=risk_of(assessment.risk),
        is_decided=assessment.risk.is_decided,
        losses=tuple((loss, any_of([one.losses[loss] for one in assessment.perimeters])) for loss in Loss),
        consequence=consequence_of(assessment),
        groups=tuple(_group(some, content, language, asked) for some in groups.values()),
        severity=severity_view(severity_over(assessment), language),
    )


def _what_it_reads_like(assessed: PerimeterAssessment) -> object:
    return tuple(
        (one.rule.id, one.truth, tuple((line.fact, line.truth, str(line.value)) for line in one.judgement.lines))
        for one in assessed.findings
    )


def _group(some: list[PerimeterAssessment], content: ContentWords, language: str, asked: set[str]) -> FindingGroup:
    first = some[0]
    conflicts = conflicts_in(first)
    lines = [
        _with_conflicts(_finding(one, first, content, language, asked), conflicts.get(one.rule.id), language)
        for one in first.findings
    ]
    possible = tuple(sorted((one for one in lines if one.truth is Truth.UNKNOWN), key=_lightness))
    return FindingGroup(
        controllers=tuple(one.perimeter.controller for one in some),
        applying=tuple(one for one in lines if one.truth is Truth.YES),
        possible=possible[:MOST_POSSIBLE],
        folded=possible[MOST_POSSIBLE:],
        not_applying=tuple(one for one in lines if one.truth is Truth.NO),
    )


def _with_conflicts(line: FindingLine, found: Conflict | None, language: str) -> FindingLine:
    if found is None:
        return line
    return replace(
        line,
        prevails_over=tuple(one.title.in_language(language) for one in found.prevails_over),
        gives_way_to=tuple(one.title.in_language(language) for one in found.gives_way_to),
    )


def _lightness(finding: FindingLine) -> tuple[bool, int, int]:
    """Smallest for what matters most: personal data, then the highest risk, then the fewest unknown lines."""
    is_level = finding.says in ("at_least", "at_most")
    level = RiskLevel.from_word(finding.level) if is_level else RiskLevel.HIGH_RISK
    return finding.says == "at_most", -level, sum(line.truth is Truth.UNKNOWN for line in finding.lines)


def _finding(
    finding: Finding, assessed: PerimeterAssessment, content: ContentWords, language: str, asked: set[str]
) -> FindingLine:
    then = finding.rule.then
    says: Says = "flaw" if then.flaw else "personal_data"
    if then.loss:
        says = "at_least" if then.at_least else "at_most"
    return FindingLine(
        title=finding.rule.title.in_language(language),
        why=finding.rule.why.in_language(language),
        truth=finding.truth,
        says=says,
        level=then.at_least or then.at_most or then.personal_data or then.flaw or "",
        loss=then.loss,
        lines=tuple(_condition(line, assessed, content, language, asked) for line in finding.judgement.lines),
        references=finding.rule.references,
        reviewed_on=finding.rule.reviewed_on,
    )


def _condition(
    line: Line, assessed: PerimeterAssessment, content: ContentWords, language: str, asked: set[str]
) -> ConditionLine:
    source = assessed.facts.get(line.fact)
    return ConditionLine(
        truth=line.truth,
        fact=line.fact,
        label="" if line.fact == "perimeter.role" else content.fact(line.fact, language),
        value=value_of(line.value, line.fact, content, language),
        by=source.by if source else "",
        established_at=source.established_at if source else None,
        provenance=source.provenance if source else None,
        is_open_question=line.truth is Truth.UNKNOWN and line.fact in asked,
    )
