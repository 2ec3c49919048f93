"""Shut out means shut out: what ends the credential of somebody commits first, and their act is not written."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from threading import Event, Semaphore
from typing import Any, TypeVar

import pytest

from breach_service.acts.people import accounts, tokens
from breach_service.app import OPERATOR, Service, open_service
from breach_service.domain.access import UserRole
from breach_service.settings import Settings
from breach_service.store import people
from breach_service.store.database import Database, Session
from tests.web.edge import Edge, forms_in

T = TypeVar("T")
SOON = 30
"""Seconds after which a test that hangs fails."""
FACT = {"fact": "loss.integrity", "value": "no"}


class Told(Database):
    """The database of a service, which says when an act was handed to the writer."""

    def __init__(self, of: Database) -> None:
        self.__dict__.update(of.__dict__)
        self.queued = Semaphore(0)

    def submit(self, work: Callable[[Session], T]) -> "Future[T]":
        future = super().submit(work)
        self.queued.release()
        return future


@pytest.fixture
def edge(service: Service) -> Iterator[Edge]:
    with Edge(service) as one:
        context = one.app.state.context
        one.app.state.context = replace(context, database=Told(context.database))
        yield one


@pytest.fixture(params=["this process", "another process"])
def elsewhere(request: pytest.FixtureRequest, edge: Edge, settings: Settings) -> Iterator[Database]:
    """Through which access is ended: the writer of the act itself, and one that knows nothing of it."""
    if request.param == "this process":
        yield edge.service.database
        return
    other = open_service(settings)
    yield other.database
    other.close()


def race(edge: Edge, elsewhere: Database, ending: Callable[[Session], object], act: Callable[[], Any]) -> Any:
    """The answer to an act that the guard let in and that waits for its turn while access ends."""
    told = edge.app.state.context.database
    is_ended, may_commit = Event(), Event()

    def end(session: Session) -> None:
        ending(session)
        session.flush()
        is_ended.set()
        assert may_commit.wait(SOON)

    ended = elsewhere.submit(end)
    assert is_ended.wait(SOON)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(act)
        assert told.queued.acquire(timeout=SOON)  # past the guard: what ends the access is not committed yet
        may_commit.set()
        ended.result(SOON)
        return answer.result(SOON)


def recorded(edge: Edge, reference: str) -> list[str]:
    found = edge.client.get(f"/api/v1/incidents/{reference}", headers=edge.token()).json()
    return [one["kind"] for one in found["timeline"]]


def number_of(edge: Edge, name: str) -> int:
    with edge.service.database.reading() as session:
        return next(one.id or 0 for one in people.users(session) if one.name.startswith(name))


ENDINGS: dict[str, Callable[[Edge, int], Callable[[Session], object]]] = {
    "disabled": lambda edge, number: (
        lambda session: accounts.disable(
            session, OPERATOR, number, edge.now, reason="A stolen laptop.", for_security=True
        )
    ),
    "signed out": lambda edge, number: lambda session: accounts.end_all_sessions(session, OPERATOR, number, edge.now),
    "another role": lambda edge, number: (
        lambda session: accounts.change_role(session, OPERATOR, number, UserRole.DPO, edge.now)
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_act_that_waits_while_its_person_is_shut_out_is_refused(
    edge: Edge, elsewhere: Database, ending: str
) -> None:
    """401, and nothing of it is written; whoever had begun it stands in no line."""
    reference = edge.declare()
    person = edge.person(UserRole.RESPONDER)
    ends = ENDINGS[ending](edge, number_of(edge, "responder"))
    before = recorded(edge, reference)
    drained(edge)
    answer = race(
        edge, elsewhere, ends, lambda: person.post(f"/api/v1/incidents/{reference}/facts", json=FACT)
    )  # fmt: skip
    assert (answer.status_code, "nothing was recorded" in answer.text) == (401, True), answer.text
    assert recorded(edge, reference) == before


def test_an_act_that_waits_while_its_token_is_revoked_is_refused(edge: Edge, elsewhere: Database) -> None:
    """As for a person."""
    reference, header = edge.declare(), edge.token(UserRole.RESPONDER)
    path = f"/api/v1/incidents/{reference}"
    with edge.service.database.reading() as session:
        name = max(people.tokens(session), key=lambda one: one.id or 0).name
    assert edge.client.get(path, headers=header).status_code == 200  # its use is known for this minute
    before = recorded(edge, reference)
    drained(edge)
    answer = race(
        edge, elsewhere, lambda session: tokens.revoke_token(session, OPERATOR, name, edge.now),
        lambda: edge.client.post(f"{path}/facts", json=FACT, headers=header),
    )  # fmt: skip
    assert (answer.status_code, "nothing was recorded" in answer.text) == (401, True), answer.text
    assert recorded(edge, reference) == before


def test_a_form_that_waits_while_its_person_is_shut_out_is_refused(edge: Edge) -> None:
    """A page says it too, with the way to sign in again, and does not show the form as if a field were wrong."""
    person = edge.person(UserRole.RESPONDER)
    ends = ENDINGS["disabled"](edge, number_of(edge, "responder"))
    form = forms_in(person.get("/declare").text)["/declare"]
    drained(edge)
    declared = {"what_happened": "A laptop was stolen.", "systems": "application", "personal_data": "yes"}
    answer = race(edge, edge.service.database, ends, lambda: form.send(person, **declared))
    assert (answer.status_code, "nothing was recorded" in answer.text) == (401, True), answer.text
    assert 'href="/sign-in"' in answer.text
    assert edge.client.get("/api/v1/incidents", headers=edge.token()).json() == []


def test_an_act_beside_the_end_of_somebody_else_is_done(edge: Edge) -> None:
    """The end of one session ends no other."""
    reference, person, other = edge.declare(), edge.person(UserRole.RESPONDER), edge.person(UserRole.VIEWER)
    assert other.get("/incidents").status_code == 200
    ends = ENDINGS["signed out"](edge, number_of(edge, "viewer"))
    drained(edge)
    path = f"/api/v1/incidents/{reference}/facts"
    answer = race(edge, edge.service.database, ends, lambda: person.post(path, json=FACT))
    assert answer.status_code == 204, answer.text
    assert other.get("/incidents").status_code == 303


def drained(edge: Edge) -> None:
    """Forget what was queued before."""
    while edge.app.state.context.database.queued.acquire(blocking=False):
        pass
