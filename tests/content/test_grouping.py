"""Promises about playbooks/grouping.yaml: what it says, and what it makes of recordings.

`recordings/<name>.yaml` is a story of two days in plain JSON alerts, and the incident in which each must end up:

    common: ["from:198.51.100.20"]     # keys that the service has learned to be common; may be left out
    alerts:
      - {at: "01 10:00", title: …, host: …, incident: shop}     # day and time, UTC; any key of plain JSON
      - {at: "01 10:05", title: …, times: 60, minutes: 5}       # spread over so many minutes; in no incident
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from breach_service.catalog import Catalogue
from breach_service.domain.grouping import Reader, minute_of
from breach_service.domain.grouping.simulation import Event, Simulation
from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery
from breach_service.sources.understanding import understood

RECORDINGS = sorted((Path(__file__).parent / "recordings").glob("*.yaml"))
RECEIVED_AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
OUR_KEYS = {"at", "times", "minutes", "incident"}


def begins_at(said: str) -> datetime:
    """`02 09:15` is a quarter past nine on the second day, UTC."""
    return datetime.fromisoformat(f"2026-11-{said.replace(' ', 'T')}:00+00:00")


def events_of(line: dict[str, Any], handle: int) -> list[Event]:
    """The alerts of one line, as the service understands them."""
    at = begins_at(line["at"])
    body = {key: value for key, value in line.items() if key not in OUR_KEYS} | {"occurred_at": at.isoformat()}
    (alert,) = understood(source_of("json"), "tools", Delivery(json.dumps(body).encode(), {}, "", RECEIVED_AT))
    times, length = line.get("times", 1), line.get("minutes", 1)
    minutes = [minute_of(at) + number * length // times for number in range(times)]
    return [Event(handle, alert, minute, count=minutes.count(minute)) for minute in sorted(set(minutes))]


def places_of(recording: dict[str, Any], catalogue: Catalogue) -> tuple[list[set[int | None]], Simulation]:
    """The incidents in which the alerts of each line end up."""
    common = set(recording.get("common", ()))
    simulation = Simulation(Reader(catalogue.grouping, catalogue.signals), common.__contains__)
    events = [one for handle, line in enumerate(recording["alerts"]) for one in events_of(line, handle)]
    for one in sorted(events, key=lambda one: one.minute):
        simulation.play([one])
    lines = range(len(recording["alerts"]))
    return [{simulation.incident_of(n, minute) for minute in simulation.placed[n]} for n in lines], simulation


@pytest.mark.parametrize("file", RECORDINGS, ids=lambda file: file.stem)
def test_a_recording_becomes_the_incidents_that_stand_beside_it(file: Path, catalogue: Catalogue) -> None:
    """Every alert in the one it belongs to, and what is everyday in none."""
    recording = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    places, _ = places_of(recording, catalogue)
    named: dict[str | None, set[int | None]] = {}
    for line, found in zip(recording["alerts"], places, strict=True):
        expected = line.get("incident")
        held = named.setdefault(expected, {None} if expected is None else found)
        assert found == held, f"{line['at']} {line['title']}: in {found}, expected {expected} ({held})"
    incidents = [one for name, found in named.items() if name is not None for one in found]
    assert None not in incidents
    assert len(incidents) == len(set(incidents)) == len(named) - (None in named)


def test_every_rule_and_pattern_says_why_in_both_languages(catalogue: Catalogue) -> None:
    """Somebody who is woken, or is not, can read the reason."""
    grouping = catalogue.grouping
    reasons = {one.id: one.why for one in (*grouping.rules, *grouping.patterns)}
    assert [name for name, why in reasons.items() if not (why.fr and why.en)] == []
    titles = [one.title for one in (grouping, *grouping.patterns, *grouping.sorts.values())]
    assert all(title.fr and title.en for title in titles)


def test_every_sort_is_used(catalogue: Catalogue) -> None:
    """What no pattern names is a leftover."""
    named = {step.sort for pattern in catalogue.grouping.patterns for step in pattern.steps}
    assert named == set(catalogue.grouping.sorts)


def test_two_hours_of_silence_separate_and_a_day_bounds(catalogue: Catalogue) -> None:
    """As the first lines of the file say."""
    assert catalogue.grouping.quiet_minutes == 120
    assert catalogue.grouping.longest_hours == 24


def test_a_technical_account_and_the_machine_itself_never_link(catalogue: Catalogue) -> None:
    """Everybody has a root, and 127.0.0.1."""
    for value in ("root", "Administrator", "www-data", "127.0.0.53", "::1"):
        assert catalogue.grouping.common.holds(value), value
    for value in ("jdoe", "203.0.113.9", "10.0.0.5"):
        assert not catalogue.grouping.common.holds(value), value
