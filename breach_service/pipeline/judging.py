"""Assess → oblige → enqueue: what an incident means, who must be told by when, and the card that says so."""

import hashlib
import secrets
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import rfc8785

from breach_service.domain.assessment import Assessment, assess, facts_from_inventory
from breach_service.domain.deadlines import Obligation, due_after, obligations_for
from breach_service.domain.facts import WHOLE_INCIDENT, Fact, Provenance, to_json, values_of
from breach_service.domain.grouping import established_by_signals, outweighs, value_of, words_of
from breach_service.domain.incident import (
    OPEN_STATUSES,
    EntryKind,
    Incident,
    IncidentStatus,
    Instant,
    instants_for,
    perimeters_of,
    title_from,
)
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.opening import SERVICE
from breach_service.store import alerts, incidents, obligations, outbox, records, timeline
from breach_service.store.database import Session
from breach_service.store.tables import IncidentRow

CARD = "card"
REMINDER = "reminder"
EDIT_PAUSE = timedelta(seconds=2)
"""A card is edited at most this often: Slack takes about one edit a second per channel."""


def judge(session: Session, incident_id: int, knowledge: Knowledge, now: datetime) -> None:
    """Judge an incident again in the transaction of what changed it; nothing happens where nothing did."""
    row = incidents.row_by_id(session, incident_id)
    _name(row, knowledge)
    _record_what_alerts_say(session, row, knowledge, now)
    incident = incidents.incident_of(row)
    facts, instants = records.facts_of(session, incident_id), records.instants_of(session, incident_id)
    assessment = assessment_of(incident, facts, knowledge)
    digest = _digest(incident, assessment, instants, knowledge)
    if digest != row.assessment_digest:
        _keep_assessment(session, row, assessment, digest, now)
        incidents.keep_perimeters(session, incident_id, (one.perimeter for one in assessment.perimeters), now)
        _oblige(session, incident, assessment, instants, knowledge, now)
    session.flush()
    if incident.status in (IncidentStatus.CONFIRMED, IncidentStatus.CLOSED):
        obligations.enter_in_register(session, incident_id, now)
    enqueue_cards(session, [incident_id], knowledge, now)


def assessment_of(incident: Incident, facts: Iterable[Fact], knowledge: Knowledge) -> Assessment:
    """The assessment of an incident on its recorded facts and on what the inventory says."""
    perimeters = perimeters_of(incident.systems, knowledge.inventory, incident.organisation)
    known = facts_from_inventory(incident, perimeters, knowledge.inventory, knowledge.catalogue.facts)
    return assess(perimeters, (*known, *facts), knowledge.catalogue.rules, knowledge.catalogue.facts)


def enqueue_cards(session: Session, ids: Collection[int], knowledge: Knowledge, now: datetime) -> None:
    """Queue the card of each incident once: at once where it is new, after a pause where it is edited in a flood.

    What it shows is read when it is sent. Of an incident that a sender under observation opened nothing is sent.
    """
    if not ids or not knowledge.channels:
        return
    waiting = outbox.cards_under_way(session, CARD, ids)
    posted = outbox.cards_posted(session, ids)
    for incident_id in incidents.told(session, ids):
        for channel in knowledge.channels:
            if (incident_id, channel) not in waiting:
                key = f"card:{channel}:{incident_id}:{secrets.token_hex(8)}"
                run_at = now + EDIT_PAUSE if (incident_id, channel) in posted else now
                outbox.enqueue(session, key, CARD, channel, now, incident_id=incident_id, run_at=run_at)


def _name(row: IncidentRow, knowledge: Knowledge) -> None:
    """Name an incident by its weightiest signal and its systems, unless a person named it."""
    if row.opened_by.startswith("person:"):
        return
    catalogue = knowledge.catalogue
    words = words_of(row.signals, row.patterns, catalogue.signals, catalogue.grouping, knowledge.language)
    systems = [
        found.name.in_language(knowledge.language) for found in map(knowledge.inventory.system, row.systems) if found
    ]
    row.title = title_from(words, systems or [row.group_key.partition(":")[2]])


def _record_what_alerts_say(session: Session, row: IncidentRow, knowledge: Knowledge, now: datetime) -> None:
    """Append the facts that the signals speak for, where they say something new."""
    incident = incidents.incident_of(row)
    said = {
        fact.name: fact.value
        for fact in records.facts_of(session, incident.id)
        if fact.provenance is Provenance.ALERT and fact.scope == WHOLE_INCIDENT
    }
    types = knowledge.catalogue.facts
    spoken = established_by_signals(set(incident.signals), knowledge.catalogue.signals)
    for one in alerts.facts_said(session, incident.id):
        for name, word in one.items():
            if name in types and (name not in spoken or outweighs(value_of(word), spoken[name])):
                spoken[name] = value_of(word)
    for name, raw in spoken.items():
        value = types[name].parse(raw)
        if name not in said or said[name] != value:
            fact = Fact(name, value, WHOLE_INCIDENT, Provenance.ALERT, "alerts", now)
            records.record_fact(session, incident.id, fact)


def _digest(incident: Incident, assessment: Assessment, instants: tuple[Instant, ...], knowledge: Knowledge) -> str:
    """Of everything that an assessment and its obligations follow from."""
    judged: dict[str, Any] = {
        "content": knowledge.catalogue.digest,
        "inventory": knowledge.inventory_revision,
        "status": str(incident.status),
        "detected_at": incident.detected_at.isoformat(),
        "systems": list(incident.systems),
        "instants": [f"{one.kind} {one.at.isoformat()} {one.perimeter}" for one in instants],
        "perimeters": [
            {
                "key": one.perimeter.key,
                "facts": {name: to_json(fact.value) for name, fact in one.facts.items()},
                "personal_data": str(one.personal_data),
                "risk": [one.risk.least.word, one.risk.most.word],
                "duties": [str(duty) for duty in vars(one.duties).values()],
            }
            for one in assessment.perimeters
        ],
    }
    return hashlib.sha256(rfc8785.dumps(judged)).hexdigest()


def _keep_assessment(session: Session, row: IncidentRow, assessment: Assessment, digest: str, now: datetime) -> None:
    summary = (str(assessment.personal_data), assessment.risk.least.word, assessment.risk.most.word)
    if row.assessment_digest == "" or (row.personal_data, row.risk_least, row.risk_most) != summary:
        words = dict(zip(("personal_data", "risk_least", "risk_most"), summary, strict=True))
        timeline.write_entry(session, row.id, now, EntryKind.ASSESSED, SERVICE, words)
    row.personal_data, row.risk_least, row.risk_most = summary
    row.assessment_digest = digest
    session.add(row)


def _oblige(
    session: Session, incident: Incident, assessment: Assessment, instants: tuple[Instant, ...], knowledge: Knowledge,
    now: datetime,
) -> None:  # fmt: skip
    """Bring the stored obligations in line; terms once copied stay, what fell away is withdrawn, never deleted."""
    wanted = {one.key: one for one in _wanted(incident, assessment, instants, knowledge)}
    stored = {one.key: one for one in obligations.of_incident(session, incident.id)}
    changes: list[tuple[EntryKind, Obligation]] = []
    for key, one in wanted.items():
        held = stored.get(key)
        if held is None:
            obligations.insert(session, incident.id, one, now)
            changes.append((EntryKind.OBLIGATION_ARISEN, one))
        elif held.fulfilled_at is None and (changed := _with_new_clock(held, one, knowledge.zone)) != held:
            obligations.update(session, changed)
            changes.append((EntryKind.OBLIGATION_CHANGED, changed))
    for key, held in stored.items():
        if key not in wanted and held.withdrawn_at is None and held.fulfilled_at is None:
            obligations.update(session, replace(held, withdrawn_at=now))
            changes.append((EntryKind.OBLIGATION_WITHDRAWN, held))
    _tell(session, incident.id, changes, now)


def _wanted(
    incident: Incident, assessment: Assessment, instants: tuple[Instant, ...], knowledge: Knowledge
) -> Iterable[Obligation]:
    if incident.status not in OPEN_STATUSES and incident.status is not IncidentStatus.CLOSED:
        return
    for one in assessment.perimeters:
        client = knowledge.inventory.client(one.perimeter.client) if one.perimeter.client else None
        yield from obligations_for(
            one,
            knowledge.catalogue.regimes,
            instants_for(one.perimeter.key, instants),
            incident.detected_at,
            client,
            values_of(one.facts),
            zone=knowledge.zone,
        )


def _with_new_clock(held: Obligation, wanted: Obligation, zone: ZoneInfo) -> Obligation:
    """The held obligation, its terms untouched, counted from the instant that is known now."""
    return replace(
        held,
        advice=wanted.advice,
        is_provisional=wanted.is_provisional,
        triggered_at=wanted.triggered_at,
        due_at=due_after(wanted.triggered_at, held.terms, zone),
        withdrawn_at=None,
    )


def _tell(session: Session, incident_id: int, changes: list[tuple[EntryKind, Obligation]], now: datetime) -> None:
    """One line per kind of change, regime and date, whatever the number of recipients."""
    told: dict[tuple[EntryKind, str, str, bool], list[str]] = {}
    for kind, one in changes:
        due = one.due_at.isoformat() if one.due_at else ""
        told.setdefault((kind, one.terms.regime, due, one.is_provisional), []).append(one.recipient)
    for (kind, regime, due, is_provisional), recipients in told.items():
        words = {
            "regime": regime,
            "recipients": " ".join(recipients),
            "due_at": due,
            "is_provisional": "yes" if is_provisional else "no",
        }
        timeline.write_entry(session, incident_id, now, kind, SERVICE, words)
