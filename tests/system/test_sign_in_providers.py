"""Signing in at two providers that nobody here wrote, with everything in processes of its own."""

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.system.conftest import Process, Running, free_port, until
from tests.system.providers import CLIENT, SECRET, CertifiedProvider, MockProvider, Person

KNOWN: dict[str, dict[str, Any]] = {
    "noe": {"email": "noe@us.example", "email_verified": True, "name": "Noé Varenne", "groups": ["law", "staff"]},
    "maud": {"email": "maud@us.example", "email_verified": True, "name": "Maud Sabran", "groups": ["staff"]},
    "mallory": {"email": "ada@us.example", "email_verified": False, "name": "Mallory", "groups": ["law"]},
}
Kind = type[MockProvider] | type[CertifiedProvider]
Start = Callable[..., Process]
People = Callable[[], Person]


@dataclass(frozen=True)
class Place:
    """A service and the provider that it knows, each in processes of its own."""

    running: Running
    provider: Any


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Providers, ended after the tests."""
    started: list[Process] = []

    def make(name: str, *arguments: str) -> Process:
        started.append(Process(list(arguments), tmp_path_factory.mktemp("providers") / f"{name}.log"))
        return started[-1]

    yield make
    for one in started:
        one.send(signal.SIGTERM)


@contextmanager
def place_of(kind: Kind, start: Start, directory: Path) -> Iterator[Place]:
    """A service that knows a provider of that kind, both running."""
    port = free_port()
    running = Running(
        directory, oidc_issuer=f"http://127.0.0.1:{port}", oidc_client_id=CLIENT, oidc_client_secret=SECRET,
        oidc_groups="law=dpo", oidc_name="Annuaire", oidc_scopes=scopes_of(kind), language="en",
    )  # fmt: skip
    provider = kind(start, port, running.address, KNOWN)
    until(lambda: is_there(provider), f"the provider did not start:\n{provider.process.text()}")
    running.start()
    running.command("user", "add", "ada@us.example", "--role", "admin", "--password", "correct horse battery")
    try:
        yield Place(running, provider)
    finally:
        assert running.process is not None
        running.process.send(signal.SIGTERM)


@pytest.fixture(scope="module")
def mock(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """With `oidc-provider-mock`."""
    with place_of(MockProvider, start, tmp_path_factory.mktemp("mock")) as place:
        yield place


@pytest.fixture(scope="module")
def certified(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """With `oidc-provider`, which is certified."""
    with place_of(CertifiedProvider, start, tmp_path_factory.mktemp("certified")) as place:
        yield place


@pytest.fixture(params=["mock", pytest.param("certified", marks=pytest.mark.needs("node", "npm"))])
def place(request: pytest.FixtureRequest) -> Place:
    """Each in turn."""
    found: Place = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def people() -> Iterator[People]:
    """People at browsers, which are closed after the test."""
    made: list[Person] = []

    def make() -> Person:
        made.append(Person())
        return made[-1]

    yield make
    for one in made:
        one.browser.close()


def scopes_of(kind: Kind) -> str:
    return "openid profile email groups" if kind is CertifiedProvider else "openid profile email"


def is_there(provider: Any) -> bool:
    try:
        return httpx2.get(f"{provider.issuer}/.well-known/openid-configuration", trust_env=False).status_code == 200
    except httpx2.HTTPError:
        return False


def who_is_in(running: Running, person: Person) -> str:
    """The name in the frame of the page; empty for a stranger."""
    page = person.browser.get(f"{running.address}/incidents")
    return page.text if page.status_code == 200 else ""


def go(running: Running, provider: Any, person: Person, name: str, path: str = "/") -> httpx2.Response:
    return provider.sign_in(person, person.get(f"{running.address}/oidc/sign-in?next={path}"), name)


def test_a_person_signs_in(place: Place, people: People) -> None:
    """With the role of their group and the name that the provider knows, to the page that they wanted to see."""
    running, provider = place.running, place.provider
    noe = people()
    page = go(running, provider, noe, "noe", "/register")
    assert (page.status_code, str(page.url)) == (200, f"{running.address}/register")
    assert "Noé Varenne" in who_is_in(running, noe)
    listed = {one["email"]: one for one in running.command("user", "list")}
    assert listed["noe@us.example"]["role"] == "dpo"


def test_strangers_of_the_provider_stay_out(place: Place, people: People) -> None:
    """In no group that is known here, or with the address of somebody else: a page in words, no account."""
    running, provider = place.running, place.provider
    for name, words in (("maud", "no group"), ("mallory", "an account of your e-mail address")):
        person = people()
        page = go(running, provider, person, name)
        assert page.status_code == 403
        assert words in page.text
        assert not who_is_in(running, person)
    assert not {one["email"] for one in running.command("user", "list")} & {"maud@us.example"}


def test_what_is_sent_back_belongs_to_one_browser_and_counts_once(place: Place, people: People) -> None:
    """The address with code and state, in another browser, again in the same one, and with another state."""
    running, provider = place.running, place.provider
    noe, thief = people(), people()
    go(running, provider, noe, "noe")
    back = next(one for one in noe.seen if "/oidc/callback?" in one)
    assert thief.get(back).status_code == 400
    assert noe.get(back).status_code == 400
    assert who_is_in(running, noe)
    assert not who_is_in(running, thief)
    thief.browser.get(f"{running.address}/oidc/sign-in")
    forged = re.sub(r"state=[^&]+", "state=forged", back)
    assert thief.get(forged).status_code == 400
    assert not who_is_in(running, thief)


def test_nothing_secret_is_written_to_the_log(place: Place, people: People) -> None:
    """Neither the code, nor the state, nor the secret of the client, nor an answer of the provider."""
    running, provider = place.running, place.provider
    noe = people()
    go(running, provider, noe, "noe")
    go(running, provider, people(), "maud")
    back = next(one for one in noe.seen if "/oidc/callback?" in one)
    assert noe.get(back).status_code == 400
    assert running.process is not None
    written = running.process.text()
    for secret in [
        SECRET,
        *re.findall(r"(?:code|state)=([^&]+)", back),
        *[one.value for one in noe.browser.cookies.jar],
    ]:
        assert secret not in written
    assert "no_role" in written, "but why somebody was refused is"


def test_a_provider_that_goes_away_is_said_in_words(start: Start, people: People, tmp_path: Path) -> None:
    """Between the question and the answer; and the command line still lets an administrator in."""
    with place_of(MockProvider, start, tmp_path) as place:
        running, provider, noe, ada = place.running, place.provider, people(), people()
        noe.get(f"{running.address}/oidc/sign-in")
        provider.process.send(signal.SIGKILL)
        answer = noe.get(f"{running.address}/oidc/callback?code=any&{state_of(noe)}")
        assert answer.status_code == 503
        assert "cannot be reached" in answer.text
        url = running.command("user", "let-in", "ada@us.example")["url"]
        assert ada.send(ada.get(url)).status_code == 200
        assert who_is_in(running, ada)


def state_of(person: Person) -> str:
    """The state that a browser was sent to the provider with, as part of a query."""
    return next(found.group(0) for one in person.seen for found in re.finditer(r"state=[^&]+", one))


@pytest.mark.needs("node", "npm")
def test_a_key_that_was_rotated_is_found(certified: Place, people: People) -> None:
    """The provider starts again with another key; whoever signs in afterwards comes in."""
    running, provider = certified.running, certified.provider
    go(running, provider, people(), "noe")
    provider.process.send(signal.SIGTERM)
    provider.start()
    until(lambda: is_there(provider), "the provider did not start again")
    noe = people()
    assert go(running, provider, noe, "noe").status_code == 200
    assert who_is_in(running, noe)


@pytest.mark.needs("node", "npm")
def test_signing_out_at_the_provider_signs_out_here(certified: Place, people: People) -> None:
    """From the page of the service to that of the provider, which then tells the service itself."""
    running, provider = certified.running, certified.provider
    noe, elsewhere = people(), people()
    go(running, provider, noe, "noe")
    go(running, provider, elsewhere, "noe")
    page = noe.get(f"{running.address}/oidc/leave")
    assert str(page.url).startswith(provider.issuer)
    home = noe.send(page, logout="yes")
    assert str(home.url).startswith(f"{running.address}/sign-in")
    until(lambda: not who_is_in(running, noe), f"the session goes on:\n{provider.process.text()}")
    assert who_is_in(running, elsewhere), "the session of another browser ended too"
