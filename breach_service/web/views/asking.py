"""The page of the next question: one at a time, what each answer entails, and what the last one changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from breach_service.domain.access import Act
from breach_service.domain.asking import Agenda, Asked, AskedBecause, Assignment
from breach_service.domain.assessment import WeighedQuestion, change_from_words
from breach_service.domain.dossier import Dossier
from breach_service.domain.facts import Fact, FactType
from breach_service.domain.incident import OPEN_STATUSES, EntryKind, TimelineEntry
from breach_service.web.views.chronology import recorded_value, turns_and_risks
from breach_service.web.views.effects import EffectLine, effect_lines
from breach_service.web.views.pieces import ContentWords, Risk, Value, value_of
from breach_service.web.views.proposed import ProposedView, proposed_of
from breach_service.web.views.questions import FactForm, fact_form, question_words


@dataclass(frozen=True)
class Supposed:
    """What one answer entails: the clause that opens the sentence (empty: said by the answer) and what would change."""

    answer: str
    clause: str
    line: EffectLine
    left: int
    """How many questions would still be open."""


@dataclass(frozen=True)
class ChangeView:
    """What the answer that was just recorded changed."""

    fact: str
    label: str
    value: Value
    turns: tuple[tuple[str, str, str], ...]
    """Duty, before, after."""
    risk_before: Risk | None
    """None where the risk did not move."""
    risk_after: Risk | None


@dataclass(frozen=True)
class AgendaLine:
    """One question of the list beside the one that is asked."""

    fact: str
    question: str
    because: AskedBecause
    href: str
    is_skipped: bool
    assignment: Assignment | None
    is_overdue: bool


@dataclass(frozen=True)
class Contradicted:
    """What is recorded and cannot be so together with the answer that was given."""

    label: str
    value: Value
    by: str
    href: str


@dataclass(frozen=True)
class QuestionsPage:
    """The context variable `page` of `questions.html`. Instants in UTC."""

    reference: str
    title: str
    asked: FactForm | None
    because: AskedBecause | None
    why: str
    supposed: Mapping[str, Supposed]
    """By answer."""
    assignment: Assignment | None
    is_overdue: bool
    deciding: int
    """How many questions are open on which a duty hangs."""
    total: int
    is_ours_decided: bool
    changed: ChangeView | None
    skipped: tuple[str, ...]
    skip_href: str
    back: tuple[str, str] | None
    """Address and label of the question that was answered last."""
    lines: tuple[AgendaLine, ...]
    may_answer: bool
    now: datetime
    error: str = ""
    contradicted: tuple[Contradicted, ...] = ()
    typed: Mapping[str, Sequence[str]] | None = None
    proposed: ProposedView | None = None
    """What the report says already and nobody recorded."""


@dataclass(frozen=True)
class Chosen:
    """What the address says: a fact to answer (or to correct), what was skipped, and what was just recorded."""

    fact: str = ""
    skipped: tuple[str, ...] = ()
    recorded: str = ""


@dataclass(frozen=True)
class Refused:
    """An answer that was not recorded: why, what it contradicts, and what was typed."""

    error: str
    others: tuple[Fact, ...]
    typed: Mapping[str, Sequence[str]]


def questions_page(
    dossier: Dossier,
    agenda: Agenda,
    content: ContentWords,
    language: str,
    now: datetime,
    may: frozenset[str],
    chosen: Chosen,
    refused: Refused | None = None,
) -> QuestionsPage:
    """The next question of an incident, or the one that was chosen."""
    reference = dossier.incident.reference
    known = [one for one in agenda.questions if one.fact in content.facts]
    one = _asked(agenda, chosen, content)
    name = one.fact if one else chosen.fact if chosen.fact in content.facts else ""
    weighed = one.weighed if one else None
    number = next((number for number, each in enumerate(known, start=1) if each.fact == name), 0)
    return QuestionsPage(
        reference=reference,
        title=dossier.incident.title,
        asked=fact_form(content.facts[name], dossier, content, language, number, weighed) if name else None,
        because=one.because if one else None,
        why=one.why.in_language(language) if one and one.why else "",
        supposed=_supposed(weighed, content.facts[name], dossier, language) if name else {},
        assignment=one.assignment if one else None,
        is_overdue=bool(one and one.assignment and one.assignment.is_overdue(now)),
        deciding=len(agenda.deciding),
        total=len(known),
        is_ours_decided=agenda.is_ours_decided,
        changed=_changed(dossier.timeline, chosen.recorded, content, language),
        skipped=chosen.skipped,
        skip_href=address(reference, skipped=(*chosen.skipped, name)),
        back=_back(dossier, chosen, name, content, language),
        lines=tuple(_line(each, reference, chosen, content, language, now) for each in known if each.fact != name),
        may_answer=dossier.incident.status in OPEN_STATUSES and Act.RECORD_FACT in may,
        now=now,
        error=refused.error if refused else "",
        contradicted=tuple(_contradicted(each, reference, content, language) for each in refused.others)
        if refused
        else (),
        typed=refused.typed if refused else None,
        proposed=proposed_of(dossier, content, language),
    )


def address(reference: str, fact: str = "", skipped: Iterable[str] = (), recorded: str = "") -> str:
    """The address of the page; what was skipped goes along, each once."""
    pairs = [("fact", fact)] if fact else []
    pairs += [("skip", one) for one in dict.fromkeys(skipped) if one]
    pairs += [("recorded", recorded)] if recorded else []
    query = f"?{urlencode(pairs)}" if pairs else ""
    return f"/incidents/{reference}/questions{query}"


def _asked(agenda: Agenda, chosen: Chosen, content: ContentWords) -> Asked | None:
    if chosen.fact in content.facts:
        return agenda.question(chosen.fact)
    unknown = [one.fact for one in agenda.questions if one.fact not in content.facts]
    return agenda.next_after((*chosen.skipped, *unknown))


def _supposed(weighed: WeighedQuestion | None, known: FactType, dossier: Dossier, language: str) -> dict[str, Supposed]:
    clauses, lines = known.supposing or {}, {}
    for line in effect_lines(weighed, known, dossier, language):
        lines[line.answer] = line
    found: dict[str, Supposed] = {}
    for effect in weighed.effects if weighed else ():
        key = effect.answer.key
        clause = clauses[key].in_language(language) if key in clauses else ""
        found[key] = Supposed(key, clause, lines.get(key, EffectLine(key, "", ())), effect.left)
    return found


def _line(
    one: Asked, reference: str, chosen: Chosen, content: ContentWords, language: str, now: datetime
) -> AgendaLine:
    return AgendaLine(
        fact=one.fact,
        question=question_words(content.facts[one.fact], language),
        because=one.because,
        href=address(reference, one.fact, chosen.skipped),
        is_skipped=one.fact in chosen.skipped,
        assignment=one.assignment,
        is_overdue=one.assignment is not None and one.assignment.is_overdue(now),
    )


def _changed(
    timeline: Sequence[TimelineEntry], recorded: str, content: ContentWords, language: str
) -> ChangeView | None:
    entry = _last_recording(timeline, recorded)
    if entry is None or entry.words is None:
        return None
    change = change_from_words(entry.words)
    turns, risks = turns_and_risks(change)
    return ChangeView(
        recorded,
        content.fact(recorded, language),
        recorded_value(entry.words.get("value", ""), recorded, content, language),
        turns,
        *risks,
    )


def _last_recording(timeline: Sequence[TimelineEntry], fact: str) -> TimelineEntry | None:
    found = (
        one for one in reversed(timeline)
        if one.kind is EntryKind.FACT_RECORDED and (one.words or {}).get("fact") == fact
    )  # fmt: skip
    return next(found, None) if fact else None


def _back(dossier: Dossier, chosen: Chosen, name: str, content: ContentWords, language: str) -> tuple[str, str] | None:
    """To the answer that was given last, to correct it."""
    answered = (
        said
        for one in reversed(dossier.timeline)
        if one.kind is EntryKind.FACT_RECORDED
        and (said := (one.words or {}).get("fact", "")) in content.facts
        and said != name
    )
    fact = next(answered, "")
    return (address(dossier.incident.reference, fact, chosen.skipped), content.fact(fact, language)) if fact else None


def _contradicted(fact: Fact, reference: str, content: ContentWords, language: str) -> Contradicted:
    value = value_of(fact.value, fact.name, content, language)
    return Contradicted(content.fact(fact.name, language), value, fact.by, address(reference, fact.name))
