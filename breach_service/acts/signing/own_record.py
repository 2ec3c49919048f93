"""What changed in how somebody signs in: into the chronology, and told to them, since it may not have been them."""

from datetime import datetime

from breach_service.acts.telling import Told, ToldKind, tell_people
from breach_service.domain.access import SignInChange
from breach_service.domain.incident import EntryKind
from breach_service.store import timeline
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session
from breach_service.store.tables import UserRow


def record_change(
    session: Session, cipher: Cipher, row: UserRow, what: SignInChange, now: datetime, **words: str
) -> None:  # fmt: skip
    """Write it down under the person's name, and tell them by mail."""
    said = {"what": str(what), "account": str(row.id), **words}
    timeline.write_entry(session, None, now, EntryKind.SIGN_IN_CHANGED, row.name, said)
    told = Told(ToldKind.SECURITY_CHANGED, {"what": str(what)}, "/account")
    tell_people(session, cipher, [row.id or 0], told, f"{now.isoformat()}:{sorted(said.items())}", now)
