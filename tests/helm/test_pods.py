"""What each pod may do, what it is told, and where it finds its secrets."""

import json
from collections.abc import Callable
from typing import Any

import pytest

import breach_service
from breach_service.settings import SECRETS

Document = dict[str, Any]
Render = Callable[..., Any]

SECRET_SETTINGS = {f"BREACH_{name.upper()}" for name in SECRETS}
SECRETS_GIVEN = {
    "BREACH_DATABASE_URL", "BREACH_SECRET_KEY", "BREACH_METRICS_TOKEN", "BREACH_SLACK_TOKEN", "BREACH_SMTP_PASSWORD",
}  # fmt: skip
"""Those of the example with everything on."""
PLAIN_SETTINGS = {
    "BREACH_SLACK_CHANNEL",
    "BREACH_PUBLIC_URL",
    "BREACH_HOST",
    "BREACH_PORT",
    "BREACH_DATA_DIR",
    "BREACH_CONTENT_DIR",
    "BREACH_LOG_LEVEL",
    "BREACH_LANGUAGE",
    "BREACH_MAX_BODY_BYTES",
    "BREACH_TRUSTED_PROXIES",
    "BREACH_SMTP_HOST",
    "BREACH_SMTP_PORT",
    "BREACH_SMTP_SECURITY",
    "BREACH_SMTP_USER",
    "BREACH_SMTP_FROM",
}


def test_every_pod_runs_with_the_least_rights(render: Render, any_shape: Document) -> None:
    """Non-root, no capability, no token of Kubernetes, no variables of other Services, seccomp of the runtime."""
    for pod in render(any_shape).pods:
        assert pod.spec["automountServiceAccountToken"] is False
        assert pod.spec["enableServiceLinks"] is False
        assert pod.spec["securityContext"]["runAsNonRoot"] is True
        assert pod.spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod.container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"cpu", "memory"} <= pod.container["resources"]["requests"].keys()


def test_a_pod_can_write_to_its_temporary_and_its_data_directory_only(render: Render, any_shape: Document) -> None:
    """All else is read-only, and no volume is there without being used."""
    for pod in render(any_shape).pods:
        mounts = pod.container["volumeMounts"]
        writable = {mount["mountPath"] for mount in mounts if not mount.get("readOnly")}
        assert writable == {"/tmp", "/var/lib/breach-service"}
        assert {mount["name"] for mount in mounts} == {volume["name"] for volume in pod.spec["volumes"]}


def test_whoever_answers_http_is_asked_whether_it_lives_and_is_ready(render: Render, any_shape: Document) -> None:
    """Liveness asks /healthz, readiness /readyz; pods that do not answer HTTP are not asked."""
    for pod in render(any_shape).pods:
        if pod.command in {"breach-service web", "breach-service serve"}:
            assert pod.container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "http"}
            assert pod.container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http"}
        else:
            assert "readinessProbe" not in pod.container


def test_no_object_holds_a_secret(render: Render, any_shape: Document) -> None:
    """Secrets are files of a Secret that the operator made; the chart makes none and writes no value of one."""
    manifests = render(any_shape)
    assert not manifests.of_kind("Secret")
    assert not SECRET_SETTINGS & manifests.settings.keys()
    for pod in manifests.pods:
        assert not SECRET_SETTINGS & pod.environment.keys()
        mounted = {
            "/run/secrets/breach-service/" + item["path"]
            for volume in pod.spec["volumes"]
            for item in volume.get("secret", {}).get("items", [])
        }
        assert {value for name, value in pod.environment.items() if name.endswith("_FILE")} == mounted


def test_two_secrets_may_share_a_key(render: Render) -> None:
    """A key of the Secret that serves twice is mounted once: Kubernetes refuses two files of one name."""
    for pod in render({"secrets": {"keys": {"metricsToken": "secret-key"}}}).pods:
        (secret,) = [volume["secret"] for volume in pod.spec["volumes"] if "secret" in volume]
        assert [item["path"] for item in secret["items"]] == ["database-url", "secret-key"]


def test_every_setting_given_is_one_the_service_has(render: Render, any_shape: Document) -> None:
    """No setting is misspelt, which the service would silently not read."""
    manifests = render(any_shape)
    given = {name for pod in manifests.pods for name in pod.environment if name.startswith("BREACH_")}
    assert given | manifests.settings.keys() <= PLAIN_SETTINGS | {name + "_FILE" for name in SECRET_SETTINGS}


def test_every_setting_of_the_chart_arrives(render: Render, everything: Document) -> None:
    """With everything on, web and worker are given each setting the service has, numbers as they were written."""
    manifests = render(everything)
    assert manifests.settings["BREACH_MAX_BODY_BYTES"] == "2000000"
    assert manifests.settings["BREACH_SMTP_PORT"] == "465"
    for pod in manifests.pods:
        if pod.command != "breach-service migrate":
            given = {name.removesuffix("_FILE") for name in pod.environment}
            assert given | manifests.settings.keys() >= PLAIN_SETTINGS | SECRETS_GIVEN
            assert pod.container["envFrom"] == [{"configMapRef": {"name": "demo-breach-service"}}]


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_of_the_service_has_its_key(render: Render, name: str) -> None:
    """Named as the setting, so that nobody looks for it; given one, it arrives as a file."""
    first, *others = name.split("_")
    key = first + "".join(one.capitalize() for one in others)
    for pod in render({"secrets": {"keys": {key: "its-key"}}}).pods:
        assert pod.environment[f"BREACH_{name.upper()}_FILE"] == "/run/secrets/breach-service/its-key"


def test_on_sqlite_the_database_address_is_not_read(render: Render) -> None:
    """The one pod has its database in its data directory, whatever the Secret holds."""
    (pod,) = render({"database": "sqlite"}).pods
    assert "BREACH_DATABASE_URL_FILE" not in pod.environment
    assert pod.environment["BREACH_DATA_DIR"] == "/var/lib/breach-service"


def test_the_migration_needs_nothing_that_is_not_there_yet(render: Render, everything: Document) -> None:
    """The hook runs before the chart's objects exist: it uses none of them, nor the operator's content."""
    manifests = render(everything)
    assert manifests.the("Job")["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    (migration,) = [pod for pod in manifests.pods if pod.command == "breach-service migrate"]
    assert "serviceAccountName" not in migration.spec
    assert "envFrom" not in migration.container
    assert {volume["name"] for volume in migration.spec["volumes"]} == {"tmp", "data", "secrets"}


@pytest.mark.parametrize("database", ["postgres", "sqlite"])
def test_a_changed_setting_restarts_the_pods(render: Render, database: str) -> None:
    """Settings are read at the start, so their checksum is part of every pod."""

    def annotations(language: str) -> set[str]:
        values = {"database": database, "settings": {"language": language}}
        return {json.dumps(pod.metadata["annotations"]) for pod in render(values).pods}

    assert not annotations("fr") & annotations("en")
    assert annotations("fr") == annotations("fr")


def test_the_image_is_that_of_the_application(render: Render) -> None:
    """The tag follows the version of the package, and a digest wins over it."""
    assert {pod.container["image"] for pod in render({}).pods} == {f"breach-service:{breach_service.__version__}"}
    digest = "sha256:" + "a" * 64
    pinned = render({"image": {"repository": "registry.example.org/breach", "digest": digest}})
    assert {pod.container["image"] for pod in pinned.pods} == {f"registry.example.org/breach@{digest}"}
