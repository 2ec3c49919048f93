"""A restricted incident is nothing to whoever does not see it: on no page, in no list, file, metric or message."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from breach_service.acts import closing, incidents, silences
from breach_service.acts.incidents import FactCommand
from breach_service.acts.seeing import compartments, counsel
from breach_service.acts.silences import NewSilence
from breach_service.domain.access import PEOPLE, Actor, Standing, UserRole
from breach_service.domain.closing import ClosingReason
from breach_service.domain.incident import EntryKind
from breach_service.domain.silences import Matchers, lines_of
from breach_service.store import alerts, grouping, people, timeline
from breach_service.store import incidents as stored
from tests.web.edge import Edge, routes_of, shared_edge

RARE = {
    "title": "Quetzalcoatlus",
    "alert": "Zyzzogeton",
    "entity": "xylopolist",
    "fact": "Floccinaucinihilipilification",
    "chronology": "Honorificabilitudinitas",
    "counsel": "Taumatawhakatangihanga",
    "reason": "Sesquipedalian",
    "silence": "Antidisestablishmentarianism",
}
"""Words that stand nowhere but in the restricted incident."""
ELSEWHERE = "Brachygraphy"
"""A word of an incident that everybody sees: the test would notice if nothing were shown at all."""
WHY = {"reason": "Because."}


@dataclass
class Story:
    """One restricted incident, one open one, and people who stand in every way to the first."""

    edge: Edge
    restricted: str
    open: str
    sender: str
    neighbour: str
    """An open incident that says much of the restricted one."""
    numbers: dict[str, int]
    browsers: dict[str, TestClient]

    def get(self, who: str, path: str) -> Any:
        return self.browsers[who].get(path)


def _person(edge: Edge, role: UserRole) -> tuple[int, TestClient]:
    """The number of a new person, and a browser in which they are signed in."""
    browser = edge.person(role)
    with edge.service.database.reading() as session:
        return max(one.id or 0 for one in people.users(session)), browser


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with shared_edge(tmp_path_factory.mktemp("leaks")) as edge:
        yield _told(edge)


def _told(edge: Edge) -> Story:
    numbers, browsers = {}, {}
    roles = {str(one): one for one in PEOPLE}
    more = {
        "named": UserRole.RESPONDER, "concerned": UserRole.DPO, "counsel": UserRole.VIEWER, "boss": UserRole.DECIDER,
        "concerned admin": UserRole.ADMIN, "chosen": UserRole.INSPECTOR,
    }  # fmt: skip
    for name, role in {**roles, **more}.items():
        numbers[name], browsers[name] = _person(edge, role)
    service, now = edge.service, edge.now
    edge.declare("The one whose reference stands in every form as an example")
    sender = edge.source()
    body = {
        "title": RARE["alert"], "signal": "web_shell", "severity": "high", "host": "app-01", "id": "rare",
        "user": RARE["entity"],
    }  # fmt: skip
    edge.send(sender, json.dumps(body).encode())
    edge.work()
    with service.database.reading() as session:
        restricted = alerts.newest(session, None, 1, None)[0].incident or ""
    other, neighbour, twin = edge.declare(ELSEWHERE), edge.declare("Neighbour"), edge.declare("Twin")
    dpo = Actor("dpo", UserRole.DPO, person=numbers["boss"])

    def work(session: Any) -> None:
        knowledge = service.knowledge()
        row = stored.row_of(session, restricted)
        row.title, row.opened_by = RARE["title"], "person:boss"
        session.add(row)
        _say_of(session, dpo, restricted, neighbour, twin, knowledge, now)
        fact = FactCommand("loss.integrity", "no", note=RARE["fact"])
        incidents.record_fact(session, dpo, restricted, fact, knowledge, now)
        incidents.add_systems(session, dpo, restricted, ("mail",), RARE["chronology"], knowledge, now)
        compartments.restrict(
            session, dpo, restricted, [numbers["named"]], [numbers["concerned"], numbers["concerned admin"]],
            RARE["reason"], knowledge, now,
        )  # fmt: skip
        for name, standing in (("counsel", Standing.COUNSEL), ("chosen", Standing.INSPECTING)):
            compartments.name_person(
                session, dpo, restricted, numbers[name], standing, RARE["reason"], knowledge, now,
                now + timedelta(days=1) if standing is Standing.INSPECTING else None,
            )  # fmt: skip
        counsellor = Actor("counsel", UserRole.VIEWER, person=numbers["counsel"])
        counsel.write_note(session, counsellor, restricted, RARE["counsel"], service.cipher, now)

    service.database.write(work)
    edge.work()
    return Story(edge, restricted, other, sender.name, neighbour, numbers, browsers)


def _say_of(session: Any, dpo: Actor, about: str, neighbour: str, twin: str, knowledge: Any, now: Any) -> None:
    """What others may say of an incident before it is restricted, and a silence that is made from its alert."""
    number, beside = (stored.row_of(session, one).id or 0 for one in (about, neighbour))
    closing.dismiss(session, dpo, twin, f"See {about}.", knowledge, now, ClosingReason.DUPLICATE, about)
    grouping.propose_merge(session, beside, number, now)
    said: dict[EntryKind, dict[str, str]] = {
        EntryKind.MERGE_PROPOSED: {"with": about}, EntryKind.KEPT_APART: {"with": about, "reason": f"Not {about}."},
        EntryKind.TOOK_IN: {"incident": about}, EntryKind.MERGED: {"into": about},
        EntryKind.CARRIED_OVER: {"recipient": "cnil", "sent_at": now.isoformat(), "incident": about},
    }  # fmt: skip
    for kind, words in said.items():
        timeline.write_entry(session, beside, now, kind, "dpo", words)
    incidents.record_fact(session, dpo, neighbour, FactCommand("loss.integrity", "no", note=about), knowledge, now)
    (alert,) = alerts.episodes_of(session, number)
    match = lines_of(Matchers(rules=(RARE["silence"],)))
    silence = NewSilence(now + timedelta(hours=2), RARE["silence"], match, alert=alert.id, owner="Maud of the silence")
    silences.add_silence(session, dpo, silence, now)


def _paths(story: Story) -> list[str]:
    """Every address that GET answers, filled in with the restricted incident and what belongs to it."""
    values = {
        "reference": story.restricted, "obligation": "1", "name": story.sender, "item": "1", "key": "x", "number": "1",
        "language": "en", "source": story.sender, "token": "x",
    }  # fmt: skip
    found = []
    for path, methods in routes_of(story.edge.app.routes):
        if "GET" in methods and not path.endswith("/"):
            found.append(re.sub(r"\{(\w+)[^}]*\}", lambda one: values.get(one[1], "1"), path))
    queries = ["/silences?alert=1", f"/audit?incident={story.restricted}", f"/api/v1/alerts?source={story.sender}"]
    return [*dict.fromkeys(found), "/", *queries]


UNSEEING = (*map(str, PEOPLE), "concerned", "concerned admin")


@pytest.mark.parametrize("who", UNSEEING)
def test_no_answer_holds_a_word_of_what_is_not_seen(story: Story, who: str) -> None:
    """Every address of the application, for every role and for those whom it concerns."""
    paths = _paths(story)
    assert len(paths) > 50
    for path in paths:
        answer = story.get(who, path)
        for place, word in RARE.items():
            assert word.casefold() not in answer.text.casefold(), (who, path, place)
        if story.restricted not in path:  # an address is said back to whoever typed it
            assert story.restricted not in answer.text, (who, path)


OF_NEIGHBOURS = ("/incidents/{}", "/api/v1/incidents/{}", "/api/v1/incidents/{}/merge-proposals")


@pytest.mark.parametrize("who", UNSEEING)
def test_neighbours_name_nothing_that_is_not_seen(story: Story, who: str) -> None:
    """The chronology, the merger lines and the duplicate of incidents that everybody sees."""
    for path in OF_NEIGHBOURS:
        answer = story.get(who, path.format(story.neighbour))
        if answer.status_code != 200:
            assert who == UserRole.INSPECTOR, (who, path)
            continue
        assert story.restricted not in answer.text, (who, path)
        assert "another incident" in answer.text or "proposals" in path, (who, path)


def test_whoever_sees_both_reads_the_reference(story: Story) -> None:
    """Otherwise nothing would be shown of mergers at all."""
    assert story.get("named", f"/incidents/{story.neighbour}").text.count(story.restricted) > 5
    assert f'href="/incidents/{story.restricted}"' in story.get("named", "/incidents").text
    assert story.restricted in story.get("named", f"/api/v1/incidents/{story.neighbour}/merge-proposals").text


def test_of_a_silence_made_from_an_unseen_alert_only_that_it_exists_is_shown(story: Story) -> None:
    """Its owner and end, so that somebody can ask; what it is about is shown to those who see the incident."""
    for who in ("viewer", "concerned"):
        assert "Maud of the silence" in story.get(who, "/silences").text
        (shown,) = story.get(who, "/api/v1/silences").json()
        assert (shown["is_withheld"], shown["reason"], shown["when"], shown["scanners"]) == (True, "", {}, [])
    (shown,) = story.get("named", "/api/v1/silences").json()
    assert (shown["is_withheld"], shown["reason"]) == (False, RARE["silence"])
    assert RARE["silence"] in story.get("named", "/silences").text


def test_the_form_of_a_silence_keeps_the_alert_that_it_was_opened_from(story: Story) -> None:
    """Whoever makes it on the page withholds it in the same way; nobody ties one to an alert that they do not see."""
    with story.edge.service.database.reading() as session:
        (alert,) = alerts.episodes_of(session, stored.row_of(session, story.restricted).id or 0)
    form = story.get("named", f"/silences?alert={alert.id}").text
    assert f'name="alert" value="{alert.id}"' in form
    body = {"do": "add", "rule": "x", "reason": "y", "alert": str(alert.id)}
    assert story.browsers["responder"].post("/silences", data=body).status_code == 404
    assert story.browsers["responder"].post("/silences", data={**body, "alert": "x"}).status_code == 422


TRIALS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/silences", {"data": {"do": "preview", "rule": "json", "reason": "x"}}),
    ("/silences", {"data": {"do": "preview", "source": "s1", "reason": "x"}}),
    ("/api/v1/silences/preview", {"json": {"match": {"sources": ["s1"]}, "ends_at": "2026-11-23T12:00:00+01:00"}}),
    ("/grouping", {"data": {"days": "7", "text": "GROUPING"}}),
)
"""What tries something on the alerts of the last days."""


@pytest.mark.parametrize("who", UNSEEING)
def test_no_trial_on_past_alerts_tells_of_what_is_not_seen(story: Story, who: str) -> None:
    """A silence on everything that a sender said, and rules under which nothing would open."""
    changed = story.edge.service.knowledge().catalogue.documents["grouping.yaml"] + "\n"
    for path, body in TRIALS:
        given = {name: {**one, **({"text": changed} if "text" in one else {})} for name, one in body.items()}
        answer = story.browsers[who].post(path, **given)
        assert answer.status_code < 500, (path, answer.status_code)
        for place, word in RARE.items():
            assert word.casefold() not in answer.text.casefold(), (who, path, place)


def test_metrics_count_what_is_restricted_and_name_it_nowhere(story: Story) -> None:
    """Its duties are among the open ones; no label holds its reference."""
    shown = story.edge.client.get("/metrics").text
    assert f'incident="{story.open}"' in shown
    assert story.restricted not in shown
    counted = sum(
        float(line.rpartition(" ")[2]) for line in shown.splitlines() if line.startswith("breach_obligations{")
    )
    assert counted == story.edge.open_obligations() > shown.count("breach_obligation_due_timestamp_seconds{")


NAMED = ("named", "counsel", "boss", "chosen")


@pytest.mark.parametrize("who", NAMED)
def test_whoever_is_named_sees_it(story: Story, who: str) -> None:
    """Otherwise the search above would prove nothing: the words are there to be found."""
    shown = story.get(who, f"/incidents/{story.restricted}")
    assert shown.status_code == 200
    for place in ("title", "alert", "entity", "fact", "chronology"):
        assert RARE[place] in shown.text, place
    assert RARE["title"] in story.get(who, "/incidents").text


def test_what_everybody_may_see_is_shown(story: Story) -> None:
    """The walk reaches what there is to see."""
    for who in ("viewer", "auditor", "concerned", "named"):
        assert ELSEWHERE in story.get(who, "/incidents").text
