"""What was dismissed again and again, and the rule or the silence that would keep it quiet.

A proposal, never more: people paste the rule into grouping.yaml, or make the silence. Nothing is proposed where
personal data were concerned, nor for a touched decoy, nor for what ignores silences (exfiltration…) unless somebody
names its signal.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from breach_service.domain.alert import Alert, Signal
from breach_service.domain.closing import COUNTED_OVER, NOISE, ClosingReason
from breach_service.domain.conditions import FactLine, Lines, Truth
from breach_service.domain.grouping import Grouping, Role, SignalType, own_key_of
from breach_service.domain.grouping.content import GroupingRule
from breach_service.domain.grouping.reading import words_in
from breach_service.domain.silences import Silence, ignores_silences, is_decoy, silenced_by
from breach_service.domain.text import Text

EQUAL_DISMISSALS = 3
"""After so many a rule is proposed."""
SILENCE_LASTS = timedelta(days=7)
"""A proposed silence: what must be quiet for longer is the rule."""
_OF_KEY: Mapping[str, str] = {
    "host": "alert.entities", "application": "alert.applications", "user": "alert.users",
    "from": "alert.source_addresses",
}  # fmt: skip


@dataclass(frozen=True)
class Dismissal:
    """An incident that was dismissed as noise, with the alert that opened it. `at` in UTC."""

    incident: str
    reason: ClosingReason
    at: datetime
    personal_data: Truth
    kind: str
    """Kind of the sender."""
    alert: Alert
    systems: tuple[str, ...]

    @property
    def words(self) -> frozenset[str]:
        """The words of the title, numbers too: event 4625 is not event 4740, and one weakness is not another."""
        return words_in(self.alert.title)

    @property
    def place(self) -> str:
        """Our system, else the machine, account or address that it is about."""
        return own_key_of(self.alert, self.systems)

    @property
    def sameness(self) -> tuple[str, str, str, str, tuple[str, ...]]:
        """What equal dismissals have in common."""
        return self.alert.source, str(self.alert.signal), self.place, str(self.reason), tuple(sorted(self.words))


@dataclass(frozen=True)
class NoiseProposal:
    """What was dismissed alike at least three times within 30 days."""

    dismissals: tuple[Dismissal, ...]
    """Newest first."""

    @property
    def last(self) -> Dismissal:
        """The newest."""
        return self.dismissals[0]

    @property
    def key(self) -> str:
        """Twelve hex digits by which it is addressed."""
        return hashlib.sha256("\0".join(map(str, self.last.sameness)).encode()).hexdigest()[:12]

    @property
    def lines(self) -> Lines:
        """The conditions of the rule and of the silence: as narrow as what the dismissals have in common."""
        one = self.last
        found: Lines = {"source": FactLine(fact="alert.source", any_of=(one.alert.source,))}
        found["signal"] = FactLine(fact="alert.signal", any_of=(str(one.alert.signal),))
        kind, _, value = one.place.partition(":")
        if kind == "system":
            found["system"] = FactLine(fact="alert.systems", contains=value)
        elif kind in _OF_KEY:
            found["place"] = FactLine(fact=_OF_KEY[kind], contains=value)
        if one.words:
            found["words"] = FactLine(fact="alert.words", all_of=tuple(sorted(one.words)))
        return found

    @property
    def rule(self) -> GroupingRule:
        """The rule for grouping.yaml: counted, and in no incident."""
        return GroupingRule(id=f"quiet-{self.key}", why=self.why, when=self.lines, role=Role.OBSERVES)

    @property
    def why(self) -> Text:
        """The reason, for the rule and the silence."""
        words, times = self.last.reason.words, len(self.dismissals)
        names = ", ".join(one.incident for one in self.dismissals)
        return Text(
            fr=f"Écarté {times} fois en {COUNTED_OVER.days} jours comme « {words.fr} » ({names}).",
            en=f"Dismissed {times} times within {COUNTED_OVER.days} days as “{words.en}” ({names}).",
        )


def noise_proposals(
    dismissals: Iterable[Dismissal], signals: Mapping[Signal, SignalType], now: datetime,
    named: Collection[Signal] = (), silences: Collection[Silence] = (),
) -> tuple[NoiseProposal, ...]:  # fmt: skip
    """What is proposed to be kept quiet, the most often dismissed first.

    `named` are signals that somebody asked for by name; `silences` those that exist: what one of them keeps quiet now
    is not proposed again.
    """
    alike: dict[object, list[Dismissal]] = {}
    for one in dismissals:
        if one.reason in NOISE and one.at > now - COUNTED_OVER:
            alike.setdefault(one.sameness, []).append(one)
    found = []
    for some in alike.values():
        some.sort(key=lambda one: (one.at, one.incident), reverse=True)
        if len(some) >= EQUAL_DISMISSALS and _may_be_quiet(some, signals, now, named, silences):
            found.append(NoiseProposal(tuple(some)))
    return tuple(sorted(found, key=lambda one: (-len(one.dismissals), one.key)))


def _may_be_quiet(
    some: list[Dismissal], signals: Mapping[Signal, SignalType], now: datetime, named: Collection[Signal],
    silences: Collection[Silence],
) -> bool:  # fmt: skip
    if any(one.personal_data is Truth.YES for one in some):
        return False
    last = some[0]
    if any(is_decoy(one.alert, one.kind) for one in some):
        return False
    if last.alert.signal not in named and any(ignores_silences(one.alert, one.kind, signals) for one in some):
        return False
    return silenced_by(silences, last.alert, last.kind, last.systems, now, signals) is None


def with_rule(grouping: Grouping, rule: GroupingRule) -> Grouping:
    """The grouping with one more rule, first: the first that fits decides."""
    return grouping.model_copy(update={"rules": (rule, *grouping.rules)})


def rule_as_yaml(rule: GroupingRule) -> str:
    """The text to paste under `rules:`, before the others; every value is quoted as YAML reads JSON."""
    return "\n".join(_lines_of_yaml(rule))


def _lines_of_yaml(rule: GroupingRule) -> Iterator[str]:
    yield f"  - id: {rule.id}"
    yield "    why:"
    for language in ("fr", "en"):
        yield f"      {language}: {_quoted(rule.why.in_language(language))}"
    yield "    when:"
    for name, line in rule.when.items():
        if isinstance(line, FactLine):
            comparison, operand = line.comparison
            yield f"      {name}: {{fact: {line.fact}, {comparison}: {_quoted(operand)}}}"
    yield f"    role: {rule.role}"


def _quoted(value: object) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
