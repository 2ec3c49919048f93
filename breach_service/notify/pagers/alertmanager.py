"""Prometheus Alertmanager, API v2: an alert for each stage of a call, so that its routes can tell them apart.

https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml: an alert is its labels; it is over when its
`endsAt` has passed. Alertmanager keeps alerts in memory only, and a call must not end because this service is down: it
is told again every few minutes, of an end that lies hours ahead.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from breach_service.notify.channel import DeliveryFailed
from breach_service.notify.pagers.pager import Page, PageAction
from breach_service.notify.pagers.posting import ask, post

LASTS = timedelta(hours=4)
"""From one message on an alert fires for so long, unless it is told otherwise."""
STAGES = ("first", "second", "everyone")


class Alertmanager:
    """One Alertmanager, or the members of a cluster: each is told, since they do not share alerts."""

    name = "alertmanager"
    is_forgetful = True

    def __init__(self, urls: Sequence[str], token: str = "") -> None:
        self._urls = [one.rstrip("/") for one in urls]
        self._token = token

    def send(self, page: Page) -> None:
        """Let the alert of the stage fire; once somebody came, end those of all stages."""
        if page.action is PageAction.TRIGGER:
            alerts = [_alert(page, page.stage, page.at + LASTS)]
        else:
            alerts = [_alert(page, one, max(page.at, page.began_at)) for one in STAGES]
        self._each("POST", "/api/v2/alerts", alerts)

    def check(self) -> None:
        """Ask each member for its status."""
        self._each("GET", "/api/v2/status", None)

    def _each(self, method: str, path: str, body: Any) -> None:
        failed: DeliveryFailed | None = None
        for url in self._urls:
            try:
                if method == "POST":
                    post(url + path, body, "Alertmanager", self._token)
                else:
                    ask(method, url + path, "Alertmanager", self._token)
            except DeliveryFailed as error:  # the others are told all the same
                failed = error
        if failed is not None:
            raise failed


def _alert(page: Page, stage: str, ends_at: datetime) -> dict[str, Any]:
    return {
        "labels": {
            "alertname": "BreachWake", "service": "breach_service", "severity": "critical",
            "incident": page.reference, "call": page.key, "stage": stage,
        },
        "annotations": {"summary": page.summary},
        "startsAt": page.began_at.isoformat(),
        "endsAt": ends_at.isoformat(),
        **({"generatorURL": page.link} if page.link else {}),
    }  # fmt: skip
