"""The page of one sender: is it heard, what does it say, and what would it have sent while it was observed?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from breach_service.domain.alert import AlertStatus, Entity, Severity, class_of
from breach_service.domain.closing import SourceShare
from breach_service.domain.deadlines import Obligation, state_of
from breach_service.domain.incident import (
    OPEN_STATUSES,
    UNQUALIFIED_STATUSES,
    ClockState,
    Incident,
    IncidentStatus,
    Silenced,
)
from breach_service.domain.noise import NoiseProposal
from breach_service.domain.reminders import reminders_due
from breach_service.sources.proofs import Expectation
from breach_service.store.alerts import ListedAlert
from breach_service.store.inbox import Quarantined
from breach_service.web.views.alerts import TELLING, web_link
from breach_service.web.views.closing import NoiseLine, OpenerLine, noise_line, opener_lines
from breach_service.web.views.pieces import ContentWords
from breach_service.web.views.recipes import Block
from breach_service.web.views.senders import SourceRow

MOST_ENTITIES = 8
CALLS_BEFORE = timedelta(hours=1)
"""The shipped Prometheus rules call somebody at the latest when so much of a term is left, provisional or not."""
NOBODY_SAID = frozenset[str]()


@dataclass(frozen=True)
class OpenedIncident:
    """An incident that was opened in silence."""

    reference: str
    title: str
    status: IncidentStatus
    detected_at: datetime
    alerts: int
    reminders: int
    """How many reminders would be due by now."""
    calls: bool
    """True where the shipped Prometheus rules would have called somebody."""
    is_told: bool
    """True where people were told all the same: something grave, or another sender, joined it."""


@dataclass(frozen=True)
class Noise:
    """What a sender says most: its own title, our signal, and what the signal does."""

    title: str
    signal: str
    count: int
    opens_incident: bool
    always_tells: bool
    """True where people are told even under observation."""


@dataclass(frozen=True)
class Observation:
    """What nobody was told of."""

    until: datetime | None
    """None where it is over."""
    incidents: tuple[OpenedIncident, ...]
    channels: tuple[str, ...]
    cards: int
    """Messages on incidents that would have been sent, over all channels."""
    reminders: int
    calls: int
    """How many of the incidents somebody would have been called for."""


@dataclass(frozen=True)
class SenderAlert:
    """One alert of the sender as it was understood."""

    title: str
    incident: str | None
    signal: str
    alert_class: str
    severity: Severity
    vendor_severity: str
    status: AlertStatus
    occurred_at: datetime
    said_at: datetime | None
    is_clock_off: bool
    received_at: datetime
    count: int
    entities: tuple[Entity, ...]
    vendor_reference: str
    link: str
    is_unverified: bool
    silenced: Silenced | None
    """Who keeps it from waking anybody, and until when."""


@dataclass(frozen=True)
class ExpectedHere:
    """Something that each message may be made to carry besides the credential."""

    name: str
    title: str
    value: str
    """What is expected now, empty where nothing is, or where it is a secret."""
    is_set: bool
    is_secret: bool


def expected_here(known: Sequence[Expectation], said: Mapping[str, str], language: str) -> tuple[ExpectedHere, ...]:
    """What a kind knows, with what was said of one sender."""
    return tuple(
        ExpectedHere(
            name=one.name,
            title=one.title.in_language(language),
            value="" if one.is_secret else said.get(one.name, ""),
            is_set=one.name in said,
            is_secret=one.is_secret,
        )
        for one in known
    )


@dataclass(frozen=True)
class SourcePage:
    """The context variable `page` of `source.html`."""

    source: SourceRow
    address: str
    """Where it sends to; without the secret, where the secret is part of it."""
    observation: Observation | None
    noisiest: tuple[Noise, ...]
    alerts: tuple[SenderAlert, ...]
    quarantine: tuple[Quarantined, ...]
    """What could not be understood and was not played again, newest first."""
    expectations: tuple["ExpectedHere", ...]
    """What its messages may be made to carry."""
    may_manage: bool
    may_look_at_raw: bool
    error: str
    """Why an act could not be done, empty where none was tried."""
    openers: tuple[OpenerLine, ...] = ()
    """By what it opened incidents within 30 days, the most false alarms first."""
    noise: tuple[NoiseLine, ...] = ()
    """What of it was dismissed alike again and again."""


def source_page(
    source: SourceRow, public_url: str, observation: Observation | None, noisiest: Sequence[Noise],
    alerts: Iterable[ListedAlert], quarantine: Iterable[Quarantined], content: ContentWords, language: str,
    expectations: tuple[ExpectedHere, ...], may: frozenset[str], error: str = "",
    share: SourceShare | None = None, noise: Iterable[NoiseProposal] = (),
) -> SourcePage:  # fmt: skip
    """One sender, with what `may` allows."""
    last = "/…" if source.auth == "url" else ""
    return SourcePage(
        source=source,
        address=f"{public_url.rstrip('/')}/webhooks/{source.name}{last}",
        observation=observation,
        noisiest=tuple(noisiest),
        alerts=tuple(_alert(one, content, language) for one in alerts),
        quarantine=tuple(one for one in quarantine if one.source == source.name and one.replayed_at is None),
        expectations=expectations,
        may_manage="manage_sources" in may,
        may_look_at_raw="look_at_raw" in may,
        error=error,
        openers=opener_lines(share, content, language),
        noise=tuple(noise_line(one, content, language) for one in noise),
    )


def observation_of(
    until: datetime | None, opened: Iterable[tuple[Incident, Sequence[Obligation]]], channels: tuple[str, ...],
    now: datetime,
) -> Observation | None:  # fmt: skip
    """What would have been sent; None where the sender is not observed and opened nothing in silence."""
    incidents = tuple(_opened(incident, obligations, now) for incident, obligations in opened)
    if until is None and not incidents:
        return None
    return Observation(
        until=until,
        incidents=incidents,
        channels=channels,
        cards=len(incidents) * len(channels),
        reminders=sum(one.reminders for one in incidents) * len(channels),
        calls=sum(one.calls for one in incidents),
    )


def _opened(incident: Incident, obligations: Sequence[Obligation], now: datetime) -> OpenedIncident:
    return OpenedIncident(
        reference=incident.reference,
        title=incident.title,
        status=incident.status,
        detected_at=incident.detected_at,
        alerts=incident.alerts,
        reminders=len(reminders_due(incident, obligations, now, NOBODY_SAID)),
        calls=_would_call(incident, obligations, now),
        is_told=not incident.is_muted,
    )


def _would_call(incident: Incident, obligations: Iterable[Obligation], now: datetime) -> bool:
    """True where a rule of helm/breach-service/files/rules.yaml with the severity `page` fits."""
    if incident.status not in OPEN_STATUSES:
        return False
    if incident.status in UNQUALIFIED_STATUSES and now >= incident.qualify_by:
        return True
    running = (ClockState.RUNNING, ClockState.DUE_SOON, ClockState.OVERDUE)
    return any(one.due_at and state_of(one, now) in running and one.due_at - now < CALLS_BEFORE for one in obligations)


def noise_of(said: Iterable[tuple[str, str, int]], content: ContentWords, language: str) -> tuple[Noise, ...]:
    """The loudest titles; a signal that the playbooks no longer know opens nothing."""
    types = {str(signal): one for signal, one in content.signals.items()}
    found = []
    for title, word, count in said:
        kind = types.get(word)
        label = kind.label.in_language(language) if kind else word.replace("_", " ")
        found.append(Noise(title, label, count, bool(kind and kind.opens_incident), bool(kind and kind.always_tells)))
    return tuple(found)


def _alert(listed: ListedAlert, content: ContentWords, language: str) -> SenderAlert:
    one = listed.episode
    known = [each for each in one.entities if each.kind in TELLING]
    others = [each for each in one.entities if each.kind not in TELLING]
    return SenderAlert(
        title=one.title,
        incident=listed.incident,
        signal=content.signal(one.signal, language),
        alert_class=class_of(one.signal),
        severity=one.severity,
        vendor_severity=one.vendor_severity,
        status=one.status,
        occurred_at=one.occurred_at,
        said_at=one.said_at,
        is_clock_off=one.is_clock_off,
        received_at=one.received_at,
        count=one.count,
        entities=tuple((known + others)[:MOST_ENTITIES]),
        vendor_reference=one.vendor_reference,
        link=web_link(one.link),
        is_unverified=one.is_unverified,
        silenced=one.silenced,
    )


@dataclass(frozen=True)
class NewSourcePage:
    """The context variable `page` of `source_new.html`: what is shown once."""

    name: str
    kind_title: str
    is_new: bool
    """False where a known sender was given another secret."""
    url: str
    secret: str
    auth: str
    header: str
    """Header of the secret or of the signature; empty where it is `Authorization: Bearer`, or none at all."""
    prefix: str
    """What stands before the signature."""
    is_theirs: bool
    """True where the sender made the secret: it is not shown."""
    observed_until: datetime | None
    recipe: tuple[Block, ...]
    """The sender's side; empty where there is no recipe."""
