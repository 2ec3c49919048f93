"""What a listener needs of the service: a place for lines, and somebody who counts what was refused."""

from concurrent.futures import Future
from datetime import datetime
from typing import Protocol


class Inbox(Protocol):
    """The door for text that is trusted by where it comes from, not by a credential."""

    def has_source(self, name: str) -> bool:
        """True if there is an active source of that name."""
        ...

    def is_full(self) -> bool:
        """True while more is waiting than the service may hold: whoever can, stops reading."""
        ...

    def receive_lines(self, name: str, peer: str, transport: str, lines: bytes, now: datetime) -> "Future[None]":
        """Queue lines (UTF-8, one message each, separated by LF) as one request; the future is done once it is on disk.

        `peer` is the sender's address (header `x-syslog-peer`), `transport` is udp, tcp or tls (`x-syslog-transport`).
        Raises WrongCredential where the source is gone or disabled, BacklogFull (counted), Closed where the service is
        stopping; the future raises DatabaseError.
        """
        ...

    def refuse(self, source: str, reason: str) -> None:
        """Count one refusal."""
        ...
