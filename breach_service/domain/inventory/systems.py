"""What runs, and how alerts find it."""

from ipaddress import ip_network
from typing import Any, Self

from pydantic import Field, model_validator

from breach_service.domain.inventory.parts import Dated, Id, Part
from breach_service.domain.text import Text


class SystemMatch(Part):
    """How alerts find a system; one match is enough."""

    hosts: tuple[str, ...] = ()
    """Host names; `*` and `?` are wildcards; compared in lower case, with and without the domain."""
    networks: tuple[str, ...] = ()
    """Address ranges (CIDR)."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Labels that must all be there with these values."""
    accounts: tuple[str, ...] = ()
    """Cloud accounts, projects, subscriptions, tenants, as their provider writes them, in any case."""
    applications: tuple[str, ...] = ()
    """Names of applications, in any case."""

    @model_validator(mode="after")
    def _networks_are_ranges(self) -> Self:
        for text in self.networks:
            ip_network(text)
        return self


class System(Dated):
    """What runs."""

    id: Id
    name: Text
    description: Text | None = None
    match: SystemMatch = SystemMatch()
    activities: tuple[Id, ...] = ()
    """The processing activities whose data it holds or carries."""
    is_in_production: bool = True
    facts: dict[str, Any] = Field(default_factory=dict)
    """Facts that hold for this system until somebody records otherwise (encryption.state_of_the_art: yes …)."""
