"""The content on its page and by the API: what is in force, what the files on disk would change, the button."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from breach_service.acts.content import OnDisk
from breach_service.app import shipped
from breach_service.domain.access import UserRole
from tests.web.edge import JSON_ALERT, Edge, shared_edge, text_in

RULE = "personal-data-in-the-system.yaml"


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    """An installation with a directory of its own for content, and one incident."""
    own = tmp_path / "own" / "playbooks" / "rules"
    own.mkdir(parents=True)
    with shared_edge(tmp_path, content_dir=tmp_path / "own") as one:
        made = one.source()
        one.send(made, JSON_ALERT)
        one.work()
        yield one


def change(edge: Edge, old: str, new: str) -> None:
    directory = edge.service.settings.content_dir
    assert directory is not None
    text = (shipped("playbooks") / "rules" / RULE).read_text(encoding="utf-8")
    assert old in text
    (directory / "playbooks" / "rules" / RULE).write_text(text.replace(old, new), encoding="utf-8")


def retire(edge: Edge) -> None:
    change(edge, "status: active", "status: retired")


def api(edge: Edge, role: UserRole = UserRole.DPO) -> Any:
    answer = edge.client.get("/api/v1/content", headers=edge.token(role))
    assert answer.status_code == 200, answer.text
    return answer.json()


def activate(edge: Edge, digest: str, role: UserRole = UserRole.DPO) -> Any:
    return edge.client.post("/api/v1/content/activate", json={"digest": digest}, headers=edge.token(role))


def test_without_a_change_there_is_nothing_to_put_in_force(edge: Edge) -> None:
    """Who put the content in force, and when; no button."""
    found = api(edge)
    assert (found["faults"], found["comparison"]["incidents"], len(found["versions"])) == ([], [], 1)
    page = edge.person(UserRole.DPO).get("/content").text
    assert "They are what is in force." in text_in(page)
    assert "Put these files in force" not in page


def test_what_would_change_is_shown_and_put_in_force_as_it_was_shown(edge: Edge) -> None:
    """By the API; the version keeps the digest of the comparison, and judging goes by it."""
    retire(edge)
    found = api(edge)
    assert found["comparison"]["files"] == [{"path": f"rules/{RULE}", "change": "changed"}]
    (one,) = found["comparison"]["incidents"]
    assert (one["reference"], one["is_open"]) == ("INC-2026-0001", True)
    assert one["differences"][0]["before"]["personal_data"] == "yes"
    assert one["differences"][0]["after"]["personal_data"] == "unknown"
    refused = activate(edge, "0" * 64)
    assert (refused.status_code, "shown" in refused.text) == (422, True)
    assert activate(edge, found["digest"], UserRole.RESPONDER).status_code == 403
    assert activate(edge, found["digest"]).status_code == 204
    newest = api(edge)["versions"][0]
    assert (newest["digest"], newest["comparison"]) == (found["comparison"]["latter"], found["digest"])
    assert (newest["looked_at"], newest["differing"]) == (1, 1)
    assert edge.service.knowledge().catalogue.digest == newest["digest"]


def test_the_button_puts_in_force_what_the_page_showed(edge: Edge) -> None:
    """The page names incident, criterion and duty; whoever may not sees no button."""
    retire(edge)
    assert "Put these files in force" not in edge.person(UserRole.RESPONDER).get("/content").text
    dpo = edge.person(UserRole.DPO)
    page = text_in(dpo.get("/content").text)
    for word in ("INC-2026-0001", "Personal data are involved", "Because of", f"rules/{RULE}", "one of them open"):
        assert word in page
    seen = api(edge)["digest"]
    change(edge, "owner: dpo", "owner: somebody")
    late = dpo.post("/content", data={"comparison": seen})
    assert (late.status_code, "no longer what you were shown" in text_in(late.text)) == (422, True)
    retire(edge)
    done = dpo.post("/content", data={"comparison": seen})
    assert (done.status_code, done.headers["location"]) == (303, "/content?done=recorded")
    assert "Versions that were put in force" in dpo.get("/content").text


def test_files_with_faults_are_named_and_cannot_be_put_in_force(edge: Edge) -> None:
    """With file and line; the last good version stays."""
    change(edge, "then:", "so:")
    found = api(edge)
    assert found["comparison"] is None
    assert any(RULE in one for one in found["faults"])
    assert RULE in edge.person(UserRole.DPO).get("/content").text
    assert activate(edge, "0" * 64).status_code == 422


def test_what_is_not_read_cannot_be_put_in_force() -> None:
    """A context that knows no directory has nothing on disk."""
    assert OnDisk(None).catalogue is None
