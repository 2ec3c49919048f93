"""What an opinion or a decision was taken on: rules, facts and result of that moment; and what has changed since.

Nobody decides on what is learned later. Who looks back sees what was known then, by which rules it was judged and what
the service advised; and as soon as a fact arrives that says otherwise, that the decision was taken on others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.assessment import Assessment, Duty, facts_digest
from breach_service.domain.conditions import FactValue, is_unknown
from breach_service.domain.facts import Fact, Provenance, Scope

DUTIES = ("authority", "persons", "clients")
"""The duties on which somebody decides; the register is kept whatever anybody thinks."""


def duty_key(perimeter: str, duty: str) -> str:
    """By what a duty of a perimeter is known: `own/authority`."""
    return f"{perimeter}/{duty}"


@dataclass(frozen=True)
class Basis:
    """What stood at the moment of an opinion or a decision."""

    content: str
    """Digest of the rules and texts in force."""
    inventory: int
    """Revision of the inventory."""
    facts: str
    """Digest of the recorded facts that counted, and of the systems."""
    last_fact: int
    """Number of the last fact that was recorded by then; 0 before the first."""
    personal_data: str
    risk_least: str
    risk_most: str
    duties: Mapping[str, str]
    """What was ours of each duty by `duty_key`: required, not_required or undecided."""
    precedents: tuple[str, ...] = ()
    """Ids of the like cases that were shown."""

    def advice(self, perimeter: str, duty: str) -> Duty | None:
        """What the service said of a duty then; None where that perimeter was none yet."""
        found = self.duties.get(duty_key(perimeter, duty))
        return Duty(found) if found else None


def basis_of(
    assessment: Assessment, facts: Iterable[Fact], systems: Iterable[str], content: str, inventory: int,
    precedents: Iterable[str] = (),
) -> Basis:  # fmt: skip
    """The basis of what is said now; `facts` are all that were ever recorded in the incident."""
    recorded = tuple(facts)
    return Basis(
        content=content,
        inventory=inventory,
        facts=facts_digest(recorded, systems=systems),
        last_fact=max((one.recorded for one in recorded), default=0),
        personal_data=str(assessment.personal_data),
        risk_least=assessment.risk.least.word,
        risk_most=assessment.risk.most.word,
        duties={
            duty_key(one.perimeter.key, duty): str(one.our_duty(duty))
            for one in assessment.perimeters for duty in DUTIES
        },
        precedents=tuple(precedents),
    )  # fmt: skip


@dataclass(frozen=True)
class FactChange:
    """A fact that says something else than it did then. `at` in UTC."""

    fact: str
    scope: Scope
    before: FactValue
    after: FactValue
    by: str
    """Who recorded it; empty where an alert said it."""
    at: datetime


def changed_since(facts: Iterable[Fact], last_fact: int) -> tuple[FactChange, ...]:
    """What was recorded after a fact and says otherwise, in the order of recording."""
    before: dict[tuple[str, Scope], Fact] = {}
    now: dict[tuple[str, Scope], Fact] = {}
    for one in sorted(facts, key=lambda one: one.recorded):
        place = (one.name, one.scope)
        if one.recorded <= last_fact:
            _count(before, place, one)
        _count(now, place, one)
    changed = [
        (before[place].value if place in before else None, one)
        for place, one in now.items()
        if one.recorded > last_fact
    ]
    return tuple(
        FactChange(
            one.name, one.scope, was, one.value, "" if one.provenance is Provenance.ALERT else one.by,
            one.established_at,
        )
        for was, one in sorted(changed, key=lambda pair: pair[1].recorded)
        if was != one.value and not (is_unknown(was) and is_unknown(one.value))
    )  # fmt: skip


_RANK = {one: rank for rank, one in enumerate(Provenance)}


def _count(held: dict[tuple[str, Scope], Fact], place: tuple[str, Scope], one: Fact) -> None:
    """Keep the fact that counts: a person's word before an alert's, the later one within that."""
    if place not in held or _RANK[one.provenance] >= _RANK[held[place].provenance]:
        held[place] = one


@dataclass(frozen=True)
class Since:
    """What has changed since somebody decided on a duty."""

    facts: tuple[FactChange, ...]
    is_other_content: bool
    is_other_inventory: bool
    advice_before: Duty | None
    advice_now: Duty | None

    @property
    def is_on_other_facts(self) -> bool:
        """True where the decision was taken on facts that are not those of today."""
        return bool(self.facts)

    @property
    def is_advice_turned(self) -> bool:
        """True where the service would say something else today."""
        return self.advice_before is not None and self.advice_before is not self.advice_now


def since(
    basis: Basis, facts: Iterable[Fact], content: str, inventory: int, perimeter: str, duty: str, now: Duty | None
) -> Since:
    """What has changed since a basis, for one duty of one perimeter; `now` is what the service says today."""
    return Since(
        changed_since(facts, basis.last_fact), basis.content != content, basis.inventory != inventory,
        basis.advice(perimeter, duty), now,
    )  # fmt: skip


def departs_from(advice: Duty | None, is_to_notify: bool) -> bool:
    """True for a decision against the advice; where a duty is undecided the advice is to notify."""
    return advice is not None and (advice is not Duty.NOT_REQUIRED) is not is_to_notify
