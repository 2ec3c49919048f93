"""Where something stands in a body: JMESPath, read so that operators need not know its rules about quotes.

https://jmespath.org/specification.html. Beyond it: a plain `a.b` that finds nothing is tried as the key `"a.b"` too,
and a bare `@timestamp` or `job-id`, which would be no path, is the key of that name.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

from breach_service.sources.parts.payload import decoded

LONGEST_PATH = 500
_MOST_SEGMENTS = 6
_MOST_LEAVES = 1000
_MOST_MEMBERS = 20
_DEPTH = 20
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+", re.ASCII)
_KEYS = re.compile(r"[\w@][\w @/:-]*(?:\.[\w@][\w @/:-]*)*")


class BadPath(ValueError):
    """The text is no JMESPath; the message says where it goes wrong."""


@dataclass(frozen=True)
class Path:
    """One place, and the ways in which it is looked for, in order."""

    written: str
    tried: tuple[ParsedResult, ...]

    def value_in(self, body: Any) -> Any:
        """What stands there, None where nothing does. Raises BadPath where a function cannot take what is there."""
        for one in self.tried:
            try:
                found = one.search(body)
            except JMESPathError as fault:
                raise BadPath(f"{self.written!r} cannot be applied to this body: {fault}") from fault
            if found is not None:
                return found
        return None


@lru_cache(maxsize=2000)
def path_of(written: str) -> Path:
    """A path as an operator writes it. Raises BadPath."""
    text = written.strip()
    if not text or len(text) > LONGEST_PATH:
        raise BadPath("the path is empty" if not text else f"the path is longer than {LONGEST_PATH} characters")
    try:
        first = jmespath.compile(text)
    except JMESPathError as fault:
        if not _KEYS.fullmatch(text):
            raise BadPath(f"{text!r} is no JMESPath: {_said(fault)}") from fault
        return Path(text, (jmespath.compile(quoted(text)), jmespath.compile(".".join(map(quoted, text.split("."))))))
    return Path(text, (first, *_joined(text)))


def _said(fault: JMESPathError) -> str:
    """The first line of what the parser says; the others draw an arrow."""
    return str(fault).splitlines()[0].rstrip(": ") if str(fault) else "it cannot be read"


def _joined(text: str) -> Iterator[ParsedResult]:
    """`a.b.c` with its dots taken, in every combination, as part of the keys."""
    segments = text.split(".")
    if not _DOTTED.fullmatch(text) or len(segments) > _MOST_SEGMENTS:
        return
    for glued in product((True, False), repeat=len(segments) - 1):
        keys = [segments[0]]
        for is_glued, segment in zip(glued, segments[1:], strict=True):
            if is_glued:
                keys[-1] += f".{segment}"
            else:
                keys.append(segment)
        if len(keys) < len(segments):
            yield jmespath.compile(".".join(map(quoted, keys)))


def quoted(key: str) -> str:
    """A key as JMESPath writes it: bare where it may, else as a JSON text."""
    return key if _PLAIN_KEY.fullmatch(key) else json.dumps(key)


def paths_in(record: Any) -> tuple[tuple[str, Any], ...]:
    """Every leaf of a body: the path that leads to it and to nothing else, and what stands there; in order.

    Texts that hold JSON are opened, as they are when alerts are read. At most 1000 leaves, 20 members of each list.
    """
    found: list[tuple[str, Any]] = []
    for leaf in _leaves("", unfolded(record), 0):
        found.append(leaf)
        if len(found) == _MOST_LEAVES:
            break
    return tuple(found)


def _leaves(path: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and depth < _DEPTH:
        for key, inner in value.items():
            yield from _leaves(f"{path}.{quoted(key)}" if path else quoted(key), inner, depth + 1)
    elif isinstance(value, list) and depth < _DEPTH:
        for place, inner in enumerate(value[:_MOST_MEMBERS]):
            yield from _leaves(f"{path}[{place}]", inner, depth + 1)
    elif path and not isinstance(value, dict | list):
        yield path, value


def unfolded(value: Any, depth: int = 0) -> Any:
    """The body with the texts opened that hold JSON, so that a path can lead into them."""
    inner = decoded(value)
    if depth >= _DEPTH:
        return inner
    if isinstance(inner, dict):
        return {key: unfolded(one, depth + 1) for key, one in inner.items()}
    return [unfolded(one, depth + 1) for one in inner] if isinstance(inner, list) else inner
