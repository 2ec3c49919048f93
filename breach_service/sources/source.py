"""What every module of a sender offers."""

from typing import Protocol

from breach_service.domain.alert import Alert
from breach_service.domain.text import Text
from breach_service.sources.credentials import AuthKind
from breach_service.sources.request import Delivery


class Source(Protocol):
    """One kind of sender: how it says things, and how it may prove who it is. Pure: it reads no clock."""

    @property
    def kind(self) -> str:
        """The word of `source add --kind`."""

    @property
    def title(self) -> Text:
        """What people call it."""

    @property
    def default_auth(self) -> AuthKind:
        """The safest credential that it can send."""

    @property
    def supported_auth(self) -> tuple[AuthKind, ...]:
        """Every credential that it can send, the default among them."""

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """The alerts of one request, of the source of that name, in the order of the body.

        An empty list where it says nothing that is an alert. Raises UnreadablePayload, with what was found and what
        was expected, where the body is not of this kind; the whole body, even if only one member is at fault.
        """

    def test_body(self) -> bytes:
        """A message that an operator can send to try the connection; its signal opens no incident."""
