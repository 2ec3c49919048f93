"""The counsel compartment: what is asked of and answered by a lawyer, under professional secrecy.

Loi n° 71-1130 du 31 décembre 1971, art. 66-5: consultations and letters between a lawyer and their client are covered.
The notes are sealed; the chronology holds their digests alone. No list, search, API, file, message or auditor's right
reaches them, only people who are named counsel in that incident.
"""

from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.rows import id_of, incident_of
from breach_service.acts.seeing.audit import note
from breach_service.domain.access import Act, Actor, AuditKind, Standing
from breach_service.errors import N_, InvalidCommand, NotAllowed
from breach_service.store import compartments
from breach_service.store.cipher import Cipher
from breach_service.store.compartments import CounselNote
from breach_service.store.database import Session, lock_placing
from breach_service.store.tables import IncidentRow

LONGEST_NOTE = 20_000
"""Characters."""


def write_note(session: Session, actor: Actor, reference: str, text: str, cipher: Cipher, now: datetime) -> None:
    """Keep a note; it is never changed, a correction is another one."""
    row = counsel_row(session, actor, reference, now)
    if not text.strip():
        raise InvalidCommand(N_("the note is empty: write what was asked or answered"))
    if len(text) > LONGEST_NOTE:
        raise InvalidCommand(N_("a note has at most %(longest_note)s characters: write two"), longest_note=LONGEST_NOTE)
    lock_placing(session)
    compartments.keep_note(session, cipher, id_of(row), text.strip(), actor.name, now)
    note(session, actor, AuditKind.CONSULTED, "", now, id_of(row))


def read_notes(
    session: Session, actor: Actor, reference: str, cipher: Cipher, now: datetime
) -> tuple[CounselNote, ...]:  # fmt: skip
    """The notes, oldest first. The caller writes down that they were read (`AuditKind.READ_COUNSEL`)."""
    return compartments.notes_of(session, cipher, id_of(counsel_row(session, actor, reference, now)))


def counsel_row(session: Session, actor: Actor, reference: str, now: datetime) -> IncidentRow:
    """The incident, for those who are named counsel in it; NotAllowed for everybody else who sees it."""
    row = incident_of(session, reference, actor, now)
    authorise(actor, Act.CONSULT)
    if not is_counsel(session, actor, id_of(row), now):
        raise NotAllowed(N_("this part is open to those who are named counsel in this incident, and to nobody else"))
    return row


def is_counsel(session: Session, actor: Actor, incident_id: int, now: datetime) -> bool:
    """True for a person who is named counsel in an incident; never for a token or the operator."""
    return actor.person is not None and any(
        one.person == actor.person and one.standing is Standing.COUNSEL and one.holds(now)
        for one in compartments.standings_of(session, incident_id)
    )
