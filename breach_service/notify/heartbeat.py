"""A sign of life to a dead-man's switch (Healthchecks, Cronitor, Better Stack, an Alertmanager of another site …).

Such a switch calls somebody when it hears nothing for a while: that this service is down, nobody can be told by it. A
GET of one secret address, without a body: it says nothing but that we are alive.
"""

import http.client
import ssl
from urllib.parse import urlsplit

from breach_service.errors import BreachServiceError, ConfigurationError

TIMEOUT = 10.0
"""Seconds."""


class SignLost(BreachServiceError):
    """The dead-man's switch could not be reached."""


class DeadMansSwitch:
    """One secret address. Raises ConfigurationError where it is none."""

    def __init__(self, url: str, trust: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url.strip())
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("http", "https") or not parts.hostname or port == -1:
            raise ConfigurationError(
                "BREACH_HEARTBEAT_URL is no address: write https://… as the dead-man's switch shows it"
            )
        self._host, self._port = parts.hostname, port
        self._path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        self._trust = None if parts.scheme == "http" else trust or ssl.create_default_context()

    def sign(self) -> None:
        """Say once that we are alive. Raises SignLost with the reason, never with the address: it is secret."""
        connection = self._connection()
        try:
            connection.request("GET", self._path, headers={"user-agent": "breach_service"})
            answer = connection.getresponse()
            answer.read(1024)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise SignLost(f"{self._host} could not be reached ({type(error).__name__})") from None
        finally:
            connection.close()
        if answer.status >= http.client.MULTIPLE_CHOICES:
            raise SignLost(f"{self._host} answered {answer.status}")

    def _connection(self) -> http.client.HTTPConnection:
        if self._trust is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT)
        return http.client.HTTPSConnection(self._host, self._port, timeout=TIMEOUT, context=self._trust)
