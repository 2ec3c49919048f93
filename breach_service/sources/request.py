"""What came in over the wire, before anybody has understood it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Delivery:
    """One webhook request as it was received and stored. Body and headers may hold secrets: neither is in the repr."""

    body: bytes = field(repr=False)
    """The raw bytes: signatures are of these, and content types lie."""
    headers: Mapping[str, str] = field(repr=False)
    """By lower-case name."""
    query: str
    """The query string, without its question mark, still encoded."""
    received_at: datetime
    """When the service received it, aware, in UTC."""
    method: str = "POST"
    """The verb of HTTP; some senders hand an alert over in a GET, some say PUT."""
