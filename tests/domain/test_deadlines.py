"""Who must be told, and by when: what follows from an assessment, and where its clock stands."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from breach_service.domain.assessment import Duties, Duty, PerimeterAssessment
from breach_service.domain.conditions import Truth
from breach_service.domain.deadlines import (
    OPEN_STATES,
    InForce,
    Obligation,
    Obliging,
    Regime,
    RegimeKind,
    Term,
    due_after,
    obligations_for,
    state_of,
    terms_for,
    trigger_for,
)
from breach_service.domain.incident import ClockState, Instant, InstantKind, Perimeter, instants_for
from breach_service.domain.inventory import Client, Role
from breach_service.domain.rules import NO_RISK

PARIS = ZoneInfo("Europe/Paris")
AT = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)
AWARE, FLAW = InstantKind.AWARE_AT, InstantKind.FLAW_DISCOVERED_AT
REQUIRED, NOT_REQUIRED, UNDECIDED = Duty
ALL_REQUIRED = Duties(REQUIRED, REQUIRED, REQUIRED, REQUIRED)


def a_regime(duty: str = "authority", **changes: Any) -> Regime:
    """A regime as a file writes it; to be counted from awareness, seventy-two hours."""
    text = {"fr": "régime"}
    fields: dict[str, Any] = {
        "id": f"to-{duty}", "title": text, "why": text, "kind": "legal", "reference": "RGPD art. 33",
        "verified": {"on": "2026-11-22", "where": "EUR-Lex"}, "in_force": {"from": "2018-05-25"}, "duty": duty,
        "counted_from": "aware_at", "counted_from_words": text, "term": {"hours": 72},
    }  # fmt: skip
    return Regime.model_validate({**fields, **changes})


def assessed(
    role: Role = Role.CONTROLLER, duties: Duties = ALL_REQUIRED, client: str | None = None
) -> PerimeterAssessment:
    """A perimeter with these duties."""
    perimeter = Perimeter(f"client:{client}" if client else "own", role, "C", client, (), (), ())
    return PerimeterAssessment(perimeter, Truth.YES, Truth.YES, {}, NO_RISK, duties, (), {}, (), None)


def a_client(hours: float | None = None, clause: str = "") -> Client:
    """A client with its contract."""
    contract = {"notice_hours": hours, "clause": clause}
    return Client.model_validate({"id": "acme", "name": "Acme", "contract": contract})


def an_instant(hours: float, kind: InstantKind = AWARE, perimeter: str = "", recorded: int = 0) -> Instant:
    """Recorded so many hours after the first alert."""
    return Instant(kind, AT + timedelta(hours=hours), "reason", "somebody", perimeter, recorded)


def owed(
    *regimes: Regime, of: PerimeterAssessment | None = None, client: Client | None = None, facts: Any = None,
    instants: tuple[Instant, ...] = (an_instant(8),), detected_at: datetime = AT,
) -> tuple[Obligation, ...]:  # fmt: skip
    """The obligations of one perimeter."""
    perimeter = of or assessed()
    counted = instants_for(perimeter.perimeter.key, instants)
    return obligations_for(perimeter, Obliging(regimes), counted, detected_at, client, facts or {})


EVERY_DUTY = tuple(map(a_regime, ("register", "authority", "persons", "client")))


@pytest.mark.parametrize("role", [Role.CONTROLLER, Role.JOINT])
def test_as_controller_we_owe_the_register_the_authority_and_the_persons(role: Role) -> None:
    """And no notice to a client."""
    assert [one.recipient for one in owed(*EVERY_DUTY, of=assessed(role))] == ["register", "cnil", "persons"]


@pytest.mark.parametrize("role", [Role.PROCESSOR, Role.SUB_PROCESSOR])
def test_as_processor_we_owe_the_client_and_nobody_else(role: Role) -> None:
    """The CNIL and the persons are the client's to tell."""
    perimeter = assessed(role, client="acme")
    (only,) = owed(*EVERY_DUTY, of=perimeter, client=a_client())
    assert (only.recipient, only.perimeter, only.key) == (
        "client:acme",
        "client:acme",
        ("client:acme", "to-client", "client:acme"),
    )


def test_a_duty_that_is_excluded_makes_no_obligation_and_an_undecided_one_does() -> None:
    """While both outcomes can be reached the clock runs, and the advice is to notify."""
    found = owed(*EVERY_DUTY, of=assessed(duties=Duties(REQUIRED, UNDECIDED, NOT_REQUIRED, REQUIRED)))
    assert [(one.recipient, one.advice) for one in found] == [("register", REQUIRED), ("cnil", UNDECIDED)]
    nothing = assessed(Role.PROCESSOR, Duties(REQUIRED, REQUIRED, REQUIRED, NOT_REQUIRED), "acme")
    assert owed(*EVERY_DUTY, of=nothing) == ()


def test_a_clock_is_provisional_until_its_instant_is_recorded() -> None:
    """Before, it counts from the first alert: the earliest that awareness could have been."""
    (before,) = owed(a_regime(), instants=())
    assert (before.is_provisional, before.triggered_at, before.due_at) == (True, AT, AT + timedelta(hours=72))
    (after,) = owed(a_regime(), instants=(an_instant(8),))
    assert (after.is_provisional, after.due_at) == (False, AT + timedelta(hours=80))


def test_a_clock_of_another_instant_stays_provisional() -> None:
    """Each regime waits for its own trigger."""
    (only,) = owed(a_regime(counted_from="attack_known_at"))
    assert only.is_provisional


@pytest.mark.parametrize(
    ("instants", "hours", "is_recorded"),
    [
        ((), 0, False),
        ((an_instant(8),), 8, True),
        ((an_instant(8), an_instant(3, FLAW)), 3, True),
        ((an_instant(3, FLAW),), 3, True),
        ((an_instant(5, InstantKind.OCCURRED_AT),), 0, False),
    ],
)
def test_a_flaw_without_its_own_date_was_known_at_awareness_at_the_latest(
    instants: tuple[Instant, ...], hours: float, is_recorded: bool
) -> None:
    """Who knows of the breach knows of the flaw."""
    trigger = trigger_for(FLAW, instants_for("own", instants), AT)
    assert trigger == (AT + timedelta(hours=hours), is_recorded)


def test_awareness_is_never_taken_from_the_flaw() -> None:
    """Knowing a flaw is not yet knowing of a breach."""
    assert trigger_for(AWARE, instants_for("own", [an_instant(3, FLAW)]), AT) == (AT, False)


def test_a_perimeters_own_instant_starts_its_clock() -> None:
    """One client may have told us before we knew of the rest."""
    instants = (an_instant(8, recorded=2), an_instant(2, perimeter="client:acme", recorded=1))
    client = owed(a_regime("client"), of=assessed(Role.PROCESSOR, client="acme"), instants=instants)
    own = owed(a_regime(), instants=instants)
    assert [one.due_at for one in (*client, *own)] == [AT + timedelta(hours=74), AT + timedelta(hours=80)]


SHORTENED = {"contract_may_shorten": True}


@pytest.mark.parametrize(
    ("agreed", "changes", "hours"),
    [
        (24, SHORTENED, 24),
        (72, SHORTENED, 72),
        (96, SHORTENED, 72),
        (None, SHORTENED, 72),
        (24, {}, 72),
        (24, SHORTENED | {"term": {}}, 24),
        (24, SHORTENED | {"term": {"months": 1}}, 24),
        (5000, SHORTENED | {"term": {"months": 1}}, None),
    ],
)
def test_a_contract_shortens_a_term_and_never_lengthens_it(
    agreed: float | None, changes: dict[str, Any], hours: float | None
) -> None:
    """Where the regime allows it; a regime without a term takes the contract's."""
    terms = terms_for(a_regime("client", **changes), a_client(agreed))
    assert terms.hours == hours
    assert terms.hours is None or terms.months is None


def test_a_shorter_contract_leaves_its_clause_in_the_terms() -> None:
    """So that whoever reads the obligation finds what it stands on; without a clause the regime's reference stays."""
    regime = a_regime("client", **SHORTENED)
    terms = terms_for(regime, a_client(24, "Contrat, article 12.4"))
    assert (terms.kind, terms.reference) == (RegimeKind.CONTRACT, "Contrat, article 12.4")
    assert terms_for(regime, a_client(24)).reference == "RGPD art. 33"
    kept = terms_for(regime, a_client(96, "Contrat, article 12.4"))
    assert (kept.kind, kept.reference, kept.regime) == (RegimeKind.LEGAL, "RGPD art. 33", "to-client")
    assert terms_for(regime, None) == kept


@pytest.mark.parametrize(
    ("force", "is_owed"),
    [
        ({"from": "2026-11-21"}, True),
        ({"from": "2026-11-22"}, False),
        ({"from": "2018-05-25", "to": "2026-11-21"}, True),
        ({"from": "2018-05-25", "to": "2026-11-20"}, False),
    ],
)
def test_a_regime_applies_from_its_first_day_to_its_last(force: dict[str, str], is_owed: bool) -> None:
    """Both included, on the day on which the clock starts."""
    assert bool(owed(a_regime(in_force=force), instants=(an_instant(0),))) is is_owed


def test_the_day_is_that_of_the_organisation() -> None:
    """An hour after midnight in Paris is a new day, whatever the day in UTC and however the instant was written."""
    at = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    counted = {AWARE: Instant(AWARE, at)}
    regime = a_regime(in_force={"from": "2026-11-21"})
    assert obligations_for(assessed(), Obliging((regime,), zone=PARIS), counted, AT, None, {})
    assert not obligations_for(assessed(), Obliging((regime,)), counted, AT, None, {})
    written_elsewhere = {AWARE: Instant(AWARE, at.astimezone(ZoneInfo("Asia/Tokyo")))}
    assert not obligations_for(assessed(), Obliging((regime,)), written_elsewhere, AT, None, {})


def test_a_regime_that_is_switched_off_gives_nothing() -> None:
    """Nor does it disturb the others."""
    found = owed(a_regime(is_switched_on=False), a_regime("register"))
    assert [one.recipient for one in found] == ["register"]


def test_a_regime_applies_unless_its_conditions_exclude_it() -> None:
    """Not knowing whether it applies leaves the obligation undecided, never silent."""
    regime = a_regime(applies_when={"health": {"fact": "data.categories", "contains": "health"}})
    assert owed(regime, facts={"data.categories": frozenset({"contact"})}) == ()
    (sure,) = owed(regime, facts={"data.categories": frozenset({"health"})})
    (open_one,) = owed(regime)
    assert (sure.advice, open_one.advice) == (REQUIRED, UNDECIDED)


def test_the_role_in_the_perimeter_is_always_a_condition_that_can_be_asked() -> None:
    """Whatever the facts say."""
    regime = a_regime(applies_when={"role": {"fact": "perimeter.role", "is": "joint"}})
    assert owed(regime, facts={"perimeter.role": "joint"}) == ()
    assert owed(regime, of=assessed(Role.JOINT))


def test_a_term_is_in_hours_or_in_months() -> None:
    """Both, or none that lasts, are refused; neither means without undue delay."""
    for wrong in ({"hours": 72, "months": 1}, {"hours": 0}, {"months": 0}, {"hours": float("inf")}, {"days": 3}):
        with pytest.raises(ValidationError):
            Term.model_validate(wrong)
    (only,) = owed(a_regime(term={}))
    assert only.due_at is None
    assert state_of(only, AT + timedelta(days=400)) is ClockState.RUNNING


@pytest.mark.parametrize(
    ("trigger", "due"),
    [
        ("2026-03-27T18:30+01:00", "2026-03-30T19:30+02:00"),
        ("2026-10-23T18:30+02:00", "2026-10-26T17:30+01:00"),
        ("2026-03-29T01:59+01:00", "2026-04-01T02:59+02:00"),
        ("2026-10-25T02:30+02:00", "2026-10-28T01:30+01:00"),
        ("2026-10-25T02:30+01:00", "2026-10-28T02:30+01:00"),
        ("2026-11-27T18:30+01:00", "2026-11-30T18:30+01:00"),
    ],
)
def test_seventy_two_hours_are_elapsed_hours_across_both_clock_changes(trigger: str, due: str) -> None:
    """The local clock shows an hour more in spring and an hour less in autumn; weekends count."""
    due_at = due_after(datetime.fromisoformat(trigger), terms_for(a_regime(), None))
    assert due_at == datetime.fromisoformat(due)
    assert due_at is not None
    assert due_at.tzinfo is UTC


ZONES = st.sampled_from([UTC, PARIS, ZoneInfo("America/St_Johns"), ZoneInfo("Pacific/Chatham")])
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


@settings(deadline=None)
@given(INSTANTS, ZONES, st.sampled_from([0.5, 24, 48, 72, 96]))
def test_a_due_date_does_not_depend_on_the_zone_in_which_its_trigger_is_written(
    at: datetime, zone: Any, hours: float
) -> None:
    """The same instant gives the same obligation, in UTC."""
    regime = a_regime(term={"hours": hours})
    found = [owed(regime, instants=(Instant(AWARE, one),)) for one in (at, at.astimezone(zone))]
    found += [owed(regime, instants=(), detected_at=one) for one in (at, at.astimezone(zone))]
    assert found[0] == found[1]
    assert found[2] == found[3]
    for (only,) in found:
        assert only.due_at == at + timedelta(hours=hours)
        assert only.triggered_at.tzinfo is UTC


def test_calendar_months_end_at_the_same_local_time() -> None:
    """A month from the last of January is the last of February; the clock on the wall decides, as for any such term."""
    regime = a_regime(term={"months": 1})
    trigger = datetime(2026, 3, 10, 9, 0, tzinfo=PARIS)
    assert due_after(trigger, terms_for(regime, None), PARIS) == datetime(2026, 4, 10, 9, 0, tzinfo=PARIS)
    last = datetime(2027, 1, 31, 9, 0, tzinfo=PARIS)
    assert due_after(last, terms_for(regime, None), PARIS) == datetime(2027, 2, 28, 9, 0, tzinfo=PARIS)
    counted = {AWARE: Instant(AWARE, last)}
    (only,) = obligations_for(assessed(), Obliging((regime,), zone=PARIS), counted, AT, None, {})
    assert only.due_at == datetime(2027, 2, 28, 8, 0, tzinfo=UTC)


def test_a_trigger_without_a_zone_is_refused() -> None:
    """It could be hours off."""
    with pytest.raises(ValueError, match="offset from UTC"):
        due_after(datetime(2026, 11, 21, 2, 12), terms_for(a_regime(), None))  # the fault that is shown


(RUNNING_72,) = owed(a_regime(), instants=(an_instant(0),))
DUE_AT = AT + timedelta(hours=72)


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (AT, ClockState.RUNNING),
        (DUE_AT - timedelta(hours=18, seconds=1), ClockState.RUNNING),
        (DUE_AT - timedelta(hours=18), ClockState.DUE_SOON),
        (DUE_AT - timedelta(seconds=1), ClockState.DUE_SOON),
        (DUE_AT, ClockState.OVERDUE),
        (DUE_AT + timedelta(days=9), ClockState.OVERDUE),
    ],
)
def test_an_obligation_runs_then_is_due_soon_then_overdue(now: datetime, state: ClockState) -> None:
    """All three are open."""
    assert state_of(RUNNING_72, now) is state
    assert state in OPEN_STATES


@pytest.mark.parametrize(
    ("now", "is_fulfilled", "is_withdrawn", "is_excused"), list(product([AT, DUE_AT], *[[0, 1]] * 3))
)
def test_what_was_done_outweighs_what_was_withdrawn_and_what_was_decided(
    now: datetime, is_fulfilled: bool, is_withdrawn: bool, is_excused: bool
) -> None:
    """A notice that was sent stays sent; settled is settled however late it is."""
    settled = replace(
        RUNNING_72,
        fulfilled_at=AT if is_fulfilled else None,
        withdrawn_at=AT if is_withdrawn else None,
        not_required_reason="chiffré" if is_excused else None,
    )
    states = [ClockState.FULFILLED] * is_fulfilled + [ClockState.WITHDRAWN] * is_withdrawn
    states += [ClockState.NOT_REQUIRED] * is_excused
    if states:
        assert state_of(settled, now) is states[0]
        assert states[0] not in OPEN_STATES


def test_a_period_in_force_reads_days_however_they_are_written() -> None:
    """As words or as dates, with or without an end."""
    written = InForce.model_validate({"from": "2026-01-01", "to": "2026-12-31"})
    assert InForce.model_validate({"from": written.from_, "to": written.to}) == written
    assert InForce.model_validate({"from": "2026-01-01"}).to is None
