"""What grouping reads of one alert: its facts for the conditions, its role, and its keys."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from breach_service.domain.alert import (
    REAL_STATUSES,
    Alert,
    AlertClass,
    AlertStatus,
    EntityKind,
    Severity,
    Signal,
    class_of,
)
from breach_service.domain.conditions import FactValue, Lines, Truth, facts_named_in, judge, lines_on
from breach_service.domain.facts import FactType
from breach_service.domain.grouping.board import Role
from breach_service.domain.grouping.content import ENTITY_OF_LINK, Grouping, GroupingRule, LinkKind, Pattern, SignalType
from breach_service.domain.grouping.strands import Key
from breach_service.domain.text import Text

_WORD = re.compile(r"\w+(?:[.-]\w+)*")
"""`sign-in` and `web-01.example.fr` are one word; the full stop of a sentence belongs to none."""
WORDS = "alert.words"
MOST_DECISIONS = 20_000
MOST_LINKS = 4
"""Things by which one alert is linked to others: one that names fifty users names a list, not an attacker."""

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "alert.signal": tuple(Signal),
    "alert.class": tuple(AlertClass),
    "alert.severity": tuple(one for one in Severity if one is not Severity.UNKNOWN),
}
_NAMES = ("alert.source", "alert.kind", "alert.rule")
_SETS = (
    "alert.words", "alert.labels", "alert.entities", "alert.hosts", "alert.addresses", "alert.source_addresses",
    "alert.users", "alert.applications", "alert.files", "alert.domains", "alert.accounts", "alert.systems",
)  # fmt: skip


def _fact_type(name: str) -> FactType:
    """Free words are written as sets, since a set need not list its members."""
    choices = {one: Text(fr=one) for one in _CHOICES[name]} if name in _CHOICES else None
    return FactType(id=name, label=Text(fr=name), type="choice" if choices else "set", choices=choices)


ALERT_FACTS: Mapping[str, FactType] = {one: _fact_type(one) for one in (*_CHOICES, *_NAMES, *_SETS)}
"""What the conditions of grouping.yaml and of silences may name."""


RULE_LABELS = frozenset(
    {"alertname", "detection", "detection_rule", "rule", "rule_id", "rule_name", "ruleid", "rulename", "scenario",
     "signature", "signature_id"}
)  # fmt: skip
"""Labels under which senders name the rule that found something."""


def _rules_of(alert: Alert) -> FactValue:
    """What the sender calls the rule: its labels for it, and the title, which mostly is its name."""
    return frozenset({alert.title, *(text for name, text in alert.labels.items() if name.lower() in RULE_LABELS)})


def _values(kind: EntityKind) -> Callable[[Alert], FactValue]:
    return lambda alert: frozenset(alert.values_of(kind)) or None


@lru_cache(maxsize=20_000)
def words_in(title: str) -> frozenset[str]:
    """The words of a title, lower case."""
    return frozenset(_WORD.findall(title.lower()))


_READERS: Mapping[str, Callable[[Alert], FactValue]] = {
    "alert.signal": lambda alert: str(alert.signal),
    "alert.class": lambda alert: str(class_of(alert.signal)),
    "alert.severity": lambda alert: None if alert.severity is Severity.UNKNOWN else str(alert.severity),
    "alert.source": lambda alert: frozenset({alert.source}),
    "alert.words": lambda alert: words_in(alert.title),
    "alert.rule": _rules_of,
    "alert.entities": lambda alert: frozenset(one.value for one in alert.entities) or None,
    "alert.labels": lambda alert: frozenset(f"{name}={value}" for name, value in alert.labels.items()) or None,
    "alert.hosts": _values(EntityKind.HOST),
    "alert.addresses": _values(EntityKind.ADDRESS),
    "alert.source_addresses": _values(EntityKind.SOURCE_ADDRESS),
    "alert.users": _values(EntityKind.USER),
    "alert.applications": _values(EntityKind.APPLICATION),
    "alert.files": _values(EntityKind.FILE),
    "alert.domains": _values(EntityKind.DOMAIN),
    "alert.accounts": _values(EntityKind.ACCOUNT),
}


def facts_of_alert(alert: Alert, kind: str, systems: tuple[str, ...], wanted: Iterable[str]) -> dict[str, FactValue]:
    """The facts of an alert that somebody asks for; what it does not say is unknown (None)."""
    found: dict[str, FactValue] = {}
    for name in wanted:
        if name == "alert.kind":
            found[name] = frozenset({kind})
        elif name == "alert.systems":
            found[name] = frozenset(systems) or None
        else:
            found[name] = _READERS[name](alert)
    return found


@dataclass(frozen=True)
class Reading:
    """What one alert does, and why."""

    role: Role
    rule: str
    """The rule that decided; empty where its signal did."""
    keys: tuple[Key, ...]
    """Its own key first."""
    steps: tuple["Counted", ...] = ()
    """What it counts for."""


class Counted(NamedTuple):
    """What one alert counts for in a pattern."""

    pattern: str
    step: int
    key: str
    """What the alerts of the pattern have in common."""
    value: str
    """The different thing that is counted, else the own key of the alert."""


@dataclass(frozen=True)
class _Decision:
    """What the conditions say of all alerts with the same facts."""

    rule: GroupingRule | None
    steps: tuple[tuple[int, int], ...]


class Reader:
    """Reads alerts by the rules of one content version; what it decided once it knows."""

    def __init__(self, grouping: Grouping, signals: Mapping[Signal, SignalType]) -> None:
        self.grouping = grouping
        self.signals = signals
        conditions = (*(one.when for one in grouping.rules), *(one.when for one in grouping.sorts.values()))
        self._wanted = sorted(facts_in(conditions))
        self._vocabulary = _vocabulary_of(conditions)
        self._decided: dict[tuple[FactValue, ...], _Decision] = {}
        self._read: dict[tuple[object, ...], Reading] = {}
        self._linked: dict[object, list[str]] = {}

    def reading_of(
        self, alert: Alert, kind: str, systems: tuple[str, ...], is_common: Callable[[str], bool]
    ) -> Reading:
        """What an alert does. `kind` is that of its sender, `systems` are ours that it is about."""
        if alert.likeness is None:
            return self._reading_of(alert, kind, systems, is_common)
        question = (alert.likeness, alert.status, kind, systems)
        reading = self._read.get(question)
        if reading is None:
            if len(self._read) >= MOST_DECISIONS:
                self._read.clear()
            reading = self._read[question] = self._reading_of(alert, kind, systems, _nothing_is_common)
        # What is common now may not be tomorrow: it is asked anew, of what has links at all.
        if any(is_common(key.text) for key in reading.keys[1:]):
            return self._reading_of(alert, kind, systems, is_common)
        return reading

    def _reading_of(
        self, alert: Alert, kind: str, systems: tuple[str, ...], is_common: Callable[[str], bool]
    ) -> Reading:
        own = own_key_of(alert, systems)
        own_key = Key(own, self.grouping.quiet_minutes)
        if alert.is_own or alert.signal is Signal.HEARTBEAT or alert.status not in REAL_STATUSES:
            return Reading(Role.OBSERVES, "", (own_key,))
        decision = self._decision_on(alert, kind, systems)
        rule = decision.rule
        role = rule.role if rule is not None else self._role_of(alert.signal)
        if alert.status is not AlertStatus.FIRING and role is Role.OPENS:
            role = Role.JOINS  # over before we heard of it
        links = [] if rule is not None and not rule.links else self._links(alert, own, is_common)
        steps: tuple[Counted, ...] = ()
        if decision.steps and alert.status is AlertStatus.FIRING:
            steps = tuple(self._counted(alert, own, decision.steps))
            role = Role.JOINS if role is Role.OBSERVES else role
        return Reading(role, rule.id if rule is not None else "", (own_key, *links), steps)

    def link_texts(self, alert: Alert) -> list[str]:
        """The keys by which an alert could be linked to others, if they are not too common."""
        if alert.likeness is None:
            return self._link_texts(alert)
        found = self._linked.get(alert.likeness)
        if found is None:
            if len(self._linked) >= MOST_DECISIONS:
                self._linked.clear()
            found = self._linked[alert.likeness] = self._link_texts(alert)
        return found

    def _link_texts(self, alert: Alert) -> list[str]:
        return [
            link_text(kind, value)
            for kind in self.grouping.link_minutes
            for value in alert.values_of(ENTITY_OF_LINK[kind])
            if not self.grouping.common.holds(value)
        ][:MOST_LINKS]

    def _decision_on(self, alert: Alert, kind: str, systems: tuple[str, ...]) -> _Decision:
        facts = facts_of_alert(alert, kind, systems, self._wanted)
        if self._vocabulary is not None:  # a title of its own must not be a decision of its own
            facts[WORDS] = words_in(alert.title) & self._vocabulary
        values = tuple(facts.values())
        decision = self._decided.get(values)
        if decision is None:
            if len(self._decided) >= MOST_DECISIONS:
                self._decided.clear()
            decision = self._decided[values] = self._judged(facts)
        return decision

    def _judged(self, facts: Mapping[str, FactValue]) -> _Decision:
        rules = (one for one in self.grouping.rules if judge(one.when, facts).truth is Truth.YES)
        sorts = {name for name, one in self.grouping.sorts.items() if judge(one.when, facts).truth is Truth.YES}
        steps = (
            (number, place)
            for number, pattern in enumerate(self.grouping.patterns)
            for place, step in enumerate(pattern.steps)
            if step.sort in sorts
        )
        return _Decision(next(rules, None), tuple(steps))

    def _role_of(self, signal: Signal) -> Role:
        return Role.OPENS if self.signals[signal].opens_incident else Role.JOINS

    def _links(self, alert: Alert, own: str, is_common: Callable[[str], bool]) -> list[Key]:
        found = []
        for kind, quiet in self.grouping.link_minutes.items():
            for value in alert.values_of(ENTITY_OF_LINK[kind]):
                text = link_text(kind, value)
                if text != own and not self.grouping.common.holds(value) and not is_common(text):
                    found.append(Key(text, quiet))
        return found[:MOST_LINKS]

    def _counted(self, alert: Alert, own: str, steps: tuple[tuple[int, int], ...]) -> Iterator[Counted]:
        for number, place in steps:
            pattern = self.grouping.patterns[number]
            different = pattern.steps[place].different
            for key in _pattern_keys(pattern, alert, own):
                for value in alert.values_of(different) if different is not None else (own,):
                    yield Counted(pattern.id, place, key, value)


def _nothing_is_common(_text: str) -> bool:
    return False


def _vocabulary_of(conditions: Iterable[Lines]) -> frozenset[str] | None:
    """The words that conditions ask for; None where they ask for none, or for a title as a whole."""
    lines = [line for one in conditions for line in lines_on(one, WORDS)]
    asked: set[str] = set()
    for line in lines:
        comparison, operand = line.comparison
        if comparison in ("is", "is_not"):
            return None
        asked.update([operand] if isinstance(operand, str) else operand)
    return frozenset(asked) if lines else None


def own_key_of(alert: Alert, systems: tuple[str, ...]) -> str:
    """The key of the problem: our system, else our machine, else where it comes from, else the sender."""
    if systems:
        return f"system:{systems[0]}"
    for kind, word in (
        (EntityKind.HOST, "host"),
        (EntityKind.ADDRESS, "host"),
        (EntityKind.APPLICATION, "application"),
        (EntityKind.USER, "user"),
        (EntityKind.SOURCE_ADDRESS, "from"),
    ):
        values = alert.values_of(kind)
        if values:
            return f"{word}:{values[0]}"
    return f"source:{alert.source}"


_LINK_WORD = {LinkKind.SOURCE_ADDRESS: "from", LinkKind.USER: "user", LinkKind.HOST: "host"}


def link_text(kind: LinkKind, value: str) -> str:
    """The key of a thing that links."""
    return f"{_LINK_WORD.get(kind, str(kind))}:{value}"


def _pattern_keys(pattern: Pattern, alert: Alert, own: str) -> list[str]:
    if pattern.by is None:
        return [own]
    return [link_text(pattern.by, value) for value in alert.values_of(ENTITY_OF_LINK[pattern.by])[:MOST_LINKS]]


def facts_in(conditions: tuple[Lines, ...]) -> frozenset[str]:
    """Every fact that some conditions name."""
    return frozenset().union(*(facts_named_in(one) for one in conditions)) if conditions else frozenset()
