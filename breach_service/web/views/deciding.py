"""What was advised and what was decided in an incident, who may decide, and who released which text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from breach_service.acts.decisions.deciding import Standing, recipient_named
from breach_service.domain.access import DECISIONS, Act
from breach_service.domain.basis import Basis, changed_since
from breach_service.domain.deciding import (
    Position,
    PositionKind,
    Subject,
    SubjectKind,
    answer_of,
    approvals_of,
    divergences,
    latest,
)
from breach_service.domain.dossier import Dossier
from breach_service.domain.drafts import Draft
from breach_service.domain.incident import OPEN_STATUSES
from breach_service.web.views.glasses import AbleLine, GlassLine, glass_line
from breach_service.web.views.pieces import Recipient, recipient_from, recipient_of

MOST_LETTERS = 30
"""Notices that the form of an opinion offers."""


@dataclass(frozen=True)
class PositionLine:
    """What one person said on one question."""

    answer: str
    """`yes`, `no`, or `approved`; empty where it is an instant."""
    instant_at: datetime | None
    digest: str
    """The first characters of the digest of a released text."""
    by: str
    at: datetime
    reason: str
    ground: str
    ground_number: int | None


@dataclass(frozen=True)
class QuestionRow:
    """One question with the last opinion and the last decision."""

    kind: SubjectKind
    recipient: Recipient | None
    opinion: PositionLine | None
    decision: PositionLine | None
    diverges: bool
    stated: PositionLine | None = None
    """What somebody recorded who neither advises nor decides: since when we are aware."""
    is_stated_otherwise: bool = False
    """True where that is not what was advised."""
    changes: int = 0
    """Facts that say otherwise since the decision was taken."""


@dataclass(frozen=True)
class DecidingView:
    """The part of the page of an incident that is about opinions and decisions."""

    questions: tuple[QuestionRow, ...]
    may_advise: bool
    letters: tuple[tuple[int, Recipient], ...]
    is_judge: bool
    """True where the role decides or advises: then it is said on what ground, or what is missing."""
    ground: str
    ground_number: int | None
    able: tuple[AbleLine, ...]
    glasses: tuple[GlassLine, ...]
    may_break: bool

    @property
    def is_shown(self) -> bool:
        """True where there is something to say."""
        return bool(self.questions or self.may_advise or self.is_judge or self.glasses or self.may_break)

    @property
    def open_glass(self) -> GlassLine | None:
        """The glass that is open now."""
        return next((one for one in self.glasses if one.is_open), None)


NO_DECIDING = DecidingView((), False, (), False, "", None, (), (), False)


def without_lacking(may: frozenset[str], standing: Standing) -> frozenset[str]:
    """The acts of a role without the decisions for which the reader has no ground in one incident."""
    return may - {str(act) for act in DECISIONS - standing.may_decide}


def allowed_here(may: frozenset[str], standing: Standing, person: int | None, now: datetime) -> frozenset[str]:
    """The acts that the reader may do on a draft of one incident, under a glass that they broke too."""
    is_broken = any(one.person == person and one.is_open(now) for one in standing.glasses)
    under_glass = frozenset({str(Act.APPROVE_DRAFT), str(Act.RECORD_FILING)}) if is_broken else frozenset()
    return without_lacking(may, standing) | under_glass


def deciding_view(
    dossier: Dossier, standing: Standing, person: int | None, may: frozenset[str], now: datetime,
    bases: Mapping[int, Basis] = MappingProxyType({}),
) -> DecidingView:  # fmt: skip
    """How the decisions of an incident stand, for one reader; `may` are the acts of their role.

    `bases`: what each position was taken on, by its number.
    """
    is_open = dossier.incident.status in OPEN_STATUSES
    names = {one.id: one.name for one in dossier.inventory.clients}
    glasses = tuple(glass_line(one, dossier.incident.reference, person, may, now) for one in reversed(standing.glasses))
    ground = standing.grounds.get(Act.APPROVE_DRAFT)
    has_ground = ground is not None and ground.holds
    return DecidingView(
        questions=question_rows(dossier, bases=bases),
        may_advise=is_open and Act.GIVE_OPINION in may,
        letters=tuple(
            (one.id, recipient_of(one, names)) for one in dossier.clocks(now)
            if one.duty.has_letter and one.withdrawn_at is None and one.fulfilled_at is None
        )[:MOST_LETTERS],
        is_judge=is_open and Act.QUALIFY in may,
        ground=str(ground.kind) if ground else "",
        ground_number=ground.number if ground else None,
        able=tuple(AbleLine(one.name, one.kind, one.id, one.to_at) for one in standing.able),
        glasses=glasses,
        may_break=is_open and not has_ground and Act.BREAK_GLASS in may and not any(one.is_open for one in glasses),
    )  # fmt: skip


def question_rows(
    dossier: Dossier, perimeter: str | None = None, bases: Mapping[int, Basis] = MappingProxyType({})
) -> tuple[QuestionRow, ...]:  # fmt: skip
    """Each question with what was advised and decided last; of the notices of one perimeter alone where it is named."""
    opinions, decisions, stated = (latest(dossier.positions, kind) for kind in PositionKind)
    diverging = {one.subject for one in divergences(dossier.positions)}
    owed = {one.id: one for one in dossier.obligations}
    names = {one.id: one.name for one in dossier.inventory.clients}
    rows = []
    for subject in sorted(opinions.keys() | decisions.keys() | stated.keys()):
        if subject.kind is SubjectKind.APPROVE or not _is_of(subject, dossier, perimeter):
            continue
        obligation, decision, said = owed.get(subject.obligation or 0), decisions.get(subject), stated.get(subject)
        opinion, basis = opinions.get(subject), bases.get(decision.id) if decision else None
        rows.append(
            QuestionRow(
                subject.kind,
                recipient_of(obligation, names) if obligation else _recipient_in(subject, names),
                position_line(opinion),
                position_line(decision),
                subject in diverging and decision is not None,
                position_line(said),
                opinion is not None and said is not None and answer_of(subject, opinion) != answer_of(subject, said),
                len(changed_since(dossier.facts, basis.last_fact)) if basis else 0,
            )
        )
    return tuple(rows)


def _recipient_in(subject: Subject, names: Mapping[str, str]) -> Recipient | None:
    if subject.kind is not SubjectKind.DUTY:
        return None
    perimeter, _, duty = subject.key.rpartition("/")
    return recipient_from(recipient_named(perimeter, duty), names)


def _is_of(subject: Subject, dossier: Dossier, perimeter: str | None) -> bool:
    if perimeter is None:
        return True
    if subject.kind is SubjectKind.AWARE_AT:
        return subject.key in ("", perimeter)
    if subject.kind is SubjectKind.DUTY:
        return subject.key.rpartition("/")[0] == perimeter
    if subject.kind is SubjectKind.NOTIFY:
        return any(one.id == subject.obligation and one.perimeter == perimeter for one in dossier.obligations)
    return True


def position_line(one: Position | None) -> PositionLine | None:
    """A position in typed values; None where nobody took one."""
    if one is None:
        return None
    is_text = one.subject.kind is SubjectKind.APPROVE
    is_instant = one.subject.kind is SubjectKind.AWARE_AT
    return PositionLine(
        answer="approved" if is_text else "" if is_instant else one.value,
        instant_at=datetime.fromisoformat(one.value) if is_instant else None,
        digest=one.value[:16] if is_text else "",
        by=one.by, at=one.at, reason=one.reason, ground=str(one.ground or ""), ground_number=one.ground_id,
    )  # fmt: skip


# The text of a notice -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ApprovalView:
    """Who released the text of a draft, and what can be done about it."""

    approved: PositionLine | None
    is_current: bool
    """True where it is this very text that was released."""
    digest: str
    may_approve: bool
    may_file: bool
    base: str
    """The address below which approving and filing are posted; another one under a broken glass."""
    is_other_language: bool
    """True where the page shows the letter in a language that it is not sent in."""
    choices: tuple[Position, ...] = ()
    """Every release, the last one first: one of these texts was sent."""
    text: str = ""
    """The text that was approved last, where the draft reads differently by now."""


def approval_view(
    dossier: Dossier, obligation: int, draft: Draft, sent_as: Draft, may: frozenset[str], role_may: frozenset[str]
) -> ApprovalView:
    """How the release of a draft stands; `sent_as` is the draft in the language in which it is kept and sent."""
    approvals = approvals_of(dossier.positions, obligation)
    found = next(iter(approvals), None)
    is_current = found is not None and found.value == sent_as.digest
    owed = next(one for one in dossier.obligations if one.id == obligation)
    waits = owed.fulfilled_at is None and owed.withdrawn_at is None
    start = f"/incidents/{dossier.incident.reference}"
    under_glass = Act.APPROVE_DRAFT not in role_may
    return ApprovalView(
        approved=position_line(found),
        is_current=is_current,
        digest=sent_as.digest,
        may_approve=waits and not is_current and Act.APPROVE_DRAFT in may,
        may_file=waits and found is not None and Act.RECORD_FILING in may,
        base=f"{start}/glass/drafts/{obligation}" if under_glass else f"{start}/drafts/{obligation}",
        is_other_language=draft.language != sent_as.language,
        choices=approvals,
    )
