"""The identity of a problem in a body of unknown shape: never that of the delivery."""

import re

from breach_service.domain.alert import Entity, EntityKind
from breach_service.sources.general import key_names
from breach_service.sources.general.leaves import Leaf, Leaves
from breach_service.sources.general.state_words import is_success, state_in_status, without_state
from breach_service.sources.parts.identity import fingerprint_of, given_fingerprint

_OF_IDENTITY = frozenset(
    {
        EntityKind.HOST,
        EntityKind.ADDRESS,
        EntityKind.SOURCE_ADDRESS,
        EntityKind.USER,
        EntityKind.APPLICATION,
        EntityKind.FILE,
        EntityKind.DOMAIN,
        EntityKind.URL,
        EntityKind.ACCOUNT,
    }
)
_UP_OR_DOWN = re.compile(
    r"\s(?:(?:went|is|are|was|has gone|has been|est|a été)\s+)?(?:now\s+|de nouveau\s+)?"
    r"(?:down|up|back up|back online|up again|online|offline|unreachable|reachable|recovered|resolved|disponible"
    r"|indisponible|injoignable|joignable)\W*$",
    re.IGNORECASE,
)
_MEASURE = re.compile(
    r"\d+(?:[.,]\d+)?\s?(?:%|(?:ms|s|sec|secs|seconds?|min|minutes?|h|hours?|days?|[KMGT]i?B|bytes?|rpm|req/s)\b)"
    r"|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?\S*)?|\b\d\d:\d\d(?::\d\d)?\b",
    re.IGNORECASE,
)
"""Numbers that change each time the same thing is said."""


def fingerprint_in(leaves: Leaves, title: str, entities: tuple[Entity, ...]) -> str:
    """What the sender gives to find the problem again; else its rule and the things named; else its title and these.

    An id may name only the delivery, so that it comes last where a rule and a thing are known; at the top level beside
    a title it is the documented key of scripts that write the body themselves.
    """
    given = leaves.text(key_names.KEYS_OF_PROBLEMS)
    if given or (given := _id_of_series(leaves)):
        return given_fingerprint(given)
    things = [part for one in entities if one.kind in _OF_IDENTITY for part in (one.kind, one.value)]
    rule = leaves.text(key_names.RULES)
    if not rule and (own := _own_id(leaves)):
        return given_fingerprint(own)
    if stateful := leaves.found(key_names.OBJECT_IDS, _id):
        return fingerprint_of("id", stateful)
    if rule and things:
        return fingerprint_of("rule", rule, *things)
    if not things and (any_id := leaves.found(key_names.ALERT_IDS, _id)):
        return fingerprint_of("id", rule, any_id)
    return fingerprint_of("json", rule, _MEASURE.sub("#", _bare(title)), *things)


def _bare(title: str) -> str:
    """The title without the state in front of it or behind it."""
    name, colon, said = without_state(title).rpartition(": ")
    is_state = bool(colon) and (is_success(said) or state_in_status(said) is not None)
    bare = name if is_state else without_state(title)
    return _UP_OR_DOWN.sub("", bare).strip() or bare


def _own_id(leaves: Leaves) -> str:
    """The documented `id`, where the body has the documented `title`."""
    top = [leaf for leaf in leaves.all if len(leaf.path) == 1]
    is_plain = any(leaf.key == "title" and leaf.text for leaf in top)
    return next((leaf.text for leaf in top if leaf.key == "id" and leaf.text), "") if is_plain else ""


def _id_of_series(leaves: Leaves) -> str:
    """Kapacitor's `id`, made of the measurement and its tags; nobody else says the level before."""
    return leaves.text(["id"]) if leaves.text(["previouslevel"]) else ""


def _id(leaf: Leaf) -> str | None:
    """An id that is one: `{"incident": {"id": 0}}` is none."""
    return leaf.text if leaf.text and leaf.text != "0" and not isinstance(leaf.value, bool) else None
