"""Putting an inventory or a version of the content in force."""

from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.catalog import Catalogue
from breach_service.domain.access import Act, Actor
from breach_service.domain.incident import EntryKind
from breach_service.domain.inventory import Inventory
from breach_service.store import reference, timeline
from breach_service.store.database import Session


def import_inventory(session: Session, actor: Actor, inventory: Inventory, now: datetime) -> bool:
    """Put an inventory in force from now on; False where nothing changed."""
    authorise(actor, Act.MANAGE_INVENTORY)
    is_new = reference.keep_inventory(session, inventory, actor.name, now)
    if is_new:
        timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, {"note": "inventory_imported"})
    return is_new


def activate_content(session: Session, actor: Actor, catalogue: Catalogue, now: datetime) -> bool:
    """Put a checked version of playbooks/ in force; False where it already is."""
    authorise(actor, Act.ACTIVATE_CONTENT)
    held = reference.content_in_force(session)
    if held is not None and held[0] == catalogue.digest:
        return False
    reference.activate_content(session, catalogue.digest, catalogue.documents, actor.name, now)
    words = {"note": "content_activated", "digest": catalogue.digest}
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, words)
    return True
