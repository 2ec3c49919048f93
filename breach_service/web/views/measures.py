"""Measures on pages: those of one incident, the open ones of all, and what the page of an incident says of the work."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from breach_service.domain.access import Act
from breach_service.domain.assessment import PerimeterAssessment
from breach_service.domain.dossier import Dossier
from breach_service.domain.facts import FactType
from breach_service.domain.incident import IncidentStatus
from breach_service.domain.measures import Audience, Measure, MeasureOrder, MeasureState, in_order, today_in
from breach_service.domain.review import ReviewStanding, is_review_late
from breach_service.store.measures import ListedMeasure
from breach_service.store.reviews import AwaitedReview

MEASURE_FIELDS = ("what", "owner_id", "owner", "due_on", "kind", "perimeter", "audience", "outcome", "done_on")
"""The fields of the form."""
MOST_ON_INCIDENT = 5
"""Open measures that the page of an incident names; all stand on a page of their own."""
PEOPLE_MOST = 500


@dataclass(frozen=True)
class MeasureLine:
    """One measure."""

    id: int
    what: str
    kind: str
    """In words, empty where it has none."""
    owner: str
    due_on: date | None
    state: MeasureState
    is_overdue: bool
    is_follow_up: bool
    outcome: str
    settled_on: date | None
    settled_by: str
    planned_by: str
    part: str
    """Whose part it is about; empty: the whole incident."""
    audience: Audience
    revision: int
    typed: Mapping[str, str]
    """The fields of the form that changes it."""
    reference: str = ""
    """Of its incident, in a list over incidents."""
    title: str = ""


@dataclass(frozen=True)
class MeasureForm:
    """What the form to plan a measure offers, and what was typed."""

    owners: tuple[tuple[int, str], ...]
    kinds: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, str], ...]
    """Key and name of each perimeter, where there are several."""
    audiences: tuple[Audience, ...] = tuple(Audience)
    typed: Mapping[str, str] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True)
class MeasuresPage:
    """The context variable `page` of `incident_measures.html`."""

    reference: str
    title: str
    open: tuple[MeasureLine, ...]
    over: tuple[MeasureLine, ...]
    overdue: int
    form: MeasureForm
    may_manage: bool
    today: date
    now: datetime
    changing: int = 0
    """The number of the measure whose form could not be taken; 0: that of the new one."""


def measures_page(
    dossier: Dossier, owners: Sequence[tuple[int, str]], kinds: FactType | None, language: str, now: datetime,
    may: frozenset[str], *, typed: Mapping[str, str] | None = None, error: str = "", changing: int = 0,
) -> MeasuresPage:  # fmt: skip
    """The measures of one incident; `kinds` is the fact whose choices are the kinds of measures."""
    today = today_in(dossier.organisation.zone, now)
    lines = [measure_line(one, dossier, kinds, language, today) for one in dossier.measures]
    by_id = {one.id: one for one in lines}
    ordered = [by_id[one.id] for one in in_order(dossier.measures, MeasureOrder.DUE)]
    return MeasuresPage(
        reference=dossier.incident.reference,
        title=dossier.incident.title,
        open=tuple(one for one in ordered if one.state is MeasureState.PLANNED),
        over=tuple(one for one in reversed(lines) if one.state is not MeasureState.PLANNED),
        overdue=sum(one.is_overdue for one in lines),
        form=measure_form(dossier, owners, kinds, language, typed, error),
        may_manage=Act.MANAGE_MEASURES in may and dossier.incident.status is not IncidentStatus.MERGED,
        today=today,
        now=now,
        changing=changing,
    )


def measure_form(
    dossier: Dossier, owners: Sequence[tuple[int, str]], kinds: FactType | None, language: str,
    typed: Mapping[str, str] | None = None, error: str = "",
) -> MeasureForm:  # fmt: skip
    """The form with what was typed; a fresh one is for the team and the authority."""
    kept = {name: (typed or {}).get(name, "") for name in MEASURE_FIELDS}
    choices = (kinds.choices if kinds else None) or {}
    parts = dossier.assessment.perimeters
    return MeasureForm(
        owners=tuple(owners[:PEOPLE_MOST]),
        kinds=tuple((key, text.in_language(language)) for key, text in choices.items()),
        parts=tuple((one.perimeter.key, one.perimeter.controller) for one in parts) if len(parts) > 1 else (),
        typed={**kept, "audience": kept["audience"] or str(Audience.AUTHORITY)},
        error=error,
    )


def measure_line(
    one: Measure, dossier: Dossier, kinds: FactType | None, language: str, today: date
) -> MeasureLine:  # fmt: skip
    """A measure with the words of its kind and the name of its part."""
    assessed = dossier.perimeter(one.perimeter) if one.perimeter else None
    return _line(one, _kind(one, kinds, language), _part(one, assessed), today)


def _kind(one: Measure, kinds: FactType | None, language: str) -> str:
    known = ((kinds.choices if kinds else None) or {}).get(one.kind)
    return known.in_language(language) if known else one.kind


def _part(one: Measure, assessed: PerimeterAssessment | None) -> str:
    return assessed.perimeter.controller if assessed else one.perimeter


def _line(one: Measure, kind: str, part: str, today: date, reference: str = "", title: str = "") -> MeasureLine:
    return MeasureLine(
        id=one.id, what=one.what, kind=kind, owner=one.owner, due_on=one.due_on, state=one.state,
        is_overdue=one.is_overdue(today), is_follow_up=one.is_follow_up, outcome=one.outcome,
        settled_on=one.settled_on, settled_by=one.settled_by, planned_by=one.planned_by, part=part,
        audience=one.audience, revision=one.revision, typed=_typed(one), reference=reference, title=title,
    )  # fmt: skip


def _typed(one: Measure) -> dict[str, str]:
    return {
        "what": one.what, "owner_id": str(one.owner_id or ""), "owner": "" if one.owner_id else one.owner,
        "due_on": one.due_on.isoformat() if one.due_on else "", "kind": one.kind, "perimeter": one.perimeter,
        "audience": str(one.audience), "outcome": "", "done_on": "",
    }  # fmt: skip


# ── All open measures


@dataclass(frozen=True)
class ReviewLine:
    """An incident that waits for its review. Instants in UTC."""

    reference: str
    title: str
    ended_at: datetime | None
    is_begun: bool
    is_late: bool


@dataclass(frozen=True)
class MeasureBoard:
    """The context variable `page` of `measures.html`."""

    lines: tuple[MeasureLine, ...]
    total: int
    overdue: int
    order: MeasureOrder
    is_mine: bool
    is_overdue_only: bool
    reviews: tuple[ReviewLine, ...]
    now: datetime


def measure_board(
    found: Iterable[ListedMeasure], awaited: Iterable[AwaitedReview], counts: tuple[int, int], kinds: FactType | None,
    language: str, zone: str, now: datetime, *, order: MeasureOrder = MeasureOrder.DUE, is_mine: bool = False,
    is_overdue_only: bool = False,
) -> MeasureBoard:  # fmt: skip
    """The open measures of all incidents that are seen; `counts` are all open ones and the overdue ones among them."""
    today, listed = today_in(zone, now), {one.measure.id: one for one in found}
    ordered = in_order((one.measure for one in listed.values()), order)
    return MeasureBoard(
        lines=tuple(
            _line(one, _kind(one, kinds, language), "", today, listed[one.id].reference, listed[one.id].title)
            for one in ordered
        ),
        total=counts[0],
        overdue=counts[1],
        order=order,
        is_mine=is_mine,
        is_overdue_only=is_overdue_only,
        reviews=tuple(
            ReviewLine(one.reference, one.title, one.ended_at, one.begun_at is not None,
                       is_review_late(one.ended_at, now))
            for one in awaited
        ),
        now=now,
    )  # fmt: skip


# ── On the page of an incident


@dataclass(frozen=True)
class WorkView:
    """The context variable `work` of `incident.html`."""

    reference: str
    open: tuple[MeasureLine, ...]
    more: int
    done: int
    overdue: int
    evidence: int
    lost: int
    """Pieces of evidence whose last verification found another digest."""
    review: ReviewStanding
    is_review_late: bool
    may_manage: bool
    may_keep: bool
    may_review: bool


def work_view(
    dossier: Dossier, evidence: tuple[int, int], review: ReviewStanding, ended_at: datetime | None,
    kinds: FactType | None, language: str, now: datetime, may: frozenset[str],
) -> WorkView:  # fmt: skip
    """What the page of an incident says of measures, evidence and review; `evidence` counts pieces and those lost."""
    today = today_in(dossier.organisation.zone, now)
    still = in_order((one for one in dossier.measures if one.is_open), MeasureOrder.DUE)
    is_here = dossier.incident.status is not IncidentStatus.MERGED
    return WorkView(
        reference=dossier.incident.reference,
        open=tuple(measure_line(one, dossier, kinds, language, today) for one in still[:MOST_ON_INCIDENT]),
        more=max(len(still) - MOST_ON_INCIDENT, 0),
        done=sum(one.state is MeasureState.DONE for one in dossier.measures),
        overdue=sum(one.is_overdue(today) for one in still),
        evidence=evidence[0],
        lost=evidence[1],
        review=review,
        is_review_late=review in (ReviewStanding.ASKED, ReviewStanding.BEGUN) and is_review_late(ended_at, now),
        may_manage=is_here and Act.MANAGE_MEASURES in may,
        may_keep=is_here and Act.KEEP_EVIDENCE in may,
        may_review=is_here and Act.REVIEW_INCIDENT in may,
    )
