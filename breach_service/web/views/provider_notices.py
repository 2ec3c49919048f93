"""Notices of providers: the list with the form that takes one down, and one notice with its letter and answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from breach_service.domain.dossier import Dossier
from breach_service.domain.drafts import Draft
from breach_service.domain.facts import Exposure, FactType, Provenance, facts_at
from breach_service.domain.inventory import Contact, Inventory
from breach_service.domain.providers import (
    AskedQuestion,
    NoticeChannel,
    ProviderNotice,
    Standing,
    answer_due_at,
    reach_of,
    standing_of,
)
from breach_service.web.views.clocks import Span, span_until
from breach_service.web.views.draft import SectionPart, parts_of
from breach_service.web.views.duties import MEANS
from breach_service.web.views.pieces import ContentWords, Icon, Value, system_names, value_of

PROVIDER_NOTICE = ("provider", "received_at", "channel", "reference", "said", "incident")
"""The fields of the form; `systems` may be given several times."""
MOST_RADIOS = 5
_LOOKS: dict[Standing, tuple[str, Icon]] = {
    Standing.TO_BE_ASKED: ("is-soon", "ask"),
    Standing.WAITING: ("is-run", "run"),
    Standing.OVERDUE: ("is-over", "over"),
    Standing.ANSWERED: ("is-done", "done"),
}


@dataclass(frozen=True)
class NoticeLine:
    """One notice. Instants in UTC."""

    number: int
    incident: str
    name: str
    channel: str
    reference: str
    received_at: datetime
    recorded_by: str
    systems: tuple[str, ...]
    standing: str
    css: str
    icon: str
    asked: int
    answered: int
    due_at: datetime | None
    left: Span | None


def notice_line(notice: ProviderNotice, inventory: Inventory, language: str, now: datetime) -> NoticeLine:
    """A notice as a row."""
    standing = standing_of(notice, now)
    css, icon = _LOOKS[standing]
    return NoticeLine(
        number=notice.id,
        incident=notice.incident,
        name=notice.name,
        channel=str(notice.channel),
        reference=notice.reference,
        received_at=notice.received_at,
        recorded_by=notice.recorded_by,
        systems=system_names(notice.systems, inventory, language),
        standing=str(standing),
        css=css,
        icon=icon,
        asked=len(notice.questions),
        answered=len(notice.questions) - len(notice.open_questions),
        due_at=notice.due_at,
        left=span_until(notice.due_at, now) if notice.due_at else None,
    )


@dataclass(frozen=True)
class ProviderChoice:
    """A provider that can have told us, with what depends on it."""

    id: str
    name: str
    service: str
    systems: tuple[str, ...]


@dataclass(frozen=True)
class ProviderForm:
    """The form that takes a notice down; `systems` are (id, name, is chosen)."""

    providers: tuple[ProviderChoice, ...]
    systems: tuple[tuple[str, str, bool], ...]
    channels: tuple[str, ...]
    typed: Mapping[str, str]
    error: str


@dataclass(frozen=True)
class ProviderNoticesPage:
    """The context variable `page` of `provider_notices.html`."""

    rows: tuple[NoticeLine, ...]
    overdue: int
    form: ProviderForm
    may_declare: bool
    now: datetime


def provider_form(
    inventory: Inventory, language: str, typed: Mapping[str, str] | None = None, chosen: Iterable[str] = (),
    error: str = "",
) -> ProviderForm:  # fmt: skip
    """The form, empty or as it was typed with the sentence of what was wrong."""
    held = {name: (typed or {}).get(name, "") for name in PROVIDER_NOTICE}
    ticked = set(chosen)
    return ProviderForm(
        providers=tuple(
            ProviderChoice(
                one.id, one.name, one.service.in_language(language),
                system_names(reach_of(one, inventory).systems, inventory, language),
            )
            for one in inventory.providers
        ),
        systems=tuple((one.id, one.name.in_language(language), one.id in ticked) for one in inventory.systems),
        channels=tuple(NoticeChannel),
        typed=held,
        error=error,
    )  # fmt: skip


def provider_notices_page(
    notices: Iterable[ProviderNotice], form: ProviderForm, inventory: Inventory, language: str, may: frozenset[str],
    now: datetime,
) -> ProviderNoticesPage:  # fmt: skip
    """Every notice, the latest received first."""
    rows = tuple(notice_line(one, inventory, language, now) for one in notices)
    overdue = sum(one.standing == Standing.OVERDUE for one in rows)
    return ProviderNoticesPage(rows, overdue, form, "declare" in may, now)


@dataclass(frozen=True)
class AnswerLine:
    """One question that was put, with what is held of it and the form that takes its answer."""

    fact: str
    question: str
    asked_at: datetime
    due_at: datetime
    answered_at: datetime | None
    is_late: bool
    answer: Value | None
    by: str
    input: Literal["radios", "menu", "boxes", "range"]
    options: tuple[tuple[str, str], ...]
    """Value, and words: empty for yes, no and unknown, which have common words."""
    unit: str


@dataclass(frozen=True)
class ProviderNoticePage:
    """The context variable `page` of `provider_notice.html`."""

    line: NoticeLine
    title: str
    lines: tuple[AnswerLine, ...]
    subject: str
    letter_language: str
    sections: tuple[SectionPart, ...]
    to_ask: int
    """How many questions the letter asks that were not put yet."""
    answer_by: datetime
    """Until when an answer would be due if they were sent now."""
    contact: Contact | None
    clause: str
    may_record: bool
    now: datetime
    means: tuple[str, ...] = MEANS
    text: str = field(default="", repr=False)


def provider_notice_page(
    notice: ProviderNotice, dossier: Dossier, letter: Draft, to_ask: int, content: ContentWords, inventory: Inventory,
    language: str, may: frozenset[str], now: datetime,
) -> ProviderNoticePage:  # fmt: skip
    """One notice with what it was asked, what it answered, and the letter that asks."""
    provider = next((one for one in inventory.providers if one.id == notice.provider), None)
    contact = (provider.security_contact or provider.contact) if provider else None
    return ProviderNoticePage(
        line=notice_line(notice, inventory, language, now),
        title=dossier.incident.title,
        lines=tuple(
            _answer_line(one, content.facts[one.fact], dossier, content, language, now)
            for one in notice.questions
            if one.fact in content.facts
        ),
        subject=letter.subject,
        letter_language=letter.language,
        sections=parts_of(letter),
        to_ask=to_ask,
        answer_by=answer_due_at(now, provider),
        contact=contact,
        clause=provider.clause if provider else "",
        may_record="record_fact" in may,
        now=now,
        text=letter.as_text(),
    )


def _answer_line(
    one: AskedQuestion, known: FactType, dossier: Dossier, content: ContentWords, language: str, now: datetime
) -> AnswerLine:
    said = [fact for fact in dossier.facts if fact.provenance is Provenance.PROVIDER]
    held = facts_at(Exposure(), said).get(one.fact)
    choices = known.choices or {}
    options = tuple((key, text.in_language(language)) for key, text in choices.items())
    if known.type == "yes_no":
        options = (("yes", ""), ("no", ""))
    if known.type != "set":
        options = (*options, ("unknown", ""))
    return AnswerLine(
        fact=one.fact,
        question=(known.question or known.label).in_language(language),
        asked_at=one.asked_at,
        due_at=one.due_at,
        answered_at=one.answered_at,
        is_late=one.is_open and now >= one.due_at,
        answer=value_of(held.value, one.fact, content, language) if held else None,
        by=held.by if held else "",
        input=_input_of(known),
        options=options,
        unit=known.unit.in_language(language) if known.unit else "",
    )


def _input_of(known: FactType) -> Literal["radios", "menu", "boxes", "range"]:
    if known.type == "set":
        return "boxes"
    if known.type in ("number", "duration_hours"):
        return "range"
    return "radios" if len(known.choices or {}) <= MOST_RADIOS else "menu"
