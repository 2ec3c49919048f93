"""GoAlert, its generic API: `<address>/api/v2/generic/incoming` with the token of an integration key.

https://github.com/target/goalert, page “Generic API” of its documentation: the same `dedup` is the same alert, and
`action: close` closes it. Who acknowledges here has taken it up: there it is closed.
"""

from breach_service.notify.pagers.pager import Page, PageAction
from breach_service.notify.pagers.posting import ask, post


class GoAlert:
    """One integration key of a GoAlert."""

    name = "goalert"
    is_forgetful = False

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._token = token

    def send(self, page: Page) -> None:
        """Open the alert of the call, or close it."""
        body = {"summary": page.summary, "details": page.link, "dedup": page.key}
        if page.action is not PageAction.TRIGGER:
            body["action"] = "close"
        post(f"{self._url}/api/v2/generic/incoming", body, "GoAlert", self._token)

    def check(self) -> None:
        """Ask whether it lives."""
        ask("GET", f"{self._url}/health", "GoAlert")
