"""What is known of the browser that asks: its address, its name in a word or two, and what it brought."""

from urllib.parse import urlsplit

from fastapi import Request

from breach_service.acts.signing.passkeys import Site
from breach_service.acts.signing.signing_in import Browser
from breach_service.web.context import Context
from breach_service.web.signing.sign_in_cookie import cookie_of

BROWSERS = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def browser_of(request: Request, here: Context) -> Browser:
    """The browser of a request."""
    return Browser(host_of(request), agent_of(request.headers.get("user-agent", "")), cookie_of(request, here))


def host_of(request: Request) -> str:
    """The network address that a request came from, as far as the proxies in front of us are trusted."""
    return request.client.host if request.client else ""


def agent_of(header: str) -> str:
    """`Firefox, Linux` of a User-Agent: enough for its owner, and nothing of what the header may hold besides."""
    found = [next((name for mark, name in marks if mark in header), "") for marks in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, found))


def site_of(request: Request, here: Context) -> Site:
    """What passkeys belong to: the public address where one is set, else the one that the browser came by."""
    parts = urlsplit(here.public_url or str(request.base_url))
    port = f":{parts.port}" if parts.port is not None else ""
    return Site(parts.hostname or "", f"{parts.scheme}://{parts.hostname}{port}")
