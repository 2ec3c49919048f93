"""Get messages out: claim some under a lease, send each, note what became of them in one transaction.

A message goes out at least once; after a crash those that were under way go out once more.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from breach_service.acts.reporting import ANSWER
from breach_service.acts.telling import MAIL, PERSON
from breach_service.clock import monotonic
from breach_service.domain.deadlines import Obligation
from breach_service.logs import logger
from breach_service.metrics import timed
from breach_service.notify.channel import Channel, DeliveryFailed, DeliveryFault
from breach_service.notify.visits import VisitFailed
from breach_service.pipeline import Knowledge
from breach_service.pipeline.exercising import DRILL
from breach_service.pipeline.judging import CARD, REMINDER
from breach_service.pipeline.normalising import VISIT
from breach_service.pipeline.tending import NOTE
from breach_service.pipeline.verifying import Fetch
from breach_service.rendering import Renderer
from breach_service.store import incidents, obligations, outbox
from breach_service.store.database import Database, Session
from breach_service.store.outbox import Claim
from breach_service.worker.calling import Calling
from breach_service.worker.exercising import drill_sentence, marked, marked_card, may_go_out
from breach_service.worker.messages import (
    card_for,
    note_for,
    restricted_card,
    restricted_sentence,
)
from breach_service.worker.reminder_words import sentence_for
from breach_service.worker.telling import Post

MOST_AT_ONCE = 20
"""Messages to a claim."""
LONGEST = 5.0
"""Seconds of sending after which the rest of a claim is given back: far less than a lease."""
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=10)

log = logger(__name__)
Effect = Callable[[Session], object]
"""What is to be written down of one message."""


@dataclass(frozen=True)
class _Shown:
    """What messages say of one incident."""

    summary: incidents.IncidentSummary
    obligations: list[Obligation]
    cards: dict[str, str]
    """Where its card stands, by channel; one that was posted just now as well."""
    is_restricted: bool
    """Then messages to channels that everybody reads say nothing of it."""


@dataclass(frozen=True)
class Delivering:
    """The way out of one process."""

    database: Database
    channels: Mapping[str, Channel]
    renderer: Renderer
    public_url: str
    visit: Fetch
    post: Post | None = None
    """The way to mailboxes; where there is none, mail waits until there is."""
    calling: Calling | None = None
    """The way out of what wakes."""

    def deliver(self, knowledge: Knowledge, now: datetime, most: int = MOST_AT_ONCE) -> bool:
        """Send some messages; True if there were any."""
        without = () if self.post is not None else (MAIL,)
        claims = self.database.write(lambda session: outbox.claim(session, now, most, without))
        if not claims:
            return False
        began, waiting = monotonic(), list(claims)
        shown = self._shown({one.incident_id for one in claims if one.incident_id is not None})
        effects: list[Effect] = []
        try:
            while waiting and (len(waiting) == len(claims) or monotonic() - began <= LONGEST):
                effects += self._effects_of(waiting.pop(0), shown, knowledge, now)
        finally:  # a mistake of ours in one message undoes nothing of the others
            self.database.write(partial(_note, effects=[*effects, partial(outbox.give_back, claims=waiting)]))
        return True

    def _effects_of(
        self, claim: Claim, shown: Mapping[int, _Shown], knowledge: Knowledge, now: datetime
    ) -> list[Effect]:
        try:
            with timed("deliver"):
                effects = self._send(claim, shown, knowledge, now)
        except DeliveryFailed as error:
            failure = error
            log.warning("delivery_failed", channel=claim.channel, key=claim.key, reason=str(failure.reason))
            return [lambda session: settle_failure(session, claim, failure, now)]
        return [*effects, lambda session: outbox.finish(session, claim, now)]

    def _send(self, claim: Claim, shown: Mapping[int, _Shown], knowledge: Knowledge, now: datetime) -> list[Effect]:
        if claim.kind == VISIT:
            self._visit_once(str(claim.payload["url"]))
            return []
        if self.calling is not None and self.calling.takes(claim.kind):
            self.calling.send(claim, self.channels, knowledge, now)
            return []
        if claim.kind == PERSON and self.post is not None:
            self.post.tell(claim, knowledge, now)
            return []
        if claim.kind == ANSWER and self.post is not None:
            self.post.answer(claim, knowledge, now)
            return []
        channel = self.channels.get(claim.channel)
        if channel is None:
            sentence = f"the channel {claim.channel} is not set up any more"
            raise DeliveryFailed(DeliveryFault.REFUSED, sentence, is_permanent=True)
        if claim.kind == NOTE:
            channel.say(note_for(claim.payload, knowledge, self.renderer, self.public_url), None, claim.key)
            return []
        if claim.incident_id is None:
            raise DeliveryFailed(DeliveryFault.REFUSED, "a message about no incident", is_permanent=True)
        return self._tell(claim, shown[claim.incident_id], channel, knowledge, now)

    def _shown(self, ids: Collection[int]) -> dict[int, _Shown]:
        """The incidents that messages are about, as they stand now."""
        if not ids:
            return {}
        with self.database.reading() as session:
            held, cards = obligations.by_incident(session, ids), outbox.cards_of(session, ids)
            return {
                row.id or 0: _Shown(
                    incidents.IncidentSummary(
                        incidents.incident_of(row), row.personal_data, row.risk_least, row.risk_most
                    ),
                    held[row.id or 0],
                    {channel: stands_at for (number, channel), stands_at in cards.items() if number == row.id},
                    row.is_restricted,
                )
                for row in incidents.rows_by_id(session, ids)
            }

    def _tell(
        self, claim: Claim, shown: _Shown, channel: Channel, knowledge: Knowledge, now: datetime
    ) -> list[Effect]:  # fmt: skip
        incident, external_id = shown.summary.incident, shown.cards.get(claim.channel)
        if not may_go_out(claim.kind, incident):
            raise DeliveryFailed(DeliveryFault.REFUSED, "an exercise: this may not leave", is_permanent=True)
        if claim.kind in (REMINDER, DRILL):
            if shown.is_restricted:
                sentence = restricted_sentence(incident, knowledge, self.renderer)
            elif claim.kind == DRILL:
                sentence = drill_sentence(claim.payload, incident, knowledge, self.renderer, self.public_url)
            else:
                sentence = sentence_for(
                    claim.payload, incident, knowledge, self.renderer, shown.obligations, self.public_url
                )  # fmt: skip
            if incident.is_drill:
                sentence = marked(sentence, knowledge, self.renderer)
            channel.say(sentence, external_id, claim.key)
        elif claim.kind == CARD:
            of_all = restricted_card if shown.is_restricted else card_for
            card = of_all(
                shown.summary, shown.obligations, knowledge, self.renderer, self.public_url, claim.key, now
            )  # fmt: skip
            if incident.is_drill:
                card = marked_card(card, incident, knowledge, self.renderer, is_restricted=shown.is_restricted)
            stands_at = channel.show_card(card, external_id)
            if stands_at != external_id:
                shown.cards[claim.channel] = stands_at
                return [lambda session: outbox.keep_card(session, incident.id, claim.channel, stands_at, now)]
        return []

    def _visit_once(self, url: str) -> None:
        try:
            self.visit(url)
        except VisitFailed as error:
            fault = DeliveryFault.REFUSED if error.is_permanent else DeliveryFault.UNREACHABLE
            raise DeliveryFailed(fault, str(error), is_permanent=error.is_permanent) from error


def _note(session: Session, effects: Iterable[Effect]) -> None:
    for effect in effects:
        effect(session)


def settle_failure(session: Session, claim: Claim, error: DeliveryFailed, now: datetime) -> bool:
    """Try again later, longer each time; a message that nobody can take stays visible as given up."""
    if error.is_permanent:
        return outbox.give_up(session, claim, now, str(error.reason))
    pause = min(FIRST_PAUSE * 2 ** min(claim.attempts - 1, 16), LONGEST_PAUSE)
    pause = max(pause, timedelta(seconds=error.retry_after))
    return outbox.put_off(session, claim, now, now + pause, str(error.reason))
