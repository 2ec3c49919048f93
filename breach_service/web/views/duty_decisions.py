"""Each duty of each perimeter as it is decided: advice and reasons, opinion, decision, like cases, what has changed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.assessment import Duty, ExplainedDuty, PerimeterAssessment, explained_duties
from breach_service.domain.basis import DUTIES, Basis, Since, changed_since, departs_from, since
from breach_service.domain.deadlines import DutyKind, Obligation, state_of
from breach_service.domain.deciding import (
    Position,
    PositionKind,
    Subject,
    duty_of,
    is_to_notify,
    last_on,
    notify_of,
)
from breach_service.domain.dossier import Dossier
from breach_service.domain.facts import Fact
from breach_service.domain.incident import OPEN_STATUSES, ClockState
from breach_service.domain.inventory import Role
from breach_service.domain.precedents import LikeCase, Tally, tally_of
from breach_service.web.views.chronology import scope_name
from breach_service.web.views.deciding import PositionLine, position_line
from breach_service.web.views.pieces import Badge, ContentWords, Recipient, Value, badge_for, recipient_of, value_of
from breach_service.web.views.precedents import CaseLine, case_lines

MOST_PERIMETERS = 12
"""Perimeters on one page; the others are chosen from a list."""
Likening = Callable[[PerimeterAssessment, str], tuple[LikeCase, ...]]


@dataclass(frozen=True)
class ChangeLine:
    """A fact that says something else than it did when somebody decided. `at` in UTC."""

    label: str
    scope: str
    before: Value
    after: Value
    by: str
    at: datetime


@dataclass(frozen=True)
class OwedLine:
    """One obligation of the duty."""

    id: int
    recipient: Recipient
    due_at: datetime | None
    badge: Badge
    is_sent: bool


@dataclass(frozen=True)
class SinceLine:
    """What has changed since the decision."""

    changes: tuple[ChangeLine, ...]
    is_other_content: bool
    is_other_inventory: bool
    advice_before: Duty | None
    is_advice_turned: bool
    facts: str
    """The first characters of the digest of the facts then."""
    content: str
    """Those of the rules."""

    @property
    def is_any(self) -> bool:
        """True where somebody should look again."""
        return bool(self.changes) or self.is_advice_turned


@dataclass(frozen=True)
class DutyRow:
    """One duty of one perimeter."""

    duty: str
    """`authority`, `persons`, `clients`."""
    id: str
    """What its place on the page is called."""
    advice: Duty
    reasons: tuple[str, ...]
    article: str
    speaking_for: tuple[str, ...]
    speaking_against: tuple[str, ...]
    owed: tuple[OwedLine, ...]
    opinion: PositionLine | None
    decision: PositionLine | None
    diverges: bool
    """The decision is not what the data protection officer advised."""
    departs: bool
    """The decision is not what the service advised at that moment."""
    since: SinceLine | None
    cases: tuple[CaseLine, ...]
    tally: Tally
    is_settled: bool
    """True where every notice of it was sent."""


@dataclass(frozen=True)
class PerimeterRows:
    """The duties of one perimeter that are ours to decide on."""

    key: str
    controller: str
    role: Role
    rows: tuple[DutyRow, ...]


@dataclass(frozen=True)
class DecidePage:
    """The context variable `page` of `decide.html`."""

    reference: str
    title: str
    perimeters: tuple[PerimeterRows, ...]
    others: tuple[tuple[str, str], ...]
    """Key and controller of the perimeters that are not shown."""
    may_decide: bool
    may_advise: bool
    now: datetime
    error: str = ""
    typed: Mapping[str, str] | None = None


def decide_page(
    dossier: Dossier, bases: Mapping[int, Basis], content: ContentWords, language: str, now: datetime,
    may: frozenset[str], like: Likening, *, version: tuple[str, int], only: str = "", error: str = "",
    typed: Mapping[str, str] | None = None,
) -> DecidePage:  # fmt: skip
    """The duties to decide on. `version`: digest of the content and revision of the inventory in force.

    `only` is the key of one perimeter, empty for the first ones; `like` finds the like cases of a duty.
    """
    deciding = _Deciding(dossier, bases, content, language, now, like, version)
    ours = [one for one in dossier.assessment.perimeters if list(_to_decide(one))]
    shown = [one for one in ours if one.perimeter.key == only] or ours[:MOST_PERIMETERS]
    is_open = dossier.incident.status in OPEN_STATUSES
    return DecidePage(
        reference=dossier.incident.reference, title=dossier.incident.title,
        perimeters=tuple(deciding.perimeter(one) for one in shown),
        others=tuple((one.perimeter.key, one.perimeter.controller) for one in ours if one not in shown),
        may_decide=is_open and "decide_not_required" in may, may_advise=is_open and "give_opinion" in may,
        now=now, error=error, typed=typed,
    )  # fmt: skip


def _to_decide(one: PerimeterAssessment) -> Iterable[ExplainedDuty]:
    """The duties that are ours, whatever comes out; another's are decided elsewhere."""
    for each in explained_duties(one):
        if each.name == "clients":
            if not one.perimeter.is_ours:
                yield each
        elif each.name in DUTIES and one.owed_by in ("us", "undecided"):
            yield each


@dataclass(frozen=True)
class _Deciding:
    dossier: Dossier
    bases: Mapping[int, Basis]
    content: ContentWords
    language: str
    now: datetime
    like: Likening
    version: tuple[str, int]

    def perimeter(self, one: PerimeterAssessment) -> PerimeterRows:
        rows = tuple(self._row(one, each) for each in _to_decide(one))
        return PerimeterRows(one.perimeter.key, one.perimeter.controller, one.perimeter.our_role, rows)

    def _row(self, one: PerimeterAssessment, duty: ExplainedDuty) -> DutyRow:
        key, language = one.perimeter.key, self.language
        owed = obligations_of(self.dossier.obligations, key, duty.name)
        opinion, decision = positions_on(self.dossier.positions, key, duty.name, owed)
        cases = self.like(one, duty.name)
        basis = self.bases.get(decision.id) if decision else None
        return DutyRow(
            duty=duty.name, id=f"{key}-{duty.name}".replace(":", "-"), advice=duty.ours, reasons=duty.words(language),
            article=duty.article.in_language(language),
            speaking_for=tuple(each.rule.title.in_language(language) for each in duty.speaking_for),
            speaking_against=tuple(each.rule.title.in_language(language) for each in duty.speaking_against),
            owed=tuple(self._owed(each) for each in owed),
            opinion=position_line(opinion), decision=position_line(decision),
            diverges=bool(opinion and decision and is_to_notify(opinion) is not is_to_notify(decision)),
            departs=bool(decision and basis and departs_from(basis.advice(key, duty.name), is_to_notify(decision))),
            since=since_line(self.dossier, basis, key, duty.name, duty.ours, self.version, self.content, language),
            cases=case_lines(cases, duty.name, self.content, language), tally=tally_of(cases, duty.name),
            is_settled=bool(owed) and all(each.fulfilled_at for each in owed),
        )  # fmt: skip

    def _owed(self, one: Obligation) -> OwedLine:
        names = {each.id: each.name for each in self.dossier.inventory.clients}
        state = state_of(one, self.now)
        badge = badge_for(state, one.is_provisional, one.advice)
        return OwedLine(one.id, recipient_of(one, names), one.due_at, badge, state is ClockState.FULFILLED)


def obligations_of(obligations: Iterable[Obligation], perimeter: str, duty: str) -> list[Obligation]:
    """The obligations of one duty of one perimeter that were not withdrawn."""
    kind = DutyKind.CLIENT if duty == "clients" else DutyKind(duty)
    return [
        one for one in obligations if (one.perimeter, one.duty) == (perimeter, kind) and one.withdrawn_at is None
    ]  # fmt: skip


def positions_on(
    positions: Iterable[Position], perimeter: str, duty: str, owed: Iterable[Obligation]
) -> tuple[Position | None, Position | None]:
    """The last opinion and the last decision on a duty, whether given on it or on one of its obligations."""
    known = tuple(positions)
    subjects: list[Subject] = [duty_of(perimeter, duty), *(notify_of(one.id) for one in owed)]
    return (
        last_on(known, subjects, PositionKind.OPINION),
        last_on(known, subjects, PositionKind.DECISION),
    )


def since_line(
    dossier: Dossier, basis: Basis | None, perimeter: str, duty: str, advice: Duty, version: tuple[str, int],
    content: ContentWords, language: str,
) -> SinceLine | None:  # fmt: skip
    """What has changed since a decision; None where there is none, or nothing was kept of what it was taken on."""
    if basis is None:
        return None
    found: Since = since(basis, dossier.facts, *version, perimeter, duty, advice)
    return SinceLine(
        changes=change_lines(dossier, dossier.facts, basis, content, language),
        is_other_content=found.is_other_content, is_other_inventory=found.is_other_inventory,
        advice_before=found.advice_before, is_advice_turned=found.is_advice_turned,
        facts=basis.facts[:8], content=basis.content[:8],
    )  # fmt: skip


def change_lines(
    dossier: Dossier, facts: Iterable[Fact], basis: Basis, content: ContentWords, language: str
) -> tuple[ChangeLine, ...]:
    """The facts that say otherwise than they did, in words."""
    return tuple(
        ChangeLine(
            label=content.fact(one.fact, language),
            scope=scope_name(one.scope.kind, one.scope.key, dossier.inventory, language),
            before=value_of(one.before, one.fact, content, language),
            after=value_of(one.after, one.fact, content, language), by=one.by, at=one.at,
        )
        for one in changed_since(facts, basis.last_fact)
    )  # fmt: skip
