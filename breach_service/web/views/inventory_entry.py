"""The form of one entry of the inventory: its sections, fields and rows, as they are or as they were typed."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from breach_service.domain.facts import FactType, ScopeKind
from breach_service.domain.inventory import Entry, Inventory
from breach_service.domain.text import Text
from breach_service.inventory_files import Column, Form
from breach_service.web.inventory.typed import OTHER_FACTS, Typed, columns, model_of
from breach_service.web.views.inventory_layout import (
    AREAS,
    CLOSED,
    EXCLUDED_FACTS,
    FIRST_CHOICES,
    LAYOUT,
    MOST_CHECKS,
    NUMBERS,
    PLACES,
    REFERENCES,
    WORDS_OF_FACTS,
    Widget,
)

Choice = tuple[str, str]
"""A value and its words; no words where the page knows them by the value."""


@dataclass(frozen=True)
class FieldView:
    """One field. `model` has its rows left open (`contacts.N.email`): the page knows its label by it."""

    name: str
    model: str
    widget: Widget
    values: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    error: str = ""
    is_required: bool = False
    label: str = ""
    """Of a fact, in the words of the playbooks; else empty."""

    @property
    def value(self) -> str:
        """Of a field that holds one."""
        return "\n".join(self.values)

    @property
    def html_id(self) -> str:
        """What its label and the list of errors lead to."""
        return "f-" + self.name.replace(".", "-").replace(":", "-")


@dataclass(frozen=True)
class RowView:
    """One of several: a contact, a term. `number` counts from 1."""

    model: str
    number: int
    fields: tuple[FieldView, ...]
    is_new: bool
    error: str = ""

    @property
    def name(self) -> str:
        """What its fields begin with: `contacts.2`."""
        return self.model.replace("N", str(self.number))


@dataclass(frozen=True)
class SectionView:
    """Fields and rows that belong together."""

    code: str
    fields: tuple[FieldView, ...]
    rows: tuple[tuple[str, tuple[RowView, ...]], ...]
    """By model (`contacts.N`); the last row is a fresh one."""
    is_empty: bool


@dataclass(frozen=True)
class EntryForm:
    """The whole form."""

    part: str
    entry_id: str
    """Empty for a new entry."""
    sections: tuple[SectionView, ...]
    hidden: tuple[tuple[str, str], ...]
    """What the entry has and the form does not show: carried along."""
    errors: tuple[tuple[str, str, str], ...]
    """Sentence, the field's model (empty: the entry as a whole) and where to go on the page."""


@dataclass(frozen=True)
class Wording:
    """What a form takes its words from."""

    inventory: Inventory
    facts: Mapping[str, FactType]
    language: str


def entry_form(
    part: str, entry_id: str, typed: Typed, wording: Wording, errors: Mapping[str, str] | None = None,
    more: Iterable[str] = (),
) -> EntryForm:  # fmt: skip
    """The form with what was typed; `errors` by field, `more` are models of rows of which one more is wanted."""
    build = _Build(part, typed, wording, dict(errors or {}), frozenset(more))
    sections = tuple(build.section(code, models) for code, models in LAYOUT[part])
    return EntryForm(part, entry_id, sections, tuple(build.hidden()), tuple(build.listed_errors(sections)))


def first_values(part: str) -> dict[str, tuple[str, ...]]:
    """What a fresh form holds."""
    models = [model for _, section in LAYOUT[part] for model in section if "N" not in model.split(".")]
    known = {one: FIRST_CHOICES.get(one, FIRST_CHOICES.get(one.rpartition(".")[2], "")) for one in models}
    return {name: (value,) for name, value in known.items() if value}


@dataclass
class _Build:
    part: str
    typed: Typed
    wording: Wording
    errors: dict[str, str]
    more: frozenset[str]

    def section(self, code: str, models: Iterable[str]) -> SectionView:
        fields: list[FieldView] = []
        rows = []
        for model in models:
            if model == "facts":
                fields += self._facts()
            elif model.endswith(".N"):
                rows.append((model, tuple(self._rows(model))))
            else:
                fields.append(self._field(model))
        is_empty = not any(one.values for one in fields) and not any(len(many) > 1 for _, many in rows)
        return SectionView(code, tuple(fields), tuple(rows), is_empty)

    def hidden(self) -> Iterator[tuple[str, str]]:
        """Values of fields that no section shows, and facts that have no field."""
        shown = {one for _, models in LAYOUT[self.part] for one in models}
        for name, values in self.typed.items():
            model = model_of(name.partition(":")[0])
            is_row = any(one.endswith(".N") and model.startswith(f"{one}.") for one in shown)
            if model in columns(self.part) and model not in shown and not is_row and model != "id":
                yield from ((name, one) for one in values)
        if self.part == "systems":
            yield from self._other_facts()

    def listed_errors(self, sections: Iterable[SectionView]) -> Iterator[tuple[str, str, str]]:
        """Each error with the field that it is about, and where that stands."""
        fields = {one.name: one for one in _fields_of(sections)}
        for name, sentence in self.errors.items():
            near = fields.get(name) or next((one for key, one in fields.items() if key.startswith(f"{name}.")), None)
            yield sentence, near.model if near and name else "", near.html_id if near else ""

    def _rows(self, model: str) -> Iterator[RowView]:
        before = model.removesuffix(".N")
        numbers = sorted({int(rest) for name in self.typed if (rest := _number_after(before, name))})
        last = numbers[-1] if numbers else 0
        fresh = 2 if model in self.more else 1
        for number in (*numbers, *range(last + 1, last + 1 + fresh)):
            inside = [one for one in columns(self.part) if one.startswith(f"{model}.")]
            fields = tuple(self._field(one, number) for one in _ordered(inside))
            yield RowView(model, number, fields, number > last, self.errors.get(f"{before}.{number}", ""))

    def _field(self, model: str, number: int | None = None) -> FieldView:
        name = model.replace(".N.", f".{number}.", 1) if number else model
        column = columns(self.part)[model]
        widget, choices = self._widget(model, column)
        values = self.typed.get(name, ())
        if widget == "persons":
            values = tuple(next(iter(self.typed.get(f"{name}:{one}", ())), "") for one in ("least", "most"))
            values = values if any(values) else ()
        if number and not values:
            first = FIRST_CHOICES.get(model.rpartition(".")[2], "")
            values = (first,) if first and (column.choices or widget == "choice") else ()
        is_required = model in PLACES
        return FieldView(name, model, widget, values, choices, self.errors.get(name, ""), is_required)

    def _widget(self, model: str, column: Column) -> tuple[Widget, tuple[Choice, ...]]:
        reference = REFERENCES.get((self.part, model))
        if reference is not None:
            entries: tuple[Entry, ...] = getattr(self.wording.inventory, reference.part)
            if not reference.is_many:
                return "ref", self._named(entries)
            is_short = len(entries) <= MOST_CHECKS and "N" not in model.split(".")
            return ("checks", self._named(entries)) if is_short else ("lines", ())
        fact = self.wording.facts.get(WORDS_OF_FACTS.get((self.part, model), ""))
        if fact is not None:
            return "checks" if column.form is Form.WORDS else "choice", self._words(fact.choices)
        closed = CLOSED.get(model) or column.choices
        if closed:
            return "checks" if column.form is Form.WORDS else "choice", tuple((one, "") for one in closed)
        return _PLAIN.get(column.form) or _line(model), ()

    def _named(self, entries: Iterable[Entry]) -> tuple[Choice, ...]:
        language = self.wording.language
        return tuple(
            (one.id, one.name if isinstance(one.name, str) else one.name.in_language(language)) for one in entries
        )

    def _words(self, choices: Mapping[str, Text] | None) -> tuple[Choice, ...]:
        return tuple((code, words.in_language(self.wording.language)) for code, words in (choices or {}).items())

    def _known_facts(self) -> dict[str, FactType]:
        return {
            name: one
            for name, one in self.wording.facts.items()
            if one.scope is ScopeKind.SYSTEM
            and "inventory" in one.established_by
            and one.type in ("yes_no", "set", "choice")
            and name not in EXCLUDED_FACTS
        }

    def _facts(self) -> Iterator[FieldView]:
        for name, fact in self._known_facts().items():
            field = f"facts:{name}"
            widget: Widget = "yes_no" if fact.type == "yes_no" else "checks" if fact.type == "set" else "choice"
            label = fact.label.in_language(self.wording.language)
            yield FieldView(
                field, "facts", widget, self.typed.get(field, ()), self._words(fact.choices),
                self.errors.get(field, ""), label=label,
            )  # fmt: skip

    def _other_facts(self) -> Iterator[tuple[str, str]]:
        known = self._known_facts()
        found: dict[str, Any] = {}
        for name, values in self.typed.items():
            fact = name.removeprefix("facts:")
            if name == OTHER_FACTS:
                yield name, values[0] if values else "{}"
            elif name.startswith("facts:") and fact not in known:
                kind = self.wording.facts.get(fact)
                is_set = kind.type == "set" if kind else len(values) > 1
                found[fact] = list(values) if is_set else values[0]
        if found:
            yield OTHER_FACTS, json.dumps(found)


_PLAIN: Mapping[Form, Widget] = {
    Form.DAY: "day", Form.YES_OR_NO: "yes_no", Form.PAIR: "persons", Form.WORDS: "lines", Form.JSON: "lines",
}  # fmt: skip


def _line(model: str) -> Widget:
    if model in AREAS:
        return "area"
    return "number" if model.rpartition(".")[2] in NUMBERS else "line"


def _ordered(models: Iterable[str]) -> list[str]:
    """What an entry holds first, then from when to when it does."""
    return sorted(models, key=lambda one: one.rpartition(".")[2] in ("valid_from", "valid_to"))


def _number_after(before: str, name: str) -> str:
    """The number of the row of that name that a field is in; empty where it is in none."""
    if not name.startswith(f"{before}."):
        return ""
    number = name[len(before) + 1 :].partition(".")[0]
    return number if number.isascii() and number.isdigit() and len(number) < 5 else ""


def _fields_of(sections: Iterable[SectionView]) -> Iterator[FieldView]:
    for section in sections:
        yield from section.fields
        for _, rows in section.rows:
            for row in rows:
                yield from row.fields


@dataclass(frozen=True)
class UsedBy:
    """An entry that names another."""

    part: str
    id: str
    name: str


@dataclass(frozen=True)
class EntryPage:
    """The context variable `page` of `inventory_entry.html`."""

    form: EntryForm
    name: str
    """Empty for a new entry."""
    valid_to: date | None
    used_by: tuple[UsedBy, ...]
    revision: int
    reason: str
    error: str
    is_conflict: bool
    """True where somebody else changed the inventory meanwhile: the revision is now the newer one."""
    today: date
    may_manage: bool


def used_by(inventory: Inventory, part: str, entry_id: str, language: str) -> tuple[UsedBy, ...]:
    """The entries that name this one, each once."""
    found: dict[tuple[str, str], UsedBy] = {}
    for place, kind, one in inventory.references():
        if kind == part and one == entry_id:
            owner = getattr(inventory, str(place[0]))[int(place[1])]
            found.setdefault((str(place[0]), owner.id), UsedBy(str(place[0]), owner.id, name_of(owner, language)))
    return tuple(found.values())


def name_of(entry: Entry, language: str) -> str:
    """The name of an entry, in a language where it has several."""
    return entry.name if isinstance(entry.name, str) else entry.name.in_language(language)
