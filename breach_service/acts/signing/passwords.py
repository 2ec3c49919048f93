"""Passwords: how a new one must be, and whether one is right. They are kept as argon2id hashes only."""

import threading
from collections.abc import Iterable

from pwdlib import PasswordHash

from breach_service.errors import N_, InvalidCommand

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1000
"""A longer one is no password but work for the server."""

_hasher = PasswordHash.recommended()
_one_at_a_time = threading.Lock()
"""Each check takes 64 MiB and a core: strangers who try passwords wait for each other, nobody else does."""


def check_new_password(password: str, names: Iterable[str] = ()) -> None:
    """InvalidCommand where it is too short or too long, says nothing, or is a name of its owner."""
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidCommand(N_("a password has at least 12 characters"))
    if len(password) > LONGEST_PASSWORD:
        raise InvalidCommand(N_("a password has at most 1000 characters"))
    if len(set(password)) < 4 or password.casefold() in {one.casefold() for one in names}:
        raise InvalidCommand(
            N_("this password would be guessed first: choose several words that do not belong together")
        )


def hash_password(password: str, *names: str) -> str:
    """The argon2id hash of a new password; InvalidCommand as `check_new_password` says.

    It takes a fifth of a second, so not inside the writer where that can be helped.
    """
    check_new_password(password, names)
    with _one_at_a_time:
        return _hasher.hash(password)


def verify_password(password: str, held_hash: str | None) -> tuple[bool, str | None]:
    """Whether it is right, and a better hash where the held one is of former parameters.

    Where there is none (no account, no password) it takes as long, so that nobody can tell.
    """
    with _one_at_a_time:
        if held_hash is None:
            _hasher.hash(password[:LONGEST_PASSWORD])
            return False, None
        return _hasher.verify_and_update(password[:LONGEST_PASSWORD], held_hash)
