"""What people prove themselves by besides a password: one-time codes, recovery codes, passkeys."""

from datetime import datetime

from sqlmodel import Session, col, func, select

from breach_service.domain.access import Factors
from breach_service.store.access_tables import PasskeyRow
from breach_service.store.tables import UserRow


def held_account(session: Session, user_id: int) -> UserRow:
    """An account that nobody else changes until this transaction ends; LookupError where there is none."""
    row = session.get(UserRow, user_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise LookupError(f"there is no account number {user_id}")
    return row


def factors_of(session: Session, row: UserRow) -> Factors:
    """What an account has."""
    passkeys = session.exec(
        select(func.count()).where(PasskeyRow.user_id == row.id, col(PasskeyRow.removed_at).is_(None))
    ).one()
    return Factors(row.totp_confirmed_at is not None, passkeys, len(row.recovery_hashes))


def passkeys_of(session: Session, user_id: int) -> list[PasskeyRow]:
    """The passkeys of a person, oldest first."""
    return list(
        session.exec(
            select(PasskeyRow)
            .where(PasskeyRow.user_id == user_id, col(PasskeyRow.removed_at).is_(None))
            .order_by(col(PasskeyRow.id))
        )
    )


def passkey_by_credential(session: Session, credential_id: str) -> PasskeyRow | None:
    """The passkey of that credential id (base64url), removed ones included: an id means one passkey for ever."""
    found = select(PasskeyRow).where(PasskeyRow.credential_id == credential_id)
    return session.exec(found.with_for_update()).first()


def passkey_of(session: Session, user_id: int, number: int) -> PasskeyRow | None:
    """One passkey of a person; None where it is not theirs or was removed."""
    row = session.get(PasskeyRow, number)
    return row if row is not None and row.user_id == user_id and row.removed_at is None else None


def add_passkey(session: Session, row: PasskeyRow) -> None:
    """Insert a passkey."""
    session.add(row)
    session.flush()


def note_use(session: Session, row: PasskeyRow, sign_count: int, now: datetime) -> None:
    """Write down that a passkey opened a session."""
    row.sign_count, row.last_used_at = sign_count, now
    session.add(row)
    session.flush()


def save(session: Session, row: UserRow | PasskeyRow) -> None:
    """Write a changed account or passkey."""
    session.add(row)
    session.flush()
