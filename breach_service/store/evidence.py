"""Evidence: pieces and handlings as they were written down, and the sealed content of what was handed in."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from breach_service.domain.evidence import Evidence, EvidenceHandling, HandlingKind
from breach_service.errors import N_, NotFound
from breach_service.store.cipher import Cipher
from breach_service.store.measures import together
from breach_service.store.work_tables import EvidenceContentRow, EvidenceHandlingRow, EvidenceRow


def of_incident(session: Session, cipher: Cipher, incident_id: int) -> tuple[Evidence, ...]:
    """The evidence of an incident and of those that went into it, in the order in which it was written down."""
    rows = session.exec(
        select(EvidenceRow)
        .where(col(EvidenceRow.incident_id).in_(together(session, incident_id)))
        .order_by(col(EvidenceRow.id))
    ).all()
    numbers = [row.id or 0 for row in rows]
    handlings, held = _handlings(session, numbers), _with_content(session, numbers)
    return tuple(
        _evidence(row, cipher, tuple(handlings.get(row.id or 0, ())), has_content=row.id in held) for row in rows
    )


def one_of(session: Session, cipher: Cipher, incident_id: int, number: int) -> Evidence:
    """One piece of evidence of an incident; NotFound where the incident has none of that number."""
    row = session.get(EvidenceRow, number)
    if row is None or row.incident_id not in together(session, incident_id):
        raise NotFound(N_("there is no evidence number %(number)s in this incident"), number=number)
    handlings = _handlings(session, [number]).get(number, [])
    return _evidence(row, cipher, tuple(handlings), has_content=bool(_with_content(session, [number])))


def add(session: Session, cipher: Cipher, new: Evidence, content: bytes | None) -> int:
    """Keep a piece of evidence (its `id` is passed over), and its content where it was handed in; its number."""
    row = EvidenceRow(
        incident_id=new.incident, what=new.what, digest=new.digest, size=new.size,
        sealed_name=cipher.seal(new.file_name.encode()), media_type=new.media_type, collected_by=new.collected_by,
        collected_at=new.collected_at, place=new.place, method=new.method, kept_at=new.kept_at,
        recorded_at=new.recorded_at, recorded_by=new.recorded_by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    number = row.id or 0
    if content is not None:
        session.add(EvidenceContentRow(evidence_id=number, sealed=cipher.seal(content)))
        session.flush()
    return number


def add_handling(session: Session, number: int, new: EvidenceHandling) -> int:
    """Write a handling down (its `id` is passed over); its number."""
    row = EvidenceHandlingRow(
        evidence_id=number, kind=str(new.kind), at=new.at, by=new.by, whom=new.whom, why=new.why, digest=new.digest,
        recorded_at=new.recorded_at, recorded_by=new.recorded_by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id or 0


def content_of(session: Session, cipher: Cipher, number: int) -> bytes | None:
    """The content as it was handed in; None where it is not kept here. ConfigurationError where it was altered."""
    row = session.get(EvidenceContentRow, number)
    return None if row is None else cipher.open(row.sealed)


def delete_content(session: Session, number: int) -> None:
    """Let the content go; that it existed, and its digest, stay."""
    row = session.get(EvidenceContentRow, number)
    if row is not None:
        session.delete(row)
        session.flush()


def _handlings(session: Session, numbers: Collection[int]) -> dict[int, list[EvidenceHandling]]:
    rows = session.exec(
        select(EvidenceHandlingRow)
        .where(col(EvidenceHandlingRow.evidence_id).in_(numbers))
        .order_by(col(EvidenceHandlingRow.id))
    )
    found: dict[int, list[EvidenceHandling]] = {}
    for row in rows:
        found.setdefault(row.evidence_id, []).append(
            EvidenceHandling(
                id=row.id or 0, kind=HandlingKind(row.kind), at=row.at, by=row.by, whom=row.whom, why=row.why,
                recorded_at=row.recorded_at, recorded_by=row.recorded_by, digest=row.digest,
            )
        )  # fmt: skip
    return found


def _with_content(session: Session, numbers: Collection[int]) -> set[int]:
    asked = select(EvidenceContentRow.evidence_id).where(col(EvidenceContentRow.evidence_id).in_(numbers))
    return set(session.exec(asked))


def _evidence(
    row: EvidenceRow, cipher: Cipher, handlings: tuple[EvidenceHandling, ...], *, has_content: bool
) -> Evidence:  # fmt: skip
    return Evidence(
        id=row.id or 0, incident=row.incident_id, what=row.what, digest=row.digest, size=row.size,
        file_name=cipher.open(row.sealed_name).decode(), media_type=row.media_type, collected_by=row.collected_by,
        collected_at=row.collected_at, place=row.place, method=row.method, kept_at=row.kept_at,
        recorded_at=row.recorded_at, recorded_by=row.recorded_by, has_content=has_content, handlings=handlings,
    )  # fmt: skip
