"""Each button of a Slack message is an act of the table of who may do what, or a link."""

import ast
from pathlib import Path
from types import MappingProxyType

import pytest

from breach_service import notify
from breach_service.domain.access import ALLOWED, PEOPLE, Act, Actor
from breach_service.errors import NotAllowed, NotFound
from breach_service.web.slack_actions import ACTIONS, OpensPage, SlackAction, perform

PACKAGE = Path(notify.__file__).parents[1]


FIELDS = frozenset({"DateTimePickerElement", "CheckboxesElement", "RadioButtonsElement", "PlainTextInputElement"})
"""What somebody fills in; it does nothing until the form is sent, which is declaring (tests/web/test_reports.py)."""


def buttons_in(source: str) -> set[str]:
    """Every `action_id` that a source gives a button; one that is not a plain word stands for itself."""
    return {
        str(keyword.value.value) if isinstance(keyword.value, ast.Constant) else ast.unparse(keyword.value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] not in FIELDS
        for keyword in node.keywords
        if keyword.arg == "action_id"
    }


def test_every_button_of_our_messages_has_an_entry() -> None:
    """One that is added without its act is found here, before anybody can press it; none is kept that nobody shows."""
    shown = set().union(*(buttons_in(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")))
    assert shown == set(ACTIONS)


def test_a_button_without_an_entry_would_be_found() -> None:
    """Otherwise the walk would prove nothing."""
    assert buttons_in('Button(text="x", action_id="confirm")\nButton(action_id=f"x{y}")') == {"confirm", "f'x{y}'"}


def test_every_entry_says_its_act() -> None:
    """An act of the table, or a link and nothing else."""
    for action in ACTIONS.values():
        assert isinstance(action, OpensPage) or action.act in ALLOWED


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("act", Act)
def test_a_button_does_nothing_for_whoever_may_not(role: str, act: Act) -> None:
    """The act is asked for before what the button does, whatever that asks for."""
    done: list[str] = []
    actions = MappingProxyType({"x": SlackAction(act, lambda actor, reference: done.append(reference))})
    actor = Actor("somebody", next(one for one in PEOPLE if one == role), person=1)
    if role in ALLOWED[act]:
        perform("x", actor, "INC-2026-0001", actions)
        assert done == ["INC-2026-0001"]
    else:
        with pytest.raises(NotAllowed):
            perform("x", actor, "INC-2026-0001", actions)
        assert not done


def test_an_unknown_button_is_not_found_and_a_link_does_nothing() -> None:
    """A message lives longer than a release."""
    actor = Actor("somebody", PEOPLE[0], person=1)
    with pytest.raises(NotFound, match="older"):
        perform("gone", actor, "INC-2026-0001")
    perform("open", actor, "INC-2026-0001")
