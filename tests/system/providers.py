"""Two providers of identities that nobody here wrote, as real processes, and a browser that signs in at them."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2
import pytest

HERE = Path(__file__).parent / "oidc_provider"
CLIENT, SECRET = "breach", "secret-of-the-client/+"
LEAST_NODE = 20


class Person:
    """A person at a browser: follows redirections by hand, so that each can be looked at, and fills in forms."""

    def __init__(self) -> None:
        self.browser = httpx2.Client(follow_redirects=False, timeout=30, trust_env=False)
        self.seen: list[str] = []
        """Addresses that the browser went to."""

    def get(self, url: str) -> httpx2.Response:
        """One page, and where it leads, until a page that stays."""
        return self._followed(self.browser.get(url), url)

    def send(self, page: httpx2.Response, **typed: str) -> httpx2.Response:
        """Fill in the one form of a page and send it."""
        action, fields = form_in(page.text)
        url = urljoin(str(page.request.url), action or str(page.request.url))
        origin = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"
        answer = self.browser.post(url, data={**fields, **typed}, headers={"origin": origin})
        return self._followed(answer, url)

    def _followed(self, answer: httpx2.Response, url: str) -> httpx2.Response:
        self.seen.append(url)
        while answer.is_redirect:
            url = urljoin(url, answer.headers["location"])
            self.seen.append(url)
            answer = self.browser.get(url)
        return answer


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.action, self.fields = "", dict[str, str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "form":
            self.action = has.get("action") or ""
        if tag in ("input", "button") and has.get("name") and has.get("type") not in ("submit", "checkbox", "radio"):
            self.fields[str(has["name"])] = has.get("value") or ""


def form_in(html: str) -> tuple[str, dict[str, str]]:
    """The action and the fields of the one form of a page."""
    parser = _Form()
    parser.feed(html)
    return parser.action, parser.fields


class MockProvider:
    """`oidc-provider-mock` from PyPI: claims in the id_token, no consent."""

    def __init__(self, start: Callable[..., Any], port: int, home: str, people: dict[str, dict[str, Any]]) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        users = [f"--user-claims={json.dumps({'sub': name, **claims})}" for name, claims in people.items()]
        self.process = start(f"mock{port}", sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *users)

    def sign_in(self, person: Person, page: httpx2.Response, name: str) -> httpx2.Response:
        """What the service shows after that person signed in here."""
        return person.send(page, sub=name)


class CertifiedProvider:
    """`oidc-provider` from npm, certified by the OpenID Foundation: PKCE required, consent, claims in userinfo."""

    def __init__(self, start: Callable[..., Any], port: int, home: str, people: dict[str, dict[str, Any]]) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self._start, self._port = start, port
        client = {
            "client_id": CLIENT, "client_secret": SECRET, "redirect_uris": [f"{home}/oidc/callback"],
            "post_logout_redirect_uris": [f"{home}/sign-in"], "backchannel_logout_uri": f"{home}/oidc/logout",
            "backchannel_logout_session_required": True,
        }  # fmt: skip
        self._settings = {"port": port, "clients": [client], "accounts": people}
        self._script = installed() / "serve.mjs"
        self.start()

    def start(self) -> None:
        """Each start makes a new signing key."""
        node = shutil.which("node")
        self.process = self._start(f"certified{self._port}", node, str(self._script), json.dumps(self._settings))

    def sign_in(self, person: Person, page: httpx2.Response, name: str) -> httpx2.Response:
        """What the service shows after that person signed in here and agreed."""
        page = person.send(page, login=name, password="any")
        return person.send(page) if page.url.host == "127.0.0.1" and page.url.port == self._port else page


def installed() -> Path:
    """Where `oidc-provider` is, exactly as the lock file has it; installed once on a machine, outside the repository.

    Skips the test by name where that cannot be done here: the registry is a stranger's, who may be away.
    """
    lock = (HERE / "package-lock.json").read_bytes() + (HERE / "serve.mjs").read_bytes()
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "breach-service-tests"
    directory = base / f"oidc-provider-{hashlib.sha256(lock).hexdigest()[:16]}"
    base.mkdir(parents=True, exist_ok=True)
    with (base / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # until it is closed
        if not (directory / "ready").exists():
            _install(directory)
    return directory


def _install(directory: Path) -> None:
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").partition(".")[0]) < LEAST_NODE:
        _missing(f"Node.js {LEAST_NODE}, here is {version}")
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(HERE, directory)
    done = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=directory, capture_output=True, text=True,
        check=False, timeout=200,
    )  # fmt: skip
    if done.returncode:
        _missing(f"the npm package oidc-provider, which cannot be installed here: {done.stderr[-300:]}")
    (directory / "ready").touch()


def _missing(what: str) -> None:
    pytest.skip(f"needs {what}")
