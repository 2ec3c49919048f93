"""JSON Schema of conditions and of values: which facts there are, and what each can be compared with."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeAlias

from breach_service.catalog.conditions import FITTING
from breach_service.domain.conditions import COMPARISONS
from breach_service.domain.facts import FactType

Schema: TypeAlias = dict[str, Any]
_LISTS = frozenset({"any_of", "all_of", "none_of"})
_BOUNDS = frozenset({"at_least", "at_most", "more_than", "less_than"})
_NUMBERS = ("number", "duration_hours")
_RANGE = r"^\s*(unknown|[-+0-9\s.?]+)\s*$"
"""A number, a range such as 12000..15000 or ?..50, or the word unknown."""


def conditions_on(facts: Mapping[str, FactType], *, may_ask_if_known: bool) -> Schema:
    """The definitions `Condition` and what it is made of, for a closed list of facts."""
    names = sorted(facts)
    name = {"enum": names, "enumDescriptions": [facts[one].label.in_language("fr") for one in names]}
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for one in names:
        alike.setdefault((facts[one].type, tuple(facts[one].choices or ())), []).append(one)
    words: Schema = {}
    fitting = [
        {
            "if": {"properties": {"fact": {"enum": some}}, "required": ["fact"]},
            "then": _fitting(kind, choices, words, f"words.{some[0]}", may_ask_if_known),
        }
        for (kind, choices), some in alike.items()
    ]
    return {**_conditions({**_line(name), "allOf": fitting}), **words}


def conditions_on_any_fact() -> Schema:
    """The same, where the list of facts is what is being written."""
    return _conditions(_line({"type": "string"}))


def _conditions(line: Schema) -> Schema:
    """Shapes as the reader tells them apart: by the word all, any or not."""
    lines = {"type": "object", "additionalProperties": {"$ref": "#/$defs/Condition"}}
    return {
        "Condition": {
            "type": "object",
            "if": {"required": ["all"]}, "then": {"$ref": "#/$defs/AllLines"},
            "else": {
                "if": {"required": ["any"]}, "then": {"$ref": "#/$defs/AnyLine"},
                "else": {
                    "if": {"required": ["not"]}, "then": {"$ref": "#/$defs/NotLine"},
                    "else": {"$ref": "#/$defs/FactLine"},
                },
            },
        },
        "AllLines": _group("all", lines, "Every line must hold."),
        "AnyLine": _group("any", lines, "One line is enough."),
        "NotLine": _group("not", {"$ref": "#/$defs/Condition"}, "The line must not hold."),
        "FactLine": line,
    }  # fmt: skip


def _group(word: str, inner: Schema, description: str) -> Schema:
    return {
        "description": description, "type": "object", "properties": {word: inner}, "required": [word],
        "additionalProperties": False,
    }  # fmt: skip


def _line(name: Schema) -> Schema:
    properties = {"fact": name, **{one: _operand(one, {"type": "string"}) for one in COMPARISONS}}
    return {
        "description": "One line on one fact: exactly one comparison.", "type": "object", "properties": properties,
        "required": ["fact"], "minProperties": 2, "maxProperties": 2, "additionalProperties": False,
    }  # fmt: skip


def _operand(comparison: str, word: Schema) -> Schema:
    if comparison == "known":
        return {"enum": ["yes", "no"]}
    if comparison in _BOUNDS:
        return {"type": "number"}
    return {"type": "array", "items": word} if comparison in _LISTS else word


def _fitting(kind: str, choices: tuple[str, ...], words: Schema, name: str, may_ask_if_known: bool) -> Schema:
    """The comparisons that make sense for a type of fact; the words for them go into `words` under a name."""
    comparisons = [one for one in COMPARISONS if one in FITTING[kind] and (may_ask_if_known or one != "known")]
    found: Schema = {"propertyNames": {"enum": ["fact", *comparisons]}}
    known = ("yes", "no") if kind == "yes_no" else choices
    if kind not in _NUMBERS and known:
        words[name] = {"enum": [*known, *(("unknown",) if may_ask_if_known else ())]}
        one_of_them = {"$ref": f"#/$defs/{name}"}
        found["properties"] = {one: _operand(one, one_of_them) for one in comparisons if one != "known"}
    return found


def values_of_facts(facts: Mapping[str, FactType], also: Collection[bool] = ()) -> Schema:
    """A flat group of facts with their values, such as an example; `also`: what may stand for yes and no."""
    properties = {one: _value(facts[one], also) for one in sorted(facts)}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _value(fact: FactType, also: Iterable[bool]) -> Schema:
    about: Schema = {"description": fact.label.in_language("fr")}
    if fact.type in _NUMBERS:
        bound = {"type": ["number", "string", "null"]}
        forms: list[Schema] = [
            {"type": ["number", "null"]}, {"type": "string", "pattern": _RANGE},
            {"type": "array", "items": bound, "minItems": 2, "maxItems": 2},
            {"type": "object", "properties": {"at_least": bound, "at_most": bound}, "minProperties": 1,
             "additionalProperties": False},
        ]  # fmt: skip
        return {**about, "anyOf": forms}
    if fact.type == "yes_no":
        return {**about, "enum": ["yes", "no", "unknown", None, *also]}
    if fact.type == "choice":
        return {**about, "enum": [*(fact.choices or ()), "unknown", None]}
    if fact.choices is None:
        return {**about, "type": ["string", "array", "null"], "items": {"type": "string"}}
    words = list(fact.choices)
    return {**about, "anyOf": [{"enum": [*words, "unknown", None]}, {"type": "array", "items": {"enum": words}}]}
