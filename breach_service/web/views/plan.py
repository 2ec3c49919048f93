"""The plan of an incident: what to do next on its page, and all of it on a page of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from breach_service.domain.access import Act
from breach_service.domain.conditions import is_unknown
from breach_service.domain.dossier import Dossier
from breach_service.domain.incident import OPEN_STATUSES, IncidentStatus, InstantKind
from breach_service.domain.playbook import (
    Evidence,
    Offer,
    Phase,
    PlannedCall,
    PlannedStep,
    Playbook,
    Question,
    Reference,
    Situation,
    StepState,
)
from breach_service.web.views.pieces import ContentWords, Value, value_of
from breach_service.web.views.playbooks import (
    CallView,
    DueView,
    EvidenceView,
    QuestionView,
    call_view,
    due_view,
    evidence_view,
    fact_words,
    is_in_first_hour,
    question_view,
    value_words,
)

MOST_NEXT = 5
"""Steps on the page of the incident; all of them stand on the page of the plan."""
SOON = timedelta(hours=1)
ROLES = ("responder", "dpo", "decider")
TERM_INSTANTS = (
    InstantKind.DETECTED_AT, InstantKind.ATTACK_KNOWN_AT, InstantKind.AWARE_AT, InstantKind.RECEIVED_AT,
    InstantKind.TOLD_AT,
)  # fmt: skip
"""What the term of a step can be counted from in a form."""


@dataclass(frozen=True)
class Answer:
    """A fact that a step answers: what is known of it now, and whether anything is."""

    fact: str
    label: str
    value: Value
    is_open: bool


@dataclass(frozen=True)
class SaidOfStep:
    """What somebody recorded of a step. Instants in UTC."""

    who: str
    at: datetime
    by: str
    """Whoever wrote it down, where that is somebody else; empty otherwise."""
    result: str


@dataclass(frozen=True)
class StepLine:
    """One step of a plan."""

    name: str
    title: str
    role: str
    phase: str
    how: str
    state: StepState
    due_at: datetime | None
    due: DueView | None
    is_overdue: bool
    is_soon: bool
    is_added: bool
    """True where a person added it."""
    is_changed: bool
    playbooks: tuple[tuple[str, str], ...]
    """Id and title of those that ask for it."""
    answers: tuple[Answer, ...]
    asks: tuple[Answer, ...]
    """The facts that decide whether it is needed."""
    said: SaidOfStep | None
    left_out: str
    """Why a person left it out; empty where its conditions did."""

    @property
    def css(self) -> str:
        """The class of its row."""
        if self.is_overdue:
            return "is-over"
        if self.state is not StepState.OPEN:
            return "is-done" if self.state is StepState.DONE else "is-off"
        return "is-soon" if self.is_soon else "is-run"


@dataclass(frozen=True)
class OfferLine:
    """A playbook that belongs to the plan or may."""

    id: str
    title: str
    why: str
    reason: str
    """An `OfferReason`."""
    because: tuple[tuple[str, tuple[str, ...]], ...]
    """Facts with the values that speak for it, in words (`yes` and `no` are codes)."""
    asks: tuple[Answer, ...]


@dataclass(frozen=True)
class PlanView:
    """The section `plan` on the page of an incident. Nothing is shown where there is nothing to do."""

    reference: str
    total: int
    done: int
    overdue: int
    next: tuple[StepLine, ...]
    more: int
    in_use: tuple[OfferLine, ...]
    may_apply: tuple[OfferLine, ...]
    may_work: bool
    is_running: bool = True
    """False once the incident is over: nothing is next, and nothing is overdue any more."""

    @property
    def is_shown(self) -> bool:
        """True where a playbook applies or may."""
        return bool(self.in_use or self.may_apply or self.total)


@dataclass(frozen=True)
class EvidenceLine:
    """Evidence with the instant from which it may be gone, and whether a step that keeps it is done."""

    evidence: EvidenceView
    gone_at: datetime | None
    is_kept: bool
    is_late: bool


@dataclass(frozen=True)
class AskedLine:
    """A question with what is known."""

    question: QuestionView
    value: Value
    is_open: bool


@dataclass(frozen=True)
class CallLine:
    """A call with its due instant."""

    call: CallView
    due_at: datetime | None
    is_certain: bool


@dataclass(frozen=True)
class PlanPage:
    """The context variable `page` of `plan.html`."""

    plan: PlanView
    title: str
    status: IncidentStatus
    goes_on_as: str
    first_hour: tuple[StepLine, ...]
    later: tuple[StepLine, ...]
    left_out: tuple[StepLine, ...]
    evidence: tuple[EvidenceLine, ...]
    questions: tuple[AskedLine, ...]
    calls: tuple[CallLine, ...]
    references: tuple[Reference, ...]
    others: tuple[tuple[str, str], ...]
    """Id and title of the playbooks that can be attached."""
    set_aside: tuple[tuple[str, str, str], ...]
    """Id, title and reason of those that a person took away."""
    instants: tuple[str, ...]
    roles: tuple[str, ...]
    phases: tuple[str, ...]
    step: str
    """The step whose forms stand open; empty for none."""
    error: str
    now: datetime


@dataclass(frozen=True)
class _Words:
    """What lines of a plan are made with."""

    situation: Situation
    content: ContentWords
    titles: dict[str, str]
    language: str
    now: datetime
    is_running: bool

    def answers(self, names: Iterable[str]) -> tuple[Answer, ...]:
        return tuple(self.answer(name) for name in names)

    def answer(self, name: str) -> Answer:
        value = self.situation.facts.get(name)
        label = fact_words(name, self.content, self.language)
        return Answer(name, label, value_of(value, name, self.content, self.language), is_unknown(value))


def plan_view(
    dossier: Dossier, situation: Situation, playbooks: Iterable[Playbook], content: ContentWords, language: str,
    now: datetime, may: frozenset[str],
) -> PlanView:  # fmt: skip
    """What is to be done next in an incident."""
    is_running = dossier.incident.status in OPEN_STATUSES
    words = _words(situation, playbooks, content, language, now, is_running=is_running)
    is_workable = is_running or dossier.incident.status is IncidentStatus.CLOSED
    upcoming = situation.next_steps
    return PlanView(
        reference=dossier.incident.reference,
        total=len(situation.plan.steps),
        done=len(situation.plan.steps) - len(upcoming),
        overdue=len(situation.overdue(now)) if is_running else 0,
        next=tuple(_step(one, words) for one in upcoming[:MOST_NEXT]) if is_running else (),
        more=max(len(upcoming) - MOST_NEXT, 0) if is_running else 0,
        in_use=tuple(_offer(one, words) for one in situation.in_use),
        may_apply=tuple(_offer(one, words) for one in situation.offers if not one.is_in_use),
        may_work=is_workable and Act.WORK_PLAYBOOK in may,
        is_running=is_running,
    )


def plan_page(
    dossier: Dossier, situation: Situation, playbooks: Iterable[Playbook], content: ContentWords, language: str,
    now: datetime, may: frozenset[str], *, goes_on_as: str = "", step: str = "", error: str = "",
) -> PlanPage:  # fmt: skip
    """The whole plan of an incident; `step` is the one that the person works on, `error` why it was not recorded."""
    known = list(playbooks)
    is_running, plan = dossier.incident.status in OPEN_STATUSES, situation.plan
    words = _words(situation, known, content, language, now, is_running=is_running)
    lines = [(_step(one, words), is_in_first_hour(one.step.due)) for one in plan.steps]
    offered = {one.playbook.id for one in situation.offers if one.is_in_use}
    return PlanPage(
        plan=plan_view(dossier, situation, known, content, language, now, may),
        title=dossier.incident.title,
        status=dossier.incident.status,
        goes_on_as=goes_on_as,
        first_hour=tuple(line for line, is_first in lines if is_first),
        later=tuple(line for line, is_first in lines if not is_first),
        left_out=tuple(_step(one, words) for one in plan.left_out),
        evidence=tuple(_evidence(one, words) for one in plan.evidence),
        questions=tuple(_asked(one, words) for one in plan.questions),
        calls=tuple(_call(one, words) for one in plan.calls),
        references=plan.references,
        others=tuple((one.id, words.titles[one.id]) for one in known if one.id not in offered),
        set_aside=tuple(
            (name, words.titles.get(name, name), why) for name, why in situation.adaptation.set_aside.items()
        ),
        instants=tuple(map(str, TERM_INSTANTS)),
        roles=ROLES,
        phases=tuple(map(str, Phase)),
        step=step,
        error=error,
        now=now,
    )


def _words(
    situation: Situation, playbooks: Iterable[Playbook], content: ContentWords, language: str, now: datetime, *,
    is_running: bool,
) -> _Words:  # fmt: skip
    titles = {one.id: one.title.in_language(language) for one in playbooks}
    return _Words(situation, content, titles, language, now, is_running)


def _step(one: PlannedStep, words: _Words) -> StepLine:
    step, language = one.step, words.language
    is_open = words.is_running and one.state is StepState.OPEN and not one.left_out
    return StepLine(
        name=one.name,
        title=step.title.in_language(language),
        role=step.role,
        phase=str(step.phase),
        how=step.how.in_language(language) if step.how else "",
        state=one.state,
        due_at=one.due_at,
        due=due_view(step.due),
        is_overdue=is_open and one.is_overdue(words.now),
        is_soon=is_open and one.is_overdue(words.now + SOON),
        is_added=any(each.step == one.name for each in words.situation.adaptation.added),
        is_changed=one.name in words.situation.adaptation.changed,
        playbooks=tuple((name, words.titles.get(name, name)) for name in one.playbooks),
        answers=words.answers(step.answers),
        asks=words.answers(one.asks),
        said=_said(one),
        left_out=one.left_out,
    )


def _said(one: PlannedStep) -> SaidOfStep | None:
    if one.record is None:
        return None
    return SaidOfStep(
        who=one.record.who,
        at=one.record.when,
        by=one.record.by if one.record.done_by else "",
        result=one.record.result,
    )


def _offer(one: Offer, words: _Words) -> OfferLine:
    content, language = words.content, words.language
    return OfferLine(
        id=one.playbook.id,
        title=one.playbook.title.in_language(language),
        why=one.playbook.why.in_language(language),
        reason=str(one.reason),
        because=because_words(one.because, content, language),
        asks=words.answers(one.open_facts),
    )


def because_words(
    because: Iterable[tuple[str, str]], content: ContentWords, language: str
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What speaks for a playbook, in words: each fact with its values."""
    found: dict[str, list[str]] = {}
    for fact, value in because:
        found.setdefault(fact_words(fact, content, language), []).append(value_words(fact, value, content, language))
    return tuple((fact, tuple(values)) for fact, values in found.items())


def _evidence(one: Evidence, words: _Words) -> EvidenceLine:
    detected_at = words.situation.instants.get(InstantKind.DETECTED_AT)
    gone_at = None
    if one.gone_after_hours is not None and detected_at is not None:
        gone_at = detected_at + timedelta(hours=one.gone_after_hours)
    keepers = [step for step in words.situation.plan.steps if one.evidence in step.step.yields]
    is_kept = any(step.state is StepState.DONE for step in keepers)
    is_late = not is_kept and gone_at is not None and gone_at <= words.now
    return EvidenceLine(evidence_view(one, words.language), gone_at, is_kept, is_late)


def _asked(one: Question, words: _Words) -> AskedLine:
    answer = words.answer(one.fact)
    return AskedLine(question_view(one, words.content, words.language), answer.value, answer.is_open)


def _call(one: PlannedCall, words: _Words) -> CallLine:
    return CallLine(call_view(one.call, words.content, words.language), one.due_at, one.is_certain)
