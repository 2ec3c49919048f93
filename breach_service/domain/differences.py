"""What one content judges differently from another: the same incident, assessed twice, and the criteria behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from breach_service.domain.assessment import Assessment, Duties, PerimeterAssessment
from breach_service.domain.conditions import Truth
from breach_service.domain.incident import OPEN_STATUSES, IncidentStatus
from breach_service.domain.rules import Finding, RiskInterval


@dataclass(frozen=True)
class Verdict:
    """What an assessment of one perimeter comes to."""

    personal_data: Truth
    risk: RiskInterval
    duties: Duties


@dataclass(frozen=True)
class ChangedFinding:
    """A criterion that concludes otherwise: what it says before and after, None where it does not exist."""

    rule: str
    before: Truth | None
    after: Truth | None
    is_rewritten: bool
    """True where what it concludes changed, or the conditions that led to the same word."""


@dataclass(frozen=True)
class Difference:
    """One perimeter that is judged differently, and the criteria that make it so."""

    perimeter: str
    """Its key: `own`, `joint:<activity>`, `client:<id>`."""
    before: Verdict
    after: Verdict
    findings: tuple[ChangedFinding, ...]

    @property
    def duties(self) -> Mapping[str, tuple[str, str]]:
        """The duties that differ, by name: what they are before and after."""
        held, wanted = vars(self.before.duties), vars(self.after.duties)
        return {name: (str(held[name]), str(wanted[name])) for name in held if held[name] is not wanted[name]}


def judged_differently(before: Assessment, after: Assessment) -> tuple[Difference, ...]:
    """The perimeters whose personal data, risk or duties differ; empty where everything comes to the same.

    Both are of the same incident on the same inventory: a perimeter has its key in both.
    """
    held = {one.perimeter.key: one for one in before.perimeters}
    found = (_difference(held[one.perimeter.key], one) for one in after.perimeters if one.perimeter.key in held)
    return tuple(one for one in found if one is not None)


def _difference(before: PerimeterAssessment, after: PerimeterAssessment) -> Difference | None:
    held, wanted = verdict_of(before), verdict_of(after)
    if held == wanted:
        return None
    return Difference(after.perimeter.key, held, wanted, _changed_findings(before, after))


def verdict_of(one: PerimeterAssessment) -> Verdict:
    """What is compared."""
    return Verdict(one.personal_data, one.risk, one.duties)


def _changed_findings(before: PerimeterAssessment, after: PerimeterAssessment) -> tuple[ChangedFinding, ...]:
    """In the order of the criteria after, those that went last; one that stayed as it was says nothing."""
    held = {one.rule.id: one for one in before.findings}
    wanted = {one.rule.id: one for one in after.findings}
    found = []
    for rule in dict.fromkeys((*wanted, *held)):
        old, new = held.get(rule), wanted.get(rule)
        is_rewritten = old is not None and new is not None and _is_rewritten(old, new)
        truths = (old.truth if old else None, new.truth if new else None)
        if (truths[0] is not truths[1] or is_rewritten) and not _never_counted(*truths):
            found.append(ChangedFinding(rule, *truths, is_rewritten))
    return tuple(found)


def _is_rewritten(old: Finding, new: Finding) -> bool:
    return (old.rule.then, old.rule.when) != (new.rule.then, new.rule.when)


def _never_counted(before: Truth | None, after: Truth | None) -> bool:
    """A criterion that applies neither before nor after moves nothing."""
    return before in (None, Truth.NO) and after in (None, Truth.NO)


@dataclass(frozen=True)
class JudgedDifferently:
    """An incident that would be judged differently."""

    reference: str
    title: str
    status: IncidentStatus
    differences: tuple[Difference, ...]

    @property
    def is_open(self) -> bool:
        """False for one that is over: it is shown, and stays as it was judged."""
        return self.status in OPEN_STATUSES


@dataclass(frozen=True)
class Comparison:
    """What a content would change, shown before it is put in force."""

    former: str
    """Digest of the content in force."""
    latter: str
    """Digest of the one that would be."""
    files: tuple[tuple[str, str], ...]
    """Every file that differs, with `added`, `changed` or `removed`."""
    looked_at: int
    """How many incidents were assessed twice."""
    left_out: int
    """How many are older, or more than are looked at."""
    incidents: tuple[JudgedDifferently, ...]

    @property
    def is_of_anything(self) -> bool:
        """False where both are the same content."""
        return self.former != self.latter


def changed_files(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The documents of one content that the other lacks or says differently, by path."""
    found = []
    for path in sorted({*before, *after}):
        if path not in before:
            found.append((path, "added"))
        elif path not in after:
            found.append((path, "removed"))
        elif before[path] != after[path]:
            found.append((path, "changed"))
    return tuple(found)


def comparison_as_json(one: Comparison) -> dict[str, Any]:
    """A comparison as plain data, for its digest, the API and `--json`."""
    return {
        "former": one.former,
        "latter": one.latter,
        "files": [{"path": path, "change": change} for path, change in one.files],
        "looked_at": one.looked_at,
        "left_out": one.left_out,
        "incidents": [
            {
                "reference": each.reference,
                "status": str(each.status),
                "is_open": each.is_open,
                "differences": [_as_json(difference) for difference in each.differences],
            }
            for each in one.incidents
        ],
    }


def _as_json(one: Difference) -> dict[str, Any]:
    return {
        "perimeter": one.perimeter,
        "before": _verdict_as_json(one.before),
        "after": _verdict_as_json(one.after),
        "findings": [
            {
                "rule": each.rule,
                "before": None if each.before is None else str(each.before),
                "after": None if each.after is None else str(each.after),
                "is_rewritten": each.is_rewritten,
            }
            for each in one.findings
        ],
    }


def _verdict_as_json(one: Verdict) -> dict[str, Any]:
    return {
        "personal_data": str(one.personal_data),
        "risk_min": one.risk.least.word,
        "risk_max": one.risk.most.word,
        "duties": {name: str(duty) for name, duty in vars(one.duties).items()},
    }
