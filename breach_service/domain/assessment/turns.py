"""What a new fact changed: the duties of ours and the risk, before and after."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from breach_service.domain.assessment.duties import STRICTNESS, Duties, Duty
from breach_service.domain.assessment.incident import Assessment
from breach_service.domain.assessment.perimeters import PerimeterAssessment
from breach_service.domain.rules import RiskInterval, RiskLevel

OUR_DUTIES = ("register", "authority", "persons", "clients")


@dataclass(frozen=True)
class Turn:
    """One duty before and after."""

    duty: str
    before: Duty
    after: Duty


@dataclass(frozen=True)
class WhatChanged:
    """The duties that turned, and the risk before and after (equal where it did not move)."""

    turns: tuple[Turn, ...]
    before: RiskInterval
    after: RiskInterval

    @property
    def is_nothing(self) -> bool:
        """True where neither a duty nor the risk moved."""
        return not self.turns and self.before == self.after


def what_changed(before: Assessment, after: Assessment) -> WhatChanged:
    """The difference of two assessments of one incident, in what is ours."""
    was, now = ours_in(before), ours_in(after)
    turns = tuple(Turn(name, was[name], now[name]) for name in OUR_DUTIES if was[name] is not now[name])
    return WhatChanged(turns, before.risk, after.risk)


def ours_in(assessment: Assessment) -> Mapping[str, Duty]:
    """Our duties over all perimeters, the strictest of each."""
    return ours_among((one, one.duties) for one in assessment.perimeters)


def ours_among(found: Iterable[tuple[PerimeterAssessment, Duties]]) -> dict[str, Duty]:
    """The strictest of each duty of ours: the controller's where we are one, the client's notice where we are not."""
    strictest = dict.fromkeys(OUR_DUTIES, Duty.NOT_REQUIRED)
    for one, duties in found:
        for name in OUR_DUTIES:
            if one.perimeter.is_ours is not (name == "clients"):
                strictest[name] = max(strictest[name], getattr(duties, name), key=STRICTNESS.index)
    return strictest


def words_of_change(changed: WhatChanged) -> dict[str, str]:
    """The parameters under which the chronology keeps it: `turns` (`authority:undecided:required …`) and both risks."""
    words: dict[str, str] = {}
    if changed.turns:
        words["turns"] = " ".join(f"{one.duty}:{one.before}:{one.after}" for one in changed.turns)
    if changed.before != changed.after:
        words["risk_before"] = f"{changed.before.least.word} {changed.before.most.word}"
        words["risk_after"] = f"{changed.after.least.word} {changed.after.most.word}"
    return words


def change_from_words(words: Mapping[str, str]) -> WhatChanged | None:
    """The reverse; None where nothing of it is written, or not in words of ours."""
    try:
        turns = tuple(
            Turn(name, Duty(before), Duty(after))
            for name, before, after in (one.split(":") for one in words.get("turns", "").split())
        )
        before, after = (_risk(words[name]) for name in ("risk_before", "risk_after"))
    except KeyError:
        nothing = RiskInterval(RiskLevel.UNLIKELY, RiskLevel.UNLIKELY)
        return WhatChanged(turns, nothing, nothing) if turns else None
    except ValueError:
        return None
    return WhatChanged(turns, before, after)


def _risk(said: str) -> RiskInterval:
    least, most = said.split()
    return RiskInterval(RiskLevel.from_word(least), RiskLevel.from_word(most))
