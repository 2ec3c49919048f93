"""Who may do what: one table, read by every act and nowhere else."""

from dataclasses import dataclass
from enum import StrEnum


class UserRole(StrEnum):
    """What a person is here."""

    VIEWER = "viewer"
    RESPONDER = "responder"
    DPO = "dpo"
    DECIDER = "decider"
    ADMIN = "admin"
    AUDITOR = "auditor"
    """Reads all, changes nothing."""
    INSPECTOR = "inspector"
    """Reads what was chosen for an inspection; until choosing exists, nothing."""


class Act(StrEnum):
    """Every human act."""

    LOOK = "look"
    LOOK_AT_RAW = "look_at_raw"
    """See raw bodies in quarantine: they may hold personal data."""
    DECLARE = "declare"
    RECORD_FACT = "record_fact"
    ADD_SYSTEMS = "add_systems"
    """Say which systems of the inventory are concerned: whose data, and so whose clocks."""
    RECORD_AWARENESS = "record_awareness"
    QUALIFY = "qualify"
    """Say that it is a personal-data breach, or that it is none."""
    MERGE = "merge"
    """Say that two incidents are one, or that they are not."""
    CLOSE = "close"
    RECORD_FILING = "record_filing"
    DECIDE_NOT_REQUIRED = "decide_not_required"
    REPLAY = "replay"
    SILENCE = "silence"
    """Say what nobody shall be woken by for a while, and end it."""
    TRY_GROUPING = "try_grouping"
    """See what changed rules of grouping would have made of the last days."""
    MANAGE_SOURCES = "manage_sources"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_INVENTORY = "manage_inventory"
    ACTIVATE_CONTENT = "activate_content"


_LOOKING = frozenset(
    {UserRole.VIEWER, UserRole.RESPONDER, UserRole.DPO, UserRole.DECIDER, UserRole.ADMIN, UserRole.AUDITOR}
)
_WORKING = frozenset({UserRole.RESPONDER, UserRole.DPO, UserRole.DECIDER})
_JUDGING = frozenset({UserRole.DPO, UserRole.DECIDER})

ALLOWED: dict[Act, frozenset[UserRole]] = {
    Act.LOOK: _LOOKING,
    Act.LOOK_AT_RAW: frozenset({UserRole.RESPONDER, UserRole.DPO, UserRole.ADMIN, UserRole.AUDITOR}),
    Act.DECLARE: _WORKING | {UserRole.ADMIN},
    Act.RECORD_FACT: _WORKING,
    Act.ADD_SYSTEMS: _WORKING,
    # Any responder may start a clock: waiting for a decider would cost the hours that the law counts.
    Act.RECORD_AWARENESS: _WORKING,
    Act.QUALIFY: _JUDGING,
    # What a breach is and what was sent of it comes over unchanged; where that is the case they ask for QUALIFY too.
    Act.MERGE: _WORKING,
    Act.CLOSE: _JUDGING,
    Act.RECORD_FILING: _JUDGING,
    Act.DECIDE_NOT_REQUIRED: _JUDGING,
    Act.REPLAY: frozenset({UserRole.RESPONDER, UserRole.DPO, UserRole.ADMIN}),
    Act.SILENCE: _WORKING | {UserRole.ADMIN},
    Act.TRY_GROUPING: _WORKING | {UserRole.ADMIN},
    Act.MANAGE_SOURCES: frozenset({UserRole.ADMIN}),
    Act.MANAGE_PEOPLE: frozenset({UserRole.ADMIN}),
    Act.MANAGE_INVENTORY: frozenset({UserRole.DPO, UserRole.ADMIN}),
    Act.ACTIVATE_CONTENT: frozenset({UserRole.DPO, UserRole.ADMIN}),
}


@dataclass(frozen=True)
class Actor:
    """Who acts: a person, an API token, or the operator at the command line."""

    name: str
    role: UserRole
    is_operator: bool = False
    """True for whoever holds the machine and works at its command line: nothing there can be kept from them."""


def is_allowed(actor: Actor, act: Act) -> bool:
    """True if the role may do the act."""
    return actor.is_operator or actor.role in ALLOWED[act]


def acts_allowed(actor: Actor) -> frozenset[Act]:
    """Everything that an actor may do."""
    return frozenset(act for act in Act if is_allowed(actor, act))
