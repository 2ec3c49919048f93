"""Deciding on a duty of a perimeter: what is kept of it, what it does to obligations, what changes afterwards."""

from typing import Any

import pytest

from breach_service.acts import incidents as acts
from breach_service.acts.decisions.deciding import Opinion, give_opinion
from breach_service.acts.decisions.duties import DutyDecision, decide_duty
from breach_service.acts.incidents import Awareness, FactCommand
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.basis import Basis, changed_since
from breach_service.domain.deciding import PositionKind, SubjectKind, divergences
from breach_service.domain.incident import EntryKind
from breach_service.errors import InvalidCommand, NotAllowed, NotFound
from breach_service.store import decision_bases
from tests.deciders import DPO, add_account, agree, let_decide
from tests.pipeline.incoming import WEB_SHELL, Incoming

REFERENCE = "INC-2026-0001"
ADVISER = Actor("Noé Varenne", UserRole.DPO, person=900_010)
RESPONDER = Actor("Rémi Carvalhal", UserRole.RESPONDER, person=900_012)


@pytest.fixture
def opened(incoming: Incoming) -> Incoming:
    """An incident on a system that holds personal data, and people."""

    def people(session: Any) -> None:
        add_account(session, ADVISER)
        add_account(session, RESPONDER)

    incoming.service.database.write(people)
    let_decide(incoming.service)
    incoming.alert(WEB_SHELL)
    return incoming


def decide(incoming: Incoming, duty: str = "authority", *, notify: bool, actor: Actor = DPO, **more: str) -> None:
    command = DutyDecision(more.get("perimeter", "own"), duty, notify, more.get("reason", "The logs are whole."))
    incoming.act(decide_duty, actor, command)
    agree(incoming.service, incoming.now)


def bases(incoming: Incoming) -> dict[int, Basis]:
    with incoming.service.database.reading() as session:
        return decision_bases.bases_of(session, incoming.dossier().incident.id)


def last(incoming: Incoming, kind: EntryKind) -> dict[str, str]:
    return dict([one for one in incoming.dossier().timeline if one.kind is kind][-1].words or {})


def test_a_decision_keeps_the_rules_the_facts_the_result_and_the_cases_that_were_shown(opened: Incoming) -> None:
    """In the chronology as digests, beside the position in full."""
    opened.act(acts.record_fact, DPO, FactCommand("loss.confidentiality", "yes"))
    opened.act(acts.record_fact, DPO, FactCommand("incident.malicious", "yes"))
    opened.act(acts.record_fact, DPO, FactCommand("recipients.kind", "malicious"))
    decide(opened, notify=False)
    [position] = opened.dossier().positions
    basis, knowledge = bases(opened)[position.id], opened.service.knowledge()
    assert (basis.content, basis.inventory) == (knowledge.catalogue.digest, knowledge.inventory_revision)
    assert basis.last_fact == max(one.recorded for one in opened.dossier().facts)
    assert basis.duties["own/authority"] in ("required", "undecided")
    assert basis.precedents
    words = last(opened, EntryKind.DECIDED_NOT_REQUIRED)
    assert (words["rules_digest"], words["facts_digest"]) == (basis.content, basis.facts)
    assert words["precedents"].split() == list(basis.precedents)
    assert (words["departs"], words["reason"]) == ("yes", "The logs are whole.")


def test_deciding_not_to_notify_settles_the_obligation_and_can_be_taken_back(opened: Incoming) -> None:
    """Both stand in the chronology; the clock is there again."""
    decide(opened, notify=False)
    assert opened.owed_to("cnil").not_required_reason == "The logs are whole."
    decide(opened, notify=True, reason="A copy was found.")
    assert opened.owed_to("cnil").not_required_reason is None
    assert [one.value for one in opened.dossier().positions] == ["no", "yes"]
    assert last(opened, EntryKind.DECIDED_TO_NOTIFY)["recipient"] == "cnil"


def test_a_fact_after_a_decision_shows_that_it_was_taken_on_others(opened: Incoming) -> None:
    """Which one, what it was then, and what it is now."""
    decide(opened, notify=False)
    opened.act(acts.record_fact, DPO, FactCommand("loss.confidentiality", "yes"))
    [position] = opened.dossier().positions
    [change] = changed_since(opened.dossier().facts, bases(opened)[position.id].last_fact)
    assert (change.fact, str(change.after)) == ("loss.confidentiality", "yes")


def test_where_nothing_is_owed_a_decision_is_kept_on_the_duty_itself(opened: Incoming) -> None:
    """A voluntary notice, against the advice; nothing becomes an obligation by it."""
    opened.act(acts.record_fact, DPO, FactCommand("system.holds_personal_data", "no"))
    decide(opened, "persons", notify=True)
    [position] = opened.dossier().positions
    assert (position.subject.kind, position.subject.key) == (SubjectKind.DUTY, "own/persons")
    assert last(opened, EntryKind.DECIDED_TO_NOTIFY)["departs"] == "yes"


def test_an_opinion_on_a_duty_stands_beside_the_decision_and_a_divergence_shows(opened: Incoming) -> None:
    """Given on the same questions, so that the two can be compared."""
    opinion = Opinion("Passwords may be among them.", duties={("own", "authority"): True})
    opened.act(give_opinion, ADVISER, opinion)
    decide(opened, notify=False)
    assert len(divergences(opened.dossier().positions)) == 1
    assert set(bases(opened)) == {one.id for one in opened.dossier().positions}


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (DutyDecision("own", "authority", False, " "), "give the reason"),
        (DutyDecision("own", "register", False, "x"), "every breach stands in the register"),
        (DutyDecision("own", "dancing", False, "x"), "a decision is about one of"),
        (DutyDecision("client:nobody", "clients", False, "x"), "is not a perimeter of"),
        (DutyDecision("own", "clients", True, "x"), "not ours"),
    ],
)
def test_a_decision_that_cannot_be_taken_says_why(opened: Incoming, command: DutyDecision, sentence: str) -> None:
    """Before anything is written."""
    with pytest.raises(InvalidCommand, match=sentence):
        opened.act(decide_duty, DPO, command)
    assert opened.dossier().positions == ()


def test_whoever_holds_no_mandate_decides_nothing(opened: Incoming) -> None:
    """The role alone gives none."""
    for actor in (ADVISER, RESPONDER):
        with pytest.raises(NotAllowed):
            decide(opened, notify=False, actor=actor)
    with pytest.raises(NotFound):
        opened.service.database.write(
            lambda session: decide_duty(
                session, DPO, "INC-1999-0001", DutyDecision("own", "persons", True, "x"), opened.service.knowledge(),
                opened.now,
            )
        )  # fmt: skip


def test_awareness_recorded_by_whoever_is_on_call_is_no_decision(opened: Incoming) -> None:
    """The clock counts from it all the same; who holds a mandate decides with the same form."""
    opened.act(acts.record_awareness, RESPONDER, Awareness(opened.now, "Dumps were found."))
    opened.act(acts.record_awareness, DPO, Awareness(opened.now, "I agree."))
    kinds = [one.kind for one in opened.dossier().positions]
    assert kinds == [PositionKind.STATEMENT, PositionKind.DECISION]
    assert set(bases(opened)) == {one.id for one in opened.dossier().positions}
