"""What a button or a command of Slack does here: each is an act of the table of who may do what, or opens a page.

Slack says who pressed a button, not what they may do: whoever it is here is looked up, and the act is asked for before
anything is done. A test walks through every button that our cards show and fails for one without an entry.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from breach_service.acts.authorise import authorise
from breach_service.acts.on_call import calls
from breach_service.domain.access import Act, Actor
from breach_service.errors import N_, NotFound
from breach_service.store.database import Session


@dataclass(frozen=True)
class OpensPage:
    """A button that is a link: Slack opens it in the browser, where the page asks for its act."""


@dataclass(frozen=True)
class SlackAction:
    """What a button does: the act that it is, and what is done with the reference of the incident."""

    act: Act
    do: Callable[[Actor, str], None]


def actions_in(session: Session, now: datetime) -> MappingProxyType[str, SlackAction | OpensPage]:
    """What the buttons do in a transaction, by their `action_id`."""

    def answer_call(actor: Actor, reference: str) -> None:
        calls.acknowledge(session, actor, reference, now)

    return MappingProxyType({"open": OpensPage(), "acknowledge": SlackAction(Act.ANSWER_CALL, answer_call)})


def _in_no_transaction(_actor: Actor, _reference: str) -> None:
    raise RuntimeError("a button is pressed within a transaction: take `actions_in`")


ACTIONS: MappingProxyType[str, SlackAction | OpensPage] = MappingProxyType(
    {"open": OpensPage(), "acknowledge": SlackAction(Act.ANSWER_CALL, _in_no_transaction)}
)
"""By the `action_id` of a button, or the word of a slash command: which act it is. `actions_in` does it."""


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
