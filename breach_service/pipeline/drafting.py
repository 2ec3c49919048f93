"""Drafts, rendered when they are looked at, from what is known then."""

from collections.abc import Iterator
from datetime import datetime

from breach_service.domain.deadlines import Obligation
from breach_service.domain.dossier import Dossier
from breach_service.domain.drafts import Draft, as_exercise
from breach_service.domain.notice import PROVIDER_SLUG, languages_for, slug_of
from breach_service.domain.noticing import notice_for
from breach_service.domain.provider_letter import provider_letter
from breach_service.domain.providers import ProviderNotice, questions_for_provider
from breach_service.errors import NotFound
from breach_service.pipeline.knowledge import Knowledge
from breach_service.rendering import Renderer


def draft_of(
    dossier: Dossier, obligation_id: int, language: str | None, knowledge: Knowledge, renderer: Renderer, now: datetime
) -> Draft:
    """The draft of one obligation; in the recipient's language where none is named."""
    obligation = next((one for one in dossier.obligations if one.id == obligation_id), None)
    if obligation is None or not obligation.duty.has_letter:
        raise NotFound(f"{dossier.incident.reference} has no letter number {obligation_id}")
    return _rendered(dossier, obligation, language, knowledge, renderer, now)


def drafts_of(
    dossier: Dossier, knowledge: Knowledge, renderer: Renderer, now: datetime
) -> Iterator[tuple[Obligation, Draft]]:
    """Every draft of an incident with its obligation, in the language of its recipient."""
    present = {one.perimeter.key for one in dossier.assessment.perimeters}
    for obligation in dossier.letters:
        if obligation.perimeter in present:
            yield obligation, _rendered(dossier, obligation, None, knowledge, renderer, now)


def text_as_filed(knowledge: Knowledge, renderer: Renderer, now: datetime, dossier: Dossier, obligation_id: int) -> str:
    """The exact text that is kept with a filing; a register entry and what is filed at a desk have no letter."""
    obligation = next(one for one in dossier.obligations if one.id == obligation_id)
    if not obligation.duty.has_letter:
        return ""
    return _rendered(dossier, obligation, None, knowledge, renderer, now).as_text()


def questions_to(dossier: Dossier, notice: ProviderNotice, knowledge: Knowledge) -> tuple[str, ...]:
    """The facts to ask a provider for: those that were put and wait for an answer, else what is open now."""
    waiting = tuple(one.fact for one in notice.open_questions)
    if waiting:
        return waiting
    asked = {one.fact for one in notice.questions}
    found = questions_for_provider(dossier.assessment, knowledge.catalogue.facts)
    return tuple(one for one in found if one not in asked)


def letter_to_provider(
    dossier: Dossier, notice: ProviderNotice, language: str | None, knowledge: Knowledge, renderer: Renderer,
    now: datetime,
) -> Draft:  # fmt: skip
    """The letter that asks a provider what the open questions need; in its language where none is named."""
    types = knowledge.catalogue.facts
    asked = (
        types[name].question_to_provider or types[name].question
        for name in questions_to(dossier, notice, knowledge)
        if name in types
    )
    provider = next((one for one in knowledge.inventory.providers if one.id == notice.provider), None)
    letter = provider_letter(dossier, notice, provider, filter(None, asked), now)
    draft = renderer.letter(PROVIDER_SLUG, language or letter.language, dossier.organisation.zone, letter)
    return as_exercise(draft) if dossier.incident.is_drill else draft


def _rendered(
    dossier: Dossier,
    obligation: Obligation,
    language: str | None,
    knowledge: Knowledge,
    renderer: Renderer,
    now: datetime,
) -> Draft:
    words = {one.id: one.drafts_as or one.label for one in knowledge.catalogue.signals.values()}
    notice = notice_for(dossier, obligation, words, now, knowledge.catalogue.facts)
    chosen = language or languages_for(dossier, obligation)[0]
    draft = renderer.letter(slug_of(obligation), chosen, dossier.organisation.zone, notice)
    return as_exercise(draft) if dossier.incident.is_drill else draft
