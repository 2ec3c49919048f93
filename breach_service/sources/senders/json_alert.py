"""Plain JSON, for every sender whose body an operator can write, and the general reader for every body nobody knows.

One object, an array of them, or one per line. The documented keys, of which only `title` is required:

- `title`: what a person should read first
- `signal`: a word of `Signal`; without it, or with a word that is none, the words of the title decide
- `severity`: info, low, medium, high or critical, or a usual synonym
- `status`: firing (the default) or resolved
- `host`, `address`, `source_address`, `user`, `application`: one text or a list of texts
- `occurred_at`: RFC 3339 with a time zone, or seconds, milliseconds, microseconds or nanoseconds since 1970
- `fingerprint`, or `id`: identity of the problem, the same when the same thing is said again or resolved; without it,
  the title and the things named are the identity
- `summary`: a few lines more
- `link`: address of its page
- `labels`: an object of texts, to find systems of the inventory by
- `test`: true for a trial

Bodies of any other shape are read as well as can be (`guessing`): JSON under other names and in wrappers, forms, query
strings, lines of text. Only what says nothing at all is unreadable.
"""

import json

from breach_service.domain.alert import Alert, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.general.guessing import alerts_of_anything
from breach_service.sources.general.text_bodies import records_in_text, text_in
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import plain_line
from breach_service.sources.request import Delivery
from breach_service.sources.source import Source

_EXPECTED = 'an object with at least "title", an array of such objects, or one per line'
_MOST_KEYS_NAMED = 10


class JsonAlert(Source):
    """One alert per object, or per member of the list that an object only wraps."""

    kind = "json"
    aliases = ("generic", "webhook", "other", "custom")
    title = Text(fr="JSON simple (script, modèle de message)", en="Plain JSON (script, message template)")
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.HMAC, AuthKind.URL)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        return [alert for record in _records_in(delivery) for alert in _alerts_of(source_name, record)]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        said = {"title": "Test message of an operator", "signal": str(Signal.HEARTBEAT), "test": True}
        return json.dumps(said).encode()


SOURCE = JsonAlert()


def _records_in(delivery: Delivery) -> list[Record]:
    try:
        return records_of(delivery, _EXPECTED)
    except UnreadablePayload:
        records = records_in_text(text_in(delivery))
        if not records:
            raise
        return records


def _alerts_of(source_name: str, record: Record) -> list[Alert]:
    alerts = alerts_of_anything(source_name, record)
    if not alerts:
        known = ", ".join(sorted(plain_line(key, 40) for key in record)[:_MOST_KEYS_NAMED]) or "none"
        raise UnreadablePayload(f'Found an object without "title" (its keys: {known}); expected {_EXPECTED}.')
    return alerts
