"""What is owed besides the four duties: conditions, concerns of the organisation, targets, what follows a filing."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from breach_service.domain.assessment import Duty
from breach_service.domain.conditions import Truth
from breach_service.domain.deadlines import (
    Authority,
    Filed,
    FilingPhase,
    Obliging,
    Regime,
    RegimeKind,
    authority_of_client,
    company_obligations_for,
    obligations_for,
    recounted,
    state_of,
    terms_for,
)
from breach_service.domain.incident import ClockState, Instant, InstantKind, instants_for
from breach_service.domain.inventory import Client, Organisation, Role
from tests.domain.test_deadlines import AT, a_client, a_regime, an_instant, assessed

PARIS = ZoneInfo("Europe/Paris")
ATTACK = InstantKind.ATTACK_KNOWN_AT


def an_organisation(*concerns: dict[str, Any]) -> Organisation:
    """What it says of itself."""
    contact = {"name": "DPO"}
    return Organisation.model_validate({"id": "us", "name": "Us", "dpo": contact, "concerned_by": concerns})


def owed_by_us(
    *regimes: Regime, facts: Any = None, organisation: Organisation | None = None, filed: tuple[Filed, ...] = (),
    instants: tuple[Instant, ...] = (),
) -> Any:  # fmt: skip
    """The obligations of the company as a whole."""
    obliging = Obliging(regimes, organisation=organisation or an_organisation(), zone=PARIS)
    return company_obligations_for(obliging, instants, AT, facts or [{}], filed)


def a_police_regime(**changes: Any) -> Regime:
    """To the police, of malicious acts, of insured companies."""
    fields = {
        "counted_from": "attack_known_at", "concern": "cyber_insurance",
        "asked_when": {"known": {"fact": "incident.malicious", "known": True}},
        "applies_when": {"malicious": {"fact": "incident.malicious", "is": "yes"}},
    }  # fmt: skip
    return a_regime("police", **{**fields, **changes})


INSURED = {"by": "cyber_insurance", "valid_from": "2026-01-01", "hours": 48, "clause": "Police 12, art. 7"}


def test_a_fact_that_nobody_was_asked_makes_no_obligation() -> None:
    """The gate must be known to hold; behind it an unknown is undecided, and the clock runs."""
    us = an_organisation(INSURED)
    assert owed_by_us(a_police_regime(), facts=[{}], organisation=us) == ()
    (found,) = owed_by_us(a_police_regime(), facts=[{"incident.malicious": Truth.YES}], organisation=us)
    assert (found.recipient, found.perimeter, found.advice) == ("police", "", Duty.REQUIRED)
    open_gate = a_police_regime(asked_when={})
    (undecided,) = owed_by_us(open_gate, facts=[{}], organisation=us)
    assert undecided.advice is Duty.UNDECIDED
    assert owed_by_us(open_gate, facts=[{"incident.malicious": Truth.NO}], organisation=us) == ()


def test_a_condition_that_holds_in_any_part_of_the_incident_is_owed_once() -> None:
    """Thirty clients are not thirty complaints to the police."""
    facts = [{"incident.malicious": Truth.UNKNOWN}, {"incident.malicious": Truth.YES}]
    assert len(owed_by_us(a_police_regime(), facts=facts, organisation=an_organisation(INSURED))) == 1


@pytest.mark.parametrize(
    ("said", "unless_denied", "is_owed"),
    [
        ((), False, False),
        ((), True, True),
        (({"by": "cra"},), False, True),
        (({"by": "cra", "is_concerned": "no"},), True, False),
        (({"by": "cra", "valid_to": "2026-11-20"},), False, False),
        (({"by": "cra", "valid_from": "2026-11-22"},), False, False),
        (({"by": "nis2"},), False, False),
    ],
)
def test_the_company_says_by_which_regimes_it_is_concerned(
    said: tuple[dict[str, Any], ...], unless_denied: bool, is_owed: bool
) -> None:
    """On the day on which the clock starts; silence switches off, or asks, as the regime says."""
    regime = a_regime("cyber_authority", concern="cra", asked_unless_denied=unless_denied, authority="anssi")
    assert bool(owed_by_us(regime, organisation=an_organisation(*said))) is is_owed


def test_the_insurer_s_hours_are_those_of_the_policy() -> None:
    """And its clause; without hours there is no date."""
    regime = a_regime(
        "insurer", kind="contract", term={}, concern="cyber_insurance", organisation_sets_term=True,
        counted_from="detected_at",
    )  # fmt: skip
    (found,) = owed_by_us(regime, organisation=an_organisation(INSURED))
    assert (found.recipient, found.terms.hours, found.terms.reference) == ("insurer", 48, "Police 12, art. 7")
    assert found.due_at == AT + timedelta(hours=48)
    (open_end,) = owed_by_us(regime, organisation=an_organisation({"by": "cyber_insurance"}))
    assert open_end.due_at is None


def test_the_company_knows_what_one_of_its_parts_knows() -> None:
    """An instant recorded for one perimeter counts for the company; of several the earliest, its own before them."""
    parts = (an_instant(9, ATTACK, "own"), an_instant(5, ATTACK, "client:acme"), an_instant(30, ATTACK, "own", 7))
    us = an_organisation(INSURED)
    regime = a_police_regime(asked_when={}, applies_when={})
    (found,) = owed_by_us(regime, organisation=us, instants=parts)
    assert (found.triggered_at, found.is_provisional) == (AT + timedelta(hours=5), False)
    (found,) = owed_by_us(regime, organisation=us, instants=(*parts, an_instant(12, ATTACK)))
    assert found.triggered_at == AT + timedelta(hours=12)


COMPLEMENT = a_regime(
    "authority", id="complement", kind="target", follows="to-authority", follows_phase="initial",
    counted_from="fulfilled_at", reminders="gentle",
)  # fmt: skip


def owed_after(*filed: Filed) -> Any:
    """The obligations of our own perimeter after some filings."""
    obliging = Obliging((a_regime("authority"), COMPLEMENT), zone=PARIS)
    return obligations_for(assessed(), obliging, instants_for("own", [an_instant(8)]), AT, None, {}, filed)


def test_an_initial_filing_begins_the_time_of_its_complement() -> None:
    """From the sending, and only where it was the initial one, of the same perimeter."""
    sent = AT + timedelta(hours=20)
    assert [one.terms.regime for one in owed_after()] == ["to-authority"]
    assert len(owed_after(Filed("own", "to-authority", sent))) == 1
    assert len(owed_after(Filed("joint:x", "to-authority", sent, FilingPhase.INITIAL))) == 1
    _, complement = owed_after(Filed("own", "to-authority", sent, FilingPhase.INITIAL))
    assert (complement.recipient, complement.triggered_at) == ("cnil", sent)
    assert complement.due_at == sent + timedelta(hours=72)
    assert not complement.is_provisional


def test_a_target_passes_and_is_never_overdue() -> None:
    """It is due soon like any other; after that it is passed, until it is done."""
    sent = AT + timedelta(hours=20)
    _, complement = owed_after(Filed("own", "to-authority", sent, FilingPhase.INITIAL))
    states = [state_of(complement, sent + timedelta(hours=one)) for one in (0, 60, 72, 24 * 365)]
    assert states == [ClockState.RUNNING, ClockState.DUE_SOON, ClockState.PASSED, ClockState.PASSED]


def test_a_target_within_a_promise_is_a_second_date_on_the_same_obligation() -> None:
    """Twenty-four hours inside seventy-two; a contract that is shorter than the target leaves none."""
    target = a_regime(
        "client", id="target", kind="target", within="to-client", counted_from="flaw_discovered_at",
        term={"hours": 24}, reminders="gentle",
    )  # fmt: skip
    promise = a_regime("client", counted_from="flaw_discovered_at", contract_may_shorten=True)
    perimeter, flaw = assessed(Role.PROCESSOR, client="acme"), [an_instant(2, InstantKind.FLAW_DISCOVERED_AT)]
    counted = instants_for("client:acme", flaw)
    for hours, aimed in ((None, 26), (48, 26), (12, None)):
        obliging = Obliging((promise, target), zone=PARIS)
        (found,) = obligations_for(perimeter, obliging, counted, AT, a_client(hours), {})
        assert found.due_at == AT + timedelta(hours=2 + (hours or 72))
        assert found.target_at == (AT + timedelta(hours=aimed) if aimed else None)
        assert state_of(found, AT + timedelta(hours=27)) is not ClockState.OVERDUE or hours == 12


def test_a_regime_that_changes_never_rewrites_the_past() -> None:
    """Ninety-six hours from a day on are a file with a date: what arose before keeps its copy, whatever is in force."""
    before = a_regime("authority", id="old", in_force={"from": "2018-05-25", "to": "2026-11-30"})
    after = a_regime("authority", id="new", in_force={"from": "2026-12-01"}, term={"hours": 96})
    obliging = Obliging((before, after), zone=PARIS)

    def at(day: int, month: int) -> Any:
        aware = Instant(InstantKind.AWARE_AT, datetime(2026, month, day, 12, tzinfo=UTC))
        return obligations_for(assessed(), obliging, {InstantKind.AWARE_AT: aware}, AT, None, {})

    (held,) = at(30, 11)
    (new,) = at(1, 12)
    assert (held.terms.regime, held.terms.hours) == ("old", 72)
    assert (new.terms.regime, new.terms.hours) == ("new", 96)
    edited = a_regime("authority", id="old", term={"hours": 96}, reminders="gentle", reference="changed")
    later = Obliging((edited,), zone=PARIS)
    aware = {InstantKind.AWARE_AT: an_instant(10)}
    (wanted,) = obligations_for(assessed(), later, aware, AT, None, {})
    kept = recounted(held, wanted, aware, AT, (), later)
    assert kept.terms == held.terms
    assert kept.due_at == AT + timedelta(hours=10 + 72)


def test_of_two_terms_of_one_duty_the_one_that_ends_first_counts() -> None:
    """Four hours after the classification, twenty-four after awareness; none is waited for."""
    regime = a_regime(
        "sector_authority", authority="acpr", counted_from="classified_at", term={"hours": 4},
        also_within={"counted_from": "aware_at", "hours": 24},
    )  # fmt: skip
    aware, classified = an_instant(1), an_instant(3, InstantKind.CLASSIFIED_AT)
    late = an_instant(23, InstantKind.CLASSIFIED_AT)
    for instants, hours in (((), 24), ((aware,), 25), ((aware, classified), 7), ((aware, late), 25)):
        (found,) = owed_by_us(regime, instants=instants)
        assert found.due_at == AT + timedelta(hours=hours)


def test_what_counts_from_an_instant_that_may_never_come_has_no_date_before_it() -> None:
    """The fourteen days after a fix begin with the fix."""
    regime = a_regime("cyber_authority", authority="x", counted_from="corrected_at", term={"hours": 336})
    (found,) = owed_by_us(regime)
    assert (found.due_at, found.is_provisional) == (None, True)
    (found,) = owed_by_us(regime, instants=(an_instant(100, InstantKind.CORRECTED_AT),))
    assert found.due_at == AT + timedelta(hours=100 + 336)


def test_a_report_follows_the_notice_that_was_filed_by_calendar_months() -> None:
    """One month after 31 January at local time is the last of February."""
    sent = datetime(2026, 1, 31, 17, tzinfo=UTC)
    regime = a_regime(
        "cyber_authority", id="final", authority="anssi", follows="first", counted_from="fulfilled_at",
        term={"months": 1},
    )  # fmt: skip
    assert owed_by_us(regime) == ()
    (found,) = owed_by_us(regime, filed=(Filed("", "first", sent),))
    assert found.due_at == datetime(2026, 2, 28, 17, tzinfo=UTC)


def test_the_terms_keep_everything_that_is_needed_later() -> None:
    """Kind, counting, ladder, what a late notice needs, the office by its name of that day."""
    office = Authority.model_validate(
        {"id": "cnil", "name": {"fr": "CNIL"}, "short_name": "CNIL", "role": "data_protection", "country": "FR",
         "languages": ["fr"], "form": "cnil"}
    )  # fmt: skip
    regime = a_regime("authority", authority="cnil", may_be_late_with="reasons", reminders="gentle")
    kept = terms_for(regime, None, authority=office)
    assert (kept.kind, kept.counting, kept.reminders) == (RegimeKind.LEGAL, "strict", "gentle")
    assert (kept.may_be_late_with, kept.authority, kept.authority_name) == ("reasons", "cnil", "CNIL")
    assert kept.is_read_under_1182_71
    assert not terms_for(a_regime("police", counting="strict_only"), None).is_read_under_1182_71


@pytest.mark.parametrize(
    "wrong",
    [
        {"follows": "x"},
        {"counted_from": "fulfilled_at"},
        {"follows_phase": "initial"},
        {"within": "x"},
        {"asked_unless_denied": True},
        {"organisation_sets_term": True},
    ],
)
def test_parts_that_do_not_fit_each_other_are_refused(wrong: dict[str, Any]) -> None:
    """Each with what to write."""
    with pytest.raises(ValueError, match=r"write|say"):
        a_regime("police", **wrong)


def an_office(name: str, short: str, country: str) -> Authority:
    """A data protection authority."""
    return Authority.model_validate(
        {"id": name, "name": {"fr": short}, "short_name": short, "role": "data_protection", "country": country,
         "languages": ["fr"], "form": "article_33_3"}
    )  # fmt: skip


def test_the_authority_of_a_client_is_the_one_it_names_or_that_of_its_country() -> None:
    """A country with several needs the name."""
    offices = {
        one.id: one for one in (an_office("dpc", "DPC", "IE"), an_office("a", "A", "DE"), an_office("b", "B", "DE"))
    }

    def found(country: str, authority: str = "") -> str | None:
        client = Client.model_validate({"id": "c", "name": "C", "country": country, "authority": authority})
        office = authority_of_client(client, offices)
        return office.id if office else None

    assert [found("IE"), found("DE"), found("DE", "b"), found("DE", "A"), found("FR", "dpc"), found("XX")] == [
        "dpc", None, "b", "a", "dpc", None,
    ]  # fmt: skip
