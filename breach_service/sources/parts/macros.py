"""Bodies that an operator writes out of a sender's macros: the same names, in every spelling that people choose.

`{EVENT.ID}` arrives as `event_id`, `eventid`, `EventID`, `EVENT.ID`, or as `id` within `event`: all are one name here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from breach_service.sources.parts.payload import Record, decoded
from breach_service.sources.parts.reading import text_of

MOST_MACROS = 500
"""Values kept of one body."""
_DEEPEST = 6
_NO_LETTER = re.compile(r"[\W_]+")
_WRAPPERS = frozenset(
    [
        "alert",
        "alerts",
        "body",
        "check",
        "data",
        "datadog",
        "details",
        "event",
        "events",
        "macros",
        "message",
        "metadata",
        "notification",
        "notify",
        "object",
        "params",
        "parameters",
        "payload",
        "problem",
        "vars",
        "zabbix",
        "nagios",
        "icinga",
        "checkmk",
        "centreon",
        "librenms",
    ]
)
"""Objects that may stand around the values and say nothing: their members are known by their own names as well."""


@dataclass(frozen=True)
class Macros:
    """The values of a body by the bare letters and digits of their names, lower case; never an empty value."""

    values: Mapping[str, str]

    def first(self, *names: str) -> str:
        """The first of several names that has a value; empty where none has."""
        return next((value for name in names if (value := self.values.get(name))), "")


def bare_name(name: str) -> str:
    """A name without what people put between its words: `{EVENT.ID}` and `event_id` are both `eventid`."""
    return _NO_LETTER.sub("", name[:200].lower())


def macros_of(record: Record, unresolved: re.Pattern[str]) -> Macros:
    """The values of a body, those of inner objects under the names of both, or of their own within mere wrappers.

    A value that `unresolved` matches as a whole is a macro that the sender had nothing for, and is left out.
    """
    values: dict[str, str] = {}
    aliases: dict[str, str] = {}
    for path, text in _leaves_of(record, ()):
        value = text.strip()
        if not value or unresolved.fullmatch(value) or len(values) >= MOST_MACROS:
            continue
        values.setdefault("".join(path), value)
        aliases.setdefault("".join(part for part in path[:-1] if part not in _WRAPPERS) + path[-1], value)
    return Macros(aliases | values)


def _leaves_of(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text below a value with the bare names that lead to it; the first member of a list stands for it."""
    held = decoded(value)
    if isinstance(held, list):
        held = held[0] if held and isinstance(held[0], dict) else ", ".join(filter(None, map(text_of, held)))
    if not isinstance(held, dict):
        if path and (text := text_of(held)):
            yield path, text
        return
    if len(path) >= _DEEPEST:
        return
    # What stands outside comes before what stands within, whatever the order of the body.
    for key, inner in sorted(held.items(), key=lambda pair: isinstance(pair[1], dict | list)):
        yield from _leaves_of(inner, (*path, bare_name(str(key))))
