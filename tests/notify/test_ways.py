"""Messages to persons by real local servers: an HTTP server as ntfy, Signal gateway and webhook, an SMTP server."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from breach_service.domain.contact_ways import WayKind
from breach_service.notify.channel import DeliveryFailed, DeliveryFault
from breach_service.notify.mail import MailChannel, MailSecurity, MailServer
from breach_service.notify.ways import WayMessage, Ways, call_message
from tests.notify.gateway import Gateway, listening
from tests.notify.smtp import mail_server

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
CALL = call_message("INC-2026-0007", "urgent", "https://breach.example/incidents/INC-2026-0007")


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with listening() as one:
        yield one


@pytest.fixture
def make_ways() -> Iterator[Callable[..., Ways]]:
    made: list[Ways] = []

    def make(*hosts: str, **more: Any) -> Ways:
        made.append(Ways(hosts, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_call_holds_a_reference_an_urgency_and_a_link_and_nothing_else(
    gateway: Gateway, make_ways: Callable[..., Ways]
) -> None:
    """By ntfy, as its server reads it: no icon to fetch, no attachment."""
    ways = make_ways(f"127.0.0.1:{gateway.port}")
    ways.send(WayKind.NTFY, f"ntfy://127.0.0.1:{gateway.port}/maud-7h3k", CALL, NOW)
    assert gateway.bodies == [
        {"topic": "maud-7h3k", "title": "INC-2026-0007 · urgent",
         "message": "https://breach.example/incidents/INC-2026-0007"}
    ]  # fmt: skip


def test_a_webhook_and_a_signal_gateway_get_the_same(gateway: Gateway, make_ways: Callable[..., Ways]) -> None:
    ways = make_ways("127.0.0.1")
    ways.send(WayKind.WEBHOOK, f"json://127.0.0.1:{gateway.port}/hook", CALL, NOW)
    ways.send(WayKind.SIGNAL, f"signal://127.0.0.1:{gateway.port}/+33612345678/+33612345679", CALL, NOW)
    assert gateway.paths == ["/hook", "/v2/send"]
    hook, signal = gateway.bodies
    assert (hook["title"], hook["message"]) == (CALL.subject, CALL.text)
    assert signal["recipients"] == ["+33612345679"]
    assert signal["message"].splitlines() == [CALL.subject, CALL.text]


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_what_a_server_refuses_did_not_get_through(
    gateway: Gateway, make_ways: Callable[..., Ways], status: int
) -> None:
    gateway.status = status
    with pytest.raises(DeliveryFailed) as told:
        make_ways("127.0.0.1").send(WayKind.NTFY, f"ntfy://127.0.0.1:{gateway.port}/maud-7h3k", CALL, NOW)
    assert told.value.reason is DeliveryFault.UNREACHABLE
    assert "maud" not in str(told.value)
    assert "127.0.0.1" not in str(told.value)


def test_no_redirect_is_followed(gateway: Gateway, make_ways: Callable[..., Ways]) -> None:
    """A server that may be reached does not lead to one that may not."""
    with listening() as inner:
        gateway.status, gateway.location = 307, f"http://127.0.0.1:{inner.port}/secrets"
        with pytest.raises(DeliveryFailed):
            make_ways(f"127.0.0.1:{gateway.port}").send(
                WayKind.WEBHOOK, f"json://127.0.0.1:{gateway.port}/hook", CALL, NOW
            )
        assert inner.paths == []


def test_a_server_that_never_answers_is_given_up(gateway: Gateway, make_ways: Callable[..., Ways]) -> None:
    gateway.waits_for = threading.Event()
    try:
        with pytest.raises(DeliveryFailed):
            make_ways("127.0.0.1", timeout=0.05).send(
                WayKind.NTFY, f"ntfy://127.0.0.1:{gateway.port}/maud-7h3k", CALL, NOW
            )
    finally:
        gateway.waits_for.set()


def test_a_server_that_is_not_there_is_unreachable(make_ways: Callable[..., Ways]) -> None:
    with listening() as gone:
        port = gone.port
    with pytest.raises(DeliveryFailed, match="did not get through"):
        make_ways("127.0.0.1").send(WayKind.NTFY, f"ntfy://127.0.0.1:{port}/maud-7h3k", CALL, NOW)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        (WayKind.NTFY, "ntfy://127.0.0.1/x"),
        (WayKind.WEBHOOK, "json://169.254.169.254/latest/meta-data"),
        (WayKind.WEBHOOK, "file:///etc/passwd"),
        (WayKind.WEBHOOK, "jsons://hooks.example.org/x?attach=file:///etc/passwd"),
        (WayKind.SMS, "json://127.0.0.1/x"),
        (WayKind.SLACK, "U012AB3CD"),
        (WayKind.MAIL, "maud@us.example"),
        (WayKind.TELEPHONE, "+33612345678"),
    ],
)
def test_what_may_not_be_reached_is_refused_for_good(
    make_ways: Callable[..., Ways], kind: WayKind, address: str
) -> None:
    """Checked again at each sending: an operator may have taken a host away since."""
    with pytest.raises(DeliveryFailed) as told:
        make_ways().send(kind, address, CALL, NOW)
    assert told.value.is_permanent
    assert address not in str(told.value)


def test_addresses_stand_in_no_log_line(
    gateway: Gateway, make_ways: Callable[..., Ways], caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Not even where everything is logged, nor where the sending fails."""
    caplog.set_level(logging.DEBUG)
    for status in (200, 500):
        gateway.status = status
        with suppress(DeliveryFailed):
            make_ways("127.0.0.1").send(
                WayKind.NTFY, f"ntfy://user:hunter2@127.0.0.1:{gateway.port}/maud-7h3k", CALL, NOW
            )
    said = caplog.text + "".join(capfd.readouterr())
    assert "maud-7h3k" not in said
    assert "hunter2" not in said
    assert len(gateway.paths) == 2


def test_mail_goes_through_the_mail_server(make_ways: Callable[..., Ways]) -> None:
    with mail_server() as box:
        mail = MailChannel(MailServer("127.0.0.1", box.port, MailSecurity.NONE, "breach@us.example"))
        ways = make_ways(mail=mail)
        assert ways.can(WayKind.MAIL)
        ways.send(WayKind.MAIL, "maud@private.example", CALL, NOW)
    assert box.envelopes == [("breach@us.example", ["maud@private.example"])]
    assert [one.strip() for one in box.texts()] == [CALL.text]


def test_slack_writes_to_the_member_directly(make_ways: Callable[..., Ways]) -> None:
    """The same channel that posts the cards, to the person instead of the room."""
    said: list[tuple[str, str | None, str]] = []

    class Room:
        name = "slack"

        def show_card(self, _card: object, _external_id: str | None) -> str:
            return ""

        def say(self, text: str, external_id: str | None, key: str) -> None:
            said.append((text, external_id, key))

    ways = make_ways(slack=Room())
    ways.send(WayKind.SLACK, "U012AB3CD", WayMessage("a", "b", "k"), NOW)
    assert said == [("a\nb", "U012AB3CD:", "k")]


def test_what_is_not_set_up_cannot_be_used(make_ways: Callable[..., Ways]) -> None:
    ways = make_ways()
    able = {one for one in WayKind if ways.can(one)}
    assert able == {WayKind.SMS, WayKind.NTFY, WayKind.SIGNAL, WayKind.WEBHOOK}
