"""What goes out, and what every way out offers."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from breach_service.errors import BreachServiceError


class DeliveryFault(StrEnum):
    """Why a message did not go out; a metric label."""

    UNREACHABLE = "unreachable"
    RATE_LIMITED = "rate_limited"
    REFUSED = "refused"
    """The other side understood and said no: a person has to mend the settings."""


class DeliveryFailed(BreachServiceError):
    """A message could not be handed over."""

    def __init__(
        self, reason: DeliveryFault, message: str, *, is_permanent: bool = False, retry_after: float = 0
    ) -> None:
        self.reason = reason
        self.is_permanent = is_permanent
        self.retry_after = retry_after
        """Seconds that the other side asked us to wait; 0 where it did not say."""
        super().__init__(message)


@dataclass(frozen=True)
class Card:
    """One incident at a glance. Closed words, references, dates and counts only: no text of a sender or a person."""

    reference: str
    headline: str
    status: str
    pairs: tuple[tuple[str, str], ...]
    """Label and value: systems, personal data, risk, alerts."""
    clocks: tuple[str, ...]
    """One line per nearest deadline, with its absolute date."""
    notes: tuple[str, ...] = ()
    link: str = ""
    link_words: str = ""
    key: str = field(default="", compare=False)
    """Idempotency key of the sending."""


class Channel(Protocol):
    """A way to reach the team. Raises DeliveryFailed."""

    @property
    def name(self) -> str:
        """The word used in the outbox and in metrics."""

    def show_card(self, card: Card, external_id: str | None) -> str:
        """Post a card, or edit the one that stands there already; where it stands."""

    def say(self, text: str, external_id: str | None, key: str) -> None:
        """Say one sentence, under the card where there is one."""

    def call(self, text: str, words: str, reference: str, external_id: str | None, key: str) -> None:
        """Say that people are called, with a button below it by which somebody answers.

        `words` stand on the button; there is none where they are empty.
        """
