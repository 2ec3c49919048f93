"""What happened, once, with its instants; and the part of it under each controller."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypedDict

from breach_service.domain.alert import AlertStatus, Entity, Severity, Signal, is_clock_off
from breach_service.domain.facts import Exposure
from breach_service.domain.inventory import Inventory, Lead, ProcessingActivity, Role, System


class IncidentStatus(StrEnum):
    """Where an incident stands."""

    SUSPECTED = "suspected"
    ASSESSING = "assessing"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    CLOSED = "closed"
    MERGED = "merged"


OPEN_STATUSES = frozenset({IncidentStatus.SUSPECTED, IncidentStatus.ASSESSING, IncidentStatus.CONFIRMED})
UNQUALIFIED_STATUSES = frozenset({IncidentStatus.SUSPECTED, IncidentStatus.ASSESSING})


class InstantKind(StrEnum):
    """The instants that are kept apart; each regime names its trigger among them."""

    OCCURRED_AT = "occurred_at"
    DETECTED_AT = "detected_at"
    FLAW_DISCOVERED_AT = "flaw_discovered_at"
    ATTACK_KNOWN_AT = "attack_known_at"
    TOLD_AT = "told_at"
    AWARE_AT = "aware_at"
    RECEIVED_AT = "received_at"
    CLASSIFIED_AT = "classified_at"
    """Somebody classified the incident as major (DORA)."""
    CORRECTED_AT = "corrected_at"
    """A corrective or mitigating measure is available (CRA)."""
    FULFILLED_AT = "fulfilled_at"
    """An earlier notice was sent: computed from the filings, never recorded by hand."""


@dataclass(frozen=True)
class Instant:
    """One recorded instant. `perimeter` is a perimeter key, empty for the whole incident; corrected by a later one."""

    kind: InstantKind
    at: datetime
    reason: str = ""
    by: str = ""
    perimeter: str = ""
    recorded: int = 0
    is_taken_back: bool = False
    """True for the record that takes `at` back: none is recorded there any more, until somebody records one again."""
    recorded_at: datetime | None = field(default=None, compare=False)
    """When it was recorded (UTC); None where it was not read from there."""


def instants_for(perimeter: str, instants: Iterable[Instant]) -> dict[InstantKind, Instant]:
    """The instant that counts for each kind in one perimeter: its own before the incident's, the latest recorded.

    One that was taken back counts no more; where it was the perimeter's own, the incident's counts again.
    """
    latest: dict[tuple[bool, InstantKind], Instant] = {}
    for instant in instants:
        if instant.perimeter not in ("", perimeter):
            continue
        place = (instant.perimeter != "", instant.kind)
        if place not in latest or instant.recorded >= latest[place].recorded:
            latest[place] = instant
    standing = ((place, one) for place, one in sorted(latest.items()) if not one.is_taken_back)
    return {kind: instant for (_, kind), instant in standing}


def not_taken_back(instants: Iterable[Instant]) -> tuple[Instant, ...]:
    """The records that nobody took back; a record of a later date stands beside the former one, as both were said."""
    known = tuple(instants)
    ended = {(one.kind, one.perimeter): one.recorded for one in known if one.is_taken_back}
    return tuple(one for one in known if one.recorded > ended.get((one.kind, one.perimeter), -1))


@dataclass(frozen=True)
class Silenced:
    """The silence that keeps an alert from waking anybody."""

    id: int
    owner: str
    until: datetime


@dataclass(frozen=True)
class Episode:
    """One alert as kept: the same problem from the same source in one incident, counted."""

    id: int
    source: str
    title: str
    signal: Signal
    severity: Severity
    vendor_severity: str
    status: AlertStatus
    occurred_at: datetime
    received_at: datetime
    last_seen_at: datetime
    count: int
    entities: tuple[Entity, ...]
    systems: tuple[str, ...]
    fingerprint: str
    why_here: str
    """Code of the reason of its placement, see `grouping.PlacementReason`."""
    said_at: datetime | None = None
    """The sender's own time, as it said it; `occurred_at` is what counts."""
    vendor_reference: str = ""
    link: str = ""
    is_unverified: bool = False
    """True where its signature could not be checked."""
    link_key: str = ""
    """What links it to alerts of other systems and senders: kind, colon, value."""
    silenced: Silenced | None = None
    """Which silence kept it from waking anybody when it was said last."""

    @property
    def is_clock_off(self) -> bool:
        """True if the sender's clock and ours disagree by more than waiting explains."""
        return is_clock_off(self.said_at, self.received_at)


ANOTHER_INCIDENT = "another incident"
"""Stands where the reference of an incident stood that the reader does not see."""


@dataclass(frozen=True)
class Incident:
    """What is known of an incident without opening it. All instants in UTC."""

    id: int
    reference: str
    title: str
    status: IncidentStatus
    organisation: str
    opened_at: datetime
    detected_at: datetime
    qualify_by: datetime
    """Until when somebody must say whether this is a personal-data breach."""
    group_key: str
    last_alert_at: datetime
    systems: tuple[str, ...] = ()
    signals: tuple[Signal, ...] = ()
    alerts: int = 0
    has_firing: bool = True
    qualified_at: datetime | None = None
    opened_by: str = ""
    is_muted: bool = False
    """True where a sender under observation opened it: nothing is sent."""
    patterns: tuple[str, ...] = ()
    """Patterns that it completed, the first one first."""
    closing_reason: str = ""
    """As what it ended, a `closing.ClosingReason`; empty while it has not, or where nobody said so."""
    duplicate_of: str = ""
    """Reference of the incident that it duplicates; `ANOTHER_INCIDENT` where the reader does not see that one."""
    is_drill: bool = False
    """An exercise: in no register, no metric and no mailbox of a client."""
    drill_scale: float = 1
    """What the terms of an exercise are multiplied by."""


class ClockState(StrEnum):
    """Computed, never stored: where a clock stands."""

    RUNNING = "running"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    PASSED = "passed"
    """The date of a target is over: it is still to be done, but nothing is overdue."""
    FULFILLED = "fulfilled"
    NOT_REQUIRED = "not_required"
    WITHDRAWN = "withdrawn"


LONGEST_DUE_SOON = timedelta(hours=24)


def clock_state(starts_at: datetime, due_at: datetime | None, now: datetime) -> ClockState:
    """RUNNING, DUE_SOON in the last quarter of the term (at most 24 h), OVERDUE from the due instant on."""
    if due_at is None:
        return ClockState.RUNNING
    if now >= due_at:
        return ClockState.OVERDUE
    soon = min((due_at - starts_at) / 4, LONGEST_DUE_SOON)
    return ClockState.DUE_SOON if now >= due_at - soon else ClockState.RUNNING


OWN_PERIMETER = "own"


class Arrangement(TypedDict, total=False):
    """What joint controllers agreed on (GDPR Art. 26)."""

    leads: Lead | None
    arrangement: str


@dataclass(frozen=True)
class Perimeter:
    """The part of an incident under one controller."""

    key: str
    """`own`, `joint:<activity>` or `client:<id>`."""
    our_role: Role
    controller: str
    """The controller's name."""
    client: str | None
    systems: tuple[str, ...]
    activities: tuple[str, ...]
    exposures: tuple[Exposure, ...]
    leads: Lead | None = None
    """Which joint controller notifies (GDPR Art. 26); None where nobody wrote it down, or where we are not joint."""
    arrangement: str = ""
    """Where the joint controllers wrote it down."""

    @property
    def is_ours(self) -> bool:
        """True where we are controller, alone or with others."""
        return self.our_role in (Role.CONTROLLER, Role.JOINT)


def perimeters_of(systems: Iterable[str], inventory: Inventory, organisation: str) -> tuple[Perimeter, ...]:
    """Whose data the affected systems hold: our own first, then one perimeter per client, by name.

    `systems` are ids of the inventory; unknown ids are passed over (the system has left the inventory). Where the
    inventory names nobody whose data it is (no system is known, or none has an activity) there is one perimeter of
    ours, judged on what is recorded of the systems: an unknown is never a no, and a no can be corrected.
    """
    known = tuple(filter(None, map(inventory.system, dict.fromkeys(systems))))
    name = next((one.name for one in inventory.organisations if one.id == organisation), organisation)
    exposures: dict[tuple[str, Role, str, str | None], list[Exposure]] = {}
    for system in known:
        for activity in filter(None, map(inventory.activity, system.activities)):
            for place, exposure in _places(system, activity, inventory, name):
                exposures.setdefault(place, []).append(exposure)
    if not exposures:
        exposures[OWN_PERIMETER, Role.CONTROLLER, name, None] = [Exposure(one.id) for one in known] or [Exposure()]
    perimeters = [
        Perimeter(
            key=key,
            our_role=role,
            controller=controller,
            client=client,
            systems=tuple(dict.fromkeys(one.system for one in places if one.system)),
            activities=tuple(dict.fromkeys(one.activity for one in places if one.activity)),
            exposures=tuple(places),
            **_arrangement(role, places, inventory),
        )
        for (key, role, controller, client), places in exposures.items()
    ]
    return tuple(
        sorted(perimeters, key=lambda one: (one.key != OWN_PERIMETER, not one.is_ours, one.controller, one.key))
    )


def _arrangement(role: Role, places: list[Exposure], inventory: Inventory) -> Arrangement:
    activity = inventory.activity(places[0].activity or "") if role is Role.JOINT else None
    return {"leads": activity.leads, "arrangement": activity.arrangement} if activity else {}


def _places(
    system: System, activity: ProcessingActivity, inventory: Inventory, own_name: str
) -> Iterable[tuple[tuple[str, Role, str, str | None], Exposure]]:
    if activity.our_role is Role.CONTROLLER:
        yield (OWN_PERIMETER, Role.CONTROLLER, own_name, None), Exposure(system.id, activity.id)
    elif activity.our_role is Role.JOINT:
        controller = activity.controller or own_name
        yield (f"joint:{activity.id}", Role.JOINT, controller, None), Exposure(system.id, activity.id)
    else:
        for client in inventory.clients:
            takes_part = client.id in activity.clients or any(one.activity == activity.id for one in client.activities)
            if takes_part:
                place = (f"client:{client.id}", client.our_role, client.name, client.id)
                yield place, Exposure(system.id, activity.id, client.id)


def persons_at(exposure: Exposure, inventory: Inventory) -> tuple[int, int] | None:
    """How many persons the inventory knows at one place: (at least, at most), None where it does not say."""
    activity = inventory.activity(exposure.activity or "")
    if activity is None:
        return None
    if exposure.client is None:
        return activity.number_of_persons
    client = inventory.client(exposure.client)
    parts = client.activities if client else ()
    return next((one.number_of_persons for one in parts if one.activity == exposure.activity), None)


def title_from(words: Iterable[str], systems: Iterable[str]) -> str:
    """A title made of closed words only (never of a sender's text): the most serious of `words`, and the places."""
    what, places = next(iter(words), ""), ", ".join(systems)
    return f"{what} : {places}" if places else what


class EntryKind(StrEnum):
    """What kind of line stands in the chronology."""

    OPENED = "opened"
    DECLARED = "declared"
    STATUS_CHANGED = "status_changed"
    FACT_RECORDED = "fact_recorded"
    QUESTION_ASSIGNED = "question_assigned"
    """Nobody knows the answer yet: who finds it out, and by when."""
    SYSTEMS_ADDED = "systems_added"
    INSTANT_RECORDED = "instant_recorded"
    CLOCK_CHANGE_PROPOSED = "clock_change_proposed"
    """Whoever decides wants an instant later, taken back, or a clock stopped: a second person is asked."""
    CLOCK_CHANGE_SETTLED = "clock_change_settled"
    """Such a proposal was confirmed, declined or withdrawn; `outcome` says which."""
    DELAY_EXPLAINED = "delay_explained"
    """Why a notice is late (GDPR Art. 33(1))."""
    ASSESSED = "assessed"
    """The assessment changed: personal data, risk or a duty."""
    OBLIGATION_ARISEN = "obligation_arisen"
    OBLIGATION_CHANGED = "obligation_changed"
    OBLIGATION_WITHDRAWN = "obligation_withdrawn"
    DECIDED_NOT_REQUIRED = "decided_not_required"
    DECIDED_TO_NOTIFY = "decided_to_notify"
    """A notice is to be given, whatever the advice was."""
    FILED = "filed"
    REMINDED = "reminded"
    REMINDERS_MUTED = "reminders_muted"
    """Early reminders are held back until `until`."""
    REMINDERS_UNMUTED = "reminders_unmuted"
    CALLED = "called"
    """People were woken, or called by day; `stage` says how far it has come, `people` whom."""
    CALL_ACKNOWLEDGED = "call_acknowledged"
    """Somebody answered: nobody else is called."""
    CALL_ENDED = "call_ended"
    """Nobody need answer any more; `why` says why."""
    MERGED = "merged"
    TOOK_IN = "took_in"
    MERGE_PROPOSED = "merge_proposed"
    KEPT_APART = "kept_apart"
    """A person said that two incidents are not one."""
    CARRIED_OVER = "carried_over"
    """A notice sent in an incident that went into this one: it is not owed a second time."""
    SIGN_IN_CHANGED = "sign_in_changed"
    """What an account signs in with changed, or a sign-in was refused that must be looked at; `what` says which."""
    MANDATE_RECORDED = "mandate_recorded"
    MANDATE_REVOKED = "mandate_revoked"
    OPINION_GIVEN = "opinion_given"
    """The data protection officer advised."""
    TEXT_APPROVED = "text_approved"
    """The text of a notice was released for sending."""
    GLASS_BROKEN = "glass_broken"
    GLASS_REVIEWED = "glass_reviewed"
    ACCESS_CHANGED = "access_changed"
    """An account, its role, a token or its sessions: in no incident."""
    ROTA_CHANGED = "rota_changed"
    """Who is on call, or who is away: in no incident; `what` says which."""
    CONTACT_WAY_CHANGED = "contact_way_changed"
    """How a person is reached, never the address; `what` says which."""
    LEAD_CHANGED = "lead_changed"
    MEASURE_CHANGED = "measure_changed"
    """A measure was planned, changed, done, dropped or taken up again; `what` says which."""
    EVIDENCE_HANDLED = "evidence_handled"
    """A piece of evidence was collected or handled; `what` says how."""
    REVIEWED = "reviewed"
    """The review after the incident was begun, saved, closed or opened again; `what` says which."""
    NOTED = "noted"
    RESTRICTED = "restricted"
    """From now on only those who are named see it."""
    OPENED_AGAIN = "opened_again"
    """It is restricted no more."""
    STANDING_BEGAN = "standing_began"
    """Somebody is named, concerned, counsel or inspecting from now on."""
    STANDING_ENDED = "standing_ended"
    CONSULTED = "consulted"
    """A note of the counsel compartment: it has no words here, only their digest."""
    SUBSTITUTE_NAMED = "substitute_named"
    PLAYBOOK_ATTACHED = "playbook_attached"
    """Playbooks belong to the plan from now on: their conditions hold, or a person said so."""
    PLAN_CHANGED = "plan_changed"
    """A person adapted the plan; `change` says how."""
    STEP_RECORDED = "step_recorded"
    """A person said where a step of the plan stands."""
    DRILL_STARTED = "drill_started"
    """An exercise began: which scenario, and in how many hours its 72 are played."""
    DRILL_INJECTED = "drill_injected"
    """Something arrived in an exercise, as its scenario says."""
    DRILL_ENDED = "drill_ended"
    """An exercise was stopped, or its time was up."""


@dataclass(frozen=True)
class TimelineEntry:
    """One recorded transition, fact, decision or sending; insert-only, its words can be erased lawfully."""

    id: int
    at: datetime
    kind: EntryKind
    actor: str
    """A person, a source or the service, in words."""
    words: Mapping[str, str] | None
    """The parameters of the sentence (and `reason`, where a person gave one); None once erased."""
    digest: str = ""
    """Salted SHA-256 of the words, hex."""
    seal: int | None = None
    """Its number in the chain, None for the moment before it is sealed."""
