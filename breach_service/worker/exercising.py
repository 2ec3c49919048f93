"""Exercises as the worker sees them: what arrives in time, and what their messages say."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from breach_service.domain.incident import Incident
from breach_service.notify.channel import Card
from breach_service.pipeline import Knowledge
from breach_service.pipeline.exercising import DRILL, exercise, is_waiting
from breach_service.pipeline.judging import CARD, REMINDER
from breach_service.rendering import Renderer
from breach_service.store.database import Database, Session, lock_placing
from breach_service.worker.messages import Translate

LOOK_EVERY = timedelta(seconds=5)
"""An hour of the story takes 50 seconds where the 72 take one."""


class Exercising:
    """Looks at the exercises by the clock."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looked_at: datetime | None = None

    def look(self, knowledge: Knowledge, now: datetime) -> bool:
        """Let arrive what is due; False, since it is looked at by the clock and not until nothing is left."""
        if self._looked_at is not None and now - self._looked_at < LOOK_EVERY:
            return False
        self._looked_at = now
        with self._database.reading() as session:
            if not is_waiting(session, now):
                return False

        def work(session: Session) -> None:
            lock_placing(session)
            exercise(session, knowledge, now)

        self._database.write(work)
        return False


def may_go_out(kind: str, incident: Incident) -> bool:
    """True for what the team tells itself. Of an exercise nothing else goes out, to whomever and by whatever way."""
    return not incident.is_drill or kind in (CARD, REMINDER, DRILL)


def marked(sentence: str, knowledge: Knowledge, renderer: Renderer) -> str:
    """A sentence about an exercise: it says so before anything else."""
    _ = renderer.gettext(knowledge.language)
    return f"{_('EXERCISE')} – {sentence}"


def marked_card(
    card: Card, incident: Incident, knowledge: Knowledge, renderer: Renderer, *, is_restricted: bool
) -> Card:  # fmt: skip
    """The card of an exercise: its headline says so, and which scenario it is unless it is restricted.

    The title of an exercise is that of its scenario: words of playbooks/, which nobody typed into the incident.
    """
    return replace(card, headline=marked(card.headline if is_restricted else incident.title, knowledge, renderer))


def drill_sentence(
    payload: Mapping[str, object], incident: Incident, knowledge: Knowledge, renderer: Renderer, public_url: str
) -> str:
    """What the team is told of an exercise: that it began, what arrived and for whom, that it is over."""
    _ = renderer.gettext(knowledge.language)
    said = {
        "reference": incident.reference, "title": incident.title, "hours": payload.get("hours", ""),
        "says": payload.get(f"says_{knowledge.language}") or payload.get("says_fr", ""),
        "role": role_words(str(payload.get("to", "")), _),
    }  # fmt: skip
    words = {
        "started": _(
            "%(reference)s begins: %(title)s. Nothing of it is real; the 72 hours are played in %(hours)s h, and every "
            "term is shortened alike."
        ),
        "inject": _("%(reference)s, for %(role)s: %(says)s"),
        "ended": _("%(reference)s is over. The report says how it went, by role."),
    }[str(payload["about"])]
    link = f" {public_url.rstrip('/')}/incidents/{incident.reference}" if public_url else ""
    return words % said + link


def role_words(role: str, _: Translate) -> str:
    """Whom something is for."""
    return {
        "responder": _("whoever is on call"), "dpo": _("the data protection officer"), "decider": _("whoever decides"),
    }.get(role, role)  # fmt: skip
