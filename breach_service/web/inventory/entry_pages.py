"""One form for each entry of the inventory: look, change, add, end. Each change makes a revision with its reason."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from breach_service.acts.authorise import authorise
from breach_service.acts.inventory.changing import ChangedMeanwhile, end_entry, keep_entry, today_of
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act, acts_allowed
from breach_service.domain.inventory import Entry, Inventory, entry_of
from breach_service.errors import N_, InvalidCommand, NotFound
from breach_service.inventory_files import id_from
from breach_service.web.context import Context, Here, Who
from breach_service.web.forms import text_in
from breach_service.web.inventory.typed import Misfit, Typed, entry_from, renumbered, typed_of
from breach_service.web.needs import needs
from breach_service.web.refill import PAGE_FIELD
from breach_service.web.rendered import language_of, page, said_to
from breach_service.web.views.inventory_entry import EntryPage, Wording, entry_form, first_values, name_of, used_by
from breach_service.web.views.inventory_layout import LAYOUT

router = APIRouter(include_in_schema=False)
Part: TypeAlias = Annotated[str, Path(max_length=40)]
EntryId: TypeAlias = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=200)]
MOST_FIELDS = 20_000
"""Of a client with a hundred contacts and activities; frameworks stop at 1,000."""


async def posted(request: Request) -> FormData:
    """The fields of a form, however many rows it has."""
    form = await request.form(max_files=0, max_fields=MOST_FIELDS)
    if any("\0" in text for name, one in form.multi_items() for text in (name, one) if isinstance(text, str)):
        raise InvalidCommand(N_("a character in a field (NUL) belongs to no text: remove it"))
    return form


Posted = Annotated[FormData, Depends(posted)]
_OURS = frozenset({"form_token", "reason", "revision", "do", "id", "on", PAGE_FIELD})


@router.get("/inventory/entry/{part}", dependencies=[needs(Act.MANAGE_INVENTORY)])
def new_entry(part: Part, request: Request, here: Here, who: Who) -> HTMLResponse:
    """The form of a new entry."""
    _known(part)
    return _answer(request, here, who, part, None, first_values(part))


@router.get("/inventory/entry/{part}/{entry_id}", dependencies=[needs(Act.LOOK_AROUND)])
def show_entry(part: Part, entry_id: EntryId, request: Request, here: Here, who: Who) -> HTMLResponse:
    """One entry, with the form that changes it for those who may."""
    entry = _entry(here.knowledge().inventory, part, entry_id)
    return _answer(request, here, who, part, entry, typed_of(part, entry))


@router.post("/inventory/entry/{part}", dependencies=[needs(Act.MANAGE_INVENTORY)])
def add(part: Part, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Add an entry, or show the form again with what was typed."""
    authorise(who.actor, Act.MANAGE_INVENTORY)
    _known(part)
    return _posted(request, here, who, part, None, form)


@router.post("/inventory/entry/{part}/{entry_id}", dependencies=[needs(Act.MANAGE_INVENTORY)])
def change(part: Part, entry_id: EntryId, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Write an entry anew, or show the form again with what was typed."""
    authorise(who.actor, Act.MANAGE_INVENTORY)
    return _posted(request, here, who, part, _entry(here.knowledge().inventory, part, entry_id), form)


@router.post("/inventory/entry/{part}/{entry_id}/end", dependencies=[needs(Act.MANAGE_INVENTORY)])
def end(part: Part, entry_id: EntryId, here: Here, who: Who, form: Posted) -> Response:
    """End an entry on a day."""
    authorise(who.actor, Act.MANAGE_INVENTORY)
    _known(part)
    on, reason = _day_in(form), text_in(form, "reason")
    here.database.write(
        lambda session: end_entry(
            session, who.actor, part, entry_id, on, reason, here.now(), expected=revision_in(form)
        )
    )
    return RedirectResponse("/inventory?done=changed", 303)


def _posted(
    request: Request, here: Context, who: SignedIn, part: str, entry: Entry | None, form: FormData
) -> Response:  # fmt: skip
    typed = typed_in(form)
    do = text_in(form, "do")
    if do.startswith("more:"):
        fields = renumbered(part, typed)
        return _answer(request, here, who, part, entry, fields, form=form, more=[do.removeprefix("more:")])
    entry_id = entry.id if entry else text_in(form, "id") or _free_id(here.knowledge().inventory, part, typed)
    knowledge = here.knowledge()
    made = entry_from(part, {**typed, "id": (entry_id,)}, knowledge.catalogue.facts)
    if isinstance(made, list):
        errors = _sentences(request, made)
        return _answer(request, here, who, part, entry, renumbered(part, typed), form=form, errors=errors, status=422)
    try:
        here.database.write(
            lambda session: keep_entry(
                session, who.actor, part, made, text_in(form, "reason"), here.now(), present=knowledge.inventory,
                facts=knowledge.catalogue.facts, expected=revision_in(form), is_new=entry is None,
            )
        )  # fmt: skip
    except InvalidCommand as error:
        fields = renumbered(part, typed)
        return _answer(
            request, here, who, part, entry, fields, form=form, error=said_to(request, error), status=422,
            is_conflict=isinstance(error, ChangedMeanwhile),
        )  # fmt: skip
    return RedirectResponse(f"/inventory?done=changed#{part}-{made.id}", 303)


def _answer(
    request: Request, here: Context, who: SignedIn, part: str, entry: Entry | None, typed: Typed, *,
    form: FormData | None = None, errors: Mapping[str, str] | None = None, more: Iterable[str] = (), error: str = "",
    is_conflict: bool = False, status: int = 200,
) -> HTMLResponse:  # fmt: skip
    knowledge, language = here.knowledge(), language_of(request)
    inventory = knowledge.inventory
    kept = text_in(form, "revision") if form is not None and not is_conflict else ""
    view = EntryPage(
        form=entry_form(
            part, entry.id if entry else "", typed, Wording(inventory, knowledge.catalogue.facts, language),
            errors, more,
        ),
        name=name_of(entry, language) if entry else "",
        valid_to=entry.valid_to if entry else None,
        used_by=used_by(inventory, part, entry.id, language) if entry else (),
        revision=int(kept) if kept.isdecimal() and len(kept) < 18 else knowledge.inventory_revision,
        reason=text_in(form, "reason") if form is not None else "",
        error=error,
        is_conflict=is_conflict,
        today=today_of(inventory, here.now()),
        may_manage=Act.MANAGE_INVENTORY in acts_allowed(who.actor),
    )  # fmt: skip
    return page(request, "inventory_entry.html", "inventory", view, status=status)


def typed_in(form: FormData) -> dict[str, tuple[str, ...]]:
    """The fields of an entry as they were typed."""
    return {
        name: tuple(one for one in form.getlist(name) if isinstance(one, str))
        for name in dict.fromkeys(form)
        if name not in _OURS
    }


def revision_in(form: FormData) -> int | None:
    """The revision that the form was made from; None where it does not say."""
    text = text_in(form, "revision")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


def _day_in(form: FormData) -> date:
    text = text_in(form, "on")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidCommand(N_("%(text)s is no day: write it as 2026-11-23"), text=text or "?") from error


def _sentences(request: Request, misfits: Iterable[Misfit]) -> dict[str, str]:
    return {one.field: said_to(request, InvalidCommand(one.sentence)) for one in misfits}


def _known(part: str) -> None:
    if part not in LAYOUT:
        raise NotFound(N_("there is no such part of the inventory"))


def _entry(inventory: Inventory, part: str, entry_id: str) -> Entry:
    _known(part)
    found = entry_of(inventory, part, entry_id)
    if found is None:
        raise NotFound(N_("there is no %(id)s in this part of the inventory"), id=entry_id)
    return found


def _free_id(inventory: Inventory, part: str, typed: Typed) -> str:
    """An id made of the name, with a number behind it where it is taken."""
    name = next((one for field in ("name", "name.fr") for one in typed.get(field, ()) if one.strip()), "")
    made = id_from(name) if name else ""
    number, free = 1, made
    while free and entry_of(inventory, part, free) is not None:
        number += 1
        free = f"{made}-{number}"
    return free
