"""The audit trail: a page to look through it, the same as CSV and JSON, and for programs."""

import csv
import io
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict

from breach_service.acts.decisions import glass
from breach_service.acts.seeing import audit as acts
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act, AuditKind
from breach_service.errors import InvalidCommand
from breach_service.store import audit
from breach_service.store.audit import AuditEntry, AuditFilter
from breach_service.web.api import Before, Limit, Moment
from breach_service.web.context import Context, Here, Who
from breach_service.web.forms import instant_in, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import page, said_to, zone_of
from breach_service.web.seeing import note_reading, visibility_for
from breach_service.web.views.audit import audit_page, outstanding_glasses

router = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api/v1")
FIELDS = ("person", "incident", "kind", "since", "until")
COLUMNS = ("id", "at", "actor", "person", "kind", "incident", "what", "via")
RISKY = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula."""


@router.get("/audit", dependencies=[needs(Act.LOOK_AT_AUDIT)])
def show_audit(request: Request, here: Here, who: Who, before: Before = None) -> HTMLResponse:
    """Who read or did what, newest first."""
    typed = {name: text_in(dict(request.query_params), name).replace("\0", "") for name in FIELDS}
    error, wanted = "", AuditFilter()
    try:
        wanted = _wanted(typed, here)
    except InvalidCommand as fault:
        error = said_to(request, fault)
    with here.database.reading() as session:
        found = acts.trail(session, who.actor, wanted, here.now(), before=before)
        seen = visibility_for(who, here)
        people = audit.people_in(session, seen)
        glasses = outstanding_glasses(glass.outstanding(session, here.now(), seen))
    query = urlencode({name: word for name, word in typed.items() if word})
    view = audit_page(found.entries, found.hidden, people, typed, query, acts.MOST_LINES, error, glasses)
    return page(request, "audit.html", "", view, status=422 if error else 200)


def _wanted(typed: Mapping[str, str], here: Context) -> AuditFilter:
    zone = zone_of(here)
    since, until = (instant_in(typed, name, zone) for name in ("since", "until"))
    return AuditFilter(typed["person"], typed["incident"], typed["kind"], since, until)


@router.get("/audit.csv", dependencies=[needs(Act.LOOK_AT_AUDIT)])
def take_as_csv(request: Request, here: Here, who: Who) -> Response:
    """The lines that are seen as a table."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for one in _taken_out(request, here, who):
        table.writerow([_cell(value) for value in _values(one).values()])
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=_as_file("audit.csv"))


@router.get("/audit.json", dependencies=[needs(Act.LOOK_AT_AUDIT)])
def take_as_json(request: Request, here: Here, who: Who) -> Response:
    """The lines that are seen as JSON."""
    lines = [_values(one) for one in _taken_out(request, here, who)]
    text = json.dumps(lines, ensure_ascii=False, indent=1) + "\n"
    return Response(text, media_type="application/json", headers=_as_file("audit.json"))


def _taken_out(request: Request, here: Context, who: SignedIn) -> tuple[AuditEntry, ...]:
    typed = {name: text_in(dict(request.query_params), name).replace("\0", "") for name in FIELDS}
    wanted = _wanted(typed, here)
    note_reading(here, who, request, AuditKind.READ_AUDIT, request.url.path.rpartition(".")[2])
    with here.database.reading() as session:
        return acts.trail(session, who.actor, wanted, here.now(), limit=acts.MOST_EXPORTED).entries


def _values(one: AuditEntry) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value := getattr(one, name), datetime) else value for name in COLUMNS}


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(RISKY) else text


def _as_file(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}


class AuditEntryOut(BaseModel):
    """One line of the audit trail. `at` in UTC."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    at: datetime
    actor: str
    person: int | None
    kind: str
    incident: str | None
    what: str
    via: str


class OutstandingGlassOut(BaseModel):
    """A broken glass that waits for a review. `at` in UTC."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    incident: str
    by: str
    at: datetime


class TrailOut(BaseModel):
    """Lines, newest first, and how many there are about incidents that are not seen."""

    entries: list[AuditEntryOut]
    hidden: int
    outstanding: list[OutstandingGlassOut]
    """Broken glasses of incidents that are seen which nobody has reviewed yet, oldest first; see `/api/v1/glass`."""


Word = Annotated[str, Query(max_length=200)]


@api.get("/audit", dependencies=[needs(Act.LOOK_AT_AUDIT)])
def list_audit(
    here: Here, who: Who, person: Word = "", incident: Word = "", kind: Word = "", since: Moment | None = None,
    until: Moment | None = None, limit: Limit = 200, before: Before = None,
) -> TrailOut:  # fmt: skip
    """Who read or did what; `since` is included, `until` is not."""
    wanted = AuditFilter(person, incident, kind, since, until)
    with here.database.reading() as session:
        found = acts.trail(session, who.actor, wanted, here.now(), limit=limit, before=before)
        waiting = outstanding_glasses(glass.outstanding(session, here.now(), visibility_for(who, here)))
    return TrailOut(
        entries=[AuditEntryOut.model_validate(one) for one in found.entries], hidden=found.hidden,
        outstanding=[OutstandingGlassOut.model_validate(one) for one in waiting],
    )  # fmt: skip
