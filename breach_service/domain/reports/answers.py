"""The five questions as somebody answered them, on whichever way: page, Slack, API, command line."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from breach_service.domain.conditions import Truth
from breach_service.domain.reports.report import Report, ReportChannel, Reporter, ReporterKind, digest_of


@dataclass(frozen=True)
class Answers:
    """What somebody said. Instants aware."""

    what: str
    when: datetime | None = None
    where: str = ""
    persons: str = Truth.UNKNOWN
    """yes, no or unknown."""
    done: str = ""
    kind: ReporterKind = ReporterKind.EMPLOYEE
    name: str = ""
    contact: str = ""
    points_at_staff: bool = False
    told_at: datetime | None = None
    """When we were told; None for just now."""
    key: str = ""
    """Makes what is sent twice one report; two reports that say the same have different ones."""
    more: Mapping[str, object] = field(default_factory=dict)
    """What the way asks for besides: kept with the original, JSON."""


def report_of_answers(said: Answers, channel: ReportChannel, now: datetime) -> tuple[Report, bytes]:
    """The report, and its original: what was said, as JSON in one order."""
    answers = {
        "what": said.what, "when": said.when.astimezone(UTC).isoformat() if said.when else "", "where": said.where,
        "persons": str(said.persons), "done": said.done,
    }  # fmt: skip
    original = {
        **said.more, **answers, "channel": str(channel), "kind": str(said.kind), "name": said.name,
        "contact": said.contact, "points_at_staff": said.points_at_staff, "key": said.key,
        "told_at": said.told_at.astimezone(UTC).isoformat() if said.told_at else "",
    }  # fmt: skip
    raw = json.dumps(original, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
    report = Report(
        reporter=Reporter(said.kind, said.name[:200], said.contact[:254]),
        channel=channel,
        told_at=said.told_at or now,
        received_at=now,
        digest=digest_of(raw),
        words=said.what,
        answers={name: value for name, value in answers.items() if value},
        points_at_staff=said.points_at_staff,
    )
    return report, raw
