"""The plan of an incident as it is known now, and the line in its chronology when a playbook begins to apply."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from breach_service.domain.assessment import Assessment
from breach_service.domain.dossier import Dossier
from breach_service.domain.incident import OPEN_STATUSES, EntryKind, Incident
from breach_service.domain.neighbours import references_in, withheld
from breach_service.domain.playbook import (
    OfferReason,
    PlanChange,
    Playbook,
    Question,
    Situation,
    Step,
    StepRecord,
    adapted,
    joined_facts,
    offers_for,
    situation_of,
)
from breach_service.domain.text import Text
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.opening import SERVICE
from breach_service.store import merging, neighbours, playbooks, timeline
from breach_service.store.database import Session
from breach_service.store.sight import FULL, Visibility


def plan_for(
    session: Session, dossier: Dossier, knowledge: Knowledge, visibility: Visibility = FULL
) -> Situation:  # fmt: skip
    """The playbooks and the plan of an incident, with what was done in incidents that went into it.

    What people wrote names no other incident that is not seen.
    """
    numbers = _as_one(session, dossier.incident.id)
    changes, records = playbooks.changes_of(session, numbers), playbooks.records_of(session, numbers)
    unseen = neighbours.unseen_among(session, references_in(_written(changes, records)), visibility)
    if unseen:
        changes = [_change_without(one, unseen) for one in changes]
        records = [
            replace(one, step=_step_without(one.step, unseen), result=withheld(one.result, unseen)) for one in records
        ]
    return situation_of(
        dossier.incident, dossier.assessment, dossier.instants, knowledge.catalogue.playbooks, changes, records
    )


def questions_of_plan(session: Session, dossier: Dossier, knowledge: Knowledge) -> tuple[tuple[Question, ...], bool]:
    """What the playbooks of an incident ask (words of the content alone), and whether its kind must be asked first."""
    situation = plan_for(session, dossier, knowledge)
    return situation.plan.questions, situation.is_kind_asked


def _written(changes: Iterable[PlanChange], records: Iterable[StepRecord]) -> Iterator[str]:
    steps = [one.step for one in changes if one.step is not None]
    yield from (one.reason for one in changes)
    for record in records:
        yield record.result
        steps.append(record.step)
    for step in steps:
        yield from (step.title.fr, step.how.fr if step.how else "")


def _change_without(change: PlanChange, unseen: frozenset[str]) -> PlanChange:
    step = _step_without(change.step, unseen) if change.step is not None else None
    return replace(change, reason=withheld(change.reason, unseen), step=step)


def _step_without(step: Step, unseen: frozenset[str]) -> Step:
    def text(said: Text) -> Text:
        return Text(fr=withheld(said.fr, unseen), en=withheld(said.en, unseen) if said.en else None)

    return step.model_copy(update={"title": text(step.title), "how": text(step.how) if step.how else None})


def attach_playbooks(
    session: Session, incident: Incident, assessment: Assessment, knowledge: Knowledge, now: datetime
) -> None:
    """Write down, once each, the playbooks whose conditions hold and why; nothing of an incident that is over.

    What a person attached or set aside was told by that act.
    """
    if incident.status not in OPEN_STATUSES:
        return
    numbers = _as_one(session, incident.id)
    adaptation = adapted(playbooks.changes_of(session, numbers))
    facts = joined_facts(assessment)
    offers = offers_for(facts, incident.signals, incident.patterns, knowledge.catalogue.playbooks, adaptation)
    told = playbooks.attached(session, numbers)
    new = [one for one in offers if one.reason is OfferReason.APPLIES and one.playbook.id not in told]
    if not new:
        return
    playbooks.note_attached(session, incident.id, (one.playbook.id for one in new), knowledge.catalogue.digest, now)
    words = {
        "playbooks": " ".join(one.playbook.id for one in new),
        **titles_of([one.playbook for one in new]),
        "because": " ".join(dict.fromkeys(f"{fact}={value}" for one in new for fact, value in one.because)),
    }
    timeline.write_entry(session, incident.id, now, EntryKind.PLAYBOOK_ATTACHED, SERVICE, words)


def titles_of(some: Sequence[Playbook]) -> dict[str, str]:
    """The titles of playbooks for the chronology: they stay readable whatever becomes of the files."""
    return {f"title_{one}": " · ".join(each.title.in_language(one) for each in some) for one in ("fr", "en")}


def _as_one(session: Session, incident_id: int) -> list[int]:
    """The numbers of an incident and of those that went into it."""
    return [incident_id, *(row.id or 0 for row in merging.merged_into(session, incident_id))]
