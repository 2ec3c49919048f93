"""A mapping teaches the service a sender that nobody knows."""

import json
from datetime import UTC, datetime
from typing import Any

import jmespath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_service.domain.alert import Alert, AlertStatus, EntityKind, Severity, Signal
from breach_service.errors import UnreadablePayload
from breach_service.sources.mapped.paths import quoted
from breach_service.sources.mapped.reading import MappingFaults, alerts_mapped, mapping_from, paths_in, try_mapping
from breach_service.sources.request import Delivery

DOCUMENT = {
    "title": "what.headline",
    "severity": ["what.grade", "grade"],
    "host": "machines[].name",
    "source_address": "from",
    "time": "when",
    "zone": "Europe/Paris",
    "identity": "ticket",
    "state": "phase",
    "summary": "what.story",
    "link": "page",
    "reference": "ticket",
    "severity_words": {"3": "critical", "orange": "medium"},
    "signal": "family",
    "signal_words": {"Intrusion réseau": "scan"},
    "resolved_words": ["Terminé"],
    "test_words": ["essai"],
}
BODY: dict[str, Any] = {
    "what": {"headline": "Balayage de ports", "grade": 3, "story": "200 ports en 10 s"},
    "machines": [{"name": "WEB-01"}, {"name": "web-02"}],
    "from": "203.0.113.9",
    "when": "2026-11-22 21:00:00",
    "ticket": "T-12",
    "phase": "En cours",
    "page": "https://supervision.example.fr/T-12",
    "family": "intrusion réseau",
}


def read(document: dict[str, Any], body: Any) -> list[Alert]:
    delivery = Delivery(json.dumps(body).encode(), {}, "", datetime(2026, 11, 23, tzinfo=UTC))
    return alerts_mapped(mapping_from(document), "odd-tool", delivery)


def test_every_key_of_a_mapping_is_read() -> None:
    """Words, zone, lists and alternatives included."""
    (alert,) = read(DOCUMENT, BODY)
    assert (alert.source, alert.title, alert.summary) == ("odd-tool", "Balayage de ports", "200 ports en 10 s")
    assert (alert.severity, alert.vendor_severity, alert.signal) == (Severity.CRITICAL, "3", Signal.SCAN)
    assert alert.values_of(EntityKind.HOST) == ("web-01", "web-02")
    assert alert.values_of(EntityKind.SOURCE_ADDRESS) == ("203.0.113.9",)
    assert alert.occurred_at == datetime(2026, 11, 22, 20, tzinfo=UTC)
    assert (alert.fingerprint, alert.vendor_reference) == ("T-12", "T-12")
    assert (alert.status, alert.link) == (AlertStatus.FIRING, "https://supervision.example.fr/T-12")


def test_the_sender_s_own_words_say_the_end_and_the_test() -> None:
    """Whatever their case."""
    assert read(DOCUMENT, BODY | {"phase": "terminé"})[0].status is AlertStatus.RESOLVED
    assert read(DOCUMENT, BODY | {"phase": "Essai"})[0].status is AlertStatus.TEST
    assert read({"title": "t", "state": "s"}, {"t": "x y", "s": "recovered"})[0].status is AlertStatus.RESOLVED


def test_a_word_that_the_tables_do_not_know_is_read_as_usual() -> None:
    """An unknown severity stays unknown; the words of the title tell the signal."""
    (alert,) = read(DOCUMENT, BODY | {"what": {"headline": "Backup failed", "grade": "P1"}, "family": "?"})
    assert (alert.severity, alert.signal) == (Severity.CRITICAL, Signal.BACKUP_FAILED)
    (alert,) = read(DOCUMENT, BODY | {"what": {"headline": "x", "grade": 7}})
    assert (alert.severity, alert.vendor_severity) == (Severity.UNKNOWN, "7")


def test_what_always_holds_outweighs_the_body() -> None:
    """A canary is grave whatever it says."""
    always = {"signal": "malware", "severity": "high"}
    (alert,) = read(DOCUMENT | {"always": always}, BODY)
    assert (alert.signal, alert.severity) == (Signal.MALWARE, Severity.HIGH)


@pytest.mark.parametrize(
    ("each", "body"),
    [
        ("events", {"events": [{"t": "a b"}, {"t": "c d"}]}),
        ("[].events[]", [{"events": [{"t": "a b"}]}, {"events": [{"t": "c d"}]}]),
        ("events", [{"events": [{"t": "a b"}]}, {"events": [{"t": "c d"}]}]),
        ("message.events", {"message": json.dumps({"events": [{"t": "a b"}, {"t": "c d"}]})}),
        (
            "items[?kind=='alert']",
            {"items": [{"t": "a b", "kind": "alert"}, {"t": "no"}, {"t": "c d", "kind": "alert"}]},
        ),
    ],
)
def test_the_alerts_of_a_body_are_found_where_the_mapping_says(each: str, body: Any) -> None:
    """In an object, in an array, in JSON within a text, by a condition."""
    assert [alert.title for alert in read({"each": each, "title": "t"}, body)] == ["a b", "c d"]


def test_without_a_place_for_them_every_member_of_an_array_is_an_alert() -> None:
    """The body itself is one otherwise."""
    assert [one.title for one in read({"title": "t"}, [{"t": "a b"}, {"t": "c d"}])] == ["a b", "c d"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("rule.name", {"rule.name": "x y"}),
        ("kibana.alert.rule.name", {"kibana.alert": {"rule.name": "x y"}}),
        ('"rule.name"', {"rule.name": "x y"}),
        ("@message", {"@message": "x y"}),
        ("Alert Name", {"Alert Name": "x y"}),
        ("data.job-name", {"data": {"job-name": "x y"}}),
        ("[0].text || text", {"text": "x y"}),
    ],
)
def test_keys_with_dots_and_odd_signs_need_no_quotes(path: str, body: Any) -> None:
    """Who points at a key need not know the rules of JMESPath."""
    assert read({"title": path}, body)[0].title == "x y"


def test_large_numbers_and_decimals_come_through_as_they_were_written() -> None:
    """An identity above 2^53 is not rounded."""
    delivery = Delivery(
        b'{"t": "x y", "id": 18446744073709551617, "d": 0.10}', {}, "", datetime(2026, 1, 1, tzinfo=UTC)
    )
    mapping = mapping_from({"title": "t", "identity": "id", "severity": "d"})
    (alert,) = alerts_mapped(mapping, "s", delivery)
    assert (alert.fingerprint, alert.vendor_severity) == ("18446744073709551617", "0.10")


def test_without_an_identity_the_title_and_the_things_are_it() -> None:
    """The state in front of a title is no part of it."""
    document = {"title": "t", "host": "h"}
    problem, end = (
        read(document, {"t": title, "h": "a"})[0] for title in ("[Triggered] Disk full", "[Recovered] Disk full")
    )
    assert problem.fingerprint == end.fingerprint
    assert problem.fingerprint != read(document, {"t": "Disk full", "h": "b"})[0].fingerprint


@pytest.mark.parametrize(
    ("wrong", "key", "words"),
    [
        ({"title": "a["}, "title", "is no JMESPath"),
        ({"title": []}, "title", "say where the title stands"),
        ({}, "title", "is missing"),
        ({"title": 3}, "title", "write a path"),
        ({"title": "t", "host": ["ok", "a..b"]}, "host", "is no JMESPath"),
        ({"title": "t", "zone": "Europe/Pari"}, "zone", "'Europe/Pari' is no time zone"),
        ({"title": "t", "severity_words": {"3": "terrible"}}, "severity_words.3", "'terrible' is not a known word"),
        ({"title": "t", "signal_words": {"x": "flood"}}, "signal_words.x", "known words: .*malware"),
        ({"title": "t", "always": {"signal": "x"}}, "always.signal", "known words"),
        ({"title": "t", "hots": "h"}, "hots", "is no key of a mapping; known keys: .*host"),
        ({"title": "t", "always": {"host": "h"}}, "always.host", "known keys: severity, signal"),
    ],
)
def test_every_fault_of_a_mapping_is_a_sentence_that_names_its_key(wrong: dict[str, Any], key: str, words: str) -> None:
    """Bad paths, unknown words, unknown zones, keys that there are not."""
    with pytest.raises(MappingFaults, match=words) as raised:
        mapping_from(wrong)
    assert [one for one, _ in raised.value.faults] == [key]
    assert raised.value.faults[0][1].startswith(f"{key}: ")


@pytest.mark.parametrize("document", [None, [], "x", 3])
def test_a_mapping_is_a_table(document: object) -> None:
    """Whatever a file may hold instead."""
    with pytest.raises(MappingFaults, match="a table of keys"):
        mapping_from(document)


def test_a_path_that_cannot_be_applied_names_its_key() -> None:
    """A function meets something that it cannot take."""
    with pytest.raises(UnreadablePayload, match=r"^host: 'length"):
        read({"title": "t", "host": "length(n)"}, {"t": "x y", "n": 3})
    with pytest.raises(UnreadablePayload, match=r"^each: no objects stand at events"):
        read({"title": "t", "each": "events"}, {"t": "x y"})


def test_a_title_that_is_missing_once_is_guessed() -> None:
    """Where the rest of the mapping fits no alert is lost for it; where nothing fits, it is set aside and seen."""
    fits = read({"title": "t", "host": "h"}, {"message": "Disk full on db-02", "h": "db-02"})
    assert fits[0].title == "Disk full on db-02"
    with pytest.raises(UnreadablePayload, match=r"^title: nothing stands at t"):
        read({"title": "t"}, {"message": "Disk full on db-02"})
    with pytest.raises(UnreadablePayload, match=r"^title: nothing stands at t"):
        read({"title": "t"}, {"n": 3})


def test_a_trial_shows_the_alerts_and_what_finds_nothing() -> None:
    """Key by key, for the page on which people point."""
    trial = try_mapping(DOCUMENT | {"user": "who", "link": "ticket"}, json.dumps(BODY).encode())
    assert [alert.title for alert in trial.alerts] == ["Balayage de ports"]
    assert dict(trial.faults) == {
        "user": "user: nothing stands at who in this sample.",
        "link": "link: what stands at ticket is no address of a page.",
    }
    no_zone = {key: value for key, value in DOCUMENT.items() if key != "zone"}
    assert dict(try_mapping(no_zone, json.dumps(BODY).encode()).faults)["time"].endswith("name the zone.")


@pytest.mark.parametrize("sample", [b"", b"no JSON", b"3", b"[]", b"[" * 5000, b"\xff\xfe"])
def test_a_trial_never_raises(sample: bytes) -> None:
    """Whatever is pasted comes back with a sentence."""
    assert try_mapping(DOCUMENT, sample).faults
    assert try_mapping({"title": "a["}, sample).faults[0][0] == "title"


def test_the_leaves_of_a_sample_have_paths_that_can_be_pointed_at() -> None:
    """Odd keys are quoted, members of lists numbered, JSON within texts opened."""
    sample = {"a": {"b.c": 1, "d e": [{"f": "x"}, {"f": None}]}, "@t": "2026", "m": '{"in": "y"}', "empty": {}}
    assert paths_in(sample) == (
        ('a."b.c"', 1),
        ('a."d e"[0].f', "x"),
        ('a."d e"[1].f', None),
        ('"@t"', "2026"),
        ("m.in", "y"),
    )


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("xyz .", max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=8), TREES, max_size=4))
@settings(max_examples=150, deadline=None)
def test_every_path_leads_to_its_own_leaf(sample: dict[str, Any]) -> None:
    """Whatever its keys are made of."""
    for path, value in paths_in(sample):
        assert jmespath.search(path, sample) == value


@given(st.text(max_size=10))
def test_every_key_can_be_quoted(key: str) -> None:
    """Quotes, backslashes and signs of every language included."""
    assert jmespath.search(quoted(key), {key: 1}) == 1


@given(TREES)
@settings(max_examples=100, deadline=None)
def test_any_body_is_alerts_or_unreadable_to_a_mapping(body: Any) -> None:
    """And nothing else."""
    trial = try_mapping(DOCUMENT | {"each": "@"}, json.dumps(body).encode())
    assert all(alert.title for alert in trial.alerts)
