"""The small drawings of the pages: bars of terms, gauges, risk cells.

They are SVG that holds attributes and classes only (the content policy forbids inline style), and are hidden from
readers: each stands beside the words that it repeats. The time line is in `web.time_line`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import segno
from markupsafe import Markup

from breach_service.domain.incident import LONGEST_DUE_SOON
from breach_service.domain.rules import RiskInterval, RiskLevel

TERM_WIDTH = 200.0
GAUGE_WIDTH = 200.0
MOST_CELLS = 40


def term_bar(starts_at: datetime, due_at: datetime, until: datetime) -> Markup:
    """The bar of one term: what is spent at `until`, and a mark where the last quarter (at most 24 h) begins.

    `until` is now for an open clock, the instant of fulfilment for a closed one. A spent term is drawn full.
    """
    term = due_at - starts_at
    share = min(max((until - starts_at) / term, 0.0), 1.0) if term > timedelta(0) else 1.0
    soon = min(term / 4, LONGEST_DUE_SOON) / term if term > timedelta(0) else 0.25
    quarter = TERM_WIDTH * (1 - soon)
    return Markup(
        '<svg class="term" viewBox="0 0 200 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="bed" x=".5" y=".5" width="199" height="7"/>'
        '<rect class="spent" x="1" y="1" width="{spent:.1f}" height="6"/>'
        '<line class="quarter" x1="{quarter:.1f}" x2="{quarter:.1f}" y1="0" y2="8"/></svg>'
    ).format(spent=share * (TERM_WIDTH - 2), quarter=quarter)


def gauge(cells: Sequence[bool]) -> Markup:
    """One cell per point: full where it is filled, hatched where it is not; with very many points, full ones first."""
    if len(cells) > MOST_CELLS:
        filled = round(sum(cells) * MOST_CELLS / len(cells))
        # A rounded drawing must not look complete while a point is missing, nor empty while one is there.
        filled = min(max(filled, int(any(cells))), MOST_CELLS - int(not all(cells)))
        cells = [True] * filled + [False] * (MOST_CELLS - filled)
    step = GAUGE_WIDTH / len(cells) if cells else GAUGE_WIDTH
    drawn = Markup("").join(
        Markup('<rect class="{kind}" x="{x:.2f}" y=".5" width="{width:.2f}" height="11"/>').format(
            kind="full" if is_filled else "hole", x=index * step + 0.5, width=max(step - 2, 1.0)
        )
        for index, is_filled in enumerate(cells)
    )
    return Markup(
        '<svg class="gauge" viewBox="0 0 200 12" preserveAspectRatio="none" aria-hidden="true">{cells}</svg>'
    ).format(cells=drawn)


def risk_cells(risk: RiskInterval) -> Markup:
    """Three cells: solid up to the least risk, hatched up to the most that is still possible."""
    kinds = ["must" if level <= risk.least else "may" if level <= risk.most else "" for level in RiskLevel]
    drawn = Markup("").join(
        Markup('<rect class="{kind}" x="{x:.1f}" y=".5" width="18" height="11"/>').format(
            kind=f"cell {kind}".strip(), x=index * 21 + 0.5
        )
        for index, kind in enumerate(kinds)
    )
    return Markup('<svg viewBox="0 0 61.5 12" aria-hidden="true">{cells}</svg>').format(cells=drawn)


def qr_code(text: str) -> Markup:
    """A QR code, dark on light whatever the page is: scanners want it so."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(scale=5, border=4, dark="#000", light="#fff")
    return Markup(drawn)  # noqa: S704  # numbers and colours only: nothing of the text stands in it as text
