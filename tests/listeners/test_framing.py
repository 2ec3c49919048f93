"""Framing: whatever pieces the network makes of a stream, the messages come out as they were sent."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.listeners.framing import CUT_MARK, LONGEST_FRAME, LONGEST_MESSAGE, Framing, as_line

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"]), min_size=1, max_size=40)
MESSAGES = TEXTS.map(lambda text: f"<134>{text}".encode())


def counted(message: bytes) -> bytes:
    return b"%d %b" % (len(message), message)


def lined(message: bytes) -> bytes:
    return message + b"\n"


def fed(framing: Framing, stream: bytes, cuts: list[int]) -> list[bytes]:
    """The messages of a stream that comes in pieces."""
    places = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    pieces = [stream[start:end] for start, end in pairwise(places)]
    return [message for piece in pieces for message in framing.feed(piece)] + framing.end()


@given(st.lists(st.tuples(MESSAGES, st.sampled_from([counted, lined]))), st.lists(st.integers(0, 10_000)))
def test_both_framings_come_out_whole_however_the_stream_is_cut(sent: list[tuple], cuts: list[int]) -> None:
    """Also where one connection mixes them."""
    framing = Framing()
    assert fed(framing, b"".join(frame(message) for message, frame in sent), cuts) == [one for one, _ in sent]
    assert not framing.fault


@given(st.lists(TEXTS.map(str.encode)), st.lists(st.integers(0, 10_000)))
def test_a_counted_stream_needs_no_priority(sent: list[bytes], cuts: list[int]) -> None:
    """Once it is counted, everything behind the length is the message."""
    framing = Framing()
    assert fed(framing, b"".join(map(counted, sent)), cuts) == sent
    assert not framing.fault


@given(st.binary(max_size=3000), st.lists(st.integers(0, 10_000)))
def test_no_stream_makes_it_fail(stream: bytes, cuts: list[int]) -> None:
    """Anything comes out as single lines of UTF-8, or as a fault in words; the pieces make no difference."""
    framing, whole = Framing(), Framing()
    found = fed(framing, stream, cuts)
    assert found == fed(whole, stream, [])
    assert framing.fault == whole.fault
    for message in found:
        assert message
        assert len(message.decode().splitlines()) == 1


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\x00", b"\n\n", b"\x00\n"])
def test_every_usual_end_of_a_line_is_one(end: bytes) -> None:
    """RFC 6587 section 3.4.2 names LF, and NUL as seen in the field."""
    framing = Framing()
    assert framing.feed(b"<1>one" + end + b"<1>two" + end) == [b"<1>one", b"<1>two"]


def test_a_line_end_behind_a_counted_message_is_no_fault() -> None:
    """Some senders count the message and end the line all the same."""
    framing = Framing()
    assert framing.feed(b"6 <1>one\n6 <1>two\n") == [b"<1>one", b"<1>two"]
    assert not framing.fault


@pytest.mark.parametrize(
    "line", [b"2026-11-22T08:00:00Z fw drop", b"12", b"0 <1>zero", b"1234567890123 <1>", b"7:45 <1>"]
)
def test_a_line_that_begins_with_a_number_is_a_line(line: bytes) -> None:
    """Where what follows the number is no length."""
    framing = Framing()
    assert framing.feed(line + b"\n<1>next\n") == [line, b"<1>next"]
    assert not framing.fault


def test_after_lines_a_number_and_a_blank_is_still_a_line() -> None:
    """A sender of lines does not begin to count before a text."""
    framing = Framing()
    assert framing.feed(b"<1>one\n22 Nov 08:00 fw drop\n") == [b"<1>one", b"22 Nov 08:00 fw drop"]


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.1\r\n", b"0 <1>", b"99999999 <1>", b"\xff\xfe", b"12x"])
def test_behind_a_counted_message_anything_else_is_broken(garbage: bytes) -> None:
    """The counts do not fit any more: what came before them is kept, the rest cannot be understood."""
    framing = Framing()
    assert framing.feed(b"6 <1>one" + garbage + b" more and more\n") == [b"<1>one"]
    assert framing.fault
    assert framing.feed(b"6 <1>two") == []
    assert framing.end() == []


@pytest.mark.parametrize("frame", [counted, lined])
@pytest.mark.parametrize("too_long", [1, 5000])
def test_a_message_that_is_too_long_is_cut_with_a_mark(frame: object, too_long: int) -> None:
    """And the next one is whole."""
    assert callable(frame)
    framing = Framing()
    found = framing.feed(frame(b"<1>" + b"a" * (LONGEST_MESSAGE - 3 + too_long)) + frame(b"<1>next"))
    assert [len(one) for one in found] == [LONGEST_MESSAGE, 7]
    assert found[0].endswith(CUT_MARK)
    assert not framing.fault


def test_the_longest_message_is_not_cut() -> None:
    """64 KiB are whole."""
    message = b"<1>" + b"a" * (LONGEST_MESSAGE - 3)
    assert Framing().feed(counted(message)) == [message]


def test_a_line_without_end_is_broken_and_never_held() -> None:
    """A sender that never ends its line fills no memory."""
    framing = Framing()
    for _ in range(LONGEST_FRAME // 1_000_000 + 1):
        assert framing.feed(b"a" * 1_000_000) == []
        assert len(framing._kept) + len(framing._rest) <= LONGEST_MESSAGE + 1
    assert framing.fault


def test_a_message_that_is_broken_off_is_kept_with_a_mark() -> None:
    """The sender died amid it: what there is may be what matters."""
    framing = Framing()
    assert framing.feed(b"40 <1>the beginn") == []
    assert framing.end() == [b"<1>the beginn" + CUT_MARK]
    assert "before the message" in framing.fault


def test_the_last_line_needs_no_end() -> None:
    """Many senders simply close."""
    framing = Framing()
    assert framing.feed(b"<1>one\n<1>two") == [b"<1>one"]
    assert framing.end() == [b"<1>two"]
    assert not framing.fault


def test_line_ends_within_a_counted_message_become_blanks() -> None:
    """So that one message stays one line, and JSON stays JSON."""
    assert Framing().feed(counted(b'<1>{"a":\r\n 1}')) == [b'<1>{"a":  1}']


def test_what_older_appliances_write_is_readable() -> None:
    """Windows-1252, where it is no UTF-8."""
    assert as_line('msg="accès refusé"'.encode("cp1252")) == 'msg="accès refusé"'.encode()


@given(st.binary(max_size=200), st.booleans())
def test_a_line_is_always_one_line_of_utf_8(message: bytes, is_cut: bool) -> None:
    """Whatever the datagram holds."""
    line = as_line(message, is_cut=is_cut)
    assert len(line.decode().splitlines()) <= 1


def test_no_character_is_cut_in_two() -> None:
    """The mark stands behind a whole one."""
    for shift in range(4):
        line = as_line(b"a" * shift + "é€😀".encode() * 8000)
        assert line.decode().endswith(CUT_MARK.decode())
        assert len(line) <= LONGEST_MESSAGE
