"""What a route asks of whoever calls it. Each says it, once: an act of the table, or why it is open to strangers.

A test walks through all routes and fails where one says nothing.
"""

from dataclasses import dataclass

from fastapi import Depends
from fastapi.params import Depends as Depending

from breach_service.acts.authorise import authorise
from breach_service.domain.access import Act
from breach_service.web.context import Who


@dataclass(frozen=True)
class Needs:
    """The act that calling a route is."""

    act: Act

    def __call__(self, who: Who) -> None:
        """Raise NotAllowed where the caller may not do the act."""
        authorise(who.actor, self.act)


@dataclass(frozen=True)
class OpenBecause:
    """Why strangers may call a route."""

    reason: str

    def __call__(self) -> None:
        """Let everybody in."""


def needs(act: Act) -> Depending:
    """For `dependencies=[…]` of a route or of a router whose routes are all the same act."""
    depending: Depending = Depends(Needs(act))
    return depending


def open_because(reason: str) -> Depending:
    """For `dependencies=[…]` of a route that strangers may call."""
    depending: Depending = Depends(OpenBecause(reason))
    return depending
