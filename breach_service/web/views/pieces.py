"""The pieces that every page is made of: state badges, recipients, clocks, values in words, risks.

Pieces hold values and short codes; the words of the codes stand in `templates/pages/_words.html`, once for all pages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from markupsafe import Markup

from breach_service.domain.alert import Signal
from breach_service.domain.assessment import Duty
from breach_service.domain.conditions import FactValue, NumberRange, Truth, is_unknown
from breach_service.domain.deadlines import Authority, Obligation, Regime
from breach_service.domain.facts import FactType
from breach_service.domain.grouping import SignalType
from breach_service.domain.incident import ClockState
from breach_service.domain.inventory import Inventory
from breach_service.domain.rules import RiskInterval
from breach_service.domain.text import Text
from breach_service.web.drawings import risk_cells


@dataclass(frozen=True)
class ContentWords:
    """The words of the active playbooks that pages need, by id."""

    signals: Mapping[Signal, SignalType]
    facts: Mapping[str, FactType]
    regimes: Mapping[str, Regime]
    patterns: Mapping[str, Text] = field(default_factory=dict)
    """Titles of the patterns of grouping.yaml."""
    authorities: Mapping[str, Authority] = field(default_factory=dict)

    def pattern(self, name: str, language: str) -> str:
        """The title of a pattern, its id where the playbooks no longer know it."""
        known = self.patterns.get(name)
        return known.in_language(language) if known else name

    def signal(self, signal: Signal, language: str) -> str:
        """The words of a signal, its code where the playbooks no longer know it."""
        known = self.signals.get(signal)
        return known.label.in_language(language) if known else str(signal).replace("_", " ")

    def fact(self, name: str, language: str) -> str:
        """The label of a fact, its name where the playbooks no longer know it."""
        known = self.facts.get(name)
        return known.label.in_language(language) if known else name

    def regime(self, name: str, language: str) -> str:
        """The title of a regime, its id where the playbooks no longer know it."""
        known = self.regimes.get(name)
        return known.title.in_language(language) if known else name


Icon = Literal["run", "maybe", "soon", "over", "done", "off", "ask"]


@dataclass(frozen=True)
class Badge:
    """A drawing, a class for its colour and a code for its word."""

    code: str
    """A `ClockState`, or `provisional`, or `undecided`."""
    css: Literal["is-run", "is-soon", "is-over", "is-done", "is-off"]
    icon: Icon
    is_provisional: bool = False
    """Said beside the word where the code does not say it already."""


_CLOSED_BADGES: Mapping[ClockState, Badge] = {
    ClockState.FULFILLED: Badge("fulfilled", "is-done", "done"),
    ClockState.NOT_REQUIRED: Badge("not_required", "is-off", "off"),
    ClockState.WITHDRAWN: Badge("withdrawn", "is-off", "off"),
}


def badge_for(state: ClockState, is_provisional: bool, advice: Duty = Duty.REQUIRED) -> Badge:
    """The badge of a state; a running clock that rests on an unrecorded instant or an open question says so."""
    if state in _CLOSED_BADGES:
        return _CLOSED_BADGES[state]
    is_open_question = is_provisional or advice is Duty.UNDECIDED
    if state is ClockState.OVERDUE:
        return Badge("overdue", "is-over", "over", is_open_question)
    if state is ClockState.PASSED:
        return Badge("passed", "is-soon", "soon", is_open_question)
    if state is ClockState.DUE_SOON:
        return Badge("due_soon", "is-soon", "soon", is_open_question)
    if advice is Duty.UNDECIDED:
        return Badge("undecided", "is-run", "ask")
    return Badge("provisional", "is-run", "maybe") if is_provisional else Badge("running", "is-run", "run")


@dataclass(frozen=True)
class Recipient:
    """Whom a clock is about: `cnil`, `persons`, `register`, `client` with its name, or `qualification` (ourselves).

    Another office is known by its id and its short name; `police` and `insurer` have words of their own.
    """

    kind: str
    name: str = ""


def recipient_of(obligation: Obligation, client_names: Mapping[str, str]) -> Recipient:
    """The recipient of an obligation; a client that has left the inventory keeps its id."""
    if obligation.duty.is_of_incident:
        return Recipient(obligation.recipient, obligation.terms.authority_name)
    return recipient_from(obligation.recipient, client_names)


def recipient_from(code: str, client_names: Mapping[str, str]) -> Recipient:
    """The recipient of a code such as `cnil` or `client:<id>`."""
    kind, _, client = code.partition(":")
    return Recipient(kind, client_names.get(client, client)) if kind == "client" else Recipient(code)


@dataclass(frozen=True)
class Risk:
    """An interval with its drawing; the words are made from `least` and `most`, which are equal once decided."""

    least: str
    most: str
    cells: Markup


def risk_of(interval: RiskInterval) -> Risk:
    """A risk as drawing and words."""
    return Risk(interval.least.word, interval.most.word, risk_cells(interval))


@dataclass(frozen=True)
class Value:
    """A value of a fact: a truth, words of an enumeration, a range of numbers, or a role."""

    kind: Literal["truth", "words", "range", "role"]
    truth: Truth = Truth.UNKNOWN
    words: tuple[str, ...] = ()
    range: NumberRange | None = None
    unit: str = ""


def value_of(value: FactValue, name: str, content: ContentWords, language: str) -> Value:
    """A value of the fact `name`, in the words that the playbooks give its choices."""
    if is_unknown(value) or isinstance(value, Truth):
        return Value("truth", truth=value if isinstance(value, Truth) else Truth.UNKNOWN)
    known = content.facts.get(name)
    if isinstance(value, NumberRange):
        unit = known.unit.in_language(language) if known and known.unit else ""
        return Value("range", range=value, unit=unit or ("h" if known and known.type == "duration_hours" else ""))
    if name == "perimeter.role":
        return Value("role", words=(str(value),))
    codes = sorted(value) if isinstance(value, frozenset) else [str(value)]
    choices = known.choices or {} if known else {}
    return Value("words", words=tuple(choices[one].in_language(language) if one in choices else one for one in codes))


def system_names(ids: Iterable[str], inventory: Inventory, language: str) -> tuple[str, ...]:
    """The names of systems; one that has left the inventory keeps its id."""
    found = ((one, inventory.system(one)) for one in ids)
    return tuple(system.name.in_language(language) if system else one for one, system in found)
