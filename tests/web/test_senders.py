"""The pages of the senders as an administrator and as others use them: connect, look, renew, release."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from breach_service.acts.senders import NewSource
from breach_service.domain.access import ALLOWED, Act, UserRole
from breach_service.pipeline.tending import tend
from breach_service.sources.credentials import AuthKind
from breach_service.sources.registry import SOURCES
from breach_service.store import sources
from tests.conftest import settings_for
from tests.web.edge import ROLES, Edge, Form, forms_in, shared_edge, text_in

READERS = tuple(one for one in ROLES if one is not UserRole.INSPECTOR)
LINKED = (
    b'{"title": "Login from two countries", "signal": "privilege_change", "severity": "P1", "host": "app-01", '
    b'"id": "A-77", "link": "https://siem.example.com/a/77", "occurred_at": "2026-11-01T10:00:00Z"}'
)


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("senders"), public_url="https://breach.example.com") as one:
        yield one


@pytest.fixture
def admin(edge: Edge) -> TestClient:
    return edge.person(UserRole.ADMIN)


def connect_form(browser: TestClient) -> Form:
    return forms_in(browser.get("/sources").text)["/sources"]


def connected(edge: Edge, browser: TestClient, name: str, kind: str = "json", **answers: str) -> tuple[NewSource, Any]:
    """A sender that was connected on the page, with the page that was shown once."""
    answer = connect_form(browser).send(browser, kind=kind, name=name, **answers)
    assert answer.status_code == 201, text_in(answer.text)
    secret = shown_once(answer.text, "new-secret")
    return NewSource(name, kind, AuthKind.BEARER, secret, f"/webhooks/{name}"), answer


def shown_once(html: str, field: str) -> str:
    """A value of the page that is shown once; empty where it is not shown."""
    found = re.search(rf'id="{field}"><code>([^<]*)</code>', html)
    return found.group(1) if found else ""


def flushed(edge: Edge) -> None:
    edge.gate.flush_refusals(edge.now)


# ── Connecting


def test_a_sender_connected_on_the_page_is_heard_with_the_secret_that_it_shows(edge: Edge, admin: TestClient) -> None:
    """The address is the public one, nothing is cached, and the first alert is taken at once."""
    sender, answer = connected(edge, admin, "first")
    assert shown_once(answer.text, "new-address") == "https://breach.example.com/webhooks/first"
    assert answer.headers["cache-control"] == "no-store"
    assert edge.send(sender).status_code == 200
    assert sender.secret not in admin.get("/sources/first").text
    edge.work()


@pytest.mark.parametrize("word", ["alertmanager", "Alertmanager", "Prometheus Alertmanager", " WAZUH "])
def test_a_kind_may_be_typed_as_word_title_or_alias(edge: Edge, admin: TestClient, word: str) -> None:
    """The list offers every kind; what a person types for it is understood."""
    form = connect_form(admin)
    name = f"k{len(word)}-{abs(hash(word)) % 1000}"
    assert form.send(admin, kind=word, name=name).status_code == 201


def test_the_list_of_kinds_names_every_kind_with_its_title(edge: Edge, admin: TestClient) -> None:
    """It can be searched by typing, without script."""
    page = admin.get("/sources").text
    offered = re.search(r'<datalist id="kinds">(.*?)</datalist>', page, re.DOTALL)
    assert offered is not None
    assert set(re.findall(r'<option value="([^"]+)"', offered.group(1))) == set(SOURCES)


def test_a_new_sender_is_observed_unless_it_is_live(edge: Edge, admin: TestClient) -> None:
    """The setting says for how long; a tick tells people at once."""
    connected(edge, admin, "watched")
    connected(edge, admin, "live-one", live="yes")
    until = {one["name"]: one["observed_until"] for one in listed(edge)}
    assert until["watched"] == (edge.now + timedelta(hours=24)).isoformat().replace("+00:00", "Z")
    assert until["live-one"] is None


def listed(edge: Edge) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = edge.client.get("/api/v1/sources", headers=edge.token()).json()
    return found


THEIRS = next((one for one in SOURCES.values() if one.secret_is_theirs), None)


@pytest.mark.skipif(THEIRS is None, reason="no kind makes its secret itself")
def test_a_secret_that_the_sender_made_is_taken_over_and_not_shown(edge: Edge, admin: TestClient) -> None:
    """The person has it already."""
    assert THEIRS is not None
    answer = connect_form(admin).send(admin, kind=THEIRS.kind, name="theirs", secret="made-by-the-sender-1")
    assert answer.status_code == 201
    assert "made-by-the-sender-1" not in answer.text
    assert shown_once(answer.text, "new-address").endswith("/webhooks/theirs")


def test_a_secret_in_the_address_is_shown_as_the_address(edge: Edge, admin: TestClient) -> None:
    """One thing to copy, and the page of the sender does not show it again."""
    answer = connect_form(admin).send(admin, kind="json", name="by-url", auth="url")
    address = shown_once(answer.text, "new-address")
    assert re.fullmatch(r"https://breach\.example\.com/webhooks/by-url/[\w-]{40,}", address)
    assert shown_once(answer.text, "new-secret") == ""
    assert address.rpartition("/")[2] not in admin.get("/sources/by-url").text


WRONG = {
    "no name": ({"name": "  "}, "named with"),
    "capitals": ({"name": "Web Front"}, "named with"),
    "unknown kind": ({"kind": "carrier-pigeon"}, "no kind of source"),
    "no kind": ({"kind": ""}, "no kind of source"),
    "short secret": ({"secret": "short"}, "at least 12"),
    "no header": ({"header": "a b"}, "no name of a header"),
}


@pytest.mark.parametrize("case", sorted(WRONG))
def test_a_sender_that_cannot_be_connected_is_said_and_the_form_keeps_what_was_typed(
    edge: Edge, admin: TestClient, case: str
) -> None:
    """422 with the sentence; everything but the secret stands in the form, nothing was recorded."""
    wrong, sentence = WRONG[case]
    typed = {"kind": "json", "name": "never-there", **wrong}
    before = len(listed(edge))
    answer = connect_form(admin).send(admin, **typed)
    assert answer.status_code == 422
    assert sentence in text_in(answer.text)
    again = forms_in(answer.text)["/sources"]
    kept = {name: [value.strip()] for name, value in typed.items() if name != "secret"}
    assert {name: again.fields[name] for name in kept} == kept
    assert again.fields.get("secret", [""]) == [""]
    assert len(listed(edge)) == before


def test_a_name_is_given_once(edge: Edge, admin: TestClient) -> None:
    """The second time the sentence says what to do."""
    connected(edge, admin, "twice")
    answer = connect_form(admin).send(admin, kind="json", name="twice")
    assert (answer.status_code, "already" in text_in(answer.text)) == (422, True)


# ── Who may


SETTINGS = ("name", "kind", "auth", "created_at", "observed_until", "secrets", "rotated_at", "has_mapping")


def settings_of(edge: Edge) -> list[dict[str, Any]]:
    """What an act on senders changes; what they sent, and when, goes on meanwhile."""
    return [{name: one[name] for name in SETTINGS if name in one} for one in listed(edge)]


@pytest.mark.parametrize("role", READERS)
def test_only_who_looks_after_senders_sees_their_forms(edge: Edge, role: UserRole) -> None:
    """Others read the same pages."""
    source, browser = edge.source(), edge.person(role)
    forms = {**forms_in(browser.get("/sources").text), **forms_in(browser.get(f"/sources/{source.name}").text)}
    offered = {"/sources", f"/sources/{source.name}/rotate"} & set(forms)
    assert bool(offered) is (role in ALLOWED[Act.MANAGE_SOURCES])
    assert "Connected senders" in text_in(browser.get("/sources").text)


@pytest.mark.parametrize("role", [one for one in READERS if one not in ALLOWED[Act.MANAGE_SOURCES]])
def test_who_posts_anyway_gets_403(edge: Edge, role: UserRole) -> None:
    """For every act on senders."""
    source, browser = edge.source(), edge.person(role)
    before = settings_of(edge)
    for path in ("/sources", f"/sources/{source.name}/rotate", f"/sources/{source.name}/release"):
        assert browser.post(path, data={"kind": "json", "name": "x"}).status_code == 403
    assert settings_of(edge) == before


def test_a_sender_that_is_not_there_is_not_found(edge: Edge, admin: TestClient) -> None:
    """404, as a page, for looking and for acts."""
    assert admin.get("/sources/nobody").status_code == 404
    assert admin.post("/sources/nobody/rotate").status_code == 404
    assert admin.post("/sources/nobody/release").status_code == 404


# ── Refusals


def test_every_reason_of_a_refusal_stands_with_its_count_and_its_remedy(edge: Edge, admin: TestClient) -> None:
    """On the list and on the page of the sender, with since when; once it is accepted, as past."""
    source = edge.source()
    for _ in range(2):
        edge.client.post(source.path, content=b"{}")
    edge.client.post(source.path, content=b"{}", headers={"authorization": "Bearer wrong"})
    flushed(edge)
    for path in ("/sources", f"/sources/{source.name}"):
        page = text_in(admin.get(path).text)
        assert "The request carried no secret: 2 times" in page
        assert "The secret is not one of this source" in page
        assert "Give the sender the secret of this source." in page
        assert "Give the sender the newest secret" in page
    assert "It is refused since" in text_in(admin.get(f"/sources/{source.name}").text)
    edge.clock.at += timedelta(seconds=1)
    edge.send(source)
    edge.work()
    after = text_in(admin.get(f"/sources/{source.name}").text)
    assert "It has been accepted again since." in after
    assert "It is refused since" not in after
    assert "2 times" in after


# ── Secrets


def test_a_new_secret_is_shown_once_and_both_are_valid(edge: Edge, admin: TestClient) -> None:
    """The page says that it is being replaced, and when the former one was last used."""
    source = edge.source()
    form = forms_in(admin.get(f"/sources/{source.name}").text)[f"/sources/{source.name}/rotate"]
    answer = form.send(admin)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    secret = shown_once(answer.text, "new-secret")
    new = NewSource(source.name, "json", AuthKind.BEARER, secret, source.path)
    assert (edge.send(source).status_code, edge.send(new).status_code) == (200, 200)
    flushed(edge)
    edge.work()
    page = text_in(admin.get(f"/sources/{source.name}").text)
    assert "Two secrets are valid" in page
    assert "the former one was last used on" in page
    assert "being replaced" in text_in(admin.get("/sources").text)


def test_a_third_secret_has_to_be_forced(edge: Edge, admin: TestClient) -> None:
    """422 where it would end one that is in use; a tick, offered then, ends it."""
    source = edge.source()
    path = f"/sources/{source.name}/rotate"
    assert "force" not in forms_in(admin.get(f"/sources/{source.name}").text)[path].fields
    admin.post(path)
    edge.send(source)
    flushed(edge)
    refused = admin.post(path)
    assert (refused.status_code, "still in use" in text_in(refused.text)) == (422, True)
    form = forms_in(refused.text)[path]
    assert form.send(admin, force="yes").status_code == 200
    assert edge.send(source).status_code == 401
    edge.work()


# ── Observation


def test_the_report_of_an_observation_says_what_nobody_was_told(tmp_path: Path, make_service: Any) -> None:
    """The incidents that it opened, what would have been sent where, what it says most; releasing ends it."""
    with Edge(make_service(settings_for(tmp_path))) as edge:
        admin = edge.person(UserRole.ADMIN)
        sender, _ = connected(edge, admin, "noisy")
        edge.send(sender, LINKED)
        for _ in range(3):
            edge.send(sender, b'{"title": "Slow backup", "signal": "operations", "host": "nas-01", "id": "b"}')
        edge.work()
        reference = edge.client.get("/api/v1/incidents", headers=edge.token()).json()[0]["reference"]
        html = admin.get("/sources/noisy").text
        page = text_in(html)
        assert "It opened one incident." in page
        assert "Would have gone to fake: one message" in page
        assert f"/incidents/{reference}" in html
        assert re.search(r"Slow backup\s*3 times ; [^:]+: opens nothing by itself", page)
        assert "opens an incident" in page
        muted = text_in(admin.get(f"/incidents/{reference}").text)
        assert "Opened while its sender was under observation: nobody was told." in muted
        answer = forms_in(html)["/sources/noisy/release"].send(admin)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sources/noisy?done=recorded")
        after = admin.get("/sources/noisy").text
        assert "/sources/noisy/release" not in forms_in(after)
        assert "It opened one incident." in text_in(after)
        assert admin.post("/sources/noisy/release").status_code == 422


def test_an_observation_ends_by_itself(tmp_path: Path, make_service: Any) -> None:
    """The page does not offer to release what is over."""
    service = make_service(settings_for(tmp_path))
    with Edge(service) as edge:
        admin = edge.person(UserRole.ADMIN)
        connected(edge, admin, "quiet")
        assert "Nothing would have been sent so far." in text_in(admin.get("/sources/quiet").text)
        edge.clock.at += timedelta(hours=25)
        edge.service.database.write(lambda session: tend(session, service.knowledge(), edge.now))
        admin = edge.person(UserRole.ADMIN)
        assert "/sources/quiet/release" not in forms_in(admin.get("/sources/quiet").text)


# ── Alerts


def test_an_alert_shows_where_it_stands_at_the_sender_and_what_is_doubtful(edge: Edge, admin: TestClient) -> None:
    """Its number and page there without a referrer, the vendor's severity, the roles, and that the clocks disagree."""
    source = edge.source()
    edge.send(source, LINKED)
    edge.send(source, b'{"title": "Trial", "status": "test"}')
    edge.work()
    html = admin.get(f"/sources/{source.name}").text
    page = text_in(html)
    link = '<a href="https://siem.example.com/a/77" rel="noreferrer">'
    assert link in html
    assert "A-77 at the sender" in page
    assert "(P1)" in page
    assert "app-01 (hit)" in page
    assert "disagrees with ours" in page
    assert "a test" in page
    reference = re.search(r"/incidents/(INC-\d+-\d+)", html)
    assert reference is not None
    incident = admin.get(f"/incidents/{reference.group(1)}").text
    assert link in incident
    assert "disagrees with ours" in text_in(incident)


def test_messages_that_came_again_are_counted(edge: Edge, admin: TestClient) -> None:
    """What is not counted twice is said."""

    def work(session: Any) -> None:
        row = sources.named(session, source.name)
        assert row is not None
        sources.count_redelivered(session, {row.id or 0: 3})

    source = edge.source()
    edge.service.database.write(work)
    assert "3 times sent again" in text_in(admin.get(f"/sources/{source.name}").text)


# ── Quarantine


def test_the_quarantine_can_be_looked_at_by_sender(edge: Edge, admin: TestClient) -> None:
    """The page of a sender leads to its own messages and to no others."""
    mine, other = edge.source(), edge.source()
    edge.send(mine, b"\x00\xff\x00\xff")
    edge.send(other, b"\x00\xff\x00")
    edge.work()
    page = admin.get(f"/sources/{mine.name}").text
    assert f"/quarantine?source={mine.name}" in page
    html = admin.get("/quarantine", params={"source": mine.name}).text
    assert mine.name in text_in(html)
    assert other.name not in text_in(html)
    assert {mine.name, other.name} <= set(re.findall(r'/sources/(s\d+)"', admin.get("/quarantine").text))


def expected_form(browser: TestClient, name: str) -> Form:
    return forms_in(browser.get(f"/sources/{name}").text)[f"/sources/{name}/expected"]


def test_what_each_message_must_carry_is_said_on_the_page(edge: Edge, admin: TestClient) -> None:
    """A secret is never shown again and stays when it is left empty; one tick ends it all."""
    connected(edge, admin, "entra", kind="microsoft")
    tenant = "11111111-2222-3333-4444-555555555555"
    answer = expected_form(admin, "entra").send(admin, **{"client-state": "our-own-state"})
    assert answer.status_code == 303
    page = admin.get("/sources/entra").text
    assert "our-own-state" not in page
    answer = expected_form(admin, "entra").send(admin, tenant=tenant)
    assert answer.status_code == 422
    assert "audience" in text_in(answer.text)
    expected_form(admin, "entra").send(admin, tenant=tenant, audience="api://breach")
    with edge.service.database.reading() as session:
        row = sources.named(session, "entra")
        assert row is not None
        said = sources.expected_of(edge.service.cipher, row)
    assert said == {"tenant": tenant, "audience": "api://breach", "client-state": "our-own-state"}
    expected_form(admin, "entra").send(admin, nothing="yes")
    with edge.service.database.reading() as session:
        row = sources.named(session, "entra")
        assert row is not None
        assert row.expected_encrypted is None
