"""Which playbooks an incident calls for, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from breach_service.domain.alert import Signal
from breach_service.domain.conditions import FactValue, Judgement, Line, Truth, is_unknown, judge
from breach_service.domain.playbook.adapting import AS_WRITTEN, Adaptation
from breach_service.domain.playbook.content import PATTERNS, SCENARIO, SIGNALS, Playbook


class OfferReason(StrEnum):
    """Why a playbook is there."""

    APPLIES = "applies"
    """Its conditions hold."""
    MAY_APPLY = "may_apply"
    """Its conditions may hold: `Offer.open_facts` decide."""
    ATTACHED = "attached"
    """A person attached it, whatever its conditions."""


@dataclass(frozen=True)
class Offer:
    """One playbook that an incident calls for, and the lines that say so."""

    playbook: Playbook
    reason: OfferReason
    judgement: Judgement

    @property
    def open_facts(self) -> tuple[str, ...]:
        """The facts that would decide whether it applies."""
        return self.judgement.unknown_facts

    @property
    def because(self) -> tuple[tuple[str, str], ...]:
        """What is known and speaks for it: facts, signals, patterns, each with a value that its conditions name."""
        held = (one for one in self.judgement.lines if one.truth is Truth.YES and not is_unknown(one.value))
        return tuple(dict.fromkeys((one.fact, value) for one in held for value in _values(one)))

    @property
    def is_in_use(self) -> bool:
        """True where its steps belong to the plan; what may apply waits for its facts, or for a person."""
        return self.reason is not OfferReason.MAY_APPLY


def circumstances(
    facts: Mapping[str, FactValue], signals: Iterable[Signal] = (), patterns: Iterable[str] = ()
) -> dict[str, FactValue]:
    """The facts of an incident together with what its alerts report: what the conditions of a playbook are judged on.

    What a person declared without saying what it looks like may be anything, and is offered every playbook. Of what
    alerts opened, a scenario that nobody named counts as not named.
    """
    reported = frozenset(str(one) for one in signals)
    said = facts.get(SCENARIO)
    if is_unknown(said):
        said = None if Signal.DECLARED in reported else frozenset()
    return {**facts, SCENARIO: said, SIGNALS: reported, PATTERNS: frozenset(patterns)}


def playbooks_for(
    facts: Mapping[str, FactValue], playbooks: Iterable[Playbook], adaptation: Adaptation = AS_WRITTEN
) -> tuple[Offer, ...]:
    """The playbooks for an incident: those that apply, then those that may; the common ones last in each.

    `facts`: as `circumstances` gives them. What a person set aside is not offered.
    """
    offers = [
        offer for one in playbooks if one.id not in adaptation.set_aside
        if (offer := _offer(one, judge(one.conditions, facts), one.id in adaptation.attached)) is not None
    ]  # fmt: skip
    return tuple(sorted(offers, key=lambda one: (not one.is_in_use, one.playbook.is_common)))


def is_kind_asked(facts: Mapping[str, FactValue], offers: Iterable[Offer]) -> bool:
    """Whether it must be asked what kind of thing happened: nobody said it, and nothing that is known says it.

    `facts`: as `circumstances` gives them; `offers`: what follows from them. A playbook that applies by what an alert
    or a report said answers the question already; one that holds in every case does not.
    """
    said = facts.get(SCENARIO)
    return is_unknown(said) and all(one.playbook.is_common for one in offers if one.is_in_use)


def _values(line: Line) -> tuple[str, ...]:
    if isinstance(line.value, frozenset):
        named = {line.operand} if isinstance(line.operand, str) else set(line.operand)
        return tuple(sorted(line.value & named))
    return (str(line.value),)


def _offer(playbook: Playbook, judgement: Judgement, is_attached: bool) -> Offer | None:
    match judgement.truth:
        case Truth.YES:
            return Offer(playbook, OfferReason.APPLIES, judgement)
        case _ if is_attached:
            return Offer(playbook, OfferReason.ATTACHED, judgement)
        case Truth.UNKNOWN:
            return Offer(playbook, OfferReason.MAY_APPLY, judgement)
    return None
