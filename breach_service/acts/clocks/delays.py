"""Why a notice is late: the reasons for the delay go with it (GDPR Art. 33(1))."""

from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.rows import id_of, need_reason, open_row
from breach_service.domain.access import Act, Actor
from breach_service.domain.dossier import DelayReason, may_be_late_with_reasons
from breach_service.domain.incident import EntryKind
from breach_service.errors import N_, InvalidCommand
from breach_service.store import clocks, obligations, timeline
from breach_service.store.database import Session, lock_placing
from breach_service.store.tables import IncidentRow, ObligationRow


def explain_delay(session: Session, actor: Actor, reference: str, obligation: int, reason: str, now: datetime) -> None:
    """Say why a notice is late; it goes into its draft. A later reason stands beside the earlier one and counts."""
    authorise(actor, Act.RECORD_FACT)
    need_reason(reason)
    lock_placing(session)
    row = open_row(session, reference, actor, now)
    held = obligations.row_of(session, id_of(row), obligation)
    if not _owes_reasons(held):
        raise InvalidCommand(N_("no law asks for the reasons of a delay with this notice"))
    if held.fulfilled_at is not None:
        raise InvalidCommand(N_("this notice is already recorded as sent"))
    if held.due_at is None or now < held.due_at:
        raise InvalidCommand(N_("this notice is not late: there is no delay to explain"))
    keep_reason(session, actor, row, held, reason, now)


def keep_reason(
    session: Session, actor: Actor, row: IncidentRow, held: ObligationRow, reason: str, now: datetime
) -> None:
    """Keep the reasons with their line of the chronology."""
    clocks.add_delay_reason(session, DelayReason(held.id or 0, reason.strip(), actor.name, now))
    words = {"regime": held.regime, "recipient": held.recipient, "reason": reason.strip()}
    timeline.write_entry(session, id_of(row), now, EntryKind.DELAY_EXPLAINED, actor.name, words)


def need_reasons_if_late(
    session: Session, actor: Actor, row: IncidentRow, held: ObligationRow, sent_at: datetime, reason: str, now: datetime
) -> None:
    """Of a notice that was sent after its date keep the reasons given with it; InvalidCommand where there are none."""
    if held.due_at is None or sent_at <= held.due_at or not _owes_reasons(held):
        return
    if reason.strip():
        keep_reason(session, actor, row, held, reason, now)
    elif all(one.obligation != held.id for one in clocks.delay_reasons_of(session, id_of(row))):
        raise InvalidCommand(
            N_(
                "this notice was sent after its date (%(due)s), and the law asks for the reasons of the delay (GDPR "
                "Art. 33(1)): give them here"
            ),
            due=held.due_at.isoformat(sep=" ", timespec="minutes"),
        )


def _owes_reasons(held: ObligationRow) -> bool:
    return may_be_late_with_reasons(obligations.obligation_of(held))
