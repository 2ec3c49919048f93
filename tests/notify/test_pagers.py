"""Pagers: what each product is told, over real HTTP, and that reference, urgency and link are all that leaves."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from breach_service.app import escalation_of, pagers_of
from breach_service.errors import ConfigurationError
from breach_service.notify.channel import DeliveryFailed, DeliveryFault
from breach_service.notify.pagers.alertmanager import LASTS, Alertmanager
from breach_service.notify.pagers.goalert import GoAlert
from breach_service.notify.pagers.ilert import Ilert
from breach_service.notify.pagers.pager import Page, PageAction, Pager
from breach_service.notify.pagers.pagerduty import PagerDuty
from tests.conftest import settings_for

NIGHT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
LINK = "https://breach.us.example/incidents/INC-2026-0001"
KEY = "breach-service/INC-2026-0001/7"
PAGE = Page(
    "INC-2026-0001", "quelqu’un est attendu maintenant", LINK, KEY, "first", PageAction.TRIGGER, NIGHT,
    NIGHT + timedelta(minutes=1),
)  # fmt: skip


class Answering:
    """An HTTP server that remembers what it was told and answers as it is told to."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str], Any]] = []
        self.status, self.headers = 202, dict[str, str]()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.requests.append((self.command, self.path, headers, json.loads(body) if body else None))
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_: Any) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def body(self) -> Any:
        """Of the only request."""
        ((_, _, _, body),) = self.requests
        return body


@pytest.fixture
def product() -> Iterator[Answering]:
    """The other side."""
    server = Answering()
    yield server
    server.stop()


def pagers_to(url: str) -> dict[str, Pager]:
    """One of each."""
    return {
        "alertmanager": Alertmanager([url + "/"], "t0ken"),
        "pagerduty": PagerDuty("r0uting", url + "/v2/enqueue"),
        "goalert": GoAlert(url + "/", "t0ken"),
        "ilert": Ilert("k3y", url + "/api/events"),
    }


NAMES = sorted(pagers_to("http://x"))


def test_alertmanager_gets_an_alert_for_the_stage_that_outlives_us(product: Answering) -> None:
    """`/api/v2/alerts`, a list; it fires for hours unless it is told otherwise."""
    pagers_to(product.url)["alertmanager"].send(PAGE)
    ((method, path, headers, (alert,)),) = product.requests
    assert (method, path, headers["authorization"]) == ("POST", "/api/v2/alerts", "Bearer t0ken")
    assert alert == {
        "labels": {
            "alertname": "BreachWake", "service": "breach_service", "severity": "critical",
            "incident": "INC-2026-0001", "call": KEY, "stage": "first",
        },
        "annotations": {"summary": "INC-2026-0001 · quelqu’un est attendu maintenant"},
        "startsAt": NIGHT.isoformat(),
        "endsAt": (PAGE.at + LASTS).isoformat(),
        "generatorURL": LINK,
    }  # fmt: skip


@pytest.mark.parametrize("action", [PageAction.ACKNOWLEDGE, PageAction.RESOLVE])
def test_alertmanager_hears_of_an_answer_for_every_stage(product: Answering, action: PageAction) -> None:
    """The alerts of all stages end now."""
    pagers_to(product.url)["alertmanager"].send(replace(PAGE, action=action))
    assert [(one["labels"]["stage"], one["endsAt"]) for one in product.body] == [
        (stage, PAGE.at.isoformat()) for stage in ("first", "second", "everyone")
    ]


def test_every_member_of_a_cluster_is_told_though_one_is_away(product: Answering) -> None:
    """They do not share alerts; the failure is told all the same, so that it is tried again."""
    pager = Alertmanager(["http://127.0.0.1:9", product.url])
    with pytest.raises(DeliveryFailed) as caught:
        pager.send(PAGE)
    assert caught.value.reason is DeliveryFault.UNREACHABLE
    assert len(product.requests) == 1


def test_pagerduty_gets_an_event_of_version_2(product: Answering) -> None:
    """Trigger, acknowledge and resolve by the same key."""
    pager = pagers_to(product.url)["pagerduty"]
    for action in PageAction:
        pager.send(replace(PAGE, action=action))
    bodies = [body for _, path, _, body in product.requests if path == "/v2/enqueue"]
    assert [(one["event_action"], one["dedup_key"], one["routing_key"]) for one in bodies] == [
        (str(action), KEY, "r0uting") for action in PageAction
    ]
    assert bodies[0]["payload"] == {
        "summary": PAGE.summary, "source": "breach_service", "severity": "critical", "timestamp": PAGE.at.isoformat(),
    }  # fmt: skip
    assert bodies[0]["links"] == [{"href": LINK, "text": "INC-2026-0001"}]
    assert "payload" not in bodies[1]


def test_goalert_gets_an_alert_and_its_end(product: Answering) -> None:
    """The generic API; the token goes in the header, not in the address that proxies log."""
    pager = pagers_to(product.url)["goalert"]
    pager.send(PAGE)
    pager.send(replace(PAGE, action=PageAction.ACKNOWLEDGE))
    (_, path, headers, first), (_, _, _, second) = product.requests
    assert (path, headers["authorization"]) == ("/api/v2/generic/incoming", "Bearer t0ken")
    assert first == {"summary": PAGE.summary, "details": LINK, "dedup": KEY}
    assert second == {**first, "action": "close"}


def test_ilert_gets_events(product: Answering) -> None:
    """ALERT, ACCEPT and RESOLVE by the same key."""
    pager = pagers_to(product.url)["ilert"]
    for action in PageAction:
        pager.send(replace(PAGE, action=action))
    bodies = [body for _, path, _, body in product.requests if path == "/api/events"]
    assert [(one["eventType"], one["alertKey"], one["integrationKey"]) for one in bodies] == [
        ("ALERT", KEY, "k3y"), ("ACCEPT", KEY, "k3y"), ("RESOLVE", KEY, "k3y"),
    ]  # fmt: skip
    assert bodies[0] == {
        "integrationKey": "k3y", "eventType": "ALERT", "summary": PAGE.summary, "alertKey": KEY, "priority": "HIGH",
        "links": [{"href": LINK, "text": "INC-2026-0001"}],
    }  # fmt: skip


OURS = frozenset(
    {
        "BreachWake", "breach_service", "critical", "first", "second", "everyone", "trigger", "acknowledge", "resolve",
        "close", "ALERT", "ACCEPT", "RESOLVE", "HIGH", "r0uting", "k3y",
    }
)  # fmt: skip


def texts_in(body: Any) -> Iterator[str]:
    """Every text of a body."""
    match body:
        case dict():
            for value in body.values():
                yield from texts_in(value)
        case list():
            for value in body:
                yield from texts_in(value)
        case _:
            yield str(body)


def is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


@pytest.mark.parametrize("name", NAMES)
def test_nothing_but_reference_urgency_and_link_leaves(product: Answering, name: str) -> None:
    """Every text of every body is one of these, a word of ours, or an instant."""
    for action in PageAction:
        pagers_to(product.url)[name].send(replace(PAGE, action=action))
    known = {PAGE.reference, PAGE.urgency, PAGE.summary, PAGE.link, PAGE.key} | OURS
    said = {text for *_, body in product.requests for text in texts_in(body)}
    assert {one for one in said if one not in known and not is_instant(one)} == set()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("status", "headers", "reason", "wait"),
    [
        (500, {}, DeliveryFault.UNREACHABLE, 0),
        (429, {"retry-after": "30"}, DeliveryFault.RATE_LIMITED, 30),
        (429, {"retry-after": "tomorrow"}, DeliveryFault.RATE_LIMITED, 1),
        (403, {}, DeliveryFault.REFUSED, 0),
        (302, {"location": "https://elsewhere.example"}, DeliveryFault.REFUSED, 0),
    ],
)
def test_what_fails_is_told_and_never_given_up(
    product: Answering, name: str, status: int, headers: dict[str, str], reason: DeliveryFault, wait: float
) -> None:
    """Somebody mends the key within minutes, and the call must get through then; no redirect is followed."""
    product.status, product.headers = status, headers
    with pytest.raises(DeliveryFailed) as caught:
        pagers_to(product.url)[name].send(PAGE)
    assert (caught.value.reason, caught.value.retry_after, caught.value.is_permanent) == (reason, wait, False)
    assert len(product.requests) == 1
    assert not {"t0ken", "r0uting", "k3y", "127.0.0.1"} & set(str(caught.value).replace(":", " ").split())


@pytest.mark.parametrize("name", NAMES)
def test_a_check_pages_nobody(product: Answering, name: str) -> None:
    """It asks, where there is something to ask."""
    pagers_to(product.url)[name].check()
    assert all(method == "GET" for method, *_ in product.requests)


def test_the_settings_name_the_pagers(tmp_path: Path) -> None:
    """Several may be told."""
    found = pagers_of(
        settings_for(
            tmp_path, pager_alertmanager_url="http://one:9093, http://two:9093", pager_pagerduty_key=SecretStr("a"),
            pager_goalert_url="https://goalert.us.example", pager_goalert_token=SecretStr("b"),
            pager_ilert_key=SecretStr("c"),
        )
    )  # fmt: skip
    assert sorted(found) == NAMES
    assert pagers_of(settings_for(tmp_path)) == {}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"pager_goalert_url": "https://goalert.us.example"}, "BREACH_PAGER_GOALERT_TOKEN"),
        ({"pager_alertmanager_url": "alertmanager:9093"}, "BREACH_PAGER_ALERTMANAGER_URL"),
        ({"pager_ilert_key": SecretStr("x"), "pager_ilert_url": "ilert"}, "BREACH_PAGER_ILERT_URL"),
    ],
)
def test_half_a_pager_is_refused(tmp_path: Path, changes: dict[str, Any], named: str) -> None:
    """At the start, with the name of the setting."""
    with pytest.raises(ConfigurationError, match=named):
        pagers_of(settings_for(tmp_path, **changes))


def test_terms_that_turn_the_order_round_are_refused(tmp_path: Path) -> None:
    """Everybody is called last."""
    with pytest.raises(ConfigurationError, match="BREACH_WAKE_EVERYONE_MINUTES"):
        escalation_of(settings_for(tmp_path, wake_second_minutes=20, wake_everyone_minutes=15))
