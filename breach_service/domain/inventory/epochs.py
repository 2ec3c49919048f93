"""Between which days the inventory does not change: what was found out for one of them holds for all of them."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from breach_service.domain.inventory.activities import DataCategory
from breach_service.domain.inventory.dating import during
from breach_service.domain.inventory.parts import Contact, Part
from breach_service.domain.inventory.systems import System
from breach_service.domain.inventory.whole import Inventory

Epoch: TypeAlias = tuple[int, int]
"""Between which changes the first and the last day of a breach lie; the same pair means the same inventory."""
NO_EPOCH: Epoch = (0, 0)
_A_DAY = timedelta(days=1)


def days_of_change(inventory: Inventory) -> tuple[date, ...]:
    """The days on which something begins to hold, or holds no more; none where nothing is dated."""
    found = {day for one in _days_in(inventory) for day in (one, min(one, date.max - _A_DAY) + _A_DAY)}
    return tuple(sorted(found))


def _days_in(part: object) -> Iterator[date]:
    if isinstance(part, Part):
        # When somebody last made sure of an address changes nothing of what holds.
        passed_over = {"verified_on"} if isinstance(part, Contact) else set()
        for name in type(part).model_fields:
            if name not in passed_over:
                yield from _days_in(getattr(part, name))
    elif isinstance(part, tuple):
        for one in part:
            yield from _days_in(one)
    elif isinstance(part, date):
        yield part


def epoch_between(days: tuple[date, ...], begun_at: datetime, ended_at: datetime, zone: ZoneInfo) -> Epoch:
    """The epoch of a breach between two aware instants; `days` are those of `days_of_change`, sorted."""
    if not days:
        return NO_EPOCH
    first, last = begun_at.astimezone(zone).date(), ended_at.astimezone(zone).date()
    return bisect_right(days, first), bisect_right(days, last)


def for_breach(inventory: Inventory, begun_at: datetime, ended_at: datetime) -> Inventory:
    """What a breach between two aware instants may have touched; no system is left out.

    That a system is concerned was said by alerts or by people, whatever day the inventory ends it on: it stands there
    with those of its activities that held. Where none of them did it keeps them all: what was once there may still
    be, and an unknown is never a no.
    """
    dated = during(inventory, begun_at, ended_at)
    held = {one.id for one in dated.activities}
    systems = tuple(_system(one, held) for one in inventory.systems)
    kept = {activity for one in systems for activity in one.activities} - held
    if not kept:
        return dated.model_copy(update={"systems": systems})
    known = {one.id for one in dated.clients}
    categories = (*dated.data_categories, *_named(inventory, kept, {one.id for one in dated.data_categories}))
    activities = (
        *dated.activities,
        *(
            one.model_copy(update={"clients": tuple(client for client in one.clients if client in known)})
            for one in inventory.activities
            if one.id in kept
        ),
    )
    return dated.model_copy(update={"systems": systems, "activities": activities, "data_categories": categories})


def _system(system: System, held: set[str]) -> System:
    activities = tuple(one for one in system.activities if one in held)
    return system if not activities else system.model_copy(update={"activities": activities})


def _named(inventory: Inventory, activities: set[str], there: set[str]) -> Iterable[DataCategory]:
    """Categories of data that only activities name which do not hold any more."""
    named = {one for each in inventory.activities if each.id in activities for one in each.data}
    return (one for one in inventory.data_categories if one.id in named - there)


def narrowed(inventory: Inventory, activities: dict[str, frozenset[str]]) -> Inventory:
    """An inventory in which some systems hold only these of their activities; the others stand as they are."""
    systems = tuple(
        one.model_copy(update={"activities": tuple(each for each in one.activities if each in activities[one.id])})
        if one.id in activities
        else one
        for one in inventory.systems
    )
    return inventory.model_copy(update={"systems": systems})
