"""Alertmanager webhooks (version 4) as they come in a flood: every alert its own, spread over so many machines."""

import json
from dataclasses import dataclass

GROUPS = 500
"""Machines that the alerts are about: so many correlation keys."""
_MASK = 2**64 - 1
_SPREAD = 0x9E3779B97F4A7C15
"""Odd, so that multiplying by it is one to one: fingerprints spread like hashes, and none comes twice."""
_FINGERPRINT, _MACHINE = "~fingerprint~", "~mach~"


@dataclass(frozen=True)
class Body:
    """One alert of a body, cut where its fingerprint and its machine stand."""

    head: bytes
    between: bytes
    tail: bytes
    opening: bytes
    closing: bytes


def body_like(signal: str) -> Body:
    """A body of about 1.4 kB with one alert of that signal."""
    alert = {
        "status": "firing",
        "labels": {
            "alertname": "WebAttackBlocked", "signal": signal, "severity": "warning", "instance": f"{_MACHINE}:9100",
            "job": "edge", "cluster": "production", "zone": "eu-west-3a", "rule": "942100",
        },
        "annotations": {
            "summary": "The web application firewall refused a request that looks like an injection",
            "description": "The same address tried several payloads against the sign-in form. " * 7,
        },
        "startsAt": "2026-11-22T20:00:00Z", "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "https://prometheus.example.com/graph?g0.expr=waf_blocked_total&g0.tab=1",
        "fingerprint": _FINGERPRINT,
    }  # fmt: skip
    shell = {
        "version": "4", "groupKey": '{}:{alertname="WebAttackBlocked"}', "truncatedAlerts": 0, "status": "firing",
        "receiver": "breach", "groupLabels": {"alertname": "WebAttackBlocked"},
        "commonLabels": {"alertname": "WebAttackBlocked", "job": "edge", "cluster": "production"},
        "commonAnnotations": {}, "externalURL": "https://alertmanager.example.com", "alerts": [],
    }  # fmt: skip
    opening, closing = json.dumps(shell).split("[]")
    head, rest = json.dumps(alert).split(_MACHINE)
    between, tail = rest.split(_FINGERPRINT)
    return Body(head.encode(), between.encode(), tail.encode(), f"{opening}[".encode(), f"]{closing}".encode())


def bytes_of(body: Body, first: int, alerts: int = 1) -> bytes:
    """The body with so many alerts from that number on; the same number is the same alert."""
    parts = [body.opening]
    for number in range(first, first + alerts):
        parts += (
            body.head, b"m-%04d" % (number % GROUPS), body.between, b"%016x" % (number * _SPREAD & _MASK), body.tail,
            b",",
        )  # fmt: skip
    parts[-1] = body.closing
    return b"".join(parts)
