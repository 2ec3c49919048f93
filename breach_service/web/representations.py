"""Values as JSON: the shapes that others rely on, used alike by the API and by `--json` on the command line."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from breach_service.domain.alert import Alert, Entity, class_of
from breach_service.domain.assessment import (
    NO_CONFLICT,
    Assessment,
    Conflict,
    Duty,
    PerimeterAssessment,
    conflicts_in,
    severity_in,
    severity_over,
    weighed_questions,
)
from breach_service.domain.deadlines import Obligation, state_of
from breach_service.domain.deciding import divergences
from breach_service.domain.dossier import Dossier
from breach_service.domain.drafts import Draft
from breach_service.domain.facts import to_json
from breach_service.domain.incident import UNQUALIFIED_STATUSES, ClockState
from breach_service.domain.measures import today_in
from breach_service.domain.personal_data import DataKind
from breach_service.domain.rules import Finding, RiskInterval
from breach_service.store.alerts import ListedAlert
from breach_service.store.incidents import IncidentSummary
from breach_service.web.decisions.deciding_out import divergence_out, position_out
from breach_service.web.judgements import contradictions_out, duty_reasons_out, question_out, severity_out
from breach_service.web.work.measure_out import measure_out


class AlertOut(BaseModel):
    """One episode. Instants in UTC."""

    id: int
    source: str
    title: str
    signal: str
    alert_class: str = Field(serialization_alias="class")
    severity: str
    vendor_severity: str
    status: str
    occurred_at: datetime
    """When it happened: the sender's time, or the receipt where that cannot be used."""
    said_at: datetime | None
    """The sender's own time, as it said it."""
    is_clock_off: bool
    """True if the sender's clock and ours disagree by more than waiting explains."""
    received_at: datetime
    last_seen_at: datetime
    vendor_reference: str
    link: str
    is_unverified: bool
    """True if its signature could not be checked; its credential was."""
    entities: list[dict[str, str]]
    fingerprint: str
    count: int
    why_here: str
    incident: str | None
    personal_data: dict[str, int] | None
    """The kinds of personal data that it shows, with how many different values each; null where it was not asked."""
    silenced: dict[str, Any] | None
    """The silence that kept it from waking anybody when it was said last: `id`, `owner`, `until`."""


class ObligationOut(BaseModel):
    """One duty and its clock. `due_at` is null where the law gives no date."""

    id: int
    regime: str
    recipient: str
    perimeter: str
    duty: str
    advice: str
    triggered_at: datetime
    due_at: datetime | None
    target_at: datetime | None
    """The date to aim at inside the term, where there is a target; nothing is overdue when it has passed."""
    kind: str
    """What stands behind the clock: legal, contract or target."""
    state: str
    is_provisional: bool
    fulfilled_at: datetime | None
    not_required_reason: str | None


class IncidentOut(BaseModel):
    """One incident in a list. `id` is what the list is paged by."""

    id: int
    reference: str
    title: str
    status: str
    alerts: int
    systems: list[str]
    personal_data: str
    risk: str
    detected_at: datetime
    qualify_by: datetime
    is_drill: bool
    """An exercise (EX-…): nothing of it is real."""
    is_qualification_overdue: bool
    """True where nobody has said in time whether it is a personal-data breach."""
    is_muted: bool
    """True where a silenced alert or a sender under observation opened it: nothing is sent about it."""
    closing_reason: str | None
    """As what it ended; null while it has not, or where nobody said so."""
    duplicate_of: str | None
    """Reference of the incident that it duplicates; `another incident` where it is not seen."""
    obligations: list[ObligationOut]


def alert_out(listed: ListedAlert, shown: Mapping[DataKind, int] | None = None) -> AlertOut:
    """An episode as JSON, with what it shows of persons."""
    one = listed.episode
    return AlertOut(
        id=one.id,
        source=one.source,
        title=one.title,
        signal=one.signal,
        alert_class=class_of(one.signal),
        severity=one.severity,
        vendor_severity=one.vendor_severity,
        status=one.status,
        occurred_at=one.occurred_at,
        said_at=one.said_at,
        is_clock_off=one.is_clock_off,
        received_at=one.received_at,
        last_seen_at=one.last_seen_at,
        vendor_reference=one.vendor_reference,
        link=one.link,
        is_unverified=one.is_unverified,
        entities=[entity_out(two) for two in one.entities],
        fingerprint=one.fingerprint,
        count=one.count,
        why_here=one.why_here,
        incident=listed.incident,
        personal_data=None if shown is None else {str(kind): count for kind, count in shown.items()},
        silenced=vars(one.silenced) if one.silenced is not None else None,
    )


def entity_out(one: Entity) -> dict[str, str]:
    """A thing that an alert names as JSON."""
    return {"kind": str(one.kind), "value": one.value, "role": str(one.role)}


def normal_form(one: Alert) -> dict[str, Any]:
    """An alert that was not stored, as JSON: what a body becomes."""
    return {
        "title": one.title,
        "signal": str(one.signal),
        "class": str(one.alert_class),
        "severity": str(one.severity),
        "vendor_severity": one.vendor_severity,
        "status": str(one.status),
        "occurred_at": one.occurred_at,
        "entities": [entity_out(two) for two in one.entities],
        "fingerprint": one.fingerprint,
        "vendor_reference": one.vendor_reference,
        "link": one.link,
        "summary": one.summary,
        "labels": dict(one.labels),
        "facts": dict(one.facts),
    }


def obligation_out(one: Obligation, now: datetime) -> ObligationOut:
    """An obligation as JSON, with its state now."""
    return ObligationOut(
        id=one.id,
        regime=one.terms.regime,
        recipient=one.recipient,
        perimeter=one.perimeter,
        duty=one.duty,
        advice=one.advice,
        triggered_at=one.triggered_at,
        due_at=one.due_at,
        target_at=one.target_at,
        kind=one.terms.kind,
        state=state_of(one, now),
        is_provisional=one.is_provisional,
        fulfilled_at=one.fulfilled_at,
        not_required_reason=one.not_required_reason,
    )


def incident_out(summary: IncidentSummary, obligations: Iterable[Obligation], now: datetime) -> IncidentOut:
    """An incident as JSON."""
    one = summary.incident
    return IncidentOut(
        id=one.id,
        reference=one.reference,
        title=one.title,
        status=one.status,
        alerts=one.alerts,
        systems=list(one.systems),
        personal_data=summary.personal_data,
        risk=summary.risk_least if summary.risk_least == summary.risk_most else "unknown",
        detected_at=one.detected_at,
        qualify_by=one.qualify_by,
        is_drill=one.is_drill,
        is_qualification_overdue=one.status in UNQUALIFIED_STATUSES and now >= one.qualify_by,
        is_muted=one.is_muted,
        closing_reason=one.closing_reason or None,
        duplicate_of=one.duplicate_of or None,
        obligations=[obligation_out(obligation, now) for obligation in obligations],
    )


def risk_out(risk: RiskInterval) -> dict[str, str]:
    """`risk` is unknown while more than one level can be reached."""
    return {
        "risk": risk.least.word if risk.is_decided else "unknown",
        "risk_min": risk.least.word,
        "risk_max": risk.most.word,
    }


def assessment_out(assessment: Assessment, language: str) -> dict[str, Any]:
    """An assessment as JSON; the top-level duties are the controller's, whoever it is."""
    return {
        "personal_data": str(assessment.personal_data),
        **risk_out(assessment.risk),
        "severity": severity_out(severity_over(assessment), language),
        "duties": strictest_duties(assessment.perimeters),
        "perimeters": [perimeter_out(one, language) for one in assessment.perimeters],
        "findings": [
            {"perimeter": one.perimeter.key, **finding_out(finding, language), **conflicts_out(finding, held)}
            for one in assessment.perimeters
            for held in (conflicts_in(one),)
            for finding in one.findings
        ],
        "open_questions": [question_out(one, language) for one in weighed_questions(assessment)],
        "contradictions": contradictions_out(assessment),
    }


def strictest_duties(perimeters: Iterable[PerimeterAssessment]) -> dict[str, str]:
    """Over all perimeters: required outweighs undecided, undecided outweighs not required."""
    order = (Duty.NOT_REQUIRED, Duty.UNDECIDED, Duty.REQUIRED)
    found = tuple(perimeters)
    strictest = {
        name: max((getattr(one.duties, name) for one in found), key=order.index, default=Duty.NOT_REQUIRED)
        for name in ("register", "authority", "persons")
    }
    clients = (one.duties.clients for one in found if not one.perimeter.is_ours)
    strictest["clients"] = max(clients, key=order.index, default=Duty.NOT_REQUIRED)
    return {name: str(duty) for name, duty in strictest.items()}


def perimeter_out(one: PerimeterAssessment, language: str) -> dict[str, Any]:
    """One perimeter as JSON."""
    return {
        "key": one.perimeter.key,
        "controller": one.perimeter.controller,
        "our_role": str(one.perimeter.our_role),
        "client": one.perimeter.client,
        "personal_data": str(one.personal_data),
        "is_breach": str(one.is_breach),
        "is_flaw": str(one.is_flaw),
        **risk_out(one.risk),
        "severity": severity_out(severity_in(one), language),
        "duties": {name: str(duty) for name, duty in vars(one.duties).items()},
        "duty_reasons": duty_reasons_out(one, language),
        "owed_by": one.owed_by,
        "leads": one.perimeter.leads,
        "arrangement": one.perimeter.arrangement,
        "systems": list(one.perimeter.systems),
        "activities": list(one.perimeter.activities),
        "data_categories": list(one.data_categories),
        "number_of_persons": to_json(one.number_of_persons) if one.number_of_persons else None,
    }


def finding_out(finding: Finding, language: str) -> dict[str, Any]:
    """What one rule concluded and every line that led to it."""
    return {
        "rule": finding.rule.id,
        "title": finding.rule.title.in_language(language),
        "applies": str(finding.truth),
        "concludes": finding.rule.then.model_dump(mode="json", exclude_none=True),
        "references": list(finding.rule.references),
        "lines": [
            {
                "name": line.name,
                "fact": line.fact,
                "truth": str(line.truth),
                "value": to_json(line.value),
                "comparison": line.comparison,
                "operand": line.operand,
            }
            for line in finding.judgement.lines
        ],
    }


def conflicts_out(finding: Finding, conflicts: Mapping[str, Conflict]) -> dict[str, list[str]]:
    """The rules over which this one prevails, and those to which it gives way; both empty where none is against it."""
    found = conflicts.get(finding.rule.id, NO_CONFLICT)
    return {
        "prevails_over": [one.id for one in found.prevails_over],
        "gives_way_to": [one.id for one in found.gives_way_to],
    }


def dossier_out(dossier: Dossier, language: str, now: datetime) -> dict[str, Any]:
    """Everything about one incident as JSON."""
    one = dossier.incident
    return {
        "reference": one.reference,
        "title": one.title,
        "status": str(one.status),
        "organisation": dossier.organisation.name,
        "detected_at": one.detected_at,
        "opened_at": one.opened_at,
        "qualify_by": one.qualify_by,
        "is_qualification_overdue": dossier.qualification_state(now) is ClockState.OVERDUE,
        "qualified_at": one.qualified_at,
        "closing_reason": one.closing_reason or None,
        "duplicate_of": one.duplicate_of or None,
        "alerts": one.alerts,
        "systems": list(one.systems),
        "assessment": assessment_out(dossier.assessment, language),
        "obligations": [obligation_out(each, now).model_dump(mode="json") for each in dossier.clocks(now)],
        "instants": [
            {"kind": str(each.kind), "at": each.at, "reason": each.reason, "by": each.by, "perimeter": each.perimeter}
            for each in dossier.instants
        ],
        "facts": [
            {
                "fact": each.name,
                "value": to_json(each.value),
                "scope": str(each.scope.kind),
                "key": each.scope.key,
                "established_by": str(each.provenance),
                "by": each.by,
                "at": each.established_at,
                "note": each.note,
            }
            for each in dossier.facts
        ],
        "episodes": [alert_out(ListedAlert(each, one.reference)).model_dump(mode="json") for each in dossier.episodes],
        "filings": [vars(each) for each in dossier.filings],
        "measures": [
            measure_out(each, one.reference, today_in(dossier.organisation.zone, now)).model_dump(mode="json")
            for each in dossier.measures
        ],
        "positions": [position_out(each) for each in dossier.positions],
        "divergences": [divergence_out(each) for each in divergences(dossier.positions)],
        "timeline": [
            {
                "id": each.id,
                "at": each.at,
                "kind": str(each.kind),
                "actor": each.actor,
                "words": dict(each.words) if each.words is not None else None,
                "digest": each.digest,
                "seal": each.seal,
            }
            for each in dossier.timeline
        ],
    }


def draft_out(draft: Draft) -> dict[str, Any]:
    """A draft as JSON: its sections in order, and how much is filled."""
    return {
        "slug": draft.slug,
        "language": draft.language,
        "recipient": draft.recipient,
        "subject": draft.subject,
        "filled": draft.filled,
        "total": draft.total,
        "sections": [
            {
                "id": section.id,
                "title": section.title,
                "article": section.article,
                "fields": [
                    {"label": field.label, "kind": str(field.kind), "value": field.value, "gaps": list(field.gaps)}
                    for field in section.fields
                ],
            }
            for section in draft.sections
        ],
        "text": draft.as_text(),
    }
