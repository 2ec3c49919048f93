"""What must not simply go on where it was when a backup is restored: messages, sign-ins, jobs."""

from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session

from breach_service.domain.incident import EntryKind
from breach_service.store import timeline
from breach_service.store.expected_tables import BackupRow
from breach_service.store.tables import DeliveryRow, LeaseRow, OutboxRow, SessionRow

OUTBOX = OutboxRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
LEASE = LeaseRow.__table__  # type: ignore[attr-defined]
SESSION = SessionRow.__table__  # type: ignore[attr-defined]
RESTORED = "restored"
"""Why a message was given up: it may have gone out since the backup was made."""


def after_restoring(
    session: Session, actor: str, made_at: datetime, head: str, now: datetime, *, sends_waiting: bool
) -> int:  # fmt: skip
    """Give up what waited to be sent, sign everybody out, free the jobs, and write it down; how many messages.

    With `sends_waiting` they go out: for a service that was lost together with everything that it would have sent.
    """
    waiting = OUTBOX.c.done_at.is_(None) & OUTBOX.c.given_up_at.is_(None)
    found = [] if sends_waiting else list(session.execute(select(OUTBOX.c.id, OUTBOX.c.channel).where(waiting)))
    if found:
        session.execute(
            insert(DeliveryRow),
            [
                {"outbox_id": one.id, "at": now, "channel": one.channel, "result": "given_up", "reason": RESTORED}
                for one in found
            ],
        )
        session.execute(update(OUTBOX).where(waiting).values(given_up_at=now, lease_until=None, error=RESTORED))
    else:
        session.execute(update(OUTBOX).where(waiting).values(lease_until=None))
    session.execute(update(SESSION).where(SESSION.c.revoked_at.is_(None)).values(revoked_at=now))
    session.execute(delete(LEASE))
    words = {"note": "restored", "made_at": made_at.isoformat(), "head": head, "given_up": str(len(found))}
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor, words)
    return len(found)


def keep_backup(session: Session, digest: str, size: int, seals: int, now: datetime) -> None:
    """Note that a backup was made and checked."""
    session.add(BackupRow(at=now, digest=digest, size=size, seals=seals))


def last_backup(session: Session) -> datetime | None:
    """When the last good backup was made; None where none was."""
    return session.execute(select(BackupRow.at).order_by(BackupRow.at.desc()).limit(1)).scalar()  # type: ignore[call-overload,attr-defined]
