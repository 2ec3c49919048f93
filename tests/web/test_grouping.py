"""The page of the grouping: its rules in words for all, a dry run for those who work; and the schemas for editors."""

from collections.abc import Iterator
from typing import Any

import pytest

from breach_service.catalog.schemas import SCHEMAS
from breach_service.domain.access import ALLOWED, Act, UserRole
from tests.web.edge import ROLES, Edge, forms_in, shared_edge, text_in

READERS = tuple(one for one in ROLES if one is not UserRole.INSPECTOR)
ALERT = b'{"title": "SQL in a form", "signal": "web_exploit", "host": "app-01", "id": "sql"}'
NOTHING_OPENS = (
    "rules:\n",
    "rules:\n  - id: nothing\n    why: {fr: Rien.}\n    when: {tout: {fact: alert.signal, known: yes}}\n"
    "    role: observes\n",
)


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("grouping")) as one:
        one.send(one.source(), ALERT)
        one.work()
        yield one


def tried(edge: Edge, old: str, new: str, role: UserRole = UserRole.RESPONDER, **fields: str) -> Any:
    """The answer to the form with a replacement in the rules."""
    browser = edge.person(role)
    form = forms_in(browser.get("/grouping").text)["/grouping#trial"]
    text = form.fields["text"][0]
    assert old in text
    form.choices.clear()  # also what no menu offers
    return form.send(browser, **{"text": text.replace(old, new, 1), "days": "7", **fields})


@pytest.mark.parametrize("role", READERS)
def test_every_reader_sees_the_rules_in_words(edge: Edge, role: UserRole) -> None:
    """Only those who work can try a change."""
    page = edge.person(role).get("/grouping").text
    assert "is the noise of every day" in page or "What an alert does" in text_in(page)
    assert ("/grouping#trial" in forms_in(page)) is (role in ALLOWED[Act.TRY_GROUPING])


def test_what_the_form_holds_changes_nothing(edge: Edge) -> None:
    """It is filled in with the rules in force."""
    answer = tried(edge, "title:", "title:")
    assert answer.status_code == 200
    assert "Every incident would be the same." in text_in(answer.text)


def test_a_change_shows_the_incident_that_would_be_gone(edge: Edge) -> None:
    """With the reference under which it stands today; the form keeps what was typed."""
    answer = tried(edge, *NOTHING_OPENS, days="1")
    said = text_in(answer.text)
    assert "No incident any more" in said
    assert "SQL in a form" in said
    assert 'href="/incidents/INC-2026-0001"' in answer.text
    assert "id: nothing" in forms_in(answer.text)["/grouping#trial"].fields["text"][0]


def test_every_fault_is_told_with_its_line(edge: Edge) -> None:
    """422, and the text stays in the form."""
    answer = tried(edge, "quiet_minutes: 120", "quiet_minutes: soon")
    assert answer.status_code == 422
    assert "quiet_minutes is a whole number, not soon" in text_in(answer.text)
    assert "line " in text_in(answer.text)


@pytest.mark.parametrize("days", ["0", "15", "x", ""])
def test_only_the_days_of_the_menu_are_looked_at(edge: Edge, days: str) -> None:
    """422 and a sentence."""
    answer = tried(edge, "title:", "title:", days=days)
    assert answer.status_code == 422
    assert "Choose how many days" in answer.text


def test_whoever_only_reads_cannot_post(edge: Edge) -> None:
    """403, also past the form."""
    form = forms_in(edge.person(UserRole.RESPONDER).get("/grouping").text)["/grouping#trial"]
    assert form.send(edge.person(UserRole.VIEWER), days="7").status_code == 403


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_editor_fetches_the_schemas_without_an_account(edge: Edge, name: str) -> None:
    """JSON Schema with the facts in force."""
    answer = edge.browser().get(f"/api/schemas/{name}.json")
    assert answer.headers["content-type"].startswith("application/schema+json")
    assert answer.json()["$schema"].endswith("2020-12/schema")


def test_a_schema_that_there_is_not_is_said(edge: Edge) -> None:
    """404 with those that there are."""
    answer = edge.browser().get("/api/schemas/letters.json")
    assert answer.status_code == 404
    assert "rules" in answer.text
