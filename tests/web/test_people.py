"""The pages and the API of people: an administrator at their browser, and what others are refused."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from breach_service.acts.people import accounts
from breach_service.app import OPERATOR
from breach_service.domain.access import PEOPLE, UserRole
from breach_service.store import people as stored
from tests.web.edge import ORIGIN, PASSWORD, Edge, forms_in, shared_edge, text_in


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """One application for all stories of this module, with an administrator who stays."""
    directory: Path = tmp_path_factory.mktemp("people")
    with shared_edge(directory) as found:
        found.account(UserRole.ADMIN)
        yield found


@pytest.fixture(scope="module")
def admin(edge: Edge) -> TestClient:
    """The administrator's browser."""
    return edge.person(UserRole.ADMIN)


def number_of(edge: Edge, email: str) -> int:
    with edge.service.database.reading() as session:
        row = stored.user_by_email(session, email)
    assert row is not None
    assert row.id is not None
    return row.id


def invited(edge: Edge, admin: TestClient, email: str, role: str = "responder", name: str = "") -> str:
    """The path of the link that the page shows once."""
    answer = forms_in(admin.get("/people").text)["/people"].send(admin, email=email, role=role, name=name)
    assert answer.status_code == 201, answer.text
    return found_link(answer.text)


def found_link(html: str) -> str:
    [path] = set(re.findall(r"/sign-in/link\?token=[\w-]+", html))
    return str(path)


def choose(browser: TestClient, path: str, **fields: str) -> Any:
    """Open a link and send its form."""
    answer = browser.get(path, follow_redirects=True)
    return forms_in(answer.text)["/sign-in/link"].send(browser, password=PASSWORD, again=PASSWORD, **fields)


def test_somebody_is_invited_and_comes(edge: Edge, admin: TestClient) -> None:
    """From the administrator's form to the first page that the new person sees, with a password of their own."""
    path = invited(edge, admin, "noe@us.example", "responder", "Noé Varenne")
    newcomer = edge.browser()
    shown = newcomer.get(path)
    assert (shown.status_code, shown.headers["location"]) == (303, "/sign-in/link"), "the token leaves the address"
    assert "noe@us.example" in newcomer.get("/sign-in/link").text
    done = choose(newcomer, path)
    assert (done.status_code, done.headers["location"]) == (303, "/sign-in?done=password_set")
    answer = newcomer.post(
        "/sign-in", data={"email": "noe@us.example", "password": PASSWORD}, headers={"origin": ORIGIN}
    )
    assert answer.status_code == 303
    assert newcomer.get("/").status_code == 200
    assert newcomer.get(path, follow_redirects=True).status_code == 410
    assert "active" in text_in(admin.get(f"/people/{number_of(edge, 'noe@us.example')}").text)


def test_a_link_is_looked_at_without_being_used(edge: Edge, admin: TestClient) -> None:
    """By a scanner of mails, or by whoever opens it twice."""
    path = invited(edge, admin, "scan@us.example")
    for _ in range(3):
        assert edge.browser().get(path, follow_redirects=True).status_code == 200
    assert choose(edge.browser(), path).status_code == 303


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        ("short", "short", "at least 12 characters"),
        (PASSWORD, PASSWORD + "x", "not the same"),
        ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "guessed first"),
        ("x" * 1001, "x" * 1001, "at most 1000 characters"),
    ],
)
def test_a_password_that_cannot_be_uses_nothing_up(
    edge: Edge, admin: TestClient, password: str, again: str, sentence: str
) -> None:
    """The form comes back with the reason, without the password, and the link still opens."""
    path = invited(edge, admin, f"p{len(password)}{len(again)}@us.example")
    browser = edge.browser()
    browser.cookies.set("breach_language", "en")
    form = forms_in(browser.get(path, follow_redirects=True).text)["/sign-in/link"]
    answer = form.send(browser, password=password, again=again)
    assert answer.status_code == 422
    assert sentence in text_in(answer.text)
    assert password not in answer.text
    assert choose(browser, path).status_code == 303


ONE_TIME = ("token", "code", "state")


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/link", "/oidc/let-in", "/oidc/callback", "/nowhere"])
def test_no_page_repeats_what_opens_something_once(edge: Edge, path: str) -> None:
    """Not even one that says what is wrong: its links (the language) would carry it into histories and logs."""
    secret = secrets.token_hex(200)
    answer = edge.browser().get(path, params={**dict.fromkeys(ONE_TIME, secret), "next": "/incidents"})
    assert secret not in answer.text
    if "/language/" in answer.text:
        assert "next%3D%252Fincidents" in answer.text, "what opens nothing stays in the address"


@pytest.mark.parametrize("token", ["guessed", "x" * 200, "../../etc", "é"])
def test_a_guessed_link_opens_nothing(edge: Edge, token: str) -> None:
    """And says what to do."""
    browser = edge.browser()
    answer = browser.get("/sign-in/link", params={"token": token}, follow_redirects=True)
    assert answer.status_code == 410
    assert "opens nothing any more" in browser.get("/sign-in/link", headers={"cookie": "breach_language=en"}).text
    posted = browser.post("/sign-in/link", data={"password": PASSWORD, "again": PASSWORD})
    assert posted.status_code == 410


def test_a_link_is_not_opened_by_another_site(edge: Edge, admin: TestClient) -> None:
    """A form elsewhere cannot choose the password for whoever just opened their mail."""
    path = invited(edge, admin, "victim@us.example")
    browser = edge.browser()
    browser.get(path)
    elsewhere = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    posted = browser.post("/sign-in/link", data={"password": PASSWORD, "again": PASSWORD}, headers=elsewhere)
    assert posted.status_code == 403
    assert choose(browser, path).status_code == 303


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email": "nobody"}, "is not an e-mail address"),
        ({"email": "twice@us.example"}, "There is an account"),
        ({"email": "new@us.example", "name": "operator"}, "Nobody can be called"),
    ],
)
def test_a_wrong_account_comes_back_with_what_was_typed(
    edge: Edge, admin: TestClient, fields: dict[str, str], sentence: str
) -> None:
    """And its reason."""
    if fields["email"].startswith("twice"):
        invited(edge, admin, "twice@us.example")
    answer = forms_in(admin.get("/people").text)["/people"].send(admin, **fields, role="dpo")
    assert answer.status_code == 422
    assert sentence in text_in(answer.text)
    assert fields["email"] in answer.text


def test_a_person_is_renamed_given_a_role_disabled_and_enabled(edge: Edge, admin: TestClient) -> None:
    """Each with its form; whoever was signed in is out at the next click."""
    number = edge.service.database.write(
        lambda session: accounts.add_user(
            session, OPERATOR, "maud@us.example", UserRole.VIEWER, PASSWORD, edge.now, name="Maud"
        )
    )
    other = edge.browser()
    other.headers["origin"] = ORIGIN
    other.post("/sign-in", data={"email": "maud@us.example", "password": PASSWORD})
    assert other.get("/").status_code == 200
    page = f"/people/{number}"

    def send(action: str, **fields: str) -> Any:
        return forms_in(admin.get(page).text)[f"{page}/{action}"].send(admin, **fields)

    assert send("rename", name="Maud Sabran").status_code == 303
    assert "Maud Sabran" in admin.get(page).text
    assert send("sessions/end").status_code == 303
    assert other.get("/").status_code == 303
    assert send("role", role="responder").status_code == 303
    assert other.post("/sign-in", data={"email": "maud@us.example", "password": PASSWORD}).status_code == 303
    held = re.search(rf"{page}/sessions/(\d+)/end", admin.get(page).text)
    assert held is not None
    assert send(f"sessions/{held[1]}/end").status_code == 303
    assert other.get("/").status_code == 303
    assert "so do password, passkeys and one-time codes" in text_in(admin.get(page).text)
    assert send("disable", reason="Laptop stolen.", **{"for": "security"}).status_code == 303
    assert "Laptop stolen." in text_in(admin.get(page).text)
    assert "gets a new invitation" in text_in(admin.get(page).text)
    assert other.post("/sign-in", data={"email": "maud@us.example", "password": PASSWORD}).status_code == 401
    assert send("enable").status_code == 303
    assert other.post("/sign-in", data={"email": "maud@us.example", "password": PASSWORD}).status_code == 401


def test_what_cannot_be_done_is_said_on_the_page_of_the_person(edge: Edge, admin: TestClient) -> None:
    """With the status of a wrong form."""
    number = edge.service.database.write(
        lambda session: accounts.add_user(session, OPERATOR, "same@us.example", UserRole.DPO, None, edge.now)
    )
    page = f"/people/{number}"
    answer = forms_in(admin.get(page).text)[f"{page}/role"].send(admin, role="dpo")
    assert (answer.status_code, "has the role dpo already" in text_in(answer.text)) == (422, True)
    assert admin.post(f"{page}/role", data={"role": "source"}).status_code == 422
    assert admin.get("/people/999999").status_code == 404


def test_a_token_is_made_shown_once_and_revoked(edge: Edge, admin: TestClient) -> None:
    """With a scope; then it opens that and nothing else."""
    form = forms_in(admin.get("/tokens").text)["/tokens#new"]
    answer = admin.post(
        "/tokens", data={"name": "grafana", "role": "responder", "scopes": ["look"], "days": "30", "owner": ""}
    )
    assert set(form.fields) >= {"name", "role", "days", "owner", "scopes"}
    assert answer.status_code == 201
    [token] = set(re.findall(r"bs_[\w-]{40,}", answer.text))
    header = {"authorization": f"Bearer {token}"}
    program = edge.browser()
    assert program.get("/api/v1/incidents", headers=header).status_code == 200
    refused = program.post("/api/v1/incidents", json={"what_happened": "x"}, headers=header)
    assert refused.status_code == 403
    shown = admin.get("/tokens").text
    assert token not in shown
    assert "grafana" in shown
    assert forms_in(shown)["/tokens/grafana/revoke"].send(admin).status_code == 303
    assert program.get("/api/v1/incidents", headers=header).status_code == 401


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "Name the token"),
        ({"name": "long", "days": "366"}, "at most 365 days"),
        ({"name": "odd", "days": "soon"}, "Write the days as a number"),
        ({"name": "wide", "scopes": ["manage_people"]}, "cannot have: manage_people"),
        ({"name": "owned", "owner": "999999"}, "The owner of a token"),
        ({"name": "owned", "owner": "x"}, "Choose the owner"),
        ({"name": "none", "role": "source"}, "Choose a role"),
        ({"name": "<script>alert(1)</script>", "days": "0"}, "at most 365 days"),
    ],
)
def test_a_wrong_token_comes_back_with_what_was_typed(
    edge: Edge, admin: TestClient, fields: dict[str, Any], sentence: str
) -> None:
    """And its reason; nothing typed is markup."""
    answer = admin.post("/tokens", data={"role": "viewer", **fields})
    assert answer.status_code == 422
    assert sentence in text_in(answer.text)
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("role", [one for one in PEOPLE if one is not UserRole.ADMIN])
def test_only_administrators_see_people_and_tokens(edge: Edge, role: UserRole) -> None:
    """Neither the pages nor the API, nor a link to them."""
    browser, header = edge.person(role), edge.token(role)
    for path in ("/people", "/people/1", "/tokens"):
        assert browser.get(path).status_code == 403
    for path in ("/api/v1/people", "/api/v1/people/1", "/api/v1/tokens"):
        assert edge.client.get(path, headers=header).status_code == 403
    assert 'href="/people"' not in browser.get("/register").text


def test_the_api_manages_people_for_an_administrator(edge: Edge, admin: TestClient) -> None:
    """Typed, with the same acts as the pages."""
    made = admin.post("/api/v1/people", json={"email": "api@us.example", "role": "viewer", "name": "Ana"})
    assert made.status_code == 201, made.text
    number, link = made.json()["id"], made.json()["link"]
    assert made.json()["is_mailed"] is False
    assert choose(edge.browser(), link).status_code == 303
    one = admin.get(f"/api/v1/people/{number}").json()
    assert (one["name"], one["state"], one["open_sessions"]) == ("Ana", "active", [])
    assert admin.patch(f"/api/v1/people/{number}", json={"name": "Ana B", "role": "dpo"}).status_code == 204
    assert admin.patch(f"/api/v1/people/{number}", json={}).status_code == 422
    assert admin.patch(f"/api/v1/people/{number}", json={"role": "source"}).status_code == 422
    disabled = admin.post(f"/api/v1/people/{number}/disable", json={"reason": "Left.", "for_security": True})
    assert disabled.status_code == 204
    [listed] = [each for each in admin.get("/api/v1/people").json() if each["id"] == number]
    assert (listed["name"], listed["role"], listed["state"]) == ("Ana B", "dpo", "disabled")
    assert admin.post(f"/api/v1/people/{number}/enable").status_code == 204
    assert admin.delete(f"/api/v1/people/{number}/sessions").status_code == 204
    assert admin.delete(f"/api/v1/people/{number}/sessions/12345").status_code == 404


def test_the_api_makes_and_ends_tokens_for_an_administrator(edge: Edge, admin: TestClient) -> None:
    """The token is in the answer that makes it, and in no other."""
    made = admin.post("/api/v1/tokens", json={"name": "api", "role": "auditor", "days": 1, "scopes": ["look"]})
    assert made.status_code == 201, made.text
    header = {"authorization": f"Bearer {made.json()['token']}"}
    assert edge.client.get("/api/v1/incidents", headers=header).status_code == 200
    listed = admin.get("/api/v1/tokens")
    [one] = [each for each in listed.json() if each["name"] == "api"]
    assert (one["state"], one["scopes"], one["last_used_at"] is not None) == ("live", ["look"], True)
    assert made.json()["token"] not in listed.text
    assert admin.delete("/api/v1/tokens/api").status_code == 204
    assert edge.client.get("/api/v1/incidents", headers=header).status_code == 401
    assert admin.post("/api/v1/tokens", json={"name": "x", "role": "auditor", "days": 1000}).status_code == 422


def test_a_token_of_an_administrator_ends_access_and_gives_none(edge: Edge) -> None:
    """A stolen one makes no account, no token and no administrator; one that people left may shut them out."""
    header = edge.token(UserRole.ADMIN)
    number = edge.service.database.write(
        lambda session: accounts.add_user(session, OPERATOR, "leaver@us.example", UserRole.VIEWER, None, edge.now)
    )
    client = edge.client
    new = {"email": "mine@us.example", "role": "admin"}
    assert client.post("/api/v1/people", json=new, headers=header).status_code == 403
    assert client.post(f"/api/v1/people/{number}/invite", headers=header).status_code == 403
    assert client.patch(f"/api/v1/people/{number}", json={"role": "admin"}, headers=header).status_code == 403
    assert client.post("/api/v1/tokens", json={"name": "more", "role": "admin"}, headers=header).status_code == 403
    left = {"reason": "Left.", "for_security": True}
    assert client.post(f"/api/v1/people/{number}/disable", json=left, headers=header).status_code == 204
    assert client.post(f"/api/v1/people/{number}/enable", headers=header).status_code == 403


def test_the_pages_speak_french(edge: Edge, admin: TestClient) -> None:
    """Every sentence of them."""
    browser = edge.person(UserRole.ADMIN)
    browser.cookies.set("breach_language", "fr")
    assert "Chaque changement fait ici figure dans la main courante." in browser.get("/people").text
    assert "Jetons d’API" in browser.get("/tokens").text
    assert "Sessions ouvertes" in browser.get("/people/1").text
