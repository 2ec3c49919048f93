"""On what ground people decide, what the data protection officer advises beside it, and which text may leave."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from breach_service.acts import incidents as acts
from breach_service.acts import merging, notices
from breach_service.acts.decisions.deciding import Opinion, give_opinion, standing_of
from breach_service.acts.incidents import Awareness, FilingCommand
from breach_service.acts.rows import incident_of
from breach_service.app import OPERATOR
from breach_service.domain.access import Act, Actor, GroundKind, MandateKind, UserRole, grantable
from breach_service.domain.deciding import BREACH, PositionKind, divergences, notify_of
from breach_service.domain.incident import EntryKind, IncidentStatus
from breach_service.errors import InvalidCommand, NotAllowed, NotFound
from breach_service.store import deciding, obligations
from breach_service.store.access_tables import PositionRow
from tests.deciders import CAMILLE, DPO, add_account, agree, approve, give_mandate, let_decide
from tests.pipeline.incoming import WEB_SHELL, Incoming

ADVISER = Actor("Noé Varenne", UserRole.DPO, person=900_010)
"""A data protection officer to whom nothing was delegated."""
DECIDER = Actor("Alix Montreuil", UserRole.DECIDER, person=900_011)
TOKEN = Actor("token:script", UserRole.DPO, scope=grantable(UserRole.DPO))
HOUR = timedelta(hours=1)
REFERENCE = "INC-2026-0001"
LETTER = "Madame, Monsieur,\n\nle texte exact.\n"
CHANGED = LETTER.replace("exact", "exacte")


@pytest.fixture
def opened(sqlite_incoming: Incoming) -> Incoming:
    """An incident, an adviser without a mandate and a legal representative."""
    sqlite_incoming.service.database.write(lambda session: add_account(session, ADVISER))
    let_decide(sqlite_incoming.service, DECIDER, MandateKind.REPRESENTATIVE)
    sqlite_incoming.alert(WEB_SHELL)
    return sqlite_incoming


def advise(incoming: Incoming, actor: Actor = ADVISER, reason: str = "I read the logs.", **said: Any) -> None:
    opinion = Opinion(reason, **said)
    incoming.service.database.write(
        lambda session: give_opinion(session, actor, REFERENCE, opinion, incoming.service.knowledge(), incoming.now)
    )


def decisions(incoming: Incoming, number: int) -> list[tuple[Callable[..., None], tuple[Any, ...]]]:
    """Every act that decides, with what it needs."""
    return [
        (acts.confirm, ("It is one.",)), (acts.dismiss, ("It is none.",)),
        (acts.decide_not_required, (number, "Not required.")),
    ]  # fmt: skip


def last_words(incoming: Incoming, kind: EntryKind) -> dict[str, str]:
    found = [one for one in incoming.dossier().timeline if one.kind is kind]
    return dict(found[-1].words or {})


# Grounds --------------------------------------------------------------------------------------------------------------


def test_a_dpo_without_a_delegation_is_refused_every_decision(opened: Incoming) -> None:
    """With what is missing and who can decide now; the incident stays as it was."""
    number = opened.owed_to("cnil").id
    for act, command in decisions(opened, number):
        with pytest.raises(NotAllowed, match=r"no mandate to decide for bsoft.*Camille Vauzelle, Alix Montreuil can"):
            opened.act(act, ADVISER, *command)
    with pytest.raises(NotAllowed, match="no mandate"):
        approve(opened.service, number, lambda *_: LETTER, opened.now, actor=ADVISER)
    assert opened.incident().status is IncidentStatus.SUSPECTED
    assert opened.count(PositionRow) == 0


def test_a_decision_says_on_which_ground_it_was_taken(opened: Incoming) -> None:
    """In the chronology and among the positions: the representative, a delegation by its number, the operator."""
    opened.act(acts.confirm, DECIDER, "Accounts were read.")
    words = last_words(opened, EntryKind.STATUS_CHANGED)
    assert (words["ground"], words["ground_number"]) == ("representative", "2")
    number = opened.owed_to("persons").id
    opened.act(acts.decide_not_required, DPO, number, "Nobody can be harmed.")
    words = last_words(opened, EntryKind.DECIDED_NOT_REQUIRED)
    assert (words["ground"], words["ground_number"]) == ("delegation", "1")
    opened.act(acts.decide_not_required, OPERATOR, opened.owed_to("cnil").id, "By hand.")
    agree(opened.service, opened.now)
    words = last_words(opened, EntryKind.DECIDED_NOT_REQUIRED)
    assert words["ground"] == "operator"
    assert "ground_number" not in words
    grounds = [(str(one.subject), one.value, one.ground) for one in opened.dossier().positions]
    assert grounds == [
        ("breach", "yes", GroundKind.REPRESENTATIVE), (f"notify:{number}", "no", GroundKind.DELEGATION),
        (f"notify:{opened.owed_to('cnil').id}", "no", GroundKind.OPERATOR),
    ]  # fmt: skip


def test_a_token_decides_nothing_whoever_owns_it(opened: Incoming) -> None:
    """Not even with the number of a person who holds a mandate and a scope that names the decision."""
    everything = Actor("token:greedy", UserRole.DPO, person=CAMILLE, scope=frozenset(Act))
    number = opened.owed_to("cnil").id
    for actor in (TOKEN, everything):
        for act, command in decisions(opened, number):
            with pytest.raises(NotAllowed, match="token"):
                opened.act(act, actor, *command)
        with pytest.raises(NotAllowed, match="token"):
            approve(opened.service, number, lambda *_: LETTER, opened.now, actor=actor)
    with pytest.raises(NotAllowed, match="token"):
        advise(opened, TOKEN, is_breach=True)


def test_a_mandate_of_another_scope_or_time_says_so(opened: Incoming) -> None:
    """So that the person knows which writing is missing."""

    def narrow(session: Any) -> None:
        held = give_mandate(session, ADVISER.person or 0)
        deciding.revoke_mandate(session, held.id, "operator", opened.now - HOUR)

    opened.service.database.write(narrow)
    with pytest.raises(NotAllowed, match="not in force now"):
        opened.act(acts.confirm, ADVISER, "It is one.")


def test_merging_what_is_confirmed_asks_for_a_ground(opened: Incoming) -> None:
    """The register changes by it."""
    opened.alert({**WEB_SHELL, "host": "db-01", "id": "other"})
    opened.act(acts.confirm, DECIDER, "Accounts were read.")
    with pytest.raises(NotAllowed, match="no mandate"):
        opened.act(merging.merge, ADVISER, "INC-2026-0002", "One attack.")
    opened.act(merging.merge, DECIDER, "INC-2026-0002", "One attack.")
    assert opened.dossier("INC-2026-0002").incident.status is IncidentStatus.CONFIRMED


def test_who_may_decide_is_known_before_they_try(opened: Incoming) -> None:
    """The page asks for the standing of its reader: the decisions that are theirs, and who else there is."""
    with opened.service.database.reading() as session:
        standings = {
            one.name: standing_of(session, one, incident_of(session, REFERENCE, one, opened.now), opened.now)
            for one in (ADVISER, DECIDER, DPO)
        }
    assert standings[ADVISER.name].may_decide == frozenset()
    assert standings[ADVISER.name].grounds[Act.QUALIFY].kind is GroundKind.NO_MANDATE
    assert standings[DECIDER.name].may_decide == standings[DPO.name].may_decide != frozenset()
    assert {one.name for one in standings[ADVISER.name].able} == {"Alix Montreuil", "Camille Vauzelle"}


# Opinions -------------------------------------------------------------------------------------------------------------


def test_an_opinion_is_recorded_and_decides_nothing(incoming: Incoming) -> None:
    """On both databases: each part by itself, in the chronology with the reason; the incident stays as it is."""
    incoming.alert(WEB_SHELL)
    number, aware_at = incoming.owed_to("cnil").id, incoming.now - HOUR
    advise(incoming, DPO, is_breach=True, notify={number: True}, aware_at=aware_at)
    dossier = incoming.dossier()
    assert [(str(one.subject), one.value, one.kind) for one in dossier.positions] == [
        ("breach", "yes", PositionKind.OPINION), (f"notify:{number}", "yes", PositionKind.OPINION),
        ("aware_at", aware_at.isoformat(), PositionKind.OPINION),
    ]  # fmt: skip
    said = [dict(one.words or {}) for one in dossier.timeline if one.kind is EntryKind.OPINION_GIVEN]
    assert [(one["subject"], one["value"], one["reason"]) for one in said] == [
        ("breach", "yes", "I read the logs."), ("notify", "yes", "I read the logs."),
        ("aware_at", aware_at.isoformat(), "I read the logs."),
    ]  # fmt: skip
    assert said[1]["recipient"] == "cnil"
    assert dossier.incident.status is IncidentStatus.SUSPECTED
    assert all(one.is_provisional for one in dossier.obligations)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "say what you advise"),
        ({"is_breach": True, "reason": " "}, "give the reason"),
        ({"aware_at": "tomorrow"}, "lies in the future"),
    ],
)
def test_an_opinion_says_what_is_wrong_with_it(opened: Incoming, said: dict[str, Any], sentence: str) -> None:
    """And nothing of it is kept."""
    said = {name: opened.now + timedelta(days=1) if value == "tomorrow" else value for name, value in said.items()}
    with pytest.raises(InvalidCommand, match=sentence):
        advise(opened, **said)
    assert opened.count(PositionRow) == 0


def test_an_opinion_is_about_this_incident_while_it_is_open(opened: Incoming) -> None:
    """Not about the notice of another, and not when all is said."""
    with pytest.raises(NotFound, match="no obligation number 999"):
        advise(opened, is_breach=True, notify={999: True})
    assert opened.count(PositionRow) == 0, "no part of it is kept"
    opened.act(acts.dismiss, DECIDER, "A test.")
    with pytest.raises(InvalidCommand, match="nothing to advise on"):
        advise(opened, is_breach=True)


def test_only_the_dpo_gives_the_opinion(opened: Incoming) -> None:
    """Not the decider, whose word it would be twice."""
    for role in (UserRole.DECIDER, UserRole.RESPONDER, UserRole.ADMIN):
        with pytest.raises(NotAllowed, match=role):
            advise(opened, Actor("somebody", role, person=CAMILLE), is_breach=True)


def test_a_decision_against_the_opinion_shows_as_a_divergence(opened: Incoming) -> None:
    """And shows no more once the officer is convinced."""
    number = opened.owed_to("persons").id
    advise(opened, is_breach=True, notify={number: True})
    opened.act(acts.confirm, DECIDER, "It is one.")
    opened.act(acts.decide_not_required, DECIDER, number, "Nobody can be harmed.")
    (one,) = divergences(opened.dossier().positions)
    assert (one.subject, one.opinion.by, one.decision.by) == (notify_of(number), "Noé Varenne", "Alix Montreuil")
    advise(opened, notify={number: False})
    assert divergences(opened.dossier().positions) == ()


def test_awareness_that_is_not_what_was_advised_diverges(opened: Incoming) -> None:
    """Whoever recorded it: the clock starts with any responder, and the advice stands beside it."""
    advise(opened, aware_at=opened.now - 3 * HOUR)
    responder = Actor("Yanis Ferrachat", UserRole.RESPONDER)
    opened.act(acts.record_awareness, responder, Awareness(opened.now - HOUR, "Seen in the log."))
    (one,) = divergences(opened.dossier().positions)
    assert (str(one.subject), one.decision.ground) == ("aware_at", None)


def test_what_was_said_cannot_be_rewritten(incoming: Incoming) -> None:
    """On both databases: a later word stands beside the earlier."""
    incoming.alert(WEB_SHELL)
    incoming.act(acts.dismiss, DPO, "A test.")
    for statement in ("UPDATE position SET value = 'yes'", "DELETE FROM position"):
        with pytest.raises(Exception, match=r"(?i)position|insert|never|changed"):
            incoming.service.database.write(lambda session, one=statement: run(session, one))  # type: ignore[misc]
    (kept,) = incoming.dossier().positions
    assert (kept.subject, kept.value) == (BREACH, "no")


def run(session: Any, statement: str) -> None:
    session.connection().exec_driver_sql(statement)


# Texts ----------------------------------------------------------------------------------------------------------------


def file(incoming: Incoming, number: int, text: str, actor: Actor = DPO, sent: str = "") -> None:
    digest = notices.digest_of(sent) if sent else ""
    service, command = incoming.service, FilingCommand(number, incoming.now, "portal", digest=digest)
    service.database.write(
        lambda session: acts.record_filing(
            session, actor, REFERENCE, command, service.knowledge(), service.cipher, lambda *_: text, incoming.now
        )
    )


def test_a_text_leaves_only_once_it_was_approved(opened: Incoming) -> None:
    """By somebody who decides; whoever records the filing need not be the same."""
    number = opened.owed_to("cnil").id
    with pytest.raises(InvalidCommand, match="nobody has approved"):
        file(opened, number, LETTER)
    approve(opened.service, number, lambda *_: LETTER, opened.now, actor=DECIDER)
    words = last_words(opened, EntryKind.TEXT_APPROVED)
    assert (words["recipient"], words["ground"]) == ("cnil", "representative")
    assert words["text_digest"] == notices.digest_of(LETTER)
    file(opened, number, LETTER, ADVISER)
    assert opened.owed_to("cnil").fulfilled_at == opened.now


def test_a_filing_keeps_the_text_that_was_approved_and_sent(opened: Incoming) -> None:
    """A fact that changes the draft between sending and recording changes nothing of what was sent."""
    number, other = opened.owed_to("cnil").id, opened.owed_to("persons").id
    approve(opened.service, number, lambda *_: LETTER, opened.now)
    with pytest.raises(InvalidCommand, match="nobody has approved"):
        file(opened, other, LETTER)
    file(opened, number, CHANGED)
    (filing,) = opened.dossier().filings
    assert filing.text_digest == notices.digest_of(LETTER) == last_words(opened, EntryKind.FILED)["text_digest"]
    with opened.service.database.reading() as session:
        assert obligations.filed_text(session, opened.service.cipher, filing.id) == LETTER


@pytest.mark.parametrize(("named", "kept"), [("", CHANGED), (LETTER, LETTER), (CHANGED, CHANGED)])
def test_of_several_approved_texts_the_one_that_was_sent_is_kept(opened: Incoming, named: str, kept: str) -> None:
    """The last one where nobody says; a text that nobody approved is none of them."""
    number = opened.owed_to("cnil").id
    approve(opened.service, number, lambda *_: LETTER, opened.now)
    approve(opened.service, number, lambda *_: CHANGED, opened.now, actor=DECIDER)
    with pytest.raises(InvalidCommand, match="name one that was approved"):
        file(opened, number, LETTER, sent="A text that nobody approved.")
    file(opened, number, "As the draft reads now.", sent=named)
    (filing,) = opened.dossier().filings
    assert filing.text_digest == notices.digest_of(kept)


def test_an_approved_text_is_kept_sealed(opened: Incoming) -> None:
    """Nothing of it stands in clear in the database, and nobody changes it."""
    approve(opened.service, opened.owed_to("cnil").id, lambda *_: LETTER, opened.now)
    with opened.service.database.reading() as session:
        (row,) = session.exec(select(PositionRow))
        assert LETTER.encode() not in (row.text_sealed or b"")
        assert deciding.approved_text(session, opened.service.cipher, row.id or 0) == LETTER
    with pytest.raises(Exception, match=r"(?i)position|insert|never|changed"):
        opened.service.database.write(lambda session: run(session, "UPDATE position SET text_sealed = NULL"))


def test_what_is_approved_is_what_was_looked_at(opened: Incoming) -> None:
    """A fact that came in between changes the text: nobody approves unseen."""
    number, knowledge = opened.owed_to("cnil").id, opened.service.knowledge()
    with pytest.raises(InvalidCommand, match="changed since you looked"):
        opened.service.database.write(
            lambda session: notices.approve_draft(
                session,
                DPO,
                REFERENCE,
                number,
                notices.digest_of("earlier"),
                knowledge,
                opened.service.cipher,
                lambda *_: LETTER,
                opened.now,
            )
        )
    assert opened.count(PositionRow) == 0


def test_nobody_decides_that_a_breach_stands_in_no_register(opened: Incoming) -> None:
    """Art. 33(5) knows no exception, whatever the reason and whoever decides."""
    for actor in (DPO, OPERATOR):
        with pytest.raises(InvalidCommand, match="every breach stands in the register"):
            opened.act(acts.decide_not_required, actor, opened.owed_to("register").id, "Nobody is harmed.")
    assert opened.owed_to("register").not_required_reason is None


def test_there_is_nothing_to_approve_where_no_letter_is_owed(opened: Incoming) -> None:
    """The register has no letter, and what was sent was sent."""
    with pytest.raises(InvalidCommand, match="no letter to approve"):
        approve(opened.service, opened.owed_to("register").id, lambda *_: "", opened.now)
    number = opened.owed_to("cnil").id
    approve(opened.service, number, lambda *_: LETTER, opened.now)
    file(opened, number, LETTER)
    with pytest.raises(InvalidCommand, match="already recorded as sent"):
        approve(opened.service, number, lambda *_: LETTER, opened.now)
