"""Assess → oblige → enqueue: what an incident means, who must be told by when, and the card that says so."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from breach_service.domain.alert import Signal
from breach_service.domain.assessment import Assessment, assess, facts_digest, facts_from_inventory
from breach_service.domain.deadlines import (
    Filed,
    Obligation,
    Obliging,
    company_obligations_for,
    instants_counted,
    known_of,
    obligations_for,
    recounted,
)
from breach_service.domain.facts import WHOLE_INCIDENT, Fact, Provenance
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
from breach_service.pipeline.compartments import close_what_points_at_staff
from breach_service.pipeline.knowledge import Knowledge, Narrowing
from breach_service.pipeline.opening import SERVICE
from breach_service.pipeline.planning import attach_playbooks
from breach_service.pipeline.remembering import Remembered
from breach_service.pipeline.standing import narrowings_of, window_of
from breach_service.pipeline.waking import call_for_urgent, end_calls, verdict_on
from breach_service.store import alerts, incidents, obligations, outbox, records, timeline
from breach_service.store.database import Session
from breach_service.store.outbox import Message
from breach_service.store.tables import IncidentRow
from breach_service.store.timeline import NewEntry

CARD = "card"
REMINDER = "reminder"
_ASSESSMENTS: Remembered[Assessment] = Remembered(500)
"""By everything that their result follows from; who established a fact and when may be another incident's."""
ENGINE = 3
"""Counted up whenever the engine judges the same facts otherwise than before: all are then judged again."""
EDIT_PAUSE = timedelta(seconds=2)
"""A card is edited at most this often: Slack takes about one edit a second per channel; …"""
EDIT_EACH = timedelta(seconds=0.4)
"""… and less often the more there are to edit: in a flood over many incidents edits must not hold new cards up."""


@dataclass
class _Held:
    """One incident with everything that judging it needs and may change."""

    row: IncidentRow
    facts: list[Fact]
    instants: tuple[Instant, ...]
    said: list[Mapping[str, str]]
    """What its alerts speak for by themselves."""
    narrowing: Narrowing
    """Of which activities alone some of its systems are concerned."""

    def window(self, now: datetime) -> tuple[datetime, datetime]:
        """From when to when the breach may have touched something."""
        return window_of(self.row, self.instants, self.facts, now)

    @property
    def id(self) -> int:
        """The number of its row."""
        return self.row.id or 0


def judge(session: Session, incident_id: int, knowledge: Knowledge, now: datetime) -> None:
    """Judge an incident again in the transaction of what changed it; nothing happens where nothing did."""
    judge_all(session, [incident_id], knowledge, now)
    end_calls(session, [incident_id], now)
    for held in _held(session, [incident_id]):  # not in a flood of alerts: here somebody is at work on it
        incident = incidents.incident_of(held.row)
        attach_playbooks(session, incident, _assessment_like(held, incident, knowledge, now), knowledge, now)


def judge_filed(session: Session, row: IncidentRow, knowledge: Knowledge, now: datetime) -> None:
    """Judge an incident in which a notice was filed: what follows it begins, though no fact changed."""
    if row.assessment_digest:
        row.assessment_digest = "a notice was filed"
        session.add(row)
        session.flush()
    judge(session, row.id or 0, knowledge, now)


def judge_all(session: Session, ids: Collection[int], knowledge: Knowledge, now: datetime) -> None:
    """Judge incidents again, each at most once and only where what is known of it changed.

    What is read and written for all of them takes one statement each, however many they are.
    """
    if not ids:
        return
    held = _held(session, ids)
    _record_what_alerts_say(session, held, knowledge, now)
    close_what_points_at_staff(session, [(one.row, one.facts) for one in held], knowledge.catalogue.facts, now)
    judged = []
    for one in held:
        _name(one.row, knowledge)
        digest = _digest(one, knowledge, now)
        if digest != one.row.assessment_digest:
            incident = incidents.incident_of(one.row)
            judged.append(_Judged(one, incident, _assessment_like(one, incident, knowledge, now), digest))
        elif one.row.urgency_signals != len(one.row.signals):
            incident = incidents.incident_of(one.row)
            _keep_urgency(one.row, incident, _assessment_like(one, incident, knowledge, now), knowledge)
    _keep(session, judged, knowledge, now)
    session.flush()
    call_for_urgent(session, (one.row for one in held), now)
    for one in held:
        if one.row.status in (IncidentStatus.CONFIRMED, IncidentStatus.CLOSED):
            obligations.enter_in_register(session, one.id, now)
    enqueue_cards(session, ids, knowledge, now)


def changed_among(session: Session, ids: Collection[int], knowledge: Knowledge, now: datetime) -> list[int]:
    """Those of which what they are judged by is another than when they were judged; nothing is written."""
    return [one.id for one in _held(session, ids) if _digest(one, knowledge, now) != one.row.assessment_digest]


def _held(session: Session, ids: Collection[int]) -> list[_Held]:
    rows = incidents.rows_by_id(session, ids)
    facts = records.facts_by_incident(session, ids)
    instants = records.instants_by_incident(session, ids)
    said, narrowings = alerts.facts_said(session, ids), narrowings_of(session, rows)
    return [
        _Held(row, facts[number], tuple(instants[number]), said.get(number, []), narrowings.get(number, ()))
        for row in rows
        for number in (row.id or 0,)
    ]


@dataclass(frozen=True)
class _Judged:
    """One incident with its new assessment."""

    held: _Held
    incident: Incident
    assessment: Assessment
    digest: str


def _keep(session: Session, judged: Sequence[_Judged], knowledge: Knowledge, now: datetime) -> None:
    """Write new assessments down, with what they oblige to."""
    if not judged:
        return
    told: list[NewEntry] = []
    for one in judged:
        told += _keep_assessment(one)
        _keep_urgency(one.held.row, one.incident, one.assessment, knowledge)
    perimeters = {one.held.id: [each.perimeter for each in one.assessment.perimeters] for one in judged}
    incidents.keep_perimeters(session, perimeters, now)
    stored = obligations.by_incident(session, perimeters)
    filed = obligations.filed_by_incident(session, [one for one, some in stored.items() if some])
    new: list[tuple[int, Obligation]] = []
    for one in judged:
        changes = list(_obliged(session, one, stored[one.held.id], filed.get(one.held.id, ()), knowledge, now))
        new += [(one.held.id, obligation) for kind, obligation in changes if kind is EntryKind.OBLIGATION_ARISEN]
        told += _entries_of(one.held.id, changes)
    obligations.insert(session, new, now)
    timeline.write_entries(session, now, told)


def _keep_urgency(row: IncidentRow, incident: Incident, assessment: Assessment, knowledge: Knowledge) -> None:
    verdict = verdict_on(incident, assessment, knowledge.catalogue.urgencies)
    row.urgency, row.urgency_rule, row.urgency_signals = str(verdict.urgency), verdict.rule, len(row.signals)


def assessment_of(incident: Incident, facts: Iterable[Fact], knowledge: Knowledge) -> Assessment:
    """The assessment of an incident on its recorded facts and on what the inventory says.

    `knowledge` holds the inventory as it stood during the breach (`Knowledge.as_it_stood`).
    """
    perimeters = perimeters_of(incident.systems, knowledge.inventory, incident.organisation)
    known = facts_from_inventory(incident, perimeters, knowledge.inventory, knowledge.catalogue.facts)
    return assess(perimeters, (*known, *facts), knowledge.catalogue.rules, knowledge.catalogue.facts)


def _assessment_like(held: _Held, incident: Incident, knowledge: Knowledge, now: datetime) -> Assessment:
    """An assessment with the same result: an attack opens many incidents of which the same is known."""
    facts, window = held.facts, held.window(now)
    known = tuple((one.name, one.value, one.scope, one.provenance) for one in facts)
    question = (incident.organisation, incident.systems, known, knowledge.epoch(*window), held.narrowing)

    def judged() -> Assessment:
        return assessment_of(incident, facts, knowledge.as_it_stood(*window, held.narrowing))

    return _ASSESSMENTS.get(knowledge, question, judged)


def enqueue_cards(session: Session, ids: Collection[int], knowledge: Knowledge, now: datetime) -> None:
    """Queue the card of each incident once: at once where it is new, after a pause where it is edited in a flood.

    What it shows is read when it is sent. Of an incident that a sender under observation opened nothing is sent.
    """
    if not ids or not knowledge.channels:
        return
    waiting = outbox.cards_under_way(session, CARD, ids)
    posted = outbox.cards_posted(session, ids)
    edit_at = now + max(EDIT_PAUSE, len(posted) * EDIT_EACH)
    messages = []
    for incident_id in incidents.told(session, ids):
        for channel in knowledge.channels:
            if (incident_id, channel) not in waiting:
                key = f"card:{channel}:{incident_id}:{secrets.token_hex(8)}"
                run_at = edit_at if (incident_id, channel) in posted else now
                messages.append(Message(key, CARD, channel, run_at, incident_id))
    outbox.enqueue_all(session, messages, now)


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


def _record_what_alerts_say(session: Session, held: Iterable[_Held], knowledge: Knowledge, now: datetime) -> None:
    """Append the facts that the signals speak for, where they say something new."""
    new: list[tuple[_Held, Fact]] = []
    for one in held:
        known = {
            fact.name: fact.value
            for fact in one.facts
            if fact.provenance is Provenance.ALERT and fact.scope == WHOLE_INCIDENT
        }
        for name, raw in _spoken(one, knowledge).items():
            value = knowledge.catalogue.facts[name].parse(raw)
            if name not in known or known[name] != value:
                new.append((one, Fact(name, value, WHOLE_INCIDENT, Provenance.ALERT, "alerts", now)))
    kept = records.record_facts(session, [(one.id, fact) for one, fact in new])
    for (one, _), fact in zip(new, kept, strict=True):
        one.facts.append(fact)


def _spoken(held: _Held, knowledge: Knowledge) -> dict[str, Any]:
    types = knowledge.catalogue.facts
    spoken = established_by_signals(set(map(Signal, held.row.signals)), knowledge.catalogue.signals)
    for one in held.said:
        for name, word in one.items():
            if name in types and (name not in spoken or outweighs(value_of(word), spoken[name])):
                spoken[name] = value_of(word)
    return spoken


def _digest(held: _Held, knowledge: Knowledge, now: datetime) -> str:
    """Of everything that an assessment and its obligations follow from."""
    row = held.row
    stood = f"{knowledge.epoch(*held.window(now))} {[(one, sorted(some)) for one, some in held.narrowing]}"
    instants = (
        f"{one.kind} {one.at.isoformat()} {one.perimeter}{' taken back' * one.is_taken_back}" for one in held.instants
    )
    return facts_digest(
        held.facts,
        systems=row.systems,
        content=knowledge.catalogue.digest,
        inventory=str(knowledge.inventory_revision),
        also=(str(ENGINE), stood, row.status, row.detected_at.isoformat(), row.organisation, *instants),
    )


def _keep_assessment(judged: _Judged) -> Iterable[NewEntry]:
    row, assessment = judged.held.row, judged.assessment
    summary = (str(assessment.personal_data), assessment.risk.least.word, assessment.risk.most.word)
    if row.assessment_digest == "" or (row.personal_data, row.risk_least, row.risk_most) != summary:
        words = dict(zip(("personal_data", "risk_least", "risk_most"), summary, strict=True))
        yield NewEntry(row.id, EntryKind.ASSESSED, SERVICE, words)
    row.personal_data, row.risk_least, row.risk_most = summary
    row.assessment_digest = judged.digest


def _obliged(
    session: Session, judged: _Judged, held: Iterable[Obligation], filed: Sequence[Filed], knowledge: Knowledge,
    now: datetime,
) -> Iterable[tuple[EntryKind, Obligation]]:  # fmt: skip
    """Bring the stored obligations in line; terms once copied stay, what fell away is withdrawn, never deleted.

    New ones are only named, to be inserted with those of others.
    """
    obliging = obliging_of(judged.incident, knowledge)
    instants, detected_at = judged.held.instants, judged.incident.detected_at
    wanted = {one.key: one for one in _wanted(judged, obliging, filed, knowledge)}
    stored = {one.key: one for one in held}
    for key, one in wanted.items():
        before = stored.get(key)
        if before is None:
            yield EntryKind.OBLIGATION_ARISEN, one
        elif before.fulfilled_at is None:
            known = instants_counted(before.perimeter, instants)
            changed = recounted(before, one, known, detected_at, filed, obliging)
            if changed != before:
                obligations.update(session, changed)
                yield EntryKind.OBLIGATION_CHANGED, changed
    for key, before in stored.items():
        if key not in wanted and before.withdrawn_at is None and before.fulfilled_at is None:
            obligations.update(session, replace(before, withdrawn_at=now))
            yield EntryKind.OBLIGATION_WITHDRAWN, before


def obliging_of(incident: Incident, knowledge: Knowledge) -> Obliging:
    """What the obligations of an incident follow from besides its facts."""
    organisations = knowledge.inventory.organisations
    organisation = next((one for one in organisations if one.id == incident.organisation), organisations[0])
    catalogue = knowledge.catalogue
    return Obliging(
        catalogue.regimes, catalogue.authorities, organisation, knowledge.zone, knowledge.calendar, incident.drill_scale
    )


def _wanted(
    judged: _Judged, obliging: Obliging, filed: Sequence[Filed], knowledge: Knowledge
) -> Iterable[Obligation]:  # fmt: skip
    incident, instants = judged.incident, judged.held.instants
    if incident.status not in OPEN_STATUSES and incident.status is not IncidentStatus.CLOSED:
        return
    known = []
    for one in judged.assessment.perimeters:
        facts = known_of(one, incident.signals)
        known.append(facts)
        client = knowledge.inventory.client(one.perimeter.client) if one.perimeter.client else None
        counted = instants_for(one.perimeter.key, instants)
        yield from obligations_for(one, obliging, counted, incident.detected_at, client, facts, filed)
    yield from company_obligations_for(obliging, instants, incident.detected_at, known, filed)


def _entries_of(incident_id: int, changes: Iterable[tuple[EntryKind, Obligation]]) -> Iterable[NewEntry]:
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
        yield NewEntry(incident_id, kind, SERVICE, words)
