"""Reaching out on behalf of a sender: its certificates, and the address that confirms its subscription.

Only https, only hosts of the list, no redirects, a small answer, a short time: an address that arrived in a message of
somebody else is not to be trusted (CWE-918, server-side request forgery).
"""

import http.client
import re
import ssl
from urllib.parse import urlsplit

from breach_service.errors import BreachServiceError

ALLOWED_HOSTS = re.compile(
    r"sns\.[a-z]{2}(?:-[a-z]+)+-\d\.amazonaws\.com(?:\.cn)?|www\.googleapis\.com|login\.microsoftonline\.com",
    re.ASCII,
)
"""Amazon SNS in every region (https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html), and the
hosts on which Google and Microsoft publish the keys of their tokens."""
TIMEOUT = 5.0
"""Seconds."""
MOST_BYTES = 64 * 1024


def hosts_and(names: str) -> re.Pattern[str]:
    """The allowed hosts and those that an operator named, separated by commas."""
    own = [re.escape(name.strip().lower()) for name in names.split(",") if name.strip()]
    return re.compile("|".join((ALLOWED_HOSTS.pattern, *own)), re.ASCII)


class VisitFailed(BreachServiceError):
    """The address could not be visited, or may not be."""

    def __init__(self, sentence: str, *, is_permanent: bool = False) -> None:
        self.is_permanent = is_permanent
        super().__init__(sentence)


class Visitor:
    """Fetches from allowed hosts."""

    def __init__(
        self, allowed_hosts: re.Pattern[str] = ALLOWED_HOSTS, trust: ssl.SSLContext | None = None
    ) -> None:  # fmt: skip
        self._allowed = allowed_hosts
        self._trust = trust or ssl.create_default_context()

    def __call__(self, url: str) -> bytes:
        """What is at an address, at most 64 KiB.

        Raises VisitFailed: for good where the address is not allowed or the answer is no, else until the network mends.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme != "https" or parts.username or not self._allowed.fullmatch(host):
            raise VisitFailed(f"{host or url[:80]} is not among the hosts that may be visited", is_permanent=True)
        connection = http.client.HTTPSConnection(host, parts.port or 443, timeout=TIMEOUT, context=self._trust)
        try:
            connection.request("GET", f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}")
            answer = connection.getresponse()
            body = answer.read(MOST_BYTES + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise VisitFailed(f"{host} could not be reached ({type(error).__name__})") from error
        finally:
            connection.close()
        if answer.status != http.client.OK:
            raise VisitFailed(f"{host} answered {answer.status}", is_permanent=400 <= answer.status < 500)
        if len(body) > MOST_BYTES:
            raise VisitFailed(f"{host} answered with more than {MOST_BYTES} bytes", is_permanent=True)
        return body
