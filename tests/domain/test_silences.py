"""What a silence is about, when, and what wakes all the same."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, EntityRole, Signal
from breach_service.domain.conditions import Lines, Truth
from breach_service.domain.grouping import SignalType
from breach_service.domain.silences import (
    Matchers,
    PastAlert,
    Recurrence,
    Silence,
    SilenceKind,
    SilenceState,
    faults_of,
    ignores_silences,
    is_decoy,
    is_matched,
    lines_of,
    preview,
    signals_named_in,
    silenced_by,
)

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
IGNORING = {Signal.SUSPICIOUS_LOGIN, Signal.EXFILTRATION}
SIGNALS = {
    one: SignalType.model_validate(
        {"id": one, "label": {"fr": one}, "means": {"fr": one}, "opens_incident": True, "weight": 1,
         "ignores_silences": one in IGNORING}
    )
    for one in Signal
}  # fmt: skip
PARIS = "Europe/Paris"


def lines(**conditions: Any) -> Lines:
    return TypeAdapter(Lines).validate_python(conditions)


def alert(signal: Signal = Signal.SCAN, *entities: Entity, **changes: Any) -> Alert:
    return replace(Alert("probe", "Pages tried", signal, "f", entities=entities), **changes)


def silence(when: Lines | None = None, **changes: Any) -> Silence:
    usual = lines_of(Matchers(sources=("probe",)))
    return replace(Silence(1, "Maud", "Works.", NOW, NOW + HOUR, usual if when is None else when), **changes)


def by(one: Silence, said: Alert, at: datetime = NOW, kind: str = "json", systems: tuple[str, ...] = ()) -> int | None:
    found = silenced_by([one], said, kind, systems, at, SIGNALS)
    return found.id if found is not None else None


# ---------- Time ----------


def test_a_silence_holds_from_its_beginning_up_to_its_end() -> None:
    """The end itself wakes again; so does the instant at which somebody ended it."""
    one = silence()
    assert [by(one, alert(), NOW + span) for span in (-HOUR, timedelta(), HOUR / 2, HOUR)] == [None, 1, 1, None]
    ended = replace(one, ended_at=NOW + HOUR / 2)
    assert by(ended, alert(), NOW + HOUR / 2) is None
    assert ended.over_at == NOW + HOUR / 2


def test_ending_late_lengthens_nothing() -> None:
    """The end that was promised stands."""
    assert silence(ended_at=NOW + DAY).over_at == NOW + HOUR


def test_the_state_is_reckoned() -> None:
    """Planned, in force, between two windows, over."""
    nightly = Recurrence(frozenset(range(7)), time(22), time(2), PARIS)
    assert silence().state(NOW - HOUR) is SilenceState.PLANNED
    assert silence().state(NOW) is SilenceState.ACTIVE
    assert silence(recurrence=nightly).state(NOW) is SilenceState.PAUSED
    assert silence().state(NOW + HOUR) is SilenceState.OVER


windows = st.builds(
    Recurrence,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    st.sampled_from([PARIS, "UTC", "America/New_York", "Australia/Lord_Howe", "Pacific/Auckland"]),
)
instants = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


@given(windows, instants)
def test_an_instant_lies_in_a_window_as_the_clock_on_the_wall_says(window: Recurrence, at: datetime) -> None:
    """Whatever the zone and whether clocks were just changed: day and time are those that people there read."""
    local = at.astimezone(ZoneInfo(window.zone))
    begins = [
        datetime.combine(local.date() - timedelta(days=back), window.since)
        for back in (0, 1)
        if (local.date() - timedelta(days=back)).weekday() in window.weekdays
    ]
    wall = local.replace(tzinfo=None)
    length = datetime.combine(wall, window.until) - datetime.combine(wall, window.since)
    length = length if length > timedelta() else length + DAY
    assert window.holds(at) is any(begin <= wall < begin + length for begin in begins)


@pytest.mark.parametrize(
    ("day", "minutes"),
    [(datetime(2026, 3, 29, tzinfo=UTC), 0), (datetime(2026, 10, 25, tzinfo=UTC), 120), (NOW - 9 * HOUR, 60)],
)
def test_an_hour_that_is_left_out_or_comes_twice(day: datetime, minutes: int) -> None:
    """02:00–03:00 in Paris: not at all in spring, twice in autumn, once on any other day."""
    window = Recurrence(frozenset(range(7)), time(2), time(3), PARIS)
    first = datetime.combine(day.date(), time(0), ZoneInfo(PARIS)).astimezone(UTC)
    assert sum(window.holds(first + timedelta(minutes=one)) for one in range(8 * 60)) == minutes


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    """Friday 22:00 to 02:00 holds early on Saturday, and not early on Friday."""
    window = Recurrence(frozenset({4}), time(22), time(2), PARIS)
    friday = datetime(2026, 11, 27, 0, 0, tzinfo=ZoneInfo(PARIS))
    assert [window.holds(friday + hours * HOUR) for hours in (1, 22, 25, 26)] == [False, True, True, False]


# ---------- What it is about ----------

HOST = Entity(EntityKind.HOST, "app-01")
MATCHING = [
    (Matchers(sources=("probe",)), True), (Matchers(sources=("other",)), False), (Matchers(systems=("shop",)), True),
    (Matchers(systems=("crm",)), False), (Matchers(entities=("APP-01",)), True), (Matchers(entities=("app",)), False),
    (Matchers(signals=("scan", "malware")), True), (Matchers(signals=("malware",)), False),
    (Matchers(rules=("Pages tried",)), True), (Matchers(rules=("R-77",)), True), (Matchers(rules=("R-7",)), False),
    (Matchers(sources=("probe",), systems=("crm",)), False), (Matchers(sources=("probe",), signals=("scan",)), True),
]  # fmt: skip


@pytest.mark.parametrize(("matchers", "fits"), MATCHING)
def test_plain_matchers_fit_by_source_system_entity_signal_and_rule(matchers: Matchers, fits: bool) -> None:
    """Of each kind one value is enough; every kind that is given must fit."""
    said = alert(Signal.SCAN, HOST, labels={"rule_id": "R-77"})
    assert (by(silence(lines_of(matchers)), said, systems=("shop",)) is not None) is fits


def test_what_is_not_known_is_not_silenced() -> None:
    """An alert that names no account is not surely about another one."""
    assert is_matched(silence(lines(a={"fact": "alert.users", "none_of": ["root"]})), alert(), "json", ()) is (
        Truth.UNKNOWN
    )
    assert by(silence(lines(a={"fact": "alert.users", "none_of": ["root"]})), alert()) is None


def test_a_silence_of_nothing_silences_nothing() -> None:
    """However it came to be."""
    assert by(silence({}), alert()) is None


def test_the_service_s_own_alerts_are_never_silenced() -> None:
    """They say that the service itself does not work."""
    assert by(silence(), alert(is_own=True)) is None


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"a": {"fact": "alert.colour", "is": "red"}}, "alert.colour"),
    ({"a": {"fact": "alert.signal", "is": "toaster"}}, "toaster"),
    ({"a": {"fact": "alert.signal", "contains": "scan"}}, "does not fit"),
    ({"a": {"fact": "alert.hosts", "at_least": 5}}, "does not fit"),
    ({"a": {"all": {}}}, "holds no line"), ({"a": {"not": {"fact": "alert.hosts", "contains": "x"}}}, "do not name"),
    ({"a": {"fact": "alert.users", "known": "no"}}, "do not name"),
    ({"a": {"fact": "alert.signal", "is_not": "malware"}}, "do not name"),
    ({"a": {"any": {"b": {"fact": "alert.hosts", "contains": "x"}, "c": {"fact": "alert.source", "is_not": "y"}}}},
     "do not name"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "word"), FAULTS)
def test_conditions_that_cannot_or_must_not_silence_are_said(wrong: dict[str, Any], word: str) -> None:
    """Unknown facts, comparisons that do not fit, and what would silence nearly everything."""
    assert any(word in one for one in faults_of(lines(**wrong)))


@pytest.mark.parametrize(("matchers", "_fits"), MATCHING)
def test_plain_matchers_have_no_fault(matchers: Matchers, _fits: bool) -> None:
    """What the form offers can be made."""
    assert list(faults_of(lines_of(matchers))) == []


# ---------- What wakes all the same ----------


@pytest.mark.parametrize("signal", sorted(IGNORING))
def test_what_ignores_silences_wakes_unless_it_is_named(signal: Signal) -> None:
    """By source alone it is not silenced, by its own name it is; to exclude it is not to name it."""
    named = lines_of(Matchers(sources=("probe",), signals=(str(signal),)))
    without = {**lines_of(Matchers(sources=("probe",))), **lines(b={"not": {"fact": "alert.signal", "is": "scan"}})}
    assert by(silence(), alert(signal)) is None
    assert by(silence(named), alert(signal)) == 1
    assert by(silence(without), alert(signal)) is None


def test_a_later_silence_may_name_what_an_earlier_one_does_not() -> None:
    """Each is asked."""
    named = silence(lines_of(Matchers(signals=("exfiltration",))), id=2)
    found = silenced_by([silence(), named], alert(Signal.EXFILTRATION), "json", (), NOW, SIGNALS)
    assert found is named


def test_the_signals_named_are_those_asked_for() -> None:
    """In any group, by `is` or `any_of`."""
    held = lines(
        a={"any": {"b": {"fact": "alert.signal", "is": "scan"}, "c": {"fact": "alert.hosts", "contains": "h"}}},
        d={"fact": "alert.signal", "any_of": ["malware", "web_shell"]},
        e={"fact": "alert.signal", "none_of": ["exfiltration"]},
        f={"not": {"fact": "alert.signal", "is": "anomaly"}},
    )
    assert signals_named_in(held) == {Signal.SCAN, Signal.MALWARE, Signal.WEB_SHELL}


@pytest.mark.parametrize(
    ("title", "kind", "signal", "decoy"),
    [
        ("File opened", "thinkst", Signal.ANOMALY, True), ("Honeytoken aws-1 was used", "json", Signal.ANOMALY, True),
        ("Canary lost its connection", "thinkst", Signal.OPERATIONS, False),
        ("Canary deployment failed", "json", Signal.OPERATIONS, False), ("File opened", "json", Signal.ANOMALY, False),
    ],
)  # fmt: skip
def test_a_touched_decoy_wakes_whatever_its_signal(title: str, kind: str, signal: Signal, decoy: bool) -> None:
    """A canary or honeytoken of any sender; what is about its running is not."""
    said = alert(signal, title=title)
    assert is_decoy(said, kind) is decoy
    assert ignores_silences(said, kind, SIGNALS) is decoy
    assert (by(silence(), said, kind=kind) is None) is decoy
    named = lines_of(Matchers(sources=("probe",), signals=(str(signal),)))
    assert by(silence(named), said, kind=kind) == 1


# ---------- Planned scans ----------

SCANNER = Entity(EntityKind.SOURCE_ADDRESS, "192.0.2.7")
STRANGER = Entity(EntityKind.SOURCE_ADDRESS, "203.0.113.9")


def scan(*scanners: str, **changes: Any) -> Silence:
    return silence({}, scanners=scanners, **changes)


def test_a_planned_scan_is_a_list_of_those_who_carry_it_out() -> None:
    """By address, network, name or account."""
    assert scan("192.0.2.7").kind is SilenceKind.PLANNED_SCAN
    assert by(scan("192.0.2.0/24"), alert(Signal.SCAN, SCANNER)) == 1
    assert by(scan("192.0.2.7"), alert(Signal.WEB_EXPLOIT, SCANNER, HOST)) == 1
    assert by(scan("Pentest"), alert(Signal.BRUTE_FORCE, Entity(EntityKind.USER, "pentest"))) == 1
    assert by(scan("198.51.100.0/24"), alert(Signal.SCAN, SCANNER)) is None


def test_what_happens_to_a_scanner_wakes() -> None:
    """A list of scanners says what they do, not what is done to them."""
    assert by(scan("app-01", "192.0.2.9"), alert(Signal.MALWARE, HOST)) is None
    assert by(scan("192.0.2.9"), alert(Signal.MALWARE, Entity(EntityKind.ADDRESS, "192.0.2.9"))) is None
    acting = Entity(EntityKind.HOST, "app-01", EntityRole.ACTOR)
    assert by(scan("app-01"), alert(Signal.SCAN, acting)) == 1


def test_somebody_else_beside_the_scanner_wakes() -> None:
    """An attacker does not hide behind a penetration test."""
    assert by(scan("192.0.2.0/24"), alert(Signal.SCAN, SCANNER, STRANGER)) is None


def test_a_planned_scan_may_be_narrowed_by_conditions_and_does_not_hold_what_ignores_silences() -> None:
    """Both must hold; a compromised account is no part of a test unless it is named."""
    narrow = replace(scan("192.0.2.7"), when=lines_of(Matchers(signals=("scan",))))
    assert by(narrow, alert(Signal.SCAN, SCANNER)) == 1
    assert by(narrow, alert(Signal.WEB_EXPLOIT, SCANNER)) is None
    assert by(scan("192.0.2.7"), alert(Signal.SUSPICIOUS_LOGIN, SCANNER)) is None


# ---------- Preview ----------


def past(said: Alert, at: datetime = NOW - DAY, **changes: Any) -> PastAlert:
    return replace(PastAlert(said.source, "json", said, (), 3, at, at), **changes)


def test_a_preview_says_what_would_have_been_silenced_and_what_would_have_woken() -> None:
    """Whether or not the silence had begun; resolved ones count as well."""
    held = [
        past(alert(Signal.SCAN)), past(alert(Signal.SCAN, status=AlertStatus.RESOLVED)),
        past(alert(Signal.EXFILTRATION)), past(alert(Signal.SCAN, source="other")), past(alert(is_own=True)),
    ]  # fmt: skip
    found = preview(silence(), held, SIGNALS)
    assert (found.silenced, found.count) == (tuple(held[:2]), 6)
    assert (found.waking, found.looked_at) == ((held[2],), 5)


def test_a_preview_counts_recurring_windows() -> None:
    """What came outside them would have woken."""
    window = Recurrence(frozenset(range(7)), time(9), time(10), PARIS)
    held = [past(alert(), NOW), past(alert(), NOW - 3 * HOUR)]
    assert preview(silence(recurrence=window), held, SIGNALS).silenced == (held[0],)


def test_a_preview_says_of_how_many_it_cannot_tell() -> None:
    """Labels are not kept."""
    one = silence(lines(a={"fact": "alert.labels", "contains": "env=test"}))
    found = preview(one, [past(alert())], SIGNALS)
    assert (found.silenced, found.unknown) == ((), 1)
