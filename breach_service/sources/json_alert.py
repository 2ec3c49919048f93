"""Plain JSON, for every sender whose body an operator can write: scripts, templates, rules of other tools.

One object, an array of them, or one per line. Keys, of which only `title` is required; all others are ignored:

- `title`: what a person should read first
- `signal`: a word of `Signal`; without it, or with a word that is none, the words of the title decide
- `severity`: info, low, medium, high or critical, or a usual synonym
- `status`: firing (the default) or resolved
- `host`, `address`, `source_address`, `user`, `application`: one text or a list of texts
- `occurred_at`: RFC 3339 with a time zone, or seconds, milliseconds, microseconds or nanoseconds since 1970
- `fingerprint`, or `id`: identity of the problem, the same when the same thing is said again or resolved; without it,
  the title and the things named are the identity
- `summary`: a few lines more
- `labels`: an object of texts, to find systems of the inventory by
"""

import json

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.entities import entities_of, gathered
from breach_service.sources.identity import fingerprint_of, given_fingerprint
from breach_service.sources.instants import instant_in
from breach_service.sources.payload import Record, records_in
from breach_service.sources.plain_text import plain_line, plain_text
from breach_service.sources.reading import first_text, labels_of, record_at, text_at, texts_at, value_at
from breach_service.sources.request import Delivery
from breach_service.sources.severities import severity_of_word
from breach_service.sources.words import signal_of_words

_EXPECTED = 'an object with at least "title", an array of such objects, or one per line'
_ENTITY_KEYS = (
    EntityKind.HOST,
    EntityKind.ADDRESS,
    EntityKind.SOURCE_ADDRESS,
    EntityKind.USER,
    EntityKind.APPLICATION,
)
_SIGNALS = {str(signal): signal for signal in Signal}
_RESOLVED_WORDS = frozenset({"resolved", "recovered", "closed", "ok"})


class JsonAlert:
    """One alert per object."""

    kind = "json"
    title = Text(fr="JSON simple (script, modèle de message)", en="Plain JSON (script, message template)")
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.HMAC, AuthKind.URL)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        return [_alert_of(source_name, record) for record in records_in(delivery.body, _EXPECTED)]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        return json.dumps({"title": "Test message of an operator", "signal": str(Signal.HEARTBEAT)}).encode()


SOURCE = JsonAlert()


def _alert_of(source_name: str, record: Record) -> Alert:
    title = plain_line(text_at(record, "title"))
    if not title:
        known = ", ".join(sorted(plain_line(key, 40) for key in record)[:10]) or "none"
        raise UnreadablePayload(f'Found an object without "title" (its keys: {known}); expected {_EXPECTED}.')
    entities = gathered(*(entities_of(kind, texts_at(record, kind)) for kind in _ENTITY_KEYS))
    said = _SIGNALS.get(text_at(record, "signal").lower())
    status = text_at(record, "status").lower()
    return Alert(
        source=source_name,
        title=title,
        signal=said or signal_of_words(title) or Signal.ANOMALY,
        fingerprint=_fingerprint_of(record, title, entities),
        severity=severity_of_word(text_at(record, "severity")),
        vendor_severity=plain_line(text_at(record, "severity")),
        status=AlertStatus.RESOLVED if status in _RESOLVED_WORDS else AlertStatus.FIRING,
        occurred_at=instant_in(value_at(record, "occurred_at")),
        entities=entities,
        labels=labels_of(record_at(record, "labels")),
        summary=plain_text(text_at(record, "summary")),
    )


def _fingerprint_of(record: Record, title: str, entities: tuple[Entity, ...]) -> str:
    given = first_text(record, ("fingerprint",), ("id",))
    if given:
        return given_fingerprint(given)
    return fingerprint_of("json", title, *(part for one in entities for part in (one.kind, one.value)))
