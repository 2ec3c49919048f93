"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable
from typing import TypeVar

import pytest

T = TypeVar("T")
PATIENCE = 60
"""Seconds after which it has not happened; generous, since machines are slow and shared."""


def until(what: Callable[[], T], sentence: str) -> T:
    """The first true answer; fails with the sentence where there is none."""
    ends_at = time.monotonic() + PATIENCE
    while time.monotonic() < ends_at:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    pytest.fail(f"within {PATIENCE} s: {sentence}")
