"""The report of an exercise for one reader."""

from fastapi import Request

from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.drills import DrillReport, report_of
from breach_service.pipeline.opening import SERVICE
from breach_service.store import drills
from breach_service.web.context import Context
from breach_service.web.seeing import seen_dossier, visibility_for


def seen_report(here: Context, who: SignedIn, request: Request, reference: str) -> DrillReport:
    """How an exercise goes or went; NotFound where there is none that the reader sees."""
    dossier = seen_dossier(here, who, request, reference)
    with here.database.reading() as session:
        drill = drills.one(session, dossier.incident.reference, visibility_for(who, here))
    return report_of(drill, dossier.timeline, dossier.obligations, SERVICE, here.now())
