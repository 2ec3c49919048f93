"""The page of the content: versions, the files on disk, and what they would change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.access import Act
from breach_service.domain.conditions import Truth
from breach_service.domain.differences import Comparison, Difference, JudgedDifferently, Verdict
from breach_service.domain.incident import IncidentStatus
from breach_service.domain.text import Text
from breach_service.store.activations import Version
from breach_service.web.views.pieces import Risk, risk_of

MOST_INCIDENTS = 100
"""Incidents that are listed; all are counted."""


@dataclass(frozen=True)
class Criterion:
    """A criterion that concludes otherwise. `before` and `after` are None where it does not exist."""

    title: str
    before: Truth | None
    after: Truth | None
    is_rewritten: bool


@dataclass(frozen=True)
class Change:
    """One perimeter that would be judged differently."""

    controller: str
    """`own`, or the name of the client."""
    personal_data: tuple[Truth, Truth] | None
    risk: tuple[Risk, Risk] | None
    duties: tuple[tuple[str, str, str], ...]
    """Code of the duty, and its words before and after."""
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class ChangedIncident:
    """One incident that would be judged differently."""

    reference: str
    title: str
    status: IncidentStatus
    is_open: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class ContentPage:
    """The context variable `page` of `content.html`. Instants in UTC."""

    in_force: Version
    former: tuple[Version, ...]
    faults: tuple[str, ...]
    is_new: bool
    """True where the files on disk are not what is in force."""
    files: tuple[tuple[str, str], ...]
    looked_at: int
    left_out: int
    incidents: tuple[ChangedIncident, ...]
    differing: int
    still_open: int
    comparison: str
    may_activate: bool
    error: str
    now: datetime


def content_page(
    versions: Sequence[Version], comparison: Comparison | None, digest: str, faults: Iterable[str],
    rules: Mapping[str, Text], clients: Mapping[str, str], language: str, may: frozenset[str], now: datetime,
    error: str = "",
) -> ContentPage:  # fmt: skip
    """What is in force, and what the files would change; `versions` newest first, `digest` of the comparison."""
    found = comparison.incidents if comparison is not None else ()
    titles = {name: text.in_language(language) for name, text in rules.items()}
    return ContentPage(
        in_force=versions[0],
        former=tuple(versions[1:]),
        faults=tuple(faults),
        is_new=comparison is not None and comparison.is_of_anything,
        files=comparison.files if comparison is not None else (),
        looked_at=comparison.looked_at if comparison is not None else 0,
        left_out=comparison.left_out if comparison is not None else 0,
        incidents=tuple(_incident(one, titles, clients) for one in found[:MOST_INCIDENTS]),
        differing=len(found),
        still_open=sum(one.is_open for one in found),
        comparison=digest,
        may_activate=Act.ACTIVATE_CONTENT in may,
        error=error,
        now=now,
    )


def _incident(one: JudgedDifferently, titles: Mapping[str, str], clients: Mapping[str, str]) -> ChangedIncident:
    changes = tuple(_change(each, titles, clients) for each in one.differences)
    return ChangedIncident(one.reference, one.title, one.status, one.is_open, changes)


def _change(one: Difference, titles: Mapping[str, str], clients: Mapping[str, str]) -> Change:
    before, after = one.before, one.after
    kind, _, name = one.perimeter.partition(":")
    return Change(
        controller=clients.get(name, name) if kind == "client" else "own",
        personal_data=_pair(before.personal_data, after.personal_data),
        risk=_risks(before, after),
        duties=tuple((duty, *words) for duty, words in one.duties.items()),
        criteria=tuple(
            Criterion(titles.get(each.rule, each.rule), each.before, each.after, each.is_rewritten)
            for each in one.findings
        ),
    )


def _pair(before: Truth, after: Truth) -> tuple[Truth, Truth] | None:
    return None if before is after else (before, after)


def _risks(before: Verdict, after: Verdict) -> tuple[Risk, Risk] | None:
    return None if before.risk == after.risk else (risk_of(before.risk), risk_of(after.risk))
