"""What people do with evidence: write a piece down with its digest, say each handling, take its content out."""

from dataclasses import dataclass, replace
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.rows import id_of, incident_of, need_reason, refuse_future
from breach_service.acts.work.taking_up import row_for_work
from breach_service.domain.access import Act, Actor
from breach_service.domain.evidence import Evidence, EvidenceHandling, HandlingKind, digest_in, digest_of
from breach_service.domain.incident import EntryKind
from breach_service.errors import N_, InvalidCommand, NotFound
from breach_service.store import evidence, timeline
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session, lock_placing
from breach_service.store.tables import IncidentRow

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class NewEvidence:
    """A piece of evidence as a person writes it down: its content, or only its digest and where it is kept."""

    what: str
    place: str
    method: str
    collected_at: datetime
    """Aware."""
    collected_by: str = ""
    """Empty: who writes it down."""
    digest: str = ""
    """SHA-256 as a tool printed it; with a content it is compared."""
    content: bytes | None = None
    file_name: str = ""
    media_type: str = ""
    size: int | None = None
    """Bytes of what is kept elsewhere, where somebody knows."""
    kept_at: str = ""


def record_evidence(
    session: Session, actor: Actor, reference: str, new: NewEvidence, cipher: Cipher, most_bytes: int, now: datetime
) -> Evidence:
    """Write a piece of evidence down and seal its content, of at most `most_bytes`; as it is kept."""
    authorise(actor, Act.KEEP_EVIDENCE)
    refuse_future(now, collected_at=new.collected_at)
    _check(new)
    digest = _digest(new, most_bytes)
    lock_placing(session)
    row = row_for_work(session, reference, actor, now)
    known = next((one for one in evidence.of_incident(session, cipher, id_of(row)) if one.digest == digest), None)
    if known is not None:
        raise InvalidCommand(
            N_("this is evidence number %(number)s already (%(what)s): say there what was done with it"),
            number=known.id,
            what=known.what,
        )
    content = new.content
    piece = Evidence(
        0, id_of(row), " ".join(new.what.split()), digest, new.size if content is None else len(content),
        new.file_name.strip(), new.media_type.strip(), new.collected_by.strip() or actor.name, new.collected_at,
        new.place.strip(), new.method.strip(), new.kept_at.strip() if content is None else "", now, actor.name,
        has_content=content is not None,
    )  # fmt: skip
    number = evidence.add(session, cipher, piece, content)
    words = {
        "what": "collected", "number": str(number), "evidence": piece.what, "digest": digest,
        "by": piece.collected_by, "at": piece.collected_at.isoformat(), "place": piece.place, "method": piece.method,
        "kept_at": piece.kept_at,
    }  # fmt: skip
    timeline.write_entry(session, id_of(row), now, EntryKind.EVIDENCE_HANDLED, actor.name, words)
    return replace(piece, id=number)


def _check(new: NewEvidence) -> None:
    if not new.what.strip():
        raise InvalidCommand(N_("say what the piece of evidence is, in one line"))
    if not new.place.strip():
        raise InvalidCommand(N_("say from where it was collected: machine, path, mailbox, person"))
    if not new.method.strip():
        raise InvalidCommand(N_("say how it was collected: tool, command, copy"))
    if new.content is None and not new.kept_at.strip():
        raise InvalidCommand(N_("hand in the file, or give its digest and say where it is kept"))


def _digest(new: NewEvidence, most_bytes: int) -> str:
    given = digest_in(new.digest) if new.digest.strip() else None
    if new.digest.strip() and given is None:
        raise InvalidCommand(N_("this is no SHA-256: 64 digits from 0 to f, as sha256sum prints them"))
    if new.content is None:
        if given is None:
            raise InvalidCommand(N_("hand in the file, or give its digest and say where it is kept"))
        return given
    if len(new.content) > most_bytes:
        raise InvalidCommand(
            N_("the file is larger than %(most)s MB: keep it elsewhere and give its SHA-256"),
            most=most_bytes // MEGABYTE or 1,
        )
    if not new.content:
        raise InvalidCommand(N_("the file is empty: choose another one"))
    found = digest_of(new.content)
    if given is not None and given != found:
        raise InvalidCommand(
            N_("the file that arrived has another SHA-256 (%(found)s) than the one given: compare the two"), found=found
        )
    return found


@dataclass(frozen=True)
class NewHandling:
    """A handling as a person writes it down."""

    kind: HandlingKind
    why: str
    at: datetime
    """Aware."""
    by: str = ""
    """Empty: who writes it down."""
    whom: str = ""
    digest: str = ""
    """Of a verification: what was found; empty where the service computes it from what it keeps."""


def record_handling(
    session: Session, actor: Actor, reference: str, number: int, new: NewHandling, cipher: Cipher, now: datetime
) -> Evidence:
    """Write down what was done with a piece of evidence; as it is then. Destroying it lets its content here go."""
    authorise(actor, Act.KEEP_EVIDENCE)
    refuse_future(now, at=new.at)
    need_reason(new.why)
    lock_placing(session)
    row = row_for_work(session, reference, actor, now)
    piece = evidence.one_of(session, cipher, id_of(row), number)
    if piece.destroyed is not None:
        raise InvalidCommand(
            N_("evidence number %(number)s was destroyed: nothing is done with it any more"), number=number
        )
    if new.at < piece.collected_at:
        raise InvalidCommand(N_("that was before it was collected: check the date and the hour"))
    if new.kind.needs_whom and not new.whom.strip():
        raise InvalidCommand(N_("say to whom it went"))
    digest = _found(session, cipher, piece, new) if new.kind is HandlingKind.VERIFIED else ""
    done = EvidenceHandling(
        0, new.kind, new.at, new.by.strip() or actor.name, new.whom.strip() if new.kind.needs_whom else "",
        new.why.strip(), now, actor.name, digest,
    )  # fmt: skip
    evidence.add_handling(session, number, done)
    if new.kind is HandlingKind.DESTROYED:
        evidence.delete_content(session, number)
    _write(session, row, actor, now, piece, done)
    return evidence.one_of(session, cipher, id_of(row), number)


def _found(session: Session, cipher: Cipher, piece: Evidence, new: NewHandling) -> str:
    """The digest that a verification found."""
    if new.digest.strip():
        given = digest_in(new.digest)
        if given is None:
            raise InvalidCommand(N_("this is no SHA-256: 64 digits from 0 to f, as sha256sum prints them"))
        return given
    content = evidence.content_of(session, cipher, piece.id)
    if content is None:
        raise InvalidCommand(N_("it is kept elsewhere: give the SHA-256 that you found there"))
    return digest_of(content)


def _write(
    session: Session, row: IncidentRow, actor: Actor, now: datetime, piece: Evidence, done: EvidenceHandling
) -> None:  # fmt: skip
    words = {
        "what": str(done.kind), "number": str(piece.id), "evidence": piece.what, "digest": piece.digest,
        "by": done.by, "at": done.at.isoformat(), "whom": done.whom, "reason": done.why,
    }  # fmt: skip
    if done.kind is HandlingKind.VERIFIED:
        words |= {"found": done.digest, "is_same": "yes" if done.digest == piece.digest else "no"}
    timeline.write_entry(session, id_of(row), now, EntryKind.EVIDENCE_HANDLED, actor.name, words)


def content_of_evidence(
    session: Session, actor: Actor, reference: str, number: int, cipher: Cipher, now: datetime
) -> tuple[Evidence, bytes]:
    """A piece of evidence and its content, whose digest was checked; whoever shows it writes the reading down first.

    NotFound where it is not kept here; InvalidCommand where it is not what was handed in.
    """
    authorise(actor, Act.READ_EVIDENCE)
    row = incident_of(session, reference, actor, now)
    piece = evidence.one_of(session, cipher, id_of(row), number)
    content = evidence.content_of(session, cipher, number)
    if content is None:
        raise NotFound(N_("the content of evidence number %(number)s is not kept here"), number=number)
    if digest_of(content) != piece.digest:
        raise InvalidCommand(
            N_("evidence number %(number)s is not what was handed in: its SHA-256 differs. Restore it from a backup"),
            number=number,
        )
    return piece, content
