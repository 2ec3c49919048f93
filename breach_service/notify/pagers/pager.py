"""What a pager is told, and what every pager offers. Reference, urgency and link are all that leaves."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class PageAction(StrEnum):
    """What a pager is told of a call."""

    TRIGGER = "trigger"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"


@dataclass(frozen=True)
class Page:
    """One message to a pager. Instants UTC."""

    reference: str
    urgency: str
    """In words, of a closed list."""
    link: str
    """To the page of the incident; empty where no public address is set."""
    key: str
    """Of the call: everything about it has the same."""
    stage: str
    """How far the call has come: `first`, `second` or `everyone`."""
    action: PageAction
    began_at: datetime
    at: datetime

    @property
    def summary(self) -> str:
        """One line that can stand alone."""
        return f"{self.reference} · {self.urgency}"


class Pager(Protocol):
    """A way to the company's pager. Raises DeliveryFailed, whose sentence holds no secret."""

    @property
    def name(self) -> str:
        """The word used in the outbox and in metrics."""

    @property
    def is_forgetful(self) -> bool:
        """True where it must be told again and again that a call goes on."""

    def send(self, page: Page) -> None:
        """Hand one message over."""

    def check(self) -> None:
        """Reach it and page nobody."""
