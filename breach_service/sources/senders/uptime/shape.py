"""What is known of the webhook of one service that watches sites from outside: where each thing stands in it."""

from dataclasses import dataclass

Paths = tuple[tuple[str, ...], ...]
"""Places to look at, the first that has something wins."""


@dataclass(frozen=True)
class Shape:
    """One service's body."""

    vendor: str
    marks: Paths
    """A body that has all of these is of this service."""
    name: Paths
    state: Paths
    up: frozenset[str]
    """Words of the state, lower case, for a check that is well again."""
    identity: Paths
    """What stays the same of one check."""
    address: Paths
    detail: Paths
    began_at: Paths
    """Places of the start, UTC where they name no zone."""
    title: Paths = ()
    """Where it writes a sentence itself."""
    link: Paths = ()
    aspect: Paths = ()
    """What of it is watched, where the state does not say it: the site, its certificate."""
    severity: Paths = ()
    tags: Paths = ()
    tests: frozenset[str] = frozenset()
    """Words of the state, lower case, for a trial."""
    routine: frozenset[str] = frozenset()
    """Words of the state, lower case, for planned work."""
    lifecycle: frozenset[str] = frozenset()
    """Words of the state, lower case, that are about the incident and not about what is watched."""
    hosts: Paths = ()
    """The machine that is watched, beside its address."""


def words(text: str) -> frozenset[str]:
    """The words of a text, for the tables."""
    return frozenset(text.split())
