"""What pydantic found, in sentences for the person who wrote the file, at the line they wrote."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from breach_service.catalog.documents import Document, Where
from breach_service.catalog.faults import Fault, did_you_mean

_SHAPES = frozenset({"fact", "all", "any", "not"})
"""pydantic puts the shape of a condition into the location; the document does not have it."""

_SENTENCES = {
    "date_from_datetime_parsing": "{name} is a day such as 2026-11-22, not {input}",
    "date_parsing": "{name} is a day such as 2026-11-22, not {input}",
    "date_type": "{name} is a day such as 2026-11-22, not {input}",
    "tuple_type": "{name} is a list: write [ … ], or one item per line after a hyphen",
    "too_short": "{name} needs at least {min_length}, this has {actual_length}",
    "missing_argument": "{name} is missing",
    "float_type": "{name} is a number, not {input}",
    "float_parsing": "{name} is a number, not {input}",
    "int_type": "{name} is a whole number, not {input}",
    "int_parsing": "{name} is a whole number, not {input}",
    "int_from_float": "{name} is a whole number, not {input}",
    "greater_than": "{name} must be more than {gt:g}, not {input}",
    "greater_than_equal": "{name} must be {ge} or more, not {input}",
    "less_than_equal": "{name} must be {le} or less, not {input}",
    "bool_type": "{name} is yes or no, not {input}",
    "bool_parsing": "{name} is yes or no, not {input}",
    "dict_type": "{name} holds named lines below it, indented, not {input}",
    "model_type": "{name} holds fields below it, indented, not {input}",
    "model_attributes_type": "{name} holds fields below it, indented, not {input}",
    "string_pattern_mismatch": "{name} may hold lower-case letters, digits and hyphens only, not {input}",
}


def faults_of(error: ValidationError, document: Document, under: Where, model: type[BaseModel]) -> Iterator[Fault]:
    """Every error of one validation as a fault at its line; `under` is where the validated part stands."""
    errors = error.errors()
    for details in errors:
        if details["type"] == "too_short" and any(_is_below(one["loc"], details["loc"]) for one in errors):
            continue  # pydantic leaves faulty items out before it counts
        where = _where(document, under, details["loc"])
        message = _sentence(details, where, model)
        if details["type"] == "missing":
            yield document.fault(where[:-1], message)
        elif details["type"] == "extra_forbidden":
            yield document.fault_at_key(where, message)
        else:
            yield document.fault(where, message)


def _is_below(loc: Where, above: Where) -> bool:
    return len(loc) > len(above) and loc[: len(above)] == above


def _where(document: Document, under: Where, loc: Where) -> Where:
    """The location without the shapes that pydantic adds; the last steps may be missing from the document."""
    best = under + loc
    left = len(loc)
    pending: list[tuple[Where, Where, bool]] = [(under, loc, False)]
    while pending:
        reached, rest, has_skipped = pending.pop()
        if not rest:
            return reached
        if len(rest) < left:
            best, left = reached + rest, len(rest)
        if (*reached, rest[0]) in document.values:
            pending.append(((*reached, rest[0]), rest[1:], False))
        if rest[0] in _SHAPES and not has_skipped:
            pending.append((reached, rest[1:], True))
    return best


def _sentence(details: ErrorDetails, where: Where, model: type[BaseModel]) -> str:
    kind, context, given = details["type"], details.get("ctx", {}), details["input"]
    name = _name(where)
    match kind:
        case "missing":
            return f"{name} is missing: add it"
        case "extra_forbidden":
            return f"there is no field {name} here{did_you_mean(name, _field_names(model) - {name}) or ': remove it'}"
        case "value_error":
            return str(context["error"])
        case "string_type":
            return _not_a_text(name, given)
        case "enum" | "literal_error":
            words = re.findall(r"'([^']*)'", str(context["expected"]))
            return f"{name} is one of {', '.join(words)}, not {given}{did_you_mean(str(given), words)}"
    if context.get("class_name") == "Text":
        return f"{name} is a text in two languages: write fr: and en: below it"
    if kind in _SENTENCES:
        return _SENTENCES[kind].format(name=name, input=_shown(given), **context)
    return f"{name}: {details['msg'][:1].lower()}{details['msg'][1:]}"


def _not_a_text(name: str, given: Any) -> str:
    if given is None:
        return f"{name} is empty: write the text"
    if isinstance(given, dict | list):
        return f"{name} is a text, not {_shown(given)}: write it in block style (>) or in quotes"
    return f'{name} is a text: put it in quotes, "{given}"'


def _name(where: Where) -> str:
    words = [step for step in where if isinstance(step, str)]
    if not where:
        return "the file"
    return (
        str(where[-1])
        if isinstance(where[-1], str)
        else f"item {where[-1] + 1} of {words[-1] if words else 'the list'}"
    )


def _shown(given: Any) -> str:
    match given:
        case None:
            return "nothing"
        case dict():
            return "a group of fields"
        case list():
            return "a list"
    return str(given)


@cache
def _field_names(model: type[BaseModel]) -> frozenset[str]:
    schema = model.model_json_schema()
    parts = (schema, *schema.get("$defs", {}).values())
    return frozenset(name for part in parts for name in part.get("properties", {}))
