"""The glass as people break it: a real process and a real browser, from the page of the incident to the review."""

import secrets
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_demo import CHROMIUM, chromium
from tests.system.conftest import Running

pytestmark = pytest.mark.needs("chromium")

PASSWORD = secrets.token_urlsafe(16)
PEOPLE = {"yanis@us.example": "responder", "alix@us.example": "decider"}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A service with somebody on call and a legal representative."""
    service = Running(tmp_path, language="en")
    service.command("migrate")
    service.command("inventory", "import", "playbooks/inventory/example.yaml")
    for email, role in PEOPLE.items():
        service.command("user", "add", email, "--role", role, "--language", "en", "--password", PASSWORD)
    service.command(
        "mandate", "add", "alix@us.example", "--kind", "representative", "--document", "Minutes of 3 May 2024",
        "--granted-by", "The general meeting",
    )  # fmt: skip
    service.start()
    yield service
    assert service.process is not None
    service.process.send(signal.SIGTERM)


@pytest.fixture
def sign_in(running: Running) -> Iterator[Callable[[str], Any]]:
    """A tab of each person; an error in the console of any fails the test, 4xx answers of ours apart."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM)
        complaints: list[str] = []

        def open_tab(email: str) -> Any:
            tab = browser.new_context(viewport={"width": 1360, "height": 900}).new_page()
            tab.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
            tab.goto(f"{running.address}/sign-in")
            tab.fill("input[name=email]", email)
            tab.fill("input[name=password]", PASSWORD)
            tab.click("main form[action='/sign-in'] button[type=submit]")
            tab.wait_for_url(f"{running.address}/")
            return tab

        yield open_tab
        browser.close()
    assert complaints == []


def test_break_glass_from_page_to_review(running: Running, sign_in: Callable[[str], Any]) -> None:
    """On call: report, break, approve, file. Representative: look, review. The banner comes and goes."""
    from axe_playwright_python.sync_playwright import Axe

    yanis = sign_in("yanis@us.example")
    yanis.goto(f"{running.address}/declare")
    yanis.fill("[name=what_happened]", "An export with names went to a stranger.")
    yanis.click("main form[action='/declare'] button[type=submit]")
    yanis.wait_for_url("**/incidents/INC-*")
    incident = yanis.url.partition("?")[0]
    yanis.click("text=break the glass")
    yanis.wait_for_url("**/glass")
    assert "alix (as the legal representative)" in yanis.inner_text("main")
    yanis.fill("#reason", "The 72 hours end tonight.")
    yanis.fill("#tried", "Alix, by telephone, three times since 18:00.")
    assert Axe().run(yanis).violations_count == 0
    yanis.click("main form button[type=submit]")
    yanis.wait_for_url("**/incidents/INC-*")
    assert "The glass is broken." in yanis.content()
    assert Axe().run(yanis).violations_count == 0

    yanis.click(".drafts li:has-text('CNIL') a.btn")
    yanis.click("text=Approve this text")
    yanis.wait_for_selector("#file")
    yanis.fill("#receipt", "CNIL-60")
    yanis.click("#file button[type=submit]")
    yanis.wait_for_url("**/incidents/INC-*")
    assert "CNIL-60" in yanis.content()

    alix = sign_in("alix@us.example")
    alix.goto(incident)
    assert "The glass is broken." in alix.content()
    alix.goto(f"{running.address}/glass")
    assert Axe().run(alix).violations_count == 0
    alix.fill("[name=review]", "It was needed: I was in the air. A deputy is named.")
    alix.click("text=Record the review")
    alix.wait_for_selector("text=None waits for a review.")
    alix.goto(incident)
    assert "The glass is broken." not in alix.content()
    alix.goto(f"{running.address}/mandates")
    assert Axe().run(alix).violations_count == 0
    alix.set_viewport_size({"width": 320, "height": 900})
    for path in ("/mandates", "/glass"):
        alix.goto(f"{running.address}{path}")
        assert alix.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
