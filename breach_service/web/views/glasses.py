"""Broken glasses: the form that breaks one, and the page on which they are reviewed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.decisions.glass import Reachable
from breach_service.domain.access import Act, BrokenGlass, MandateKind


@dataclass(frozen=True)
class AbleLine:
    """Somebody who can decide."""

    name: str
    kind: MandateKind
    number: int
    to_at: datetime | None


@dataclass(frozen=True)
class GlassLine:
    """One broken glass. Instants in UTC."""

    id: int
    reference: str
    name: str
    at: datetime
    ends_at: datetime
    reason: str
    tried: str
    is_open: bool
    is_own: bool
    reviewed_at: datetime | None
    reviewed_by: str
    review: str
    may_review: bool


def glass_line(
    one: BrokenGlass, reference: str, person: int | None, may: frozenset[str], now: datetime
) -> GlassLine:  # fmt: skip
    """A broken glass as its row; whoever broke it does not review it."""
    is_own = one.person == person
    return GlassLine(
        id=one.id, reference=reference, name=one.name, at=one.at, ends_at=one.ends_at, reason=one.reason,
        tried=one.tried, is_open=one.is_open(now), is_own=is_own, reviewed_at=one.reviewed_at,
        reviewed_by=one.reviewed_by, review=one.review,
        may_review=one.reviewed_at is None and not is_own and Act.REVIEW_GLASS in may,
    )  # fmt: skip


@dataclass(frozen=True)
class GlassPage:
    """The context variable `page` of `glasses.html`."""

    outstanding: tuple[GlassLine, ...]
    reviewed: tuple[GlassLine, ...]
    now: datetime
    typed: str = ""
    typed_for: int = 0
    error: str = ""


def glasses_page(
    found: Iterable[tuple[BrokenGlass, str]], person: int | None, may: frozenset[str], now: datetime,
    typed: str = "", typed_for: int = 0, error: str = "",
) -> GlassPage:  # fmt: skip
    """Every broken glass that the reader may know of: what waits for a review first."""
    lines = [glass_line(one, reference, person, may, now) for one, reference in found]
    return GlassPage(
        outstanding=tuple(one for one in lines if one.reviewed_at is None),
        reviewed=tuple(one for one in reversed(lines) if one.reviewed_at is not None),
        now=now, typed=typed, typed_for=typed_for, error=error,
    )  # fmt: skip


@dataclass(frozen=True)
class BreakPage:
    """The context variable `page` of `glass.html`: the form that breaks the glass of one incident."""

    reference: str
    title: str
    there: tuple[AbleLine, ...]
    away: tuple[AbleLine, ...]
    hours: float
    now: datetime
    on_call: tuple[tuple[str, str], ...] = ()
    """Level and name of whoever is on call now; empty where no rota says so."""
    reason: str = ""
    tried: str = ""
    error: str = ""


def break_page(
    reference: str, title: str, reach: Reachable, hours: float, now: datetime,
    on_call: Iterable[tuple[str, str]] = (), reason: str = "", tried: str = "", error: str = "",
) -> BreakPage:  # fmt: skip
    """Who should be reached first, and what is asked of whoever breaks the glass."""
    there, away = (
        tuple(AbleLine(one.name, one.kind, one.id, one.to_at) for one in some) for some in (reach.there, reach.away)
    )
    return BreakPage(reference, title, there, away, hours, now, tuple(on_call), reason, tried, error)
