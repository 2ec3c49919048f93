"""The tables of reports: what people told us, with the original; and the links under which they can.

Words, names and addresses are sealed: whoever reads the database does not learn who told us what.
"""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String
from sqlmodel import Field, SQLModel

from breach_service.store.columns import UtcDateTime
from breach_service.store.tables import BIG


class ReportRow(SQLModel, table=True):
    """One report. The original is never changed; `digest` is its SHA-256, so that the same one is kept once."""

    __tablename__ = "report"
    __table_args__ = (
        Index("ix_report_channel_received_at", "channel", "received_at"),
        Index("ix_report_status_hash", "status_hash", unique=True),
        Index("ix_report_settled_at", "settled_at"),
    )
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    number: str = Field(unique=True)
    """`SIG-2026-0001`."""
    digest: str = Field(unique=True)
    channel: str
    kind: str
    """What whoever told us is to us: `domain.reports.ReporterKind`."""
    party: str = ""
    """Id of the client or the provider in the inventory."""
    told_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    received_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    written_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))
    standing: str = Field(index=True)
    """opened, joined, waiting, or set_aside."""
    waits_because: str = ""
    incident_id: int | None = Field(
        default=None, sa_column=Column(BIG, ForeignKey("incident.id"), nullable=True, index=True)
    )
    answers_id: int | None = Field(
        default=None, sa_column=Column(BIG, ForeignKey("report.id"), nullable=True, index=True)
    )
    """The report that it answers."""
    is_whole: bool = True
    """False where the original was too large to be kept: it stands in the mailbox."""
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """The original."""
    sealed_words: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """Name, contact, subject, words, answers and flaws, JSON."""
    settled_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))
    settled_by: str = ""
    settled_because: str = ""
    attachments: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))
    """How many files came with it."""
    status_hash: str | None = None
    """Hash of the token under which whoever reported sees that somebody looks; None where they get none."""
    let_go_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))
    """When its words, its original and its files were let go of: set aside, and long enough kept."""


class ReportAttachmentRow(SQLModel, table=True):
    """A file that came with a report."""

    __tablename__ = "report_attachment"
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    report_id: int = Field(sa_column=Column(BIG, ForeignKey("report.id"), nullable=False, index=True))
    digest: str = Field(index=True)
    """SHA-256 of the content, hex."""
    media_type: str
    size: int = Field(sa_column=Column(BIG, nullable=False))
    is_inline: bool
    sealed_name: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ReportLinkRow(SQLModel, table=True):
    """A link under which reports come without an account; a new one for the same purpose ends the former."""

    __tablename__ = "report_link"
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    token_hash: str = Field(unique=True)
    purpose: str = Field(default="people", sa_column=Column(String, nullable=False, server_default="people"))
    """people: the five questions; mail: mails that a mail service hands on."""
    by: str
    created_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))
