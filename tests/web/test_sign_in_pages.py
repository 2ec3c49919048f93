"""Signing in on the pages, as browsers do it: two steps, cookies, foreign pages, old cookies."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from breach_service.domain.access import LIMITS, Throttled, UserRole
from breach_service.web.guard import COOKIE
from breach_service.web.signing.sign_in_browser import agent_of
from breach_service.web.signing.sign_in_cookie import PASSKEY_COOKIE, STEP_COOKIE
from tests.conftest import settings_for
from tests.web.account import SITE, browser_of, enrolled, passkey_of, sign_in
from tests.web.edge import ORIGIN, PASSWORD, Edge, forms_in, shared_edge, text_in


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("sign-in"), public_url=SITE) as one:
        yield one


def flags_of(answer: Any, name: str) -> set[str]:
    """The flags of a cookie that an answer sets."""
    cookies = [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{name}=")]
    assert len(cookies) == 1, answer.headers.get_list("set-cookie")
    return {one.strip().lower() for one in cookies[0].split(";")[1:]}


# ── Two steps


def test_the_second_step_stands_between_the_password_and_the_pages(edge: Edge) -> None:
    """Nothing is shown in between; the page that was asked for comes after it, with its query."""
    somebody = enrolled(edge)
    browser = browser_of(edge)
    wanted = "/incidents?fact=loss.integrity"
    answer = sign_in(browser, somebody.email, next=wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in/second")
    assert browser.get("/incidents").headers["location"].startswith("/sign-in")
    page = browser.get("/sign-in/second")
    assert page.status_code == 200
    done = forms_in(page.text)["/sign-in/second"].send(browser, code=somebody.shown())
    assert (done.status_code, done.headers["location"]) == (303, wanted)
    assert browser.get("/incidents").status_code == 200
    assert f"__Host-{STEP_COOKIE}" not in browser.cookies


def test_a_wrong_code_is_said_and_can_be_typed_again(edge: Edge) -> None:
    """On the same page, with another step under way; the old step's cookie opens nothing."""
    somebody, browser = enrolled(edge), browser_of(edge)
    sign_in(browser, somebody.email)
    old = browser.cookies[f"__Host-{STEP_COOKIE}"]
    wrong = browser.post("/sign-in/second", data={"code": "000000"})
    assert (wrong.status_code, "code" in text_in(wrong.text)) == (401, True)
    assert browser.cookies[f"__Host-{STEP_COOKIE}"] != old
    thief = browser_of(edge)
    thief.cookies.set(f"__Host-{STEP_COOKIE}", old, domain="incidents.example")
    assert thief.post("/sign-in/second", data={"code": somebody.shown()}).status_code == 401
    assert forms_in(wrong.text)["/sign-in/second"].send(browser, code=somebody.shown()).status_code == 303


def test_without_a_first_step_there_is_no_second(edge: Edge) -> None:
    """The form leads back; what is posted to it opens nothing."""
    browser = browser_of(edge)
    assert browser.get("/sign-in/second").headers["location"] == "/sign-in"
    refused = browser.post("/sign-in/second", data={"code": "123456"})
    assert (refused.status_code, f"__Host-{COOKIE}" in browser.cookies) == (401, False)


def test_a_recovery_code_goes_into_the_same_field(edge: Edge) -> None:
    """Once."""
    somebody = enrolled(edge)
    answers = []
    for _ in range(2):
        browser = browser_of(edge)
        sign_in(browser, somebody.email)
        answers.append(browser.post("/sign-in/second", data={"code": somebody.codes[0]}).status_code)
    assert answers == [303, 401]


# ── Passkeys


def test_a_passkey_signs_in_without_a_password(edge: Edge) -> None:
    """The page says where to go next; the cookie is that of any session."""
    key, somebody = passkey_of(edge)
    browser = browser_of(edge)
    assert "passkey" in browser.get("/sign-in").text
    asked = browser.post("/sign-in/passkey/options", json={"next": "/register"})
    assert asked.json()["userVerification"] == "required"
    assert asked.json().get("allowCredentials", []) == [], "asking tells nobody which passkeys there are"
    assert "httponly" in flags_of(asked, f"__Host-{PASSKEY_COOKIE}")
    done = browser.post("/sign-in/passkey", json=key.use(asked.json()))
    assert (done.status_code, done.json()) == (200, {"location": "/register"})
    assert somebody.email.partition("@")[0] in browser.get("/").text


def test_a_passkey_that_opens_nothing_gets_one_answer(edge: Edge) -> None:
    """Unknown or forged: the same words, so that a passkey tells nobody whether it is known here."""
    key, _ = passkey_of(edge)
    stranger = type(key)(key.origin, key.host)
    said = []
    for one, changes in ((stranger, {}), (key, {"origin": "https://evil.example"})):
        browser = browser_of(edge)
        options = browser.post("/sign-in/passkey/options", json={}).json()
        refused = browser.post("/sign-in/passkey", json=one.use(options, **changes))
        assert refused.status_code == 401
        said.append(refused.text)
    assert said[0] == said[1]


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", 7, None, ["x"], "\\\\evil"])
def test_a_passkey_leads_to_no_foreign_page(edge: Edge, target: Any) -> None:
    """As a password does not."""
    key, _ = passkey_of(edge)
    browser = browser_of(edge)
    options = browser.post("/sign-in/passkey/options", json={"next": target}).json()
    location = browser.post("/sign-in/passkey", json=key.use(options)).json()["location"]
    assert location.startswith("/")
    assert location[1:2] not in ("/", "\\")


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"id": "\\u0000"}', b'"x"'])
def test_what_is_no_answer_of_a_browser_is_refused(edge: Edge, body: bytes) -> None:
    """Nothing worse than a refusal."""
    headers = {"content-type": "application/json"}
    for path in ("/sign-in/passkey/options", "/sign-in/passkey"):
        assert browser_of(edge).post(path, content=body, headers=headers).status_code in (200, 401, 422)


def test_asking_for_passkeys_without_end_is_throttled(make_service: Any, tmp_path: Path) -> None:
    """Each question is a row: a stranger shall not make many."""
    with Edge(make_service(settings_for(tmp_path))) as edge:
        browser = edge.browser()
        for _ in range(LIMITS[Throttled.PASSKEY].failures):
            last = browser.post("/sign-in/passkey/options", json={})
            assert last.status_code == 200
        assert browser.post("/sign-in/passkey/options", json={}).status_code == 429
        assert browser.post("/sign-in", data={"email": edge.account(), "password": PASSWORD}).status_code == 303


# ── Cookies


def test_over_https_the_cookies_belong_to_this_host_alone(edge: Edge) -> None:
    """`__Host-`: Secure, the whole path, no domain; the browser takes it from nobody else."""
    browser, email = browser_of(edge), edge.account()
    answer = sign_in(browser, email)
    flags = flags_of(answer, f"__Host-{COOKIE}")
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= flags
    assert not any(one.startswith("domain") for one in flags)


def test_a_cookie_that_another_host_planted_is_not_looked_at(edge: Edge) -> None:
    """Over https a name without the prefix opens nothing, though its token is good."""
    browser = browser_of(edge)
    sign_in(browser, edge.account())
    token = browser.cookies[f"__Host-{COOKIE}"]
    planted = browser_of(edge)
    planted.cookies.set(COOKIE, token, domain="incidents.example")
    assert planted.get("/incidents").status_code == 303
    planted.cookies.set(f"__Host-{COOKIE}", token, domain="incidents.example")
    assert planted.get("/incidents").status_code == 200


def test_a_planted_session_is_not_taken_over(edge: Edge) -> None:
    """Fixation: the attacker's own session, put into a victim's browser, ends as the victim signs in."""
    attacker, victim = browser_of(edge), browser_of(edge)
    sign_in(attacker, edge.account())
    token = attacker.cookies[f"__Host-{COOKIE}"]
    victim.cookies.set(f"__Host-{COOKIE}", token, domain="incidents.example")
    sign_in(victim, edge.account())
    assert attacker.get("/incidents").status_code == 303
    assert token not in [one.value for one in victim.cookies.jar if one.domain == "incidents.example"][-1:]


def test_an_old_cookie_is_refused(edge: Edge) -> None:
    """After signing out, and after signing in again in the same browser."""
    browser, email = browser_of(edge), edge.account()
    sign_in(browser, email)
    first = browser.cookies[f"__Host-{COOKIE}"]
    sign_in(browser, email)
    second = browser.cookies[f"__Host-{COOKIE}"]
    browser.post("/sign-out")
    for old in (first, second):
        thief = browser_of(edge)
        thief.cookies.set(f"__Host-{COOKIE}", old, domain="incidents.example")
        assert thief.get("/incidents").status_code == 303


def test_a_session_that_nobody_uses_ends(make_service: Any, tmp_path: Path) -> None:
    """After the idle hours of the setting, at the very second; every use, noted by the minute, counts."""
    with Edge(make_service(settings_for(tmp_path, session_idle_hours=1))) as edge:
        browser = edge.browser()
        browser.post("/sign-in", data={"email": edge.account(), "password": PASSWORD})
        for _ in range(3):
            edge.clock.at += timedelta(minutes=59)
            assert browser.get("/incidents").status_code == 200
        edge.clock.at += timedelta(hours=1) - timedelta(seconds=1)
        assert browser.get("/incidents").status_code == 200
        edge.clock.at += timedelta(hours=1)
        assert browser.get("/incidents").status_code == 303


# ── Foreign pages


@pytest.mark.parametrize(
    "path", ["/sign-in", "/sign-in/second", "/sign-in/passkey", "/sign-in/passkey/options", "/sign-out"]
)
@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}]
)
def test_a_foreign_page_signs_nobody_in(edge: Edge, path: str, headers: dict[str, str]) -> None:
    """Without any cookie too: else a visitor would work in the attacker's account without knowing it."""
    browser = edge.browser(base=SITE)
    sent = {"data": {"email": edge.account(), "password": PASSWORD}} if path == "/sign-in" else {"json": {}}
    answer = browser.post(path, headers=headers, **sent)
    assert (answer.status_code, len(browser.cookies)) == (403, 0)


def test_a_program_without_cookies_is_not_taken_for_a_page(edge: Edge) -> None:
    """A token of the API goes in whatever its client says of itself; nothing rides on a cookie there."""
    headers = {**edge.token(UserRole.RESPONDER), "origin": "https://dashboard.example"}
    answer = edge.client.post("/api/v1/incidents", json={"what_happened": "A test."}, headers=headers)
    assert answer.status_code == 201


# ── Throttling


def test_a_locked_account_reads_like_one_that_is_none(make_service: Any, tmp_path: Path) -> None:
    """Word for word, status and headers too."""
    with Edge(make_service(settings_for(tmp_path))) as edge:
        email, seen = edge.account(), []
        for one in (email, "nobody@us.example"):
            browser = edge.browser()
            answers = [browser.post("/sign-in", data={"email": one, "password": "guess"}) for _ in range(7)]
            seen.append([(each.status_code, each.text.replace(one, "…")) for each in answers])
        assert seen[0] == seen[1]
        assert "Trop d’essais" in seen[0][-1][1]


def test_an_address_with_wrong_api_tokens_waits(make_service: Any, tmp_path: Path) -> None:
    """429 with Retry-After for further wrong ones; a program with a right one beside it goes on."""
    with Edge(make_service(settings_for(tmp_path))) as edge:
        good, wrong = edge.token(UserRole.VIEWER), {"authorization": "Bearer bs_guessed"}
        for _ in range(LIMITS[Throttled.TOKEN].failures):
            assert edge.client.get("/api/v1/incidents", headers=wrong).status_code == 401
        refused = edge.client.get("/api/v1/incidents", headers=wrong)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "61")
        assert edge.client.get("/api/v1/incidents", headers=good).status_code == 200
        edge.clock.at += LIMITS[Throttled.TOKEN].lock
        assert edge.client.get("/api/v1/incidents", headers=wrong).status_code == 401


# ── A second factor that is required


def test_who_decides_is_sent_to_add_a_second_factor(make_service: Any, tmp_path: Path) -> None:
    """A banner during the days of grace; after them nothing but the account is open until there is one."""
    with Edge(make_service(settings_for(tmp_path, second_factor_roles="dpo", second_factor_grace_days=14))) as edge:
        email, viewer = edge.account(UserRole.DPO), edge.account(UserRole.VIEWER)
        browser = _signed_in(edge, email)
        assert "/account#factors" in browser.get("/incidents").text
        edge.clock.at += timedelta(days=14)
        browser, other = _signed_in(edge, email), _signed_in(edge, viewer)
        assert other.get("/incidents").status_code == 200
        assert browser.get("/incidents").headers["location"] == "/account#factors"
        assert browser.post("/declare", data={"what_happened": "x"}).status_code == 403
        assert browser.get("/api/v1/incidents").status_code == 403
        page = browser.get("/account")
        assert page.status_code == 200
        done = _enrol(edge, browser)
        assert done.status_code == 200
        assert browser.get("/incidents").status_code == 200


def _signed_in(edge: Edge, email: str) -> TestClient:
    browser = edge.browser()
    browser.headers["origin"] = ORIGIN
    assert browser.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 303
    return browser


def _enrol(edge: Edge, browser: TestClient) -> Any:
    from tests.web.account import code_for, seed_in

    forms_in(browser.get("/account").text)["/account/totp"].send(browser)
    page = browser.get("/account").text
    return forms_in(page)["/account/totp/confirm"].send(browser, code=code_for(edge, seed_in(page)))


# ── What is written


def test_nothing_of_signing_in_is_logged(edge: Edge, capfd: pytest.CaptureFixture[str]) -> None:
    """No password, code, token, seed or address of a person, whatever went wrong."""
    somebody, browser = enrolled(edge), browser_of(edge)
    sign_in(browser, somebody.email, "wrong-password-of-mine")
    sign_in(browser, somebody.email)
    browser.post("/sign-in/second", data={"code": "987654"})
    browser.post("/sign-in/second", data={"code": somebody.shown()})
    browser.post("/sign-in/passkey", json={"id": "marker-of-mine"})
    logging.shutdown()
    said = "".join(capfd.readouterr())
    for secret in (somebody.email, "wrong-password-of-mine", "987654", "marker-of-mine", somebody.seed):
        assert secret not in said
    assert browser.cookies[f"__Host-{COOKIE}"] not in said


@pytest.mark.parametrize(
    ("header", "agent"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_a_browser_is_known_in_a_word_or_two(header: str, agent: str) -> None:
    """And nothing of what its header says besides."""
    assert agent_of(header) == agent
