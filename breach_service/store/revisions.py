"""The revisions of the inventory: who wrote each, when, and for what reason."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from breach_service.domain.incident import EntryKind
from breach_service.domain.inventory import PARTS, Change, Inventory, changes_between
from breach_service.store.tables import InventoryRevisionRow, TimelineDetailRow, TimelineEntryRow


@dataclass(frozen=True)
class Revision:
    """One revision, without its document. Instants in UTC."""

    number: int
    recorded_at: datetime
    by: str
    digest: str
    reason: str
    """Why; empty where nobody said, or where the words were erased."""
    note: str
    """How it came about, as the chronology notes it: inventory_imported, inventory_changed, …; empty: not noted."""


def newest(session: Session, limit: int = 50, before: int | None = None) -> list[Revision]:
    """Revisions, newest first; those `before` a number where one is given."""
    row = InventoryRevisionRow
    query = select(row.id, row.recorded_at, row.by, row.digest).order_by(col(row.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(row.id) < before)
    found = session.exec(query).all()
    words = _words_at(session, {at for _, at, _, _ in found})
    return [
        Revision(number or 0, at, by, digest, *_said(words.get((at, by), []), number or 0))
        for number, at, by, digest in found
    ]


def inventory_of(session: Session, number: int) -> Inventory | None:
    """The inventory as a revision wrote it; None where there is no such revision."""
    row = session.get(InventoryRevisionRow, number)
    return None if row is None else Inventory.model_validate(row.document)


def number_before(session: Session, number: int) -> int | None:
    """The revision that came before another; None before the first."""
    query = select(InventoryRevisionRow.id).where(col(InventoryRevisionRow.id) < number)
    return session.exec(query.order_by(col(InventoryRevisionRow.id).desc()).limit(1)).first()


def _words_at(session: Session, instants: set[datetime]) -> dict[tuple[datetime, str], list[dict[str, str]]]:
    """The words of the chronology of no incident at these instants, by instant and by who wrote them."""
    if not instants:
        return {}
    entry, detail = TimelineEntryRow, TimelineDetailRow
    query = (
        select(entry.at, entry.actor, detail.words)
        .join(detail, col(detail.entry_id) == col(entry.id))
        .where(col(entry.incident_id).is_(None), col(entry.kind) == str(EntryKind.NOTED))
        .where(col(entry.at).in_(instants))
        .order_by(col(entry.id))
    )
    found: dict[tuple[datetime, str], list[dict[str, str]]] = {}
    for at, actor, words in session.exec(query):
        found.setdefault((at, actor), []).append(dict(words))
    return found


def _said(noted: list[dict[str, str]], number: int) -> tuple[str, str]:
    """The reason and the note of a revision; an older one does not name its number."""
    known = [one for one in noted if one.get("note", "").startswith("inventory_")]
    words = next((one for one in known if one.get("revision") == str(number)), None)
    words = words or next((one for one in known if "revision" not in one), {})
    return words.get("reason", ""), words.get("note", "")


def changes_of(session: Session, number: int) -> tuple[Change, ...] | None:
    """What a revision changed of the one before it; of the first, everything. None where there is no such revision."""
    after = inventory_of(session, number)
    if after is None:
        return None
    former = number_before(session, number)
    before = inventory_of(session, former) if former is not None else None
    return tuple(changes_between(before or after.model_copy(update=dict.fromkeys(PARTS, ())), after))
