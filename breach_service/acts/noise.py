"""What people do with what was dismissed again and again: look at a proposal, and make the silence that it proposes."""

from collections.abc import Collection
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.rows import visibility_of
from breach_service.acts.silences import NewSilence, add_silence
from breach_service.domain.access import Act, Actor
from breach_service.domain.alert import Signal
from breach_service.domain.noise import SILENCE_LASTS, NoiseProposal
from breach_service.domain.silences import Silence
from breach_service.errors import N_, NotFound
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.quietening import noise_of
from breach_service.store.database import Session
from breach_service.store.sight import FULL, Visibility


def proposal_by(
    session: Session, key: str, knowledge: Knowledge, now: datetime, named: Collection[Signal] = (),
    visibility: Visibility = FULL,
) -> NoiseProposal:  # fmt: skip
    """The proposal of that key; NotFound where it is proposed no more."""
    proposed = noise_of(session, knowledge, now, named=named, visibility=visibility)
    found = next((one for one in proposed if one.key == key), None)
    if found is None:
        raise NotFound(N_("there is no proposal %(key)s any more: it is quiet already, or too long ago"), key=key)
    return found


def silence_noise(
    session: Session, actor: Actor, key: str, reason: str, knowledge: Knowledge, now: datetime,
    named: Collection[Signal] = (),
) -> Silence:  # fmt: skip
    """Make the silence that a proposal proposes, for seven days; an empty reason is the one of the proposal."""
    authorise(actor, Act.SILENCE)
    proposal = proposal_by(session, key, knowledge, now, named, visibility_of(actor, now))
    words = reason.strip() or proposal.why.in_language(knowledge.language)
    return add_silence(session, actor, NewSilence(now + SILENCE_LASTS, words, proposal.lines), now)
