"""What Alertmanager says, alert by alert."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from breach_service.domain.alert import Alert, AlertStatus, EntityKind, Severity, Signal
from breach_service.errors import UnreadablePayload
from breach_service.sources.redelivery import delivery_key
from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery
from breach_service.sources.senders.alertmanager import SOURCE

Recorded = Callable[[str], list[Alert]]
Normalised = Callable[[str, bytes], list[Alert]]


def group_of(*members: Any) -> bytes:
    return json.dumps({"version": "4", "status": "firing", "alerts": list(members)}).encode()


def labelled(**labels: Any) -> bytes:
    return group_of({"status": "firing", "labels": labels})


def test_a_firing_alert_says_what_where_and_when(recorded: Recorded) -> None:
    """Everything that a page needs is taken from the member, the machine without its port."""
    (alert,) = recorded("alertmanager/firing.json")
    assert alert.source == "probe"
    assert alert.title == "Many failed SSH logins on web-01"
    assert alert.summary == "312 failures from 203.0.113.7 in 5 minutes"
    assert (alert.signal, alert.severity, alert.vendor_severity) == (Signal.BRUTE_FORCE, Severity.MEDIUM, "warning")
    assert alert.status is AlertStatus.FIRING
    assert alert.occurred_at == datetime(2026, 11, 22, 18, 28, 12, 366000, tzinfo=UTC)
    assert alert.fingerprint == "a1b2c3d4e5f60718"
    assert alert.values_of(EntityKind.HOST) == ("web-01.intra.example",)
    assert alert.values_of(EntityKind.SOURCE_ADDRESS) == ("203.0.113.7",)
    assert alert.values_of(EntityKind.USER) == ("deploy",)
    assert alert.values_of(EntityKind.APPLICATION) == ()
    assert alert.labels["job"] == "node"
    assert not alert.is_own


def test_a_resolved_alert_is_the_same_problem(recorded: Recorded) -> None:
    """Firing and resolved share their fingerprint and the instant at which it began."""
    (firing,), (resolved,) = recorded("alertmanager/firing.json"), recorded("alertmanager/resolved.json")
    assert resolved.status is AlertStatus.RESOLVED
    assert (resolved.fingerprint, resolved.occurred_at) == (firing.fingerprint, firing.occurred_at)


def test_every_member_of_a_group_has_a_status_of_its_own(recorded: Recorded) -> None:
    """A group that is firing may hold members that are resolved."""
    alerts = recorded("alertmanager/mixed_group.json")
    assert [str(alert.status) for alert in alerts] == ["firing", "resolved", "firing", "firing", "firing"]
    assert len({alert.fingerprint for alert in alerts}) == 5
    assert [str(alert.signal) for alert in alerts] == [
        "unavailability",
        "unavailability",
        "exfiltration",
        "backup_failed",
        "operations",
    ]
    assert alerts[0].values_of(EntityKind.ADDRESS) == ("10.0.3.14",)
    assert alerts[0].values_of(EntityKind.HOST) == ()
    assert alerts[3].values_of(EntityKind.APPLICATION) == ("backup",)
    assert alerts[4].severity is Severity.UNKNOWN


def test_the_group_is_never_the_identity(normalised: Normalised, sample: Callable[[str], bytes]) -> None:
    """Another group key and other group labels leave every fingerprint as it was."""
    body = json.loads(sample("alertmanager/version_3.json"))
    body |= {"groupKey": 7, "groupLabels": {"x": "y"}, "receiver": "other"}
    (before,) = normalised("alertmanager", sample("alertmanager/version_3.json"))
    (after,) = normalised("alertmanager", json.dumps(body).encode())
    assert after.fingerprint == before.fingerprint


def test_without_a_fingerprint_the_labels_are_the_identity(normalised: Normalised) -> None:
    """The order of the labels does not matter, their values do."""
    (one,) = normalised("alertmanager", labelled(alertname="A", host="x"))
    (same,) = normalised("alertmanager", labelled(host="x", alertname="A"))
    (other,) = normalised("alertmanager", labelled(alertname="A", host="y"))
    assert one.fingerprint == same.fingerprint != other.fingerprint


def test_version_3_is_understood(recorded: Recorded) -> None:
    """Its group key is a number beyond what a double can hold, and no matter."""
    (alert,) = recorded("alertmanager/version_3.json")
    assert (alert.signal, alert.severity) == (Signal.WEB_SHELL, Severity.HIGH)
    assert alert.values_of(EntityKind.HOST) == ("shop-1",)


def test_the_watchdog_is_a_heartbeat(recorded: Recorded) -> None:
    """What always fires says that the sender lives, or nothing at all."""
    assert [alert.signal for alert in recorded("alertmanager/heartbeats.json")] == [Signal.HEARTBEAT, Signal.ROUTINE]


def test_alerts_about_the_service_itself_join_the_incident_that_they_name(recorded: Recorded) -> None:
    """They are the running of the service, whatever they claim, and only a real reference is believed."""
    late, stopped = recorded("alertmanager/own_alerts.json")
    assert (late.is_own, late.signal, late.concerns_incident) == (True, Signal.OPERATIONS, "INC-2026-0001")
    assert (stopped.is_own, stopped.signal, stopped.concerns_incident) == (True, Signal.OPERATIONS, None)


def test_only_own_alerts_may_name_an_incident(normalised: Normalised) -> None:
    """A label of somebody else's alert cannot steer it into an incident."""
    (alert,) = normalised("alertmanager", labelled(alertname="X", incident="INC-2026-0001", service="crm"))
    assert (alert.is_own, alert.concerns_incident) == (False, None)
    assert alert.values_of(EntityKind.APPLICATION) == ("crm",)


def test_the_label_signal_decides_where_it_is_a_known_word(recorded: Recorded) -> None:
    """Any other word is passed over, and an unknown severity stays unknown beside the sender's own word."""
    said, unsaid = recorded("alertmanager/label_signal.json")
    assert (said.signal, said.severity) == (Signal.DATA_EXPOSURE, Severity.HIGH)
    assert (unsaid.signal, unsaid.severity, unsaid.vendor_severity) == (Signal.ANOMALY, Severity.UNKNOWN, "purple")


def test_a_category_tells_where_the_name_does_not(normalised: Normalised) -> None:
    """`alertname` first, then the labels that classify."""
    (alert,) = normalised("alertmanager", labelled(alertname="Rule 17", category="malware"))
    assert alert.signal is Signal.MALWARE


def test_a_named_machine_comes_before_the_exporter(normalised: Normalised) -> None:
    """`instance` is the last resort, and what is no machine is passed over."""
    (alert,) = normalised("alertmanager", labelled(host="localhost", node="Worker-3", instance="10.42.0.7:8080"))
    assert [(str(one.kind), one.value) for one in alert.entities] == [("host", "worker-3")]


def test_odd_members_are_understood_as_far_as_they_go(recorded: Recorded) -> None:
    """No labels, no date, a name of 900 letters, labels that are no texts: still one alert each."""
    empty, long = recorded("alertmanager/odd_shapes.json")
    assert (empty.title, empty.occurred_at, empty.labels) == ("Alertmanager", None, {})
    assert len(long.title) == 300
    assert long.status is AlertStatus.RESOLVED
    assert long.labels["n"] == "12345678901234567890123"
    assert long.labels["flag"] == "true"
    assert "list" not in long.labels
    assert long.values_of(EntityKind.APPLICATION) == ("prometheus",)
    assert len(long.fingerprint) == 32


def test_the_envelope_of_grafana_is_understood_as_well(recorded: Recorded) -> None:
    """The members have the same shape."""
    (alert,) = recorded("alertmanager/grafana.json")
    assert (alert.signal, alert.severity, alert.fingerprint) == (
        Signal.BRUTE_FORCE,
        Severity.HIGH,
        "c0ffee00c0ffee00",
    )
    assert alert.occurred_at == datetime(2026, 11, 22, 18, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "is empty"),
        (b"{}", 'there is no "alerts"'),
        (b'{"alerts": null}', '"alerts" is null'),
        (b'{"alerts": {}}', '"alerts" is an object'),
        (b'{"alerts": []}', '"alerts" is empty'),
        (b'{"alerts": [1]}', "without labels"),
        (b'{"alerts": [{"labels": "x"}]}', "without labels"),
        (b'{"text": "*FIRING*"}', "webhook body of Alertmanager"),
    ],
)
def test_what_is_not_of_alertmanager_is_unreadable_and_says_why(
    normalised: Normalised, body: bytes, message: str
) -> None:
    """The sentence names what was found and what was expected."""
    with pytest.raises(UnreadablePayload, match=message):
        normalised("alertmanager", body)


@pytest.mark.parametrize("word", ["prometheus", "prometheus-alertmanager", "Prometheus_Alertmanager", "mimir"])
def test_it_is_found_by_the_names_that_people_use(word: str) -> None:
    """Who says Prometheus means this."""
    assert source_of(word) is SOURCE


def test_the_same_body_again_is_the_problem_said_again() -> None:
    """Nothing tells a retry from the repeat of a group: both count."""
    assert delivery_key(SOURCE.redelivery, Delivery(b"a", {}, "", datetime(2026, 11, 23, tzinfo=UTC))) is None


def test_the_link_is_the_page_of_the_rule_else_what_the_annotations_name(normalised: Normalised) -> None:
    """Only web addresses are links."""
    annotations = {"dashboard": "https://g.example.fr/d/1", "runbook_url": "https://wiki.example.fr/r"}
    member = {"labels": {"alertname": "A"}, "annotations": annotations, "generatorURL": "javascript:alert(1)"}
    (alert,) = normalised("alertmanager", group_of(member))
    assert (alert.link, alert.vendor_reference) == ("https://g.example.fr/d/1", "A")


def test_the_message_to_try_a_connection_is_a_test(normalised: Normalised) -> None:
    """It opens nothing."""
    assert [alert.status for alert in normalised("alertmanager", SOURCE.test_body())] == [AlertStatus.TEST]


def test_of_a_cluster_the_workload_is_concerned_not_the_exporter(normalised: Normalised) -> None:
    """`kube-state-metrics` reads for all of them, under its own address and service."""
    exporter = {"job": "kube-state-metrics", "instance": "10.42.0.7:8080", "service": "kps-kube-state-metrics"}
    (alert,) = normalised(
        "alertmanager",
        labelled(alertname="KubePodCrashLooping", namespace="crm", deployment="crm-api", pod="crm-api-5d", **exporter),
    )
    assert [(str(one.kind), one.value) for one in alert.entities] == [("application", "crm-api")]
    (alert,) = normalised("alertmanager", labelled(alertname="KubeNodeNotReady", node="worker-3", **exporter))
    assert [(str(one.kind), one.value) for one in alert.entities] == [("host", "worker-3")]


def test_what_is_remembered_of_a_member_is_what_it_says(normalised: Normalised) -> None:
    """However often it is said, each is read as the first, but for its fingerprint, its status and its instant."""
    labels, annotations = {"alertname": "Login", "severity": "high", "host": "web-01"}, {"summary": "Many logins"}
    alike = {"labels": labels, "annotations": annotations}
    said = [("a1", "firing", 18), ("b2", "resolved", 19), ("c3", "firing", 20), ("d4", "resolved", 21)]
    first, *others = normalised(
        "alertmanager",
        group_of(
            *(
                {**alike, "status": status, "fingerprint": fingerprint, "startsAt": f"2026-11-22T{hour}:00:00Z"}
                for fingerprint, status, hour in said
            )
        ),
    )
    for alert, (fingerprint, status, hour) in zip(others, said[1:], strict=True):
        assert (alert.fingerprint, str(alert.status)) == (fingerprint, status)
        assert alert.occurred_at == datetime(2026, 11, 22, hour, tzinfo=UTC)
        assert replace(alert, fingerprint="a1", status=first.status, occurred_at=first.occurred_at) == first
    assert others[1].likeness is others[2].likeness is not None


@pytest.mark.parametrize("change", [{"severity": "low"}, {"host": "web-02"}, {"alertname": "Other"}, {"zone": "a"}])
def test_members_that_differ_in_one_label_are_read_apart(normalised: Normalised, change: dict[str, str]) -> None:
    """Nothing of the one is taken for the other, however often they were heard before."""
    labels = {"alertname": "Login", "severity": "high", "host": "web-01"}
    pair = [{"labels": labels, "annotations": {}}, {"labels": {**labels, **change}, "annotations": {}}]
    *_, first, other = normalised("alertmanager", group_of(*pair * 3))
    assert other.labels == {**first.labels, **change}
    assert other.likeness is not first.likeness


def test_a_truth_value_and_a_number_in_a_label_are_told_apart(normalised: Normalised) -> None:
    """`true` and `1` are equal to Python and different to everybody else."""
    pair = [{"labels": {"alertname": "Login", "mfa": mfa}, "annotations": {}} for mfa in (1, True)]
    found = normalised("alertmanager", group_of(*pair * 3))
    assert [one.labels["mfa"] for one in found] == ["1", "true"] * 3
