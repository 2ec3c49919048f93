"""No secret stands where somebody else could read it: the service is run through a whole story, then searched.

Each secret is shown once, in one answer, and is nowhere else: not in a page, an answer of the API, an error, a metric,
a line of the log at its most talkative, the database file, its write-ahead log, or any column; in no encoding.
"""

import base64
import html
import re
import secrets
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pyotp
import pytest

from tests.notify.smtp import Mailbox, mail_server
from tests.system.conftest import Running, until
from tests.system.secrets_hunt import columns_of, forms_of, found_in

ALERT = {"title": "Login from two countries", "signal": "privilege_change", "severity": "high", "host": "app-01"}
NOTE = "The privileged advice is to say nothing before Thursday."
CODE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b")


@dataclass
class Story:
    """The service in a process of its own, all that was handed out, and all that it answered."""

    running: Running
    box: Mailbox
    secrets: dict[str, str] = field(default_factory=dict)
    answers: list[tuple[str, bytes, frozenset[str]]] = field(default_factory=list)
    """What was asked, the whole answer with its headers, and which secrets it is there to show."""

    opened: list[httpx2.Client] = field(default_factory=list)

    def browser(self) -> "Browser":
        return Browser(self)

    def give(self, name: str, secret: str) -> str:
        assert secret, name
        self.secrets[name] = secret
        return secret

    def made(self, name: str) -> str:
        """A secret that somebody thinks up."""
        return self.give(name, f"{name.replace(' ', '-')} {secrets.token_urlsafe(12)}")

    def mail(self, number: int) -> str:
        return str(until(lambda: len(self.box.mails) >= number and self.box.texts()[number - 1], "no mail came"))


class Browser:
    """Somebody's browser; every answer is kept."""

    def __init__(self, story: Story, **headers: str) -> None:
        self.story = story
        self._client = httpx2.Client(base_url=story.running.address, timeout=60, headers=headers)
        story.opened.append(self._client)

    def call(self, method: str, path: str, shows: Iterable[str] = (), **more: Any) -> Any:
        headers = {"Sec-Fetch-Site": "same-origin", **more.pop("headers", {})}
        answer = self._client.request(method, path, headers=headers, **more)
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items()).encode()
        kept = head + b"\n\n" + answer.content
        self.story.answers.append((f"{method} {path.partition('?')[0]}", kept, frozenset(shows)))
        return answer

    def get(self, path: str, shows: Iterable[str] = (), **more: Any) -> Any:
        return self.call("GET", path, shows, **more)

    def post(self, path: str, shows: Iterable[str] = (), **more: Any) -> Any:
        return self.call("POST", path, shows, **more)

    def cookie(self, name: str) -> str:
        return next(one.value or "" for one in self._client.cookies.jar if one.name.endswith(name))

    def keep_session(self, name: str) -> None:
        self.story.give(name, self.cookie("breach_session"))
        self.story.answers[-1] = (*self.story.answers[-1][:2], self.story.answers[-1][2] | {name})


@contextmanager
def story_in(directory: Path) -> Iterator[Story]:
    with mail_server() as box:
        given = {
            "secret_key": base64.b64encode(secrets.token_bytes(32)).decode(),
            "metrics_token": secrets.token_urlsafe(24),
            "oidc_client_secret": secrets.token_urlsafe(24),
        }
        running = Running(
            directory, **given, log_level="debug", smtp_host="127.0.0.1", smtp_port=str(box.port),
            smtp_security="none", smtp_from="breach@us.example", second_factor_roles="none",
        )  # fmt: skip
        story = Story(running, box, dict(given))
        running.command("migrate")
        running.command("inventory", "import", "playbooks/inventory/example.yaml")
        running.start()
        try:
            yield story
        finally:
            for one in story.opened:
                one.close()
            assert running.process is not None
            running.process.send(signal.SIGTERM)


def token_in(text: str) -> str:
    found = re.search(r"[?&]token=([A-Za-z0-9_-]+)", text)
    assert found, text
    return found[1]


def first_administrator(story: Story) -> Browser:
    """By the link of the first start."""
    file = until(lambda: next(iter((Path(story.running.environment["BREACH_DATA_DIR"])).glob("*link*")), None),
                 "no first link was written")  # fmt: skip
    url = file.read_text().strip()
    story.give("first link", token_in(url))
    browser, password = story.browser(), story.made("password of the administrator")
    browser.get(url.removeprefix(story.running.address), shows=["first link"])  # its cookie takes the token over
    fields = {"email": "anne@us.example", "name": "Anne", "language": "en", "password": password, "again": password}
    assert browser.post("/sign-in/link", data=fields).status_code == 303
    sign_in(browser, "anne@us.example", password, "session of the administrator")
    return browser


def sign_in(browser: Browser, email: str, password: str, name: str) -> None:
    answer = browser.post("/sign-in", data={"email": email, "password": password})
    assert answer.status_code == 303, answer.text
    browser.keep_session(name)


def second_factor(story: Story, browser: Browser, password: str, email: str) -> None:
    """One-time codes are set up and used; recovery codes are shown once."""
    browser.post("/account/totp", data={"password": password})
    page = browser.get("/account", shows=["seed of the one-time codes"])
    seed = re.search(r'class="seed">([^<]+)<', page.text)
    assert seed
    story.give("seed of the one-time codes", seed[1].replace(" ", ""))
    clock = pyotp.TOTP(story.secrets["seed of the one-time codes"])
    answer = browser.post("/account/totp/confirm", data={"code": clock.now(), "password": password})
    shown = answer if answer.status_code < 300 else browser.get(answer.headers["location"])
    if "codes" not in shown.text:
        shown = browser.post("/account/recovery", data={"password": password})
    codes = re.search(r'<pre class="codes"[^>]*>([^<]+)<', shown.text)
    assert codes, shown.text
    names = []
    for number, code in enumerate(codes[1].split()):
        names.append(f"recovery code {number}")
        story.give(names[-1], html.unescape(code))
    story.answers[-1] = (*story.answers[-1][:2], frozenset(names))
    other = story.browser()
    answer = other.post("/sign-in", data={"email": email, "password": password})
    assert answer.headers["location"].startswith("/sign-in/second"), answer.headers
    story.give("token of the second step", next(one.value for one in other._client.cookies.jar))
    story.answers[-1] = (*story.answers[-1][:2], frozenset({"token of the second step"}))
    assert other.post("/sign-in/second", data={"code": story.secrets["recovery code 3"]}).status_code == 303
    other.keep_session("session after the second step")


def colleague(story: Story, admin: Browser) -> Browser:
    """Invited by mail, forgets the password, asks for a new one."""
    fields = {"email": "claire@us.example", "name": "Claire", "role": "dpo", "language": "en"}
    assert admin.post("/people", data=fields).status_code == 303
    text = next(one for one in until(lambda: _with_link(story, 1), "no invitation came"))
    story.give("invitation", token_in(text))
    browser, former = story.browser(), story.made("former password of the colleague")
    browser.get(f"/sign-in/link?token={story.secrets['invitation']}", shows=["invitation"])
    assert (
        browser.post("/sign-in/link", data={"name": "Claire", "password": former, "again": former}).status_code == 303
    )
    browser.post("/sign-in/forgotten", data={"email": "claire@us.example"})
    text = until(lambda: _with_link(story, 2), "no new password came")[-1]
    story.give("link to a new password", token_in(text))
    password = story.made("password of the colleague")
    browser.get(f"/sign-in/link?token={story.secrets['link to a new password']}", shows=["link to a new password"])
    assert browser.post("/sign-in/link", data={"password": password, "again": password}).status_code == 303
    sign_in(browser, "claire@us.example", password, "session of the colleague")
    wrong = story.made("mistyped password")
    assert story.browser().post("/sign-in", data={"email": "claire@us.example", "password": wrong}).status_code == 401
    assert story.browser().get(f"/sign-in/link?token={story.made('false link').replace(' ', '')}").status_code == 303
    return browser


def _with_link(story: Story, number: int) -> list[str]:
    found = [one for one in story.box.texts() if "token=" in one]
    return found if len(found) >= number else []


def senders(story: Story, admin: Browser) -> None:
    """Each way in which a sender proves who it is, renewed once, used rightly and wrongly."""
    for auth in ("bearer", "hmac", "url"):
        name = f"probe-{auth}"
        answer = admin.post("/sources", data={"name": name, "kind": "json", "auth": auth})
        assert answer.status_code in (200, 201), answer.text
        for step in ("first", "second"):
            if step == "second":
                answer = admin.post(f"/sources/{name}/rotate", data={"force": "yes"})
            shown = html.unescape(answer.text)
            place = rf"/webhooks/{name}/([A-Za-z0-9_-]+)" if auth == "url" else r'id="new-secret"><code>([^<]+)<'
            secret = re.search(place, shown)
            assert secret, shown
            label = f"{step} secret of {name}"
            story.give(label, secret[1])
            story.answers[-1] = (*story.answers[-1][:2], story.answers[-1][2] | {label})
        path = f"/webhooks/{name}/{secret[1]}" if auth == "url" else f"/webhooks/{name}"
        headers = {"authorization": f"Bearer {secret[1]}"} if auth == "bearer" else {}
        story.browser().post(path, json=ALERT, headers=headers)
        false = story.give(f"false secret for {name}", secrets.token_urlsafe(24))
        path = f"/webhooks/{name}/{false}" if auth == "url" else f"/webhooks/{name}"
        assert story.browser().post(path, json=ALERT, headers={"authorization": f"Bearer {false}"}).status_code in (
            401,
            200,
        )


def programs(story: Story, admin: Browser) -> Browser:
    """A token of the page, and one of the command line."""
    answer = admin.post("/tokens", data={"name": "robot", "role": "responder", "days": "30"})
    token = re.search(r'id="new-secret"><code>([^<]+)<', answer.text)
    assert token, answer.text
    story.give("token of a program", token[1])
    story.answers[-1] = (*story.answers[-1][:2], frozenset({"token of a program"}))
    story.give("token of the command line", story.running.command("token", "add", "cli", "--role", "dpo")["token"])
    false = story.give("false token", f"bs_{secrets.token_urlsafe(32)}")
    assert story.browser().get("/api/v1/incidents", headers={"authorization": f"Bearer {false}"}).status_code == 401
    return Browser(story, authorization=f"Bearer {story.secrets['token of the command line']}")


def channel(story: Story, browser: Browser) -> None:
    """A way to be reached, which is shown to nobody but its owner and kept sealed."""
    address = f"claire.{secrets.token_hex(6)}@home.example"
    story.give("address of a channel", address)
    before = len(story.box.mails)
    answer = browser.post("/account/channels", data={"kind": "mail", "address": address})
    assert answer.status_code == 303, answer.text
    story.mail(before + 1)
    text = f"{story.box.mails[before]['subject']}\n{story.box.texts()[before]}"
    code = CODE.search(text)
    assert code, text
    story.give("code of a channel", code[0])
    number = re.search(
        r"/account/channels/(\d+)/proof", browser.get("/account/channels", shows=["address of a channel"]).text
    )
    assert number
    answer = browser.post(f"/account/channels/{number[1]}/proof", data={"code": code[0]})
    assert answer.status_code == 303, answer.text


def counsel(story: Story, browser: Browser, reference: str) -> None:
    """A privileged note."""
    story.give("note to counsel", NOTE)
    person = re.search(r'<option value="(\d+)"[^>]*>\s*Claire', browser.get(f"/incidents/{reference}/people").text)
    assert person
    fields = {"person": person[1], "standing": "counsel", "reason": "She advises."}
    assert browser.post(f"/incidents/{reference}/people", data=fields).status_code == 303
    answer = browser.post(f"/incidents/{reference}/counsel", data={"note": NOTE})
    assert answer.status_code == 303, answer.text
    assert NOTE in browser.get(f"/incidents/{reference}/counsel", shows=["note to counsel"]).text


def look_at_everything(story: Story, reference: str, named: Browser, *readers: Browser) -> None:
    """Every page that links lead to, every answer of the API, errors, and the metrics; `named` reads for counsel."""
    described = readers[-1].get("/api/openapi.json").json()
    for reader in readers:
        waiting, seen = list(PAGES), set(PAGES)
        own = {f"/incidents/{reference}/counsel": ("note to counsel",)} if reader is named else {}
        while waiting:
            path = waiting.pop()
            answer = reader.get(path, shows=({**SHOWN_TO_THEIR_OWNER, **own}).get(path, ()))
            links = (
                re.findall(r'href="(/[^"#]*)', answer.text) if "html" in answer.headers.get("content-type", "") else []
            )
            for one in map(html.unescape, links):
                shape = re.sub(r"\d+", "0", one.partition("?")[0])
                if shape not in seen and not one.startswith(("/static", "/sign-out")):
                    seen.add(shape)
                    waiting.append(one)
        for path, methods in described["paths"].items():
            if "get" in methods:
                filled = re.sub(r"\{(\w+)\}", lambda one: {"reference": reference}.get(one[1], "1"), path)
                reader.get(filled)
        for path in (
            "/nowhere",
            "/incidents/INC-1999-0001",
            "/api/v1/incidents/none",
            "/sources/none",
            "/quarantine/9",
        ):
            reader.get(path)
            reader.post(path, data={"reason": "x"})
    metrics = {"authorization": f"Bearer {story.secrets['metrics_token']}"}
    assert story.browser().get("/metrics", headers=metrics).status_code == 200


PAGES = (
    "/", "/account", "/account/channels", "/account/handover", "/access/substitutes", "/audit", "/audit.csv",
    "/audit.json", "/content", "/declare", "/glass", "/grouping", "/incidents", "/inventory", "/mandates", "/people",
    "/measures", "/playbooks", "/precedents", "/providers/notices", "/quarantine", "/register", "/reports", "/rota",
    "/rota.yaml", "/silences", "/sources", "/tokens",
)  # fmt: skip
"""Where the reading begins; from there it follows the links."""
SHOWN_TO_THEIR_OWNER = {"/account/channels": ("address of a channel",)}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """The whole story, while the service still runs."""
    with story_in(tmp_path_factory.mktemp("secrets")) as story:
        admin = first_administrator(story)
        second_factor(story, admin, story.secrets["password of the administrator"], "anne@us.example")
        dpo = colleague(story, admin)
        senders(story, admin)
        program = programs(story, admin)
        channel(story, dpo)
        answer = program.post("/api/v1/incidents", json={"what_happened": "A laptop was stolen."})
        reference = answer.json()["reference"]
        counsel(story, dpo, reference)
        look_at_everything(story, reference, dpo, admin, dpo, program)
        yield story


def test_the_search_finds_what_is_there(told: Story) -> None:
    """In each form; otherwise it would prove nothing. The whole story was told, too."""
    for name, secret in told.secrets.items():
        for form, data in forms_of(secret):
            assert len(data) < 8 or any(form in one for one in found_in(b"<" + data + b">", {name: secret}))
    for offset in range(5):
        whole = base64.b64encode(b"x" * offset + told.secrets["first link"].encode() + b"tail")
        assert found_in(whole, {"first link": told.secrets["first link"]})
    assert len(told.secrets) > 30
    assert len(told.answers) > 150
    assert {one for one, _, _ in told.answers} >= {"GET /metrics", "GET /audit", "GET /people", "GET /register"}


def test_each_secret_is_shown_in_the_answer_that_is_there_to_show_it(told: Story) -> None:
    """And in no page, no answer of the API, no error and no metric besides."""
    faults = [f"{what}: {', '.join(found)}" for what, data, shown in told.answers
              if (found := found_in(data, told.secrets, shown))]  # fmt: skip
    assert not faults, "\n".join(sorted(set(faults)))


def test_the_log_holds_none(told: Story) -> None:
    """At its most talkative, what goes to standard output and to standard error alike."""
    assert told.running.process is not None
    text = told.running.process.text()
    assert told.running.environment["BREACH_LOG_LEVEL"] == "debug"
    assert '"event": "listening"' in text
    assert found_in(text.encode(), told.secrets, ()) == []


def test_the_database_holds_none_in_clear(told: Story) -> None:
    """Neither in its file nor in the log that it writes ahead, nor in any column, whatever way it is encoded."""
    directory = Path(told.running.environment["BREACH_DATA_DIR"])
    files = [one for one in directory.iterdir() if one.name.startswith("breach.sqlite3")]
    assert {one.name for one in files} >= {"breach.sqlite3", "breach.sqlite3-wal"}
    faults = [f"{one.name}: {', '.join(found)}" for one in files if (found := found_in(one.read_bytes(), told.secrets))]
    faults += [
        f"{column}: {', '.join(found)}"
        for column, data in columns_of(directory / "breach.sqlite3")
        if (found := found_in(data, told.secrets))
    ]
    assert not faults, "\n".join(faults)


def test_the_files_beside_the_database_hold_none(told: Story) -> None:
    """The link of the first start is taken away with its use."""
    directory = Path(told.running.environment["BREACH_DATA_DIR"])
    files = [one for one in directory.rglob("*") if one.is_file() and not one.name.startswith("breach.sqlite3")]
    assert [f"{one.name}: {found}" for one in files if (found := found_in(one.read_bytes(), told.secrets))] == []
