"""The drawing of the rota: a bar a shift on a line a level, days of rest shaded, gaps hatched.

SVG with attributes and classes only, hidden from readers: the table beside it says the same in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

WIDTH = 1120.0
LEFT = 8.0
TOP = 26.0
LINE = 34.0
BAR = 24.0
LETTER = 7.2
"""About the width of a letter, in the units of the drawing."""


@dataclass(frozen=True)
class DrawnDay:
    """A column."""

    starts_at: datetime
    label: str
    is_rest: bool
    """No working day."""


@dataclass(frozen=True)
class DrawnShift:
    """A bar; without a name it is a gap."""

    name: str
    from_at: datetime
    to_at: datetime


def rota_drawing(
    days: Sequence[DrawnDay], lines: Sequence[Sequence[DrawnShift]], ends_at: datetime, now: datetime
) -> Markup:
    """The whole drawing; one line of bars for each level, in the order of the table's columns."""
    starts_at = days[0].starts_at

    def across(at: datetime) -> float:
        share = (min(max(at, starts_at), ends_at) - starts_at) / (ends_at - starts_at)
        return LEFT + share * (WIDTH - 2 * LEFT)

    height = TOP + LINE * len(lines) + 4
    edges = [one.starts_at for one in days[1:]] + [ends_at]
    columns = [_column(one, across(one.starts_at), across(edge), height) for one, edge in zip(days, edges, strict=True)]
    bars = [
        _bar(one, across(one.from_at), across(one.to_at), TOP + LINE * place)
        for place, line in enumerate(lines)
        for one in line
    ]
    mark = Markup('<line class="now" x1="{x:.1f}" x2="{x:.1f}" y1="18" y2="{height:.0f}"/>').format(
        x=across(now), height=height
    )
    return Markup('<svg viewBox="0 0 {width:.0f} {height:.0f}" aria-hidden="true">{columns}{bars}{mark}</svg>').format(
        width=WIDTH, height=height, columns=Markup("").join(columns), bars=Markup("").join(bars), mark=mark
    )


def _column(day: DrawnDay, begin: float, end: float, height: float) -> Markup:
    ground = Markup("")
    if day.is_rest:
        ground = Markup('<rect class="rest" x="{x:.1f}" y="0" width="{width:.1f}" height="{height:.0f}"/>').format(
            x=begin, width=end - begin, height=height
        )
    return ground + Markup(
        '<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="18" y2="{height:.0f}"/>'
        '<text x="{middle:.1f}" y="13" text-anchor="middle">{label}</text>'
    ).format(x=begin, height=height, middle=(begin + end) / 2, label=day.label)


def _bar(shift: DrawnShift, begin: float, end: float, top: float) -> Markup:
    width = max(end - begin - 2, 1.0)
    most = int((width - 8) / LETTER)
    words = shift.name if len(shift.name) <= most else shift.name[: max(most - 1, 0)] + "…" if most > 2 else ""
    return Markup(
        '<rect class="duty{kind}" x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" height="{bar:.0f}" rx="3"/>'
        '<text class="t-strong" x="{text:.1f}" y="{base:.1f}">{words}</text>'
    ).format(
        kind="" if shift.name else " none", x=begin + 1, top=top, width=width, bar=BAR, text=begin + 7, base=top + 16,
        words=words,
    )  # fmt: skip
