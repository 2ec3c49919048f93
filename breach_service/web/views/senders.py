"""The pages of the senders: are alerts coming in, what was refused, what could not be understood."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from breach_service.domain.closing import Share, SourceShare
from breach_service.domain.heartbeats import IntervalFrom
from breach_service.pipeline.tending import FORMER_SECRET_LASTS
from breach_service.store.inbox import Quarantined
from breach_service.store.sources import Refused, SourceSummary
from breach_service.web.views.closing import percent_of

MOST_BODY = 200_000
"""Characters of a raw body that are shown."""
TWO_SECRETS = 2
"""So many are valid while one is being replaced."""


@dataclass(frozen=True)
class Rotation:
    """A secret is being replaced: two are valid until the former one has been unused for 24 hours."""

    rotated_at: datetime | None
    former_used_at: datetime | None
    """When the former secret was last presented; None where the sender has not used it since."""
    retires_at: datetime | None
    """When the former secret goes, if it is not used again."""


@dataclass(frozen=True)
class SourceRow:
    """One sender."""

    name: str
    kind: str
    kind_title: str
    auth: str
    created_at: datetime
    last_seen_at: datetime | None
    silent_for: timedelta | None
    received: int
    redelivered: int
    refused: int
    refusals: tuple[Refused, ...]
    """By reason, a code; newest first."""
    refusing_since: datetime | None
    """Since when it is refused; None while it is accepted."""
    observed_until: datetime | None
    """Until then nothing is sent because of it; None where people are told."""
    rotation: Rotation | None
    quarantined: int
    has_mapping: bool
    has_expectations: bool
    false_alarms: Share | None = None
    """Of the incidents that it opened within 30 days; None where it opened none."""
    expected_every: str = "learn"
    """What a person said of how often it is heard: `15m`, `off`, or `learn` where nobody did."""
    interval: timedelta | None = None
    """How often it should be heard; None where its silence means nothing."""
    is_learned: bool = False
    """True where the interval comes from its own heartbeat."""
    silent_from: datetime | None = None
    """From then on its silence is an alarm; None where it means nothing."""
    silent_since: datetime | None = None
    """When it was last heard before its silence became an alarm; None while there is none."""

    @property
    def false_percent(self) -> int:
        """The share of false alarms in whole percent."""
        return percent_of(self.false_alarms) if self.false_alarms else 0

    @property
    def is_refused_now(self) -> bool:
        """True where the last thing that we heard of it is a refusal."""
        return self.refusing_since is not None


@dataclass(frozen=True)
class KindChoice:
    """A kind of sender in the form that connects one."""

    word: str
    title: str
    aliases: tuple[str, ...]
    secret_is_theirs: bool


@dataclass(frozen=True)
class ConnectForm:
    """The form that connects a sender, as it was typed."""

    kinds: tuple[KindChoice, ...]
    """By title."""
    theirs: tuple[str, ...]
    """Titles of the kinds that make the secret themselves."""
    auths: tuple[str, ...]
    observed_hours: int
    """For how long a new sender is observed, rounded up; 0 where it is not."""
    typed: Mapping[str, str]
    error: str
    """Why it could not be done, empty on a fresh form."""


CONNECTION = ("kind", "name", "auth", "secret", "header", "live")
"""The fields of the form that connects a sender."""


@dataclass(frozen=True)
class SourcesPage:
    """The context variable `page` of `sources.html`."""

    rows: tuple[SourceRow, ...]
    refused: tuple[SourceRow, ...]
    """The senders that were refused, shown first; those that are refused now before those that were."""
    refused_now: int
    silent: tuple[SourceRow, ...]
    """The senders whose silence is an alarm."""
    never_seen: int
    quarantined: int
    connect: ConnectForm
    public_url: str
    may_manage: bool
    may_look_at_raw: bool
    now: datetime
    lost: Refused | None
    """Requests to addresses that are of no sender."""


def sources_page(
    sources: Iterable[SourceSummary], connect: ConnectForm, public_url: str, now: datetime, may: frozenset[str],
    lost: Refused | None = None, shares: Mapping[str, SourceShare] | None = None,
) -> SourcesPage:  # fmt: skip
    """Every sender, by name; `shares` are those of false alarms, by sender."""
    kinds = {one.word: one.title for one in connect.kinds}
    rows = tuple(source_row(one, kinds, now, (shares or {}).get(one.name)) for one in sources)
    refused = (one for one in rows if one.refused)
    return SourcesPage(
        rows=rows,
        refused=tuple(sorted(refused, key=lambda one: not one.is_refused_now)),
        refused_now=sum(one.is_refused_now for one in rows),
        silent=tuple(one for one in rows if one.silent_since is not None),
        never_seen=sum(one.last_seen_at is None for one in rows),
        quarantined=sum(one.quarantined for one in rows),
        connect=connect,
        public_url=public_url.rstrip("/"),
        may_manage="manage_sources" in may,
        may_look_at_raw="look_at_raw" in may,
        now=now,
        lost=lost,
    )


def connect_form(
    kinds: Iterable[KindChoice], observed_hours: int, typed: Mapping[str, str] | None = None, error: str = ""
) -> ConnectForm:
    """The form to connect a sender; a secret that was typed is not shown again."""
    by_title = tuple(sorted(kinds, key=lambda one: one.title.casefold()))
    kept = {name: (typed or {}).get(name, "") for name in CONNECTION if name != "secret"}
    theirs = tuple(one.title for one in by_title if one.secret_is_theirs)
    return ConnectForm(by_title, theirs, ("bearer", "hmac", "url"), observed_hours, kept, error)


def source_row(
    one: SourceSummary, kinds: Mapping[str, str], now: datetime, share: SourceShare | None = None
) -> SourceRow:
    """A sender as a line; `kinds` maps the word of a kind to its title in the language of the page."""
    seen, until = one.last_seen_at, one.observed_until
    return SourceRow(
        name=one.name,
        kind=one.kind,
        kind_title=kinds.get(one.kind, one.kind),
        auth=one.auth,
        created_at=one.created_at,
        last_seen_at=seen,
        silent_for=max(now - seen, timedelta()) if seen else None,
        received=one.received,
        redelivered=one.redelivered,
        refused=one.refused,
        refusals=one.refusals,
        refusing_since=one.refusing_since,
        observed_until=until if until is not None and until > now else None,
        rotation=_rotation(one),
        quarantined=one.in_quarantine,
        has_mapping=one.has_mapping,
        has_expectations=one.has_expectations,
        false_alarms=share.share if share is not None else None,
        expected_every=one.expected_every,
        interval=one.expectation.interval if one.expectation else None,
        is_learned=one.expectation is not None and one.expectation.comes_from is IntervalFrom.HEARTBEAT,
        silent_from=one.expectation.silent_from if one.expectation else None,
        silent_since=one.silent_since,
    )


def _rotation(one: SourceSummary) -> Rotation | None:
    if one.secrets < TWO_SECRETS:
        return None
    last = max(filter(None, (one.rotated_at, one.former_used_at)), default=None)
    return Rotation(one.rotated_at, one.former_used_at, last + FORMER_SECRET_LASTS if last else None)


@dataclass(frozen=True)
class QuarantinePage:
    """The context variable `page` of `quarantine.html`: bodies that could not be understood, newest first."""

    items: tuple[Quarantined, ...]
    source: str
    """The sender that the list is about; empty where it is about all."""
    may_look_at_raw: bool
    may_replay: bool


def quarantine_page(items: Iterable[Quarantined], may: frozenset[str], source: str = "") -> QuarantinePage:
    """The list; `may` decides whether bodies can be opened and played again."""
    newest_first = sorted(items, key=lambda one: one.received_at, reverse=True)
    some = tuple(one for one in newest_first if source in ("", one.source))
    return QuarantinePage(some, source, "look_at_raw" in may, "replay" in may)


@dataclass(frozen=True)
class QuarantineItemPage:
    """The context variable `page` of `quarantine_item.html`. Everything in it is text, whatever it looks like."""

    item: Quarantined
    headers: tuple[tuple[str, str], ...]
    body: str
    is_cut: bool
    is_binary: bool
    size: int
    """Bytes."""
    may_replay: bool


def quarantine_item_page(
    item: Quarantined, headers: Mapping[str, str], body: bytes, may: frozenset[str]
) -> QuarantineItemPage:
    """One body as it came; JSON is laid out on several lines, bytes that are no text are shown as escapes."""
    try:
        text, is_binary = body.decode(), False
    except UnicodeDecodeError:
        text, is_binary = body.decode("ascii", "backslashreplace"), True
    text = _laid_out(text)
    return QuarantineItemPage(
        item=item,
        headers=tuple(sorted((key, value) for key, value in headers.items() if key != "authorization")),
        body=text[:MOST_BODY],
        is_cut=len(text) > MOST_BODY,
        is_binary=is_binary,
        size=len(body),
        may_replay="replay" in may and item.replayed_at is None,
    )


def _laid_out(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
