"""The columns of our own tables: one for each field of an entry, called by its way in the file (`match.hosts`).

What there may be several of is numbered from 1 (`contacts.2.email`); plain lists stand in one cell (`web-1 | web-*`).
"""

import types
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

NUMBER = "N"
"""Stands in a column of the model for any number."""


class Form(StrEnum):
    """How a value stands in its cell."""

    PLAIN = "plain"
    DAY = "day"
    YES_OR_NO = "yes_or_no"
    PAIR = "pair"
    """`1200-1500`."""
    WORDS = "words"
    """Separated by ` | `, or as a JSON list."""
    JSON = "json"


@dataclass(frozen=True)
class Column:
    """One column of the model: its way, numbers left open, and how its values stand."""

    way: tuple[str, ...]
    form: Form
    choices: tuple[str, ...] = ()
    """The words that can stand there, where the list is closed."""


def columns_of(model: type[BaseModel], before: tuple[str, ...] = ()) -> Iterator[Column]:
    """Every column that an entry can have, in the order of its fields."""
    for name, info in model.model_fields.items():
        yield from _of(info.annotation, (*before, name))


def _of(annotation: Any, way: tuple[str, ...]) -> Iterator[Column]:
    annotation = _bare(annotation)
    origin, inside = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from columns_of(annotation, way)
    elif origin is tuple and len(inside) == 2 and inside[1] is Ellipsis:
        one = _bare(inside[0])
        if isinstance(one, type) and issubclass(one, BaseModel):
            yield from columns_of(one, (*way, NUMBER))
        else:
            yield Column(way, Form.WORDS)
    elif origin is tuple:
        yield Column(way, Form.PAIR)
    elif origin is dict:
        yield Column(way, Form.JSON)
    else:
        yield Column(way, {date: Form.DAY, bool: Form.YES_OR_NO}.get(annotation, Form.PLAIN), _choices_of(annotation))


def _choices_of(annotation: Any) -> tuple[str, ...]:
    if get_origin(annotation) is Literal:
        return tuple(str(one) for one in get_args(annotation))
    is_closed = isinstance(annotation, type) and issubclass(annotation, StrEnum)
    return tuple(str(one) for one in annotation) if is_closed else ()


def _bare(annotation: Any) -> Any:
    """The type without `| None` and without what is said beside it."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        inside = [one for one in get_args(annotation) if one is not type(None)]
        if len(inside) == 1:
            return _bare(inside[0])
    return annotation


def way_of(title: str) -> tuple[str, ...]:
    """The way that a title names, with the numbers left open: `contacts.2.email` → contacts, N, email."""
    steps = title.strip().split(".")
    return tuple(NUMBER if one.isascii() and one.isdigit() and len(one) < 5 else one for one in steps)
