"""Listeners for senders that cannot speak HTTP: syslog over UDP, TCP and TLS, off unless settings name an address."""

from breach_service.listeners.inbox import Inbox
from breach_service.listeners.ports import Ports, Syslog, open_ports
from breach_service.listeners.syslog import Limits, check_source, listen

__all__ = ["Inbox", "Limits", "Ports", "Syslog", "check_source", "listen", "open_ports"]
