"""Two incidents that a person says are one, or are not: nothing that people said or sent is lost on the way."""

from datetime import timedelta
from typing import Any

import pytest

from breach_service.acts import incidents as acts
from breach_service.acts.incidents import Awareness, Declaration, FactCommand, FilingCommand
from breach_service.acts.merging import keep_apart, merge
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.deadlines import state_of
from breach_service.domain.facts import Exposure, Scope, ScopeKind, facts_at
from breach_service.domain.incident import ClockState, EntryKind, IncidentStatus, InstantKind, instants_for
from breach_service.errors import InvalidCommand, NotAllowed, NotFound
from breach_service.store import merging
from breach_service.store.merging import Decision
from breach_service.store.tables import AlertRow
from tests.deciders import DPO, agree, approve
from tests.pipeline.incoming import Incoming

RESPONDER = Actor("Yanis Ferrachat", UserRole.RESPONDER)
HOUR = timedelta(hours=1)
FIRST, SECOND, THIRD = "INC-2026-0001", "INC-2026-0002", "INC-2026-0003"
WHY = "The same account was used in both."


def opened(incoming: Incoming, *hosts: str) -> None:
    """One incident for each host, in this order."""
    for host in hosts:
        incoming.alert({"title": "Web shell", "signal": "web_shell", "host": host, "id": f"shell-{host}"})


def propose(incoming: Incoming, one: int, other: int) -> int:
    """What grouping does where it finds something in common; the number of the proposal."""
    service = incoming.service
    service.database.write(lambda session: merging.grouping.propose_merge(session, one, other, service.now()))
    return max(row.id for row in proposals(incoming, one))


def proposals(incoming: Incoming, incident: int) -> tuple[merging.Proposal, ...]:
    with incoming.service.database.reading() as session:
        return merging.proposals_of(session, incident)


def decline(incoming: Incoming, number: int, reason: str = WHY, reference: str = FIRST) -> None:
    service = incoming.service
    service.database.write(lambda session: keep_apart(session, RESPONDER, reference, number, reason, service.now()))


def say(incoming: Incoming, reference: str, name: str, value: Any, scope: Scope | None = None) -> None:
    command = FactCommand(name, value, scope) if scope else FactCommand(name, value)
    incoming.act(acts.record_fact, RESPONDER, command, reference=reference)


def file(incoming: Incoming, reference: str, recipient: str) -> None:
    service, owed = incoming.service, incoming.owed_to(recipient, reference)
    approve(service, owed.id, lambda *_: "the text", incoming.now, reference=reference)
    command = FilingCommand(owed.id, incoming.now, "portal", "N-1")
    service.database.write(
        lambda session: acts.record_filing(
            session, DPO, reference, command, service.knowledge(), service.cipher, lambda *_: "the text", incoming.now
        )
    )


def words_of(incoming: Incoming, reference: str, kind: EntryKind) -> dict[str, str]:
    found = [one for one in incoming.dossier(reference).timeline if one.kind is kind]
    return dict(found[-1].words or {})


def test_two_incidents_become_one_with_a_reason_in_both(incoming: Incoming) -> None:
    """All alerts go on in one; who said so and why stands in both chronologies; nothing is owed twice."""
    opened(incoming, "app-01", "mail-01")
    incoming.act(merge, RESPONDER, FIRST, f"  {WHY} ", reference=SECOND)
    first, second = incoming.incidents()
    assert (first.status, second.status) == (IncidentStatus.ASSESSING, IncidentStatus.MERGED)
    assert (first.alerts, set(first.systems)) == (2, {"application", "mail"})
    assert {one.incident_id for one in incoming.rows(AlertRow)} == {first.id}
    merged = next(one for one in incoming.dossier(SECOND).timeline if one.kind is EntryKind.MERGED)
    assert (merged.actor, merged.words) == ("Yanis Ferrachat", {"into": FIRST, "reason": WHY})
    assert words_of(incoming, FIRST, EntryKind.TOOK_IN) == {"incident": SECOND, "reason": WHY}
    assert all(one.withdrawn_at for one in incoming.dossier(SECOND).obligations)
    assert any(one.withdrawn_at is None for one in incoming.dossier(FIRST).obligations)
    with incoming.service.database.reading() as session:
        assert merging.goes_on_as(session, second.id) == FIRST
        assert merging.goes_on_as(session, first.id) == ""


def test_the_earlier_awareness_counts(incoming: Incoming, clock: Any) -> None:
    """Whichever of the two knew first: the 72 hours of the one that goes on count from then, and a line says so."""
    opened(incoming, "app-01", "mail-01")
    early, late = clock.at - 5 * HOUR, clock.at - HOUR
    incoming.act(acts.record_awareness, DPO, Awareness(late, "Seen."), reference=FIRST)
    incoming.act(acts.record_awareness, DPO, Awareness(early, "Told."), reference=SECOND)
    incoming.act(merge, DPO, FIRST, WHY, reference=SECOND)
    aware = instants_for("", incoming.dossier(FIRST).instants)[InstantKind.AWARE_AT]
    assert (aware.at, aware.reason, aware.by) == (early, "Told.", "Camille Vauzelle")
    assert incoming.owed_to("cnil", FIRST).due_at == early + 72 * HOUR
    assert words_of(incoming, FIRST, EntryKind.INSTANT_RECORDED)["incident"] == SECOND


def test_a_later_awareness_moves_no_clock(incoming: Incoming, clock: Any) -> None:
    """The one that goes on knew first: its date stays."""
    opened(incoming, "app-01", "mail-01")
    early, late = clock.at - 5 * HOUR, clock.at - HOUR
    incoming.act(acts.record_awareness, DPO, Awareness(early, "Seen."), reference=FIRST)
    incoming.act(acts.record_awareness, DPO, Awareness(late, "Told."), reference=SECOND)
    incoming.act(merge, DPO, FIRST, WHY, reference=SECOND)
    assert instants_for("", incoming.dossier(FIRST).instants)[InstantKind.AWARE_AT].at == early


def test_what_was_said_of_one_system_stays_said_of_that_system(incoming: Incoming) -> None:
    """“Nothing was read there” is no word about the other system, in either direction."""
    opened(incoming, "app-01", "mail-01")
    say(incoming, FIRST, "loss.confidentiality", "no")
    say(incoming, SECOND, "loss.integrity", "no")
    incoming.act(merge, RESPONDER, FIRST, WHY, reference=SECOND)
    facts = incoming.dossier(FIRST).facts

    def value(name: str, system: str) -> str:
        said = facts_at(Exposure(system), facts).get(name)
        return str(said.value) if said else "unknown"

    found = (value("loss.confidentiality", "application"), value("loss.integrity", "mail"))
    assert found == ("no", "no")
    assert value("loss.confidentiality", "mail") != "no"
    assert value("loss.integrity", "application") != "no"


def test_of_the_same_systems_what_was_said_later_counts(incoming: Incoming, clock: Any) -> None:
    """A fact of both, and one of the incident that goes: recorded with who said it."""
    opened(incoming, "app-01")
    clock.at += timedelta(days=3)
    opened(incoming, "app-01")
    assert len(incoming.incidents()) == 2
    say(incoming, SECOND, "persons.number", "120")
    clock.at += HOUR
    say(incoming, FIRST, "persons.number", "90")
    say(incoming, SECOND, "loss.integrity", "yes", Scope(ScopeKind.SYSTEM, "application"))
    incoming.act(merge, RESPONDER, FIRST, WHY, reference=SECOND)
    counted = facts_at(Exposure("application"), incoming.dossier(FIRST).facts)
    assert (str(counted["persons.number"].value), str(counted["loss.integrity"].value)) == ("90", "yes")
    assert counted["loss.integrity"].by == "Yanis Ferrachat"
    assert words_of(incoming, FIRST, EntryKind.FACT_RECORDED)["incident"] == SECOND


def test_a_notice_that_was_sent_is_not_owed_a_second_time(incoming: Incoming) -> None:
    """It stays with the incident in which it was sent, counts in the one that goes on, and is named there."""
    opened(incoming, "app-01", "mail-01")
    file(incoming, SECOND, "cnil")
    incoming.act(merge, DPO, FIRST, WHY, reference=SECOND)
    owed = incoming.owed_to("cnil", FIRST)
    assert state_of(owed, incoming.now) is ClockState.FULFILLED
    assert words_of(incoming, FIRST, EntryKind.CARRIED_OVER)["incident"] == SECOND
    shown = incoming.dossier(FIRST).filing_for(owed)
    assert shown is not None
    assert (shown.receipt, shown.means) == ("N-1", "portal")
    assert [one.receipt for one in incoming.dossier(SECOND).filings] == ["N-1"]
    say(incoming, FIRST, "loss.confidentiality", "yes")
    assert state_of(incoming.owed_to("cnil", FIRST), incoming.now) is ClockState.FULFILLED


def test_a_notice_that_is_not_owed_any_more_is_not_asked_for_later(incoming: Incoming) -> None:
    """A client that was told keeps its fulfilled notice, also where the other incident never owed it."""
    opened(incoming, "app-01", "mail-01")
    sent = next(one for one in incoming.dossier(FIRST).obligations if one.recipient.startswith("client:"))
    file(incoming, FIRST, sent.recipient)
    incoming.act(merge, DPO, SECOND, WHY, reference=FIRST)
    found = [one for one in incoming.dossier(SECOND).obligations if one.key == sent.key]
    assert [state_of(one, incoming.now) for one in found] == [ClockState.FULFILLED]


def test_what_one_of_the_two_still_owed_is_asked_again(incoming: Incoming) -> None:
    """That a notice is not required was said of the smaller event: the clock of the other one goes on."""
    opened(incoming, "app-01", "mail-01")
    number = incoming.owed_to("cnil", FIRST).id
    incoming.act(acts.decide_not_required, DPO, number, "No risk.", reference=FIRST)
    agree(incoming.service, incoming.now, reference=FIRST)
    incoming.act(merge, DPO, FIRST, WHY, reference=SECOND)
    assert state_of(incoming.owed_to("cnil", FIRST), incoming.now) is ClockState.RUNNING


def test_a_confirmed_breach_stays_one(incoming: Incoming) -> None:
    """The incident that takes it in is confirmed and stands in the register."""
    opened(incoming, "app-01", "mail-01")
    incoming.act(acts.confirm, DPO, "Copied.", reference=SECOND)
    with pytest.raises(NotAllowed):
        incoming.act(merge, RESPONDER, FIRST, WHY, reference=SECOND)
    incoming.act(merge, DPO, FIRST, WHY, reference=SECOND)
    first = incoming.dossier(FIRST)
    assert first.incident.status is IncidentStatus.CONFIRMED
    assert first.incident.qualified_at is not None
    assert incoming.owed_to("register", FIRST).fulfilled_at is not None


def test_a_notice_that_was_sent_is_merged_by_somebody_who_may_judge(incoming: Incoming) -> None:
    """The register would change."""
    opened(incoming, "app-01", "mail-01")
    file(incoming, SECOND, "cnil")
    with pytest.raises(NotAllowed):
        incoming.act(merge, RESPONDER, FIRST, WHY, reference=SECOND)


@pytest.mark.parametrize(
    ("reference", "into", "reason", "sentence"),
    [
        (SECOND, FIRST, " ", "give the reason"),
        (SECOND, SECOND, WHY, "is the same incident"),
        (SECOND, THIRD, WHY, "is dismissed: only open incidents"),
        (THIRD, FIRST, WHY, "is dismissed: only open incidents"),
    ],
)
def test_a_merger_says_what_is_wrong_with_it(
    sqlite_incoming: Incoming, reference: str, into: str, reason: str, sentence: str
) -> None:
    """And merges nothing."""
    opened(sqlite_incoming, "app-01", "mail-01", "db-01")
    sqlite_incoming.act(acts.dismiss, DPO, "Nothing.", reference=THIRD)
    with pytest.raises(InvalidCommand, match=sentence):
        sqlite_incoming.act(merge, DPO, into, reason, reference=reference)
    assert IncidentStatus.MERGED not in {one.status for one in sqlite_incoming.incidents()}


def test_a_reference_that_nobody_knows_is_not_merged(sqlite_incoming: Incoming) -> None:
    """A sentence names it."""
    opened(sqlite_incoming, "app-01")
    with pytest.raises(NotFound, match="INC-2026-0009"):
        sqlite_incoming.act(merge, DPO, "INC-2026-0009", WHY)


def test_a_declared_incident_goes_into_one_that_alerts_opened(incoming: Incoming) -> None:
    """A caller reported what the probes saw: what the caller said of when it happened comes along."""
    opened(incoming, "app-01")
    service, happened = incoming.service, incoming.now - 9 * HOUR
    command = Declaration("The site looks odd.", occurred_at=happened)
    service.database.write(
        lambda session: acts.declare(session, RESPONDER, command, service.knowledge(), service.now())
    )
    incoming.act(merge, RESPONDER, FIRST, WHY, reference=SECOND)
    dossier = incoming.dossier(FIRST)
    assert "declared" in dossier.incident.signals
    assert instants_for("", dossier.instants)[InstantKind.OCCURRED_AT].at == happened


def test_a_proposal_is_accepted_by_merging(incoming: Incoming) -> None:
    """It is decided then; those with a third incident are about the one that goes on."""
    opened(incoming, "app-01", "mail-01", "db-01")
    first, second, third = (one.id for one in incoming.incidents())
    propose(incoming, first, second)
    propose(incoming, second, third)
    incoming.act(merge, RESPONDER, FIRST, WHY, reference=SECOND)
    found = {one.other.reference: one.decision for one in proposals(incoming, first)}
    assert found == {SECOND: Decision.MERGED, THIRD: Decision.WAITING}
    assert {one.other.reference: one.decision for one in proposals(incoming, second)} == {
        FIRST: Decision.MERGED, THIRD: Decision.MOVED,
    }  # fmt: skip


def test_a_pair_that_was_kept_apart_is_not_proposed_again(incoming: Incoming) -> None:
    """Both chronologies say who and why; a person may merge them all the same."""
    opened(incoming, "app-01", "mail-01")
    first, second = (one.id for one in incoming.incidents())
    number = propose(incoming, first, second)
    decline(incoming, number)
    for reference, other in ((FIRST, SECOND), (SECOND, FIRST)):
        assert words_of(incoming, reference, EntryKind.KEPT_APART) == {"with": other, "reason": WHY}
    assert [one.decision for one in proposals(incoming, second)] == [Decision.KEPT_APART]
    service = incoming.service
    again = service.database.write(
        lambda session: merging.grouping.propose_merge(session, first, second, service.now())
    )
    assert again is False
    with pytest.raises(InvalidCommand, match="decided already"):
        decline(incoming, number)
    incoming.act(merge, RESPONDER, FIRST, WHY, reference=SECOND)
    assert [one.decision for one in proposals(incoming, first)] == [Decision.KEPT_APART]


def test_only_a_proposal_about_the_incident_is_declined(sqlite_incoming: Incoming) -> None:
    """And only with a reason."""
    opened(sqlite_incoming, "app-01", "mail-01", "db-01")
    first, second, _ = (one.id for one in sqlite_incoming.incidents())
    number = propose(sqlite_incoming, first, second)
    with pytest.raises(NotFound, match="no proposal number"):
        decline(sqlite_incoming, number, reference=THIRD)
    with pytest.raises(InvalidCommand, match="give the reason"):
        decline(sqlite_incoming, number, " ")


def test_a_chain_of_mergers_keeps_what_was_sent_at_its_beginning(incoming: Incoming) -> None:
    """A notice of the first incident is named in the last one."""
    opened(incoming, "app-01", "mail-01", "db-01")
    file(incoming, FIRST, "cnil")
    incoming.act(merge, DPO, SECOND, WHY, reference=FIRST)
    incoming.act(merge, DPO, THIRD, WHY, reference=SECOND)
    owed = incoming.owed_to("cnil", THIRD)
    assert state_of(owed, incoming.now) is ClockState.FULFILLED
    assert incoming.dossier(THIRD).filing_for(owed) is not None
