"""Exercises as they run: what arrives when, that everybody is told, and that they end."""

from collections.abc import Mapping
from datetime import datetime

from breach_service.domain.drills import STORY_HOURS, Drill, Inject, Scenario, ends_by, injects_due
from breach_service.domain.facts import WHOLE_INCIDENT, Fact, Provenance
from breach_service.domain.incident import OPEN_STATUSES, EntryKind, IncidentStatus
from breach_service.pipeline.judging import judge
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.opening import SERVICE, Opening, open_incidents
from breach_service.store import drills, incidents, outbox, records, timeline
from breach_service.store.database import Session

DRILL = "drill"
"""The kind of a message of an exercise in the outbox: it began, something arrived, it is over."""


def begin_drill(
    session: Session, scenario: Scenario, scale: float, systems: tuple[str, ...], by: str, knowledge: Knowledge,
    now: datetime,
) -> str:  # fmt: skip
    """Open the incident of an exercise, tell everybody, and deliver what arrives at once; its reference.

    The caller holds the placing lock.
    """
    opening = Opening(
        now, f"drill:{now.isoformat()}", systems, f"person:{by}", scenario.title.in_language(knowledge.language),
        signals=tuple(map(str, scenario.signals)), is_held=True, scale=scale,
    )  # fmt: skip
    [opened] = open_incidents(session, [opening], knowledge, now)
    drills.begin(session, opened.id, scenario, now)
    words = {"scenario": scenario.id, "hours": f"{scale * STORY_HOURS:g}", **_titled(scenario)}
    timeline.write_entry(session, opened.id, now, EntryKind.DRILL_STARTED, by, words)
    _tell(session, opened.id, "started", {"hours": f"{scale * STORY_HOURS:g}"}, knowledge, now)
    judge(session, opened.id, knowledge, now)
    deliver_injects(session, drills.one(session, opened.reference), knowledge, now)
    return opened.reference


def deliver_injects(session: Session, drill: Drill, knowledge: Knowledge, now: datetime) -> bool:
    """Let arrive what is due in one exercise; True if there was anything. The caller holds the placing lock."""
    due = injects_due(drill.scenario, drill.began_at, drill.scale, drill.delivered, now)
    for one in due:
        _arrive(session, drill.incident_id, one, knowledge, now)
    if due:
        judge(session, drill.incident_id, knowledge, now)
    return bool(due)


def _arrive(session: Session, incident_id: int, inject: Inject, knowledge: Knowledge, now: datetime) -> None:
    drills.keep_arrival(session, incident_id, inject.inject, now)
    says = {"says_fr": inject.says.in_language("fr"), "says_en": inject.says.in_language("en")}
    words = {"inject": inject.inject, "to": inject.to, **says}
    timeline.write_entry(session, incident_id, now, EntryKind.DRILL_INJECTED, SERVICE, words)
    row = incidents.row_by_id(session, incident_id)
    if inject.signals:
        row.signals = list(dict.fromkeys([*row.signals, *map(str, inject.signals)]))
        row.last_alert_at = now
        session.add(row)
    for name, raw in inject.facts.items():
        kind = knowledge.catalogue.facts.get(name)
        if kind is not None:  # the list of facts may have changed since the exercise began
            # As if somebody had read it off: signals speak in general terms and would outweigh another alert's word.
            fact = Fact(name, kind.parse(raw), WHOLE_INCIDENT, Provenance.PERSON, SERVICE, now)
            records.record_fact(session, incident_id, fact)
    session.flush()
    _tell(session, incident_id, f"inject:{inject.inject}", {"to": inject.to, **says}, knowledge, now)


def end_drill(
    session: Session, drill: Drill, by: str, reason: str, knowledge: Knowledge, now: datetime
) -> None:  # fmt: skip
    """End an exercise and close its incident; nothing falls due in it any more. The caller holds the placing lock."""
    drills.end(session, drill.incident_id, now)
    timeline.write_entry(session, drill.incident_id, now, EntryKind.DRILL_ENDED, by, {"reason": reason.strip()})
    row = incidents.row_by_id(session, drill.incident_id)
    if row.status in OPEN_STATUSES:
        words = {"from": row.status, "to": str(IncidentStatus.CLOSED), "reason": ""}
        row.status, row.closed_at = str(IncidentStatus.CLOSED), now
        session.add(row)
        session.flush()
        timeline.write_entry(session, drill.incident_id, now, EntryKind.STATUS_CHANGED, SERVICE, words)
    _tell(session, drill.incident_id, "ended", {}, knowledge, now)
    judge(session, drill.incident_id, knowledge, now)


def is_waiting(session: Session, now: datetime) -> bool:
    """True where an exercise has something to do now."""
    return any(_is_over(session, one, now) or _is_due(one, now) for one in drills.running(session))


def exercise(session: Session, knowledge: Knowledge, now: datetime) -> None:
    """Let arrive what is due in every exercise, and end those that are over. The caller holds the placing lock.

    An exercise is over when its incident was dismissed or closed, or after twice its length.
    """
    for one in drills.running(session):
        if not _is_over(session, one, now):
            deliver_injects(session, one, knowledge, now)
        else:
            end_drill(session, one, SERVICE, "", knowledge, now)


def _is_due(drill: Drill, now: datetime) -> bool:
    return bool(injects_due(drill.scenario, drill.began_at, drill.scale, drill.delivered, now))


def _is_over(session: Session, drill: Drill, now: datetime) -> bool:
    status = incidents.row_by_id(session, drill.incident_id).status
    return now >= ends_by(drill.began_at, drill.scale) or status not in OPEN_STATUSES


def _titled(scenario: Scenario) -> dict[str, str]:
    return {"title_fr": scenario.title.in_language("fr"), "title_en": scenario.title.in_language("en")}


def _tell(
    session: Session, incident_id: int, about: str, more: Mapping[str, str], knowledge: Knowledge, now: datetime
) -> None:  # fmt: skip
    payload = {"about": about.partition(":")[0], **more}
    for channel in knowledge.channels:
        key = f"drill:{channel}:{incident_id}:{about}"
        outbox.enqueue(session, key, DRILL, channel, now, incident_id=incident_id, payload=payload)
