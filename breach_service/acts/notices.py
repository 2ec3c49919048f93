"""What people do about notices: release a text for sending, record that it was sent, or say that it is not required."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.clocks.delays import need_reasons_if_late
from breach_service.acts.clocks.proposing import Wish, keep_proposal, stops_a_clock
from breach_service.acts.decisions.deciding import REGISTER_STAYS, ground_for, record_decision, row_for, words_of
from breach_service.acts.decisions.taken_on import basis_now, departing, duty_named, words_of_basis
from breach_service.acts.filing_phases import phase_of
from breach_service.acts.rows import id_of, incident_of, need_reason, refuse_future
from breach_service.domain.access import Act, Actor, GroundKind
from breach_service.domain.deadlines import DutyKind, FilingPhase
from breach_service.domain.deciding import NO, approvals_of, notify_of
from breach_service.domain.deciding import text_of as text_of_notice
from breach_service.domain.dossier import Dossier, Filing
from breach_service.domain.incident import EntryKind, Instant, InstantKind
from breach_service.domain.moving import Move
from breach_service.errors import N_, Code, InvalidCommand, NotAllowed
from breach_service.pipeline.dossiers import dossier_of
from breach_service.pipeline.judging import judge, judge_filed
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import deciding, obligations, records, timeline
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session, lock_placing
from breach_service.store.tables import IncidentRow, ObligationRow

TextOf = Callable[[Dossier, int], str]
"""Renders the letter of an obligation as it would be kept."""


def digest_of(text: str) -> str:
    """By what a released text is known: SHA-256, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def approve_draft(
    session: Session, actor: Actor, reference: str, obligation: int, shown: str, knowledge: Knowledge,
    cipher: Cipher, text_of: TextOf, now: datetime,
) -> None:  # fmt: skip
    """Release the text of a notice for sending, and keep it. `shown` is the digest of the text that was looked at.

    Refused where the text has changed since then. A broken glass releases the first filing with the authority and the
    notice to a client, and nothing that is addressed to the persons concerned.
    """
    row = row_for(session, actor, Act.APPROVE_DRAFT, reference, now)
    lock_placing(session)
    ground = ground_for(session, actor, Act.APPROVE_DRAFT, row, now)
    held = _letter(session, row, obligation)
    if ground.kind is GroundKind.BROKEN_GLASS:
        _refuse_beyond_glass(session, row, held)
    text = text_of(dossier_of(session, reference, knowledge, now=now), obligation)
    digest = digest_of(text)
    if digest != shown:
        raise InvalidCommand(N_("the text has changed since you looked at it: look again, then approve it"))
    basis = basis_now(session, row, knowledge, [(held.perimeter, duty_named(held.duty))])
    sealed = cipher.seal(text.encode())
    record_decision(session, actor, row, text_of_notice(obligation), digest, "", now, ground, basis, sealed)
    words = {
        "regime": held.regime, "recipient": held.recipient, "text_digest": digest, **words_of(ground),
        **words_of_basis(basis),
    }  # fmt: skip
    timeline.write_entry(session, id_of(row), now, EntryKind.TEXT_APPROVED, actor.name, words)


def _letter(session: Session, row: IncidentRow, obligation: int) -> ObligationRow:
    held = obligations.row_of(session, id_of(row), obligation)
    if held.fulfilled_at is not None:
        raise InvalidCommand(N_("this notice is already recorded as sent"))
    if not DutyKind(held.duty).has_letter or held.withdrawn_at is not None:
        raise InvalidCommand(N_("there is no letter to approve for this duty"))
    return held


def _refuse_beyond_glass(session: Session, row: IncidentRow, held: ObligationRow) -> None:
    if held.duty not in (DutyKind.AUTHORITY, DutyKind.CLIENT):
        raise NotAllowed(
            N_(
                "a broken glass releases a first filing with the authority or a client's notice only: "
                "what goes to the persons concerned waits for somebody who decides"
            )
        )
    owed = obligations.of_incident(session, id_of(row))
    if any(one.recipient == held.recipient and one.fulfilled_at for one in owed):
        raise NotAllowed(N_("a broken glass releases a first notice only, and this recipient has had one"))


@dataclass(frozen=True)
class FilingCommand:
    """A person says that a notice was sent. `sent_at` aware."""

    obligation: int
    sent_at: datetime
    means: str
    receipt: str = ""
    digest: str = ""
    """Of the approved text that was sent; empty for the one that was approved last."""
    delay_reason: str = ""
    """Why it was sent late, where it was and nobody has said so yet (GDPR Art. 33(1))."""
    phase: FilingPhase | None = None
    """How far it goes; None for what the regime asks for, see `phase_of`."""


def _text_sent(session: Session, row: IncidentRow, command: FilingCommand, cipher: Cipher) -> str:
    """The text that was released and sent; InvalidCommand where none was, or not the one that is named."""
    approvals = approvals_of(deciding.positions_of(session, id_of(row)), command.obligation)
    if not approvals:
        raise InvalidCommand(N_("nobody has approved this text yet: whoever decides opens the draft and approves it"))
    sent = next((one for one in approvals if command.digest in ("", one.value)), None)
    if sent is None:
        raise InvalidCommand(N_("nobody has approved the text that you say was sent: name one that was approved"))
    return deciding.approved_text(session, cipher, sent.id)


def _refuse_before_known(session: Session, row: IncidentRow, sent_at: datetime) -> None:
    """InvalidCommand where a notice would have been sent before anybody knew of the incident."""
    known = [Instant(InstantKind.DETECTED_AT, row.detected_at), *records.instants_of(session, id_of(row))]
    # When it happened is no bound: nobody can tell of it before they know it.
    first = min((one for one in known if one.kind is not InstantKind.OCCURRED_AT), key=lambda one: one.at)
    if sent_at < first.at.replace(second=0, microsecond=0):  # people give minutes
        raise InvalidCommand(
            N_(
                "the notice cannot have been sent on %(sent)s, before the first instant at which the incident was "
                "known: %(name)s, %(instant)s; correct the date of sending, or first record that it was known earlier"
            ),
            sent=sent_at.isoformat(sep=" ", timespec="minutes"),
            name=Code(first.kind),
            instant=first.at.astimezone(sent_at.tzinfo).isoformat(sep=" ", timespec="minutes"),
        )


def record_filing(
    session: Session, actor: Actor, reference: str, command: FilingCommand, knowledge: Knowledge, cipher: Cipher,
    text_of: TextOf, now: datetime,
) -> None:  # fmt: skip
    """Keep the exact text of a sent notice and fulfil its obligation.

    It is the text that was approved, however the draft reads by now; `text_of` renders what has no letter to approve.
    """
    row = row_for(session, actor, Act.RECORD_FILING, reference, now)
    refuse_future(now, sent_at=command.sent_at)
    if not command.means.strip():
        raise InvalidCommand(N_("say by what means the notice was sent"))
    lock_placing(session)
    held = obligations.row_of(session, id_of(row), command.obligation)
    if held.fulfilled_at is not None:
        raise InvalidCommand(N_("this notice is already recorded as sent"))
    phase = phase_of(held, command.phase)
    if not DutyKind(held.duty).has_letter:
        text = text_of(dossier_of(session, reference, knowledge, now=now), command.obligation)
    else:
        text = _text_sent(session, row, command, cipher)
    _refuse_before_known(session, row, command.sent_at)
    need_reasons_if_late(session, actor, row, held, command.sent_at, command.delay_reason, now)
    filing = Filing(0, command.obligation, command.sent_at, actor.name, command.means, command.receipt, now, "", phase)
    number = obligations.file_notice(session, cipher, filing, text)
    digest = next(one.text_digest for one in obligations.filings_of(session, id_of(row)) if one.id == number)
    words = {
        "regime": held.regime, "recipient": held.recipient, "sent_at": command.sent_at.isoformat(),
        "means": command.means, "receipt": command.receipt, "text_digest": digest,
        **({} if phase is FilingPhase.COMPLETE else {"phase": str(phase)}),
    }  # fmt: skip
    timeline.write_entry(session, id_of(row), now, EntryKind.FILED, actor.name, words)
    judge_filed(session, row, knowledge, now)


def decide_not_required(
    session: Session, actor: Actor, reference: str, obligation: int, reason: str, knowledge: Knowledge, now: datetime
) -> None:
    """Say, with the reason, that a notice is not required.

    Where that stops a clock with a date it is a proposal: the clock runs until a second person has confirmed it.
    """
    authorise(actor, Act.DECIDE_NOT_REQUIRED)
    need_reason(reason)
    lock_placing(session)
    row = incident_of(session, reference, actor, now)
    ground = ground_for(session, actor, Act.DECIDE_NOT_REQUIRED, row, now)
    held = obligations.row_of(session, id_of(row), obligation)
    if held.fulfilled_at is not None:
        raise InvalidCommand(N_("this notice is already recorded as sent"))
    if held.duty == DutyKind.REGISTER:
        raise InvalidCommand(REGISTER_STAYS)
    if stops_a_clock(obligations.obligation_of(held), now):
        wish = Wish(Move.STOP, reason, obligation=obligation)
        keep_proposal(session, actor, row, wish, ground, knowledge, now)
        return
    duty = duty_named(held.duty)
    basis = basis_now(session, row, knowledge, [(held.perimeter, duty)])
    held.not_required_reason = reason.strip()
    session.add(held)
    record_decision(session, actor, row, notify_of(obligation), NO, reason, now, ground, basis)
    words = {
        "regime": held.regime, "recipient": held.recipient, "reason": reason.strip(), **words_of(ground),
        **words_of_basis(basis), **departing(basis, held.perimeter, duty, is_to_notify=False),
    }  # fmt: skip
    timeline.write_entry(session, id_of(row), now, EntryKind.DECIDED_NOT_REQUIRED, actor.name, words)
    judge(session, id_of(row), knowledge, now)
