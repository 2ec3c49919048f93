"""Every table. Instants are UTC; a column that ends in `_id` points at a row; JSON columns are replaced, never mutated.

`timeline_entry`, `timeline_detail`, `seal`, `fact`, `instant` and `filing` are insert-only: the first migration puts
triggers on them (erasing the words of a timeline entry is the one lawful exception).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON as Json
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
    func,
    text,
)
from sqlmodel import Field, SQLModel

from breach_service.store.columns import UtcDateTime

BIG = BigInteger().with_variant(Integer(), "sqlite")


def _key() -> Any:
    return Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))


def _points_at(target: str, *, nullable: bool = False, index: bool = True) -> Any:
    return Field(default=None, sa_column=Column(BIG, ForeignKey(target), nullable=nullable, index=index))


def _instant(*, nullable: bool = False, index: bool = False) -> Any:
    return Field(default=None, sa_column=Column(UtcDateTime(), nullable=nullable, index=index))


def _json(default: Any = dict) -> Any:
    return Field(default_factory=default, sa_column=Column(Json, nullable=False))


def _blob(*, nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(LargeBinary, nullable=nullable))


class OrganisationRow(SQLModel, table=True):
    """A legal entity that we act for; its details stand in the inventory revision in force."""

    __tablename__ = "organisation"
    id: int | None = _key()
    key: str = Field(unique=True)
    name: str
    zone: str
    calendar: str


class InventoryRevisionRow(SQLModel, table=True):
    """The whole inventory as it stood from `recorded_at` on; the latest one is in force."""

    __tablename__ = "inventory_revision"
    id: int | None = _key()
    recorded_at: datetime = _instant(index=True)
    by: str
    digest: str
    document: dict[str, Any] = _json()


class ContentVersionRow(SQLModel, table=True):
    """A version of playbooks/ that somebody activated; the latest one is in force."""

    __tablename__ = "content_version"
    id: int | None = _key()
    activated_at: datetime = _instant()
    by: str
    digest: str = Field(index=True)
    documents: dict[str, Any] = _json()


class CheckedContentRow(SQLModel, table=True):
    """Files that were checked and had no faults; a memory that may be emptied at any time."""

    __tablename__ = "checked_content"
    key: str = Field(primary_key=True)
    checked_at: datetime = _instant()
    parsed: str = Field(sa_column=Column(Text(), nullable=False))


class SourceRow(SQLModel, table=True):
    """A sender. Bearer and URL secrets are kept hashed, HMAC secrets encrypted."""

    __tablename__ = "source"
    id: int | None = _key()
    name: str = Field(unique=True)
    kind: str
    auth: str
    secret_hashes: list[str] = _json(list)
    secrets_encrypted: list[str] = _json(list)
    header: str | None = None
    created_at: datetime = _instant()
    disabled_at: datetime | None = _instant(nullable=True)
    last_seen_at: datetime | None = _instant(nullable=True)
    received: int = Field(default=0, sa_column=Column(BIG, nullable=False, server_default="0"))
    quarantined: int = Field(default=0, sa_column=Column(BIG, nullable=False, server_default="0"))
    redelivered: int = Field(default=0, sa_column=Column(BIG, nullable=False, server_default="0"))
    """Requests that were the same delivery sent again."""
    observed_until: datetime | None = _instant(nullable=True)
    """Until then nothing is sent because of this sender; None once it was released."""
    rotated_at: datetime | None = _instant(nullable=True)
    former_used_at: datetime | None = _instant(nullable=True)
    """When the secret before the newest one was last presented."""
    refusing_since: datetime | None = _instant(nullable=True)
    """Since when the sender is refused; None while it is accepted."""
    refusal_told_at: datetime | None = _instant(nullable=True)
    mapping: str | None = None
    """YAML: how the operator maps this sender's own format, where its kind does not."""
    expected_encrypted: str | None = None
    """What each of its messages must carry, by name; JSON, encrypted."""
    newest_minute: int = Field(default=0, sa_column=Column(BIG, nullable=False, server_default="0"))
    """Minute since 1970 of the newest alert that it sent, by its own clock: how far it has been heard."""
    expected_every: int | None = Field(default=None, sa_column=Column(BIG, nullable=True))
    """Seconds within which it must be heard, as a person said; 0: its silence means nothing; None: to be learned."""
    silent_since: datetime | None = _instant(nullable=True)
    """When it was last heard before its silence became an alarm; None while there is none."""
    silence_told_at: datetime | None = _instant(nullable=True)
    """When the team was last told of a silence of it."""


class RefusalRow(SQLModel, table=True):
    """How often a request was refused, by source and reason."""

    __tablename__ = "refusal"
    id: int | None = _key()
    source: str
    reason: str
    count: int = Field(default=0, sa_column=Column(BIG, nullable=False, server_default="0"))
    last_at: datetime = _instant()
    __table_args__ = (UniqueConstraint("source", "reason"),)


class DeliverySeenRow(SQLModel, table=True):
    """The identity of a delivery that was understood, for as long as its sender may send it again."""

    __tablename__ = "delivery_seen"
    source_id: int = Field(sa_column=Column(BIG, ForeignKey("source.id"), primary_key=True))
    key: str = Field(primary_key=True)
    expires_at: datetime = _instant(index=True)


class SigningKeyRow(SQLModel, table=True):
    """A certificate of a sender that was fetched: signatures can be checked without reaching out again."""

    __tablename__ = "signing_key"
    url: str = Field(primary_key=True)
    certificate: bytes = _blob()
    fetched_at: datetime = _instant()


class InboxRow(SQLModel, table=True):
    """One accepted request, raw and encrypted, until its effects are committed."""

    __tablename__ = "inbox"
    id: int | None = _key()
    source_id: int = _points_at("source.id", index=False)
    received_at: datetime = _instant()
    sealed: bytes = _blob()
    """Encrypted headers and body, see `store.inbox`."""


class QuarantineRow(SQLModel, table=True):
    """A body that could not be understood, kept as it came."""

    __tablename__ = "quarantine"
    id: int | None = _key()
    source_id: int = _points_at("source.id")
    received_at: datetime = _instant(index=True)
    reason: str
    sealed: bytes = _blob()
    replayed_at: datetime | None = _instant(nullable=True)


class IncidentRow(SQLModel, table=True):
    """What happened, once. The last columns are the summary of the latest assessment, for lists and metrics."""

    __tablename__ = "incident"
    id: int | None = _key()
    reference: str = Field(unique=True)
    title: str
    """Words of closed lists, or what a person wrote."""
    status: str = Field(index=True)
    organisation: str
    opened_at: datetime = _instant(index=True)
    opened_by: str = ""
    opened_by_rule: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """The rule of grouping.yaml by which its first alert opened it; empty where its signal did, or a person."""
    opened_by_signal: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    detected_at: datetime = _instant()
    qualify_by: datetime = _instant()
    qualified_at: datetime | None = _instant(nullable=True)
    closed_at: datetime | None = _instant(nullable=True)
    group_key: str = Field(index=True)
    first_alert_at: datetime = _instant()
    last_alert_at: datetime = _instant(index=True)
    systems: list[str] = _json(list)
    signals: list[str] = _json(list)
    alerts: int = Field(default=0, sa_column=Column(BIG, nullable=False, server_default="0"))
    has_firing: bool = True
    is_restricted: bool = False
    """Only those who are named see it (`access_tables.IncidentPersonRow`)."""
    lead: int | None = Field(default=None, sa_column=Column(BIG, nullable=True))
    """The account of whoever leads it; accounts are never deleted."""
    is_drill: bool = False
    drill_scale: float = Field(default=1, sa_column=Column(Float, nullable=False, server_default="1"))
    """What the terms of an exercise are multiplied by; 1 for everything that is none."""
    is_muted: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    """Opened by a sender under observation: kept and judged like any other, but nothing is sent."""
    patterns: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False, server_default="[]"))
    """Patterns of grouping.yaml that it completed, the first one first."""
    is_held: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    """A person decided something about it: it is merged by people only."""
    merged_into: int | None = Field(default=None, sa_column=Column(BIG, ForeignKey("incident.id"), nullable=True))
    closing_reason: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """As what it ended (`domain.closing.ClosingReason`); empty while it has not, or where nobody said so."""
    duplicate_of: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """Reference of the incident that it duplicates."""
    personal_data: str = "unknown"
    risk_least: str = "unlikely"
    risk_most: str = "high_risk"
    assessment_digest: str = ""
    urgency: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """A `domain.waking.Urgency`; empty before it was judged with one."""
    urgency_rule: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """The rule of urgency.yaml that said so; empty where none fitted."""
    urgency_signals: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))
    """How many signals it was judged by; an incident gains signals and loses none."""
    __table_args__ = (Index("ix_incident_closing_reason", "closing_reason", "qualified_at"),)


class AlertRow(SQLModel, table=True):
    """An episode: the same problem from the same source in one incident (or in none), counted."""

    __tablename__ = "alert"
    id: int | None = _key()
    source_id: int = _points_at("source.id", index=False)
    incident_id: int | None = _points_at("incident.id", nullable=True, index=False)
    fingerprint: str
    group_key: str
    title: str
    signal: str
    severity: str
    vendor_severity: str
    status: str
    occurred_at: datetime = _instant()
    received_at: datetime = _instant()
    last_seen_at: datetime = _instant(index=True)
    count: int = Field(default=1, sa_column=Column(BIG, nullable=False))
    entities: list[list[str]] = _json(list)
    systems: list[str] = _json(list)
    summary: str = ""
    said_at: datetime | None = _instant(nullable=True)
    """The sender's own time, as it said it, even where it is not used."""
    vendor_reference: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    link: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    facts: dict[str, str] = Field(default_factory=dict, sa_column=Column(Json, nullable=False, server_default="{}"))
    """Facts that the alert itself speaks for."""
    is_unverified: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    """Its signature could not be checked; its credential was."""
    why_here: str
    link_key: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """The second of its keys: what links it to others."""
    slot: int = Field(default=0, sa_column=Column(BIG, nullable=False, server_default="0"))
    """0 where it stands in an incident by its own key; else the hour (joiners) or minus the day (what is only observed)
    since 1970: so often a row of what goes on begins anew."""
    minutes: int = Field(default=0, sa_column=Column(BIG, nullable=False, server_default="0"))
    """Of a joiner: the minutes of its hour in which it was seen, as bits."""
    claim_rank: int = Field(default=0, sa_column=Column(BIG, nullable=False, server_default="0"))
    """The place of the key by which it stands where it stands: 0 its own, 1 its link, 9 none."""
    silenced_by: int | None = Field(default=None, sa_column=Column(BIG, nullable=True))
    """The id of the silence that kept it, when it was said last, from waking anybody; silences are never deleted."""
    sample: bytes | None = _blob(nullable=True)
    """The first raw body, encrypted."""


for _column in ("group_key", "link_key"):
    Index(
        f"ix_alert_claimed_by_{_column}",
        AlertRow.__table__.c[_column],  # type: ignore[attr-defined]  # SQLModel adds __table__
        AlertRow.__table__.c.last_seen_at,  # type: ignore[attr-defined]
        sqlite_where=text("claim_rank > 0 AND slot > 0"),
        postgresql_where=text("claim_rank > 0 AND slot > 0"),
    )
Index(
    "ix_alert_identity",
    AlertRow.__table__.c.source_id,  # type: ignore[attr-defined]  # SQLModel adds __table__
    AlertRow.__table__.c.fingerprint,  # type: ignore[attr-defined]
    func.coalesce(AlertRow.__table__.c.incident_id, 0),  # type: ignore[attr-defined]
    AlertRow.__table__.c.slot,  # type: ignore[attr-defined]
    unique=True,
)
# Found by what lets go of them (`store.tidying`).
_NO_INCIDENT = text("incident_id IS NULL")
Index(
    "ix_alert_observed",
    AlertRow.__table__.c.incident_id,  # type: ignore[attr-defined]
    AlertRow.__table__.c.last_seen_at,  # type: ignore[attr-defined]
    sqlite_where=_NO_INCIDENT,
    postgresql_where=_NO_INCIDENT,
)
# Each index costs a page written per alert once there are many: one for whoever asks for the alerts of an incident, and
# for those of them with a raw body.
Index(
    "ix_alert_of_incident",
    AlertRow.__table__.c.incident_id,  # type: ignore[attr-defined]
    AlertRow.__table__.c.sample.is_(None),  # type: ignore[attr-defined]
)


class PerimeterRow(SQLModel, table=True):
    """The part of an incident under one controller."""

    __tablename__ = "perimeter"
    id: int | None = _key()
    incident_id: int = _points_at("incident.id", index=False)
    key: str
    our_role: str
    controller: str
    client: str | None = None
    systems: list[str] = _json(list)
    activities: list[str] = _json(list)
    since: datetime = _instant()
    left_at: datetime | None = _instant(nullable=True)
    __table_args__ = (UniqueConstraint("incident_id", "key"),)


class FactRow(SQLModel, table=True):
    """A recorded observation; insert-only, a correction is a new row."""

    __tablename__ = "fact"
    id: int | None = _key()
    incident_id: int = _points_at("incident.id")
    name: str
    value: Any = Field(default=None, sa_column=Column(Json, nullable=False))
    scope_kind: str
    scope_key: str
    provenance: str
    by: str
    established_at: datetime = _instant()
    note: str = ""


class InstantRow(SQLModel, table=True):
    """A recorded instant of a perimeter (or of the whole incident, key empty); insert-only."""

    __tablename__ = "instant"
    id: int | None = _key()
    incident_id: int = _points_at("incident.id")
    perimeter: str = ""
    kind: str
    at: datetime = _instant()
    reason: str
    by: str
    recorded_at: datetime = _instant()
    is_taken_back: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    """True for a record that takes this instant back."""


class ObligationRow(SQLModel, table=True):
    """A duty with its own copy of the terms; states are computed, never stored."""

    __tablename__ = "obligation"
    id: int | None = _key()
    incident_id: int | None = _points_at("incident.id", nullable=True)
    perimeter: str
    recipient: str
    public_id: str = Field(unique=True)
    """Opaque id, for metric labels and calendars."""
    duty: str
    terms: dict[str, Any] = _json()
    advice: str
    is_provisional: bool
    triggered_at: datetime = _instant()
    due_at: datetime | None = _instant(nullable=True, index=True)
    created_at: datetime = _instant()
    fulfilled_at: datetime | None = _instant(nullable=True)
    not_required_reason: str | None = None
    withdrawn_at: datetime | None = _instant(nullable=True)
    regime: str
    __table_args__ = (UniqueConstraint("incident_id", "perimeter", "regime", "recipient"),)


class FilingRow(SQLModel, table=True):
    """One notice really sent; insert-only. The text is encrypted, its digest is in the chronology."""

    __tablename__ = "filing"
    id: int | None = _key()
    obligation_id: int = _points_at("obligation.id")
    sent_at: datetime = _instant()
    by: str
    means: str
    receipt: str = ""
    recorded_at: datetime = _instant()
    text_sealed: bytes = _blob()
    text_digest: str
    phase: str = "complete"
    """A `deadlines.FilingPhase`."""


class DraftRow(SQLModel, table=True):
    """A draft from the moment that a person edited or approved it; before that it is rendered when looked at."""

    __tablename__ = "draft"
    id: int | None = _key()
    obligation_id: int = _points_at("obligation.id")
    language: str
    version: int
    sections: dict[str, Any] = _json()
    by: str
    recorded_at: datetime = _instant()
    approved_at: datetime | None = _instant(nullable=True)
    approved_by: str | None = None
    __table_args__ = (UniqueConstraint("obligation_id", "language", "version"),)


class TimelineEntryRow(SQLModel, table=True):
    """One line of the chronology: who, when, what kind, and the salted digest of its words; insert-only."""

    __tablename__ = "timeline_entry"
    id: int | None = _key()
    incident_id: int | None = _points_at("incident.id", nullable=True)
    at: datetime = _instant()
    kind: str
    actor: str
    digest: str


class TimelineDetailRow(SQLModel, table=True):
    """The words of a chronology line and their salt; the row may be erased, the digest stays."""

    __tablename__ = "timeline_detail"
    entry_id: int = Field(sa_column=Column(BIG, ForeignKey("timeline_entry.id"), primary_key=True))
    salt: str
    words: dict[str, Any] = _json()


class SealRow(SQLModel, table=True):
    """The chain: each seal covers one entry and the seal before it; insert-only."""

    __tablename__ = "seal"
    seq: int = Field(sa_column=Column(BIG, primary_key=True, autoincrement=False))
    entry_id: int = Field(sa_column=Column(BIG, ForeignKey("timeline_entry.id"), unique=True, nullable=False))
    prev: str
    digest: str
    sealed_at: datetime = _instant()


class OutboxRow(SQLModel, table=True):
    """A message to get out, claimed under a lease and fenced by its attempts."""

    __tablename__ = "outbox"
    id: int | None = _key()
    key: str = Field(unique=True)
    kind: str
    channel: str
    incident_id: int | None = _points_at("incident.id", nullable=True)
    payload: dict[str, Any] = _json()
    created_at: datetime = _instant()
    run_at: datetime = _instant(index=True)
    lease_until: datetime | None = _instant(nullable=True)
    attempts: int = 0
    done_at: datetime | None = _instant(nullable=True, index=True)
    given_up_at: datetime | None = _instant(nullable=True)
    error: str = ""


class DeliveryRow(SQLModel, table=True):
    """One attempt to get one message out."""

    __tablename__ = "delivery"
    id: int | None = _key()
    outbox_id: int = _points_at("outbox.id")
    at: datetime = _instant()
    channel: str
    result: str
    reason: str


class CardRow(SQLModel, table=True):
    """Where the card of an incident stands in a channel, so that it is edited in place."""

    __tablename__ = "card"
    id: int | None = _key()
    incident_id: int = _points_at("incident.id", index=False)
    channel: str
    external_id: str
    updated_at: datetime = _instant()
    __table_args__ = (UniqueConstraint("incident_id", "channel"),)


class ReminderRow(SQLModel, table=True):
    """What was already said to the team, once each."""

    __tablename__ = "reminder"
    id: int | None = _key()
    incident_id: int = _points_at("incident.id", index=False)
    key: str
    said_at: datetime = _instant()
    speaks_for: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False, server_default="[]"))
    """Marks of everything that it spoke for: a rung of a ladder and a date each."""
    __table_args__ = (UniqueConstraint("incident_id", "key"),)


class UserRow(SQLModel, table=True):
    """A person who may sign in."""

    __tablename__ = "user_account"
    id: int | None = _key()
    email: str = Field(unique=True)
    name: str
    role: str
    language: str = "fr"
    password_hash: str | None = None
    created_at: datetime = _instant()
    disabled_at: datetime | None = _instant(nullable=True)
    disabled_by: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    disabled_reason: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    password_changed_at: datetime | None = _instant(nullable=True)
    last_seen_at: datetime | None = _instant(nullable=True)
    """When a session of theirs was last used, to the minute."""
    totp_encrypted: str | None = None
    """Seed of the one-time codes (RFC 6238), encrypted; None where there is none."""
    totp_confirmed_at: datetime | None = _instant(nullable=True)
    """When a first code of it was given; before that it asks nothing."""
    totp_last_step: int = Field(default=0, sa_column=Column(BIG, nullable=False, server_default="0"))
    """The newest step of 30 s whose code was used: no code opens twice (RFC 6238, section 5.2)."""
    recovery_hashes: list[str] = Field(
        default_factory=list, sa_column=Column(Json, nullable=False, server_default="[]")
    )
    """Of the codes that stand in for a lost second factor, each once."""
    oidc_issuer: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    oidc_subject: str | None = None
    """Who the person is at their provider, together with the issuer; None where they never came from there."""
    __table_args__ = (Index("ix_user_account_oidc", "oidc_issuer", "oidc_subject", unique=True),)


class SessionRow(SQLModel, table=True):
    """A signed-in browser; the cookie holds the token, the row its hash."""

    __tablename__ = "session"
    id: int | None = _key()
    token_hash: str = Field(unique=True)
    user_id: int = _points_at("user_account.id")
    created_at: datetime = _instant()
    expires_at: datetime = _instant()
    revoked_at: datetime | None = _instant(nullable=True)
    last_seen_at: datetime | None = _instant(nullable=True)
    """To the minute."""
    method: str = Field(default="password", sa_column=Column(String, nullable=False, server_default="password"))
    """How they signed in: password, password+totp, password+recovery, passkey, oidc."""
    agent: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """The browser in a word or two, for its owner to recognise it."""
    provider_session: str | None = Field(default=None, index=True)
    """SHA-256, hex, of the issuer and its own session (`sid`), by which the provider may end this one."""


class TokenRow(SQLModel, table=True):
    """An API token; only its hash is kept."""

    __tablename__ = "api_token"
    id: int | None = _key()
    name: str = Field(unique=True)
    token_hash: str = Field(unique=True)
    role: str
    created_at: datetime = _instant()
    expires_at: datetime | None = _instant(nullable=True)
    revoked_at: datetime | None = _instant(nullable=True)
    last_used_at: datetime | None = _instant(nullable=True)
    """To the minute."""
    scopes: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False, server_default="[]"))
    """The acts that it may do of those of its role; empty for all of them."""
    created_by: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    owner: int | None = Field(default=None, sa_column=Column(BIG, nullable=True))
    """The account whose end is also its own; None for one that belongs to a program."""
    revoked_by: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))


class CounterRow(SQLModel, table=True):
    """Counters that are moved under the placing lock, such as the numbers of incidents."""

    __tablename__ = "counter"
    name: str = Field(primary_key=True)
    value: int = Field(sa_column=Column(BIG, nullable=False))


class LeaseRow(SQLModel, table=True):
    """Who may do a job that only one process does at a time; also the last sign of life of the worker."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    holder: str
    until: datetime = _instant()
    ticked_at: datetime = _instant()


class SpottedRow(SQLModel, table=True):
    """That an alert shows personal data of a kind, and how many different values; never a value."""

    __tablename__ = "spotted"
    alert_id: int = Field(sa_column=Column(BIG, ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True))
    kind: str = Field(primary_key=True)
    count: int = Field(sa_column=Column(BIG, nullable=False))


class ContentComparisonRow(SQLModel, table=True):
    """What was shown before a version of the content was put in force: which incidents it judges differently."""

    __tablename__ = "content_comparison"
    version_id: int = Field(sa_column=Column(BIG, ForeignKey("content_version.id"), primary_key=True))
    former_digest: str
    """Of the content that was in force until then."""
    looked_at: int
    left_out: int
    """Older incidents that were not looked at."""
    differing: int
    digest: str
    """SHA-256 (hex) of the whole comparison, RFC 8785 JSON."""


METADATA = SQLModel.metadata
"""Every table above."""
