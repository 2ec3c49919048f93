"""The page of the grouping: its rules in words, and what changed ones would have made of the last days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.grouping import Trial
from breach_service.catalog import Fault
from breach_service.domain.access import Act
from breach_service.domain.grouping import Grouping, Role
from breach_service.domain.grouping.content import Pattern, PatternStep
from breach_service.pipeline.dry_running import DryRun, PlayedAlert, PlayedIncident, Tally
from breach_service.web.views.pieces import ContentWords
from breach_service.web.views.silences import MatchLine, match_lines

DAYS = (1, 3, 7, 14)
"""How far back a dry run can be asked to look."""
USUAL_DAYS = 7
MOST_INCIDENTS = 60
MOST_ALERTS = 8
"""Alerts of one incident that are named; all are counted."""
MOST_TITLES = 20


@dataclass(frozen=True)
class RuleView:
    """One rule in words."""

    id: str
    why: str
    role: Role
    links: bool
    lines: tuple[MatchLine, ...]


@dataclass(frozen=True)
class StepView:
    """One step of a pattern."""

    sort: str
    at_least: int
    different: str
    """The code of the kind of thing that is counted; empty where alerts are."""
    within_minutes: int
    after_minutes: int
    """0 for the first step."""
    is_absence: bool
    lines: tuple[MatchLine, ...]


@dataclass(frozen=True)
class PatternView:
    """One pattern in words."""

    id: str
    title: str
    why: str
    by: str
    """The code of what its alerts have in common; empty for the system."""
    steps: tuple[StepView, ...]


@dataclass(frozen=True)
class ChangeView:
    """One incident that the changed rules would change."""

    change: str
    first_at: datetime
    references: tuple[str, ...]
    alerts: tuple[PlayedAlert, ...]
    others: int
    total: int
    joined: int
    left: int
    was: int


@dataclass(frozen=True)
class TrialView:
    """What came of a try: faults, or the two sides."""

    faults: tuple[Fault, ...]
    run: DryRun | None
    rows: tuple[tuple[str, int, int], ...] = ()
    """Code of what is counted, as it is, as it would be."""
    changes: tuple[ChangeView, ...] = ()
    others: int = 0
    new: tuple[tuple[str, int], ...] = ()
    """Titles of alerts that would stand in an incident and do not, and how many of each."""
    gone: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class GroupingPage:
    """The context variable `page` of `grouping.html`."""

    title: str
    why: str
    quiet_minutes: int
    around_minutes: int
    longest_hours: int
    links: tuple[tuple[str, int], ...]
    """Code of what links, and for how many minutes."""
    common: tuple[str, ...]
    seen_with: int
    on_days: int
    within_days: int
    rules: tuple[RuleView, ...]
    patterns: tuple[PatternView, ...]
    text: str
    """The file as it was typed, or as it is in force."""
    days: int
    choices: tuple[int, ...]
    may_try: bool
    trial: TrialView | None
    error: str
    now: datetime


def grouping_page(
    grouping: Grouping, text: str, content: ContentWords, language: str, may: frozenset[str], now: datetime, *,
    days: int = USUAL_DAYS, trial: Trial | None = None, error: str = "",
) -> GroupingPage:  # fmt: skip
    """The rules in force; `text` fills the form in, `trial` is what came of trying it."""
    return GroupingPage(
        title=grouping.title.in_language(language),
        why=grouping.why.in_language(language),
        quiet_minutes=grouping.quiet_minutes,
        around_minutes=grouping.around_minutes,
        longest_hours=grouping.longest_hours,
        links=tuple((str(kind), minutes) for kind, minutes in grouping.link_minutes.items()),
        common=grouping.common.values,
        seen_with=grouping.common.seen_with,
        on_days=grouping.common.on_days,
        within_days=grouping.common.within_days,
        rules=tuple(
            RuleView(
                one.id, one.why.in_language(language), one.role, one.links,
                tuple(match_lines(one.when, content, language)),
            )
            for one in grouping.rules
        ),
        patterns=tuple(_pattern(one, grouping, content, language) for one in grouping.patterns),
        text=text,
        days=days,
        choices=DAYS,
        may_try=Act.TRY_GROUPING in may,
        trial=_trial(trial) if trial is not None else None,
        error=error,
        now=now,
    )  # fmt: skip


def _pattern(one: Pattern, grouping: Grouping, content: ContentWords, language: str) -> PatternView:
    steps = tuple(_step(step, grouping, content, language) for step in one.steps)
    title, why = one.title.in_language(language), one.why.in_language(language)
    return PatternView(one.id, title, why, str(one.by or ""), steps)


def _step(one: PatternStep, grouping: Grouping, content: ContentWords, language: str) -> StepView:
    sort = grouping.sorts[one.sort]
    return StepView(
        sort=sort.title.in_language(language),
        at_least=one.at_least,
        different=str(one.different or ""),
        within_minutes=one.within_minutes,
        after_minutes=one.after_minutes or 0,
        is_absence=one.absent,
        lines=tuple(match_lines(sort.when, content, language)),
    )


def _trial(one: Trial) -> TrialView:
    run = one.run
    if run is None:
        return TrialView(one.faults, None)
    names = tuple(Tally.__dataclass_fields__)
    return TrialView(
        faults=(),
        run=run,
        rows=tuple((name, getattr(run.before, name), getattr(run.after, name)) for name in names),
        changes=tuple(_change(two) for two in run.incidents[:MOST_INCIDENTS]),
        others=max(len(run.incidents) - MOST_INCIDENTS, 0),
        new=_counted(run.new),
        gone=_counted(run.gone),
    )


def _change(one: PlayedIncident) -> ChangeView:
    return ChangeView(
        change=str(one.change),
        first_at=one.alerts[0].first_at,
        references=one.references,
        alerts=one.alerts[:MOST_ALERTS],
        others=max(len(one.alerts) - MOST_ALERTS, 0),
        total=len(one.alerts),
        joined=one.joined,
        left=one.left,
        was=one.was,
    )


def _counted(titles: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """The most frequent first."""
    found: dict[str, int] = {}
    for one in titles:
        found[one] = found.get(one, 0) + 1
    return tuple(sorted(found.items(), key=lambda one: (-one[1], one[0]))[:MOST_TITLES])
