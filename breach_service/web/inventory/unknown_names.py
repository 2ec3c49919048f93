"""The queue of the names that alerts use and no system is found by, as pages and for programs."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from breach_service.acts.inventory.unknown import LONGEST_NAME, Answer, answer_unknown
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act
from breach_service.domain.inventory import Inventory
from breach_service.domain.unknown_names import is_elsewhere, pattern_for, suggested_systems, systems_of
from breach_service.errors import N_, InvalidCommand, NotFound
from breach_service.store import unknown_answers, unknown_names
from breach_service.store.unknown_answers import Given
from breach_service.store.unknown_names import Uses, Waiting
from breach_service.web.api import Limit, Words
from breach_service.web.context import Context, Here, Id, Who
from breach_service.web.forms import Posted, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import language_of, may_of, page, said_to
from breach_service.web.seeing import note_shown, visibility_for
from breach_service.web.views.unknown import ANSWER_FIELDS, MOST_SHOWN, unknown_name_page, unknown_page

router = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api/v1/inventory/unknown")
MOST_ANSWERS = 20
"""Answers that are listed."""


@router.get("/inventory/unknown", dependencies=[needs(Act.LOOK_AROUND)])
def list_unknown(
    request: Request, here: Here, who: Who, answer: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None
) -> HTMLResponse:
    """What waits for an answer; with `?answer=…` what came of the one that was given just now."""
    inventory, seen = here.knowledge().inventory, visibility_for(who, here)
    shown = _waiting(here, who, MOST_SHOWN)
    with here.database.reading() as session:
        total = unknown_names.count_seen(session, seen)
        answers = unknown_answers.newest(session, MOST_ANSWERS, seen)
        new = unknown_answers.one(session, answer, seen) if answer is not None else None
    _note(here, who, request, (uses for _, uses in shown), (*answers, *([new] if new else [])))
    view = unknown_page(
        shown, max(total, len(shown)), answers, new, inventory, language_of(request), may_of(request), here.now()
    )
    return page(request, "unknown_names.html", "inventory", view)


def _waiting(here: Context, who: SignedIn, limit: int) -> list[tuple[Waiting, Uses]]:
    """What waits and what the inventory in force does not know; it may have changed a moment ago."""
    inventory, seen = here.knowledge().inventory, visibility_for(who, here)
    with here.database.reading() as session:
        found = [one for one in unknown_names.waiting(session, seen, limit) if not _is_known(one, inventory)]
        return [(one, unknown_names.uses_of(session, one.id, seen)) for one in found]


def _is_known(one: Waiting, inventory: Inventory) -> bool:
    return bool(systems_of(one.name, inventory)) or is_elsewhere(one.name, inventory)


def _note(
    here: Context, who: SignedIn, request: Request, uses: Iterable[Uses], answers: Iterable[Given]
) -> None:  # fmt: skip
    """Restricted incidents that are named leave a line in the audit trail."""
    references = [each for one in uses for each in one.incidents]
    references += [each.reference for one in answers for each in (*one.gained, *one.ended)]
    note_shown(here, who, request, references)


@router.get("/inventory/unknown/{number}", dependencies=[needs(Act.LOOK_AROUND)])
def show_unknown(number: Id, request: Request, here: Here, who: Who) -> HTMLResponse:
    """One name with every answer to it."""
    return _one(request, here, who, number)


@router.post("/inventory/unknown/{number}", dependencies=[needs(Act.MANAGE_INVENTORY)])
def answer_on_page(number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Answer it; the page is shown again with what was typed where it could not be taken."""
    typed = {name: text_in(form, name) for name in ANSWER_FIELDS}
    chosen = tuple(one for one in form.getlist("activities") if isinstance(one, str) and one)
    answer = Answer(
        typed["answer"], typed["system"], typed["title"], chosen, typed["written"], typed["reason"],
        is_in_production=not text_in(form, "is_not_in_production"),
    )  # fmt: skip
    try:
        made = here.database.write(
            lambda session: answer_unknown(session, who.actor, number, answer, here.knowledge(), here.now())
        )
    except InvalidCommand as error:
        return _one(request, here, who, number, typed, chosen, said_to(request, error), 422)
    return RedirectResponse(f"/inventory/unknown?answer={made}", 303)


def _one(
    request: Request, here: Context, who: SignedIn, number: int, typed: dict[str, str] | None = None,
    chosen: tuple[str, ...] = (), error: str = "", status: int = 200,
) -> HTMLResponse:  # fmt: skip
    inventory, seen = here.knowledge().inventory, visibility_for(who, here)
    with here.database.reading() as session:
        found = unknown_names.one(session, number, seen)
        if found is None or _is_known(found, inventory):
            raise NotFound(N_("this name waits for no answer any more: somebody may have answered it meanwhile"))
        uses = unknown_names.uses_of(session, number, seen)
        others = unknown_names.waiting(session, seen)
    _note(here, who, request, [uses], [])
    view = unknown_name_page(
        found, uses, others, inventory, language_of(request), may_of(request), here.now(), typed=typed, chosen=chosen,
        error=error,
    )  # fmt: skip
    return page(request, "unknown_name.html", "inventory", view, status=status)


class UnknownNameOut(BaseModel):
    """A name that alerts use and no system is found by. Instants in UTC."""

    id: int
    kind: str
    """host, address, application, account or labels."""
    name: str
    """Labels as `key=value, key=value`."""
    alerts: int
    first_seen_at: datetime
    last_seen_at: datetime
    sources: list[str]
    titles: list[str]
    incidents: list[str]
    suggested_systems: list[str]
    """Ids of systems that are named alike or stand in the same network."""
    suggested_pattern: str


class AnswerIn(BaseModel):
    """What it is."""

    model_config = ConfigDict(extra="forbid")
    answer: Words = Field(max_length=50)
    """system, new_system, not_ours or no_personal_data."""
    system: Words = Field("", max_length=200)
    """For `system`: its id."""
    title: Words = Field("", max_length=LONGEST_NAME)
    """What a new system, or what is not ours, is called; empty: as alerts name it."""
    activities: list[Words] = Field(default_factory=list, max_length=100)
    """What a new system processes, by id; none: not known yet."""
    pattern: Words = Field("", max_length=255)
    """For machines (`web-*`) and addresses (`10.0.0.0/24`): answers all that wait and are called so."""
    reason: Words = Field("", max_length=2000)
    """Needed for not_ours and no_personal_data."""
    is_in_production: bool = True


class AnswerOut(BaseModel):
    """What came of an answer; only incidents that you see are named."""

    answer: str
    system: str
    revision: int
    """Of the inventory that knows the name."""
    names: int
    """How many names that waited it answered."""
    gained: list[str]
    """Open incidents that stand on the system now and were assessed again."""
    dismissed: list[str]
    """Incidents that were dismissed before this was known: look at them again."""
    closed: list[str]
    """Incidents that were closed; they are not changed."""


@api.get("", dependencies=[needs(Act.LOOK_AROUND)])
def list_for_programs(request: Request, here: Here, who: Who, limit: Limit = 200) -> list[UnknownNameOut]:
    """Names that wait for an answer, those that most alerts use first."""
    inventory = here.knowledge().inventory
    found = _waiting(here, who, limit)
    _note(here, who, request, (uses for _, uses in found), [])
    return [_out(one, uses, inventory) for one, uses in found]


def _out(one: Waiting, uses: Uses, inventory: Inventory) -> UnknownNameOut:
    return UnknownNameOut(
        id=one.id,
        kind=one.name.kind,
        name=one.name.value,
        alerts=one.alerts,
        first_seen_at=one.first_seen_at,
        last_seen_at=one.last_seen_at,
        sources=list(uses.sources),
        titles=list(uses.titles),
        incidents=list(uses.incidents),
        suggested_systems=list(suggested_systems(one.name, inventory)),
        suggested_pattern=pattern_for(one.name),
    )


@api.post("/{number}/answer", dependencies=[needs(Act.MANAGE_INVENTORY)])
def answer_by_api(number: Id, command: AnswerIn, request: Request, here: Here, who: Who) -> AnswerOut:
    """Say what it is; past alerts are placed again, and open incidents assessed again."""
    answer = Answer(
        command.answer, command.system, command.title, tuple(command.activities), command.pattern, command.reason,
        command.is_in_production,
    )  # fmt: skip
    made = here.database.write(
        lambda session: answer_unknown(session, who.actor, number, answer, here.knowledge(), here.now())
    )
    with here.database.reading() as session:
        given = unknown_answers.one(session, made, visibility_for(who, here))
    if given is None:
        raise NotFound(N_("this name waits for no answer any more: somebody may have answered it meanwhile"))
    _note(here, who, request, [], [given])
    return _given_out(given)


def _given_out(given: Given) -> AnswerOut:
    ended = {
        status: [one.reference for one in given.ended if one.status == status] for status in ("dismissed", "closed")
    }
    return AnswerOut(
        answer=given.answer, system=given.system, revision=given.revision, names=given.names,
        gained=[one.reference for one in given.gained], **ended,
    )  # fmt: skip
