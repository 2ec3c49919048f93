"""Tidy up: what was kept long enough goes, a slice at a time (GDPR Art. 5(1)(e)).

Kept without end are the incidents with their episodes as counts, their facts, chronology, obligations and filings: the
register (Art. 33(5)) must show years later what was known and decided. What goes is what only led there: raw bodies,
which hold whatever a sender said, and episodes that opened and joined nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from breach_service.store import reports, tidying
from breach_service.store.database import Session, lock_placing

MOST = 500
"""Rows of each kind in one slice: others wait for it no longer than for a slice of alerts."""
STRANDS_LAST = timedelta(days=30)
"""What kept the alerts of an incident together is of no use once it ended."""

VISITS_LAST = timedelta(days=30)
"""So long somebody can see at `/account` which browsers were theirs after a session ended."""


@dataclass(frozen=True)
class Keep:
    """For how long what may go is kept; what only led to an incident counts from the end of the incident."""

    bodies: timedelta = timedelta(days=365)
    """Raw bodies, in episodes and in quarantine."""
    observed: timedelta = timedelta(days=180)
    """Episodes that stand in no incident, with their bodies; no longer than bodies are kept."""
    set_aside: timedelta = timedelta(days=90)
    """What reports say that were set aside; their lines stay."""


def tidy(session: Session, now: datetime, keep: Keep, most: int = MOST) -> int:
    """Let go of at most `most` rows of each kind; how many rows there were: none when everything is tidy."""
    lock_placing(session)
    return sum(
        (
            tidying.let_go_of_observed(session, now - min(keep.observed, keep.bodies), most),
            tidying.let_go_of_bodies(session, now - keep.bodies, most),
            tidying.let_go_of_quarantined(session, now - keep.bodies, most),
            reports.let_go_of_set_aside(session, now - keep.set_aside, now, most),
            tidying.let_go_of_strands(session, now - STRANDS_LAST, most),
            tidying.let_go_of_deliveries_seen(session, now, most),
            tidying.let_go_of_sessions(session, now - VISITS_LAST, most),
            tidying.let_go_of_links(session, now - VISITS_LAST, most),
            tidying.let_go_of_challenges(session, now, most),
        )
    )
