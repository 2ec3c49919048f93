"""PagerDuty, Events API v2: https://developer.pagerduty.com/docs/send-alert-event."""

from typing import Any

from breach_service.notify.pagers.pager import Page, PageAction
from breach_service.notify.pagers.posting import post

EVENTS = "https://events.pagerduty.com/v2/enqueue"


class PagerDuty:
    """One integration of PagerDuty; its own policy calls people, ours goes on beside it."""

    name = "pagerduty"
    is_forgetful = False

    def __init__(self, routing_key: str, url: str = EVENTS) -> None:
        self._routing_key = routing_key
        self._url = url

    def send(self, page: Page) -> None:
        """Trigger, acknowledge or resolve the alert of the call; the same `dedup_key` is the same alert."""
        event: dict[str, Any] = {
            "routing_key": self._routing_key, "event_action": str(page.action), "dedup_key": page.key,
        }  # fmt: skip
        if page.action is PageAction.TRIGGER:
            event["payload"] = {
                "summary": page.summary, "source": "breach_service", "severity": "critical",
                "timestamp": page.at.isoformat(),
            }  # fmt: skip
            if page.link:
                event["client"], event["client_url"] = "breach_service", page.link
                event["links"] = [{"href": page.link, "text": page.reference}]
        post(self._url, event, "PagerDuty")

    def check(self) -> None:
        """There is nothing to ask that would page nobody."""
