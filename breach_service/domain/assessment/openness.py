"""Which unknown facts can still change a duty of a perimeter."""

from collections.abc import Iterable

from breach_service.domain.assessment.duties import Basis
from breach_service.domain.assessment.places import COMPROMISE, Place, says_flaw
from breach_service.domain.bounds import open_findings_of, risk_of_loss
from breach_service.domain.conditions import Truth, all_of, any_of, is_unknown
from breach_service.domain.rules import Finding, Loss, RiskInterval, RiskLevel


def open_facts_of(places: Iterable[Place], basis: Basis) -> tuple[str, ...]:
    """The unknown facts whose answer can change a duty, in the order in which a person should ask them."""
    is_breach, risk = basis.is_breach, basis.risk
    is_flaw_open = basis.is_flaw is Truth.UNKNOWN and is_breach is not Truth.YES and not basis.is_ours
    if is_breach is not Truth.UNKNOWN and risk.is_decided and not is_flaw_open:
        return ()
    return tuple(dict.fromkeys(name for one in places for name in _open_facts_at(one, is_breach, risk, is_flaw_open)))


def _open_facts_at(place: Place, is_breach: Truth, risk: RiskInterval, is_flaw_open: bool) -> Iterable[str]:
    """The unknown facts of one place that can change the duties of a perimeter of which this is known so far.

    `is_flaw_open`: a client hears of a confirmed flaw too, and it is not known whether there is one.
    """
    is_flaw_asked = is_flaw_open and place.is_flaw is Truth.UNKNOWN
    if place.is_breach is Truth.NO and not is_flaw_asked:
        return
    lifting = {loss for loss in Loss if place.is_breach is not Truth.NO and _possible_risk(loss, place) > risk.least}
    asked = _asked_losses(place, is_breach, lifting)
    if (asked or is_flaw_asked) and is_unknown(place.values.get(COMPROMISE)):
        yield COMPROMISE
    yield from (f"loss.{loss}" for loss in asked)
    moving = {id(one) for loss in lifting for one in open_findings_of(loss, place.findings, risk.least)}
    if place.personal_data is Truth.UNKNOWN and (lifting or is_breach is Truth.UNKNOWN or is_flaw_asked):
        moving |= _unknown(one for one in place.findings if one.rule.then.personal_data)
    if is_flaw_asked:
        moving |= _unknown(one for one in place.findings if says_flaw(one))
    for finding in place.findings:
        if id(finding) in moving:
            yield from finding.judgement.unknown_facts


def _unknown(findings: Iterable[Finding]) -> set[int]:
    return {id(one) for one in findings if one.truth is Truth.UNKNOWN}


def _asked_losses(place: Place, is_breach: Truth, lifting: set[Loss]) -> list[Loss]:
    if place.is_breach is Truth.NO:
        return []
    can_be_breach = is_breach is Truth.UNKNOWN and any_of(list(place.losses.values())) is Truth.UNKNOWN
    unknown = [loss for loss, is_lost in place.losses.items() if is_lost is Truth.UNKNOWN]
    return [loss for loss in unknown if can_be_breach or loss in lifting]


def _possible_risk(loss: Loss, place: Place) -> RiskLevel:
    is_lost = all_of([place.losses[loss], place.personal_data])
    return risk_of_loss(loss, is_lost, place.findings).most
