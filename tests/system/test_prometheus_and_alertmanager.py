"""The whole sentence with real processes: Prometheus → Alertmanager → the service → Prometheus → back again."""

import json
import shutil
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.needs("prometheus", "alertmanager")

ROOT = Path(__file__).parents[2]
SHIPPED_RULES = ROOT / "helm" / "breach-service" / "files" / "rules.yaml"
METRICS_TOKEN = "the-token-of-the-scrape"

COMPANY_RULES = """
groups:
  - name: company
    rules:
      - alert: DnsVolumeAbnormal
        expr: vector(1)
        labels: {severity: critical, signal: exfiltration, host: app-01}
        annotations: {summary: Far too much leaves app-01 in DNS queries}
      - alert: Watchdog
        expr: vector(1)
        labels: {severity: none}
"""


def prometheus_config(scraped: int, alertmanager: int) -> str:
    """Scrape the service, read the company's rules and the shipped ones."""
    return f"""
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [company.yaml, shipped.yaml]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ["127.0.0.1:{alertmanager}"]}}]}}]}}
scrape_configs:
  - job_name: breach_service
    authorization: {{credentials: {METRICS_TOKEN}}}
    static_configs: [{{targets: ["127.0.0.1:{scraped}"]}}]
"""


def alertmanager_config(url: str, secret: str) -> str:
    """Everything goes to the service, at once; its own alerts again every second, the worst that a loop could want."""
    return f"""
route:
  receiver: breach_service
  group_by: [alertname]
  group_wait: 1s
  group_interval: 1s
  repeat_interval: 1h
  routes: [{{receiver: breach_service, matchers: [service="breach_service"], repeat_interval: 1s}}]
receivers:
  - name: breach_service
    webhook_configs:
      - url: {url}
        send_resolved: true
        http_config: {{authorization: {{credentials: {secret}}}}}
"""


def both_ways(served: int, source: dict[str, str], start_process: Any, port: Any, directory: Path) -> tuple[int, int]:
    """Start Prometheus, which reads the service, and Alertmanager, which sends back to it; the ports of both."""
    am_port, prom_port = int(port()), int(port())
    (directory / "company.yaml").write_text(COMPANY_RULES)
    shutil.copy(SHIPPED_RULES, directory / "shipped.yaml")
    (directory / "prometheus.yml").write_text(prometheus_config(served, am_port))
    (directory / "alertmanager.yml").write_text(alertmanager_config(source["url"], source["secret"]))
    alertmanager = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    start_process(
        "alertmanager", alertmanager, f"--config.file={directory}/alertmanager.yml", f"--storage.path={directory}/am",
        f"--web.listen-address=127.0.0.1:{am_port}", "--cluster.listen-address=",
    )  # fmt: skip
    start_process(
        "prometheus", "prometheus", f"--config.file={directory}/prometheus.yml",
        f"--storage.tsdb.path={directory}/tsdb", f"--web.listen-address=127.0.0.1:{prom_port}",
        "--rules.alert.resend-delay=1s",  # what fired before Alertmanager was found is else lost for a minute
    )  # fmt: skip
    return prom_port, am_port


def test_an_alert_becomes_an_incident_with_everything_and_the_deadline_rule_comes_back_to_it(
    make_running: Any, slack: Any, start_process: Any, port: Any, wait_until: Any, tmp_path: Path
) -> None:
    """A firing rule opens one incident with obligations, drafts and a card; the shipped rule joins it, opening none."""
    running = make_running(
        slack_token="xoxb-stand-in", slack_channel="C0001", slack_api_url=slack.url, metrics_token=METRICS_TOKEN
    )
    running.start()
    running.set_up()
    source = running.command("source", "add", "alertmanager", "--kind", "alertmanager", "--auth", "bearer")
    prom_port, am_port = both_ways(running.port, source, start_process, port, tmp_path)

    incident = wait_until(lambda: next(iter(running.api("/incidents")), None), "no incident came of the alert")
    assert incident["reference"].endswith("-0001")
    assert incident["systems"] == ["application"]
    assert incident["personal_data"] == "yes"
    regimes = {one["regime"] for one in incident["obligations"]}
    assert {"gdpr-art33-authority", "client-notice"} <= regimes
    assert all(one["is_provisional"] for one in incident["obligations"])
    reference = incident["reference"]
    drafts = running.api(f"/incidents/{reference}/drafts")
    assert {"cnil", "client"} <= {one["slug"] for one in drafts}
    posted = wait_until(lambda: cards_and_reminders(slack), "no card was posted")
    assert reference in json.dumps(posted[0])
    assert "Far too much leaves" not in json.dumps(slack.calls)

    aware_at = datetime.now(UTC) - timedelta(hours=71, minutes=30)
    running.api(
        f"/incidents/{reference}/awareness", {"aware_at": aware_at.isoformat(), "reason": "The DNS logs show it."}
    )
    running.decide(f"/incidents/{reference}/confirm", {"reason": "Names and addresses left the application."})
    wait_until(lambda: slack.called("chat.update"), "the card was not edited in place")
    assert {one["ts"] for one in slack.called("chat.update")} == {posted[0]["ts_given"]}

    def own_alerts() -> list[dict[str, Any]]:
        return [
            one for one in running.api("/alerts?source=alertmanager")
            if one["incident"] == reference and one["why_here"] == "names_incident"
        ]  # fmt: skip

    came_back = wait_until(own_alerts, f"no shipped rule came back: {firing(prom_port)}")
    assert any("Breach" in json.dumps(one) or "deadline" in one["title"].lower() for one in came_back)
    assert len(running.api("/incidents")) == 1
    assert any(name.startswith("BreachObligation") for name in firing(prom_port))
    near = wait_until(lambda: active(am_port, "BreachObligationDueIn1Hour"), "Alertmanager does not page")
    assert {one["labels"]["incident"] for one in near} == {reference}
    assert {one["labels"]["severity"] for one in near} == {"page"}
    assert not any("recipient" in one["labels"] for one in near)
    assert all(one["annotations"]["runbook_url"].endswith("#a-deadline-is-near") for one in near)
    watchdog = [one for one in running.api("/alerts?source=alertmanager") if one["signal"] == "heartbeat"]
    assert watchdog
    assert watchdog[0]["incident"] is None


def active(port: int, name: str) -> list[dict[str, Any]]:
    """What Alertmanager holds as firing under that name."""
    query = urllib.parse.urlencode({"filter": f'alertname="{name}"', "active": "true"})
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v2/alerts?{query}", timeout=10) as answer:
        found = json.load(answer)
    return [one for one in found if one["status"]["state"] == "active"]


def firing(port: int) -> list[str]:
    """Names of the alerts that fire in Prometheus."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/alerts", timeout=10) as answer:
        found = json.load(answer)["data"]["alerts"]
    return sorted({one["labels"]["alertname"] for one in found if one["state"] == "firing"})


CYCLES = 20
SETTLED = 5
"""Cycles without anything new after which all of the service's own alerts are there."""
CARD_AND_REMINDER = 2
"""Messages of an incident whose notices are overdue."""


def test_its_own_alerts_run_in_no_circle(
    make_running: Any, slack: Any, start_process: Any, port: Any, wait_until: Any, tmp_path: Path
) -> None:
    """Twenty evaluations with a deadline that has passed: one incident, and neither episodes nor messages grow.

    Each evaluation fires the service's own alerts, which come back to it every second and stand in what it exports.
    """
    running = make_running(
        slack_token="xoxb-stand-in", slack_channel="C0001", slack_api_url=slack.url, metrics_token=METRICS_TOKEN
    )
    running.start()
    running.set_up()
    source = running.command("source", "add", "alertmanager", "--kind", "alertmanager", "--auth", "bearer")
    prometheus, _ = both_ways(running.port, source, start_process, port, tmp_path)
    reference = wait_until(lambda: next(iter(running.api("/incidents")), None), "no incident was opened")["reference"]
    aware_at = (datetime.now(UTC) - timedelta(hours=80)).isoformat()
    running.api(f"/incidents/{reference}/awareness", {"aware_at": aware_at, "reason": "The DNS logs show it."})
    running.decide(f"/incidents/{reference}/confirm", {"reason": "Names and addresses left the application."})

    def said() -> list[dict[str, Any]]:
        return [one for one in running.api("/alerts?source=alertmanager") if one["why_here"] == "names_incident"]

    wait_until(lambda: any("Overdue" in one or "passed" in one for one in map(json.dumps, said())), "nothing came back")
    # What is overdue is looked for every few seconds, whatever Prometheus does.
    wait_until(lambda: len(cards_and_reminders(slack)) == CARD_AND_REMINDER, "nobody was reminded")
    settle(lambda: account(running, slack, reference), prometheus, wait_until)
    before, times = account(running, slack, reference), sum(one["count"] for one in said())
    began = evaluations(prometheus)
    wait_until(lambda: evaluations(prometheus) >= began + CYCLES, f"there were no {CYCLES} evaluations")

    assert account(running, slack, reference) == before
    assert sum(one["count"] for one in said()) >= times + CYCLES, "they did not come back all the time"
    assert {one["incident"] for one in said()} == {reference}
    assert "BreachObligationOverdue" in firing(prometheus)


def cards_and_reminders(slack: Any) -> list[dict[str, Any]]:
    """What was posted, without the calls of whoever is on call: those are few, and counted with everything else."""
    return [one for one in slack.called("chat.postMessage") if "breach_service_call" not in json.dumps(one)]


def account(running: Any, slack: Any, reference: str) -> dict[str, object]:
    """Everything that a loop would make more of."""
    opened = running.api(f"/incidents/{reference}")
    return {
        "incidents": [one["reference"] for one in running.api("/incidents")],
        "alerts of the incident": opened["alerts"],
        "episodes": sorted(one["id"] for one in running.api("/alerts")),
        "obligations": len(opened["obligations"]),
        "chronology": len(opened["timeline"]),
        "messages": len(slack.called("chat.postMessage")),
        "cards edited": len(slack.called("chat.update")),
    }


def settle(look: Callable[[], object], prometheus: int, wait_until: Any) -> None:
    """Wait until nothing new was seen for some evaluations."""
    seen, since = look(), evaluations(prometheus)

    def is_settled() -> bool:
        nonlocal seen, since
        if (now := look()) != seen:
            seen, since = now, evaluations(prometheus)
        return evaluations(prometheus) >= since + SETTLED

    wait_until(is_settled, "there was always something new")


def evaluations(port: int) -> int:
    """How often Prometheus evaluated the shipped rules about deadlines."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    wanted = [
        one for one in lines
        if one.startswith("prometheus_rule_group_iterations_total") and "breach_service.deadlines" in one
    ]  # fmt: skip
    return int(float(wanted[0].split()[-1])) if wanted else 0
