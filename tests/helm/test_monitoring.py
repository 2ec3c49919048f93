"""The chart hands Prometheus and Grafana the very files that were tested."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

Document = dict[str, Any]
Render = Callable[..., Any]


def written_rules(chart_directory: Path) -> list[Document]:
    """The groups of files/rules.yaml."""
    return list(YAML(typ="safe").load(chart_directory / "files" / "rules.yaml")["groups"])


@pytest.mark.needs("promtool")
def test_the_prometheus_rule_is_the_tested_file(
    render: Render, promtool: Callable[..., str], chart_directory: Path, tmp_path: Path
) -> None:
    """The PrometheusRule holds the groups of files/rules.yaml, which Prometheus accepts."""
    rule = render({"prometheusRule": {"enabled": True, "labels": {"release": "prometheus"}}}).the("PrometheusRule")
    assert rule["metadata"]["labels"]["release"] == "prometheus"
    assert rule["spec"] == {"groups": written_rules(chart_directory)}
    extracted = tmp_path / "rules.yaml"
    extracted.write_text(json.dumps(rule["spec"]), encoding="utf-8")
    assert "SUCCESS" in promtool("check", "rules", extracted)


def test_runbooks_can_point_to_where_the_readme_is(render: Render) -> None:
    """prometheusRule.runbook replaces the file name in each runbook_url, and keeps the place in the file."""
    address = "https://git.example.org/breach/README.md"
    rule = render({"prometheusRule": {"enabled": True, "runbook": address}}).the("PrometheusRule")
    alerts = [alert for group in rule["spec"]["groups"] for alert in group["rules"] if "alert" in alert]
    assert alerts
    assert all(alert["annotations"]["runbook_url"].startswith(address + "#") for alert in alerts)


@pytest.mark.parametrize("database", ["postgres", "sqlite"])
def test_prometheus_reads_each_pod_with_the_token_of_the_secret(render: Render, database: str) -> None:
    """The ServiceMonitor finds the Service of the chart and opens /metrics with the token."""
    manifests = render({"database": database, "serviceMonitor": {"enabled": True}})
    monitor, service = manifests.the("ServiceMonitor")["spec"], manifests.the("Service")
    assert monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert monitor["namespaceSelector"] == {"matchNames": ["security"]}
    (endpoint,) = monitor["endpoints"]
    assert (endpoint["port"], endpoint["path"]) == (service["spec"]["ports"][0]["name"], "/metrics")
    assert endpoint["authorization"] == {
        "type": "Bearer",
        "credentials": {"name": "breach-service", "key": "metrics-token"},
    }


def test_grafana_finds_the_tested_dashboard(render: Render, chart_directory: Path) -> None:
    """The ConfigMap carries the label of Grafana's sidecar and files/dashboard.json as it is."""
    found = render({"dashboard": {"enabled": True}}).of_kind("ConfigMap")["demo-breach-service-dashboard"]
    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"
    written = (chart_directory / "files" / "dashboard.json").read_text(encoding="utf-8")
    assert json.loads(found["data"]["breach-service.json"]) == json.loads(written)


def test_nothing_that_needs_an_operator_is_installed_unasked(render: Render) -> None:
    """A cluster without the Prometheus operator or Grafana takes the defaults."""
    manifests = render({})
    assert not manifests.of_kind("ServiceMonitor") | manifests.of_kind("PrometheusRule")
    assert set(manifests.of_kind("ConfigMap")) == {"demo-breach-service"}
