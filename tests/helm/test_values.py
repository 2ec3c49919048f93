"""Values that cannot work are refused before anything reaches the cluster, and each one is explained."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import helm_python
import pytest

Document = dict[str, Any]
Render = Callable[..., Any]
PUBLIC: Document = {"settings": {"publicUrl": "https://breach.example.org"}}
MAIL: Document = {"host": "mail.example.org", "from": "breach@example.org"}


@pytest.mark.parametrize(
    "more",
    [{"web": {"replicas": 2}}, {"work": {"replicas": 2}}, {"autoscaling": {"enabled": True}}],
    ids=["web", "work", "autoscaling"],
)
def test_sqlite_refuses_a_second_pod(render: Render, more: Document) -> None:
    """More than one pod on SQLite is refused, with the reason and both ways out."""
    with pytest.raises(helm_python.HelmRenderError) as refused:
        render({"database": "sqlite", **more})
    assert (
        "database=sqlite is one file on one volume, which one process alone may write: set web.replicas and "
        "work.replicas to 1 and autoscaling.enabled to false, or choose database=postgres to run several pods."
    ) in str(refused.value)


@pytest.mark.parametrize(
    ("values", "remedy"),
    [
        ({"secrets": {"existingSecret": ""}}, "set secrets.existingSecret"),
        ({"secrets": {"keys": {"databaseUrl": ""}}}, "secrets.keys.databaseUrl"),
        ({"secrets": {"keys": {"secretKey": ""}}}, "secrets.keys.secretKey"),
        ({"autoscaling": {"enabled": True, "minReplicas": 9}}, "exchange them"),
        ({"ingress": {"enabled": True}}, "ingress.host"),
        ({"serviceMonitor": {"enabled": True}, "secrets": {"keys": {"metricsToken": ""}}}, "secrets.keys.metricsToken"),
        ({"settings": {"slackChannel": "#incidents"}}, "secrets.keys.slackToken"),
        ({"pagers": {"goalertUrl": "https://goalert.example.org"}}, "secrets.keys.pagerGoalertToken"),
        ({**PUBLIC, "smtp": {"host": "mail.example.org"}}, "smtp.from"),
        ({"smtp": MAIL}, "settings.publicUrl"),
        ({**PUBLIC, "smtp": {**MAIL, "user": "breach"}}, "secrets.keys.smtpPassword"),
        ({**PUBLIC, "smtp": {**MAIL, "port": 2525}, "networkPolicy": {"enabled": True}}, "networkPolicy.egressPorts"),
    ],
)
def test_values_that_contradict_each_other_are_refused_with_the_remedy(
    render: Render, values: Document, remedy: str
) -> None:
    """What would install and then not work is refused, and the message names what to set."""
    with pytest.raises(helm_python.HelmRenderError, match=remedy):
        render(values)


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"replicas": 3}, "'replicas' not allowed"),
        ({"web": {"replica": 3}}, "'replica' not allowed"),
        ({"secrets": {"secretKey": "hunter2"}}, "'secretKey' not allowed"),
        ({"secrets": {"keys": {"smtp": "smtp"}}}, "'smtp' not allowed"),
        ({"database": "mysql"}, "/database"),
        ({"web": {"replicas": 0}}, "/web/replicas"),
        ({"web": {"replicas": "two"}}, "/web/replicas"),
        ({"work": {"replicas": 1.5}}, "/work/replicas"),
        ({"image": {"repository": ""}}, "/image/repository"),
        ({"image": {"digest": "latest"}}, "/image/digest"),
        ({"settings": {"publicUrl": "breach.example.org"}}, "/settings/publicUrl"),
        ({"settings": {"logLevel": "chatty"}}, "/settings/logLevel"),
        ({"settings": {"maxBodyBytes": "1MB"}}, "/settings/maxBodyBytes"),
        ({"settings": {"slackToken": "xoxb-1"}}, "'slackToken' not allowed"),
        ({"settings": {"trustedProxies": "*"}}, "/settings/trustedProxies"),
        ({"smtp": {"password": "hunter2"}}, "'password' not allowed"),
        ({"smtp": {"security": "ssl"}}, "/smtp/security"),
        ({"smtp": {"from": "nobody"}}, "/smtp/from"),
        ({"persistence": {"accessMode": "ReadWriteMany"}}, "/persistence/accessMode"),
        ({"runAs": {"user": 0}}, "/runAs/user"),
        ({"service": {"port": 70000}}, "/service/port"),
        ({"networkPolicy": {"from": [{}]}}, "/networkPolicy/from/0"),
        ({"extraEnv": [{"name": "TZ"}]}, "/extraEnv/0"),
        ({"serviceMonitor": {"interval": "soon"}}, "/serviceMonitor/interval"),
    ],
)
def test_a_wrong_value_is_refused_by_its_place(chart: helm_python.Chart, values: Document, place: str) -> None:
    """A misspelt name or an impossible value is refused, and the message says where it stands."""
    with pytest.raises(helm_python.HelmValuesError) as refused:
        chart.validate_schema(chart.merge_values(values))
    assert place in str(refused.value)


def test_every_value_is_declared_in_the_schema(chart: helm_python.Chart, chart_directory: Path) -> None:
    """The defaults and the schema name the same values, and an object with named values takes no other."""
    schema = json.loads((chart_directory / "values.schema.json").read_text(encoding="utf-8"))
    assert set(schema["properties"]) == {*chart.values, "global"}
    for declared in objects_with_names(schema):
        assert declared["additionalProperties"] is False, declared


def objects_with_names(schema: object) -> Iterator[Document]:
    """Every part of a schema that names the properties of an object."""
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            yield schema
        for inner in schema.values():
            yield from objects_with_names(inner)


def test_every_value_is_explained(chart_directory: Path) -> None:
    """Each value stands under a comment that says what it does; only Kubernetes' own requests and limits do not."""
    lines = (chart_directory / "values.yaml").read_text(encoding="utf-8").splitlines()
    bare = [
        line
        for above, line in zip(["", *lines], lines, strict=False)
        if line and not line.lstrip().startswith("#") and not above.lstrip().startswith("#")
    ]
    assert {line.split(":")[0].strip() for line in bare} == {"requests", "limits"}
