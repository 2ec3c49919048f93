"""What a button or a command of Slack does here: each is an act of the table of who may do what, or opens a page.

Slack says who pressed a button, not what they may do: whoever it is here is looked up, and the act is asked for before
anything is done. A test walks through every button that our cards show and fails for one without an entry.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from breach_service.acts.authorise import authorise
from breach_service.domain.access import Act, Actor
from breach_service.errors import N_, NotFound


@dataclass(frozen=True)
class OpensPage:
    """A button that is a link: Slack opens it in the browser, where the page asks for its act."""


@dataclass(frozen=True)
class SlackAction:
    """What a button does: the act that it is, and what is done with the reference of the incident."""

    act: Act
    do: Callable[[Actor, str], None]


ACTIONS: MappingProxyType[str, SlackAction | OpensPage] = MappingProxyType({"open": OpensPage()})
"""By the `action_id` of a button, or the word of a slash command."""


def perform(
    action_id: str, actor: Actor, reference: str,
    actions: MappingProxyType[str, SlackAction | OpensPage] = ACTIONS,
) -> None:  # fmt: skip
    """Do what a button stands for. Raises NotAllowed where the actor may not, NotFound for an unknown button."""
    known = actions.get(action_id)
    if known is None:
        raise NotFound(N_("there is no button %(button)s: the message is older than this release"), button=action_id)
    if isinstance(known, SlackAction):
        authorise(actor, known.act)
        known.do(actor, reference)
