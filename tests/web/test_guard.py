"""Nobody comes in without a sign-in, nothing comes in from a foreign page, and every answer is armoured."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from breach_service.app import Service
from breach_service.domain.access import Act, UserRole
from breach_service.store import people as stored_people
from breach_service.store.database import DatabaseError
from breach_service.web.guard import COOKIE
from breach_service.web.pages import own_path
from tests.conftest import settings_for
from tests.web.edge import ORIGIN, PASSWORD, ROLES, Edge, drop, forms_in, routes_of, shared_edge, text_in
from tests.web.walking import filled, walked

ARMOUR = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
}


AROUND = {"sources", "content", "quarantine", "false-alarms", "noise", "silences"}


def most_pages(service: Service, more: int) -> None:
    """Let the database grow by so many pages only, which SQLite answers as it does a full disk."""

    def work(session: Any) -> None:
        used = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
        session.connection().exec_driver_sql(f"PRAGMA max_page_count = {used + more}")

    service.database.write(work)


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("guard")) as one:
        yield one


PLACES = {"reference": "INC-2026-0001", "name": "s1", "key": "k1"}


def closed_routes(edge: Edge) -> list[tuple[str, str]]:
    """Every registered (method, path) that is not said to be open; webhooks have a credential of their own."""
    return [
        (one.method, filled(one.path, PLACES))
        for one in walked(edge.app.routes)
        if not one.is_open and one.act is not Act.SEND_ALERTS
    ]


def test_the_walk_over_the_routes_finds_them(edge: Edge) -> None:
    """Otherwise the next tests would prove nothing."""
    found = closed_routes(edge)
    assert len(found) > 25
    for one in (
        ("GET", "/register"),
        ("POST", "/api/v1/incidents"),
        ("GET", "/api/openapi.json"),
        ("POST", "/declare"),
    ):
        assert one in found


def test_every_route_but_the_open_ones_is_refused_to_a_stranger(edge: Edge) -> None:
    """Programs get 401, people the sign-in page, and no route is forgotten."""
    browser = edge.browser()
    for method, path in closed_routes(edge):
        answer = browser.request(method, path)
        if path.startswith("/api/"):
            assert answer.status_code == 401, (method, path)
        elif method in ("GET", "HEAD"):
            assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={path}"), (method, path)
        else:
            assert answer.status_code == 401, (method, path)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/healthz", 200), ("/readyz", 200), ("/sign-in", 200), ("/static/app.css", 200), ("/favicon.ico", 200),
        ("/language/fr", 303), ("/metrics", 200), ("/api/schemas/rules.json", 200), ("/api/schemas/x.json", 404),
    ],
)  # fmt: skip
def test_the_open_paths_are_answered(edge: Edge, path: str, status: int) -> None:
    """Health, sign-in and its style need no account."""
    assert edge.browser().get(path).status_code == status


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere", "/api", "/webhooks", "/static/../incidents", "//incidents", "/sign-in/../incidents", "/metrics/",
        "/healthz/x", "/SIGN-IN", "/static", "/incidents/", "/%2e%2e/incidents", "/language",
    ],
)  # fmt: skip
def test_paths_that_resemble_open_ones_show_nothing(edge: Edge, path: str) -> None:
    """A stranger learns neither what is there nor what is not."""
    answer = edge.browser().get(path)
    assert answer.status_code in (303, 404, 405, 401)
    if answer.status_code == 303:
        assert answer.headers["location"].startswith("/sign-in?next=/")
    assert "INC-" not in answer.text


def test_a_refused_program_reads_a_problem(edge: Edge) -> None:
    """401 as problem+json that says what to send."""
    answer = edge.browser().get("/api/v1/incidents")
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["status"] == 401
    assert "Bearer" in answer.json()["title"]


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer ", "bearer x", "Basic eDp5", "Bearer é"])
def test_a_wrong_token_opens_nothing(edge: Edge, header: str) -> None:
    """Whatever stands in it."""
    answer = edge.browser().get("/api/v1/incidents", headers={"authorization": header.encode("latin-1")})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


def test_a_token_opens_the_api_and_no_page(edge: Edge) -> None:
    """Pages are for people with a session."""
    headers = edge.token(UserRole.ADMIN)
    browser = edge.browser()
    assert browser.get("/api/v1/incidents", headers=headers).status_code == 200
    assert browser.get("/api/openapi.json", headers=headers).status_code == 200
    assert browser.get("/incidents", headers=headers).status_code == 303


def test_the_page_asked_for_comes_after_the_sign_in(edge: Edge) -> None:
    """With its query: a link in a message leads where it points."""
    browser, wanted = edge.browser(), "/incidents?fact=loss.integrity&obligation=3"
    sent_to = browser.get(wanted).headers["location"]
    form = forms_in(browser.get(sent_to).text)["/sign-in"]
    assert form.fields["next"] == [wanted]
    answer = form.send(browser, email=edge.account(), password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, wanted)


FOREIGN = [
    "//evil.example", "/\\evil.example", "https://evil.example", "\\\\evil.example", "javascript:alert(1)",
    "evil.example", "///evil.example", "", " //evil.example", "http:evil.example",
]  # fmt: skip


@pytest.mark.parametrize("target", FOREIGN)
def test_nobody_is_sent_to_a_foreign_page(edge: Edge, target: str) -> None:
    """Neither by signing in nor by choosing a language."""
    browser = edge.browser()
    answer = browser.post("/sign-in", data={"email": edge.account(), "password": PASSWORD, "next": target})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    chosen = browser.get("/language/en", params={"next": target})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/")
    assert forms_in(edge.browser().get("/sign-in", params={"next": target}).text)["/sign-in"].fields["next"] == ["/"]


@given(st.text(alphabet="/\\\t\n evil.x:@?#%", max_size=12))
@example("/\t/evil")
@example("/%2F/evil")
def test_a_path_of_ours_never_names_a_host(target: str) -> None:
    """It begins with one slash and what follows is neither a slash nor a backslash, as browsers read it."""
    path = own_path(target)
    assert path.startswith("/")
    assert path[1:2] not in ("/", "\\")


@pytest.mark.parametrize("target", ["/\t/evil.example", "/\n/evil.example", "/\r//evil.example"])
def test_characters_that_browsers_drop_do_not_make_a_foreign_page(edge: Edge, target: str) -> None:
    """Browsers strip tabs and line feeds from addresses, so these must not reach one raw."""
    answer = edge.browser().post("/sign-in", data={"email": edge.account(), "password": PASSWORD, "next": target})
    location = answer.headers["location"]
    assert not set(location) & set("\t\r\n")
    assert not location.startswith("//")


def test_a_session_ends_when_its_time_is_over(make_service: Any, tmp_path: Path) -> None:
    """At the very second."""
    with Edge(make_service(settings_for(tmp_path, session_hours=2))) as edge:
        browser = edge.browser()
        browser.post("/sign-in", data={"email": edge.account(), "password": PASSWORD})
        edge.clock.at += timedelta(hours=2) - timedelta(seconds=1)
        assert browser.get("/incidents").status_code == 200
        edge.clock.at += timedelta(seconds=1)
        assert browser.get("/incidents").status_code == 303


def test_a_session_ends_with_the_sign_out(edge: Edge) -> None:
    """On the server, not only in the browser: a kept cookie opens nothing."""
    browser = edge.person(UserRole.DPO)
    kept = browser.cookies[COOKIE]
    page = browser.get("/incidents")
    answer = forms_in(page.text)["/sign-out"].send(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert f'{COOKIE}=""; ' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    thief = edge.browser()
    thief.cookies.set(COOKIE, kept)
    assert thief.get("/incidents").status_code == 303


def test_a_session_ends_when_the_account_is_disabled(edge: Edge) -> None:
    """And so does its right to sign in."""
    browser, email = edge.browser(), edge.account()
    browser.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert browser.get("/incidents").status_code == 200
    path = edge.service.settings.data_dir / "breach.sqlite3"
    with sqlite3.connect(path) as database:
        database.execute("UPDATE user_account SET disabled_at = '2026-11-23 08:00:00.000000' WHERE email = ?", [email])
    assert browser.get("/incidents").status_code == 303
    assert (
        browser.post("/sign-in", data={"email": email, "password": PASSWORD}, headers={"origin": ORIGIN}).status_code
        == 401
    )


def test_an_api_token_ends_when_its_time_is_over(make_service: Any, tmp_path: Path) -> None:
    """At the very second."""
    with Edge(make_service(settings_for(tmp_path))) as edge:
        headers = edge.token(UserRole.VIEWER, lasts=timedelta(days=1))
        edge.clock.at += timedelta(days=1) - timedelta(seconds=1)
        assert edge.client.get("/api/v1/incidents", headers=headers).status_code == 200
        edge.clock.at += timedelta(seconds=1)
        assert edge.client.get("/api/v1/incidents", headers=headers).status_code == 401


@pytest.mark.parametrize(("base", "is_secure"), [("http://testserver", False), ("https://testserver", True)])
def test_the_session_cookie_is_out_of_reach(edge: Edge, base: str, is_secure: bool) -> None:
    """HttpOnly and SameSite always, Secure over TLS; it holds nothing but 32 random bytes."""
    answer = edge.browser(base=base).post("/sign-in", data={"email": edge.account(), "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    flags = {one.strip().lower() for one in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/", "max-age=43200"} <= flags
    assert ("secure" in flags) is is_secure
    assert len(cookie.partition("=")[2].partition(";")[0]) == 43


def test_behind_a_proxy_with_tls_the_cookie_is_secure(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The public address says that people come by TLS, whatever the proxy speaks with us."""
    with shared_edge(tmp_path_factory.mktemp("tls"), public_url="https://incidents.example") as edge:
        answer = edge.browser().post("/sign-in", data={"email": edge.account(), "password": PASSWORD})
    assert "secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "odd", ['j={"a":1}', "a=b=c", 'q="unclosed', "x=é", "=;;", "a b=c", "theme=@light,dark", f"{COOKIE}2=x"]
)
def test_the_odd_cookie_of_a_neighbour_ends_no_session(edge: Edge, odd: str) -> None:
    """Other services on the same host set cookies too, and browsers send them all."""
    token = edge.person(UserRole.DPO).cookies[COOKIE]
    header = f"{odd}; {COOKIE}={token}".encode()
    assert edge.browser().get("/incidents", headers={"cookie": header}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": ORIGIN}, False),
        ({"origin": ORIGIN}, True),
        ({"origin": "https://testserver"}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://testserver.evil.example"}, False),
        ({"origin": "http://testserver:8080"}, False),
        ({}, False),
        ({"referer": f"{ORIGIN}/incidents"}, False),
    ],
)
def test_an_act_must_come_from_our_own_pages(edge: Edge, headers: dict[str, str], is_ours: bool) -> None:
    """A foreign page that posts with the cookie of its visitor is refused, and nothing is recorded."""
    browser, before = edge.person(UserRole.RESPONDER), edge.open_obligations()
    del browser.headers["origin"]
    answer = browser.post("/declare", data={"what_happened": "A test.", "systems": "application"}, headers=headers)
    assert answer.status_code == (303 if is_ours else 403)
    assert (edge.open_obligations() > before) is is_ours


def test_the_api_with_a_cookie_is_guarded_like_a_form(edge: Edge) -> None:
    """A cookie opens the API too, so a foreign page must not use it."""
    browser, body = edge.person(UserRole.RESPONDER), {"what_happened": "A test."}
    foreign = {"origin": "https://evil.example"}
    assert browser.post("/api/v1/incidents", json=body, headers=foreign).status_code == 403
    assert browser.post("/api/v1/incidents", json=body).status_code == 201


def answers_of_all_kinds(edge: Edge) -> dict[str, Any]:
    """One answer of each kind that there is."""
    person, stranger, token = edge.person(UserRole.DPO), edge.browser(), edge.token()
    sender = edge.source()
    return {
        "page": person.get("/incidents"),
        "sign-in": stranger.get("/sign-in"),
        "redirect": stranger.get("/incidents"),
        "forbidden": person.post("/declare", headers={"sec-fetch-site": "cross-site"}),
        "session over": stranger.post("/declare"),
        "not found": person.get("/nowhere"),
        "wrong method": person.delete("/incidents"),
        "not valid": person.get("/incidents/INC-2026-0001/drafts/x"),
        "API": stranger.get("/api/v1/incidents", headers=token),
        "API 401": stranger.get("/api/v1/incidents"),
        "API 404": stranger.get("/api/v1/nowhere", headers=token),
        "API 422": stranger.post("/api/v1/incidents", json={}, headers=token),
        "static": stranger.get("/static/app.css"),
        "static not found": stranger.get("/static/nothing"),
        "health": stranger.get("/healthz"),
        "metrics": stranger.get("/metrics"),
        "webhook": edge.send(sender),
        "webhook 401": stranger.post("/webhooks/nobody"),
        "webhook 405": stranger.get("/webhooks/nobody"),
        "webhook 413": stranger.post("/webhooks/nobody", content=b" " * 2_000_000),
        "API 413": stranger.post("/api/v1/incidents", content=b" " * 2_000_000, headers=token),
    }


def test_every_answer_is_armoured(edge: Edge) -> None:
    """Whatever its status: no foreign script, no frame, no guess at its type, no address told to others."""
    for kind, answer in answers_of_all_kinds(edge).items():
        for name, value in ARMOUR.items():
            assert answer.headers.get_list(name) == [value], (kind, name)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy, kind
        assert "frame-ancestors 'none'" in policy, kind
        assert "unsafe" not in policy, kind


def test_while_the_database_is_lost_everybody_is_told_to_come_again(
    postgres: str, postgres_url: str, make_service: Any, tmp_path: Path
) -> None:
    """503 with Retry-After, armoured; nobody is let in unseen, and nobody is sent to sign in again for nothing."""
    with Edge(make_service(settings_for(tmp_path, postgres_url))) as edge:
        person, token = edge.person(UserRole.DPO), edge.token()
        drop(postgres, postgres_url)
        answers = [
            person.get("/incidents"),
            person.post("/declare", data={"what_happened": "x"}),
            edge.client.get("/api/v1/incidents", headers=token),
            edge.client.get("/sign-in"),
        ]
    for answer in answers:
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.headers.get_list("x-frame-options") == ["DENY"]
        assert "database" in answer.text


def test_on_a_full_disk_whoever_is_let_in_goes_on_looking(make_service: Any, tmp_path: Path) -> None:
    """That a token or a session was used cannot be written down: that is no reason to answer 503."""
    with Edge(make_service(settings_for(tmp_path))) as edge:
        person, token = edge.person(UserRole.DPO), edge.token()
        tell = "CREATE TRIGGER full_{0} BEFORE UPDATE ON {0} BEGIN INSERT INTO filler VALUES (zeroblob(9000000)); END"

        def fill(session: Any) -> None:
            session.connection().exec_driver_sql("CREATE TABLE filler (bytes BLOB)")
            for table in ("api_token", "session"):
                session.connection().exec_driver_sql(tell.format(table))

        edge.service.database.write(fill)
        most_pages(edge.service, 10)
        with pytest.raises(DatabaseError):
            edge.service.database.write(lambda session: stored_people.note_token_use(session, 1, edge.now))
        for _ in range(2):
            assert edge.client.get("/api/v1/incidents", headers=token).status_code == 200
            assert person.get("/incidents").status_code == 200
            edge.clock.at += timedelta(minutes=2)


def test_a_mistake_of_the_service_shows_nothing_of_it(make_service: Any, tmp_path: Path) -> None:
    """500 in the form of the asker, armoured, without a trace of the code: the log has it."""
    service = make_service(settings_for(tmp_path))
    with Edge(service) as edge:
        person, token = edge.person(UserRole.DPO), edge.token()
        with sqlite3.connect(service.settings.data_dir / "breach.sqlite3") as database:
            database.execute("ALTER TABLE incident RENAME TO gone")
        page, problem = person.get("/incidents"), edge.client.get("/api/v1/incidents", headers=token)
    assert (page.status_code, problem.status_code) == (500, 500)
    assert problem.headers["content-type"] == "application/problem+json"
    for answer in (page, problem):
        assert answer.headers.get_list("x-frame-options") == ["DENY"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        for telling in ("Traceback", "incident", "SELECT", "sqlite"):
            assert telling not in answer.text


def test_the_language_can_be_chosen_and_is_remembered(edge: Edge) -> None:
    """Before and after the sign-in; French where nobody chose."""
    browser = edge.browser()
    assert '<html lang="fr">' in browser.get("/sign-in").text
    switched = browser.get("/language/en", params={"next": "/sign-in?next=/register"})
    assert (switched.status_code, switched.headers["location"]) == (303, "/sign-in?next=/register")
    assert '<html lang="en">' in browser.get("/sign-in").text
    assert browser.get("/language/de").status_code == 422
    person = edge.person(UserRole.VIEWER)  # an English account
    assert '<html lang="en">' in person.get("/incidents").text
    person.get("/language/fr")
    assert '<html lang="fr">' in person.get("/incidents").text


def test_a_language_that_nobody_speaks_is_not_taken_from_a_cookie(edge: Edge) -> None:
    """A forged cookie changes nothing."""
    answer = edge.browser().get("/sign-in", headers={"cookie": "breach_language=../../x"})
    assert (answer.status_code, '<html lang="fr">' in answer.text) == (200, True)


@pytest.mark.parametrize("role", [one for one in ROLES if one is not UserRole.INSPECTOR])
def test_every_role_sees_the_pages(edge: Edge, role: UserRole) -> None:
    """Looking is for all but the inspector, who sees incidents only."""
    browser = edge.person(role)
    for path in ("/", "/incidents", "/register", "/inventory", "/sources", "/quarantine", "/content"):
        assert browser.get(path).status_code == 200, path


def test_an_inspector_sees_nothing_around_the_incidents(edge: Edge) -> None:
    """403 in words, on every page and every answer of the API about anything else."""
    browser, token = edge.person(UserRole.INSPECTOR), edge.token(UserRole.INSPECTOR)
    paths = ["/inventory", "/sources", "/silences", "/grouping", "/content", "/quarantine", "/quarantine/1", "/declare"]
    for path in (*paths, "/sources/s1", "/sources/s1/mapping"):
        answer = browser.get(path)
        assert answer.status_code == 403, path
        assert "inspector" in text_in(answer.text)
    for path, methods in routes_of(edge.app.routes):
        about = path.removeprefix("/api/v1/").partition("/")[0]
        if path.startswith("/api/v1/") and "GET" in methods and about in AROUND:
            assert edge.client.get(filled(path, PLACES), headers=token).status_code == 403, path
