"""A form that people fill in where they chat: what is asked, and what they answered. Slack's is `slack_forms`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class AskedField:
    """One question of a form, in the reader's language."""

    id: str
    kind: str
    """`words`, `line`, `instant`, or `choice` among `choices`; `tick` is a box for the only one of `choices`."""
    label: str
    hint: str = ""
    is_required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    """Value and words; the last one is chosen at first where it is a `choice`."""


@dataclass(frozen=True)
class AskedForm:
    """A form; `title`, `send` and `cancel` have at most 24 characters."""

    id: str
    title: str
    send: str
    cancel: str
    intro: str
    fields: tuple[AskedField, ...]


@dataclass(frozen=True)
class ChatAnswer:
    """What somebody sent."""

    form: str
    """Which form it is."""
    key: str
    """Of this very form that was shown: one that is sent twice has the same."""
    person: str
    """Who sent it, as the chat knows them."""
    name: str
    values: Mapping[str, str]
    """By the id of the field; instants in ISO 8601 with their offset."""


class ChatDoor(Protocol):
    """The way in from where people chat."""

    def is_genuine(self, body: bytes, headers: Mapping[str, str], now: datetime) -> bool:
        """True if the chat signed this request, and lately; header names in lower case."""

    def ask(self, trigger: str, form: AskedForm) -> None:
        """Show a form to whoever pulled the trigger. Raises DeliveryFailed."""

    def answer_in(self, payload: Mapping[str, object]) -> ChatAnswer | None:
        """What somebody sent, None where the payload is something else."""

    def refusal(self, errors: Mapping[str, str]) -> Mapping[str, object]:
        """What is answered where a field cannot be taken: the sentence by the id of the field."""

    def thanks(self, title: str, close: str, lines: tuple[str, ...]) -> Mapping[str, object]:
        """What is answered where all went well, shown in the place of the form."""
