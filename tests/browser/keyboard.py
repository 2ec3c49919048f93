"""A keyboard and nothing else: what a person who has no mouse does on a page, in a real browser."""

import re
from dataclasses import dataclass
from typing import Any

import pytest

MOST_STOPS = 600
"""Presses of Tab after which a page holds no such thing."""
SEEN = """() => {
  const one = document.activeElement;
  const isRinged = (each) => {
    const style = getComputedStyle(each);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  };
  const place = one.getBoundingClientRect();
  return {
    isBody: one === document.body,
    group: one.closest("fieldset")?.querySelector("legend")?.textContent ?? "",
    isRinged: [one, one.closest("label") ?? one].some(isRinged) || one.matches("[type^=date]"),
    isInView: place.bottom > 0 && place.top < innerHeight,
    isChecked: one.checked === true,
    chosen: one.selectedOptions?.[0]?.textContent ?? "",
  };
}"""
"""`[type^=date]`: the calendar button inside has a ring that only the browser sees."""


def plain(text: str) -> str:
    """The text with every kind of space made one."""
    return re.sub(r"\s+", " ", text).strip()


@dataclass(frozen=True)
class Stop:
    """What has the focus, as a screen reader says it."""

    role: str
    name: str
    group: str
    is_checked: bool
    chosen: str
    is_body: bool


class Keyboard:
    """A person without a mouse: every method is key presses, and what is read is only compared.

    Whatever Tab stops at must have a name, stand in view and show that it has the focus.
    """

    def __init__(self, tab: Any) -> None:
        self._tab = tab
        self._line = tab.context.new_cdp_session(tab)

    def stop(self) -> Stop:
        """Where the focus is: role and name as the browser computes them for assistive technology."""
        found = self._line.send("Runtime.evaluate", {"expression": "document.activeElement"})["result"]
        asked = {"objectId": found["objectId"], "fetchRelatives": False}
        node = self._line.send("Accessibility.getPartialAXTree", asked)["nodes"][0]
        role, name = (str(node.get(each, {}).get("value", "")) for each in ("role", "name"))
        seen = self._tab.evaluate(SEEN)
        if not seen["isBody"]:
            assert name, f"a {role} without a name on {self._tab.url}"
            is_seen = seen["isRinged"] and seen["isInView"]
            assert is_seen, f"nobody sees that {name!r} has the focus on {self._tab.url}"
        return Stop(role, plain(name), plain(seen["group"]), seen["isChecked"], plain(seen["chosen"]), seen["isBody"])

    def press(self, *keys: str) -> None:
        for one in keys:
            self._tab.keyboard.press(one)

    def to(self, name: str, role: str, group: str = "") -> Stop:
        """Tab on until the wanted thing has the focus; once round the page at the most."""
        passed: list[str] = []
        rounds = 0
        while rounds < 2 and len(passed) < MOST_STOPS:
            self.press("Tab")
            one = self.stop()
            rounds += one.is_body
            if one.role == role and one.name.startswith(name) and one.group.startswith(group):
                return one
            passed.append(f"{one.role}: {one.name} [{one.group}]")
        pytest.fail(f"Tab never came to the {role} {name!r} [{group}] on {self._tab.url}:\n" + "\n".join(passed))

    def enter(self) -> None:
        """Press Enter on what leads elsewhere, and wait for what comes."""
        with self._tab.expect_navigation():
            self.press("Enter")

    def follow(self, name: str) -> None:
        self.to(name, "link")
        self.enter()

    def send(self, name: str) -> None:
        self.to(name, "button")
        self.enter()

    def open(self, name: str) -> None:
        self.to(name, "DisclosureTriangle")
        self.press("Enter")
        assert self._tab.evaluate("document.activeElement.parentElement.open")

    def write(self, name: str, text: str) -> None:
        self.to(name, "textbox")
        self._tab.keyboard.type(text)

    def tick(self, name: str) -> None:
        self.to(name, "checkbox")
        self.press("Space")
        assert self.stop().is_checked

    def choose(self, group: str, option: str, *, is_open: bool = True) -> None:
        """Choose among radio buttons with Space and the arrows; where `is_open`, nobody has chosen beforehand."""
        one = self.to("", "radio", group)
        assert one.is_checked is not is_open, f"{group}: {one.name} is chosen beforehand"
        self.press("Space")
        met: list[str] = []
        while option not in (one := self.stop()).name:
            assert one.name not in met, f"{group}: no {option!r} in {met}"
            met.append(one.name)
            self.press("ArrowDown")
        assert one.is_checked

    def pick(self, name: str, option: str) -> None:
        """Pick from a menu with the arrow."""
        before = self.to(name, "combobox")
        while not before.chosen.startswith(option):
            self.press("ArrowDown")
            after = self.stop()
            assert after.chosen != before.chosen, f"{name}: no {option!r}"
            before = after
