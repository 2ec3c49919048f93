"""Proofs that need a public key of the sender: the key is fetched and kept elsewhere, the check is pure."""

import hmac
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from breach_service.domain.text import Text
from breach_service.errors import WrongCredential

UNEXPECTED = "unexpected"


@dataclass(frozen=True)
class Expectation:
    """Something of the sender's own that each of its messages must carry, where the operator says what it is."""

    name: str
    """The word before the `=` of `source expect`."""
    title: Text
    """What it is, and where the operator finds it."""
    form: str = r"\S{1,400}"
    """What it looks like, as a regular expression."""
    needs: str = ""
    """Another that must be given with it."""
    is_secret: bool = False
    """True where it is never shown again."""
    is_in_token: bool = False
    """True where a token in `Authorization` proves it, so that no secret of ours can stand there."""


class Proof(ABC):
    """What must be checked of one delivery, with what stands at `key_url`."""

    key_url: str
    """Address of the key, https only. Its host is one of the sender's, or one that the operator named."""
    key_lasts: ClassVar[timedelta | None] = None
    """How long what was fetched is believed before it is fetched again; None where an address never changes."""

    @abstractmethod
    def is_key(self, data: bytes) -> bool:
        """True if the data are keys of this sort: an address may answer with a page of errors as well."""

    @abstractmethod
    def is_held_by(self, key: bytes) -> bool:
        """False where the proof names a key that is not among those at hand, so that they must be fetched again."""

    @abstractmethod
    def check(self, key: bytes) -> None:
        """Return if the holder of the key made it. Raises WrongCredential if not."""


def must_say(expected: Mapping[str, str], name: str, said: str) -> None:
    """Return if nothing, or just this, is expected under that name. Raises WrongCredential, which tells neither."""
    wanted = expected.get(name)
    if wanted is None or hmac.compare_digest(wanted.encode(), said.encode("utf-8", "surrogatepass")):
        return
    found = "another one" if said else "none"
    sentence = f"The message should carry the {name} that was named for this source, and carries {found}."
    raise WrongCredential(UNEXPECTED, sentence)
