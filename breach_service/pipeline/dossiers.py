"""Read everything about one incident as one value, judged on what is known now."""

from datetime import datetime

from breach_service.domain.dossier import Dossier
from breach_service.domain.neighbours import references_of, without
from breach_service.errors import NotFound
from breach_service.pipeline.judging import assessment_of
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.standing import as_it_stood
from breach_service.store import (
    alerts,
    clocks,
    deciding,
    incidents,
    measures,
    merging,
    neighbours,
    obligations,
    records,
    timeline,
)
from breach_service.store.database import Session
from breach_service.store.sight import FULL, Visibility


def dossier_of(
    session: Session, reference: str, knowledge: Knowledge, visibility: Visibility = FULL, now: datetime | None = None
) -> Dossier:  # fmt: skip
    """The dossier of a reference; NotFound where there is no such incident, or it is not seen.

    It names no other incident that is not seen either. Its inventory is the one that stood while the breach lasted:
    until `now` for an open incident; None takes the instant of the look, or else that of the last alert.
    """
    row = incidents.row_of(session, reference, visibility)
    incident = incidents.incident_of(row)
    organisation = next((one for one in knowledge.inventory.organisations if one.id == incident.organisation), None)
    if organisation is None:
        raise NotFound(
            f"the organisation {incident.organisation} of {reference} has left the inventory: import it again"
        )
    facts, instants = records.facts_of(session, incident.id), records.instants_of(session, incident.id)
    at = max(now or visibility.at, row.opened_at, row.last_alert_at)
    stood = as_it_stood(session, row, instants, facts, knowledge, at)
    owed = obligations.of_incident(session, incident.id)
    dossier = Dossier(
        incident=incident,
        organisation=organisation,
        inventory=stood.inventory,
        assessment=assessment_of(incident, facts, stood),
        episodes=alerts.episodes_of(session, incident.id),
        instants=instants,
        facts=facts,
        obligations=owed,
        filings=(
            *merging.filings_carried_over(session, incident.id, owed),
            *obligations.filings_of(session, incident.id),
        ),
        timeline=timeline.entries_of(session, incident.id),
        positions=deciding.positions_of(session, incident.id),
        measures=measures.of_incident(session, incident.id),
        delay_reasons=clocks.delay_reasons_of(session, incident.id),
        proposals=clocks.proposals_of(session, incident.id),
    )
    if visibility.is_full:
        return dossier
    unseen = neighbours.unseen_among(session, references_of(dossier), visibility)
    return without(dossier, unseen) if unseen else dossier
