"""Breaking the glass: by whoever is on call, with a reason, in one incident, for hours; told at once and reviewed."""

from datetime import timedelta
from typing import Any

import pytest

from breach_service.acts import incidents
from breach_service.acts.decisions import glass as acts
from breach_service.acts.decisions.glass import Breaking
from breach_service.acts.incidents import Awareness, FilingCommand
from breach_service.acts.on_call import rota
from breach_service.acts.people import accounts
from breach_service.app import OPERATOR
from breach_service.domain.access import Act, Actor, BrokenGlass, MandateKind, Standing, UserRole
from breach_service.domain.incident import EntryKind
from breach_service.domain.rota import RotaDocument
from breach_service.errors import InvalidCommand, NotAllowed, NotFound
from breach_service.store import deciding
from breach_service.store.access_tables import AbsenceRow, BrokenGlassRow, IncidentPersonRow
from breach_service.store.tables import OutboxRow
from tests.deciders import CAMILLE, DPO, LONG_AGO, add_account, approve, let_decide
from tests.pipeline.incoming import WEB_SHELL, Incoming

RESPONDER = Actor("Yanis Ferrachat", UserRole.RESPONDER, person=900_020)
OTHER = Actor("Maud Keller", UserRole.RESPONDER, person=900_021)
DECIDER = Actor("Alix Montreuil", UserRole.DECIDER, person=900_022)
ADVISER = Actor("Noé Varenne", UserRole.DPO, person=900_023)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REFERENCE = "INC-2026-0001"
LETTER = "Madame, Monsieur,\n\nle texte exact.\n"
REASON = "The 72 hours end tonight."
TRIED = "Alix and Camille, by telephone, three times since 18:00."


@pytest.fixture
def night(sqlite_incoming: Incoming) -> Incoming:
    """An incident and the people who are there: two on call, a decider, a DPO who only advises, one who may decide."""

    def people(session: Any) -> None:
        for one in (RESPONDER, OTHER, ADVISER):
            add_account(session, one)

    sqlite_incoming.service.database.write(people)
    let_decide(sqlite_incoming.service, DECIDER, MandateKind.REPRESENTATIVE)
    sqlite_incoming.alert(WEB_SHELL)
    return sqlite_incoming


def break_it(
    incoming: Incoming, actor: Actor = RESPONDER, reason: str = REASON, tried: str = TRIED, reference: str = REFERENCE
) -> BrokenGlass:
    service = incoming.service
    return service.database.write(
        lambda session: acts.break_glass(
            session, actor, reference, Breaking(reason, tried), service.cipher, incoming.now, lasts=12 * HOUR
        )
    )


def review(incoming: Incoming, actor: Actor, number: int = 1, words: str = "It was needed and it was right.") -> None:
    incoming.service.database.write(lambda session: acts.review_glass(session, actor, number, words, incoming.now))


def release(incoming: Incoming, recipient: str, actor: Actor = RESPONDER) -> None:
    number = incoming.owed_to(recipient).id
    approve(incoming.service, number, lambda *_: LETTER, incoming.now, actor=actor)


def told(incoming: Incoming) -> list[int]:
    return sorted(int(one.payload["user"]) for one in incoming.rows(OutboxRow) if one.kind == "person")


def tell_again(incoming: Incoming) -> None:
    incoming.service.database.write(lambda session: acts.tell_again(session, incoming.service.cipher, incoming.now))


def away(incoming: Incoming, *people: Actor) -> None:
    def work(session: Any) -> None:
        for one in people:
            session.add(
                AbsenceRow(
                    user_id=one.person or 0, from_at=incoming.now - DAY, to_at=incoming.now + DAY, origin="hand",
                    recorded_at=LONG_AGO, recorded_by="somebody",
                )
            )  # fmt: skip

    incoming.service.database.write(work)


# What it allows -------------------------------------------------------------------------------------------------------


def test_a_broken_glass_lets_a_first_filing_and_a_clients_notice_leave(incoming: Incoming) -> None:
    """On both databases; on the ground of the glass, which stands in the chronology."""
    incoming.service.database.write(lambda session: add_account(session, RESPONDER))
    incoming.alert(WEB_SHELL)
    with pytest.raises(NotAllowed, match="the role responder does not allow"):
        release(incoming, "cnil")
    made = break_it(incoming)
    assert made.ends_at == incoming.now + 12 * HOUR
    client = next(one.recipient for one in incoming.dossier().obligations if one.recipient.startswith("client:"))
    for recipient in ("cnil", client):
        release(incoming, recipient)
        words = [dict(one.words or {}) for one in incoming.dossier().timeline if one.kind is EntryKind.TEXT_APPROVED]
        assert (words[-1]["recipient"], words[-1]["ground"], words[-1]["ground_number"]) == (
            recipient, "broken_glass", str(made.id),
        )  # fmt: skip
    assert incoming.kinds().count(EntryKind.GLASS_BROKEN) == 1


def test_what_was_released_under_a_glass_is_recorded_as_sent(night: Incoming) -> None:
    """By the same person, whose role alone would not let them; of nothing else."""
    break_it(night)
    release(night, "cnil")
    service = night.service

    def file(recipient: str) -> None:
        command = FilingCommand(night.owed_to(recipient).id, night.now, "portal", "CNIL-1")
        service.database.write(
            lambda session: incidents.record_filing(
                session, RESPONDER, REFERENCE, command, service.knowledge(), service.cipher, lambda *_: LETTER,
                night.now,
            )
        )  # fmt: skip

    file("cnil")
    assert night.owed_to("cnil").fulfilled_at == night.now
    with pytest.raises(InvalidCommand, match="nobody has approved"):
        file("persons")


def test_a_broken_glass_lets_nobody_inform_the_persons_or_say_what_it_is(night: Incoming) -> None:
    """Nor dismiss, confirm, close or decide that a notice is not required."""
    break_it(night)
    with pytest.raises(NotAllowed, match="persons concerned waits"):
        release(night, "persons")
    for act, command in (
        (incidents.confirm, ("It is one.",)), (incidents.dismiss, ("It is none.",)),
        (incidents.decide_not_required, (night.owed_to("cnil").id, "Not required.")), (incidents.close, ("Done.",)),
    ):  # fmt: skip
        with pytest.raises(NotAllowed, match="responder"):
            night.act(act, RESPONDER, *command)
    night.act(incidents.record_awareness, RESPONDER, Awareness(night.now, "Seen."))


def test_a_dpo_who_only_advises_may_break_it_and_gets_no_more(night: Incoming) -> None:
    """Their role would let them qualify; the glass does not."""
    break_it(night, ADVISER)
    release(night, "cnil", ADVISER)
    with pytest.raises(NotAllowed, match="no mandate"):
        night.act(incidents.confirm, ADVISER, "It is one.")
    with pytest.raises(NotAllowed, match="persons concerned waits"):
        release(night, "persons", ADVISER)


def test_a_second_notice_to_the_same_recipient_waits_for_somebody_who_decides(night: Incoming) -> None:
    """The glass releases a first one only."""
    number = night.owed_to("cnil").id
    service = night.service
    approve(service, number, lambda *_: LETTER, night.now)
    command = FilingCommand(number, night.now, "portal")
    service.database.write(
        lambda session: incidents.record_filing(
            session, DPO, REFERENCE, command, service.knowledge(), service.cipher, lambda *_: LETTER, night.now
        )
    )
    break_it(night)
    with pytest.raises((InvalidCommand, NotAllowed)):
        release(night, "cnil")


@pytest.mark.parametrize(("after", "lets"), [(timedelta(0), True), (12 * HOUR - HOUR / 60, True), (12 * HOUR, False)])
def test_it_ends_after_its_hours(night: Incoming, clock: Any, after: timedelta, lets: bool) -> None:
    """To the instant."""
    break_it(night)
    clock.at += after
    if lets:
        release(night, "cnil")
    else:
        with pytest.raises(NotAllowed, match="responder"):
            release(night, "cnil")


def test_it_is_one_persons_in_one_incident(night: Incoming) -> None:
    """Not a colleague's, and not in the incident beside it."""
    night.alert({**WEB_SHELL, "host": "db-01", "id": "other"})
    break_it(night)
    with pytest.raises(NotAllowed, match="responder"):
        release(night, "cnil", OTHER)
    number = night.owed_to("cnil", "INC-2026-0002").id
    with pytest.raises(NotAllowed, match="responder"):
        approve(
            night.service, number, lambda *_: LETTER, night.now, actor=RESPONDER, reference="INC-2026-0002"
        )  # fmt: skip


# Who may, and what they must say --------------------------------------------------------------------------------------


def test_it_asks_for_a_reason_and_whom_one_tried_to_reach(night: Incoming) -> None:
    """The sentence names who it should have been; where everybody is away nobody need have been tried."""
    with pytest.raises(InvalidCommand, match="why it cannot wait"):
        break_it(night, reason="because")
    with pytest.raises(InvalidCommand, match="it should have been Camille Vauzelle, Alix Montreuil"):
        break_it(night, tried=" ")
    away(night, DECIDER, DPO)
    break_it(night, tried="")
    words = dict(next(one for one in night.dossier().timeline if one.kind is EntryKind.GLASS_BROKEN).words or {})
    assert (words["should_have_been"], words["away"]) == ("", "Camille Vauzelle, Alix Montreuil")
    assert words["reason"] == REASON


def test_whoever_can_decide_breaks_no_glass(night: Incoming) -> None:
    """They decide; and a glass that is broken already is not broken twice."""
    with pytest.raises(InvalidCommand, match="you can decide here already"):
        break_it(night, DPO)
    break_it(night)
    for actor in (RESPONDER, OTHER):
        with pytest.raises(InvalidCommand):
            break_it(night, actor)
    assert night.count(BrokenGlassRow) == 1


def test_only_people_whose_role_is_on_call_break_it(night: Incoming) -> None:
    """Neither a decider without a mandate, a reader, an administrator, a token nor the operator."""
    for role in (UserRole.DECIDER, UserRole.VIEWER, UserRole.ADMIN, UserRole.AUDITOR, UserRole.INSPECTOR):
        with pytest.raises(NotAllowed):
            break_it(night, Actor("somebody", role, person=OTHER.person))
    with pytest.raises(NotAllowed):
        break_it(night, Actor("token:x", UserRole.RESPONDER, scope=frozenset({Act.BREAK_GLASS})))
    with pytest.raises(InvalidCommand, match="decides already"):
        break_it(night, OPERATOR)


def test_where_a_rota_names_who_is_on_call_it_is_for_them(night: Incoming) -> None:
    """Another responder is told whom to reach."""
    document = RotaDocument.model_validate(
        {"first": {"people": [f"p{OTHER.person}@us.example"], "starts_on": "2026-11-02"}, "zone": "Europe/Paris"}
    )  # fmt: skip
    night.service.database.write(lambda session: rota.set_rota(session, OPERATOR, document, night.now))
    with pytest.raises(NotAllowed, match="now Maud Keller"):
        break_it(night)
    break_it(night, OTHER)


def test_nothing_is_broken_in_an_incident_that_is_over_or_unknown(night: Incoming) -> None:
    """There is nothing left to send."""
    with pytest.raises(NotFound):
        break_it(night, reference="INC-1999-0001")
    night.act(incidents.dismiss, DPO, "A test.")
    with pytest.raises(InvalidCommand, match="dismissed"):
        break_it(night)


# Told -----------------------------------------------------------------------------------------------------------------


def test_those_whose_place_is_taken_are_told_at_once_and_daily_until_it_is_reviewed(
    night: Incoming, clock: Any
) -> None:
    """Who represents, decides or advises; each once a day; nobody after the review."""
    break_it(night)
    everybody = sorted((CAMILLE, DECIDER.person or 0, ADVISER.person or 0))
    assert told(night) == everybody
    tell_again(night)
    assert told(night) == everybody, "not twice on the first day"
    for days in (1, 2):
        clock.at += DAY
        for _ in range(3):
            tell_again(night)
        assert len(told(night)) == (1 + days) * len(everybody)
    review(night, DECIDER)
    clock.at += DAY
    tell_again(night)
    assert len(told(night)) == 3 * len(everybody)


def test_whom_an_incident_concerns_is_not_told_of_it(night: Incoming) -> None:
    """Whatever they hold."""
    shut_out = IncidentPersonRow(
        incident_id=1, user_id=DECIDER.person or 0, standing=Standing.CONCERNED, by="somebody", reason="x", at=LONG_AGO
    )
    night.service.database.write(lambda session: session.add(shut_out))
    break_it(night)
    assert DECIDER.person not in told(night)
    assert CAMILLE in told(night)


def test_a_dpo_who_breaks_it_is_not_told_by_themselves(night: Incoming) -> None:
    """The others are."""
    break_it(night, ADVISER)
    assert told(night) == sorted((CAMILLE, DECIDER.person or 0))


# Reviewed -------------------------------------------------------------------------------------------------------------


def outstanding(incoming: Incoming) -> list[str]:
    with incoming.service.database.reading() as session:
        return [reference for _, reference in acts.outstanding(session, incoming.now)]


def test_it_stays_outstanding_until_somebody_else_has_reviewed_it(night: Incoming) -> None:
    """Also after its hours; the review stands in the chronology, and ends it."""
    break_it(night)
    assert outstanding(night) == [REFERENCE]
    review(night, DECIDER)
    assert outstanding(night) == []
    (words,) = [dict(one.words or {}) for one in night.dossier().timeline if one.kind is EntryKind.GLASS_REVIEWED]
    assert words == {"number": "1", "person": "Yanis Ferrachat", "note": "It was needed and it was right."}
    with pytest.raises(NotAllowed, match="responder"):
        release(night, "cnil")
    with pytest.raises(InvalidCommand, match="Alix Montreuil reviewed it already"):
        review(night, DPO)


def test_whoever_broke_it_does_not_review_it(night: Incoming) -> None:
    """Nor does somebody whose role neither decides nor advises, nor a token; nor without a word on it."""
    break_it(night, ADVISER)
    with pytest.raises(NotAllowed, match="another decider"):
        review(night, ADVISER)
    for role in (UserRole.RESPONDER, UserRole.ADMIN, UserRole.VIEWER, UserRole.AUDITOR):
        with pytest.raises(NotAllowed, match=role):
            review(night, Actor("somebody", role, person=OTHER.person))
    with pytest.raises(NotAllowed):
        review(night, Actor("token:x", UserRole.DPO, scope=frozenset()))
    with pytest.raises(InvalidCommand, match="say what you found"):
        review(night, DECIDER, words="ok")
    with pytest.raises(NotFound, match="number 9"):
        review(night, DECIDER, 9)
    assert outstanding(night) == [REFERENCE]


def test_it_ends_with_the_account_and_is_reviewed_all_the_same(night: Incoming) -> None:
    """Nobody reads on a page that somebody may decide who is gone; what they did is still looked at."""
    broken = break_it(night)
    database, person = night.service.database, RESPONDER.person or 0
    database.write(
        lambda session: accounts.disable(
            session, OPERATOR, person, night.now, reason="A stolen laptop.", for_security=True
        )
    )
    with database.reading() as session:
        [held] = deciding.glasses_of(session, broken.incident)
    assert held.ends_at == night.now
    assert not held.is_open(night.now)
    assert held.reviewed_at is None
