"""The cookies of signing in, set and read in one place: out of reach of scripts and of other sites.

Over https their names begin with `__Host-`: no other host of the domain, and no page over http, can have set them
(RFC 6265bis, section 4.1.3.2).
"""

from datetime import timedelta

from starlette.requests import Request, cookie_parser
from starlette.responses import Response

from breach_service.acts.signing.signing_in import STEP_LASTS
from breach_service.web.context import Context

COOKIE = "breach_session"
STEP_COOKIE = "breach_step"
"""Between the password and the second factor."""
PASSKEY_COOKIE = "breach_passkey"
"""While a passkey is asked for."""
PROVIDER_COOKIE = "breach_provider"
"""While somebody signs in at a provider of identities."""
LINK_COOKIE = "breach_link"
"""Of a link from a mail, while its password is chosen."""
LET_IN_COOKIE = "breach_let_in"
"""Of a link of the command line, until its button is pressed."""
OVER_TLS = "__Host-"


def is_over_tls(here: Context, scheme: str) -> bool:
    """True where browsers reach us by https, whatever a proxy speaks with us."""
    return scheme == "https" or here.public_url.startswith("https://")


def cookie_in(header: str, name: str, *, over_tls: bool) -> str:
    """A cookie of ours in the header of a request, empty where there is none."""
    # Not the parser of the standard library: it gives up at the odd cookie of another service on this host.
    return cookie_parser(header).get(OVER_TLS + name if over_tls else name, "")


def cookie_of(request: Request, here: Context, name: str = COOKIE) -> str:
    """A cookie of ours that came with a request."""
    over_tls = is_over_tls(here, request.url.scheme)
    return cookie_in(request.headers.get("cookie", ""), name, over_tls=over_tls)


def set_cookie(response: Response, here: Context, token: str, *, scheme: str = "http") -> None:
    """Give a browser its session; `scheme` is that of the request, where no public address says more."""
    _set(response, COOKIE, token, int(here.sign_in.lasts.total_seconds()), over_tls=is_over_tls(here, scheme))


def set_step(
    response: Response, here: Context, token: str, *, scheme: str, name: str = STEP_COOKIE,
    lasts: timedelta = STEP_LASTS,
) -> None:  # fmt: skip
    """Give a browser what it must bring back with its next step."""
    _set(response, name, token, int(lasts.total_seconds()), over_tls=is_over_tls(here, scheme))


def drop(response: Response, here: Context, *names: str, scheme: str) -> None:
    """Take cookies away."""
    over_tls = is_over_tls(here, scheme)
    for name in names:
        full = OVER_TLS + name if over_tls else name
        response.delete_cookie(full, httponly=True, samesite="lax", secure=over_tls)


def _set(response: Response, name: str, token: str, seconds: int, *, over_tls: bool) -> None:
    response.set_cookie(
        OVER_TLS + name if over_tls else name, token, max_age=seconds, httponly=True, samesite="lax",
        secure=over_tls,
    )  # fmt: skip
