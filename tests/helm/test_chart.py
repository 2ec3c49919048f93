"""The chart installs what it says, in each of its shapes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import helm_python
import kubernetes_validate  # type: ignore[import-untyped]  # it ships no types
import pytest

Document = dict[str, Any]
Render = Callable[..., Any]


@pytest.mark.parametrize("kubernetes", ["1.29", "1.33", "1.37"])
def test_kubernetes_accepts_every_object(render: Render, any_shape: Document, kubernetes: str) -> None:
    """Every object but those of the Prometheus operator is valid for the oldest, a middle and the newest version."""
    documents = render(any_shape).documents
    own = [found for found in documents if not found["apiVersion"].startswith("monitoring.coreos.com/")]
    assert own
    for document in own:
        kubernetes_validate.validate(document, kubernetes, strict=True)


def test_helm_has_nothing_to_say_against_the_chart(chart_directory: Path, any_shape: Document) -> None:
    """`helm lint --strict` finds no error and no warning."""
    report = helm_python.lint(chart_directory, any_shape, strict=True)
    assert report["errors"] == []
    assert [message for message in report["messages"] if message["severity"] > 1] == []


def test_by_default_web_and_work_run_apart_on_postgresql(render: Render) -> None:
    """The default is two web pods, one worker, a migration before both, and nothing that needs an operator."""
    manifests = render({})
    assert {pod.command for pod in manifests.pods} == {
        "breach-service web",
        "breach-service work",
        "breach-service migrate",
    }
    deployments = manifests.of_kind("Deployment")
    assert {name: found["spec"]["replicas"] for name, found in deployments.items()} == {
        "demo-breach-service-web": 2,
        "demo-breach-service-work": 1,
    }
    assert {found["apiVersion"] for found in manifests.documents} == {"v1", "apps/v1", "batch/v1", "policy/v1"}


def test_a_web_pod_is_never_taken_away_before_its_successor_is_ready(render: Render) -> None:
    """An upgrade leaves as many web pods as before: a webhook that finds nobody is rarely sent again."""
    web = render({}).of_kind("Deployment")["demo-breach-service-web"]["spec"]
    assert web["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}


def test_on_sqlite_one_pod_does_everything_on_a_volume_that_is_kept(render: Render) -> None:
    """sqlite is one `serve` pod, replaced only after it has stopped, whose volume outlives the installation."""
    manifests = render({"database": "sqlite"})
    (pod,) = manifests.pods
    assert pod.command == "breach-service serve"
    deployment, claim = manifests.the("Deployment"), manifests.the("PersistentVolumeClaim")
    assert (deployment["spec"]["replicas"], deployment["spec"]["strategy"]) == (1, {"type": "Recreate"})
    assert claim["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    kept = {"name": "data", "persistentVolumeClaim": {"claimName": claim["metadata"]["name"]}}
    assert kept in pod.spec["volumes"]


def test_on_sqlite_a_claim_of_ones_own_is_used_instead(render: Render) -> None:
    """With persistence.existingClaim the chart makes no claim."""
    manifests = render({"database": "sqlite", "persistence": {"existingClaim": "ours"}})
    assert not manifests.of_kind("PersistentVolumeClaim")
    (pod,) = manifests.pods
    assert {"name": "data", "persistentVolumeClaim": {"claimName": "ours"}} in pod.spec["volumes"]


def test_autoscaling_leaves_the_number_of_web_pods_to_the_autoscaler(render: Render) -> None:
    """With autoscaling the web Deployment names no number, which each upgrade would otherwise put back."""
    manifests = render({"autoscaling": {"enabled": True}})
    deployments = manifests.of_kind("Deployment")
    assert "replicas" not in deployments["demo-breach-service-web"]["spec"]
    assert deployments["demo-breach-service-work"]["spec"]["replicas"] == 1
    assert manifests.the("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]["name"] == "demo-breach-service-web"


@pytest.mark.parametrize(
    ("values", "has_budget"),
    [
        ({"web": {"replicas": 1}}, False),
        ({"web": {"replicas": 2}}, True),
        ({"web": {"replicas": 1}, "autoscaling": {"enabled": True, "minReplicas": 2}}, True),
        ({"web": {"replicas": 2}, "autoscaling": {"enabled": True, "minReplicas": 1}}, False),
        ({"database": "sqlite"}, False),
    ],
)
def test_nodes_can_always_be_drained(render: Render, values: Document, has_budget: bool) -> None:
    """There is a disruption budget only where a second pod is there to answer meanwhile."""
    assert bool(render(values).of_kind("PodDisruptionBudget")) is has_budget


@pytest.mark.parametrize(("tls", "url"), [("breach-tls", "https://b.example.org"), ("", "http://b.example.org")])
def test_the_public_address_is_that_of_the_ingress(render: Render, tls: str, url: str) -> None:
    """Without settings.publicUrl, messages link to the name people use."""
    manifests = render({"ingress": {"enabled": True, "host": "b.example.org", "tlsSecretName": tls}})
    assert manifests.settings["BREACH_PUBLIC_URL"] == url


def test_whatever_selects_pods_finds_those_that_answer_http(render: Render, any_shape: Document) -> None:
    """The Service, its disruption budget and the network policy for HTTP all choose the web (or only) pods."""
    manifests = render(any_shape)
    service = manifests.the("Service")["spec"]
    (target,) = [pod for pod in manifests.pods if service["selector"].items() <= pod.metadata["labels"].items()]
    assert target.command in {"breach-service web", "breach-service serve"}
    assert [port["targetPort"] for port in service["ports"]] == [port["name"] for port in target.container["ports"]]
    for budget in manifests.of_kind("PodDisruptionBudget").values():
        assert budget["spec"]["selector"]["matchLabels"] == service["selector"]
    for backend in manifests.of_kind("Ingress").values():
        (path,) = backend["spec"]["rules"][0]["http"]["paths"]
        assert path["backend"]["service"] == {"name": "demo-breach-service", "port": {"name": "http"}}


def test_with_the_network_policy_only_http_comes_in_and_only_from_whom_you_said(
    render: Render, everything: Document
) -> None:
    """One policy closes every pod, the migration's too; one opens HTTP on the web pods to the peers of the values."""
    manifests = render(everything)
    policies = {name: found["spec"] for name, found in manifests.of_kind("NetworkPolicy").items()}
    closed, http = policies["demo-breach-service"], policies["demo-breach-service-http"]
    for pod in manifests.pods:
        assert closed["podSelector"]["matchLabels"].items() <= pod.metadata["labels"].items()
    assert (closed["policyTypes"], closed["ingress"]) == (["Ingress", "Egress"], [])
    (open_to,) = http["ingress"]
    assert http["podSelector"]["matchLabels"] == manifests.the("Service")["spec"]["selector"]
    assert open_to == {"ports": [{"protocol": "TCP", "port": "http"}], "from": everything["networkPolicy"]["from"]}


def test_names_fit_however_long_the_release_is_called(render: Render, any_shape: Document) -> None:
    """Helm allows 53 characters for a release; every name stays within the 63 of a label."""
    for document in render(any_shape, release="r" * 53).documents:
        assert len(document["metadata"]["name"]) <= 63
        assert all(len(str(value)) <= 63 for value in document["metadata"]["labels"].values())


def test_every_object_carries_the_recommended_labels(render: Render, any_shape: Document) -> None:
    """Objects can be found by application, installation, component and version."""
    recommended = {f"app.kubernetes.io/{name}" for name in ("name", "instance", "component", "version", "managed-by")}
    for document in render(any_shape).documents:
        assert recommended <= document["metadata"]["labels"].keys()


def test_the_notes_name_the_keys_the_secret_must_hold(chart: helm_python.Chart, everything: Document) -> None:
    """After the installation a person reads what the Secret must hold, how to begin, and where the page is."""
    notes = chart.render(everything, name="demo", namespace="security")["breach-service/templates/NOTES.txt"]
    keys = ("database-url", "secret-key", "metrics-token", "slack-token", "smtp-password")
    for expected in (*keys, "https://breach.example.org", "cat /var/lib/breach-service/first-administrator.link"):
        assert expected in notes


def test_the_notes_say_what_is_not_set_and_what_follows(chart: helm_python.Chart) -> None:
    """No mail, and nobody believed who a request comes from, are said once, where they matter."""
    notes = chart.render({"ingress": {"enabled": True, "host": "breach.example.org"}})
    for expected in ("smtp.host", "settings.trustedProxies"):
        assert expected in notes["breach-service/templates/NOTES.txt"]
