"""Asking a provider of identities over HTTP: its description, its keys, its tokens.

The issuer is the operator's choice; what it names in turn (endpoints on other hosts, Google's for one) is followed over
https only, without redirects and without proxies of the environment, in a short time and up to a small size. http is
taken for a provider on this machine alone, and only where the issuer itself is one.
"""

import ipaddress
import ssl
from typing import Any
from urllib.parse import urlsplit

import httpx2

from breach_service.clock import monotonic
from breach_service.domain.access import Refusal
from breach_service.notify.provider import ProviderFailed

TIMEOUT = 5.0
"""Seconds, for each step of an exchange."""
LONGEST = 10.0
"""Seconds, for a whole answer: one that drips is given up."""
MOST_BYTES = 256 * 1024


def is_secure(url: str, *, may_be_local: bool) -> bool:
    """True for https, and for http on this machine where that is allowed."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:  # no address at all, or no number for a port
        return False
    if not host or parts.username is not None:
        return False
    return parts.scheme == "https" or (may_be_local and parts.scheme == "http" and _is_this_machine(host))


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Careful(httpx2.BaseTransport):
    """Carries requests to secure addresses only, and reads answers up to a size and a time."""

    def __init__(self, *, may_be_local: bool, trust: ssl.SSLContext | None = None) -> None:
        self._may_be_local = may_be_local
        self._inner = httpx2.HTTPTransport(verify=trust or ssl.create_default_context(), trust_env=False)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """One exchange; ProviderFailed where it is not allowed or not sound."""
        host = request.url.host
        if not is_secure(str(request.url), may_be_local=self._may_be_local):
            raise ProviderFailed(Refusal.PROVIDER_REFUSED, f"the provider names an address that is not https on {host}")
        request.headers["accept-encoding"] = "identity"  # what is packed may be a thousand times larger
        began = monotonic()
        answer = self._inner.handle_request(request)
        try:
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise ProviderFailed(Refusal.PROVIDER_DOWN, f"{host} packed its answer though it was asked not to")
            body = _read(answer, host, began)
        finally:
            answer.close()
        return httpx2.Response(answer.status_code, headers=answer.headers, content=body, request=request)

    def close(self) -> None:
        """Let go of the connections."""
        self._inner.close()


def _read(answer: httpx2.Response, host: str, began: float) -> bytes:
    body = bytearray()
    assert isinstance(answer.stream, httpx2.SyncByteStream)  # noqa: S101  # what HTTPTransport gives
    for piece in answer.stream:
        body += piece
        if len(body) > MOST_BYTES:
            raise ProviderFailed(Refusal.PROVIDER_DOWN, f"{host} answered with more than {MOST_BYTES} bytes")
        if monotonic() - began > LONGEST:
            raise ProviderFailed(Refusal.PROVIDER_DOWN, f"{host} took longer than {LONGEST:.0f} s to answer")
    return bytes(body)


def json_of(answer: httpx2.Response) -> dict[str, Any]:
    """The JSON object of a good answer; ProviderFailed for anything else."""
    host = answer.request.url.host
    if answer.status_code != httpx2.codes.OK:
        raise ProviderFailed(Refusal.PROVIDER_DOWN, f"{host} answered {answer.status_code}")
    try:
        value = answer.json()
    except (ValueError, RecursionError) as error:
        raise ProviderFailed(Refusal.PROVIDER_DOWN, f"{host} answered what is no JSON") from error
    if not isinstance(value, dict):
        raise ProviderFailed(Refusal.PROVIDER_DOWN, f"{host} answered what is no JSON object")
    return value
