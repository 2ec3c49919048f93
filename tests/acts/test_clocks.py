"""Starting, moving and stopping clocks: who does it alone, what waits for a second person, and why a notice is late."""

from datetime import timedelta
from typing import Any

import pytest

from breach_service.acts import incidents as acts
from breach_service.acts.clocks import delays, proposing, recording, settling
from breach_service.acts.clocks.proposing import Wish
from breach_service.acts.clocks.recording import Moving
from breach_service.acts.decisions.duties import DutyDecision, decide_duty
from breach_service.acts.incidents import Awareness, FilingCommand
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.deadlines import state_of
from breach_service.domain.deciding import PositionKind, aware_at_of, notify_of
from breach_service.domain.incident import ClockState, EntryKind, InstantKind
from breach_service.domain.moving import Move
from breach_service.errors import InvalidCommand, NotAllowed, NotFound
from tests.deciders import DPO, SECOND, add_account, agree, approve
from tests.pipeline.incoming import WEB_SHELL, Incoming

RESPONDER = Actor("Ali", UserRole.RESPONDER, person=900_050)
ADVISER = Actor("Noé", UserRole.DPO, person=900_051)
VIEWER = Actor("Vera", UserRole.VIEWER, person=900_052)
TOKEN = Actor("robot", UserRole.RESPONDER, person=900_050, scope=frozenset())
REFERENCE = "INC-2026-0001"
HOUR = timedelta(hours=1)
AWARE, FLAW = InstantKind.AWARE_AT, InstantKind.FLAW_DISCOVERED_AT


@pytest.fixture
def opened(incoming: Incoming) -> Incoming:
    """An incident of which somebody said since when we are aware: an hour ago."""
    incoming.service.database.write(
        lambda session: [add_account(session, one) for one in (RESPONDER, ADVISER, VIEWER, SECOND)]
    )
    incoming.alert(WEB_SHELL)
    incoming.act(acts.record_awareness, RESPONDER, Awareness(incoming.now - HOUR, "The log shows it."))
    return incoming


def does(incoming: Incoming, act: Any, actor: Actor, *command: Any) -> Any:
    """An act that asks for no knowledge."""
    return incoming.service.database.write(lambda session: act(session, actor, REFERENCE, *command, incoming.now))


def words_of(incoming: Incoming, kind: EntryKind) -> dict[str, str]:
    return dict([one.words or {} for one in incoming.dossier().timeline if one.kind is kind][-1])


def later(incoming: Incoming, **changes: Any) -> Wish:
    return Wish(Move.LATER, **{"reason": "It was a false trail.", "kind": AWARE, "at": incoming.now, **changes})


def aware_since(incoming: Incoming) -> Any:
    return incoming.owed_to("cnil").triggered_at


def test_anybody_who_works_on_it_starts_a_clock_and_moves_it_earlier(opened: Incoming) -> None:
    """With the reason; the former record stays."""
    earlier = opened.now - 5 * HOUR
    opened.act(recording.move, RESPONDER, Moving(AWARE, earlier, "A mail of that morning."))
    assert aware_since(opened) == earlier
    assert [one.at for one in opened.dossier().instants] == [opened.now - HOUR, earlier]
    opened.act(recording.move, RESPONDER, Moving(InstantKind.ATTACK_KNOWN_AT, opened.now, "The alert says so."))
    assert words_of(opened, EntryKind.INSTANT_RECORDED)["instant"] == "attack_known_at"


@pytest.mark.parametrize("actor", [RESPONDER, ADVISER, DPO])
def test_nobody_moves_it_later_alone(opened: Incoming, actor: Actor) -> None:
    """Neither by the act that recorded it nor by the one for any instant; what to do is said."""
    before = opened.dossier().instants
    todo = "ask whoever decides" if actor is RESPONDER else "propose it there"
    with pytest.raises(InvalidCommand, match=f"second person.*{REFERENCE}/clocks.*{todo}"):
        opened.act(acts.record_awareness, actor, Awareness(opened.now, "Only now."))
    with pytest.raises(InvalidCommand, match="second person"):
        opened.act(recording.move, actor, Moving(AWARE, opened.now, "Only now."))
    with pytest.raises(InvalidCommand, match="second person"):
        opened.act(recording.move, actor, Moving(FLAW, opened.now, "The flaw was found after that."))
    assert opened.dossier().instants == before


def test_two_instants_are_recorded_together_or_not_at_all(opened: Incoming) -> None:
    """An earlier awareness with a later flaw."""
    with pytest.raises(InvalidCommand, match="second person"):
        opened.act(
            acts.record_awareness, RESPONDER, Awareness(opened.now - 2 * HOUR, "Seen.", flaw_discovered_at=opened.now)
        )
    assert len(opened.dossier().instants) == 1


def test_a_later_instant_takes_a_decider_and_a_second_person(opened: Incoming) -> None:
    """The clock runs on until the second person has confirmed; all that was said stays."""
    held, due_at = aware_since(opened), opened.owed_to("cnil").due_at
    number = opened.act(proposing.propose, DPO, later(opened))
    assert (aware_since(opened), opened.owed_to("cnil").due_at) == (held, due_at)
    said = words_of(opened, EntryKind.CLOCK_CHANGE_PROPOSED)
    assert {name: said[name] for name in ("move", "instant", "at", "reason", "ground")} == {
        "move": "later", "instant": "aware_at", "at": opened.now.isoformat(), "reason": "It was a false trail.",
        "ground": "delegation",
    }  # fmt: skip
    opened.act(settling.confirm, SECOND, number, "I read the log too.")
    assert aware_since(opened) == opened.now
    assert opened.owed_to("cnil").due_at == opened.now + 72 * HOUR
    assert [(one.at, one.by) for one in opened.dossier().instants] == [(held, "Ali"), (opened.now, DPO.name)]
    assert words_of(opened, EntryKind.CLOCK_CHANGE_SETTLED)["outcome"] == "confirmed"
    decided = [one for one in opened.dossier().positions if one.kind is PositionKind.DECISION]
    assert [(one.subject, one.by) for one in decided] == [(aware_at_of(), DPO.name)]
    with pytest.raises(InvalidCommand, match="is confirmed already"):
        opened.act(settling.confirm, SECOND, number, "")


@pytest.mark.parametrize(
    ("actor", "match"), [(RESPONDER, "the role"), (VIEWER, "the role"), (ADVISER, "you hold no mandate")]
)
def test_only_whoever_decides_proposes(opened: Incoming, actor: Actor, match: str) -> None:
    """A role is no mandate."""
    with pytest.raises(NotAllowed, match=match):
        opened.act(proposing.propose, actor, later(opened))
    assert opened.dossier().proposals == ()


@pytest.mark.parametrize("actor", [DPO, TOKEN, Actor("operator", UserRole.DECIDER)])
def test_four_eyes_belong_to_two_people(opened: Incoming, actor: Actor) -> None:
    """Neither whoever proposed it, nor a token, nor somebody without an account confirms or declines."""
    number = opened.act(proposing.propose, DPO, later(opened))
    with pytest.raises(NotAllowed):
        opened.act(settling.confirm, actor, number, "Agreed.")
    with pytest.raises(NotAllowed):
        does(opened, settling.decline, actor, number, "No.")
    assert len(opened.dossier().instants) == 1


def test_a_proposal_is_declined_with_a_reason_or_withdrawn_by_whoever_made_it(opened: Incoming) -> None:
    """The clock runs on as it did, and another proposal may be made."""
    held = aware_since(opened)
    number = opened.act(proposing.propose, DPO, later(opened))
    with pytest.raises(InvalidCommand, match=f"number {number} waits for a second person already"):
        opened.act(proposing.propose, DPO, later(opened, at=opened.now - HOUR / 2))
    with pytest.raises(InvalidCommand, match="give the reason"):
        does(opened, settling.decline, SECOND, number, " ")
    does(opened, settling.decline, SECOND, number, "The mail proves it.")
    again = opened.act(proposing.propose, DPO, later(opened))
    with pytest.raises(NotAllowed, match="only whoever made a proposal withdraws it"):
        does(opened, settling.withdraw, ADVISER, again, "")
    does(opened, settling.withdraw, DPO, again, "")
    assert aware_since(opened) == held
    assert [str(one.outcome.kind) for one in opened.dossier().proposals if one.outcome] == ["declined", "withdrawn"]


def test_a_proposal_lapses_where_the_instant_moved_meanwhile(opened: Incoming) -> None:
    """Somebody recorded an earlier one: the second person must look at what is true now."""
    number = opened.act(proposing.propose, DPO, later(opened))
    opened.act(recording.move, RESPONDER, Moving(AWARE, opened.now - 3 * HOUR, "An earlier mail."))
    with pytest.raises(InvalidCommand, match="has changed since"):
        opened.act(settling.confirm, SECOND, number, "")
    opened.act(proposing.propose, DPO, later(opened))


def test_an_instant_is_taken_back_by_two_people(opened: Incoming) -> None:
    """The clocks count provisionally from the first alert again."""
    number = opened.act(proposing.propose, DPO, Wish(Move.TAKE_BACK, "Another incident was meant.", AWARE))
    opened.act(settling.confirm, SECOND, number, "")
    owed = opened.owed_to("cnil")
    assert (owed.is_provisional, owed.triggered_at) == (True, opened.incident().detected_at)
    assert [one.is_taken_back for one in opened.dossier().instants] == [False, True]
    opened.act(recording.move, RESPONDER, Moving(AWARE, opened.now, "Now we know."))
    assert aware_since(opened) == opened.now


@pytest.mark.parametrize(
    ("wish", "error", "match"),
    [
        (Wish(Move.TAKE_BACK, "x", InstantKind.TOLD_AT), InvalidCommand, "nothing is recorded there"),
        (Wish(Move.LATER, "x", InstantKind.TOLD_AT), InvalidCommand, "say the later instant"),
        (Wish(Move.LATER, "x"), InvalidCommand, "say which instant"),
        (Wish(Move.LATER, " ", AWARE), InvalidCommand, "give the reason"),
        (Wish(Move.TAKE_BACK, "x", InstantKind.DETECTED_AT), InvalidCommand, "nobody records"),
        (Wish(Move.TAKE_BACK, "x", AWARE, perimeter="client:moon"), InvalidCommand, "is not a perimeter"),
        (Wish(Move.STOP, "x", obligation=999), NotFound, "no obligation number 999"),
    ],
)
def test_what_cannot_be_wanted_is_said(opened: Incoming, wish: Wish, error: type[Exception], match: str) -> None:
    """Nothing is proposed then."""
    with pytest.raises(error, match=match):
        opened.act(proposing.propose, DPO, wish)
    assert opened.dossier().proposals == ()


def test_a_later_instant_is_later_and_no_future(opened: Incoming) -> None:
    """What is earlier needs nobody else; what has not happened cannot be meant."""
    with pytest.raises(InvalidCommand, match="no second person is needed"):
        opened.act(proposing.propose, DPO, later(opened, at=opened.now - 2 * HOUR))
    with pytest.raises(InvalidCommand, match="lies in the future"):
        opened.act(proposing.propose, DPO, later(opened, at=opened.now + HOUR))
    with pytest.raises(InvalidCommand, match="nobody records"):
        opened.act(recording.move, RESPONDER, Moving(InstantKind.DETECTED_AT, opened.now, "x"))


# Stopping a clock -----------------------------------------------------------------------------------------------------


def test_a_clock_is_stopped_by_two_people(opened: Incoming) -> None:
    """Saying that a dated notice is not required is a proposal; the decision is that of whoever proposed it."""
    owed = opened.owed_to("cnil")
    opened.act(acts.decide_not_required, DPO, owed.id, "No risk to anybody.")
    assert opened.owed_to("cnil").not_required_reason is None
    assert EntryKind.DECIDED_NOT_REQUIRED not in opened.kinds()
    agree(opened.service, opened.now)
    assert opened.owed_to("cnil").not_required_reason == "No risk to anybody."
    said = next(one for one in opened.dossier().timeline if one.kind is EntryKind.DECIDED_NOT_REQUIRED)
    assert said.actor == DPO.name
    (decided,) = [one for one in opened.dossier().positions if one.subject == notify_of(owed.id)]
    assert (decided.by, decided.value, str(decided.ground)) == (DPO.name, "no", "delegation")
    with pytest.raises(InvalidCommand, match="does not run any more"):
        opened.act(proposing.propose, DPO, Wish(Move.STOP, "Again.", obligation=owed.id))


def test_a_duty_that_is_decided_against_stops_its_clocks_by_two_people(opened: Incoming) -> None:
    """What has no date is settled at once: no clock is stopped there."""
    opened.act(decide_duty, DPO, DutyDecision("own", "authority", False, "No risk."))
    opened.act(decide_duty, DPO, DutyDecision("own", "persons", False, "No risk."))
    assert opened.owed_to("persons").not_required_reason == "No risk."
    assert opened.owed_to("cnil").not_required_reason is None
    agree(opened.service, opened.now)
    assert opened.owed_to("cnil").not_required_reason == "No risk."


def test_the_register_has_no_clock_to_stop(opened: Incoming) -> None:
    """GDPR Art. 33(5) knows no exception."""
    with pytest.raises(InvalidCommand, match="every breach stands in the register"):
        opened.act(proposing.propose, DPO, Wish(Move.STOP, "x", obligation=opened.owed_to("register").id))


# Being late -----------------------------------------------------------------------------------------------------------


def test_a_delay_is_explained_once_it_is_there_and_where_the_law_asks(opened: Incoming, clock: Any) -> None:
    """Not before the date, and not for a notice that owes no reasons."""
    cnil, persons = opened.owed_to("cnil").id, opened.owed_to("persons").id
    with pytest.raises(InvalidCommand, match="not late"):
        does(opened, delays.explain_delay, RESPONDER, cnil, "We were slow.")
    clock.at += 80 * HOUR
    assert [one.id for one in opened.dossier().delays_to_explain(clock.at)] == [cnil]
    with pytest.raises(InvalidCommand, match="no law asks"):
        does(opened, delays.explain_delay, RESPONDER, persons, "We were slow.")
    with pytest.raises(InvalidCommand, match="give the reason"):
        does(opened, delays.explain_delay, RESPONDER, cnil, " ")
    with pytest.raises(NotAllowed):
        does(opened, delays.explain_delay, VIEWER, cnil, "We were slow.")
    for reason in ("We were slow.", "The backups had to be read first."):
        does(opened, delays.explain_delay, RESPONDER, cnil, reason)
    found = opened.dossier()
    assert found.delays_to_explain(clock.at) == ()
    assert [one.reason for one in found.delay_reasons] == ["We were slow.", "The backups had to be read first."]
    assert words_of(opened, EntryKind.DELAY_EXPLAINED)["reason"] == "The backups had to be read first."


def test_a_late_filing_asks_for_the_reasons_and_takes_them(opened: Incoming, clock: Any) -> None:
    """In the same form; nothing is recorded without them."""
    cnil = opened.owed_to("cnil").id
    clock.at += 80 * HOUR

    def text_of(*_: object) -> str:
        return "The notice."

    approve(opened.service, cnil, text_of, opened.now)

    def file(reason: str) -> None:
        command = FilingCommand(cnil, opened.now, "portal", delay_reason=reason)
        knowledge, cipher = opened.service.knowledge(), opened.service.cipher
        opened.service.database.write(
            lambda session: acts.record_filing(
                session, DPO, REFERENCE, command, knowledge, cipher, text_of, opened.now
            )
        )  # fmt: skip

    with pytest.raises(InvalidCommand, match="reasons of the delay"):
        file("")
    assert state_of(opened.owed_to("cnil"), clock.at) is ClockState.OVERDUE
    file("The backups had to be read first.")
    assert state_of(opened.owed_to("cnil"), clock.at) is ClockState.FULFILLED
    assert [one.reason for one in opened.dossier().delay_reasons] == ["The backups had to be read first."]
