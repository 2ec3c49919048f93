"""What the texts of letters are written with: filters on top of those that every template has."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from unicodedata import combining, normalize

from babel.core import Locale
from babel.lists import format_list

from breach_service.domain.conditions import FactValue, NumberRange, Truth
from breach_service.domain.drafts import gap_in_words
from breach_service.domain.known import Known
from breach_service.domain.measures import MeasurePart
from breach_service.domain.text import Text
from breach_service.rendering.formats import LOCALES, Formats

NOT_ESTABLISHED = {"fr": "non établi à ce stade", "en": "not established at this stage"}
NONE = {"fr": "néant", "en": "none"}
OTHER = {"fr": "autre, à préciser", "en": "other, to be described"}
AND = {"fr": " et ", "en": " and "}
BY_DAY = {"fr": "d’ici au", "en": "by"}
SEMICOLON = {"fr": " ; ", "en": "; "}
YES_NO = {"fr": {Truth.YES: "oui", Truth.NO: "non"}, "en": {Truth.YES: "yes", Truth.NO: "no"}}

VOWELS = tuple("aeiou")
ASPIRATED = (
    "hach", "haie", "hall", "ham", "hand", "hangar", "hard", "haricot", "harnais", "hasard", "haut", "havre", "hein",
    "hérisson", "héron", "héros", "hêtr", "hibou", "hip", "hockey", "hollan", "hong", "hors", "houille", "hub", "huit",
    "hutte",
)  # fmt: skip
"""How French words with an aspirated h begin, before which nothing is elided; every other h is mute."""
SOUNDED = ("onz", "oui", "ouistiti", "ouat", "un deux", "uhlan", "yaourt", "yoga", "yacht", "yeti")
"""Words that begin with a vowel and are not elided before."""


def of_before(name: str) -> str:
    """“de ” or “d’” as French writes it before a name."""
    first = name.strip().casefold()
    plain = "".join(one for one in normalize("NFD", first) if not combining(one)).replace("œ", "oe").replace("æ", "ae")
    if plain[:1] == "h":
        return "de " if first.startswith(ASPIRATED) else "d’"
    if plain[:1] == "y":
        return "de " if plain[1:2] in (*VOWELS, "") else "d’"
    return "d’" if plain[:1] in VOWELS and not plain.startswith(SOUNDED) else "de "


Words = Mapping[str, Mapping[str, str]]
"""Lists of words of one letter, by the name of the list and the key of the word."""


@dataclass(frozen=True)
class Vocabulary:
    """The filters that only letters have; `lists` are the letter's own words."""

    formats: Formats
    lists: Words

    def filters(self) -> dict[str, Callable[..., str]]:
        """The filters by the names that letters use."""
        names = ("or_gap", "listed_or_gap", "in_words", "joined", "listed", "country", "countries", "of_name")
        return {name: getattr(self, name) for name in (*names, "measures_or_gap", "planned_or_gap")}

    def or_gap(self, value: object, what: str, unsettled: str | None = None) -> str:
        """The value in words; what a person could not establish yet as `unsettled`; what nobody recorded as a gap."""
        if isinstance(value, Known):
            if value.is_open:
                return unsettled or NOT_ESTABLISHED[self.formats.language]
            shown = "" if value.is_missing else self._fact_in_words(value.value, value.words)
        else:
            shown = "" if value is None else self._in_words(value)
        return shown or gap_in_words(what, self.formats.language)

    def listed_or_gap(self, value: Known, what: str, group: str = "") -> str:
        """The words of a fact as a list, in the letter's own words of one list where it has them, or as `or_gap`."""
        own = self.lists[group] if group else {}
        if not value.texts:
            return self.or_gap(value, what)
        return self.listed([own.get(key) or self._named(key, text) for key, text in value.texts])

    def measures_or_gap(self, done: Iterable[MeasurePart], value: Known, what: str, group: str = "") -> str:
        """The measures that were done, one a line, then the words of the fact that none of them covers; else a gap."""
        own = self.lists[group] if group else {}
        parts = tuple(done)
        if not parts:
            return self.listed_or_gap(value, what, group)
        covered = {one.kind for one in parts}
        left = [own.get(key) or self._named(key, text) for key, text in value.texts if key not in covered | {"other"}]
        return self.listed([*(self._measure(one, own) for one in parts), *left])

    def planned_or_gap(self, planned: Iterable[MeasurePart], what: str) -> str:
        """The measures that are planned, one a line, each with its day; a gap where there are none."""
        lines = [self._measure(one, {}) for one in planned]
        return self.listed(lines) if lines else gap_in_words(what, self.formats.language)

    def _measure(self, one: MeasurePart, own: Mapping[str, str]) -> str:
        """`Faille corrigée : correctif posé (24 novembre 2026)`, `Kontrolle (by 24 November 2026)`."""
        language = self.formats.language
        label = own.get(one.kind) or (self.formats.text(one.label) if one.label else "")
        colon = " : " if language == "fr" else ": "
        said = colon.join(part for part in (label, one.words) if part)
        if one.on is None:
            return said
        day = self.formats.short_day(one.on)
        return f"{said} ({day})" if one.is_done else f"{said} ({BY_DAY[language]} {day})"

    def in_words(self, value: Known, group: str, what: str) -> str:
        """The value in the letter's own words of one list; `suspected` and `open` of that list where it is so."""
        words = self.lists[group]
        if value.is_missing:
            return gap_in_words(what, self.formats.language)
        if value.is_open:
            return words.get("open", NOT_ESTABLISHED[self.formats.language])
        if value.is_yes and value.is_suspected and "suspected" in words:
            return words["suspected"]
        chosen = value.value if isinstance(value.value, frozenset) else {str(value.value)}
        own = [text for key, text in words.items() if key in chosen]
        return self.joined(own) if own else self.or_gap(value, what)

    def joined(self, values: Iterable[Text | str]) -> str:
        """`a, b et c`, `a, b and c`; `a et b ; c` where a value has a comma or an “and” of its own."""
        words = [self.formats.text(one) for one in values]
        own_and = AND[self.formats.language]
        if len(words) > 1 and any("," in one or own_and in one for one in words):
            return self.formats.text(SEMICOLON[self.formats.language].join(words))
        return format_list(words, locale=LOCALES[self.formats.language])

    def listed(self, values: Iterable[Text | str]) -> str:
        """One line per value, as a list."""
        return "\n".join(f"- {self.formats.text(one)}" for one in values)

    def _named(self, key: str, text: Text) -> str:
        # The box “other” of a list says nothing: somebody must write what it stands for.
        return (
            gap_in_words(OTHER[self.formats.language], self.formats.language)
            if key == "other"
            else self.formats.text(text)
        )

    def country(self, code: str) -> str:
        """The name of a country by its code of two letters; a code that is not one stays as it is."""
        return str(Locale.parse(LOCALES[self.formats.language]).territories.get(code.upper(), code))

    def of_name(self, name: str) -> str:
        """A name after “of”: in French with d’ before a vowel or a mute h (d’Atelier Nord, de Hameau Vert)."""
        return f"{of_before(name)}{name}" if self.formats.language == "fr" else f"of {name}"

    def countries(self, value: Known) -> str:
        """The names of the countries of a fact, in alphabetical order."""
        codes = value.value if isinstance(value.value, frozenset) else frozenset[str]()
        return self.joined(sorted(self.country(code) for code in codes))

    def _in_words(self, value: object) -> str:
        match value:
            case datetime():
                return self.formats.instant_full(value)
            case NumberRange():
                return self.formats.range(value)
            case Text() | str():
                return self.formats.text(value)
            case tuple():
                return self.joined(value)
        raise TypeError(f"a letter has no words for {type(value).__name__}")

    def _fact_in_words(self, value: FactValue, words: tuple[Text, ...]) -> str:
        # A machine word without words of its own stays a gap: it is never shown.
        match value:
            case NumberRange():
                return self.formats.range(value)
            case Truth.YES | Truth.NO:
                return YES_NO[self.formats.language][Truth(value)]
            case frozenset() if not value:
                return NONE[self.formats.language]
        return self.joined(words)
