"""The rota as it stands, read: who is on call, who is away, where nobody answers."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from breach_service.domain import rota as domain
from breach_service.domain.rota import Absence, Level, OnCall, Override, Rota, RotaDocument, Shift
from breach_service.store import rota
from breach_service.store.database import Session
from breach_service.store.rota import KeptAbsence, KeptOverride, Member

END_OF_TIME = datetime(9000, 1, 1, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Board:
    """The rota with everything that touches a stretch of time."""

    rota: Rota | None
    """None before the first was set."""
    document: RotaDocument | None
    """The same as people write it, with addresses."""
    recorded_at: datetime | None
    by: str
    members: tuple[Member, ...]
    absences: tuple[KeptAbsence, ...]
    overrides: tuple[KeptOverride, ...]
    from_at: datetime
    to_at: datetime

    @property
    def away(self) -> list[Absence]:
        """Everybody's absences; who can no longer sign in is away for good."""
        gone = [Absence(one.id, one.disabled_at, END_OF_TIME) for one in self.members if one.disabled_at]
        return [*(one.absence for one in self.absences), *gone]

    @property
    def taken(self) -> list[Override]:
        """The overrides."""
        return [one.override for one in self.overrides]

    def name_of(self, person: int) -> str:
        """The name of an account; its number where there is none."""
        return next((one.name for one in self.members if one.id == person), f"#{person}")

    def on_call(self, at: datetime) -> OnCall:
        """Who answers at an instant of the stretch."""
        return domain.on_call(self.rota, self.taken, self.away, at) if self.rota else OnCall()

    def shifts(self, level: Level) -> tuple[Shift, ...]:
        """The shifts of a level over the stretch."""
        if self.rota is None:
            return ()
        return domain.shifts(self.rota, self.taken, self.away, level, self.from_at, self.to_at)

    def gaps(self) -> tuple[Shift, ...]:
        """When nobody answers; without a rota the whole stretch, on the first level."""
        if self.rota is None:
            return (Shift(Level.FIRST, None, self.from_at, self.to_at),)
        return domain.gaps(self.rota, self.taken, self.away, self.from_at, self.to_at)

    def next_shifts(self, person: int, most: int) -> tuple[Shift, ...]:
        """The next shifts of a person within the stretch."""
        if self.rota is None:
            return ()
        within = self.to_at - self.from_at
        return domain.next_shifts(self.rota, self.taken, self.away, person, self.from_at, most, within)


def board(session: Session, from_at: datetime, to_at: datetime, *, as_of: datetime | None = None) -> Board:
    """The rota with what touches a stretch of time; as it stood at `as_of`, where that is not its beginning."""
    members = tuple(rota.members(session))
    kept = rota.in_force(session, as_of or from_at)
    numbered = RotaDocument.model_validate(kept.document) if kept else None
    found = None
    if numbered is not None:
        found = domain.rota_in(numbered, {name: int(name) for _, name in numbered.everybody()})
    return Board(
        rota=found,
        document=numbered.with_people({str(one.id): one.email for one in members}) if numbered else None,
        recorded_at=kept.recorded_at if kept else None,
        by=kept.by if kept else "",
        members=members,
        absences=tuple(rota.absences(session, from_at, to_at)),
        overrides=tuple(rota.overrides(session, from_at, to_at)),
        from_at=from_at,
        to_at=to_at,
    )


def on_call(session: Session, at: datetime) -> OnCall:
    """Who answers at an instant; nobody on any level before a rota was set."""
    return board(session, at, at + INSTANT).on_call(at)


def absent(session: Session, at: datetime) -> frozenset[int]:
    """The numbers of the accounts whose person is away at an instant, disabled ones among them."""
    return frozenset(one.person for one in absences_between(session, at, at + INSTANT))


def absences_between(session: Session, from_at: datetime, to_at: datetime) -> list[Absence]:
    """The absences that touch a stretch of time; who can no longer sign in is away for good."""
    gone = [Absence(one.id, one.disabled_at, END_OF_TIME) for one in rota.members(session) if one.disabled_at]
    held = [one.absence for one in rota.absences(session, from_at, to_at)]
    return held + [one for one in gone if one.from_at < to_at]
