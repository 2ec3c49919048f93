"""Recordings of alerts: JSON lines or CSV, plain or compressed with gzip, with or without labels."""

import csv
import gzip
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from breach_service.errors import InvalidCommand

COLUMNS = "time (seconds since 1970, or ISO 8601), source, title, host, address; label where it is known"
_OTHER_NAMES = {"ip": "address", "event_label": "label"}
"""How the AIT Alert Data Set calls its columns."""


@dataclass(frozen=True)
class Recorded:
    """One alert of a recording."""

    at: datetime
    source: str
    """The tool, in the letters of a source's name."""
    detector: str
    """Tool and rule, as recorded."""
    title: str
    host: str
    address: str
    label: str
    """Empty where the recording has none; `-` for noise."""

    @property
    def body(self) -> dict[str, str]:
        """The alert as plain JSON."""
        said = {"source": self.source, "title": self.title, "host": self.host, "address": self.address}
        return {**{key: value for key, value in said.items() if value}, "time": self.at.isoformat()}


def read_recording(path: Path) -> list[Recorded]:
    """The alerts of a file, oldest first. Raises InvalidCommand with the line that is wrong."""
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InvalidCommand(f"{path} cannot be read: {error}") from error
    rows = _json_rows(text) if text.lstrip()[:1] in ("{", "[") else enumerate(csv.DictReader(io.StringIO(text)), 2)
    found = [_recorded(path, number, row) for number, row in rows]
    if not found:
        raise InvalidCommand(f"{path} holds no alerts: each line has {COLUMNS}")
    return sorted(found, key=lambda one: one.at)


def _json_rows(text: str) -> Iterator[tuple[int, Any]]:
    if text.lstrip().startswith("["):
        yield from enumerate(json.loads(text), 1)
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError as error:
                raise InvalidCommand(f"line {number} is no JSON: {error}") from error


def _recorded(path: Path, number: int, row: Mapping[str, Any]) -> Recorded:
    said = {_OTHER_NAMES.get(str(key), str(key)): str(value or "") for key, value in row.items()}
    detector = said.get("name") or said.get("title", "")
    tool, colon, rest = detector.partition(": ")
    source, title = said.get("source", ""), said.get("title", "")
    if colon and not source:
        source, title = tool, title or rest
    try:
        at = _instant(said.get("time", ""))
    except ValueError as error:
        raise InvalidCommand(f"{path}, line {number}: {said.get('time')!r} is no time; {COLUMNS}") from error
    if not (title or detector):
        raise InvalidCommand(f"{path}, line {number}: there is no title; {COLUMNS}")
    return Recorded(
        at=at,
        source=_name(source) or "recording",
        detector=detector,
        title=title or detector,
        host=said.get("host", ""),
        address=said.get("address", ""),
        label=said.get("label", ""),
    )


def _instant(written: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(written), UTC)
    except (ValueError, OverflowError, OSError):
        found = datetime.fromisoformat(written)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _name(word: str) -> str:
    """A word in the letters that the name of a source may have."""
    return "".join(one if one.isascii() and one.isalnum() else "-" for one in word.lower()).strip("-")[:60]
