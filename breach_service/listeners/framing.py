"""Where one syslog message ends and the next begins: a stream of octets to messages. Pure.

RFC 6587 knows two framings, and a receiver cannot know which one a sender was set to: octet counting, `LENGTH SP
MESSAGE` (the only one of RFC 5425), and a trailer, LF or sometimes NUL, behind each message. A frame that begins with a
length is counted, every other one is a line, and both may come on one connection.
"""

import codecs
import re
from typing import Final

LONGEST_MESSAGE: Final = 64 * 1024
"""Octets of one message, its mark included; RFC 5425 asks for 8 KiB at least."""
LONGEST_FRAME: Final = 16 * 1024 * 1024
"""Octets behind which nothing can be a message any more: the framing is broken, or somebody floods."""
CUT_MARK: Final = f" [cut: longer than {LONGEST_MESSAGE} bytes]".encode()

_BETWEEN: Final = b"\r\n\x00"
_LENGTH = re.compile(rb"[1-9][0-9]*")
_MOST_DIGITS: Final = 9
_TRAILER = re.compile(rb"[\n\x00]")
# Everything that some reader takes for the end of a line.
_LINE_ENDS = re.compile("[\r\n\x00\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")


def as_line(message: bytes, *, is_cut: bool = False) -> bytes:
    """One message as one line of UTF-8 without its end: line ends within become blanks, what is too long is cut.

    What is no UTF-8 is read as Windows-1252, which older appliances write. `is_cut` says that it is only a beginning.
    """
    try:
        # A character that the cut went through is left out; everywhere else it would be a fault.
        text = codecs.getincrementaldecoder("utf-8")().decode(message, final=not is_cut)
    except UnicodeDecodeError:
        text = message.decode("cp1252", "replace")
    line = _LINE_ENDS.sub(" ", text).strip().encode()
    if is_cut or len(line) > LONGEST_MESSAGE:
        kept = line[: LONGEST_MESSAGE - len(CUT_MARK)]
        return kept.decode("utf-8", "ignore").encode() + CUT_MARK
    return line


class Framing:
    """The framing of one connection. Where `fault` is set nothing behind it can be understood: close the connection."""

    def __init__(self) -> None:
        self.fault = ""
        """In words, empty while the framing is sound."""
        self._rest = bytearray()
        self._kept = bytearray()
        self._size = 0
        self._left: int | None = None
        self._is_in_line = False
        self._was: str = ""

    @property
    def is_amid(self) -> bool:
        """True where a message has begun and not ended."""
        return self._left is not None or self._is_in_line or bool(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that end in these octets, as `as_line` writes them; empty ones are left out."""
        self._rest += data
        found: list[bytes] = []
        while not self.fault and (message := self._next()) is not None:
            if message:
                found.append(message)
        return found

    def end(self) -> list[bytes]:
        """What remains when the sender has gone: a line without its end, or the beginning of a counted message."""
        if self.fault:
            return []
        if self._left is not None:
            self.fault = f"the connection ended {self._left} octets before the message did"
            return self._emitted(is_cut=True)
        if self._was == "counted" and not self._is_in_line and self._rest.strip(_BETWEEN):
            self.fault = "the connection ended amid the length of a message"
            return []
        self._keep(len(self._rest))
        return self._emitted()

    def _emitted(self, *, is_cut: bool = False) -> list[bytes]:
        message = self._emit(is_cut=is_cut)
        return [message] if message else []

    def _next(self) -> bytes | None:
        """The next message, empty ones included; None where more octets are needed."""
        if self._left is None and not self._is_in_line and not self._begin():
            return None
        return self._counted() if self._left is not None else self._line()

    def _begin(self) -> bool:
        """Decide how the next frame is framed; False where that cannot be said yet, or never."""
        skipped = len(self._rest) - len(self._rest.lstrip(_BETWEEN))
        del self._rest[:skipped]
        if not self._rest:
            return False
        length = _LENGTH.match(self._rest)
        if length is None:
            return self._begin_line(is_message=self._rest[:1] == b"<")
        digits = length.end()
        if digits > _MOST_DIGITS:
            return self._begin_line(is_message=False)
        if digits == len(self._rest):
            return False
        if self._rest[digits : digits + 1] != b" ":
            return self._begin_line(is_message=False)
        if self._was == "line" and digits + 1 == len(self._rest):
            return False
        if self._was == "line" and self._rest[digits + 1 : digits + 2] != b"<":
            return self._begin_line(is_message=False)  # a line that happens to begin with a number
        return self._begin_counted(int(length.group()), digits + 1)

    def _begin_line(self, *, is_message: bool) -> bool:
        if self._was == "counted" and not is_message:
            self.fault = "a counted message is not followed by the length of the next one"
            return False
        self._is_in_line = True
        return True

    def _begin_counted(self, length: int, start: int) -> bool:
        if length > LONGEST_FRAME:
            self.fault = f"a message of {length} octets is announced, at most {LONGEST_FRAME} are read"
            return False
        del self._rest[:start]
        self._left = length
        return True

    def _counted(self) -> bytes | None:
        assert self._left is not None  # noqa: S101  # the caller has looked
        taken = min(self._left, len(self._rest))
        self._keep(taken)
        self._left -= taken
        if self._left:
            return None
        self._was = "counted"
        return self._emit()

    def _line(self) -> bytes | None:
        trailer = _TRAILER.search(self._rest)
        self._keep(trailer.start() if trailer else len(self._rest))
        if trailer is None:
            if self._size > LONGEST_FRAME:
                self.fault = f"a line does not end within {LONGEST_FRAME} octets"
            return None
        del self._rest[:1]
        self._was = "line"
        return self._emit()

    def _keep(self, count: int) -> None:
        """Move octets of the message over; beyond the longest message they are only counted."""
        room = LONGEST_MESSAGE + 1 - len(self._kept)
        self._kept += self._rest[: min(count, room)]
        self._size += count
        del self._rest[:count]

    def _emit(self, *, is_cut: bool = False) -> bytes:
        message = as_line(bytes(self._kept), is_cut=is_cut or self._size > len(self._kept))
        self._kept.clear()
        self._size, self._left, self._is_in_line = 0, None, False
        return message
