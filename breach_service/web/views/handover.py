"""The page on which somebody's leaving is arranged, and the one on which work is taken on."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from breach_service.acts.people.handover import Offer
from breach_service.domain.access import UserRole
from breach_service.domain.handover import OpenWork, Work, WorkKind

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class WorkLine:
    """One thing that rests on somebody. `reference` is empty where it is about no incident, or one that is hidden."""

    kind: WorkKind
    reference: str
    is_hidden: bool
    """True where it is about an incident that the reader does not see."""
    due_at: datetime | None


@dataclass(frozen=True)
class OfferCard:
    """A handover as it stands. Instants in UTC."""

    number: int
    leaver: str
    successor: str
    by: str
    reason: str
    started_at: datetime
    accepted_at: datetime | None
    withdrawn_at: datetime | None
    work: tuple[WorkLine, ...]

    @property
    def is_waiting(self) -> bool:
        """True while it can be accepted."""
        return self.accepted_at is None and self.withdrawn_at is None


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be chosen as a successor."""

    number: int
    name: str
    role: UserRole
    is_chosen: bool


@dataclass(frozen=True)
class LeavePage:
    """The context variable `page` of `leave.html`."""

    number: int
    name: str
    role: UserRole
    is_disabled: bool
    work: tuple[WorkLine, ...]
    """What nobody has accepted yet."""
    offers: tuple[OfferCard, ...]
    candidates: tuple[Candidate, ...]
    reason: str
    error: str

    @property
    def can_leave(self) -> bool:
        """True where nothing rests on them any more."""
        return not self.work and not self.is_disabled


@dataclass(frozen=True)
class HandoverPage:
    """The context variable `page` of `handover.html`: what waits for the reader."""

    offers: tuple[OfferCard, ...]
    error: str


def work_lines(items: Iterable[Work], seen: Collection[int]) -> tuple[WorkLine, ...]:
    """Work as it is shown to whoever sees these incidents, the nearest date first."""
    lines = [_line(one, one.incident is None or one.incident in seen) for one in items]
    order = tuple(WorkKind)
    return tuple(sorted(lines, key=lambda one: (order.index(one.kind), one.due_at or NEVER)))


def _line(one: Work, is_seen: bool) -> WorkLine:
    return WorkLine(one.kind, one.reference if is_seen else "", not is_seen, one.due_at if is_seen else None)


def offer_card(one: Offer, seen: Collection[int]) -> OfferCard:
    """A handover as it is shown."""
    return OfferCard(
        one.number, one.leaver, one.successor, one.by, one.reason, one.started_at, one.accepted_at, one.withdrawn_at,
        work_lines(one.work, seen),
    )  # fmt: skip


def leave_page(
    person: tuple[int, str, UserRole, bool], work: OpenWork, offers: Sequence[Offer], seen: Collection[int],
    candidates: Iterable[tuple[int, str, UserRole]], *, successor: int | None = None, reason: str = "",
    error: str = "",
) -> LeavePage:  # fmt: skip
    """`person`: number, name, role, whether disabled; the form as it was typed, where it could not be taken."""
    number, name, role, is_disabled = person
    return LeavePage(
        number, name, role, is_disabled, work_lines(work.items, seen),
        tuple(offer_card(one, seen) for one in offers),
        tuple(Candidate(one, who, held, one == successor) for one, who, held in candidates if one != number),
        reason, error,
    )  # fmt: skip


def handover_page(offers: Iterable[Offer], seen: Collection[int], error: str = "") -> HandoverPage:
    """What waits for the reader to accept it."""
    return HandoverPage(tuple(offer_card(one, seen) for one in offers), error)
