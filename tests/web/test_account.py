"""`/account` as its owner uses it: one's own password, second factors, recovery codes, sessions, name, language."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from breach_service.domain.access import JUST_NOW, PEOPLE, UserRole
from breach_service.web.guard import COOKIE
from tests.web.account import SITE, Enrolled, browser_of, code_for, codes_in, enrolled, passkey_of, seed_in, sign_in
from tests.web.edge import PASSWORD, Edge, forms_in, routes_of, shared_edge, text_in

NEW = "four words of mine"


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("account"), public_url=SITE) as one:
        yield one


@pytest.fixture
def person(edge: Edge) -> tuple[TestClient, str]:
    """Signed in with a password, in English."""
    browser, email = browser_of(edge), edge.account()
    assert sign_in(browser, email).status_code == 303
    return browser, email


def form(browser: TestClient, action: str) -> Any:
    """A form of the account's page."""
    return forms_in(browser.get("/account").text)[action]


@pytest.mark.parametrize("role", PEOPLE)
def test_everybody_keeps_their_own_account(edge: Edge, role: UserRole) -> None:
    """Whatever their role; the header leads there."""
    browser, email = browser_of(edge), edge.account(role)
    sign_in(browser, email)
    page = browser.get("/account")
    assert page.status_code == 200
    assert email in text_in(page.text)
    assert 'href="/account"' in page.text


def test_strangers_and_programs_have_no_account(edge: Edge) -> None:
    """A stranger signs in first; a token does not open pages."""
    assert edge.client.get("/account").headers["location"].startswith("/sign-in?next=/account")
    assert edge.client.get("/account", headers=edge.token()).status_code == 303
    assert edge.client.post("/account/password", data={}).status_code == 401


# ── Password


def test_the_password_is_changed_with_the_present_one(edge: Edge, person: tuple[TestClient, str]) -> None:
    """This browser goes on under another cookie, every other is out, and only the new password opens."""
    browser, email = person
    other = browser_of(edge)
    sign_in(other, email)
    before = browser.cookies[f"__Host-{COOKIE}"]
    done = form(browser, "/account/password").send(browser, password=PASSWORD, new_password=NEW, again=NEW)
    assert (done.status_code, done.headers["location"]) == (303, "/account?done=changed")
    assert browser.cookies[f"__Host-{COOKIE}"] != before
    assert "Changed." in browser.get("/account?done=changed").text
    assert other.get("/account").status_code == 303
    assert sign_in(browser_of(edge), email).status_code == 401
    assert sign_in(browser_of(edge), email, NEW).status_code == 303


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"password": "wrong", "new_password": NEW, "again": NEW}, "present password is another one"),
        ({"password": "", "new_password": NEW, "again": NEW}, "present password is another one"),
        ({"password": PASSWORD, "new_password": NEW, "again": "another"}, "differ"),
        ({"password": PASSWORD, "new_password": "short", "again": "short"}, "at least 12 characters"),
        ({"password": PASSWORD, "new_password": "a" * 20, "again": "a" * 20}, "would be guessed first"),
    ],
)
def test_what_is_wrong_with_a_new_password_is_said(
    person: tuple[TestClient, str], typed: dict[str, str], sentence: str
) -> None:
    """On the same page; nothing changes, and no password comes back in it."""
    browser, _ = person
    refused = form(browser, "/account/password").send(browser, **typed)
    assert refused.status_code == 422
    assert sentence in text_in(refused.text)
    assert not [one for one in typed.values() if len(one) > 6 and one in refused.text]
    assert browser.get("/account").status_code == 200


def test_guessing_the_present_password_locks_like_a_sign_in(person: tuple[TestClient, str]) -> None:
    """A browser left open is no place to try out passwords."""
    browser, _ = person
    for _ in range(5):
        form(browser, "/account/password").send(browser, password="guess", new_password=NEW, again=NEW)
    refused = form(browser, "/account/password").send(browser, password=PASSWORD, new_password=NEW, again=NEW)
    assert (refused.status_code, "Too many wrong passwords" in text_in(refused.text)) == (422, True)


# ── One-time codes


def test_one_time_codes_are_set_up_with_a_qr_code(person: tuple[TestClient, str], edge: Edge) -> None:
    """Drawn in the page, with the key beside it; a wrong code changes nothing; the right one shows recovery codes."""
    browser, _ = person
    begun = form(browser, "/account/totp").send(browser)
    assert (begun.status_code, begun.headers["location"]) == (303, "/account#factors")
    page = browser.get("/account").text
    assert re.search(r'class="qr"[^>]*><svg', page)
    assert "style=" not in page
    seed = seed_in(page)
    wrong = forms_in(page)["/account/totp/confirm"].send(browser, code="000000")
    assert (wrong.status_code, "This code is wrong" in text_in(wrong.text)) == (422, True)
    done = forms_in(page)["/account/totp/confirm"].send(browser, code=code_for(edge, seed))
    assert len(set(codes_in(done.text))) == 10
    assert done.headers["cache-control"] == "no-store"
    after = browser.get("/account").text
    assert seed not in after.replace(" ", "")
    assert not [one for one in codes_in(done.text) if one in after]


def test_the_old_session_ends_as_a_factor_is_added(edge: Edge) -> None:
    """The cookie of before, stolen, opens nothing."""
    browser, email = browser_of(edge), edge.account()
    sign_in(browser, email)
    stolen = browser.cookies[f"__Host-{COOKIE}"]
    form(browser, "/account/totp").send(browser)
    page = browser.get("/account").text
    forms_in(page)["/account/totp/confirm"].send(browser, code=code_for(edge, seed_in(page)))
    thief = browser_of(edge)
    thief.cookies.set(f"__Host-{COOKIE}", stolen, domain="incidents.example")
    assert thief.get("/account").status_code == 303
    assert browser.get("/account").status_code == 200


def test_minutes_later_the_password_is_asked_for(edge: Edge) -> None:
    """The form has a field for it then; without the right one nothing changes."""
    somebody = enrolled(edge)
    assert "password" not in form(somebody.browser, "/account/recovery").fields
    edge.clock.at += JUST_NOW
    for action in ("/account/recovery", "/account/totp/remove"):
        refused = form(somebody.browser, action).send(somebody.browser, password="wrong")
        assert (refused.status_code, "present password" in text_in(refused.text)) == (422, True)
    made = form(somebody.browser, "/account/recovery").send(somebody.browser, password=PASSWORD)
    assert len(codes_in(made.text)) == 10
    assert not set(codes_in(made.text)) & set(somebody.codes)
    removed = form(somebody.browser, "/account/totp/remove").send(somebody.browser, password=PASSWORD)
    assert removed.status_code == 303
    assert sign_in(browser_of(edge), somebody.email).headers["location"] == "/"


# ── Passkeys


def test_a_passkey_is_added_named_and_removed(edge: Edge) -> None:
    """It is listed with its name; once removed it opens nothing."""
    key, somebody = passkey_of(edge)
    page = somebody.browser.get("/account").text
    assert "my laptop" in text_in(page)
    action = next(one for one in forms_in(page) if re.fullmatch(r"/account/passkeys/\d+/remove", one))
    assert forms_in(page)[action].send(somebody.browser).status_code == 303
    browser = browser_of(edge)
    options = browser.post("/sign-in/passkey/options", json={}).json()
    assert browser.post("/sign-in/passkey", json=key.use(options)).status_code == 401


def test_another_person_removes_nothing(edge: Edge) -> None:
    """Neither a passkey nor a session: it reads like one that is not there."""
    _, owner = passkey_of(edge)
    _, stranger = passkey_of(edge)
    page = owner.browser.get("/account").text
    action = next(one for one in forms_in(page) if re.fullmatch(r"/account/passkeys/\d+/remove", one))
    sign_in(browser_of(edge), owner.email)
    assert stranger.browser.post(action, data={}).status_code == 404
    assert stranger.browser.post("/account/passkeys/999999/remove", data={}).status_code == 404
    assert stranger.browser.post("/account/sessions/1/end").status_code == 404
    assert "my laptop" in text_in(owner.browser.get("/account").text)


@pytest.mark.parametrize(
    "body", [{}, {"name": "x"}, {"credential": None}, {"credential": {}}, {"credential": {"id": "AAAA"}, "name": 7}]
)
def test_a_passkey_that_answers_nothing_is_not_added(person: tuple[TestClient, str], body: dict[str, Any]) -> None:
    """In words, as JSON for the script."""
    browser, _ = person
    browser.post("/account/passkeys/options", json={})
    refused = browser.post("/account/passkeys", json=body)
    assert refused.status_code == 422
    assert refused.json()["title"]


def test_a_passkey_asks_for_the_password_too(person: tuple[TestClient, str], edge: Edge) -> None:
    """Minutes after signing in."""
    browser, _ = person
    edge.clock.at += JUST_NOW
    refused = browser.post("/account/passkeys/options", json={"password": "wrong"})
    assert (refused.status_code, "present password" in refused.json()["title"]) == (422, True)
    assert browser.post("/account/passkeys/options", json={"password": PASSWORD}).status_code == 200


# ── Sessions, name and language


def test_every_browser_is_listed_and_can_be_signed_out(edge: Edge) -> None:
    """With its name and when it was used last; this one cannot sign itself out there."""
    browser, other, third = (browser_of(edge) for _ in range(3))
    email = edge.account()
    other.headers["user-agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    for one in (browser, other, third):
        sign_in(one, email)
    page = browser.get("/account").text
    assert "Firefox, Linux" in text_in(page)
    ends = [one for one in forms_in(page) if re.fullmatch(r"/account/sessions/\d+/end", one)]
    assert len(ends) == 2
    forms_in(page)["/account/sessions/end-others"].send(browser)
    assert [one.get("/account").status_code for one in (browser, other, third)] == [200, 303, 303]


def test_one_browser_is_signed_out_by_its_line(edge: Edge) -> None:
    """And the rest goes on."""
    browser, other = browser_of(edge), browser_of(edge)
    email = edge.account()
    sign_in(browser, email)
    sign_in(other, email)
    page = browser.get("/account").text
    (end,) = [one for one in forms_in(page) if re.fullmatch(r"/account/sessions/\d+/end", one)]
    assert forms_in(page)[end].send(browser).status_code == 303
    assert [one.get("/account").status_code for one in (browser, other)] == [200, 303]


def test_name_and_language_are_kept(edge: Edge) -> None:
    """The language holds after signing in elsewhere; a name of a colleague is not taken."""
    browser, email = browser_of(edge), edge.account()
    colleague = edge.account().partition("@")[0]
    sign_in(browser, email)
    taken = form(browser, "/account/profile").send(browser, name=colleague.upper(), language="en")
    assert (taken.status_code, "A colleague has this name" in text_in(taken.text)) == (422, True)
    assert form(browser, "/account/profile").send(browser, name="Camille Vauzelle", language="fr").status_code == 303
    page = browser.get("/account").text
    assert '<html lang="fr">' in page
    assert "Camille Vauzelle" in page.partition("</header>")[0]
    assert form(browser, "/account/profile").send(browser, name=" ", language="fr").status_code == 422


# ── Foreign pages


def mutating(edge: Edge) -> list[tuple[str, str]]:
    """Every route of the application that changes something, with something in its places."""
    return [
        (method, re.sub(r"\{[^}]+\}", "1", path))
        for path, methods in routes_of(edge.app.routes)
        if not path.startswith(("/webhooks", "/static"))
        for method in sorted(methods - {"GET", "HEAD", "OPTIONS"})
    ]


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}, {}],
)
def test_no_route_that_changes_something_is_open_to_foreign_pages(edge: Edge, headers: dict[str, str]) -> None:
    """All of them, as they are registered, those of tomorrow too: 403 before anything else is looked at."""
    browser = browser_of(edge)
    sign_in(browser, edge.account(UserRole.ADMIN))
    del browser.headers["sec-fetch-site"]
    found = mutating(edge)
    assert len(found) > 40
    for method, path in found:
        answer = browser.request(method, path, headers=headers, json={})
        assert (answer.status_code, "our own pages" in answer.text) == (403, True), (method, path)
    browser.headers["sec-fetch-site"] = "same-origin"
    assert browser.get("/account").status_code == 200


def test_what_is_secret_stands_on_no_page_afterwards(edge: Edge) -> None:
    """Neither seed nor codes nor any token, on the pages that their owner sees."""
    somebody: Enrolled = enrolled(edge)
    edge.clock.at += timedelta(minutes=1)
    for path in ("/account", "/", "/incidents"):
        page = somebody.browser.get(path).text
        for secret in (somebody.seed, *somebody.codes, somebody.browser.cookies[f"__Host-{COOKIE}"], PASSWORD):
            assert secret not in page.replace(" ", "")
