"""How incidents end: as what, which are proposed for closing and why, and how often an opener was a false alarm.

Nothing here closes anything. What is resolved or silent is proposed; a person closes it, with a reason. Where personal
data are not excluded, an incident goes with a reason and a confirmation of its own, never along with others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from breach_service.domain.conditions import Truth
from breach_service.domain.incident import UNQUALIFIED_STATUSES, Incident, IncidentStatus
from breach_service.domain.text import Text

SILENT_FOR = timedelta(days=7)
"""An unqualified incident that no alert joined for so long is proposed for closing."""
COUNTED_OVER = timedelta(days=30)
"""The time over which shares of false alarms, and equal dismissals, are counted."""


class ClosingReason(StrEnum):
    """As what an incident ends."""

    FALSE_ALARM = "false_alarm"
    EXPECTED_ACTIVITY = "expected_activity"
    DUPLICATE = "duplicate"
    """The incident that it duplicates is named."""
    TEST = "test"
    NO_PERSONAL_DATA = "no_personal_data"
    BREACH_HANDLED = "breach_handled"

    @property
    def words(self) -> Text:
        """What people read."""
        return _WORDS[self]

    @property
    def status(self) -> IncidentStatus:
        """The status that it leads to."""
        return IncidentStatus.CLOSED if self is ClosingReason.BREACH_HANDLED else IncidentStatus.DISMISSED


_WORDS: Mapping[ClosingReason, Text] = {
    ClosingReason.FALSE_ALARM: Text(fr="fausse alerte", en="false alarm"),
    ClosingReason.EXPECTED_ACTIVITY: Text(fr="activité prévue", en="expected activity"),
    ClosingReason.DUPLICATE: Text(fr="doublon", en="duplicate"),
    ClosingReason.TEST: Text(fr="test ou exercice", en="test or exercise"),
    ClosingReason.NO_PERSONAL_DATA: Text(
        fr="incident réel, sans donnée personnelle", en="real incident, no personal data"
    ),
    ClosingReason.BREACH_HANDLED: Text(fr="violation traitée", en="breach handled"),
}
DISMISSALS = tuple(one for one in ClosingReason if one.status is IncidentStatus.DISMISSED)
"""The reasons for which an incident is dismissed."""
NOISE = frozenset({ClosingReason.FALSE_ALARM, ClosingReason.EXPECTED_ACTIVITY, ClosingReason.TEST})
"""Nothing happened that anybody should have been woken for."""


class ProposalCause(StrEnum):
    """Why an incident is proposed for closing."""

    ALL_RESOLVED = "all_resolved"
    """Its senders say that all of it is over."""
    SILENT_FOR_7_DAYS = "silent_for_7_days"


class Caution(StrEnum):
    """Why an incident goes with a reason and a confirmation of its own."""

    PERSONAL_DATA = "personal_data"
    """They are concerned."""
    PERSONAL_DATA_UNKNOWN = "personal_data_unknown"
    """It is not excluded that they are."""
    NOTICE_SENT = "notice_sent"
    """Somebody was told already: they must hear what became of it."""


class StaysOpen(StrEnum):
    """Why an incident of a bulk act stays open."""

    NEEDS_CONFIRMATION = "needs_confirmation"
    """It calls for caution, and nobody confirmed it by itself."""
    NEEDS_OWN_REASON = "needs_own_reason"
    """It was confirmed by itself, without a reason of its own."""
    NEEDS_REASON = "needs_reason"
    """Nobody said as what it is closed, or why."""
    NOT_PROPOSED = "not_proposed"
    """An alert fires again, or a person declared it."""
    AWARENESS_RECORDED = "awareness_recorded"
    DECIDED_MEANWHILE = "decided_meanwhile"
    OTHER = "other"
    """The sentence says it."""


@dataclass(frozen=True)
class Closable:
    """What is asked of an incident before it is proposed."""

    incident: Incident
    personal_data: Truth
    has_awareness: bool = False
    """True where somebody said since when we are aware of a breach."""
    has_filing: bool = False
    """True where a notice was sent."""


@dataclass(frozen=True)
class Proposal:
    """An incident that may be closed, why, and what speaks for a second look. Instants in UTC."""

    incident: Incident
    personal_data: Truth
    cause: ProposalCause
    since: datetime
    """When its last alert was seen."""
    cautions: tuple[Caution, ...] = ()

    @property
    def goes_in_bulk(self) -> bool:
        """True where one reason may close it along with others."""
        return not self.cautions


def proposal_of(one: Closable, now: datetime) -> Proposal | None:
    """Why an incident is proposed for closing; None where it is not.

    Never one that a person declared or that is qualified, and never one of which somebody said since when we are
    aware: there a person has to say what it is.
    """
    incident = one.incident
    is_theirs = incident.opened_by.startswith("person:") or incident.alerts == 0
    if incident.status not in UNQUALIFIED_STATUSES or is_theirs or one.has_awareness:
        return None
    if not incident.has_firing:
        cause = ProposalCause.ALL_RESOLVED
    elif now - incident.last_alert_at >= SILENT_FOR:
        cause = ProposalCause.SILENT_FOR_7_DAYS
    else:
        return None
    return Proposal(incident, one.personal_data, cause, incident.last_alert_at, cautions_of(one))


def cautions_of(one: Closable) -> tuple[Caution, ...]:
    """What keeps an incident from going along with others."""
    data = {Truth.YES: Caution.PERSONAL_DATA, Truth.UNKNOWN: Caution.PERSONAL_DATA_UNKNOWN}.get(one.personal_data)
    found = (data, Caution.NOTICE_SENT if one.has_filing else None)
    return tuple(each for each in found if each is not None)


def proposals(some: Iterable[Closable], now: datetime) -> tuple[Proposal, ...]:
    """What is proposed for closing: first what one reason may close, then the rest; each longest silent first."""
    found = filter(None, (proposal_of(one, now) for one in some))
    return tuple(sorted(found, key=lambda one: (not one.goes_in_bulk, one.since, one.incident.id)))


class OpenerKind(StrEnum):
    """What made an alert open an incident."""

    RULE = "rule"
    """A rule of grouping.yaml."""
    PATTERN = "pattern"
    SIGNAL = "signal"
    """No rule fitted: its signal decided."""


@dataclass(frozen=True)
class Ended:
    """An incident as the shares count it: who opened it, by what, as what it ended (None: not yet, or unsaid)."""

    source: str
    opener: tuple[OpenerKind, str]
    status: IncidentStatus
    reason: ClosingReason | None


@dataclass(frozen=True)
class Share:
    """How many of the incidents that were opened turned out to be nothing."""

    opened: int
    undecided: int
    """Nobody said yet what they are."""
    false_alarms: int
    """Dismissed as false alarm, expected activity or test."""

    @property
    def of_opened(self) -> float | None:
        """From 0 to 1; None where nothing was opened."""
        return self.false_alarms / self.opened if self.opened else None


@dataclass(frozen=True)
class SourceShare:
    """The shares of one sender: in all, and by what opened; the most false alarms first."""

    source: str
    share: Share
    by: tuple[tuple[tuple[OpenerKind, str], Share], ...]


def shares_of(ended: Iterable[Ended]) -> dict[str, SourceShare]:
    """By sender; what was merged into another incident counts there, not twice."""
    counted = [one for one in ended if one.status is not IncidentStatus.MERGED]
    found = {}
    for source in sorted({one.source for one in counted}):
        own = [one for one in counted if one.source == source]
        by = [(opener, _share(one for one in own if one.opener == opener)) for opener in {one.opener for one in own}]
        by.sort(key=lambda pair: (-pair[1].false_alarms, -pair[1].opened, pair[0]))
        found[source] = SourceShare(source, _share(own), tuple(by))
    return found


def _share(some: Iterable[Ended]) -> Share:
    held = list(some)
    return Share(
        opened=len(held),
        undecided=sum(one.status in UNQUALIFIED_STATUSES for one in held),
        false_alarms=sum(one.status is IncidentStatus.DISMISSED and one.reason in NOISE for one in held),
    )
