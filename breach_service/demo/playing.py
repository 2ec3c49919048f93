"""Play the recorded attack into the webhooks, over HTTP, signed as each sender signs."""

import hashlib
import hmac
import json
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

ATTACK = Path(__file__).with_name("attack.json")
TIMEOUT = 10
"""Seconds."""


@dataclass(frozen=True)
class Sender:
    """A connected sender with its secret."""

    name: str
    path: str
    auth: str
    secret: str


def play(address: str, senders: Iterable[Sender], now: datetime) -> int:
    """Send every step, dated as if the attack had happened in the last hour; how many requests were sent."""
    by_name = {one.name: one for one in senders}
    sent = 0
    for step in json.loads(ATTACK.read_text(encoding="utf-8")):
        began_at = now - timedelta(minutes=step["minutes_before"])
        for count in range(step.get("repeat", 1)):
            body = dated(step["body"], began_at + timedelta(seconds=count))
            post(address, by_name[step["source"]], json.dumps(body).encode())
            sent += 1
    return sent


def dated(value: Any, at: datetime) -> Any:
    """The recorded body with `{time}` replaced."""
    match value:
        case dict():
            return {key: dated(one, at) for key, one in value.items()}
        case list():
            return [dated(one, at) for one in value]
        case "{time}":
            return at.isoformat(timespec="milliseconds")
        case _:
            return value


def post(address: str, sender: Sender, body: bytes) -> None:
    """Send one body with the sender's credential; URLError or HTTPError where it is not taken."""
    headers = {"Content-Type": "application/json"}
    if sender.auth == "bearer":
        headers["Authorization"] = f"Bearer {sender.secret}"
    elif sender.auth == "hmac":
        signature = hmac.new(sender.secret.encode(), body, hashlib.sha256).hexdigest()
        headers["X-Signature-256"] = f"sha256={signature}"
    request = urllib.request.Request(f"{address}{sender.path}", data=body, headers=headers, method="POST")  # noqa: S310  # our own loopback address
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310  # our own loopback address
        answer.read()
