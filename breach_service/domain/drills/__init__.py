"""Exercises: a team rehearses the 72 hours in an hour. Pure functions of values; `now` is an argument."""

from breach_service.domain.drills.choosing import systems_for
from breach_service.domain.drills.report import DrillReport, Outcome, ReportLine, RoleReport, report_of
from breach_service.domain.drills.running import Drill
from breach_service.domain.drills.scenario import (
    STORY_HOURS,
    Concerned,
    Deed,
    Expectation,
    Inject,
    Scenario,
)
from breach_service.domain.drills.schedule import (
    SHORTEST_HOURS,
    at_hours,
    ends_by,
    in_order,
    injects_due,
    scale_for,
    story_hours,
)

__all__ = [
    "SHORTEST_HOURS",
    "STORY_HOURS",
    "Concerned",
    "Deed",
    "Drill",
    "DrillReport",
    "Expectation",
    "Inject",
    "Outcome",
    "ReportLine",
    "RoleReport",
    "Scenario",
    "at_hours",
    "ends_by",
    "in_order",
    "injects_due",
    "report_of",
    "scale_for",
    "story_hours",
    "systems_for",
]
