"""What the operator reads is written into the audit trail like anybody else's reading."""

from collections.abc import Iterable

from breach_service.acts.seeing.audit import note
from breach_service.app import OPERATOR, Service
from breach_service.domain.access import AuditKind
from breach_service.errors import NotAudited
from breach_service.store import compartments
from breach_service.store.database import DatabaseError


def write_down(service: Service, kind: AuditKind, what: str, incident_id: int | None = None) -> None:
    """Write a reading into the audit trail before it is shown; NotAudited where that cannot be done."""
    now = service.now()
    try:
        service.database.write(lambda session: note(session, OPERATOR, kind, what, now, incident_id))
    except DatabaseError as error:
        raise NotAudited from error


def write_down_shown(service: Service, command: str, references: Iterable[str | None]) -> None:
    """Write down that a command shows incidents, a line for each that is restricted; NotAudited where it cannot be."""
    wanted = sorted({one for one in references if one})
    with service.database.reading() as session:
        restricted = compartments.restricted_among(session, wanted)
    for number in restricted:
        write_down(service, AuditKind.READ_INCIDENT, command, number)
