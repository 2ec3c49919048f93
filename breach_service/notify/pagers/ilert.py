"""ilert, its events API: https://api.ilert.com/api-docs/#tag/events (ALERT, ACCEPT, RESOLVE)."""

from typing import Any

from breach_service.notify.pagers.pager import Page, PageAction
from breach_service.notify.pagers.posting import post

EVENTS = "https://api.ilert.com/api/events"
_TYPES = {PageAction.TRIGGER: "ALERT", PageAction.ACKNOWLEDGE: "ACCEPT", PageAction.RESOLVE: "RESOLVE"}


class Ilert:
    """One alert source of ilert."""

    name = "ilert"
    is_forgetful = False

    def __init__(self, integration_key: str, url: str = EVENTS) -> None:
        self._integration_key = integration_key
        self._url = url

    def send(self, page: Page) -> None:
        """Open, accept or resolve the alert of the call; the same `alertKey` is the same alert."""
        event: dict[str, Any] = {
            "integrationKey": self._integration_key, "eventType": _TYPES[page.action], "summary": page.summary,
            "alertKey": page.key,
        }  # fmt: skip
        if page.action is PageAction.TRIGGER:
            event["priority"] = "HIGH"
            if page.link:
                event["links"] = [{"href": page.link, "text": page.reference}]
        post(self._url, event, "ilert")

    def check(self) -> None:
        """There is nothing to ask that would page nobody."""
