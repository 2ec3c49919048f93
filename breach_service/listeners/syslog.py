"""The syslog listener: opens for the time of a context, and leaves nothing behind that was read and not stored."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from breach_service.errors import ConfigurationError
from breach_service.listeners.datagrams import Datagrams
from breach_service.listeners.inbox import Inbox
from breach_service.listeners.ports import Ports
from breach_service.listeners.storing import Limits, Storing
from breach_service.listeners.streams import Streams
from breach_service.logs import logger

__all__ = ["Limits", "listen"]

log = logger(__name__)


@asynccontextmanager
async def listen(
    ports: Ports, inbox: Inbox, now: Callable[[], datetime], limits: Limits | None = None
) -> AsyncIterator[None]:
    """Read from ports of `open_ports` into the inbox, within the context; ports without sockets do nothing.

    On leaving nothing more is read, and everything that was is committed. Raises ConfigurationError where the inbox
    does not know the source.
    """
    check_source(ports, inbox)
    chosen = limits or Limits()
    doors: list[Streams | Datagrams] = []
    try:
        for transport, (host, port) in ports.addresses.items():
            storing = Storing(inbox, ports.source, transport, now)
            if transport == "udp":
                datagrams = Datagrams(ports, storing, chosen)
                await datagrams.start()
                doors.append(datagrams)
            else:
                streams = Streams(ports, transport, storing, chosen)
                streams.start()
                doors.append(streams)
            log.info("syslog_listening", transport=transport, host=host, port=port, source=ports.source)
        yield
    finally:
        for door in doors:
            await door.stop()
        ports.close()


def check_source(ports: Ports, inbox: Inbox) -> None:
    """ConfigurationError where lines would have no source to belong to."""
    if ports.sockets and not inbox.has_source(ports.source):
        ports.close()
        raise ConfigurationError(
            f"BREACH_SYSLOG_SOURCE: there is no source {ports.source!r}: add it first with"
            f" `breach-service source add {ports.source} --kind firewall`"
        )
