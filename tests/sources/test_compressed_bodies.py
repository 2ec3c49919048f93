"""Compressed bodies: whole or not at all, in however many pieces, whatever the headers say."""

import gzip
import zlib
from datetime import UTC, datetime

import pytest

from breach_service.errors import UnreadablePayload
from breach_service.sources.parts.payload import MOST_UNPACKED_BYTES, unpacked
from breach_service.sources.request import Delivery

ONE, TWO = b'{"title": "one"}\n', b'{"title": "two"}\n'


def bytes_of(body: bytes, encoding: str = "") -> bytes:
    headers = {"content-encoding": encoding} if encoding else {}
    return unpacked(Delivery(body, headers, "", datetime(2026, 11, 22, 21, 0, tzinfo=UTC)))


@pytest.mark.parametrize("encoding", ["", "gzip", "x-gzip", "GZIP ", "deflate", "br", "identity"])
def test_an_archive_is_unpacked_whatever_the_header_says(encoding: str) -> None:
    """It is known by how it begins."""
    assert bytes_of(gzip.compress(ONE, mtime=0), encoding) == ONE


def test_every_member_of_an_archive_is_read() -> None:
    """RFC 1952 allows several, one behind the other; what some senders append piece by piece is not lost."""
    assert bytes_of(gzip.compress(ONE, mtime=0) + gzip.compress(TWO, mtime=0)) == ONE + TWO
    assert bytes_of(gzip.compress(ONE, mtime=0) + b"\0" * 12) == ONE


def test_a_stream_is_unpacked_where_the_header_says_so() -> None:
    """And left alone where a relay unpacked it and left the header."""
    assert bytes_of(zlib.compress(ONE), "deflate") == ONE
    assert bytes_of(ONE, "deflate") == ONE
    assert bytes_of(ONE, "gzip") == ONE


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(ONE * 100, mtime=0)[:-20], ""),
        (gzip.compress(ONE, mtime=0)[:-1], ""),
        (gzip.compress(ONE, mtime=0) + gzip.compress(TWO, mtime=0)[:-8], ""),
        (gzip.compress(ONE, mtime=0) + b"and more", ""),
        (gzip.compress(ONE, mtime=0)[:-8] + b"\0" * 8, ""),
        (b"\x1f\x8b\x08", ""),
        (b"\x1f\x8b\x08 and no more", ""),
        (zlib.compress(ONE * 100)[:-5], "deflate"),
    ],
)
def test_a_damaged_body_is_not_taken_for_the_whole(body: bytes, encoding: str) -> None:
    """A part of a batch would pass for all of it; kept as it came, it can be looked at."""
    with pytest.raises(UnreadablePayload, match="broken"):
        bytes_of(body, encoding)


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_a_bomb_is_not_unpacked(pack: object) -> None:
    """One byte above the limit is too much, the limit is not."""
    assert callable(pack)
    with pytest.raises(UnreadablePayload, match="send smaller batches"):
        bytes_of(pack(b" " * (MOST_UNPACKED_BYTES + 1)), "deflate")
    assert len(bytes_of(pack(b" " * MOST_UNPACKED_BYTES), "deflate")) == MOST_UNPACKED_BYTES


def test_two_halves_of_a_bomb_are_one() -> None:
    """The limit is of all members together."""
    half = gzip.compress(b" " * (MOST_UNPACKED_BYTES // 2 + 1))
    with pytest.raises(UnreadablePayload, match="send smaller batches"):
        bytes_of(half + half)
