"""The tables of access: factors, links, mandates, compartments, the audit trail, the rota, channels and handovers.

Instants are UTC. `mandate`, `incident_person`, `broken_glass`, `absence` and `shift_override` are never deleted and
changed only by being ended; `position`, `counsel_note` and `audit_entry` are insert-only, with triggers on them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON as Json
from sqlalchemy import Column, ForeignKey, Index, LargeBinary
from sqlmodel import Field, SQLModel

from breach_service.store.columns import UtcDateTime
from breach_service.store.tables import BIG


def _key() -> Any:
    return Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))


def _points_at(target: str, *, nullable: bool = False, index: bool = True) -> Any:
    return Field(default=None, sa_column=Column(BIG, ForeignKey(target), nullable=nullable, index=index))


def _at(*, nullable: bool = False, index: bool = False) -> Any:
    return Field(default=None, sa_column=Column(UtcDateTime(), nullable=nullable, index=index))


def _json(default: Any = dict) -> Any:
    return Field(default_factory=default, sa_column=Column(Json, nullable=False))


class PasskeyRow(SQLModel, table=True):
    """A passkey (WebAuthn credential) of a person."""

    __tablename__ = "passkey"
    id: int | None = _key()
    user_id: int = _points_at("user_account.id")
    credential_id: str = Field(unique=True)
    """Base64url, without padding."""
    public_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sign_count: int = Field(default=0, sa_column=Column(BIG, nullable=False))
    name: str
    created_at: datetime = _at()
    last_used_at: datetime | None = _at(nullable=True)
    removed_at: datetime | None = _at(nullable=True)


class ChallengeRow(SQLModel, table=True):
    """What was asked of a browser and is awaited once: a WebAuthn challenge, an OIDC state, a second factor."""

    __tablename__ = "challenge"
    id: int | None = _key()
    token_hash: str = Field(unique=True)
    """SHA-256, hex, of what the browser holds in a cookie."""
    purpose: str
    user_id: int | None = _points_at("user_account.id", nullable=True)
    sealed: str
    """What must come back or is needed then, JSON, encrypted."""
    created_at: datetime = _at()
    expires_at: datetime = _at(index=True)


class FailureRow(SQLModel, table=True):
    """How often something failed of late: passwords for an address, tokens from a network address."""

    __tablename__ = "failure"
    key_hash: str = Field(primary_key=True)
    """SHA-256, hex, of what is counted and of whom."""
    failures: int = 0
    since: datetime | None = _at(nullable=True)
    locks: int = 0
    locked_until: datetime | None = _at(nullable=True)
    forgotten_at: datetime = _at(index=True)


class OneTimeLinkRow(SQLModel, table=True):
    """A link that opens once: the first administrator, an invitation, a new password."""

    __tablename__ = "one_time_link"
    id: int | None = _key()
    token_hash: str = Field(unique=True)
    purpose: str
    user_id: int | None = _points_at("user_account.id", nullable=True)
    by: str
    created_at: datetime = _at()
    expires_at: datetime = _at()
    used_at: datetime | None = _at(nullable=True)


class MandateRow(SQLModel, table=True):
    """Who decides for an organisation: its representative, or a person delegated in writing."""

    __tablename__ = "mandate"
    id: int | None = _key()
    user_id: int = _points_at("user_account.id")
    kind: str
    organisation: str = ""
    acts: list[str] = _json(list)
    granted_by: str
    document: str
    from_at: datetime = _at()
    to_at: datetime | None = _at(nullable=True)
    recorded_at: datetime = _at()
    recorded_by: str
    revoked_at: datetime | None = _at(nullable=True)
    revoked_by: str = ""


class SubstituteRow(SQLModel, table=True):
    """Who takes the place of a person in an incident that concerns them, or when they are away; named in advance."""

    __tablename__ = "substitute"
    id: int | None = _key()
    user_id: int = _points_at("user_account.id")
    substitute_id: int = _points_at("user_account.id", index=False)
    recorded_at: datetime = _at()
    recorded_by: str
    ended_at: datetime | None = _at(nullable=True)


class IncidentPersonRow(SQLModel, table=True):
    """How a person stands to an incident: named there, shut out of it, counsel, or inspecting it."""

    __tablename__ = "incident_person"
    id: int | None = _key()
    incident_id: int = _points_at("incident.id", index=False)
    user_id: int = _points_at("user_account.id")
    standing: str
    """`named`, `concerned`, `counsel` or `inspecting` (`domain.access.compartments.Standing`)."""
    by: str
    reason: str
    at: datetime = _at()
    until: datetime | None = _at(nullable=True)
    ended_at: datetime | None = _at(nullable=True)
    ended_by: str = ""
    __table_args__ = (Index("ix_incident_person", "incident_id", "user_id", "standing"),)


class CounselNoteRow(SQLModel, table=True):
    """A note of the counsel compartment, encrypted; the chronology holds its digest only. Insert-only."""

    __tablename__ = "counsel_note"
    id: int | None = _key()
    incident_id: int = _points_at("incident.id")
    entry_id: int = _points_at("timeline_entry.id", index=False)
    at: datetime = _at()
    by: str
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    digest: str
    """Salted SHA-256 of the note, hex; the salt is sealed with it."""


class AuditEntryRow(SQLModel, table=True):
    """One line of the audit trail: who read or did what, from where. Insert-only."""

    __tablename__ = "audit_entry"
    id: int | None = _key()
    at: datetime = _at(index=True)
    actor: str
    user_id: int | None = _points_at("user_account.id", nullable=True)
    kind: str
    incident_id: int | None = _points_at("incident.id", nullable=True)
    what: str
    """The page, the piece of evidence, the account: ids and words of closed lists, never content."""
    via: str
    """page, api, command, slack, service."""


class BrokenGlassRow(SQLModel, table=True):
    """Somebody on call took the place of a decider in one incident."""

    __tablename__ = "broken_glass"
    id: int | None = _key()
    incident_id: int = _points_at("incident.id")
    user_id: int = _points_at("user_account.id", index=False)
    at: datetime = _at()
    reason: str
    tried: str = ""
    """Whom they tried to reach before, and how."""
    ends_at: datetime = _at()
    reviewed_at: datetime | None = _at(nullable=True)
    reviewed_by: str = ""
    review: str = ""


class PositionRow(SQLModel, table=True):
    """An opinion or a decision on one question of an incident; insert-only, a later one stands beside the earlier."""

    __tablename__ = "position"
    id: int | None = _key()
    incident_id: int = _points_at("incident.id")
    kind: str
    """`opinion` or `decision`."""
    subject: str
    """`breach` (is it one?), `notify:<obligation id>`, `approve:<obligation id>`, `aware_at`."""
    value: str
    reason: str
    by: str
    user_id: int | None = _points_at("user_account.id", nullable=True, index=False)
    ground: str
    """The ground of a decision (`domain.access.GroundKind`); empty for an opinion."""
    ground_id: int | None = Field(default=None, sa_column=Column(BIG, nullable=True))
    at: datetime = _at()
    text_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    """The text that was released, encrypted; None for every other question."""


class RotaRow(SQLModel, table=True):
    """The whole rota as it stood from `recorded_at` on; the latest one is in force."""

    __tablename__ = "rota"
    id: int | None = _key()
    recorded_at: datetime = _at()
    by: str
    document: dict[str, Any] = _json()


class AbsenceRow(SQLModel, table=True):
    """A person is away."""

    __tablename__ = "absence"
    id: int | None = _key()
    user_id: int = _points_at("user_account.id")
    from_at: datetime = _at()
    to_at: datetime = _at(index=True)
    origin: str
    """`hand`, or the identity of the event in the calendar that it was imported from."""
    recorded_at: datetime = _at()
    recorded_by: str
    ended_at: datetime | None = _at(nullable=True)
    """When it was taken back; None while it stands."""


class ShiftOverrideRow(SQLModel, table=True):
    """Somebody else is on call for a while."""

    __tablename__ = "shift_override"
    id: int | None = _key()
    level: str
    user_id: int = _points_at("user_account.id")
    from_at: datetime = _at()
    to_at: datetime = _at(index=True)
    origin: str
    """`hand`, or the identity of the event in the calendar that it was imported from."""
    recorded_at: datetime = _at()
    recorded_by: str
    ended_at: datetime | None = _at(nullable=True)


class ContactWayRow(SQLModel, table=True):
    """How a person wants to be reached, in their own order, once a test message has proven it."""

    __tablename__ = "contact_way"
    id: int | None = _key()
    user_id: int = _points_at("user_account.id")
    kind: str
    address_encrypted: str
    position: int
    quiet_from: int | None = None
    """Minute of the day in the organisation's zone; None with `quiet_to` for no quiet hours."""
    quiet_to: int | None = None
    is_wakeable: bool = False
    """True where messages that may wake pass in quiet hours: the person's choice."""
    created_at: datetime = _at()
    code_hash: str | None = None
    """Of the code in the test message."""
    code_sent_at: datetime | None = _at(nullable=True)
    code_failures: int = 0
    proven_at: datetime | None = _at(nullable=True)
    removed_at: datetime | None = _at(nullable=True)


class HandoverRow(SQLModel, table=True):
    """The work of a person who leaves, on its way to a successor."""

    __tablename__ = "handover"
    id: int | None = _key()
    user_id: int = _points_at("user_account.id")
    successor_id: int = _points_at("user_account.id")
    started_at: datetime = _at()
    started_by: str
    reason: str
    work: list[Any] = _json(list)
    """What was open when it started: kind, reference and id of each, no content."""
    accepted_at: datetime | None = _at(nullable=True)
    withdrawn_at: datetime | None = _at(nullable=True)
