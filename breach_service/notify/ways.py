"""Messages to persons by the ways that they set: mail, Slack, and by apprise SMS, ntfy, Signal and webhooks.

What leaves is a reference, an urgency and a link, or the code of a test; never what an incident is about. Addresses are
checked before they are kept and again before each sending; no redirect is followed, nothing is fetched, no address
stands in a log line or in an error (CWE-918, CWE-532).
"""

import logging
import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as OutOfTime
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.contact_ways import BY_APPRISE, WayKind, fault_of_address
from breach_service.notify.channel import Channel, DeliveryFailed, DeliveryFault
from breach_service.notify.mail import Mail, MailChannel

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 5.0
"""Seconds, of one request."""
TIMEOUT = 15.0
"""Seconds after which a sending is given up, whatever it waits for; far less than the lease of a message."""
MOST_AT_ONCE = 4
"""Sendings by apprise of one process."""

_TALKATIVE = ("apprise", "urllib3")
"""Libraries whose log lines hold addresses."""


@dataclass(frozen=True)
class WayMessage:
    """What is sent: a line that can stand alone, and the rest."""

    subject: str
    text: str
    key: str
    """Idempotency key, where the way knows one."""


def call_message(reference: str, urgency: str, link: str, key: str = "") -> WayMessage:
    """A call: reference of the incident, urgency in words, link to its page. Nothing else leaves.

    `key`: of the message, where the same is said more than once.
    """
    return WayMessage(f"{reference} · {urgency}", link or reference, key or f"{reference}:{urgency}")


class Ways:
    """Sends to persons. Kinds whose means are not set up cannot be used: `can` says which."""

    def __init__(
        self, hosts: Collection[str] = (), *, mail: MailChannel | None = None, slack: Channel | None = None,
        timeout: float = TIMEOUT,
    ) -> None:  # fmt: skip
        self.hosts = frozenset(hosts)
        self._mail = mail
        self._slack = slack
        self._timeout = timeout
        self._pool: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()

    def can(self, kind: WayKind) -> bool:
        """True if messages of that kind can be sent from here."""
        match kind:
            case WayKind.MAIL:
                return self._mail is not None
            case WayKind.SLACK:
                return self._slack is not None
        return kind in BY_APPRISE

    def send_mail(self, address: str, message: WayMessage, now: datetime) -> None:
        """Send one message to the mailbox of an account; raises DeliveryFailed."""
        if self._mail is None:
            sentence = "no mail server is set up, and the person has no other way: set BREACH_SMTP_HOST"
            raise DeliveryFailed(DeliveryFault.REFUSED, sentence, is_permanent=True)
        self._mail.send(Mail(address, message.subject, message.text, message.key, now))

    def send(self, kind: WayKind, address: str, message: WayMessage, now: datetime) -> None:
        """Send one message to one address; raises DeliveryFailed, whose sentence does not hold the address."""
        fault = fault_of_address(kind, address, self.hosts)
        if fault:
            raise DeliveryFailed(DeliveryFault.REFUSED, fault, is_permanent=True)
        if kind is WayKind.MAIL and self._mail is not None:
            self._mail.send(Mail(address, message.subject, message.text, message.key, now))
        elif kind is WayKind.SLACK and self._slack is not None:
            self._slack.say(f"{message.subject}\n{message.text}", f"{address}:", message.key)
        elif kind in BY_APPRISE:
            self._send_by_apprise(address, message)
        else:
            sentence = f"messages by {kind} cannot be sent from here: the operator has not set that up"
            raise DeliveryFailed(DeliveryFault.REFUSED, sentence, is_permanent=True)

    def _send_by_apprise(self, address: str, message: WayMessage) -> None:
        sending = self._threads().submit(_notify, address, message)
        try:
            is_sent = sending.result(self._timeout)
        except OutOfTime:
            sending.cancel()
            raise _unreachable() from None
        if not is_sent:
            raise _unreachable()

    def _threads(self) -> ThreadPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="ways")
            return self._pool

    def close(self) -> None:
        """Let go of the threads; a sending under way ends by its own time-out."""
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(wait=False, cancel_futures=True)
                self._pool = None


def _unreachable() -> DeliveryFailed:
    sentence = "the message did not get through: the service could not be reached, or it refused the address"
    return DeliveryFailed(DeliveryFault.UNREACHABLE, sentence)


def _notify(address: str, message: WayMessage) -> bool:
    """Hand a message to apprise; False where it could not be sent. It writes no file and loads no picture."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    from apprise import Apprise, AppriseAsset  # only here: who has no such way need not wait for it

    asset = AppriseAsset(
        app_id="breach_service", app_desc="breach_service", app_url="", image_url_mask="", image_url_logo="",
        image_path_mask="", http_redirects=False, async_mode=False, secure_logging=True,
    )  # fmt: skip
    plugin = Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    if plugin is None:
        return False
    plugin.socket_connect_timeout, plugin.socket_read_timeout = CONNECT_TIMEOUT, READ_TIMEOUT
    return bool(plugin.notify(body=message.text, title=message.subject))
