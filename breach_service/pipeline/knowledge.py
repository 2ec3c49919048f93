"""What incidents are judged by at one moment: the content and the inventory in force, and the service's own terms."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from breach_service.catalog import Catalogue
from breach_service.domain.calendar import Calendar
from breach_service.domain.inventory import Inventory
from breach_service.domain.inventory.epochs import NO_EPOCH, Epoch, days_of_change, epoch_between, for_breach, narrowed
from breach_service.domain.office_hours import OfficeHours
from breach_service.domain.reminders import Rhythm
from breach_service.domain.waking import Escalation

MOST_EPOCHS = 64
"""Dated inventories that are kept; when there are more all are forgotten."""

Narrowing = tuple[tuple[str, frozenset[str]], ...]
"""Of which activities alone some systems are concerned: (system, activities), in the order of the systems."""


@dataclass(frozen=True)
class Knowledge:
    """Values only; the composition root renews it when the content or the inventory changes."""

    catalogue: Catalogue
    inventory: Inventory
    inventory_revision: int
    qualification: timedelta
    """Within how long an incident must be qualified."""
    channels: tuple[str, ...]
    """Where cards and reminders go."""
    language: str = "fr"
    """Language of titles and messages."""
    at_work: tuple[time, time] = (time(9), time(18))
    """From when to when people are at work on working days, in the organisation's zone."""
    escalation: Escalation = field(default_factory=Escalation)
    """When the next ones are called where nobody answers."""
    _dated: dict[tuple[Epoch, Narrowing], Inventory] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def organisation(self) -> str:
        """The organisation that new incidents belong to."""
        return self.inventory.organisations[0].id

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's zone: days and calendar months are counted in it."""
        return ZoneInfo(self.inventory.organisations[0].zone)

    @property
    def calendar(self) -> Calendar:
        """The organisation's public holidays: working hours are counted without them."""
        return Calendar(self.inventory.organisations[0].calendar)

    @property
    def office_hours(self) -> OfficeHours:
        """When people are at work."""
        return OfficeHours(self.zone, self.calendar, *self.at_work)

    @property
    def rhythm(self) -> Rhythm:
        """How people are reminded of dates."""
        return Rhythm(self.catalogue.ladders, self.office_hours)

    @cached_property
    def _days(self) -> tuple[date, ...]:
        return days_of_change(self.inventory)

    def epoch(self, begun_at: datetime, ended_at: datetime) -> Epoch:
        """What the inventory of a breach between two instants (aware, in order) depends on; days, not hours."""
        return epoch_between(self._days, begun_at, ended_at, self.zone) if self._days else NO_EPOCH

    def inventory_during(self, begun_at: datetime, ended_at: datetime, narrowing: Narrowing = ()) -> Inventory:
        """The inventory as it stood between two instants (aware, in order), for the systems that are concerned.

        A former client stands in it until the deletion of its data is certified. Kept by the days between which
        nothing changes, so that it costs nothing while the same is asked again.
        """
        epoch = self.epoch(begun_at, ended_at)
        if epoch == NO_EPOCH and not self._days and not narrowing:
            return self.inventory
        question = epoch, narrowing
        found = self._dated.get(question)
        if found is None:
            found = for_breach(self.inventory, begun_at, ended_at) if self._days else self.inventory
            if narrowing:
                found = narrowed(found, dict(narrowing))
            if len(self._dated) >= MOST_EPOCHS:
                self._dated.clear()
            self._dated[question] = found
        return found

    def as_it_stood(self, begun_at: datetime, ended_at: datetime, narrowing: Narrowing = ()) -> "Knowledge":
        """The same with the inventory as it stood then."""
        inventory = self.inventory_during(begun_at, ended_at, narrowing)
        return self if inventory is self.inventory else replace(self, inventory=inventory)
