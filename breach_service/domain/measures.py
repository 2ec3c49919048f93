"""Measures: what was done about an incident, and what is still to be done, by whom and until when (GDPR Art. 33(3)(d)).

A measure has an owner and a due date; it ends as done, with its result, or as dropped, with the reason. Notices may
speak of it as far as its audience allows, and of one controller's part only where it is said to belong there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from breach_service.domain.text import Text

OTHER = "other"
"""The kind that says nothing of itself."""


def today_in(zone: str, now: datetime) -> date:
    """The day that it is in a zone."""
    return now.astimezone(ZoneInfo(zone)).date()


class MeasureState(StrEnum):
    """Where a measure stands."""

    PLANNED = "planned"
    DONE = "done"
    DROPPED = "dropped"


class Audience(StrEnum):
    """Who may read of a measure, beyond the team and the register, in the words in which it was written down."""

    TEAM = "team"
    AUTHORITY = "authority"
    """The authority's form too."""
    EVERYBODY = "everybody"
    """Letters to clients and to the persons concerned too: they must name no machine and nobody else."""


@dataclass(frozen=True)
class Measure:
    """One measure. Instants in UTC; `due_on` is a day in the zone of the organisation."""

    id: int
    incident: int
    what: str
    """One line."""
    owner: str
    """Who answers for it, by name."""
    due_on: date | None
    """None only for what was done already when it was written down."""
    state: MeasureState
    planned_at: datetime
    planned_by: str
    kind: str = ""
    """A choice of the fact `measures.taken`, in whose words any letter may speak of it; empty where it is none."""
    perimeter: str = ""
    """Key of the perimeter that it is about; empty: the whole incident."""
    audience: Audience = Audience.AUTHORITY
    is_follow_up: bool = False
    """True where the review after the incident asked for it."""
    outcome: str = ""
    """What came of it; of a dropped one why."""
    settled_on: date | None = None
    """On which day it was done or dropped, as far as somebody said."""
    settled_by: str = ""
    owner_id: int | None = None
    """The account of the owner, where they have one."""
    revision: int = 1
    """How often it was changed, from 1."""

    @property
    def is_open(self) -> bool:
        """True while it is to be done."""
        return self.state is MeasureState.PLANNED

    def is_overdue(self, today: date) -> bool:
        """True where it is to be done and its day has passed."""
        return self.is_open and self.due_on is not None and self.due_on < today

    def is_of(self, perimeter: str) -> bool:
        """True where it is about this part of the incident, or about all of it."""
        return self.perimeter in ("", perimeter)


@dataclass(frozen=True)
class MeasurePart:
    """A measure as a letter may speak of it: in its own words, in those of its kind, or both."""

    is_done: bool
    kind: str
    """Empty where it has none, or where its kind says nothing."""
    label: Text | None
    """The words of its kind."""
    words: str
    """Empty where the letter may only say of which kind it was."""
    on: date | None
    """The day on which it was done, or is to be done."""


FULL_WORDS = {"cnil": (Audience.AUTHORITY, Audience.EVERYBODY)}
"""Which audiences a letter quotes; every other letter only what everybody may read."""


def parts_for(
    measures: Iterable[Measure], perimeter: str, slug: str, labels: Mapping[str, Text]
) -> tuple[MeasurePart, ...]:  # fmt: skip
    """What the letter `slug` about one perimeter may say of measures, done ones first, then by day.

    `labels` are the words of the kinds.

    What was dropped is no measure any more. A kind is a closed word and says nothing of anybody else, so that a
    measure for the team and the authority appears in other letters by its kind, once it is done; one that is only
    planned would promise what its own words do not say.
    """
    audiences = FULL_WORDS.get(slug, (Audience.EVERYBODY,))
    found: list[MeasurePart] = []
    for one in measures:
        if one.state is MeasureState.DROPPED or not one.is_of(perimeter) or one.audience is Audience.TEAM:
            continue
        is_done, is_quoted = one.state is MeasureState.DONE, one.audience in audiences
        kind = one.kind if is_done and one.kind != OTHER and one.kind in labels else ""
        if is_quoted or kind:
            on = one.settled_on if is_done else one.due_on
            found.append(MeasurePart(is_done, kind, labels.get(kind), one.what if is_quoted else "", on))
    return tuple(sorted(found, key=lambda one: (not one.is_done, one.on or date.max)))


class MeasureOrder(StrEnum):
    """In which order open measures are listed."""

    DUE = "due"
    OWNER = "owner"
    INCIDENT = "incident"


def in_order(measures: Iterable[Measure], order: MeasureOrder) -> list[Measure]:
    """Measures by due day, by owner or by incident; within one owner or incident by due day."""

    def key(one: Measure) -> tuple[object, ...]:
        due = (one.due_on or date.max, one.id)
        if order is MeasureOrder.OWNER:
            return (one.owner.casefold(), *due)
        return (-one.incident, *due) if order is MeasureOrder.INCIDENT else due

    return sorted(measures, key=key)
