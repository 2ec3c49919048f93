"""A dead-man's switch hears from us each minute, and only while all is well: then its silence calls somebody."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest
from pydantic import SecretStr

from breach_service.app import Service, beside_the_loop, open_service, signing_life_of
from breach_service.errors import ConfigurationError
from breach_service.metrics import REGISTRY
from breach_service.notify.heartbeat import DeadMansSwitch, SignLost
from breach_service.store import outbox
from breach_service.worker.loop import WORKER_LEASE
from breach_service.worker.signing_life import SigningLife
from tests.conftest import Clock, settings_for


class Switch:
    """A dead-man's switch that listens on this machine."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.status = 200
        switch = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                switch.heard.append(self.path)
                self.send_response(switch.status)
                self.end_headers()
                self.wfile.write(b"OK")

            def log_message(self, *_: Any) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/ping/secret-of-the-switch?a=1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def switch() -> Iterator[Switch]:
    one = Switch()
    yield one
    one.close()


@pytest.fixture
def alive(service: Service) -> Service:
    """A service whose worker turned just now."""
    service.worker().turn(service.now())
    return service


def signing(service: Service, switch: Switch, every: float = 60.0) -> SigningLife:
    return SigningLife(DeadMansSwitch(switch.url), service.database, WORKER_LEASE, every)


def counted(result: str) -> float:
    found = REGISTRY.get_sample_value("breach_heartbeats_total", {"result": result})
    assert found is not None
    return found


def test_while_all_is_well_it_is_heard(alive: Service, switch: Switch) -> None:
    """A GET of the address as it is, and nothing more."""
    before = counted("sent")
    assert signing(alive, switch).sign(alive.now())
    assert switch.heard == ["/ping/secret-of-the-switch?a=1"]
    assert counted("sent") == before + 1


def test_a_worker_that_stands_still_keeps_it_back(alive: Service, switch: Switch) -> None:
    """Without a turn for a minute and a half; before the first turn too."""
    one, before = signing(alive, switch), counted("kept_back")
    assert one.sign(alive.now() + timedelta(seconds=90))
    assert not one.sign(alive.now() + timedelta(seconds=91))
    assert (len(switch.heard), counted("kept_back")) == (1, before + 1)


def test_before_the_first_turn_nothing_is_said(service: Service, switch: Switch) -> None:
    """A service that never worked is not alive."""
    assert not signing(service, switch).sign(service.now())
    assert switch.heard == []


def test_messages_that_do_not_go_out_keep_it_back(alive: Service, switch: Switch, clock: Clock) -> None:
    """Deadlines that nobody hears of are no life."""
    alive.database.write(lambda session: outbox.enqueue(session, "k", "note", "gone", clock()))
    clock.at += timedelta(minutes=31)
    alive.worker()._tick(clock())
    assert not signing(alive, switch).sign(clock())
    assert switch.heard == []


def test_a_database_that_cannot_be_written_keeps_it_back(sqlite_service: Service, switch: Switch) -> None:
    """A full disk can still be read; a deadline on it is not kept."""
    service = sqlite_service
    service.worker().turn(service.now())
    with service.database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA query_only=ON")
        connection.exec_driver_sql("BEGIN")
    try:
        assert not signing(service, switch).sign(service.now())
        assert switch.heard == []
    finally:
        service.database.engine.dispose()


def test_a_switch_that_cannot_be_reached_is_counted_and_its_address_kept_secret(
    alive: Service, switch: Switch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The address is a credential: whoever has it can keep the switch quiet."""
    switch.status, before = 404, counted("lost")
    assert not signing(alive, switch).sign(alive.now())
    assert counted("lost") == before + 1
    with pytest.raises(SignLost, match=r"^127\.0\.0\.1 answered 404$"):
        DeadMansSwitch(switch.url).sign()
    switch.close()
    with pytest.raises(SignLost, match=r"^127\.0\.0\.1 could not be reached \(ConnectionRefusedError\)$"):
        DeadMansSwitch(switch.url).sign()
    switch.__init__()  # type: ignore[misc]  # so that the fixture has something to close
    written = capsys.readouterr()
    assert "secret-of-the-switch" not in written.out + written.err
    assert b"secret-of-the-switch" not in generate_latest(REGISTRY)


def test_it_repeats_until_it_is_stopped(alive: Service, switch: Switch) -> None:
    """In a thread of its own: a switch that is slow holds no deadline up."""
    one = signing(alive, switch, every=0.01)
    one.start(alive.now)
    while len(switch.heard) < 3:
        time.sleep(0.01)
    one.stop()
    heard = len(switch.heard)
    time.sleep(0.05)
    assert len(switch.heard) == heard


def test_it_is_set_by_one_secret_setting(tmp_path: Path, switch: Switch, make_service: Any) -> None:
    """Nothing without it; with it the service signs by itself."""
    assert signing_life_of(make_service(settings_for(tmp_path))) is None
    service = make_service(settings_for(tmp_path / "b", heartbeat_url=SecretStr(switch.url)))
    service.worker().turn(service.now())
    started = beside_the_loop(service)
    while not switch.heard:
        time.sleep(0.01)
    for one in started:
        one.stop()


@pytest.mark.parametrize("url", ["hc-ping.com/1", "ftp://hc-ping.com/1", "https://", "http://a:b/"])
def test_what_is_no_address_is_told_at_the_start(tmp_path: Path, url: str) -> None:
    """Not in a log line a minute later."""
    with pytest.raises(ConfigurationError, match="BREACH_HEARTBEAT_URL is no address"):
        open_service(settings_for(tmp_path, heartbeat_url=SecretStr(url)))
