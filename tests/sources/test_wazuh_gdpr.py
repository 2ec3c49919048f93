"""Which facts the `gdpr` tags of a Wazuh rule speak for."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.alert import Alert, Signal
from breach_service.sources.senders.wazuh.gdpr import facts_of_record
from breach_service.sources.senders.wazuh.signals import RuleFacts

Normalised = Callable[[str, bytes], list[Alert]]
TAGS = ["II_5.1.f", "IV_35.7.d", "IV_32.2", "IV_30.1.g"]


def facts_of(normalised: Normalised, level: int, groups: list[str], gdpr: list[str], **parts: Any) -> dict[str, str]:
    rule = {"id": "9", "level": level, "description": "x", "groups": groups, "gdpr": gdpr}
    (alert,) = normalised("wazuh", json.dumps({"rule": rule, **parts}).encode())
    return dict(alert.facts)


@pytest.mark.parametrize(
    ("event", "facts"),
    [
        ("modified", {"loss.integrity": "unknown"}),
        ("deleted", {"loss.availability": "unknown"}),
        ("added", {}),
    ],
)
def test_a_change_of_a_watched_file_is_to_be_looked_into(
    normalised: Normalised, event: str, facts: dict[str, str]
) -> None:
    """Altered values concern integrity, erased ones availability, new files neither."""
    change = {"path": "/srv/clients.csv", "event": event}
    assert facts_of(normalised, 7, ["syscheck"], ["II_5.1.f"], syscheck=change) == facts


def test_a_watched_file_that_was_read_asks_about_confidentiality(normalised: Normalised) -> None:
    """The audit of reads says who read; whether they had the right is for people."""
    assert facts_of(normalised, 5, ["audit", "audit_watch_read"], ["II_5.1.f"]) == {"loss.confidentiality": "unknown"}


@pytest.mark.parametrize(
    ("level", "groups", "facts"),
    [
        (12, ["authentication_success"], {"incident.compromise_suspected": "yes"}),
        (12, ["rootcheck"], {"incident.compromise_suspected": "yes"}),
        (15, ["web", "attack"], {"incident.compromise_suspected": "unknown"}),
        (10, ["authentication_failures"], {}),
        (10, ["web_scan"], {}),
        (9, ["authentication_success"], {}),
    ],
)
def test_an_attack_is_suspected_to_have_succeeded_only_where_something_was_reached(
    normalised: Normalised, level: int, groups: list[str], facts: dict[str, str]
) -> None:
    """IV_35.7.d stands on failed guessing as well: the level and what the rule saw decide."""
    assert facts_of(normalised, level, groups, ["IV_35.7.d"]) == facts


@given(
    level=st.integers(0, 16),
    signal=st.sampled_from(Signal),
    tags=st.lists(st.sampled_from(TAGS), max_size=4),
    change=st.sampled_from(["modified", "deleted", "added", ""]),
    groups=st.frozensets(st.sampled_from(["audit_watch_read", "syscheck"])),
)
def test_a_tag_never_establishes_a_loss(
    level: int, signal: Signal, tags: list[str], change: str, groups: frozenset[str]
) -> None:
    """Of losses an alert only says that they are to be established."""
    record = {"rule": {"gdpr": tags}, "syscheck": {"event": change}}
    facts = facts_of_record(record, RuleFacts(level, "x", groups, frozenset(), frozenset()), signal)
    assert {value for name, value in facts.items() if name.startswith("loss.")} <= {"unknown"}
    assert not facts or tags
