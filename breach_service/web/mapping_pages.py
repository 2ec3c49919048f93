"""The page on which a sender's own format is taught, and what people post from it: try, keep, bring along, remove."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from breach_service.acts import senders
from breach_service.catalog.mappings import read_mapping, written
from breach_service.domain.access import Act, AuditKind, is_allowed
from breach_service.errors import N_, InvalidCommand, NotFound, UnreadablePayload
from breach_service.sources.mapped.reading import Mapping, MappingFaults, Trial, mapping_from, try_mapping
from breach_service.sources.parts.payload import records_of, text_of_body
from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery
from breach_service.store import alerts, inbox, sources
from breach_service.store.inbox import Quarantined
from breach_service.store.sight import Visibility
from breach_service.web import views
from breach_service.web.context import Context, Here, Who
from breach_service.web.forms import Posted, text_in
from breach_service.web.needs import needs
from breach_service.web.pages import MOST_QUARANTINED
from breach_service.web.rendered import language_of, may_of, page, said_to, words_of
from breach_service.web.seeing import note_reading, visibility_for

LONGEST_SAMPLE = 200_000
"""Characters of a sample."""
_EXPECTED = "JSON, a form, or lines of text"

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class _Draft:
    """What the page shows: what was typed, and what came of it."""

    typed: dict[str, str] = field(default_factory=dict)
    yaml: str = ""
    faults: tuple[tuple[str, str], ...] = ()
    trial: Trial | None = None
    error: str = ""


@router.get("/sources/{name}/mapping", dependencies=[needs(Act.LOOK_AROUND)])
def show_mapping(name: str, request: Request, here: Here, who: Who, sample: int | None = None) -> HTMLResponse:
    """How a sender is read, with a message of its own to point at where the reader may look at one."""
    stored, kept = _known(here, name)
    shown, seen = views.Sample(), visibility_for(who, here)
    if is_allowed(who.actor, Act.LOOK_AT_RAW):
        shown = _sample_kept(here, name, kept, sample, seen)
        if shown != views.Sample():
            what = f"sample:{name}" if shown.number is None else f"quarantine:{shown.number}"
            note_reading(here, who, request, AuditKind.READ_EVIDENCE, what)
    draft = _Draft()
    if stored is not None:
        mapping, faults = read_mapping(stored)
        typed = views.typed_from(mapping) if mapping else {}
        trial = try_mapping(mapping, shown.text.encode()) if mapping and shown.records else None
        draft = _Draft(typed, stored, tuple(("", one) for one in faults), trial)
    return _answer(name, request, here, draft, shown)


@router.post("/sources/{name}/mapping", dependencies=[needs(Act.LOOK_AROUND)])
def try_out(name: str, request: Request, here: Here, form: Posted) -> HTMLResponse:
    """What the sample becomes; nothing is kept."""
    return _answer(name, request, here, _tried(form), _sample_typed(form, here))


@router.post("/sources/{name}/mapping/keep", dependencies=[needs(Act.MANAGE_SOURCES)])
def keep(name: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Keep the mapping of the form, or show it again with what is wrong."""
    try:
        text = written(_mapping_typed(form))
    except MappingFaults:
        return _answer(name, request, here, _tried(form), _sample_typed(form, here), status=422)
    here.database.write(lambda session: senders.set_mapping(session, who.actor, name, text, here.now()))
    return RedirectResponse(f"/sources/{name}/mapping?done=recorded", 303)


@router.post("/sources/{name}/mapping/yaml", dependencies=[needs(Act.MANAGE_SOURCES)])
def keep_yaml(name: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Keep a mapping that was brought along as YAML."""
    text = _text_in(form, "yaml")
    try:
        here.database.write(lambda session: senders.set_mapping(session, who.actor, name, text, here.now()))
    except InvalidCommand as error:
        return _answer(
            name, request, here, _Draft(yaml=text, error=said_to(request, error)), views.Sample(), status=422
        )
    return RedirectResponse(f"/sources/{name}/mapping?done=recorded", 303)


@router.post("/sources/{name}/mapping/remove", dependencies=[needs(Act.MANAGE_SOURCES)])
def remove(name: str, here: Here, who: Who) -> Response:
    """Go back to what the kind of the sender says."""
    here.database.write(lambda session: senders.set_mapping(session, who.actor, name, None, here.now()))
    return RedirectResponse(f"/sources/{name}/mapping?done=recorded", 303)


@router.post("/sources/{name}/mapping/replay", dependencies=[needs(Act.REPLAY)])
def replay_all(name: str, here: Here, who: Who) -> Response:
    """Play every message of a sender again that was not understood."""
    waiting = [one.id for one in reversed(_known(here, name)[1])]  # the oldest first, as they came
    here.database.write(
        lambda session: senders.replay_several(session, who.actor, waiting, here.cipher, here.now())
    )  # fmt: skip
    return RedirectResponse(f"/sources/{name}?done=recorded", 303)


def _known(here: Context, name: str) -> tuple[str | None, list[Quarantined]]:
    """The mapping of a sender as it is stored, and its messages in quarantine that wait, newest first."""
    with here.database.reading() as session:
        row = sources.named(session, name)
        if row is None:
            raise NotFound(N_("there is no source %(name)s"), name=name)
        kept = inbox.quarantined(session, limit=MOST_QUARANTINED, source=name)
        return row.mapping, [one for one in kept if one.replayed_at is None]


def _kind_of(here: Context, name: str, language: str) -> str:
    with here.database.reading() as session:
        row = sources.named(session, name)
    return source_of(row.kind).title.in_language(language) if row else ""


def _sample_kept(
    here: Context, name: str, kept: Iterable[Quarantined], number: int | None, seen: Visibility
) -> views.Sample:
    """A message in quarantine: the one of that number, else the newest; else the newest of its alerts."""
    chosen = next((one.id for one in kept if number in (None, one.id)), None)
    if chosen is None:
        return _sample_stored(here, name, seen)
    with here.database.reading() as session:
        found = inbox.quarantined_body(session, here.cipher, chosen)
    if found is None:
        return views.Sample()
    head, headers, query, body = found
    delivery = Delivery(body, headers, query, head.received_at)
    try:
        text = text_of_body(delivery)
    except UnreadablePayload as error:
        return views.Sample(number=chosen, fault=str(error))
    return _sample(text.replace("\0", ""), delivery, chosen)


def _sample_stored(here: Context, name: str, seen: Visibility) -> views.Sample:
    """The newest message of a sender that became an alert which the reader sees."""
    with here.database.reading() as session:
        row = sources.named(session, name)
        sealed = alerts.newest_sample(session, row.id, seen) if row is not None and row.id is not None else None
    if sealed is None:
        return views.Sample()
    headers, query, body = inbox.opened(here.cipher, sealed)
    delivery = Delivery(body, headers, query, here.now())
    return _sample(text_of_body(delivery).replace("\0", ""), delivery, None)


def _sample_typed(form: FormData, here: Context) -> views.Sample:
    text = _text_in(form, "sample").strip()
    return _sample(text, Delivery(text.encode("utf-8", "replace"), {}, "", here.now()), None)


def _sample(text: str, delivery: Delivery, number: int | None) -> views.Sample:
    if not text.strip():
        return views.Sample(number=number)
    if len(text) > LONGEST_SAMPLE:
        sentence = f"a sample has at most {LONGEST_SAMPLE} characters: leave one alert in it"
        return views.Sample(text[:LONGEST_SAMPLE], number, (), sentence)
    try:
        return views.Sample(text, number, tuple(records_of(delivery, _EXPECTED)))
    except UnreadablePayload as error:
        return views.Sample(text, number, (), str(error))


def _typed_in(form: FormData) -> dict[str, str]:
    return {name: _text_in(form, name) for name in views.MAPPING_FIELDS}


def _text_in(form: FormData, name: str) -> str:
    """A field as it was written, with the line ends of a file."""
    value = form.get(name, "")
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def _mapping_typed(form: FormData) -> Mapping:
    """The mapping that a form means. Raises MappingFaults."""
    document, wrong = views.document_of(_typed_in(form))
    try:
        mapping = mapping_from(document)
    except MappingFaults as error:
        raise MappingFaults((*wrong, *error.faults)) from error
    if wrong:
        raise MappingFaults(tuple(wrong))
    return mapping


def _tried(form: FormData) -> _Draft:
    typed, sample = _typed_in(form), text_in(form, "sample")
    if not any(typed.values()):  # only the parts of the sample were asked for
        return _Draft(typed)
    try:
        mapping = _mapping_typed(form)
    except MappingFaults as error:
        return _Draft(typed, faults=error.faults)
    trial = try_mapping(mapping, sample.encode("utf-8", "replace")) if sample else None
    return _Draft(typed, written(mapping), trial=trial)


def _answer(
    name: str, request: Request, here: Context, draft: _Draft, sample: views.Sample, status: int = 200
) -> HTMLResponse:
    stored, waiting = _known(here, name)
    language = language_of(request)
    view = views.mapping_page(
        name, _kind_of(here, name, language), draft.typed, sample, draft.yaml or stored or "", words_of(here), language,
        may_of(request), has_mapping=stored is not None, waiting=len(waiting), faults=draft.faults, trial=draft.trial,
        error=draft.error,
    )  # fmt: skip
    return page(request, "mapping.html", "sources", view, status=status)
