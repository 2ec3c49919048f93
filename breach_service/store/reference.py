"""What incidents are judged by: the inventory, the content and the organisations in force; and who holds which job."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

import rfc8785
from sqlmodel import Session, col, select

from breach_service.domain.inventory import Inventory
from breach_service.store.tables import ContentVersionRow, InventoryRevisionRow, LeaseRow, OrganisationRow


def inventory_in_force(session: Session, at: datetime | None = None) -> tuple[int, Inventory] | None:
    """The latest inventory (or as it stood at an instant) with the number of its revision; None before the first."""
    query = select(InventoryRevisionRow)
    if at is not None:
        query = query.where(InventoryRevisionRow.recorded_at <= at)
    row = session.exec(query.order_by(col(InventoryRevisionRow.id).desc()).limit(1)).first()
    return None if row is None else (row.id or 0, Inventory.model_validate(row.document))


def revision_in_force(session: Session) -> int:
    """The number of the latest inventory revision, 0 before the first."""
    return (
        session.exec(select(InventoryRevisionRow.id).order_by(col(InventoryRevisionRow.id).desc()).limit(1)).first()
        or 0
    )


def keep_inventory(session: Session, inventory: Inventory, by: str, now: datetime) -> bool:
    """Append a revision and bring the organisations in line; False where nothing changed."""
    document = inventory.model_dump(mode="json")
    digest = hashlib.sha256(rfc8785.dumps(document)).hexdigest()
    last = session.exec(select(InventoryRevisionRow).order_by(col(InventoryRevisionRow.id).desc()).limit(1)).first()
    if last is not None and last.digest == digest:
        return False
    session.add(InventoryRevisionRow(recorded_at=now, by=by, digest=digest, document=document))
    for one in inventory.organisations:
        row = session.exec(select(OrganisationRow).where(OrganisationRow.key == one.id)).first() or OrganisationRow(
            key=one.id, name="", zone="", calendar=""
        )
        row.name, row.zone, row.calendar = one.name, one.zone, one.calendar
        session.add(row)
    session.flush()
    return True


def content_in_force(session: Session) -> tuple[str, Mapping[str, str]] | None:
    """Digest and documents of the content that was activated last; None before the first start."""
    row = session.exec(select(ContentVersionRow).order_by(col(ContentVersionRow.id).desc()).limit(1)).first()
    return None if row is None else (row.digest, dict(row.documents))


def activate_content(session: Session, digest: str, documents: Mapping[str, str], by: str, now: datetime) -> None:
    """Store a version of the content and put it in force."""
    session.add(ContentVersionRow(activated_at=now, by=by, digest=digest, documents=dict(documents)))
    session.flush()


def take_lease(session: Session, name: str, holder: str, now: datetime, lasts: timedelta) -> bool:
    """Take or renew a job that only one process does at a time; False while somebody else holds it."""
    row = session.get(LeaseRow, name, with_for_update=True)
    if row is not None and row.holder != holder and row.until > now:
        return False
    row = row or LeaseRow(name=name, holder=holder, until=now, ticked_at=now)
    row.holder, row.until, row.ticked_at = holder, now + lasts, now
    session.add(row)
    return True


def last_tick(session: Session, name: str) -> datetime | None:
    """When a job was last seen alive."""
    row = session.get(LeaseRow, name)
    return row.ticked_at if row else None


def content_digest(session: Session) -> str | None:
    """Digest of the content in force; None before the first start."""
    query = select(ContentVersionRow.digest).order_by(col(ContentVersionRow.id).desc()).limit(1)
    return session.exec(query).first()
