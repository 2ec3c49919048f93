"""What is wrong in a content file, where, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, order=True)
class Fault:
    """One fault. `path` is relative to the directory of the content; line and column count from 1."""

    path: str
    line: int
    column: int
    message: str
    """A sentence that says what is wrong and what would be right."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """`: did you mean …?` where one of the candidates is close to the word, else nothing."""
    close = get_close_matches(word, sorted(candidates), n=1, cutoff=0.7)
    return f": did you mean {close[0]}?" if close else ""
