"""For a while nobody wants to be reminded of an incident: who said so, until when and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST_MUTE = timedelta(days=3)
"""Longer than a weekend, shorter than a term that the law counts in days."""


@dataclass(frozen=True)
class Mute:
    """Reminders of one incident are muted. It never covers what may wake, nor a date that has passed. UTC."""

    id: int
    until: datetime
    reason: str
    by: str
    at: datetime
