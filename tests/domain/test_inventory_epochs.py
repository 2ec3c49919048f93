"""Judged on the inventory as it stood: between which days it is the same, and what a breach may have touched."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.inventory import Inventory
from breach_service.domain.inventory.epochs import NO_EPOCH, days_of_change, epoch_between, for_breach, narrowed

TEXT = {"fr": "nom"}
PARIS = ZoneInfo("Europe/Paris")
DAYS = st.dates(date(2025, 12, 1), date(2026, 3, 31))


def an_inventory(**parts: Any) -> Inventory:
    return Inventory.model_validate(
        {
            "organisations": [{"id": "us", "name": "Nous", "dpo": {"name": "DPO", "verified_on": "2026-01-05"}}],
            "activities": [
                {"id": "news", "name": TEXT, "our_role": "processor", "data": []},
                {"id": "old", "name": TEXT, "our_role": "controller", "data": ["mail"], "valid_to": "2026-01-31"},
            ],
            "data_categories": [{"id": "mail", "name": TEXT, "cnil": "contact", "valid_to": "2026-01-31"}],
            "systems": [
                {"id": "web", "name": TEXT, "activities": ["news", "old"], "valid_to": "2026-01-15"},
                {"id": "archive", "name": TEXT, "activities": ["old"]},
            ],
            "clients": [
                {
                    "id": "acme", "name": "Acme", "activities": [{"activity": "news"}], "valid_from": "2026-01-10",
                    "contract": {"ends_on": "2026-02-10", "deletion": {"certified_on": "2026-02-20",
                                                                       "backups_certified_on": "2026-03-01"}},
                }
            ],
            **parts,
        }
    )  # fmt: skip


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@given(DAYS, DAYS, DAYS, DAYS)
def test_two_breaches_of_the_same_epoch_see_the_same_inventory(a: date, b: date, c: date, d: date) -> None:
    """What was found out for one holds for the other: nothing in the inventory changes between them."""
    inventory = an_inventory()
    days = days_of_change(inventory)
    first, second = (noon(min(a, b)), noon(max(a, b))), (noon(min(c, d)), noon(max(c, d)))
    if epoch_between(days, *first, PARIS) == epoch_between(days, *second, PARIS):
        assert for_breach(inventory, *first) == for_breach(inventory, *second)


def test_an_inventory_without_days_has_one_epoch() -> None:
    """Nothing is dated, so that nothing need be looked at; that a contact was checked on a day changes nothing."""
    parts: dict[str, list[object]] = {name: [] for name in ("activities", "data_categories", "systems", "clients")}
    days = days_of_change(an_inventory(**parts))
    assert days == ()
    assert epoch_between(days, noon(date(2020, 1, 1)), noon(date(2030, 1, 1)), PARIS) == NO_EPOCH


def test_a_system_that_is_named_counts_whatever_day_the_inventory_ends_it_on() -> None:
    """Alerts say that it runs; it keeps those of its activities that held, and all where none of them did."""
    found = for_breach(an_inventory(), noon(date(2026, 2, 15)), noon(date(2026, 2, 16)))
    assert {one.id: one.activities for one in found.systems} == {"web": ("news",), "archive": ("old",)}
    assert found.activity("old") is not None
    assert found.data_category("mail") is not None
    assert found.faults() == []


def test_a_breach_on_one_day_sees_the_former_client_until_its_data_are_certified_as_gone() -> None:
    """Backups included."""
    inventory = an_inventory()
    seen = {
        day: [one.id for one in for_breach(inventory, noon(day), noon(day)).clients]
        for day in (date(2026, 1, 9), date(2026, 2, 25), date(2026, 3, 1), date(2026, 3, 2))
    }
    assert list(seen.values()) == [[], ["acme"], ["acme"], []]


def test_a_system_can_be_concerned_by_some_of_its_activities_alone() -> None:
    """The others stand as they are, and the rest of the inventory does."""
    found = narrowed(an_inventory(), {"web": frozenset({"news"})})
    assert {one.id: one.activities for one in found.systems} == {"web": ("news",), "archive": ("old",)}
    assert found.activities == an_inventory().activities
