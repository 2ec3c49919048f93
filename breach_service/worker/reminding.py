"""Reminders: looked for by the clock, raised under the placing lock, once each, whatever was missed meanwhile.

What is due is rows. A process remembers only of which incidents nothing can come to be said before some instant, so
that a look over ten thousand dates is a few statements; whoever takes over looks at all of them once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from breach_service.domain.incident import EntryKind
from breach_service.domain.reminders import Reminder, Rhythm, Speaking, look_again_at, reminder_of
from breach_service.domain.waking import Urgency, WakeReason
from breach_service.pipeline import Knowledge
from breach_service.pipeline.judging import REMINDER
from breach_service.pipeline.opening import SERVICE
from breach_service.pipeline.waking import wake
from breach_service.store import outbox, reminders, timeline
from breach_service.store.database import Database, Session, lock_placing

REMIND_EVERY = timedelta(seconds=10)


@dataclass
class Reminding:
    """The looks of one process."""

    database: Database
    _looked_at: datetime | None = None
    _rhythm: Rhythm | None = None
    _quiet: dict[int, tuple[Speaking, datetime | None]] = field(default_factory=dict)
    """Of an incident: as it stood, and until when nothing new comes to be said of it; None: never."""

    def remind(self, knowledge: Knowledge, now: datetime) -> bool:
        """Raise what must be said now; False, since it is looked at by the clock and not until nothing is left."""
        if self._looked_at is not None and timedelta() <= now - self._looked_at < REMIND_EVERY:
            return False
        waiting = self._waiting(knowledge.rhythm, now)
        if waiting:

            def work(session: Session) -> None:
                lock_placing(session)
                raise_reminders(session, waiting, knowledge, now)

            self.database.write(work)
        self._looked_at = now  # only now: what failed is tried again at the next turn
        return False

    def _waiting(self, rhythm: Rhythm, now: datetime) -> list[int]:
        if self._rhythm != rhythm:
            self._rhythm, self._quiet = rhythm, {}
        with self.database.reading() as session:
            found = reminders.speaking(session, now)
            self._quiet = {number: known for number, known in self._quiet.items() if number in found}
            unsure = {number: one for number, one in found.items() if not self._is_quiet(number, one, now)}
            said = reminders.marks(session, unsure) if unsure else {}
        waiting = []
        for number, one in unsure.items():
            if reminder_of(one, now, said[number], rhythm) is not None:
                waiting.append(number)
                self._quiet.pop(number, None)
            else:
                self._quiet[number] = one, look_again_at(one, now, rhythm)
        return waiting

    def _is_quiet(self, number: int, one: Speaking, now: datetime) -> bool:
        known = self._quiet.get(number)
        return known is not None and known[0] == one and (known[1] is None or now < known[1])


def raise_reminders(session: Session, ids: Collection[int], knowledge: Knowledge, now: datetime) -> None:
    """Queue what must be said of some incidents now, once; the caller holds the placing lock."""
    said = reminders.marks(session, ids)
    for number, one in reminders.speaking(session, now, ids).items():
        found = reminder_of(one, now, said[number], knowledge.rhythm)
        if found is not None:
            _raise(session, number, found, knowledge, now)


def _raise(session: Session, incident_id: int, found: Reminder, knowledge: Knowledge, now: datetime) -> None:
    reminders.remember(session, incident_id, found, now)
    timeline.write_entry(session, incident_id, now, EntryKind.REMINDED, SERVICE, _words(found))
    payload = {
        "about": str(found.reason), "due_at": found.due_at.isoformat(), "others": found.others,
        "duties": {str(duty): number for duty, number in sorted(found.duties.items())},
    }  # fmt: skip
    for channel in knowledge.channels:
        key = f"reminder:{channel}:{incident_id}:{found.key}"
        outbox.enqueue(session, key, REMINDER, channel, now, incident_id=incident_id, payload=payload)
    if found.urgency is Urgency.WAKE:
        wake(session, incident_id, WakeReason.DEADLINE, found.key, now)


def _words(found: Reminder) -> Mapping[str, str]:
    return {"about": str(found.reason), "due_at": found.due_at.isoformat(), "others": str(found.others)}
