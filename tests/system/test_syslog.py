"""syslog-ng to the listener over UDP, TCP and TLS, down to alerts; counted in the service's own database."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from breach_service.acts import senders
from breach_service.acts.senders import Connection
from breach_service.app import OPERATOR, Service
from breach_service.listeners import Inbox, Limits, Syslog, listen, open_ports
from breach_service.pipeline import Gate
from breach_service.store import alerts
from breach_service.store import sources as stored_sources
from tests.listeners.conftest import Authority
from tests.system.test_recipes import firewall_line, syslog_ng

pytestmark = pytest.mark.needs("syslog-ng")


@contextlib.contextmanager
def listening(inbox: Inbox, now: Callable[[], datetime], syslog: Syslog) -> Iterator[dict[str, int]]:
    """The listener on an event loop in a thread of its own; the ports by transport."""
    ports = open_ports(syslog)
    found = {transport: port for transport, (_, port) in ports.addresses.items()}
    loop, stop, started = asyncio.new_event_loop(), asyncio.Event(), threading.Event()

    async def serve() -> None:
        async with listen(ports, inbox, now, Limits()):
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert started.wait(30)
    try:
        yield found
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def config(ports: dict[str, int], authority: Path, number: int) -> str:
    """One way in, three ways out."""
    tls = f'tls(ca-file("{authority}") peer-verify(required-trusted))'
    return f"""
source s_in {{ network(ip("127.0.0.1") transport("tcp") port({number}) flags(no-parse)); }};
template t_raw {{ template("${{MESSAGE}}"); }};
destination d_udp {{ network("127.0.0.1" transport("udp") port({ports["udp"]}) template("${{MESSAGE}}\\n")); }};
destination d_tcp {{ network("127.0.0.1" transport("tcp") port({ports["tcp"]}) template("${{MESSAGE}}\\n")); }};
destination d_tls {{ syslog("127.0.0.1" transport("tls") port({ports["tls"]}) {tls}); }};
log {{ source(s_in); destination(d_udp); destination(d_tcp); destination(d_tls); }};
"""


def test_lines_of_syslog_ng_become_alerts(
    sqlite_service: Service, start_process: Any, port: Any, wait_until: Any, tmp_path: Path
) -> None:
    """UDP and TCP with ends of lines, TLS with counts: the relay's three usual ways."""
    service = sqlite_service
    service.database.write(
        lambda session: senders.add_source(
            session, OPERATOR, Connection("firewalls", "firewall"), service.cipher, service.now()
        )
    )
    gate = Gate(service.database, service.cipher, 100_000)
    gate.renew()
    authority = Authority(tmp_path, "authority")
    syslog = Syslog(
        udp="127.0.0.1:0", tcp="127.0.0.1:0", tls="127.0.0.1:0", source="firewalls",
        certificate=authority.issue("listener"),
    )  # fmt: skip
    with listening(gate, service.now, syslog) as ports:
        number = port()
        file = tmp_path / "relay.conf"
        file.write_text(config(ports, authority.certificate(), number))
        relay = syslog_ng(start_process, tmp_path, file)

        def send() -> bool:
            try:
                with socket.create_connection(("127.0.0.1", number), timeout=5) as stream:
                    stream.sendall("".join(firewall_line(one) + "\n" for one in range(20)).encode())
            except ConnectionError:
                return False
            return True

        wait_until(send, f"syslog-ng did not start:\n{relay.text()}")
        worker = service.worker()

        def received() -> int:
            worker.turn(service.now())
            with service.database.reading() as session:
                return sum(one.received for one in stored_sources.summaries(session))

        wait_until(lambda: received() >= 60, f"not every line arrived:\n{relay.text()}")
    with service.database.reading() as session:
        kept = alerts.newest(session, "firewalls", 1000, None)
    assert any("Log4j" in one.episode.title for one in kept), kept
