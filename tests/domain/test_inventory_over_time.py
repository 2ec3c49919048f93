"""The inventory as it stood: whom a breach of then may affect, on which terms, and who receives for them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from breach_service.domain.inventory import (
    ChangeKind,
    Inventory,
    Proposal,
    as_of,
    changes_between,
    contacts_for,
    during,
    merged,
)

TEXT = {"fr": "nom"}


def an_inventory(**parts: Any) -> Inventory:
    """One organisation, one activity with data, and what is given."""
    return Inventory.model_validate(
        {
            "organisations": [{"id": "us", "name": "Nous", "dpo": {"name": "DPO"}}],
            "activities": [{"id": "news", "name": TEXT, "our_role": "processor", "data": []}],
            **parts,
        }
    )


def on(text: str) -> datetime:
    """Noon of a day, UTC."""
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC).replace(hour=12)


def clients_on(text: str, **client: Any) -> list[str]:
    """The ids of the clients that count on a day."""
    inventory = an_inventory(clients=[{"id": "acme", "name": "Acme", **client}])
    return [one.id for one in as_of(inventory, on(text)).clients]


def test_a_client_counts_from_its_first_day() -> None:
    """Not before it; and without days always."""
    assert clients_on("2026-05-24", valid_from="2026-05-25") == []
    assert clients_on("2026-05-25", valid_from="2026-05-25") == ["acme"]
    assert clients_on("2019-01-01") == ["acme"]


@pytest.mark.parametrize(
    ("deletion", "counts"),
    [
        ({}, True),
        ({"certified_on": "2026-02-01"}, True),
        ({"backups_certified_on": "2026-02-01"}, True),
        ({"certified_on": "2026-02-01", "backups_certified_on": "2026-06-01"}, True),
        ({"certified_on": "2026-02-01", "backups_certified_on": "2026-05-24"}, False),
    ],
)
def test_a_former_client_counts_until_deletion_is_certified_backups_included(
    deletion: dict[str, str], counts: bool
) -> None:
    """The end of the contract alone ends nothing (GDPR Art. 28(3)(g))."""
    found = clients_on("2026-05-25", contract={"ends_on": "2026-01-31", "deletion": deletion})
    assert found == (["acme"] if counts else [])


def test_an_activity_that_a_client_left_counts_until_its_data_are_deleted() -> None:
    """Even where the activity itself is over; and references to what was not there are left out."""
    inventory = an_inventory(
        systems=[{"id": "web", "name": TEXT, "activities": ["news", "old"]}],
        activities=[
            {"id": "news", "name": TEXT, "our_role": "processor", "data": [], "valid_to": "2025-12-31"},
            {"id": "old", "name": TEXT, "our_role": "controller", "data": [], "valid_to": "2025-12-31"},
        ],
        clients=[{"id": "acme", "name": "Acme", "activities": [{"activity": "news", "valid_to": "2025-06-30"}]}],
    )
    then = as_of(inventory, on("2026-05-25"))
    assert [one.id for one in then.activities] == ["news"]
    assert then.systems[0].activities == ("news",)
    assert then.clients[0].activities[0].activity == "news"
    assert then.faults() == []


def test_a_breach_that_lasted_touches_what_held_on_any_of_its_days() -> None:
    """From its first to its last instant; days are those of the organisation's zone."""
    inventory = an_inventory(
        systems=[
            {"id": "gone", "name": TEXT, "valid_to": "2026-05-01"},
            {"id": "new", "name": TEXT, "valid_from": "2026-05-20"},
            {"id": "later", "name": TEXT, "valid_from": "2026-05-26"},
        ]
    )
    found = during(inventory, on("2026-05-01"), datetime(2026, 5, 25, 21, 59, tzinfo=UTC)).systems
    assert [one.id for one in found] == ["gone", "new"]
    found = during(inventory, on("2026-05-02"), datetime(2026, 5, 25, 22, 0, tzinfo=UTC)).systems
    assert [one.id for one in found] == ["new", "later"]


def test_instants_are_aware_and_in_order() -> None:
    """A naive one is a mistake, not a guess."""
    with pytest.raises(ValueError, match="time zone"):
        as_of(an_inventory(), datetime(2026, 5, 25))
    with pytest.raises(ValueError, match="before the beginning"):
        during(an_inventory(), on("2026-05-25"), on("2026-05-24"))


def test_the_terms_are_those_in_force() -> None:
    """With their clause; before and after them what the contract says for all time. Never later than agreed."""
    contract = {
        "notice_hours": 72,
        "clause": "Contrat, art. 12",
        "notice": [
            {"clause": "Avenant 1", "hours": 48, "valid_from": "2025-01-01", "valid_to": "2025-12-31"},
            {"clause": "Avenant 2", "working_hours": 24, "valid_from": "2026-01-01", "form": "portal"},
        ],
    }
    inventory = an_inventory(clients=[{"id": "acme", "name": "Acme", "contract": contract}])
    held = {day: as_of(inventory, on(day)).clients[0].contract for day in ("2024-06-01", "2025-12-31", "2026-05-25")}
    assert [(one.notice_hours, one.clause) for one in held.values()] == [
        (72, "Contrat, art. 12"), (48, "Avenant 1"), (24, "Avenant 2"),
    ]  # fmt: skip


def test_who_receives_for_a_client_stands_in_order() -> None:
    """By number, fallbacks last; others of the group only under a mandate that holds on the day."""
    mandate = {"clients": ["acme"], "written_in": "Courrier du 3 mars", "valid_to": "2026-06-30"}
    inventory = an_inventory(
        groups=[{"id": "holding", "name": "Holding"}],
        clients=[
            {
                "id": "acme", "name": "Acme", "group": "holding",
                "contacts": [
                    {"name": "fallback", "is_fallback": True},
                    {"name": "second", "order": 2},
                    {"name": "first", "order": 1},
                ],
            },
            {
                "id": "mother", "name": "Mère", "group": "holding",
                "contacts": [{"name": "group DPO", "mandate": mandate}, {"name": "other"}],
            },
        ],
    )  # fmt: skip
    assert inventory.faults() == []
    names = [
        [one.name for one in contacts_for(inventory.clients[0], inventory.clients, date.fromisoformat(day))]
        for day in ("2026-05-25", "2026-07-01")
    ]
    assert names == [["first", "second", "group DPO", "fallback"], ["first", "second", "fallback"]]


def test_whom_we_may_notify_for_a_client_is_dated_too() -> None:
    """A mandate that ended gives no leave."""
    mandates = [{"clause": "Annexe 3", "notifies": ["authority"], "valid_to": "2026-05-31"}]
    contract = an_inventory(clients=[{"id": "a", "name": "A", "contract": {"mandates": mandates}}]).clients[0].contract
    assert contract.may_notify_on(date(2026, 5, 31)) == {"authority"}
    assert contract.may_notify_on(date(2026, 6, 1)) == frozenset()


def test_a_provider_may_take_another_role_in_one_activity() -> None:
    """Elsewhere its usual one."""
    provider = {"id": "host", "name": "H", "service": TEXT, "activities": [{"activity": "news", "role": "controller"}]}
    (one,) = an_inventory(providers=[provider]).providers
    assert (one.role_in("news"), one.role_in("else")) == ("controller", "processor")


def test_every_new_reference_is_checked() -> None:
    """Groups, mandates, the activities of a provider, the data that are described."""
    mandate = {"clients": ["gone-2"], "written_in": "x"}
    news = {"id": "news", "name": TEXT, "our_role": "controller", "data": [], "data_described": {"gone-4": "x"}}
    taken = [{"activity": "gone-3", "role": "processor"}]
    inventory = an_inventory(
        activities=[news],
        clients=[{"id": "a", "name": "A", "group": "gone-1", "contacts": [{"name": "C", "mandate": mandate}]}],
        providers=[{"id": "h", "name": "H", "service": TEXT, "activities": taken}],
    )  # fmt: skip
    assert [place for place, _ in inventory.faults()] == [
        ("activities", 0, "data_described", "gone-4"),
        ("clients", 0, "group"),
        ("clients", 0, "contacts", 0, "mandate", "clients", 0),
        ("providers", 0, "activities", 0, "activity"),
    ]


@pytest.mark.parametrize(
    "client",
    [
        {"valid_from": "2026-05-25", "valid_to": "2026-05-24"},
        {"contract": {"notice": [{"clause": "x", "hours": 4, "working_hours": 4}]}},
        {"contract": {"notice": [{"hours": 4}]}},
        {"contract": {"mandates": [{"clause": "x", "notifies": []}]}},
        {"contacts": [{"name": "C", "mandate": {"clients": [], "written_in": "x"}}]},
    ],
)
def test_terms_that_cannot_be_are_refused(client: dict[str, Any]) -> None:
    """Where they are written."""
    with pytest.raises(ValidationError):
        an_inventory(clients=[{"id": "a", "name": "A", **client}])


def test_what_a_complete_list_lacks_ends_and_stays() -> None:
    """A breach of before may have touched it: it is dated, never removed; and comes back by being listed again."""
    systems = [{"id": "web", "name": TEXT}, {"id": "db", "name": {"fr": "base"}}]
    present = an_inventory(systems=systems)
    listed = Proposal(systems=present.systems[:1])
    after = merged(present, listed, ends_missing=frozenset({"systems"}), on=date(2026, 5, 25))
    (change,) = changes_between(present, after)
    assert (change.kind, change.id, change.field, change.after) == (ChangeKind.ENDED, "db", "valid_to", "2026-05-25")
    with pytest.raises(ValueError, match="which day"):
        merged(present, listed, ends_missing=frozenset({"systems"}))
    assert merged(present, listed) == present
