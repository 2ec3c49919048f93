"""Silences: what nobody is woken by for a while, although it is stored, counted and shown.

A silence matches alerts by conditions on what they say (`grouping.ALERT_FACTS`), or by a list of scanners and testers
with dates; it has an owner, a reason and an end. Conditions are three-valued: only what surely matches is silenced.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from ipaddress import ip_address, ip_network
from zoneinfo import ZoneInfo

from breach_service.domain.alert import Alert, AlertClass, EntityKind, EntityRole, Signal, class_of
from breach_service.domain.conditions import (
    AllLines,
    AnyLine,
    FactLine,
    FactValue,
    Lines,
    NotLine,
    Truth,
    facts_named_in,
    judge,
)
from breach_service.domain.grouping import SignalType
from breach_service.domain.grouping.reading import ALERT_FACTS, facts_of_alert
from breach_service.errors import N_, Sentence

LONGEST_SILENCE = timedelta(days=30)
"""What must be quiet for longer is a rule of grouping.yaml, or a fault to be mended."""
DECOY_KINDS = frozenset({"thinkst"})
"""Kinds of senders that watch over decoys and nothing else."""
DECOY_WORDS = frozenset(
    {"canary", "canarytoken", "canarytokens", "honeyfile", "honeypot", "honeypots", "honeytoken", "honeytokens"}
)
"""Words of a title by which any other sender says that a decoy was touched."""
_MATCHING = {
    "choice": frozenset({"is", "is_not", "any_of", "none_of", "known"}),
    "set": frozenset({"contains", "any_of", "all_of", "none_of", "is", "is_not", "known"}),
}
_STRANGER = "\0"
"""A word that no alert says."""


class SilenceKind(StrEnum):
    """What a silence matches by."""

    SILENCE = "silence"
    """Conditions: a silence, or the window of a maintenance."""
    PLANNED_SCAN = "planned_scan"
    """A list of scanners, or of those who carry out a penetration test."""


class SilenceState(StrEnum):
    """Computed, never stored."""

    PLANNED = "planned"
    ACTIVE = "active"
    PAUSED = "paused"
    """Between two of its recurring windows."""
    OVER = "over"


@dataclass(frozen=True)
class Recurrence:
    """Windows of local time on days of the week; `until` at or before `since` is on the next day.

    An instant lies in a window if the clock on the wall, read in the zone, does: when clocks are put back, an hour that
    comes twice counts twice, and one that is left out counts for nothing.
    """

    weekdays: frozenset[int]
    """On which a window begins: 0 is Monday."""
    since: time
    until: time
    zone: str
    """IANA name."""

    def holds(self, at: datetime) -> bool:
        """True if an instant lies in one of the windows."""
        local = at.astimezone(ZoneInfo(self.zone))
        day, clock = local.weekday(), local.time()
        if self.since < self.until:
            return day in self.weekdays and self.since <= clock < self.until
        return (day in self.weekdays and clock >= self.since) or ((day - 1) % 7 in self.weekdays and clock < self.until)


@dataclass(frozen=True)
class Silence:
    """What nobody is woken by, from when, until when, and who answers for it. Instants in UTC."""

    id: int
    owner: str
    reason: str
    starts_at: datetime
    ends_at: datetime
    """Mandatory, at most `LONGEST_SILENCE` after it starts."""
    when: Lines = field(default_factory=dict)
    """Conditions on an alert; every one must hold."""
    scanners: tuple[str, ...] = ()
    """Of a planned scan: the addresses, networks, names and accounts of those who carry it out."""
    recurrence: Recurrence | None = None
    created_by: str = ""
    created_at: datetime | None = None
    ended_at: datetime | None = None
    """When a person ended it before its end."""
    ended_by: str = ""
    silenced: int = 0
    """How many alerts it silenced so far."""
    last_silenced_at: datetime | None = None
    incident: int | None = None
    """Of the alert from which it was made: who does not see it does not learn what is silenced, nor why."""
    is_withheld: bool = False
    """True where the reader is shown no more than that it exists, whose it is and until when."""

    @property
    def kind(self) -> SilenceKind:
        """What it matches by."""
        return SilenceKind.PLANNED_SCAN if self.scanners else SilenceKind.SILENCE

    @property
    def over_at(self) -> datetime:
        """When it ends, or was ended."""
        return min(self.ended_at, self.ends_at) if self.ended_at is not None else self.ends_at

    def is_in_force(self, at: datetime) -> bool:
        """True if it silences at an instant."""
        return self.starts_at <= at < self.over_at and (self.recurrence is None or self.recurrence.holds(at))

    def state(self, now: datetime) -> SilenceState:
        """Where it stands."""
        if now >= self.over_at:
            return SilenceState.OVER
        if now < self.starts_at:
            return SilenceState.PLANNED
        return SilenceState.ACTIVE if self.is_in_force(now) else SilenceState.PAUSED

    @cached_property
    def signals(self) -> frozenset[Signal]:
        """The signals that it names, and so silences even where they ignore silences."""
        return signals_named_in(self.when)

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The facts that its conditions read, in order."""
        return tuple(sorted(facts_named_in(self.when)))


def signals_named_in(lines: Lines) -> frozenset[Signal]:
    """The signals that conditions ask for by name; what they exclude is not named."""
    return frozenset(_signals_in(lines))


def _signals_in(lines: Lines) -> Iterator[Signal]:
    for condition in lines.values():
        match condition:
            case FactLine(fact="alert.signal"):
                comparison, operand = condition.comparison
                if comparison in ("is", "any_of"):
                    words = operand if isinstance(operand, tuple) else (operand,)
                    yield from (Signal(one) for one in words if one in tuple(Signal))
            case AllLines(all=inner) | AnyLine(any=inner):
                yield from _signals_in(inner)


@dataclass(frozen=True)
class Matchers:
    """The plain form of conditions: of each kind one of the values must fit, and every kind that has any must."""

    sources: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


_FACT_OF_MATCHER = {
    "sources": "alert.source", "systems": "alert.systems", "entities": "alert.entities", "signals": "alert.signal",
    "rules": "alert.rule",
}  # fmt: skip


def lines_of(matchers: Matchers) -> Lines:
    """The conditions that plain matchers mean; none where nothing was given."""
    found: Lines = {}
    for name, fact in _FACT_OF_MATCHER.items():
        values = [one.strip() for one in getattr(matchers, name) if one.strip()]
        if name == "entities":
            values = [word for one in values for word in spellings(one)]
        if values:
            found[name] = FactLine(fact=fact, any_of=tuple(dict.fromkeys(values)))
    return found


def spellings(value: str) -> tuple[str, ...]:
    """A value as it was typed, and as alerts would have it: names in lower case, addresses in their canonical form."""
    try:
        return (str(ip_address(value)),)
    except ValueError:
        return tuple(dict.fromkeys((value, value.lower())))


def faults_of(lines: Lines) -> Iterator[str]:
    """What is wrong with conditions that shall silence, each as a sentence."""
    wrong = list(_faults_in(lines))
    yield from wrong
    if not wrong and lines and _matches_whatever(lines):
        yield Sentence(
            N_("these conditions would silence what they do not name: say what the alerts must have in common")
        )


def _faults_in(lines: Lines) -> Iterator[str]:
    for name, condition in lines.items():
        if "\0" in name:
            yield Sentence(N_("a character in a name (NUL) belongs to no text: remove it"))
        match condition:
            case FactLine():
                yield from _faults_in_line(condition)
            case AllLines(all=inner) | AnyLine(any=inner):
                if not inner:
                    yield Sentence(N_("%(name)s holds no line: fill it in, or take it away"), name=name)
                yield from _faults_in(inner)
            case NotLine(not_=negated):
                yield from _faults_in({name: negated})


def _faults_in_line(line: FactLine) -> Iterator[str]:
    known = ALERT_FACTS.get(line.fact)
    if known is None:
        yield Sentence(
            N_("an alert says nothing called %(fact)s: name one of %(names)s"),
            fact=line.fact,
            names=", ".join(ALERT_FACTS),
        )
        return
    comparison, operand = line.comparison
    if any("\0" in str(one) for one in (operand if isinstance(operand, tuple) else (operand,))):
        yield Sentence(N_("a character in a value (NUL) belongs to no text: remove it"))
        return
    if comparison not in _MATCHING[known.type]:
        yield Sentence(
            N_("%(comparison)s does not fit %(fact)s: use %(names)s"),
            comparison=comparison,
            fact=line.fact,
            names=", ".join(sorted(_MATCHING[known.type] - {"known"})),
        )
        return
    if known.choices and comparison != "known":
        for word in operand if isinstance(operand, tuple) else (operand,):
            if word not in known.choices and word != Truth.UNKNOWN:
                yield Sentence(
                    N_("%(word)s is none of %(fact)s: %(names)s"),
                    word=word,
                    fact=line.fact,
                    names=", ".join(known.choices),
                )


def _matches_whatever(lines: Lines) -> bool:
    """True where an alert that says nothing, or nothing that is named, would match."""
    strange: dict[str, FactValue] = {
        name: _STRANGER if fact.choices else frozenset({_STRANGER}) for name, fact in ALERT_FACTS.items()
    }
    return any(judge(lines, said).truth is Truth.YES for said in ({}, strange))


def is_decoy(alert: Alert, kind: str) -> bool:
    """True where somebody touched a decoy (a canary, a honeytoken): nobody does so in the course of their work."""
    if class_of(alert.signal) is not AlertClass.SECURITY:
        return False
    said = facts_of_alert(alert, kind, (), ("alert.words",))["alert.words"]
    return kind in DECOY_KINDS or (isinstance(said, frozenset) and not said.isdisjoint(DECOY_WORDS))


def ignores_silences(alert: Alert, kind: str, signals: Mapping[Signal, SignalType]) -> bool:
    """True where only a silence that names its signal silences an alert of a sender of that kind."""
    return signals[alert.signal].ignores_silences or is_decoy(alert, kind)


def is_matched(silence: Silence, alert: Alert, kind: str, systems: tuple[str, ...]) -> Truth:
    """Whether a silence is about an alert, whenever it came; UNKNOWN where the alert does not say."""
    if silence.scanners and not _is_theirs(alert, silence.scanners):
        return Truth.NO
    if not silence.when:
        return Truth.YES if silence.scanners else Truth.NO
    return judge(silence.when, facts_of_alert(alert, kind, systems, silence.facts)).truth


def _is_theirs(alert: Alert, scanners: Sequence[str]) -> bool:
    """True where one of them did it, and nobody else is named as a source.

    What happens to a scanner is not what it does: one that is hit is no reason for silence.
    """
    doing = [one for one in alert.entities if one.role is not EntityRole.TARGET]
    others = [one for one in doing if one.kind is EntityKind.SOURCE_ADDRESS and not _is_listed(one.value, scanners)]
    return not others and any(_is_listed(one.value, scanners) for one in doing)


def _is_listed(value: str, scanners: Sequence[str]) -> bool:
    if value.lower() in (one.lower() for one in scanners):
        return True
    try:
        address = ip_address(value)
        return any(address in ip_network(one, strict=False) for one in scanners if is_network(one))
    except ValueError:
        return False


def withheld(one: Silence) -> Silence:
    """A silence as somebody is shown it who does not see the incident that it was made from."""
    return replace(
        one, reason="", when={}, scanners=(), recurrence=None, silenced=0, last_silenced_at=None, incident=None,
        is_withheld=True,
    )  # fmt: skip


def is_network(word: str) -> bool:
    """True for an address or a network."""
    try:
        ip_network(word, strict=False)
    except ValueError:
        return False
    return True


def silenced_by(
    silences: Iterable[Silence], alert: Alert, kind: str, systems: tuple[str, ...], at: datetime,
    signals: Mapping[Signal, SignalType],
) -> Silence | None:  # fmt: skip
    """The first silence that keeps an alert from waking anybody; `at` is when it was received.

    The receipt counts, not the sender's time: many senders repeat the instant at which a problem began, and what goes
    on after the end of a silence must wake.
    """
    if alert.is_own:
        return None
    in_force = [one for one in silences if one.is_in_force(at)]
    if in_force and ignores_silences(alert, kind, signals):
        in_force = [one for one in in_force if alert.signal in one.signals]
    return next((one for one in in_force if is_matched(one, alert, kind, systems) is Truth.YES), None)


@dataclass(frozen=True)
class PastAlert:
    """An alert as it is kept: labels of the sender are not."""

    source: str
    kind: str
    alert: Alert
    systems: tuple[str, ...]
    count: int
    first_at: datetime
    last_at: datetime
    incident: str | None = None
    """Reference of the incident that it stands in."""


@dataclass(frozen=True)
class Preview:
    """What a silence would have done to past alerts; each list newest first."""

    silenced: tuple[PastAlert, ...]
    waking: tuple[PastAlert, ...]
    """It is about them, and they would have woken all the same: their signal ignores silences and is not named."""
    unknown: int
    """Alerts of which it cannot be said any more: it asks for labels, which are not kept."""
    looked_at: int

    @property
    def count(self) -> int:
        """How many times the silenced alerts were said."""
        return sum(one.count for one in self.silenced)


def preview(silence: Silence, past: Iterable[PastAlert], signals: Mapping[Signal, SignalType]) -> Preview:
    """Try a silence on past alerts, as if it had been in force all the time; its recurring windows count."""
    silenced: list[PastAlert] = []
    waking: list[PastAlert] = []
    unknown = looked_at = 0
    for one in past:
        looked_at += 1
        if one.alert.is_own or not _falls_into(silence.recurrence, one):
            continue
        truth = is_matched(silence, one.alert, one.kind, one.systems)
        if truth is Truth.UNKNOWN and "alert.labels" in silence.facts:
            unknown += 1
        elif truth is Truth.YES:
            ignores = ignores_silences(one.alert, one.kind, signals) and one.alert.signal not in silence.signals
            (waking if ignores else silenced).append(one)
    return Preview(tuple(silenced), tuple(waking), unknown, looked_at)


def _falls_into(recurrence: Recurrence | None, one: PastAlert) -> bool:
    return recurrence is None or recurrence.holds(one.first_at) or recurrence.holds(one.last_at)
