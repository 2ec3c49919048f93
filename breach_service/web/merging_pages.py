"""What people post about two incidents: that they are one, or that they are not."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from breach_service.acts import merging as acts
from breach_service.domain.access import Act
from breach_service.errors import N_, InvalidCommand
from breach_service.web.context import Here, Id, Who
from breach_service.web.forms import Posted, text_in
from breach_service.web.needs import needs

router = APIRouter(include_in_schema=False)


@router.post("/incidents/{reference}/merge", dependencies=[needs(Act.MERGE)])
def merge(reference: str, here: Here, who: Who, form: Posted) -> Response:
    """Merge two incidents and show the one that goes on."""
    other, goes_on = text_in(form, "other").upper(), text_in(form, "goes_on")
    if goes_on not in ("here", "there") or not other:
        raise InvalidCommand(N_("choose the other incident, and under which reference it goes on"))
    gone, kept = (other, reference) if goes_on == "here" else (reference, other)
    reason = text_in(form, "reason")
    here.database.write(
        lambda session: acts.merge(session, who.actor, gone, kept, reason, here.knowledge(), here.now())
    )
    return RedirectResponse(f"/incidents/{kept}?done=recorded", 303)


@router.post("/incidents/{reference}/merge-proposals/{number}/decline", dependencies=[needs(Act.MERGE)])
def decline(reference: str, number: Id, here: Here, who: Who, form: Posted) -> Response:
    """Keep two incidents apart."""
    reason = text_in(form, "reason")
    here.database.write(lambda session: acts.keep_apart(session, who.actor, reference, number, reason, here.now()))
    return RedirectResponse(f"/incidents/{reference}?done=recorded", 303)
