"""The part of the JSON API that is about the inventory: read it, bring a file in, change entries, and its history."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from breach_service.acts.authorise import authorise
from breach_service.acts.inventory.changing import Changed, end_entry, keep_entry
from breach_service.acts.inventory.importing import (
    ImportFault,
    ImportFile,
    ImportKind,
    ImportPreview,
    import_previewed,
    preview_import,
)
from breach_service.domain.access import Act
from breach_service.domain.inventory import PARTS, Change, Entry, Missing, entry_of
from breach_service.errors import N_, InvalidCommand, NotFound
from breach_service.store import revisions
from breach_service.web.api import Limit, Words
from breach_service.web.context import Here, Id, Who
from breach_service.web.inventory.history_pages import exported
from breach_service.web.inventory.import_pages import ground_of
from breach_service.web.needs import needs

router = APIRouter(prefix="/api/v1/inventory")
uploads = APIRouter(prefix="/api/v1/inventory")
"""Takes larger requests than the others."""
Part: TypeAlias = Annotated[str, Path(max_length=40, description=f"one of {', '.join(PARTS)}")]
EntryId: TypeAlias = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=200)]
_BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string"}}}}}


class InventoryOut(BaseModel):
    """The inventory in force."""

    revision: int
    """Its number: say it with a change, so that it is refused where somebody else changed something meanwhile."""
    inventory: dict[str, Any]
    """As the YAML file has it."""


class ChangeOut(BaseModel):
    """One field of one entry; an empty `field` is the whole entry."""

    kind: Literal["added", "changed", "ended", "removed"]
    part: str
    id: str
    name: str
    field: str
    before: Any
    after: Any


class FaultOut(BaseModel):
    """Something wrong in a file. Rows count from 1 (0: the whole sheet); a column is a letter, of text its number."""

    sheet: str
    row: int
    column: str
    what: str
    remedy: str


class ImportOut(BaseModel):
    """What an import changes, or all that is wrong in the file; then nothing is imported."""

    kind: ImportKind
    missing: Missing
    is_dry_run: bool
    is_new: bool
    """True where a revision was written."""
    revision: int
    """The one in force afterwards."""
    faults: list[FaultOut]
    changes: list[ChangeOut]
    passed_over: int
    """Machines of a list that a system finds already."""
    digest: str
    """Of what would be put in force: say it with the import itself, and nothing else than what was shown is done."""


class ChangedOut(BaseModel):
    """What an act made of the inventory."""

    revision: int
    is_new: bool
    changes: list[ChangeOut]


class RevisionOut(BaseModel):
    """A revision of the inventory. Instants in UTC."""

    number: int
    recorded_at: datetime
    by: str
    digest: str
    reason: str
    note: str


class EntryIn(BaseModel):
    """An entry as the YAML file has it, and why it changes."""

    model_config = ConfigDict(extra="forbid")
    entry: dict[str, Any]
    reason: Words = Field(min_length=1, max_length=2000)
    revision: int | None = Field(None, ge=0, le=2**63 - 1)
    """The revision that was looked at; null: whichever is in force."""


class EndIn(BaseModel):
    """The last day on which an entry holds, and why."""

    model_config = ConfigDict(extra="forbid")
    on: date
    reason: Words = Field(min_length=1, max_length=2000)
    revision: int | None = Field(None, ge=0, le=2**63 - 1)


@router.get("", dependencies=[needs(Act.LOOK_AROUND)])
def show_inventory(here: Here) -> InventoryOut:
    """The inventory in force, with the number of its revision (0: none was imported yet)."""
    knowledge = here.knowledge()
    return InventoryOut(revision=knowledge.inventory_revision, inventory=knowledge.inventory.model_dump(mode="json"))


@router.get("/export", dependencies=[needs(Act.LOOK_AROUND)], response_class=Response)
def export(here: Here, form: Annotated[Literal["yaml", "csv"], Query(alias="format")] = "yaml") -> Response:
    """The inventory as one YAML file, or as a zip with a CSV table for each part."""
    return exported(here, form)


async def _raw(request: Request) -> bytes:
    return await request.body()


@uploads.post("/import", dependencies=[needs(Act.MANAGE_INVENTORY)], openapi_extra=_BODY)
def import_file(
    here: Here,
    who: Who,
    response: Response,
    raw: Annotated[bytes, Depends(_raw)],
    dry_run: Annotated[bool, Query(description="true: only show what would change")] = False,
    kind: Annotated[ImportKind | None, Query(description="what the body is; told by what is in it without")] = None,
    name: Annotated[str, Query(max_length=200, description="name of the file, such as clients.csv")] = "",
    missing: Annotated[Missing | None, Query(description="what becomes of entries that the file leaves out")] = None,
    reason: Annotated[str, Query(max_length=2000)] = "",
    digest: Annotated[str | None, Query(max_length=64, description="of the dry run that was looked at")] = None,
) -> ImportOut:
    """Bring a file (the body, as it is) into the inventory, whole or not at all; with faults, all of them and 422."""
    if any("\0" in one for one in (name, reason)):
        raise InvalidCommand(N_("a character in a field (NUL) belongs to no text: remove it"))
    found = preview_import(who.actor, ImportFile(raw, name, kind, missing), ground_of(here))
    if dry_run or found.faults:
        response.status_code = 200 if dry_run else 422
        return _import_out(found, Changed(found.revision, (), is_new=False), is_dry_run=dry_run)
    done = here.database.write(
        lambda session: import_previewed(session, who.actor, found, here.now(), reason=reason, seen=digest)
    )
    return _import_out(found, done, is_dry_run=False)


@router.get("/revisions", dependencies=[needs(Act.LOOK_AROUND)])
def list_revisions(
    here: Here, limit: Limit = 50, before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None
) -> list[RevisionOut]:
    """Who changed the inventory, when, and why; newest first."""
    with here.database.reading() as session:
        return [RevisionOut(**vars(one)) for one in revisions.newest(session, limit, before)]


@router.get("/revisions/{number}", dependencies=[needs(Act.LOOK_AROUND)])
def show_revision(number: Id, here: Here) -> list[ChangeOut]:
    """What one revision changed; of the first, everything."""
    with here.database.reading() as session:
        changes = revisions.changes_of(session, number)
    if changes is None:
        raise NotFound(N_("there is no revision number %(number)s of the inventory"), number=number)
    return [_change_out(one) for one in changes]


@router.get("/{part}/{entry_id}", dependencies=[needs(Act.LOOK_AROUND)])
def show_entry(part: Part, entry_id: EntryId, here: Here) -> dict[str, Any]:
    """One entry as the YAML file has it."""
    found = entry_of(here.knowledge().inventory, _known(part), entry_id)
    if found is None:
        raise NotFound(N_("there is no %(id)s in this part of the inventory"), id=entry_id)
    return found.model_dump(mode="json")


@router.put("/{part}/{entry_id}", dependencies=[needs(Act.MANAGE_INVENTORY)])
def keep(part: Part, entry_id: EntryId, command: EntryIn, here: Here, who: Who) -> ChangedOut:
    """Add an entry, or write it anew as a whole."""
    authorise(who.actor, Act.MANAGE_INVENTORY)
    entry, knowledge = _entry_in(_known(part), entry_id, command.entry), here.knowledge()
    done = here.database.write(
        lambda session: keep_entry(
            session, who.actor, part, entry, command.reason, here.now(), present=knowledge.inventory,
            facts=knowledge.catalogue.facts, expected=command.revision,
        )
    )  # fmt: skip
    return _changed_out(done)


@router.post("/{part}/{entry_id}/end", dependencies=[needs(Act.MANAGE_INVENTORY)])
def end(part: Part, entry_id: EntryId, command: EndIn, here: Here, who: Who) -> ChangedOut:
    """End an entry on a day: it stays for what happened before."""
    authorise(who.actor, Act.MANAGE_INVENTORY)
    done = here.database.write(
        lambda session: end_entry(
            session, who.actor, _known(part), entry_id, command.on, command.reason, here.now(),
            expected=command.revision,
        )
    )  # fmt: skip
    return _changed_out(done)


def _known(part: str) -> str:
    if part not in PARTS:
        raise NotFound(N_("there is no such part of the inventory"))
    return part


def _entry_in(part: str, entry_id: str, document: dict[str, Any]) -> Entry:
    if document.get("id", entry_id) != entry_id:
        raise InvalidCommand(N_("the id of the entry is not that of the address: make them agree"))
    try:
        return PARTS[part].model_validate({**document, "id": entry_id})
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, one['loc'])) or part}: {one['msg']}" for one in error.errors())
        raise InvalidCommand(N_("this does not fit: %(why)s"), why=said) from error


def _change_out(one: Change) -> ChangeOut:
    return ChangeOut(**{**vars(one), "kind": str(one.kind)})


def _changed_out(done: Changed) -> ChangedOut:
    return ChangedOut(
        revision=done.revision, is_new=done.is_new, changes=[_change_out(one) for one in done.changes]
    )  # fmt: skip


def _fault_out(one: ImportFault) -> FaultOut:
    remedy = one.remedy.in_language("en") if one.remedy else ""
    return FaultOut(
        sheet=one.sheet, row=one.row, column=one.column, what=one.what.in_language("en"), remedy=remedy
    )  # fmt: skip


def _import_out(found: ImportPreview, done: Changed, *, is_dry_run: bool) -> ImportOut:
    return ImportOut(
        kind=found.kind,
        missing=found.missing,
        is_dry_run=is_dry_run,
        is_new=done.is_new,
        revision=done.revision,
        faults=[_fault_out(one) for one in found.faults],
        changes=[_change_out(one) for one in found.changes],
        passed_over=found.passed_over,
        digest=found.digest,
    )
