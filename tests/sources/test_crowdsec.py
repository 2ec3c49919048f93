"""What CrowdSec says, scenario by scenario."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from breach_service.domain.alert import Alert, AlertStatus, EntityKind, Severity, Signal
from breach_service.errors import UnreadablePayload
from breach_service.sources.senders.crowdsec import signal_of_scenario

Recorded = Callable[[str], list[Alert]]
Normalised = Callable[[str, bytes], list[Alert]]


def test_an_alert_says_who_attacked_what(recorded: Recorded) -> None:
    """The source attacks; the machine, and the accounts tried, are in the events. There is no severity."""
    (alert,) = recorded("crowdsec/ssh_brute_force.json")
    assert alert.title == "crowdsecurity/ssh-bf (203.0.113.7)"
    assert (alert.signal, alert.severity, alert.status) == (
        Signal.BRUTE_FORCE,
        Severity.UNKNOWN,
        AlertStatus.FIRING,
    )
    assert alert.occurred_at == datetime(2026, 11, 22, 18, 28, 12, 366011, tzinfo=UTC)
    assert alert.values_of(EntityKind.SOURCE_ADDRESS) == ("203.0.113.7",)
    assert alert.values_of(EntityKind.HOST) == ("web-01",)
    assert alert.values_of(EntityKind.USER) == ("admin", "root")
    assert alert.labels["decisions"] == "ban"
    assert alert.summary.startswith("Ip 203.0.113.7 performed")


def test_a_batch_is_one_alert_each(recorded: Recorded) -> None:
    """Decisions may be null, and the context of an alert is a list written inside a text."""
    alerts = recorded("crowdsec/batch.json")
    assert [str(alert.signal) for alert in alerts] == [
        "scan",
        "web_exploit",
        "web_exploit",
        "brute_force",
        "suspicious_login",
    ]
    assert alerts[1].values_of(EntityKind.HOST) == ("crm.example.fr", "shop.example.fr", "web-01")
    assert alerts[2].values_of(EntityKind.SOURCE_ADDRESS) == ("2001:db8::ff",)
    assert alerts[4].values_of(EntityKind.USER) == ("alice",)
    assert alerts[4].values_of(EntityKind.SOURCE_ADDRESS) == ("203.0.113.9",)
    assert len({alert.fingerprint for alert in alerts}) == 5


def test_a_simulation_is_routine(recorded: Recorded) -> None:
    """What decides nothing opens nothing."""
    (alert,) = recorded("crowdsec/simulated.json")
    assert (alert.signal, alert.severity) == (Signal.ROUTINE, Severity.INFO)


def test_wider_scopes_keep_what_is_known(recorded: Recorded) -> None:
    """A range is canonical; of an autonomous system the one address seen is kept, and made-up machine names are not."""
    network, autonomous_system = recorded("crowdsec/wide_scopes.json")
    assert network.values_of(EntityKind.SOURCE_ADDRESS) == ("203.0.113.0/24",)
    assert autonomous_system.values_of(EntityKind.SOURCE_ADDRESS) == ("203.0.113.9",)
    assert autonomous_system.values_of(EntityKind.HOST) == ()
    assert autonomous_system.title.endswith("(64500)")


def test_a_single_object_is_understood_as_well(recorded: Recorded) -> None:
    """A format of one's own may post each alert by itself; a ban by hand is routine."""
    (alert,) = recorded("crowdsec/one_object.json")
    assert alert.signal is Signal.ROUTINE
    assert alert.entities == alert.entities[:1]


def test_odd_records_are_understood_as_far_as_they_go(recorded: Recorded) -> None:
    """No source at all, or one that is no address."""
    bare, odd = recorded("crowdsec/odd_shapes.json")
    assert (bare.title, bare.entities, bare.occurred_at) == ("acme/strange-thing", (), None)
    assert odd.signal is Signal.EXFILTRATION
    assert odd.title == "acme/data-exfiltration (not an address)"
    assert odd.occurred_at == datetime(2026, 11, 22, 18, 28, 12, 366000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("scenario", "signal"),
    [
        ("crowdsecurity/ssh-slow-bf", Signal.BRUTE_FORCE),
        ("crowdsecurity/http-bf-wordpress_bf", Signal.BRUTE_FORCE),
        ("LePresidente/http-generic-401-bf", Signal.BRUTE_FORCE),
        ("crowdsecurity/asterisk_user_enum", Signal.BRUTE_FORCE),
        ("crowdsecurity/iptables-scan-multi_ports", Signal.SCAN),
        ("crowdsecurity/http-crawl-non_statics", Signal.SCAN),
        ("crowdsecurity/http-sensitive-files", Signal.SCAN),
        ("crowdsecurity/http-bad-user-agent", Signal.SCAN),
        ("crowdsecurity/CVE-2023-22515", Signal.WEB_EXPLOIT),
        ("crowdsecurity/http-xss-probing", Signal.WEB_EXPLOIT),
        ("crowdsecurity/http-path-traversal-probing", Signal.WEB_EXPLOIT),
        ("crowdsecurity/apache_log4j2_cve-2021-44228", Signal.WEB_EXPLOIT),
        ("crowdsecurity/appsec-vpatch", Signal.WEB_EXPLOIT),
        ("crowdsecurity/appsec-generic-test", Signal.ROUTINE),
        ("crowdsecurity/auditd-postexploit-exec-from-net", Signal.MALWARE),
        ("crowdsecurity/nginx-req-limit-exceeded", Signal.UNAVAILABILITY),
        ("update : +15000/-0 IPs", Signal.ROUTINE),
        ("acme/nothing-known", Signal.ANOMALY),
    ],
)
def test_a_scenario_tells_its_signal(scenario: str, signal: Signal) -> None:
    """By the names of the hub, whoever wrote the scenario."""
    assert signal_of_scenario(scenario) is signal


def test_scenario_and_source_are_the_identity(normalised: Normalised) -> None:
    """Another spelling of the same address is the same source; uuid and counts do not matter."""
    body = '[{{"scenario": "a/b", "uuid": "{0}", "events_count": {0}, "source": {{"scope": "Ip", "value": "{1}"}}}}]'
    (one,) = normalised("crowdsec", body.format(1, "2001:db8:0:0::1").encode())
    (same,) = normalised("crowdsec", body.format(2, "2001:DB8::1").encode())
    (other,) = normalised("crowdsec", body.format(1, "2001:db8::2").encode())
    assert one.fingerprint == same.fingerprint != other.fingerprint


@pytest.mark.parametrize("body", [b"[]", b"{}", b"[{}]", b'[{"scenario": "x"}, 3]', b'{"text": "CrowdSec says"}'])
def test_what_is_not_of_crowdsec_is_unreadable(normalised: Normalised, body: bytes) -> None:
    """The sentence says which format is expected."""
    with pytest.raises(UnreadablePayload, match=r"toJson"):
        normalised("crowdsec", body)
