"""Read everything about one incident as one value, judged on what is known now."""

from breach_service.domain.dossier import Dossier
from breach_service.errors import NotFound
from breach_service.pipeline.judging import assessment_of
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import alerts, incidents, merging, obligations, records, timeline
from breach_service.store.database import Session


def dossier_of(session: Session, reference: str, knowledge: Knowledge) -> Dossier:
    """The dossier of a reference; NotFound where there is no such incident."""
    incident = incidents.incident_of(incidents.row_of(session, reference))
    organisation = next((one for one in knowledge.inventory.organisations if one.id == incident.organisation), None)
    if organisation is None:
        raise NotFound(
            f"the organisation {incident.organisation} of {reference} has left the inventory: import it again"
        )
    facts = records.facts_of(session, incident.id)
    owed = obligations.of_incident(session, incident.id)
    return Dossier(
        incident=incident,
        organisation=organisation,
        inventory=knowledge.inventory,
        assessment=assessment_of(incident, facts, knowledge),
        episodes=alerts.episodes_of(session, incident.id),
        instants=records.instants_of(session, incident.id),
        facts=facts,
        obligations=owed,
        filings=(
            *merging.filings_carried_over(session, incident.id, owed),
            *obligations.filings_of(session, incident.id),
        ),
        timeline=timeline.entries_of(session, incident.id),
    )
