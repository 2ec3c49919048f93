"""Exercises: those that can be begun, those that run and ran, and the report of one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.drills import (
    STORY_HOURS,
    Drill,
    DrillReport,
    Outcome,
    ReportLine,
    Scenario,
    at_hours,
    in_order,
    story_hours,
)
from breach_service.domain.inventory import Inventory
from breach_service.web.views.pieces import Icon

LOOKS: dict[Outcome, tuple[str, Icon]] = {
    Outcome.IN_TIME: ("is-done", "done"),
    Outcome.LATE: ("is-over", "over"),
    Outcome.OTHERWISE: ("is-soon", "ask"),
    Outcome.WAITING: ("is-run", "run"),
    Outcome.MISSING: ("is-over", "over"),
}


@dataclass(frozen=True)
class ScenarioLine:
    """A scenario that can be begun."""

    id: str
    title: str
    why: str
    learns: tuple[str, ...]
    hours: float
    injects: int
    expects: int


@dataclass(frozen=True)
class DrillLine:
    """An exercise that runs or ran. Instants in UTC, `hour` of the story."""

    reference: str
    title: str
    began_at: datetime
    ended_at: datetime | None
    ends_at: datetime
    """When the 72 hours of the story are over."""
    hours: float
    """In how many hours the 72 are played."""
    hour: float
    delivered: int
    injects: int

    @property
    def is_running(self) -> bool:
        """True until it was stopped or its time was up."""
        return self.ended_at is None


@dataclass(frozen=True)
class DrillsPage:
    """The context variable `page` of `drills.html`."""

    scenarios: tuple[ScenarioLine, ...]
    running: tuple[DrillLine, ...]
    over: tuple[DrillLine, ...]
    systems: tuple[tuple[str, str], ...]
    may_run: bool
    chosen: str
    hours: str
    error: str
    now: datetime


def scenario_line(scenario: Scenario, language: str) -> ScenarioLine:
    """A scenario in words."""
    return ScenarioLine(
        scenario.id, scenario.title.in_language(language), scenario.why.in_language(language),
        tuple(one.in_language(language) for one in scenario.learns), scenario.lasts_hours, len(scenario.injects),
        len(scenario.expects),
    )  # fmt: skip


def drill_line(drill: Drill, language: str, now: datetime) -> DrillLine:
    """An exercise as a row."""
    at = drill.ended_at or now
    return DrillLine(
        reference=drill.reference,
        title=drill.scenario.title.in_language(language),
        began_at=drill.began_at,
        ended_at=drill.ended_at,
        ends_at=at_hours(drill.began_at, STORY_HOURS, drill.scale),
        hours=round(drill.scale * STORY_HOURS, 2),
        hour=round(story_hours(drill.began_at, at, drill.scale), 1),
        delivered=len(drill.delivered),
        injects=len(drill.scenario.injects),
    )


def drills_page(
    scenarios: Iterable[Scenario], drills: Iterable[Drill], inventory: Inventory, language: str, may: frozenset[str],
    now: datetime, *, chosen: str = "", hours: str = "", error: str = "",
) -> DrillsPage:  # fmt: skip
    """What can be begun, what runs, what is over."""
    lines = [drill_line(one, language, now) for one in drills]
    return DrillsPage(
        scenarios=tuple(scenario_line(one, language) for one in scenarios),
        running=tuple(one for one in lines if one.is_running),
        over=tuple(one for one in lines if not one.is_running),
        systems=tuple((one.id, one.name.in_language(language)) for one in inventory.systems),
        may_run="run_drill" in may,
        chosen=chosen,
        hours=hours,
        error=error,
        now=now,
    )


@dataclass(frozen=True)
class ExpectedLine:
    """One expectation in words, with what became of it. Hours of the story."""

    title: str
    why: str
    within: float
    done_after: float | None
    done: int
    of: int
    outcome: str
    css: str
    icon: Icon


@dataclass(frozen=True)
class RolePart:
    """What was expected of one role."""

    role: str
    in_time: int
    lines: tuple[ExpectedLine, ...]


@dataclass(frozen=True)
class InjectLine:
    """Something that arrives; `at` is its instant in UTC. What has not arrived yet is not told beforehand."""

    hour: float
    at: datetime
    to: str
    says: str


@dataclass(frozen=True)
class DrillPage:
    """The context variable `page` of `drill.html`."""

    line: DrillLine
    learns: tuple[str, ...]
    roles: tuple[RolePart, ...]
    milestones: tuple[tuple[str, float | None], ...]
    injects: tuple[InjectLine, ...]
    met: int
    expected: int
    may_run: bool
    now: datetime


def drill_page(report: DrillReport, language: str, may: frozenset[str], now: datetime) -> DrillPage:
    """The report of one exercise; while it runs, how far it is."""
    drill = report.drill
    return DrillPage(
        line=drill_line(drill, language, now),
        learns=tuple(one.in_language(language) for one in drill.scenario.learns),
        roles=tuple(
            RolePart(one.role, one.in_time, tuple(_expected(each, language) for each in one.lines))
            for one in report.roles
        ),
        milestones=tuple((str(deed), after) for deed, after in report.milestones),
        injects=tuple(
            InjectLine(
                one.at_hours, at_hours(drill.began_at, one.at_hours, drill.scale), one.to,
                one.says.in_language(language),
            )
            for one in in_order(drill.scenario.injects)
            if one.inject in drill.delivered
        ),
        met=sum(one.in_time for one in report.roles),
        expected=sum(len(one.lines) for one in report.roles),
        may_run="run_drill" in may,
        now=now,
    )  # fmt: skip


def _expected(line: ReportLine, language: str) -> ExpectedLine:
    css, icon = LOOKS[line.outcome]
    return ExpectedLine(
        line.expected.title.in_language(language), line.expected.why.in_language(language), line.expected.within_hours,
        line.done_after, line.done, line.of, str(line.outcome), css, icon,
    )  # fmt: skip
