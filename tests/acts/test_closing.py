"""How incidents are ended: as what, in one act for many, and what keeps one open."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from breach_service.acts import closing as acts
from breach_service.acts import incidents, noise
from breach_service.acts.closing import BulkClosing, Closing, ManyClosed
from breach_service.acts.incidents import Awareness, Declaration
from breach_service.domain.access import Actor
from breach_service.domain.closing import ClosingReason, OpenerKind, shares_of
from breach_service.domain.incident import EntryKind, IncidentStatus
from breach_service.errors import InvalidCommand, NotFound
from breach_service.pipeline.quietening import dry_run, noise_of
from breach_service.store import closing as stored
from breach_service.store import silences
from breach_service.store.tables import IncidentRow
from tests.deciders import DPO, agree
from tests.pipeline.incoming import WEB_SHELL, Incoming

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FALSE_ALARM, DUPLICATE, TEST = ClosingReason.FALSE_ALARM, ClosingReason.DUPLICATE, ClosingReason.TEST
ON_FIREWALL = {**WEB_SHELL, "host": "fw-01"}
"""On a system without personal data."""


def over(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "status": "resolved"}


def close_many(incoming: Incoming, *some: Closing, actor: Actor = DPO, **more: Any) -> ManyClosed:
    command = BulkClosing(some, **{"kind": FALSE_ALARM, "reason": "The probe was being set up.", **more})
    service = incoming.service
    return service.database.write(
        lambda session: acts.close_many(session, actor, command, service.knowledge(), incoming.now)
    )


def row(incoming: Incoming, reference: str = "INC-2026-0001") -> IncidentRow:
    (found,) = [one for one in incoming.rows(IncidentRow) if one.reference == reference]
    return found


def last_status(incoming: Incoming, reference: str = "INC-2026-0001") -> dict[str, str]:
    found = [one for one in incoming.dossier(reference).timeline if one.kind is EntryKind.STATUS_CHANGED]
    return dict(found[-1].words or {})


def two_incidents(incoming: Incoming, clock: Any) -> None:
    """Both on the firewall, half a day apart, and both over."""
    for number in (1, 2):
        incoming.alert({**ON_FIREWALL, "id": str(number)})
        incoming.alert(over({**ON_FIREWALL, "id": str(number)}))
        clock.at += 2 * DAY


# One by one -----------------------------------------------------------------------------------------------------------


def test_a_dismissal_keeps_as_what(incoming: Incoming) -> None:
    """On the incident and in its line of the chronology."""
    incoming.alert(WEB_SHELL)
    incoming.act(lambda *one: acts.dismiss(*one, FALSE_ALARM), DPO, "A plug-in of ours.")
    assert incoming.incident().status is IncidentStatus.DISMISSED
    assert incoming.incident().closing_reason == "false_alarm"
    words = last_status(incoming)
    assert [len(words.pop(one)) for one in ("facts_digest", "rules_digest")] == [64, 64]
    assert words == {
        "from": "suspected", "to": "dismissed", "reason": "A plug-in of ours.", "closing": "false_alarm",
        "ground": "delegation", "ground_number": "1",
    }  # fmt: skip


def test_whoever_does_not_say_as_what_is_taken_at_their_word(sqlite_incoming: Incoming) -> None:
    """Nothing is made up."""
    sqlite_incoming.alert(WEB_SHELL)
    sqlite_incoming.act(acts.dismiss, DPO, "Nothing.")
    assert sqlite_incoming.incident().closing_reason == ""
    assert "closing" not in last_status(sqlite_incoming)


def test_a_handled_breach_is_closed_as_such(incoming: Incoming) -> None:
    """After it was confirmed, and with nothing owed; another reason dismisses and does not close."""
    incoming.alert(ON_FIREWALL)
    incoming.act(incidents.confirm, DPO, "It was one.")
    with pytest.raises(InvalidCommand, match="dismisses it"):
        incoming.act(lambda *one: acts.close(*one, TEST), DPO, "Done.")
    for one in incoming.dossier().obligations:
        incoming.act(incidents.decide_not_required, DPO, one.id, "No data.")
    agree(incoming.service, incoming.now)
    incoming.act(acts.close, DPO, "Done.")
    assert (incoming.incident().status, incoming.incident().closing_reason) == ("closed", "breach_handled")
    assert last_status(incoming)["closing"] == "breach_handled"


def test_a_breach_is_not_dismissed_as_handled(sqlite_incoming: Incoming) -> None:
    """It is confirmed first."""
    sqlite_incoming.alert(WEB_SHELL)
    with pytest.raises(InvalidCommand, match="confirm the breach first"):
        sqlite_incoming.act(lambda *one: acts.dismiss(*one, ClosingReason.BREACH_HANDLED), DPO, "Done.")
    assert sqlite_incoming.incident().status is IncidentStatus.SUSPECTED


def test_a_duplicate_names_the_other(incoming: Incoming, clock: Any) -> None:
    """By its reference, in whatever case it is typed."""
    two_incidents(incoming, clock)
    incoming.act(
        lambda *one: acts.dismiss(*one, DUPLICATE, "inc-2026-0001"), DPO, "The same.", reference="INC-2026-0002"
    )
    assert row(incoming, "INC-2026-0002").duplicate_of == "INC-2026-0001"
    assert last_status(incoming, "INC-2026-0002")["duplicate_of"] == "INC-2026-0001"


@pytest.mark.parametrize(
    ("kind", "other", "sentence"),
    [
        (DUPLICATE, "", "which incident"), (DUPLICATE, "INC-2026-0002", "its own duplicate"),
        (FALSE_ALARM, "INC-2026-0001", "only a duplicate"), (None, "INC-2026-0001", "only a duplicate"),
    ],
)  # fmt: skip
def test_a_duplicate_is_of_another_incident(
    sqlite_incoming: Incoming, clock: Any, kind: ClosingReason | None, other: str, sentence: str
) -> None:
    """And nothing changes where it is not."""
    two_incidents(sqlite_incoming, clock)
    before = row(sqlite_incoming, "INC-2026-0002")
    with pytest.raises(InvalidCommand, match=sentence):
        sqlite_incoming.act(lambda *one: acts.dismiss(*one, kind, other), DPO, "x", reference="INC-2026-0002")
    assert row(sqlite_incoming, "INC-2026-0002") == before


def test_duplicates_never_point_in_a_circle(sqlite_incoming: Incoming, clock: Any) -> None:
    """What is itself a duplicate is not named: the one behind it is."""
    two_incidents(sqlite_incoming, clock)
    sqlite_incoming.act(lambda *one: acts.dismiss(*one, DUPLICATE, "INC-2026-0002"), DPO, "The same.")
    with pytest.raises(InvalidCommand, match="itself a duplicate of INC-2026-0002"):
        sqlite_incoming.act(
            lambda *one: acts.dismiss(*one, DUPLICATE, "INC-2026-0001"), DPO, "x", reference="INC-2026-0002"
        )


def test_no_system_is_forgotten_with_a_duplicate(sqlite_incoming: Incoming, clock: Any) -> None:
    """Whose data it holds would be owed nothing any more: the other incident must concern it first."""
    sqlite_incoming.alert(ON_FIREWALL)
    clock.at += 2 * DAY
    sqlite_incoming.alert(WEB_SHELL)

    def dismiss() -> None:
        sqlite_incoming.act(
            lambda *one: acts.dismiss(*one, DUPLICATE, "INC-2026-0001"), DPO, "x", reference="INC-2026-0002"
        )

    with pytest.raises(InvalidCommand, match="does not concern application"):
        dismiss()
    sqlite_incoming.act(incidents.add_systems, DPO, ("application",), "The same attack.")
    dismiss()
    assert row(sqlite_incoming, "INC-2026-0002").status == "dismissed"


# Many at once ---------------------------------------------------------------------------------------------------------


def test_what_is_proposed_is_closed_in_one_act(incoming: Incoming, clock: Any) -> None:
    """Each with its own line and the common reason; on both databases."""
    two_incidents(incoming, clock)
    done = close_many(incoming, Closing("INC-2026-0001"), Closing("inc-2026-0002"))
    assert done == ManyClosed(("INC-2026-0001", "INC-2026-0002"), ())
    for reference in done.closed:
        said = last_status(incoming, reference)
        assert (said["to"], said["closing"], said["reason"]) == (
            "dismissed", "false_alarm", "The probe was being set up.",
        )  # fmt: skip


def test_one_that_cannot_be_closed_is_named_and_the_others_are_closed(incoming: Incoming, clock: Any) -> None:
    """What woke since the list was shown, what nobody knows, and what touches personal data."""
    two_incidents(incoming, clock)
    incoming.alert(over(WEB_SHELL), WEB_SHELL)
    incoming.alert({**ON_FIREWALL, "id": "3"})
    asked = [Closing(f"INC-2026-{number:04d}") for number in (1, 2, 3, 4, 9)]
    done = close_many(incoming, *asked)
    assert done.closed == ("INC-2026-0001", "INC-2026-0002")
    assert {one.reference for one in done.refused} == {"INC-2026-0003", "INC-2026-0004", "INC-2026-0009"}
    assert row(incoming, "INC-2026-0004").status == "suspected"


def test_personal_data_ask_for_a_reason_and_a_confirmation_of_their_own(incoming: Incoming) -> None:
    """It is never swept along: neither the common reason nor a tick alone closes it."""
    incoming.alert(WEB_SHELL)
    incoming.alert(over(WEB_SHELL))
    one = Closing("INC-2026-0001")
    own = {"kind": TEST, "reason": "Our own exercise of the morning."}
    for asked in (one, replace(one, **own), replace(one, is_confirmed=True)):
        (refused,) = close_many(incoming, asked).refused
        assert "personal data" in refused.sentence
        assert incoming.incident().status is IncidentStatus.SUSPECTED
    assert close_many(incoming, replace(one, is_confirmed=True, **own)).closed == ("INC-2026-0001",)
    assert last_status(incoming)["reason"] == "Our own exercise of the morning."
    assert incoming.incident().closing_reason == "test"


def test_what_a_person_declared_or_took_up_is_not_closed_along_with_others(
    sqlite_incoming: Incoming, clock: Any
) -> None:
    """However long nothing was heard of it."""
    service = sqlite_incoming.service
    declared = Declaration("A laptop was stolen.")
    service.database.write(
        lambda session: incidents.declare(session, DPO, declared, service.knowledge(), sqlite_incoming.now)
    )
    sqlite_incoming.alert(ON_FIREWALL)
    sqlite_incoming.act(
        incidents.record_awareness, DPO, Awareness(clock.at, "Seen in the log."), reference="INC-2026-0002"
    )
    clock.at += 30 * DAY
    done = close_many(sqlite_incoming, Closing("INC-2026-0001"), Closing("INC-2026-0002"))
    assert done.closed == ()
    assert "declared" in done.refused[0].sentence
    assert "aware" in done.refused[1].sentence


def test_seven_silent_days_propose(incoming: Incoming, clock: Any) -> None:
    """Also where no sender ever says that it is over."""
    incoming.alert(ON_FIREWALL)
    clock.at += 7 * DAY - HOUR
    assert close_many(incoming, Closing("INC-2026-0001")).closed == ()
    clock.at += HOUR
    assert close_many(incoming, Closing("INC-2026-0001")).closed == ("INC-2026-0001",)


@pytest.mark.parametrize(
    ("command", "sentence"),
    [(BulkClosing(()), "at least one"), (BulkClosing([Closing(str(one)) for one in range(201)]), "at most 200")],
)
def test_a_bulk_act_is_about_a_handful(sqlite_incoming: Incoming, command: BulkClosing, sentence: str) -> None:
    """Of what was looked at."""
    service = sqlite_incoming.service
    with pytest.raises(InvalidCommand, match=sentence):
        service.database.write(
            lambda session: acts.close_many(session, DPO, command, service.knowledge(), sqlite_incoming.now)
        )


def test_a_bulk_act_needs_a_reason(sqlite_incoming: Incoming, clock: Any) -> None:
    """As what, and why."""
    two_incidents(sqlite_incoming, clock)
    assert "as what" in close_many(sqlite_incoming, Closing("INC-2026-0001"), kind=None).refused[0].sentence
    assert "give the reason" in close_many(sqlite_incoming, Closing("INC-2026-0001"), reason=" ").refused[0].sentence


# False alarms ---------------------------------------------------------------------------------------------------------


def dismissed_alike(incoming: Incoming, clock: Any, times: int = 3, alert: dict[str, Any] = ON_FIREWALL) -> None:
    """The same thing, each time a false alarm, each a new incident."""
    for _ in range(times):
        incoming.alert(alert)
        reference = incoming.incidents()[-1].reference
        incoming.act(lambda *one: acts.dismiss(*one, FALSE_ALARM), DPO, "The probe again.", reference=reference)
        clock.at += 2 * DAY


def read(incoming: Incoming, work: Callable[..., Any], *more: Any) -> Any:
    with incoming.service.database.reading() as session:
        return work(session, *more, incoming.now)


def test_each_sender_shows_its_share_of_false_alarms(incoming: Incoming, clock: Any) -> None:
    """Over 30 days, in all and by what opened; a rule is named where one did."""
    incoming.connect("other")
    dismissed_alike(incoming, clock)
    incoming.alert({**ON_FIREWALL, "id": "4"})
    incoming.alert({**WEB_SHELL, "id": "5", "host": "mx-01"}, source="other")

    def name_rule(session: Any) -> None:
        held = session.exec(select(IncidentRow).where(IncidentRow.reference == "INC-2026-0004")).one()
        held.opened_by_rule = "some-rule"
        session.add(held)

    incoming.service.database.write(name_rule)
    shares = shares_of(read(incoming, stored.ended))
    assert {name: (one.share.opened, one.share.false_alarms) for name, one in shares.items()} == {
        "probe": (4, 3), "other": (1, 0),
    }  # fmt: skip
    assert [(opener, one.opened) for opener, one in shares["probe"].by] == [
        ((OpenerKind.SIGNAL, "web_shell"), 3), ((OpenerKind.RULE, "some-rule"), 1),
    ]  # fmt: skip
    assert {one.source for one in shares_of(read(incoming, lambda s, now: stored.ended(s, now, "other"))).values()} == {
        "other"
    }
    clock.at += 31 * DAY
    assert read(incoming, stored.ended) == []


def test_three_equal_dismissals_propose_a_rule_with_its_dry_run(incoming: Incoming, clock: Any) -> None:
    """What it would have matched in the last seven days, and how many incidents it would have spared."""
    knowledge = incoming.service.knowledge()
    dismissed_alike(incoming, clock, 2)
    assert read(incoming, noise_of, knowledge) == ()
    dismissed_alike(incoming, clock, 1)
    incoming.alert(WEB_SHELL)
    (proposal,) = read(incoming, noise_of, knowledge)
    run = read(incoming, dry_run, proposal, knowledge)
    assert len(run.silence.silenced) == 3
    assert run.silence.looked_at == 4
    assert (run.before.incidents, run.after.incidents, run.spared) == (4, 1, 3)


def test_one_act_makes_the_silence_and_the_proposal_is_gone(incoming: Incoming, clock: Any) -> None:
    """For seven days, with who did it and the dismissals as the reason; afterwards it is proposed again."""
    service = incoming.service
    dismissed_alike(incoming, clock)
    (proposal,) = read(incoming, noise_of, service.knowledge())

    def silence(key: str) -> Any:
        return service.database.write(
            lambda session: noise.silence_noise(session, DPO, key, "", service.knowledge(), incoming.now)
        )

    made = silence(proposal.key)
    assert (made.owner, made.ends_at) == ("Camille Vauzelle", incoming.now + 7 * DAY)
    assert "INC-2026-0001" in made.reason
    assert read(incoming, noise_of, service.knowledge()) == ()
    with pytest.raises(NotFound, match="no proposal"):
        silence(proposal.key)
    incoming.alert(ON_FIREWALL)
    assert incoming.incidents()[-1].is_muted
    assert read(incoming, lambda session, _: silences.by_id(session, made.id)).silenced == 1
    clock.at += 8 * DAY
    assert len(read(incoming, noise_of, service.knowledge())) == 1


def test_nothing_is_proposed_where_personal_data_are_concerned(incoming: Incoming, clock: Any) -> None:
    """However often it is dismissed."""
    dismissed_alike(incoming, clock, 4, WEB_SHELL)
    assert read(incoming, noise_of, incoming.service.knowledge()) == ()
