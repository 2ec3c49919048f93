"""The time line of a page: every instant and every term, drawn and as a list that says the same."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from breach_service.domain.calendar import Calendar, is_working_day
from breach_service.domain.deadlines import Obligation, state_of
from breach_service.domain.dossier import Dossier
from breach_service.domain.incident import ClockState, InstantKind, not_taken_back
from breach_service.web.time_line import Bar, BarState, Flag, PlacedBar, PlacedFlag, TimeLine, time_line
from breach_service.web.views.clocks import is_drawn_provisional
from breach_service.web.views.pieces import Badge, Recipient, badge_for, recipient_of

MOST_BARS = 8
MOST_FLAGS = 12
LONGEST_NAME = 44
_LETTERS_OF_AN_INSTANT = 40
_LETTERS_AROUND_A_NAME = 34
_BAR_STATES: dict[ClockState, BarState] = {
    ClockState.RUNNING: "run",
    ClockState.DUE_SOON: "soon",
    ClockState.OVERDUE: "over",
    ClockState.PASSED: "soon",
    ClockState.FULFILLED: "done",
}


@dataclass(frozen=True)
class Moment:
    """An instant: one of `InstantKind`, or `sent` with the recipient of the notice."""

    at: datetime
    code: str
    recipient: Recipient | None = None

    @property
    def is_sure(self) -> bool:
        """When it began is nearly always supposed; the rest somebody saw or did."""
        return self.code != InstantKind.OCCURRED_AT


@dataclass(frozen=True)
class Term:
    """A term, for one recipient or for several that share it."""

    obligation: Obligation
    recipient: Recipient
    others: int
    badge: Badge
    is_provisional: bool


@dataclass(frozen=True)
class Item:
    """One line of the list: a moment, now, or the end of a term."""

    at: datetime
    css: str
    moment: Moment | None = None
    term: Term | None = None


@dataclass(frozen=True)
class TimelineView:
    """The drawing, what stands at each of its marks, and the list."""

    drawing: TimeLine
    flags: tuple[tuple[PlacedFlag, Moment], ...]
    bars: tuple[tuple[PlacedBar, Term], ...]
    items: tuple[Item, ...]
    hidden_terms: int
    first_at: datetime
    last_at: datetime
    now: datetime


def timeline_view(dossier: Dossier, now: datetime) -> TimelineView | None:
    """Instants above, terms below; None only where there is nothing to draw."""
    moments, terms = moments_of(dossier), terms_of(dossier, now)
    shown = terms[:MOST_BARS]
    flags = [Flag(one.at, _letters(one.recipient) + 12) for one in moments]
    bars = [
        Bar(
            one.obligation.triggered_at,
            one.obligation.due_at,
            _BAR_STATES[state_of(one.obligation, now)],
            _letters(one.recipient),
            one.obligation.fulfilled_at,
        )
        for one in shown
        if one.obligation.due_at
    ]
    organisation = dossier.organisation
    drawing = time_line(flags, bars, now, ZoneInfo(organisation.zone), rest_days(Calendar(organisation.calendar)))
    if drawing is None:
        return None
    items = _items(moments, terms, now)
    return TimelineView(
        drawing=drawing,
        flags=tuple(zip(drawing.flags, moments, strict=True)),
        bars=tuple(zip(drawing.bars, shown, strict=True)),
        items=items,
        hidden_terms=len(terms) - len(shown),
        first_at=items[0].at,
        last_at=items[-1].at,
        now=now,
    )


def rest_days(calendar: Calendar) -> Callable[[date], bool]:
    """Weekends and public holidays; where the holidays of a year are not known, weekends only."""

    def is_rest_day(day: date) -> bool:
        try:
            return not is_working_day(day, calendar)
        except ValueError:
            return day.weekday() >= 5

    return is_rest_day


def _shortened(recipient: Recipient) -> Recipient:
    name = recipient.name
    return recipient if len(name) <= LONGEST_NAME else replace(recipient, name=name[: LONGEST_NAME - 1].rstrip() + "…")


def _letters(recipient: Recipient | None) -> int:
    name = min(len(recipient.name), LONGEST_NAME) if recipient else 0
    return name + _LETTERS_AROUND_A_NAME if name else _LETTERS_OF_AN_INSTANT


def moments_of(dossier: Dossier) -> tuple[Moment, ...]:
    """The instants that count, the latest record of each kind, and each sending; in order, at most `MOST_FLAGS`."""
    latest = {one.kind: one.at for one in sorted(not_taken_back(dossier.instants), key=lambda one: one.recorded)}
    latest.setdefault(InstantKind.DETECTED_AT, dossier.incident.detected_at)
    moments = [Moment(at, str(kind)) for kind, at in latest.items()]
    names = {one.id: one.name for one in dossier.inventory.clients}
    by_id = {one.id: one for one in dossier.obligations}
    sent = [
        Moment(one.sent_at, "sent", _shortened(recipient_of(by_id[one.obligation], names)))
        for one in dossier.filings
        if one.obligation in by_id
    ]
    return tuple(sorted([*moments, *sent[-(MOST_FLAGS - len(moments)) :]], key=lambda one: one.at))


def terms_of(dossier: Dossier, now: datetime) -> tuple[Term, ...]:
    """Every term with a date that is or was owed; recipients whose terms agree in all share one."""
    names = {one.id: one.name for one in dossier.inventory.clients}
    alike: dict[object, list[Obligation]] = {}
    for one in dossier.clocks(now):
        if one.due_at and state_of(one, now) in _BAR_STATES:
            terms = (one.terms, one.triggered_at, one.due_at, one.fulfilled_at, one.is_provisional, one.advice)
            alike.setdefault(terms, []).append(one)
    return tuple(_term(some, names, now) for some in alike.values())


def _term(some: list[Obligation], names: dict[str, str], now: datetime) -> Term:
    first = some[0]
    badge = badge_for(state_of(first, now), first.is_provisional, first.advice)
    return Term(first, _shortened(recipient_of(first, names)), len(some) - 1, badge, is_drawn_provisional(badge))


def _items(moments: Iterable[Moment], terms: Iterable[Term], now: datetime) -> tuple[Item, ...]:
    items = [Item(one.at, "sure" if one.is_sure else "", moment=one) for one in moments]
    items.append(Item(now, "is-now"))
    for one in terms:
        if one.obligation.fulfilled_at is None and one.obligation.due_at:
            css = ["later", *(["maybe"] if one.is_provisional else []), one.badge.css.removeprefix("is-")]
            items.append(Item(one.obligation.due_at, " ".join(css), term=one))
    return tuple(sorted(items, key=lambda one: one.at))
