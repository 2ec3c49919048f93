"""What alerts name and is not ours: said once, with the reason, so that nobody is asked again."""

from datetime import date
from typing import Self

from pydantic import model_validator

from breach_service.domain.inventory.parts import Dated, Id
from breach_service.domain.inventory.systems import SystemMatch


class Elsewhere(Dated):
    """A machine, an address or an application of somebody else that alerts of our senders name."""

    id: Id
    name: str
    match: SystemMatch
    """How alerts name it, in the way of a system."""
    reason: str
    """Why it is none of ours: whose it is, who said so."""
    said_on: date | None = None
    said_by: str = ""

    @model_validator(mode="after")
    def _can_be_named(self) -> Self:
        match = self.match
        if not (match.hosts or match.networks or match.labels or match.accounts or match.applications):
            raise ValueError("say how alerts name it: hosts, networks, labels, accounts or applications")
        return self
