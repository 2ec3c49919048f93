"""How a value is known: by whom it was established, or that nobody knows it yet.

A letter must not say the same of what a person established, of what an alert suggests and of what the inventory holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from breach_service.domain.conditions import FactValue, NumberRange, Truth, is_unknown
from breach_service.domain.facts import Fact, FactType, Provenance
from breach_service.domain.text import Text


class Standing(StrEnum):
    """How firmly a value stands, weakest first."""

    MISSING = "missing"
    """Nobody recorded anything: a visible gap in a letter."""
    OPEN = "open"
    """A person recorded that it is not known yet: said so, and completed in a later phase (GDPR Art. 33(4))."""
    ASSUMED = "assumed"
    """The inventory says so of the system or the activity; nobody said so of this incident."""
    SUSPECTED = "suspected"
    """An alert or a rule speaks for it; nobody confirmed it."""
    ESTABLISHED = "established"
    """A person recorded it."""


_STANDING = {
    Provenance.INVENTORY: Standing.ASSUMED,
    Provenance.ALERT: Standing.SUSPECTED,
    Provenance.RULE: Standing.SUSPECTED,
    Provenance.PROVIDER: Standing.ESTABLISHED,
    Provenance.PERSON: Standing.ESTABLISHED,
}


@dataclass(frozen=True)
class Known:
    """A value and how firmly it stands, without who recorded it and any note: those are no part of a letter."""

    value: FactValue = None
    standing: Standing = Standing.MISSING
    texts: tuple[tuple[str, Text], ...] = ()
    """The words of a choice or a set: key and text, in the order in which the choices stand."""

    @property
    def words(self) -> tuple[Text, ...]:
        """The value in words; empty where it is neither a choice nor a set, or where its words are not known."""
        return tuple(text for _, text in self.texts)

    @property
    def is_missing(self) -> bool:
        """Nobody recorded anything."""
        return self.standing is Standing.MISSING

    @property
    def is_open(self) -> bool:
        """A person recorded that it is not known yet."""
        return self.standing is Standing.OPEN

    @property
    def is_known(self) -> bool:
        """There is a value, however firm."""
        return not (self.is_missing or self.is_open)

    @property
    def is_established(self) -> bool:
        """A person recorded the value."""
        return self.standing is Standing.ESTABLISHED

    @property
    def is_suspected(self) -> bool:
        """Only an alert or a rule speaks for the value."""
        return self.standing is Standing.SUSPECTED

    @property
    def is_assumed(self) -> bool:
        """Only the inventory gives the value."""
        return self.standing is Standing.ASSUMED

    @property
    def is_yes(self) -> bool:
        """The value is yes, however firm."""
        return self.value == Truth.YES

    @property
    def is_no(self) -> bool:
        """The value is no, however firm."""
        return self.value == Truth.NO

    @property
    def number(self) -> NumberRange | None:
        """The value as a range of numbers, None where it is none."""
        return self.value if isinstance(self.value, NumberRange) else None

    def has(self, word: str) -> bool:
        """True if the value is this word, or a set that holds it."""
        return word in self.value if isinstance(self.value, frozenset) else self.value == word


MISSING = Known()


def known_from(fact: Fact | None, types: Mapping[str, FactType]) -> Known:
    """A recorded fact without its author and note; `types` gives the words of choices and sets."""
    if fact is None:
        return MISSING
    if is_unknown(fact.value):
        is_said = fact.provenance in (Provenance.PERSON, Provenance.PROVIDER)
        return Known(standing=Standing.OPEN) if is_said else MISSING
    return Known(fact.value, _STANDING[fact.provenance], _texts_of(fact, types))


def _texts_of(fact: Fact, types: Mapping[str, FactType]) -> tuple[tuple[str, Text], ...]:
    choices = (types[fact.name].choices if fact.name in types else None) or {}
    chosen = fact.value if isinstance(fact.value, frozenset) else frozenset({fact.value})
    return tuple((key, text) for key, text in choices.items() if key in chosen)
