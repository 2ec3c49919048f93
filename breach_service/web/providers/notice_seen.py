"""What the page of an incident shows of its providers."""

from fastapi import Request

from breach_service.domain.dossier import Dossier
from breach_service.store import provider_notices
from breach_service.web.context import Context
from breach_service.web.rendered import language_of
from breach_service.web.views.provider_notices import NoticeLine, notice_line


def told_by(here: Context, request: Request, dossier: Dossier) -> tuple[NoticeLine, ...]:
    """The notices of providers about an incident that the reader sees, the latest first."""
    with here.database.reading() as session:
        found = provider_notices.of_incident(session, dossier.incident.id)
    inventory, language, now = here.knowledge().inventory, language_of(request), here.now()
    return tuple(notice_line(one, inventory, language, now) for one in found)
