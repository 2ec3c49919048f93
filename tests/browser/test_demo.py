"""The demonstration as a person sees it: a real process, a real browser, countdown and drafts on the page."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.needs("chromium")

ROOT = Path(__file__).parents[2]
PATIENCE = 90
CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """A running demonstration: its address and its sign-in, as it prints them."""
    directory = tmp_path_factory.mktemp("demo")
    log = directory / "log"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("BREACH_")}
    environment |= {"BREACH_PORT": "0", "BREACH_DATA_DIR": str(directory / "data"), "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "breach_service", "demo"], stdout=output, stderr=subprocess.STDOUT, cwd=ROOT,
            env=environment,
        )  # fmt: skip
    try:
        ends_at = time.monotonic() + PATIENCE
        printed = None
        while printed is None and child.poll() is None and time.monotonic() < ends_at:
            printed = re.search(r"runs at\s+(http\S+)\s+sign in with\s+(\S+)\s+/\s+(\S+)", log.read_text())
            time.sleep(0.1)
        assert printed is not None, log.read_text()
        yield printed.group(1), printed.group(2), printed.group(3)
    finally:
        child.send_signal(signal.SIGINT)
        status = child.wait(timeout=PATIENCE)
    assert status == 0, log.read_text()


@pytest.fixture
def page(demo: tuple[str, str, str]) -> Iterator[Any]:
    """A browser that is signed in; any error in its console fails the test."""
    from playwright.sync_api import sync_playwright

    address, email, password = demo
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM)
        tab = browser.new_page(viewport={"width": 1360, "height": 900})
        complaints: list[str] = []
        tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        tab.goto(f"{address}/sign-in")
        tab.fill("input[name=email]", email)
        tab.fill("input[name=password]", password)
        tab.click("main button[type=submit]")
        tab.wait_for_url(f"{address}/")
        yield tab
        browser.close()
    assert complaints == []


def chromium() -> str:
    """Debian's chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or "chromium"


def open_incident(page: Any) -> None:
    """Wait until the attack has become an incident, and open it."""
    ends_at = time.monotonic() + PATIENCE
    while page.locator("a[href='/incidents/INC-2026-0001'], a[href$='-0001']").count() == 0:
        assert time.monotonic() < ends_at, "the played attack became no incident"
        time.sleep(0.5)
        page.reload()
    page.locator("main a[href$='-0001']").first.click()
    page.wait_for_selector("h1")


def test_the_page_shows_the_countdown_and_the_drafts(page: Any) -> None:
    """One look: what happened, to whose data, what is due when; and a draft for each notice."""
    open_incident(page)
    assert page.locator(".clock .left").count() >= 1
    assert re.search(r"\d+\s*h\s*\d\d", page.locator(".clock .left").first.inner_text())
    assert page.locator(".clock time[datetime]").count() >= 1
    assert page.locator(".drafts li").count() >= 5
    assert page.locator(".peri").count() >= 2
    page.locator(".drafts a").first.click()
    page.wait_for_selector("mark.gap")


def test_the_page_reads_in_english_too(page: Any, demo: tuple[str, str, str]) -> None:
    """The language switch leads back to the same page."""
    open_incident(page)
    assert page.locator("html").get_attribute("lang") == "fr"
    page.goto(f"{demo[0]}/language/en?next=/incidents")
    assert page.locator("html").get_attribute("lang") == "en"


def test_nothing_keeps_a_reader_with_a_screen_reader_out(page: Any) -> None:
    """axe finds no violation on the incident page, light and dark, wide and narrow."""
    from axe_playwright_python.sync_playwright import Axe

    open_incident(page)
    for scheme, width in (("light", 1360), ("dark", 390)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_a_part_of_a_sample_that_is_clicked_goes_into_its_field(page: Any, demo: tuple[str, str, str]) -> None:
    """Point, point, try: the alert stands on the page, and the YAML can be copied."""
    page.goto(f"{demo[0]}/sources/demo-json/mapping")
    page.fill("#sample", '{"what": {"text": "Copie massive"}, "where": "ged-01"}')
    page.click("button[formaction$='#h-fields']")
    page.wait_for_selector("button[data-path]")
    page.click("#field-title")
    page.click("button[data-path='what.text']")
    page.click("#field-host")
    page.click("button[data-path='where']")
    assert page.input_value("#field-title") == "what.text"
    page.click(".sheet-foot button.solid")
    page.wait_for_selector("#outcome .alert")
    assert "Copie massive" in page.locator("#outcome").inner_text()
    assert page.input_value("#yaml").startswith("title: what.text")
    page.click("button[data-copy=yaml]")
    page.locator("#said:not(:empty)").wait_for(state="attached")


def test_the_pages_of_senders_keep_nobody_out(page: Any, demo: tuple[str, str, str]) -> None:
    """axe finds no violation on the pages of senders, light and dark, and none scrolls sideways on a phone."""
    from axe_playwright_python.sync_playwright import Axe

    open_incident(page)
    for path in ("/sources", "/sources/demo-wazuh", "/sources/demo-wazuh/mapping", "/quarantine"):
        page.goto(f"{demo[0]}{path}")
        for scheme, width in (("light", 1360), ("dark", 320)):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page)
            assert found.violations_count == 0, (path, found.generate_report())
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)


def test_without_a_sign_in_nothing_is_shown(demo: tuple[str, str, str]) -> None:
    """Pages lead to the sign-in; the API says 401; health answers."""
    address = demo[0]
    with urllib.request.urlopen(f"{address}/incidents/INC-2026-0001", timeout=10) as answer:
        assert "/sign-in" in answer.url
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{address}/api/v1/incidents", timeout=10)
    assert refused.value.code == 401
    refused.value.close()
    with urllib.request.urlopen(f"{address}/healthz", timeout=10) as answer:
        assert answer.status == 200
