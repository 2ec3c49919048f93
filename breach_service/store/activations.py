"""Versions of the content that were put in force, what was compared before, and the incidents to compare on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from breach_service.domain.incident import Incident, IncidentStatus
from breach_service.store.incidents import incident_of
from breach_service.store.sight import FULL, Visibility
from breach_service.store.tables import ContentComparisonRow, ContentVersionRow, IncidentRow

AT_ONCE = 100
"""Incidents that are read at a time."""


@dataclass(frozen=True)
class Version:
    """A content that was put in force, without its text. The newest one is in force."""

    digest: str
    activated_at: datetime
    by: str
    looked_at: int | None
    """How many incidents were compared before; None where nothing was, such as at the first start."""
    differing: int | None
    comparison: str
    """Digest of what was shown before; empty where nothing was."""


def versions(session: Session, limit: int = 50) -> list[Version]:
    """The versions that were put in force, newest first."""
    columns = (ContentVersionRow.digest, ContentVersionRow.activated_at, ContentVersionRow.by)
    rows = session.exec(
        select(*columns, ContentComparisonRow)
        .join(ContentComparisonRow, col(ContentComparisonRow.version_id) == ContentVersionRow.id, isouter=True)
        .order_by(col(ContentVersionRow.id).desc())
        .limit(limit)
    ).all()
    return [
        Version(
            digest, at, by, compared.looked_at if compared else None, compared.differing if compared else None,
            compared.digest if compared else "",
        )
        for digest, at, by, compared in rows
    ]  # fmt: skip


def keep_comparison(session: Session, compared: Mapping[str, Any], digest: str) -> None:
    """Keep what was compared beside the version that was put in force last."""
    number = session.exec(select(func.max(ContentVersionRow.id))).one() or 0
    session.add(
        ContentComparisonRow(
            version_id=number,
            former_digest=compared["former"],
            looked_at=compared["looked_at"],
            left_out=compared["left_out"],
            differing=len(compared["incidents"]),
            digest=digest,
        )
    )
    session.flush()


def incidents_opened(
    session: Session, since: datetime, limit: int, at_once: int = AT_ONCE, visibility: Visibility = FULL
) -> Iterator[Incident]:
    """Incidents that were opened at an instant or later, newest first, as far as they are seen.

    Merged ones go on in another, drills are none.

    They are read a few at a time, so that many of them need little memory.
    """
    before: int | None = None
    while limit > 0:
        query = select(IncidentRow).where(*_COUNTED, col(IncidentRow.opened_at) >= since, visibility.incidents)
        if before is not None:
            query = query.where(col(IncidentRow.id) < before)
        rows = session.exec(query.order_by(col(IncidentRow.id).desc()).limit(min(at_once, limit))).all()
        if not rows:
            return
        yield from map(incident_of, rows)
        before, limit = rows[-1].id, limit - len(rows)
        session.expunge_all()


def count_incidents(session: Session, visibility: Visibility = FULL) -> int:
    """All incidents that are seen and could be compared, however old."""
    query = select(func.count()).select_from(IncidentRow).where(*_COUNTED, visibility.incidents)
    return int(session.exec(query).one())


_COUNTED = (col(IncidentRow.status) != IncidentStatus.MERGED, col(IncidentRow.is_drill).is_(False))
