"""The chart rendered offline in each of its shapes, and promtool."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import helm_python
import pytest
from ruamel.yaml import YAML

CHART = Path(__file__).parents[2] / "helm" / "breach-service"

Document = dict[str, Any]

EVERYTHING: Document = {
    "image": {"digest": "sha256:" + "0" * 64},
    "imagePullSecrets": [{"name": "registry"}],
    "secrets": {"keys": {"slackToken": "slack-token", "smtpPassword": "smtp-password"}},
    "settings": {
        "publicUrl": "https://breach.example.org",
        "language": "fr",
        "logLevel": "info",
        "slackChannel": "#incidents",
        "maxBodyBytes": 2_000_000,
        "trustedProxies": "10.42.0.0/16",
    },
    "smtp": {
        "host": "mail.example.org",
        "port": 465,
        "security": "tls",
        "user": "breach",
        "from": "breach@example.org",
    },
    "extraEnv": [{"name": "TZ", "value": "Europe/Paris"}],
    "content": {"volume": {"configMap": {"name": "our-playbooks"}}},
    "autoscaling": {"enabled": True},
    "work": {"replicas": 2, "livenessProbe": {"exec": {"command": ["true"]}}},
    "service": {"annotations": {"example.org/kind": "internal"}},
    "ingress": {
        "enabled": True,
        "className": "nginx",
        "host": "breach.example.org",
        "tlsSecretName": "breach-tls",
        "annotations": {"nginx.ingress.kubernetes.io/proxy-body-size": "10m"},
    },
    "networkPolicy": {"enabled": True, "from": [{"namespaceSelector": {"matchLabels": {"name": "ingress"}}}]},
    "serviceAccount": {"annotations": {"example.org/identity": "breach"}},
    "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
    "prometheusRule": {"enabled": True, "labels": {"release": "prometheus"}},
    "dashboard": {"enabled": True, "annotations": {"grafana_folder": "Security"}},
    "podLabels": {"team": "security"},
    "podAnnotations": {"example.org/note": "awake"},
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "tolerations": [{"key": "dedicated", "operator": "Exists"}],
    "affinity": {"nodeAffinity": {}},
    "priorityClassName": "high",
}

SHAPES: dict[str, Document] = {
    "defaults": {},
    "sqlite": {"database": "sqlite"},
    "sqlite without a Secret": {"database": "sqlite", "secrets": {"existingSecret": ""}},
    "autoscaling": {"autoscaling": {"enabled": True}},
    "ingress": {"ingress": {"enabled": True, "host": "breach.example.org"}},
    "everything on": EVERYTHING,
    "everything on, sqlite": {
        **EVERYTHING,
        "database": "sqlite",
        "autoscaling": {"enabled": False},
        "work": {"replicas": 1},
        "persistence": {"storageClass": "fast"},
    },
}

METRICS = frozenset(
    {
        "breach_obligation_due_timestamp_seconds",
        "breach_obligation_next_due_timestamp_seconds",
        "breach_obligations",
        "breach_incidents",
        "breach_incident_unqualified_oldest_timestamp_seconds",
        "breach_incident_unqualified_due_timestamp_seconds",
        "breach_alerts_received_total",
        "breach_webhooks_refused_total",
        "breach_quarantined_total",
        "breach_inbox_pending",
        "breach_inbox_oldest_timestamp_seconds",
        "breach_stage_duration_seconds",
        "breach_outbox_pending",
        "breach_outbox_oldest_timestamp_seconds",
        "breach_deliveries_total",
        "breach_wakes_unacknowledged",
        "breach_source_last_seen_timestamp_seconds",
        "breach_source_silent",
        "breach_heartbeats_total",
        "breach_heartbeat_last_success_timestamp_seconds",
        "breach_worker_last_tick_timestamp_seconds",
        "breach_seal_last_timestamp_seconds",
        "breach_backup_last_success_timestamp_seconds",
        "breach_catalog_valid",
        "breach_build_info",
    }
)


@dataclass(frozen=True)
class Pod:
    """One pod template, of a Deployment or of a Job, and its only container."""

    metadata: Document
    spec: Document

    @property
    def container(self) -> Document:
        """The only container."""
        (container,) = self.spec["containers"]
        return dict(container)

    @property
    def command(self) -> str:
        """What it runs, as a person would type it."""
        return " ".join(self.container["command"])

    @property
    def environment(self) -> dict[str, str]:
        """The variables set by the container itself."""
        return {found["name"]: found.get("value", "") for found in self.container["env"]}


@dataclass(frozen=True)
class Manifests:
    """What `helm install` would send to Kubernetes."""

    documents: list[Document]

    def of_kind(self, kind: str) -> dict[str, Document]:
        """The objects of one kind, by name."""
        return {found["metadata"]["name"]: found for found in self.documents if found["kind"] == kind}

    def the(self, kind: str) -> Document:
        """The only object of its kind."""
        (document,) = self.of_kind(kind).values()
        return document

    @property
    def pods(self) -> list[Pod]:
        """Every pod template."""
        templates = [found["spec"]["template"] for found in self.documents if found["kind"] in {"Deployment", "Job"}]
        return [Pod(template["metadata"], template["spec"]) for template in templates]

    @property
    def settings(self) -> dict[str, str]:
        """The plain settings, from the ConfigMap."""
        return dict(self.of_kind("ConfigMap")["demo-breach-service"]["data"])


@pytest.fixture(scope="session")
def chart_directory() -> Path:
    """The folder of the chart."""
    return CHART


@pytest.fixture(scope="session")
def metric_names() -> frozenset[str]:
    """Every metric of the public interface, a histogram under its name without suffix."""
    return METRICS


@pytest.fixture(scope="session", params=list(SHAPES.values()), ids=list(SHAPES))
def any_shape(request: pytest.FixtureRequest) -> Document:
    """Values of each shape the chart can take, one after the other."""
    return dict(request.param)


@pytest.fixture(scope="session")
def everything() -> Document:
    """Values that turn everything on."""
    return EVERYTHING


@pytest.fixture(scope="session")
def chart() -> Iterator[helm_python.Chart]:
    """The chart as Helm loads it."""
    with helm_python.Chart.load(CHART) as loaded:
        yield loaded


@pytest.fixture(scope="session")
def render(chart: helm_python.Chart) -> Callable[..., Manifests]:
    """`helm install RELEASE --namespace security` with these values, as far as a cluster is not needed."""

    def manifests(values: Document, release: str = "demo") -> Manifests:
        files = chart.render(values, name=release, namespace="security")
        texts = [text for path, text in files.items() if path.endswith(".yaml")]
        return Manifests([found for text in texts for found in YAML(typ="safe").load_all(text) if found])

    return manifests


@pytest.fixture(scope="session")
def promtool() -> Callable[..., str]:
    """Run promtool and return what it says; a refusal fails the test with its words."""

    def run(*arguments: str | Path) -> str:
        said = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False)
        assert said.returncode == 0, said.stdout + said.stderr
        return said.stdout

    return run
