"""On what ground somebody decides: as the legal representative, under a delegation in writing, or by a broken glass.

A data protection officer advises and does not decide by office (GDPR Art. 38(3) and (6), Art. 39): without a delegation
that is recorded here their role alone gives no ground.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from breach_service.domain.access.acts import DECISIONS, Act


class MandateKind(StrEnum):
    """Where the power to decide comes from."""

    REPRESENTATIVE = "representative"
    """The legal representative of the organisation."""
    DELEGATION = "delegation"
    """Delegated in writing by the legal representative."""


@dataclass(frozen=True)
class Mandate:
    """The power of a person to decide for an organisation. Instants aware, UTC."""

    id: int
    person: int
    name: str
    kind: MandateKind
    organisation: str
    """Id in the inventory; empty for every organisation of the installation."""
    acts: frozenset[Act]
    """Which decisions; empty: all of them."""
    granted_by: str
    """Who gave it, in words: the representative, or the act of appointment."""
    document: str
    """Where the writing is: its date and place or number."""
    from_at: datetime
    to_at: datetime | None
    """The first instant at which it holds no more; None: until it is revoked."""
    revoked_at: datetime | None = None

    def is_in_force(self, at: datetime) -> bool:
        """True at an instant within its dates and before its revocation."""
        ended = [one for one in (self.to_at, self.revoked_at) if one is not None]
        return self.from_at <= at and all(at < one for one in ended)

    def covers(self, act: Act, organisation: str) -> bool:
        """True if the decision belongs to it."""
        return (not self.acts or act in self.acts) and self.organisation in ("", organisation)


GLASS_ACTS = frozenset({Act.RECORD_AWARENESS, Act.APPROVE_DRAFT})
"""What a broken glass allows: record awareness, approve an initial filing with the authority or a client's notice."""


@dataclass(frozen=True)
class BrokenGlass:
    """Somebody on call took the place of a decider in one incident. Instants aware, UTC."""

    id: int
    incident: int
    person: int
    name: str
    at: datetime
    reason: str
    ends_at: datetime
    reviewed_at: datetime | None = None
    reviewed_by: str = ""
    review: str = ""
    tried: str = ""
    """Whom they tried to reach before, and how."""

    def is_open(self, at: datetime) -> bool:
        """True while it lets decide; being reviewed ends it."""
        return self.at <= at < self.ends_at and self.reviewed_at is None


class GroundKind(StrEnum):
    """On what ground somebody decides, or why they may not."""

    REPRESENTATIVE = "representative"
    DELEGATION = "delegation"
    BROKEN_GLASS = "broken_glass"
    OPERATOR = "operator"
    NO_MANDATE = "no_mandate"
    """None was recorded for this person."""
    OTHER_SCOPE = "other_scope"
    """There is one in force, for other decisions or another organisation."""
    NOT_IN_FORCE = "not_in_force"
    """There was one, or there will be."""
    NOBODY = "nobody"
    """An API token: a decision is a person's."""


@dataclass(frozen=True)
class Ground:
    """The answer to “may this person decide this now?” and why."""

    kind: GroundKind
    number: int | None = None
    """Of the mandate or the broken glass."""

    @property
    def holds(self) -> bool:
        """True if they may."""
        return self.kind in (
            GroundKind.REPRESENTATIVE, GroundKind.DELEGATION, GroundKind.BROKEN_GLASS, GroundKind.OPERATOR,
        )  # fmt: skip


def ground_of(
    person: int | None, act: Act, organisation: str, at: datetime, mandates: Iterable[Mandate],
    glasses: Iterable[BrokenGlass] = (),
) -> Ground:  # fmt: skip
    """On what ground a person takes a decision in an incident of an organisation at an instant.

    `mandates` are any mandates, those of others are passed over; `glasses` those broken in this incident. A mandate
    goes before a broken glass. ValueError for an act that is no decision and none that a glass allows.
    """
    if act not in DECISIONS | GLASS_ACTS:
        raise ValueError(f"{act} is no decision")
    if person is None:
        return Ground(GroundKind.NOBODY)
    own = [one for one in mandates if one.person == person]
    fitting = [one for one in own if one.covers(act, organisation)]
    for one in fitting:
        if one.is_in_force(at):
            return Ground(GroundKind(str(one.kind)), one.id)
    for glass in glasses:
        if glass.person == person and glass.is_open(at) and act in GLASS_ACTS:
            return Ground(GroundKind.BROKEN_GLASS, glass.id)
    if not own:
        return Ground(GroundKind.NO_MANDATE)
    return Ground(GroundKind.NOT_IN_FORCE if fitting else GroundKind.OTHER_SCOPE)
