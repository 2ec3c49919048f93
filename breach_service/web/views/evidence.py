"""The evidence of an incident: each piece with its digest and every hand that it went through."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from breach_service.domain.access import Act
from breach_service.domain.dossier import Dossier
from breach_service.domain.evidence import Evidence, HandlingKind
from breach_service.domain.incident import IncidentStatus

EVIDENCE_FIELDS = ("what", "place", "method", "collected_at", "collected_by", "digest", "kept_at")
"""The fields of the form that writes a piece down."""
HANDLING_FIELDS = ("kind", "at", "by", "whom", "why", "digest")
"""The fields of the form that writes a handling down."""


@dataclass(frozen=True)
class HandlingLine:
    """One handling. Instants in UTC."""

    kind: HandlingKind
    at: datetime
    by: str
    whom: str
    why: str
    is_same: bool | None
    """Of a verification: whether the digest was the same; None of everything else."""
    found: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True)
class EvidenceLine:
    """One piece of evidence. Instants in UTC."""

    id: int
    what: str
    digest: str
    size: int | None
    file_name: str
    collected_by: str
    collected_at: datetime
    place: str
    method: str
    kept_at: str
    has_content: bool
    is_destroyed: bool
    differs: bool
    recorded_at: datetime
    recorded_by: str
    handlings: tuple[HandlingLine, ...]
    can_be_handled: bool
    can_be_taken_out: bool


@dataclass(frozen=True)
class EvidencePage:
    """The context variable `page` of `incident_evidence.html`."""

    reference: str
    title: str
    pieces: tuple[EvidenceLine, ...]
    kinds: tuple[HandlingKind, ...]
    may_keep: bool
    most_megabytes: int
    local_now: str
    """Now as a form writes it."""
    now: datetime
    typed: Mapping[str, str] = field(default_factory=dict)
    blank: Mapping[str, str] = field(default_factory=dict)
    """The fields of a form into which nobody typed."""
    error: str = ""
    handling: int = 0
    """The number of the piece whose handling could not be taken; 0: the form of a new piece."""


def evidence_page(
    dossier: Dossier, pieces: Iterable[Evidence], most_bytes: int, now: datetime, may: frozenset[str], *,
    typed: Mapping[str, str] | None = None, error: str = "", handling: int = 0,
) -> EvidencePage:  # fmt: skip
    """The evidence of an incident, the newest first; `typed` is what could not be taken, of one form."""
    may_keep = Act.KEEP_EVIDENCE in may and dossier.incident.status is not IncidentStatus.MERGED
    lines = [_line(one, may, may_keep=may_keep) for one in pieces]
    blank = dict.fromkeys((*EVIDENCE_FIELDS, *HANDLING_FIELDS), "")
    return EvidencePage(
        reference=dossier.incident.reference,
        title=dossier.incident.title,
        pieces=tuple(reversed(lines)),
        kinds=tuple(HandlingKind),
        may_keep=may_keep,
        most_megabytes=max(most_bytes // (1024 * 1024), 1),
        local_now=now.astimezone(ZoneInfo(dossier.organisation.zone)).strftime("%Y-%m-%dT%H:%M"),
        now=now,
        typed={name: (typed or {}).get(name, "") for name in blank},
        blank=blank,
        error=error,
        handling=handling,
    )


def _line(one: Evidence, may: frozenset[str], *, may_keep: bool) -> EvidenceLine:
    return EvidenceLine(
        id=one.id, what=one.what, digest=one.digest, size=one.size, file_name=one.file_name,
        collected_by=one.collected_by, collected_at=one.collected_at, place=one.place, method=one.method,
        kept_at=one.kept_at, has_content=one.has_content, is_destroyed=one.destroyed is not None,
        differs=one.differs, recorded_at=one.recorded_at, recorded_by=one.recorded_by,
        handlings=tuple(_handlings(one)), can_be_handled=may_keep and one.is_open_to_handling,
        can_be_taken_out=one.has_content and Act.READ_EVIDENCE in may,
    )  # fmt: skip


def _handlings(piece: Evidence) -> Iterable[HandlingLine]:
    for one in piece.handlings:
        is_same = one.digest == piece.digest if one.kind is HandlingKind.VERIFIED else None
        yield HandlingLine(
            one.kind, one.at, one.by, one.whom, one.why, is_same, one.digest, one.recorded_at, one.recorded_by
        )
