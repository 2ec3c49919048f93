"""What identifies one delivery, so that the same one sent again is not counted again. Each kind declares it.

Only what is declared here can be a re-delivery; everything else that comes again is the problem said again, and counts.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from breach_service.sources.request import Delivery

ID_LASTS = timedelta(hours=72)
"""For how long the id of a delivery is remembered: PagerDuty retries for 48 hours."""


@dataclass(frozen=True)
class Redelivery:
    """How a kind of sender marks its deliveries; with none of the three nothing is ever taken for a re-delivery."""

    headers: tuple[str, ...] = ()
    """Headers, lower case, that name the delivery and stay the same when it is sent again; the first one present.
    Where several name it only together (`ce-source` and `ce-id`), they are joined by a plus, and all must be there."""
    fields: tuple[str, ...] = ()
    """Where no header does: places in the JSON of the body, their keys joined by dots; the first one that is there."""
    same_body_within: timedelta | None = None
    """The sender retries without any id: the same body within this time is the same delivery."""


NEVER = Redelivery()
"""Nothing identifies a delivery."""


@dataclass(frozen=True)
class DeliveryKey:
    """The identity of one delivery of one source."""

    key: str
    lasts: timedelta
    """For how long the same key means the same delivery."""


def delivery_key(redelivery: Redelivery, delivery: Delivery) -> DeliveryKey | None:
    """The identity of a delivery; None where nothing identifies it."""
    given = next((found for name in redelivery.headers if (found := _named_by(delivery, name))), "")
    if not given and redelivery.fields:
        given = _named_in(delivery.body, redelivery.fields)
    if given:
        return DeliveryKey(_digest("id", given.encode("utf-8", "surrogatepass")), ID_LASTS)
    if redelivery.same_body_within is not None and (delivery.body or delivery.query):
        data = delivery.query.encode("utf-8", "surrogatepass") + b"\0" + delivery.body
        return DeliveryKey(_digest("body", data), redelivery.same_body_within)
    return None


def _named_by(delivery: Delivery, name: str) -> str:
    parts = [delivery.headers.get(one, "").strip() for one in name.split("+")]
    return "\0".join(parts) if all(parts) else ""


def _named_in(body: bytes, places: tuple[str, ...]) -> str:
    """The text at the first of these places of the body, empty where there is none: it may be anything at all."""
    if not any(place.rpartition(".")[2].encode() in body for place in places):
        return ""
    try:
        held = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    for place in places:
        found = held
        for key in place.split("."):
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, str) and found.strip():
            return found.strip()
    return ""


def _digest(kind: str, data: bytes) -> str:
    return sha256(kind.encode() + b"\0" + data).hexdigest()[:32]
