"""One POST of JSON to an address that the operator set: no redirects, no proxies of the environment, a short time."""

from typing import Any

import httpx2

from breach_service.notify.channel import DeliveryFailed, DeliveryFault

TIMEOUT = 10.0
"""Seconds; well below the lease of a claimed message."""
LONGEST_WAIT = 3600.0
"""Seconds; a pager that asks to wait for longer is asked again all the same."""


def post(url: str, body: Any, name: str, token: str = "") -> None:
    """Hand a body over. Raises DeliveryFailed; `name` is what the other side is called in its sentence."""
    ask("POST", url, name, token, body)


def ask(method: str, url: str, name: str, token: str = "", body: Any = None) -> None:
    """One exchange whose answer says only whether it was taken."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    try:
        with httpx2.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False, headers=headers) as client:
            answer = client.request(method, url, **({} if body is None else {"json": body}))
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        sentence = f"{name} cannot be reached ({type(error).__name__})"  # not its words: they hold the address
        raise DeliveryFailed(DeliveryFault.UNREACHABLE, sentence) from error
    if answer.is_success:
        return
    if answer.status_code == 429:
        raise DeliveryFailed(DeliveryFault.RATE_LIMITED, f"{name} asks to wait", retry_after=_wait(answer))
    if answer.status_code >= 500 or answer.status_code == 408:
        raise DeliveryFailed(DeliveryFault.UNREACHABLE, f"{name} answered {answer.status_code}")
    # Not permanent: somebody mends the key or the address within minutes, and the call must get through then.
    raise DeliveryFailed(DeliveryFault.REFUSED, f"{name} answered {answer.status_code}: check its address and its key")


def _wait(answer: httpx2.Response) -> float:
    said = answer.headers.get("retry-after", "")
    return min(float(said), LONGEST_WAIT) if said.isdecimal() else 1.0
