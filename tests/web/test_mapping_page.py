"""A sender's own format is taught on a page: by pointing, trying, keeping; without script and without code."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from breach_service.domain.access import ALLOWED, Act, UserRole
from breach_service.sources.mapped.reading import Mapping, mapping_from
from breach_service.web.views.mapping import MAPPING_FIELDS, alternatives, document_of, typed_from
from tests.web.edge import ROLES, Edge, Form, forms_in, shared_edge, text_in

BODY = {
    "items": [
        {"ref": "T-1", "state": "open", "at": "2026-11-23 08:30:00", "what": {"text": "Mass copy", "prio": "P1"},
         "where": "ged-01", "page": "https://tool.example.com/T-1"},
        {"ref": "T-2", "state": "done", "at": "2026-11-23 08:40:00", "what": {"text": "Mass copy", "prio": "P2"},
         "where": "ged-02"},
    ]
}  # fmt: skip
FIELDS = {
    "each": "items", "title": "what.text", "severity": "what.prio", "host": "where", "time": "at", "identity": "ref",
    "state": "state", "link": "page", "severity_words": "P1 = critical\nP2 = high", "resolved_words": "done",
    "zone": "Europe/Paris", "always_signal": "exfiltration",
}  # fmt: skip
UNREAD = b"\x00\xff\x00\xff"


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("mapping")) as one:
        yield one


@pytest.fixture
def admin(edge: Edge) -> TestClient:
    return edge.person(UserRole.ADMIN)


def mapping_form(browser: TestClient, name: str, **query: str) -> Form:
    page = browser.get(f"/sources/{name}/mapping", params=query)
    assert page.status_code == 200
    return forms_in(page.text)[f"/sources/{name}/mapping#outcome"]


def kept(browser: TestClient, name: str, fields: dict[str, str]) -> Any:
    """What the button “Keep the mapping” sends."""
    form = mapping_form(browser, name)
    assert set(fields) <= set(form.fields)
    return browser.post(f"/sources/{name}/mapping/keep", data=fields)


def stored(edge: Edge, name: str) -> str | None:
    answer = edge.client.get(f"/api/v1/sources/{name}/mapping", headers=edge.token())
    return answer.text if answer.status_code == 200 else None


def alerts_of(edge: Edge, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = edge.client.get(
        "/api/v1/alerts", params={"source": name}, headers=edge.token()
    ).json()
    return found


# ── Pointing and trying


def test_the_parts_of_a_sample_are_shown_with_their_paths(edge: Edge, admin: TestClient) -> None:
    """As a list to click on and as a list to type from; nothing of the sample is kept."""
    name = edge.source().name
    page = mapping_form(admin, name).send(admin, sample='{"a": {"b": "seen"}, "x-y": [1, 2]}')
    assert page.status_code == 200
    for path, value in (("a.b", "seen"), ("&#34;x-y&#34;[0]", "1")):
        assert f'data-path="{path}"' in page.text
        assert f'<option value="{path}">{value}</option>' in page.text
    assert edge.waiting() == 0
    assert stored(edge, name) is None


def test_a_list_of_alerts_shows_the_parts_of_its_first_member(edge: Edge, admin: TestClient) -> None:
    """Paths start there, so they are called from there."""
    page = mapping_form(admin, edge.source().name).send(admin, sample=json.dumps(BODY), each="items")
    assert 'data-path="what.text"' in page.text
    assert 'data-path="items[0]' not in page.text


def test_trying_shows_the_alerts_at_once(edge: Edge, admin: TestClient) -> None:
    """Title, severity with the sender's word, state, machine, instant in its zone; the form keeps what was typed."""
    name = edge.source().name
    page = mapping_form(admin, name).send(admin, sample=json.dumps(BODY), **FIELDS)
    said = text_in(page.text)
    assert "2 alerts" in said
    for words in ("critical severity (P1)", "high severity (P2)", "ged-01 (hit)", "resolved, says the sender"):
        assert words in said
    assert 'datetime="2026-11-23T08:30:00+01:00"' in page.text
    assert "https://tool.example.com/T-1" in page.text
    again = forms_in(page.text)[f"/sources/{name}/mapping#outcome"]
    assert {field: again.fields[field][0].strip() for field in FIELDS} == FIELDS
    assert "each: items" in forms_in(page.text)[f"/sources/{name}/mapping/yaml"].fields["yaml"][0]
    assert (stored(edge, name), edge.waiting()) == (None, 0)


FAULTS = {
    "no title": ({"title": ""}, "title"),
    "no path": ({"host": "where["}, "JMESPath"),
    "finds nothing": ({"user": "no.such.thing"}, "nothing stands at"),
    "no word of ours": ({"severity_words": "P1 = huge"}, "huge"),
    "no line of a table": ({"signal_words": "exfiltration"}, "write their word = ours"),
    "no zone": ({"zone": "Mars/Olympus"}, "no time zone"),
}


@pytest.mark.parametrize("case", sorted(FAULTS))
def test_a_fault_stands_below_its_field(edge: Edge, admin: TestClient, case: str) -> None:
    """And what was typed stays."""
    wrong, sentence = FAULTS[case]
    page = mapping_form(admin, edge.source().name).send(admin, sample=json.dumps(BODY), **{**FIELDS, **wrong})
    assert page.status_code == 200
    assert f'id="about-{next(iter(wrong))}"' in page.text
    assert sentence in text_in(page.text)


@pytest.mark.parametrize("sample", ["\ufffd\x01", "[", "[[[[1]]]]", "x" * 300_000, "12"])
def test_a_sample_that_is_none_is_said(edge: Edge, admin: TestClient, sample: str) -> None:
    """A sentence, never a mistake of ours."""
    page = mapping_form(admin, edge.source().name).send(admin, sample=sample, title="a")
    assert page.status_code == 200


# ── Keeping


def test_a_kept_mapping_reads_the_next_message(edge: Edge, admin: TestClient) -> None:
    """From the page to the alert; removed, the kind speaks again."""
    source = edge.source()
    answer = kept(admin, source.name, FIELDS)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sources/{source.name}/mapping?done=recorded")
    edge.send(source, json.dumps(BODY).encode())
    edge.work()
    found = {one["severity"]: one for one in alerts_of(edge, source.name)}
    assert found["critical"]["signal"] == "exfiltration"
    assert found["critical"]["occurred_at"] == "2026-11-23T07:30:00Z"
    assert found["high"]["status"] == "resolved"
    assert "Its own mapping is in force." in text_in(admin.get(f"/sources/{source.name}/mapping").text)
    assert "own mapping" in text_in(admin.get("/sources").text)
    form = forms_in(admin.get(f"/sources/{source.name}/mapping").text)[f"/sources/{source.name}/mapping/remove"]
    assert form.send(admin).status_code == 303
    assert stored(edge, source.name) is None


def test_the_page_shows_what_is_kept(edge: Edge, admin: TestClient) -> None:
    """Field by field, also where it was brought along as YAML with alternatives."""
    name = edge.source().name
    yaml = "title: [a.b, c]\nseverity_words: {1: high}\nalways: {severity: low}\n"
    form = forms_in(admin.get(f"/sources/{name}/mapping").text)[f"/sources/{name}/mapping/yaml"]
    assert form.send(admin, yaml=yaml).status_code == 303
    shown = mapping_form(admin, name)
    assert shown.fields["title"] == ["a.b || c"]
    assert shown.fields["severity_words"][0].strip() == "1 = high"
    assert shown.fields["always_severity"] == ["low"]
    assert stored(edge, name) == yaml


def test_yaml_with_faults_stays_typed_and_names_the_line(edge: Edge, admin: TestClient) -> None:
    """422, and nothing is kept."""
    name = edge.source().name
    answer = admin.post(f"/sources/{name}/mapping/yaml", data={"yaml": "title: a\nhots: b"})
    assert answer.status_code == 422
    assert "Line 2: hots" in text_in(answer.text)
    assert "hots: b" in forms_in(answer.text)[f"/sources/{name}/mapping/yaml"].fields["yaml"][0]
    assert stored(edge, name) is None


def test_a_mapping_with_faults_is_not_kept(edge: Edge, admin: TestClient) -> None:
    """422 with the same page as trying; what was in force stays."""
    name = edge.source().name
    kept(admin, name, {"title": "a"})
    answer = kept(admin, name, {"title": "b", "zone": "Mars"})
    assert answer.status_code == 422
    assert "no time zone" in text_in(answer.text)
    assert stored(edge, name) == "title: a\n"


# ── Quarantine


def test_a_message_in_quarantine_is_the_sample_and_is_played_again_afterwards(edge: Edge, admin: TestClient) -> None:
    """From “not understood” to alerts in one go: the newest message is on the page, the button plays all of them."""
    source = edge.source()
    kept(admin, source.name, {"each": "rows", "title": "t"})
    for number in range(2):
        edge.send(source, b'{"items": [{"t": "Number %d", "id": "%d"}]}' % (number, number))
    edge.work()
    assert alerts_of(edge, source.name) == []
    page = admin.get(f"/sources/{source.name}/mapping").text
    assert "Number 1" in page
    assert "2 messages of this source wait in quarantine." in text_in(page)
    kept(admin, source.name, {"each": "items", "title": "t", "identity": "id"})
    form = forms_in(page)[f"/sources/{source.name}/mapping/replay"]
    assert form.send(admin).status_code == 303
    edge.work()
    assert sorted(one["title"] for one in alerts_of(edge, source.name)) == ["Number 0", "Number 1"]
    assert "/mapping/replay" not in admin.get(f"/sources/{source.name}/mapping").text


def test_any_message_in_quarantine_can_be_chosen(edge: Edge, admin: TestClient) -> None:
    """Its own page leads there; one of another sender is not shown."""
    source, other = edge.source(), edge.source()
    for one, words in ((source, "mine"), (other, "theirs")):
        kept(admin, one.name, {"each": "rows", "title": "t"})
        edge.send(one, json.dumps({"what": words}).encode())
    edge.work()
    items = {one["source"]: one["id"] for one in edge.client.get("/api/v1/quarantine", headers=edge.token()).json()}
    assert (
        f"/sources/{source.name}/mapping?sample={items[source.name]}"
        in admin.get(f"/quarantine/{items[source.name]}").text
    )
    assert "mine" in mapping_form(admin, source.name, sample=str(items[source.name])).fields["sample"][0]
    assert "theirs" not in admin.get(f"/sources/{source.name}/mapping", params={"sample": items[other.name]}).text


def test_a_message_that_is_no_text_can_be_looked_at_too(edge: Edge, admin: TestClient) -> None:
    """Bytes that nobody understands do not break the page."""
    source = edge.source()
    edge.send(source, UNREAD)
    edge.work()
    assert admin.get(f"/sources/{source.name}/mapping").status_code == 200


# ── Who may


@pytest.mark.parametrize("role", [one for one in ROLES if one is not UserRole.INSPECTOR])
def test_only_who_may_see_raw_bodies_is_shown_one(edge: Edge, role: UserRole) -> None:
    """Others paste their own; who may not keep has no button for it."""
    source, browser = edge.source(), edge.person(role)
    kept(edge.person(UserRole.ADMIN), source.name, {"each": "rows", "title": "t"})
    edge.send(source, b'{"secret-part": "hidden"}')
    edge.work()
    page = browser.get(f"/sources/{source.name}/mapping").text
    assert ("hidden-part" in page or "secret-part" in page) is (role in ALLOWED[Act.LOOK_AT_RAW])
    assert ("/mapping/keep" in page) is (role in ALLOWED[Act.MANAGE_SOURCES])
    assert (f"/sources/{source.name}/mapping/replay" in forms_in(page)) is (role in ALLOWED[Act.REPLAY])


def test_who_may_not_keep_gets_403(edge: Edge) -> None:
    """For each way to change a mapping, also with faults in it."""
    name = edge.source().name
    browser = edge.person(UserRole.DPO)
    for path, fields in (("keep", {"title": "a"}), ("keep", {}), ("yaml", {"yaml": "title: a"}), ("remove", {})):
        assert browser.post(f"/sources/{name}/mapping/{path}", data=fields).status_code == 403
    assert edge.person(UserRole.VIEWER).post(f"/sources/{name}/mapping/replay").status_code == 403
    assert stored(edge, name) is None


@pytest.mark.parametrize("path", ["mapping", "mapping/keep", "mapping/yaml", "mapping/remove", "mapping/replay"])
def test_a_sender_that_is_not_there_has_no_mapping(admin: TestClient, path: str) -> None:
    """404 for all of it."""
    assert admin.post(f"/sources/nobody/{path}", data={"title": "a", "yaml": "title: a"}).status_code == 404
    assert admin.get("/sources/nobody/mapping").status_code == 404


# ── The API


def test_a_program_keeps_reads_and_removes_a_mapping(edge: Edge) -> None:
    """As YAML, whatever content type it names; 404 once there is none."""
    name, token = edge.source().name, edge.token(UserRole.ADMIN)
    url = f"/api/v1/sources/{name}/mapping"
    assert edge.client.get(url, headers=token).status_code == 404
    for kind in ("application/yaml", "application/x-www-form-urlencoded", "application/json"):
        answer = edge.client.put(url, content="title: a # mine\n", headers={**token, "content-type": kind})
        assert answer.status_code == 204, answer.text
    assert edge.client.put(url, content="title: a # mine\n", headers=token).status_code == 204
    shown = edge.client.get(url, headers=edge.token(UserRole.VIEWER))
    assert (shown.text, shown.headers["content-type"].partition(";")[0]) == ("title: a # mine\n", "application/yaml")
    assert edge.client.delete(url, headers=token).status_code == 204
    assert edge.client.get(url, headers=token).status_code == 404


@pytest.mark.parametrize("body", [b"title: [", b"", b"\xff\xfe", b"title: a\x00", b"hots: b"])
def test_a_mapping_of_a_program_with_faults_is_refused(edge: Edge, body: bytes) -> None:
    """422 as problem+json with the lines."""
    url = f"/api/v1/sources/{edge.source().name}/mapping"
    answer = edge.client.put(url, content=body, headers=edge.token(UserRole.ADMIN))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["title"]


# ── The form and the mapping are the same


PATHS = st.lists(st.sampled_from(["a", "a.b", 'x."y z"', "a[0]", "@timestamp"]), max_size=3, unique=True)
WORDS = st.text(st.sampled_from("abcP12:=. "), min_size=1, max_size=6).map(str.strip).filter(bool)


@given(
    title=PATHS.filter(bool),
    host=PATHS,
    table=st.dictionaries(WORDS, st.sampled_from(["high", "low"]), max_size=3),
    ends=st.lists(WORDS, max_size=3),
    signal=st.sampled_from([None, "malware"]),
)
def test_a_mapping_comes_back_from_its_form(
    title: list[str], host: list[str], table: dict[str, str], ends: list[str], signal: str | None
) -> None:
    """Whatever a sender calls things, an equals sign included."""
    document = {
        "title": title,
        "host": host,
        "severity_words": table,
        "resolved_words": ends,
        "always": {"signal": signal},
    }
    mapping = mapping_from(document)
    again, wrong = document_of(typed_from(mapping))
    assert wrong == []
    assert mapping_from(again) == mapping


def test_the_form_has_a_field_for_every_key_of_a_mapping() -> None:
    """What can be written as YAML can be pointed at."""
    assert {one.partition("_")[0] if one.startswith("always") else one for one in MAPPING_FIELDS} == set(
        Mapping.model_fields
    )


def test_an_or_within_an_expression_is_left_to_it() -> None:
    """Only where each part is a path of its own are there alternatives."""
    assert alternatives("a || b.c") == ["a", "b.c"]
    assert alternatives("join('-', [a || b, c])") == ["join('-', [a || b, c])"]
