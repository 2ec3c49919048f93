"""The page of the content: what is in force since when and by whom, what the files on disk would change, the button."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from breach_service.acts import content as acts
from breach_service.acts.content import OnDisk
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act
from breach_service.domain.differences import Comparison
from breach_service.errors import N_, InvalidCommand
from breach_service.store import activations
from breach_service.web import views
from breach_service.web.context import Context, Here, Who
from breach_service.web.forms import Posted, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import language_of, may_of, page, said_to
from breach_service.web.seeing import note_shown

router = APIRouter(include_in_schema=False)
SEEN_OTHERWISE = N_(
    "what would change is no longer what you were shown: another version, another inventory or other incidents; "
    "look at the list below again"
)


@router.get("/content", dependencies=[needs(Act.LOOK_AROUND)])
def show_content(request: Request, here: Here, who: Who) -> HTMLResponse:
    """The version in force, the files on disk, and the incidents that they would judge differently."""
    disk = here.on_disk()
    return _answer(request, here, disk, compared_with(here, who, disk, request))


@router.post("/content", dependencies=[needs(Act.ACTIVATE_CONTENT)])
def activate(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Put the files on disk in force, exactly as they were compared on the page."""
    disk = here.on_disk()
    comparison = compared_with(here, who, disk, request)
    try:
        activate_as_seen(here, who, disk, comparison, text_in(form, "comparison"))
    except InvalidCommand as error:
        return _answer(request, here, disk, comparison, said_to(request, error), 422)
    return RedirectResponse("/content?done=recorded", 303)


def compared_with(here: Context, who: SignedIn, disk: OnDisk, request: Request) -> Comparison | None:
    """What the files on disk would change; None where they have faults. The reading is written down."""
    if disk.catalogue is None or disk.faults:
        return None
    with here.database.reading() as session:
        found = acts.preview(session, who.actor, disk.catalogue, here.knowledge(), here.now())
    note_shown(here, who, request, (one.reference for one in found.incidents))
    return found


def activate_as_seen(here: Context, who: SignedIn, disk: OnDisk, comparison: Comparison | None, seen: str) -> bool:
    """Put the content in force if what a person saw is what it would change now; InvalidCommand otherwise."""
    catalogue = disk.ready()
    if comparison is not None and acts.digest_of(comparison) != seen:
        raise InvalidCommand(SEEN_OTHERWISE)
    return here.database.write(
        lambda session: acts.activate_content(session, who.actor, catalogue, here.now(), comparison)
    )


def _answer(
    request: Request, here: Context, disk: OnDisk, comparison: Comparison | None, error: str = "", status: int = 200
) -> HTMLResponse:  # fmt: skip
    with here.database.reading() as session:
        versions = activations.versions(session)
    knowledge = here.knowledge()
    held = disk.catalogue.rules if disk.catalogue else ()
    rules = {one.id: one.title for one in (*knowledge.catalogue.rules, *held)}
    digest = acts.digest_of(comparison) if comparison is not None else ""
    names = {one.id: one.name for one in knowledge.inventory.clients}
    language, may, now = language_of(request), may_of(request), here.now()
    view = views.content_page(
        versions, comparison, digest, disk.faults, rules, names, language, may, now, error
    )  # fmt: skip
    return page(request, "content.html", "", view, status=status)
