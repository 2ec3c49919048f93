"""Who acts, and what of the incidents they see."""

from dataclasses import dataclass
from enum import StrEnum

from breach_service.domain.access.acts import ALLOWED, Act, UserRole


@dataclass(frozen=True)
class Actor:
    """Who acts: a person, an API token, or the operator at the command line."""

    name: str
    role: UserRole
    is_operator: bool = False
    """True for whoever holds the machine and works at its command line: nothing there can be kept from them."""
    person: int | None = None
    """The number of the account; None for a token, the operator and the service itself."""
    scope: frozenset[Act] | None = None
    """Of a token that may do less than its role; None: all that the role allows."""


def is_allowed(actor: Actor, act: Act) -> bool:
    """True if the role, and the scope where there is one, allow the act.

    A decision asks for a mandate besides (`mandates.ground_of`), an incident for being seen (`sight_of`).
    """
    if actor.is_operator:
        return act is not Act.SEND_ALERTS
    return actor.role in ALLOWED[act] and (actor.scope is None or act in actor.scope)


def acts_allowed(actor: Actor) -> frozenset[Act]:
    """Everything that an actor may do."""
    return frozenset(act for act in Act if is_allowed(actor, act))


class Seeing(StrEnum):
    """Which incidents somebody sees. Only the operator sees a restricted one that concerns themselves."""

    ALL = "all"
    """Every one: the operator and the service itself."""
    OPEN = "open"
    """All but the restricted ones; of those the ones where they are named."""
    CHOSEN = "chosen"
    """Those that were chosen for them, until the date that was set: an inspector."""


@dataclass(frozen=True)
class Sight:
    """What somebody sees of the incidents."""

    seeing: Seeing
    person: int | None = None


EVERYTHING = Sight(Seeing.ALL)
"""The sight of the service itself."""


def sight_of(actor: Actor) -> Sight:
    """What an actor sees of the incidents."""
    if actor.is_operator:
        return EVERYTHING
    return Sight(Seeing.CHOSEN if actor.role is UserRole.INSPECTOR else Seeing.OPEN, actor.person)
