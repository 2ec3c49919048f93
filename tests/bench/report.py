"""What was measured: a table for people, JSON beside it for programs."""

import json
import os
import platform
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

Number = float | int


@dataclass
class Line:
    """One line of the table."""

    what: str
    found: Number
    unit: str
    baseline: Number | None = None
    """The bare route, in the same unit."""
    ratio: float | None = None
    """Of the service to the bare route; the median of the rounds."""
    wanted: str = ""
    holds: bool | None = None
    more: dict[str, Any] = field(default_factory=dict)


def median_line(
    what: str, unit: str, found: Sequence[Number], baseline: Sequence[Number], *, wanted: float, **more: Any
) -> Line:
    """A line of several rounds, each with the bare route beside it: the ratio is what counts."""
    ratios = [one / other for one, other in zip(found, baseline, strict=True)]
    ratio = statistics.median(ratios)
    spread = {"ratios": [round(one, 3) for one in ratios]}
    return Line(
        what, statistics.median(found), unit, statistics.median(baseline), ratio, f"≥ {wanted} ×", ratio >= wanted,
        {**spread, **more},
    )  # fmt: skip


def at_most(what: str, unit: str, found: Number, limit: Number, **more: Any) -> Line:
    """A line whose figure must not be above a limit."""
    return Line(what, found, unit, wanted=f"≤ {limit:,}", holds=found <= limit, more=more)


def table_of(lines: Sequence[Line]) -> str:
    """The table, in Markdown."""
    head = "| measure | service | bare route | ratio | wanted | holds |\n|---|---|---|---|---|---|"
    return "\n".join([head, *map(_row, lines)])


def _row(line: Line) -> str:
    def number(value: Number | None) -> str:
        return "" if value is None else f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"

    ratio = f"{line.ratio:.2f}" if line.ratio is not None else ""
    holds = {None: "", True: "yes", False: "**no**"}[line.holds]
    found, bare = f"{number(line.found)} {line.unit}", number(line.baseline)
    return f"| {line.what} | {found} | {bare} | {ratio} | {line.wanted} | {holds} |"


def write(lines: Sequence[Line], say: Callable[[str], object]) -> Path:
    """The JSON, in the directory that BENCH_OUT names, else in a temporary one; its place."""
    directory = Path(os.environ.get("BENCH_OUT") or tempfile.mkdtemp(prefix="breach-bench-"))
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "bench.json"
    machine = {"python": platform.python_version(), "kernel": platform.release(), "cores": os.cpu_count()}
    path.write_text(json.dumps({"machine": machine, "lines": [asdict(one) for one in lines]}, indent=2))
    say(f"{path}")
    return path
