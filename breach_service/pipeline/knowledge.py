"""What incidents are judged by at one moment: the content and the inventory in force, and the service's own terms."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from breach_service.catalog import Catalogue
from breach_service.domain.inventory import Inventory


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

    @property
    def organisation(self) -> str:
        """The organisation that new incidents belong to."""
        return self.inventory.organisations[0].id

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's zone: days and calendar months are counted in it."""
        return ZoneInfo(self.inventory.organisations[0].zone)
