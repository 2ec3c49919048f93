"""Obligations with their own copy of the terms, and the notices filed under them."""

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from breach_service.domain.assessment import Duty
from breach_service.domain.deadlines import DutyKind, Filed, FilingPhase, Obligation, RegimeKind, Terms
from breach_service.domain.dossier import Filing
from breach_service.domain.incident import InstantKind
from breach_service.domain.inventory import NoticeForm
from breach_service.errors import N_, NotFound
from breach_service.store.cipher import Cipher
from breach_service.store.hot import among
from breach_service.store.tables import FilingRow, ObligationRow

OBLIGATION = ObligationRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
FILING = FilingRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__


def of_incident(session: Session, incident_id: int) -> tuple[Obligation, ...]:
    """Every obligation of an incident, withdrawn ones included."""
    return tuple(by_incident(session, [incident_id])[incident_id])


def by_incident(session: Session, ids: Collection[int]) -> dict[int, list[Obligation]]:
    """Every obligation of some incidents, withdrawn ones included, oldest first."""
    found: dict[int, list[Obligation]] = {one: [] for one in ids}
    rows = session.execute(
        core_select(OBLIGATION).where(among(session, OBLIGATION.c.incident_id, ids)).order_by(OBLIGATION.c.id)
    )
    for row in rows:
        found[row.incident_id].append(obligation_of(row))
    return found


def obligation_of(row: Any) -> Obligation:
    """A row as a value."""
    return Obligation(
        perimeter=row.perimeter,
        recipient=row.recipient,
        duty=DutyKind(row.duty),
        terms=_from_json(row.terms),
        advice=Duty(row.advice),
        is_provisional=row.is_provisional,
        triggered_at=row.triggered_at,
        due_at=row.due_at,
        fulfilled_at=row.fulfilled_at,
        not_required_reason=row.not_required_reason,
        withdrawn_at=row.withdrawn_at,
        id=row.id or 0,
    )


def row_of(session: Session, incident_id: int, obligation_id: int) -> ObligationRow:
    """The row of one obligation of one incident."""
    row = session.get(ObligationRow, obligation_id)
    if row is None or row.incident_id != incident_id:
        raise NotFound(
            N_("there is no obligation number %(obligation_id)s in this incident"), obligation_id=obligation_id
        )
    return row


def _as_json(terms: Terms) -> dict[str, Any]:
    known = {
        "regime": terms.regime, "kind": str(terms.kind), "reference": terms.reference, "hours": terms.hours,
        "months": terms.months, "counted_from": str(terms.counted_from),
    }  # fmt: skip
    more = {
        "working_hours": terms.working_hours, "form": "" if terms.form is NoticeForm.ANY else str(terms.form),
        "sent_to": terms.sent_to, "notifies": list(terms.notifies), "mandate_clause": terms.mandate_clause,
        "at_most": _as_json(terms.at_most) if terms.at_most else None,
        "target": _as_json(terms.target) if terms.target else None, "counting": terms.counting,
        "reminders": terms.reminders, "may_be_late_with": terms.may_be_late_with, "authority": terms.authority,
        "authority_name": terms.authority_name, "follows": terms.follows,
        "follows_phase": str(terms.follows_phase) if terms.follows_phase else "",
    }  # fmt: skip
    return {**known, **{name: value for name, value in more.items() if value}}


def _from_json(held: Mapping[str, Any]) -> Terms:
    """What an obligation kept: those of earlier releases kept less."""
    return Terms(
        regime=held["regime"],
        kind=RegimeKind(held["kind"]),
        reference=held["reference"],
        hours=held["hours"],
        months=held["months"],
        counted_from=InstantKind(held["counted_from"]),
        working_hours=held.get("working_hours"),
        form=NoticeForm(held.get("form") or NoticeForm.ANY),
        sent_to=held.get("sent_to", ""),
        notifies=tuple(held.get("notifies", ())),
        mandate_clause=held.get("mandate_clause", ""),
        at_most=_from_json(held["at_most"]) if held.get("at_most") else None,
        target=_from_json(held["target"]) if held.get("target") else None,
        counting=held.get("counting", "strict"),
        reminders=held.get("reminders", "standard"),
        # Those of earlier releases did not say so of the one law that asks for reasons.
        may_be_late_with=held.get("may_be_late_with", "reasons" if held["reference"] == "RGPD art. 33(1)" else ""),
        authority=held.get("authority", ""),
        authority_name=held.get("authority_name", ""),
        follows=held.get("follows", ""),
        follows_phase=FilingPhase(held["follows_phase"]) if held.get("follows_phase") else None,
    )


def insert(session: Session, new: Sequence[tuple[int, Obligation]], now: datetime) -> None:
    """New obligations of incidents, each with an opaque public id."""
    if not new:
        return
    rows = [
        {
            "incident_id": incident_id, "perimeter": one.perimeter, "recipient": one.recipient,
            "public_id": secrets.token_hex(8), "duty": str(one.duty), "terms": _as_json(one.terms),
            "advice": str(one.advice), "is_provisional": one.is_provisional, "triggered_at": one.triggered_at,
            "due_at": one.due_at, "created_at": now, "regime": one.terms.regime,
        }
        for incident_id, one in new
    ]  # fmt: skip
    session.execute(OBLIGATION.insert(), rows)


def update(session: Session, obligation: Obligation) -> None:
    """Keep the changed clock of an obligation that is known by its id; its terms stay as they were copied."""
    row = session.get(ObligationRow, obligation.id)
    if row is None:
        raise NotFound(N_("there is no obligation number %(id)s"), id=obligation.id)
    row.advice = obligation.advice
    row.is_provisional = obligation.is_provisional
    row.triggered_at = obligation.triggered_at
    row.due_at = obligation.due_at
    row.withdrawn_at = obligation.withdrawn_at
    session.add(row)


def enter_in_register(session: Session, incident_id: int, now: datetime) -> None:
    """A confirmed breach stands in the register by being confirmed (GDPR Art. 33(5)): that duty is fulfilled."""
    rows = session.exec(
        select(ObligationRow).where(
            ObligationRow.incident_id == incident_id,
            ObligationRow.duty == DutyKind.REGISTER,
            col(ObligationRow.fulfilled_at).is_(None),
            col(ObligationRow.withdrawn_at).is_(None),
        )
    )
    for row in rows:
        row.fulfilled_at = now
        session.add(row)


def file_notice(session: Session, cipher: Cipher, filing: Filing, text: str) -> int:
    """Keep a sent notice with its exact text; its id. The obligation is fulfilled at the instant of sending."""
    clear = text.encode()
    row = FilingRow(
        obligation_id=filing.obligation,
        sent_at=filing.sent_at,
        by=filing.by,
        means=filing.means,
        receipt=filing.receipt,
        recorded_at=filing.recorded_at,
        text_sealed=cipher.seal(clear),
        text_digest=hashlib.sha256(clear).hexdigest(),
        phase=str(filing.phase),
    )
    session.add(row)
    obligation = session.get(ObligationRow, filing.obligation)
    if obligation is None:
        raise NotFound(N_("there is no obligation number %(obligation)s"), obligation=filing.obligation)
    obligation.fulfilled_at = filing.sent_at
    session.add(obligation)
    session.flush()
    return row.id or 0


def filings_of(session: Session, incident_id: int) -> tuple[Filing, ...]:
    """The notices sent in an incident, oldest first."""
    rows = session.exec(
        select(FilingRow)
        .join(ObligationRow, col(ObligationRow.id) == FilingRow.obligation_id)
        .where(ObligationRow.incident_id == incident_id)
        .order_by(col(FilingRow.id))
    )
    return tuple(
        Filing(
            id=row.id or 0,
            obligation=row.obligation_id,
            sent_at=row.sent_at,
            by=row.by,
            means=row.means,
            receipt=row.receipt,
            recorded_at=row.recorded_at,
            text_digest=row.text_digest,
            phase=FilingPhase(row.phase),
        )
        for row in rows
    )


def filed_by_incident(session: Session, ids: Collection[int]) -> dict[int, list[Filed]]:
    """The notices sent in some incidents, as far as others follow from them, oldest first."""
    found: dict[int, list[Filed]] = {one: [] for one in ids}
    if not found:
        return found
    rows = session.execute(
        core_select(
            OBLIGATION.c.incident_id, OBLIGATION.c.perimeter, OBLIGATION.c.regime, FILING.c.sent_at, FILING.c.phase
        )
        .join(FILING, FILING.c.obligation_id == OBLIGATION.c.id)
        .where(among(session, OBLIGATION.c.incident_id, ids))
        .order_by(FILING.c.id)
    )
    for incident_id, perimeter, regime, sent_at, phase in rows:
        found[incident_id].append(Filed(perimeter, regime, sent_at, FilingPhase(phase)))
    return found


def filed_text(session: Session, cipher: Cipher, filing_id: int) -> str:
    """The exact text of a sent notice."""
    row = session.get(FilingRow, filing_id)
    if row is None:
        raise NotFound(N_("there is no filing number %(filing_id)s"), filing_id=filing_id)
    return cipher.open(row.text_sealed).decode()
