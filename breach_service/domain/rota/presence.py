"""Who answers at an instant: the rota, what people arranged among themselves, and who is away."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.rota.turns import Level, Rota


@dataclass(frozen=True)
class Absence:
    """A person is away from `from_at` until `to_at`, which is not included. UTC."""

    person: int
    from_at: datetime
    to_at: datetime

    def covers(self, at: datetime) -> bool:
        """True while the person is away."""
        return self.from_at <= at < self.to_at


@dataclass(frozen=True)
class Override:
    """Somebody else is on a level from `from_at` until `to_at`, which is not included. UTC."""

    number: int
    """Of two that cover the same instant the higher number, recorded later, holds."""
    level: Level
    person: int
    from_at: datetime
    to_at: datetime

    def covers(self, at: datetime) -> bool:
        """True while it holds."""
        return self.from_at <= at < self.to_at


@dataclass(frozen=True)
class OnCall:
    """Who answers at an instant: numbers of accounts, None where there is nobody."""

    first: int | None = None
    second: int | None = None
    dpo: int | None = None
    deputy: int | None = None

    def on(self, level: Level) -> int | None:
        """Who is on a level."""
        found: int | None = getattr(self, level)
        return found

    @property
    def in_order(self) -> tuple[int, ...]:
        """Everybody who answers, in the order of the levels, each once."""
        found = (self.first, self.second, self.dpo, self.deputy)
        return tuple(dict.fromkeys(one for one in found if one is not None))


def on_call(rota: Rota, overrides: Iterable[Override], absences: Iterable[Absence], at: datetime) -> OnCall:
    """Who answers at an instant, at most one person a level.

    The turn of somebody who is away falls to the next in order; of a data protection officer who is away the deputy
    answers, on their own level. Nobody is both first and second: a second who is first already is passed over.
    """
    away = {one.person for one in absences if one.covers(at)}
    holding = sorted((one for one in overrides if one.covers(at)), key=lambda one: -one.number)

    def answering(level: Level, taken: frozenset[int] = frozenset()) -> int | None:
        asked = (*(one.person for one in holding if one.level is level), *rota.on_level(level, at))
        return next((one for one in asked if one not in away and one not in taken), None)

    first = answering(Level.FIRST)
    called = frozenset() if first is None else frozenset({first})
    return OnCall(first, answering(Level.SECOND, called), answering(Level.DPO), answering(Level.DEPUTY))
