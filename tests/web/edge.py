"""The HTTP edge as those who use it meet it: a real ASGI client, credentials of each kind, forms as a browser has them.

No conftest, so that a module says what it uses: `from tests.web.edge import Edge`.
"""

import hashlib
import hmac
import secrets
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from typing import Any, Self

import pytest
from sqlalchemy import create_engine, text
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from breach_service.acts import content, senders
from breach_service.acts.decisions.mandates import DECIDING_ROLES
from breach_service.acts.people import accounts, tokens
from breach_service.acts.senders import Connection, NewSource
from breach_service.app import OPERATOR, Service, open_service, prepare, web_application
from breach_service.demo.running import example_inventory
from breach_service.domain.access import PEOPLE, Act, MandateKind, UserRole
from breach_service.store import inbox, open_clocks
from breach_service.store import people as stored_people
from breach_service.store.sign_ins import hash_of
from breach_service.store.tables import SessionRow, UserRow
from breach_service.store.writer import Unit
from breach_service.web.guard import COOKIE
from breach_service.web.signing.sign_in_cookie import OVER_TLS
from tests.conftest import Clock, FakeChannel, settings_for
from tests.deciders import give_mandate

ORIGIN = "http://testserver"
PASSWORD = "correct horse battery"
JSON_ALERT = (
    b'{"title": "Login from two countries", "signal": "privilege_change", "severity": "high", "host": "app-01"}'
)
"""What a `json` sender says; it opens an incident on the application."""


class Edge:
    """One application around one service; use it as a context manager, so that its lifespan runs."""

    def __init__(self, service: Service, *, with_worker: bool = False, address: str = "127.0.0.1") -> None:
        self.service = service
        self.app = web_application(service, with_worker=with_worker)
        self._address = address
        self._numbers = count(1)
        self._worker = service.worker()
        self._handed_over: list[Future[Any]] = []
        writer, put = service.database._writer, service.database._writer.put

        def remembered(one: Any) -> None:
            if isinstance(one, Unit):
                self._handed_over = [*(before for before in self._handed_over if not before.done()), one.future]
            put(one)

        writer.put = remembered  # type: ignore[method-assign]
        self.client = self.browser()
        """Nobody in particular."""

    def __enter__(self) -> Self:
        self.client.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.client.__exit__(*error)

    def browser(self, *, base: str = ORIGIN) -> TestClient:
        """Somebody with cookies of their own. An exception of ours is an answer with 500, as over the wire."""
        return TestClient(
            self.app, base_url=base, client=(self._address, 50123), raise_server_exceptions=False,
            follow_redirects=False,
        )  # fmt: skip

    @property
    def now(self) -> datetime:
        return self.service.now()

    @property
    def clock(self) -> Clock:
        clock = self.service.now
        assert isinstance(clock, Clock)
        return clock

    def signed_in(self, role: UserRole = UserRole.DPO) -> dict[str, str]:
        """The headers of a new person of that role who uses the API with their session: tokens decide nothing."""
        return {"cookie": f"{COOKIE}={self.person(role).cookies[COOKIE]}", "origin": ORIGIN}

    def person(self, role: UserRole, *, has_mandate: bool = True) -> TestClient:
        """A browser with a live session of a new person of that role; it is told from others by its Origin.

        Whoever may decide by role holds a mandate, unless it is told otherwise.
        """
        number, token = next(self._numbers), secrets.token_urlsafe(32)

        def work(session: Any) -> None:
            name = f"{role} {number}"
            row = UserRow(email=f"p{number}@us.example", name=name, role=role, language="en", created_at=self.now)
            stored_people.add(session, row)
            lasts = timedelta(hours=12)
            held = SessionRow(
                token_hash=hash_of(token), user_id=row.id or 0, created_at=self.now, expires_at=self.now + lasts
            )
            stored_people.add(session, held)
            if has_mandate and role in DECIDING_ROLES:
                represents = role is UserRole.DECIDER
                give_mandate(session, row.id or 0, MandateKind.REPRESENTATIVE if represents else MandateKind.DELEGATION)

        self.service.database.write(work)
        browser = self.browser()
        is_over_tls = (self.service.settings.public_url or "").startswith("https://")
        browser.cookies.set(OVER_TLS + COOKIE if is_over_tls else COOKIE, token)
        browser.headers["origin"] = ORIGIN
        return browser

    def account(self, role: UserRole = UserRole.DPO) -> str:
        """The address of a new person whose password is PASSWORD."""
        email = f"a{next(self._numbers)}@us.example"
        self.service.database.write(
            lambda session: accounts.add_user(session, OPERATOR, email, role, PASSWORD, self.now)
        )
        return email

    def token(self, role: UserRole = UserRole.DPO, lasts: timedelta | None = None) -> dict[str, str]:
        """The header of a new API token."""
        name = f"t{next(self._numbers)}"
        # A token of an inspector sees what a person may see.
        owner = self.inspector() if role is UserRole.INSPECTOR else None
        token = self.service.database.write(
            lambda session: tokens.add_token(session, OPERATOR, name, role, self.now, lasts=lasts, owner=owner)
        )
        return {"authorization": f"Bearer {token}"}

    def inspector(self) -> int:
        """The number of a new inspector."""
        email = f"i{next(self._numbers)}@us.example"
        return self.service.database.write(
            lambda session: accounts.add_user(session, OPERATOR, email, UserRole.INSPECTOR, None, self.now)
        )

    def source(self, kind: str = "json", auth: str | None = None) -> NewSource:
        """A new sender that the application knows already."""
        name = f"s{next(self._numbers)}"
        new = self.service.database.write(
            lambda session: senders.add_source(
                session, OPERATOR, Connection(name, kind, auth), self.service.cipher, self.now
            )
        )
        self.gate.renew()
        return new

    @property
    def gate(self) -> Any:
        return self.app.state.context.gate

    def send(self, source: NewSource, body: bytes = JSON_ALERT, **changes: str) -> Any:
        """Post a body as its sender would."""
        return self.client.post(source.path, content=body, headers={**credential(source, body), **changes})

    def waiting(self) -> int:
        """How many requests stand in the inbox."""
        with self.service.database.reading() as session:
            return inbox.pending(session)[0]

    def work(self) -> None:
        """Let the worker do what there is to do, and seal it."""
        while self._worker.turn(self.now):
            pass

    def settle(self) -> None:
        """Wait for what was handed over without waiting, a denied try for one: the writer keeps no order of threads."""
        wait(self._handed_over)

    def declare(self, what: str = "A laptop was stolen.", systems: tuple[str, ...] = ("application",)) -> str:
        """A new incident; its reference."""
        body = {"what_happened": what, "systems": list(systems), "personal_data": "yes"}
        answer = self.client.post("/api/v1/incidents", json=body, headers=self.token())
        assert answer.status_code == 201, answer.text
        return str(answer.json()["reference"])

    def approve(self, reference: str, obligation: int, person: dict[str, str] | None = None) -> None:
        """Somebody who decides releases the text of a notice as it stands."""
        headers, base = person or self.signed_in(), f"/api/v1/incidents/{reference}/drafts/{obligation}"
        text = self.client.get(base, headers=headers).json()["text"]
        digest = hashlib.sha256(text.encode()).hexdigest()
        answer = self.client.post(f"{base}/approve", json={"digest": digest}, headers=headers)
        assert answer.status_code == 204, answer.text

    def obligations(self, reference: str) -> dict[str, dict[str, Any]]:
        """The obligations of an incident, by recipient."""
        found = self.client.get(f"/api/v1/incidents/{reference}", headers=self.token()).json()["obligations"]
        return {one["recipient"]: one for one in found}

    def open_obligations(self) -> int:
        with self.service.database.reading() as session:
            return sum(one.count for one in open_clocks.counted(session, self.now))


def credential(source: NewSource, body: bytes) -> dict[str, str]:
    """The headers with which a sender proves who it is; none where the address does."""
    match source.auth:
        case "bearer":
            return {"authorization": f"Bearer {source.secret}"}
        case "hmac":
            return {"x-signature-256": f"sha256={hmac.new(source.secret.encode(), body, hashlib.sha256).hexdigest()}"}
        case _:
            return {}


def basic(secret: str) -> dict[str, str]:
    """HTTP Basic with the secret as the password."""
    return {"authorization": f"Basic {b64encode(f'anybody:{secret}'.encode()).decode()}"}


@contextmanager
def shared_edge(directory: Path, **changes: Any) -> Iterator[Edge]:
    """An application on SQLite for several tests that do not disturb one another: making one takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("BREACH_DATABASE_URL", "BREACH_METRICS_TOKEN", "BREACH_CONTENT_DIR", "BREACH_PUBLIC_URL"):
            patch.delenv(name, raising=False)
        service = open_service(settings_for(directory, **changes))
    clock, channel = Clock(), FakeChannel()
    service.now, service.channels = clock, {channel.name: channel}
    prepare(service)
    inventory = example_inventory(service.settings)
    service.database.write(lambda session: content.import_inventory(session, OPERATOR, inventory, clock()))
    try:
        with Edge(service) as edge:
            yield edge
    finally:
        service.close()


def drop(server: str, url: str) -> None:
    """A PostgreSQL database is gone from one moment to the next, and all connections to it."""
    name = url.partition("?")[0].rpartition("/")[2]
    engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def routes_of(routes: Any, prefix: str = "") -> Iterator[tuple[str, frozenset[str]]]:
    """Every path that is registered with its methods, through mounts and included routers."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from routes_of(included.routes, prefix)
        elif isinstance(route, Mount):
            yield prefix + route.path + "/", frozenset({"GET", "POST"})
        else:
            assert isinstance(route, Route), route
            yield prefix + route.path, frozenset(route.methods or ())


@dataclass
class Form:
    """One form as a browser would send it."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    """What would be sent if nobody touched it."""
    choices: dict[str, list[str]] = field(default_factory=dict)
    """What may be chosen, for radios, boxes and menus."""

    def send(self, browser: TestClient, **answers: str | list[str]) -> Any:
        """Fill it in and send it; only fields that the form has can be filled, only choices that it offers be made."""
        sent = dict(self.fields)
        for name, given in answers.items():
            values = [given] if isinstance(given, str) else given
            assert name in self.fields, f"the form {self.action} has no field {name}: {sorted(self.fields)}"
            assert name not in self.choices or set(values) <= set(self.choices[name]), (name, values, self.choices)
            sent[name] = values
        data = {name: values for name, values in sent.items() if values}
        if self.method == "get":
            return browser.get(self.action.partition("#")[0], params=data)
        return browser.post(self.action, data=data)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._form: Form | None = None
        self._area: str | None = None
        self._menu: str | None = None
        self._is_chosen = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "form":
            self._form = Form(has.get("action") or "", has.get("method") or "get")
            self.found.append(self._form)
        name = has.get("name")
        if self._form is None or (tag != "option" and not name):
            return
        if tag == "textarea":
            self._area = name
            self._form.fields[name or ""] = [""]
        elif tag == "select":
            self._menu, self._is_chosen = name, False
            self._form.fields[name or ""] = []
            self._form.choices[name or ""] = []
        elif tag == "option" and self._menu:
            self._add_option(self._form, has)
        elif tag == "input":
            _add_input(self._form, name or "", has)

    def _add_option(self, form: Form, has: dict[str, str | None]) -> None:
        value, menu = has.get("value") or "", self._menu or ""
        form.choices[menu].append(value)
        if "selected" in has or not form.fields[menu]:
            form.fields[menu] = [value]

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._area is not None:
            self._form.fields[self._area] = [self._form.fields[self._area][0] + data]

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "form":
                self._form = None
            case "textarea":
                self._area = None
            case "select":
                self._menu = None


def _add_input(form: Form, name: str, has: dict[str, str | None]) -> None:
    value = has.get("value") or ""
    if has.get("type") in ("radio", "checkbox"):
        form.choices.setdefault(name, []).append(value)
        held = form.fields.setdefault(name, [])
        if "checked" in has:
            held.append(value)
    else:
        form.fields[name] = [value]


def forms_in(html: str) -> dict[str, Form]:
    """The forms of a page by their action (the last one, where several have the same)."""
    parser = _Forms()
    parser.feed(html)
    return {one.action: one for one in parser.found}


def text_in(html: str) -> str:
    """What a person reads on a page, on one line."""
    parts: list[str] = []
    parser = HTMLParser()
    parser.handle_data = parts.append  # type: ignore[method-assign]
    parser.feed(html.partition("<main")[2] or html)
    return " ".join("".join(parts).replace("\u202f", " ").replace("\xa0", " ").split())


ROLES = PEOPLE
EVERY_ACT = tuple(Act)
