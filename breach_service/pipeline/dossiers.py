"""Read everything about one incident as one value, judged on what is known now."""

from breach_service.domain.dossier import Dossier
from breach_service.domain.neighbours import references_of, without
from breach_service.errors import NotFound
from breach_service.pipeline.judging import assessment_of
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import alerts, deciding, incidents, merging, neighbours, obligations, records, timeline
from breach_service.store.database import Session
from breach_service.store.sight import FULL, Visibility


def dossier_of(
    session: Session, reference: str, knowledge: Knowledge, visibility: Visibility = FULL
) -> Dossier:  # fmt: skip
    """The dossier of a reference; NotFound where there is no such incident, or it is not seen.

    It names no other incident that is not seen either.
    """
    incident = incidents.incident_of(incidents.row_of(session, reference, visibility))
    organisation = next((one for one in knowledge.inventory.organisations if one.id == incident.organisation), None)
    if organisation is None:
        raise NotFound(
            f"the organisation {incident.organisation} of {reference} has left the inventory: import it again"
        )
    facts = records.facts_of(session, incident.id)
    owed = obligations.of_incident(session, incident.id)
    dossier = Dossier(
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
        positions=deciding.positions_of(session, incident.id),
    )
    if visibility.is_full:
        return dossier
    unseen = neighbours.unseen_among(session, references_of(dossier), visibility)
    return without(dossier, unseen) if unseen else dossier
