"""The pages of the playbooks: all of them, and one as anybody may read it, whatever happens."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from breach_service.domain.alert import Signal
from breach_service.domain.conditions import AllLines, AnyLine, Condition, FactLine, Lines, NotLine
from breach_service.domain.playbook import (
    PATTERNS,
    PLAYBOOK_FACTS,
    SIGNALS,
    Call,
    Due,
    Evidence,
    Playbook,
    Question,
    Reference,
    Step,
)
from breach_service.web.views.pieces import ContentWords

FIRST_HOUR = 1.0
"""Hours after the detection."""


@dataclass(frozen=True)
class PlaybookRow:
    """One playbook in the list."""

    id: str
    title: str
    why: str
    steps: int
    reviewed_on: date


@dataclass(frozen=True)
class PlaybooksPage:
    """The context variable `page` of `playbooks.html`."""

    common: tuple[PlaybookRow, ...]
    """Those that go along with every incident."""
    rows: tuple[PlaybookRow, ...]


@dataclass(frozen=True)
class WhenLine:
    """One condition in words: a fact, a comparison's code, and what it is compared with."""

    fact: str
    comparison: str
    values: tuple[str, ...]
    depth: str
    """`all`, `any` or `not` where the line stands in such a group; empty where it must hold by itself."""


@dataclass(frozen=True)
class DueView:
    """By when: hours after an instant (its code)."""

    hours: float
    after: str


@dataclass(frozen=True)
class ReadStep:
    """A step as it stands in a playbook."""

    name: str
    title: str
    role: str
    phase: str
    due: DueView | None
    how: str
    answers: tuple[str, ...]
    """Labels of the facts that can be recorded once it is done."""
    only_if: tuple[WhenLine, ...]


@dataclass(frozen=True)
class EvidenceView:
    """What to keep before it is gone."""

    kind: str
    what: str
    lasts: str
    gone_after_hours: float | None


@dataclass(frozen=True)
class QuestionView:
    """What to find out, and why."""

    fact: str
    question: str
    why: str


@dataclass(frozen=True)
class CallView:
    """Whom to call beside those whom the law names."""

    whom: str
    when: str
    how: str
    due: DueView | None
    source: Reference | None
    only_if: tuple[WhenLine, ...]


@dataclass(frozen=True)
class PlaybookPage:
    """The context variable `page` of `playbook.html`."""

    id: str
    title: str
    why: str
    owner: str
    reviewed_on: date
    is_common: bool
    when: tuple[WhenLine, ...]
    first_hour: tuple[ReadStep, ...]
    later: tuple[ReadStep, ...]
    evidence: tuple[EvidenceView, ...]
    questions: tuple[QuestionView, ...]
    calls: tuple[CallView, ...]
    references: tuple[Reference, ...]


def playbooks_page(playbooks: Iterable[Playbook], language: str) -> PlaybooksPage:
    """Every playbook by its title."""
    found = sorted(playbooks, key=lambda one: one.title.in_language(language).casefold())
    return PlaybooksPage(
        common=tuple(_row(one, language) for one in found if one.is_common),
        rows=tuple(_row(one, language) for one in found if not one.is_common),
    )


def _row(one: Playbook, language: str) -> PlaybookRow:
    title, why = one.title.in_language(language), one.why.in_language(language)
    return PlaybookRow(one.id, title, why, len(one.steps), one.reviewed_on)


def playbook_page(one: Playbook, content: ContentWords, language: str) -> PlaybookPage:
    """One playbook in the order in which it is worked: the first hour, then the rest by due time as written."""
    steps = [read_step(step, content, language) for step in one.steps]
    is_first = [is_in_first_hour(step.due) for step in one.steps]
    return PlaybookPage(
        id=one.id,
        title=one.title.in_language(language),
        why=one.why.in_language(language),
        owner=one.owner,
        reviewed_on=one.reviewed_on,
        is_common=one.is_common,
        when=when_lines(one.conditions, content, language),
        first_hour=tuple(step for step, first in zip(steps, is_first, strict=True) if first),
        later=tuple(step for step, first in zip(steps, is_first, strict=True) if not first),
        evidence=tuple(evidence_view(each, language) for each in one.evidence),
        questions=tuple(question_view(each, content, language) for each in one.questions),
        calls=tuple(call_view(each, content, language) for each in one.calls),
        references=one.references,
    )


def is_in_first_hour(due: Due | None) -> bool:
    """True for what is to be done within an hour of the detection."""
    return due is not None and due.after == "detected_at" and due.hours <= FIRST_HOUR


def read_step(step: Step, content: ContentWords, language: str) -> ReadStep:
    """A step in words."""
    return ReadStep(
        name=step.step,
        title=step.title.in_language(language),
        role=step.role,
        phase=str(step.phase),
        due=due_view(step.due),
        how=step.how.in_language(language) if step.how else "",
        answers=tuple(content.fact(name, language) for name in step.answers),
        only_if=when_lines(step.only_if, content, language),
    )


def due_view(due: Due | None) -> DueView | None:
    """A term in words."""
    return DueView(due.hours, str(due.after)) if due else None


def evidence_view(one: Evidence, language: str) -> EvidenceView:
    """A piece of evidence in words."""
    what, lasts = one.what.in_language(language), one.lasts.in_language(language)
    return EvidenceView(str(one.kind), what, lasts, one.gone_after_hours)


def question_view(one: Question, content: ContentWords, language: str) -> QuestionView:
    """A question as it is asked, the label of its fact where it has no question."""
    known = content.facts.get(one.fact)
    asked = known.question.in_language(language) if known and known.question else content.fact(one.fact, language)
    return QuestionView(one.fact, asked, one.why.in_language(language) if one.why else "")


def call_view(one: Call, content: ContentWords, language: str) -> CallView:
    """A call in words."""
    return CallView(
        whom=str(one.whom),
        when=one.when.in_language(language),
        how=one.how.in_language(language),
        due=due_view(one.due),
        source=one.source,
        only_if=when_lines(one.only_if, content, language),
    )


def when_lines(lines: Lines, content: ContentWords, language: str) -> tuple[WhenLine, ...]:
    """Conditions in words, in the order in which they stand."""
    return tuple(_lines(lines, "", content, language))


def _lines(lines: Lines, depth: str, content: ContentWords, language: str) -> Iterable[WhenLine]:
    for condition in lines.values():
        yield from _line(condition, depth, content, language)


def _line(condition: Condition, depth: str, content: ContentWords, language: str) -> Iterable[WhenLine]:
    match condition:
        case FactLine():
            comparison, operand = condition.comparison
            values = tuple(value_words(condition.fact, one, content, language) for one in _operands(operand))
            yield WhenLine(fact_words(condition.fact, content, language), comparison, values, depth)
        case AllLines(all=inner):
            yield from _lines(inner, depth or "all", content, language)
        case AnyLine(any=inner):
            yield from _lines(inner, "any", content, language)
        case NotLine(not_=negated):
            yield from _line(negated, "not", content, language)


def _operands(operand: Any) -> Sequence[Any]:
    return operand if isinstance(operand, tuple) else (operand,)


def fact_words(name: str, content: ContentWords, language: str) -> str:
    """The label of a fact, of what the alerts report too."""
    known = PLAYBOOK_FACTS.get(name)
    return known.label.in_language(language) if known else content.fact(name, language)


def value_words(fact: str, value: Any, content: ContentWords, language: str) -> str:
    """A value that a condition names, in the words of the playbooks; `yes` and `no` stay codes for the template."""
    if fact == SIGNALS and value in tuple(Signal):
        return content.signal(Signal(value), language)
    if fact == PATTERNS:
        return content.pattern(str(value), language)
    known = content.facts.get(fact)
    choices = (known.choices or {}) if known else {}
    if value in choices:
        return choices[value].in_language(language)
    return f"{value:g}" if isinstance(value, float) else str(value)
