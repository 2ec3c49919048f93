"""What people do about notices: record that one was sent with its exact text, or say that it is not required."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.rows import id_of, need_reason, refuse_future
from breach_service.domain.access import Act, Actor
from breach_service.domain.dossier import Dossier, Filing
from breach_service.domain.incident import EntryKind
from breach_service.errors import InvalidCommand
from breach_service.pipeline.dossiers import dossier_of
from breach_service.pipeline.judging import judge
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import incidents, obligations, timeline
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session, lock_placing


@dataclass(frozen=True)
class FilingCommand:
    """A person says that a notice was sent. `sent_at` aware."""

    obligation: int
    sent_at: datetime
    means: str
    receipt: str = ""


def record_filing(
    session: Session, actor: Actor, reference: str, command: FilingCommand, knowledge: Knowledge, cipher: Cipher,
    text_of: Callable[[Dossier, int], str], now: datetime,
) -> None:  # fmt: skip
    """Keep the exact text of a sent notice and fulfil its obligation; `text_of` renders the letter as it stood."""
    authorise(actor, Act.RECORD_FILING)
    refuse_future(now, sent_at=command.sent_at)
    if not command.means.strip():
        raise InvalidCommand("say by what means the notice was sent")
    lock_placing(session)
    row = incidents.row_of(session, reference)
    held = obligations.row_of(session, id_of(row), command.obligation)
    if held.fulfilled_at is not None:
        raise InvalidCommand("this notice is already recorded as sent")
    text = text_of(dossier_of(session, reference, knowledge), command.obligation)
    filing = Filing(0, command.obligation, command.sent_at, actor.name, command.means, command.receipt, now, "")
    number = obligations.file_notice(session, cipher, filing, text)
    digest = next(one.text_digest for one in obligations.filings_of(session, id_of(row)) if one.id == number)
    words = {
        "regime": held.regime, "recipient": held.recipient, "sent_at": command.sent_at.isoformat(),
        "means": command.means, "receipt": command.receipt, "text_digest": digest,
    }  # fmt: skip
    timeline.write_entry(session, id_of(row), now, EntryKind.FILED, actor.name, words)
    judge(session, id_of(row), knowledge, now)


def decide_not_required(
    session: Session, actor: Actor, reference: str, obligation: int, reason: str, knowledge: Knowledge, now: datetime
) -> None:
    """Say, with the reason, that a notice is not required."""
    authorise(actor, Act.DECIDE_NOT_REQUIRED)
    need_reason(reason)
    lock_placing(session)
    row = incidents.row_of(session, reference)
    held = obligations.row_of(session, id_of(row), obligation)
    if held.fulfilled_at is not None:
        raise InvalidCommand("this notice is already recorded as sent")
    held.not_required_reason = reason.strip()
    session.add(held)
    words = {"regime": held.regime, "recipient": held.recipient, "reason": reason.strip()}
    timeline.write_entry(session, id_of(row), now, EntryKind.DECIDED_NOT_REQUIRED, actor.name, words)
    judge(session, id_of(row), knowledge, now)
