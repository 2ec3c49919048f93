"""What is sealed can be read back with the same key, and with no other."""

import base64
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.errors import ConfigurationError
from breach_service.store.cipher import KEY_BYTES, Cipher, key_from_text, key_in

KEYS = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)


@given(key=KEYS, clear=st.binary())
def test_what_is_sealed_can_be_opened_with_the_same_key(key: bytes, clear: bytes) -> None:
    """By another process as well."""
    assert Cipher(key).open(Cipher(key).seal(clear)) == clear


@given(clear=st.binary(min_size=1))
def test_the_same_value_is_sealed_differently_each_time(clear: bytes) -> None:
    """Nobody sees that two bodies are equal."""
    cipher = Cipher(bytes(KEY_BYTES))
    assert cipher.seal(clear) != cipher.seal(clear)


def test_a_sealed_value_does_not_show_what_it_holds(cipher: Cipher) -> None:
    """The clear text is nowhere in it."""
    assert b"secret words" not in cipher.seal(b"these are secret words, repeated: secret words")


@given(clear=st.binary(max_size=40), where=st.integers(min_value=0), bit=st.integers(min_value=0, max_value=7))
def test_an_altered_value_is_refused(clear: bytes, where: int, bit: int) -> None:
    """One changed bit anywhere is enough."""
    cipher = Cipher(bytes(KEY_BYTES))
    altered = bytearray(cipher.seal(clear))
    altered[where % len(altered)] ^= 1 << bit
    with pytest.raises(ConfigurationError):
        cipher.open(bytes(altered))


@given(clear=st.binary(max_size=40), kept=st.integers(min_value=0))
def test_a_shortened_value_is_refused(clear: bytes, kept: int) -> None:
    """A value that was cut says so, however short it is."""
    cipher = Cipher(bytes(KEY_BYTES))
    sealed = cipher.seal(clear)
    with pytest.raises(ConfigurationError):
        cipher.open(sealed[: kept % len(sealed)])


def test_another_key_is_named_as_the_cause(cipher: Cipher) -> None:
    """The sentence says that the former key must come back, not that the data are broken."""
    with pytest.raises(ConfigurationError, match="another BREACH_SECRET_KEY"):
        Cipher(bytes(KEY_BYTES)).open(cipher.seal(b"x"))


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    """With its length, so that a person sees what is wrong."""
    with pytest.raises(ConfigurationError, match=f"has {length}"):
        Cipher(bytes(length))


@pytest.mark.parametrize("text", ["not base64!", "abc", "clé"])
def test_a_key_that_is_no_base64_is_refused(text: str) -> None:
    """The sentence says how to make one."""
    with pytest.raises(ConfigurationError, match="openssl rand"):
        key_from_text(text)


def test_the_key_file_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    """Mode 0600, 32 random bytes, the same at every start."""
    directory = tmp_path / "data"
    key = key_in(directory)
    assert len(key) == KEY_BYTES
    assert stat.S_IMODE((directory / "secret.key").stat().st_mode) == 0o600
    assert key_in(directory) == key
    assert key_in(tmp_path / "other") != key


def test_a_key_file_of_an_operator_is_taken_as_it_is(tmp_path: Path) -> None:
    """With a line end, as `openssl rand -base64 32` writes it."""
    (tmp_path / "secret.key").write_bytes(base64.b64encode(bytes(range(32))) + b"\n")
    assert key_in(tmp_path) == bytes(range(32))
