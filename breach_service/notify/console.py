"""The channel where no other is set: log lines of the service itself."""

from breach_service.logs import logger
from breach_service.notify.channel import Card

log = logger(__name__)


class Console:
    """Writes cards and sentences as log lines."""

    name = "console"

    def show_card(self, card: Card, external_id: str | None) -> str:
        """One line per card."""
        log.info("card", reference=card.reference, headline=card.headline, status=card.status, clocks=list(card.clocks))
        return external_id or card.reference

    def say(self, text: str, external_id: str | None, key: str) -> None:
        """One line per sentence."""
        log.info("reminder", text=text, card=external_id, key=key)

    def call(self, text: str, words: str, reference: str, external_id: str | None, key: str) -> None:
        """One line; there is nothing to press here."""
        self.say(text, external_id, key)
