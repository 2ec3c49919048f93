"""A night with a real Alertmanager: each stage of a call is an alert there, and they end once somebody answers.

The loop is turned by hand over a clock of the test, which runs behind the real one, so that Alertmanager, which goes
by its own, takes the instants of the story for what has just been.
"""

import json
import shutil
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from breach_service.acts.on_call import calls as call_acts
from breach_service.app import Service
from breach_service.domain.access import Actor, UserRole
from breach_service.notify.pagers.alertmanager import Alertmanager
from breach_service.settings import Settings
from breach_service.store import people
from breach_service.store.tables import UserRow
from breach_service.worker import Wakers, Worker
from tests.conftest import Clock, settings_for
from tests.pipeline.incoming import WEB_SHELL, Incoming

pytestmark = pytest.mark.needs("alertmanager")
CONFIG = "route: {receiver: nobody, group_wait: 1s}\nreceivers: [{name: nobody}]\n"


@pytest.fixture
def alertmanager(start_process: Any, port: Any, wait_until: Any, tmp_path: Path) -> str:
    """Its address, once it answers."""
    chosen = int(port())
    (tmp_path / "alertmanager.yml").write_text(CONFIG)
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    start_process(
        "alertmanager", program, f"--config.file={tmp_path}/alertmanager.yml", f"--storage.path={tmp_path}/am",
        f"--web.listen-address=127.0.0.1:{chosen}", "--cluster.listen-address=",
    )  # fmt: skip
    url = f"http://127.0.0.1:{chosen}"

    def is_there() -> bool:
        try:
            Alertmanager([url]).check()
        except Exception:  # noqa: BLE001  # whatever keeps it from answering yet
            return False
        return True

    wait_until(is_there, "Alertmanager does not answer")
    return url


def stages(url: str) -> list[str]:
    """The stages whose alerts fire there."""
    with urllib.request.urlopen(f"{url}/api/v2/alerts?active=true", timeout=10) as answer:
        found = json.load(answer)
    assert {one["labels"]["alertname"] for one in found} <= {"BreachWake"}
    assert all("shell" not in json.dumps(one).lower() for one in found)
    return sorted(one["labels"]["stage"] for one in found)


def test_a_call_escalates_there_and_ends_with_the_answer(
    alertmanager: str, make_service: Callable[[Settings], Service], clock: Clock, wait_until: Any, tmp_path: Path
) -> None:
    """First, second, everybody; then nothing."""
    clock.at = datetime.now(UTC) - timedelta(minutes=40)
    service = make_service(settings_for(tmp_path / "service"))
    pager = Alertmanager([alertmanager])
    worker = Worker(
        service.database, service.cipher, service.knowledge, service.channels, service.renderer,
        "https://breach.us.example", wakers=Wakers(pagers={pager.name: pager}),
    )  # fmt: skip
    row = UserRow(email="maud@us.example", name="Maud", role=UserRole.RESPONDER, created_at=clock.at)
    service.database.write(lambda session: people.add(session, row))
    incoming = Incoming(service)
    incoming.send(WEB_SHELL)

    def turned(minute: int) -> None:
        clock.at = began + timedelta(minutes=minute)
        while worker.turn(clock.at):
            pass

    began = clock.at
    turned(0)
    wait_until(lambda: stages(alertmanager) == ["first"], "the first stage does not fire")
    turned(10)
    wait_until(lambda: stages(alertmanager) == ["first", "second"], "the second stage does not fire")
    turned(20)
    wait_until(lambda: stages(alertmanager) == ["everyone", "first", "second"], "the last stage does not fire")
    maud = Actor("Maud", UserRole.RESPONDER, person=1)
    reference = incoming.incident().reference
    service.database.write(lambda session: call_acts.acknowledge(session, maud, reference, clock.at))
    turned(25)
    wait_until(lambda: stages(alertmanager) == [], "the alerts go on though somebody answered")
    turned(35)
    assert stages(alertmanager) == []
