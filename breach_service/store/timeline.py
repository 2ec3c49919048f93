"""The chronology and its chain of seals.

An entry holds who, when, what kind and the salted digest of its words (SHA-256 over RFC 8785 JSON); the words stand in
a row of their own that can be erased without breaking the chain. Each seal covers one entry and the seal before it.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import rfc8785
from sqlalchemy import func, insert
from sqlmodel import Session, select

from breach_service.domain.incident import EntryKind, TimelineEntry
from breach_service.store.tables import SealRow, TimelineDetailRow, TimelineEntryRow

ENTRY = TimelineEntryRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
DETAIL = TimelineDetailRow.__table__  # type: ignore[attr-defined]
SEAL = SealRow.__table__  # type: ignore[attr-defined]
FIRST = "0" * 64
"""What the first seal points back at."""


def digest_of(words: Mapping[str, str], salt: str) -> str:
    """Salted digest of the words of an entry, hex."""
    return hashlib.sha256(rfc8785.dumps({"salt": salt, "words": dict(words)})).hexdigest()


@dataclass(frozen=True)
class NewEntry:
    """One line to append: what happened in an incident (None: in none), who did it, and the words of the sentence."""

    incident_id: int | None
    kind: EntryKind
    actor: str
    words: Mapping[str, str]


def write_entry(
    session: Session, incident_id: int | None, at: datetime, kind: EntryKind, actor: str, words: Mapping[str, str]
) -> None:
    """Append one line to the chronology."""
    write_entries(session, at, [NewEntry(incident_id, kind, actor, words)])


def write_entries(session: Session, at: datetime, new: Sequence[NewEntry]) -> None:
    """Append lines to the chronology, in this order; `at` is an instant in UTC."""
    if not new:
        return
    salts = [secrets.token_hex(16) for _ in new]
    numbers = session.execute(
        insert(ENTRY).returning(ENTRY.c.id, sort_by_parameter_order=True),
        [
            {
                "incident_id": one.incident_id, "at": at, "kind": str(one.kind), "actor": one.actor,
                "digest": digest_of(one.words, salt),
            }
            for one, salt in zip(new, salts, strict=True)
        ],
    ).scalars()  # fmt: skip
    details = [
        {"entry_id": number, "salt": salt, "words": dict(one.words)}
        for number, salt, one in zip(numbers, salts, new, strict=True)
    ]
    session.execute(insert(DETAIL), details)


def entries_of(session: Session, incident_id: int) -> tuple[TimelineEntry, ...]:
    """The chronology of one incident, oldest first."""
    rows = session.exec(
        select(TimelineEntryRow, TimelineDetailRow, SealRow)
        .join(TimelineDetailRow, TimelineDetailRow.entry_id == TimelineEntryRow.id, isouter=True)  # type: ignore[arg-type]
        .join(SealRow, SealRow.entry_id == TimelineEntryRow.id, isouter=True)  # type: ignore[arg-type]
        .where(TimelineEntryRow.incident_id == incident_id)
        .order_by(TimelineEntryRow.id)  # type: ignore[arg-type]
    ).all()
    return tuple(
        TimelineEntry(
            id=entry.id or 0,
            at=entry.at,
            kind=EntryKind(entry.kind),
            actor=entry.actor,
            words=detail.words if detail else None,
            digest=entry.digest,
            seal=seal.seq if seal else None,
        )
        for entry, detail, seal in rows
    )


def seal_digest(seq: int, entry: TimelineEntryRow, prev: str) -> str:
    """What a seal says: SHA-256 over RFC 8785 JSON of its number, its entry and the seal before it."""
    return hashlib.sha256(
        rfc8785.dumps(
            {
                "seq": seq,
                "prev": prev,
                "entry": {
                    "id": entry.id,
                    "incident": entry.incident_id,
                    "at": entry.at.isoformat(),
                    "kind": entry.kind,
                    "actor": entry.actor,
                    "digest": entry.digest,
                },
            }
        )
    ).hexdigest()


def unsealed(session: Session, limit: int = 500) -> list[TimelineEntryRow]:
    """Entries without a seal, oldest first."""
    return list(
        session.exec(
            select(TimelineEntryRow)
            .join(SealRow, SealRow.entry_id == TimelineEntryRow.id, isouter=True)  # type: ignore[arg-type]
            .where(SealRow.seq == None)  # noqa: E711  # SQL
            .order_by(TimelineEntryRow.id)  # type: ignore[arg-type]
            .limit(limit)
        )
    )


def is_all_sealed(session: Session) -> bool:
    """True where no entry waits for a seal; cheap however long the chronology is, since it is asked all the time.

    The number of seals alone would not do: on PostgreSQL an entry can become visible after a later one was sealed.
    """
    newest = session.exec(select(func.max(TimelineEntryRow.id))).one() or 0
    last = session.exec(select(SealRow).order_by(SealRow.seq.desc()).limit(1)).first()  # type: ignore[attr-defined]
    return newest == (last.entry_id if last else 0) and count(session) == (last.seq if last else 0)


def append_seals(session: Session, now: datetime) -> int:
    """Seal what is not sealed yet; how many. The caller holds the placing lock, so that the chain cannot fork."""
    entries = unsealed(session)
    if not entries:
        return 0
    last = session.exec(select(SealRow).order_by(SealRow.seq.desc()).limit(1)).first()  # type: ignore[attr-defined]
    seq, prev = (last.seq, last.digest) if last else (0, FIRST)
    rows = []
    for entry in entries:
        seq += 1
        digest = seal_digest(seq, entry, prev)
        rows.append({"seq": seq, "entry_id": entry.id or 0, "prev": prev, "digest": digest, "sealed_at": now})
        prev = digest
    session.execute(insert(SEAL), rows)
    return len(entries)


def broken_seals(session: Session) -> list[str]:
    """Every fault of the chain as a sentence; empty when nothing was altered."""
    faults: list[str] = []
    prev, expected = FIRST, 0
    rows = session.exec(
        select(SealRow, TimelineEntryRow, TimelineDetailRow)
        .join(TimelineEntryRow, TimelineEntryRow.id == SealRow.entry_id, isouter=True)  # type: ignore[arg-type]
        .join(TimelineDetailRow, TimelineDetailRow.entry_id == SealRow.entry_id, isouter=True)  # type: ignore[arg-type]
        .order_by(SealRow.seq)  # type: ignore[arg-type]
    )
    for seal, entry, detail in rows:
        expected += 1
        faults += _faults_of(seal, entry, detail, prev, expected)
        prev, expected = seal.digest, seal.seq
    return faults


def _faults_of(
    seal: SealRow, entry: TimelineEntryRow | None, detail: TimelineDetailRow | None, prev: str, expected: int
) -> Iterable[str]:
    if seal.seq != expected:
        yield f"seal {expected} is missing: seal {seal.seq} follows seal {expected - 1}"
    if seal.prev != prev:
        yield f"seal {seal.seq} does not point at the seal before it"
    if entry is None:
        yield f"the entry of seal {seal.seq} is gone"
        return
    if seal_digest(seal.seq, entry, seal.prev) != seal.digest:
        yield f"the entry of seal {seal.seq} was altered"
    if detail is not None and digest_of(detail.words, detail.salt) != entry.digest:
        yield f"the words of the entry of seal {seal.seq} were altered"


def chain_head(session: Session) -> tuple[int, str, datetime | None]:
    """Number and digest of the last seal, and when it was made."""
    last = session.exec(select(SealRow).order_by(SealRow.seq.desc()).limit(1)).first()  # type: ignore[attr-defined]
    return (last.seq, last.digest, last.sealed_at) if last else (0, FIRST, None)


def count(session: Session) -> int:
    """How many entries there are."""
    return int(session.exec(select(func.count()).select_from(TimelineEntryRow)).one())
