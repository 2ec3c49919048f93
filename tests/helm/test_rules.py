"""The alert rules page before a deadline is missed; promtool plays them on a clock of its own."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

pytestmark = pytest.mark.needs("promtool")

Document = dict[str, Any]
Promtool = Callable[..., str]

# What an alert may tell: which incident, by its reference; which law or contract; which sender or channel.
ALLOWED_LABELS = {"incident", "regime", "phase", "source", "reason", "channel", "severity", "service"}


@pytest.fixture(scope="module")
def rules(chart_directory: Path) -> list[Document]:
    """Every rule of files/rules.yaml."""
    groups = YAML(typ="safe").load(chart_directory / "files" / "rules.yaml")["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.fixture(scope="module")
def alerts(rules: list[Document]) -> dict[str, Document]:
    """Every alert of files/rules.yaml, by name."""
    return {rule["alert"]: rule for rule in rules if "alert" in rule}


@pytest.fixture(scope="module")
def expectations(chart_directory: Path) -> list[Document]:
    """Every moment at which files/rules_test.yaml looks at an alert."""
    tests = YAML(typ="safe").load(chart_directory / "files" / "rules_test.yaml")["tests"]
    return [moment for test in tests for moment in test["alert_rule_test"]]


def test_prometheus_accepts_the_rules(promtool: Promtool, chart_directory: Path) -> None:
    """A bare Prometheus can load the file as it is."""
    assert "SUCCESS" in promtool("check", "rules", chart_directory / "files" / "rules.yaml")


def test_every_alert_fires_at_its_hour(promtool: Promtool, chart_directory: Path) -> None:
    """The stories of files/rules_test.yaml come out as they are told."""
    assert "SUCCESS" in promtool("test", "rules", chart_directory / "files" / "rules_test.yaml")


def test_every_alert_is_shown_before_at_and_after_its_threshold(
    alerts: dict[str, Document], expectations: list[Document]
) -> None:
    """No alert is without a moment at which it fires and two at which it does not yet."""
    fires = Counter(moment["alertname"] for moment in expectations if moment["exp_alerts"])
    silent = Counter(moment["alertname"] for moment in expectations if not moment["exp_alerts"])
    assert fires.keys() == alerts.keys()
    assert {name for name in alerts if silent[name] < 2} == set()


def test_every_alert_says_what_is_wrong_and_what_to_do(alerts: dict[str, Document]) -> None:
    """Each alert has a summary, a description, a place in the README, an urgency, and the name of the service."""
    for name, alert in alerts.items():
        assert name.startswith("Breach")
        assert alert["labels"] in (
            {"severity": "page", "service": "breach_service"},
            {"severity": "ticket", "service": "breach_service"},
        )
        assert alert["annotations"].keys() == {"summary", "description", "runbook_url"}
        assert re.fullmatch(r"README\.md#[a-z0-9-]+", alert["annotations"]["runbook_url"])
        assert len(alert["annotations"]["description"]) > len(alert["annotations"]["summary"])


def test_no_alert_names_anybody(alerts: dict[str, Document], expectations: list[Document]) -> None:
    """Recipients are neither in the labels of an alert nor in its words."""
    told = {label for alert in alerts.values() for label in re.findall(r"\$labels\.(\w+)", str(alert["annotations"]))}
    carried = {label for moment in expectations for alert in moment["exp_alerts"] for label in alert["exp_labels"]}
    assert told | carried <= ALLOWED_LABELS


def test_what_every_replica_tells_is_never_added_up(rules: list[Document]) -> None:
    """Gauges of the database are the same on each of them: min, max, or one by one, but neither sum nor average."""
    assert [rule for rule in rules if re.search(r"\b(sum|avg)\b", rule["expr"])] == []


def test_every_metric_in_a_rule_exists(rules: list[Document], metric_names: frozenset[str]) -> None:
    """A rule on a misspelt metric would stay silent for ever."""
    used = {name for rule in rules for name in re.findall(r"\bbreach_\w+", rule["expr"])}
    assert used <= metric_names


def test_every_metric_that_can_go_wrong_is_watched(rules: list[Document], metric_names: frozenset[str]) -> None:
    """All metrics are in a rule, but those that only count."""
    used = {name for rule in rules for name in re.findall(r"\bbreach_\w+", rule["expr"])}
    assert metric_names - used == {
        "breach_source_last_seen_timestamp_seconds",  # the service says itself which silence is an alarm
        "breach_incidents",
        "breach_alerts_received_total",
        "breach_inbox_pending",
        "breach_stage_duration_seconds",
        "breach_outbox_pending",
        "breach_deliveries_total",
        "breach_heartbeats_total",  # says why; that none arrives is watched by the instant of the last one
    }
