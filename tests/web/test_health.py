"""Two questions for machines: does the process answer, and can it read its database?"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from breach_service.app import Service
from breach_service.settings import Settings
from tests.conftest import settings_for
from tests.web.edge import Edge, drop, shared_edge


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("health")) as one:
        yield one


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_well_service_says_so(edge: Edge, method: str, path: str) -> None:
    """To GET and to HEAD, which some checks send."""
    answer = edge.client.request(method, path)
    assert answer.status_code == 200
    assert answer.text == {"GET": {"/healthz": "ok\n", "/readyz": "ready\n"}[path], "HEAD": ""}[method]


def test_health_says_nothing_about_the_data(edge: Edge) -> None:
    """No version, no name, no number: anybody may ask."""
    edge.declare()
    texts = [edge.client.get(path).text for path in ("/healthz", "/readyz")]
    assert texts == ["ok\n", "ready\n"]


def test_without_a_database_the_service_is_alive_but_not_ready(
    postgres: str, postgres_url: str, tmp_path: Path, make_service: Callable[[Settings], Service]
) -> None:
    """503 takes it out of the load balancer; restarting it would not help, so /healthz stays good."""
    service = make_service(settings_for(tmp_path, postgres_url))
    with Edge(service) as edge:
        assert edge.client.get("/readyz").status_code == 200
        drop(postgres, postgres_url)
        answer = edge.client.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "the database cannot be read\n")
        assert edge.client.get("/healthz").status_code == 200
