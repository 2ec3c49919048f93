"""What grouping reads of one alert: what it may do, by which keys, and what it counts for."""

from collections.abc import Callable
from typing import Any

import pytest

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Severity, Signal
from breach_service.domain.grouping import ALERT_FACTS, Grouping, Reader, Reading, Role, SignalType, own_key_of
from breach_service.domain.grouping.reading import MOST_LINKS, facts_of_alert

TEXT = {"fr": "mot"}
OPENING = {Signal.WEB_SHELL, Signal.PRIVILEGE_CHANGE, Signal.ANOMALY}
SIGNALS = {
    one: SignalType.model_validate(
        {"id": one, "label": TEXT, "means": TEXT, "opens_incident": one in OPENING, "weight": 50}
    )
    for one in Signal
}
FORM: dict[str, Any] = {
    "title": TEXT,
    "why": TEXT,
    "quiet_minutes": 120,
    "link_minutes": {"source_address": 240, "user": 180, "host": 120},
    "around_minutes": 30,
    "longest_hours": 24,
    "common": {"values": ["root", "192.0.2.0/24"], "seen_with": 5, "on_days": 3, "within_days": 14},
}


def a_rule(name: str, role: str, links: bool = True, **facts: Any) -> dict[str, Any]:
    """A rule for alerts of which all these facts are so (`alert.` is left out)."""
    when = {fact: {"fact": f"alert.{fact}", "is": word} for fact, word in facts.items()}
    return {"id": name, "why": TEXT, "when": when, "role": role, "links": links}


def an_alert(signal: Signal, *entities: tuple[EntityKind, str], title: str = "t", **changes: Any) -> Alert:
    """An alert that names these things."""
    named = tuple(sorted(Entity(kind, value) for kind, value in entities))
    return Alert("probe", title, signal, "f", entities=named, **changes)


def read(
    alert: Alert, *rules: dict[str, Any], systems: tuple[str, ...] = (),
    is_common: Callable[[str], bool] = lambda key: False, **more: Any,
) -> Reading:  # fmt: skip
    """What an alert does under these rules."""
    grouping = Grouping.model_validate({**FORM, "rules": rules, **more})
    return Reader(grouping, SIGNALS).reading_of(alert, "json", systems, is_common)


def keys_of(reading: Reading) -> list[str]:
    """The keys of a reading as texts."""
    return [key.text for key in reading.keys]


HOST = (EntityKind.HOST, "app-1")
NAMED = [
    (EntityKind.HOST, "app-1", "host:app-1"),
    (EntityKind.ADDRESS, "192.0.2.1", "host:192.0.2.1"),
    (EntityKind.APPLICATION, "crm", "application:crm"),
    (EntityKind.USER, "jdoe", "user:jdoe"),
    (EntityKind.SOURCE_ADDRESS, "203.0.113.9", "from:203.0.113.9"),
]


@pytest.mark.parametrize("index", range(len(NAMED)))
def test_the_own_key_is_the_best_known_place(index: int) -> None:
    """Our machine by name, by address, the application, the account, the origin: the first that is named."""
    entities = [(kind, value) for kind, value, _ in reversed(NAMED[index:])]
    assert own_key_of(an_alert(Signal.SCAN, *entities), ()) == NAMED[index][2]


def test_a_system_of_the_inventory_outweighs_everything_and_the_sender_is_the_last_resort() -> None:
    """So that two senders that name one machine differently meet."""
    assert own_key_of(an_alert(Signal.SCAN, HOST), ("web", "db")) == "system:web"
    assert own_key_of(an_alert(Signal.SCAN, (EntityKind.FILE, "/etc/passwd")), ()) == "source:probe"


def test_without_a_rule_the_signal_decides() -> None:
    """As `signals.yaml` says."""
    assert (read(an_alert(Signal.WEB_SHELL)).role, read(an_alert(Signal.SCAN)).role) == (Role.OPENS, Role.JOINS)
    assert read(an_alert(Signal.SCAN)).rule == ""


def test_the_first_rule_that_fits_decides() -> None:
    """Over the signal, and over the rules below it; which one it was is told."""
    rules = [
        a_rule("grave", "opens", signal="scan", severity="high"),
        a_rule("noise", "observes", signal="scan"),
        a_rule("never", "opens", signal="scan"),
    ]
    assert (read(an_alert(Signal.SCAN), *rules).role, read(an_alert(Signal.SCAN), *rules).rule) == ("observes", "noise")
    grave = read(an_alert(Signal.SCAN, severity=Severity.HIGH), *rules)
    assert (grave.role, grave.rule) == (Role.OPENS, "grave")


def test_a_rule_does_not_fit_what_the_sender_does_not_say() -> None:
    """A severity that nobody gave is neither high nor low; a rule may ask for that."""
    low = {"low": {"fact": "alert.severity", "none_of": ["high", "critical"]}}
    unsaid = {"unsaid": {"fact": "alert.severity", "known": "no"}}
    alert = an_alert(Signal.WEB_SHELL)
    assert read(alert, {"id": "r", "why": TEXT, "when": low, "role": "joins"}).role is Role.OPENS
    assert read(alert, {"id": "r", "why": TEXT, "when": unsaid, "role": "joins"}).role is Role.JOINS


@pytest.mark.parametrize(
    "alert",
    [
        an_alert(Signal.HEARTBEAT, HOST),
        an_alert(Signal.WEB_SHELL, HOST, status=AlertStatus.TEST),
        an_alert(Signal.WEB_SHELL, HOST, status=AlertStatus.HANDSHAKE),
        an_alert(Signal.WEB_SHELL, HOST, is_own=True),
    ],
    ids=["heartbeat", "test", "handshake", "own"],
)
def test_what_reports_nothing_is_only_observed(alert: Alert) -> None:
    """Whatever the rules say: a test button and the service itself never wake anybody through grouping."""
    rule = {"id": "all", "why": TEXT, "when": {"ours": {"fact": "alert.source", "contains": "probe"}}, "role": "opens"}
    assert read(alert, rule).role is Role.OBSERVES
    assert keys_of(read(alert, rule)) == ["host:app-1"]


def test_what_is_over_before_we_heard_of_it_opens_nothing() -> None:
    """A resolve without its alert joins where there is something to join."""
    assert read(an_alert(Signal.WEB_SHELL, status=AlertStatus.RESOLVED)).role is Role.JOINS


def test_an_alert_is_linked_by_what_it_names() -> None:
    """In the order of the file, each with its own quiet time, behind its own key."""
    alert = an_alert(
        Signal.WEB_SHELL, HOST, (EntityKind.SOURCE_ADDRESS, "203.0.113.9"), (EntityKind.USER, "jdoe"),
        (EntityKind.FILE_HASH, "abc"),
    )  # fmt: skip
    reading = read(alert, systems=("shop",))
    assert keys_of(reading) == ["system:shop", "from:203.0.113.9", "user:jdoe", "host:app-1"]
    assert [key.quiet for key in reading.keys] == [120, 240, 180, 120]


def test_nothing_is_linked_to_itself() -> None:
    """A machine that is the own key already is no link beside it."""
    assert keys_of(read(an_alert(Signal.WEB_SHELL, HOST))) == ["host:app-1"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [(EntityKind.USER, "root"), (EntityKind.USER, "Root"), (EntityKind.SOURCE_ADDRESS, "192.0.2.77")],
)
def test_a_common_value_never_links(kind: EntityKind, value: str) -> None:
    """Written down by name or by its network, …"""
    assert keys_of(read(an_alert(Signal.WEB_SHELL, HOST, (kind, value)))) == ["host:app-1"]


def test_what_is_seen_with_too_many_systems_never_links() -> None:
    """… or learned: our own scanner, a proxy, a mail gateway."""
    alert = an_alert(Signal.WEB_SHELL, HOST, (EntityKind.SOURCE_ADDRESS, "203.0.113.9"), (EntityKind.USER, "jdoe"))
    assert keys_of(read(alert, is_common=lambda key: key == "from:203.0.113.9")) == ["host:app-1", "user:jdoe"]


def test_a_list_of_names_links_by_a_few_of_them_only() -> None:
    """An alert that names fifty users names a list, not an attacker."""
    users = [(EntityKind.USER, f"user-{number:02}") for number in range(50)]
    assert len(keys_of(read(an_alert(Signal.WEB_SHELL, HOST, *users)))) == 1 + MOST_LINKS


def test_a_rule_can_keep_an_incident_to_its_own_system() -> None:
    """Where what its alerts name says nothing about who did it."""
    alert = an_alert(Signal.WEB_SHELL, HOST, (EntityKind.USER, "jdoe"))
    assert keys_of(read(alert, a_rule("apart", "opens", links=False, signal="web_shell"))) == ["host:app-1"]


SPRAY = {
    "sorts": {"failure": {"title": TEXT, "when": {"failure": {"fact": "alert.signal", "is": "brute_force"}}}},
    "patterns": [
        {"id": "spray", "title": TEXT, "why": TEXT, "by": "source_address",
         "steps": [{"sort": "failure", "at_least": 3, "different": "user"}]},
        {"id": "flood", "title": TEXT, "why": TEXT, "steps": [{"sort": "failure", "at_least": 50}]},
    ],
}  # fmt: skip


def test_an_alert_counts_for_every_pattern_whose_sort_it_is() -> None:
    """By what its alerts have in common, and by what is told apart."""
    alert = an_alert(
        Signal.BRUTE_FORCE, HOST, (EntityKind.SOURCE_ADDRESS, "203.0.113.9"), (EntityKind.USER, "ada"),
        (EntityKind.USER, "bob"),
    )  # fmt: skip
    counted = [(one.pattern, one.step, one.key, one.value) for one in read(alert, **SPRAY).steps]
    assert counted == [
        ("spray", 0, "from:203.0.113.9", "ada"),
        ("spray", 0, "from:203.0.113.9", "bob"),
        ("flood", 0, "host:app-1", "host:app-1"),
    ]


def test_without_what_a_pattern_has_in_common_nothing_counts_for_it() -> None:
    """Failures of unknown origin are not failures of one origin."""
    assert [one.pattern for one in read(an_alert(Signal.BRUTE_FORCE, HOST), **SPRAY).steps] == ["flood"]


def test_what_counts_for_a_pattern_can_be_found_again() -> None:
    """Even where a rule lets it only be observed: completed, the pattern takes it in."""
    rule = a_rule("noise", "observes", signal="brute_force")
    assert read(an_alert(Signal.BRUTE_FORCE, HOST), rule, **SPRAY).role is Role.JOINS
    assert read(an_alert(Signal.SCAN, HOST), a_rule("noise", "observes", signal="scan"), **SPRAY).role is Role.OBSERVES


def test_a_resolve_counts_for_no_pattern() -> None:
    """The end of a problem is not one more of it."""
    assert read(an_alert(Signal.BRUTE_FORCE, HOST, status=AlertStatus.RESOLVED), **SPRAY).steps == ()


def test_the_words_of_a_title_are_its_words_and_no_punctuation() -> None:
    """So that a condition need not know how a sender ends a sentence; names with dots and hyphens stay whole."""
    alert = an_alert(Signal.SCAN, title="Sign-in to web-01.example.fr: (FAILED), error code 403.")
    said = facts_of_alert(alert, "json", (), ["alert.words"])["alert.words"]
    assert said == {"sign-in", "to", "web-01.example.fr", "failed", "error", "code", "403"}


def test_every_fact_that_conditions_may_name_can_be_read() -> None:
    """Of an alert that says everything, and of one that says nothing: then it is unknown, not empty."""
    kinds = [HOST, (EntityKind.ADDRESS, "192.0.2.1"), (EntityKind.SOURCE_ADDRESS, "203.0.113.9"),
             (EntityKind.USER, "jdoe"), (EntityKind.APPLICATION, "crm"), (EntityKind.FILE, "/etc/passwd"),
             (EntityKind.DOMAIN, "example.fr"), (EntityKind.ACCOUNT, "tenant")]  # fmt: skip
    full = an_alert(Signal.SCAN, *kinds, severity=Severity.LOW, labels={"env": "prod"})
    assert all(facts_of_alert(full, "json", ("shop",), ALERT_FACTS).values())
    bare = facts_of_alert(an_alert(Signal.SCAN), "json", (), ALERT_FACTS)
    assert {name for name, value in bare.items() if value is not None} == {
        "alert.signal", "alert.class", "alert.kind", "alert.source", "alert.words", "alert.rule"
    }  # fmt: skip
