"""Somebody else in the place of a person in a rota, as it is stored: people are numbers of accounts, as text."""

from collections.abc import Iterable, Mapping
from typing import Any

from breach_service.domain.rota.turns import Level

OFFICERS = (str(Level.DPO), str(Level.DEPUTY))


def places_of(document: Mapping[str, Any], person: str) -> tuple[Level, ...]:
    """The levels on which somebody stands."""
    return tuple(level for level in Level if person in _people_on(document.get(str(level))))


def _people_on(level: Any) -> list[str]:
    match level:
        case {"people": [*people]}:
            return [str(one) for one in people]
        case None:
            return []
        case _:
            return [str(level)]


def replaced(document: Mapping[str, Any], leaver: str, successor: str | None) -> dict[str, Any]:
    """The document with a successor in the place of a leaver; None leaves the place empty.

    A successor who stands on the level already takes no second place, and nobody is both data protection officer and
    deputy. A level keeps its only person where there is no successor: it would be no level without.
    """
    found = dict(document)
    for level in map(str, Level):
        held = document.get(level)
        if isinstance(held, Mapping) and leaver in _people_on(held):
            found[level] = {**held, "people": _in_turn(_people_on(held), leaver, successor)}
    return _with_officers(found, leaver, successor)


def _in_turn(names: list[str], leaver: str, successor: str | None) -> list[str]:
    if successor is None or successor in names:
        return [one for one in names if one != leaver] or names
    return [successor if one == leaver else one for one in names]


def _with_officers(document: dict[str, Any], leaver: str, successor: str | None) -> dict[str, Any]:
    held = [str(document[one]) for one in OFFICERS if document.get(one) is not None]
    if leaver not in held:
        return document
    officers: Iterable[str | None] = (successor if one == leaver else one for one in held)
    left = list(dict.fromkeys(one for one in officers if one is not None))
    rest = {name: value for name, value in document.items() if name not in OFFICERS}
    return {**rest, **dict(zip(OFFICERS, left, strict=False))}
