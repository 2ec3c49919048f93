"""Evidence on pages: each piece with its handlings, the forms that write them down, and the content taken out."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData, UploadFile

from breach_service.acts.signing.signing_in import SignedIn
from breach_service.acts.work import evidence as acts
from breach_service.acts.work.evidence import NewEvidence, NewHandling
from breach_service.domain.access import Act, AuditKind
from breach_service.domain.evidence import Evidence, HandlingKind
from breach_service.errors import N_, InvalidCommand
from breach_service.store import evidence, incidents
from breach_service.store.database import Session
from breach_service.web.context import Context, Here, Id, Who, context_of
from breach_service.web.forms import Posted, needed_instant, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import may_of, page, said_to, zone_of
from breach_service.web.seeing import note_reading, seen_dossier, visibility_for
from breach_service.web.views.evidence import EVIDENCE_FIELDS, HANDLING_FIELDS, evidence_page

router = APIRouter(include_in_schema=False)
uploads = APIRouter(include_in_schema=False)
"""Takes larger requests than the others."""


@router.get("/incidents/{reference}/evidence", dependencies=[needs(Act.LOOK)])
def show_evidence(reference: str, request: Request, here: Here, who: Who) -> HTMLResponse:
    """The evidence of one incident."""
    return _answer(request, here, who, reference)


def _answer(
    request: Request, here: Context, who: SignedIn, reference: str, form: FormData | None = None, error: str = "",
    handling: int = 0,
) -> HTMLResponse:  # fmt: skip
    dossier = seen_dossier(here, who, request, reference)
    with here.database.reading() as session:
        pieces = evidence.of_incident(session, here.cipher, dossier.incident.id)
    typed = {name: text_in(form, name) for name in {*EVIDENCE_FIELDS, *HANDLING_FIELDS}} if form is not None else None
    view = evidence_page(
        dossier, pieces, here.max_evidence_bytes, here.now(), may_of(request), typed=typed, error=error,
        handling=handling,
    )  # fmt: skip
    return page(request, "incident_evidence.html", "incidents", view, status=422 if error else 200)


async def handed_in(form: Posted, request: Request) -> tuple[str, str, bytes] | None:
    """Name, media type and content of the file of a form, at most one byte more than may be; None without one."""
    given = form.get("file")
    if not isinstance(given, UploadFile) or not given.filename:
        return None
    try:
        content = await given.read(context_of(request).max_evidence_bytes + 1)
    finally:
        await given.close()
    return given.filename, given.content_type or "", content


@uploads.post("/incidents/{reference}/evidence", dependencies=[needs(Act.KEEP_EVIDENCE)])
def record_evidence(
    reference: str, request: Request, here: Here, who: Who, form: Posted,
    given: Annotated[tuple[str, str, bytes] | None, Depends(handed_in)],
) -> Response:  # fmt: skip
    """Write a piece of evidence down, with its content or with its digest alone."""
    now = here.now()

    def work(session: Session) -> None:
        wanted = _evidence_in(form, here, given)
        acts.record_evidence(session, who.actor, reference, wanted, here.cipher, here.max_evidence_bytes, now)

    try:
        here.database.write(work)
    except InvalidCommand as error:
        return _answer(request, here, who, reference, form, said_to(request, error))
    return RedirectResponse(f"/incidents/{reference.upper()}/evidence?done=recorded", 303)


def _evidence_in(form: FormData, here: Context, given: tuple[str, str, bytes] | None) -> NewEvidence:
    name, media_type, content = given if given is not None else ("", "", None)
    return NewEvidence(
        what=text_in(form, "what"),
        place=text_in(form, "place"),
        method=text_in(form, "method"),
        collected_at=needed_instant(form, "collected_at", zone_of(here)),
        collected_by=text_in(form, "collected_by"),
        digest=text_in(form, "digest"),
        content=content,
        file_name=name,
        media_type=media_type,
        kept_at=text_in(form, "kept_at"),
    )


@router.post("/incidents/{reference}/evidence/{number}/handlings", dependencies=[needs(Act.KEEP_EVIDENCE)])
def record_handling(reference: str, number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Write down what was done with a piece of evidence."""
    now = here.now()

    def work(session: Session) -> None:
        acts.record_handling(session, who.actor, reference, number, _handling_in(form, here), here.cipher, now)

    try:
        here.database.write(work)
    except InvalidCommand as error:
        return _answer(request, here, who, reference, form, said_to(request, error), number)
    return RedirectResponse(f"/incidents/{reference.upper()}/evidence?done=recorded#evidence-{number}", 303)


def _handling_in(form: FormData, here: Context) -> NewHandling:
    kind = text_in(form, "kind")
    if kind not in tuple(HandlingKind):
        raise InvalidCommand(N_("say what was done with it"))
    return NewHandling(
        HandlingKind(kind), text_in(form, "why"), needed_instant(form, "at", zone_of(here)), text_in(form, "by"),
        text_in(form, "whom"), text_in(form, "digest"),
    )  # fmt: skip


@router.get("/incidents/{reference}/evidence/{number}/file", dependencies=[needs(Act.READ_EVIDENCE)])
def take_out(reference: str, number: Id, request: Request, here: Here, who: Who) -> Response:
    """The content as it was handed in; its digest was checked, and the reading is written down before it is given."""
    return content_for(request, here, who, reference, number)


def content_for(request: Request, here: Context, who: SignedIn, reference: str, number: int) -> Response:
    """The content of a piece of evidence as an attachment, after the reading was written down."""
    with here.database.reading() as session:
        incident_id = incidents.row_of(session, reference, visibility_for(who, here)).id
        evidence.one_of(session, here.cipher, incident_id or 0, number)
    note_reading(here, who, request, AuditKind.READ_EVIDENCE, f"evidence:{number}", incident_id)
    with here.database.reading() as session:
        piece, content = acts.content_of_evidence(session, who.actor, reference, number, here.cipher, here.now())
    return Response(content, media_type="application/octet-stream", headers=_headers(piece))


def _headers(piece: Evidence) -> dict[str, str]:
    """It is saved, never shown; its digest comes with it (RFC 9530 has base64, tools compare hex)."""
    name = piece.file_name.replace("\\", "/").rpartition("/")[2] or f"evidence-{piece.id}"
    return {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "x-sha256": piece.digest,
        "cache-control": "no-store",
    }
