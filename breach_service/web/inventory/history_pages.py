"""Who changed the inventory, when, why, and what; and the inventory as files."""

import io
import zipfile
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from breach_service.catalog import inventory_as_yaml
from breach_service.domain.access import Act
from breach_service.errors import N_, NotFound
from breach_service.inventory_files import inventory_as_csv
from breach_service.store import revisions
from breach_service.store.revisions import Revision
from breach_service.web.context import Context, Here, Id
from breach_service.web.needs import needs
from breach_service.web.rendered import page
from breach_service.web.views.inventory_changes import HistoryPage, RevisionPage, RevisionRow, changes_view

router = APIRouter(include_in_schema=False)
MOST_LISTED = 50
Before = Annotated[int | None, Query(ge=1, le=2**63 - 1)]


@router.get("/inventory/history", dependencies=[needs(Act.LOOK_AROUND)])
def list_revisions(request: Request, here: Here, before: Before = None) -> HTMLResponse:
    """The revisions, newest first."""
    with here.database.reading() as session:
        found = revisions.newest(session, MOST_LISTED + 1, before)
    older = found[MOST_LISTED - 1].number if len(found) > MOST_LISTED else None
    view = HistoryPage(tuple(map(_row, found[:MOST_LISTED])), older, here.now())
    return page(request, "inventory_history.html", "inventory", view)


@router.get("/inventory/history/{number}", dependencies=[needs(Act.LOOK_AROUND)])
def show_revision(number: Id, request: Request, here: Here) -> HTMLResponse:
    """What one revision changed."""
    with here.database.reading() as session:
        found = next((one for one in revisions.newest(session, 1, number + 1) if one.number == number), None)
        changes = revisions.changes_of(session, number)
        is_first = revisions.number_before(session, number) is None
    if found is None or changes is None:
        raise NotFound(N_("there is no revision number %(number)s of the inventory"), number=number)
    view = RevisionPage(_row(found), changes_view(changes), is_first, here.now())
    return page(request, "inventory_revision.html", "inventory", view)


@router.get("/inventory/export", dependencies=[needs(Act.LOOK_AROUND)])
def export(here: Here, form: Annotated[Literal["yaml", "csv"], Query(alias="format")] = "yaml") -> Response:
    """The inventory in force as files that can be imported again."""
    return exported(here, form)


def exported(here: Context, form: Literal["yaml", "csv"]) -> Response:
    """One YAML file, or a zip with a CSV table for each part."""
    inventory = here.knowledge().inventory
    if form == "yaml":
        return _file(inventory_as_yaml(inventory).encode(), "inventory.yaml", "application/yaml")
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, table in inventory_as_csv(inventory).items():
            archive.writestr(f"{part}.csv", table)
    return _file(raw.getvalue(), "inventory-csv.zip", "application/zip")


def _file(raw: bytes, name: str, media_type: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(raw, media_type=media_type, headers=headers)


def _row(one: Revision) -> RevisionRow:
    return RevisionRow(one.number, one.recorded_at, one.by, one.reason, one.note == "inventory_imported")
