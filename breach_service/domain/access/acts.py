"""Who may do what: one table, read by every act and nowhere else."""

from enum import StrEnum


class UserRole(StrEnum):
    """What a person, or a program, is here."""

    VIEWER = "viewer"
    RESPONDER = "responder"
    DPO = "dpo"
    DECIDER = "decider"
    ADMIN = "admin"
    AUDITOR = "auditor"
    """Reads all, changes nothing."""
    INSPECTOR = "inspector"
    """Reads the incidents that were chosen for an inspection, until a date."""
    SOURCE = "source"
    """A sender: delivers webhooks, and nothing else."""


PEOPLE = tuple(one for one in UserRole if one is not UserRole.SOURCE)
"""The roles that an account or an API token may have."""


class Act(StrEnum):
    """Everything that somebody can do here; each route and each command is one of these."""

    SEND_ALERTS = "send_alerts"
    LOOK = "look"
    """See incidents, as far as they are seen (`actor.sight_of`)."""
    LOOK_AROUND = "look_around"
    """See what is no incident: inventory, senders, silences, content, the rota."""
    LOOK_AT_RAW = "look_at_raw"
    """See raw bodies in quarantine: they may hold personal data."""
    LOOK_AT_AUDIT = "look_at_audit"
    """See who read what, and what is outstanding for a review."""
    DECLARE = "declare"
    LOOK_AT_REPORTS = "look_at_reports"
    """Read what people told us: words, files, who they are."""
    SORT_REPORTS = "sort_reports"
    """Say what becomes of a report that waits."""
    RECORD_FACT = "record_fact"
    ADD_SYSTEMS = "add_systems"
    """Say which systems of the inventory are concerned: whose data, and so whose clocks."""
    RECORD_AWARENESS = "record_awareness"
    ANSWER_CALL = "answer_call"
    """Say that one is there where an incident wakes people."""
    WORK_PLAYBOOK = "work_playbook"
    """Say what was done of the plan of an incident, and adapt it."""
    GIVE_OPINION = "give_opinion"
    """The data protection officer advises (GDPR Art. 39(1)(a)); what it leads to is decided by another act."""
    QUALIFY = "qualify"
    """Say that it is a personal-data breach, or that it is none."""
    MERGE = "merge"
    """Say that two incidents are one, or that they are not."""
    CLOSE = "close"
    MANAGE_MEASURES = "manage_measures"
    """Plan measures, and say what came of them."""
    KEEP_EVIDENCE = "keep_evidence"
    """Write evidence down, and each handling of it."""
    READ_EVIDENCE = "read_evidence"
    """Take the content of evidence out: it may hold personal data, and each reading is written down."""
    REVIEW_INCIDENT = "review_incident"
    """Write the review after an incident, and close it."""
    APPROVE_DRAFT = "approve_draft"
    """Release the text of a notice for sending."""
    RECORD_FILING = "record_filing"
    DECIDE_NOT_REQUIRED = "decide_not_required"
    RUN_DRILL = "run_drill"
    """Begin an exercise, and stop it."""
    REPLAY = "replay"
    SILENCE = "silence"
    """Say what nobody shall be woken by for a while, and end it."""
    TRY_GROUPING = "try_grouping"
    """See what changed rules of grouping would have made of the last days."""
    RESTRICT = "restrict"
    """Close an incident to all but named people, name them, and say whom it concerns; open it again."""
    NAME_SUBSTITUTE = "name_substitute"
    """Say in advance who takes somebody's place in an incident that concerns them."""
    CONSULT = "consult"
    """Write and read in the counsel compartment of an incident; it asks for being named there besides."""
    BREAK_GLASS = "break_glass"
    """Take the place of a decider whom nobody can reach, in one incident, with a reason."""
    REVIEW_GLASS = "review_glass"
    """Say afterwards what is thought of a broken glass."""
    MANAGE_ROTA = "manage_rota"
    """Say who is on call, and record absences of others."""
    MUTE_REMINDERS = "mute_reminders"
    """Say that nobody shall be reminded of an incident for a while, as far as that may wait."""
    LEAD = "lead"
    """Say who leads an incident."""
    KEEP_OWN_ACCOUNT = "keep_own_account"
    """Own password, second factor, sessions, channels, absences; accept what is handed over."""
    MANAGE_SOURCES = "manage_sources"
    MANAGE_PEOPLE = "manage_people"
    """Accounts, tokens, their end and the handover of their work."""
    RECORD_MANDATE = "record_mandate"
    """Write down who represents an organisation and to whom deciding was delegated in writing."""
    MANAGE_INVENTORY = "manage_inventory"
    ACTIVATE_CONTENT = "activate_content"
    OPERATE = "operate"
    """Care for the machine: start, migrate, check. Only at its own command line."""


DECISIONS = frozenset({Act.QUALIFY, Act.APPROVE_DRAFT, Act.DECIDE_NOT_REQUIRED})
"""Acts that bind the organisation: besides the role they ask for a mandate in force, see `mandates`."""

_LOOKING = frozenset(
    {UserRole.VIEWER, UserRole.RESPONDER, UserRole.DPO, UserRole.DECIDER, UserRole.ADMIN, UserRole.AUDITOR}
)
_WORKING = frozenset({UserRole.RESPONDER, UserRole.DPO, UserRole.DECIDER})
_JUDGING = frozenset({UserRole.DPO, UserRole.DECIDER})
_ADMIN = frozenset({UserRole.ADMIN})

ALLOWED: dict[Act, frozenset[UserRole]] = {
    Act.SEND_ALERTS: frozenset({UserRole.SOURCE}),
    Act.LOOK: _LOOKING | {UserRole.INSPECTOR},
    Act.LOOK_AROUND: _LOOKING,
    Act.LOOK_AT_RAW: frozenset({UserRole.RESPONDER, UserRole.DPO, UserRole.ADMIN, UserRole.AUDITOR}),
    Act.LOOK_AT_AUDIT: _JUDGING | {UserRole.ADMIN, UserRole.AUDITOR},
    Act.DECLARE: _WORKING | _ADMIN,
    Act.LOOK_AT_REPORTS: _WORKING | {UserRole.AUDITOR},
    Act.SORT_REPORTS: _WORKING,
    Act.RECORD_FACT: _WORKING,
    Act.ADD_SYSTEMS: _WORKING,
    # Any responder may start a clock: waiting for a decider would cost the hours that the law counts.
    Act.RECORD_AWARENESS: _WORKING,
    Act.ANSWER_CALL: _WORKING,
    Act.WORK_PLAYBOOK: _WORKING,
    Act.GIVE_OPINION: frozenset({UserRole.DPO}),
    Act.QUALIFY: _JUDGING,
    # What a breach is and what was sent of it comes over unchanged; where that is the case they ask for QUALIFY too.
    Act.MERGE: _WORKING,
    Act.CLOSE: _JUDGING,
    Act.MANAGE_MEASURES: _WORKING,
    Act.KEEP_EVIDENCE: _WORKING,
    Act.READ_EVIDENCE: _WORKING | {UserRole.AUDITOR},
    Act.REVIEW_INCIDENT: _WORKING,
    Act.APPROVE_DRAFT: _JUDGING,
    Act.RECORD_FILING: _JUDGING,
    Act.DECIDE_NOT_REQUIRED: _JUDGING,
    Act.RUN_DRILL: _WORKING | _ADMIN,
    Act.REPLAY: frozenset({UserRole.RESPONDER, UserRole.DPO, UserRole.ADMIN}),
    Act.SILENCE: _WORKING | _ADMIN,
    Act.TRY_GROUPING: _WORKING | _ADMIN,
    Act.RESTRICT: _JUDGING,
    Act.NAME_SUBSTITUTE: _ADMIN | {UserRole.DPO},
    Act.CONSULT: _WORKING | {UserRole.VIEWER},
    # Whoever is on call: they are there when those who decide are not.
    Act.BREAK_GLASS: frozenset({UserRole.RESPONDER, UserRole.DPO}),
    Act.REVIEW_GLASS: _JUDGING,
    Act.MANAGE_ROTA: _JUDGING | _ADMIN,
    Act.MUTE_REMINDERS: _WORKING,
    Act.LEAD: _WORKING | _ADMIN,
    Act.KEEP_OWN_ACCOUNT: frozenset(PEOPLE),
    Act.MANAGE_SOURCES: _ADMIN,
    Act.MANAGE_PEOPLE: _ADMIN,
    Act.RECORD_MANDATE: _ADMIN | {UserRole.DECIDER},
    Act.MANAGE_INVENTORY: _ADMIN | {UserRole.DPO},
    Act.ACTIVATE_CONTENT: _ADMIN | {UserRole.DPO},
    Act.OPERATE: frozenset(),
}
