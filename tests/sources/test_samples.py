"""Every recorded body of every sender becomes the alerts that stand beside it.

`samples/<kind>/<case>.<anything>` is the raw body; `samples/<kind>/<case>.expected.yaml` says what it must become:

    headers: {x-github-event: dependabot_alert}   # lower case; may be left out, as may `query` and `method`
    alerts:
      - title: …             # every key may be left out, and is then not looked at
        signal: vulnerability
        severity: high
        vendor_severity: high
        status: firing
        occurred_at: "2026-11-22T20:00:00Z"        # null: the sender gives no time that can be used
        entities: ["host web-01", "source_address 203.0.113.9 actor"]    # all of them; the role where it matters
        has: ["host web-01"]                       # these among others
        vendor_reference: …
        link: …
        same_as: other-case          # the same problem as the first alert of another case of this kind, or as case:2
        differs_from: other-case
    unreadable: a part of the sentence             # instead of alerts
"""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from breach_service.domain.alert import Alert
from breach_service.errors import UnreadablePayload
from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery
from breach_service.sources.understanding import understood

SAMPLES = Path(__file__).parent / "samples"
ENDING = ".expected.yaml"
EXPECTATIONS = sorted(SAMPLES.glob(f"*/*{ENDING}"))
RECEIVED_AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PLAIN = (
    "title",
    "signal",
    "alert_class",
    "severity",
    "vendor_severity",
    "status",
    "vendor_reference",
    "link",
    "summary",
)
KNOWN = {*PLAIN, "occurred_at", "entities", "has", "labels", "facts", "same_as", "differs_from"}


def expectation_of(file: Path) -> dict[str, Any]:
    found = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    assert set(found) <= {"headers", "query", "method", "alerts", "unreadable"}, f"{file.name}: unknown keys"
    return dict(found)


def delivery_of(file: Path) -> Delivery:
    expectation, case = expectation_of(file), file.name.removesuffix(ENDING)
    body = next((one for one in file.parent.glob(f"{case}.*") if one != file), None)
    return Delivery(
        body.read_bytes() if body else b"",
        {str(key): str(value) for key, value in expectation.get("headers", {}).items()},
        str(expectation.get("query", "")),
        RECEIVED_AT,
        str(expectation.get("method", "POST")),
    )


@cache
def alerts_of(file: Path) -> list[Alert]:
    return understood(source_of(file.parent.name), "sender", delivery_of(file))


def alert_named(folder: Path, name: str) -> Alert:
    case, _, place = name.partition(":")
    return alerts_of(folder / f"{case}{ENDING}")[int(place or 1) - 1]


def entity_words(alert: Alert, expected: list[str]) -> list[str]:
    """The alert's entities in the words of the expectation, with the role where one is expected."""
    with_role = {
        " ".join(one.split(" ")[:-1]) for one in expected if one.split(" ")[-1] in ("target", "actor", "involved")
    }
    plain = [(f"{one.kind} {one.value}", one.role) for one in alert.entities]
    return [f"{words} {role}" if words in with_role else words for words, role in plain]


@pytest.mark.parametrize("file", EXPECTATIONS, ids=lambda one: f"{one.parent.name}/{one.name.removesuffix(ENDING)}")
def test_a_recorded_body_becomes_the_alerts_that_stand_beside_it(file: Path) -> None:
    """Title, signal, severity, state, time, entities and identity, as the sender means them."""
    expectation = expectation_of(file)
    if "unreadable" in expectation:
        with pytest.raises(UnreadablePayload, match=expectation["unreadable"]):
            alerts_of(file)
        return
    alerts = alerts_of(file)
    assert len(alerts) == len(expectation["alerts"]), [one.title for one in alerts]
    for alert, expected in zip(alerts, expectation["alerts"], strict=True):
        check(alert, expected, file)


def check(alert: Alert, expected: dict[str, Any], file: Path) -> None:
    assert set(expected) <= KNOWN, f"unknown keys in {file.name}: {set(expected) - KNOWN}"
    said = {key: str(getattr(alert, key)) for key in PLAIN if key in expected}
    assert said == {key: str(expected[key]) for key in PLAIN if key in expected}
    if "occurred_at" in expected:
        wanted = expected["occurred_at"]
        assert alert.occurred_at == (datetime.fromisoformat(wanted) if wanted else None)
    if "entities" in expected:
        assert sorted(entity_words(alert, expected["entities"])) == sorted(expected["entities"])
    if "has" in expected:
        assert set(expected["has"]) <= set(entity_words(alert, expected["has"]))
    for mapping in ("labels", "facts"):
        assert {**getattr(alert, mapping), **expected.get(mapping, {})} == getattr(alert, mapping)
    if "same_as" in expected:
        assert alert.fingerprint == alert_named(file.parent, expected["same_as"]).fingerprint
    if "differs_from" in expected:
        assert alert.fingerprint != alert_named(file.parent, expected["differs_from"]).fingerprint
