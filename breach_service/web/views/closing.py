"""What is proposed for closing, what is only noise, and how often senders cry wolf, as the pages show it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.closing import Closing, Refused
from breach_service.domain.closing import (
    DISMISSALS,
    Caution,
    ClosingReason,
    OpenerKind,
    Proposal,
    ProposalCause,
    Share,
    SourceShare,
)
from breach_service.domain.inventory import Inventory
from breach_service.domain.noise import SILENCE_LASTS, NoiseProposal, rule_as_yaml
from breach_service.pipeline.quietening import DryRun, Standing
from breach_service.web.views.pieces import ContentWords, system_names
from breach_service.web.views.silences import PreviewView, preview_view

MOST_OPENERS = 10
"""Rules, patterns and signals that are shown of one sender."""


@dataclass(frozen=True)
class ReasonChoice:
    """An entry of the menu of reasons."""

    value: str
    label: str


def reason_choices(language: str) -> tuple[ReasonChoice, ...]:
    """The reasons for which an incident is dismissed."""
    return tuple(ReasonChoice(str(one), one.words.in_language(language)) for one in DISMISSALS)


def reason_label(code: str, language: str) -> str:
    """The words of a reason; empty where none was given."""
    return ClosingReason(code).words.in_language(language) if code in tuple(ClosingReason) else code


@dataclass(frozen=True)
class ClosableRow:
    """One incident that is proposed for closing, as it was ticked."""

    reference: str
    title: str
    systems: tuple[str, ...]
    alerts: int
    cause: ProposalCause
    since: datetime
    cautions: tuple[Caution, ...]
    is_ticked: bool
    kind: str
    reason: str


@dataclass(frozen=True)
class ClosingForm:
    """The form of the bulk act, as it was typed."""

    together: tuple[ClosableRow, ...]
    """What one reason may close: ticked."""
    apart: tuple[ClosableRow, ...]
    """What needs a reason and a confirmation of its own: never ticked by us."""
    kinds: tuple[ReasonChoice, ...]
    kind: str
    reason: str
    duplicate_of: str
    closed: tuple[str, ...]
    """What was closed just now."""
    refused: tuple[Refused, ...]
    """What was not, and why."""
    error: str
    may_close: bool


@dataclass(frozen=True)
class TypedClosing:
    """What a person typed into the form."""

    kind: str = ""
    reason: str = ""
    duplicate_of: str = ""
    chosen: Mapping[str, Closing] | None = None
    """By reference; None on a fresh form."""


def closing_form(
    proposals: Iterable[Proposal], inventory: Inventory, language: str, may: frozenset[str],
    typed: TypedClosing | None = None, closed: tuple[str, ...] = (), refused: tuple[Refused, ...] = (), error: str = "",
) -> ClosingForm | None:  # fmt: skip
    """The form; None where nothing is proposed and nothing was closed."""
    said = typed or TypedClosing()
    rows = [(one, _closable_row(one, inventory, language, said.chosen)) for one in proposals]
    if not rows and not closed and not refused:
        return None
    return ClosingForm(
        together=tuple(row for one, row in rows if one.goes_in_bulk),
        apart=tuple(row for one, row in rows if not one.goes_in_bulk),
        kinds=reason_choices(language),
        kind=said.kind,
        reason=said.reason,
        duplicate_of=said.duplicate_of,
        closed=closed,
        refused=refused,
        error=error,
        may_close="qualify" in may,
    )


def _closable_row(
    one: Proposal, inventory: Inventory, language: str, chosen: Mapping[str, Closing] | None
) -> ClosableRow:
    incident = one.incident
    typed = (chosen or {}).get(incident.reference)
    return ClosableRow(
        reference=incident.reference,
        title=incident.title,
        systems=system_names(incident.systems, inventory, language),
        alerts=incident.alerts,
        cause=one.cause,
        since=one.since,
        cautions=one.cautions,
        is_ticked=one.goes_in_bulk if chosen is None else typed is not None,
        kind=str(typed.kind or "") if typed is not None else "",
        reason=typed.reason if typed is not None else "",
    )


@dataclass(frozen=True)
class NoiseLine:
    """What was dismissed alike again and again."""

    key: str
    title: str
    source: str
    signal: str
    reason: str
    times: int
    incidents: tuple[str, ...]
    """References, newest first."""


def noise_line(one: NoiseProposal, content: ContentWords, language: str) -> NoiseLine:
    """A proposal as a line."""
    return NoiseLine(
        key=one.key,
        title=one.last.alert.title,
        source=one.last.alert.source,
        signal=content.signal(one.last.alert.signal, language),
        reason=one.last.reason.words.in_language(language),
        times=len(one.dismissals),
        incidents=tuple(each.incident for each in one.dismissals),
    )


@dataclass(frozen=True)
class NoisePage:
    """The context variable `page` of `noise.html`."""

    line: NoiseLine
    rule: str
    """The text to paste into grouping.yaml."""
    preview: PreviewView
    before: Standing
    after: Standing
    spared: int
    reason: str
    """Of the silence, to be changed by who makes it."""
    days: int
    """How long it lasts."""
    ends_at: datetime
    may_silence: bool


def noise_page(
    one: NoiseProposal, run: DryRun, content: ContentWords, language: str, now: datetime, may: frozenset[str]
) -> NoisePage:
    """One proposal with its dry run."""
    return NoisePage(
        line=noise_line(one, content, language),
        rule=rule_as_yaml(one.rule),
        preview=preview_view(run.silence, content, language),
        before=run.before,
        after=run.after,
        spared=run.spared,
        reason=one.why.in_language(language),
        days=SILENCE_LASTS.days,
        ends_at=now + SILENCE_LASTS,
        may_silence="silence" in may,
    )


@dataclass(frozen=True)
class OpenerLine:
    """How often what one rule, pattern or signal opened was a false alarm."""

    kind: OpenerKind
    name: str
    share: Share
    percent: int


def opener_lines(one: SourceShare | None, content: ContentWords, language: str) -> tuple[OpenerLine, ...]:
    """What a sender opened by, the most false alarms first."""
    if one is None:
        return ()
    signals = {str(signal): found.label.in_language(language) for signal, found in content.signals.items()}

    def name_of(kind: OpenerKind, code: str) -> str:
        if kind is OpenerKind.PATTERN:
            return content.pattern(code, language)
        return signals.get(code, code) if kind is OpenerKind.SIGNAL else code

    return tuple(
        OpenerLine(kind, name_of(kind, code), share, percent_of(share)) for (kind, code), share in one.by[:MOST_OPENERS]
    )


def percent_of(share: Share) -> int:
    """A share in whole percent; 0 where nothing was opened."""
    return round(100 * (share.of_opened or 0))
