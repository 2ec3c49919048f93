"""The page of the silences: what nobody is woken by, who answers for it, until when, and what a new one would match."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from breach_service.domain.alert import EntityKind, Signal
from breach_service.domain.conditions import AllLines, AnyLine, Condition, FactLine, Lines, NotLine
from breach_service.domain.incident import Episode
from breach_service.domain.inventory import Inventory
from breach_service.domain.silences import PastAlert, Preview, Silence, SilenceState
from breach_service.web.views.pieces import ContentWords

MOST_PREVIEWED = 25
"""Alerts that a preview lists; all are counted."""
SILENCE_FIELDS = (
    "source", "system", "entity", "signal", "rule", "scanners", "starts_at", "ends_at", "weekdays", "since", "until",
    "owner", "reason", "alert",
)  # fmt: skip
"""The fields of the form; `weekdays` holds digits, 0 is Monday; `alert` the number of the one it is made from."""
_USUAL = timedelta(hours=4)
"""How long a silence lasts where nobody says otherwise."""
_TELLING = (EntityKind.HOST, EntityKind.APPLICATION, EntityKind.USER, EntityKind.SOURCE_ADDRESS)


@dataclass(frozen=True)
class MatchLine:
    """One condition in words: the fact's code, the comparison's, and what it is compared with."""

    fact: str
    comparison: str
    values: tuple[str, ...]
    depth: str
    """`all`, `any` or `not` where the line stands in such a group; empty where it must hold by itself."""


@dataclass(frozen=True)
class Windows:
    """Recurring windows of local time."""

    weekdays: tuple[int, ...]
    """0 is Monday."""
    since: time
    until: time
    zone: str
    """Empty where it is the zone of the page."""


@dataclass(frozen=True)
class SilenceRow:
    """One silence. Instants in UTC."""

    id: int
    state: SilenceState
    is_scan: bool
    owner: str
    created_by: str
    """Empty where the owner made it."""
    reason: str
    starts_at: datetime
    over_at: datetime
    ended_by: str
    lines: tuple[MatchLine, ...]
    scanners: tuple[str, ...]
    windows: Windows | None
    silenced: int
    last_silenced_at: datetime | None
    may_end: bool
    is_withheld: bool
    """True where the reader does not see the incident of the alert that it was made from."""


@dataclass(frozen=True)
class PreviewedAlert:
    """An alert of the last days that a new silence would match."""

    title: str
    source: str
    signal: str
    count: int
    last_at: datetime
    incident: str | None


@dataclass(frozen=True)
class PreviewView:
    """What a new silence would have done in the last seven days."""

    matched: int
    count: int
    waking: int
    waking_signals: tuple[str, ...]
    unknown: int
    looked_at: int
    alerts: tuple[PreviewedAlert, ...]


@dataclass(frozen=True)
class SilenceForm:
    """The form of a new silence, as it was typed."""

    typed: Mapping[str, str]
    sources: tuple[str, ...]
    systems: tuple[tuple[str, str], ...]
    """Id and name."""
    signals: tuple[tuple[str, str], ...]
    """Code and words."""
    error: str
    """Why it could not be done, a sentence a line; empty on a fresh form."""
    preview: PreviewView | None
    is_filled: bool
    """True where it came filled in from an alert, or was typed."""


@dataclass(frozen=True)
class SilencesPage:
    """The context variable `page` of `silences.html`."""

    rows: tuple[SilenceRow, ...]
    over: tuple[SilenceRow, ...]
    active: int
    form: SilenceForm
    may_silence: bool
    now: datetime


def silences_page(
    silences: Iterable[Silence], form: SilenceForm, content: ContentWords, language: str, zone: str, now: datetime,
    may: frozenset[str],
) -> SilencesPage:  # fmt: skip
    """Every silence, newest first; those that are over stand behind a fold."""
    is_allowed = "silence" in may
    rows = [_row(one, content, language, zone, now, is_allowed) for one in silences]
    return SilencesPage(
        rows=tuple(one for one in rows if one.state is not SilenceState.OVER),
        over=tuple(one for one in rows if one.state is SilenceState.OVER),
        active=sum(one.state is SilenceState.ACTIVE for one in rows),
        form=form,
        may_silence=is_allowed,
        now=now,
    )


def silence_form(
    sources: Iterable[str], inventory: Inventory, content: ContentWords, language: str, zone: str, now: datetime,
    typed: Mapping[str, str] | None = None, error: str = "", preview: Preview | None = None,
) -> SilenceForm:  # fmt: skip
    """The form with what was typed; a fresh one ends in four hours."""
    ends_at = (now + _USUAL).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")
    kept = {name: (typed or {}).get(name, "") for name in SILENCE_FIELDS}
    systems = sorted(((one.id, one.name.in_language(language)) for one in inventory.systems), key=lambda one: one[1])
    signals = sorted(((str(one), content.signal(one, language)) for one in Signal), key=lambda one: one[1].casefold())
    return SilenceForm(
        typed={**kept, "ends_at": kept["ends_at"] or ends_at},
        sources=tuple(sorted(sources)),
        systems=tuple(systems),
        signals=tuple(signals),
        error=error,
        preview=preview_view(preview, content, language) if preview is not None else None,
        is_filled=bool(typed),
    )


def typed_from_alert(episode: Episode) -> dict[str, str]:
    """The form filled in from an alert: the same rule of the same sender on the same system or machine."""
    typed = {"source": episode.source, "signal": str(episode.signal), "rule": episode.title}
    if episode.systems:
        typed["system"] = episode.systems[0]
    kinds = {one.kind: one.value for one in reversed(episode.entities)}
    entity = next((kinds[kind] for kind in _TELLING if kind in kinds), "")
    return {**typed, "entity": entity if "," not in entity else ""}


def _row(
    one: Silence, content: ContentWords, language: str, zone: str, now: datetime, may_end: bool
) -> SilenceRow:  # fmt: skip
    window = one.recurrence
    state = one.state(now)
    return SilenceRow(
        id=one.id,
        state=state,
        is_scan=bool(one.scanners),
        owner=one.owner,
        created_by=one.created_by if one.created_by != one.owner else "",
        reason=one.reason,
        starts_at=one.starts_at,
        over_at=one.over_at,
        ended_by=one.ended_by,
        lines=tuple(_lines(one.when, "", content, language)),
        scanners=one.scanners,
        windows=Windows(
            tuple(sorted(window.weekdays)), window.since, window.until, window.zone if window.zone != zone else ""
        )
        if window is not None
        else None,
        silenced=one.silenced,
        last_silenced_at=one.last_silenced_at,
        may_end=may_end and state is not SilenceState.OVER,
        is_withheld=one.is_withheld,
    )


def match_lines(lines: Lines, content: ContentWords, language: str) -> Iterable[MatchLine]:
    """Conditions on an alert in words, in the order in which they stand."""
    return _lines(lines, "", content, language)


def _lines(lines: Lines, depth: str, content: ContentWords, language: str) -> Iterable[MatchLine]:
    for condition in lines.values():
        yield from _line(condition, depth, content, language)


def _line(condition: Condition, depth: str, content: ContentWords, language: str) -> Iterable[MatchLine]:
    match condition:
        case FactLine():
            comparison, operand = condition.comparison
            values = tuple(map(str, operand)) if isinstance(operand, tuple) else (str(operand),)
            if condition.fact == "alert.signal":
                values = tuple(content.signal(Signal(one), language) if one in tuple(Signal) else one for one in values)
            yield MatchLine(condition.fact, comparison, values, depth)
        case AllLines(all=inner):
            yield from _lines(inner, "all", content, language)
        case AnyLine(any=inner):
            yield from _lines(inner, "any", content, language)
        case NotLine(not_=negated):
            yield from _line(negated, "not", content, language)


def preview_view(one: Preview, content: ContentWords, language: str) -> PreviewView:
    """What a silence would have done, with the newest alerts in words."""
    return PreviewView(
        matched=len(one.silenced),
        count=one.count,
        waking=len(one.waking),
        waking_signals=tuple(sorted({content.signal(two.alert.signal, language) for two in one.waking})),
        unknown=one.unknown,
        looked_at=one.looked_at,
        alerts=tuple(_previewed(two, content, language) for two in one.silenced[:MOST_PREVIEWED]),
    )


def _previewed(one: PastAlert, content: ContentWords, language: str) -> PreviewedAlert:
    return PreviewedAlert(
        title=one.alert.title,
        source=one.source,
        signal=content.signal(one.alert.signal, language),
        count=one.count,
        last_at=one.last_at,
        incident=one.incident,
    )
