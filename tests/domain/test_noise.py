"""What was dismissed alike three times is proposed to be kept quiet, narrowly, and never where it would blind us."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from ruamel.yaml import YAML

from breach_service.domain.alert import Alert, Entity, EntityKind, Signal
from breach_service.domain.closing import COUNTED_OVER, NOISE, ClosingReason
from breach_service.domain.conditions import Truth
from breach_service.domain.grouping import Grouping, Reader, Role, SignalType
from breach_service.domain.grouping.content import GroupingRule
from breach_service.domain.noise import (
    EQUAL_DISMISSALS,
    Dismissal,
    NoiseProposal,
    noise_proposals,
    rule_as_yaml,
    with_rule,
)
from breach_service.domain.silences import Silence, faults_of, is_matched, silenced_by

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SIGNALS = {
    one: SignalType.model_validate(
        {"id": one, "label": {"fr": one}, "means": {"fr": one}, "opens_incident": True, "weight": 1,
         "ignores_silences": one is Signal.EXFILTRATION}
    )
    for one in Signal
}  # fmt: skip
GROUPING = Grouping.model_validate(
    {"title": {"fr": "t"}, "why": {"fr": "w"}, "quiet_minutes": 120, "around_minutes": 30, "longest_hours": 24,
     "common": {"seen_with": 5, "on_days": 3, "within_days": 14},
     "rules": [{"id": "all", "why": {"fr": "w"}, "role": "opens",
                "when": {"a": {"fact": "alert.signal", "is_not": "routine"}}}]}
)  # fmt: skip
HOST = Entity(EntityKind.HOST, "ci-01.example.fr")
ALERT = Alert("probe", "Nightly build: odd DNS query", Signal.ANOMALY, "f", entities=(HOST,))
titles = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)


def dismissal(number: int = 1, **changes: Any) -> Dismissal:
    known = Dismissal(
        f"INC-2026-{number:04d}", ClosingReason.FALSE_ALARM, NOW - number * HOUR, Truth.NO, "json", ALERT, ()
    )
    return replace(known, **changes)


def alike(count: int = EQUAL_DISMISSALS, **changes: Any) -> list[Dismissal]:
    return [dismissal(number, **changes) for number in range(1, count + 1)]


def proposed(some: list[Dismissal], **more: Any) -> tuple[NoiseProposal, ...]:
    return noise_proposals(some, SIGNALS, NOW, **more)


def silence_of(one: NoiseProposal) -> Silence:
    return Silence(1, "Maud", "Noise.", NOW, NOW + DAY, one.lines)


def read_back(text: str) -> GroupingRule:
    (said,) = YAML(typ="safe").load(f"rules:\n{text}")["rules"]
    return TypeAdapter(GroupingRule).validate_python(said)


def test_three_equal_dismissals_propose_and_two_do_not() -> None:
    """Newest first, with the incidents by name in the reason."""
    assert proposed(alike(2)) == ()
    (one,) = proposed(list(reversed(alike())))
    assert [each.incident for each in one.dismissals] == ["INC-2026-0001", "INC-2026-0002", "INC-2026-0003"]
    assert "INC-2026-0003" in one.why.fr
    assert "fausse alerte" in one.why.fr


@pytest.mark.parametrize(
    "change",
    [
        {"reason": ClosingReason.TEST}, {"alert": replace(ALERT, source="other")},
        {"alert": replace(ALERT, signal=Signal.SCAN)}, {"alert": replace(ALERT, title="Another odd DNS query")},
        {"alert": replace(ALERT, title="Nightly build 4740: odd DNS query")}, {"systems": ("web",)},
        {"alert": replace(ALERT, entities=(Entity(EntityKind.HOST, "ci-02"),))}, {"at": NOW - COUNTED_OVER},
    ],
)  # fmt: skip
def test_what_differs_is_not_equal(change: dict[str, Any]) -> None:
    """Another reason, sender, signal, title, machine or system, or longer ago than 30 days."""
    assert proposed([*alike(2), dismissal(3, **change)]) == ()


@pytest.mark.parametrize("reason", ClosingReason)
def test_only_what_was_nothing_proposes(reason: ClosingReason) -> None:
    """A duplicate, or a real incident without personal data, is no noise."""
    assert bool(proposed(alike(reason=reason))) is (reason in NOISE)


def test_personal_data_once_forbid_it() -> None:
    """One of them is enough; where it is not known people were told, and dismissed it."""
    assert proposed([*alike(5), dismissal(6, personal_data=Truth.YES)]) == ()
    assert proposed(alike(personal_data=Truth.UNKNOWN))


def test_what_ignores_silences_must_be_named() -> None:
    """Exfiltration is proposed only to whoever asks for it; a touched decoy to nobody."""
    grave = alike(alert=replace(ALERT, signal=Signal.EXFILTRATION))
    assert proposed(grave) == ()
    assert len(proposed(grave, named={Signal.EXFILTRATION})) == 1
    decoy = alike(alert=replace(ALERT, title="Canarytoken touched", signal=Signal.SUSPICIOUS_LOGIN))
    assert proposed(decoy, named=set(Signal)) == ()


def test_what_is_quiet_already_is_not_proposed_again() -> None:
    """Until the silence ends."""
    (one,) = proposed(alike())
    silence = silence_of(one)
    assert proposed(alike(), silences=[silence]) == ()
    over = replace(silence, ended_at=NOW, starts_at=NOW - DAY)
    assert proposed(alike(), silences=[over]) == (one,)


def test_the_key_is_of_what_they_have_in_common() -> None:
    """One more dismissal does not change the address of the proposal."""
    (one,), (more,) = proposed(alike()), proposed(alike(4))
    assert one.key == more.key
    assert len(one.key) == 12


@given(titles, st.sampled_from([HOST, Entity(EntityKind.USER, "a, b: “c”"), Entity(EntityKind.SOURCE_ADDRESS, "::1")]))
def test_the_rule_and_the_silence_match_what_was_dismissed(title: str, entity: Entity) -> None:
    """Whatever the title holds; the conditions are sound, and the text reads back as the rule."""
    alert = replace(ALERT, title=title, entities=(entity,))
    (one,) = proposed(alike(alert=alert)) or (None,)
    if one is None:  # a decoy by its words
        return
    assert list(faults_of(one.lines)) == []
    assert is_matched(silence_of(one), alert, "json", ()) is Truth.YES
    assert read_back(rule_as_yaml(one.rule)) == one.rule


@pytest.mark.parametrize(
    "other",
    [
        replace(ALERT, source="other"), replace(ALERT, signal=Signal.WEB_SHELL), replace(ALERT, entities=()),
        replace(ALERT, title="Odd DNS query"), replace(ALERT, entities=(Entity(EntityKind.HOST, "db-01"),)),
    ],
)  # fmt: skip
def test_nothing_else_is_kept_quiet(other: Alert) -> None:
    """Another sender, signal, title or machine wakes as before, and opens as before."""
    (one,) = proposed(alike())
    assert silenced_by([silence_of(one)], other, "json", (), NOW, SIGNALS) is None
    before, after = Reader(GROUPING, SIGNALS), Reader(with_rule(GROUPING, one.rule), SIGNALS)
    assert after.reading_of(other, "json", (), lambda _: False) == before.reading_of(other, "json", (), lambda _: False)


def test_the_rule_decides_before_all_others() -> None:
    """It stands first: what it is about is counted, and stands in no incident."""
    (one,) = proposed(alike(systems=("web",)))
    reader = Reader(with_rule(GROUPING, one.rule), SIGNALS)
    reading = reader.reading_of(ALERT, "json", ("web",), lambda _: False)
    assert (reading.role, reading.rule) == (Role.OBSERVES, f"quiet-{one.key}")
