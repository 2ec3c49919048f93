"""A digest of everything that an assessment follows from: while it stays the same nothing needs to be judged again."""

import hashlib
import json
from collections.abc import Iterable

from breach_service.domain.facts import Fact, Provenance, Scope, to_json


def facts_digest(
    facts: Iterable[Fact], *, systems: Iterable[str] = (), content: str = "", inventory: str = "",
    also: Iterable[str] = (),
) -> str:  # fmt: skip
    """SHA-256 (hex) of the recorded facts that count, of the affected systems, and of what they are judged by.

    `content` and `inventory` name the version of each; `also` is what else the caller's result follows from (status,
    instants), in words. Neither the order of the facts or systems nor repeating a fact changes it, nor who said it
    or when.
    """
    counted: dict[tuple[str, Scope], Fact] = {}
    for fact in facts:
        key = (fact.name, fact.scope)
        held = counted.get(key)
        if held is None or _rank(fact) >= _rank(held):
            counted[key] = fact
    judged = {
        "content": content,
        "inventory": inventory,
        "also": list(also),
        "systems": sorted(set(systems)),
        "facts": sorted(
            [name, str(scope.kind), scope.key, str(fact.provenance), json.dumps(to_json(fact.value), sort_keys=True)]
            for (name, scope), fact in counted.items()
        ),
    }
    return hashlib.sha256(json.dumps(judged, sort_keys=True).encode()).hexdigest()


_RANK = {one: rank for rank, one in enumerate(Provenance)}


def _rank(fact: Fact) -> tuple[int, int]:
    return _RANK[fact.provenance], fact.recorded
