"""The parts of a mail, read with the standard library's parser within bounds (RFC 5322, 2045 to 2047, 2231).

That parser fails on some hostile mails and takes very long on others: what is fed to it is bounded first, each question
to it is asked so that a failure is a flaw of the mail, and the original is kept whatever was understood of it.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from typing import TypeVar

from breach_service.domain.reports.report import Flaw

T = TypeVar("T")
MOST_HEADER = 4_000
"""Characters of one header that are read."""
MOST_HEADERS = 300
MOST_HEAD = 262_144
"""Bytes at the beginning of a mail that cannot be read whole."""
MOST_WORK = 40_000_000
"""Lines times containers: what the parser's time grows with."""
MOST_LINES = 2_000_000
MOST_CONTAINERS = 200
MOST_BOUNDARIES = 20_000
LONGEST_CONTENT_HEADER = 8_000
"""Bytes; reading its parameters takes time that grows with the square of this."""
DEEPEST = 12
"""Mails within mails, and containers within containers."""

_UNREADABLE = (MessageError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What the standard library raises at hostile mails; BytesParser itself promises to raise nothing."""
_CONTENT_HEADER = re.compile(rb"(?:^|[\r\n])content-[a-z-]+:[^\r\n]*(?:\r?\n?[ \t][^\r\n]*)*", re.IGNORECASE)
_CONTAINER = re.compile(rb"(?:multipart|message)/", re.IGNORECASE)
_TEXT_CODECS = re.compile(
    r"(utf-?(8|16|32|7)(-sig|-le|-be)?|ascii|iso8859-\d+|cp\d+|koi8-[rut]|mac-\w+|big5(hkscs)?|gb(2312|k|18030)|hz|"
    r"shift_jis(_2004|x0213)?|euc_(jp|kr|jis_2004|jisx0213)|johab|iso2022_\w+|tis-620|ptcp154|kz1048)$"
)
"""Codecs that turn bytes into text: others decode programs, domains or archives."""


@dataclass
class Flaws:
    """What could not be read, gathered on the way."""

    found: set[Flaw] = field(default_factory=set)

    def asking(self, question: Callable[[], T], otherwise: T, flaw: Flaw = Flaw.PART) -> T:
        """The answer of the standard library, or a flaw and something else."""
        try:
            return question()
        except _UNREADABLE:
            self.found.add(flaw)
            return otherwise


def parsed(raw: bytes, flaws: Flaws) -> "Message[str, str]":
    """The mail as a tree of parts; where that would take too long or fails, its head with the rest as one text."""
    if not _is_within_reason(raw):
        return _as_one_text(raw, flaws)
    try:
        return BytesParser(policy=compat32).parsebytes(raw)
    except _UNREADABLE:
        return _as_one_text(raw, flaws)


def _is_within_reason(raw: bytes) -> bool:
    lines, containers = raw.count(b"\n") + raw.count(b"\r"), len(_CONTAINER.findall(raw))
    boundaries = raw.count(b"\n--") + raw.count(b"\r--")
    return (
        lines <= MOST_LINES
        and containers <= MOST_CONTAINERS
        and boundaries <= MOST_BOUNDARIES
        and lines * (1 + containers) <= MOST_WORK
        and all(len(one[0]) <= LONGEST_CONTENT_HEADER for one in _CONTENT_HEADER.finditer(raw))
    )


def _as_one_text(raw: bytes, flaws: Flaws) -> "Message[str, str]":
    flaws.found.add(Flaw.STRUCTURE)
    head = raw[:MOST_HEAD]
    whole = flaws.asking(lambda: BytesParser(policy=compat32).parsebytes(head, headersonly=True), Message())
    plain: Message[str, str] = Message()
    for name, value in list(_pairs(whole)):
        if not name.lower().startswith("content-"):
            plain[name] = value
    plain["Content-Type"] = "text/plain; charset=utf-8"
    body = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[-1]
    plain.set_payload(body.decode("ascii", "surrogateescape"))
    return plain


def _pairs(part: "Message[str, str]") -> Iterator[tuple[str, str]]:
    """Names and values as they came, bounded."""
    for count, (name, value) in enumerate(part.raw_items()):
        if count >= MOST_HEADERS:
            return
        yield str(name), str(value)[:MOST_HEADER].replace("\r", " ").replace("\n", " ")


def headers_of(part: "Message[str, str]", flaws: Flaws) -> dict[str, list[str]]:
    """Every header, decoded, by its name in lower case."""
    found: dict[str, list[str]] = {}
    for name, value in _pairs(part):
        found.setdefault(name.lower(), []).append(decoded_words(value, flaws))
    return found


def decoded_words(value: str, flaws: Flaws) -> str:
    """A header with its encoded words (RFC 2047) read; raw bytes in it as what they most likely are."""
    if "=?" not in value:
        return clean(text_of(value.encode("utf-8", "surrogateescape"), "utf-8", flaws)).strip()
    # Encoded words may hold raw bytes beside them, which decode_header does not take.
    plain = text_of(value.encode("utf-8", "surrogateescape"), "utf-8", flaws)
    pieces = flaws.asking(lambda: decode_header(plain), [(plain, None)])
    words = [
        text_of(piece, charset or "ascii", flaws) if isinstance(piece, bytes) else str(piece)
        for piece, charset in pieces
    ]
    return clean("".join(words)).strip()


def address_in(values: list[str], flaws: Flaws) -> tuple[str, str]:
    """Name and address of the first one in a header; the address in lower case, empty where there is none."""
    none: list[tuple[str, str]] = []
    for name, address in flaws.asking(lambda: getaddresses(values[:1]), none):
        if "@" in address.strip("@") and address.isprintable() and not re.search(r"[\s,;<>()\"\\]", address):
            return " ".join(name.split())[:200], address[:254].lower()
    return "", ""


def instant_in(values: list[str], flaws: Flaws) -> datetime | None:
    """The instant of a Date header, UTC; None where it holds none. A date without an offset is taken as UTC."""
    if not values:
        return None
    found = flaws.asking(lambda: parsedate_to_datetime(values[0]), None)
    if found is None:
        return None
    return flaws.asking(lambda: (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC), None)


def content_of(part: "Message[str, str]", flaws: Flaws) -> bytes:
    """The bytes of a part, with its transfer encoding undone; as they stand where it names one that is not undone."""
    encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
    if encoding in ("x-uuencode", "uuencode", "uue", "x-uue"):
        flaws.found.add(Flaw.PART)
        payload = part.get_payload()
        return payload.encode("utf-8", "surrogateescape") if isinstance(payload, str) else b""
    found: object = flaws.asking(lambda: _decoded(part), None)
    return found if isinstance(found, bytes) else b""


def _decoded(part: "Message[str, str]") -> object:
    return part.get_payload(decode=True)


def type_of(part: "Message[str, str]", flaws: Flaws) -> str:
    """The media type, in lower case."""
    return clean(flaws.asking(part.get_content_type, "application/octet-stream"))[:100]


def parameter_of(part: "Message[str, str]", name: str, flaws: Flaws) -> str:
    """A parameter of the media type, empty where it is missing."""
    found: object = flaws.asking(lambda: _asked(part, name), None) or ""
    return clean(str(found[2] if isinstance(found, tuple) else found))[:200]


def _asked(part: "Message[str, str]", name: str) -> object:
    return part.get_param(name, "")


def name_of(part: "Message[str, str]", flaws: Flaws) -> str:
    """The name of a file, without directories; empty where it has none."""
    found = decoded_words(flaws.asking(lambda: part.get_filename("") or "", "")[:MOST_HEADER], flaws)
    return " ".join(re.split(r"[/\\]", found)[-1].split())[:200]


def text_of(content: bytes, charset: str, flaws: Flaws) -> str:
    """Bytes as text: in the character set that they name, else in UTF-8, else as Windows 1252 with gaps."""
    for number, name in enumerate((charset, "utf-8")):
        codec = _codec_of(name)
        if codec is not None:
            try:
                return _without_surrogates(content.decode(codec))
            except ValueError:
                pass
        if number == 0:
            flaws.found.add(Flaw.CHARSET)
    return content.decode("cp1252", "replace")


def _codec_of(name: str) -> str | None:
    try:
        found = codecs.lookup(name.strip().strip("'\"")).name
    except (LookupError, ValueError, TypeError):  # NUL, or no such codec
        return None
    if found == "ascii":
        return "utf-8"  # of which it is a part, and which many mean
    if found == "iso8859-1":
        return "cp1252" if name else None
    return found if _TEXT_CODECS.match(found) else None


def _without_surrogates(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def clean(text: str) -> str:
    """Text that every database keeps: no NUL, no half of a pair; one kind of line end; no other control characters."""
    kept = _without_surrogates(text).replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", kept)
