"""What rests on one person, and who can take it on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.access import ALLOWED, PEOPLE, BrokenGlass, Mandate, MandateKind, UserRole
from breach_service.domain.handover import (
    NEEDED,
    OpenIncident,
    OwedNotice,
    SentLetter,
    Situation,
    Unfit,
    Work,
    WorkKind,
    deputy_of,
    open_work,
    why_unfit,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)
ANNE, REMI, YANIS, CLAIRE, ZOE = range(1, 6)
ROLES = {
    ANNE: UserRole.ADMIN, REMI: UserRole.RESPONDER, YANIS: UserRole.RESPONDER, CLAIRE: UserRole.DPO,
    ZOE: UserRole.DECIDER,
}  # fmt: skip
INCIDENT = OpenIncident(
    7, "INC-2026-0007", "us", REMI, is_qualified=False, awaits_opinion=True,
    notices=(OwedNotice(70, NOW + DAY, is_to_be_released=True), OwedNotice(71, None, is_to_be_released=False)),
)  # fmt: skip


def mandate(person: int, number: int = 9, **changes: object) -> Mandate:
    held = Mandate(
        number, person, "x", MandateKind.DELEGATION, "", frozenset(), "the board", "minutes", NOW - DAY, None
    )  # fmt: skip
    return replace(held, **changes)  # type: ignore[arg-type]


def situation(**changes: object) -> Situation:
    found = Situation(ROLES, (INCIDENT,), administrators=frozenset({ANNE, 99}))
    return replace(found, **changes)  # type: ignore[arg-type]


def kinds(person: int, found: Situation) -> list[WorkKind]:
    return [one.kind for one in open_work(person, found, NOW).items]


def test_whoever_leads_has_the_incident_and_its_notices() -> None:
    """Each notice by itself, with its date."""
    work = open_work(REMI, situation(), NOW)
    assert [(one.kind, one.number, one.due_at) for one in work.items] == [
        (WorkKind.LEADS, 7, None), (WorkKind.NOTICE, 70, NOW + DAY), (WorkKind.NOTICE, 71, None),
    ]  # fmt: skip
    assert bool(work)
    assert not work.without({one.key for one in work.items})


def test_the_only_one_who_can_decide_has_the_decisions() -> None:
    """The qualification, and each text that waits; a second decider takes the weight off."""
    alone = situation(mandates=(mandate(ZOE),))
    assert kinds(ZOE, alone) == [WorkKind.DECISION, WorkKind.DRAFT, WorkKind.MANDATE]
    two = situation(mandates=(mandate(ZOE), mandate(CLAIRE, 10)))
    assert kinds(ZOE, two) == [WorkKind.MANDATE]


@pytest.mark.parametrize(
    "other",
    [{"organisation": "elsewhere"}, {"from_at": NOW + DAY}, {"to_at": NOW}, {"revoked_at": NOW - DAY}, {"person": 88}],
)
def test_a_mandate_that_does_not_hold_here_takes_no_weight_off(other: dict[str, object]) -> None:
    """Of another organisation, not yet, no more, revoked, or of somebody who is gone."""
    found = situation(mandates=(mandate(ZOE), replace(mandate(CLAIRE, 10), **other)))  # type: ignore[arg-type]
    assert WorkKind.DECISION in kinds(ZOE, found)


def test_a_mandate_that_is_over_is_no_work() -> None:
    """One that is still to come is: somebody counts on it."""
    assert kinds(ZOE, situation(mandates=(mandate(ZOE, to_at=NOW),))) == []
    assert kinds(ZOE, situation(mandates=(mandate(ZOE, from_at=NOW + DAY),))) == [WorkKind.MANDATE]


def test_whom_an_incident_concerns_takes_no_weight_off() -> None:
    """They are shut out of it: the other one is alone there."""
    other = situation(
        mandates=(mandate(ZOE), mandate(CLAIRE, 10)), incidents=(replace(INCIDENT, concerned=frozenset({CLAIRE})),)
    )
    assert WorkKind.DECISION in kinds(ZOE, other)
    assert WorkKind.OPINION not in kinds(CLAIRE, other)


def test_the_only_one_named_in_a_restricted_incident_is_missed_there() -> None:
    """Nobody else would even see it."""
    hidden = situation(incidents=(replace(INCIDENT, named=frozenset({REMI}), lead=None),))
    assert kinds(REMI, hidden) == [WorkKind.NAMED]
    assert kinds(CLAIRE, hidden) == []


def test_the_rest_of_what_one_person_may_hold() -> None:
    """Reviews that only they can give, receipts, the rota, whose substitute they are, the only administrator."""
    glass = BrokenGlass(5, 7, CLAIRE, "Claire", NOW - DAY, "x", NOW)
    found = situation(
        incidents=(), glasses=((glass, "INC-2026-0007"),), letters=(SentLetter(3, 7, "INC-2026-0007"),), levels=(1, 3),
        stands_in_for=(REMI,), administrators=frozenset({ZOE}),
    )  # fmt: skip
    assert kinds(ZOE, found) == [
        WorkKind.LETTER, WorkKind.REVIEW, WorkKind.ROTA, WorkKind.ROTA, WorkKind.STANDS_IN, WorkKind.ADMINISTRATOR,
    ]  # fmt: skip
    assert WorkKind.REVIEW not in kinds(CLAIRE, found), "whoever broke it does not review it"


def test_a_successor_must_be_there_be_allowed_see_it_and_hold_the_mandate() -> None:
    """Each reason by its word."""
    found = situation(mandates=(mandate(ZOE),))
    [leads, *_] = open_work(REMI, found, NOW).items
    assert why_unfit(leads, REMI, YANIS, found, NOW) is None
    assert why_unfit(leads, REMI, REMI, found, NOW) is Unfit.GONE
    assert why_unfit(leads, REMI, 88, found, NOW) is Unfit.GONE
    assert why_unfit(leads, REMI, ANNE, found, NOW) is Unfit.ROLE
    shut = situation(incidents=(replace(INCIDENT, concerned=frozenset({YANIS})),))
    assert why_unfit(leads, REMI, YANIS, shut, NOW) is Unfit.UNSEEN
    decision = Work(WorkKind.DECISION, 7, "INC-2026-0007", 7, "us")
    assert why_unfit(decision, ZOE, CLAIRE, found, NOW) is Unfit.MANDATE
    both = situation(mandates=(mandate(ZOE), mandate(CLAIRE, 10)))
    assert why_unfit(decision, ZOE, CLAIRE, both, NOW) is None


def test_every_kind_of_work_asks_for_an_act_that_somebody_may_do() -> None:
    """Otherwise nobody who holds it could ever leave."""
    assert set(NEEDED) == set(WorkKind)
    assert all(ALLOWED[act] for act in NEEDED.values())


def test_the_deputy_is_who_can_do_most_and_was_asked_first() -> None:
    """Nobody where nobody can do anything; whoever is asked first where there is nothing to do."""
    found, work = situation(), open_work(REMI, situation(), NOW)
    assert deputy_of(work, [ANNE, CLAIRE, YANIS], found, NOW) == CLAIRE
    assert deputy_of(work, [ANNE, REMI, 88], found, NOW) is None
    assert deputy_of(open_work(YANIS, found, NOW), [ANNE, CLAIRE], found, NOW) == ANNE


@given(
    roles=st.dictionaries(st.integers(1, 6), st.sampled_from(PEOPLE), max_size=6), person=st.integers(1, 6),
    lead=st.none() | st.integers(1, 6), deciding=st.sets(st.integers(1, 6)), concerned=st.sets(st.integers(1, 6)),
    named=st.none() | st.sets(st.integers(1, 6)), successor=st.integers(1, 7),
)  # fmt: skip
def test_nobody_who_is_shut_out_or_may_not_is_ever_fit(
    roles: dict[int, UserRole], person: int, lead: int | None, deciding: set[int], concerned: set[int],
    named: set[int] | None, successor: int,
) -> None:  # fmt: skip
    """Whatever there is to hand over, and to whomever."""
    one = replace(
        INCIDENT, lead=lead, concerned=frozenset(concerned), named=None if named is None else frozenset(named)
    )  # fmt: skip
    roles = {person: UserRole.DPO, **roles}
    found = Situation(roles, (one,), tuple(mandate(each, each) for each in deciding))
    for work in open_work(person, found, NOW).items:
        if why_unfit(work, person, successor, found, NOW) is None:
            assert successor != person
            assert roles[successor] in ALLOWED[NEEDED[work.kind]]
            assert work.incident is None or successor not in concerned
            assert work.incident is None or named is None or successor in named
