"""People with second factors, and browsers that reach the service by https."""

import html
import re
from dataclasses import dataclass
from typing import Any

import pyotp
from starlette.testclient import TestClient

from breach_service.domain.access import UserRole
from tests.acts.authenticator import Authenticator
from tests.web.edge import PASSWORD, Edge, forms_in

SITE = "https://incidents.example"


def browser_of(edge: Edge) -> TestClient:
    """A browser that says where its requests come from, as all do."""
    browser = edge.browser(base=SITE)
    browser.headers["sec-fetch-site"] = "same-origin"
    browser.get("/language/en")
    return browser


def sign_in(browser: TestClient, email: str, password: str = PASSWORD, **query: str) -> Any:
    """Fill the form in and send it."""
    page = browser.get("/sign-in", params=query)
    return forms_in(page.text)["/sign-in"].send(browser, email=email, password=password)


@dataclass
class Enrolled:
    """Somebody with one-time codes."""

    edge: Edge
    email: str
    seed: str
    codes: list[str]
    browser: TestClient
    """Signed in."""

    def shown(self) -> str:
        """A code that was not used yet: time goes on."""
        from datetime import timedelta

        self.edge.clock.at += timedelta(seconds=60)
        return code_for(self.edge, self.seed)


def code_for(edge: Edge, seed: str) -> str:
    """What an authenticator app shows now."""
    return pyotp.TOTP(seed).at(edge.now)


def seed_in(page: str) -> str:
    """The key that is shown beside the QR code."""
    found = re.search(r'class="seed">([A-Z2-7 \u00a0\u202f]+)<', html.unescape(page))
    assert found is not None
    return "".join(found.group(1).split())


def codes_in(page: str) -> list[str]:
    """The recovery codes of a page."""
    found = re.search(r'id="codes">([^<]+)<', page)
    return found.group(1).split() if found else []


def enrolled(edge: Edge, role: UserRole = UserRole.DPO) -> Enrolled:
    """A new person who set up one-time codes on the page."""
    email, browser = edge.account(role), browser_of(edge)
    assert sign_in(browser, email).status_code == 303
    forms_in(browser.get("/account").text)["/account/totp"].send(browser)
    page = browser.get("/account").text
    seed = seed_in(page)
    done = forms_in(page)["/account/totp/confirm"].send(browser, code=code_for(edge, seed))
    assert done.status_code == 200, done.text
    return Enrolled(edge, email, seed, codes_in(done.text), browser)


def passkey_of(edge: Edge, role: UserRole = UserRole.DPO) -> tuple[Authenticator, Enrolled]:
    """A new person with a passkey only."""
    email, browser = edge.account(role), browser_of(edge)
    sign_in(browser, email)
    key = Authenticator(SITE, "incidents.example")
    options = browser.post("/account/passkeys/options", json={}).json()
    made = browser.post("/account/passkeys", json={"name": "my laptop", "credential": key.make(options)})
    assert made.status_code == 200, made.text
    return key, Enrolled(edge, email, "", [], browser)
