"""Waking people: the steps of calls, taken by the clock, each in one transaction with its messages and its line.

What is due is rows: a process that was down takes the latest step at once, and of two processes the placing lock lets
one take it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from breach_service.acts.on_call.calls import roster_for
from breach_service.domain.contact_ways import WayKind, usable
from breach_service.domain.incident import EntryKind
from breach_service.domain.waking import Call, CallState, WakeStep, steps_due
from breach_service.notify.pagers.pager import Pager
from breach_service.notify.ways import Ways
from breach_service.pipeline import Knowledge
from breach_service.pipeline.opening import SERVICE
from breach_service.pipeline.waking import PAGE, WAKE_PERSON, WAKE_TEAM, end_call, end_of
from breach_service.store import calls, compartments, contact_ways, incidents, outbox, timeline
from breach_service.store.calls import KeptStep, ShownCall, Told
from breach_service.store.database import Database, Session, lock_placing
from breach_service.store.outbox import Message
from breach_service.store.tables import IncidentRow

SHOW_AGAIN = timedelta(minutes=5)
"""How often a pager that forgets is told that a call goes on."""
AHEAD = timedelta(hours=1)
"""What wakes goes out before everything that has waited for less: a flood of cards must not hold it up."""
STEPS_TOLD = 3
"""To the team; that everybody is called again and again stands on the page of calls."""


@dataclass(frozen=True)
class Wakers:
    """The ways by which people are woken."""

    ways: Ways = field(default_factory=Ways)
    pagers: Mapping[str, Pager] = field(default_factory=dict)
    has_buttons: bool = False
    """True where what is pressed in a channel of the team comes back to us."""


@dataclass
class Waking:
    """The steps of calls, as one process takes them."""

    database: Database
    ways: Ways
    pagers: Mapping[str, Pager] = field(default_factory=dict)

    def wake(self, knowledge: Knowledge, now: datetime) -> bool:
        """Take the steps that are due; True if there were any."""
        with self.database.reading() as session:
            waiting = [one for one in calls.not_over(session) if self._has_work(session, one, knowledge, now)]
        if not waiting:
            return False

        def work(session: Session) -> None:
            lock_placing(session)
            numbers = {one.call.id for one in waiting}
            for one in calls.not_over(session):  # as they stand now: another process may have been here
                if one.call.id in numbers:
                    self._work_on(session, one, knowledge, now)

        self.database.write(work)
        return True

    def _has_work(self, session: Session, shown: ShownCall, knowledge: Knowledge, now: datetime) -> bool:
        call = shown.call
        waited = now - call.began_at
        if call.state is CallState.OPEN and knowledge.escalation.last_due(waited) > call.steps:
            return True
        if self._is_to_be_shown_again(shown, now):
            return True
        return end_of(session, call, incidents.row_by_id(session, call.incident_id), now) is not None

    def _work_on(self, session: Session, shown: ShownCall, knowledge: Knowledge, now: datetime) -> None:
        call, row = shown.call, incidents.row_by_id(session, shown.call.incident_id)
        why = end_of(session, call, row, now)
        if why is not None:
            end_call(session, call, why, now)
            return
        steps = list(steps_due(call, now, roster_for(session, row, now), knowledge.escalation))
        for step in steps:
            self._take(session, call, step, row, knowledge, now)
        if not steps and self._is_to_be_shown_again(shown, now):
            self._show_again(session, call, now)

    def _take(
        self, session: Session, call: Call, step: WakeStep, row: IncidentRow, knowledge: Knowledge, now: datetime
    ) -> None:
        about = {"call": call.id, "stage": str(step.stage), "what": "trigger"}
        messages = list(self._to_team(call, step, knowledge, now, about))
        told = [Told(None, one.channel, one.key) for one in messages]
        if not row.is_drill:  # an exercise wakes nobody: the team is told, the page shows the call
            for name in self.pagers:
                page = Message(f"page:{name}:{call.id}:{step.number}", PAGE, name, now - AHEAD, None, about)
                messages.append(page)
                told.append(Told(None, name, page.key))
            for person in sorted(step.people):
                to_person = list(self._to_person(session, call, step, person, knowledge, now))
                messages += to_person
                told += [Told(person, one.channel, one.key) for one in to_person] or [Told(person, "", "")]
        outbox.enqueue_all(session, messages, now)
        calls.take_step(session, call.id, KeptStep(step.number, step.stage, step.due_at, now, tuple(told)))
        names = compartments.names_of(session, step.people)
        words = {
            "stage": str(step.stage), "about": str(call.reason), "step": str(step.number),
            "people": ", ".join(names[one] for one in sorted(names)),
            "pagers": ", ".join(self.pagers) if not row.is_drill else "",
        }  # fmt: skip
        timeline.write_entry(session, call.incident_id, now, EntryKind.CALLED, SERVICE, words)

    def _to_team(
        self, call: Call, step: WakeStep, knowledge: Knowledge, now: datetime, about: Mapping[str, object]
    ) -> Iterator[Message]:
        if step.number > STEPS_TOLD:
            return
        for name in knowledge.channels:
            key = f"wake:{name}:{call.id}:{step.number}"
            yield Message(key, WAKE_TEAM, name, now - AHEAD, call.incident_id, about)

    def _to_person(
        self, session: Session, call: Call, step: WakeStep, person: int, knowledge: Knowledge, now: datetime
    ) -> Iterator[Message]:
        """One message by each way that the person may be woken by; by their account's mail where there is none."""
        key = f"wake:{call.id}:{step.number}:{person}"
        held = [contact_ways.way_of(one) for one in contact_ways.of_person(session, person)]
        found = [one for one in usable(held, now, knowledge.zone.key, is_wake=True) if self.ways.can(one.kind)]
        for one in found:
            about = {"call": call.id, "person": person, "way": one.id}
            yield Message(f"{key}:{one.id}", WAKE_PERSON, str(one.kind), now - AHEAD, None, about)
        if not found and self.ways.can(WayKind.MAIL):
            yield Message(f"{key}:mail", WAKE_PERSON, "mail", now - AHEAD, None, {"call": call.id, "person": person})

    def _is_to_be_shown_again(self, shown: ShownCall, now: datetime) -> bool:
        return (
            shown.call.state is CallState.OPEN
            and not shown.is_drill
            and shown.shown_at is not None
            and now - shown.shown_at >= SHOW_AGAIN
            and any(one.is_forgetful for one in self.pagers.values())
        )

    def _show_again(self, session: Session, call: Call, now: datetime) -> None:
        step = calls.steps_of(session, [call.id])[call.id][-1]
        payload = {"call": call.id, "stage": str(step.stage), "what": "trigger"}
        minute = int(now.timestamp() // 60)
        messages = [
            Message(f"page:{name}:{call.id}:{step.number}:{minute}", PAGE, name, now, None, payload)
            for name, one in self.pagers.items()
            if one.is_forgetful
        ]
        outbox.enqueue_all(session, messages, now)
        calls.shown_again(session, call.id, now)
