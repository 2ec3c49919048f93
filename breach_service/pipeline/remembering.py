"""What was found out before and is asked again in every slice, as long as inventory and content stay the same."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from breach_service.pipeline.knowledge import Knowledge

Found = TypeVar("Found")


class Remembered(Generic[Found]):
    """Answers by question; all are forgotten when the inventory or the content changes, or when they are too many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._knowledge: Knowledge | None = None
        self._found: dict[Hashable, Found] = {}

    def get(self, knowledge: Knowledge, question: Hashable, answer: Callable[[], Found]) -> Found:
        """The answer that was found before, else what `answer` says now."""
        held = self._knowledge
        if held is None or held.inventory is not knowledge.inventory or held.catalogue is not knowledge.catalogue:
            self._found, self._knowledge = {}, knowledge
        found = self._found
        if question not in found:
            if len(found) >= self._most:
                found.clear()
            found[question] = answer()
        return found[question]
