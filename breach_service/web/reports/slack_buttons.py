"""A button of ours that was pressed in Slack, by whomever: what it does is an act like any other.

Slack says which of its members it was; whose account that is says the way by which they proved that messages reach
them there. Whoever has none presses in vain, which is logged.
"""

from collections.abc import Mapping
from typing import Any

from breach_service.acts.on_call.calls import actor_in_slack
from breach_service.errors import BreachServiceError
from breach_service.logs import logger
from breach_service.store.database import Session
from breach_service.web.context import Context
from breach_service.web.slack_actions import ACTIONS, OpensPage, actions_in, perform

log = logger(__name__)
MOST_CHARACTERS = 80


def press(here: Context, payload: Mapping[str, Any]) -> None:
    """Do what the buttons of an interaction stand for; a link does nothing here."""
    actions, user = payload.get("actions"), payload.get("user")
    member = str(user.get("id", "")) if isinstance(user, dict) else ""
    for one in actions if isinstance(actions, list) else []:
        name = str(one.get("action_id", "")) if isinstance(one, dict) else ""
        if isinstance(ACTIONS.get(name), OpensPage):
            continue
        if name not in ACTIONS:
            log.warning("slack_button_unknown", button=name[:MOST_CHARACTERS])
            continue
        _press(here, name, member, str(one.get("value", ""))[:MOST_CHARACTERS])


def _press(here: Context, name: str, member: str, reference: str) -> None:
    now = here.now()

    def work(session: Session) -> bool:
        actor = actor_in_slack(session, here.cipher, member)
        if actor is not None:
            perform(name, actor, reference, actions_in(session, now))
        return actor is not None

    try:
        if not here.database.write(work):
            log.warning("slack_member_unknown", button=name)
    except BreachServiceError as error:  # such as a call that somebody answered a second before
        log.warning("slack_button_refused", button=name, why=type(error).__name__)
