"""The review after an incident: when it is asked for, and what it needs before it can be closed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from breach_service.domain.review import (
    REVIEW_WITHIN,
    Missing,
    Review,
    ReviewStanding,
    ReviewText,
    is_review_late,
    missing_in,
    standing_of,
)

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
WHOLE = ReviewText("It broke.", "The page.", "", "No backup.", "Nothing.", ("Zoé",))
BEGUN = Review(1, WHOLE, False, NOW, "Zoé")


def test_a_review_is_asked_for_once_an_incident_is_handled() -> None:
    """Not while it goes on, and not of what was no breach."""
    assert standing_of(None, is_handled=False, is_over_as_none=False) is ReviewStanding.NOT_YET
    assert standing_of(None, is_handled=True, is_over_as_none=False) is ReviewStanding.ASKED
    assert standing_of(None, is_handled=False, is_over_as_none=True) is ReviewStanding.NOT_ASKED


@pytest.mark.parametrize("is_handled", [True, False])
def test_what_was_begun_is_begun_however_the_incident_stands(is_handled: bool) -> None:
    """Nothing that was written is hidden because an incident was opened again."""
    closed = replace(BEGUN, is_closed=True)
    assert standing_of(BEGUN, is_handled=is_handled, is_over_as_none=False) is ReviewStanding.BEGUN
    assert standing_of(closed, is_handled=is_handled, is_over_as_none=False) is ReviewStanding.CLOSED


def test_what_is_missing_is_named_in_the_order_of_the_form() -> None:
    """What went well or what went badly: one of the two is enough."""
    assert missing_in(ReviewText()) == tuple(Missing)
    assert missing_in(WHOLE) == ()
    assert missing_in(replace(WHOLE, went_well="", went_badly="The rota.")) == ()
    assert missing_in(replace(WHOLE, went_well="", participants=())) == (
        Missing.WENT_WELL_OR_BADLY, Missing.PARTICIPANTS,
    )  # fmt: skip


def test_a_review_is_late_a_month_after_the_end() -> None:
    """Of an incident that has not ended it is never late."""
    assert not is_review_late(NOW, NOW + REVIEW_WITHIN)
    assert is_review_late(NOW, NOW + REVIEW_WITHIN + timedelta(seconds=1))
    assert not is_review_late(None, NOW)
