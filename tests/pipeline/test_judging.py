"""What an incident means, judged again whenever something changes: dates, duties, and how little is said about it."""

from datetime import timedelta
from typing import Any

import pytest

from breach_service.acts import content
from breach_service.acts import incidents as acts
from breach_service.acts.incidents import Awareness, Declaration, FactCommand
from breach_service.app import OPERATOR, Service
from breach_service.catalog import Catalogue, catalogue_from
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.assessment import Duty
from breach_service.domain.conditions import NumberRange
from breach_service.domain.deadlines import DutyKind
from breach_service.domain.facts import Provenance, Scope, ScopeKind
from breach_service.domain.incident import EntryKind, IncidentStatus
from breach_service.domain.inventory import Client, ClientActivity, Contract
from breach_service.domain.rules import RiskInterval, RiskLevel
from breach_service.errors import NotFound
from breach_service.store import incidents as stored
from breach_service.store.database import Session
from breach_service.store.tables import OutboxRow, TimelineEntryRow
from tests.deciders import DPO
from tests.pipeline.incoming import SCAN, WEB_SHELL, Incoming

RESPONDER = Actor("Yanis Ferrachat", UserRole.RESPONDER)
HOUR = timedelta(hours=1)
LOSSES = ("loss.confidentiality", "loss.integrity", "loss.availability")
OBLIGATION_KINDS = (EntryKind.OBLIGATION_ARISEN, EntryKind.OBLIGATION_CHANGED, EntryKind.OBLIGATION_WITHDRAWN)


def establish(incoming: Incoming, name: str, raw: object, scope: Scope | None = None) -> None:
    incoming.act(acts.record_fact, RESPONDER, FactCommand(name, raw, scope or Scope(), "Seen in the log."))


def activate(service: Service, catalogue: Catalogue) -> None:
    service.database.write(lambda session: content.activate_content(session, OPERATOR, catalogue, service.now()))


def changed_content(service: Service, path: str, old: str, new: str) -> Catalogue:
    documents = dict(service.knowledge().catalogue.documents)
    assert old in documents[path]
    reading = catalogue_from({**documents, path: documents[path].replace(old, new)})
    assert reading.catalogue is not None, reading.faults
    return reading.catalogue


def test_every_date_is_provisional_until_somebody_says_that_we_are_aware(incoming: Incoming, clock: Any) -> None:
    """Counted from the first alert: 72 h for the authority and the clients, less where a contract says so."""
    incoming.alert(WEB_SHELL)
    dossier = incoming.dossier()
    assert all(one.is_provisional for one in dossier.obligations)
    hours = {one.recipient: one.due_at and (one.due_at - clock.at) / HOUR for one in dossier.obligations}
    assert hours == {
        "cnil": 72, "persons": None, "register": None, "client:atelier-exemple": 72, "client:commune-exemple": 72,
        "client:mutuelle-exemple": 48, "client:kilbride-example": 24,
    }  # fmt: skip
    assert {one.advice for one in dossier.obligations} == {Duty.UNDECIDED}


def test_awareness_moves_the_dates_and_makes_them_real(incoming: Incoming, clock: Any) -> None:
    """The authority's clock counts from awareness, the clients' from the discovery of the flaw."""
    incoming.alert(WEB_SHELL)
    clock.at += 10 * HOUR
    aware_at, discovered_at = clock.at - HOUR, clock.at - 3 * HOUR
    incoming.act(acts.record_awareness, RESPONDER, Awareness(aware_at, "Accounts were read.", discovered_at))
    assert not any(one.is_provisional for one in incoming.dossier().obligations)
    assert incoming.owed_to("cnil").due_at == aware_at + 72 * HOUR
    assert incoming.owed_to("client:commune-exemple").due_at == discovered_at + 72 * HOUR
    assert incoming.owed_to("client:kilbride-example").due_at == discovered_at + 24 * HOUR
    assert incoming.incident().status is IncidentStatus.ASSESSING


def test_a_later_word_on_awareness_corrects_the_former_one(incoming: Incoming, clock: Any) -> None:
    """Both stay recorded; the later one counts."""
    incoming.alert(WEB_SHELL)
    clock.at += 10 * HOUR
    for hours in (1, 5):
        incoming.act(acts.record_awareness, RESPONDER, Awareness(clock.at - hours * HOUR, "As the log shows."))
    assert incoming.owed_to("cnil").due_at == clock.at + 67 * HOUR
    assert len(incoming.dossier().instants) == 2


def test_awareness_of_one_part_leaves_the_others_provisional(incoming: Incoming, clock: Any) -> None:
    """Known for one client only."""
    incoming.alert(WEB_SHELL)
    awareness = Awareness(clock.at, "Their data were found.", perimeter="client:mutuelle-exemple")
    incoming.act(acts.record_awareness, DPO, awareness)
    real = [one.recipient for one in incoming.dossier().obligations if not one.is_provisional]
    assert real == ["client:mutuelle-exemple"]


def test_an_alert_establishes_what_it_speaks_for_and_a_person_outweighs_it(incoming: Incoming) -> None:
    """Recorded once with its provenance; the person's word counts from then on."""
    incoming.alert(WEB_SHELL)
    incoming.alert(WEB_SHELL)
    said = [one for one in incoming.dossier().facts if one.name == "incident.compromise_suspected"]
    assert [(one.provenance, str(one.value)) for one in said] == [(Provenance.ALERT, "yes")]
    establish(incoming, "incident.compromise_suspected", "no")
    own = incoming.dossier().perimeter("own")
    assert own is not None
    assert (own.facts["incident.compromise_suspected"].value, own.duties.authority) == ("no", Duty.NOT_REQUIRED)


def test_what_signals_speak_for_is_recorded_once_whatever_its_type(sqlite_incoming: Incoming) -> None:
    """Also a set of words or a number: they are the same when the alert is said again."""
    service = sqlite_incoming.service
    former = "establishes: {incident.compromise_suspected: yes, incident.malicious: yes, loss.confidentiality: unknown}"
    later = "establishes: {incident.compromise_suspected: yes, incident.origins: [hacking], persons.number: 12..15}"
    activate(service, changed_content(service, "signals.yaml", former, later))
    for _ in range(3):
        sqlite_incoming.alert(WEB_SHELL)
    said = {(one.name, one.value) for one in sqlite_incoming.dossier().facts}
    assert len(sqlite_incoming.dossier().facts) == len(said)
    assert ("incident.origins", frozenset({"hacking"})) in said
    assert ("persons.number", NumberRange(12, 15)) in said


def test_facts_of_a_person_change_the_risk_and_the_duties(incoming: Incoming) -> None:
    """A loss that is certain makes the register and the clients certain; proof that nobody read ends the risk."""
    incoming.alert(WEB_SHELL)
    assert {one.advice for one in incoming.dossier().obligations} == {Duty.UNDECIDED}
    establish(incoming, "loss.confidentiality", "yes")
    assert incoming.owed_to("register").advice is Duty.REQUIRED
    assert incoming.owed_to("client:commune-exemple").advice is Duty.REQUIRED
    assert incoming.owed_to("cnil").advice is Duty.UNDECIDED
    for name in ("loss.integrity", "loss.availability"):
        establish(incoming, name, "no")
    establish(incoming, "exfiltration.state", "excluded")
    establish(incoming, "exfiltration.evidence_complete", "yes")
    establish(incoming, "recipients.kind", "nobody")
    dossier = incoming.dossier()
    assert dossier.assessment.risk == RiskInterval(RiskLevel.UNLIKELY, RiskLevel.UNLIKELY)
    assert {one.recipient for one in dossier.obligations if one.withdrawn_at} == {"cnil", "persons"}
    with incoming.service.database.reading() as session:
        (summary,) = stored.summaries(session)
    assert (summary.personal_data, summary.risk_least, summary.risk_most) == ("yes", "unlikely", "unlikely")


def test_what_is_excluded_is_withdrawn_and_comes_back_when_it_is_recorded_again(incoming: Incoming, clock: Any) -> None:
    """Withdrawn, never deleted; the same obligation with its terms runs again."""
    incoming.alert(WEB_SHELL)
    before = {one.id: one for one in incoming.dossier().obligations}
    clock.at += HOUR
    for name in (*LOSSES, "flaw.confirmed"):
        establish(incoming, name, "no")
    excluded = incoming.dossier().obligations
    assert {one.id for one in excluded} == set(before)
    assert {one.withdrawn_at for one in excluded} == {clock.at}
    clock.at += HOUR
    establish(incoming, "loss.confidentiality", "yes")
    back = incoming.dossier().obligations
    assert {one.id for one in back} == set(before)
    assert {one.withdrawn_at for one in back} == {None}
    assert all(one.terms == before[one.id].terms and one.due_at == before[one.id].due_at for one in back)


def test_a_system_that_joins_brings_its_clients_and_obligations(incoming: Incoming) -> None:
    """An alert that names two systems widens the incident of the first."""
    incoming.alert({**WEB_SHELL, "host": "web-01"})
    assert {one.duty for one in incoming.dossier().obligations} == {
        DutyKind.AUTHORITY, DutyKind.PERSONS, DutyKind.REGISTER,
    }  # fmt: skip
    incoming.alert({**WEB_SHELL, "host": ["web-01", "db-01"], "id": "both"})
    assert incoming.incident().systems == ("public-website", "database")
    assert sum(one.duty is DutyKind.CLIENT for one in incoming.dossier().obligations) == 4


def test_terms_once_copied_stay_when_the_content_changes(incoming: Incoming, clock: Any) -> None:
    """72 h may become 96 h one day: what runs keeps 72 h, what comes afterwards gets 96 h."""
    incoming.alert(WEB_SHELL)
    service = incoming.service
    activate(service, changed_content(service, "regimes/gdpr-art33-authority.yaml", "hours: 72", "hours: 96"))
    clock.at += 2 * HOUR
    establish(incoming, "loss.confidentiality", "yes")
    aware_at = clock.at
    incoming.act(acts.record_awareness, DPO, Awareness(aware_at, "Seen."))
    held = incoming.owed_to("cnil")
    assert (held.terms.hours, held.due_at) == (72, aware_at + 72 * HOUR)
    incoming.alert({**WEB_SHELL, "id": "later", "host": "db-01"})
    later = incoming.owed_to("cnil", "INC-2026-0002")
    assert (later.terms.hours, later.due_at) == (96, clock.at + 96 * HOUR)


def test_a_regime_that_is_not_in_force_yet_makes_no_obligation(incoming: Incoming) -> None:
    """On the day of its trigger."""
    service = incoming.service
    activate(service, changed_content(service, "regimes/client-notice.yaml", "from: 2024-10-18", "from: 2027-01-01"))
    incoming.alert(WEB_SHELL)
    assert not any(one.duty is DutyKind.CLIENT for one in incoming.dossier().obligations)


def test_dismissing_withdraws_everything_in_one_act(incoming: Incoming, clock: Any) -> None:
    """One instant, and one line for each regime and date, not for each recipient."""
    incoming.alert(WEB_SHELL)
    before = incoming.kinds()
    clock.at += HOUR
    incoming.act(acts.dismiss, DPO, "A test, announced on Friday.")
    assert {one.withdrawn_at for one in incoming.dossier().obligations} == {clock.at}
    told = incoming.kinds()[len(before) :]
    assert told[0] is EntryKind.STATUS_CHANGED
    assert set(told[1:]) == {EntryKind.OBLIGATION_WITHDRAWN}
    assert len(told) == 1 + 6, "register, authority and persons; clients of 24, 48 and 72 hours"


def test_nothing_is_written_when_nothing_changed(incoming: Incoming, clock: Any) -> None:
    """Repeats of an alert leave the chronology, the obligations and the assessment as they are."""
    incoming.alert(WEB_SHELL)
    digest, entries = digest_of(incoming), incoming.count(TimelineEntryRow)
    obligations = incoming.dossier().obligations
    for _ in range(3):
        clock.at += timedelta(minutes=1)
        incoming.alert(WEB_SHELL, {**SCAN, "id": "scan"})
    assert incoming.incident().alerts == 7
    assert incoming.count(TimelineEntryRow) == entries
    assert incoming.dossier().obligations == obligations
    assert digest_of(incoming) == digest


def test_the_same_fact_said_again_changes_no_duty(incoming: Incoming) -> None:
    """The fact itself is a line of the chronology; nothing else follows from it."""
    incoming.alert(WEB_SHELL)
    establish(incoming, "loss.confidentiality", "yes")
    before = incoming.kinds()
    establish(incoming, "loss.confidentiality", "yes")
    assert incoming.kinds()[len(before) :] == [EntryKind.FACT_RECORDED]


def digest_of(incoming: Incoming) -> str:
    with incoming.service.database.reading() as session:
        return stored.row_of(session, "INC-2026-0001").assessment_digest


def test_three_hundred_clients_make_few_lines_and_one_card(incoming: Incoming, clock: Any) -> None:
    """A system that everybody shares: 300 obligations, told by regime and date."""
    service = incoming.service
    clients = tuple(
        Client(
            id=f"client-{number}", name=f"Client {number}", contract=Contract(notice_hours=48 if number % 3 else None),
            activities=(ClientActivity(activity="training-attendance", number_of_persons=(10, 10)),),
        )
        for number in range(300)
    )  # fmt: skip
    inventory = service.knowledge().inventory.model_copy(update={"clients": clients})
    service.database.write(lambda session: content.import_inventory(session, OPERATOR, inventory, clock.at))
    incoming.alert(WEB_SHELL)
    dossier = incoming.dossier()
    assert sum(one.duty is DutyKind.CLIENT for one in dossier.obligations) == 300
    assert sum(one.kind in OBLIGATION_KINDS for one in dossier.timeline) == 5, "three of ours, clients of 48 and 72 h"
    assert incoming.count(OutboxRow) == 1
    incoming.act(acts.record_awareness, DPO, Awareness(clock.at, "Seen."))
    changed = [one for one in incoming.dossier().timeline if one.kind is EntryKind.OBLIGATION_CHANGED]
    assert len(changed) == 5
    assert incoming.count(OutboxRow) == 1


def test_an_incident_without_a_known_system_leaves_everything_open(incoming: Incoming) -> None:
    """An unknown is never a no: our own duties exist, undecided."""
    incoming.alert({**WEB_SHELL, "host": "unheard-of-01"})
    dossier = incoming.dossier()
    assert (dossier.incident.systems, dossier.assessment.personal_data) == ((), "unknown")
    assert {one.recipient for one in dossier.obligations} == {"cnil", "persons", "register"}


@pytest.mark.parametrize(("said", "found"), [("yes", "yes"), ("no", "unknown"), ("unknown", "unknown")])
def test_what_a_person_declares_of_personal_data_counts(sqlite_incoming: Incoming, said: str, found: str) -> None:
    """Where the inventory knows nothing of what was touched; a “no” is kept as their word and stops no clock."""
    service = sqlite_incoming.service
    command = Declaration("A folder was left in the train.", personal_data=said)
    reference = service.database.write(
        lambda session: acts.declare(session, RESPONDER, command, service.knowledge(), service.now())
    )
    dossier = sqlite_incoming.dossier(reference)
    assert dossier.assessment.personal_data == found
    assert (dossier.timeline[0].words or {})["personal_data"] == said
    assert {one.recipient for one in dossier.obligations} == {"cnil", "persons", "register"}


def test_a_system_without_personal_data_owes_nothing(incoming: Incoming) -> None:
    """The firewall carries no processing activity: an incident, and no obligation."""
    incoming.alert({**WEB_SHELL, "host": "fw-01"})
    assert incoming.incident().systems == ("firewall",)
    assert incoming.dossier().obligations == ()


def test_a_client_for_which_nothing_was_lost_is_owed_nothing(incoming: Incoming) -> None:
    """A narrower fact withdraws one client's notice and leaves the others; a flaw that may be there keeps it owed."""
    incoming.alert(WEB_SHELL)
    for loss in LOSSES:
        establish(incoming, loss, "no", Scope(ScopeKind.CLIENT, "*/mutuelle-exemple"))
    assert not [one for one in incoming.dossier().obligations if one.withdrawn_at]
    establish(incoming, "flaw.confirmed", "no", Scope(ScopeKind.CLIENT, "*/mutuelle-exemple"))
    withdrawn = [one.recipient for one in incoming.dossier().obligations if one.withdrawn_at]
    assert withdrawn == ["client:mutuelle-exemple"]


def test_titles_are_closed_words_and_systems(incoming: Incoming) -> None:
    """Never what a sender wrote; the weightiest signal names the incident."""
    incoming.alert({**WEB_SHELL, "signal": "anomaly", "title": "Marie Curie logged in"})
    assert incoming.incident().title == "Comportement anormal : Application (la solution)"
    incoming.alert({**WEB_SHELL, "id": "b"})
    assert incoming.incident().title == "Porte dérobée web : Application (la solution)"


def test_a_dossier_says_what_is_missing(incoming: Incoming) -> None:
    """No such incident; an organisation that has left the inventory."""
    with pytest.raises(NotFound, match="INC-2026-0009"):
        incoming.dossier("INC-2026-0009")
    incoming.alert(WEB_SHELL)
    service = incoming.service

    def rename(session: Session) -> None:
        row = stored.row_of(session, "inc-2026-0001")
        row.organisation = "merged-away"
        session.add(row)

    service.database.write(rename)
    with pytest.raises(NotFound, match="merged-away"):
        incoming.dossier()
