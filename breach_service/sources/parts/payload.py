"""Bytes to JSON records, whatever the content type says: content types lie, bodies come with marks and in batches."""

import gzip
import io
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from breach_service.errors import UnreadablePayload
from breach_service.sources.request import Delivery

Record = Mapping[str, Any]
"""One JSON object. Decimal numbers are kept as the text that the sender wrote, integers exactly, NaN as null."""

# Python refuses to turn longer texts into numbers, and back; a thing this long is an id and stays text.
_LONGEST_INTEGER = 1000
MOST_UNPACKED_BYTES = 32 * 1024 * 1024
"""A compressed body is unpacked up to this size."""
_MOST_LAYERS = 3
"""How often a text may hold JSON as a text again."""
_FIELDS_OF_JSON = ("payload", "data", "json", "body", "message", "msg")
"""Fields of a form in which senders put their JSON."""
# RFC 7464 puts a record separator before each text of a sequence.
_BETWEEN = re.compile(r"[\s\x1e\ufeff\x00]*")


def records_in(body: bytes, expected: str) -> list[Record]:
    """The objects of one JSON text, of a top-level array, of JSON lines, or of a mixture of these, in order.

    `expected` says in words what the sender's records are, for the message. Raises UnreadablePayload where there is no
    object at all, or anything else beside them.
    """
    return _members_of((decoded(text) for text in _texts_in(body, expected)), expected)


def _members_of(texts: Iterable[Any], expected: str) -> list[Record]:
    """The objects of several JSON values, each one object, a text that holds one, or an array of these."""
    members = [decoded(member) for text in texts for member in (text if isinstance(text, list) else [text])]
    if not members:
        raise UnreadablePayload(f"The body holds no record at all; expected {expected}.")
    for number, member in enumerate(members, start=1):
        if not isinstance(member, dict):
            where = f"member {number} of the body" if len(members) > 1 else "the body"
            raise UnreadablePayload(f"Found {kind_in_words(member)} as {where}; expected {expected}.")
    return members


def records_of(delivery: Delivery, expected: str) -> list[Record]:
    """The objects of one request, in order, whatever it was wrapped in.

    JSON as `records_in` reads it; the same compressed, as a text within JSON, or in the field of a form; the fields of
    a form or of the query string as one object of texts. Raises UnreadablePayload as `records_in` does.
    """
    body = unpacked(delivery)
    fields = form_fields(delivery, body)
    if fields is None:
        return records_in(body, expected)
    for name in _FIELDS_OF_JSON:
        if isinstance(inner := decoded(fields.get(name, "")), dict | list):
            return _members_of([inner], expected)
    if not fields:
        raise UnreadablePayload(f"The body is empty; expected {expected}.")
    return [{name: decoded(value) for name, value in fields.items()}]


def text_of_body(delivery: Delivery) -> str:
    """The body of a request as text, for senders that write lines: unpacked, without a mark at its start."""
    body = unpacked(delivery)
    return body.decode(json.detect_encoding(body), "replace").lstrip("\ufeff")


def unpacked(delivery: Delivery) -> bytes:
    """The body as it was before it was compressed. Raises UnreadablePayload where it is broken or grows too large."""
    is_said = delivery.headers.get("content-encoding", "").strip().lower() in ("gzip", "x-gzip", "deflate")
    if not is_said and not delivery.body.startswith(b"\x1f\x8b\x08"):
        return delivery.body
    is_gzip = delivery.body.startswith(b"\x1f\x8b")
    try:
        body = _of_gzip(delivery.body) if is_gzip else _of_zlib(delivery.body)
    except zlib.error as fault:
        if not is_gzip:
            return delivery.body  # a relay unpacked it and left the header
        raise UnreadablePayload(f"The compressed body is broken: {fault}.") from fault
    except (EOFError, gzip.BadGzipFile) as fault:
        raise UnreadablePayload(f"The compressed body is broken: {fault}.") from fault
    if len(body) > MOST_UNPACKED_BYTES:
        raise UnreadablePayload(f"The body unpacks to more than {MOST_UNPACKED_BYTES} bytes: send smaller batches.")
    return body


def _of_gzip(data: bytes) -> bytes:
    """What was compressed, in however many members (RFC 1952, 2.2): some senders compress a batch piece by piece."""
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as members:
        return members.read(MOST_UNPACKED_BYTES + 1)


def _of_zlib(data: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    body = unpacking.decompress(data, MOST_UNPACKED_BYTES + 1)
    if not unpacking.eof and len(body) <= MOST_UNPACKED_BYTES:
        raise EOFError("its end is missing")
    return body


def form_fields(delivery: Delivery, body: bytes) -> dict[str, str] | None:
    """The fields of a form, of a multipart body, or of the query where there is no body; None where it is none."""
    if not body.strip():
        return _pairs(delivery.query)
    media_type = delivery.headers.get("content-type", "")
    if media_type.lower().startswith("multipart/"):
        return _parts(media_type, body)
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    is_form = media_type.lower().startswith("application/x-www-form-urlencoded") or body.startswith(b"payload=")
    if is_form and start not in (b"{", b"["):
        return _pairs(body.decode("utf-8", "replace"))
    return None


def decoded(value: Any) -> Any:
    """A text that holds a JSON object or array as that, however often it was wrapped; everything else as it is."""
    for _ in range(_MOST_LAYERS):
        if not isinstance(value, str) or not value.lstrip("\ufeff \t\r\n").startswith(("{", "[", '"')):
            return value
        try:
            inner = _DECODER.decode(value.strip("\ufeff \t\r\n"))
        except (json.JSONDecodeError, RecursionError):
            return value
        if not isinstance(inner, dict | list | str):
            return value
        value = inner
    return value


def kind_in_words(value: object) -> str:
    """What a JSON value is, in words, without quoting it: bodies hold personal data and secrets."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int():
            return "a number"
        case str():
            return "a text or a decimal number"
        case list():
            return "an array"
        case _:
            return "an object"


def _pairs(text: str) -> dict[str, str]:
    return dict(parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=None))


def _parts(media_type: str, body: bytes) -> dict[str, str]:
    """The fields of a multipart body, files included, as text."""
    head = b"Content-Type: " + media_type.encode("latin-1", "replace") + b"\r\n\r\n"
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    fields: dict[str, str] = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            fields[name] = content.decode("utf-8", "replace")
    return fields


def _texts_in(body: bytes, expected: str) -> Iterator[Any]:
    """Every JSON text of the body, one after the other, with or without white space between them."""
    text = body.decode(json.detect_encoding(body), "replace")
    position = _end_of_gap(text, 0)
    if position == len(text):
        raise UnreadablePayload(f"The body is empty; expected {expected}.")
    while position < len(text):
        try:
            value, end = _DECODER.raw_decode(text, position)
        except json.JSONDecodeError as fault:
            place = f"line {fault.lineno}, column {fault.colno}"
            raise UnreadablePayload(f"The body is not JSON: {fault.msg} at {place}; expected {expected}.") from fault
        except RecursionError as fault:
            raise UnreadablePayload(f"The body is nested too deeply to be read; expected {expected}.") from fault
        yield value
        position = _end_of_gap(text, end)


def _end_of_gap(text: str, start: int) -> int:
    gap = _BETWEEN.match(text, start)
    return gap.end() if gap else start


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else digits


def _nothing(_: str) -> None:
    """NaN and infinities are not JSON and mean nothing here."""


_DECODER = json.JSONDecoder(parse_float=str, parse_int=_integer, parse_constant=_nothing, strict=False)
