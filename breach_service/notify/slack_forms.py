"""Forms in Slack: a modal that a slash command opens, what is sent of it, and the proof that Slack sent it.

https://docs.slack.dev/surfaces/modals · https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    DateTimePickerElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
    SectionBlock,
)
from slack_sdk.models.views import View
from slack_sdk.signature import Clock, SignatureVerifier

from breach_service.notify.channel import DeliveryFailed, DeliveryFault
from breach_service.notify.chat import AskedField, AskedForm, ChatAnswer
from breach_service.notify.slack import failure_of

TIMEOUT = 2
"""Seconds: Slack shows the person an error after three."""
LONGEST = 3000
"""Characters of one answer: as many as Slack takes."""
LONGEST_LINE = 150
_OPTION_CHARACTERS = 75


class SlackForms:
    """The way in from one Slack workspace."""

    def __init__(self, signing_secret: str, token: str, base_url: str) -> None:
        self._secret = signing_secret
        self._client = WebClient(token=token, base_url=base_url, timeout=TIMEOUT)

    def is_genuine(self, body: bytes, headers: Mapping[str, str], now: datetime) -> bool:
        """True if Slack signed this request within the last five minutes."""
        timestamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
        if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12 and signature.isascii()):
            return False
        return bool(SignatureVerifier(self._secret, _At(now)).is_valid(body, timestamp, signature))

    def ask(self, trigger: str, form: AskedForm) -> None:
        """Open the form as a modal for whoever gave the command. Raises DeliveryFailed."""
        try:
            self._client.views_open(trigger_id=trigger, view=view_of(form))
        except SlackApiError as error:
            raise failure_of(error) from error
        except (SlackClientError, HTTPException, OSError) as error:
            raise DeliveryFailed(DeliveryFault.UNREACHABLE, f"Slack cannot be reached: {error}") from error

    def answer_in(self, payload: Mapping[str, object]) -> ChatAnswer | None:
        """What somebody sent, None where the payload is no form that was sent."""
        view, user = _part(payload, "view"), _part(payload, "user")
        if payload.get("type") != "view_submission" or not view:
            return None
        given = _part(_part(view, "state"), "values")
        values = {str(name): _value(_part(_part(given, name), name)) for name in given}
        team, person = _word(_part(payload, "team"), "id"), _word(user, "id")
        name = _word(user, "name") or _word(user, "username")
        return ChatAnswer(_word(view, "callback_id"), f"{team}/{_word(view, 'id')}", f"{team}/{person}", name, values)

    def refusal(self, errors: Mapping[str, str]) -> Mapping[str, object]:
        """The sentences under their fields; the modal stays open with what was typed."""
        return {"response_action": "errors", "errors": dict(errors)}

    def thanks(self, title: str, close: str, lines: tuple[str, ...]) -> Mapping[str, object]:
        """Some lines in the place of the form."""
        blocks = [SectionBlock(text=PlainTextObject(text=one[:LONGEST], emoji=False)) for one in lines if one]
        return {
            "response_action": "update",
            "view": View(type="modal", title=title, close=close, blocks=blocks).to_dict(),
        }


class _At(Clock):
    """An instant that is given, as the library's clock."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> float:
        """Seconds since 1970."""
        return self._at.timestamp()


def view_of(form: AskedForm) -> dict[str, Any]:
    """The modal of a form, within Slack's limits."""
    blocks: list[Block] = [SectionBlock(text=PlainTextObject(text=form.intro[:LONGEST], emoji=False))]
    blocks += [
        InputBlock(
            block_id=one.id, label=PlainTextObject(text=one.label, emoji=False), element=_element(one),
            hint=PlainTextObject(text=one.hint, emoji=False) if one.hint else None, optional=not one.is_required,
        )
        for one in form.fields
    ]  # fmt: skip
    view = View(
        type="modal", callback_id=form.id, title=form.title, submit=form.send, close=form.cancel, blocks=blocks
    )  # fmt: skip
    found: dict[str, Any] = view.to_dict()
    return found


def _element(one: AskedField) -> Any:
    if one.kind == "instant":
        return DateTimePickerElement(action_id=one.id)
    if one.kind in ("choice", "tick"):
        options = [Option(text=PlainTextObject(text=words[:_OPTION_CHARACTERS], emoji=False), value=value)
                   for value, words in one.choices]  # fmt: skip
        if one.kind == "tick":
            return CheckboxesElement(action_id=one.id, options=options[:1])
        return RadioButtonsElement(action_id=one.id, options=options, initial_option=options[-1])
    is_line = one.kind == "line"
    return PlainTextInputElement(
        action_id=one.id, multiline=not is_line, max_length=LONGEST_LINE if is_line else LONGEST
    )  # fmt: skip


def _value(given: Mapping[str, object]) -> str:
    """What stands in one element, empty where it was left so."""
    seconds = given.get("selected_date_time")
    if isinstance(seconds, int) and 0 <= seconds < 4_102_444_800:  # 2100
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    chosen = given.get("selected_options")
    if isinstance(chosen, Sequence) and not isinstance(chosen, str):
        return " ".join(_word(one, "value") for one in chosen if isinstance(one, Mapping)).strip()
    option = _part(given, "selected_option")
    return _word(option, "value") if option else _word(given, "value").strip()


def _part(found: Mapping[str, object], name: object) -> Mapping[str, object]:
    value = found.get(str(name))
    return value if isinstance(value, Mapping) else {}


def _word(found: Mapping[str, object], name: str) -> str:
    value = found.get(name)
    return value.replace("\0", "") if isinstance(value, str) else ""
