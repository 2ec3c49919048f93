"""Why an alert is about a system: the surest reason first, and every system that it may be about."""

import pytest

from breach_service.domain.alert import Alert, Entity, EntityKind, Signal
from breach_service.domain.inventory import Inventory, MatchReason, SystemMatch, found_by, systems_found

ALERT = Alert(
    "probe", "t", Signal.SCAN, "f",
    entities=(
        Entity(EntityKind.HOST, "db-1.example.org"), Entity(EntityKind.ADDRESS, "192.0.2.7"),
        Entity(EntityKind.ACCOUNT, "123456789012"), Entity(EntityKind.APPLICATION, "CRM"),
    ),
    labels={"service": "crm", "env": "prod"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("match", "reason", "rule", "value"),
    [
        ({"hosts": ["db-*", "db-1"]}, MatchReason.HOST, "db-1", "db-1.example.org"),
        ({"hosts": ["db-*"]}, MatchReason.HOST_PATTERN, "db-*", "db-1.example.org"),
        ({"networks": ["192.0.2.0/24", "192.0.2.0/28"]}, MatchReason.NETWORK, "192.0.2.0/28", "192.0.2.7"),
        ({"labels": {"service": "crm"}}, MatchReason.LABELS, "service=crm", "service=crm"),
        ({"accounts": ["123456789012"]}, MatchReason.ACCOUNT, "123456789012", "123456789012"),
        ({"applications": ["crm"]}, MatchReason.APPLICATION, "crm", "CRM"),
        ({"applications": ["crm"], "accounts": ["123456789012"], "hosts": ["db-*"]}, MatchReason.HOST_PATTERN, "db-*",
         "db-1.example.org"),
    ],
)  # fmt: skip
def test_a_find_says_by_what(match: dict[str, object], reason: MatchReason, rule: str, value: str) -> None:
    """What the inventory says, and what of the alert it met; the surest where several would do."""
    found = found_by(SystemMatch.model_validate(match), ALERT)
    assert found is not None
    assert (found.reason, found.rule, found.value) == (reason, rule, value)


def test_nothing_is_found_by_nothing() -> None:
    """A system without a match is found by no alert."""
    assert found_by(SystemMatch(), ALERT) is None
    assert found_by(SystemMatch(accounts=("12345678901",), hosts=("db",)), ALERT) is None


def test_all_systems_are_found_the_surest_first() -> None:
    """A narrower range before a wider one; among equals as the inventory has them."""
    matches = {
        "app": {"applications": ["crm"]}, "wide": {"networks": ["192.0.0.0/16"]}, "narrow": {"networks": ["192.0.2.7"]},
        "all": {"hosts": ["*"]}, "named": {"hosts": ["db-1"]}, "none": {"hosts": ["web-1"]}, "too": {"hosts": ["db-?"]},
    }  # fmt: skip
    systems = [{"id": name, "name": {"fr": name}, "match": match} for name, match in matches.items()]
    organisation = {"id": "us", "name": "Nous", "dpo": {"name": "D"}}
    inventory = Inventory.model_validate({"organisations": [organisation], "systems": systems})
    found = [one.system.id for one in systems_found(inventory.systems, ALERT)]
    assert found == ["named", "all", "too", "narrow", "wide", "app"]
