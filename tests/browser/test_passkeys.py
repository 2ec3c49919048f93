"""Passkeys in a real browser, with Chromium's own virtual authenticator: added, used alone, used after a password."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.test_demo import CHROMIUM, chromium
from tests.browser.test_demo import demo as demo

pytestmark = pytest.mark.needs("chromium")

DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def page(demo: tuple[str, str, str]) -> Iterator[tuple[Any, str, Any]]:
    """A tab, the address by name (a number holds no passkeys), and the line to the authenticator."""
    from playwright.sync_api import sync_playwright

    address = re.sub(r"//127\.0\.0\.1", "//localhost", demo[0])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM)
        context = browser.new_context(viewport={"width": 1360, "height": 900})
        tab = context.new_page()
        line = context.new_cdp_session(tab)
        line.send("WebAuthn.enable")
        device = line.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]
        yield tab, address, (line, device)
        browser.close()


def give_password(tab: Any, address: str, demo: tuple[str, str, str]) -> None:
    tab.goto(f"{address}/sign-in")
    tab.fill("input[name=email]", demo[1])
    tab.fill("input[name=password]", demo[2])
    tab.click("main form button[type=submit]")


def test_a_passkey_from_its_making_to_its_end(page: tuple[Any, str, Any], demo: tuple[str, str, str]) -> None:
    """Added on the account's page; opens alone and after a password; refused without a finger; removed."""
    from axe_playwright_python.sync_playwright import Axe

    tab, address, (line, device) = page
    give_password(tab, address, demo)
    tab.wait_for_url(f"{address}/")
    tab.goto(f"{address}/account")
    tab.fill("#passkey-name", "mon ordinateur")
    tab.click("#new-passkey button")
    tab.wait_for_url(f"{address}/account?done=changed")
    assert "mon ordinateur" in tab.locator("#factors").inner_text()
    assert len(line.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]) == 1
    for scheme, width in (("light", 1360), ("dark", 320)):
        tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        tab.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(tab)
        assert found.violations_count == 0, found.generate_report()
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    tab.set_viewport_size({"width": 1360, "height": 900})

    tab.click("header form[action='/sign-out'] button >> visible=true")
    tab.wait_for_url(f"{address}/sign-in")
    tab.goto(f"{address}/sign-in?next=/register")
    tab.click("#passkey-sign-in button")
    tab.wait_for_url(f"{address}/register")

    tab.click("header form[action='/sign-out'] button >> visible=true")
    give_password(tab, address, demo)
    tab.wait_for_url(f"{address}/sign-in/second")
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    line.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    tab.click("#passkey-sign-in button")
    tab.wait_for_selector("#passkey-sign-in [role=alert]:not([hidden])")
    assert tab.url == f"{address}/sign-in/second"
    line.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    tab.click("#passkey-sign-in button")
    tab.wait_for_url(f"{address}/")

    tab.goto(f"{address}/account")
    tab.click("#factors details summary")
    tab.click("#factors details[open] button")
    tab.wait_for_url(f"{address}/account?done=changed")
    tab.click("header form[action='/sign-out'] button >> visible=true")
    give_password(tab, address, demo)
    tab.wait_for_url(f"{address}/")


def test_one_time_codes_are_read_from_the_page(page: tuple[Any, str, Any], demo: tuple[str, str, str]) -> None:
    """The QR code is drawn under the content policy; axe finds nothing on the page with it."""
    from axe_playwright_python.sync_playwright import Axe

    tab, address, _ = page
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    give_password(tab, address, demo)
    tab.wait_for_url(f"{address}/")
    tab.goto(f"{address}/account")
    tab.click("form[action='/account/totp'] button")
    tab.wait_for_selector(".qr svg")
    assert tab.locator(".qr svg").bounding_box()["width"] > 150
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    assert complaints == []
