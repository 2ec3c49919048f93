"""Each duty explained as a person would sign it: outcome, reasons in words, article, and the criteria on both sides."""

from dataclasses import dataclass

from breach_service.domain.assessment.duties import (
    Duty,
    DutyReason,
    Postponement,
    Ruling,
    postponement_of,
)
from breach_service.domain.assessment.perimeters import PerimeterAssessment
from breach_service.domain.assessment.places import Place, says_flaw
from breach_service.domain.assessment.reason_words import ARTICLES, FLAW_ARTICLE, REASON_WORDS
from breach_service.domain.bounds import risk_of_loss
from breach_service.domain.conditions import Truth, all_of
from breach_service.domain.rules import Finding, Loss, RiskLevel
from breach_service.domain.text import Text

DUTIES = ("register", "authority", "persons", "clients")
EXEMPTIONS = {"34(3)(a)": DutyReason.UNINTELLIGIBLE, "34(3)(b)": DutyReason.LATER_MEASURES}
"""The article that a written criterion refers to says which exemption it states."""


@dataclass(frozen=True)
class ExplainedDuty:
    """One duty of one perimeter, with everything that a signature needs."""

    name: str
    outcome: Duty
    """The controller's, whoever that is."""
    ours: Duty
    """What is ours of it."""
    owed_by: str
    reasons: tuple[DutyReason, ...]
    article: Text
    speaking_for: tuple[Finding, ...]
    """The criteria that hold, or may, and call for the notice."""
    speaking_against: tuple[Finding, ...]
    """Those that hold, or may, and speak against it."""
    postponed: Postponement | None = None

    @property
    def is_advised(self) -> bool:
        """True where it is undecided: the advice is then to notify, and the clock runs."""
        return self.outcome is Duty.UNDECIDED or self.ours is Duty.UNDECIDED

    def words(self, language: str) -> tuple[str, ...]:
        """The reasons as sentences, in `fr` or `en`."""
        return tuple(REASON_WORDS[one].in_language(language) for one in self.reasons)


def explained_duties(assessed: PerimeterAssessment) -> tuple[ExplainedDuty, ...]:
    """Register, authority, persons and clients, each with its reasons."""
    rulings = assessed.rulings
    return tuple(_explained(name, getattr(rulings, name), assessed) for name in DUTIES)


def _explained(name: str, ruling: Ruling, assessed: PerimeterAssessment) -> ExplainedDuty:
    reasons = list(ruling.reasons)
    if name == "persons" and ruling.outcome is Duty.NOT_REQUIRED:
        reasons = [*exemptions_of(assessed), *reasons]
    owed_by = _owed_by(name, assessed)
    if owed_by != "us" and ruling.outcome is not Duty.NOT_REQUIRED:
        reasons.append(_LEADS[owed_by])
    sides = [(one, _speaks_for(one, name)) for one in assessed.findings if one.truth is not Truth.NO]
    is_flaw = reasons[0] in (DutyReason.FLAW, DutyReason.FLAW_POSSIBLE)
    return ExplainedDuty(
        name=name,
        outcome=ruling.outcome,
        ours=assessed.our_duty(name),
        owed_by=owed_by,
        reasons=tuple(reasons),
        article=FLAW_ARTICLE if is_flaw else ARTICLES[name],
        speaking_for=tuple(one for one, side in sides if side is True),
        speaking_against=tuple(one for one, side in sides if side is False),
        postponed=postponement_of(one.facts for one in assessed.places)
        if DutyReason.DEFERRED_BY_POLICE in reasons
        else None,
    )


_LEADS = {
    "client": DutyReason.OWED_BY_CLIENT,
    "joint_controller": DutyReason.OWED_BY_JOINT_CONTROLLER,
    "undecided": DutyReason.LEAD_NOT_KNOWN,
}


def _owed_by(name: str, assessed: PerimeterAssessment) -> str:
    """A joint controller keeps a register of its own, whoever leads; the client's notice is ours."""
    if name == "clients" or (name == "register" and assessed.perimeter.is_ours):
        return "us"
    return assessed.owed_by


def _speaks_for(finding: Finding, name: str) -> bool | None:
    """Whether a criterion calls for a notice or speaks against it; None where it says nothing of this duty."""
    then = finding.rule.then
    if then.personal_data is not None:
        return then.personal_data == "yes"
    if then.flaw is not None:
        return True if name == "clients" and says_flaw(finding) else None
    if name not in _LEVELS:
        return None
    level = _LEVELS[name]
    if then.at_least is not None:
        return True if RiskLevel.from_word(then.at_least) >= level else None
    return False if RiskLevel.from_word(then.at_most or level.word) < level else None


_LEVELS = {"authority": RiskLevel.RISK, "persons": RiskLevel.HIGH_RISK}
"""The risk from which a notice is due; register and clients ask for none."""


def exemptions_of(assessed: PerimeterAssessment) -> tuple[DutyReason, ...]:
    """The exemptions of Art. 34(3)(a) and (b) that keep the risk from being high: without them it could be."""
    found = {reason for place in assessed.places for reason in _sparing(place)}
    return tuple(one for one in EXEMPTIONS.values() if one in found)


def _sparing(place: Place) -> set[DutyReason]:
    if place.is_breach is Truth.NO:
        return set()
    stated = [(one, _exemption_in(one)) for one in place.findings if one.truth is Truth.YES]
    left = tuple(one for one in place.findings if _exemption_in(one) is None)
    return {
        reason
        for one, reason in stated
        if reason is not None
        and (loss := one.rule.then.loss) is not None
        and _could_be_high(loss, place, left)
        and not _could_be_high(loss, place, place.findings)
    }


def _could_be_high(loss: Loss, place: Place, findings: tuple[Finding, ...]) -> bool:
    is_lost = all_of([place.losses[loss], place.personal_data])
    return risk_of_loss(loss, is_lost, findings).most is RiskLevel.HIGH_RISK


def _exemption_in(finding: Finding) -> DutyReason | None:
    """The exemption that a ceiling states by the article that it refers to."""
    if finding.rule.then.at_most is None:
        return None
    articles = (article for article in EXEMPTIONS for text in finding.rule.references if article in text)
    return next((EXEMPTIONS[article] for article in articles), None)
