"""Who may do what, walked: every route of the real application as everybody, over HTTP.

What a role may do is read in one table (`domain.access.ALLOWED`). A route asks for its act before anything else, and
the act asks again by itself: each of the two is tried alone.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.responses import PlainTextResponse

from breach_service.acts.people import tokens
from breach_service.app import OPERATOR
from breach_service.domain.access import ALLOWED, DECISIONS, GLASS_ACTS, PEOPLE, Act, UserRole, grantable
from breach_service.web.needs import Needs, needs, open_because
from tests.web.edge import Edge, shared_edge
from tests.web.walking import Walked, filled, walked

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
LOOKING = frozenset({Act.LOOK, Act.LOOK_AROUND, Act.LOOK_AT_RAW, Act.LOOK_AT_AUDIT})
ONLY_AT_THE_COMMAND_LINE = frozenset({Act.OPERATE})
IN_PERSON = DECISIONS | GLASS_ACTS | {
    Act.GIVE_OPINION, Act.BREAK_GLASS, Act.REVIEW_GLASS, Act.RESTRICT, Act.CONSULT, Act.MANAGE_PEOPLE,
    Act.KEEP_OWN_ACCOUNT, Act.RECORD_MANDATE,
}  # fmt: skip
"""What a program may be refused although its role allows it: the act asks for a person."""
BY_ROLE = "does not allow this act"
FIELDS = {
    "reason": "The logs show it.", "aware_at": "2026-11-23T07:00", "sent_at": "2026-11-23T07:00", "means": "portal",
    "outcome": "confirm", "fact": "loss.integrity", "value": "yes", "from_at": "2026-11-24T07:00",
    "to_at": "2026-11-25T07:00", "other_from_at": "2026-11-26T07:00", "other_to_at": "2026-11-27T07:00",
    "level": "first", "person": "1", "standing": "named", "goes_on": "here", "days": "7", "text": "rules: []",
    "is_breach": "yes",
}  # fmt: skip
"""What the forms of the pages ask for, as far as it is read before the act is done."""
OTHERS: dict[str, dict[str, Any]] = {
    "POST /incidents/{reference}/playbook/steps/{step}": {"state": "done"},
    "POST /incidents/{reference}/measures/{number}/settle": {"state": "done"},
    "POST /incidents/{reference}/evidence": {"collected_at": "2026-11-23T07:00"},
    "POST /incidents/{reference}/evidence/{number}/handlings": {"kind": "copied", "at": "2026-11-23T07:00"},
    "POST /incidents/{reference}/decide": {"outcome": "no"},
    "POST /incidents/{reference}/decide/opinion": {"outcome": "no"},
    "POST /incidents/{reference}/reminders/mute": {"hours": "4"},
    "POST /incidents/{reference}/questions/later": {"due_at": "2026-11-24T07:00"},
    "POST /incidents/{reference}/clocks": {"kind": "told_at", "at": "2026-11-22T07:00"},
    "POST /incidents/{reference}/clocks/proposals": {"move": "stop", "obligation": "999"},
    "POST /providers/notices": {"received_at": "2026-11-23T07:00"},
    "POST /mandates": {"kind": "delegation", "from_at": "", "to_at": ""},
    "POST /rota/swaps": {"other": "1"},
    "POST /sources": {"kind": "json"},
    "POST /sources/{name}/interval": {"every": "off"},
    "POST /sources/{name}/mapping/keep": {"title": "title"},
    "POST /incidents/{reference}/opinion": {"obligation": ""},
    "POST /incidents/{reference}/merge": {"other": "INC-2026-0001"},
    "POST /api/v1/sources": {"kind": "json", "name": "walked"},
    "PATCH /api/v1/people/{person}": {"name": "Walked"},
    "POST /api/v1/incidents/{reference}/drafts/{obligation}/approve": {"digest": "0" * 64},
    "POST /api/v1/incidents/{reference}/glass/drafts/{obligation}/approve": {"digest": "0" * 64},
    "PUT /api/v1/rota": {"first": {"people": ["a@us.example"], "starts_on": "2026-11-23"}},
}
"""What some routes ask for besides, or in the place of what their description says."""
GLASS = "/glass/drafts/{obligation}"
ASKED_FIRST = frozenset(
    {
        "POST /content", "POST /api/v1/content/activate", f"POST /api/v1/incidents/{{reference}}{GLASS}/approve",
        f"POST /api/v1/incidents/{{reference}}{GLASS}/filing",
        f"POST /incidents/{{reference}}{GLASS}/approve", f"POST /incidents/{{reference}}{GLASS}/file",
    }
)  # fmt: skip
"""Whether what would change is still what was shown (the act is tried in tests/acts/test_roles.py), and whether there
is a glass that the caller broke, are asked before the act."""
_numbers = count(1)


class Watched:
    """The application with one of everything, and whether anything was written."""

    def __init__(self, edge: Edge) -> None:
        self.edge = edge
        sender = edge.source()
        edge.send(sender)
        edge.send(sender, b"\x00\xff\x00\xff")
        edge.work()
        edge.person(UserRole.VIEWER)  # person 1, whose sessions and account the walk ends
        self.reference = edge.declare()
        cnil = edge.obligations(self.reference)["cnil"]["id"]
        self.places = {
            "reference": self.reference, "obligation": str(cnil), "name": sender.name, "language": "en",
            "key": "none", "person": "1", "part": "systems", "entry_id": "application",
        }  # fmt: skip
        # A checkpoint would begin the log of writes anew, which looks like a write.
        edge.service.database.write(lambda session: session.execute(text("PRAGMA wal_autocheckpoint = 0")))
        path = edge.service.settings.data_dir / "breach.sqlite3"
        self._watching = sqlite3.connect(path, check_same_thread=False)
        self.routes = list(walked(edge.app.routes))

    def writes(self) -> int:
        """Another number once something was committed."""
        self.edge.settle()
        return int(self._watching.execute("PRAGMA data_version").fetchone()[0])

    def token(self, role: UserRole, scope: frozenset[Act] = frozenset()) -> dict[str, str]:
        owner = self.edge.inspector() if role is UserRole.INSPECTOR else None
        made = self.edge.service.database.write(
            lambda session: tokens.add_token(
                session, OPERATOR, f"walk{next(_numbers)}", role, self.edge.now, scopes=scope, owner=owner
            )
        )
        return {"authorization": f"Bearer {made}"}

    def body_for(self, route: Walked) -> Any:
        """What a route takes: of the API as it describes itself, of a page the fields of every form."""
        more = OTHERS.get(str(route), {})
        if not route.is_api:
            return {**FIELDS, **self.places, **more}
        if more:
            return more
        described = self.edge.app.openapi()
        content = described["paths"][route.path][route.method.lower()].get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        return None if schema is None else example_of(schema, described["components"]["schemas"])

    def ask(self, browser: Any, route: Walked, headers: dict[str, str] | None = None, body: Any = None) -> Any:
        """Call a route as somebody; a form where nothing else is said."""
        path = filled(route.path, self.places)
        if route.is_api:
            return browser.request(route.method, path, headers=headers, json=body if body is not None else {})
        data = body if body is not None else {}
        return browser.request(route.method, path, headers=headers, data=data if route.method in UNSAFE else None)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with shared_edge(tmp_path_factory.mktemp("walk")) as edge:
        yield Watched(edge)


def acted(watched: Watched) -> list[Walked]:
    """The routes that are an act, but for the webhooks, whose credential is the sender's."""
    return [one for one in watched.routes if one.act is not None and one.act is not Act.SEND_ALERTS]


# ── What every route says


def test_every_route_says_once_what_it_asks_of_whoever_calls_it(watched: Watched) -> None:
    """An act of the table, or why strangers may call it: never nothing, never two things."""
    silent = [f"{one} says {len(one.said)} things" for one in watched.routes if len(one.said) != 1]
    assert not silent, "\n".join(silent)
    assert len(watched.routes) > 100
    for one in watched.routes:
        assert not one.is_open or len(getattr(one.said[0], "reason", "")) > 10, one


def test_a_route_that_says_nothing_or_two_things_would_be_found() -> None:
    """Otherwise the walk would prove nothing; a route of another kind than ours is one, too."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.get("/silent")(lambda: None)
    app.get("/both", dependencies=[needs(Act.LOOK), open_because("for everybody")])(lambda: None)
    app.get("/sound", dependencies=[needs(Act.LOOK)])(lambda: None)
    app.add_route("/plain", lambda request: PlainTextResponse("x"))
    assert {str(one): len(one.said) for one in walked(app.routes)} == {
        "GET /silent": 0, "GET /both": 2, "GET /sound": 1, "GET /plain": 0,
    }  # fmt: skip


def test_every_act_is_some_route(watched: Watched) -> None:
    """Or one of the command line alone."""
    assert {one.act for one in watched.routes if one.act} | ONLY_AT_THE_COMMAND_LINE == set(Act)


# ── As everybody


def test_nobody_comes_in(watched: Watched) -> None:
    """Programs are told 401, people are sent to sign in; nothing is written."""
    browser, before = watched.edge.browser(), watched.writes()
    for route in acted(watched):
        answer = watched.ask(browser, route)
        is_sent = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
        assert answer.status_code == 401 or (is_sent and not route.is_api), (route, answer.status_code)
    assert watched.writes() == before


def test_a_false_token_is_nobody(watched: Watched) -> None:
    """A token that was never made opens nothing; that it was tried is counted."""
    browser = watched.edge.browser()
    for route in acted(watched):
        if route.is_api:
            false = {"authorization": "Bearer bs_" + "x" * 43}
            assert watched.ask(browser, route, false).status_code in (401, 429), route  # whoever guesses is slowed


@pytest.mark.parametrize("role", PEOPLE)
def test_a_person_may_what_the_table_says_and_no_more(watched: Watched, role: UserRole) -> None:
    """Allowed: anything but 401 and 403. Not allowed: 403, and nothing was written."""
    refused = watched.edge.person(role)
    refused.get("/account")
    for route in acted(watched):
        assert route.act is not None
        if role in ALLOWED[route.act]:
            browser = watched.edge.person(role)  # a new one each time: some routes end the session
            answer = watched.ask(browser, route)
            assert answer.status_code not in (401, 403) or asks_for_more(route), (route, answer.text[-600:])
        else:
            before = watched.writes()
            answer = watched.ask(refused, route)
            assert answer.status_code == 403, (route, answer.status_code)
            assert watched.writes() == before, route


@pytest.mark.parametrize("role", PEOPLE)
def test_a_token_may_no_more_than_its_role(watched: Watched, role: UserRole) -> None:
    """Less: what asks for a person is refused to every program, in other words than the role's."""
    headers, browser = watched.token(role), watched.edge.browser()
    browser.get("/api/v1/incidents", headers=headers)
    for route in acted(watched):
        if not route.is_api:
            continue
        assert route.act is not None
        before = watched.writes()
        answer = watched.ask(browser, route, headers)
        if role not in ALLOWED[route.act] or route.act not in grantable(role):
            assert answer.status_code == 403, (route, answer.status_code)
            assert watched.writes() == before, route
        elif answer.status_code in (401, 403):
            assert route.act in IN_PERSON, (route, answer.text)
            assert BY_ROLE not in answer.text, (route, answer.text)


@pytest.mark.parametrize("role", PEOPLE)
def test_a_narrow_token_may_its_scope_alone(watched: Watched, role: UserRole) -> None:
    """One that only looks changes nothing, whatever its role may."""
    headers, browser = watched.token(role, frozenset({Act.LOOK})), watched.edge.browser()
    browser.get("/api/v1/incidents", headers=headers)
    for route in acted(watched):
        if not route.is_api:
            continue
        before = watched.writes()
        answer = watched.ask(browser, route, headers)
        if route.act is Act.LOOK:
            assert answer.status_code not in (401, 403), (route, answer.text)
        else:
            assert answer.status_code == 403, (route, answer.status_code)
            assert watched.writes() == before, route


def test_a_token_opens_no_page(watched: Watched) -> None:
    """A program has the API; a page with its token would be a session without a sign-in."""
    headers, browser = watched.token(UserRole.ADMIN), watched.edge.browser()
    for route in acted(watched):
        if not route.is_api:
            assert watched.ask(browser, route, headers).status_code in (303, 401), route


def asks_for_more(route: Walked) -> bool:
    """True where the role is not enough: to be named as counsel, to have broken the glass of this incident."""
    return route.act is Act.CONSULT or "/glass/drafts/" in route.path


# ── The act alone


@contextmanager
def without_needs(app: FastAPI) -> Iterator[None]:
    """The application as it would be if every route forgot to say what it needs."""
    app.dependency_overrides = {Needs(act): lambda: None for act in Act}
    try:
        yield
    finally:
        app.dependency_overrides = {}


def stranger_to(act: Act) -> UserRole | None:
    """A role that may sign in and may not do the act; one that may look, where there is one."""
    return next((one for one in (UserRole.VIEWER, UserRole.AUDITOR, UserRole.INSPECTOR, UserRole.ADMIN,
                                 UserRole.RESPONDER, UserRole.DECIDER) if one not in ALLOWED[act]), None)  # fmt: skip


def test_each_act_refuses_by_itself(watched: Watched) -> None:
    """With what the routes say switched off the acts still refuse, and nothing is written."""
    faults, tried = [], 0
    with without_needs(watched.edge.app):
        for route in acted(watched):
            assert route.act is not None
            role = stranger_to(route.act)
            if route.method not in UNSAFE or route.act in LOOKING or role is None:
                continue
            browser = watched.edge.person(role)
            browser.get("/account")
            before = watched.writes()
            answer = watched.ask(browser, route, body=watched.body_for(route))
            tried += 1
            is_asked = str(route) in ASKED_FIRST and answer.status_code == 422
            if not is_asked and (answer.status_code != 403 or BY_ROLE not in answer.text):
                faults.append(f"{route} as {role}: {answer.status_code} {answer.text[-300:]}")
            if watched.writes() != before:
                faults.append(f"{route} as {role} has written")
    assert not faults, "\n".join(faults)
    assert tried > 50


def example_of(schema: dict[str, Any], parts: dict[str, Any]) -> Any:
    """The smallest value that fits a JSON schema of the API's own description."""
    if "$ref" in schema:
        return example_of(parts[schema["$ref"].rpartition("/")[2]], parts)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return example_of(schema[choice][0], parts)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {name: example_of(fields[name], parts) for name in schema.get("required", ())}
        case "array":
            return [example_of(schema["items"], parts)] if schema.get("minItems") else []
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "string":
            return _text_of(schema)
    return None


def _text_of(schema: dict[str, Any]) -> str:
    if schema.get("format") == "date-time":
        return "2026-11-23T08:00:00+01:00"
    if schema.get("format") == "date":
        return "2026-11-23"
    return ("a" * max(schema.get("minLength", 0), 20))[: schema.get("maxLength")]
