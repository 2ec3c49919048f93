"""A private repository that is made public: everything that was ever committed to it can be read by everybody.

https://docs.github.com/webhooks/webhook-events-and-payloads#public and #repository (publicized, privatized).
"""

from breach_service.domain.alert import Signal
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import text_at, texts_at
from breach_service.sources.senders.github.findings import Finding

_PUBLIC, _PRIVATE = "publicized", "privatized"


def visibility_of(kind: str, record: Record) -> Finding | None:
    """What an event of that kind says of who may read the repository; None for all others."""
    action = _PUBLIC if kind == "public" else text_at(record, "action") if kind == "repository" else ""
    if action not in (_PUBLIC, _PRIVATE):
        return None
    name = text_at(record, "repository", "full_name")
    return Finding(
        family="visibility",
        identity=name or "visibility",
        title=f"Repository {name or 'of unknown name'} was made {'public' if action == _PUBLIC else 'private again'}",
        signal=Signal.DATA_EXPOSURE,
        state="open" if action == _PUBLIC else "closed",
        users=texts_at(record, "sender", "login"),
        summary=text_at(record, "repository", "description"),
        link=text_at(record, "repository", "html_url"),
    )
