"""What Zabbix says beside its recorded bodies."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.alert import Alert, AlertStatus, Severity
from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery
from breach_service.sources.senders.zabbix import SOURCE, TEMPLATE

Normalised = Callable[[str, bytes], list[Alert]]
SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    str.lower,
    lambda name: name.replace(".", "_").lower(),
    lambda name: name.replace(".", "").lower(),
    lambda name: name.title().replace(".", ""),
    lambda name: "{" + name + "}",
    lambda name: name.replace(".", "-").lower(),
    lambda name: name.replace(".", " "),
)
MACROS = {
    "EVENT.ID": "77",
    "EVENT.VALUE": "0",
    "EVENT.NAME": "Disk is full",
    "EVENT.NSEVERITY": "4",
    "HOST.HOST": "db-01",
    "HOST.IP": "10.0.0.5",
    "EVENT.DATE": "2026.07.01",
    "EVENT.TIME": "12:00:00",
    "TIMEZONE": "Europe/Paris",
}


@given(spellings=st.lists(st.sampled_from(SPELLINGS), min_size=len(MACROS), max_size=len(MACROS)))
def test_every_spelling_of_a_macro_is_the_macro(spellings: list[Callable[[str], str]]) -> None:
    """Operators write `event_id`, `eventid`, `EventID` and `EVENT.ID`."""
    body = {spell(name): value for spell, (name, value) in zip(spellings, MACROS.items(), strict=True)}
    (alert,) = alerts_of(json.dumps(body).encode())
    assert (alert.title, alert.status, alert.severity) == ("Disk is full", AlertStatus.RESOLVED, Severity.HIGH)
    assert [f"{one.kind} {one.value}" for one in alert.entities] == ["address 10.0.0.5", "host db-01"]
    assert alert.occurred_at == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert alert.vendor_reference == "77"


def alerts_of(body: bytes) -> list[Alert]:
    return source_of("zabbix").normalise("probe", Delivery(body, {}, "", datetime(2026, 11, 22, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("number", "severity"),
    [
        ("0", Severity.UNKNOWN),
        ("1", Severity.INFO),
        ("2", Severity.MEDIUM),
        ("3", Severity.MEDIUM),
        ("4", Severity.HIGH),
        ("5", Severity.CRITICAL),
        ("6", Severity.UNKNOWN),
    ],
)
def test_the_number_of_a_severity_is_read_before_its_word(number: str, severity: Severity) -> None:
    """The words can be renamed, the numbers cannot; "not classified" stays unknown."""
    (alert,) = alerts_of(json.dumps({"event_id": "1", "event_nseverity": number, "event_severity": "Rouge"}).encode())
    assert (alert.severity, alert.vendor_severity) == (severity, "Rouge")


def test_a_time_without_a_zone_is_no_time() -> None:
    """The server writes its own local time, and no macro tells where it stands."""
    (alert,) = alerts_of(b'{"event_id": "1", "event_date": "2026.11.22", "event_time": "20:00:00"}')
    assert alert.occurred_at is None


def test_the_recommended_template_is_understood_as_it_is_tried_out() -> None:
    """The button that sends macros as they are written is a test."""
    (alert,) = alerts_of(json.dumps(TEMPLATE | {"event_name": "Essai"}).encode())
    assert (alert.status, alert.title, alert.entities) == (AlertStatus.TEST, "Essai", ())
    assert SOURCE.recognises(TEMPLATE)


def test_without_an_event_id_the_trigger_and_the_host_are_the_identity() -> None:
    """A recovery then still finds its problem."""
    one, two, other = (
        alerts_of(json.dumps({"trigger_name": "Disk is full", "host_name": host, "event_value": value}).encode())[0]
        for host, value in (("db-01", "1"), ("db-01", "0"), ("db-02", "1"))
    )
    assert one.fingerprint == two.fingerprint != other.fingerprint
    assert two.status is AlertStatus.RESOLVED
