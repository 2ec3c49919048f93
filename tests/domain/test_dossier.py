"""Everything about one incident in one value: what to look at first, and what belongs to what."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from breach_service.domain.assessment import Assessment, Duty, assess_perimeter
from breach_service.domain.conditions import Truth
from breach_service.domain.deadlines import DutyKind, Obligation, RegimeKind, Terms
from breach_service.domain.dossier import Dossier, Filing
from breach_service.domain.incident import (
    UNQUALIFIED_STATUSES,
    ClockState,
    Incident,
    IncidentStatus,
    InstantKind,
    Perimeter,
)
from breach_service.domain.inventory import Inventory, Role
from breach_service.domain.rules import NO_RISK

AT = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)
INVENTORY = Inventory.model_validate(
    {
        "organisations": [{"id": "us", "name": "Nous SAS", "dpo": {"name": "DPO"}}],
        "clients": [{"id": "acme", "name": "Acme"}, {"id": "zeta", "name": "Zeta"}],
    }
)


def hours(number: float) -> datetime:
    """That many hours after the first alert."""
    return AT + timedelta(hours=number)


def an_obligation(number: int, recipient: str = "cnil", due: float | None = 72, **changes: object) -> Obligation:
    """Due that many hours after the first alert."""
    duties = {"cnil": DutyKind.AUTHORITY, "persons": DutyKind.PERSONS, "register": DutyKind.REGISTER}
    duty = duties.get(recipient, DutyKind.CLIENT)
    terms = Terms(f"to-{duty}", RegimeKind.LEGAL, "RGPD", due, None, InstantKind.AWARE_AT)
    due_at = None if due is None else hours(due)
    one = Obligation("own", recipient, duty, terms, Duty.REQUIRED, False, AT, due_at, id=number)
    return replace(one, **changes)


def a_dossier(
    *obligations: Obligation,
    filings: tuple[Filing, ...] = (),
    status: IncidentStatus = IncidentStatus.CONFIRMED,
) -> Dossier:
    """A dossier of which only the clocks matter."""
    incident = Incident(1, "INC-2026-0001", "", status, "us", AT, AT, hours(4), "k", AT)
    own = Perimeter("own", Role.CONTROLLER, "Nous SAS", None, (), (), ())
    assessment = Assessment((assess_perimeter(own, (), ()),), Truth.UNKNOWN, NO_RISK, ())
    us = INVENTORY.organisations[0]
    return Dossier(incident, us, INVENTORY, assessment, (), (), (), obligations, filings, ())


def a_filing(number: int, obligation: int, sent: float = 10) -> Filing:
    """A notice sent that many hours after the first alert."""
    return Filing(number, obligation, hours(sent), "somebody", "portal", "", hours(sent), "0" * 64)


def numbers(obligations: tuple[Obligation, ...]) -> list[int]:
    """Their ids in order."""
    return [one.id for one in obligations]


def test_open_clocks_come_first_by_date_and_settled_ones_last() -> None:
    """Whatever has no date stands behind what has one; equal dates go by recipient."""
    dossier = a_dossier(
        an_obligation(1, "persons", None),
        an_obligation(2, "cnil", 24, fulfilled_at=hours(20)),
        an_obligation(3, "client:zeta", 72),
        an_obligation(4, "client:acme", 72),
        an_obligation(5, "cnil", 48),
        an_obligation(6, "register", 24, withdrawn_at=hours(1)),
    )
    assert numbers(dossier.clocks(hours(10))) == [5, 4, 3, 1, 2, 6]


def test_the_next_clock_is_the_nearest_open_one_even_if_it_has_passed() -> None:
    """An overdue notice is still to be sent; what is settled or has no date is not next."""
    late, next_one = an_obligation(1, due=24), an_obligation(2, due=72)
    excused, dateless = an_obligation(3, due=12, not_required_reason="chiffré"), an_obligation(4, due=None)
    found = a_dossier(dateless, next_one, excused, late).next_due(hours(30))
    assert found == late
    assert a_dossier(dateless, excused).next_due(hours(30)) is None


@pytest.mark.parametrize(("now", "state"), [(0, ClockState.RUNNING), (3, ClockState.DUE_SOON), (4, ClockState.OVERDUE)])
def test_the_qualification_has_a_clock_until_somebody_has_said_what_this_is(now: float, state: ClockState) -> None:
    """Then it has none, however late that was."""
    for status in IncidentStatus:
        expected = state if status in UNQUALIFIED_STATUSES else None
        assert a_dossier(status=status).qualification_state(hours(now)) is expected


def test_a_client_is_found_by_the_obligation_that_is_owed_to_it() -> None:
    """The CNIL, the persons and the register are nobody's client, and a client may have left the inventory."""
    dossier = a_dossier()
    assert dossier.name_of_recipient(an_obligation(1, "client:acme")) == "Acme"
    for recipient in ("cnil", "persons", "register", "client:gone"):
        assert dossier.client_of(an_obligation(1, recipient)) is None
        assert dossier.name_of_recipient(an_obligation(1, recipient)) is None


def test_the_last_filing_of_an_obligation_is_found() -> None:
    """A complement follows the first notice; filings of others are not taken for it."""
    filings = (a_filing(1, 7, 10), a_filing(2, 8, 11), a_filing(3, 7, 60), a_filing(4, 8, 61))
    dossier = a_dossier(an_obligation(7), an_obligation(8, "persons"), filings=filings)
    assert dossier.filing_for(dossier.obligations[0]) == filings[2]
    assert dossier.filing_for(an_obligation(9)) is None


def test_a_letter_is_drafted_for_every_recipient_that_is_still_owed_one() -> None:
    """The register is kept, not written to; what was withdrawn needs no letter, what was sent keeps its own."""
    dossier = a_dossier(
        an_obligation(1),
        an_obligation(2, "register"),
        an_obligation(3, "persons", withdrawn_at=AT),
        an_obligation(4, "client:acme", fulfilled_at=AT),
    )
    assert numbers(dossier.letters) == [1, 4]


def test_a_perimeter_is_found_by_its_key() -> None:
    """None for a key that the incident does not have."""
    dossier = a_dossier()
    assert dossier.perimeter("own") is dossier.assessment.perimeters[0]
    assert dossier.perimeter("client:acme") is None
