"""Evidence: digests as tools print them, and what a chain of handlings says."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.evidence import Evidence, EvidenceHandling, HandlingKind, digest_in, digest_of

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
DIGEST = hashlib.sha256(b"log").hexdigest()
PIECE = Evidence(1, 1, "Log", DIGEST, 3, "a.log", "text/plain", "Zoé", NOW, "app-01", "scp", "", NOW, "Zoé", True)


def handled(kind: HandlingKind, digest: str = "") -> EvidenceHandling:
    return EvidenceHandling(1, kind, NOW, "Zoé", "", "Why.", NOW, "Zoé", digest)


@pytest.mark.parametrize(
    "said",
    [
        "{}", "  {}\n", "SHA256:{}", "sha-256:{}", "{}  ./access.log", "{} *C:\\evidence\\access.log",
    ],
)  # fmt: skip
def test_a_digest_is_read_as_tools_print_it(said: str) -> None:
    """sha256sum, shasum, certutil and Get-FileHash each set something around it."""
    assert digest_in(said.format(DIGEST)) == DIGEST
    assert digest_in(said.format(DIGEST.upper())) == DIGEST


def test_a_digest_between_colons_or_spaces_is_read_too() -> None:
    """As certificates and older Windows tools show it."""
    pairs = [DIGEST[at : at + 2] for at in range(0, 64, 2)]
    assert digest_in(":".join(pairs)) == digest_in(" ".join(pairs)) == DIGEST


@given(st.text(max_size=80))
def test_anything_else_is_no_digest(said: str) -> None:
    """What is read is 64 digits from 0 to f; nothing is guessed."""
    found = digest_in(said)
    assert found is None or (len(found) == 64 and set(found) <= set("0123456789abcdef"))


@given(st.binary(max_size=200))
def test_a_digest_is_that_of_the_standard(content: bytes) -> None:
    """FIPS 180-4, as every tool computes it."""
    assert digest_of(content) == hashlib.sha256(content).hexdigest()


def test_the_last_verification_counts() -> None:
    """A copy that was damaged and found again is what it was."""
    other = "0" * 64
    assert not PIECE.differs
    damaged = replace(PIECE, handlings=(handled(HandlingKind.VERIFIED, other),))
    assert damaged.differs
    assert not replace(PIECE, handlings=(*damaged.handlings, handled(HandlingKind.VERIFIED, DIGEST))).differs


def test_what_was_destroyed_exists_no_more() -> None:
    """It is not handled any further."""
    assert PIECE.is_open_to_handling
    gone = replace(PIECE, handlings=(handled(HandlingKind.DESTROYED),))
    assert gone.destroyed is not None
    assert not gone.is_open_to_handling
