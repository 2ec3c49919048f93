"""Bringing a file into the inventory: choose it, see what it would change or what is wrong in it, then confirm."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData, UploadFile

from breach_service.acts.authorise import authorise
from breach_service.acts.inventory.importing import (
    Ground,
    ImportFile,
    ImportKind,
    ImportPreview,
    import_previewed,
    preview_import,
)
from breach_service.domain.access import Act
from breach_service.domain.inventory import PARTS, Missing
from breach_service.errors import N_, InvalidCommand
from breach_service.inventory_files.limits import MOST_BYTES
from breach_service.web.context import Context, Here, Who
from breach_service.web.forms import text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import language_of, page, said_to
from breach_service.web.views.inventory_changes import FaultRow, ImportPage, changes_view

router = APIRouter(include_in_schema=False)
MOST_UPLOADED = MOST_BYTES * 4 // 3 + 65_536
"""Bytes of a request: the form that confirms holds the file once more, in base64."""
LONGEST_NAME = 200


async def uploaded(request: Request) -> AsyncIterator[FormData]:
    """The fields of a form that may hold a whole file, closed once the answer is made."""
    async with request.form(max_files=1, max_part_size=MOST_UPLOADED) as form:
        if any("\0" in one for one in form.values() if isinstance(one, str)):
            raise InvalidCommand(N_("a character in a field (NUL) belongs to no text: remove it"))
        yield form


Uploaded = Annotated[FormData, Depends(uploaded)]


@router.get("/inventory/import", dependencies=[needs(Act.MANAGE_INVENTORY)])
def choose(request: Request) -> HTMLResponse:
    """The form."""
    return _answer(request, None)


@router.post("/inventory/import", dependencies=[needs(Act.MANAGE_INVENTORY)])
def import_file(request: Request, here: Here, who: Who, form: Uploaded) -> Response:
    """Show what the file would change, or, where that was shown, put it in force."""
    authorise(who.actor, Act.MANAGE_INVENTORY)
    try:
        file = _file_in(form)
        found = preview_import(who.actor, file, ground_of(here))
        if text_in(form, "do") != "confirm" or found.faults:
            return _answer(request, found, file, form, status=422 if found.faults else 200)
    except InvalidCommand as error:
        return _answer(request, None, None, form, error=said_to(request, error), status=422)
    try:
        reason, seen = text_in(form, "reason"), text_in(form, "digest")
        here.database.write(
            lambda session: import_previewed(session, who.actor, found, here.now(), reason=reason, seen=seen)
        )
    except InvalidCommand as error:
        return _answer(request, found, file, form, error=said_to(request, error), status=422)
    return RedirectResponse("/inventory?done=changed", 303)


def ground_of(here: Context) -> Ground:
    """What an import is laid over now."""
    knowledge = here.knowledge()
    return Ground(knowledge.inventory, knowledge.inventory_revision, knowledge.catalogue.facts, here.now())


def _file_in(form: FormData) -> ImportFile:
    given, name = form.get("file"), text_in(form, "name")[:LONGEST_NAME]
    kind, missing = kind_in(text_in(form, "kind")), missing_in(text_in(form, "missing"))
    if isinstance(given, UploadFile) and given.filename:
        return ImportFile(given.file.read(), given.filename[:LONGEST_NAME].replace("\0", ""), kind, missing)
    try:
        raw = b64decode(text_in(form, "content"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidCommand(N_("the file came back damaged: choose it again")) from error
    if not raw:
        raise InvalidCommand(N_("choose a file"))
    return ImportFile(raw, name, kind, missing)


def kind_in(text: str) -> ImportKind | None:
    """A kind by its code; None where it is to be told by the file."""
    if text and text not in tuple(ImportKind):
        raise InvalidCommand(N_("%(text)s is no kind of file that can be imported: choose one of the list"), text=text)
    return ImportKind(text) if text else None


def missing_in(text: str) -> Missing | None:
    """What becomes of entries that the file leaves out, by its code; None: as usual for its kind."""
    if text and text not in tuple(Missing):
        raise InvalidCommand(N_("say what becomes of the entries that the file leaves out: keep, end or remove"))
    return Missing(text) if text else None


def _answer(
    request: Request, found: ImportPreview | None, file: ImportFile | None = None, form: FormData | None = None, *,
    error: str = "", status: int = 200,
) -> HTMLResponse:  # fmt: skip
    language = language_of(request)
    is_shown = found is not None and not found.faults
    faults = [
        FaultRow(
            one.sheet, one.row, one.column, one.what.in_language(language),
            one.remedy.in_language(language) if one.remedy else "",
        )
        for one in (found.faults if found else ())
    ]  # fmt: skip
    view = ImportPage(
        kinds=tuple(map(str, ImportKind)),
        kind=str(found.kind) if found else "",
        missing=str(file.missing or "") if file else "",
        file=file.name if file else "",
        content=b64encode(file.raw).decode() if file and is_shown else "",
        digest=found.digest if found else "",
        faults=tuple(faults),
        changes=changes_view(found.changes) if found and is_shown else None,
        passed_over=found.passed_over if found else 0,
        reason=text_in(form, "reason") if form is not None else "",
        error=error,
        most_bytes=MOST_BYTES,
        names=tuple(f"{one}.csv" for one in PARTS),
    )
    return page(request, "inventory_import.html", "inventory", view, status=status)
