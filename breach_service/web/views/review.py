"""The review after an incident, with the measures that it asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.access import Act
from breach_service.domain.dossier import Dossier
from breach_service.domain.facts import FactType
from breach_service.domain.incident import IncidentStatus
from breach_service.domain.measures import today_in
from breach_service.domain.review import Missing, Review, ReviewStanding, ReviewText, is_review_late, missing_in
from breach_service.web.views.measures import MeasureForm, MeasureLine, measure_form, measure_line

REVIEW_FIELDS = ("what_happened", "went_well", "went_badly", "causes", "to_change")
"""The fields of the form that are texts; `participants` are lines."""


@dataclass(frozen=True)
class ReviewPage:
    """The context variable `page` of `incident_review.html`. Instants in UTC."""

    reference: str
    title: str
    standing: ReviewStanding
    is_handled: bool
    is_late: bool
    text: Mapping[str, str]
    participants: tuple[str, ...]
    revision: int
    saved_at: datetime | None
    saved_by: str
    reopened_because: str
    missing: tuple[Missing, ...]
    revisions: tuple[Review, ...]
    """The earlier ones, newest first."""
    follow_ups: tuple[MeasureLine, ...]
    form: MeasureForm
    may_review: bool
    may_manage: bool
    people: tuple[str, ...]
    """Names to choose from."""
    now: datetime
    error: str = ""


def review_page(
    dossier: Dossier, revisions: Sequence[Review], standing: ReviewStanding, ended_at: datetime | None,
    owners: Sequence[tuple[int, str]], kinds: FactType | None, language: str, now: datetime, may: frozenset[str], *,
    is_handled: bool, typed: ReviewText | None = None, error: str = "", typed_measure: Mapping[str, str] | None = None,
    measure_error: str = "",
) -> ReviewPage:  # fmt: skip
    """The review as it stands, or with what was typed where it could not be taken."""
    latest = revisions[-1] if revisions else None
    text = typed or (latest.text if latest else ReviewText())
    today, is_here = today_in(dossier.organisation.zone, now), dossier.incident.status is not IncidentStatus.MERGED
    is_awaited = standing in (ReviewStanding.ASKED, ReviewStanding.BEGUN)
    return ReviewPage(
        reference=dossier.incident.reference,
        title=dossier.incident.title,
        standing=standing,
        is_handled=is_handled,
        is_late=is_awaited and is_review_late(ended_at, now),
        text={name: getattr(text, name) for name in REVIEW_FIELDS},
        participants=text.participants,
        revision=latest.revision if latest else 0,
        saved_at=latest.at if latest else None,
        saved_by=latest.by if latest else "",
        reopened_because=latest.reason if latest else "",
        missing=missing_in(text),
        revisions=tuple(reversed(revisions[:-1])),
        follow_ups=tuple(
            measure_line(one, dossier, kinds, language, today) for one in dossier.measures if one.is_follow_up
        ),
        form=measure_form(dossier, owners, kinds, language, typed_measure, measure_error),
        may_review=is_here and Act.REVIEW_INCIDENT in may,
        may_manage=is_here and Act.MANAGE_MEASURES in may,
        people=tuple(name for _, name in owners),
        now=now,
        error=error,
    )
