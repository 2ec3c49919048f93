"""The review after an incident: what happened, what went well and badly, why, and what is to change because of it.

It is asked for once an incident is closed or handled, so that it is learnt from (ISO/IEC 27035-1, lessons learnt; GDPR
Art. 24(1), measures are reviewed). Each saving is a revision of its own; the latest one is the review.
"""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum

REVIEW_WITHIN = timedelta(days=30)
"""How long after the end of an incident its review is due: later nobody remembers."""


@dataclass(frozen=True)
class ReviewText:
    """What a review says. Each part is plain text, empty while nobody wrote it."""

    what_happened: str = ""
    went_well: str = ""
    went_badly: str = ""
    causes: str = ""
    to_change: str = ""
    """What is to change in rules, grouping and playbooks; “nothing” is an answer."""
    participants: tuple[str, ...] = ()
    """Who took part, by name."""


@dataclass(frozen=True)
class Review:
    """One revision of a review; insert-only. `at` in UTC."""

    revision: int
    """From 1."""
    text: ReviewText
    is_closed: bool
    at: datetime
    by: str
    reason: str = ""
    """Why it was opened again; empty otherwise."""


class ReviewStanding(StrEnum):
    """Where the review of an incident stands."""

    NOT_YET = "not_yet"
    """The incident goes on: nothing is asked."""
    ASKED = "asked"
    BEGUN = "begun"
    CLOSED = "closed"
    NOT_ASKED = "not_asked"
    """It was no breach, or went into another incident: a review is possible, nobody waits for it."""


class Missing(StrEnum):
    """What a review lacks before it can be closed."""

    WHAT_HAPPENED = "what_happened"
    WENT_WELL_OR_BADLY = "went_well_or_badly"
    CAUSES = "causes"
    TO_CHANGE = "to_change"
    PARTICIPANTS = "participants"


def standing_of(latest: Review | None, *, is_handled: bool, is_over_as_none: bool) -> ReviewStanding:
    """Where a review stands.

    `is_handled`: the incident is closed, or confirmed with nothing owed any more. `is_over_as_none`: it was dismissed
    or went into another one.
    """
    if latest is not None:
        return ReviewStanding.CLOSED if latest.is_closed else ReviewStanding.BEGUN
    if is_over_as_none:
        return ReviewStanding.NOT_ASKED
    return ReviewStanding.ASKED if is_handled else ReviewStanding.NOT_YET


def missing_in(text: ReviewText) -> tuple[Missing, ...]:
    """What must still be written before the review can be closed, in the order of the form."""
    said = {one.name: bool(getattr(text, one.name)) for one in fields(text)}
    said["went_well_or_badly"] = said["went_well"] or said["went_badly"]
    return tuple(one for one in Missing if not said[str(one)])


def is_review_late(ended_at: datetime | None, now: datetime) -> bool:
    """True where an incident ended longer ago than a review may wait."""
    return ended_at is not None and now > ended_at + REVIEW_WITHIN
