"""The messages of calls on their way out: to pagers, to persons, to the team. Reference, urgency and link; no more.

What a message is about is looked at when it is sent: a call that somebody has answered meanwhile calls nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from breach_service.domain.incident import Incident
from breach_service.domain.waking import Call, CallState, WakeReason
from breach_service.notify.channel import Channel, DeliveryFailed, DeliveryFault
from breach_service.notify.pagers.pager import Page, PageAction, Pager
from breach_service.notify.ways import Ways, call_message
from breach_service.pipeline import Knowledge
from breach_service.pipeline.waking import PAGE, WAKE_PERSON, WAKE_TEAM
from breach_service.rendering import Renderer
from breach_service.store import calls, contact_ways, incidents, outbox, people
from breach_service.store.cipher import Cipher
from breach_service.store.database import Database
from breach_service.store.outbox import Claim
from breach_service.worker.messages import Translate


@dataclass(frozen=True)
class Calling:
    """The way out of what wakes."""

    database: Database
    cipher: Cipher
    renderer: Renderer
    public_url: str
    ways: Ways
    pagers: Mapping[str, Pager] = field(default_factory=dict)
    has_buttons: bool = False
    """True where what is pressed in a channel comes back to us."""

    def takes(self, kind: str) -> bool:
        """True for the messages of calls."""
        return kind in (PAGE, WAKE_PERSON, WAKE_TEAM)

    def send(self, claim: Claim, channels: Mapping[str, Channel], knowledge: Knowledge, now: datetime) -> None:
        """Get one message out. Raises DeliveryFailed. Nobody is called by a call that is answered or over."""
        with self.database.reading() as session:
            call = calls.one(session, int(claim.payload["call"]))
            if call is None:
                return
            incident = incidents.incident_of(incidents.row_by_id(session, call.incident_id))
        what = PageAction(claim.payload.get("what", PageAction.TRIGGER))
        if what is PageAction.TRIGGER and call.state is not CallState.OPEN:
            return
        if claim.kind == WAKE_TEAM:
            self._tell_team(claim, channels, incident, call, what, knowledge)
            return
        if incident.is_drill:
            raise DeliveryFailed(DeliveryFault.REFUSED, "an exercise: this may not leave", is_permanent=True)
        if claim.kind == PAGE:
            self._page(claim, incident, call, what, knowledge, now)
        else:
            self._tell_person(claim, incident, call, now)

    def _link(self, incident: Incident) -> str:
        return f"{self.public_url.rstrip('/')}/incidents/{incident.reference}" if self.public_url else ""

    def _page(
        self, claim: Claim, incident: Incident, call: Call, what: PageAction, knowledge: Knowledge, now: datetime
    ) -> None:
        pager = self.pagers.get(claim.channel)
        if pager is None:
            sentence = f"the pager {claim.channel} is not set up any more"
            raise DeliveryFailed(DeliveryFault.REFUSED, sentence, is_permanent=True)
        urgency = urgency_words(call.reason, self.renderer.gettext(knowledge.language))
        key = f"breach-service/{incident.reference}/{call.id}"
        stage = str(claim.payload.get("stage", "first"))
        page = Page(incident.reference, urgency, self._link(incident), key, stage, what, call.began_at, now)
        pager.send(page)

    def _tell_person(self, claim: Claim, incident: Incident, call: Call, now: datetime) -> None:
        person, number = int(claim.payload["person"]), claim.payload.get("way")
        with self.database.reading() as session:
            account = people.user(session, person)
            row = None if number is None else contact_ways.one(session, person, int(number))
        if account is None or account.disabled_at is not None or (number is not None and row is None):
            return  # the account or the way is gone: the next step calls whoever is there then
        urgency = urgency_words(call.reason, self.renderer.gettext(account.language))
        message = call_message(incident.reference, urgency, self._link(incident), claim.key)
        if row is None:
            self.ways.send_mail(account.email, message, now)
            return
        way = contact_ways.way_of(row)
        address = self.cipher.open(bytes.fromhex(way.sealed)).decode()
        self.ways.send(way.kind, address, message, now)

    def _tell_team(
        self, claim: Claim, channels: Mapping[str, Channel], incident: Incident, call: Call, what: PageAction,
        knowledge: Knowledge,
    ) -> None:  # fmt: skip
        channel = channels.get(claim.channel)
        if channel is None:
            sentence = f"the channel {claim.channel} is not set up any more"
            raise DeliveryFailed(DeliveryFault.REFUSED, sentence, is_permanent=True)
        with self.database.reading() as session:
            stands_at = outbox.cards_of(session, [incident.id]).get((incident.id, claim.channel))
        _ = self.renderer.gettext(knowledge.language)
        said = _("somebody answered.")
        if what is PageAction.TRIGGER:
            said = f"{urgency_words(call.reason, _)} – {stage_words(str(claim.payload['stage']), _)}"
        text = f"{incident.reference} · {said} {self._link(incident)}"
        if incident.is_drill:
            text = f"{_('EXERCISE')} – {text}"
        words = _("I am on it") if self.has_buttons and what is PageAction.TRIGGER else ""
        channel.call(text.strip(), words, incident.reference, stands_at, claim.key)


def urgency_words(reason: WakeReason, _: Translate) -> str:
    """Why somebody is woken, of two closed sentences."""
    return {
        WakeReason.URGENT: _("somebody is needed now"),
        WakeReason.DEADLINE: _("a date draws near or has passed"),
    }[reason]


def stage_words(stage: str, _: Translate) -> str:
    """Who is called."""
    return {
        "first": _("whoever is on call is being called."),
        "second": _("the second level is being called."),
        "everyone": _("everybody is being called."),
    }.get(stage, stage)
