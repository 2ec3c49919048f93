"""The kinds of sources that this release understands."""

from datetime import UTC, datetime
from pkgutil import iter_modules

import pytest

from breach_service.domain.alert import AlertStatus
from breach_service.errors import NotFound
from breach_service.sources import senders
from breach_service.sources.registry import SOURCES, source_of
from breach_service.sources.request import Delivery
from breach_service.sources.understanding import understood

RECEIVED_AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def test_every_kind_is_found_by_its_name() -> None:
    """The registry knows each sender by the word that it calls itself, in the order of the alphabet."""
    assert list(SOURCES) == sorted(SOURCES)
    assert all(source_of(kind) is source and source.kind == kind for kind, source in SOURCES.items())


def test_every_module_of_a_sender_is_named_in_the_registry() -> None:
    """Who writes a module and forgets to name it is told."""
    read = {type(one).__module__.rpartition(".")[2] for one in SOURCES.values()}
    assert read == {one.name for one in iter_modules(senders.__path__)}


def test_what_every_company_runs_is_understood() -> None:
    """The senders that are promised by name, by the words that people use for them."""
    promised = (
        "grafana alertmanager prometheus github aws sns cloudwatch guardduty security-hub eventbridge sentry microsoft "
        "azure-monitor defender sentinel graph cloudflare crowdsec wazuh gitguardian datadog suricata falco "
        "falcosidekick firewall stormshield fortinet fortigate pfsense opnsense palo-alto cisco-asa cef leef syslog "
        "zabbix uptime-kuma gitlab pagerduty okta auth0 keycloak splunk harfanglab backup cloudevents ocsf slack json"
    )
    for word in promised.split():
        assert source_of(word).title.en


def test_no_word_means_two_kinds() -> None:
    """Whoever writes an alias gets what it says."""
    words = [word for source in SOURCES.values() for word in (source.kind, *source.aliases)]
    assert sorted(words) == sorted(set(words))
    assert all(word == word.lower() and "_" not in word for word in words)


def test_an_unknown_kind_is_answered_with_the_known_ones() -> None:
    """Who mistypes a kind reads what would have been right."""
    with pytest.raises(NotFound, match=r"'wazhu' is no kind of source; known kinds: alertmanager, .*, wazuh, zabbix\."):
        source_of("wazhu")


@pytest.mark.parametrize("kind", SOURCES)
def test_the_default_credential_of_a_kind_is_one_that_it_can_send(kind: str) -> None:
    """`source add` without `--auth` never makes a source that its sender cannot satisfy."""
    assert source_of(kind).default_auth in source_of(kind).supported_auth


@pytest.mark.parametrize("kind", SOURCES)
def test_the_title_of_a_kind_is_there_in_both_languages(kind: str) -> None:
    """The page that lists the kinds has words for each."""
    assert source_of(kind).title.in_language("fr")
    assert source_of(kind).title.in_language("en")


@pytest.mark.parametrize("kind", SOURCES)
def test_the_message_to_try_a_connection_opens_nothing(kind: str) -> None:
    """A test message is understood as what it is, by the kind itself and by the general reader."""
    delivery = Delivery(source_of(kind).test_body(), {}, "", RECEIVED_AT)
    alerts = understood(source_of(kind), "probe", delivery)
    assert {alert.status for alert in alerts} == {AlertStatus.TEST}


@pytest.mark.parametrize("kind", SOURCES)
def test_headers_are_named_in_lower_case(kind: str) -> None:
    """They are looked up as they are received."""
    source = source_of(kind)
    named = [one.header for one in source.signings] + [one.timestamp_header or "" for one in source.signings]
    named += [*source.secret_headers, *source.redelivery.headers]
    assert named == [one.lower() for one in named]
