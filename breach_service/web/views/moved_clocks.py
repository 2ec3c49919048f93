"""The page of the clocks of an incident: their dates side by side, every instant with its history, what is proposed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from breach_service.domain.access import Act
from breach_service.domain.calendar import Calendar
from breach_service.domain.deadlines import OPEN_STATES, DutyKind, Obligation, state_of
from breach_service.domain.dossier import DelayReason, Dossier
from breach_service.domain.incident import OPEN_STATUSES, Instant, InstantKind, instants_for
from breach_service.domain.moving import RECORDED, Proposal, ProposalState, counting
from breach_service.domain.readings import Readings, readings_of
from breach_service.web.views.pieces import Badge, ContentWords, Recipient, badge_for, recipient_of


def readings_in(dossier: Dossier, obligation: Obligation) -> Readings:
    """The dates of one clock, in the zone and by the holidays of the organisation."""
    organisation = dossier.organisation
    return readings_of(
        obligation, dossier.instants, dossier.incident.detected_at, ZoneInfo(organisation.zone),
        Calendar(organisation.calendar),
    )  # fmt: skip


@dataclass(frozen=True)
class ClockLine:
    """One clock with its readings. Instants in UTC."""

    obligation: int
    recipient: Recipient
    controller: str
    title: str
    reference: str
    badge: Badge
    is_open: bool
    counted_from: InstantKind
    triggered_at: datetime
    readings: Readings
    can_be_stopped: bool
    """True where it runs and nobody is asked about it yet."""


@dataclass(frozen=True)
class Record:
    """One record of an instant. Instants in UTC."""

    at: datetime
    by: str
    reason: str
    recorded_at: datetime | None
    counts: bool
    is_taken_back: bool


@dataclass(frozen=True)
class InstantLine:
    """One instant of a perimeter: what counts, and every former record, the latest first."""

    kind: InstantKind
    perimeter: str
    controller: str
    """Empty for the whole incident."""
    records: tuple[Record, ...]

    @property
    def key(self) -> str:
        """As a form sends it."""
        return f"{self.kind}|{self.perimeter}"

    @property
    def counting_at(self) -> datetime | None:
        """What counts; None once it was taken back."""
        return next((one.at for one in self.records if one.counts), None)


@dataclass(frozen=True)
class ProposalLine:
    """One proposal. Instants in UTC."""

    proposal: Proposal
    state: ProposalState
    controller: str
    recipient: Recipient | None
    may_answer: bool
    """True for a second person."""
    is_own: bool


@dataclass(frozen=True)
class DelayLine:
    """A notice that is late and owes reasons for it, or had to give them."""

    obligation: int
    recipient: Recipient
    due_at: datetime | None
    is_asked: bool
    """True while it is not sent: reasons can be given."""
    reasons: tuple[DelayReason, ...]


@dataclass(frozen=True)
class ClocksPage:
    """The context variable `page` of `clocks.html`. Instants in UTC."""

    reference: str
    title: str
    is_open: bool
    clocks: tuple[ClockLine, ...]
    instants: tuple[InstantLine, ...]
    waiting: tuple[ProposalLine, ...]
    settled: tuple[ProposalLine, ...]
    delays: tuple[DelayLine, ...]
    kinds: tuple[InstantKind, ...]
    perimeters: tuple[tuple[str, str], ...]
    """Key and controller; empty where there is one only."""
    qualification: str
    """State of the qualification clock; empty once somebody has said what this is."""
    qualify_by: datetime
    detected_at: datetime
    may_record: bool
    may_propose: bool
    may_explain: bool
    now: datetime
    error: str = ""
    typed: Mapping[str, str] | None = None


def clocks_page(
    dossier: Dossier, content: ContentWords, language: str, now: datetime,
    may: frozenset[str], person: int | None, error: str = "", typed: Mapping[str, str] | None = None,
) -> ClocksPage:  # fmt: skip
    """Every clock of an incident. `may` holds the acts allowed; `person` is the account of the reader."""
    names = {one.id: one.name for one in dossier.inventory.clients}
    is_open = dossier.incident.status in OPEN_STATUSES
    lines = proposal_lines(dossier, now, may, person)
    asked = {one.proposal.obligation for one in lines if one.state is ProposalState.WAITING}
    owned = [(one.perimeter.key, one.perimeter.controller) for one in dossier.assessment.perimeters]
    state = dossier.qualification_state(now)
    return ClocksPage(
        reference=dossier.incident.reference,
        title=dossier.incident.title,
        is_open=is_open,
        clocks=tuple(_clock(one, dossier, names, content, language, now, asked) for one in dossier.clocks(now)),
        instants=instant_lines(dossier),
        waiting=tuple(one for one in lines if one.state is ProposalState.WAITING),
        settled=tuple(one for one in reversed(lines) if one.state is not ProposalState.WAITING),
        delays=delay_lines(dossier, now),
        kinds=RECORDED,
        perimeters=tuple(owned) if len(owned) > 1 else (),
        qualification=str(state or ""),
        qualify_by=dossier.incident.qualify_by,
        detected_at=dossier.incident.detected_at,
        may_record=is_open and Act.RECORD_AWARENESS in may,
        may_propose=is_open and Act.DECIDE_NOT_REQUIRED in may,
        may_explain=is_open and Act.RECORD_FACT in may,
        now=now,
        error=error,
        typed=typed,
    )


def _controller(dossier: Dossier, perimeter: str) -> str:
    found = dossier.perimeter(perimeter)
    return found.perimeter.controller if found else perimeter


def _clock(
    one: Obligation, dossier: Dossier, names: Mapping[str, str], content: ContentWords, language: str, now: datetime,
    asked: set[int | None],
) -> ClockLine:  # fmt: skip
    state = state_of(one, now)
    is_open = state in OPEN_STATES
    return ClockLine(
        obligation=one.id,
        recipient=recipient_of(one, names),
        controller=_controller(dossier, one.perimeter),
        title=content.regime(one.terms.regime, language),
        reference=one.terms.reference,
        badge=badge_for(state, one.is_provisional, one.advice),
        is_open=is_open,
        counted_from=one.terms.counted_from,
        triggered_at=one.triggered_at,
        readings=readings_in(dossier, one),
        can_be_stopped=is_open and one.due_at is not None and one.duty is not DutyKind.REGISTER and one.id not in asked,
    )


def instant_lines(dossier: Dossier) -> tuple[InstantLine, ...]:
    """Every instant that was ever recorded, by perimeter, the whole incident first."""
    places = {(one.perimeter, one.kind) for one in dossier.instants}
    order = {kind: number for number, kind in enumerate(InstantKind)}
    return tuple(
        InstantLine(
            kind, perimeter, _controller(dossier, perimeter) if perimeter else "",
            tuple(_records(dossier.instants, kind, perimeter)),
        )
        for perimeter, kind in sorted(places, key=lambda one: (one[0], order[one[1]]))
    )  # fmt: skip


def _records(instants: Iterable[Instant], kind: InstantKind, perimeter: str) -> Iterable[Record]:
    own = [one for one in instants if (one.kind, one.perimeter) == (kind, perimeter)]
    counts = instants_for(perimeter, own).get(kind)
    for one in sorted(own, key=lambda one: one.recorded, reverse=True):
        yield Record(one.at, one.by, one.reason, one.recorded_at, one is counts, one.is_taken_back)


def proposal_lines(
    dossier: Dossier, now: datetime, may: frozenset[str], person: int | None
) -> tuple[ProposalLine, ...]:
    """The proposals of an incident, oldest first, with what the reader may do about each."""
    names = {one.id: one.name for one in dossier.inventory.clients}
    by_id = {one.id: one for one in dossier.obligations}
    triggers = {one.id: one.triggered_at for one in dossier.obligations if state_of(one, now) in OPEN_STATES}
    is_open = dossier.incident.status in OPEN_STATUSES
    found = []
    for one in dossier.proposals:
        owed = by_id.get(one.obligation or 0)
        perimeter = owed.perimeter if owed else one.perimeter
        answers = is_open and Act.RECORD_AWARENESS in may and one.is_second_person(person)
        own = is_open and person is not None and person == one.person
        controller = _controller(dossier, perimeter) if perimeter else ""
        recipient = recipient_of(owed, names) if owed else None
        found.append(ProposalLine(one, one.state(dossier.instants, triggers), controller, recipient, answers, own))
    return tuple(found)


def delay_lines(dossier: Dossier, now: datetime) -> tuple[DelayLine, ...]:
    """The notices that are late and owe reasons, and those for which reasons were given."""
    names = {one.id: one.name for one in dossier.inventory.clients}
    asked = {one.id for one in dossier.delays_to_explain(now)}
    said = {one.obligation for one in dossier.delay_reasons}
    return tuple(
        DelayLine(
            one.id, recipient_of(one, names), one.due_at, state_of(one, now) in OPEN_STATES,
            tuple(each for each in reversed(dossier.delay_reasons) if each.obligation == one.id),
        )
        for one in dossier.clocks(now)
        if one.id in asked | said
    )  # fmt: skip


@dataclass(frozen=True)
class MovedView:
    """What the page of the incident says of its clocks beside their dates: extra variable `moved`."""

    waiting: tuple[ProposalLine, ...]
    delays: tuple[DelayLine, ...]
    """Those that owe reasons and have none."""
    counting_at: datetime | None
    """Since when we are aware, for the whole incident."""


def moved_view(dossier: Dossier, now: datetime, may: frozenset[str], person: int | None) -> MovedView:
    """Proposals that wait and delays that nobody has explained."""
    lines = proposal_lines(dossier, now, may, person)
    aware = counting(InstantKind.AWARE_AT, "", dossier.instants)
    return MovedView(
        tuple(one for one in lines if one.state is ProposalState.WAITING),
        tuple(one for one in delay_lines(dossier, now) if not one.reasons),
        aware.at if aware else None,
    )
